"""ListField: a list of values of one field."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar, Unpack, overload

from aiomongodel import errors
from aiomongodel.fields import source
from aiomongodel.fields.base import Field, FieldOptions, is_length
from aiomongodel.fields.documents import NestingField
from aiomongodel.fields.source import Branch, Names
from aiomongodel.utils import is_instance, shown

V = TypeVar('V')
T = TypeVar('T')
T_ = TypeVar('T_')


class ListOptions(FieldOptions[V], total=False):
    """The options of a list."""

    min_length: int | None
    max_length: int | None


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

    @overload
    def __init__(
        self: ListField[list[T_], T_],
        item_field: Field[T_],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[ListOptions[list[T_]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[list[T_] | None, T_],
        item_field: Field[T_],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[ListOptions[list[T_] | None]],
    ) -> None: ...
    def __init__(
        self,
        item_field: Field[Any],
        *,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(item_field, Field):
            raise TypeError(
                f'item_field must be a field, such as StrField(), not {shown(item_field)}'
            )
        super().__init__(**options)
        self.item_field = item_field
        self.min_length = min_length
        self.max_length = max_length

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.item_field.__set_name__(owner, name)

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

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        item = names.new('item')
        converted = source.from_data_source(self.item_field, item, names)
        convert = names.bind(self.from_data, 'from_data')
        return list_source(value, item, converted, convert)

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where the items are stored as they are."""
        item = names.new('item')
        converted = source.from_mongo_source(self.item_field, item, names)
        if converted is None:
            return None
        return list_source(value, item, converted, names.bind(self.from_mongo, 'from_mongo'))

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where the items are stored as they are."""
        item = names.new('item')
        stored = source.to_mongo_source(self.item_field, item, names)
        if stored is None:
            return None
        return list_source(value, item, stored, names.bind(self.to_mongo, 'to_mongo'))

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length, then the items."""
        branches = []
        if self.min_length is not None:
            error = names.error(errors.LIST_TOO_SHORT, self.min_length)
            branches.append(Branch(f'len({value}) < {names.limit(self.min_length)}', error))
        if self.max_length is not None:
            error = names.error(errors.LIST_TOO_LONG, self.max_length)
            branches.append(Branch(f'len({value}) > {names.limit(self.max_length)}', error))
        check = names.bind(source.items_check(self.item_field), 'check_items')
        return [*branches, source.found_by(check, value, names)]


def list_source(value: str, item: str, converted: str, convert: str) -> str:
    """The expression that converts each item of a list, and leaves what is no list to a method."""
    items = f'[{converted} for {item} in {value}]'
    return f'{items} if type({value}) is list else {convert}({value})'
