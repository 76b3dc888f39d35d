"""The fields of enumerations, UUIDs, bytes, dates, times and durations."""

import enum
from datetime import UTC, date, datetime, time, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from bson import Binary, Int64
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion

from aiomongodel import (
    BinaryField,
    DateField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    ListField,
    QueryError,
    TimedeltaField,
    TimeField,
    UUIDField,
    ValidationError,
)
from tests.drivers import settled

NUMBER = UUID('00112233-4455-6677-8899-aabbccddeeff')
STORED_NUMBER = Binary.from_uuid(NUMBER, UuidRepresentation.STANDARD)
ZONE = timezone(timedelta(hours=2))


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Part(EmbeddedDocument):
    colours = ListField(EnumField(Colour))
    number = UUIDField()


class Thing(Document):
    colour = EnumField(Colour, required=False)
    size = EnumField(Size, by='name', required=False, mongo_name='s')
    number = UUIDField(required=False)
    data = BinaryField(required=False, max_size=4)
    day = DateField(required=False)
    at = TimeField(required=False)
    length = TimedeltaField(required=False)
    part = EmbDocField(Part, required=False)


VALUES = [
    ('colour', Colour.BLUE, 'b'),
    ('size', Size.LARGE, 'LARGE'),
    ('number', NUMBER, STORED_NUMBER),
    ('data', b'\x00\xff', b'\x00\xff'),
    ('day', date(2024, 2, 29), datetime(2024, 2, 29)),
    ('at', time(7, 30), '07:30:00.000000'),
    ('at', time(23, 59, 59, 999999, ZONE), '23:59:59.999999+02:00'),
    ('length', timedelta(days=-1, microseconds=3), Int64(-86_399_999_997)),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_value_is_stored_in_its_form_and_loaded_as_it_was(any_db, name, value, stored):
    thing = await settled(Thing(**{name: value}).validate().save(any_db))
    key = getattr(Thing, name).s
    [data] = await settled(Thing.q(any_db).find().raw().to_list())
    assert data[key] == stored
    loaded = await settled(Thing.q(any_db).get(thing._id))
    assert getattr(loaded, name) == value
    assert type(getattr(loaded, name)) is type(value)


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
def test_a_value_is_found_by_what_it_is(sync_db, name, value, stored):
    thing = Thing(**{name: value}).save(sync_db)
    Thing().save(sync_db)
    field = getattr(Thing, name)
    assert (field == value) == {field.s: stored}
    assert Thing.q(sync_db).find(field == value).to_list().ids == [thing._id]
    assert Thing.q(sync_db).distinct(field, field.exists()) == [value]


@pytest.mark.parametrize(
    ('name', 'given', 'value'),
    [
        ('colour', 'b', Colour.BLUE),
        ('colour', 'BLUE', Colour.BLUE),
        ('size', 2, Size.LARGE),
        ('size', 'SMALL', Size.SMALL),
        ('number', str(NUMBER), NUMBER),
        ('number', NUMBER.hex, NUMBER),
        ('data', bytearray(b'ab'), b'ab'),
        ('data', memoryview(b'ab'), b'ab'),
        ('day', '2024-02-29', date(2024, 2, 29)),
        ('day', datetime(2024, 2, 29, 23, 59), date(2024, 2, 29)),
        ('at', '07:30', time(7, 30)),
        ('length', 90, timedelta(seconds=90)),
        ('length', 0.5, timedelta(microseconds=500_000)),
    ],
)
def test_what_is_given_is_converted(name, given, value):
    converted = getattr(Thing(**{name: given}).validate(), name)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ('name', 'given', 'message'),
    [
        ('colour', 'green', 'value does not match any variant'),
        ('colour', Size.LARGE, 'value does not match any variant'),
        ('colour', ['r'], 'value does not match any variant'),
        ('size', 3, 'value does not match any variant'),
        ('number', 'no', 'invalid value type'),
        ('number', 5, 'invalid value type'),
        ('data', 'text', 'invalid value type'),
        ('data', b'12345', 'length is greater than 4'),
        ('day', '2023-02-29', 'invalid value type'),
        ('day', 5, 'invalid value type'),
        ('at', '25:00', 'invalid value type'),
        ('length', 'long', 'invalid value type'),
        ('at', time(7, tzinfo=ZoneInfo('Asia/Tokyo')), 'value is not a time that can be stored'),
        ('length', timedelta.max, 'value is not a time that can be stored'),
        ('length', timedelta(microseconds=-(2**63) - 1), 'value is not a time that can be stored'),
        ('length', True, 'invalid value type'),
        ('length', 1e300, 'invalid value type'),
    ],
)
def test_what_cannot_be_converted_stays_and_is_refused(name, given, message):
    thing = Thing(**{name: given})
    assert getattr(thing, name) is given
    with pytest.raises(ValidationError) as refused:
        thing.validate()
    assert refused.value.as_dict() == {name: message}
    if 'length' not in message:
        with pytest.raises(QueryError, match=rf'^Thing\.{name}'):
            getattr(Thing, name).set(given)


