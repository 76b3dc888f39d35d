"""Document and EmbeddedDocument, their metaclasses, and what they share."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast, overload

from bson import ObjectId

from aiomongodel import changes, definition, handles
from aiomongodel.codec import PARTIAL, Codec
from aiomongodel.fields import ObjectIdField
from aiomongodel.meta import Meta
from aiomongodel.nesting import checked
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous import QuerySet
from aiomongodel.utils import _Empty, keys_of, shown, snake_case

if TYPE_CHECKING:
    from motor.core import AgnosticCollection, AgnosticDatabase
    from pymongo.asynchronous.collection import AsyncCollection
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.collection import Collection

    from aiomongodel.expressions import Update
    from aiomongodel.fields import Field
    from aiomongodel.handles import (
        AsyncHandle,
        AsyncSessionArgument,
        SyncHandle,
        SyncSessionArgument,
    )

__all__ = [
    'BaseDocument',
    'BaseDocumentMeta',
    'Document',
    'DocumentMeta',
    'EmbeddedDocument',
    'EmbeddedDocumentMeta',
    'Meta',
]


class BaseDocumentMeta(type):
    """Collects the fields and the options of a document class into its `meta`."""

    meta: Meta
    _settled_types: dict[str, type | None]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> BaseDocumentMeta:
        definition.refuse_wrong_fields(name, namespace)
        cls = super().__new__(mcs, name, bases, namespace, **kwargs)
        if names := definition.names_of_fields(cls):
            ours = (Document, EmbeddedDocument, BaseDocument)
            definition.refuse_reserved_names(cls, names, ours)
            definition.give_way(cls, ours)
        cls.meta = definition.made_meta(cls, namespace.get('Meta'))
        root = next(base for base in reversed(cls.__mro__) if isinstance(base, BaseDocumentMeta))
        cls.meta.codec = Codec(cast('Any', cls), cast('Any', root), cls.meta)
        cls._settled_types = {name: each._settled_type for name, each in cls.meta.fields.items()}
        return cls


class DocumentMeta(BaseDocumentMeta):
    """Gives each document class its `_id`, its collection's name and its query set."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> DocumentMeta:
        is_root = not any(isinstance(base, DocumentMeta) for base in bases)
        parents = [parent for base in bases for parent in base.__mro__]
        has_id = '_id' in namespace or any('_id' in vars(parent) for parent in parents)
        if not is_root and not has_id:
            namespace['_id'] = ObjectIdField(required=True, default=lambda: ObjectId())
        cls = cast('DocumentMeta', super().__new__(mcs, name, bases, namespace, **kwargs))
        if not is_root:
            definition.check_id(name, cls.meta.fields.get('_id'))
        cls.meta.collection_name = cls.meta.collection_name or snake_case(name)
        cls.meta.queryset = cls.meta.queryset or MotorQuerySet
        return cls


