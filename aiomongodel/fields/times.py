"""Fields of dates, times of day and durations: DateField, TimeField and TimedeltaField."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack, overload

from bson import DatetimeMS, Int64

from aiomongodel import errors
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.datetimes import AWARE, in_utc
from aiomongodel.fields.operators import refuse
from aiomongodel.fields.source import Branch, Names
from aiomongodel.fields.stored import StoredField

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

MICROSECOND: Final = datetime.timedelta(microseconds=1)
LEAST: Final = datetime.timedelta(microseconds=-(2**63))
MOST: Final = datetime.timedelta(microseconds=2**63 - 1)


class DateField(StoredField[V]):
    """A date without a time, a `datetime.date`, stored as the date's midnight in UTC.

    Of a datetime the date is taken, as it stands there; a str is read as ISO 8601.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     born = DateField()
        >>> User(born='2000-02-29').born
        datetime.date(2000, 2, 29)
    """

    value_type = datetime.date
    stored_type = (datetime.datetime, DatetimeMS)

    @overload
    def __init__(
        self: DateField[datetime.date],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[datetime.date]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateField[datetime.date | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[datetime.date | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert a datetime, or an ISO 8601 date."""
        if isinstance(value, datetime.datetime):
            return value.date()
        return datetime.date.fromisoformat(value) if isinstance(value, str) else value

    def pack(self, value: datetime.date) -> datetime.datetime:
        """The date's midnight."""
        return datetime.datetime(value.year, value.month, value.day)

    def unpack(self, stored: datetime.datetime | DatetimeMS) -> datetime.date:
        """The date of the midnight, which a client may give in another time zone."""
        moment = stored.as_datetime(AWARE) if isinstance(stored, DatetimeMS) else stored
        return in_utc(moment).date()

    def to_json(self, value: Any) -> Any:
        """Convert a date to ISO 8601; of a datetime, which is a date too, its date."""
        return super().to_json(value.date() if isinstance(value, datetime.datetime) else value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of the format."""
        return {'type': 'string', 'format': 'date'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A date."""
        return {'bsonType': 'date'}


class TimeField(StoredField[V]):
    """A time of day, a `datetime.time`, stored as ISO 8601 text, which sorts as times do.

    A str is read as ISO 8601. A time with a zone is stored with its offset, and sorts by what the
    clock shows there. A zone whose offset depends on the date, as that of a place does, is refused.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Alarm(Document):
        ...     at = TimeField()
        >>> Alarm(at='07:30').at
        datetime.time(7, 30)
        >>> Alarm(at='07:30').to_mongo()['at']
        '07:30:00.000000'
    """

    value_type = datetime.time
    stored_type = str

    @overload
    def __init__(
        self: TimeField[datetime.time],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[datetime.time]],
    ) -> None: ...
    @overload
    def __init__(
        self: TimeField[datetime.time | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[datetime.time | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert an ISO 8601 time."""
        return datetime.time.fromisoformat(value) if isinstance(value, str) else value

    def pack(self, value: datetime.time) -> str:
        """The time as text of one length."""
        return value.isoformat(timespec='microseconds')

    def unpack(self, stored: str) -> datetime.time:
        """The time of the text."""
        return datetime.time.fromisoformat(stored)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """That a zone has an offset, which is stored of it."""
        lacks = names.bind(lacks_offset, 'lacks_offset')
        return [Branch(f'{lacks}({value})', names.error(errors.NOT_A_STORABLE_TIME))]

    def _storable(self, value: Any) -> Any:
        moment = self.from_data(value)
        if isinstance(moment, datetime.time) and lacks_offset(moment):
            refuse(self, value, 'a time that can be stored: its zone has no offset without a date')
        return super()._storable(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of the format."""
        return {'type': 'string', 'format': 'time'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string that is a time of ISO 8601."""
        return {'bsonType': 'string', 'pattern': r'^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}'}


class TimedeltaField(StoredField[V]):
    """A duration, a `datetime.timedelta`, stored as a number of microseconds.

    A number is taken for seconds.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Song(Document):
        ...     length = TimedeltaField()
        >>> Song(length=212.5).length
        datetime.timedelta(seconds=212, microseconds=500000)
        >>> Song(length=212.5).to_mongo()['length']
        212500000
    """

    value_type = datetime.timedelta
    stored_type = int

    @overload
    def __init__(
        self: TimedeltaField[datetime.timedelta],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[datetime.timedelta]],
    ) -> None: ...
    @overload
    def __init__(
        self: TimedeltaField[datetime.timedelta | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[datetime.timedelta | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert a number of seconds."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return datetime.timedelta(seconds=value) if is_number else value

    def pack(self, value: datetime.timedelta) -> Int64:
        """The number of microseconds."""
        return Int64(value // MICROSECOND)

    def unpack(self, stored: int) -> datetime.timedelta:
        """The duration of so many microseconds."""
        return datetime.timedelta(microseconds=stored)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """That the number of microseconds is one that MongoDB can hold."""
        least, most = names.bind(LEAST, 'least'), names.bind(MOST, 'most')
        wrong = f'not {least} <= {value} <= {most}'
        return [Branch(wrong, names.error(errors.NOT_A_STORABLE_TIME))]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A number of seconds."""
        return {'type': 'number'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A number of microseconds."""
        return {'bsonType': ['int', 'long']}


def lacks_offset(value: datetime.time) -> bool:
    """Whether a time has a zone whose offset is another one at other dates."""
    return value.tzinfo is not None and value.utcoffset() is None
