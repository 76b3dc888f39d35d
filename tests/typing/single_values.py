"""What type checkers know of fields of single values. They read this file; it is never run."""

from __future__ import annotations

import datetime
import enum
import uuid
from typing import assert_type

from aiomongodel import (
    BinaryField,
    DateField,
    Document,
    EnumField,
    Query,
    TimedeltaField,
    TimeField,
    Update,
    UUIDField,
)


class Colour(enum.Enum):
    RED = 'r'


class Thing(Document):
    colour = EnumField(Colour, by='name')
    number = UUIDField(default=uuid.uuid4)
    data = BinaryField(max_size=4, required=False)
    day = DateField(default=datetime.date.today)
    at = TimeField(allow_none=True)
    length = TimedeltaField()


thing = Thing(colour='r')
assert_type(thing.colour, Colour)
assert_type(thing.number, uuid.UUID)
assert_type(thing.data, bytes | None)
assert_type(thing.day, datetime.date)
assert_type(thing.at, datetime.time | None)
assert_type(thing.length, datetime.timedelta)
assert_type(Thing.colour == Colour.RED, Query)
assert_type(Thing.length > datetime.timedelta(1), Query)
assert_type(Thing.colour.set(Colour.RED), Update)

print(Thing.day > 'today')  # type: ignore[operator]
Thing.number.in_(['a'])  # type: ignore[list-item]
EnumField(Colour, by='key')  # type: ignore[call-overload]
BinaryField(max_size='4')  # type: ignore[call-overload]
thing.length = 5  # type: ignore[assignment]
