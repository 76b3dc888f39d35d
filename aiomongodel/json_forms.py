"""What stands for a value in JSON."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import ipaddress
import math
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from bson import Code, DatetimeMS, Decimal128, ObjectId, Regex

from aiomongodel.utils import shown

FORMS: Final[Mapping[type, Callable[[Any], Any]]] = {
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime.date: datetime.date.isoformat,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: datetime.timedelta.total_seconds,
    DatetimeMS: int,
    decimal.Decimal: str,
    Decimal128: str,
    ipaddress.IPv4Address: str,
    ipaddress.IPv6Address: str,
    ObjectId: str,
    re.Pattern: lambda value: json_form(value.pattern),
    Regex: lambda value: json_form(value.pattern),
    uuid.UUID: str,
}
"""The forms of single values, by type. A `bson.Binary` is bytes, an `Int64` an int."""


def json_form(value: Any) -> Any:
    """The form of a value in JSON, by its type.

    Raises:
        TypeError: There is none.
        ValueError: It is a float that is no number, or infinite.
    """
    if isinstance(value, enum.Enum):  # which may be a str or an int too
        return json_form(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | str):
        return plain_form(value)
    if isinstance(value, Mapping):
        return {key_form(key): json_form(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_form(item) for item in value]
    for kind in type(value).__mro__:
        if kind in FORMS:
            return FORMS[kind](value)
    if not hasattr(type(value), '_json_form'):
        refuse(value)
    return value._json_form()


def plain_form(value: float | str) -> float | str:
    """The value itself, of the type that JSON has and not of a subclass."""
    if isinstance(value, str):
        if isinstance(value, Code) and value.scope:
            refuse(value)
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if not math.isfinite(value):
        raise ValueError(f'{value} has no form in JSON, which has finite numbers alone')
    return float(value)


def key_form(key: Any) -> str:
    """A key, which must be text: two of other types could have one form."""
    if not isinstance(key, str):
        raise TypeError(f'the key {shown(key)} must be a str for JSON')
    return str.__str__(key)


def refuse(value: Any) -> NoReturn:
    """Refuse what has no form."""
    raise TypeError(f'{shown(value)} has no form in JSON; Extended JSON may have one')
