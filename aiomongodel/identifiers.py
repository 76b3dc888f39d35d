"""Identifiers of documents: new ones, and ones that follow from values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bson import Binary, Decimal128, ObjectId

from aiomongodel.utils import shown

__all__ = ['generate_id']

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def generate_id(**parts: Any) -> str:
    """Generate an identifier: a new one, or the one that belongs to some values.

    It tells things apart; it protects nothing. An MD5 digest hides neither its parts from who can
    guess them, nor keeps anybody from making other parts with the same digest.

    Args:
        **parts: The values, by names: None, bool, int, float, str, bytes, datetime, date, Decimal,
            UUID, ObjectId, bson's Binary and Decimal128, and dict, list, tuple, set and frozenset
            of such.

    Returns:
        Without parts, the 24 hexadecimal digits of a new ObjectId. With parts, the 32 of an MD5
        digest, which is the same for the same parts, in any order and any process, and another
        one for other names, values or types of values.

    Raises:
        TypeError: A part is of another type, whose text need not be the same in another process.
        ValueError: A part holds itself, or nests too deeply.

    Example:
        >>> len(generate_id())
        24
        >>> generate_id(user_id=7, kind='profile')
        '0d410aac8c38d6bcd4121ad5e5216cf6'
        >>> generate_id(kind='profile', user_id=7) == generate_id(user_id=7, kind='profile')
        True
        >>> generate_id(user_id='7', kind='profile') == generate_id(user_id=7, kind='profile')
        False
    """
    if not parts:
        return str(ObjectId())
    items = [encoded(name) + encoded_part(name, value) for name, value in parts.items()]
    return hashlib.md5(b''.join(sorted(items)), usedforsecurity=False).hexdigest()


def encoded_part(name: str, value: Any) -> bytes:
    """The bytes of a part; an error names it."""
    try:
        return encoded(value)
    except TypeError as error:
        raise TypeError(
            f'generate_id: the part {name!r} holds {error}; give what identifies it, '
            'such as its _id, or its text'
        ) from None
    except RecursionError:
        raise ValueError(
            f'generate_id: the part {name!r} holds itself, or nests too deeply'
        ) from None


def encoded(value: Any) -> bytes:
    """Bytes that no other value has.

    Each value stands after its kind and the length of what follows, so that neighbours cannot
    lend each other characters.
    """
    for types, kind, encode in ENCODERS:
        if isinstance(value, types):
            body = encode(value)
            return f'{kind}{len(body)}:'.encode() + body
    raise TypeError(f'{shown(value)}, a {type(value).__module__}.{type(value).__qualname__}')


def encoded_float(value: float) -> bytes:
    # 0.0 and -0.0 are equal, and one value; adding 0.0 turns the second into the first.
    return float.hex(value + 0.0).encode()


def encoded_datetime(value: datetime) -> bytes:
    """The instant of an aware datetime, whatever its time zone; a naive one as it is."""
    if value.utcoffset() is None:
        return value.isoformat().encode()
    return f'@{(value - EPOCH) // MICROSECOND}'.encode()


def encoded_decimal(value: Decimal) -> bytes:
    """Equal numbers have equal bytes, as 1.0 and 1.00, with all of their digits."""
    if not value.is_finite():
        return str(value).encode()
    sign, digits, exponent = value.as_tuple()
    text = ''.join(map(str, digits)).lstrip('0')
    significant = text.rstrip('0')
    if not significant:
        return b'0'
    power = int(exponent) + len(text) - len(significant)
    return f'{"-" * sign}{significant}e{power}'.encode()


def encoded_mapping(value: dict[Any, Any]) -> bytes:
    return b''.join(sorted(encoded(key) + encoded(item) for key, item in value.items()))


# Of types that derive from each other the derived one stands first: bool is an int, datetime a
# date and Binary a kind of bytes.
ENCODERS: Final[tuple[tuple[type | tuple[type, ...], str, Callable[[Any], bytes]], ...]] = (
    (type(None), 'n', lambda _: b''),
    (str, 's', lambda value: str.encode(value, errors='surrogatepass')),
    (bool, 'b', lambda value: b'1' if value else b'0'),
    (int, 'i', lambda value: b'%x' % int(value)),  # str() refuses numbers of many digits
    (float, 'f', encoded_float),
    (ObjectId, 'o', lambda value: value.binary),
    (datetime, 't', encoded_datetime),
    (date, 'd', lambda value: value.isoformat().encode()),
    (Decimal, 'm', encoded_decimal),
    (Decimal128, 'M', lambda value: value.bid),
    (UUID, 'u', lambda value: value.bytes),
    (Binary, 'Y', lambda value: b'%d:%s' % (value.subtype, bytes(value))),
    (bytes, 'y', bytes),
    (dict, 'D', encoded_mapping),
    (list, 'L', lambda value: b''.join(map(encoded, value))),
    (tuple, 'T', lambda value: b''.join(map(encoded, value))),
    ((set, frozenset), 'S', lambda value: b''.join(sorted(map(encoded, value)))),
)
