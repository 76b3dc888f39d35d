"""Locks on stored documents: taking them, making them last, giving them back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pymongo import ReadPreference, ReturnDocument
from pymongo.errors import OperationFailure

from aiomongodel import drivers, errors
from aiomongodel.fields import LockField
from aiomongodel.operations import QueryArgument
from aiomongodel.ordering import projection_of
from aiomongodel.queryset.base import D, described
from aiomongodel.queryset.keeping import Keeping
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.drivers import Data

# The pauses between tries grow to the longest one, and are drawn at random from their upper half:
# those who wait for the same document come at different times.
FIRST_PAUSE: Final = 0.01
LONGEST_PAUSE: Final = 0.25
GROWTH_OF_PAUSE: Final = 1.5

RENEWALS: Final = 3
"""How often a lock is made to last in the time of one lease."""

OF_FINDING: Final = ('collation', 'comment', 'hint', 'let')
"""The driver's arguments that say what matches, beside the query."""

FAILED_TO_PARSE: Final = 9

WRONG_OPTIONS: Final = ('array_filters', 'return_document', 'upsert')
"""The driver's arguments that a lock cannot be taken with."""


class Locking(Keeping[D]):
    """The operations on the locks of a class that has a `LockField`."""

    def lock(
        self, /, query: Any, timeout: float = 10, **kwargs: Any
    ) -> contextlib.AbstractAsyncContextManager[D]:
        """Hold the lock of a document that nobody holds, for as long as a block runs.

        The lock is made to last in the background, and freed at the end of the block.

        Args:
            query: The query, or an `_id`.
            timeout: How long to wait for a document to become free, in seconds; 0 tries once.
            **kwargs: The driver's arguments of `find_one_and_update`, such as `sort`.

        Returns:
            A context manager that gives the document, as it is stored once it is locked.

        Raises:
            DocumentNotFoundError: No document matches, locked or not.
            LockTimeoutError: None became free.
            LockLostError: At the end of the block: another has taken the lock meanwhile.
            SessionError: The query set has a session.
            TypeError: The class has no LockField.

        Example:
            >>> from aiomongodel import Document, LockField, StrField
            >>> class Job(Document):
            ...     state = StrField()
            ...     lock = LockField(lease=60)
            >>> job = await Job.q(db).create(state='new')
            >>> async with Job.q(db).lock({'state': 'new'}) as job:
            ...     job.state = 'done'
            ...     job = await job.save(db)
        """
        self._require_lock_field(kwargs)
        return self._held(query, timeout, kwargs)

    async def lock_one(self, /, query: Any, timeout: float = 10, **kwargs: Any) -> D:
        """Take the lock of a document that nobody holds, for its lease.

        Args:
            query: The query, or an `_id`.
            timeout: How long to wait for a document to become free, in seconds; 0 tries once.
            **kwargs: The driver's arguments of `find_one_and_update`, such as `sort`.

        Returns:
            The document, as it is stored once it is locked. It is the owner, and its copies are
            not.

        Raises:
            DocumentNotFoundError: No document matches, locked or not.
            LockTimeoutError: None became free.
            SessionError: The query set has a session.
            TypeError: The class has no LockField.

        Example:
            >>> from aiomongodel import Document, LockField, StrField
            >>> class Job(Document):
            ...     state = StrField()
            ...     lock = LockField(lease=60)
            >>> job = await Job.q(db).create(state='new')
            >>> job = await Job.q(db).lock_one(job._id, timeout=2)
            >>> print((await Job.q(db).unlock(job)).lock)
            None
        """
        end = time.monotonic() + required_time(timeout)
        for pause in lengths_of_pauses():
            document = await self.try_lock(query, **kwargs)
            if document is not None:
                return document
            await self._require_match(query, kwargs)
            left = end - time.monotonic()
            if left <= 0:
                break
            await drivers.sleep(self.db, min(pause, left))
        raise errors.LockTimeoutError(
            f'each {self.doc_class.__name__} {described(self._as_query(query))} is locked by '
            f'another owner, and none has become free in {timeout} s'
        )

    async def try_lock(self, /, query: Any, **kwargs: Any) -> D | None:
        """Take the lock of a document that nobody holds, if there is one now.

        Args:
            query: The query, or an `_id`.
            **kwargs: The driver's arguments of `find_one_and_update`, such as `sort`.

        Returns:
            The document, as it is stored once it is locked; None where none matches that is free.

        Raises:
            SessionError: The query set has a session.
            TypeError: The class has no LockField.

        Example:
            >>> from aiomongodel import Document, LockField, StrField
            >>> class Job(Document):
            ...     state = StrField()
            ...     lock = LockField(lease=60)
            >>> print(await Job.q(db).try_lock({'state': 'new'}))
            None
        """
        field, token = self._require_lock_field(kwargs), LockField._new_token()
        data = await self._taken(field, token, self._joined(self._as_query(query)), kwargs)
        if data is None:
            return None
        query_id = {'_id': {'$eq': data['_id']}}  # loading takes the dict
        try:
            document = self._loader(kwargs.get('projection'))(data)
            field._own(document, token)
        except BaseException:
            await drivers.uncancelled(self.db, self._free_again(field, token, query_id))
            raise
        return document

    async def renew_lock(self, document: D) -> D:
        """Have the lease of a lock begin anew.

        Args:
            document: The document that holds the lock.

        Returns:
            The document.

        Raises:
            LockLostError: It does not hold the lock, or another has taken it.

        Example:
            >>> from aiomongodel import Document, LockField
            >>> class Job(Document):
            ...     lock = LockField(lease=60)
            >>> job = await Job.q(db).create()
            >>> job = await Job.q(db).lock_one({})
            >>> job = await Job.q(db).renew_lock(job)
        """
        target, field, token = self._owned(document)
        query, name = {**document.query_id, **field._held_by(token)}, field.mongo_name
        options = {'projection': {name: 1}, 'return_document': ReturnDocument.AFTER}
        update = field._taken(token)
        found = await target._call(target.coll.find_one_and_update, query, update, **options)
        if found is None:
            raise field._lost(document)
        vars(document)[field.name] = found[name]
        return document

    async def unlock(self, document: D) -> D:
        """Give a lock back.

        Args:
            document: The document that holds the lock.

        Returns:
            The document.

        Raises:
            LockLostError: It does not hold the lock, or another has taken it.

        Example:
            >>> from aiomongodel import Document, LockField
            >>> class Job(Document):
            ...     lock = LockField(lease=60)
            >>> job = await Job.q(db).create()
            >>> job = await Job.q(db).lock_one({})
            >>> job = await Job.q(db).unlock(job)
        """
        target, field, token = self._owned(document)
        query = {**document.query_id, **field._held_by(token)}
        result = await target._call(target.coll.update_one, query, field._freed())
        if not result.matched_count:
            raise field._lost(document)
        field._disown(document)
        return document

    @contextlib.asynccontextmanager
    async def _held(self, query: Any, timeout: float, options: dict[str, Any]) -> AsyncIterator[D]:
        document = await self.lock_one(query, timeout, **options)
        renewal = Renewal(*self._owned(document), document.query_id)
        try:
            async with drivers.Repetition(self.db, renewal.pause, renewal.renew):
                yield document
        except BaseException as error:
            try:
                await self._let_go(document, renewal)
            except Exception as failure:  # noqa: BLE001 - the error of the block is the one to raise
                error.add_note(f'its lock has not been freed: {type(failure).__name__}: {failure}')
            raise
        await self._let_go(document, renewal)

    async def _let_go(self, document: D, renewal: Renewal) -> None:
        if renewal.field._token(document) != renewal.token:
            return  # the block has deleted the document, or given the lock back itself
        try:
            await drivers.uncancelled(self.db, self.unlock(document))
        except errors.LockLostError as error:
            if renewal.failure is not None:
                error.add_note(f'its last renewal failed: {renewal.failure!r}')
            raise

    async def _taken(
        self, field: LockField, token: str, query: QueryArgument, options: dict[str, Any]
    ) -> Data | None:
        take = self._call(
            self.coll.find_one_and_update,
            {'$and': [query, field._free()]},
            field._taken(token),
            return_document=ReturnDocument.AFTER,
            **options,
        )
        try:
            return await drivers.uncancelled(self.db, take)
        except asyncio.CancelledError:  # it may have been taken, for nobody
            await drivers.uncancelled(self.db, self._free_again(field, token, query))
            raise
        except OperationFailure as error:
            # DocumentDB takes no $$NOW here where there is no collection yet.
            if error.code != FAILED_TO_PARSE or await self._call(self.coll.find_one) is not None:
                raise
            return None

    async def _free_again(self, field: LockField, token: str, query: QueryArgument) -> None:
        """Free what has been taken for nobody."""
        query = {'$and': [query, field._held_by(token)]}
        await self._call(self.coll.update_one, query, field._freed())

    async def _require_match(self, query: Any, options: dict[str, Any]) -> None:
        primary = self.with_options(read_preference=ReadPreference.PRIMARY)
        query = self._as_query(query)
        given = {name: options[name] for name in OF_FINDING if name in options}
        matched = self._joined(query)
        if await primary._call(primary.coll.find_one, matched, {'_id': 1}, **given) is None:
            raise self._not_found(query)

    def _owned(self, document: D) -> tuple[Locking[D], LockField, str]:
        target = self._unscoped(document)
        field = target._require_lock_field({})
        token = field._token(document)
        if token is None:
            raise errors.LockLostError(
                f'{type(document).__name__} with the _id {shown(document._id)} holds no lock: '
                'this object has not taken it, or has given it back'
            )
        return target, field, token

    def _require_lock_field(self, options: dict[str, Any]) -> LockField:
        """The field of the lock, where a call with these options can take one."""
        name = self.doc_class.__name__
        fields = [guard for guard in self.doc_class.meta.guards if isinstance(guard, LockField)]
        if not fields:
            raise TypeError(
                f'{name} has no LockField; add one, such as lock = LockField(lease=900)'
            )
        if self._session_of(options) is not None:
            raise errors.SessionError(
                f'a lock of {name} is taken and given back outside of sessions and transactions, '
                'where others see it at once; give the query set the database itself'
            )
        for option in WRONG_OPTIONS:
            if option in options:
                raise TypeError(f'a lock of {name} takes no {option}')
        projection = projection_of(options.get('projection'))
        if isinstance(projection, Mapping) and projection.get('_id', True) in (0, False):
            raise TypeError(
                f'a lock of {name} needs the _id, by which it is given back: '
                f'do not leave it out of the projection {shown(projection)}'
            )
        self._require_answer('a lock')
        return fields[0]


