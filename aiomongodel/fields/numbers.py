"""Fields of numbers: IntField, FloatField and DecimalField."""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from bson import Decimal128

from aiomongodel import errors
from aiomongodel.fields.base import ConvertedField, FieldOptions
from aiomongodel.fields.decimals import nearest_decimal, to_decimal, to_decimal128
from aiomongodel.fields.operators import refuse
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')


MAX_LONG: Final = 2**63 - 1
"""The greatest int that MongoDB stores."""

DECIMAL_PATTERN: Final = (
    r'^[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity|s?NaN[0-9]*)$'
)
"""What the text of a Decimal matches."""

MAX_DIGITS: Final = 4300
"""The digits of the longest number that is converted, as many as `int` takes of a str."""


class NumberOptions(FieldOptions[V], total=False):
    """The options of a field of numbers."""

    gte: float | Decimal | None
    lte: float | Decimal | None
    gt: float | Decimal | None
    lt: float | Decimal | None


def is_number(limit: Any) -> bool:
    """Whether a value can limit numbers; NaN cannot."""
    return isinstance(limit, int | float | Decimal) and not Decimal(limit).is_nan()


class NumberField(ConvertedField[V]):
    """The base of the fields of numbers: limits on the value.

    Args:
        gte: The value is greater than this, or equal.
        lte: The value is less than this, or equal.
        gt: The value is greater than this.
        lt: The value is less than this.
        **options: See `Field`.
    """

    LIMITS: Final = (
        ('gte', '>=', errors.LESS_THAN),
        ('lte', '<=', errors.GREATER_THAN),
        ('gt', '>', errors.NOT_GREATER_THAN),
        ('lt', '<', errors.NOT_LESS_THAN),
    )

    def __init__(
        self,
        *,
        gte: Any = None,
        lte: Any = None,
        gt: Any = None,
        lt: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.gte = gte
        self.lte = lte
        self.gt = gt
        self.lt = lt

    def _check_definition(self) -> None:
        """Refuse a limit that is no number, and a lower one above an upper one."""
        for lower in ('gte', 'gt'):
            for upper in ('lte', 'lt'):
                self._check_limits(lower, upper, is_number, 'a number')
                low, high = getattr(self, lower), getattr(self, upper)
                if low is not None and low == high and (lower, upper) != ('gte', 'lte'):
                    raise ValueError(f'{lower} {low!r} and {upper} {high!r} leave no value')
        super()._check_definition()

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The limits that are set, in the order of `LIMITS`."""
        branches = []
        for name, operator, message in self.LIMITS:
            limit = getattr(self, name)
            if limit is not None:
                broken = self.broken_source(value, operator, names.bind(limit, 'limit'))
                branches.append(Branch(broken, names.error(message, limit)))
        return branches

    def broken_source(self, value: str, operator: str, limit: str) -> str:
        """The condition in which a limit is broken; `not` makes it hold for NaN too."""
        return f'not {value} {operator} {limit}'

    def _nearest(self, limit: Any, *, is_least: bool) -> Any:
        """The least value of the field's type that is not below a limit; or likewise the greatest.

        Compared with this one, values need not be of the limit's own type.
        """
        raise NotImplementedError

    def _bounds(self) -> Iterator[tuple[bool, Any, bool]]:
        """Of each limit: whether it is a lower one, the nearest value, and whether that is out."""
        for name, is_least, is_open in (
            ('gte', True, False),
            ('gt', True, True),
            ('lte', False, False),
            ('lt', False, True),
        ):
            limit = getattr(self, name)
            if limit is not None:
                nearest = self._nearest(limit, is_least=is_least)
                yield is_least, nearest, is_open and nearest == limit

    def _narrowest(self) -> dict[str, tuple[Any, bool]]:
        """By `minimum` and `maximum` the value, and whether that is out; of two limits the one."""
        bounds = list(self._bounds())
        lower = [(value, is_open) for is_least, value, is_open in bounds if is_least]
        upper = [(value, not is_open) for is_least, value, is_open in bounds if not is_least]
        found: dict[str, tuple[Any, bool]] = {}
        if lower:
            found['minimum'] = max(lower)
        if upper:
            value, is_in = min(upper)
            found['maximum'] = (value, not is_in)
        return found

    def _json_range(self) -> dict[str, Any]:
        """The limits in a JSON Schema."""
        return {
            f'exclusive{keyword.capitalize()}' if is_open else keyword: value
            for keyword, (value, is_open) in self._narrowest().items()
            if abs(value) != math.inf
        }

    def _mongo_range(self) -> dict[str, Any]:
        """The limits for MongoDB; what it cannot store limits nothing that it stores."""
        rules: dict[str, Any] = {}
        for keyword, (value, is_open) in self._narrowest().items():
            if isinstance(value, int) and abs(value) > MAX_LONG:
                continue
            rules[keyword] = to_decimal128(value) if isinstance(value, Decimal) else value
            if is_open:
                rules[f'exclusive{keyword.capitalize()}'] = True
        return rules


class IntField(NumberField[V]):
    """An integer.

    Args:
        gte: The value is greater than this, or equal.
        lte: The value is less than this, or equal.
        gt: The value is greater than this.
        lt: The value is less than this.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     age = IntField(gte=0)
        >>> User(age='18').age
        18
    """

    value_type = int

    @overload
    def __init__(
        self: IntField[int],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[NumberOptions[int]],
    ) -> None: ...
    @overload
    def __init__(
        self: IntField[int | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[NumberOptions[int | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    @property
    def _is_plain(self) -> bool:
        """Whether it converts and stores as any IntField, not in a subclass's own way."""
        own, ours = type(self), IntField
        return (own.from_data, own.convert, own.to_mongo) == (
            ours.from_data,
            ours.convert,
            ours.to_mongo,
        )

    def convert(self, value: Any) -> Any:
        """Convert by `int`, but for a Decimal such as 1E+1000000, which would take it minutes."""
        if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > MAX_DIGITS:
            return value
        return int(value)

    def _storable(self, value: Any) -> Any:
        if has_fraction(value) and self._is_plain:
            refuse(self, value, self._type_in_words)
        return super()._storable(value)

    def _operand(self, value: Any) -> Any:
        # Cut to an int, a limit of 1.5 would let 1 through in `<=` and keep it out in `<`.
        if not has_fraction(value) or not self._is_plain:
            return super()._operand(value)
        try:
            return to_decimal128(value) if isinstance(value, Decimal) else value
        except (decimal.DecimalException, ValueError):
            refuse(self, value, 'a number that MongoDB can hold')

    def _nearest(self, limit: Any, *, is_least: bool) -> Any:
        if abs(limit) == math.inf:
            return limit
        return math.ceil(limit) if is_least else math.floor(limit)

    def to_json(self, value: Any) -> Any:
        """Convert a bool too, which is an int to Python, to the number."""
        return int(value) if isinstance(value, bool) else super().to_json(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """An integer, and its limits."""
        return {'type': 'integer', **self._json_range()}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """An integer, and its limits; a bool is one to Python, and is stored as a bool."""
        return {'bsonType': ['int', 'long', 'bool'], **self._mongo_range()}


def has_fraction(value: Any) -> bool:
    """Whether it is a number that no int is equal to."""
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if isinstance(number, float):
        return not number.is_integer()
    if not isinstance(number, Decimal):
        return False
    return not number.is_finite() or number != number.to_integral_value()


class FloatField(NumberField[V]):
    """A floating point number.

    Args:
        gte: The value is greater than this, or equal.
        lte: The value is less than this, or equal.
        gt: The value is greater than this.
        lt: The value is less than this.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Post(Document):
        ...     rate = FloatField(default=0.0)
        >>> Post(rate='4.5').rate
        4.5
    """

    value_type = float

    @overload
    def __init__(
        self: FloatField[float],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[NumberOptions[float]],
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[NumberOptions[float | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def _nearest(self, limit: Any, *, is_least: bool) -> Any:
        try:
            number = float(limit)
        except OverflowError:
            number = math.inf if limit > 0 else -math.inf
        if number == limit:
            return int(limit) if isinstance(limit, int) else number
        if (number < limit) is is_least:
            number = math.nextafter(number, math.inf if is_least else -math.inf)
        return number

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A number, and its limits."""
        return {'type': 'number', **self._json_range()}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A double, and its limits."""
        return {'bsonType': 'double', **self._mongo_range()}


class DecimalField(NumberField[V]):
    """A decimal number, stored as a Decimal128 of at most 34 digits.

    Args:
        gte: The value is greater than this, or equal.
        lte: The value is less than this, or equal.
        gt: The value is greater than this.
        lt: The value is less than this.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Item(Document):
        ...     price = DecimalField(gt=0)
        >>> Item(price='9.50').price
        Decimal('9.50')
    """

    value_type = Decimal
    _kept_type = Decimal128

    @overload
    def __init__(
        self: DecimalField[Decimal],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[NumberOptions[Decimal]],
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[Decimal | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[NumberOptions[Decimal | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def broken_source(self, value: str, operator: str, limit: str) -> str:
        """A decimal NaN refuses to be compared, so test for it first."""
        return f'{value}.is_nan() or not {value} {operator} {limit}'

    def _nearest(self, limit: Any, *, is_least: bool) -> Any:
        if isinstance(limit, int) and abs(limit) <= MAX_LONG:
            return int(limit)
        return nearest_decimal(Decimal(limit), is_least=is_least)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """The text of a decimal number; no keyword limits what it says."""
        return {'type': 'string', 'pattern': DECIMAL_PATTERN}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A Decimal128, and its limits."""
        return {'bsonType': 'decimal', **self._mongo_range()}

    def convert(self, value: Any) -> Decimal:
        """Convert a Decimal128 or a number; a float by its shortest form: 0.1 is Decimal('0.1')."""
        if isinstance(value, Decimal128):
            return to_decimal(value)
        return Decimal(repr(value) if isinstance(value, float) else value)

    def to_mongo(self, value: Any) -> Any:
        """Convert a Decimal to a Decimal128.

        Raises:
            decimal.DecimalException: The value has more digits than a Decimal128, or an exponent
                beyond its range.
            ValueError: It is a NaN with digits.
        """
        if not isinstance(value, Decimal):
            return value
        try:
            return to_decimal128(value)
        except (decimal.DecimalException, ValueError) as error:
            error.add_note(
                f'in {self._label}: {shown(value)} is no Decimal128, which has 34 digits and an '
                'exponent from -6143 to 6144'
            )
            raise

    def from_mongo(self, value: Any) -> Any:
        """Convert a Decimal128, a float or a str to a Decimal."""
        return (
            attempted(self.convert, value) if isinstance(value, Decimal128 | float | str) else value
        )

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        convert, stored = names.call(self.from_mongo, value), names.bind(Decimal128, 'stored')
        return f'{names.call(to_decimal, value)} if type({value}) is {stored} else {convert}'

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`."""
        return names.call(self.to_mongo, value)
