"""Fields of dicts: DictField, of any values, and MapField, of values of one field."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Unpack, overload

from aiomongodel import errors
from aiomongodel.fields import dialects, source
from aiomongodel.fields.base import AnyField, Field, check_pattern
from aiomongodel.fields.containers import (
    ContainerField,
    ContainerOptions,
    converts_as,
    label_of,
    require_field,
)
from aiomongodel.fields.documents import EmbDocField, at_path
from aiomongodel.fields.keys import KEY, KEY_PATTERN, is_key, wrong_keys
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
T = TypeVar('T')
T_ = TypeVar('T_')
D_ = TypeVar('D_', bound='BaseDocument')


class DictValueField(AnyField):
    """What lies under a key of a dict, and may be a dict itself."""

    def __getitem__(self, path: str) -> DictValueField:
        """The value under a key, or under keys of dicts within each other."""
        return under_keys(self, self, path)

    def _under_key(self) -> DictValueField:
        return self


def under_keys(field: Field[Any], value_field: DictValueField, path: Any) -> DictValueField:
    """The field under a path of keys.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(path, str) or not all(map(is_key, path.split('.'))):
        raise TypeError(
            f'{field._label}[…] takes a key, or keys with dots between them; each is {KEY}; '
            f'not {shown(path)}'
        )
    return at_path(value_field, f'{field.s}.{path}')


