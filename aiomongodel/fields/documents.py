"""Fields of documents: EmbDocField, RefField, and the nesting of names in both."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    TypeVar,
    Unpack,
    cast,
    overload,
)

from aiomongodel import errors, nesting
from aiomongodel.errors import QueryError
from aiomongodel.fields.base import NOT_YET, Field, FieldOptions
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import (
    Branch,
    Names,
    caught,
    check_of,
    found_by,
    loads_as_is,
    noted,
    to_mongo_source,
    validate_source,
    wrong_type,
)
from aiomongodel.polymorphism import given_class
from aiomongodel.utils import import_class, is_instance, keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.codec import Codec
    from aiomongodel.document import BaseDocument
    from aiomongodel.fields.schema import SchemaWriter
    from aiomongodel.meta import Meta


V = TypeVar('V')
D = TypeVar('D', bound='BaseDocument')
D_ = TypeVar('D_', bound='BaseDocument')
F = TypeVar('F', bound=Field[Any])


class NestingField(Field[V]):
    """A field whose documents have fields, which have names under its own: `Post.comments.body`."""

    def __getitem__(self, field: F) -> F:
        """The field of the documents within, under this field's name.

        It is the same as the attribute, but a type checker knows its type, and it reaches the
        fields that are named like an attribute of Field, such as `name`.

        Args:
            field: A field of the document class.

        Raises:
            TypeError: It is not a field.

        Example:
            >>> from aiomongodel import Document, EmbDocField, EmbeddedDocument, StrField
            >>> class City(EmbeddedDocument):
            ...     name = StrField(mongo_name='n')
            >>> class User(Document):
            ...     city = EmbDocField(City)
            >>> User.city[City.name].s
            'city.n'
        """
        if not isinstance(field, Field):
            raise TypeError(
                f'{self._label}[…] takes a field of the documents within, not {shown(field)}'
            )
        return at_path(field, f'{self.s}.{field.s}')

    def _nested(self, name: str) -> Field[Any] | None:
        try:
            document_class = self.document_class
        except NOT_YET:
            return None
        field = None if document_class is None else getattr(document_class, name, None)
        return self[field] if isinstance(field, Field) else None

    def __getattr__(self, name: str) -> Field[Any]:
        # `copy` and `pickle` ask half-made objects for their special methods.
        if name.startswith('__') or '_owner' not in vars(self):
            raise AttributeError(name)
        document_class = self.document_class
        field = None if document_class is None else getattr(document_class, name, None)
        if not isinstance(field, Field):
            within = (
                'no documents within'
                if document_class is None
                else f'{document_class.__name__} no such field'
            )
            raise AttributeError(f'{self._label} has no attribute {name!r}, and {within}')
        return self[field]


def at_path(field: F, path: str) -> F:
    """The field under a dotted path, for queries and updates."""
    nested = copy.copy(field)
    nested.mongo_name = path
    return nested


def validate_within(document: BaseDocument) -> None:
    """Validate a document within another."""
    with nesting.DEPTH:
        document.validate()


class DocumentField(NestingField[V], Generic[V, D]):
    """The base of the fields that are given a document class.

    Args:
        document_class: The class, a callable that gives it, or its absolute import path, for
            a class that does not exist yet.
        **options: See `Field`.

    Raises:
        TypeError: The class is of the wrong kind.
    """

    _kind: str
    """The base class that the document class must have."""

    def __init__(self, document_class: Any, **options: Any) -> None:
        super().__init__(**options)
        self._given_class = document_class
        self._document_class: Any = None
        if isinstance(document_class, type) or not (
            callable(document_class) or isinstance(document_class, str)
        ):
            self._document_class = self._checked(document_class)

    @property
    def document_class(self) -> type[D]:
        """The class of the documents, imported at first use where a path was given.

        Raises:
            ImportError: There is no class of this path.
            TypeError: The class is of the wrong kind.
        """
        if self._document_class is None:
            given = self._given_class
            found = import_class(given) if isinstance(given, str) else given()
            self._document_class = self._checked(found)
        return cast('type[D]', self._document_class)

    def _known_class(self) -> type[D] | None:
        """The class, or None where it does not exist yet."""
        try:
            return self.document_class
        except NOT_YET:
            return None

    def _is_document(self, value: Any) -> bool:
        return is_instance(value, self.document_class)

    def _checked(self, given: Any) -> Any:
        meta: Meta | None = getattr(given, 'meta', None)
        if isinstance(given, type) and meta is not None and self._is_of_kind(meta):
            return given
        raise TypeError(
            f'document_class of {type(self).__name__} must be a subclass of {self._kind}, '
            f'not {shown(given)}'
        )

    @staticmethod
    def _is_of_kind(meta: Meta) -> bool:
        raise NotImplementedError


class EmbDocField(DocumentField[V, D]):
    """An embedded document.

    Args:
        document_class: A subclass of EmbeddedDocument, a callable that gives it, or its absolute
            import path.
        **options: See `Field`.

    Raises:
        TypeError: The class is not a subclass of EmbeddedDocument.

    Example:
        >>> from aiomongodel import Document, EmbeddedDocument, StrField
        >>> class Address(EmbeddedDocument):
        ...     city = StrField()
        >>> class User(Document):
        ...     address = EmbDocField(Address)
        >>> User(address={'city': 'Kyiv'}).address.city
        'Kyiv'
        >>> User.address.city.s
        'address.city'
    """

    _kind = 'EmbeddedDocument'
    _embeds = True

    @overload
    def __init__(
        self: EmbDocField[D_, D_],
        document_class: type[D_] | Callable[[], type[D_]],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[D_]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbDocField[D_ | None, D_],
        document_class: type[D_] | Callable[[], type[D_]],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[D_ | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbDocField[Any, Any],
        document_class: str,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    def __init__(self, document_class: Any, **options: Any) -> None:
        super().__init__(document_class, **options)

    if TYPE_CHECKING:  # a mapping is converted when it is assigned

        def __set__(self, instance: object, value: V | Mapping[str, Any]) -> None: ...

    @staticmethod
    def _is_of_kind(meta: Meta) -> bool:
        return meta.collection_name is None and not (meta.is_abstract and '_id' in meta.fields)

    @property
    def _takes_mappings(self) -> bool:
        return True

    @property
    def _type_in_words(self) -> str:
        return f'a document of {self.document_class.__name__}, or a dict of its fields'

    def _is_of_type(self, value: Any) -> bool:
        return self._is_document(value)

    def _storable(self, value: Any) -> Any:
        if is_instance(value, Mapping) and self._takes_dicts_of_fields:
            self._require_fields(value)
        return stored(self, value)

    @property
    def _takes_dicts_of_fields(self) -> bool:
        """Whether a dict is read as ours are, not in a subclass's own way."""
        is_ours = type(self).from_data is EmbDocField.from_data
        return is_ours and not self.document_class.meta.codec.overrides('from_data')

    def _require_fields(self, value: Mapping[str, Any]) -> None:
        """Refuse a dict with other keys than the fields, or with what these cannot store."""
        meta = self._meta_of(value)
        names = {name: meta.original_names.get(name, name) for name in value}
        names.pop(str(meta.discriminator), None)
        if not meta.fields.keys() >= {*names.values()}:
            # Dropped, they would make it another value.
            refuse(self, value, f'{self._type_in_words}: {keys_of(meta.fields)}')
        try:
            with nesting.DEPTH:
                for name, field_name in names.items():
                    meta.fields[field_name]._storable(value[name])
        except RecursionError as error:
            raise QueryError(f'{self._label} cannot store {shown(value)}: {error}') from error

    def _meta_of(self, value: Mapping[str, Any]) -> Meta:
        """The meta of the class that a dict becomes, which it may name."""
        family = self.document_class.meta.family
        chosen = given_class(self.document_class, value)
        if family is not None and (chosen is None or chosen.meta.is_abstract):
            names = ', '.join(family.names_within(self.document_class))
            refuse(self, value, f'{self._type_in_words}, with {family.key!r} as one of {names}')
        return cast('Meta', chosen.meta)

    def from_data(self, value: Any) -> Any:
        """Convert a dict to a document; anything else stays as it is.

        So does a dict with more levels than MongoDB stores, which `validate` then refuses.
        """
        if not is_instance(value, Mapping):
            return value
        return nesting.converted(self.document_class.from_data, value)

    def to_mongo(self, value: Any) -> Any:
        """Convert a document to a dict; anything else stays as it is."""
        return value.to_mongo() if hasattr(value, 'to_mongo') else value

    def from_mongo(self, value: Any) -> Any:
        """Convert a dict to a document; anything else stays as it is."""
        if not isinstance(value, Mapping):
            return value
        return self.document_class.meta.codec.load_copy(value)

    def from_json(self, value: Any) -> Any:
        """Convert a JSON object to a document; anything else stays as it is."""
        return self.document_class._from_json(value) if isinstance(value, Mapping) else value

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`, with a short way for a dict, and for the class itself."""
        convert = names.call(self.from_data, value)
        codec = self._codec_where_ours('from_data')
        if codec is None or codec.is_recursive:
            return convert
        exact = names.bind(codec.document_class, 'document')
        build = names.bind(codec.build, 'build')
        other = f'{value} if type({value}) is {exact} else {convert}'
        return f'{build}({value}) if type({value}) is dict else {other}'

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`, with a short way for a dict."""
        convert = names.call(self.from_mongo, value)
        codec = self._codec_where_ours('from_mongo')
        if codec is None:
            return convert
        # A copy: two threads may read the field for the first time at once.
        load = self._compiled_source(codec, 'load', names)
        return f'{load}({value}.copy()) if type({value}) is dict else {convert}'

    def _inner_classes(self) -> list[Any]:
        return [self._known_class()]

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`, with a short way for documents of the class itself."""
        convert = names.bind(noted(self, self.to_mongo), 'to_mongo')
        codec = self._codec_where_ours('to_mongo')
        if codec is None:
            return f'{convert}({value})'
        exact = names.bind(codec.document_class, 'document')
        dump = self._compiled_source(codec, 'dump', names)
        return f'{dump}({value}) if type({value}) is {exact} else {convert}({value})'

    def type_source(self, value: str, names: Names) -> list[Branch]:
        """The branch that refuses what is no document of the class."""
        known = self._known_class()
        if known is None:
            is_document = names.bind(self._is_document, 'is_document')
            wrong = f'not {is_document}({value})'
        else:
            kind = names.bind(known, 'document')
            wrong = wrong_type(value, kind)
        return [Branch(wrong, names.error(errors.INVALID_TYPE))]

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The document's own errors, with a short way for documents of the class itself."""
        check = names.bind(caught(validate_within, self._label), 'error_of')
        codec = self._codec_where_ours('validate', 'validate_document')
        if codec is None:
            return [found_by(check, value, names)]
        exact = names.bind(codec.document_class, 'document')
        error, check_exact = names.new('error'), self._compiled_source(codec, 'check', names)
        found = f'{check_exact}({value}) if type({value}) is {exact} else {check}({value})'
        return [Branch(f'({error} := {found}) is not None', error)]

    @staticmethod
    def _compiled_source(codec: Codec, function: str, names: Names) -> str:
        """The expression of a compiled function of the class."""
        if codec.is_recursive:  # looked up when it is used: the class is being compiled now
            return f'{names.bind(codec, "codec")}.{function}'
        return names.bind(getattr(codec, function), function)

    def _codec_where_ours(self, *methods: str) -> Codec | None:
        """The codec of the class, where its documents do in none of the methods as they like."""
        known = self._known_class()
        if known is None or any(map(known.meta.codec.overrides, methods)):
            return None
        return known.meta.codec

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """The document's own."""
        return schema.of_documents(self.document_class)

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """The document's own."""
        return schema.of_documents(self.document_class)


