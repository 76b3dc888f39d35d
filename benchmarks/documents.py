"""The documents that are measured: shapes, of which each system makes its models, and data."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from bson import Decimal128, ObjectId

Data = dict[str, Any]
Path = tuple[str | int, ...]


class Kind(enum.Enum):
    """What a field holds."""

    STR = enum.auto()
    INT = enum.auto()
    FLOAT = enum.auto()
    BOOL = enum.auto()
    DATETIME = enum.auto()
    DECIMAL = enum.auto()
    OBJECT_ID = enum.auto()
    EMAIL = enum.auto()
    DOCUMENT = enum.auto()
    REFERENCE = enum.auto()


class Spec(NamedTuple):
    """A field: `many` makes it a list, `minimum` is a value that it may still have."""

    name: str
    kind: Kind
    shape: Shape | None = None
    many: bool = False
    required: bool = True
    max_length: int | None = None
    minimum: int | None = None

    @property
    def inner(self) -> Shape:
        """The shape of the documents in it."""
        assert self.shape is not None
        return self.shape


class Shape(NamedTuple):
    """A document class: what has an `_id` is stored by itself, the rest within others."""

    name: str
    fields: tuple[Spec, ...]

    @property
    def has_id(self) -> bool:
        """Whether it is stored by itself."""
        return self.fields[0].name == '_id'


class Case(NamedTuple):
    """A document to measure.

    Attributes:
        name: Its name in the results.
        shape: Its shape.
        stored: Its data, as MongoDB has it.
        few: The three values that 'read three fields' reads.
        changed: A field and the new value that it is given.
        wrong: Values of which each one is refused, the others being right; none if not asked for.
    """

    name: str
    shape: Shape
    stored: Data
    few: tuple[Path, Path, Path]
    changed: tuple[str, Any]
    wrong: Mapping[str, Any] = MappingProxyType({})

    @property
    def values(self) -> Data:
        """The stored values as Python has them."""
        found: Data = as_python(self.stored)
        return found


def as_python(value: Any) -> Any:
    """Stored values as Python has them: a Decimal for a Decimal128, at any depth."""
    if isinstance(value, dict):
        return {key: as_python(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_python(item) for item in value]
    return value.to_decimal() if isinstance(value, Decimal128) else value


ID: Final = Spec('_id', Kind.OBJECT_ID)
EMAIL_PATTERN: Final = r'^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$'
"""Ours; the systems that have no e-mail field without further packages are given this one."""

FLAT: Final = Shape(
    'Flat',
    (
        ID,
        Spec('name', Kind.STR, max_length=50),
        Spec('age', Kind.INT, minimum=0),
        Spec('score', Kind.FLOAT),
        Spec('is_active', Kind.BOOL),
        Spec('created', Kind.DATETIME),
        Spec('price', Kind.DECIMAL, minimum=0),
        Spec('owner', Kind.OBJECT_ID),
        Spec('email', Kind.EMAIL),
        Spec('note', Kind.STR, required=False, max_length=100),
        Spec('tags', Kind.STR, many=True),
    ),
)
ADDRESS: Final = Shape(
    'Address',
    (Spec('street', Kind.STR), Spec('city', Kind.STR), Spec('zip_code', Kind.STR)),
)
CUSTOMER: Final = Shape(
    'Customer',
    (
        Spec('name', Kind.STR),
        Spec('email', Kind.EMAIL),
        Spec('address', Kind.DOCUMENT, ADDRESS),
    ),
)
LINE: Final = Shape(
    'Line',
    (
        Spec('product', Kind.OBJECT_ID),
        Spec('title', Kind.STR),
        Spec('quantity', Kind.INT, minimum=1),
        Spec('price', Kind.FLOAT),
        Spec('is_gift', Kind.BOOL),
    ),
)
ORDER: Final = Shape(
    'Order',
    (
        ID,
        Spec('customer', Kind.DOCUMENT, CUSTOMER),
        Spec('lines', Kind.DOCUMENT, LINE, many=True),
        Spec('related', Kind.REFERENCE, FLAT, many=True),
    ),
)
BASKET: Final = Shape(
    'Basket', (ID, Spec('name', Kind.STR), Spec('lines', Kind.DOCUMENT, LINE, many=True))
)

PLAIN: Final[Sequence[tuple[Kind, Any]]] = (
    (Kind.STR, 'a value of some length'),
    (Kind.INT, 12345),
    (Kind.FLOAT, 0.75),
    (Kind.BOOL, True),
    (Kind.DATETIME, datetime.datetime(2024, 2, 29, 12, 30)),
)
"""The kinds that the fields of a wide document take turns in."""


def lines(number: int) -> list[Data]:
    """So many lines of an order."""
    return [
        {
            'product': ObjectId(),
            'title': f'Product {index}',
            'quantity': index,
            'price': index * 1.5,
            'is_gift': index % 2 == 0,
        }
        for index in range(1, number + 1)
    ]


def flat() -> Case:
    """A value of each common type, an optional one that is missing, five tags."""
    stored: Data = {
        '_id': ObjectId(),
        'name': 'Alexandra Fernandez',
        'age': 33,
        'score': 0.75,
        'is_active': True,
        'created': datetime.datetime(2024, 2, 29, 12, 30),
        'price': Decimal128('19.99'),
        'owner': ObjectId(),
        'email': 'alexandra@example.com',
        'tags': ['red', 'green', 'blue', 'cyan', 'black'],
    }
    # Each is refused by every system, whatever it converts: None stands where some take any
    # string for a true value.
    wrong: Data = {
        'name': 'x' * 51,
        'age': -1,
        'score': 'high',
        'is_active': None,
        'created': 'yesterday',
        'price': Decimal(-1),
        'owner': 'nobody',
        'email': 'nobody',
        'note': 'x' * 101,
        'tags': 'red',
    }
    few: tuple[Path, Path, Path] = (('name',), ('age',), ('email',))
    return Case('flat', FLAT, stored, few, ('name', 'Ann'), wrong)


def order() -> Case:
    """A customer with an address, twenty lines of five fields, ten references."""
    address = {'street': 'Main Street 1', 'city': 'Springfield', 'zip_code': '12345'}
    stored: Data = {
        '_id': ObjectId(),
        'customer': {'name': 'Ann', 'email': 'ann@example.com', 'address': address},
        'lines': lines(20),
        'related': [ObjectId() for _ in range(10)],
    }
    few: tuple[Path, Path, Path] = (('customer', 'name'), ('lines', 0, 'title'), ('related', 0))
    return Case('nested', ORDER, stored, few, ('related', [ObjectId()]))


def wide(number: int = 60) -> Case:
    """So many fields of plain types."""
    kinds = [PLAIN[index % len(PLAIN)] for index in range(number)]
    specs = tuple(Spec(f'field_{index}', kind) for index, (kind, _) in enumerate(kinds))
    stored = {f'field_{index}': value for index, (_, value) in enumerate(kinds)}
    few: tuple[Path, Path, Path] = (('field_0',), ('field_1',), ('field_2',))
    shape = Shape(f'Wide{number}', (ID, *specs))
    return Case('wide', shape, {'_id': ObjectId(), **stored}, few, ('field_0', 'changed'))


def basket() -> Case:
    """A list of 1,000 embedded documents."""
    stored: Data = {'_id': ObjectId(), 'name': 'everything', 'lines': lines(1000)}
    few: tuple[Path, Path, Path] = (('name',), ('lines', 0, 'title'), ('lines', 999, 'title'))
    return Case('list of 1,000', BASKET, stored, few, ('name', 'changed'))


def nested(depth: int) -> Case:
    """A chain of embedded documents, so many levels below the first."""
    shape = Shape('Level0', (Spec('value', Kind.INT), Spec('text', Kind.STR)))
    stored: Data = {'value': 0, 'text': 'level 0'}
    for level in range(1, depth + 1):
        child = Spec('child', Kind.DOCUMENT, shape)
        shape = Shape(f'Level{level}', (Spec('value', Kind.INT), Spec('text', Kind.STR), child))
        stored = {'value': level, 'text': f'level {level}', 'child': stored}
    shape = Shape(f'Nested{depth}', (ID, *shape.fields))
    few: tuple[Path, Path, Path] = (('value',), ('text',), ('child', 'value'))
    return Case('nesting', shape, {'_id': ObjectId(), **stored}, few, ('value', -1))


def cases() -> list[Case]:
    """The documents that every system is measured with."""
    return [flat(), order(), wide(), basket()]
