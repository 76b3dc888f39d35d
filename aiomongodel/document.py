"""Document and EmbeddedDocument, and their metaclasses."""

from __future__ import annotations

import warnings
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, overload

from bson import ObjectId

from aiomongodel import changes, definition, handles, schemas
from aiomongodel.base_document import BaseDocument, BaseDocumentMeta
from aiomongodel.codec import PARTIAL
from aiomongodel.fields import ObjectIdField
from aiomongodel.inheritance import collection_of
from aiomongodel.meta import Meta
from aiomongodel.objects import are_equal, hash_of, identity_of
from aiomongodel.polymorphism import join_family
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous import QuerySet

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
        cls.meta.collection_name = collection_of(cls)
        cls.meta.queryset = cls.meta.queryset or MotorQuerySet
        join_family(cls)
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
        join_family(cls)
        return cls


class IdAlias:
    """`id`, another name of `_id`, where a class has nothing else of this name.

    On the class it is the field `_id`. It is no argument of the constructor.
    """

    def __get__(self, instance: Any, owner: Any) -> Any:
        # Document itself has no fields.
        return owner.meta.fields.get('_id', self) if instance is None else instance._id

    def __set__(self, instance: Any, value: Any) -> None:
        instance._id = value

    def __delete__(self, instance: Any) -> None:
        del instance._id


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

    _reserves_names = True

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return are_equal(self, other)

    __hash__: ClassVar[None]  # type: ignore[assignment]  # it would change with each value


class Document(BaseDocument, metaclass=DocumentMeta):
    """The base of documents that have a collection.

    Fields are inherited, from plain mixin classes too; the options of `class Meta` are not, unless
    it says so:

    - `collection`: the collection's name; the class's name in snake_case by default;
    - `indexes`: a list of `pymongo.IndexModel`, which `create_indexes` creates;
    - `queryset`: the class of the query sets whose calls are awaited, a subclass of MotorQuerySet;
    - `sync_queryset`: the class of those of a synchronous database, a subclass of QuerySet;
    - `default_query`: a query that each query of a query set is joined with by `$and`;
    - `default_sort`: the order of documents in `find`;
    - `codec_options`, `read_preference`, `read_concern`, `write_concern`: the collection's;
    - `track_changes`: whether documents keep what was stored, for `save_changes`;
    - `abstract`: whether the class has no collection, and is there to be inherited from;
    - `inherit_options`: whether options that are not given come from the bases;
    - `discriminator`: the key under which the name of a document's class is stored, so that
      subclasses share the collection;
    - `discriminator_value`: the name that is stored; the class's name by default;
    - `unknown_class`: whether a document with a name of no class is refused, `'raise'`, or loaded
      as the class that was asked for, `'parent'`;
    - `extra`: whether stored keys that no field has are dropped, `'ignore'`, kept, `'keep'`, or
      named by `validate`, `'forbid'`.

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

    _reserves_names = True

    if TYPE_CHECKING:
        # Inferred and not declared: a class may have an `_id` of any type, and keeps that type.
        _id = cast('Any', None)
        id = cast('Any', None)
    else:
        id = IdAlias()

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        own, others = identity_of(self), identity_of(other)
        return self is other if own is None or others is None else bool(own == others)

    def __hash__(self) -> int:
        own = identity_of(self)
        if own is None:  # a hash that changed with the first save would lose it in each set
            raise TypeError(
                f'{type(self).__name__} without an _id has no hash; give it one, or save it, '
                'before it is put into a set or is a key of a dict'
            )
        return hash((type(self), hash_of(own)))

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

    @classmethod
    def mongo_schema(cls) -> dict[str, Any]:
        """The schema by which the server can check what is stored, for MongoDB's `$jsonSchema`.

        The server accepts what `validate` accepts. What `validate` refuses for its type, length,
        range, pattern or choice, or since it is absent, the server refuses, as far as `$jsonSchema`
        can say it. `set_validator` of a query set puts it to use.

        Returns:
            The schema, a new dict, under the names in MongoDB.

        Example:
            >>> from aiomongodel import Document, IntField, StrField
            >>> class Item(Document):
            ...     _id = StrField(max_length=8)
            ...     count = IntField(gte=0, mongo_name='n', required=False)
            >>> schema = Item.mongo_schema()
            >>> schema['required']
            ['_id']
            >>> schema['properties']['n']
            {'bsonType': ['int', 'long', 'bool'], 'minimum': 0}
        """
        return schemas.MongoWriter(cls).whole()

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
