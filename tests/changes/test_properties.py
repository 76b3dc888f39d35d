"""Whatever is done to a document, its changes store what it holds, and lose nothing of others."""

import copy
import os
import types
from decimal import Decimal

from bson import Decimal128
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from aiomongodel import Document, EmbDocField, EmbeddedDocument, ListField
from tests.properties.helpers import plain, salted, stored_names
from tests.properties.strategies import JSON, cases

FEW = settings(
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '30')),
    derandomize='CI' in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@st.composite
def tracked(draw):
    """Give a random model that tracks its changes, and two of its documents."""
    case = draw(cases(Document))
    meta = type('Meta', (), {'collection': 'tracked', 'track_changes': True})
    model = types.new_class('Tracked', (case.model,), exec_body=lambda body: body.update(Meta=meta))
    first, donor = (model(**draw(case.keywords)) for _ in range(2))
    return model, first, donor


def put(db, data):
    """Store raw data; examples that the server itself refuses are left out."""
    try:
        db['tracked'].replace_one({'_id': data['_id']}, data, upsert=True)
    except WriteError:
        assume(False)


def get(db, model, _id, reading):
    document = model.q(db).find_one({'_id': _id})
    for name in reading:
        getattr(document, name)
    return document


def same(value):
    """Give a value to be compared: servers leave a number that is set to an equal one."""
    if isinstance(value, EmbeddedDocument):
        return held(value)
    if isinstance(value, Document):
        return same(value._id)
    if isinstance(value, dict):
        return {key: same(item) for key, item in value.items()}
    if isinstance(value, list):
        return [same(item) for item in value]
    if isinstance(value, Decimal128):
        value = value.to_decimal()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return 'NaN' if value != value else Decimal(value) + 0
    return plain(value)


# What is done to a document: a way down into it, and there one of these.


def read_only(holder, key, donated, draw):
    """Leave it as it is."""


def replace(holder, key, donated, draw):
    store(holder, key, copy.deepcopy(donated))


def unset(holder, key, donated, draw):
    if isinstance(holder, list) or key == '_id':
        return
    if isinstance(holder, dict):
        del holder[key]
    else:
        delattr(holder, key)


def append(holder, key, donated, draw):
    value = fetch(holder, key)
    if isinstance(value, list):
        value.extend(copy.deepcopy(donated if isinstance(donated, list) else value[:1]))


def remove(holder, key, donated, draw):
    value = fetch(holder, key)
    if isinstance(value, list) and value:
        del value[draw(st.integers(0, len(value) - 1))]


def insert(holder, key, donated, draw):
    value = fetch(holder, key)
    if isinstance(value, list) and isinstance(donated, list) and donated:
        value.insert(draw(st.integers(0, len(value))), copy.deepcopy(donated[0]))


def turn(holder, key, donated, draw):
    value = fetch(holder, key)
    if isinstance(value, list):
        value.reverse()


IN_PLACE = [read_only, replace, append]
WAYS = [*IN_PLACE, unset, remove, insert, turn]


def keys_in(holder):
    if isinstance(holder, list):
        return list(range(len(holder)))
    if isinstance(holder, dict):
        return list(holder)
    if isinstance(holder, Document | EmbeddedDocument):
        return [name for name in holder.meta.fields if name in holder.to_data()]
    return []


def fetch(holder, key):
    return holder[key] if isinstance(holder, list | dict) else getattr(holder, key)


def store(holder, key, value):
    if isinstance(holder, list | dict):
        holder[key] = value
    else:
        setattr(holder, key, value)


def mutate(draw, document, donor, names, ways):
    """Do something to one of some fields, or to what lies within it."""
    name = draw(st.sampled_from(names))
    way, depth = draw(st.sampled_from(ways)), draw(st.integers(0, 3))
    donated = donor.to_data().get(name)
    if name not in document.to_data():
        if way is replace:
            setattr(document, name, copy.deepcopy(donated))
        return
    holder, key = document, name
    for _ in range(depth):
        inner = fetch(holder, key)
        keys = keys_in(inner)
        if not keys or (isinstance(inner, Document) and inner is not document):
            break
        holder, key = inner, draw(st.sampled_from(keys))
        donated = donation(donated, key, draw)
    way(holder, key, donated, draw)