class DictField(ContainerField[V]):
    r"""A dict of any values, stored as an object; MongoDB must be able to store them.

    A key, also of a dict within, is a str that is not empty and does not start with `$`, with
    neither a dot nor \\0 in it.

    Args:
        min_length: The least number of keys.
        max_length: The greatest number of keys.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     settings = DictField(default=dict)
        >>> User(settings={'theme': 'dark'}).settings
        {'theme': 'dark'}
        >>> User.settings['theme'] == 'dark'
        {'settings.theme': 'dark'}
    """

    value_type = dict

    @overload
    def __init__(
        self: DictField[dict[str, Any]],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[ContainerOptions[dict[str, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[str, Any] | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[ContainerOptions[dict[str, Any] | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._value_field = DictValueField()

    if TYPE_CHECKING:  # any mapping is converted when it is assigned

        def __set__(self, instance: object, value: V | Mapping[str, Any]) -> None: ...

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self._value_field.__set_name__(owner, name)

    def __getitem__(self, path: str) -> DictValueField:
        """The value under a key, or under keys of dicts within each other.

        Args:
            path: The key, or the keys with dots between them.

        Raises:
            TypeError: It is none.

        Example:
            >>> from aiomongodel import Document
            >>> class User(Document):
            ...     settings = DictField(default=dict)
            >>> User.settings['ui.width'].set(80)
            {'$set': {'settings.ui.width': 80}}
        """
        return under_keys(self, self._value_field, path)

    def _under_key(self) -> DictValueField:
        return self._value_field

    def _storable(self, value: Any) -> Any:
        if is_instance(value, Mapping) and wrong_keys(value) is not None:
            refuse(self, value, f'a dict each key of which is {KEY}')
        return stored(self, value)

    def from_data(self, value: Any) -> Any:
        """Convert a mapping to a dict; anything else stays as it is."""
        return attempted(dict, value) if is_instance(value, Mapping) else value

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        convert = names.call(self.from_data, value)
        return f'{value}.copy() if type({value}) is dict else {convert}'

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length, then the keys."""
        check = names.bind(wrong_keys, 'wrong_keys')
        return [
            *super().constraint_source(value, names),
            source.found_by(check, value, names),
        ]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """An object with the limits on its keys."""
        return {'type': 'object', **self._length_rules('Properties')}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """An object with the limits on its keys."""
        return {'bsonType': 'object', **self._length_rules('Properties')}


class MapOptions(ContainerOptions[V], total=False):
    """The options of a map."""

    key_regex: str | re.Pattern[str] | None


class MapField(ContainerField[V], Generic[V, T]):
    r"""A dict whose values follow one field, stored as an object.

    A key is a str that is not empty and does not start with `$`, with neither a dot nor \\0 in it.

    Args:
        value_field: The field that each value follows.
        key_regex: A pattern that a key matches from its start on, as `re.match` does.
        min_length: The least number of keys.
        max_length: The greatest number of keys.
        **options: See `Field`.

    Raises:
        TypeError: `value_field` is not a field.

    Example:
        >>> from aiomongodel import Document, DecimalField
        >>> class Item(Document):
        ...     prices = MapField(DecimalField(gt=0), key_regex=r'[A-Z]{3}\Z')
        >>> Item(prices={'EUR': '9.50'}).validate().prices
        {'EUR': Decimal('9.50')}
        >>> Item.prices['EUR'] < 10
        {'prices.EUR': {'$lt': Decimal128('10')}}
    """

    value_type = dict

    @overload
    def __init__(
        self: MapField[dict[str, T_], T_],
        value_field: Field[T_],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[MapOptions[dict[str, T_]]],
    ) -> None: ...
    @overload
    def __init__(
        self: MapField[dict[str, T_] | None, T_],
        value_field: Field[T_],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[MapOptions[dict[str, T_] | None]],
    ) -> None: ...
    def __init__(
        self,
        value_field: Field[Any],
        *,
        key_regex: str | re.Pattern[str] | None = None,
        **options: Any,
    ) -> None:
        require_field(value_field, 'value_field')
        super().__init__(**options)
        self.value_field = value_field
        self._key_regex = key_regex

    if TYPE_CHECKING:  # any mapping is converted when it is assigned

        def __set__(self, instance: object, value: V | Mapping[str, T]) -> None: ...

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.value_field.__set_name__(owner, name)

    @overload
    def __getitem__(self: MapField[Any, D_], key: str) -> EmbDocField[D_, D_]: ...
    @overload
    def __getitem__(self, key: str) -> Field[T]: ...
    def __getitem__(self, key: Any) -> Any:
        """The field of the value under a key, for queries and updates.

        Args:
            key: The key.

        Raises:
            TypeError: No value can be under it.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Game(Document):
            ...     points = MapField(IntField(), default=dict)
            >>> Game.points['ann'].inc(1)
            {'$inc': {'points.ann': 1}}
        """
        if not is_key(key) or not self._matches(key):
            pattern = (
                '' if self.key_pattern is None else f' that matches {self.key_pattern.pattern}'
            )
            raise TypeError(f'{self._label}[…] takes a key: {KEY}{pattern}; not {shown(key)}')
        return at_path(self.value_field, f'{self.s}.{key}')

    @functools.cached_property
    def key_pattern(self) -> re.Pattern[str] | None:
        """The compiled `key_regex`."""
        return None if self._key_regex is None else re.compile(self._key_regex)

    def _matches(self, key: str) -> bool:
        return self.key_pattern is None or self.key_pattern.match(key) is not None

    def _under_key(self) -> Field[Any]:
        return self.value_field

    def _inner_classes(self) -> list[Any]:
        return self.value_field._inner_classes()

    def _check_definition(self) -> None:
        """Refuse a broken `key_regex`, and what the field of the values refuses."""
        check_pattern('key_regex', self._key_regex)
        self.value_field._check_definition()
        super()._check_definition()

    def _storable(self, value: Any) -> Any:
        if value is None or not converts_as(self, MapField):
            return stored(self, value)
        if not is_instance(value, Mapping) or not all(map(is_key, value)):
            refuse(self, value, f'a dict each key of which is {KEY}')
        return {key: self.value_field._storable(item) for key, item in value.items()}

    def from_data(self, value: Any) -> Any:
        """Convert a mapping to a dict, value by value; anything else stays as it is."""
        given = attempted(dict, value) if is_instance(value, Mapping) else value
        if not is_instance(given, dict):
            return value
        return {key: self.value_field.from_data(item) for key, item in given.items()}

    def to_mongo(self, value: Any) -> Any:
        """Convert value by value; what is no dict stays as it is."""
        if not is_instance(value, dict):
            return value
        return {key: self.value_field.to_mongo(item) for key, item in value.items()}

    def from_mongo(self, value: Any) -> Any:
        """Convert value by value; what is no mapping stays as it is."""
        if not is_instance(value, Mapping):
            return value
        return {key: self.value_field.from_mongo(item) for key, item in value.items()}

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        item = names.new('item')
        converted = source.from_data_source(self.value_field, item, names)
        return map_source(value, item, converted, names.call(self.from_data, value))

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where the values are stored as they are."""
        item = names.new('item')
        converted = source.from_mongo_source(self.value_field, item, names)
        if converted is None:
            return None
        return map_source(value, item, converted, names.call(self.from_mongo, value))

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where the values are stored as they are."""
        item = names.new('item')
        converted = source.to_mongo_source(self.value_field, item, names)
        if converted is None:
            return None
        return map_source(value, item, converted, names.call(self.to_mongo, value))

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length, then each key, and the value under it."""
        check = source.items_check(
            self.value_field, 'key, value in items.items()', 'key', label_of, self._key_source
        )
        return [
            *super().constraint_source(value, names),
            source.found_by(names.bind(check, 'check_items'), value, names),
        ]

    def _key_source(self, names: Names) -> list[Branch]:
        """The branches that refuse a key."""
        wrong = f'not {names.bind(is_key, "is_key")}(key)'
        branches = [Branch(wrong, names.error(errors.KEY_IS_NOT_STORABLE))]
        if self.key_pattern is not None:
            match = names.bind(self.key_pattern.match, 'match')
            error = names.error(errors.KEY_DOES_NOT_MATCH, self.key_pattern.pattern)
            branches.append(Branch(f'{match}(key) is None', error))
        return branches

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        if not isinstance(value, Mapping):
            return _Empty
        return {key: convert(self.value_field, item) for key, item in value.items()}

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An object whose keys match, and whose values follow the field."""
        keys = [KEY_PATTERN, self._pattern_in(dialects.JSON)]
        return {
            'type': 'object',
            'propertyNames': {'allOf': [{'pattern': each} for each in keys if each is not None]},
            'additionalProperties': schema.of_field(self.value_field),
            **self._length_rules('Properties'),
        }

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An object whose keys match, and whose values follow the field."""
        values, keys = schema.of_field(self.value_field), self._pattern_in(dialects.PCRE)
        rules: dict[str, Any] = {'additionalProperties': values}
        if keys is not None:
            rules = {'patternProperties': {keys: values}, 'additionalProperties': False}
        return {'bsonType': 'object', **rules, **self._length_rules('Properties')}

    def _pattern_in(self, dialect: dialects.Dialect) -> str | None:
        """The pattern of the keys, where there is one that the dialect can say."""
        return None if self.key_pattern is None else dialects.anchored(self.key_pattern, dialect)


def map_source(value: str, item: str, converted: str, convert: str) -> str:
    """The expression that converts each value of a dict, and leaves what is no dict to a call."""
    items = f'{{key: {converted} for key, {item} in {value}.items()}}'
    return f'{items} if type({value}) is dict else {convert}'
