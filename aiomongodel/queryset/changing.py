"""What is done to a document whose class tracks changes: storing those alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiomongodel import changes
from aiomongodel.queryset.base import D
from aiomongodel.queryset.keeping import Keeping

if TYPE_CHECKING:
    from aiomongodel.expressions import Update


class Changing(Keeping[D]):
    """The operations by what has changed in a document since it was loaded."""

    async def save(self, document: D, do_insert: bool = False) -> D:
        """See `Document.save`."""
        if not document.meta.track_changes or do_insert:
            return await super().save(document, do_insert)
        data = document.meta.codec.dumper(document)  # now: it may change while this is awaited
        await super().save(document)
        changes.keep(document, data)
        return document

    async def save_changes(self, document: D) -> D:
        """See `Document.save_changes`."""
        found = changes.changes_of(document)
        update = found.update
        if not update:
            return document
        stored = changes.updated(changes.stored_form(document), update)
        await self._update_document(document, update, found.conditions)
        changes.keep(document, stored)
        return document

    def changes(self, document: D) -> Update:
        """See `Document.changes`."""
        return changes.changes_of(document).update

    def _inserted(self, document: D, data: Mapping[str, Any]) -> None:
        super()._inserted(document, data)
        if document.meta.track_changes:
            changes.keep(document, data)
