"""What is used of a driver, and where the drivers differ."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

if TYPE_CHECKING:
    from pymongo.database import Database as PyMongoDatabase

R = TypeVar('R')

Data = dict[str, Any]


class Cursor(Protocol):
    """A driver's cursor."""

    alive: bool

    def add_option(self, mask: int) -> Any: ...
    def allow_disk_use(self, allow_disk_use: bool) -> Any: ...
    def batch_size(self, batch_size: int) -> Any: ...
    def clone(self) -> Any: ...
    def close(self) -> Awaitable[Any]: ...
    def collation(self, collation: Any) -> Any: ...
    def comment(self, comment: Any) -> Any: ...
    def distinct(self, key: Any) -> Awaitable[list[Any]]: ...
    def explain(self) -> Awaitable[Data]: ...
    def hint(self, index: Any) -> Any: ...
    def limit(self, limit: int) -> Any: ...
    def max(self, spec: Any) -> Any: ...
    def max_await_time_ms(self, max_await_time_ms: int | None) -> Any: ...
    def max_time_ms(self, max_time_ms: int | None) -> Any: ...
    def min(self, spec: Any) -> Any: ...
    def next(self) -> Awaitable[Data]: ...
    def remove_option(self, mask: int) -> Any: ...
    def skip(self, skip: int) -> Any: ...
    def sort(self, key_or_list: Any, direction: Any = None) -> Any: ...
    def to_list(self, length: int | None = None) -> Awaitable[list[Data]]: ...
    def where(self, code: Any) -> Any: ...
    def __aiter__(self) -> AsyncIterator[Data]: ...


