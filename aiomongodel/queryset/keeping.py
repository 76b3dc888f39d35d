"""What is done to one document in hand: saving, reloading, updating and deleting it."""

from __future__ import annotations

from typing import Any, Self

from aiomongodel import errors, handles
from aiomongodel.queryset.base import D
from aiomongodel.queryset.reading import Reading
from aiomongodel.queryset.writing import Writing
from aiomongodel.utils import shown


class Keeping(Reading[D], Writing[D]):
    """The operations on a document in hand.

    It is found by its `_id` alone: what the default query leaves out is still the document that
    the caller holds.
    """

    async def save(self, document: D, do_insert: bool = False) -> D:
        """See `Document.save`."""
        if not isinstance(do_insert, bool):  # such as a session, which is the argument after it
            raise TypeError(
                f'do_insert of {type(document).__name__}.save must be True or False, '
                f'not {shown(do_insert)}; a session is given as session='
            )
        if document.is_partial:
            raise errors.PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                'a projection: saving it would drop its other fields. Reload it first, or update '
                'the fields that change'
            )
        self._remember(document)
        if do_insert:
            return await self._insert(document)
        data = document.meta.codec.dumper(document)
        await self._unscoped(document).replace_one(self._query_id(document), data, upsert=True)
        return document

    async def reload(self, document: D) -> D:
        """See `Document.reload`."""
        self._remember(document)
        fresh = await self._unscoped(document).find_one(self._query_id(document))
        document.meta.codec.move(fresh, document)
        return document

    async def update(self, document: D, update_document: Any) -> D:
        """See `Document.update`."""
        await self._unscoped(document).update_one(self._query_id(document), update_document)
        return await self.reload(document)

    async def delete(self, document: D) -> int | None:
        """See `Document.delete`."""
        return await self._unscoped(document).delete_one(self._query_id(document))

    def _remember(self, document: D) -> None:
        if isinstance(self.session, handles.Handle):
            self.session._remember(document)

    async def _insert(self, document: D) -> D:
        data = document.meta.codec.dumper(document)
        if document._id is None:
            data.pop('_id', None)  # the driver makes one
        await self.insert_one(data)
        if document._id is None:
            document._id = data['_id']
        return document

    def _query_id(self, document: D) -> dict[str, Any]:
        if document._id is None:
            raise ValueError(
                f'{type(document).__name__} has no _id, by which it would be found; set one'
            )
        return document.query_id

    def _unscoped(self, document: D) -> Self:
        """The query set for a document's own class, without the default query.

        What is done to a document goes through its methods, which a subclass may override.
        """
        clone = self.clone()
        clone.doc_class = type(document)
        clone.default_query = {}
        return clone
