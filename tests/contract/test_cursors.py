"""The 0.2 contract: the cursor of a query set."""

import contextlib

import pytest
from bson import Code
from pymongo.collation import Collation
from pymongo.errors import PyMongoError

from aiomongodel import Document
from aiomongodel.errors import DocumentNotFoundError
from aiomongodel.fields import IntField, StrField
from aiomongodel.queryset import MotorQuerySetCursor
from aiomongodel.synchronous import QuerySetCursor
from tests.drivers import each, for_kind, settled

from .helpers import documents_of


class Item(Document):
    _id = IntField()
    value = IntField(mongo_name='v')
    text = StrField(required=False)

    class Meta:
        collection = 'item'


async def fill(db):
    """Store five documents whose values run against their ids."""
    await settled(
        Item.coll(db).insert_many([{'_id': i, 'v': 10 - i, 'text': 'x'} for i in range(1, 6)])
    )


def ids(docs):
    return [doc._id for doc in docs]


# Seed: "class aiomongodel.queryset.MotorQuerySetCursor(doc_class, cursor)"


async def test_a_cursor_makes_documents_of_what_the_drivers_cursor_gives(db):
    await fill(db)
    cursor = documents_of(Item, db, Item.coll(db).find({'_id': 2}))

    docs = await settled(cursor.to_list(None))
    assert [type(doc) for doc in docs] == [Item]
    assert docs[0].to_data() == {'_id': 2, 'value': 8, 'text': 'x'}


def test_find_gives_a_cursor(db):
    assert isinstance(Item.q(db).find({}), for_kind(db, MotorQuerySetCursor, QuerySetCursor))


# "Cursor: `sort`, `skip`, `limit`, `batch_size`, `hint`, … pass through with their keywords
# (*fixed*) and give the cursor"

NO_TIMEOUT = 16  # in the masks of the driver
METHODS = [
    ('sort', ('v', -1), {}, 'sort', {'v': -1}),
    ('sort', ([('v', -1)],), {}, 'sort', {'v': -1}),
    ('sort', (), {'key_or_list': 'v', 'direction': -1}, 'sort', {'v': -1}),
    ('skip', (1,), {}, 'skip', 1),
    ('skip', (), {'skip': 1}, 'skip', 1),
    ('limit', (2,), {}, 'limit', 2),
    ('limit', (), {'limit': 2}, 'limit', 2),
    ('batch_size', (2,), {}, 'batchSize', 2),
    ('batch_size', (), {'batch_size': 2}, 'batchSize', 2),
    ('hint', ([('_id', 1)],), {}, 'hint', {'_id': 1}),
    ('hint', (), {'index': '_id_'}, 'hint', '_id_'),
    ('comment', ('why',), {}, 'comment', 'why'),
    ('comment', (), {'comment': 'why'}, 'comment', 'why'),
    ('max_time_ms', (5000,), {}, 'maxTimeMS', 5000),
    ('max_time_ms', (), {'max_time_ms': 5000}, 'maxTimeMS', 5000),
    ('allow_disk_use', (), {'allow_disk_use': True}, 'allowDiskUse', True),
    ('collation', (), {'collation': Collation('en')}, 'collation', {'locale': 'en'}),
    ('where', (), {'code': 'true'}, 'filter', {'$where': Code('true')}),
    ('add_option', (NO_TIMEOUT,), {}, 'noCursorTimeout', True),
    ('add_option', (), {'mask': NO_TIMEOUT}, 'noCursorTimeout', True),
]


@pytest.mark.parametrize(('method', 'args', 'kwargs', 'key', 'value'), METHODS)
async def test_a_method_of_the_cursor_goes_to_the_driver(wire, method, args, kwargs, key, value):
    cursor = getattr(Item.q(wire.db).find({}), method)(*args, **kwargs)
    with contextlib.suppress(PyMongoError):  # what the server makes of it does not matter here
        await settled(cursor.to_list(None))

    assert wire.sent('find')[key] == value


@pytest.mark.parametrize(('method', 'bound'), [('min', 1), ('max', 4)])
async def test_a_bound_of_the_index_goes_to_the_driver(wire, method, bound):
    cursor = Item.q(wire.db).find({}).hint([('_id', 1)])
    with contextlib.suppress(PyMongoError):  # what the server makes of it does not matter here
        await settled(getattr(cursor, method)(spec=[('_id', bound)]).to_list(None))

    assert wire.sent('find')[method] == {'_id': bound}


@pytest.mark.parametrize(('method', 'args', 'kwargs', 'key', 'value'), METHODS)
def test_a_method_of_the_cursor_gives_the_cursor(db, method, args, kwargs, key, value):
    cursor = Item.q(db).find({})

    assert getattr(cursor, method)(*args, **kwargs) is cursor