def donation(donated, key, draw):
    """What lies at the same place in the other document; or any value, where nothing does."""
    if isinstance(donated, list) and donated:
        return donated[min(key, len(donated) - 1)] if isinstance(key, int) else donated[0]
    if key in keys_in(donated):
        return fetch(donated, key)
    return draw(JSON)


def held(document):
    """Give what a document holds, all of it read."""
    return same(dict(document.to_data()))


def fields_of(model):
    return [name for name in model.meta.fields if name != '_id']


def some(names):
    return st.lists(st.sampled_from(names), unique=True)


@FEW
@given(st.data())
def test_the_changes_store_what_save_would_have_stored(sync_db, data):
    model, first, donor = data.draw(tracked())
    names = fields_of(model)
    assume(names)
    put(sync_db, first.to_mongo())
    original = sync_db['tracked'].find_one({'_id': first._id})
    document = get(sync_db, model, first._id, data.draw(some(names)))
    for _ in range(data.draw(st.integers(1, 5))):
        mutate(data.draw, document, donor, names, WAYS)
    twin = model.from_mongo(document.to_mongo())
    put(sync_db, twin.to_mongo())
    expected = sync_db['tracked'].find_one({'_id': first._id})
    put(sync_db, original)
    document.save_changes(sync_db)
    assert same(sync_db['tracked'].find_one({'_id': first._id})) == same(expected)
    assert document.changes() == {}


def lost(model, before, after, extra):
    """Give the further keys that are gone from documents that are still there."""
    known = stored_names(model)
    yield from (key for key in extra if key not in known and key not in after)
    for field in model.meta.fields.values():
        if field.mongo_name in before and field.mongo_name in after:
            yield from lost_within(field, before[field.mongo_name], after[field.mongo_name], extra)


def lost_within(field, before, after, extra):
    if isinstance(field, EmbDocField) and isinstance(before, dict) and isinstance(after, dict):
        yield from lost(field.document_class, before, after, extra)
    if isinstance(field, ListField) and isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after, strict=False):
            if plain(anew(field.item_field, one)) == plain(anew(field.item_field, other)):
                yield from lost_within(field.item_field, one, other, extra)


def anew(field, value):
    return field.from_mongo(value)


UNKNOWN = st.dictionaries(st.sampled_from(['z1', 'z2', 'a.b']), st.integers(0, 9), min_size=1)


@FEW
@given(st.data(), UNKNOWN)
def test_keys_that_the_class_does_not_know_survive(sync_db, data, extra):
    model, first, donor = data.draw(tracked())
    names = fields_of(model)
    assume(names)
    before = salted(model, first.to_mongo(), extra)
    put(sync_db, before)
    document = get(sync_db, model, first._id, data.draw(some(names)))
    assert document.changes() == {}
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(data.draw, document, donor, names, IN_PLACE)
    document.save_changes(sync_db)
    after = sync_db['tracked'].find_one({'_id': first._id})
    assert list(lost(model, before, after, extra)) == []
    expected = model.from_mongo(document.to_mongo())
    assert held(get(sync_db, model, first._id, [])) == held(expected)


@FEW
@given(st.data())
def test_disjoint_changes_of_two_both_survive(sync_db, data):
    model, first, donor = data.draw(tracked())
    names = fields_of(model)
    assume(len(names) > 1)
    mine = data.draw(some(names).filter(lambda chosen: 0 < len(chosen) < len(names)))
    others = [name for name in names if name not in mine]
    put(sync_db, first.to_mongo())
    one, other = (get(sync_db, model, first._id, data.draw(some(names))) for _ in range(2))
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(data.draw, one, donor, mine, WAYS)
        mutate(data.draw, other, donor, others, WAYS)
    for each in data.draw(st.permutations([one, other])):
        each.save_changes(sync_db)
    found = held(get(sync_db, model, first._id, []))
    expected = {name: value for name, value in held(one).items() if name not in others}
    expected |= {name: value for name, value in held(other).items() if name in others}
    assert found == expected
