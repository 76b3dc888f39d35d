"""How an operator of a field is defined, and the values that it takes."""

from __future__ import annotations

import datetime
import functools
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast

import bson
from bson import Decimal128, ObjectId
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.errors import InvalidDocument

from aiomongodel.errors import QueryError
from aiomongodel.utils import is_instance, shown

M = TypeVar('M', bound=Callable[..., Any])

NUMBERS: Final = (int, float, Decimal, Decimal128)
PATTERNS: Final = (re.Pattern, bson.Regex)
SCALARS: Final = (
    *(str, *NUMBERS, ObjectId, uuid.UUID),
    *(datetime.datetime, datetime.date, datetime.time),
)
"""What a field of single values converts in a query; the text of anything else means nothing."""

ANY_UUID: Final[CodecOptions[Any]] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)


class Operand(Protocol):
    """What operators use of the field that they belong to."""

    field_type: Any

    @property
    def document_class(self) -> Any: ...
    @property
    def s(self) -> str: ...
    @property
    def _label(self) -> str: ...
    @property
    def _target(self) -> str: ...
    @property
    def _takes_mappings(self) -> bool: ...
    @property
    def _takes_patterns(self) -> bool: ...
    @property
    def _type_in_words(self) -> str: ...

    def from_data(self, value: Any) -> Any: ...
    def to_mongo(self, value: Any) -> Any: ...
    def _is_of_type(self, value: Any) -> bool: ...
    def _item_field(self) -> Operand: ...
    def _nested(self, name: str) -> Any: ...
    def _operand(self, value: Any) -> Any: ...
    def _storable(self, value: Any) -> Any: ...


class Operator:
    """A method of fields that gives way to a nested field of its name.

    `Post.author.size` is the field `size` of the documents within, if they have one; the operator
    is then to be had as `Field.size(Post.author, …)`.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        functools.update_wrapper(cast('Any', self), method)

    def __get__(self, field: Operand | None, owner: type) -> Any:
        if field is None:
            return self._method
        nested = field._nested(self._method.__name__)
        return self._method.__get__(field) if nested is None else nested


def operator(method: M) -> M:
    """Make a method an operator, which gives way to a nested field of its name."""
    return cast('M', Operator(method))


def refuse(field: Operand, value: object, wanted: str) -> NoReturn:
    """Refuse the value of an operator.

    Raises:
        QueryError: Always; it names the field, the value and what is wanted.
    """
    raise QueryError(f'{field._label}: {shown(value)} is not {wanted}')


def stored(field: Operand, value: Any) -> Any:
    """The stored form of a value, as the field stores it in a document.

    Raises:
        QueryError: The field cannot store it.
    """
    try:
        converted = field.from_data(value)
        if converted is not None and not field._is_of_type(converted):
            refuse(field, value, field._type_in_words)
        found = field.to_mongo(converted)
        require_storable(field, found)
    except QueryError:
        raise
    except Exception as error:  # of a conversion, which may be a user's own
        raise QueryError(f'{field._label} cannot store {shown(value)}: {error}') from error
    return found


def require_storable(field: Operand, value: Any) -> None:
    """Refuse a value that BSON cannot hold, such as an int of more than 64 bits."""
    try:
        bson.encode({'': value}, codec_options=ANY_UUID)
    except InvalidDocument as error:
        # The types of a client's type registry are known to the client alone.
        if field.field_type is not None or 'cannot encode object' not in str(error):
            raise


def is_whole(value: object) -> bool:
    """Whether it is an int that MongoDB can hold; a bool is none."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def has_operators(value: object) -> bool:
    """Whether the server might take a document for operators, such as `$each`."""
    return isinstance(value, Mapping) and any(str(key).startswith('$') for key in value)


def condition(value: Any) -> Any:
    """The condition of a query that a stored value is equal to this one."""
    return {'$eq': value} if isinstance(value, Mapping | re.Pattern | bson.Regex) else value


def same_as(value: Any) -> dict[str, Any]:
    """The same where it is one of several; a server may make `$in` of several `$eq`."""
    return {'$eq': value, '$type': 'regex'} if isinstance(value, bson.Regex) else {'$eq': value}


def unequal(value: Any) -> dict[str, Any]:
    """The condition that a stored value is not equal to this one."""
    if isinstance(value, re.Pattern | bson.Regex):  # which the server refuses for $ne
        return {'$not': {'$eq': value}}
    return {'$ne': value}


def listed(field: Operand, values: Any) -> list[Any]:
    """The values of an operator that takes several."""
    if isinstance(values, str | bytes | Mapping) or not is_instance(values, Iterable):
        refuse(field, values, 'a list of values')
    return list(values)


def require_inner(field: Operand, query: Mapping[str, Any]) -> None:
    """Refuse conditions on the items of a list whose paths begin with the list's own.

    They would match no item: what stands under the list is named by the items' own class.

    Raises:
        QueryError: A path does, and is none of the items' class, which may hold itself.
    """
    within = field.document_class
    inner = {} if within is None else within.meta.stored_fields
    for key, value in query.items():
        first, _, rest = str(key).partition(f'{field.s}.')
        if key in ('$and', '$or', '$nor'):
            for each in value:
                require_inner(field, each)
        elif not first and rest and str(key).partition('.')[0] not in inner:
            refuse(field, query, f'on the items of the list: write {rest!r}, not {key!r}')
