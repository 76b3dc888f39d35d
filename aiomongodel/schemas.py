"""Schemas of document classes: JSON Schema, and MongoDB's `$jsonSchema`."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote

from bson import ObjectId
from bson.errors import BSONError

from aiomongodel.fields import Field
from aiomongodel.fields.numbers import MAX_LONG
from aiomongodel.fields.schema import distinct
from aiomongodel.fields.source import attempted, noted, speaks_for
from aiomongodel.polymorphism import classes_below
from aiomongodel.utils import _Empty

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument

Schema = dict[str, Any]

DIALECT: Final = 'https://json-schema.org/draft/2020-12/schema'

RULES: Final = ('validate', 'validate_source', 'type_source', 'constraint_source', 'value_type')
"""What a class of fields is told its rules by, for any kind of schema."""

OF_ONE_TYPE: Final = frozenset(
    [
        *['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
        *['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'],
        *['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems'],
        *['properties', 'required', 'additionalProperties', 'patternProperties'],
        *['propertyNames', 'minProperties', 'maxProperties', 'readOnly'],
    ]
)
"""The keywords that say nothing of values of other types, such as None."""

SINGLE: Final = (
    *(str, bool, int, float, bytes, decimal.Decimal),
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta, ObjectId, uuid.UUID),
)
"""The types of choices that can be listed: all that is equal to one has the same form."""


class Writer:
    """Writes the schema of a class of documents.

    Args:
        document_class: The class.
    """

    rules: ClassVar[str]
    """The method of a field that gives its rules."""

    conversions: ClassVar[tuple[str, ...]]
    """The methods of a field that its rules are told by, beside `RULES`."""

    own_methods: ClassVar[tuple[str, ...]]
    """The methods of a document that the rules of its fields are told by."""

    type_keyword: ClassVar[str]

    all_types: ClassVar[tuple[str, ...]]
    """All but that of None."""

    def __init__(self, document_class: type[BaseDocument]) -> None:
        self._root: Any = document_class

    def of_field(self, field: Field[Any]) -> Schema:
        """The schema of the values of a field, None and choices included."""
        rules = self.rules_of(field)
        if field.allow_none:
            return self._with_none(rules)
        is_any = getattr(type(field), self.rules) is getattr(Field, self.rules)
        if is_any and not rules and self._is_told(field):
            return {self.type_keyword: list(self.all_types)}
        return rules

    def rules_of(self, field: Field[Any]) -> Schema:
        """The same of values that are not None, without what a schema says to people."""
        if not self._is_told(field):
            return {}
        rules: Schema = getattr(field, self.rules)(self)
        if field.choices is None or type(field).validate_source is not Field.validate_source:
            return rules
        of_type = {key: rules[key] for key in (self.type_keyword, 'enum') if key in rules}
        return {**of_type, **self._choices(field)}

    def of_documents(self, document_class: type[BaseDocument]) -> Schema:
        """The schema of the documents of a class within another."""
        raise NotImplementedError

    def _form(self, field: Field[Any], value: Any) -> Any:
        """What a value is written as."""
        raise NotImplementedError

    def _is_told(self, field: Field[Any]) -> bool:
        """Whether the rules are those of the field's class, and not of one that does otherwise."""
        methods = (*RULES, *self.conversions)
        known = [method for method in methods if hasattr(type(field), method)]
        if not all(speaks_for(field, self.rules, method) for method in known):
            return False
        own = type(field).value_type
        return own is None or issubclass(field.field_type, own)

    def _choices(self, field: Field[Any]) -> Schema:
        values = list(chosen(field))
        if any(is_plural(value) for value in values):
            return {}
        forms = [form for value in values if (form := self._form(field, value)) is not _Empty]
        return {'enum': forms} if forms else {}

    def _with_none(self, rules: Schema) -> Schema:
        keyword = self.type_keyword
        if not rules.keys() <= {*OF_ONE_TYPE, keyword, 'enum'}:
            return {'anyOf': [rules, {keyword: 'null'}]}
        found = dict(rules)
        if keyword in rules:
            types = rules[keyword]
            found[keyword] = [*(types if isinstance(types, list) else [types]), 'null']
        if 'enum' in rules:
            found['enum'] = [*rules['enum'], None]
        return found

    def _fields(self, classes: list[Any]) -> dict[str, Field[Any]] | None:
        """The fields, by name, that documents of all of some classes have, the first one's.

        Returns:
            The fields; None where nothing is known of them, since a class does otherwise.
        """
        if any(each.meta.codec.overrides(name) for each in classes for name in self.own_methods):
            return None
        first, *others = (each.meta.fields for each in classes)
        return {
            name: field
            for name, field in first.items()
            if all(fields.get(name) is field for fields in others)
        }

    @staticmethod
    def _is_closed(classes: list[Any]) -> bool:
        """Whether there are no other keys than those of the first class's fields."""
        names = {frozenset(each.meta.fields) for each in classes}
        return len(names) == 1 and all(each.meta.extra == 'forbid' for each in classes)

    @staticmethod
    def _class_name(document_class: Any) -> Schema:
        """The property of the name that is stored for a class."""
        meta = document_class.meta
        if meta.discriminator is None:
            return {}
        may_be_other = meta.unknown_class == 'parent' or meta.discriminator_value is None
        return {meta.discriminator: {} if may_be_other else {'enum': [meta.discriminator_value]}}


