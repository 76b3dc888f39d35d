"""bulk_write takes operations, ours and the driver's."""

import pymongo
import pytest
from pymongo.collation import Collation

from aiomongodel import (
    BulkResult,
    DeleteMany,
    DeleteOne,
    Document,
    InsertOne,
    IntField,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
)
from tests.drivers import settled
from tests.many.helpers import Item, items, stored

A, B = {'_id': 1, 'n': 'a'}, {'_id': 2, 'n': 'b'}
C = {'_id': 3, 'x': 1}
UPPER = Collation('en', strength=1)

OPERATIONS = {
    'insert': (InsertOne(Item(_id=3)), BulkResult(inserted=1), [A, B, {'_id': 3}]),
    'insert a dict': (
        InsertOne(dict(C)),
        BulkResult(inserted=1),
        [A, B, C],
    ),
    'save': (Item(_id=1), BulkResult(matched=1, modified=1), [{'_id': 1}, B]),
    'replace': (
        ReplaceOne({'n': 'a'}, Item(_id=1, name='c')),
        BulkResult(matched=1, modified=1),
        [{'_id': 1, 'n': 'c'}, B],
    ),
    'replace by a dict': (
        ReplaceOne({'n': 'a'}, {'x': 1}),
        BulkResult(matched=1, modified=1),
        [{'_id': 1, 'x': 1}, B],
    ),
    'replace with an option': (
        ReplaceOne({'_id': 3}, {'x': 1}, upsert=True),
        BulkResult(upserted=1, upserted_ids={0: 3}),
        [A, B, C],
    ),
    'update': (
        UpdateOne({}, {'$set': {'n': 'c'}}, sort={'_id': -1}),
        BulkResult(matched=1, modified=1),
        [A, {'_id': 2, 'n': 'c'}],
    ),
    'update by a pipeline': (
        UpdateOne({'_id': 1}, [{'$set': {'x': '$n'}}]),
        BulkResult(matched=1, modified=1),
        [{**A, 'x': 'a'}, B],
    ),
    'update many': (
        UpdateMany({}, {'$set': {'n': 'a'}}),
        BulkResult(matched=2, modified=1),
        [A, {'_id': 2, 'n': 'a'}],
    ),
    'update many with an option': (
        UpdateMany({'_id': 4}, {'$set': {'x': 1}}, upsert=True),
        BulkResult(upserted=1, upserted_ids={0: 4}),
        [A, B, {'_id': 4, 'x': 1}],
    ),
    'delete': (DeleteOne({'n': 'a'}), BulkResult(deleted=1), [B]),
    'delete a document': (DeleteOne(Item(_id=2)), BulkResult(deleted=1), [A]),
    'delete with an option': (DeleteOne({'n': 'A'}, collation=UPPER), BulkResult(deleted=1), [B]),
    'delete many': (DeleteMany({}), BulkResult(deleted=2), []),
    "the driver's": (pymongo.DeleteOne({'_id': 1}), BulkResult(deleted=1), [B]),
    "the driver's insert": (
        pymongo.InsertOne(dict(C)),
        BulkResult(inserted=1),
        [A, B, C],
    ),
}


@pytest.mark.parametrize('name', OPERATIONS)
async def test_an_operation_does_what_it_says(any_db, name):
    operation, result, left = OPERATIONS[name]
    await settled(Item.q(any_db).insert_many(items('a', 'b')))
    assert await settled(Item.q(any_db).bulk_write([operation])) == result
    assert await stored(Item, any_db) == left


async def test_operations_are_done_in_their_order(any_db):
    operations = [
        InsertOne(Item(_id=1, name='a')),
        UpdateOne({'n': 'a'}, {'$set': {'n': 'b'}}),
        DeleteOne({'n': 'a'}),
        Item(_id=2, name='a'),
        UpdateMany({}, {'$set': {'x': 1}}),
    ]
    result = await settled(Item.q(any_db).bulk_write(iter(operations), size=2))
    counts = (result.inserted, result.matched, result.upserted, result.deleted)
    assert counts == (1, 3, 1, 0)
    assert await stored(Item, any_db) == [
        {'_id': 1, 'n': 'b', 'x': 1},
        {'_id': 2, 'n': 'a', 'x': 1},
    ]


class Small(Document):
    _id = IntField()
    size = IntField(required=False)

    class Meta:
        default_query = {'size': {'$lt': 5}}


@pytest.mark.parametrize(
    'operation',
    [
        UpdateOne({}, {'$set': {'size': 1}}, sort={'_id': 1}),
        UpdateMany({}, {'$set': {'size': 1}}),
        ReplaceOne({}, {'size': 1}, sort={'_id': 1}),
        DeleteOne({'_id': 1}),
        DeleteMany({}),
    ],
)
async def test_queries_are_joined_with_the_default_query(any_db, operation):
    await settled(Small.q(any_db).insert_many([{'_id': 1, 'size': 9}, {'_id': 2, 'size': 3}]))
    await settled(Small.q(any_db).bulk_write([operation]))
    assert (await stored(Small, any_db))[0] == {'_id': 1, 'size': 9}


@pytest.mark.parametrize('kind', [pymongo.DeleteOne, pymongo.DeleteMany])
async def test_the_drivers_operations_are_refused_where_they_pass_the_default_query_by(
    any_db, kind
):
    name = kind.__name__
    words = rf"Small\.q\(db\)\.bulk_write, at index 1: PyMongo's {name} .*aiomongodel\.{name}"
    with pytest.raises(TypeError, match=words):
        await settled(Small.q(any_db).bulk_write([Small(_id=1), kind({})]))
    assert await stored(Small, any_db) == []


def test_operations_are_values():
    assert UpdateOne({'a': 1}, {}, upsert=True) == UpdateOne({'a': 1}, {}, upsert=True)
    assert UpdateOne({'a': 1}, {}) != UpdateMany({'a': 1}, {})
    assert repr(DeleteOne({'a': 1}, hint='x')) == "DeleteOne(query={'a': 1}, options={'hint': 'x'})"
    with pytest.raises(AttributeError):
        DeleteOne({}).query = {}
