"""Pages of documents: by number, and by the place where the last one ended."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NoReturn, TypeVar

import bson
from bson import Code, Decimal128, ObjectId, Timestamp
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.errors import BSONError

from aiomongodel.errors import QueryError
from aiomongodel.expressions import Query
from aiomongodel.ordering import Pair
from aiomongodel.utils import shown

__all__ = ['KeysetPage', 'Page']

T = TypeVar('T')

MAX_TOKEN_LENGTH: Final = 65_536
"""Of a token, in characters; a longer one is not read, as it is not one of ours."""

AS_STORED: Final = CodecOptions[dict[str, Any]](datetime_conversion=DatetimeConversion.DATETIME_MS)
"""Decodes each value into one that is encoded as it was: dates of any year, UUIDs of any form."""

TYPES: Final = (
    *('number', 'string', 'object', 'array', 'binData'),
    *('objectId', 'bool', 'date', 'timestamp', 'regex'),
)
"""MongoDB's names of types, in the order in which it sorts their values."""

KINDS: Final[Sequence[tuple[str, Any]]] = (
    ('bool', bool),  # which is an int in Python
    ('number', (int, float, Decimal128)),
    ('string', str),
    ('binData', bytes),
    ('objectId', ObjectId),
    ('date', DatetimeMS),
    ('timestamp', Timestamp),
)
"""The values by which a page can be found; documents and lists have no one place in an order."""

NAN: Final = float('nan')


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page by its number.

    Attributes:
        items: The documents of the page, in a list.
        total: The number of documents that the query finds.
        number: The number of the page, from 1 on.
        size: The greatest number of documents on a page.
    """

    items: Sequence[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """The number of pages."""
        return math.ceil(self.total / self.size)

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.number < self.pages

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1


@dataclass(frozen=True)
class KeysetPage(Generic[T]):
    """A page by the place where the one before it ended.

    Attributes:
        items: The documents of the page, in a list.
        next_token: The token of the next page; None where this is the last one.
    """

    items: Sequence[T]
    next_token: str | None


def with_id(order: list[Pair]) -> list[Pair]:
    """The order, made one without ties by the `_id`.

    Raises:
        QueryError: It is an order by something else than values, such as a text score.
    """
    for key, direction in order:
        if direction not in (1, -1):
            raise QueryError(f'pages by place need an order by values, not {(key, direction)}')
    return order if any(key == '_id' for key, _ in order) else [*order, ('_id', 1)]


def token_of(order: list[Pair], values: Sequence[Any], codec_options: CodecOptions[Any]) -> str:
    """The token of the place in an order where some values are.

    Args:
        order: The order.
        values: Its keys' values in a document, as the driver has decoded them.
        codec_options: Those by which it has.

    Raises:
        QueryError: One is of a type that has no place in the order.
    """
    held = {'order': [list(pair) for pair in order], 'values': values}
    packed = bson.encode(held, codec_options=codec_options)
    for (key, _), value in zip(order, bson.decode(packed, AS_STORED)['values'], strict=True):
        if not is_sorted(value):
            refuse_value(key, value)
    return base64.urlsafe_b64encode(packed).decode().rstrip('=')


def places_of(order: list[Pair], found: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The values of an order's keys in each of the documents that were found.

    Raises:
        QueryError: One has a list or a document where the order needs a value.
    """
    return [[value_at(data, key) for key, _ in order] for data in found]


def value_at(data: Mapping[str, Any], path: str) -> Any:
    """The stored value under a dotted path; None where there is none."""
    value: Any = data
    for name in path.split('.'):
        if not isinstance(value, Mapping):
            refuse_value(path, value) if isinstance(value, list) else None
            return None
        value = value.get(name)
    if isinstance(value, list | Mapping):
        refuse_value(path, value)
    return value


def is_sorted(value: Any) -> bool:
    """Whether a value, decoded as it is stored, has one place in an order."""
    if value is None:
        return True
    return any(isinstance(value, kinds) for _, kinds in KINDS) and not isinstance(value, Code)


def refuse_value(path: str, value: object) -> NoReturn:
    raise QueryError(
        f'{path!r} is {shown(value)} in a document: pages by place need an order by single values'
    )


def place_of(token: str, order: list[Pair]) -> list[Any]:
    """The values of the order's keys that a token holds.

    Raises:
        QueryError: It is no token, or that of another order.
    """
    held = unpacked(token)
    values = held.get('values')
    if held.keys() != {'order', 'values'} or held['order'] != [list(pair) for pair in order]:
        raise QueryError(f'the token {shown(token)} is not one of this order, {order}')
    if not isinstance(values, list) or len(values) != len(order):
        raise QueryError(f'the token {shown(token)} does not name a place in the order {order}')
    if not all(is_sorted(value) for value in values):
        raise QueryError(f'the token {shown(token)} holds what no document is sorted by')
    return values


def unpacked(token: Any) -> dict[str, Any]:
    """What a token holds."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise QueryError(f'{shown(token)} is no token of a page; None stands for the first page')
    try:
        packed = base64.b64decode(
            f'{token}{"=" * (-len(token) % 4)}', altchars=b'-_', validate=True
        )
        return bson.decode(packed, AS_STORED)
    except (binascii.Error, ValueError, BSONError, OverflowError, RecursionError) as error:
        raise QueryError(f'{shown(token)} is no token of a page: {error}') from error


def beyond(order: list[Pair], values: list[Any]) -> Query:
    """The query on the documents after a place in an order."""
    alternatives = []
    for number, ((key, direction), value) in enumerate(zip(order, values, strict=True)):
        for later in later_values(value, direction):
            ties = [
                Query({name: {'$eq': tie}})
                for (name, _), tie in zip(order, values[:number], strict=False)
            ]
            alternatives.append({'$and': [*ties, {key: later}]} if ties else {key: later})
    return Query({'$or': alternatives} if alternatives else {'$nor': [{}]})


def later_values(value: Any, direction: int) -> list[Any]:
    """The conditions of the values after a value: null and unset ones come first, then NaN."""
    if value is None:
        return [{'$ne': None}] if direction == 1 else []
    place = TYPES.index(alias_of(value))
    if direction == 1:
        limit = {'$gte': -math.inf} if is_nan(value) else {'$gt': value}
        return [limit, *of_types(TYPES[place + 1 :])]
    lower = [] if is_nan(value) else [{'$lt': value}]
    if alias_of(value) == 'number' and not is_nan(value):
        return [*lower, {'$in': [None, NAN]}]  # no type comes before numbers
    return [*lower, *of_types(TYPES[:place]), None]


def of_types(aliases: Sequence[str]) -> list[Any]:
    """The condition that a value is of one of some types: a comparison keeps to one."""
    return [{'$type': list(aliases)}] if aliases else []


def alias_of(value: Any) -> str:
    """MongoDB's name of a value's type, among those that have an order of their own."""
    return next(alias for alias, kinds in KINDS if isinstance(value, kinds))


def is_nan(value: Any) -> bool:
    """Whether a value is the number that is none, of either type."""
    return value != value or (isinstance(value, Decimal128) and value.to_decimal().is_nan())