class JsonWriter(Writer):
    """Writes a JSON Schema, of what `to_dict` gives.

    Args:
        document_class: The class.
        by_alias: Whether the properties have the names in MongoDB.
    """

    rules = 'json_rules'
    conversions = ('to_json',)
    own_methods = ('validate', 'validate_document', 'to_dict')
    type_keyword = 'type'
    all_types = ('string', 'number', 'boolean', 'object', 'array')

    def __init__(self, document_class: type[BaseDocument], *, by_alias: bool) -> None:
        super().__init__(document_class)
        self._by_alias = by_alias
        self._names: dict[Any, str] = {}
        self._definitions: Schema = {}

    def whole(self) -> Schema:
        """The schema of the class."""
        family = classes_of(self._root)
        head = {'$schema': DIALECT}
        if len(family) > 1:
            title = {'title': self._root.__name__}
            schema = {**head, **title, 'anyOf': [self._reference(each) for each in family]}
        else:
            self._names[self._root] = '#'
            schema = {**head, **self._document(family, self._root)}
        return {**schema, '$defs': self._definitions} if self._definitions else schema

    def of_field(self, field: Field[Any]) -> Schema:
        """The schema of the values of a field, with what it says to people."""
        return {**super().of_field(field), **self._annotations(field)}

    def of_documents(self, document_class: type[BaseDocument]) -> Schema:
        """A reference to the definition of the class, or to those of its family."""
        references = [self._reference(each) for each in classes_of(document_class)]
        return references[0] if len(references) == 1 else {'anyOf': references}

    def _reference(self, cls: Any) -> Schema:
        if cls not in self._names:
            name = free_name(cls.__name__, self._definitions)
            self._names[cls] = f'#/$defs/{pointed(name)}'
            self._definitions[name] = {}  # its place, before those that are within
            self._definitions[name] = self._document([cls, *others_below(cls)], cls)
        return {'$ref': self._names[cls]}

    def _document(self, classes: list[Any], cls: Any) -> Schema:
        schema: Schema = {'title': cls.__name__, 'type': 'object'}
        fields = self._fields(classes)
        if fields is None:
            return schema
        properties = {self._key(each): self.of_field(each) for each in fields.values()}
        schema['properties'] = {**self._class_name(classes[0]), **properties}
        required = [self._key(each) for each in fields.values() if is_required(each)]
        if required:
            schema['required'] = required
        if self._is_closed(classes):
            schema['additionalProperties'] = False
        return schema

    def _key(self, field: Field[Any]) -> str:
        return field.mongo_name if self._by_alias else field.name

    def _annotations(self, field: Field[Any]) -> Schema:
        name = field.verbose_name  # of any type, such as a text that is translated later
        found: Schema = {
            'title': None if name is None else str(name),
            'description': field._description,
        }
        convert = noted(field, lambda value: self._shown(field, value))
        if field.required and field.default is not _Empty and not callable(field.default):
            found['default'] = convert(field.default)
        said = {key: value for key, value in found.items() if value is not None or key == 'default'}
        if len(field._examples):
            said['examples'] = [convert(value) for value in field._examples]
        return {**said, 'deprecated': True} if field._deprecated else said

    @staticmethod
    def _shown(field: Field[Any], given: Any) -> Any:
        value = field.from_data(given)
        return None if value is None else field.to_json(value)

    def _choices(self, field: Field[Any]) -> Schema:
        # Equal values of these have different forms: 1.0 and 1.00, noon in Kyiv and in London.
        if any(is_plural_in_json(value) for value in chosen(field)):
            return {}
        return super()._choices(field)

    def _form(self, field: Field[Any], value: Any) -> Any:
        try:
            return field.to_json(value)
        except (TypeError, ValueError):  # nor has the document then
            return _Empty


