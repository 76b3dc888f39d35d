"""The types of BSON, and keys by which their values compare as on the server."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from bson import Binary, Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from aiomongodel.errors import QueryError
from aiomongodel.utils import _Empty, shown

Key: TypeAlias = tuple[int, Any]
"""The rank of a value's type, and what orders the values of that rank."""


class Kind(NamedTuple):
    """A type of BSON."""

    alias: str
    code: int
    rank: int
    """Where its values stand among those of other types."""
    key: Callable[[Any], Any]
    """Gives what orders a value among those of equal rank."""


def key_of(value: Any) -> Key:
    """What a value compares by: in equality, in order, and in sets."""
    kind = kind_of(value)
    return kind.rank, kind.key(value)


def kind_of(value: Any) -> Kind:
    """The type of a value."""
    own: type = type(value)
    base = stored_type(own)
    if base is None:
        raise QueryError(f'{shown(value)} is of type {type(value).__name__}, which BSON lacks')
    if base is int and not -(2**31) <= value < 2**31:
        return KINDS[Int64]
    return SCOPED_CODE if base is Code and value.scope is not None else KINDS[base]


@lru_cache  # each comparison asks for it
def stored_type(of: type) -> type | None:
    """The class itself, or the one of its bases, which BSON knows."""
    return next((base for base in of.__mro__ if base in KINDS), None)


def is_kind(value: Any, *aliases: str) -> bool:
    """Whether a value is of a type of BSON, by its aliases; one that BSON lacks is not."""
    own: type = type(value)
    base = stored_type(own)
    return base is not None and KINDS[base].alias in aliases


def is_array(value: Any) -> bool:
    """Whether a value is stored as an array."""
    return isinstance(value, list | tuple)


def is_pattern(value: Any) -> bool:
    """Whether a value is a regular expression."""
    return isinstance(value, Regex | re.Pattern)


def no_key(_: Any) -> tuple[()]:
    """The key where all values are equal."""
    return ()


def same(value: Any) -> Any:
    """The key of what Python orders as the server does."""
    return value


def number_key(value: float | Decimal | Decimal128) -> tuple[int, Decimal]:
    """NaN before all numbers; each number exactly, as 0.1 is not Decimal('0.1')."""
    number = decimal_of(value)
    return (0, Decimal(0)) if number.is_nan() else (1, number)