async def test_methods_of_the_cursor_can_be_chained(db):
    await fill(db)

    cursor = Item.q(db).find({}).sort('v', -1).skip(1).limit(2).batch_size(1)
    assert ids(await settled(cursor.to_list(None))) == [2, 3]


# Seed: "find(query={}, *args, sort=None, **kwargs)"


async def test_find_takes_a_projection_by_position_and_options_by_name(db):
    await fill(db)
    cursor = Item.q(db).find({'_id': {'$gt': 1}}, {'v': 1}, sort=[('v', 1)], skip=1, limit=2)

    docs = await settled(cursor.to_list(None))
    assert [doc.to_data() for doc in docs] == [{'_id': 4, 'value': 6}, {'_id': 3, 'value': 7}]


async def test_find_takes_its_query_by_name_or_none_at_all(db):
    await fill(db)

    assert ids(await settled(Item.q(db).find(query={'_id': 2}).to_list(None))) == [2]
    assert len(await settled(Item.q(db).find().to_list(None))) == 5


# "`distinct` and `explain` give the driver's answer"


@pytest.mark.parametrize(('args', 'kwargs'), [(('v',), {}), ((), {'key': 'v'})])
async def test_distinct_gives_the_drivers_answer(db, args, kwargs):
    await fill(db)

    values = await settled(Item.q(db).find({'_id': {'$gt': 3}}).distinct(*args, **kwargs))
    assert sorted(values) == [5, 6]


async def test_explain_gives_the_drivers_answer(db):
    await fill(db)

    answer = await settled(Item.q(db).find({}).explain())
    assert set(answer) == set(await settled(Item.coll(db).find({}).explain()))


# "`to_list(length)` takes None too and gives `[]` when exhausted"


async def test_to_list_gives_as_many_as_asked_for(db):
    await fill(db)
    cursor = Item.q(db).find({}).sort('_id', 1)

    assert ids(await settled(cursor.to_list(length=2))) == [1, 2]
    assert ids(await settled(cursor.to_list(2))) == [3, 4]
    assert ids(await settled(cursor.to_list(2))) == [5]


@pytest.mark.parametrize('length', [None, 1, 10])
async def test_to_list_gives_an_empty_list_when_exhausted(db, length):
    await fill(db)
    cursor = Item.q(db).find({})

    assert len(await settled(cursor.to_list(None))) == 5
    assert await settled(cursor.to_list(length)) == []
    assert await settled(cursor.to_list(length)) == []


@pytest.mark.parametrize('length', [None, 10])
async def test_to_list_of_nothing_is_empty(db, length):
    assert await settled(Item.q(db).find({}).to_list(length)) == []


# "`clone()`"


@pytest.mark.parametrize('length', [0, 2, None])
async def test_a_clone_starts_anew_with_the_same_query_and_options(db, length):
    await fill(db)
    cursor = Item.q(db).find({'_id': {'$gt': 1}}).sort('v', 1).limit(3)
    if length != 0:
        await settled(cursor.to_list(length))

    clone = cursor.clone()
    assert clone is not cursor
    assert type(clone) is type(cursor)
    assert ids(await settled(clone.to_list(None))) == [5, 4, 3]


async def test_an_option_of_a_clone_leaves_the_cursor_as_it_was(db):
    await fill(db)
    cursor = Item.q(db).find({})
    cursor.clone().limit(1)

    assert len(await settled(cursor.to_list(None))) == 5


# "`async for`."


async def test_a_cursor_is_iterated(db):
    await fill(db)

    docs = [doc async for doc in each(Item.q(db).find({}).sort('_id', 1).batch_size(2))]
    assert ids(docs) == [1, 2, 3, 4, 5]
    assert {type(doc) for doc in docs} == {Item}


async def test_an_iteration_goes_on_where_to_list_has_stopped(db):
    await fill(db)
    cursor = Item.q(db).find({}).sort('_id', 1)

    assert ids(await settled(cursor.to_list(3))) == [1, 2, 3]
    assert [doc._id async for doc in each(cursor)] == [4, 5]


# "A projection leaves the other fields unset."


@pytest.mark.parametrize('projection', [{'v': 1}, ['v'], {'text': 0}])
async def test_a_projection_leaves_the_other_fields_unset(db, projection):
    await fill(db)

    doc = (await settled(Item.q(db).find({'_id': 1}, projection).to_list(1)))[0]
    assert doc.text is None
    assert doc.to_data() == {'_id': 1, 'value': 9}


async def test_a_projection_may_leave_out_the_id(db):
    await fill(db)

    docs = await settled(Item.q(db).find({'_id': 1}, {'v': 1, '_id': 0}).to_list(None))
    assert [doc.to_data() for doc in docs] == [{'value': 9}]


async def test_a_projection_of_nothing_found_is_not_found(db):
    with pytest.raises(DocumentNotFoundError):
        await settled(Item.q(db).find_one({}, {'v': 1}))
