"""Uploads: a file that is stored chunk by chunk, or not at all."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from bson import Int64

from aiomongodel.drivers import uncancelled
from aiomongodel.errors import DuplicateKeyError
from aiomongodel.files.bucket import Bucket
from aiomongodel.files.streams import pieces_of
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.drivers import Collection, Data

CHUNK_SIZE: Final = 255 * 1024
"""The bytes of a chunk where no other number is asked for, as the specification has it."""

MAX_CHUNK_SIZE: Final = 16 * 1024 * 1024 - 16 * 1024
"""The bytes that a chunk can have: with its keys it is one document."""


class Upload:
    """One file on its way to the server.

    Args:
        bucket: The bucket.
        _id: The `_id` that it gets.
        chunk_size: The bytes of a chunk.
    """

    def __init__(self, bucket: Bucket, _id: Any, chunk_size: int) -> None:
        self._bucket = bucket
        self._id = _id
        self._chunk_size = chunk_size
        self._buffer = bytearray()
        self._count = 0
        self._length = 0
        self._is_entered = False

    async def store(
        self, pieces: AsyncIterator[Any], filename: str, metadata: Mapping[str, Any] | None
    ) -> None:
        """Store the file, or nothing of it where this fails or is cancelled."""
        try:
            async for piece in pieces:
                await self._write(piece)
            await self._finish(filename, metadata)
        except BaseException as error:
            await self._clear_up(error)
            raise

    async def _write(self, piece: Any) -> None:
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise TypeError(f'a file is made of bytes, not of {shown(piece)}')
        octets = memoryview(piece).cast('B')
        for start in range(0, len(octets), self._chunk_size):  # however long the piece is
            self._buffer += octets[start : start + self._chunk_size]
            if len(self._buffer) >= self._chunk_size:
                await self._send(bytes(self._buffer[: self._chunk_size]))
                del self._buffer[: self._chunk_size]

    async def _finish(self, filename: str, metadata: Mapping[str, Any] | None) -> None:
        if self._buffer:
            await self._send(bytes(self._buffer))
        data = {
            '_id': self._id,
            'length': Int64(self._length),
            'chunkSize': self._chunk_size,
            'uploadDate': datetime.datetime.now(datetime.UTC),
            'filename': filename,
            **({} if metadata is None else {'metadata': metadata}),
        }
        self._is_entered = True
        await self._insert(self._bucket.files, data)

    async def _send(self, data: bytes) -> None:
        number, self._count = self._count, self._count + 1
        self._length += len(data)
        chunk = {'files_id': self._id, 'n': number, 'data': data}
        try:
            await self._insert(self._bucket.chunks, chunk)
        except DuplicateKeyError:  # it is another's, which is not to be cleared up
            self._count = number
            raise

    async def _insert(self, collection: Collection, data: Data) -> None:
        # Broken off, it could come after the clearing up.
        call = self._bucket.call(collection.insert_one, data)
        await uncancelled(self._bucket.db, call)

    async def _clear_up(self, error: BaseException) -> None:
        if self._is_entered and isinstance(error, DuplicateKeyError):
            self._is_entered = False
        try:
            await uncancelled(self._bucket.db, self._delete_what_is_there())
        except Exception as failure:  # noqa: BLE001 - what has failed first is what is raised
            error.add_note(
                f'chunks of the file with the _id {shown(self._id)} may be left in the bucket '
                f'{self._bucket.name!r}: {failure}'
            )

    async def _delete_what_is_there(self) -> None:
        bucket = self._bucket
        if self._is_entered:
            await bucket.call(bucket.files.delete_one, {'_id': {'$eq': self._id}})
        if self._count:
            query = {'files_id': {'$eq': self._id}, 'n': {'$lt': self._count}}
            await bucket.call(bucket.chunks.delete_many, query)


async def uploaded(
    bucket: Bucket,
    _id: Any,
    source: Any,
    filename: str,
    metadata: Mapping[str, Any] | None,
    chunk_size: int,
) -> None:
    """Store a file.

    Raises:
        DuplicateKeyError: The bucket has a file of this `_id`.
        TypeError: The source gives something else than bytes.
    """
    await bucket.ensure_indexes()
    if await bucket.found(_id) is not None:
        raise DuplicateKeyError(f'the bucket {bucket.name!r} has a file with the _id {shown(_id)}')
    async with contextlib.aclosing(pieces_of(source, bucket.db, chunk_size)) as pieces:
        await Upload(bucket, _id, chunk_size).store(pieces, filename, metadata)
