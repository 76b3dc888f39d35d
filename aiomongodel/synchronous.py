"""The synchronous facade of query sets, cursors, sessions and transactions.

Behaviour is written once, where calls are awaited. Here each method drives that of its source to
the end: beside MongoClient it awaits only what has finished, so that it needs no event loop.
"""

from __future__ import annotations

import copy
import functools
import inspect
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Generic,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    cast,
)

import pymongo.database

from aiomongodel import errors, handles, retries
from aiomongodel.cursor import MotorQuerySetCursor
from aiomongodel.drivers import BlockingDatabase, run, settled
from aiomongodel.handles import Handle
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.sessions import AsyncSession, AsyncTransaction
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from typing import Unpack

    from pymongo.client_session import ClientSession
    from pymongo.command_cursor import CommandCursor
    from pymongo.cursor import Cursor
    from pymongo.database import Database

    from aiomongodel.document import Document
    from aiomongodel.drivers import Data
    from aiomongodel.handles import SyncHandle, SyncSessionArgument
    from aiomongodel.sessions import SessionOptions, TransactionOptions

__all__ = ['QuerySet', 'QuerySetCursor', 'Session', 'Transaction', 'blocking']

P = ParamSpec('P')
R = TypeVar('R')
D = TypeVar('D', bound='Document')
S = TypeVar('S')
T = TypeVar('T')
M = TypeVar('M', bound=Callable[..., Any])
F = TypeVar('F', bound='Facade')


class Facade(Protocol):
    """What has a source to drive."""

    @property
    def _source(self) -> Any: ...


def blocking(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Any, P], R]:
    """Make the blocking form of a coroutine method, for a synchronous query set of one's own.

    Args:
        method: A coroutine method of the class that `Meta.queryset` names. What it awaits must be
            methods of query sets, cursors, sessions or collections.

    Returns:
        A method of the same signature and docstring, which gives the result itself.

    Raises:
        TypeError: It is no coroutine method.

    Example:
        >>> from aiomongodel import MotorQuerySet, QuerySet, blocking
        >>> class UserQuerySet(MotorQuerySet['User']):
        ...     async def rename(self, old: str, new: str) -> int | None:
        ...         return await self.update_many({'name': old}, {'$set': {'name': new}})
        >>> class SyncUserQuerySet(QuerySet['User']):
        ...     rename = blocking(UserQuerySet.rename)
    """
    if not inspect.iscoroutinefunction(method):
        raise TypeError(f'blocking takes a coroutine method, not {shown(method)}')

    @functools.wraps(method)
    def blocking_method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # By its name, so that an override of the source counts here too.
        overridden = getattr(self._source, method.__name__)
        values = {name: source_of(value) for name, value in kwargs.items()}
        return cast('R', run(overridden(*map(source_of, args), **values)))

    blocking_method.__dict__['source'] = method
    return blocking_method


def chained(method: Callable[Concatenate[Any, P], Any]) -> Callable[Concatenate[F, P], F]:
    """The method of a source that gives the source, as one that gives its facade."""

    @functools.wraps(method)
    def chained_method(self: F, /, *args: P.args, **kwargs: P.kwargs) -> F:
        run(settled(getattr(self._source, method.__name__)(*args, **kwargs)))
        return self

    return chained_method


def as_in(source: Callable[..., Any]) -> Callable[[M], M]:
    """Give a method the signature and the docstring of its source."""
    return cast('Callable[[M], M]', functools.wraps(source))


def iterated(source: AsyncGenerator[T, None]) -> Iterator[T]:
    """The items of an asynchronous generator, which is closed when it is left."""
    try:
        while True:
            try:
                item = run(anext(source))
            except StopAsyncIteration:
                return
            yield item
    finally:
        run(source.aclose())


def source_of(handle: Any) -> Any:
    """What the source takes for a database, a session or a transaction."""
    if isinstance(handle, pymongo.database.Database):
        return BlockingDatabase(handle)
    return handle._source if isinstance(handle, HandleFacade) else handle