class MongoWriter(Writer):
    """Writes a schema for MongoDB's `$jsonSchema`, of what is stored.

    Args:
        document_class: The class.
    """

    rules = 'mongo_rules'
    conversions = ('to_mongo', 'to_mongo_source', 'pack')
    own_methods = ('validate', 'validate_document', 'to_mongo')
    type_keyword = 'bsonType'
    all_types = (
        *('double', 'string', 'object', 'array', 'binData', 'objectId', 'bool', 'date', 'regex'),
        *('dbPointer', 'javascript', 'symbol', 'javascriptWithScope', 'int', 'timestamp', 'long'),
        *('decimal', 'minKey', 'maxKey'),
    )

    def __init__(self, document_class: type[BaseDocument]) -> None:
        super().__init__(document_class)
        self._around: list[Any] = []

    def whole(self) -> Schema:
        """The schema of the class."""
        family = classes_of(self._root)
        branches = [self._document([each]) for each in family]
        return branches[0] if len(branches) == 1 else {'bsonType': 'object', 'anyOf': branches}

    def of_documents(self, document_class: type[BaseDocument]) -> Schema:
        """The schema of the class, or of its family; where it holds itself, it ends."""
        branches = [
            self._within([each, *others_below(each)]) for each in classes_of(document_class)
        ]
        if len(branches) == 1:
            return branches[0]
        return {'bsonType': 'object', 'anyOf': branches} if all(branches) else {}

    def _within(self, classes: list[Any]) -> Schema:
        if any(each.meta.codec.overrides('to_mongo') for each in classes):
            return {}  # it may give anything
        return {'bsonType': 'object'} if classes[0] in self._around else self._document(classes)

    def _document(self, classes: list[Any]) -> Schema:
        fields = self._fields(classes)
        if fields is None:
            return {'bsonType': 'object'}
        stored = [field for field in fields.values() if field._is_stored]
        self._around.append(classes[0])
        properties = {field.mongo_name: self.of_field(field) for field in stored}
        self._around.pop()
        properties.update(self._class_name(classes[0]))
        schema: Schema = {'bsonType': 'object'}
        required = [field.mongo_name for field in stored if is_required(field)]
        if required:
            schema['required'] = required
        if properties:
            schema['properties'] = properties
        if self._is_closed(classes):
            schema['additionalProperties'] = False
        return schema

    def _choices(self, field: Field[Any]) -> Schema:
        rules = super()._choices(field)
        try:
            return {'enum': distinct(rules['enum'])} if rules else {}
        except BSONError:  # the client may have a codec for it
            return {}

    def _form(self, field: Field[Any], value: Any) -> Any:
        try:
            stored = field.to_mongo(value)
        except (decimal.DecimalException, ValueError):
            return _Empty  # it cannot be stored
        return stored if not isinstance(stored, int) or abs(stored) <= MAX_LONG else _Empty


def classes_of(cls: Any) -> list[Any]:
    """The classes that documents of a class may have by the names that are stored.

    Of an abstract class are those whose names are unknown, if they may be.
    """
    below = classes_below(cls)
    meta = cls.meta
    has_none = meta.is_abstract and meta.family is not None and meta.unknown_class != 'parent'
    return below if has_none and below else [cls, *below]


def others_below(cls: Any) -> Iterator[Any]:
    """The classes below one that has no family: their documents may stand where its do."""
    if cls.meta.family is None:
        for each in cls.__subclasses__():
            yield each
            yield from others_below(each)


def schema_of_collection(document_class: Any) -> Schema:
    """The schema for MongoDB of what is in the collection of a class, also of its family's others.

    A class may have a `mongo_schema` of its own, or a field of this name.
    """
    family = document_class.meta.family
    cls = document_class if family is None else family.root
    if isinstance(cls.mongo_schema, Field):
        return MongoWriter(cls).whole()
    schema: Schema = cls.mongo_schema()
    return schema


def is_required(field: Field[Any]) -> bool:
    """Whether `validate` refuses a document without the field."""
    return field.required and not field._is_filled and not field._is_computed


def chosen(field: Field[Any]) -> Iterator[Any]:
    """The values of a field's type that its choices let through."""
    found: list[Any] = []
    for choice in field.choices or ():
        for value in variants(field, choice):
            if not any(type(value) is type(each) and value == each for each in found):
                found.append(value)
    yield from found


def variants(field: Field[Any], choice: Any) -> Iterator[Any]:
    """The values of a field's type that are equal to a choice, of each type that matters."""
    if choice is None:
        return
    for each in (attempted(field.from_data, choice), choice):
        is_same = each is choice or attempted(lambda value: value == choice, each) is True
        if is_same and field._is_of_type(each):
            yield each
            # To Python 1 is True, and to nobody else.
            is_either = type(each) in (int, bool) and each in (0, 1)
            others = (int(each), bool(each)) if is_either else ()
            yield from (other for other in others if field._is_of_type(other))
            return


def is_plural(value: Any) -> bool:
    """Whether a choice is equal to values that are stored in other ways."""
    if isinstance(value, datetime.time) and value.tzinfo is not None:
        return True
    return type(value) not in SINGLE and not isinstance(value, enum.Enum)


def is_plural_in_json(value: Any) -> bool:
    """Whether a choice is equal to values that have other forms in JSON."""
    is_aware = isinstance(value, datetime.datetime) and value.tzinfo is not None
    return is_aware or isinstance(value, decimal.Decimal)


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name that is not taken: of two classes of one name the second gets a number."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f'{name}_{number}'
    return free


def pointed(name: str) -> str:
    """A name as it stands in a JSON Pointer, in a URI."""
    return quote(name.replace('~', '~0').replace('/', '~1'))