class RefField(DocumentField[V, Any]):
    """A reference to a document of a collection, stored as the document's `_id`.

    Reading gives what was assigned, a document or an `_id`; after loading, the `_id`. No query is
    hidden behind it.

    Args:
        document_class: A subclass of Document, a callable that gives it, or its absolute
            import path.
        **options: See `Field`.

    Raises:
        TypeError: The class is not a subclass of Document.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class User(Document):
        ...     _id = StrField()
        >>> class Post(Document):
        ...     author = RefField(User, mongo_name='user')
        >>> Post(_id=None, author=User(_id='ann')).to_mongo()['user']
        'ann'
    """

    _kind = 'Document'

    @overload
    def __init__(
        self: RefField[D_ | Any],
        document_class: type[D_] | Callable[[], type[D_]],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: RefField[D_ | Any | None],
        document_class: type[D_] | Callable[[], type[D_]],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: RefField[Any],
        document_class: str,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    def __init__(self, document_class: Any, **options: Any) -> None:
        super().__init__(document_class, **options)

    @staticmethod
    def _is_of_kind(meta: Meta) -> bool:
        return '_id' in meta.fields and meta.collection_name is not None

    @property
    def _id_field(self) -> Field[Any]:
        """The `_id` field of the documents that are referred to."""
        return cast('Field[Any]', self.document_class.meta.fields['_id'])

    def _id_of(self, value: Any) -> Any:
        """The `_id` of a document; any other value is taken for an `_id`."""
        return value._id if self._is_document(value) else value

    def _storable(self, value: Any) -> Any:
        document_id = self._id_of(value)
        if document_id is None and value is not None:
            refuse(self, value, 'a document with an _id')
        if nesting.is_document(document_id):
            refuse(self, value, f'a document of {self.document_class.__name__}, or an _id')
        own = type(self)
        if (own.from_data, own.to_mongo) != (RefField.from_data, RefField.to_mongo):
            return stored(self, value)
        try:
            return self._id_field._storable(document_id)
        except QueryError as error:
            raise QueryError(f'{self._label}: {error}') from error

    def from_data(self, value: Any) -> Any:
        """Convert as the `_id` field does; a document, of whatever class, stays as it is."""
        if value is None or nesting.is_document(value):
            return value
        return self._id_field.from_data(value)

    def to_mongo(self, value: Any) -> Any:
        """Convert a document, or an `_id`, to the stored form of the `_id`."""
        return None if value is None else self._id_field.to_mongo(self._id_of(value))

    def from_mongo(self, value: Any) -> Any:
        """Convert as the `_id` field does."""
        return None if value is None else self._id_field.from_mongo(value)

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        return convert(self._id_field, self._id_of(value))

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`, with a short way for an `_id` that stays as it is."""
        convert = names.call(self.from_data, value)
        if self._known_class() is None or self._id_field._settled_type is None:
            return convert
        settled = names.bind(self._id_field._settled_type, 'type')
        return f'{value} if type({value}) is {settled} else {convert}'

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where the `_id` is known to be stored as it is."""
        if self._known_class() is not None and loads_as_is(self._id_field):
            return None
        return names.call(self.from_mongo, value)

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`, with a short way for an `_id` that is stored as it is."""
        convert = names.call(self.to_mongo, value)
        if self._known_class() is None:
            return convert
        kind = self._id_field.field_type
        if kind is None or to_mongo_source(self._id_field, value, names) is not None:
            return convert
        return f'{value} if type({value}) is {names.bind(kind, "type")} else {convert}'

    def validate_source(self, value: str, names: Names) -> list[Branch]:
        """None as of any field, then the rules of the `_id` field."""
        none = self._none_branch(value, names)
        if self._known_class() is None:
            check = names.bind(lambda given: check_of(self._id_field)(self._id_of(given)), 'check')
            return [none, found_by(check, value, names)]
        document_id = names.new('id')
        without_id = f'({document_id} := {self._id_source(value, names)}) is None'
        return [
            none,
            Branch(without_id, names.error(errors.NONE_IS_NOT_ALLOWED)),
            *validate_source(self._id_field, document_id, names),
        ]

    def _id_source(self, value: str, names: Names) -> str:
        """The expression of `_id_of`, with a short way for a value of the type of the `_id`."""
        id_of = f'{names.bind(self._id_of, "id_of")}({value})'
        if self._id_field.field_type is None:
            return id_of
        kind = names.bind(self._id_field.field_type, 'type')
        return f'{value} if type({value}) is {kind} else {id_of}'

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """Those of the `_id` field."""
        return schema.rules_of(self._id_field)

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """Those of the `_id` field."""
        return schema.rules_of(self._id_field)
