"""QuerySetCursor: MotorQuerySetCursor for MongoClient."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

from aiomongodel import errors
from aiomongodel.cursor import MotorQuerySetCursor
from aiomongodel.handles import Handle
from aiomongodel.synchronous.driving import as_in, blocking, chained, driver_object, iterated

if TYPE_CHECKING:
    from pymongo.cursor import Cursor

    from aiomongodel.document import Document
    from aiomongodel.drivers import Data


D = TypeVar('D', bound='Document')


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