def driver_object(adapter: Any) -> Any:
    """The driver's object behind what the source has."""
    return adapter.driver_object


class QuerySetCursor(Generic[D]):
    """A cursor of MongoClient's that gives documents.

    It is MotorQuerySetCursor for a synchronous database: each method as there, its result instead
    of an awaitable.

    Attributes:
        doc_class: The class of the documents.
        cursor: The driver's cursor.

    Example:
        >>> with User.q(sync_db).find() as users:
        ...     [user.name for user in users]
        ['Ann']
    """

    def __init__(self, source: MotorQuerySetCursor[D]) -> None:
        self._source = source

    @property
    def doc_class(self) -> type[D]:
        return self._source.doc_class

    @property
    def cursor(self) -> Cursor[Data]:
        return cast('Cursor[Data]', driver_object(self._source.cursor))

    @property
    def alive(self) -> bool:
        """Whether the server may have more documents."""
        return self._source.alive

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> D:
        # Not by `run`: a coroutine for each document would cost as much as to load it.
        try:
            if isinstance(self._source._session, Handle):
                self._source._session.require_in_use()
            data = self.cursor.next()
        except StopIteration:
            raise
        except Exception as error:
            if ours := errors.named(error, self._source._where('next')):
                raise ours from error
            raise
        return self._source._load(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @as_in(MotorQuerySetCursor.next)
    def next(self) -> D:
        return next(self)

    @as_in(MotorQuerySetCursor.clone)
    def clone(self) -> Self:
        return type(self)(self._source.clone())

    @as_in(MotorQuerySetCursor.batches)
    def batches(self, size: int) -> Iterator[list[D]]:
        return iterated(cast('AsyncGenerator[list[D], None]', self._source.batches(size)))

    close = blocking(MotorQuerySetCursor[D].close)
    distinct = blocking(MotorQuerySetCursor[D].distinct)
    explain = blocking(MotorQuerySetCursor[D].explain)
    first = blocking(MotorQuerySetCursor[D].first)
    one = blocking(MotorQuerySetCursor[D].one)
    to_list = blocking(MotorQuerySetCursor[D].to_list)

    add_option = chained(MotorQuerySetCursor[D].add_option)
    allow_disk_use = chained(MotorQuerySetCursor[D].allow_disk_use)
    batch_size = chained(MotorQuerySetCursor[D].batch_size)
    collation = chained(MotorQuerySetCursor[D].collation)
    comment = chained(MotorQuerySetCursor[D].comment)
    hint = chained(MotorQuerySetCursor[D].hint)
    limit = chained(MotorQuerySetCursor[D].limit)
    max = chained(MotorQuerySetCursor[D].max)
    max_await_time_ms = chained(MotorQuerySetCursor[D].max_await_time_ms)
    max_time_ms = chained(MotorQuerySetCursor[D].max_time_ms)
    min = chained(MotorQuerySetCursor[D].min)
    remove_option = chained(MotorQuerySetCursor[D].remove_option)
    rewind = chained(MotorQuerySetCursor[D].rewind)
    skip = chained(MotorQuerySetCursor[D].skip)
    sort = chained(MotorQuerySetCursor[D].sort)
    where = chained(MotorQuerySetCursor[D].where)


class QuerySet(Generic[D]):
    """The operations on the documents of a class, in a synchronous database.

    It is MotorQuerySet for MongoClient: each method as there, its result instead of an awaitable.
    What it does is done by the class that `Meta.queryset` names, overrides included.

    Args:
        doc_class: The class of the documents.
        db: The database of a MongoClient, or a session or transaction of ours in it.
        session: The session or transaction of each call that is given none: ours or the driver's.

    Raises:
        TypeError: It is not a synchronous database.
        SessionError: The session is not of the database's client, or not in use.

    Attributes:
        doc_class: As given.
        db: The driver's database.
        session: The session or transaction, as given; None where there is none.
        coll: The driver's collection.
        default_query: The class's default query.
        default_sort: The class's default sort.

    Example:
        >>> users = User.q(sync_db)
        >>> bob = users.create(name='Bob')
        >>> users.get(bob._id).name
        'Bob'
    """

    def __init__(
        self, doc_class: type[D], db: SyncHandle, session: SyncSessionArgument = None
    ) -> None:
        handles.require_kind(db, True, type(self).__name__)
        source_class = cast('type[MotorQuerySet[D]]', doc_class.meta.queryset)
        self._source = source_class(doc_class, source_of(db), source_of(session))
        self.session = db if isinstance(db, Handle) else session

    @property
    def doc_class(self) -> type[D]:
        return self._source.doc_class

    @property
    def db(self) -> Database[Any]:
        return cast('Database[Any]', driver_object(self._source.db))

    @property
    def coll(self) -> Any:
        return driver_object(self._source.coll)

    @property
    def default_query(self) -> Mapping[str, Any]:
        return self._source.default_query

    @property
    def default_sort(self) -> Any:
        return self._source.default_sort

    @as_in(MotorQuerySet.clone)
    def clone(self) -> Self:
        clone = copy.copy(self)
        clone._source = self._source.clone()
        return clone

    @as_in(MotorQuerySet.with_options)
    def with_options(self, **kwargs: Any) -> Self:
        clone = copy.copy(self)
        clone._source = self._source.with_options(**kwargs)
        return clone

    @as_in(MotorQuerySet.find)
    def find(
        self, query: Mapping[str, Any] | None = {}, *args: Any, sort: Any = None, **kwargs: Any
    ) -> QuerySetCursor[D]:
        return QuerySetCursor(self._source.find(query, *args, sort=sort, **kwargs))

    @as_in(MotorQuerySet.aggregate)
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], **kwargs: Any
    ) -> CommandCursor[Data]:
        cursor = run(self._source.aggregate(pipeline, **kwargs).started())
        return cast('CommandCursor[Data]', driver_object(cursor))

    @as_in(MotorQuerySet.count)
    def count(self, /, query: Mapping[str, Any] = {}, **kwargs: Any) -> int:
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return self.count_documents(query, **kwargs)

    @as_in(MotorQuerySet.create_collection)
    def create_collection(self) -> Any:
        run(self._source.create_collection())
        return self.coll

    count_documents = blocking(MotorQuerySet[D].count_documents)
    create = blocking(MotorQuerySet[D].create)
    create_indexes = blocking(MotorQuerySet[D].create_indexes)
    delete = blocking(MotorQuerySet[D].delete)
    delete_many = blocking(MotorQuerySet[D].delete_many)
    delete_one = blocking(MotorQuerySet[D].delete_one)
    find_one = blocking(MotorQuerySet[D].find_one)
    get = blocking(MotorQuerySet[D].get)
    insert_many = blocking(MotorQuerySet[D].insert_many)
    insert_one = blocking(MotorQuerySet[D].insert_one)
    reload = blocking(MotorQuerySet[D].reload)
    replace_one = blocking(MotorQuerySet[D].replace_one)
    save = blocking(MotorQuerySet[D].save)
    update = blocking(MotorQuerySet[D].update)
    update_many = blocking(MotorQuerySet[D].update_many)
    update_one = blocking(MotorQuerySet[D].update_one)


class HandleFacade(Handle):
    """What the facades of sessions and transactions share."""

    is_blocking: ClassVar[bool] = True

    _source: Any

    @property
    def db(self) -> Database[Any]:
        return cast('Database[Any]', driver_object(self._source.db))

    @property
    def driver_session(self) -> ClientSession:
        """The driver's session.

        Raises:
            SessionError: It has not been started, or is over.
        """
        return cast('ClientSession', self._source.driver_session)

    def __repr__(self) -> str:
        return repr(self._source)


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
