"""FileField: a file in GridFS, whose `_id` a document stores."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from bson import ObjectId

from aiomongodel import errors
from aiomongodel.fields.base import ConvertedField, Field, FieldOptions, V
from aiomongodel.fields.containers import require_field
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.scalars import ObjectIdField
from aiomongodel.fields.source import Branch, Names, check_of, found_by
from aiomongodel.files import StoredFile
from aiomongodel.files.bucket import Bucket, answered_by_bucket
from aiomongodel.files.streams import AsyncSource, Source, require_source
from aiomongodel.files.uploading import CHUNK_SIZE, MAX_CHUNK_SIZE, uploaded
from aiomongodel.utils import COLLECTION_NAME, _Empty, is_collection_name, is_text, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter
    from aiomongodel.handles import (
        AsyncHandle,
        AsyncSessionArgument,
        SyncHandle,
        SyncSessionArgument,
    )


class FileOptions(FieldOptions[V], total=False):
    """The options of a field of files."""

    bucket: str
    id_field: Field[Any] | None


class FileField(ConvertedField[V]):
    """A file in GridFS: the document stores its `_id`, and reads as a `StoredFile`.

    Reading the field asks the server nothing. `upload` stores a file, and gives what is to be
    assigned; the `StoredFile` opens, downloads and deletes it. Files are streamed, a chunk at a
    time, and take no part in transactions.

    A file stays when a document that refers to it is replaced or deleted: delete it yourself, once
    the document has been written. What fails in between leaves a file behind, and no document
    without its file.

    Args:
        bucket: The bucket of GridFS.
        id_field: The field that the `_id` of a file follows; ObjectIdField by default.
        **options: See `Field`.

    Raises:
        TypeError: `id_field` is no field.

    Example:
        >>> from aiomongodel import Document
        >>> class Post(Document):
        ...     photo = FileField(bucket='photos')
        >>> photo = await Post.photo.upload(db, b'...', filename='a.png')
        >>> post = await Post(photo=photo).save(db)
        >>> (await Post.q(db).get(post._id)).photo == photo
        True
    """

    value_type = StoredFile

    @overload
    def __init__(
        self: FileField[StoredFile],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FileOptions[StoredFile]],
    ) -> None: ...
    @overload
    def __init__(
        self: FileField[StoredFile | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FileOptions[StoredFile | None]],
    ) -> None: ...
    def __init__(
        self, *, bucket: str = 'fs', id_field: Field[Any] | None = None, **options: Any
    ) -> None:
        id_field = ObjectIdField() if id_field is None else id_field
        require_field(id_field, 'id_field')
        super().__init__(**options)
        self.bucket = bucket
        self.id_field = id_field

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.id_field.__set_name__(owner, name)

    @overload
    def upload(
        self,
        db: SyncHandle,
        source: Source,
        *,
        filename: str,
        metadata: Mapping[str, Any] | None = None,
        chunk_size: int = CHUNK_SIZE,
        _id: Any = None,
        session: SyncSessionArgument = None,
    ) -> StoredFile: ...
    @overload
    def upload(
        self,
        db: AsyncHandle,
        source: AsyncSource,
        *,
        filename: str,
        metadata: Mapping[str, Any] | None = None,
        chunk_size: int = CHUNK_SIZE,
        _id: Any = None,
        session: AsyncSessionArgument = None,
    ) -> Coroutine[Any, Any, StoredFile]: ...
    def upload(
        self,
        db: Any,
        source: Any,
        *,
        filename: str,
        metadata: Mapping[str, Any] | None = None,
        chunk_size: int = CHUNK_SIZE,
        _id: Any = None,
        session: Any = None,
    ) -> Any:
        """Store a file, of which nothing is left where that fails or is cancelled.

        Args:
            db: The database, as `q` takes it.
            source: Bytes; a file that is open in binary mode, which is read in a thread where an
                event loop runs; or an iterable of bytes, asynchronous or not.
            filename: The file's name, for people.
            metadata: What else is to be kept with it.
            chunk_size: The bytes of a chunk.
            _id: Its `_id`; a new one by default, of the `default` of `id_field` where it has one.
            session: The session to do it in; not one that is in a transaction.

        Returns:
            What is to be assigned to the field of a document.

        Raises:
            TypeError: The source is none, or gives something else than bytes.
            ValueError: The chunk size is out of range, or an `_id` is needed.
            QueryError: The `_id` is not of the `id_field`.
            DuplicateKeyError: The bucket has a file of this `_id`.
            SessionError: The session is in a transaction.

        Example:
            >>> from aiomongodel import Document
            >>> class Post(Document):
            ...     photo = FileField()
            >>> photo = await Post.photo.upload(
            ...     db, [b'one', b'two'], filename='a.txt', metadata={'by': 'Ann'})
            >>> info = await photo.info(db)
            >>> info.filename, info.length, info.metadata
            ('a.txt', 6, {'by': 'Ann'})
        """
        caller = f'{self._label}.upload'
        require_source(source, caller)
        require_description(caller, filename, metadata, chunk_size)
        file = StoredFile(self._new_id() if _id is None else self._stored_id(_id), self.bucket)

        async def work(bucket: Bucket) -> StoredFile:
            await uploaded(bucket, file._id, source, filename, metadata, chunk_size)
            return file

        return answered_by_bucket(caller, self.bucket, db, session, work)

    def _new_id(self) -> Any:
        if self.id_field.default is not _Empty:
            return self._stored_id(self.id_field._get_default())
        if isinstance(self.id_field, ObjectIdField):
            return ObjectId()
        raise ValueError(
            f'{self._label}.upload needs an _id: its id_field, a {type(self.id_field).__name__}, '
            'has no default'
        )

    def _stored_id(self, _id: Any) -> Any:
        """The stored form of an `_id`.

        Raises:
            QueryError: The `id_field` cannot store it.
        """
        return stored(self.id_field, _id)

    def _check_definition(self) -> None:
        """Refuse a bucket of no name, and what the `id_field` refuses."""
        if not is_collection_name(self.bucket):
            raise ValueError(f'bucket {shown(self.bucket)} must be {COLLECTION_NAME}')
        self.id_field._check_definition()
        super()._check_definition()

    def _storable(self, value: Any) -> Any:
        if isinstance(value, StoredFile) and value.bucket != self.bucket:
            refuse(self, value, f'in the bucket {self.bucket!r}')
        return None if value is None else stored(self, value)

    # The conversions, and the rules.

    def convert(self, value: Any) -> Any:
        """Convert an `_id` to the file that has it; what is none stays as it is."""
        if isinstance(value, StoredFile):
            return value
        _id = self.id_field.from_data(value)
        is_id = self.id_field._is_of_type(_id)
        return StoredFile(self.id_field.to_mongo(_id), self.bucket) if is_id else value

    def to_mongo(self, value: Any) -> Any:
        """Convert a file to its `_id`; what is none stays as it is."""
        return value._id if isinstance(value, StoredFile) else value

    def from_mongo(self, value: Any) -> Any:
        """Convert an `_id` to the file that has it; what is none stays as it is."""
        if value is None:
            return value
        _id = self.id_field.from_mongo(value)
        if not self.id_field._is_of_type(_id):
            return value
        return StoredFile(self.id_field.to_mongo(_id), self.bucket)  # alike for all clients

    def to_json(self, value: Any) -> Any:
        """The form in JSON of the `_id`."""
        if not isinstance(value, StoredFile):
            return super().to_json(value)
        return self.id_field.to_json(self.id_field.from_mongo(value._id))

    def from_json(self, value: Any) -> Any:
        """Convert the form in JSON of an `_id` to the file that has it."""
        return self.from_data(self.id_field.from_json(value))

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What the `id_field` says."""
        return schema.rules_of(self.id_field)

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What the `id_field` says."""
        return schema.rules_of(self.id_field)

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`."""
        return names.call(self.to_mongo, value)

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        return names.call(self.from_mongo, value)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The bucket, then the rules of the `id_field`."""
        other = f'{value}.bucket != {names.bind(self.bucket, "bucket")}'
        check_id, convert = check_of(self.id_field), self.id_field.from_mongo
        check = names.bind(lambda file: check_id(convert(file._id)), 'check_id')
        return [
            Branch(other, names.error(errors.FILE_OF_ANOTHER_BUCKET, self.bucket)),
            found_by(check, value, names),
        ]


def require_description(caller: str, filename: object, metadata: object, chunk_size: Any) -> None:
    """Refuse what cannot be stored with a file."""
    if not is_text(filename):
        raise TypeError(f'filename of {caller} must be a str, not {shown(filename)}')
    if metadata is not None and not isinstance(metadata, Mapping):
        raise TypeError(f'metadata of {caller} must be a dict, not {shown(metadata)}')
    is_number = isinstance(chunk_size, int) and not isinstance(chunk_size, bool)
    if not is_number or not 1 <= chunk_size <= MAX_CHUNK_SIZE:
        raise ValueError(
            f'chunk_size of {caller} must be a number of bytes from 1 to {MAX_CHUNK_SIZE}, '
            f'not {shown(chunk_size)}'
        )
