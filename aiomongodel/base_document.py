"""BaseDocument: what Document and EmbeddedDocument share, and their metaclass."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

from aiomongodel import definition, hooks, schemas, serialisation
from aiomongodel.codec import Codec
from aiomongodel.extras import Extra, has_extra
from aiomongodel.nesting import checked
from aiomongodel.objects import repr_of
from aiomongodel.utils import _Empty, keys_of, shown
from aiomongodel.validation import validate_what_is_set

if TYPE_CHECKING:
    from aiomongodel.meta import Meta
    from aiomongodel.serialisation import Extended, Mode, Names


class BaseDocumentMeta(type):
    """Collects the fields and the options of a document class into its `meta`."""

    meta: Meta
    _settled_types: dict[str, type | None]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> BaseDocumentMeta:
        definition.refuse_wrong_fields(name, namespace)
        cls = super().__new__(mcs, name, bases, namespace, **kwargs)
        ours = [base for base in cls.__mro__ if '_reserves_names' in vars(base)]
        definition.refuse_reserved_names(cls, definition.names_of_fields(cls), ours)
        definition.give_way(cls, ours)
        cls.meta = definition.made_meta(cls, namespace.get('Meta'))
        root = next(base for base in reversed(cls.__mro__) if isinstance(base, BaseDocumentMeta))
        cls.meta.codec = Codec(cast('Any', cls), cast('Any', root), cls.meta)
        cls._settled_types = {name: each._settled_type for name, each in cls.meta.fields.items()}
        hooks.check_hooks(cls, namespace, is_embedded=not hasattr(cls, 'query_id'))
        hooks.settle_hooks(cls)
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

    if not TYPE_CHECKING:  # a class may have a field of this name, of any type

        @property
        def extra(self):
            """What is stored in the document under keys that no field has.

            It is there in a class with `extra = 'keep'` in its Meta; with `'forbid'` it can be read
            and deleted, but nothing can be added.

            Raises:
                AttributeError: The class ignores such keys.

            Example:
                >>> from aiomongodel import Document
                >>> class User(Document):
                ...     class Meta:
                ...         extra = 'keep'
                >>> user = User.from_mongo({'_id': 1, 'colour': 'red'})
                >>> user.extra['size'] = 7
                >>> user.extra
                {'colour': 'red', 'size': 7}
            """
            if has_extra(self):
                return Extra(self)
            if 'extra' in vars(self):  # an attribute of the object's own, as of any other name
                return vars(self)['extra']
            name = type(self).__name__
            raise AttributeError(
                f"{name} keeps no extra keys; set extra = 'keep' in {name}.Meta, or add a field"
            )

        @extra.setter
        def extra(self, value):
            if not has_extra(self):
                vars(self)['extra'] = value
                return
            given = dict(value)
            extra = Extra(self)
            for name in extra.keys() - given.keys():
                del extra[name]
            extra.update(given)

        @extra.deleter
        def extra(self):
            if has_extra(self):
                Extra(self).clear()
            elif vars(self).pop('extra', _Empty) is _Empty:
                raise AttributeError('extra')
    else:
        extra = cast('Any', None)  # inferred: a class keeps the type of a field of this name

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
        given = self.meta.codec.given.items()
        values = ((name, field._read(self, _Empty)) for name, field in given)
        return OrderedDict((name, value) for name, value in values if value is not _Empty)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make a document from what a user gave, say in a request.

        Args:
            data: The values by the names of fields or synonyms; other names are ignored. In a
                class with a discriminator the name under this key chooses the class, or one below
                it; `validate` refuses any other name.

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
            UnknownClassError: It names a class that is not this one, nor below it.

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

    def to_dict(
        self,
        mode: Mode = 'python',
        *,
        include: Names = None,
        exclude: Names = None,
        by_alias: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """The values of the document in a new dict, with dicts for the documents within.

        It has the fields that are set, in their order; of a document that a RefField refers to, the
        `_id`. Nothing in it is shared with the document.

        Args:
            mode: `'python'` keeps values as they are; `'json'` has only what JSON has: text for
                dates, ObjectIds, UUIDs and Decimals, base64 for bytes.
            include: The fields that are wanted, themselves or by their names, also those of
                documents within: `[User.name, 'address.city']`. All by default.
            exclude: The fields that are not, given likewise; they win.
            by_alias: Whether the keys are the names in MongoDB.
            exclude_none: Whether to leave out what is None.

        Raises:
            ValueError: There is no such field or mode; or JSON has no form of a float such as NaN.
            TypeError: JSON has no form of a value.
            RecursionError: The document holds itself.

        Example:
            >>> from aiomongodel import Document, EmbDocField, EmbeddedDocument, StrField
            >>> class Address(EmbeddedDocument):
            ...     city = StrField()
            ...     street = StrField()
            >>> class Customer(Document):
            ...     _id = StrField()
            ...     address = EmbDocField(Address)
            >>> customer = Customer(_id='ann', address=Address(city='Kyiv', street='Main'))
            >>> customer.to_dict(exclude=['address.street'])
            {'_id': 'ann', 'address': {'city': 'Kyiv'}}
        """
        writer = serialisation.Writer(mode, by_alias, exclude_none)
        return serialisation.dict_of(self, writer, include, exclude)

    def to_json(
        self,
        *,
        include: Names = None,
        exclude: Names = None,
        by_alias: bool = False,
        exclude_none: bool = False,
        indent: int | None = None,
        extended: Extended = False,
    ) -> str:
        """The document as JSON: what `to_dict` gives by `mode='json'`, or its stored form.

        Args:
            include: See `to_dict`.
            exclude: See `to_dict`.
            by_alias: See `to_dict`.
            exclude_none: See `to_dict`.
            indent: The number of spaces that each level is indented by; by default all is on one
                line.
            extended: Whether to give the stored form, in MongoDB's Extended JSON, which keeps each
                type: True or `'canonical'`; or `'relaxed'`, with plain numbers and dates.

        Raises:
            ValueError: See `to_dict`; or Extended JSON is asked for, and of a part only.
            TypeError: JSON has no form of a value.
            RecursionError: The document holds itself.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Counter(Document):
            ...     _id = IntField()
            ...     total = IntField(mongo_name='t')
            >>> Counter(_id=1, total=5).to_json()
            '{"_id": 1, "total": 5}'
            >>> Counter(_id=1, total=5).to_json(extended=True)
            '{"_id": {"$numberInt": "1"}, "t": {"$numberInt": "5"}}'
        """
        writer = serialisation.Writer('json', by_alias, exclude_none)
        if extended is False:
            return serialisation.json_of(self, writer, include, exclude, indent)
        others = (include, exclude, by_alias, exclude_none)
        return serialisation.extended_json_of(self, extended, others, indent)

    @classmethod
    def from_json(
        cls, text: str | bytes, *, by_alias: bool = False, extended: Extended = False
    ) -> Self:
        """Make a document of JSON, as `to_json` writes it.

        It is made by `from_data`: other names are ignored, and what is missing gets its default.
        From Extended JSON it is made by `from_mongo`.

        Args:
            text: A JSON object, as text or encoded in UTF-8.
            by_alias: Whether the keys are the names in MongoDB.
            extended: Whether it is Extended JSON of the stored form; either kind is read.

        Raises:
            ValueError: It is not JSON, or an object has a key twice.
            TypeError: It is no JSON object.

        Example:
            >>> from datetime import datetime
            >>> from aiomongodel import DateTimeField, EmbeddedDocument
            >>> class Visit(EmbeddedDocument):
            ...     at = DateTimeField()
            >>> Visit.from_json('{"at": "2024-02-29T12:00:00"}').at
            datetime.datetime(2024, 2, 29, 12, 0)
        """
        document = serialisation.document_of(cls, text, by_alias=by_alias, extended=extended)
        return cast('Self', document)

    @classmethod
    def json_schema(cls, *, by_alias: bool = False) -> dict[str, Any]:
        """The JSON Schema, draft 2020-12, of what `to_dict` gives by `mode='json'`.

        It has the rules that each field checks, what the fields say to people, and each class of
        documents within under `$defs`. It accepts what `validate` accepts, and leaves out what is
        not certain.

        Args:
            by_alias: Whether the properties have the names in MongoDB.

        Returns:
            The schema, a new dict.

        Raises:
            TypeError: JSON has no form of a default or an example.

        Example:
            >>> from aiomongodel import EmbeddedDocument, IntField
            >>> class Item(EmbeddedDocument):
            ...     price = IntField(gt=0, description='In cents.')
            >>> Item.json_schema()['properties']
            {'price': {'type': 'integer', 'exclusiveMinimum': 0, 'description': 'In cents.'}}
        """
        return schemas.JsonWriter(cls, by_alias=by_alias).whole()

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

    def clean(self) -> None:
        """Rules of your own about several fields: `validate` calls an override.

        It is called once the rules of the fields, and of documents within, have found nothing: so
        what is required is there, and each value is valid. It takes no argument, and is no
        coroutine: any other method of this name is a method like others, which nothing calls.

        Raises:
            ValidationError: With errors by the names of the fields; or with a message about the
                whole document, which then stands under `'__all__'`.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> from aiomongodel.errors import ValidationError
            >>> class Booking(Document):
            ...     start = IntField()
            ...     end = IntField()
            ...     def clean(self):
            ...         if self.end < self.start:
            ...             raise ValidationError({'end': ValidationError('before the start')})
            >>> try:
            ...     Booking(start=5, end=3).validate()
            ... except ValidationError as error:
            ...     print(error.as_dict())
            {'end': 'before the start'}
        """

    def validate(self, partial: bool = False) -> Self:
        """Check the document by the rules of its class.

        Nothing else validates a document, except `create` and the writes of many documents.

        Args:
            partial: Whether to leave out what is unset, also in documents within: a field that is
                required is not asked for. Where one is missing, `clean` is not called.

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
        if partial:
            validate_what_is_set(self)
        else:
            self.validate_document(self)
        return self

    # What the fields use of it.

    def _json_form(self) -> dict[str, Any]:
        return serialisation.Writer('json').document(self)

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Self:
        return cast('Self', serialisation.Reader().document(cls, data))

    # What Python does with it.

    __repr__ = repr_of

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith('.')]


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
