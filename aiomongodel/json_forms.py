"""What stands for a value in JSON."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Decimal128, ObjectId

from aiomongodel.utils import shown

FORMS: Final[Mapping[type, Callable[[Any], Any]]] = {
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime.date: datetime.date.isoformat,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: datetime.timedelta.total_seconds,
    decimal.Decimal: str,
    Decimal128: str,
    enum.Enum: lambda value: json_form(value.value),
    ipaddress.IPv4Address: str,
    ipaddress.IPv6Address: str,
    ObjectId: str,
    re.Pattern: lambda value: value.pattern,
    uuid.UUID: str,
}
"""The forms of single values, by type."""


def json_form(value: Any) -> Any:
    """The form of a value in JSON, by its type.

    Raises:
        TypeError: There is none.
    """
    if isinstance(value, enum.Enum):  # which may be a str or an int too
        return json_form(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): json_form(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_form(item) for item in value]
    for kind in type(value).__mro__:
        if kind in FORMS:
            return FORMS[kind](value)
    if hasattr(value, 'to_dict'):
        return value.to_dict(mode='json')
    raise TypeError(f'{shown(value)} has no form in JSON')
