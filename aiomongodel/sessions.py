"""Sessions and transactions: handles that stand where a database does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict

import pymongo.errors

from aiomongodel import drivers
from aiomongodel.drivers import BlockingDatabase, settled, undisturbed
from aiomongodel.errors import SessionError, named
from aiomongodel.handles import Handle
from aiomongodel.nesting import is_document
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from typing import Unpack

    from pymongo.read_concern import ReadConcern
    from pymongo.read_preferences import _ServerMode
    from pymongo.write_concern import WriteConcern

    from aiomongodel.document import Document

__all__ = ['AsyncSession', 'AsyncTransaction', 'SessionOptions', 'TransactionOptions']

TRANSIENT: Final = 'TransientTransactionError'
COMMIT_UNKNOWN: Final = 'UnknownTransactionCommitResult'
MAX_TIME_EXPIRED: Final = 50

IN_DOUBT: Final = 'in doubt, since its commit was not answered'

# The waits between tries are those of MongoDB's specification for drivers, 'Convenient API for
# Transactions': they grow by half each time, and are drawn at random up to that length.
FIRST_WAIT: Final = 0.005
LONGEST_WAIT: Final = 0.5
GROWTH_OF_WAIT: Final = 1.5


class SessionOptions(TypedDict, total=False):
    """The driver's options of a session."""

    causal_consistency: bool | None
    default_transaction_options: Any
    snapshot: bool | None


class TransactionOptions(TypedDict, total=False):
    """The driver's options of a transaction."""

    read_concern: ReadConcern | None
    write_concern: WriteConcern | None
    read_preference: _ServerMode | None
    max_commit_time_ms: int | None


