"""What is written as JSON is read as it was, of each kind of field and of random models."""

import copy
import datetime
import enum
import ipaddress
import json
import re
import uuid

import bson
import pytest
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

import aiomongodel
from aiomongodel import (
    AnyField,
    BinaryField,
    BoolField,
    ComputedField,
    ConstField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    FileField,
    FloatField,
    GeometryCollectionField,
    IntField,
    IPAddressField,
    LineStringField,
    ListField,
    LockField,
    MapField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    ObjectIdField,
    PatternField,
    PointField,
    PolygonField,
    RefField,
    RevisionField,
    SequenceField,
    SetField,
    StrField,
    TimedeltaField,
    TimeField,
    TupleField,
    UnionField,
    UrlField,
    UUIDField,
    VectorField,
)
from aiomongodel.geojson import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from tests.properties.helpers import plain
from tests.properties.models import ByDecimal, ByKey, Key
from tests.properties.strategies import (
    DATES,
    DECIMALS,
    EMAILS,
    INTS,
    KEYS,
    OBJECT_IDS,
    TEXT,
    WORDS,
    cases,
)

from .models import Node

OPTIONS = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
ZONE = datetime.timezone(datetime.timedelta(hours=2))


class Colour(enum.Enum):
    RED = 'BLUE'
    BLUE = 'RED'
    SMALL = 1


FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INTS | FINITE | TEXT,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(WORDS.filter(lambda key: key.isalnum()), inner, max_size=2)
    ),
    max_leaves=4,
)
NUMBERS = st.integers(-89, 89) | st.floats(-89, 89)
POINTS = st.builds(Point, NUMBERS, NUMBERS)
LINES = st.lists(POINTS, min_size=2, max_size=3).map(tuple)
RINGS = st.lists(POINTS, min_size=3, max_size=3, unique=True).map(lambda ring: (*ring, ring[0]))
AREAS = st.lists(RINGS, min_size=1, max_size=2).map(tuple)
DELTAS = st.timedeltas(datetime.timedelta(-99_000), datetime.timedelta(99_000))
AWARE = DATES.map(lambda moment: moment.replace(tzinfo=ZONE))
NODES = st.recursive(
    st.builds(Node, anything=JSON),
    lambda inner: st.builds(Node, left=inner, nodes=st.lists(inner, max_size=2)),
    max_leaves=3,
)
NAMES = st.text('abc', min_size=1, max_size=3)
NUMERALS = DECIMALS.filter(lambda value: not value.is_nan() or not value.is_signed())
"""`bson` writes the sign of a number, and not that of what is none."""

KINDS = [
    (AnyField(allow_none=True), JSON),
    (BinaryField(), st.binary(max_size=9)),
    (BoolField(), st.booleans()),
    (ConstField('two'), st.just('two')),
    (DateField(), st.dates(datetime.date(1, 1, 2))),
    (DateTimeField(), DATES | AWARE),
    (DateTimeField(tz=ZONE), AWARE),
    (DateTimeField(milliseconds=True), DATES),
    (DecimalField(), NUMERALS),
    (DictField(), st.dictionaries(NAMES, JSON, max_size=2)),
    (EmailField(), EMAILS),
    (EmbDocField(Key), KEYS),
    (EmbDocField(Node), NODES),
    (EnumField(Colour), st.sampled_from(Colour)),
    (EnumField(Colour, by='name'), st.sampled_from(Colour)),
    (FloatField(), FINITE),
    (IntField(), INTS),
    (IPAddressField(), st.ip_addresses()),
    (ListField(ListField(DecimalField(allow_none=True))), st.lists(st.lists(NUMERALS | st.none()))),
    (ListField(EmbDocField(Key)), st.lists(KEYS, max_size=2)),
    (ListField(DateTimeField()), st.lists(DATES, max_size=2)),
    (ListField(BinaryField()), st.lists(st.binary(max_size=3), max_size=2)),
    (MapField(DateTimeField()), st.dictionaries(NAMES, DATES, max_size=2)),
    (MapField(EmbDocField(Key)), st.dictionaries(NAMES, KEYS, max_size=2)),
    (ObjectIdField(), OBJECT_IDS),
    (RefField(ByDecimal), NUMERALS | st.builds(ByDecimal, _id=NUMERALS)),
    (RefField(ByKey), KEYS | st.builds(ByKey, _id=KEYS)),
    (SetField(DateTimeField()), st.sets(DATES, max_size=3)),
    (SetField(BinaryField()), st.sets(st.binary(max_size=3), max_size=3)),
    (StrField(), WORDS),
    (TimeField(), st.times() | st.times(timezones=st.just(ZONE))),
    (TimedeltaField(), DELTAS),
    (
        TupleField(DateTimeField(), EmbDocField(Key), BinaryField()),
        st.tuples(DATES, KEYS, st.binary(max_size=3)),
    ),
    (UnionField(IntField(), StrField(), EmbDocField(Key)), INTS | WORDS | KEYS),
    (UnionField(DateTimeField(), BoolField()), DATES | st.booleans()),
    (UrlField(), st.sampled_from(['https://example.com/a?b=c', 'http://[::1]:80/'])),
    (UUIDField(), st.uuids()),
    (VectorField(2), st.lists(FINITE, min_size=2, max_size=2)),
    (PointField(), POINTS),
    (MultiPointField(), LINES.map(MultiPoint)),
    (LineStringField(), LINES.map(LineString)),
    (MultiLineStringField(), st.tuples(LINES).map(MultiLineString)),
    (PolygonField(), AREAS.map(Polygon)),
    (MultiPolygonField(), st.tuples(AREAS).map(MultiPolygon)),
    (
        GeometryCollectionField(),
        st.tuples(POINTS, AREAS.map(Polygon), LINES.map(LineString)).map(GeometryCollection),
    ),
    (
        PatternField(),
        st.builds(
            re.compile,
            st.sampled_from(['a+', '^x']),
            st.sampled_from([0, re.IGNORECASE, re.MULTILINE]),
        ),
    ),
]
ELSEWHERE = {
    *['Field', 'GuardField', 'GeoJSONField', 'SynonymField'],  # no kinds of values
    *['ComputedField', 'FileField', 'LockField', 'RevisionField', 'SequenceField'],  # see below
}