class EmbeddedDocumentMeta(BaseDocumentMeta):
    """Refuses a collection for documents that are stored within others."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> EmbeddedDocumentMeta:
        cls = cast('EmbeddedDocumentMeta', super().__new__(mcs, name, bases, namespace, **kwargs))
        if cls.meta.collection_name is not None:
            raise ValueError(
                f'collection {cls.meta.collection_name!r} in {name}.Meta: '
                'an EmbeddedDocument has none, a Document has'
            )
        if cls.meta.track_changes:
            raise ValueError(
                f'track_changes True in {name}.Meta: an EmbeddedDocument is tracked with the '
                'Document that holds it; set it in the Meta of that'
            )
        return cls


class BaseDocument(metaclass=BaseDocumentMeta):
    """What Document and EmbeddedDocument share.

    The values of a document lie in its `__dict__`, under the names of the fields. What has a
    stored form of its own is there in that form, under the name with a dot before, until it is
    read.

    Args:
        _empty: Set nothing, not even the defaults.
        **kwargs: The values, by the names of fields or synonyms. They are converted, but not
            validated; other names are ignored.
    """

    __slots__ = ('__dict__', '__weakref__')

    meta: ClassVar[Meta]

    def __init__(self, /, *, _empty: bool = False, **kwargs: Any) -> None:
        if not _empty:
            self.meta.codec.fill(self, kwargs)

    if not TYPE_CHECKING:  # a type checker would let every name pass

        def __setattr__(self, name, value):
            if type(value) is self._settled_types.get(name):  # the rest takes a third longer
                self.__dict__[name] = value
                return
            convert = self.meta.codec.setters.get(name)
            if convert is None:
                super().__setattr__(name, value)
            else:
                self.__dict__[name] = convert(value)

        def __delattr__(self, name):
            name = self.meta.original_names.get(name, name)
            if name not in self.meta.fields:
                super().__delattr__(name)
            else:
                places = (name, self.meta.fields[name]._unread)
                if not any(place in self.__dict__ for place in places):
                    raise AttributeError(f'{type(self).__name__}.{name} is unset already')
                for place in places:
                    self.__dict__.pop(place, None)

    @property
    def _data(self) -> OrderedDict[str, Any]:
        return self.to_data()

    def to_data(self) -> OrderedDict[str, Any]:
        """The values that are set, by the names of their fields, in the order of the fields.

        Documents and lists within are the document's own, not copies.

        Example:
            >>> from aiomongodel import EmbeddedDocument, IntField, StrField
            >>> class Item(EmbeddedDocument):
            ...     name = StrField()
            ...     price = IntField()
            >>> dict(Item(name='pen').to_data())
            {'name': 'pen'}
        """
        values = ((name, field._read(self, _Empty)) for name, field in self.meta.fields.items())
        return OrderedDict((name, value) for name, value in values if value is not _Empty)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make a document from what a user gave, say in a request.

        Args:
            data: The values by the names of fields or synonyms; other names are ignored.

        Raises:
            TypeError: The data is not a mapping.

        Example:
            >>> from aiomongodel import EmbeddedDocument, IntField
            >>> class Item(EmbeddedDocument):
            ...     price = IntField(default=0)
            >>> Item.from_data({'price': '7', 'colour': 'red'}).price
            7
        """
        require_mapping(data, f'{cls.__name__}.from_data')
        codec = cls.meta.codec
        return cast('Self', codec.build(data) if type(data) is dict else codec.build_copy(data))

    def populate_with_data(self, data: Mapping[str, Any]) -> Self:
        """Set values, converted as `from_data` converts them.

        Args:
            data: The values by the names of fields or synonyms.

        Raises:
            AttributeError: A name is no field's; nothing is set then.
            TypeError: The data is not a mapping.

        Example:
            >>> from aiomongodel import EmbeddedDocument, IntField
            >>> class Item(EmbeddedDocument):
            ...     price = IntField()
            >>> Item().populate_with_data({'price': '7'}).price
            7
        """
        require_mapping(data, f'{type(self).__name__}.populate_with_data')
        fields, original_names = self.meta.fields, self.meta.original_names
        values = {original_names.get(name, name): value for name, value in data.items()}
        for name in values:
            if name not in fields:
                raise AttributeError(
                    f'{type(self).__name__} has no field {shown(name)}; '
                    f'its fields are {keys_of(fields)}'
                )
        setters = self.meta.codec.setters
        converted = {name: setters[name](value) for name, value in values.items()}
        vars(self).update(converted)
        return self

    @classmethod
    def from_mongo(cls, data: Mapping[str, Any]) -> Self:
        """Make a document from stored data.

        A class may override it, say to choose the class by what is stored; every load goes
        through the override.

        Args:
            data: The data under mongo names, as the driver gives it. What is no field is ignored.

        Raises:
            TypeError: The data is not a mapping.

        Example:
            >>> from aiomongodel import EmbeddedDocument, StrField
            >>> class Item(EmbeddedDocument):
            ...     name = StrField(mongo_name='n')
            >>> Item.from_mongo({'n': 'pen'}).name
            'pen'
        """
        require_mapping(data, f'{cls.__name__}.from_mongo')
        try:
            data = detached(data)
        except RecursionError:  # `validate` refuses it
            data = dict(data)
        return cast('Self', cls.meta.codec.load(cast('dict[str, Any]', data)))

    def to_mongo(self) -> dict[str, Any]:
        """The stored form of the document, in a new dict under mongo names.

        It has the fields that are set, in the order of the fields.

        Example:
            >>> from aiomongodel import EmbeddedDocument, StrField
            >>> class Item(EmbeddedDocument):
            ...     name = StrField(mongo_name='n')
            >>> Item(name='pen').to_mongo()
            {'n': 'pen'}
        """
        return cast('dict[str, Any]', detached(self.meta.codec.dump(self)))

    @classmethod
    def validate_document(cls, document: BaseDocument) -> None:
        """Check a document by the rules of this class, which may be a base of its own.

        Args:
            document: The document.

        Raises:
            ValidationError: It breaks some rules; the error has all of them, by field.
        """
        if type(document) is not cls:
            document.to_data()  # reads each value as its own class stores it
        error = checked(cls.meta.codec.check, document)
        try:
            if error is not None:
                raise error
        finally:
            del error  # or its traceback would hold it, until garbage collection finds them

    def validate(self) -> Self:
        """Check the document by the rules of its class.

        Nothing else validates a document, except `create` and the writes of many documents.

        Returns:
            The document.

        Raises:
            ValidationError: It breaks some rules; the error has all of them, by field.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> from aiomongodel.errors import ValidationError
            >>> class User(Document):
            ...     age = IntField(gte=0)
            >>> try:
            ...     User(age=-1).validate()
            ... except ValidationError as error:
            ...     print(error.as_dict())
            {'age': 'value is less than 0'}
        """
        self.validate_document(self)
        return self


