"""Pages by the place where the one before them ended: `after`, and its tokens."""

import base64
import datetime
import math
import random
import re
import struct
import uuid

import bson
import pytest
from bson import Code, DBRef, Decimal128, Int64, MaxKey, ObjectId, Regex, Timestamp
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from aiomongodel import AnyField, Document, QueryError
from aiomongodel.paging import AS_STORED, place_of
from tests.contract.conftest import Wire
from tests.drivers import settled
from tests.queries.helpers import JANUARY, Loose, User, names, users

MISSING = object()
NAN = float('nan')
OURS = {'$and', '$or', '$eq', '$gt', '$gte', '$lt', '$in', '$ne', '$nor', '$type'}
STANDARD = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)

KINDS = {
    'numbers': st.one_of(
        st.sampled_from([NAN, Decimal128('NaN'), math.inf, -math.inf, 0.0, -0.0, 1, 1.5]),
        st.sampled_from([Decimal128('1.5'), Decimal128('-2'), Int64(2**53 + 1), 2.0**53]),
        st.integers(-3, 3),
    ),
    'strings': st.text('abAB é\x00$', max_size=2),
    'dates': st.integers(-3, 3).map(lambda days: JANUARY + datetime.timedelta(days=days)),
    'ids': st.integers(0, 3).map(lambda number: ObjectId(f'{number:024}')),
    'bytes': st.binary(max_size=2),
    'booleans': st.booleans(),
    'times': st.integers(0, 3).map(lambda seconds: Timestamp(seconds, 1)),
}


class Uuid(Document):
    _id = AnyField()

    class Meta:
        codec_options = STANDARD


def values_of(kind):
    return st.one_of(KINDS[kind], KINDS[kind], st.none(), st.just(MISSING))


@st.composite
def stored_documents(draw):
    """Documents with two keys, each of values of one kind, and ids of one kind."""
    kinds = {key: draw(st.sampled_from([*KINDS])) for key in ('a', 'b')}
    ids = draw(st.sampled_from(['numbers', 'strings', 'ids']))
    found = draw(
        st.lists(
            st.fixed_dictionaries({key: values_of(kind) for key, kind in kinds.items()}),
            max_size=12,
        )
    )
    made = [{key: value for key, value in each.items() if value is not MISSING} for each in found]
    makers = {'numbers': int, 'strings': str, 'ids': lambda number: ObjectId(f'{number:024}')}
    return [{'_id': makers[ids](number), **data} for number, data in enumerate(made)]


orders = st.lists(
    st.tuples(st.sampled_from(['a', 'b', '_id']), st.sampled_from([1, -1])),
    max_size=3,
    unique_by=lambda pair: pair[0],
)


async def walked(cursor_of, size, between=lambda: None):
    """Give the `_id`s on pages, one after the other, each by a cursor of its own."""
    found, token = [], None
    for _ in range(100):
        page = await settled(cursor_of().after(token, size))
        found += [data['_id'] for data in page.items]
        if page.next_token is None:
            return found
        assert len(page.items) == size
        token = page.next_token
        between()
    raise AssertionError('there is no end')


def sorted_ids(db, order):
    """Give the `_id`s in the order of the server, without ties."""
    pairs = order if any(key == '_id' for key, _ in order) else [*order, ('_id', 1)]
    return [data['_id'] for data in db['loose'].find({}).sort(pairs)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stored=stored_documents(), order=orders, size=st.integers(1, 5))
@example(
    stored=[
        {'_id': number, **({} if value is MISSING else {'a': value})}
        for number, value in enumerate([NAN, 1, None, Decimal128('NaN'), MISSING, -math.inf, 1])
    ],
    order=[('a', -1)],
    size=1,
)
def test_a_walk_by_tokens_gives_what_the_order_alone_gives(sync_db, stored, order, size):
    collection = sync_db['loose']
    collection.delete_many({})
    if stored:
        collection.insert_many(stored)
    cursor = Loose.q(sync_db).find()
    raw = (cursor.sort(order) if order else cursor).raw()
    found, token = [], None
    while True:
        page = raw.after(token, size)
        found += [data['_id'] for data in page.items]
        token = page.next_token
        if token is None or len(found) > len(stored):
            break
    assert found == sorted_ids(sync_db, order)


