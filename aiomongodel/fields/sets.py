"""SetField: a set of values of one field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, Unpack, overload

from aiomongodel.expressions import Query
from aiomongodel.fields import source
from aiomongodel.fields.base import Field
from aiomongodel.fields.containers import (
    ContainerField,
    ContainerOptions,
    converts_as,
    is_same,
    label_of,
    require_field,
)
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.fields.urls import UrlField, label_of_url
from aiomongodel.utils import is_instance

if TYPE_CHECKING:
    from aiomongodel.expressions import Update
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
T = TypeVar('T')
T_ = TypeVar('T_')


KINDS: Final = (bool, int, float, str, bytes)
"""Types of which the driver loads a subclass for some values, such as Int64."""


class Unordered(list[Any]):
    """The stored form of a set: the index of an item says nothing of what it was before."""


class SetField(ContainerField[V], Generic[V, T]):
    """A set whose items follow one field, stored as an array without duplicates.

    The array is sorted; items that cannot be compared are in the order of their texts.

    Args:
        item_field: The field that each item follows.
        min_length: The least number of items.
        max_length: The greatest number of items.
        **options: See `Field`.

    Raises:
        TypeError: `item_field` is not a field.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class Post(Document):
        ...     tags = SetField(StrField(), default=set)
        >>> Post(tags=['new', 'long', 'new']).to_mongo()['tags']
        ['long', 'new']
        >>> Post.tags == 'new'
        {'tags': 'new'}
    """

    value_type = set

    @overload
    def __init__(
        self: SetField[set[T_], T_],
        item_field: Field[T_],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[ContainerOptions[set[T_]]],
    ) -> None: ...
    @overload
    def __init__(
        self: SetField[set[T_] | None, T_],
        item_field: Field[T_],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[ContainerOptions[set[T_] | None]],
    ) -> None: ...
    def __init__(self, item_field: Field[Any], **options: Any) -> None:
        require_field(item_field, 'item_field')
        super().__init__(**options)
        self.item_field = item_field

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.item_field.__set_name__(owner, name)

    if TYPE_CHECKING:  # a set is asked for one item of it, too; and made of other iterables

        def __set__(self, instance: object, value: V | Iterable[T]) -> None: ...
        def in_(self, values: Iterable[T] | Iterable[V]) -> Query: ...
        def not_in(self, values: Iterable[T] | Iterable[V]) -> Query: ...
        def all(self, values: Iterable[T]) -> Query: ...
        def add_to_set(self, *values: T) -> Update: ...
        def pull(self, value: T | Query) -> Update: ...
        def pull_all(self, values: Iterable[T]) -> Update: ...

    __hash__ = Field.__hash__

    def __eq__(self, other: object) -> Query:  # type: ignore[override]
        """The documents of whose set this is an item; of a set, whose set has the same items.

        Updates such as `add_to_set` leave an array in another order than ours.
        """
        if not is_instance(other, (set, frozenset)):
            return super().__eq__(other)
        items = self._storable(other)
        return Query({self.s: {'$all': items, '$size': len(items)} if items else []})

    def __ne__(self, other: object) -> Query:  # type: ignore[override]
        """The documents that `==` does not find, those without the field among them."""
        if not is_instance(other, (set, frozenset)):
            return super().__ne__(other)
        condition = (self == other)[self.s]
        return Query({self.s: {'$not': condition} if condition else {'$ne': []}})

    def _item_field(self) -> Field[T]:
        return self.item_field

    @property
    def _takes_mappings(self) -> bool:
        return self.item_field._takes_mappings

    def _storable(self, value: Any) -> Any:
        if value is None or not converts_as(self, SetField):
            return stored(self, value)
        if not is_instance(value, (set, frozenset, list, tuple)):
            refuse(self, value, 'a set')
        for item in value:
            self.item_field._storable(item)
        return list(stored(self, value))

    def _operand(self, value: Any) -> Any:
        if is_instance(value, (set, frozenset)):
            refuse(self, value, 'an item of the set; a set is compared by == and !=, or all(...)')
        return self.item_field._operand(value)

    def _inner_classes(self) -> list[Any]:
        return self.item_field._inner_classes()

    def _check_definition(self) -> None:
        """Refuse items that no set can have, and what their field refuses."""
        kind = self.item_field.field_type
        if self.item_field._embeds or (kind is not None and kind.__hash__ is None):
            raise ValueError(
                f'item_field {type(self.item_field).__name__} has values that change, which no set '
                'can have; use a ListField'
            )
        self.item_field._check_definition()
        super()._check_definition()

    def from_data(self, value: Any) -> Any:
        """Convert a set, list or tuple to a set, item by item; anything else stays as it is."""
        if not is_instance(value, (set, frozenset, list, tuple)):
            return value
        return made_of([self.item_field.from_data(item) for item in value], value)

    def to_mongo(self, value: Any) -> Any:
        """Convert a set to a sorted list of stored forms; anything else stays as it is."""
        if not is_instance(value, (set, frozenset)):
            return value
        return in_order(value, self.item_field)

    def from_mongo(self, value: Any) -> Any:
        """Convert a list to a set, item by item; anything else stays as it is."""
        if not isinstance(value, list):
            return value
        return made_of([self.item_field.from_mongo(item) for item in value], value)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return names.call(self.from_data, value)

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        return names.call(self.from_mongo, value)

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`."""
        return names.call(self.to_mongo, value)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length, then the items."""
        label = label_of_url if isinstance(self.item_field, UrlField) else label_of
        check = source.items_check(self.item_field, 'value in items', 'value', label)
        return [
            *super().constraint_source(value, names),
            source.found_by(names.bind(check, 'check_items'), value, names),
        ]

    def to_json(self, value: Any) -> Any:
        """Convert item by item, to a list in the order in which the items are stored."""
        if not isinstance(value, set):
            return super().to_json(value)
        return [self.item_field.to_json(item) for item in ordered(value)]

    def from_json(self, value: Any) -> Any:
        """Convert a list item by item; anything else stays as it is."""
        if not isinstance(value, list):
            return value
        return self.from_data([self.item_field.from_json(item) for item in value])

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array of different items that follow the field."""
        items = schema.of_field(self.item_field)
        limits = self._length_rules('Items')
        return {'type': 'array', 'items': items, 'uniqueItems': True, **limits}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array of items that follow the field; MongoDB may hold two for the same."""
        items = schema.of_field(self.item_field)
        return {'bsonType': 'array', 'items': items, **self._length_rules('Items')}


def made_of(items: list[Any], given: Any) -> Any:
    """The set of some items; what was given where one of them has no hash."""
    found = attempted(set, items)
    return found if type(found) is set else given


def ordered(items: Iterable[Any]) -> list[Any]:
    """The items in their order, or in that of their texts where they have none."""
    listed = list(items)
    try:
        return sorted(listed)
    except Exception:  # noqa: BLE001 - whatever comparing them raises
        return sorted(listed, key=text_of)


def text_of(item: Any) -> tuple[str, str]:
    """By what items are put in order that cannot be compared; alike before and after a load."""
    kind = next((each for each in KINDS if isinstance(item, each)), type(item))
    return kind.__name__, str(attempted(repr, item))


def in_order(items: Iterable[Any], field: Field[Any]) -> Unordered:
    """The stored forms of the items of a set, in order, each once."""
    forms = [field.to_mongo(item) for item in ordered(items)]
    found = Unordered()
    for form in attempted(sorted, forms):  # items that cannot be compared may have forms that can
        if not found or not is_same(form, found[-1]):
            found.append(form)
    return found
