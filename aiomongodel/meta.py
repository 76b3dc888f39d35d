"""Meta: the fields of a document class, and its options."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bson.codec_options import CodecOptions
from pymongo import IndexModel, WriteConcern
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import (
    Nearest,
    Primary,
    PrimaryPreferred,
    Secondary,
    SecondaryPreferred,
)

from aiomongodel.fields.keys import KEY, is_key
from aiomongodel.utils import COLLECTION_NAME, is_collection_name, is_text, shown

if TYPE_CHECKING:
    from pymongo.read_preferences import _ServerMode

    from aiomongodel.codec import Codec
    from aiomongodel.drivers import Collection, Database
    from aiomongodel.fields import DateTimeField, Field, GuardField
    from aiomongodel.hooks import Hook, Receiver
    from aiomongodel.polymorphism import Family
    from aiomongodel.queryset import MotorQuerySet
    from aiomongodel.synchronous import QuerySet


def is_a(*kinds: type) -> Callable[[object], bool]:
    """A test whether a value is of one of the kinds."""
    return lambda value: isinstance(value, kinds)


def is_sort(value: object) -> bool:
    """Whether the driver takes the value for an order: it is a mapping, or a list of pairs."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)
        for pair in value
    )


def are_indexes(value: object) -> bool:
    """Whether `create_indexes` takes the value."""
    return isinstance(value, Sequence) and all(isinstance(index, IndexModel) for index in value)


def is_one_of(*values: str) -> Callable[[object], bool]:
    """A test whether a value is one of some strings."""
    return lambda value: isinstance(value, str) and value in values


def is_name(value: object) -> bool:
    """Whether a value can be the name that is stored for a class."""
    return is_text(value) and value != ''


def is_discriminator(value: object) -> bool:
    """Whether a value can be the key of the names of classes."""
    return is_key(value) and value != '_id'


VALID_OPTIONS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    'abstract': (is_a(bool), 'True or False'),
    'codec_options': (is_a(CodecOptions), 'CodecOptions'),
    'collection': (is_collection_name, COLLECTION_NAME),
    'default_query': (is_a(Mapping), 'a dict'),
    'default_sort': (is_sort, 'a list of pairs of a key and a direction'),
    'discriminator': (is_discriminator, f'{KEY}, and not _id'),
    'discriminator_value': (is_name, 'a str that is not empty'),
    'extra': (is_one_of('ignore', 'keep', 'forbid'), "'ignore', 'keep' or 'forbid'"),
    'indexes': (are_indexes, 'a list of IndexModel'),
    'inherit_options': (is_a(bool), 'True or False'),
    'queryset': (is_a(type), 'a class'),
    'read_concern': (is_a(ReadConcern), 'a ReadConcern'),
    'read_preference': (
        is_a(Primary, PrimaryPreferred, Secondary, SecondaryPreferred, Nearest),
        'a ReadPreference',
    ),
    'sync_queryset': (is_a(type), 'a class'),
    'track_changes': (is_a(bool), 'True or False'),
    'unknown_class': (is_one_of('raise', 'parent'), "'raise' or 'parent'"),
    'write_concern': (is_a(WriteConcern), 'a WriteConcern'),
}
"""What the value of an option must be: a test, and the words for it."""