class AsyncSession(Handle):
    """A session of a database, which stands where the database does.

    Its operations are causally consistent: each sees what those before it have done, on whichever
    member of a replica set. They must not run side by side.

    Args:
        db: The database.
        **options: The driver's options of a session.

    Attributes:
        db: The database.

    Example:
        >>> from aiomongodel import session
        >>> async with session(db) as s:
        ...     bob = await User(name='Bob').save(s)
        ...     print((await User.q(s).get(bob._id)).name)
        Bob

        The same without a block:

        >>> s = await session(db).start()
        >>> users = await User.q(s).find().to_list()
        >>> await s.end()
    """

    def __init__(self, db: Any, **options: Unpack[SessionOptions]) -> None:
        self._db = db
        self._options = options
        self._driver_session: Any = None
        self._has_ended = False
        self._transaction: AsyncTransaction | None = None

    @property
    def db(self) -> Any:
        return self._db

    @property
    def driver_session(self) -> Any:
        """The driver's session.

        Raises:
            SessionError: The session has not been started, or has ended.
        """
        if self._has_ended:
            raise SessionError(f'{self!r} has ended; start another one')
        if self._driver_session is None:
            raise SessionError(
                f'{self!r} has not been started; use it as a context manager, or call start()'
            )
        return self._driver_session

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction of the session goes on."""
        return self._transaction is not None and self._transaction.is_active

    async def start(self) -> Self:
        """Start the session.

        Returns:
            The session.

        Raises:
            SessionError: It has been started already.
        """
        if self._driver_session is not None or self._has_ended:
            raise SessionError(f'{self!r} has been started already')
        try:
            started = self._db.client.start_session(**self._options)
            self._driver_session = await settled(started)
        except Exception as error:
            if ours := named(error, f'in the start of {self!r}'):
                raise ours from error
            raise
        return self

    async def end(self) -> None:
        """End the session; a transaction that goes on is aborted. Later calls do nothing."""
        if self._driver_session is None or self._has_ended:
            return
        try:
            if self._transaction is not None and self._transaction.is_active:
                await self._transaction.abort()
        finally:
            self._has_ended = True
            await undisturbed(self._driver_session.end_session())

    def transaction(self, **options: Unpack[TransactionOptions]) -> AsyncTransaction:
        """A transaction in the session, which stays open after it.

        Args:
            **options: The driver's options of a transaction.

        Example:
            >>> from aiomongodel import session
            >>> async with session(db) as s:
            ...     async with s.transaction():
            ...         bob = await User(name='Bob').save(s)
        """
        return AsyncTransaction(self, **options)

    def _remember(self, document: Document) -> None:
        if self._transaction is not None and self._transaction.is_active:
            self._transaction._remember(document)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *exception: object) -> None:
        await self.end()

    def __repr__(self) -> str:
        return f'<session of the database {self._db.name!r}>'


class AsyncTransaction(Handle):
    """A transaction, which stands where a database does.

    As a context manager it commits at the end of the block, and aborts when an exception leaves
    it, a cancellation included.

    Documents follow it: one that was saved, reloaded or updated in a transaction that is aborted
    goes back to the values that it had before the first of these calls.

    Args:
        session: The session.
        ends_session: Whether the session starts and ends with the transaction.
        **options: The driver's options of a transaction.

    Attributes:
        db: The database.

    Example:
        >>> from aiomongodel import transaction
        >>> async with transaction(db) as tx:
        ...     bob = await User(name='Bob').save(tx)
        ...     await User.q(tx).update_one({User.name.s: 'Bob'}, {'$set': {User.name.s: 'Rob'}})
        1

        The same without a block:

        >>> tx = await transaction(db).start()
        >>> bob = await User(name='Bob').save(tx)
        >>> await tx.commit()
    """

    def __init__(
        self,
        session: AsyncSession,
        *,
        ends_session: bool = False,
        **options: Unpack[TransactionOptions],
    ) -> None:
        self._session = session
        self._ends_session = ends_session
        self._options = options
        self._state = 'not started'
        self._remembered: dict[int, tuple[Document, bool, list[tuple[Any, Any]]]] = {}
        self._callbacks: list[Callable[[], Any]] = []

    @property
    def db(self) -> Any:
        return self._session.db

    @property
    def driver_session(self) -> Any:
        """The driver's session.

        Raises:
            SessionError: The transaction does not go on.
        """
        self._require_active()
        return self._session.driver_session

    @property
    def is_active(self) -> bool:
        """Whether the transaction has been started, and has not ended."""
        return self._state == 'active'

    @property
    def is_committed(self) -> bool:
        """Whether the transaction has been committed."""
        return self._state == 'committed'

    async def start(self) -> Self:
        """Start the transaction, and its session if it has one of its own.

        Returns:
            The transaction.

        Raises:
            SessionError: It has been started already; the session has another transaction, has not
                been started or has ended.
        """
        if self._state != 'not started':
            raise SessionError(f'{self!r} has been started already; make another one')
        if self._ends_session:
            await self._session.start()
        driver_session = self._session.driver_session
        if driver_session.in_transaction:
            raise SessionError(f'{self._session!r} is in a transaction already; end that one first')
        try:
            await settled(driver_session.start_transaction(**self._options))
        except BaseException:
            await self._leave_session()
            raise
        self._state = 'active'
        self._session._transaction = self
        return self

    async def commit(self) -> None:
        """Commit the transaction, then call what `on_commit` was given.

        Where the answer is lost, the transaction may be committed or not: the driver's error has
        the label `UnknownTransactionCommitResult`, and `commit` can be called again.

        Raises:
            SessionError: The transaction does not go on.
            pymongo.errors.PyMongoError: The server refuses, or does not answer.
        """
        if self._state != IN_DOUBT:
            self._require_active()
        self._state = IN_DOUBT
        await unbroken(self.db, self._commit())
        for callback in self._callbacks:
            await settled(callback())

    async def abort(self) -> None:
        """Abort the transaction, and put back the documents that it has changed in memory.

        Raises:
            SessionError: The transaction does not go on.
        """
        self._require_active()
        await unbroken(self.db, self._abort())

    async def end(self) -> None:
        """Abort the transaction if it goes on, and end a session of its own."""
        if self.is_active:
            await self.abort()
        await self._leave_session()

    def on_commit(self, callback: Callable[[], Any]) -> None:
        """Have something called after the commit, and only then.

        Args:
            callback: A function without arguments; where calls are awaited it may be a coroutine
                function. Callbacks run in their order; an exception of one reaches the caller of
                `commit`, and those after it do not run.

        Raises:
            SessionError: The transaction does not go on.
            TypeError: The callback cannot be called.

        Example:
            >>> from aiomongodel import transaction
            >>> async with transaction(db) as tx:
            ...     bob = await User(name='Bob').save(tx)
            ...     tx.on_commit(lambda: print('welcome,', bob.name))
            welcome, Bob
        """
        self._require_active()
        if not callable(callback):
            raise TypeError(f'on_commit takes a function, not {shown(callback)}')
        self._callbacks.append(callback)

    def _remember(self, document: Document) -> None:
        if id(document) not in self._remembered:
            state = document.is_partial, contents_within(document)
            self._remembered[id(document)] = document, *state

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, kind: object, *exception: object) -> None:
        try:
            if self.is_active and kind is None:
                await self.commit()
        finally:
            await self.end()

    def __repr__(self) -> str:
        return f'<transaction in the database {self.db.name!r}, {self._state}>'

    def _require_active(self) -> None:
        if self._state == 'not started':
            raise SessionError(
                f'{self!r}: use it as a context manager, or call start() before anything else'
            )
        if not self.is_active:
            raise SessionError(f'{self!r}: it is over; make another one')

    async def _commit(self) -> None:
        try:
            await undisturbed(self._session.driver_session.commit_transaction())
        except pymongo.errors.PyMongoError as error:
            if not error.has_error_label(COMMIT_UNKNOWN):
                await self._finish('aborted')
            if ours := named(error, f'in the commit of {self!r}'):
                raise ours from error
            raise
        await self._finish('committed')

    async def _abort(self) -> None:
        try:
            await undisturbed(self._session.driver_session.abort_transaction())
        finally:
            await self._finish('aborted')

    async def _finish(self, state: str) -> None:
        self._state = state
        if state == 'aborted':
            for document, is_partial, contents in self._remembered.values():
                document._partial = is_partial
                for each, copy in contents:
                    put_back(each, copy)
        self._remembered.clear()
        await self._leave_session()

    async def _leave_session(self) -> None:
        if self._session._transaction is self:
            self._session._transaction = None
        if self._ends_session:
            await self._session.end()


async def unbroken(db: Any, call: Coroutine[Any, Any, None]) -> None:
    """Wait for a call also where the task is cancelled meanwhile, and be cancelled after it.

    Given up half-way, a commit would leave the server with a transaction that nobody ends; and
    Motor's goes on in its thread, beside the end of the session.
    """
    if isinstance(db, BlockingDatabase):
        await call
        return
    running = asyncio.ensure_future(call)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled() and (error := running.exception()):
            raise asyncio.CancelledError from error
        raise


async def run_in_transaction(
    db: Any, work: Any, *args: Any, max_time: float, **options: Any
) -> Any:
    """The source of `aiomongodel.run_in_transaction`, which see."""
    last = time.monotonic() + max_time
    if isinstance(db, AsyncSession):
        return await tried(db, work, args, last, options)
    async with AsyncSession(db) as session:
        return await tried(session, work, args, last, options)


async def tried(session: AsyncSession, work: Any, args: Any, last: float, options: Any) -> Any:
    """What the work gives in the first transaction that does not fail for the moment only."""
    pauses = lengths_of_pauses()
    while True:
        transaction = await session.transaction(**options).start()
        for document in filter(is_stored_document, args):
            transaction._remember(document)
        try:
            result = await settled(work(transaction, *args))
            if transaction.is_active:
                await commit_by(transaction, last)
        except BaseException as error:
            await transaction.end()
            pause = next(pauses)
            passes = is_labelled(error, TRANSIENT) and not transaction.is_committed
            if not passes or time.monotonic() + pause > last:
                raise
        else:
            return result
        await drivers.sleep(session.db, pause)


async def commit_by(transaction: AsyncTransaction, last: float) -> None:
    """Commit, and ask again for as long as the answer is lost and there is time."""
    pauses = lengths_of_pauses()
    while not transaction.is_committed:
        try:
            await transaction.commit()
        except pymongo.errors.PyMongoError as error:
            pause = next(pauses)
            can_pass = is_labelled(error, COMMIT_UNKNOWN) and not has_expired(error)
            if transaction.is_committed or not can_pass or time.monotonic() + pause > last:
                raise
            await drivers.sleep(transaction.db, pause)


def lengths_of_pauses() -> Iterator[float]:
    """The seconds to wait after each try."""
    longest = FIRST_WAIT
    while True:
        yield random.uniform(0, longest)  # noqa: S311 - no secret
        longest = min(longest * GROWTH_OF_WAIT, LONGEST_WAIT)


def has_expired(error: pymongo.errors.PyMongoError) -> bool:
    """Whether the commit has taken longer than its own limit, so that another would too."""
    return isinstance(error, pymongo.errors.OperationFailure) and error.code == MAX_TIME_EXPIRED


def is_labelled(error: BaseException, label: str) -> bool:
    """Whether the driver or the server has put the label on an error of the connection.

    The driver puts it on what is no such error too, say that the client is closed.
    """
    if isinstance(error, pymongo.errors.InvalidOperation):
        return False
    return isinstance(error, pymongo.errors.PyMongoError) and error.has_error_label(label)


def contents_within(document: Document) -> list[tuple[Any, Any]]:
    """The dicts and lists of a document, and of all that lies within it, each with a copy."""
    found: dict[int, tuple[Any, Any]] = {}
    ahead: list[Any] = [vars(document)]
    while ahead:
        contents = ahead.pop()
        if id(contents) in found:
            continue
        found[id(contents)] = contents, contents.copy()
        values = contents if isinstance(contents, list) else contents.values()
        ahead.extend(inner for inner in map(contents_of, values) if inner is not None)
    return list(found.values())


def contents_of(value: Any) -> Any:
    """The dict or list that a value is or, as an embedded document, has; else None."""
    if isinstance(value, list | dict):
        return value
    if is_document(value) and not is_stored_document(value):
        return vars(value)
    return None


def is_stored_document(value: Any) -> bool:
    """Whether it is a document that has a collection."""
    return is_document(value) and value.meta.collection_name is not None


def put_back(contents: dict[str, Any] | list[Any], copy: Any) -> None:
    """Have a dict or a list hold what it held."""
    if isinstance(contents, list):
        contents[:] = copy
        return
    contents.clear()
    contents.update(copy)