@pytest.mark.parametrize('order', [[('a', 1), ('b', -1)], [('a', -1)], [('_id', -1)], []])
async def test_a_walk_is_the_same_by_each_driver(any_db, sync_db, order):
    chance = random.Random(7)
    values = [None, 1, 2, 2.5, NAN]
    sync_db['loose'].insert_many(
        {'_id': number, 'a': chance.choice(values), 'b': chance.choice(values)}
        for number in range(40)
    )
    cursor = Loose.q(any_db).find()
    raw = (cursor.sort(order) if order else cursor).raw()
    assert await walked(lambda: raw, 7) == sorted_ids(sync_db, order)


async def test_others_insert_and_delete_elsewhere_meanwhile(any_db, sync_db):
    collection = sync_db['loose']
    collection.insert_many({'_id': number, 'a': number // 3} for number in range(0, 60, 2))
    kept = [*range(0, 60, 2)]
    left = iter(range(1000, 2000))

    def disturb():
        number = next(left)
        collection.insert_one({'_id': number, 'a': -number})  # before the place
        collection.delete_one({'_id': number - 1})
        collection.delete_one({'_id': 0})

    raw = Loose.q(any_db).find().sort(Loose.a).raw()
    assert await walked(lambda: raw, 4, disturb) == kept


async def test_a_document_inserted_after_the_place_is_found_once(any_db, sync_db):
    sync_db['loose'].insert_many({'_id': number, 'a': number} for number in range(0, 8, 2))
    raw = Loose.q(any_db).find().sort(Loose.a).raw()
    first = await settled(raw.after(None, 2))
    sync_db['loose'].insert_many([{'_id': 1, 'a': 1}, {'_id': 3, 'a': 3}])
    second = await settled(raw.after(first.next_token, 9))
    assert [data['_id'] for data in second.items] == [3, 4, 6]


async def test_the_original_query_and_the_default_order_stay(any_db):
    q = await users(any_db, *'ABCDEF')
    cursor = q.find((User.age > 0) | {'n': 'A', '$or': [{'age': 99}]}, sort=User.name.desc())
    first = await settled(cursor.after(None, 2))
    second = await settled(cursor.after(first.next_token, 9))
    assert names([*first.items, *second.items]) == [*'FEDCB']
    assert second.next_token is None


async def test_documents_on_a_page_are_whole_and_can_be_saved(any_db):
    q = await users(any_db, *'ABC')
    page = await settled(q.find().sort(User.name).after(None, 2))
    assert [user.is_partial for user in page.items] == [False, False]
    await settled(page.items[0].save(any_db))


async def test_a_last_full_page_has_no_token(any_db):
    q = await users(any_db, *'ABCD')
    first = await settled(q.find().after(None, 2))
    second = await settled(q.find().after(first.next_token, 2))
    assert (len(second.items), second.next_token) == (2, None)
    assert await settled(User.q(any_db).find(User.name == 'Z').after(None, 2)) == type(first)(
        [], None
    )


async def test_limits_of_the_cursor_do_not_count_and_stay(any_db):
    q = await users(any_db, *'ABCD')
    cursor = q.find(skip=1).sort(User.name).limit(1)
    assert names((await settled(cursor.after(None, 3))).items) == ['A', 'B', 'C']
    assert names(await settled(cursor.to_list())) == ['B']


async def test_ids_may_be_uuids(any_db):
    ids = [uuid.UUID(int=number * 2**100) for number in range(5)]
    coll = Uuid.coll(any_db)
    await settled(coll.insert_many([{'_id': each} for each in ids]))
    raw = Uuid.q(any_db).find().raw()
    assert await walked(lambda: raw, 2) == ids


async def test_keys_lie_within_documents(any_db):
    for number, city in enumerate(['Rome', None, 'Oslo', 'Bonn']):
        address = {} if city is None else {'city': city}
        await settled(User.q(any_db).create(name=str(number), address=address))
    await settled(User.q(any_db).create(name='4'))
    raw = User.q(any_db).find().sort(User.address.city.desc()).raw()
    ids = await walked(lambda: raw, 1)
    found = User.q(any_db).find().sort(User.address.city.desc(), User._id)
    assert ids == (await settled(found.to_list())).ids


@pytest.mark.parametrize('value', [[1, 2], [], {'x': 1}])
@pytest.mark.parametrize('place', [0, 1])
async def test_an_order_by_lists_or_documents_is_refused(any_db, value, place):
    stored = [{'_id': 0, 'a': 1}, {'_id': 1, 'a': 1}, {'_id': 2, 'a': 9}]
    stored[place]['a'] = value
    await settled(Loose.coll(any_db).insert_many(stored))
    with pytest.raises(QueryError, match=r"^'a' is .* in a document: pages by place need an order"):
        await settled(Loose.q(any_db).find().sort(Loose.a).after(None, 3))


@pytest.mark.parametrize('value', [Regex('a'), MaxKey(), Code('x'), re.compile('a')])
async def test_an_order_by_values_without_a_place_is_refused(any_db, value):
    await settled(Loose.coll(any_db).insert_many([{'_id': 0, 'a': value}, {'_id': 1, 'a': value}]))
    with pytest.raises(QueryError, match=r"^'a' is .* pages by place need an order by single val"):
        await settled(Loose.q(any_db).find().sort(Loose.a).after(None, 1))


async def test_an_order_through_a_list_is_refused(any_db):
    q = await users(any_db, 'A', 'B', homes=[{'city': 'Rome'}])
    with pytest.raises(QueryError, match=r"^'homes\.c' is \["):
        await settled(q.find().sort(User.homes.city).after(None, 1))


async def test_an_order_by_no_values_is_refused(any_db):
    cursor = User.q(any_db).find().sort('score', {'$meta': 'textScore'})
    with pytest.raises(QueryError, match='pages by place need an order by values, not'):
        await settled(cursor.after(None, 1))


@pytest.mark.parametrize(
    'choose',
    [
        lambda cursor: cursor.only(User.age),
        lambda cursor: cursor.exclude(User.name),
        lambda cursor: cursor.into(dict).only(User.age),
    ],
)
async def test_a_projection_without_a_key_of_the_order_is_refused(any_db, choose):
    cursor = choose(User.q(any_db).find().sort(User.name))
    with pytest.raises(QueryError, match="User: the projection leaves out 'n', by which the"):
        await settled(cursor.after(None, 1))


async def test_a_projection_without_the_id_is_refused(any_db):
    cursor = User.q(any_db).find({}, {'n': 1, '_id': 0}).sort(User.name)
    with pytest.raises(QueryError, match="User: the projection leaves out '_id', by which the"):
        await settled(cursor.after(None, 1))


async def test_a_projection_with_the_keys_of_the_order_has_pages(any_db):
    q = await users(any_db, *'ABC')
    cursor = q.find().sort(User.name).only(User.name)
    first = await settled(cursor.after(None, 2))
    assert first.items[0].is_partial
    assert names((await settled(cursor.after(first.next_token, 2))).items) == ['C']


# Tokens that are none of ours.


def packed(held):
    return base64.urlsafe_b64encode(bson.encode(held)).decode().rstrip('=')


def deep(levels):
    """Give BSON that is nested so deep that the driver does not encode it."""
    held = b'\x05\x00\x00\x00\x00'
    for _ in range(levels):
        held = struct.pack('<i', len(held) + 7) + b'\x03\x00' + held + b'\x00'
    return base64.urlsafe_b64encode(held).decode()


ORDER = [['n', 1], ['_id', 1]]
FORGED = {
    'empty': '',
    'words': 'next page',
    'no base64': 'é' * 20,
    'long': 'A' * 10**6,
    'no BSON': base64.urlsafe_b64encode(b'x' * 50).decode(),
    'another order': packed({'order': [['n', -1], ['_id', 1]], 'values': ['A', 1]}),
    'no order': packed({'values': ['A', 1]}),
    'more': packed({'order': ORDER, 'values': ['A', 1], 'more': 1}),
    'too few values': packed({'order': ORDER, 'values': ['A']}),
    'too many values': packed({'order': ORDER, 'values': ['A', 1, 2]}),
    'values by name': packed({'order': ORDER, 'values': {'n': 'A', '_id': 1}}),
    'operators': packed({'order': ORDER, 'values': [{'$gt': ''}, {'$ne': None}]}),
    'where': packed({'order': ORDER, 'values': [{'$where': '1'}, 1]}),
    'regular expressions': packed({'order': ORDER, 'values': [Regex('.*'), Regex('.*')]}),
    'code': packed({'order': ORDER, 'values': [Code('while (1) {}'), 1]}),
    'code with scope': packed({'order': ORDER, 'values': [Code('1', {'a': 1}), 1]}),
    'lists': packed({'order': ORDER, 'values': [['A'], 1]}),
    'references': packed({'order': ORDER, 'values': [DBRef('user', 1), 1]}),
    'a reference': packed({'$ref': 'user', '$id': 1}),
    'the greatest key': packed({'order': ORDER, 'values': [MaxKey(), 1]}),
    'deep': deep(6_000),
    'less deep': deep(90),
}


@pytest.mark.parametrize('token', FORGED.values(), ids=FORGED)
async def test_a_forged_token_is_refused_before_the_server_is_asked(wire, token):
    cursor = User.q(wire.db).find(User.age > 1).sort(User.name)
    with pytest.raises(QueryError) as caught:
        await settled(cursor.after(token, 2))
    assert len(str(caught.value)) < 400
    assert wire.commands == []


@pytest.mark.parametrize('token', [5, b'AAAA', object(), ['x'], True, 0])
async def test_what_is_no_text_is_no_token(any_db, token):
    with pytest.raises(QueryError, match='is no token of a page; None stands for the first page'):
        await settled(User.q(any_db).find().after(token, 2))


def operators_in(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [key] if key.startswith('$') else []
            yield from operators_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from operators_in(inner)


flips = st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 7)), min_size=1, max_size=4)


