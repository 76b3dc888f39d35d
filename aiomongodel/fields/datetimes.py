"""DateTimeField: a date with its time, as it is given, or in a time zone."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from bson import DatetimeMS
from bson.codec_options import CodecOptions

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.fields.base import Field, FieldOptions, V
from aiomongodel.fields.operators import refuse
from aiomongodel.fields.source import Branch, Names, attempted, found_by
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.fields.schema import SchemaWriter
    from aiomongodel.queryset.base import BaseQuerySet

AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True, tzinfo=datetime.UTC)


class DateTimeOptions(FieldOptions[V], total=False):
    """The options of a field of dates and times."""

    tz: datetime.tzinfo | None
    milliseconds: bool
    auto_now: bool
    auto_now_add: bool


def now() -> datetime.datetime:
    """The time that fields are set to at a write, in UTC. A test may put another function here."""
    return datetime.datetime.now(datetime.UTC)


class DateTimeField(Field[V]):
    """A date with its time, a `datetime.datetime`; MongoDB keeps milliseconds, in UTC.

    Without options a value stays as it is given, and is loaded as the client gives it. With a
    `tz` values have this time zone, whatever the client's options are: an aware datetime is
    converted when it is set, and cut to milliseconds, and a str is read as ISO 8601; one without
    a time zone is not valid, and no query compares with it.

    Args:
        tz: The time zone of the values, such as `datetime.UTC` or a `zoneinfo.ZoneInfo`.
        milliseconds: Whether what is set is cut to milliseconds, as MongoDB cuts it; with a `tz`
            it always is.
        auto_now: Whether each write of the document sets the field to the time of the write; in
            the zone of `tz`, else in UTC without a time zone.
        auto_now_add: Likewise the first write, unless the field is set.
        **options: See `Field`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from aiomongodel import Document
        >>> class Post(Document):
        ...     created = DateTimeField(default=lambda: datetime(2024, 2, 29))
        ...     published = DateTimeField(tz=UTC, required=False)
        >>> Post().created
        datetime.datetime(2024, 2, 29, 0, 0)
        >>> Post(published='2024-02-29T12:00+02:00').published
        datetime.datetime(2024, 2, 29, 10, 0, tzinfo=datetime.timezone.utc)
    """

    value_type = datetime.datetime

    @overload
    def __init__(
        self: DateTimeField[datetime.datetime],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[DateTimeOptions[datetime.datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime.datetime | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[DateTimeOptions[datetime.datetime | None]],
    ) -> None: ...
    def __init__(
        self,
        *,
        tz: datetime.tzinfo | None = None,
        milliseconds: bool = False,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.tz = tz
        self.milliseconds = milliseconds
        self.auto_now = auto_now
        self.auto_now_add = auto_now_add

    def _check_definition(self) -> None:
        """Refuse what is no time zone, and what a field that is set by writes has no use for."""
        if not (self.tz is None or isinstance(self.tz, datetime.tzinfo)):
            raise ValueError(f'tz {shown(self.tz)} must be a tzinfo, such as datetime.UTC')
        if self.auto_now and self.auto_now_add:
            raise ValueError('auto_now sets the field at the first write too; drop auto_now_add')
        if self._is_filled:
            self._check_filled('auto_now' if self.auto_now else 'auto_now_add')
        super()._check_definition()
        if self.tz is not None:
            self._check_choices()

    def _check_filled(self, option: str) -> None:
        if self._owner is None or vars(self._owner).get(self.name) is not self:
            raise ValueError(
                f'{option} is for a field of a document, not for what is within a value: '
                'no write sets that'
            )
        for name, is_given in (
            ('default', self.default is not _Empty),
            ('choices', self.choices is not None),
        ):
            if is_given:
                raise ValueError(f'{option} sets the field; drop {name}')

    def _check_choices(self) -> None:
        for choice in self.choices or ():
            if isinstance(choice, datetime.datetime) and choice.utcoffset() is None:
                raise ValueError(f'choice {shown(choice)} has no time zone, as values have by tz')

    # What a write does.

    @property
    def _is_filled(self) -> bool:
        return self.auto_now or self.auto_now_add

    @property
    def _follows_changes(self) -> bool:
        return self.auto_now

    async def _fill(self, document: Document, query_set: BaseQuerySet[Any]) -> None:  # noqa: ARG002
        if self.auto_now or (self.auto_now_add and self._may_be_unset(document)):
            vars(document).pop(self._unread, None)
            vars(document)[self.name] = self._now()

    def _may_be_unset(self, document: Document) -> bool:
        """Whether the stored document has no value, as far as can be known."""
        is_set = self.name in vars(document) or self._unread in vars(document)
        return not (is_set or document.is_partial)  # which may have been loaded without it

    def _now(self) -> datetime.datetime:
        moment = cut(now())
        return moment.replace(tzinfo=None) if self.tz is None else moment.astimezone(self.tz)

    # The conversions.

    def from_data(self, value: Any) -> Any:
        """Convert to the time zone and to milliseconds, where the field asks for them."""
        if self.tz is not None:
            return attempted(self._in_zone, value)
        is_cut = self.milliseconds and is_instance(value, datetime.datetime)
        return attempted(cut, value) if is_cut else value

    def from_json(self, value: Any) -> Any:
        """Convert the form in JSON; `from_data` without a `tz` leaves a str as it is."""
        if isinstance(value, str):
            value = attempted(datetime.datetime.fromisoformat, value)
        return self.from_data(value)

    def to_mongo(self, value: Any) -> Any:
        """Convert a datetime in a time zone to UTC, if the field has a time zone."""
        is_aware = self.tz is not None and isinstance(value, datetime.datetime)
        return attempted(in_utc, value) if is_aware else value

    def from_mongo(self, value: Any) -> Any:
        """Convert a stored date, which is in UTC, to the field's time zone."""
        return value if self.tz is None else attempted(self._from_stored_date, value)

    def _from_stored_date(self, value: Any) -> Any:
        moment = value.as_datetime(AWARE) if isinstance(value, DatetimeMS) else value
        if not isinstance(moment, datetime.datetime):
            return value
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return moment.astimezone(datetime.UTC).astimezone(self.tz)

    def _in_zone(self, value: Any) -> Any:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime.datetime) or moment.utcoffset() is None:
            return moment
        if type(moment) is not datetime.datetime:  # of another library, say with nanoseconds
            moment = datetime.datetime.combine(moment.date(), moment.timetz())
        # By way of UTC: a time that the clocks leave out would stay as it is in its own zone.
        return cut(in_utc(moment)).astimezone(self.tz)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        if self.tz is None and not self.milliseconds:
            return value
        return names.call(self.from_data, value)

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where the field has no time zone."""
        return None if self.tz is None else names.call(self.from_mongo, value)

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where the field has no time zone."""
        return None if self.tz is None else names.call(self.to_mongo, value)

    # The rules.

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """With a `tz`, that a value has one, and that it can be stored."""
        if self.tz is None:
            return []
        return [found_by(names.bind(self._zone_error, 'zone_error'), value, names)]

    def _zone_error(self, value: datetime.datetime) -> ValidationError | None:
        if attempted(datetime.datetime.utcoffset, value) is None:
            return ValidationError(errors.NO_TIME_ZONE)
        converted = attempted(self._in_zone, value)
        moments = [attempted(in_utc, each) for each in (converted, value)]  # == knows no fold
        is_same = converted is not value and attempted(moments[0].__eq__, moments[1]) is True
        return None if is_same else ValidationError(errors.NOT_A_STORABLE_TIME)

    def _storable(self, value: Any) -> Any:
        moment = value if self.tz is None else self.from_data(value)
        if self.tz is not None and moment is not None and not is_aware(moment):
            refuse(self, value, 'a datetime with a time zone, as the field has one')
        return super()._storable(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of the format."""
        return {'type': 'string', 'format': 'date-time'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A date."""
        return {'bsonType': 'date'}


def cut(moment: datetime.datetime) -> datetime.datetime:
    """The time without what is less than a millisecond; also before 1970 it becomes earlier."""
    offset = moment.utcoffset() or datetime.timedelta()
    excess = (moment.microsecond - offset.microseconds) % 1000  # what there is of it in UTC
    if excess > moment.microsecond:
        return moment - datetime.timedelta(microseconds=excess)
    return moment.replace(microsecond=moment.microsecond - excess)


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    """An aware time in UTC; one without a zone stays as it is."""
    return moment if moment.utcoffset() is None else moment.astimezone(datetime.UTC)


def is_aware(value: Any) -> bool:
    """Whether it is a datetime that has a time zone."""
    return isinstance(value, datetime.datetime) and value.utcoffset() is not None
