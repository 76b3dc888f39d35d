"""Sessions and transactions: handles that stand where a database does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict

from pymongo.errors import OperationFailure, PyMongoError, WriteConcernError

from aiomongodel.drivers import settled, uncancelled
from aiomongodel.errors import SessionError, named
from aiomongodel.handles import Handle
from aiomongodel.snapshots import Snapshot
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from typing import Unpack

    from pymongo.read_concern import ReadConcern
    from pymongo.read_preferences import _ServerMode
    from pymongo.write_concern import WriteConcern

    from aiomongodel.document import Document

__all__ = ['AsyncSession', 'AsyncTransaction', 'SessionOptions', 'TransactionOptions']

COMMIT_UNKNOWN: Final = 'UnknownTransactionCommitResult'
TRANSIENT: Final = 'TransientTransactionError'

IN_DOUBT: Final = 'in doubt, since its commit was not answered'


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
        self._transaction: AsyncTransaction | None = None  # the last one

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
            await uncancelled(self._db, settled(self._driver_session.end_session()))

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
        self._snapshots: dict[int, Snapshot] = {}
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
            self._state = 'refused by the driver'
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
        if self._session._transaction is not self:
            raise SessionError(f'{self!r}: its session has begun another transaction since')
        commit = self._commit(self._session.driver_session)
        try:
            await uncancelled(self.db, commit)
        finally:  # a task that was cancelled meanwhile has committed nevertheless
            if self.is_committed:
                for callback in self._callbacks:
                    await settled(callback())

    async def abort(self) -> None:
        """Abort the transaction, and put back the documents that it has changed in memory.

        Raises:
            SessionError: The transaction does not go on.
        """
        await uncancelled(self.db, self._abort(self.driver_session))

    async def end(self) -> None:
        """Abort the transaction if it goes on, and end a session of its own."""
        try:
            if self.is_active:
                await self.abort()
        finally:
            await self._leave_session()

    async def _end_after(self, error: BaseException) -> None:
        """End it because of an error, which no failure to do so is to hide."""
        try:
            await self.end()
        except Exception as failure:  # noqa: BLE001 - it is told
            error.add_note(f'then {self!r} could not be aborted: {failure}')

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
        if id(document) not in self._snapshots:
            self._snapshots[id(document)] = Snapshot(document)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            await self._end_after(error)
            return
        try:
            if self.is_active:
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
        if not self._session.driver_session.in_transaction:
            self._state = 'ended by way of its driver_session'
            raise SessionError(f'{self!r}: give commit and abort to the transaction itself')

    async def _commit(self, driver_session: Any) -> None:
        self._state = IN_DOUBT
        try:
            await settled(driver_session.commit_transaction())
        except PyMongoError as error:
            if is_refusal(error):
                await self._finish('aborted')
            if ours := named(error, f'in the commit of {self!r}'):
                raise ours from error
            raise
        await self._finish('committed')

    async def _abort(self, driver_session: Any) -> None:
        try:
            await settled(driver_session.abort_transaction())
        except PyMongoError as error:
            named(error, f'in the abort of {self!r}')
            raise
        finally:
            await self._finish('aborted')

    async def _finish(self, state: str) -> None:
        self._state = state
        if state == 'aborted':
            for snapshot in self._snapshots.values():
                snapshot.put_back()
        self._snapshots.clear()
        await self._leave_session()

    async def _leave_session(self) -> None:
        if self._ends_session:
            await self._session.end()


def is_refusal(error: PyMongoError) -> bool:
    """Whether a commit that failed so has stored nothing, for sure."""
    if error.has_error_label(COMMIT_UNKNOWN):
        return False
    # A write concern that could not be met says nothing of the primary, where all may be stored.
    is_answer = isinstance(error, OperationFailure) and not isinstance(error, WriteConcernError)
    return is_answer or error.has_error_label(TRANSIENT)