@pytest.fixture
def sync_wire(mongodb_uri, sync_db):
    listener = Wire()
    with MongoClient(mongodb_uri, event_listeners=[listener]) as client:
        listener.db = client[sync_db.name]
        yield listener


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(flips=flips, value=st.one_of(*KINDS.values(), st.none()))
@example(flips=[(5174, 3)], value=NAN)  # makes it a date of the year 292207637
def test_a_token_with_bits_flipped_names_a_place_in_the_order_or_is_refused(
    sync_wire, flips, value
):
    raw = bytearray(bson.encode({'order': ORDER, 'values': [value, 1]}))
    for place, bit in flips:
        raw[place % len(raw)] ^= 1 << bit
    cursor = User.q(sync_wire.db).find(User.age > 1).sort(User.name)
    sync_wire.commands.clear()
    try:
        cursor.after(base64.urlsafe_b64encode(bytes(raw)).decode(), 2)
    except QueryError:
        assert sync_wire.commands == []
        return
    command = sync_wire.sent('find')
    query = bson.decode(bson.encode(command['filter']), AS_STORED)
    assert query['age'] == {'$gt': 1}
    assert query.keys() == {'age', '$or'}
    assert set(operators_in(query)) <= OURS
    assert command['sort'] == {'n': 1, '_id': 1}


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.binary(max_size=80).map(base64.urlsafe_b64encode)))
def test_random_text_is_no_token(text):
    token = text if isinstance(text, str) else text.decode()
    with pytest.raises(QueryError):
        place_of(token, [('n', 1), ('_id', 1)])


async def test_a_token_is_safe_in_a_url(any_db):
    q = await users(any_db, 'Ä?/+&=' * 20, 'B')
    page = await settled(q.find().sort(User.name.desc()).after(None, 1))
    assert re.fullmatch('[A-Za-z0-9_-]+', page.next_token)
