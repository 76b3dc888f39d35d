"""ConstField: one value, such as the version of a schema."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

import bson
from bson.errors import InvalidDocument

from aiomongodel import errors
from aiomongodel.fields.base import Field, FieldOptions
from aiomongodel.fields.source import Branch, Names
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
C_ = TypeVar('C_', str, int, float, bool, bytes)

KINDS: Final[Mapping[type, Any]] = {
    str: 'string',
    int: ['int', 'long'],
    float: 'double',
    bool: 'bool',
    bytes: 'binData',
}
"""The types of values, and those that MongoDB stores them as."""


class ConstField(Field[V]):
    """One value, which is also the default of a field that is required.

    A str that is its text is converted to it.

    Args:
        value: The value: a str, int, float, bool or bytes.
        **options: See `Field`.

    Raises:
        TypeError: It is of another type.

    Example:
        >>> from aiomongodel import Document
        >>> class Event(Document):
        ...     version = ConstField(2, mongo_name='v')
        >>> Event().version
        2
    """

    @overload
    def __init__(
        self: ConstField[C_],
        value: C_,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[C_]],
    ) -> None: ...
    @overload
    def __init__(
        self: ConstField[C_ | None],
        value: C_,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[C_ | None]],
    ) -> None: ...
    def __init__(self, value: Any, **options: Any) -> None:
        if type(value) not in KINDS:
            raise TypeError(
                f'ConstField takes a str, int, float, bool or bytes, not {shown(value)}'
            )
        if options.get('required', True):
            options.setdefault('default', value)
        super().__init__(field_type=type(value), **options)
        self.value = value

    def _check_definition(self) -> None:
        """Refuse choices, and a value that MongoDB cannot store, or that is not equal to itself."""
        if self.choices is not None:
            raise ValueError('choices of a ConstField have no meaning: it has one value')
        try:
            bson.encode({'': self.value})
        except (InvalidDocument, OverflowError, ValueError) as error:
            raise ValueError(f'value {shown(self.value)} cannot be stored: {error}') from error
        if isinstance(self.value, float) and math.isnan(self.value):
            raise ValueError('value nan is not equal to itself')
        super()._check_definition()

    @property
    def _settled_type(self) -> type | None:
        return self.field_type if type(self).from_data is ConstField.from_data else None

    def from_data(self, value: Any) -> Any:
        """Convert the text of the value; anything else stays as it is."""
        if type(value) is str and type(self.value) is not bytes and value == str(self.value):
            return self.value
        return value

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        exact = names.bind(self.field_type, 'exact')
        return f'{value} if type({value}) is {exact} else {names.call(self.from_data, value)}'

    def type_source(self, value: str, names: Names) -> list[Branch]:
        """The branches that refuse another type, then another value."""
        error = names.error(errors.NOT_THE_CONSTANT, self.value)
        is_constant = names.bind(self._is_constant, 'is_constant')
        return [*super().type_source(value, names), Branch(f'not {is_constant}({value})', error)]

    def _is_constant(self, value: Any) -> bool:
        """Whether a value of the type is this one; True is not 1."""
        if isinstance(value, bool) != isinstance(self.value, bool):
            return False
        try:
            return bool(value == self.value)
        except Exception:  # noqa: BLE001 - of a subclass that refuses to be compared
            return False

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """The value."""
        return {'const': self.to_json(self.value)}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """The value, and its types: 1 is equal to 1.0 there."""
        return {'bsonType': KINDS[type(self.value)], 'enum': [self.value]}
