"""Whatever a value is, a query finds what is equal to it, and an update stores it."""

import math
import operator

import bson
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiomongodel import AnyField, Document, IntField, ListField, QueryError, StrField

KEYS = st.sampled_from(
    [
        *['a', 'b', '', 'a.b', '0', '$', '$eq', '$ne', '$gt', '$in', '$not', '$exists', '$regex'],
        *['$each', '$slice', '$elemMatch', '$ref', '$id', '$set', '$where', '$expr', '$or', '_id'],
        *['$type', '$nor', '$size', '$all', '$date', '$options', '$position', 'a\0b', '\ud800'],
    ]
)
NUMBERS = st.sampled_from(
    [0, 1, 2, -1, 0.0, -0.0, 1.0, 1.5, math.nan, math.inf, 2**53 + 1, 2.0**53, 2**63, -(2**63)]
)
SCALARS = (
    st.none()
    | st.booleans()
    | NUMBERS
    | st.sampled_from(['', 'a', 'b', '1', '$ne', '$a', 'a\0', '\ud800', '^', '.*', 'é'])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
RAW = CodecOptions(document_class=RawBSONDocument)


def is_storable(value):
    try:
        bson.encode({'': value})
    except (bson.errors.InvalidDocument, OverflowError, UnicodeEncodeError):
        return False
    return True


STORABLE = JSON.filter(is_storable)


class Log(Document):
    _id = IntField()
    extra = AnyField(mongo_name='e')


class Lists(Document):
    extra = ListField(AnyField(), mongo_name='e')


class Text(Document):
    extra = StrField(mongo_name='e')


def canonical(value):
    """Give what is equal for values that are equal to the server."""
    if isinstance(value, dict):
        return 'document', tuple((key, canonical(item)) for key, item in value.items())
    if isinstance(value, list):
        return 'array', tuple(map(canonical, value))
    if isinstance(value, bool):
        return 'bool', value
    if isinstance(value, float) and math.isnan(value):
        return 'number', 'NaN'
    return 'number' if isinstance(value, int | float) else type(value).__name__, value


def is_found(stored, value):
    """Whether a stored value is equal to one, or is an array that has it."""
    items = stored if isinstance(stored, list) else []
    return canonical(value) in map(canonical, [stored, *items])


def parts(value):
    """Give a value, and what is directly within it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *inner]


@st.composite
def searches(draw):
    """Give what is stored, and values that are often a part of it."""
    stored = draw(st.lists(STORABLE, min_size=1, max_size=4))
    known = [part for value in stored for part in parts(value)]
    values = draw(st.lists(st.sampled_from(known) | JSON, min_size=1, max_size=3))
    return stored, values


@pytest.fixture
def logs(sync_db):
    """The query set; each example takes the collection as the one before has left it."""
    sync_db.create_collection('log')
    return Log.q(sync_db)


def filled(logs, stored):
    logs.coll.delete_many({})
    logs.coll.insert_many([{'_id': number, 'e': value} for number, value in enumerate(stored)])


def found_by(logs, make, *values):
    """Give the ids that a query finds; None where it cannot be made."""
    try:
        query = make(*values)
    except QueryError:
        return None
    return {each['_id'] for each in logs.coll.find(dict(query), {'_id': True})}


on_a_server = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@on_a_server
@given(searches())
def test_a_query_finds_what_is_equal_and_nothing_else(logs, search):
    stored, values = search
    filled(logs, stored)
    everything = set(range(len(stored)))
    for field in (Log.extra, Lists.extra):
        for value in values:
            expected = {number for number in everything if is_found(stored[number], value)}
            assert found_by(logs, operator.eq, field, value) in (expected, None)
            assert found_by(logs, operator.ne, field, value) in (everything - expected, None)


@on_a_server
@given(searches())
def test_a_query_by_several_values_finds_what_is_equal_and_nothing_else(logs, search):
    stored, values = search
    filled(logs, stored)
    everything = set(range(len(stored)))
    expected = {each for each in everything if any(is_found(stored[each], one) for one in values)}
    assert found_by(logs, Log.extra.in_, values) in (expected, None)
    assert found_by(logs, Log.extra.not_in, values) in (everything - expected, None)
    has_all = {
        each for each in everything if all(is_found(stored[each], value) for value in values)
    }
    # DocumentDB takes the empty key of a document in $all for an operator.
    if not any('' in value for value in values if isinstance(value, dict)):
        assert found_by(logs, Lists.extra.all, values) in (has_all, None)


@on_a_server
@given(searches())
def test_a_query_on_text_finds_that_text_or_that_document(logs, search):
    stored, values = search
    filled(logs, stored)
    for value in values:
        text = value if value is None or isinstance(value, dict) else str(value)
        expected = {each for each in range(len(stored)) if is_found(stored[each], text)}
        assert found_by(logs, operator.eq, Text.extra, value) in (expected, None)


@given(JSON)
def test_a_value_that_can_be_stored_makes_a_query(value):
    for make in (Log.extra.__eq__, Log.extra.__ne__, Log.extra.set, Lists.extra.push):
        if is_storable(value):
            make(value)
        else:
            with pytest.raises(QueryError, match=r'(Log|Lists)\.extra cannot store'):
                make(value)


def stored_by(logs, before, update):
    """Give the bytes of a document after an update."""
    logs.coll.replace_one({'_id': 1}, {'e': before}, upsert=True)
    logs.update_one(Log._id == 1, update)
    return logs.coll.with_options(codec_options=RAW).find_one({'_id': 1}).raw


def document(value):
    return bson.encode({'_id': 1, 'e': value})


@on_a_server
@given(STORABLE, STORABLE)
def test_an_update_stores_the_value(logs, value, other):
    assert stored_by(logs, 0, Log.extra.set(value)) == document(value)
    assert stored_by(logs, [], Lists.extra.push(value)) == document([value])
    assert stored_by(logs, [0], Lists.extra.push(value, other)) == document([0, value, other])
    assert stored_by(logs, [], Lists.extra.add_to_set(value)) == document([value])
    assert stored_by(logs, [], Lists.extra.set([value, other])) == document([value, other])


@on_a_server
@given(st.lists(STORABLE, min_size=1, max_size=4), st.data())
def test_what_is_equal_is_pulled_and_nothing_else(logs, stored, data):
    value = data.draw(st.sampled_from([part for each in stored for part in parts(each)]))
    left = [each for each in stored if canonical(each) != canonical(value)]
    assert stored_by(logs, stored, Lists.extra.pull(value)) == document(left)
    assert stored_by(logs, stored, Lists.extra.pull_all([value])) == document(left)
