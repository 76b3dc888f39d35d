"""Indexes are enforced, used, and told of; validators too."""

import datetime
import time

import pytest
from pymongo import GEOSPHERE, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from .drivers import all_of, done


async def test_unique_index_refuses_a_second_document(db):
    await done(db.c.create_index('a', unique=True))
    await done(db.c.insert_one({'a': 1}))
    with pytest.raises(DuplicateKeyError):
        await done(db.c.insert_one({'a': 1}))
    assert await done(db.c.count_documents({})) == 1


async def test_partial_unique_index_holds_for_its_part_only(db):
    await done(
        db.c.create_index('a', unique=True, partialFilterExpression={'active': {'$eq': True}})
    )
    await done(db.c.insert_many([{'a': 1}, {'a': 1}, {'a': 1, 'active': True}]))
    with pytest.raises(DuplicateKeyError):
        await done(db.c.insert_one({'a': 1, 'active': True}))


async def test_indexes_are_listed_as_they_were_made(db):
    await done(
        db.c.create_indexes(
            [
                IndexModel([('a', 1), ('b', -1)], name='of_ab', unique=True),
                IndexModel('at', expireAfterSeconds=60),
                IndexModel('s', sparse=True),
            ]
        )
    )
    assert await done(db.c.index_information()) == {
        '_id_': {'v': 2, 'key': [('_id', 1)]},
        'of_ab': {'v': 2, 'key': [('a', 1), ('b', -1)], 'unique': True},
        'at_1': {'v': 2, 'key': [('at', 1)], 'expireAfterSeconds': 60},
        's_1': {'v': 2, 'key': [('s', 1)], 'sparse': True},
    }


async def test_dropped_index_is_no_longer_enforced(db):
    await done(db.c.create_index('a', unique=True))
    await done(db.c.drop_index('a_1'))
    await done(db.c.insert_many([{'a': 1}, {'a': 1}]))
    with pytest.raises(OperationFailure) as caught:
        await done(db.c.drop_index('a_1'))
    assert caught.value.code == 27


@pytest.mark.parametrize(
    ('options', 'code'),
    [({'name': 'other'}, 85), ({'unique': True}, 86)],
    ids=['other_name', 'other_options'],
)
async def test_index_at_odds_with_another_one_is_refused(db, options, code):
    await done(db.c.create_index('a'))
    with pytest.raises(OperationFailure) as caught:
        await done(db.c.create_index('a', **options))
    assert caught.value.code == code


async def test_unique_index_is_refused_where_documents_break_it(db):
    await done(db.c.insert_many([{'a': 'x'}, {'a': 'x'}]))
    with pytest.raises(DuplicateKeyError, match=r'dup key: \{ a: "x" \}'):
        await done(db.c.create_index('a', unique=True))
    assert list(await done(db.c.index_information())) == ['_id_']


def test_ttl_index_deletes_what_is_old_and_nothing_else(plain):
    now = datetime.datetime.now(datetime.UTC)
    plain.c.create_index('at', expireAfterSeconds=10)
    plain.c.insert_many([{'_id': 'old', 'at': now - datetime.timedelta(hours=1)}, {'_id': 'never'}])
    plain.c.insert_one({'_id': 'new', 'at': now + datetime.timedelta(hours=1)})
    deadline = time.monotonic() + 75
    while plain.c.find_one({'_id': 'old'}) is not None:
        assert time.monotonic() < deadline, 'nothing was deleted in 75 seconds'
        time.sleep(0.2)
    assert {found['_id'] for found in plain.c.find()} == {'new', 'never'}


async def test_text_index_is_needed_and_used_for_text_search(db):
    await done(db.c.insert_many([{'_id': 1, 't': 'quick fox'}, {'_id': 2, 't': 'lazy dog'}]))
    search = {'$text': {'$search': 'dogs'}}
    with pytest.raises(OperationFailure) as caught:
        await all_of(db.c.find(search))
    assert caught.value.code == 27
    await done(db.c.create_index([('t', 'text')]))
    assert [found['_id'] for found in await all_of(db.c.find(search))] == [2]


async def test_geo_near_gives_the_nearest_first(db):
    await done(db.c.create_index([('at', GEOSPHERE)]))
    places = [(1, [0, 0]), (2, [0.5, 0]), (3, [50, 50])]
    await done(
        db.c.insert_many([{'_id': n, 'at': {'type': 'Point', 'coordinates': c}} for n, c in places])
    )
    near = {'$geometry': {'type': 'Point', 'coordinates': [0.4, 0]}, '$maxDistance': 100_000}
    assert [found['_id'] for found in await all_of(db.c.find({'at': {'$near': near}}))] == [2, 1]


def test_query_is_planned_with_the_index(plain):
    plain.c.insert_many([{'a': n, 'b': n, 'text': 'x' * 100} for n in range(2000)])
    plain.c.create_index('a', name='of_a')
    by_index = plain.c.find({'a': 5}).explain()['queryPlanner']['winningPlan']
    by_reading_all = plain.c.find({'b': 5}).explain()['queryPlanner']['winningPlan']
    assert by_index['inputStage']['indexName'] == 'of_a'
    assert by_reading_all['stage'] == 'COLLSCAN'


SCHEMA = {
    '$jsonSchema': {'required': ['a'], 'properties': {'a': {'bsonType': 'int', 'minimum': 1}}}
}


@pytest.mark.parametrize('document', [{}, {'a': 'x'}, {'a': 0}])
async def test_validator_refuses_documents(db, document):
    await done(db.create_collection('c', validator=SCHEMA))
    await done(db.c.insert_one({'a': 1}))
    with pytest.raises(WriteError) as caught:
        await done(db.c.insert_one(document))
    assert caught.value.code == 121
    assert await done(db.c.count_documents({})) == 1


async def test_validator_can_be_set_later_and_refuses_updates(db):
    await done(db.c.insert_one({'a': 1}))
    await done(db.command('collMod', 'c', validator=SCHEMA))
    with pytest.raises(WriteError) as caught:
        await done(db.c.update_one({'a': 1}, {'$set': {'a': 0}}))
    assert caught.value.code == 121


async def test_collections_are_listed_renamed_and_dropped(db):
    await done(db.create_collection('a', validator=SCHEMA))
    await done(db.create_collection('v', viewOn='a', pipeline=[]))
    (listed,) = await all_of(db.list_collections(filter={'name': 'a'}))
    assert listed['options']['validator'] == SCHEMA
    await done(db.drop_collection('v'))
    await done(db.a.rename('b'))
    assert await done(db.list_collection_names()) == ['b']


async def test_collection_cannot_be_created_twice(db):
    await done(db.create_collection('a'))
    with pytest.raises(OperationFailure) as caught:
        await done(db.create_collection('a', check_exists=False))
    assert caught.value.code == 48


def test_dropped_database_is_not_listed(mongo, plain):
    plain.c.insert_one({})
    assert plain.name in mongo.list_database_names()
    mongo.drop_database(plain.name)
    assert plain.name not in mongo.list_database_names()
