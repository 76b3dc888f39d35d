"""BaseDocument: what Document and EmbeddedDocument share, and their metaclass."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

from aiomongodel import definition
from aiomongodel.codec import Codec
from aiomongodel.nesting import checked
from aiomongodel.utils import _Empty, keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.meta import Meta


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
            ours = [base for base in cls.__mro__ if '_reserves_names' in vars(base)]
            definition.refuse_reserved_names(cls, names, ours)
            definition.give_way(cls, ours)
        cls.meta = definition.made_meta(cls, namespace.get('Meta'))
        root = next(base for base in reversed(cls.__mro__) if isinstance(base, BaseDocumentMeta))
        cls.meta.codec = Codec(cast('Any', cls), cast('Any', root), cls.meta)
        cls._settled_types = {name: each._settled_type for name, each in cls.meta.fields.items()}
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

    _reserves_names = True

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
