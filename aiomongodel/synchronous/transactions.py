"""Session and Transaction: AsyncSession and AsyncTransaction for MongoClient."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from aiomongodel import retries
from aiomongodel.drivers import BlockingDatabase, run
from aiomongodel.sessions import AsyncSession, AsyncTransaction
from aiomongodel.synchronous.driving import HandleFacade, as_in, blocking, chained, source_of

if TYPE_CHECKING:
    from typing import Unpack

    from pymongo.database import Database

    from aiomongodel.sessions import SessionOptions, TransactionOptions


class Session(HandleFacade):
    """A session of a synchronous database, which stands where the database does.

    It is AsyncSession for MongoClient: each method as there, its result instead of an awaitable.

    Args:
        db: The database.
        **options: The driver's options of a session.

    Attributes:
        db: The database.

    Example:
        >>> from aiomongodel import session
        >>> with session(sync_db) as s:
        ...     bob = User(name='Bob').save(s)
        ...     User.q(s).get(bob._id).name
        'Bob'
    """

    _source: AsyncSession

    def __init__(self, db: Database[Any], **options: Unpack[SessionOptions]) -> None:
        self._source = AsyncSession(BlockingDatabase(db), **options)
        self._source._facade = weakref.ref(self)

    @property
    def in_transaction(self) -> bool:
        """See `AsyncSession.in_transaction`."""
        return self._source.in_transaction

    @as_in(AsyncSession.transaction)
    def transaction(self, **options: Unpack[TransactionOptions]) -> Transaction:
        return Transaction(self._source.transaction(**options))

    start = chained(AsyncSession.start)
    end = blocking(AsyncSession.end)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.end()


class Transaction(HandleFacade):
    """A transaction of a synchronous database, which stands where the database does.

    It is AsyncTransaction for MongoClient: each method as there, its result instead of an
    awaitable.

    Attributes:
        db: The database.

    Example:
        >>> from aiomongodel import transaction
        >>> with transaction(sync_db) as tx:
        ...     bob = User(name='Bob').save(tx)
    """

    _source: AsyncTransaction

    def __init__(self, source: AsyncTransaction) -> None:
        self._source = source
        source._facade = weakref.ref(self)

    @property
    def is_active(self) -> bool:
        """See `AsyncTransaction.is_active`."""
        return self._source.is_active

    @property
    def is_committed(self) -> bool:
        """See `AsyncTransaction.is_committed`."""
        return self._source.is_committed

    @as_in(AsyncTransaction.on_commit)
    def on_commit(self, callback: Callable[[], Any]) -> None:
        self._source.on_commit(callback)

    start = chained(AsyncTransaction.start)
    commit = blocking(AsyncTransaction.commit)
    abort = blocking(AsyncTransaction.abort)
    end = blocking(AsyncTransaction.end)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        run(self._source.__aexit__(kind, error, traceback))


def run_in_transaction(db: Any, work: Any, *args: Any, **options: Any) -> Any:
    """The facade of `retries.run_in_transaction`."""

    def work_of_source(transaction: AsyncTransaction, *args: Any) -> Any:
        return work(Transaction(transaction), *args)

    return run(retries.run_in_transaction(source_of(db), work_of_source, *args, **options))