@pytest.mark.parametrize(
    ('name', 'stored'),
    [
        ('colour', 'green'),
        ('colour', {'a': 1}),
        ('size', 2),
        ('number', Binary(b'0' * 16, 3)),
        ('number', 'text'),
        ('day', 'text'),
        ('at', 'noon'),
        ('length', 'long'),
    ],
)
def test_a_stored_value_of_another_kind_is_kept_as_it_is(sync_db, name, stored):
    key = getattr(Thing, name).s
    Thing.coll(sync_db).insert_one({'_id': 1, key: stored})
    thing = Thing.q(sync_db).find_one({})
    assert getattr(thing, name) == stored
    thing.save(sync_db)
    assert Thing.coll(sync_db).find_one() == {'_id': 1, key: stored}


@pytest.mark.parametrize('representation', [UuidRepresentation.STANDARD, 5])
def test_a_uuid_is_stored_alike_whatever_the_clients_representation_is(sync_db, representation):
    other = Thing.q(sync_db).with_options(
        codec_options=CodecOptions(uuid_representation=representation)
    )
    thing = Thing(number=NUMBER)
    other.save(thing)
    assert Thing.coll(sync_db).find_one({})['number'] == STORED_NUMBER
    assert other.get(thing._id).number == NUMBER


@pytest.mark.parametrize(
    'options',
    [
        CodecOptions(tz_aware=True, tzinfo=UTC),
        CodecOptions(tz_aware=True, tzinfo=timezone(timedelta(hours=-5))),
        CodecOptions(tz_aware=True, tzinfo=timezone(timedelta(hours=14))),
        CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS),
    ],
    ids=['in UTC', 'west', 'east', 'milliseconds'],
)
def test_a_date_is_that_of_the_midnight_in_utc_whatever_the_client_gives(sync_db, options):
    thing = Thing(day=date(2024, 2, 29)).save(sync_db)
    loaded = Thing.q(sync_db).with_options(codec_options=options).get(thing._id)
    assert loaded.validate().day == date(2024, 2, 29)
    assert loaded.save(sync_db).reload(sync_db).day == date(2024, 2, 29)


class Planet(enum.Enum):
    MERCURY = ((3.303e23, 2.4397e6), 'rock')
    VENUS = ((4.869e24, 6.0518e6), 'rock')


class Trip(Document):
    to = EnumField(Planet)

    class Meta:
        track_changes = True


def test_a_member_whose_value_is_a_tuple_is_stored_as_an_array(sync_db):
    trip = Trip(to=Planet.VENUS).validate().save(sync_db)
    found = Trip.q(sync_db).find(Trip.to == Planet.VENUS).one()
    assert (found.validate().to, found.is_changed()) == (Planet.VENUS, False)
    assert (Trip.to == Planet.VENUS).matches(trip)
    assert Trip.from_json(trip.to_json()).to is Planet.VENUS


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Share(Document):
    rights = EnumField(Rights, by='name')


@pytest.mark.parametrize(
    ('rights', 'stored'),
    [
        (Rights.READ, 'READ'),
        (Rights.READ | Rights.WRITE, 'READ|WRITE'),
        (Rights(0), ''),
    ],
)
def test_joined_flags_are_stored_by_their_names(sync_db, rights, stored):
    share = Share(rights=rights).validate().save(sync_db)
    assert Share.coll(sync_db).find_one({})['rights'] == stored
    assert Share.q(sync_db).find(Share.rights == rights).one().validate().rights == rights
    assert Share.from_json(share.to_json()).rights == rights


async def test_such_values_within_lists_and_documents_are_stored_alike(any_db):
    part = Part(colours=['r', Colour.BLUE], number=str(NUMBER))
    thing = await settled(Thing(part=part).validate().save(any_db))
    [data] = await settled(Thing.q(any_db).find(Thing.part.colours == 'RED').raw().to_list())
    assert data['part'] == {'colours': ['r', 'b'], 'number': STORED_NUMBER}
    loaded = await settled(Thing.q(any_db).get(thing._id))
    assert (loaded.part.colours, loaded.part.number) == ([Colour.RED, Colour.BLUE], NUMBER)


def test_times_sort_as_they_follow_each_other(sync_db):
    for at in (time(12), time(7, 30, 0, 1), time(7, 30)):
        Thing(at=at).save(sync_db)
    found = Thing.q(sync_db).find().sort(Thing.at).to_list()
    assert found.mapped('at') == [time(7, 30), time(7, 30, 0, 1), time(12)]


class Unstorable(enum.Enum):
    ONE = 1 + 1j


class Changing(enum.Enum):
    ONE = datetime(2024, 2, 29, 12, 0, 0, 1)


class Identified(enum.Enum):
    ONE = NUMBER


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: EnumField(int), TypeError, 'enum_class must be a subclass of enum.Enum, not'),
        (lambda: EnumField(Colour, by='key'), ValueError, "by 'key' must be 'value' or 'name'"),
        (lambda: EnumField(Unstorable), ValueError, "MongoDB cannot store; use by='name'"),
        (lambda: EnumField(Changing), ValueError, "gives back as datetime.* use by='name'"),
        (lambda: EnumField(Identified), ValueError, "MongoDB cannot store; use by='name'"),
        (lambda: EnumField(Colour, default='green'), ValueError, "default 'green' is refused by"),
        (lambda: BinaryField(max_size=-1), ValueError, 'max_size -1 must be an int from 0 on'),
    ],
    ids=['no enumeration', 'by', 'unstorable', 'changing', 'identified', 'default', 'size'],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})