CONTAINERS: Final = (dict, list)


def require_mapping(data: object, caller: str) -> None:
    """Refuse data that is no mapping."""
    if not isinstance(data, Mapping):
        raise TypeError(f'{caller} takes a dict, not {shown(data)}')


def detached(data: Any) -> Any:
    """A copy of a mapping or a list of stored data, which shares nothing that could be changed."""
    if isinstance(data, list):
        return [detached(value) if isinstance(value, CONTAINERS) else value for value in data]
    return {
        key: detached(value) if isinstance(value, CONTAINERS) else value
        for key, value in data.items()
    }


class EmbeddedDocument(BaseDocument, metaclass=EmbeddedDocumentMeta):
    """The base of documents that are stored within others.

    Args:
        _empty: Set nothing, not even the defaults.
        **kwargs: The values, by the names of fields or synonyms. They are converted, but not
            validated; other names are ignored.

    Example:
        >>> from aiomongodel import Document, EmbDocField, StrField
        >>> class Address(EmbeddedDocument):
        ...     city = StrField()
        >>> class User(Document):
        ...     address = EmbDocField(Address)
        >>> User(address=Address(city='Kyiv')).address.city
        'Kyiv'
    """

    __slots__ = ()


class Document(BaseDocument, metaclass=DocumentMeta):
    """The base of documents that have a collection.

    Fields are inherited, from plain mixin classes too; the options of `class Meta` are not:

    - `collection`: the collection's name; the class's name in snake_case by default;
    - `indexes`: a list of `pymongo.IndexModel`, which `create_indexes` creates;
    - `queryset`: the class of the query sets whose calls are awaited, a subclass of MotorQuerySet;
    - `sync_queryset`: the class of those of a synchronous database, a subclass of QuerySet;
    - `default_query`: a query that each query of a query set is joined with by `$and`;
    - `default_sort`: the order of documents in `find`;
    - `codec_options`, `read_preference`, `read_concern`, `write_concern`: the collection's;
    - `track_changes`: whether documents keep what was stored, for `save_changes`.

    Args:
        _empty: Set nothing, not even the defaults.
        **kwargs: The values, by the names of fields or synonyms. They are converted, but not
            validated; other names are ignored.

    Example:
        >>> from datetime import datetime
        >>> from pymongo import IndexModel
        >>> from aiomongodel import DateTimeField, StrField
        >>> class User(Document):
        ...     name = StrField(max_length=20)
        ...     created = DateTimeField(default=datetime.now)
        ...     class Meta:
        ...         collection = 'users'
        ...         indexes = [IndexModel('name', unique=True)]
        ...         default_sort = [('created', -1)]
        >>> User(name='Ann').validate().name
        'Ann'
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # Inferred and not declared: a class may have an `_id` of any type, and keeps that type.
        _id = cast('Any', None)

    @overload
    @classmethod
    def q(cls, db: SyncHandle, session: SyncSessionArgument = None) -> QuerySet[Self]: ...
    @overload
    @classmethod
    def q(cls, db: AsyncHandle, session: AsyncSessionArgument = None) -> MotorQuerySet[Self]: ...
    @classmethod
    def q(cls, db: Any, session: Any = None) -> Any:
        """The query set of the documents in a database.

        Args:
            db: The database of a Motor client, an AsyncMongoClient or a MongoClient; or a session
                or transaction of ours.
            session: The session or transaction of each call that is given none: ours or the
                driver's.

        Returns:
            A MotorQuerySet, or for a MongoClient a QuerySet, whose calls are not awaited.

        Raises:
            TypeError: It is no database; or the class has query sets of its own, and none for this
                kind of database.
            SessionError: The session is not of the database's client, or not in use.

        Example:
            >>> await User.q(db).count_documents({User.name.s: 'Ann'})
            1
        """
        if handles.is_blocking(db, f'{cls.__name__}.q'):
            return definition.sync_queryset(cls)(cls, db, session)
        return definition.async_queryset(cls)(cls, db, session)

    @overload
    @classmethod
    def coll(cls, db: SyncHandle) -> Collection[Any]: ...
    @overload
    @classmethod
    def coll(cls, db: AsyncDatabase[Any]) -> AsyncCollection[Any]: ...
    @overload
    @classmethod
    def coll(cls, db: AgnosticDatabase[Any]) -> AgnosticCollection[Any]: ...
    @overload
    @classmethod
    def coll(cls, db: AsyncHandle) -> Any: ...
    @classmethod
    def coll(cls, db: Any) -> Any:
        """The driver's collection of the documents.

        Args:
            db: The database, as `q` takes it.

        Raises:
            TypeError: It is not a database.
        """
        return cls.q(db).coll

    @overload
    @classmethod
    def create_collection(
        cls, db: SyncHandle, session: SyncSessionArgument = None
    ) -> Collection[Any]: ...
    @overload
    @classmethod
    def create_collection(
        cls, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, Any]: ...
    @classmethod
    def create_collection(cls, db: Any, session: Any = None) -> Any:
        """Create the collection, with the options of the class's Meta.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The driver's collection.
        """
        return cls.q(db, session).create_collection()

    @overload
    @classmethod
    def create(cls, db: SyncHandle, session: SyncSessionArgument = None, **kwargs: Any) -> Self: ...
    @overload
    @classmethod
    def create(
        cls, db: AsyncHandle, session: AsyncSessionArgument = None, **kwargs: Any
    ) -> Coroutine[Any, Any, Self]: ...
    @classmethod
    def create(cls, db: Any, session: Any = None, **kwargs: Any) -> Any:
        """Deprecated: use `create` of the query set."""
        warnings.warn('Use `create` method of `queryset` instead', DeprecationWarning, stacklevel=2)
        return cls.q(db, session).create(**kwargs)

    @property
    def query_id(self) -> dict[str, Any]:
        """The query that finds the document by its `_id`."""
        return {'_id': self.meta.fields['_id'].to_mongo(self._id)}

    @property
    def is_partial(self) -> bool:
        """Whether the document was loaded through a projection, so that `save` refuses it."""
        return PARTIAL in vars(self)

    @overload
    def save(
        self, db: SyncHandle, do_insert: bool = False, session: SyncSessionArgument = None
    ) -> Self: ...
    @overload
    def save(
        self, db: AsyncHandle, do_insert: bool = False, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, Self]: ...
    def save(self, db: Any, do_insert: bool = False, session: Any = None) -> Any:
        """Store the document. It is not validated: call `validate` before.

        In a class with a RevisionField or a LockField it is stored only where what is stored is
        still what this document knows of.

        Args:
            db: The database, as `q` takes it.
            do_insert: Insert it, and refuse to replace one of the same `_id`.
            session: The session to do it in.

        Returns:
            The document.

        Raises:
            PartialDocumentError: It was loaded through a projection; nothing is written.
            DuplicateKeyError: A unique index refuses it.
            StaleDocumentError: Somebody has changed it since it was loaded (RevisionField).
            DocumentLockedError: Another owner holds its lock (LockField).
            LockLostError: This owner has lost its lock (LockField).

        Example:
            >>> user = await User(name='Ann').validate().save(db, do_insert=True)
        """
        return type(self).q(db, session).save(self, do_insert)

    @overload
    def save_changes(self, db: SyncHandle, session: SyncSessionArgument = None) -> Self: ...
    @overload
    def save_changes(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, Self]: ...
    def save_changes(self, db: Any, session: Any = None) -> Any:
        """Store what has changed since the document was loaded or stored, and nothing else.

        Where nothing has changed, the server is not asked. What others have changed meanwhile
        stays; what they would have to change back is refused. The document is not validated: call
        `validate` before. The class must have `track_changes = True` in its Meta.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The document.

        Raises:
            TypeError: The class does not track changes.
            ValueError: The document was never stored, or its `_id` has changed.
            DocumentNotFoundError: It is gone.
            StaleDocumentError: Somebody has changed a list or a document that it replaces, or an
                item that it changes; nothing is written.
            DuplicateKeyError: A unique index refuses the change.

        Example:
            >>> from aiomongodel import Document, StrField
            >>> class Page(Document):
            ...     title = StrField()
            ...     body = StrField(required=False)
            ...     class Meta:
            ...         track_changes = True
            >>> page = await Page(title='Home').save(db)
            >>> page.title = 'Start'
            >>> page = await page.save_changes(db)
            >>> page.is_changed()
            False
        """
        return type(self).q(db, session).save_changes(self)

    def changes(self) -> Update:
        """What has changed since the document was loaded or stored, as an update of MongoDB's.

        Returns:
            The update, in a new dict; it is empty where nothing has changed.

        Raises:
            TypeError: The class does not track changes.
            ValueError: The document was never stored, or its `_id` has changed.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Page(Document):
            ...     title = StrField()
            ...     tags = ListField(StrField())
            ...     class Meta:
            ...         track_changes = True
            >>> page = Page.from_mongo({'_id': 1, 'title': 'Home', 'tags': ['old']})
            >>> page.title = 'Start'
            >>> page.tags.append('new')
            >>> page.changes()
            {'$set': {'title': 'Start'}, '$push': {'tags': {'$each': ['new']}}}
        """
        return changes.changes_of(self).update

    def is_changed(self, field: Field[Any] | str | None = None) -> bool:
        """Whether the document, or a field of it, has changed since it was loaded or stored.

        Args:
            field: The field, such as `User.address.city`, or its name; any by default.

        Raises:
            TypeError: The class does not track changes.
            ValueError: The document was never stored, or the class has no such field.

        Example:
            >>> from aiomongodel import Document, StrField
            >>> class Page(Document):
            ...     title = StrField()
            ...     body = StrField()
            ...     class Meta:
            ...         track_changes = True
            >>> page = Page.from_mongo({'_id': 1, 'title': 'Home', 'body': ''})
            >>> page.title = 'Start'
            >>> page.is_changed(), page.is_changed(Page.title), page.is_changed('body')
            (True, True, False)
        """
        return changes.is_changed(self, field)

    def revert(self) -> None:
        """Put back what the document held when it was loaded or stored.

        Raises:
            TypeError: The class does not track changes.
            ValueError: The document was never stored.

        Example:
            >>> from aiomongodel import Document, StrField
            >>> class Page(Document):
            ...     title = StrField()
            ...     class Meta:
            ...         track_changes = True
            >>> page = Page.from_mongo({'_id': 1, 'title': 'Home'})
            >>> page.title = 'Start'
            >>> page.revert()
            >>> page.title
            'Home'
        """
        changes.revert(self)

    @overload
    def reload(self, db: SyncHandle, session: SyncSessionArgument = None) -> Self: ...
    @overload
    def reload(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, Self]: ...
    def reload(self, db: Any, session: Any = None) -> Any:
        """Load the document anew, into this object.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The document.

        Raises:
            DocumentNotFoundError: It is gone.
        """
        return type(self).q(db, session).reload(self)

    @overload
    def update(
        self,
        db: SyncHandle,
        update_document: Any,
        session: SyncSessionArgument = None,
        **kwargs: Any,
    ) -> Self: ...
    @overload
    def update(
        self,
        db: AsyncHandle,
        update_document: Any,
        session: AsyncSessionArgument = None,
        **kwargs: Any,
    ) -> Coroutine[Any, Any, Self]: ...
    def update(self, db: Any, update_document: Any, session: Any = None, **kwargs: Any) -> Any:
        """Change the stored document by an update of MongoDB's, and load it anew.

        Args:
            db: The database, as `q` takes it.
            update_document: The update, such as `{'$set': {User.name.s: 'Ann'}}`. It is not
                validated.
            session: The session to do it in.
            **kwargs: The driver's arguments of `update_one`, such as `array_filters`.

        Returns:
            The document.

        Raises:
            DocumentNotFoundError: It is gone.
            DuplicateKeyError: A unique index refuses the change.

        Example:
            >>> user = await user.update(db, {'$set': {User.name.s: 'Anna'}})
        """
        return type(self).q(db, session).update(self, update_document, **kwargs)

    @overload
    def delete(self, db: SyncHandle, session: SyncSessionArgument = None) -> int | None: ...
    @overload
    def delete(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, int | None]: ...
    def delete(self, db: Any, session: Any = None) -> Any:
        """Delete the document.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The number of deleted documents, 1 or 0; None where the write concern asks for no
            answer.
        """
        return type(self).q(db, session).delete(self)