class Collection(Protocol):
    """A driver's collection."""

    name: str
    codec_options: Any
    write_concern: Any

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]], **kwargs: Any) -> Any: ...
    def bulk_write(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def count_documents(self, query: Mapping[str, Any], **kwargs: Any) -> Awaitable[int]: ...
    def create_indexes(self, indexes: Sequence[Any], **kwargs: Any) -> Awaitable[list[str]]: ...
    def delete_many(self, query: Mapping[str, Any], **kwargs: Any) -> Awaitable[Any]: ...
    def delete_one(self, query: Mapping[str, Any], **kwargs: Any) -> Awaitable[Any]: ...
    def distinct(self, key: str, *args: Any, **kwargs: Any) -> Awaitable[list[Any]]: ...
    def estimated_document_count(self, **kwargs: Any) -> Awaitable[int]: ...
    def find(self, *args: Any, **kwargs: Any) -> Cursor: ...
    def find_one(self, *args: Any, **kwargs: Any) -> Awaitable[Data | None]: ...
    def find_one_and_delete(self, *args: Any, **kwargs: Any) -> Awaitable[Data | None]: ...
    def find_one_and_replace(self, *args: Any, **kwargs: Any) -> Awaitable[Data | None]: ...
    def find_one_and_update(self, *args: Any, **kwargs: Any) -> Awaitable[Data | None]: ...
    def insert_many(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def insert_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def replace_one(
        self, query: Mapping[str, Any], *args: Any, **kwargs: Any
    ) -> Awaitable[Any]: ...
    def update_many(
        self, query: Mapping[str, Any], *args: Any, **kwargs: Any
    ) -> Awaitable[Any]: ...
    def update_one(self, query: Mapping[str, Any], *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def watch(self, *args: Any, **kwargs: Any) -> Any: ...
    def with_options(self, **kwargs: Any) -> Self: ...


class Database(Protocol):
    """A driver's database."""

    name: str
    client: Any

    def command(self, command: str, value: Any = 1, **kwargs: Any) -> Awaitable[Any]: ...
    def create_collection(self, name: str, **kwargs: Any) -> Awaitable[Any]: ...
    def get_collection(self, name: str, **kwargs: Any) -> Collection: ...


# PyMongo's MongoClient, as the others are: what would be awaited there has finished here. The
# methods that we use are spelt out, so that a slip is an AttributeError.


def finished(name: str) -> Any:
    """The driver's method of this name, as one that has finished when it is awaited."""

    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.driver_object, name)(*args, **kwargs)

    method.__name__ = name
    return method


def passed_on(name: str) -> Any:
    """The driver's method or attribute of this name, as it is."""
    return property(lambda self: getattr(self.driver_object, name))


class BlockingStream:
    """What gives one dict of MongoClient's after another."""

    def __init__(self, driver_object: Any) -> None:
        self.driver_object = driver_object

    close = finished('close')
    try_next = finished('try_next')

    alive = passed_on('alive')

    def __aiter__(self) -> Self:
        return self

    async def next(self) -> Data:
        """The next dict."""
        try:
            return cast('Data', self.driver_object.next())
        except StopIteration:
            raise StopAsyncIteration from None

    async def __anext__(self) -> Data:
        return await self.next()


class BlockingCursor(BlockingStream):
    """A cursor of MongoClient's, find's or aggregate's."""

    distinct = finished('distinct')
    explain = finished('explain')
    to_list = finished('to_list')

    add_option = passed_on('add_option')
    allow_disk_use = passed_on('allow_disk_use')
    batch_size = passed_on('batch_size')
    collation = passed_on('collation')
    comment = passed_on('comment')
    hint = passed_on('hint')
    limit = passed_on('limit')
    max = passed_on('max')
    max_await_time_ms = passed_on('max_await_time_ms')
    max_time_ms = passed_on('max_time_ms')
    min = passed_on('min')
    remove_option = passed_on('remove_option')
    skip = passed_on('skip')
    sort = passed_on('sort')
    where = passed_on('where')

    def clone(self) -> BlockingCursor:
        return BlockingCursor(self.driver_object.clone())


class BlockingChangeStream(BlockingStream):
    """A change stream of MongoClient's."""

    resume_token = passed_on('resume_token')


class BlockingCollection:
    """A collection of MongoClient's."""

    def __init__(self, driver_object: Any) -> None:
        self.driver_object = driver_object

    codec_options = passed_on('codec_options')
    name = passed_on('name')
    write_concern = passed_on('write_concern')

    bulk_write = finished('bulk_write')
    count_documents = finished('count_documents')
    create_index = finished('create_index')
    create_indexes = finished('create_indexes')
    create_search_index = finished('create_search_index')
    create_search_indexes = finished('create_search_indexes')
    delete_many = finished('delete_many')
    delete_one = finished('delete_one')
    distinct = finished('distinct')
    drop = finished('drop')
    drop_index = finished('drop_index')
    drop_indexes = finished('drop_indexes')
    drop_search_index = finished('drop_search_index')
    estimated_document_count = finished('estimated_document_count')
    find_one = finished('find_one')
    find_one_and_delete = finished('find_one_and_delete')
    find_one_and_replace = finished('find_one_and_replace')
    find_one_and_update = finished('find_one_and_update')
    index_information = finished('index_information')
    insert_many = finished('insert_many')
    insert_one = finished('insert_one')
    options = finished('options')
    rename = finished('rename')
    replace_one = finished('replace_one')
    update_many = finished('update_many')
    update_one = finished('update_one')
    update_search_index = finished('update_search_index')

    async def aggregate(self, *args: Any, **kwargs: Any) -> BlockingCursor:
        return BlockingCursor(self.driver_object.aggregate(*args, **kwargs))

    async def watch(self, *args: Any, **kwargs: Any) -> BlockingChangeStream:
        return BlockingChangeStream(self.driver_object.watch(*args, **kwargs))

    def find(self, *args: Any, **kwargs: Any) -> BlockingCursor:
        return BlockingCursor(self.driver_object.find(*args, **kwargs))

    def with_options(self, **kwargs: Any) -> BlockingCollection:
        return BlockingCollection(self.driver_object.with_options(**kwargs))


class BlockingDatabase:
    """A database of MongoClient's."""

    def __init__(self, driver_object: PyMongoDatabase[Any]) -> None:
        self.driver_object = driver_object

    client = passed_on('client')
    name = passed_on('name')

    async def aggregate(self, *args: Any, **kwargs: Any) -> BlockingCursor:
        return BlockingCursor(self.driver_object.aggregate(*args, **kwargs))

    command = finished('command')
    create_collection = finished('create_collection')
    dereference = finished('dereference')
    drop_collection = finished('drop_collection')
    list_collection_names = finished('list_collection_names')
    validate_collection = finished('validate_collection')

    def get_collection(self, name: str, **kwargs: Any) -> BlockingCollection:
        return BlockingCollection(self.driver_object.get_collection(name, **kwargs))

    __getitem__ = get_collection


def run(coroutine: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine that awaits only what has finished.

    Raises:
        RuntimeError: It waits for an event loop.
    """
    cause = None
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast('R', stop.value)
    except RuntimeError as error:
        if 'no running event loop' not in str(error):
            raise
        cause = error
    coroutine.close()
    name = getattr(coroutine, '__qualname__', repr(coroutine))
    raise RuntimeError(
        f'{name} waits for an event loop, which a synchronous database has not; '
        'what it awaits must be methods of query sets, cursors, sessions and collections'
    ) from cause


# Where the drivers differ.


async def settled(value: Awaitable[R] | R) -> R:
    """The value, awaited where this driver's answer is to be awaited and another's is not."""
    if isinstance(value, Awaitable):
        return await value
    return value


async def unbroken(call: Awaitable[R]) -> R:
    """The result of a call, which a cancellation does not break off: it follows the call's end."""
    running = asyncio.ensure_future(call)
    cancellation = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is None:
        return running.result()
    if not running.cancelled() and (failure := running.exception()):
        raise cancellation from failure
    raise cancellation


async def undisturbed(call: Awaitable[R] | R) -> R:
    """`settled`, and beside Motor `unbroken`.

    Motor's calls are futures of work in threads, which goes on when the future is cancelled. What
    follows in the same session, such as an abort, must not run beside it.
    """
    return await (unbroken(call) if isinstance(call, asyncio.Future) else settled(call))


async def uncancelled(db: Database, call: Coroutine[Any, Any, R]) -> R:
    """The result of a call, which a cancellation does not break off beside any driver."""
    return await (call if isinstance(db, BlockingDatabase) else unbroken(call))


class Repetition:
    """Work that is done again and again beside a block: in a task, or in a daemon thread.

    Leaving the block waits for the work that is under way.

    Args:
        db: The database, whose driver says which of the two.
        pause: The seconds before each time.
        work: What is done. It raises nothing, and gives False to be done no more.
    """

    def __init__(
        self, db: Database, pause: float, work: Callable[[], Coroutine[Any, Any, bool]]
    ) -> None:
        self._is_blocking = isinstance(db, BlockingDatabase)
        self._pause = pause
        self._work = work
        self._running: Any = None
        self._end: Any = None

    async def __aenter__(self) -> Self:
        if self._is_blocking:
            self._end = threading.Event()
            self._running = threading.Thread(target=self._repeat_in_thread, daemon=True)
            self._running.start()
        else:
            self._end = asyncio.Event()
            self._running = asyncio.create_task(self._repeat_in_task())
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._end.set()
        if self._is_blocking:
            self._running.join()
        else:
            await unbroken(self._running)

    def _repeat_in_thread(self) -> None:
        while not self._end.wait(self._pause) and run(self._work()):
            pass

    async def _repeat_in_task(self) -> None:
        while not await self._has_ended() and await self._work():
            pass

    async def _has_ended(self) -> bool:
        try:
            async with asyncio.timeout(self._pause):
                await self._end.wait()
        except TimeoutError:
            return False
        return True


class LatentCursor:
    """The cursor of an aggregation by a driver which gives it only when awaited.

    It starts with its first call, as Motor's does.

    Args:
        start: Asks the server, and gives the driver's cursor.
    """

    def __init__(self, start: Callable[[], Awaitable[Any]]) -> None:
        self._start = start
        self._cursor: Any = None
        self._batch_size: int | None = None

    async def started(self) -> Any:
        """The driver's cursor."""
        if self._cursor is None:
            self._cursor = await self._start()
            if self._batch_size is not None:
                self._cursor.batch_size(self._batch_size)
        return self._cursor

    def batch_size(self, batch_size: int) -> Self:
        """The number of dicts that the server sends at a time, after the first time."""
        self._batch_size = batch_size
        if self._cursor is not None:
            self._cursor.batch_size(batch_size)
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Data:
        return cast('Data', await anext(await self.started()))

    next = __anext__

    async def to_list(self, length: int | None = None) -> list[Data]:
        """The next dicts, at most `length` of them, in a list."""
        return cast('list[Data]', await (await self.started()).to_list(length))

    async def try_next(self) -> Data | None:
        """The next dict, None where there is none for now."""
        return cast('Data | None', await (await self.started()).try_next())

    async def close(self) -> None:
        """Close the cursor, on the server too."""
        if self._cursor is not None:
            await self._cursor.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    @property
    def alive(self) -> bool:
        """Whether the server may have more."""
        return self._cursor is None or bool(self._cursor.alive)


async def opened(stream: Any) -> Any:
    """A change stream, once the server has been asked for it.

    Motor's asks at its first event, and would miss what has happened before; no method of its own
    only asks.
    """
    stream = await settled(stream)
    if hasattr(stream, '_lazy_init'):
        await asyncio.to_thread(stream._lazy_init)
    return stream


async def sleep(db: Database, seconds: float) -> None:
    """Wait, as one waits beside this driver."""
    if isinstance(db, BlockingDatabase):
        time.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