def models_of(field):
    """Give a Document and an EmbeddedDocument with such a field."""
    for base in (Document, EmbeddedDocument):
        namespace = {'_id': IntField(default=1), 'value': copy.copy(field)}
        yield type('Sample', (base,), namespace)


CASES = [
    pytest.param([*models_of(field)], values, id=f'{type(field).__name__}-{number}')
    for number, (field, values) in enumerate(KINDS)
]


def are_same(one, other):
    """Compare as Python does, but for NaN, which is the same as itself."""
    return one == other or plain(one) == plain(other)


def stored_bytes(document):
    return bson.encode(document.to_mongo(), codec_options=OPTIONS)


def test_each_kind_of_field_is_tried():
    public = {name for name in aiomongodel.fields.__all__ if name.endswith('Field')}
    assert {type(field).__name__ for field, _ in KINDS} == public - ELSEWHERE


@pytest.mark.parametrize(('models', 'values'), CASES)
@given(data=st.data())
def test_a_value_is_read_as_it_was_written(models, values, data):
    value = data.draw(values)
    for model in models:
        written = model(value=value)
        assert written.validate() is written
        read = model.from_json(written.to_json())
        assert stored_bytes(read) == stored_bytes(written)
        assert are_same(read.to_dict(), written.to_dict())
        assert read.validate().to_json() == written.to_json()
        by_alias = model.from_json(written.to_json(by_alias=True), by_alias=True)
        assert stored_bytes(by_alias) == stored_bytes(written)


@pytest.mark.parametrize(('models', 'values'), CASES)
@given(data=st.data())
def test_extended_json_stores_the_same_bytes(models, values, data):
    value = data.draw(values)
    for model in models:
        written = model(value=value)
        read = model.from_json(written.to_json(extended=True), extended=True)
        assert stored_bytes(read) == stored_bytes(written)
        loaded = model.from_mongo(bson.decode(stored_bytes(written)))
        assert loaded.to_json(extended=True) == written.to_json(extended=True)
        assert loaded.to_json() == model.from_mongo(bson.decode(stored_bytes(read))).to_json()


@given(case=cases(), data=st.data())
def test_a_document_of_any_model_is_read_as_it_was_written(case, data):
    document = data.draw(case.documents())
    try:
        text = document.to_json()
    except ValueError:  # NaN and the like
        text = None
    extended = document.to_json(extended=True)
    if 'NaN' not in extended:  # of which `bson` writes no sign
        read = case.model.from_json(extended, extended=True)
        assert stored_bytes(read) == stored_bytes(document)
    if text is not None:
        json.loads(text)
        assert case.model.from_json(text).to_json() == text
        by_alias = document.to_json(by_alias=True)
        assert case.model.from_json(by_alias, by_alias=True).to_json() == text


@given(number=st.integers(1, 2**53), token=st.uuids())
def test_what_a_write_fills_is_read_too(number, token):
    class Sample(Document):
        _id = IntField()
        revision = RevisionField()
        number = SequenceField()
        lock = LockField(lease=10)
        double = ComputedField(lambda sample: 2 * sample.number, IntField())
        file = FileField(required=False)

    until = datetime.datetime(2024, 2, 29)
    lock = {'token': str(token), 'until': until}
    file = uuid.uuid4().bytes[:12].hex()
    data = {
        '_id': 1,
        'revision': number,
        'number': number,
        'lock': lock,
        'file': bson.ObjectId(file),
    }
    sample = Sample.from_mongo(data)
    written = json.loads(sample.to_json())
    assert written['lock'] == {'token': str(token), 'until': until.isoformat()}
    assert (written['double'], written['file'], written['revision']) == (2 * number, file, number)
    read = Sample.from_json(sample.to_json())
    assert (read.number, read.double, read.file) == (number, 2 * number, sample.file)
    assert stored_bytes(Sample.from_json(sample.to_json(extended=True), extended=True)) == (
        stored_bytes(sample)
    )


def test_addresses_of_one_version_are_read():
    class Sample(EmbeddedDocument):
        address = IPAddressField(version=6)

    sample = Sample(address='::1')
    assert Sample.from_json(sample.to_json()).address == ipaddress.IPv6Address('::1')
