"""QuerySetCursor: MotorQuerySetCursor for MongoClient."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, overload

from aiomongodel import errors
from aiomongodel.cursor import MotorItemCursor, MotorQuerySetCursor
from aiomongodel.drivers import run
from aiomongodel.handles import Handle
from aiomongodel.synchronous.driving import as_in, blocking, chained, driver_object, iterated

if TYPE_CHECKING:
    from aiomongodel.cursor import Progress
    from aiomongodel.document import Document
    from aiomongodel.document_list import DocumentList


T = TypeVar('T')
R = TypeVar('R')
D = TypeVar('D', bound='Document')


class ItemCursor(Generic[T]):
    """A cursor of MongoClient's that gives what is made of its dicts.

    It is MotorItemCursor for a synchronous database: each method as there, its result instead of
    an awaitable.

    Attributes:
        cursor: The driver's cursor.
    """

    _source: Any

    def __init__(self, source: MotorItemCursor[T]) -> None:
        self._source = source

    @property
    def cursor(self) -> Any:
        return driver_object(self._source.cursor)

    @property
    def alive(self) -> bool:
        """Whether the server may have more."""
        return bool(self._source.alive)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
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
        return cast('T', self._source._load(data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @as_in(MotorItemCursor.next)
    def next(self) -> T:
        return next(self)

    close = blocking(MotorItemCursor[T].close)
    to_list = blocking(MotorItemCursor[T].to_list)


class QuerySetCursor(ItemCursor[T]):
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

    @property
    def doc_class(self) -> type[Any]:
        return cast('type[Any]', self._source.doc_class)

    @as_in(MotorQuerySetCursor.clone)
    def clone(self) -> Self:
        return type(self)(self._source.clone())

    @as_in(MotorQuerySetCursor.batches)
    def batches(self, size: int, progress: Progress | None = None) -> Iterator[list[T]]:
        found = self._source.batches(size, progress)
        return iterated(cast('AsyncGenerator[list[T], None]', found))

    @as_in(MotorQuerySetCursor.only)
    def only(self, *fields: Any) -> Self:
        return type(self)(self._source.only(*fields))

    @as_in(MotorQuerySetCursor.exclude)
    def exclude(self, *fields: Any) -> Self:
        return type(self)(self._source.exclude(*fields))

    @as_in(MotorQuerySetCursor.raw)
    def raw(self) -> QuerySetCursor[dict[str, Any]]:
        return QuerySetCursor(self._source.raw())

    @as_in(MotorQuerySetCursor.into)
    def into(self, target: Callable[..., R]) -> QuerySetCursor[R]:
        return QuerySetCursor(self._source.into(target))

    @overload
    def to_list(self: QuerySetCursor[D], length: int | None = None) -> DocumentList[D]: ...
    @overload
    def to_list(self, length: int | None = None) -> list[T]: ...
    @as_in(MotorQuerySetCursor.to_list)
    def to_list(self, length: int | None = None) -> Any:
        return run(self._source.to_list(length))

    after = blocking(MotorQuerySetCursor[T].after)
    distinct = blocking(MotorQuerySetCursor[T].distinct)
    explain = blocking(MotorQuerySetCursor[T].explain)
    first = blocking(MotorQuerySetCursor[T].first)
    one = blocking(MotorQuerySetCursor[T].one)
    page = blocking(MotorQuerySetCursor[T].page)

    add_option = chained(MotorQuerySetCursor[T].add_option)
    allow_disk_use = chained(MotorQuerySetCursor[T].allow_disk_use)
    batch_size = chained(MotorQuerySetCursor[T].batch_size)
    collation = chained(MotorQuerySetCursor[T].collation)
    comment = chained(MotorQuerySetCursor[T].comment)
    hint = chained(MotorQuerySetCursor[T].hint)
    limit = chained(MotorQuerySetCursor[T].limit)
    max = chained(MotorQuerySetCursor[T].max)
    max_await_time_ms = chained(MotorQuerySetCursor[T].max_await_time_ms)
    max_time_ms = chained(MotorQuerySetCursor[T].max_time_ms)
    min = chained(MotorQuerySetCursor[T].min)
    remove_option = chained(MotorQuerySetCursor[T].remove_option)
    rewind = chained(MotorQuerySetCursor[T].rewind)
    skip = chained(MotorQuerySetCursor[T].skip)
    sort = chained(MotorQuerySetCursor[T].sort)
    where = chained(MotorQuerySetCursor[T].where)
