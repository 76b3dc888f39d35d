"""Random and hostile values of special fields: what is accepted is stored and loaded as it is."""

import contextlib
import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import bson
import jsonschema
import pytest
from bson import Regex
from bson.codec_options import CodecOptions
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from aiomongodel import (
    DateTimeField,
    Document,
    GeometryCollectionField,
    IntField,
    IPAddressField,
    LineStringField,
    MultiPolygonField,
    PatternField,
    PointField,
    PolygonField,
    QueryError,
    UrlField,
    ValidationError,
)
from aiomongodel.geojson import LineString, Point, Polygon
from tests.drivers import settled
from tests.properties.hostile import HOSTILE

BERLIN = ZoneInfo('Europe/Berlin')
ODD = timezone(timedelta(hours=-3, microseconds=1))


class Special(Document):
    _id = IntField(default=1)
    url = UrlField(required=False)
    address = IPAddressField(required=False)
    new = IPAddressField(version=6, required=False)
    pattern = PatternField(required=False)
    point = PointField(required=False)
    line = LineStringField(required=False)
    area = PolygonField(required=False)
    areas = MultiPolygonField(required=False)
    shapes = GeometryCollectionField(required=False)
    utc = DateTimeField(tz=UTC, required=False)
    here = DateTimeField(tz=BERLIN, required=False)
    odd = DateTimeField(tz=ODD, required=False)
    cut = DateTimeField(milliseconds=True, required=False)


NAMES = [name for name in Special.meta.fields if name != '_id']

numbers = st.one_of(
    st.floats(-180, 180), st.integers(-180, 180), st.floats(), st.integers(), st.booleans()
)
degrees = st.one_of(st.floats(-90, 90), st.integers(-90, 90))
pairs = st.tuples(degrees, degrees)
lines = st.lists(pairs, min_size=2, max_size=4)
rings = st.lists(pairs, min_size=3, max_size=4).map(lambda ring: [*ring, ring[0]])
areas = st.lists(rings, min_size=1, max_size=2)
shapes = st.one_of(pairs.map(lambda pair: Point(*pair)), lines.map(LineString), areas.map(Polygon))
flags = st.sampled_from(
    [
        0,
        re.IGNORECASE,
        re.MULTILINE,
        re.DOTALL,
        re.VERBOSE,
        re.ASCII,
        re.IGNORECASE | re.DOTALL | re.VERBOSE,
    ]
)


def compiled(text, flags):
    try:
        return re.compile(text, flags)
    except (re.error, FutureWarning):
        return Regex(text, flags)


patterns = st.builds(compiled, st.text('ab(?)[]^$\\w*+\0\u00e9 #', max_size=6), flags)
offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
zones = st.one_of(st.none(), st.sampled_from([UTC, BERLIN, ODD]), offsets)
datetimes = st.datetimes(timezones=zones, allow_imaginary=True)
hosts = st.one_of(
    st.text('ab1-._[]:@%\u00fc', max_size=8),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map('[{}]'.format),
)
urls = st.builds('{}://{}{}'.format, st.sampled_from(['http', 'HTTPS', 'x']), hosts, st.text())
scopes = st.builds('fe80::1%{}'.format, st.text(min_size=1, max_size=3))
addresses = st.one_of(
    st.ip_addresses(),
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map('::ffff:{}'.format),
    scopes,
)
garbage = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.lists(numbers, max_size=3),
    st.lists(st.lists(numbers, max_size=2), max_size=3),
    st.sampled_from([each.__name__[:-5] for each in (PointField, PolygonField)]).map(
        lambda kind: {'type': kind, 'coordinates': [[1, 2], None]}
    ),
)
LIKELY = {
    'url': urls,
    'address': addresses,
    'new': addresses,
    'pattern': patterns,
    'point': st.one_of(pairs, st.tuples(numbers, numbers), st.builds(Point, numbers, numbers)),
    'line': lines,
    'area': areas,
    'areas': st.lists(areas, min_size=1, max_size=2),
    'shapes': st.lists(shapes, max_size=3),
    **dict.fromkeys(('utc', 'here', 'odd', 'cut'), datetimes),
}
many = settings(max_examples=30, deadline=None, database=None, derandomize='CI' in os.environ)


def accepted(name, value):
    """Give a document whose value `validate` accepts; it raises nothing but ValidationError."""
    special = Special(**{name: value})
    with contextlib.suppress(ValidationError):
        return special.validate()
    return None


@pytest.mark.parametrize('value', HOSTILE)
def test_a_hostile_value_is_refused_and_nothing_else_is_raised(value):
    for name in NAMES:
        special = accepted(name, HOSTILE[value]())
        assert special is None or (name, value) in ACCEPTED


