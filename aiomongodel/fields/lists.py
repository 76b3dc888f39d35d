"""ListField: a list of values of one field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Literal,
    TypeVar,
    Unpack,
    overload,
)

from aiomongodel import errors
from aiomongodel.errors import QueryError
from aiomongodel.fields import source
from aiomongodel.fields.base import Field, is_length
from aiomongodel.fields.containers import ContainerOptions, converts_as, require_field
from aiomongodel.fields.documents import EmbDocField, NestingField, at_path
from aiomongodel.fields.lengths import length_branches, length_rules
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument
    from aiomongodel.expressions import Query, Update
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
T = TypeVar('T')
T_ = TypeVar('T_')
F = TypeVar('F', bound=Field[Any])
D_ = TypeVar('D_', bound='BaseDocument')

POSITION: Final = re.compile(r'\d+|\$|\$\[\]|\$\[[a-z]\w*\]', re.ASCII)
"""What stands for an item in the path of an update."""


class ListField(NestingField[V], Generic[V, T]):
    """A list whose items follow one field.

    Args:
        item_field: The field that each item follows.
        min_length: The least number of items.
        max_length: The greatest number of items.
        **options: See `Field`.

    Raises:
        TypeError: `item_field` is not a field.

    Example:
        >>> from aiomongodel import Document, IntField
        >>> class Game(Document):
        ...     points = ListField(IntField(gte=0), default=list)
        >>> Game(points=['1', 2]).points
        [1, 2]
    """

    value_type = list

    __iter__: Final = None  # or Python would go through `self[0]`, `self[1]`, … without an end

    @overload
    def __init__(
        self: ListField[list[T_], T_],
        item_field: Field[T_],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[ContainerOptions[list[T_]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[list[T_] | None, T_],
        item_field: Field[T_],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[ContainerOptions[list[T_] | None]],
    ) -> None: ...
    def __init__(
        self,
        item_field: Field[Any],
        *,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        require_field(item_field, 'item_field')
        super().__init__(**options)
        self.item_field = item_field
        self.min_length = min_length
        self.max_length = max_length

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.item_field.__set_name__(owner, name)

    @overload
    def __getitem__(self, key: F) -> F: ...
    @overload
    def __getitem__(self: ListField[Any, D_], key: int | str) -> EmbDocField[D_, D_]: ...
    @overload
    def __getitem__(self, key: int | str) -> Field[T]: ...
    def __getitem__(self, key: Any) -> Any:
        """An item of the list, or a field of the embedded documents in it.

        Args:
            key: An index from 0 on; `'$'` for the item that the query has found, `'$[]'` for each,
                `'$[name]'` for those that an array filter of this name finds; or a field.

        Raises:
            TypeError: It is none of these.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Game(Document):
            ...     points = ListField(IntField())
            >>> Game.points[0].set(7)
            {'$set': {'points.0': 7}}
            >>> Game.points['$[low]'].inc(1)
            {'$inc': {'points.$[low]': 1}}
        """
        if isinstance(key, Field):
            return super().__getitem__(key)
        is_index = isinstance(key, int) and not isinstance(key, bool) and key >= 0
        if not is_index and not (isinstance(key, str) and POSITION.fullmatch(key)):
            raise TypeError(
                f"{self._label}[…] takes an index, '$', '$[]', '$[name]' or a field of the "
                f'documents within, not {shown(key)}'
            )
        return at_path(self.item_field, f'{self.s}.{key}')

    if TYPE_CHECKING:  # a list is asked for one item of it, too

        def in_(self, values: Iterable[T] | Iterable[V]) -> Query: ...
        def not_in(self, values: Iterable[T] | Iterable[V]) -> Query: ...
        def all(self, values: Iterable[T]) -> Query: ...
        def add_to_set(self, *values: T) -> Update: ...
        def pull(self, value: T | Query) -> Update: ...
        def pull_all(self, values: Iterable[T]) -> Update: ...
        def push(
            self,
            *values: T,
            position: int | None = None,
            slice: int | None = None,  # noqa: A002
            sort: Any = None,
        ) -> Update: ...

    def _item_field(self) -> Field[T]:
        return self.item_field

    @property
    def _takes_mappings(self) -> bool:
        return self.item_field._takes_mappings

    @property
    def _is_plain(self) -> bool:
        return converts_as(self, ListField)

    def _storable(self, value: Any) -> Any:
        if not self._is_plain:
            return stored(self, value)
        if value is None:
            return None
        if not is_instance(value, list):
            refuse(self, value, 'a list')
        return [self.item_field._storable(item) for item in value]

    def _operand(self, value: Any) -> Any:
        if self._is_plain and not is_instance(value, list):
            return self.item_field._operand(value)
        try:
            return self._storable(value)
        except QueryError:
            # One item may be meant, where items are lists or the list is not stored as one.
            if self._is_plain and not isinstance(self.item_field, ListField):
                raise
            return self.item_field._operand(value)

    def _inner_classes(self) -> list[Any]:
        return self.item_field._inner_classes()

    @property
    def document_class(self) -> Any:
        """The class of the embedded documents in the list; None where the items are others."""
        return self.item_field.document_class if self.item_field._embeds else None

    def _check_definition(self) -> None:
        """Refuse a `min_length` above `max_length`, and what the item's field refuses."""
        self._check_limits('min_length', 'max_length', is_length, 'an int from 0 on')
        self.item_field._check_definition()
        super()._check_definition()

    def from_data(self, value: Any) -> Any:
        """Convert item by item; what is no list stays as it is."""
        if not is_instance(value, list):
            return value
        return [self.item_field.from_data(item) for item in value]

    def to_mongo(self, value: Any) -> Any:
        """Convert item by item; what is no list stays as it is."""
        if not isinstance(value, list):
            return value
        return [self.item_field.to_mongo(item) for item in value]

    def from_mongo(self, value: Any) -> Any:
        """Convert item by item; what is no list stays as it is."""
        if not isinstance(value, list):
            return value
        return [self.item_field.from_mongo(item) for item in value]

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        if not isinstance(value, list):
            return _Empty
        return [convert(self.item_field, item) for item in value]

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        item = names.new('item')
        converted = source.from_data_source(self.item_field, item, names)
        return list_source(value, item, converted, names.call(self.from_data, value))

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where the items are stored as they are."""
        item = names.new('item')
        converted = source.from_mongo_source(self.item_field, item, names)
        if converted is None:
            return None
        return list_source(value, item, converted, names.call(self.from_mongo, value))

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where the items are stored as they are."""
        item = names.new('item')
        stored = source.to_mongo_source(self.item_field, item, names)
        if stored is None:
            return None
        return list_source(value, item, stored, names.call(self.to_mongo, value))

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length, then the items."""
        limits, messages = (
            (self.min_length, self.max_length),
            (errors.LIST_TOO_SHORT, errors.LIST_TOO_LONG),
        )
        check = names.bind(source.items_check(self.item_field), 'check_items')
        return [
            *length_branches(value, names, limits, messages),
            source.found_by(check, value, names),
        ]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array, its length and its items."""
        return {'type': 'array', **self._item_rules(schema)}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array, its length and its items."""
        return {'bsonType': 'array', **self._item_rules(schema)}

    def _item_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        items = schema.of_field(self.item_field)
        limits = length_rules('Items', (self.min_length, self.max_length))
        return {**({'items': items} if items else {}), **limits}


def list_source(value: str, item: str, converted: str, convert: str) -> str:
    """The expression that converts each item of a list, and leaves what is no list to a call."""
    items = f'[{converted} for {item} in {value}]'
    return f'{items} if type({value}) is list else {convert}'
