"""What is done to one document in hand: saving, reloading, updating and deleting it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, cast

from pymongo import ReadPreference

from aiomongodel import drivers, errors, handles
from aiomongodel.operations import require_same_collection
from aiomongodel.queryset.attending import DELETION, INSERTION, UPDATE, way_to_save
from aiomongodel.queryset.base import D, modified_count
from aiomongodel.queryset.deleting import mark_of
from aiomongodel.queryset.guarding import (
    guarded_data,
    guarded_query,
    guarded_rest,
    guarded_update,
    last_refusal,
    refusal_by_guards,
    release,
    settle,
    unseen_lock,
)
from aiomongodel.queryset.reading import Reading
from aiomongodel.queryset.writing import Writing
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.fields import DateTimeField

Replacement = Callable[[], Awaitable[bool]]
"""Replaces a stored document, where its guards let it; whether it has."""


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
        if type(document) is not self.doc_class:
            require_same_collection(document, self.doc_class)
        if document.is_partial:
            way = 'use save_changes' if document.meta.track_changes else 'update those that change'
            raise errors.PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                f'a projection: saving it would drop its other fields. Reload it first, or {way}'
            )
        self._remember(document)
        if do_insert:
            return await self._insert(document)
        if document.meta.is_attended:
            return await self._attended(way_to_save(document), document, self._saved)
        return await self._saved(document)

    async def reload(self, document: D) -> D:
        """See `Document.reload`."""
        self._remember(document)
        fresh = await self._unscoped(document).find_one(self._query_id(document))
        if document.meta.family is not None:
            require_same_class(document, fresh)
        document.meta.codec.move(fresh, document)
        return document

    async def update(self, /, document: D, update_document: Any, **kwargs: Any) -> D:
        """See `Document.update`."""
        target = self._in_session_of(kwargs)
        if not document.meta.is_attended:
            return await target._updated(document, update_document, **kwargs)
        target._remember(document)
        update = functools.partial(target._updated, update_document=update_document, **kwargs)
        return await target._attended(UPDATE, document, update)

    async def delete(self, document: D) -> int | None:
        """See `Document.delete`."""
        if not document.meta.is_attended:
            return await self._deleted(document)
        self._remember(document)
        return await self._attended(DELETION, document, self._deleted)

    async def _saved(self, document: D) -> D:
        data = document.meta.codec.dumper(document)  # now: it may change while this is awaited
        saving = self._saving(document, data)
        if document.meta.guards or document.meta.track_changes:
            saving = drivers.uncancelled(self.db, saving)
        await saving
        return document

    async def _updated(self, /, document: D, update_document: Any, **kwargs: Any) -> D:
        if document.meta.guards:
            updating = self._updating(document, update_document, **kwargs)
            await drivers.uncancelled(self.db, updating)
        else:
            query = self._query_id(document)
            await self._unscoped(document).update_one(query, update_document, **kwargs)
        return await self.reload(document)

    async def purge(self, document: D) -> int | None:
        """See `SoftDeleteMixin.purge`."""
        target = self._unscoped(document)
        target._require_deletion_field()
        target._purges = True
        return await target.delete(document)

    async def restore(self, document: D) -> D:
        """See `SoftDeleteMixin.restore`."""
        return await self.update(document, self._unscoped(document)._restoring)

    async def _deleted(self, document: D) -> int | None:
        if document.meta.deletion_field is not None and not self._purges:
            marking = self._marking_one(document, document.meta.deletion_field)
            return await drivers.uncancelled(self.db, marking)
        if document.meta.guards:
            return await drivers.uncancelled(self.db, self._deleting(document))
        return await self._unscoped(document).delete_one(self._query_id(document))

    async def _insert(self, document: D) -> D:
        if document.meta.is_attended:
            return await self._attended(INSERTION, document, self._inserting)
        return await self._inserting(document)

    async def _inserting(self, document: D) -> D:
        data = self._data_to_insert(document)
        await self.insert_one(data)
        self._inserted(document, data)
        return document

    # A write and the keeping of its result are one call, which no cancellation may break off: a
    # document that does not know its own write would repeat it, or be refused as stale. What is
    # written is made before the call begins, as the document may change until then.

    def _saving(self, document: D, data: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        """The call that stores the data of a document in place of what is stored of it."""
        if document.meta.guards:
            return self._saving_guarded(document, data)
        query = self._query_id(document)
        return self._unscoped(document).replace_one(query, data, upsert=True)

    # Where a class has guards. What they refuse is told from what has gone by `matched_count`.

    def _updating(
        self, document: D, update: Any, extra: Mapping[str, Any] = {}, **kwargs: Any
    ) -> Coroutine[Any, Any, None]:
        """The call that updates a document, where its guards and further conditions let it.

        Then the guards' values in the document in memory are those that are stored.

        Raises:
            DocumentNotFoundError: It is gone.
            DocumentLockedError: Another owner holds its lock.
            LockLostError: The lock that the document held is lost.
            StaleDocumentError: It has been changed since it was loaded, or lacks the conditions.
            QueryError: The update touches the value of a guard itself, or asks for no answer.
            TypeError: It is an upsert, which would insert what is refused.
        """
        if kwargs.get('upsert'):
            raise TypeError(
                f'a {type(document).__name__} has a revision or a lock, by which the stored one is '
                'found: upsert cannot be given for its update; save the document'
            )
        target, guards = self._guarded(document, 'an update', bool(extra)), document.meta.guards
        if guards:
            update = guarded_update(update, guards, document)
        query, data = guarded_query(document, extra), guarded_data(document, {})
        write = functools.partial(target._call, target.coll.update_one, query, update, **kwargs)
        return target._update_guarded(document, write, data, has_extra=bool(extra))

    async def _update_guarded(
        self,
        document: D,
        write: Callable[[], Awaitable[Any]],
        data: Mapping[str, Any],
        *,
        has_extra: bool,
    ) -> None:
        result = await write()
        if result.acknowledged and not result.matched_count:
            raise await self._refusal(document, await self._stored_guards(document), has_extra)
        settle(document, data)

    def _saving_guarded(self, document: D, data: dict[str, Any]) -> Coroutine[Any, Any, None]:
        target, data = self._guarded(document, 'a save'), guarded_data(document, data)
        may_be_new = all(guard._may_be_new(document) for guard in document.meta.guards)
        replacement = target._replacement(document, data, may_be_new)
        return target._save_guarded(document, data, replacement, may_be_new)

    async def _save_guarded(
        self, document: D, data: dict[str, Any], replace: Replacement, may_be_new: bool
    ) -> None:
        try:
            is_saved = await replace() or (may_be_new and await self._has_inserted(document, data))
        except errors.DuplicateKeyError:
            stored = await self._outside._stored_guards(document) if may_be_new else None
            if stored is not None and (refusal := refusal_by_guards(document, stored)):
                raise refusal from None
            if stored is None or self._is_in_transaction:  # which the error has ended
                raise
            is_saved = False
        if not is_saved:
            await self._save_again(document, replace)
        settle(document, data)

    async def _has_inserted(self, document: D, data: dict[str, Any]) -> bool:
        if await self._stored_guards(document) is not None:
            return False
        await self.insert_one(data)
        return True

    async def _save_again(self, document: D, replace: Replacement) -> None:
        """Replace what is stored by now, where nothing refuses it any more.

        Another may have stored the same new document meanwhile, or a lock may have become free.
        """
        stored = await self._stored_guards(document)
        if stored is None or refusal_by_guards(document, stored):
            raise await self._refusal(document, stored)
        if not await replace():
            raise await self._refusal(document, await self._stored_guards(document))

    def _replacement(self, document: D, data: dict[str, Any], may_be_new: bool) -> Replacement:
        """What replaces the stored document, where its guards let it, and says whether it has."""
        query, kept = guarded_query(document), guarded_rest(document)

        async def merged() -> bool:
            stages = [{'$replaceWith': {'$mergeObjects': [{'$literal': data}, kept]}}]
            return bool((await self._call(self.coll.update_one, query, stages)).matched_count)

        async def replaced() -> bool:
            # An upsert takes no condition on the server's clock.
            upsert = may_be_new and not any(guard._asks_clock for guard in document.meta.guards)
            result = await self._call(self.coll.replace_one, query, data, upsert=upsert)
            return bool(result.matched_count) or result.upserted_id is not None

        return merged if kept else replaced

    def _deleting(self, document: D) -> Coroutine[Any, Any, int | None]:
        target = self._guarded(document, 'a delete')
        return target._delete_guarded(document, guarded_query(document))

    def _marking_one(
        self, document: D, field: DateTimeField[Any]
    ) -> Coroutine[Any, Any, int | None]:
        """The call that marks a document as deleted, where its guards let it."""
        target, guards, moment = (
            self._guarded(document, 'a delete'),
            document.meta.guards,
            field._now(),
        )
        query = guarded_query(document, {field.mongo_name: None})
        update = guarded_update(mark_of(field, moment), guards, document)
        write = functools.partial(target._call, target.coll.update_one, query, update)
        return target._mark_one(document, write, guarded_data(document, {}), (field, moment))

    async def _mark_one(
        self,
        document: D,
        write: Callable[[], Awaitable[Any]],
        data: Mapping[str, Any],
        mark: tuple[DateTimeField[Any], datetime],
    ) -> int | None:
        result = await write()
        if result.acknowledged and not result.matched_count:
            stored = await self._stored_guards(document) if document.meta.guards else None
            if stored is not None and refusal_by_guards(document, stored):
                raise await self._refusal(document, stored)
            return 0  # it is gone, or was marked before
        settle(document, data)
        self._settle_mark(document, *mark)
        return modified_count(result)

    async def _delete_guarded(self, document: D, query: Any) -> int | None:
        deleted = await self.delete_one(query)
        if not deleted:
            stored = await self._stored_guards(document)
            if stored is not None:
                raise await self._refusal(document, stored)
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
        if not (self.coll.write_concern.acknowledged or self._is_in_transaction):
            raise errors.QueryError(
                f'{operation} of a {self.doc_class.__name__} needs the answer whether it matched, '
                f'and the write concern of the collection {self.coll.name!r}, w=0, asks for none; '
                'use with_options(write_concern=WriteConcern(w=1))'
            )

    @property
    def _is_in_transaction(self) -> bool:
        session = handles.driver_session(self.session, self.db)
        return session is not None and bool(session.in_transaction)

    @property
    def _outside(self) -> Self:
        """The query set in no transaction: for what one that has ended, or is old, does not see."""
        clone = self.clone()
        clone.session = None
        return clone

    async def _stored_guards(self, document: D) -> Mapping[str, Any] | None:
        """The stored values of the guards; None where the document is gone."""
        primary = self.with_options(read_preference=ReadPreference.PRIMARY)
        looked_at = {'_id': 1}
        for guard in document.meta.guards:
            looked_at.update(guard._looked_at())
        found = await primary._call(primary.coll.find_one, document.query_id, looked_at)
        return cast('Mapping[str, Any] | None', found)

    async def _refusal(
        self, document: D, stored: Mapping[str, Any] | None, has_extra: bool = False
    ) -> errors.Error:
        """Why a write of a document has matched nothing."""
        if stored is None:
            return self._not_found(document.query_id)
        refusal = refusal_by_guards(document, stored)
        if isinstance(refusal, errors.LockLostError) and self._is_in_transaction:
            outside = await self._outside._stored_guards(document)
            refusal = unseen_lock(document, outside) or refusal
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
        if type(document) is not self.doc_class:
            require_same_collection(document, self.doc_class)
        clone = self.clone()
        clone.doc_class = type(document)
        clone.default_query = {}
        clone._class_query = None
        return clone


def require_same_class(document: Document, fresh: Document) -> None:
    """Refuse to load into a document what is stored as another class of its family by now.

    Raises:
        UnknownClassError: It is.
    """
    name = fresh.meta.discriminator_value
    if type(fresh) is not type(document) and document.meta.family is fresh.meta.family:
        key = str(document.meta.discriminator)
        error = errors.UnknownClassError(
            type(document), key, name, [str(document.meta.discriminator_value)]
        )
        error.add_note('an object stays of its class: get the document anew, by its _id')
        raise error
