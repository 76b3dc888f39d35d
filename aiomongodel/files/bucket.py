"""A bucket of GridFS: its two collections, and what is known of a file in it."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from bson.codec_options import CodecOptions
from pymongo import IndexModel, ReadPreference, WriteConcern

from aiomongodel.calls import answered, called
from aiomongodel.errors import SessionError, StoredFileNotFoundError
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.drivers import Collection, Data, Database

R = TypeVar('R')

FILES_INDEXES: Final = (IndexModel([('filename', 1), ('uploadDate', 1)]),)
CHUNKS_INDEXES: Final = (IndexModel([('files_id', 1), ('n', 1)], unique=True),)
"""The indexes that the specification asks for."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What is known of a stored file.

    Attributes:
        _id: Its `_id` in GridFS.
        filename: Its name, which need not be the only one of its kind.
        length: The number of its bytes.
        chunk_size: The bytes of each of its chunks; the last may have fewer.
        upload_date: When it was stored, in UTC, as the client's codec options give it.
        metadata: What else is kept with it.
    """

    _id: Any
    filename: str | None
    length: int
    chunk_size: int
    upload_date: datetime.datetime
    metadata: Mapping[str, Any] | None

    @classmethod
    def _from_mongo(cls, data: Data) -> FileInfo:
        return cls(
            data['_id'],
            data.get('filename'),
            int(data['length']),
            int(data['chunkSize']),
            data['uploadDate'],
            data.get('metadata'),
        )


class Bucket:
    """The two collections of a bucket of GridFS.

    Args:
        db: The database.
        name: The bucket's name.
        session: The driver's session, or None.

    Raises:
        SessionError: The session is in a transaction.
    """

    def __init__(self, db: Database, name: str, session: Any) -> None:
        if session is not None and session.in_transaction:
            raise SessionError(
                f'files of the bucket {name!r} take no part in transactions, as GridFS does not; '
                'give the database itself'
            )
        self.db = db
        self.name = name
        self.session = session
        self.files = acknowledged(db.get_collection(f'{name}.files'))
        # An _id that the client gives as a uuid.UUID is asked for as such, too.
        options: CodecOptions[Any] = CodecOptions(
            uuid_representation=self.files.codec_options.uuid_representation
        )
        chunks = db.get_collection(f'{name}.chunks', codec_options=options)
        self.chunks = acknowledged(chunks)

    async def call(self, method: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """The answer of a driver's method, in the session."""
        where = f'the bucket {self.name!r} of the database {self.db.name!r}'
        return await called(where, self.session, method, *args, **kwargs)

    async def found(self, _id: Any) -> Data | None:
        """What the bucket has of a file; None where it has none."""
        return cast('Data | None', await self.call(self.files.find_one, {'_id': {'$eq': _id}}))

    async def info(self, _id: Any) -> FileInfo:
        """What is known of a file."""
        data = await self.found(_id)
        if data is None:
            raise self.not_found(_id)
        return FileInfo._from_mongo(data)

    def not_found(self, _id: Any) -> StoredFileNotFoundError:
        return StoredFileNotFoundError(
            f'the bucket {self.name!r} of the database {self.db.name!r} has no file with the '
            f'_id {shown(_id)}'
        )

    async def delete(self, _id: Any) -> None:
        """Delete a file: first what makes it one, then its chunks."""
        result = await self.call(self.files.delete_one, {'_id': {'$eq': _id}})
        await self.call(self.chunks.delete_many, {'files_id': {'$eq': _id}})
        if not result.deleted_count:
            raise self.not_found(_id)

    async def ensure_indexes(self) -> None:
        """Make the indexes of a bucket that has no file yet."""
        files = self.files.with_options(read_preference=ReadPreference.PRIMARY)
        if await self.call(files.find_one, {}, {'_id': 1}) is None:
            await self.call(self.files.create_indexes, list(FILES_INDEXES))
            await self.call(self.chunks.create_indexes, list(CHUNKS_INDEXES))


def answered_by_bucket(
    caller: str,
    name: str,
    db: Any,
    session: Any,
    work: Callable[[Bucket], Awaitable[R]],
) -> Any:
    """What work on a bucket of a name comes to: see `aiomongodel.calls.answered`."""

    async def done(database: Database, driver_session: Any) -> R:
        return await work(Bucket(database, name, driver_session))

    return answered(caller, db, session, done)


def acknowledged(collection: Collection) -> Collection:
    """A collection whose writes are answered: a file of which parts may be missing is none."""
    if collection.write_concern.acknowledged:
        return collection
    return collection.with_options(write_concern=WriteConcern(w=1))