class Meta:
    """The fields of a document class, and its options.

    A class gets one as `User.meta`; the options come from the `class Meta` in its body.

    Args:
        **options: See Attributes. Two have another name here: `collection` for
            `collection_name`, and the metaclass gives `fields` and `fields_synonyms`.

    Raises:
        ValueError: There is no such option, or its value is of another kind.

    Attributes:
        collection_name: The collection's name; None for an embedded document, and where the class
            is abstract.
        indexes: The IndexModels that `create_indexes` creates.
        queryset: The class of the query sets whose calls are awaited.
        sync_queryset: The class of the query sets of a synchronous database; None for QuerySet.
        has_own_queryset: Whether the class names `queryset` itself.
        default_query: The query that each query of a query set is joined with.
        own_query: The same without what leaves out documents that are marked as deleted.
        default_sort: The order of documents in `find` where none is given.
        codec_options: The collection's codec options.
        read_preference: The collection's read preference.
        read_concern: The collection's read concern.
        write_concern: The collection's write concern.
        track_changes: Whether its documents keep what was stored, so that changes can be saved.
        is_abstract: Whether the class has no collection, and is there for others to inherit from.
        inherits_options: Whether options that its `class Meta` does not give come from its bases.
        discriminator: The key under which the name of a document's class is stored; None where
            there is none.
        discriminator_value: The name that is stored under it for this class.
        unknown_class: What a document with the name of no class becomes: `'raise'` or `'parent'`.
        extra: What becomes of stored keys that no field has: `'ignore'`, `'keep'` or `'forbid'`.
        family: The classes that share the discriminator; None where there is none.
        given: The options that the `class Meta` gives itself.
        fields: The fields by name.
        fields_synonyms: The synonyms by their fields' names.
        original_names: The fields' names by their synonyms.
        guards: The fields that guard its documents against lost updates.
        deletion_field: The field of the mark of deleted documents; None where there is none.
        fillers: The fields that get their values when a document is written.
        hooks: What is called before and after something is done to a document, by event.
        receivers: What `receiver` has connected to the class itself.
        is_attended: Whether there are hooks or fillers, for which a write has to care.
        loads_hooked: Whether its query sets may load documents with hooks.
        codec: What the class is compiled to.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class User(Document):
        ...     name = StrField()
        ...     class Meta:
        ...         collection = 'users'
        >>> User.meta.collection_name, list(User.meta.fields)
        ('users', ['name', '_id'])
    """

    OPTIONS: Final = frozenset({*VALID_OPTIONS, 'fields', 'fields_synonyms'})

    codec: Codec

    def __init__(self, **options: Any) -> None:
        unknown = sorted(options.keys() - self.OPTIONS)
        if unknown:
            raise ValueError(f'Unrecognized Meta options: {", ".join(unknown)}')
        for option, (is_valid, kind) in VALID_OPTIONS.items():
            value = options.get(option)
            if value is not None and not is_valid(value):
                raise ValueError(f'{option} {shown(value)} must be {kind}')
        self.collection_name: str | None = options.get('collection')
        self.indexes: Sequence[IndexModel] | None = options.get('indexes')
        self.queryset: type[MotorQuerySet[Any]] | None = options.get('queryset')
        self.has_own_queryset = self.queryset is not None
        self.sync_queryset: type[QuerySet[Any]] | None = options.get('sync_queryset')
        query = options.get('default_query')
        self.default_query: Mapping[str, Any] = {} if query is None else query
        self.own_query = self.default_query
        self.default_sort: Any = options.get('default_sort')
        self.codec_options: CodecOptions[Any] | None = options.get('codec_options')
        self.read_preference: _ServerMode | None = options.get('read_preference')
        self.read_concern: ReadConcern | None = options.get('read_concern')
        self.write_concern: WriteConcern | None = options.get('write_concern')
        self.track_changes: bool = options.get('track_changes') or False
        self.is_abstract: bool = options.get('abstract') or False
        self.inherits_options: bool = options.get('inherit_options') or False
        self.discriminator: str | None = options.get('discriminator')
        self.discriminator_value: str | None = options.get('discriminator_value')
        self.unknown_class: str | None = options.get('unknown_class')
        self.extra: str = options.get('extra') or 'ignore'
        self.family: Family | None = None
        self.given: Mapping[str, Any] = {}
        self.fields: OrderedDict[str, Field[Any]] = options.get('fields') or OrderedDict()
        self.fields_synonyms: dict[str, str] = options.get('fields_synonyms') or {}
        self.original_names: dict[str, str] = {}
        self.guards: tuple[GuardField[Any], ...] = ()
        self.deletion_field: DateTimeField[Any] | None = None
        self.fillers: tuple[Field[Any], ...] = ()
        self.hooks: dict[str, tuple[Hook, ...]] = {}
        self.receivers: list[Receiver] = []
        self.is_attended = False
        self.loads_hooked = False

    @functools.cached_property
    def stored_fields(self) -> dict[str, Field[Any]]:
        """The fields by their names in MongoDB."""
        return {field.mongo_name: field for field in self.fields.values()}

    def collection_options(self) -> dict[str, Any]:
        """The options that a driver takes for a collection."""
        return {
            'codec_options': self.codec_options,
            'read_preference': self.read_preference,
            'write_concern': self.write_concern,
            'read_concern': self.read_concern,
        }

    def collection(self, db: Database) -> Collection:
        """The driver's collection of the documents.

        Args:
            db: The driver's database.

        Raises:
            TypeError: The class is abstract.
        """
        if self.is_abstract:
            name = self.codec.document_class.__name__
            raise TypeError(
                f'{name} is abstract, as its Meta says: it has no collection; use a subclass of it'
            )
        return db.get_collection(str(self.collection_name), **self.collection_options())
