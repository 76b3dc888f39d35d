"""What is done to one document in hand: saving, reloading, updating and deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

from pymongo import ReadPreference

from aiomongodel import errors, handles
from aiomongodel.queryset.base import D, described
from aiomongodel.queryset.guarding import (
    guarded_data,
    guarded_query,
    guarded_rest,
    guarded_update,
    last_refusal,
    refusal_by_guards,
    release,
    settle,
)
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
            way = 'use save_changes' if document.meta.track_changes else 'update those that change'
            raise errors.PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                f'a projection: saving it would drop its other fields. Reload it first, or {way}'
            )
        self._remember(document)
        if do_insert:
            return await self._insert(document)
        if document.meta.guards:
            return await self._save_guarded(document)
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
        if document.meta.guards:
            await self._update_document(document, update_document)
        else:
            await self._unscoped(document).update_one(self._query_id(document), update_document)
        return await self.reload(document)

    async def delete(self, document: D) -> int | None:
        """See `Document.delete`."""
        if document.meta.guards:
            return await self._delete_guarded(document)
        return await self._unscoped(document).delete_one(self._query_id(document))

    async def _insert(self, document: D) -> D:
        data = self._data_to_insert(document)
        await self.insert_one(data)
        self._inserted(document, data)
        return document

    # Where a class has guards. What they refuse is told from what has gone by `matched_count`.

    async def _update_document(
        self, document: D, update: Any, extra: Mapping[str, Any] = {}
    ) -> None:
        """Update the stored document, where its guards and further conditions let it.

        Then the guards' values in the document in memory are those that are stored.

        Raises:
            DocumentNotFoundError: It is gone.
            DocumentLockedError: Another owner holds its lock.
            LockLostError: The lock that the document held is lost.
            StaleDocumentError: It has been changed since it was loaded, or lacks the conditions.
            QueryError: The update touches the value of a guard itself, or asks for no answer.
        """
        target, guards = self._guarded(document, 'an update', bool(extra)), document.meta.guards
        if guards:
            update = guarded_update(update, guards, document)
        query, data = guarded_query(document, extra), guarded_data(document, {})
        result = await target._call(target.coll.update_one, query, update)
        if result.acknowledged and not result.matched_count:
            raise target._refusal(document, await target._stored_guards(document), bool(extra))
        settle(document, data)

    async def _save_guarded(self, document: D) -> D:
        target = self._guarded(document, 'a save')
        may_be_new = all(guard._may_be_new(document) for guard in document.meta.guards)
        data = guarded_data(document, document.meta.codec.dumper(document))
        try:
            if not await target._has_replaced(document, data, may_be_new):
                await target._insert_new(document, data, may_be_new)
        except errors.DuplicateKeyError:
            if may_be_new and (refusal := await target._refusal_of_new(document)):
                raise refusal from None
            raise
        settle(document, data)
        return document

    async def _has_replaced(self, document: D, data: dict[str, Any], may_be_new: bool) -> bool:
        query, kept = guarded_query(document), guarded_rest(document)
        if kept:
            stages = [{'$replaceWith': {'$mergeObjects': [{'$literal': data}, kept]}}]
            result = await self._call(self.coll.update_one, query, stages)
            return bool(result.matched_count)
        # An upsert takes no condition on the server's clock.
        upsert = may_be_new and not any(guard._asks_clock for guard in document.meta.guards)
        result = await self._call(self.coll.replace_one, query, data, upsert=upsert)
        return bool(result.matched_count) or result.upserted_id is not None

    async def _insert_new(self, document: D, data: dict[str, Any], may_be_new: bool) -> None:
        stored = await self._stored_guards(document)
        if stored is not None or not may_be_new:
            raise self._refusal(document, stored)
        await self.insert_one(data)

    async def _refusal_of_new(self, document: D) -> errors.Error | None:
        """Why a document that may be new is not: another has stored it with a guard's value.

        It is looked at outside of a transaction, which a duplicate key has ended.
        """
        outside = self.clone()
        outside.session = None
        stored = await outside._stored_guards(document)
        return None if stored is None else refusal_by_guards(document, stored)

    async def _delete_guarded(self, document: D) -> int | None:
        target = self._guarded(document, 'a delete')
        deleted = await target.delete_one(guarded_query(document))
        if not deleted:
            stored = await target._stored_guards(document)
            if stored is not None:
                raise target._refusal(document, stored)
        release(document)
        return deleted

    def _guarded(self, document: D, operation: str, has_extra: bool = False) -> Self:
        """The query set for a guarded write of a document, which can be told whether it matched."""
        self._query_id(document)
        target = self._unscoped(document)
        if document.meta.guards or has_extra:
            target._require_answer(operation)
        for guard in document.meta.guards:
            guard._require_loaded(document)
        self._remember(document)
        return target

    def _require_answer(self, operation: str) -> None:
        session = handles.driver_session(self.session, self.db)
        is_in_transaction = session is not None and session.in_transaction
        if not (self.coll.write_concern.acknowledged or is_in_transaction):
            raise errors.QueryError(
                f'{operation} of a {self.doc_class.__name__} needs the answer whether it matched, '
                f'and the write concern of the collection {self.coll.name!r}, w=0, asks for none; '
                'use with_options(write_concern=WriteConcern(w=1))'
            )

    async def _stored_guards(self, document: D) -> Mapping[str, Any] | None:
        """The stored values of the guards; None where the document is gone."""
        primary = self.with_options(read_preference=ReadPreference.PRIMARY)
        looked_at = {'_id': 1}
        for guard in document.meta.guards:
            looked_at.update(guard._looked_at())
        found = await primary._call(primary.coll.find_one, document.query_id, looked_at)
        return cast('Mapping[str, Any] | None', found)

    def _refusal(
        self, document: D, stored: Mapping[str, Any] | None, has_extra: bool = False
    ) -> errors.Error:
        """Why a write of a document has matched nothing."""
        if stored is None:
            return errors.DocumentNotFoundError(
                f'collection {self.coll.name!r} has no {type(document).__name__} '
                f'{described(document.query_id)}'
            )
        refusal = refusal_by_guards(document, stored)
        return refusal or last_refusal(document, has_extra=has_extra)

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
