"""The 0.2 contract: what the writes of a query set give."""

import asyncio

import pytest
from bson import ObjectId
from pymongo import WriteConcern

from aiomongodel import Document
from aiomongodel.fields import IntField
from tests.drivers import settled

from .helpers import stored


class Item(Document):
    _id = IntField()
    value = IntField(mongo_name='v', required=False)

    class Meta:
        collection = 'item'


# "Deletes give the deleted count, updates and replaces the modified count, inserts the `_id`(s)"


@pytest.mark.parametrize(
    ('call', 'answer', 'left'),
    [
        (lambda q: q.delete_one(query={'v': 1}), 1, [2, 3]),
        (lambda q: q.delete_one({'v': 5}), 0, [1, 2, 3]),
        (lambda q: q.delete_many(query={'v': 1}), 2, [3]),
        (lambda q: q.delete_many({'v': 5}), 0, [1, 2, 3]),
    ],
)
async def test_deletes_give_the_deleted_count(db, call, answer, left):
    await settled(
        Item.coll(db).insert_many([{'_id': 1, 'v': 1}, {'_id': 2, 'v': 1}, {'_id': 3, 'v': 2}])
    )

    assert await settled(call(Item.q(db))) == answer
    remaining = [doc['_id'] for doc in await stored(Item, db)]
    assert len(remaining) == len(left)
    assert remaining[-1] == 3


@pytest.mark.parametrize(
    ('call', 'answer'),
    [
        (lambda q: q.update_one(query={'v': 1}, update={'$set': {'v': 3}}), 1),
        (lambda q: q.update_one({'v': 1}, {'$set': {'v': 1}}), 0),
        (lambda q: q.update_one({'_id': 9}, {'$set': {'v': 1}}, upsert=True), 0),
        (lambda q: q.update_many(query={'v': 1}, update={'$set': {'v': 3}}), 2),
        (lambda q: q.update_many({}, {'$set': {'v': 1}}), 1),
        (lambda q: q.update_many({'v': 5}, {'$set': {'v': 1}}), 0),
        (lambda q: q.replace_one(query={'v': 2}, replacement={'v': 3}), 1),
        (lambda q: q.replace_one({'v': 5}, {'v': 6}), 0),
        (lambda q: q.replace_one({'_id': 9}, {'v': 3}, upsert=True), 0),
    ],
)
async def test_updates_and_replaces_give_the_modified_count(db, call, answer):
    await settled(
        Item.coll(db).insert_many([{'_id': 1, 'v': 1}, {'_id': 2, 'v': 1}, {'_id': 3, 'v': 2}])
    )

    assert await settled(call(Item.q(db))) == answer


async def test_an_update_with_upsert_inserts(db):
    await settled(Item.q(db).update_one({'_id': 9}, {'$set': {'v': 1}}, upsert=True))

    assert await stored(Item, db) == [{'_id': 9, 'v': 1}]


@pytest.mark.parametrize(
    ('call', 'answer'),
    [
        (lambda q: q.insert_one({'_id': 1, 'v': 2}), 1),
        (lambda q: q.insert_one(document=Item(_id=1, value=2).to_mongo()), 1),
        (lambda q: q.insert_many([{'_id': 1, 'v': 2}]), [1]),
        (lambda q: q.insert_many(documents=[{'_id': 1, 'v': 2}], ordered=False), [1]),
    ],
)
async def test_inserts_give_the_ids(db, call, answer):
    assert await settled(call(Item.q(db))) == answer
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


async def test_an_insert_gives_the_id_that_the_driver_made(db):
    one = await settled(Item.q(db).insert_one({'v': 1}))
    more = await settled(Item.q(db).insert_many([{'v': 2}, {'v': 3}]))

    assert [type(identifier) for identifier in (one, *more)] == [ObjectId] * 3
    assert {doc['_id'] for doc in await stored(Item, db)} == {one, *more}


# "None where the write concern is unacknowledged
# (`with_options(write_concern=WriteConcern(w=0))`)."


async def becomes(model, db, expected):
    """Wait for a write that nobody acknowledges."""
    for _ in range(100):
        if await stored(model, db) == expected:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ('call', 'expected'),
    [
        (lambda q: q.delete_one({'_id': 1}), []),
        (lambda q: q.delete_many({}), []),
        (lambda q: q.update_one({}, {'$set': {'v': 3}}), [{'_id': 1, 'v': 3}]),
        (lambda q: q.update_many({}, {'$set': {'v': 3}}), [{'_id': 1, 'v': 3}]),
        (lambda q: q.replace_one({}, {'v': 3}), [{'_id': 1, 'v': 3}]),
        (lambda q: q.insert_one({'_id': 2}), [{'_id': 1, 'v': 2}, {'_id': 2}]),
        (lambda q: q.insert_many([{'_id': 2}]), [{'_id': 1, 'v': 2}, {'_id': 2}]),
    ],
)
async def test_a_write_that_is_not_acknowledged_gives_none(db, call, expected):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2}))

    assert await settled(call(Item.q(db).with_options(write_concern=WriteConcern(w=0)))) is None
    assert await becomes(Item, db, expected)


async def test_options_of_a_copy_leave_the_query_set_as_it_was(db):
    q = Item.q(db)
    q.with_options(write_concern=WriteConcern(w=0))

    assert await settled(q.insert_one({'_id': 1})) == 1
