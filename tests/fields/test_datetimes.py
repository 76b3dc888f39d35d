"""DateTimeField: as it is given by default, in a time zone, and set by writes."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import bson
import pytest
from bson.codec_options import CodecOptions, DatetimeConversion

from aiomongodel import (
    DateTimeField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    QueryError,
    StrField,
    ValidationError,
)
from aiomongodel.fields import datetimes
from aiomongodel.fields.source import loads_as_is
from tests.drivers import settled

BERLIN = ZoneInfo('Europe/Berlin')
EAST = timezone(timedelta(hours=5, minutes=30))
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


class Visit(EmbeddedDocument):
    at = DateTimeField(tz=UTC)


class Event(Document):
    plain = DateTimeField(required=False)
    cut = DateTimeField(milliseconds=True, required=False)
    utc = DateTimeField(tz=UTC, required=False, mongo_name='u')
    here = DateTimeField(tz=BERLIN, required=False)
    all = ListField(DateTimeField(tz=BERLIN), required=False)
    visit = EmbDocField(Visit, required=False)


CLIENTS = {
    'naive': CodecOptions(),
    'aware': CodecOptions(tz_aware=True),
    'aware elsewhere': CodecOptions(tz_aware=True, tzinfo=EAST),
    'milliseconds': CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS),
}


# By default all is as in 0.2.


@pytest.mark.parametrize(
    'given',
    ['2024-02-29', 5, None, NOON, datetime(2024, 2, 29, 1, 2, 3, 456_789), date(2024, 1, 1)],
)
def test_without_options_a_value_stays_as_it_is(given):
    assert Event(plain=given).plain is given
    assert Event(plain=given).to_mongo()['plain'] is given


def test_without_options_nothing_is_converted_at_loading():
    assert loads_as_is(Event.plain)
    assert loads_as_is(Event.cut)
    assert not loads_as_is(Event.utc)


def test_the_form_in_json_is_taken_back_with_and_without_a_zone():
    for field in (Event.plain, Event.utc, Event.here):
        assert field.from_json(field.to_json(NOON)) == NOON
    assert Event.plain.from_json('soon') == 'soon'


# A time zone.


@pytest.mark.parametrize('options', CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize(('name', 'zone'), [('utc', UTC), ('here', BERLIN)])
async def test_a_value_is_loaded_in_the_zone_whatever_the_clients_options_are(
    any_db, name, zone, options
):
    event = Event(**{name: datetime(2024, 2, 29, 17, 30, 0, 123_999, EAST)}).validate()
    value = getattr(event, name)
    assert (value, value.tzinfo) == (NOON.replace(microsecond=123_000), zone)
    query_set = Event.q(any_db).with_options(codec_options=options)
    await settled(query_set.save(event))
    loaded = await settled(query_set.find_one(getattr(Event, name) == value))
    assert getattr(loaded, name) == value
    assert getattr(loaded, name).tzinfo is zone
    await settled(query_set.save(loaded.validate()))
    raw = await settled(Event.coll(any_db).find_one())
    assert raw[getattr(Event, name).s] == value.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize('options', CLIENTS.values(), ids=CLIENTS)
def test_items_of_lists_and_documents_within_are_in_the_zone(sync_db, options):
    event = Event(all=[NOON, '2024-07-01T00:00Z'], visit={'at': NOON}).validate()
    query_set = Event.q(sync_db).with_options(codec_options=options)
    query_set.save(event)
    loaded = query_set.get(event._id)
    assert loaded.all == event.all
    assert [each.tzinfo for each in loaded.all] == [BERLIN, BERLIN]
    assert loaded.visit.at == NOON
    assert query_set.find(Event.all == NOON).to_list().ids == [event._id]


@pytest.mark.parametrize(
    ('given', 'value'),
    [
        ('2024-02-29T12:00:00Z', NOON),
        ('2024-02-29T17:30:00.000999+05:30', NOON),
        (datetime(2024, 2, 29, 12, 0, 0, 999, UTC), NOON),
        (datetime(2024, 3, 31, 2, 30, tzinfo=BERLIN), datetime(2024, 3, 31, 3, 30, tzinfo=BERLIN)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)),
    ],
    ids=['text', 'offset', 'microseconds', 'left out by the clocks', 'first'],
)
def test_an_aware_value_is_converted(given, value):
    here = Event(here=given).validate().here
    assert here.astimezone(UTC) == value.astimezone(UTC)
    assert here.replace(tzinfo=None) == value.astimezone(BERLIN).replace(tzinfo=None)


def test_the_hour_that_the_clocks_repeat_stays_the_one_that_it_is(sync_db):
    first = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    for instant in (first, first + timedelta(hours=1)):
        event = Event(here=instant).validate().save(sync_db)
        loaded = Event.q(sync_db).get(event._id)
        assert loaded.here.timestamp() == event.here.timestamp() == instant.timestamp()


NAIVE = 'value has no time zone'
TYPE = 'invalid value type'
STORABLE = 'value is not a time that can be stored'


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        (datetime(2024, 2, 29), NAIVE),
        ('2024-02-29T12:00', NAIVE),
        ('2024-02-29', NAIVE),
        ('soon', TYPE),
        (date(2024, 2, 29), TYPE),
        (1_709_200_000, TYPE),
        (datetime.min.replace(tzinfo=EAST), STORABLE),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), STORABLE),
    ],
)
def test_a_value_without_a_zone_or_of_another_kind_is_refused(given, message):
    with pytest.raises(ValidationError) as refused:
        Event(here=given).validate()
    assert refused.value.as_dict() == {'here': message}


@pytest.mark.parametrize(
    'value', [datetime(2024, 2, 29), '2024-02-29T12:00', 'soon', date(2024, 2, 29), 5]
)
@pytest.mark.parametrize('name', ['__eq__', '__ne__', '__gt__', '__le__', 'set', 'max'])
def test_an_operator_takes_no_time_without_a_zone(name, value):
    with pytest.raises(QueryError, match=r'^Event\.here: .* is not a datetime with a time zone'):
        getattr(Event.here, name)(value)
    with pytest.raises(QueryError, match=r'^Event\.all: '):
        Event.all.push(value)


async def test_queries_compare_instants(any_db):
    for hours in range(3):
        event = Event(utc=NOON + timedelta(hours=hours))
        await settled(event.save(any_db))
    elsewhere = (NOON + timedelta(hours=1)).astimezone(EAST)
    found = await settled(Event.q(any_db).find(Event.utc >= elsewhere).sort(Event.utc).to_list())
    assert found.mapped('utc') == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    assert await settled(Event.q(any_db).count_documents(Event.utc.in_([elsewhere, None]))) == 1
    assert await settled(Event.q(any_db).distinct(Event.utc, Event.utc < elsewhere)) == [NOON]


def test_a_stored_value_of_another_kind_is_kept_as_it_is(sync_db):
    Event.coll(sync_db).insert_one({'_id': 1, 'u': 'soon', 'here': None})
    event = Event.q(sync_db).find_one({})
    assert (event.utc, event.here) == ('soon', None)
    event.save(sync_db)
    assert Event.coll(sync_db).find_one() == {'_id': 1, 'u': 'soon', 'here': None}


# Milliseconds.

MOMENTS = [
    datetime(2024, 2, 29, 12, 0, 0, 123_999),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1969, 12, 31, 23, 59, 59, 1),
    datetime(1, 1, 1, 0, 0, 0, 1),
    datetime(9999, 12, 31, 23, 59, 59, 999_999),
]


@pytest.mark.parametrize('moment', MOMENTS, ids=str)
@pytest.mark.parametrize('zone', [None, UTC])
def test_a_value_is_cut_when_it_is_set_as_bson_cuts_it(moment, zone):
    given = moment.replace(tzinfo=zone)
    name = 'cut' if zone is None else 'utc'
    options = CodecOptions(tz_aware=zone is not None)
    stored = bson.decode(bson.encode({'': given}), codec_options=options)['']
    assert getattr(Event(**{name: given}), name) == stored
    assert Event(plain=given).plain is given


# Writes.


class Post(Document):
    title = StrField(default='-')
    created = DateTimeField(tz=UTC, auto_now_add=True, mongo_name='c')
    updated = DateTimeField(tz=BERLIN, auto_now=True)
    seen = DateTimeField(auto_now=True)

    class Meta:
        track_changes = True


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now + timedelta(microseconds=999)

    def go_on(self):
        self.now += timedelta(hours=1)
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(datetimes, 'now', clock)
    return clock


def times(post):
    return post.created, post.updated, post.seen


def naive(moment):
    return moment.replace(tzinfo=None)


async def filled(post, query_set=None):
    for field in (Post.created, Post.updated, Post.seen):
        await field._fill(post, query_set)
    return times(post)


async def test_a_field_is_filled_with_the_time_in_its_zone_and_in_milliseconds(clock):
    post = Post().validate()
    assert times(post) == (None, None, None)
    assert await filled(post) == (NOON, NOON, naive(NOON))
    assert (post.created.tzinfo, post.updated.tzinfo, post.seen.tzinfo) == (UTC, BERLIN, None)


async def test_the_time_of_the_first_write_is_filled_only_where_it_is_unset(clock):
    post = Post(created=NOON - timedelta(days=1), updated=NOON - timedelta(days=1))
    assert await filled(post) == (NOON - timedelta(days=1), NOON, naive(NOON))
    loaded = Post.from_mongo({'c': naive(NOON), 'updated': naive(NOON)})
    later = clock.go_on()
    assert await filled(loaded) == (NOON, later, naive(later))
    assert loaded.to_mongo()['updated'] == later


async def test_writes_fill_the_times(any_db, clock):
    post = await settled(Post.q(any_db).create())
    assert times(post) == (NOON, NOON, naive(NOON))
    later = clock.go_on()
    await settled(post.save(any_db))
    loaded = await settled(Post.q(any_db).get(post._id))
    assert times(loaded) == times(post) == (NOON, later, naive(later))
    latest = clock.go_on()
    await settled(Post.q(any_db).save_all([loaded]))
    assert times(await settled(Post.q(any_db).get(post._id))) == (NOON, latest, naive(latest))


async def test_a_time_that_each_write_sets_is_no_change_by_itself(any_db, clock):
    post = await settled(Post().save(any_db))
    clock.go_on()
    loaded = await settled(Post.q(any_db).get(post._id))
    await filled(loaded)  # as by a write that has failed
    assert not loaded.is_changed()
    assert loaded.changes() == {}
    await settled(loaded.save_changes(any_db))
    assert (await settled(Post.q(any_db).get(post._id))).updated == NOON


async def test_a_change_is_saved_with_its_time(any_db, clock):
    post = await settled(Post().save(any_db))
    later = clock.go_on()
    post.title = 'new'
    await settled(post.save_changes(any_db))
    loaded = await settled(Post.q(any_db).get(post._id))
    assert (loaded.title, *times(loaded)) == ('new', NOON, later, naive(later))
    assert not post.is_changed()


async def test_a_part_of_a_document_keeps_the_time_of_the_first_write(any_db, clock):
    post = await settled(Post().save(any_db))
    later = clock.go_on()
    part = await settled(Post.q(any_db).find_one({}, projection={'title': 1}))
    part.title = 'new'
    await settled(part.save_changes(any_db))
    loaded = await settled(Post.q(any_db).get(post._id))
    assert times(loaded) == (NOON, later, naive(later))


@pytest.mark.parametrize('options', CLIENTS.values(), ids=CLIENTS)
def test_another_form_of_the_same_time_is_no_change(sync_db, options):
    class Tracked(Document):
        at = DateTimeField(tz=BERLIN)
        number = IntField(default=0)

        class Meta:
            track_changes = True

    query_set = Tracked.q(sync_db).with_options(codec_options=options)
    query_set.save(Tracked(at=NOON))
    tracked = query_set.find_one({})
    assert not tracked.is_changed()
    for same in (tracked.at, NOON, NOON.astimezone(EAST)):
        tracked.at = same
        assert not tracked.is_changed()
        assert query_set.changes(tracked) == {}
    tracked.at = NOON + timedelta(milliseconds=1)
    assert tracked.is_changed('at')


def test_the_time_of_a_write_is_that_of_the_clock():
    before = datetime.now(UTC)
    assert before <= datetimes.now() <= datetime.now(UTC)


# Definitions.


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'tz': 'UTC'}, "tz 'UTC' must be a tzinfo, such as datetime.UTC"),
        ({'tz': UTC, 'default': datetime(2024, 1, 1)}, f'default .* is refused by .*: {NAIVE}'),
        ({'tz': UTC, 'choices': [datetime(2024, 1, 1)]}, 'choice .* has no time zone, as values'),
        ({'auto_now': True, 'auto_now_add': True}, 'auto_now sets the field at the first write'),
        ({'auto_now': True, 'default': NOON}, 'auto_now sets the field; drop default'),
        ({'auto_now': True, 'default': None, 'allow_none': True}, 'auto_now sets .*; drop default'),
        ({'auto_now_add': True, 'choices': [NOON]}, 'auto_now_add sets the field; drop choices'),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, message):
    with pytest.raises(ValueError, match=f'^Wrong.field: {message}'):
        type('Wrong', (Document,), {'field': DateTimeField(**options)})


def test_only_a_field_of_a_document_itself_is_set_by_writes():
    with pytest.raises(ValueError, match=r'^Wrong.field'):
        type('Wrong', (EmbeddedDocument,), {'field': DateTimeField(auto_now=True)})
    with pytest.raises(
        ValueError, match=r'^Wrong.field: auto_now_add is for a field of a document'
    ):
        type('Wrong', (Document,), {'field': ListField(DateTimeField(auto_now_add=True))})


@pytest.mark.parametrize('fold', [0, 1])
def test_a_time_of_the_hour_that_comes_twice_is_valid_in_a_list_of_another_zone(sync_db, fold):
    class Shift(Document):
        begins = ListField(DateTimeField(tz=UTC), default=list)

    shift = Shift()
    shift.begins.append(datetime(2024, 10, 27, 2, 30, fold=fold, tzinfo=ZoneInfo('Europe/Berlin')))
    shift.validate().save(sync_db)
    loaded = shift.reload(sync_db).begins
    assert loaded == [datetime(2024, 10, 27, fold, 30, tzinfo=UTC)]
