"""What is done to a document whose class tracks changes: storing those alone."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiomongodel import changes, drivers, errors, hooks
from aiomongodel.nesting import MAX_NESTING, children, is_document, is_stored_document
from aiomongodel.queryset.attending import SAVING
from aiomongodel.queryset.base import D
from aiomongodel.queryset.deleting import mark_of
from aiomongodel.queryset.keeping import Keeping
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.expressions import Update
    from aiomongodel.fields import DateTimeField


class Changing(Keeping[D]):
    """The operations by what has changed in a document since it was loaded."""

    async def save_changes(self, document: D) -> D:
        """See `Document.save_changes`."""
        found = changes.changes_of(document)
        if not found.update:
            return document
        if not document.meta.is_attended:
            return await self._changes_saved(document, found)
        self._remember(document)
        return await self._attended(SAVING, document, self._changes_saved)

    async def _changes_saved(self, document: D, found: changes.Changes | None = None) -> D:
        found = found or changes.changes_of(document)  # hooks have changed it since
        update = found.update
        if not update:
            return document
        if document.is_partial and stores_computed(document, update):
            raise errors.PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                'a projection, and stores a value that is computed of what may not be loaded. '
                'Reload it, and make the change anew'
            )
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
        if document.meta.hooks:
            hooks.mark(document, is_written=True)

    def _inserted(self, document: D, data: Mapping[str, Any]) -> None:
        super()._inserted(document, data)
        if document.meta.track_changes:
            changes.keep(document, data)

    def _settle_mark(self, document: D, field: DateTimeField[Any], moment: datetime) -> None:
        super()._settle_mark(document, field, moment)
        if document.meta.track_changes and changes.STORED in vars(document):
            stored = changes.updated(changes.stored_form(document), mark_of(field, moment))
            changes.keep(document, stored)


def stores_computed(document: Document, update: Update) -> bool:
    """Whether what an update changes may belong to stored values that are computed."""
    if document.meta.codec.stores_computed:
        return True
    changed = {path.partition('.')[0] for paths in update.values() for path in paths}
    fields = [field for name, field in document.meta.stored_fields.items() if name in changed]
    level = [field._read(document) for field in fields]
    for _ in range(MAX_NESTING):
        inner = [each for each in level if is_document(each) and not is_stored_document(each)]
        if any(each.meta.codec.stores_computed for each in inner):
            return True
        level = [child for each in level for child in children(each)]
    return False
