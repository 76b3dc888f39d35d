"""Readers: a stored file, loaded chunk by chunk as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Self

from aiomongodel.drivers import run, settled, undisturbed
from aiomongodel.errors import CorruptFileError
from aiomongodel.files.bucket import Bucket, FileInfo
from aiomongodel.utils import shown

READ_AHEAD: Final = 1024 * 1024
"""The bytes, about, that a reader asks of the server at a time."""


class AsyncFileReader:
    """A stored file that is open for reading; its pieces are loaded as they are asked for.

    As an iterable it gives its bytes in pieces, from where it stands. As a context manager it is
    closed in the end.

    Attributes:
        info: What is known of the file.

    Example:
        >>> from aiomongodel import Document, FileField
        >>> class Post(Document):
        ...     photo = FileField()
        >>> photo = await Post.photo.upload(db, b'abcdef', filename='a.png', chunk_size=4)
        >>> async with await photo.open(db) as reader:
        ...     print([piece async for piece in reader])
        [b'abcd', b'ef']
    """

    def __init__(self, bucket: Bucket, info: FileInfo) -> None:
        self.info = info
        self._bucket = bucket
        self._position = 0
        self._piece = b''
        self._cursor: Any = None
        self._is_closed = False

    async def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Args:
            size: How many at most; all of them where it is negative.

        Raises:
            CorruptFileError: A part of the file is missing.
            ValueError: It has been closed.
        """
        left = self.info.length - self._position
        wanted = left if size < 0 else min(size, left)
        parts = []
        while wanted > 0:
            piece = await self._next(wanted)
            parts.append(piece)
            wanted -= len(piece)
        return b''.join(parts)

    async def seek(self, position: int) -> None:
        """Go to a place in the file.

        Args:
            position: The number of bytes before it.

        Raises:
            ValueError: The file has no such place, or has been closed.
        """
        self._require_open()
        if not 0 <= position <= self.info.length:
            raise ValueError(f'{shown(position)} is no place in a file of {self.info.length} bytes')
        await self._forget()
        self._position = position

    async def close(self) -> None:
        """Close the file."""
        self._is_closed = True
        await self._forget()

    def tell(self) -> int:
        """The number of bytes before the place where the next ones are read."""
        return self._position

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        left = self.info.length - self._position
        if left <= 0:
            raise StopAsyncIteration
        return await self._next(left)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def _require_open(self) -> None:
        if self._is_closed:
            raise ValueError(f'the file with the _id {shown(self.info._id)} has been closed')

    async def _forget(self) -> None:
        cursor, self._cursor, self._piece = self._cursor, None, b''
        if cursor is not None:
            await settled(cursor.close())

    async def _next(self, size: int) -> bytes:
        """Up to so many bytes, of one chunk."""
        self._require_open()
        if not self._piece:
            self._piece = await self._chunk()
        piece, self._piece = self._piece[:size], self._piece[size:]
        self._position += len(piece)
        return piece

    async def _chunk(self) -> bytes:
        """What the chunk at the position has from there on."""
        number, start = divmod(self._position, self.info.chunk_size)
        if self._cursor is None:
            self._cursor = self._found_from(number)
        try:
            chunk = await undisturbed(self._cursor.next())
        except StopAsyncIteration:
            raise self._corrupt(f'lacks its chunk {number}') from None
        if chunk['n'] != number:
            raise self._corrupt(f'has the chunk {chunk["n"]} where its chunk {number} is due')
        due = min(self.info.chunk_size, self.info.length - number * self.info.chunk_size)
        if len(chunk['data']) != due:
            raise self._corrupt(f'has {len(chunk["data"])} of the {due} bytes of chunk {number}')
        return bytes(chunk['data'][start:])

    def _found_from(self, number: int) -> Any:
        return self._bucket.chunks.find(
            {'files_id': {'$eq': self.info._id}, 'n': {'$gte': number}},
            sort=[('n', 1)],
            batch_size=max(2, READ_AHEAD // self.info.chunk_size),  # of 1 the server sends one only
            session=self._bucket.session,
        )

    def _corrupt(self, what: str) -> CorruptFileError:
        return CorruptFileError(
            f'the file with the _id {shown(self.info._id)} in the bucket {self._bucket.name!r} '
            f'{what}'
        )


class FileReader:
    """A stored file of a MongoClient's database that is open for reading: see AsyncFileReader."""

    def __init__(self, source: AsyncFileReader) -> None:
        self._source = source

    @property
    def info(self) -> FileInfo:
        return self._source.info

    def read(self, size: int = -1) -> bytes:
        """See `AsyncFileReader.read`."""
        return run(self._source.read(size))

    def seek(self, position: int) -> None:
        """See `AsyncFileReader.seek`."""
        run(self._source.seek(position))

    def close(self) -> None:
        """See `AsyncFileReader.close`."""
        run(self._source.close())

    def tell(self) -> int:
        """See `AsyncFileReader.tell`."""
        return self._source.tell()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return run(self._source.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
