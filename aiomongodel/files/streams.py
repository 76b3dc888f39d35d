"""What a file is made of, and written to: bytes, binary files and iterables."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from aiomongodel.drivers import BlockingDatabase, settled
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.drivers import Database


class Readable(Protocol):
    """What is open for reading: a binary file, or the like with a coroutine method."""

    def read(self, size: int, /) -> bytes | Awaitable[bytes]: ...


class Writable(Protocol):
    """What is open for writing: a binary file, or the like with a coroutine method."""

    def write(self, data: bytes, /) -> Any: ...


Source: TypeAlias = 'bytes | bytearray | memoryview | Readable | Iterable[bytes]'
"""What a file is made of: bytes, a binary file that is open, or pieces of bytes."""

AsyncSource: TypeAlias = 'Source | AsyncIterable[bytes]'
"""The same where it may be awaited."""


def require_source(source: Any, caller: str) -> None:
    """Refuse what is neither bytes nor a binary file nor gives pieces of bytes."""
    kinds = (bytes, bytearray, memoryview, Iterable, AsyncIterable)
    is_text = isinstance(source, str | io.TextIOBase | Mapping)
    if is_text or not (isinstance(source, kinds) or hasattr(source, 'read')):
        raise TypeError(
            f'{caller} takes bytes, a file that is open in binary mode or an iterable of bytes, '
            f'not {shown(source)}'
        )


def require_method(target: Any, name: str, caller: str) -> None:
    """Refuse what is no binary file that is open."""
    if isinstance(target, io.TextIOBase) or not callable(getattr(target, name, None)):
        raise TypeError(f'{caller} takes a file that is open in binary mode, not {shown(target)}')


async def beside(db: Database, function: Callable[..., Any], *args: Any) -> Any:
    """What a function that may block gives: in a thread, where an event loop has other work."""
    if isinstance(db, BlockingDatabase):
        return await settled(function(*args))
    return await settled(await asyncio.to_thread(function, *args))


async def pieces_of(source: Any, db: Database, size: int) -> AsyncGenerator[Any, None]:
    """The pieces of a source, whose file is read a chunk at a time."""
    if isinstance(source, bytes | bytearray | memoryview):
        yield source
    elif hasattr(source, 'read'):
        while piece := await beside(db, source.read, size):
            yield piece
    elif isinstance(source, AsyncIterable):
        async for piece in source:
            yield piece
    else:
        for piece in source:
            yield piece