class Renewal:
    """What makes one lock last.

    Args:
        query_set: The query set of the document.
        field: The field of the lock.
        token: The owner's token.
        query_id: The query that finds the document.

    Attributes:
        field: As given.
        token: As given.
        pause: The seconds from one renewal to the next.
        failure: What the last renewal failed with.
    """

    def __init__(
        self, query_set: Any, field: LockField, token: str, query_id: Mapping[str, Any]
    ) -> None:
        self.field = field
        self.token = token
        self.pause = field.lease / RENEWALS
        self.failure: Exception | None = None
        self._query_set = query_set
        self._query = {**query_id, **field._held_by(token)}

    async def renew(self) -> bool:
        """Have the lease begin anew; whether the lock is still held."""
        query_set, update = self._query_set, self.field._taken(self.token)
        try:
            result = await query_set._call(query_set.coll.update_one, self._query, update)
        except Exception as error:  # noqa: BLE001 - say of the network; the next time may be in time
            self.failure = error
            return True
        self.failure = None
        return bool(result.matched_count)


def required_time(timeout: Any) -> float:
    """The time to wait, where it is one.

    Raises:
        ValueError: It is none.
    """
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not timeout >= 0:
        raise ValueError(f'timeout {shown(timeout)} must be a number of seconds, at least 0')
    return float(timeout)


def lengths_of_pauses() -> Iterator[float]:
    """The seconds to wait after each try."""
    longest = FIRST_PAUSE
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        longest = min(longest * GROWTH_OF_PAUSE, LONGEST_PAUSE)
