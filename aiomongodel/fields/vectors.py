"""VectorField: a list of numbers of a fixed length, such as an embedding."""

from __future__ import annotations

import array
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from bson.binary import VECTOR_SUBTYPE, Binary, BinaryVectorDtype

from aiomongodel import errors
from aiomongodel.fields import source
from aiomongodel.fields.base import FieldOptions
from aiomongodel.fields.lists import ListField
from aiomongodel.fields.numbers import FloatField
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.utils import is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')


class VectorOptions(FieldOptions[V], total=False):
    """The options of a vector."""

    binary: bool


class ComponentField(FloatField[float]):
    """A component of a vector: a finite number."""

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """That it is finite."""
        is_finite = names.bind(math.isfinite, 'is_finite')
        return [Branch(f'not {is_finite}({value})', names.error(errors.NOT_FINITE))]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A number."""
        return {'type': 'number'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A double."""
        return {'bsonType': 'double'}


class VectorField(ListField[V, float]):
    """A list of so many finite floats, for vector search; stored as an array of doubles.

    A tuple is converted, and what has a method `tolist`, such as an array of NumPy.

    Args:
        size: The number of components.
        binary: Whether it is stored as BSON's binary vector of 32-bit floats, which takes half of
            the space, or less. Components are rounded to such floats when they are set. Both
            forms are read, whatever this says.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Chunk(Document):
        ...     embedding = VectorField(3)
        >>> Chunk(embedding=(1, 0.5, '2')).validate().embedding
        [1.0, 0.5, 2.0]
    """

    @overload
    def __init__(
        self: VectorField[list[float]],
        size: int,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[VectorOptions[list[float]]],
    ) -> None: ...
    @overload
    def __init__(
        self: VectorField[list[float] | None],
        size: int,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[VectorOptions[list[float] | None]],
    ) -> None: ...
    def __init__(self, size: int, *, binary: bool = False, **options: Any) -> None:
        # see the overloads of ListField, which no type checker solves for a subclass
        super().__init__(ComponentField(), **options)  # type: ignore[misc]
        self.dimensions = size
        self.binary = binary

    if TYPE_CHECKING:  # other sequences are converted when they are assigned

        def __set__(self, instance: object, value: V | Iterable[float]) -> None: ...

    def _check_definition(self) -> None:
        """Refuse a size that is no number of components."""
        if (
            not isinstance(self.dimensions, int)
            or isinstance(self.dimensions, bool)
            or self.dimensions < 1
        ):
            raise ValueError(f'size {shown(self.dimensions)} must be an int from 1 on')
        super()._check_definition()

    def _storable(self, value: Any) -> Any:
        converted = None if value is None else self.from_data(value)
        if converted is not None and not is_instance(converted, list):
            refuse(self, value, f'a vector of {self.dimensions} components')
        return stored(self, value)

    def from_data(self, value: Any) -> Any:
        """Convert component by component; what is no sequence of numbers stays as it is."""
        given = value
        if is_instance(value, tuple):
            given = list(value)
        elif not is_instance(value, list) and hasattr(type(value), 'tolist'):
            given = attempted(lambda each: each.tolist(), value)
        if not is_instance(given, list):
            return value
        are_floats = {*map(type, given)} == {float}
        components = [*given] if are_floats else super().from_data(given)
        return attempted(rounded, components) if self.binary else components

    def to_mongo(self, value: Any) -> Any:
        """Convert to the binary form, where that is asked for; anything else stays as it is."""
        return attempted(packed, value) if self.binary and isinstance(value, list) else value

    def from_mongo(self, value: Any) -> Any:
        """Convert from the binary form; anything else stays as it is."""
        return attempted(unpacked, value) if isinstance(value, Binary) else value

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return names.call(self.from_data, value)

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where an array is stored."""
        return names.call(self.to_mongo, value) if self.binary else None

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        return f'{value} if type({value}) is list else {names.call(self.from_mongo, value)}'

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The size, then the components."""
        wrong = Branch(
            f'len({value}) != {self.dimensions}', names.error(errors.WRONG_LENGTH, self.dimensions)
        )
        is_vector = names.bind(is_finite_vector, 'is_vector')
        check = names.bind(source.items_check(self.item_field), 'check_items')
        found = source.found_by(check, value, names)
        return [wrong, Branch(f'not {is_vector}({value}) and {found.condition}', found.error)]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array of so many numbers."""
        items = schema.of_field(self.item_field)
        return {
            'type': 'array',
            'items': items,
            'minItems': self.dimensions,
            'maxItems': self.dimensions,
        }

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """An array of so many numbers, or a binary vector where that is asked for."""
        items = schema.of_field(self.item_field)
        rules = {
            'bsonType': 'array',
            'items': items,
            'minItems': self.dimensions,
            'maxItems': self.dimensions,
        }
        # An array is there still: of a document that was stored before, or of too great numbers.
        return {**rules, 'bsonType': ['array', 'binData']} if self.binary else rules


def is_finite_vector(components: list[Any]) -> bool:
    """Whether all components are finite floats; it takes a tenth of the time of the rules."""
    return {*map(type, components)} <= {float} and all(map(math.isfinite, components))


def rounded(components: list[Any]) -> list[float]:
    """The nearest floats of 32 bits."""
    return array.array('f', components).tolist()


def packed(components: list[float]) -> Binary:
    """The binary form of 32-bit floats."""
    return Binary.from_vector(components, BinaryVectorDtype.FLOAT32)


def unpacked(stored: Binary) -> Any:
    """The components of a binary vector; other binary data stays as it is."""
    if stored.subtype != VECTOR_SUBTYPE:
        return stored
    return [float(component) for component in stored.as_vector().data]