def decimal_of(value: float | Decimal | Decimal128) -> Decimal:
    """A number as a Decimal, exactly."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, Decimal):
        return value
    return Decimal.from_float(value)  # noqa: FURB164 - a context may forbid Decimal(0.1)


def document_key(value: Any) -> tuple[tuple[int, str, Any], ...]:
    """The fields in their order: each by its type, then its name, then its value."""
    pairs: Any = value.as_doc().items() if isinstance(value, DBRef) else value.items()
    if not all(isinstance(name, str) for name, _ in pairs):
        raise QueryError(f'the names in a document are of type str, not {shown(value)}')
    keys = ((name, key_of(inner)) for name, inner in pairs)
    return tuple((rank, name, key) for name, (rank, key) in keys)


def array_key(value: Iterable[Any]) -> tuple[Key, ...]:
    """The items in their order."""
    return tuple(map(key_of, value))


def binary_key(value: bytes | uuid.UUID) -> tuple[int, int, bytes]:
    """Its length, its subtype, its content."""
    if isinstance(value, uuid.UUID):
        return 16, 4, value.bytes
    return len(value), getattr(value, 'subtype', 0), bytes(value)


def date_key(value: datetime | DatetimeMS) -> int:
    """Milliseconds, to which the server stores it; without a timezone, it is in UTC."""
    return int(value if isinstance(value, DatetimeMS) else DatetimeMS(value))


def timestamp_key(value: Timestamp) -> tuple[int, int]:
    """Its time, then its place within the second."""
    return value.time, value.inc


def regex_of(value: Regex[Any] | re.Pattern[Any]) -> Regex[str]:
    """A pattern as the driver stores it, with the flags that there are for the server."""
    regex = Regex.from_native(value) if isinstance(value, re.Pattern) else value
    text = regex.pattern.decode() if isinstance(regex.pattern, bytes) else regex.pattern
    return Regex(text, regex.flags & sum(STORED_FLAGS.values()))


def regex_key(value: Regex[Any] | re.Pattern[Any]) -> tuple[str, str]:
    """Its text, then its flags."""
    regex = regex_of(value)
    letters = (letter for letter, flag in STORED_FLAGS.items() if regex.flags & flag)
    return regex.pattern, ''.join(letters)


def scoped_code_key(value: Code) -> tuple[str, Any]:
    """Its text, then its scope."""
    return str(value), document_key(value.scope)


def whole(value: Any) -> int | None:
    """A number without a fraction, as an int."""
    number = truncated(value)
    return number if number is not None and key_of(number) == key_of(value) else None


def truncated(value: Any) -> int | None:
    """A number without its fraction; None for what is no number, or none of 64 bits."""
    if not is_number(value):
        return None
    number = decimal_of(value)
    is_long = not number.is_nan() and -(2**63) <= number < 2**63
    return int(number) if is_long else None


def is_number(value: Any) -> bool:
    """Whether a value is a number, which a bool is not."""
    return is_kind(value, *NUMBERS)


def document_of(value: Any) -> Mapping[str, Any] | None:
    """The document that a value is, as which a reference is stored too."""
    if isinstance(value, DBRef):
        return value.as_doc()
    return value if isinstance(value, Mapping) else None


STORED_FLAGS: Final = {
    'i': re.IGNORECASE,
    'm': re.MULTILINE,
    's': re.DOTALL,
    'u': re.UNICODE,
    'x': re.VERBOSE,
}
"""The flags of patterns that BSON has, by their letters there."""

NULL: Final = Kind('null', 10, 5, no_key)
OBJECT: Final = Kind('object', 3, 20, document_key)
ARRAY: Final = Kind('array', 4, 25, array_key)
BINARY: Final = Kind('binData', 5, 30, binary_key)
DATE: Final = Kind('date', 9, 45, date_key)
REGEX: Final = Kind('regex', 11, 50, regex_key)
DECIMAL: Final = Kind('decimal', 19, 10, number_key)
SCOPED_CODE: Final = Kind('javascriptWithScope', 15, 65, scoped_code_key)

KINDS: Final[dict[type, Kind]] = {
    MinKey: Kind('minKey', -1, -1, no_key),
    type(None): NULL,
    type(_Empty): NULL,  # what is missing compares as null does
    float: Kind('double', 1, 10, number_key),
    int: Kind('int', 16, 10, number_key),
    Int64: Kind('long', 18, 10, number_key),
    Decimal128: DECIMAL,
    Decimal: DECIMAL,  # by a codec of the client's own
    str: Kind('string', 2, 15, same),
    dict: OBJECT,
    Mapping: OBJECT,
    DBRef: OBJECT,
    list: ARRAY,
    tuple: ARRAY,
    bytes: BINARY,
    Binary: BINARY,
    uuid.UUID: BINARY,
    ObjectId: Kind('objectId', 7, 35, same),
    bool: Kind('bool', 8, 40, same),
    datetime: DATE,
    DatetimeMS: DATE,
    Timestamp: Kind('timestamp', 17, 47, timestamp_key),
    Regex: REGEX,
    re.Pattern: REGEX,
    Code: Kind('javascript', 13, 60, str),
    MaxKey: Kind('maxKey', 127, 127, no_key),
}
CODES: Final = {kind.alias: kind.code for kind in [*KINDS.values(), SCOPED_CODE]} | {
    'undefined': 6,
    'dbPointer': 12,
    'symbol': 14,
}
NUMBERS: Final = ('double', 'int', 'long', 'decimal')
NUMBER_CODES: Final = frozenset(CODES[alias] for alias in NUMBERS)
NAN: Final = key_of(float('nan'))
FALSE_KEYS: Final = frozenset({key_of(None), key_of(False), key_of(0)})