ACCEPTED = {
    ('pattern', each)
    for each in (
        *('many digits', 'exponent in a string', 'nan in a string'),
        *('decimal snan in a string', 'not ascii digits', 'stubborn str'),
    )
}
"""What is text is a pattern."""


@pytest.mark.parametrize('name', NAMES)
@many
@given(st.data())
def test_a_random_value_is_accepted_or_refused(name, data):
    accepted(name, data.draw(st.one_of(LIKELY[name], garbage)))


@pytest.mark.parametrize('is_aware', [False, True])
@pytest.mark.parametrize('name', NAMES)
async def test_what_is_accepted_is_loaded_equal(any_db, name, is_aware):
    query_set = Special.q(any_db).with_options(codec_options=CodecOptions(tz_aware=is_aware))
    given = drawn(name)
    await settled(query_set.save_all(given))
    loaded = await settled(query_set.find().sort(Special._id).to_list())
    assert len(loaded) == len(given)
    for special, again in zip(given, loaded, strict=True):
        value = (
            loaded_by(is_aware, getattr(special, name)) if name == 'cut' else getattr(special, name)
        )
        assert getattr(again, name) == value
        assert type(getattr(again, name)) is type(value)


def loaded_by(is_aware, moment):
    """Give the time that a client loads into a field without a zone."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if is_aware else moment.replace(tzinfo=None)


def comparable(value):
    """Give what is equal for the same time, also where the clocks repeat an hour."""
    is_aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC) if is_aware else value


def drawn(name):
    """Give valid documents, by numbers as ids."""
    found = []

    @many
    @given(LIKELY[name])
    def draw(value):
        special = accepted(name, value)
        if special is not None:
            found.append(special)

    draw()
    assert found
    for number, special in enumerate(found):
        special._id = number
    return found


@pytest.mark.parametrize('name', NAMES)
def test_the_schemas_of_a_class_have_the_rules_of_the_field(name):
    field = getattr(Special, name)
    assert Special.json_schema()['properties'][name].items() >= field.json_rules(None).items()
    assert Special.mongo_schema()['properties'][name] == field.mongo_rules(None)


@pytest.mark.parametrize('name', NAMES)
def test_the_form_in_json_is_valid_by_its_schema_and_taken_back(name):
    field = getattr(Special, name)
    for special in drawn(name):
        value = getattr(special, name)
        form = json.loads(json.dumps(field.to_json(value)))
        jsonschema.validate(form, field.json_rules(None))
        again = getattr(Special(**{name: field.from_json(form)}).validate(), name)
        assert comparable(again) == comparable(value)


@pytest.mark.parametrize('name', NAMES)
def test_the_server_accepts_by_its_schema_what_is_valid(sync_db, name):
    rules = {'properties': {name: getattr(Special, name).mongo_rules(None)}}
    sync_db.create_collection('special', validator={'$jsonSchema': rules})
    documents = drawn(name)
    sync_db['special'].insert_many([special.to_mongo() for special in documents])
    assert Special.q(sync_db).count_documents({}) == len(documents)


REFUSED = {
    'url': ['x://a', 'http:///', 5],
    'address': ['here', 5],
    'new': ['192.0.2.1', 5],
    'pattern': ['a'],
    'point': [[1, 2], Point(0, 91), Point(181, 0), LineString((Point(1, 2), Point(3, 4)))],
    'line': [LineString((Point(1, 2),)), Point(1, 2)],
    'area': [Polygon(()), Polygon(((Point(1, 2),) * 3,))],
    'areas': [{'type': 'MultiPolygon', 'coordinates': []}],
    'shapes': [{'type': 'GeometryCollection', 'geometries': []}],
    **{name: ['2024-02-29', 5] for name in ('utc', 'here', 'odd', 'cut')},
}


@pytest.mark.parametrize(('name', 'value'), [(k, each) for k in NAMES for each in REFUSED[k]])
def test_the_server_refuses_by_its_schema_what_is_not_valid(sync_db, name, value):
    rules = {'properties': {name: getattr(Special, name).mongo_rules(None)}}
    sync_db.create_collection('special', validator={'$jsonSchema': rules})
    stored = getattr(value, '__geo_interface__', value)
    with pytest.raises(WriteError):
        sync_db['special'].insert_one({name: stored})


@pytest.mark.parametrize('name', NAMES)
@many
@given(st.data())
def test_an_operator_takes_a_value_or_refuses_it(name, data):
    value = data.draw(st.one_of(LIKELY[name], garbage))
    field = getattr(Special, name)
    for make in (field.__eq__, field.__ne__, field.set, lambda given: field.in_([given])):
        with contextlib.suppress(QueryError):
            bson.encode(make(value))
