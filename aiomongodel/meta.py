"""Meta: the fields of a document class, and its options."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiomongodel.utils import shown

if TYPE_CHECKING:
    from bson.codec_options import CodecOptions
    from pymongo import IndexModel, WriteConcern
    from pymongo.read_concern import ReadConcern
    from pymongo.read_preferences import _ServerMode

    from aiomongodel.codec import Codec
    from aiomongodel.drivers import Collection, Database
    from aiomongodel.fields import Field
    from aiomongodel.queryset import MotorQuerySet


class Meta:
    """The fields of a document class, and its options.

    A class gets one as `User.meta`; the options come from the `class Meta` in its body.

    Args:
        **options: See Attributes. Two have another name here: `collection` for
            `collection_name`, and the metaclass gives `fields` and `fields_synonyms`.

    Raises:
        ValueError: There is no such option.

    Attributes:
        collection_name: The collection's name; None for an embedded document.
        indexes: The IndexModels that `create_indexes` creates.
        queryset: The class of the query sets.
        default_query: The query that each query of a query set is joined with.
        default_sort: The order of documents in `find` where none is given.
        codec_options: The collection's codec options.
        read_preference: The collection's read preference.
        read_concern: The collection's read concern.
        write_concern: The collection's write concern.
        fields: The fields by name.
        fields_synonyms: The synonyms by their fields' names.
        original_names: The fields' names by their synonyms.
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

    OPTIONS: Final = frozenset(
        {
            'codec_options',
            'collection',
            'default_query',
            'default_sort',
            'fields',
            'fields_synonyms',
            'indexes',
            'queryset',
            'read_concern',
            'read_preference',
            'write_concern',
        }
    )

    codec: Codec

    def __init__(self, **options: Any) -> None:
        unknown = sorted(options.keys() - self.OPTIONS)
        if unknown:
            raise ValueError(f'Unrecognized Meta options: {", ".join(unknown)}')
        self.collection_name: str | None = options.get('collection')
        self.indexes: Sequence[IndexModel] | None = options.get('indexes')
        self.queryset: type[MotorQuerySet[Any]] | None = options.get('queryset')
        self.default_query: Mapping[str, Any] = options.get('default_query') or {}
        self.default_sort: Any = options.get('default_sort')
        self.codec_options: CodecOptions[Any] | None = options.get('codec_options')
        self.read_preference: _ServerMode | None = options.get('read_preference')
        self.read_concern: ReadConcern | None = options.get('read_concern')
        self.write_concern: WriteConcern | None = options.get('write_concern')
        self.fields: OrderedDict[str, Field[Any]] = options.get('fields') or OrderedDict()
        self.fields_synonyms: dict[str, str] = options.get('fields_synonyms') or {}
        self.original_names: dict[str, str] = {}
        self._check_values()

    def _check_values(self) -> None:
        if self.collection_name is not None and not isinstance(self.collection_name, str):
            raise ValueError(f'collection {shown(self.collection_name)} must be a str')
        if not isinstance(self.default_query, Mapping):
            raise ValueError(f'default_query {shown(self.default_query)} must be a dict')
        if self.queryset is not None and not isinstance(self.queryset, type):
            raise ValueError(f'queryset {shown(self.queryset)} must be a class')

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
        """
        name = str(self.collection_name)
        return db.get_collection(name, **self.collection_options())
