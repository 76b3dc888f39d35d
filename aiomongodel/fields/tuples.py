"""TupleField: a tuple of a fixed length, with a field for each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.fields import source
from aiomongodel.fields.base import Field, FieldOptions
from aiomongodel.fields.containers import converts_as, require_field
from aiomongodel.fields.documents import at_path
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names, chain, compiled
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
A = TypeVar('A')
B = TypeVar('B')
C = TypeVar('C')
D = TypeVar('D')
E = TypeVar('E')


class TupleField(Field[V]):
    """A tuple with a field for each item, stored as an array; a list is converted.

    For any number of items of one field there is `ListField`.

    Args:
        *fields: The fields of the items, at least one.
        **options: See `Field`.

    Raises:
        TypeError: They are no fields, or none.

    Example:
        >>> from aiomongodel import Document, FloatField, StrField
        >>> class Measure(Document):
        ...     length = TupleField(FloatField(gte=0), StrField(choices={'m', 'km'}))
        >>> Measure(length=['1.5', 'km']).validate().length
        (1.5, 'km')
        >>> Measure.length[1] == 'km'
        {'length.1': 'km'}
    """

    value_type = tuple

    __iter__: Final = None  # or Python would go through `self[0]`, `self[1]`, …

    @overload
    def __init__(
        self: TupleField[tuple[A]],
        first: Field[A],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[tuple[A]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A] | None],
        first: Field[A],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[tuple[A] | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B]],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[tuple[A, B]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B] | None],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[tuple[A, B] | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C]],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[tuple[A, B, C]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C] | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[tuple[A, B, C] | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D]],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[tuple[A, B, C, D]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D] | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[tuple[A, B, C, D] | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...]],
        *fields: Field[Any],
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[tuple[Any, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...] | None],
        *fields: Field[Any],
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[tuple[Any, ...] | None]],
    ) -> None: ...
    def __init__(self, *fields: Field[Any], **options: Any) -> None:
        if not fields:
            raise TypeError('TupleField takes a field for each item, at least one')
        for index, field in enumerate(fields):
            require_field(field, f'item {index} of a TupleField')
        super().__init__(**options)
        self.fields = fields

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        for field in self.fields:
            field.__set_name__(owner, name)

    def __getitem__(self, index: int) -> Field[Any]:
        """The field of an item, for queries and updates.

        Args:
            index: The index, from 0 on.

        Raises:
            TypeError: There is no such item.
        """
        is_index = isinstance(index, int) and not isinstance(index, bool)
        if not is_index or not 0 <= index < len(self.fields):
            raise TypeError(
                f'{self._label}[…] takes an index from 0 to {len(self.fields) - 1}, '
                f'not {shown(index)}'
            )
        return at_path(self.fields[index], f'{self.s}.{index}')

    def _inner_classes(self) -> list[Any]:
        return [each for field in self.fields for each in field._inner_classes()]

    def _check_definition(self) -> None:
        """Refuse what the fields of the items refuse."""
        for field in self.fields:
            field._check_definition()
        super()._check_definition()

    def _storable(self, value: Any) -> Any:
        if value is None or not converts_as(self, TupleField):
            return stored(self, value)
        if not is_instance(value, (tuple, list)) or len(value) != len(self.fields):
            refuse(self, value, f'a tuple of length {len(self.fields)}')
        return [field._storable(item) for field, item in zip(self.fields, value, strict=True)]

    def from_data(self, value: Any) -> Any:
        """Convert a tuple or a list item by item; anything else stays as it is."""
        if not is_instance(value, (tuple, list)):
            return value
        return (*self._converted(value, [field.from_data for field in self.fields]),)

    def to_mongo(self, value: Any) -> Any:
        """Convert a tuple to a list, item by item; anything else stays as it is."""
        if not is_instance(value, tuple):
            return value
        return self._converted(value, [field.to_mongo for field in self.fields])

    def from_mongo(self, value: Any) -> Any:
        """Convert a list to a tuple, item by item; anything else stays as it is."""
        if not isinstance(value, list):
            return value
        return (*self._converted(value, [field.from_mongo for field in self.fields]),)

    @staticmethod
    def _converted(items: Iterable[Any], converters: list[Callable[[Any], Any]]) -> list[Any]:
        """The items converted; those for which there is no field stay as they are."""
        given = list(items)
        count = len(converters)
        converted = [convert(item) for convert, item in zip(converters, given, strict=False)]
        return [*converted, *given[count:]]

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return self._items_source(
            value, source.from_data_source, names, 'from_data', 'tuple', '({},)'
        )

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        return self._items_source(
            value, source.from_mongo_source, names, 'from_mongo', 'list', '({},)'
        )

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`."""
        return self._items_source(value, source.to_mongo_source, names, 'to_mongo', 'tuple', '[{}]')

    def _items_source(
        self,
        value: str,
        source_of: Callable[[Field[Any], str, Names], str | None],
        names: Names,
        method: str,
        kind: str,
        display: str,
    ) -> str:
        """An expression that converts each item by its field, with a method for what is odd."""
        item = names.new('item')
        places = [f'({item} := {value}[{index}])' for index in range(len(self.fields))]
        items = [
            f'({place}, {source_of(field, item, names) or item})[1]'
            for place, field in zip(places, self.fields, strict=True)
        ]
        convert = names.bind(getattr(self, method), method)
        is_usual = f'type({value}) is {kind} and len({value}) == {len(self.fields)}'
        return f'{display.format(", ".join(items))} if {is_usual} else {convert}({value})'

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The length, then the items."""
        count = len(self.fields)
        wrong = Branch(f'len({value}) != {count}', names.error(errors.WRONG_LENGTH, count))
        check = names.bind(self._check_of_items(), 'check_items')
        return [wrong, source.found_by(check, value, names)]

    def _check_of_items(self) -> Callable[[Any], ValidationError | None]:
        """Compile a function that gives what is wrong with the items, or None."""
        names = Names()
        lines = ['def check_items(items):', '    errors = {}']
        for index, field in enumerate(self.fields):
            branches = source.validate_source(field, 'value', names)
            lines.append(f'    value = items[{index}]')
            lines.extend(chain(branches, f'errors[{index}] =', '    '))
        lines.append('    return ValidationError(errors) if errors else None')
        return compiled(f'{self._label} items', lines, names)

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        if not isinstance(value, tuple | list) or len(value) != len(self.fields):
            return _Empty
        items = [convert(field, item) for field, item in zip(self.fields, value, strict=True)]
        return (*items,) if isinstance(value, tuple) else items

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array with a schema for each item."""
        count = len(self.fields)
        items = [schema.of_field(field) for field in self.fields]
        return {'type': 'array', 'prefixItems': items, 'minItems': count, 'maxItems': count}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array with a schema for each item."""
        count = len(self.fields)
        items = [schema.of_field(field) for field in self.fields]
        return {'bsonType': 'array', 'items': items, 'minItems': count, 'maxItems': count}
