"""Reading and writing documents, with each driver."""

import datetime
import re
import uuid

import pytest
from bson import (
    Binary,
    Code,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from pymongo import (
    DeleteOne,
    InsertOne,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
    WriteConcern,
)
from pymongo.errors import BulkWriteError

from .drivers import all_of, done

VALUES = {
    'double': 1.5,
    'infinity': float('inf'),
    'string': 'žluťoučký\u0000kůň',
    'document': {'a': {'b': 1}, 'c': []},
    'array': [1, 'two', [3, {'four': 4}], None],
    'binary': b'\x00\xff',
    'user_binary': Binary(b'x', 128),
    'uuid': Binary.from_uuid(uuid.UUID(int=7)),
    'object_id': ObjectId('0123456789abcdef01234567'),
    'bool': True,
    'date': datetime.datetime(2024, 2, 29, 12, 30, 15, 123000),
    'date_before_epoch': datetime.datetime(1900, 1, 1),
    'null': None,
    'regex': Regex('^a.b', re.IGNORECASE),
    'code': Code('function () {}'),
    'int32': 2**31 - 1,
    'timestamp': Timestamp(5, 6),
    'int64': Int64(2**40),
    'small_int64': Int64(1),
    'decimal': Decimal128('1.10'),
    'min_key': MinKey(),
    'max_key': MaxKey(),
}


@pytest.mark.parametrize('name', VALUES)
async def test_value_comes_back_as_it_was_stored(db, name):
    await done(db.c.insert_one({'_id': 1, 'value': VALUES[name]}))
    found = await done(db.c.find_one({'_id': 1}))
    assert found['value'] == VALUES[name]
    assert type(found['value']) is type(VALUES[name])


async def test_insert_many_and_find_with_filter_sort_skip_limit_and_projection(db):
    await done(db.c.insert_many([{'_id': n, 'a': n % 3, 'b': n} for n in range(10)]))
    found = db.c.find({'a': {'$gte': 1}}, {'b': 1}).sort('b', -1).skip(1).limit(2)
    assert await all_of(found) == [{'_id': 7, 'b': 7}, {'_id': 5, 'b': 5}]


async def test_updates_report_what_they_matched_and_changed(db):
    await done(db.c.insert_many([{'a': 1}, {'a': 1}, {'a': 2}]))
    one = await done(db.c.update_one({'a': 2}, {'$set': {'a': 2}}))
    many = await done(db.c.update_many({'a': 1}, {'$inc': {'a': 10}}))
    new = await done(db.c.update_one({'a': 99}, {'$set': {'b': 1}}, upsert=True))
    assert (one.matched_count, one.modified_count) == (1, 0)
    assert (many.matched_count, many.modified_count) == (2, 2)
    assert await done(db.c.find_one({'_id': new.upserted_id})) == {
        '_id': new.upserted_id,
        'a': 99,
        'b': 1,
    }


async def test_replace_and_delete(db):
    await done(db.c.insert_many([{'_id': n, 'a': n} for n in range(4)]))
    await done(db.c.replace_one({'_id': 1}, {'b': 1}))
    one = await done(db.c.delete_one({'_id': 0}))
    many = await done(db.c.delete_many({'a': {'$gte': 2}}))
    assert (one.deleted_count, many.deleted_count) == (1, 2)
    assert await all_of(db.c.find()) == [{'_id': 1, 'b': 1}]


async def test_array_filters_and_positional_updates(db):
    await done(db.c.insert_one({'_id': 1, 'scores': [1, 5, 9]}))
    await done(
        db.c.update_one(
            {'_id': 1}, {'$inc': {'scores.$[high]': 10}}, array_filters=[{'high': {'$gt': 4}}]
        )
    )
    await done(db.c.update_one({'scores': 1}, {'$set': {'scores.$': 2}}))
    assert (await done(db.c.find_one()))['scores'] == [2, 15, 19]


async def test_find_and_modify_gives_the_document_before_or_after(db):
    await done(db.c.insert_one({'_id': 1, 'n': 1}))
    before = await done(db.c.find_one_and_update({'_id': 1}, {'$inc': {'n': 1}}))
    after = await done(
        db.c.find_one_and_update(
            {'_id': 1}, {'$inc': {'n': 1}}, return_document=ReturnDocument.AFTER
        )
    )
    assert (before['n'], after['n']) == (1, 3)
    assert await done(db.c.find_one_and_replace({'_id': 2}, {'n': 0}, upsert=True)) is None
    assert await done(db.c.find_one_and_delete({'_id': 2})) == {'_id': 2, 'n': 0}


async def test_bulk_write_reports_each_kind(db):
    result = await done(
        db.c.bulk_write(
            [
                InsertOne({'_id': 1}),
                InsertOne({'_id': 2}),
                UpdateOne({'_id': 1}, {'$set': {'a': 1}}),
                UpdateMany({'_id': 3}, {'$set': {'a': 1}}, upsert=True),
                ReplaceOne({'_id': 2}, {'b': 1}),
                DeleteOne({'_id': 1}),
            ]
        )
    )
    assert (result.inserted_count, result.modified_count, result.deleted_count) == (2, 2, 1)
    assert result.upserted_ids == {3: 3}
    assert await done(db.c.count_documents({})) == 2


@pytest.mark.parametrize(('ordered', 'stored'), [(True, [1]), (False, [1, 2])])
async def test_bulk_write_stops_at_an_error_only_if_ordered(db, ordered, stored):
    writes = [InsertOne({'_id': 1}), InsertOne({'_id': 1}), InsertOne({'_id': 2})]
    with pytest.raises(BulkWriteError) as caught:
        await done(db.c.bulk_write(writes, ordered=ordered))
    (error,) = caught.value.details['writeErrors']
    assert (error['index'], error['code']) == (1, 11000)
    assert [found['_id'] for found in await all_of(db.c.find().sort('_id'))] == stored


async def test_a_batch_larger_than_one_message_is_stored_whole(db):
    await done(db.c.insert_many([{'text': 'x' * 900_000} for _ in range(60)]))
    assert await done(db.c.count_documents({})) == 60


async def test_count_and_distinct(db):
    await done(db.c.insert_many([{'a': n % 3, 'tags': ['x', str(n)]} for n in range(6)]))
    assert await done(db.c.count_documents({'a': {'$gt': 0}})) == 4
    assert await done(db.c.estimated_document_count()) == 6
    assert sorted(await done(db.c.distinct('a', {'a': {'$gt': 0}}))) == [1, 2]
    assert sorted(await done(db.c.distinct('tags'))) == ['0', '1', '2', '3', '4', '5', 'x']


async def test_unacknowledged_write_is_done(db):
    await done(db.create_collection('c'))
    await done(db.c.with_options(write_concern=WriteConcern(w=0)).insert_one({'_id': 1}))
    for _ in range(100):
        if await done(db.c.find_one({'_id': 1})) is not None:
            break
    else:
        pytest.fail('the write was not done')


async def test_case_insensitive_collation(db):
    await done(db.c.insert_many([{'_id': 1, 'a': 'b'}, {'_id': 2, 'a': 'B'}, {'_id': 3, 'a': 'c'}]))
    found = db.c.find({'a': 'b'}, collation={'locale': 'en', 'strength': 2}).sort('_id')
    assert [document['_id'] for document in await all_of(found)] == [1, 2]
