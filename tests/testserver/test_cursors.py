"""Cursors over several batches, and aggregation."""

import pytest
from pymongo.errors import CursorNotFound, OperationFailure

from . import raw
from .drivers import all_of, done


async def _fill(db, count=50):
    await done(db.c.insert_many([{'_id': n, 'a': n % 5} for n in range(count)]))


@pytest.mark.parametrize('batch_size', [1, 7, 50, 1000])
async def test_find_gives_all_batches(db, batch_size):
    await _fill(db)
    found = await all_of(db.c.find({}, batch_size=batch_size))
    assert [document['_id'] for document in found] == list(range(50))


async def test_sorted_cursor_survives_other_commands_between_its_batches(db):
    await _fill(db)
    seen = []
    for document in await all_of(db.c.find({}, batch_size=5).sort('_id', -1)):
        seen.append(document['_id'])
        await done(db.other.insert_one({'n': document['_id']}))
    assert seen == list(range(49, -1, -1))


async def test_aggregation_gives_all_batches(db):
    await _fill(db)
    pipeline = [{'$match': {'a': {'$lt': 4}}}, {'$sort': {'_id': -1}}, {'$project': {'_id': 1}}]
    found = await all_of(db.c.aggregate(pipeline, batchSize=3))
    assert [document['_id'] for document in found] == [n for n in range(49, -1, -1) if n % 5 < 4]


async def test_group_lookup_unwind_and_facet(db):
    await _fill(db, 10)
    await done(db.names.insert_many([{'_id': n, 'name': f'n{n}'} for n in range(5)]))
    pipeline = [
        {'$group': {'_id': '$a', 'n': {'$sum': 1}}},
        {'$lookup': {'from': 'names', 'localField': '_id', 'foreignField': '_id', 'as': 'of'}},
        {'$unwind': '$of'},
        {'$facet': {'names': [{'$sort': {'_id': 1}}, {'$project': {'n': 1, 'x': '$of.name'}}]}},
    ]
    (found,) = await all_of(db.c.aggregate(pipeline))
    assert found == {'names': [{'_id': n, 'n': 2, 'x': f'n{n}'} for n in range(5)]}


async def test_out_writes_a_collection(db):
    await _fill(db, 3)
    await all_of(db.c.aggregate([{'$match': {'_id': {'$gt': 0}}}, {'$out': 'copy'}]))
    assert await done(db.copy.count_documents({})) == 2


def test_killed_cursor_is_not_found(plain):
    plain.c.insert_many([{} for _ in range(10)])
    cursor = plain.c.find({}, batch_size=2)
    next(cursor)
    answer = plain.command('killCursors', 'c', cursors=[cursor.cursor_id, 12345])
    assert answer['cursorsKilled'] == [cursor.cursor_id]
    assert answer['cursorsNotFound'] == [12345]
    with pytest.raises(CursorNotFound):
        list(cursor)


def test_cursor_serves_any_connection(plain, mongodb_uri):
    plain.c.insert_many([{'_id': n} for n in range(10)])
    with raw.connect(mongodb_uri) as one, raw.connect(mongodb_uri) as other:
        first = raw.ask(one, {'find': 'c', 'sort': {'_id': -1}, 'batchSize': 4, '$db': plain.name})
        more = {'getMore': first['cursor']['id'], 'collection': 'c', '$db': plain.name}
        second = raw.ask(other, more)
    ids = [document['_id'] for document in second['cursor']['nextBatch']]
    assert ids == [5, 4, 3, 2, 1, 0]


def test_cursor_of_another_collection_is_refused(plain, mongo):
    plain.c.insert_many([{} for _ in range(10)])
    with plain.c.find({}, batch_size=2) as cursor:
        next(cursor)
        with pytest.raises(OperationFailure) as caught:
            plain.command('getMore', cursor.cursor_id, collection='d')
    assert caught.value.code == 13


def test_hint_and_let_and_comment_are_taken(plain):
    plain.c.insert_many([{'_id': n, 'a': n} for n in range(3)])
    plain.c.create_index('a', name='of_a')
    found = plain.c.find(
        {'$expr': {'$eq': ['$a', '$$x']}}, let={'x': 2}, hint='of_a', comment='why'
    )
    assert list(found) == [{'_id': 2, 'a': 2}]
    with pytest.raises(OperationFailure, match='hint'):
        plain.c.find_one({}, hint='no_such_index')
