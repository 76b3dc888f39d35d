"""StoredFile: a file in GridFS, known by its `_id`."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from aiomongodel.drivers import uncancelled
from aiomongodel.files.bucket import Bucket, FileInfo, answered_by_bucket
from aiomongodel.files.reading import AsyncFileReader, FileReader
from aiomongodel.files.streams import Writable, beside, require_method

if TYPE_CHECKING:
    from aiomongodel.handles import (
        AsyncHandle,
        AsyncSessionArgument,
        SyncHandle,
        SyncSessionArgument,
    )


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in GridFS, known by its `_id` and its bucket; its bytes stay on the server.

    Args:
        _id: Its `_id` in GridFS.
        bucket: The bucket that it is in.

    Example:
        >>> from aiomongodel import Document, FileField
        >>> class Post(Document):
        ...     photo = FileField()
        >>> photo = await Post.photo.upload(db, b'...', filename='a.png')
        >>> post = await Post(photo=photo).save(db)
        >>> (await post.photo.info(db)).length
        3
        >>> async with await post.photo.open(db) as reader:
        ...     await reader.read(2)
        b'..'
    """

    _id: Any
    bucket: str = 'fs'

    @overload
    def open(self, db: SyncHandle, session: SyncSessionArgument = None) -> FileReader: ...
    @overload
    def open(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, AsyncFileReader]: ...
    def open(self, db: Any, session: Any = None) -> Any:
        """Open the file for reading.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in; not one that is in a transaction.

        Raises:
            StoredFileNotFoundError: It is gone.
            SessionError: The session is in a transaction.
        """

        async def opened(bucket: Bucket) -> AsyncFileReader:
            return AsyncFileReader(bucket, await bucket.info(self._id))

        reader = answered_by_bucket('StoredFile.open', self.bucket, db, session, opened)
        return FileReader(reader) if isinstance(reader, AsyncFileReader) else reader

    @overload
    def download(
        self, db: SyncHandle, target: BinaryIO | Writable, session: SyncSessionArgument = None
    ) -> int: ...
    @overload
    def download(
        self, db: AsyncHandle, target: BinaryIO | Writable, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, int]: ...
    def download(self, db: Any, target: Any, session: Any = None) -> Any:
        """Write the file into another one, piece by piece.

        Args:
            db: The database, as `q` takes it.
            target: A binary file that is open for writing.
            session: The session to do it in; not one that is in a transaction.

        Returns:
            The number of bytes.

        Raises:
            StoredFileNotFoundError: It is gone.
            CorruptFileError: A part of it is missing.
            SessionError: The session is in a transaction.

        Example:
            >>> import io
            >>> from aiomongodel import Document, FileField
            >>> class Post(Document):
            ...     photo = FileField()
            >>> photo = await Post.photo.upload(db, b'...', filename='a.png')
            >>> await photo.download(db, io.BytesIO())
            3
        """
        require_method(target, 'write', 'StoredFile.download')

        async def downloaded(bucket: Bucket) -> int:
            async with AsyncFileReader(bucket, await bucket.info(self._id)) as reader:
                async for piece in reader:
                    await beside(bucket.db, target.write, piece)
            return reader.info.length

        return answered_by_bucket('StoredFile.download', self.bucket, db, session, downloaded)

    @overload
    def info(self, db: SyncHandle, session: SyncSessionArgument = None) -> FileInfo: ...
    @overload
    def info(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, FileInfo]: ...
    def info(self, db: Any, session: Any = None) -> Any:
        """Name, length and the like.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in; not one that is in a transaction.

        Raises:
            StoredFileNotFoundError: It is gone.
            SessionError: The session is in a transaction.
        """
        return answered_by_bucket(
            'StoredFile.info', self.bucket, db, session, lambda bucket: bucket.info(self._id)
        )

    @overload
    def delete(self, db: SyncHandle, session: SyncSessionArgument = None) -> None: ...
    @overload
    def delete(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, None]: ...
    def delete(self, db: Any, session: Any = None) -> Any:
        """Delete the file; documents that refer to it go on doing so.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in; not one that is in a transaction.

        Raises:
            StoredFileNotFoundError: It is gone already.
            SessionError: The session is in a transaction.

        Example:
            >>> from aiomongodel import Document, FileField
            >>> class Post(Document):
            ...     photo = FileField()
            >>> photo = await Post.photo.upload(db, b'...', filename='a.png')
            >>> await photo.delete(db)
        """

        async def deleted(bucket: Bucket) -> None:
            await uncancelled(bucket.db, bucket.delete(self._id))

        return answered_by_bucket('StoredFile.delete', self.bucket, db, session, deleted)
