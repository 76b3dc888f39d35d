"""What is done to a document whose class tracks changes: storing those alone."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from aiomongodel import changes, drivers
from aiomongodel.queryset.base import D
from aiomongodel.queryset.keeping import Keeping

if TYPE_CHECKING:
    from aiomongodel.expressions import Update


class Changing(Keeping[D]):
    """The operations by what has changed in a document since it was loaded."""

    async def save_changes(self, document: D) -> D:
        """See `Document.save_changes`."""
        found = changes.changes_of(document)
        update = found.update
        if not update:
            return document
        stored = changes.updated(changes.stored_form(document), update)
        updating = self._updating(document, update, found.conditions)
        await drivers.uncancelled(self.db, self._kept(document, stored, updating))
        return document

    def changes(self, document: D) -> Update:
        """See `Document.changes`."""
        return changes.changes_of(document).update

    def _saving(self, document: D, data: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        saving = super()._saving(document, data)
        return self._kept(document, data, saving) if document.meta.track_changes else saving

    async def _kept(
        self, document: D, stored: Mapping[str, Any], write: Coroutine[Any, Any, Any]
    ) -> None:
        await write
        changes.keep(document, stored)

    def _inserted(self, document: D, data: Mapping[str, Any]) -> None:
        super()._inserted(document, data)
        if document.meta.track_changes:
            changes.keep(document, data)
