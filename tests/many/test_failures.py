"""What the server refuses: which of many, and what was done nevertheless."""

import copy
import pickle

import pymongo.errors
import pytest
from bson import ObjectId

from aiomongodel import (
    BulkDuplicateKeyError,
    BulkError,
    BulkFailure,
    BulkResult,
    DeleteOne,
    Document,
    DuplicateKeyError,
    InsertOne,
    IntField,
    ReplaceOne,
    StrField,
    UpdateMany,
    UpdateOne,
)
from tests.drivers import settled
from tests.many.helpers import Item, Made, indexed, items, stored


async def test_ordered_stops_at_the_first_failure(any_db):
    q = await indexed(any_db)
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.save_all(items('a', 'x', 'b')))
    assert await stored(Item, any_db) == [{'_id': 0, 'n': 'x'}, {'_id': 1, 'n': 'a'}]
    assert caught.value.result == BulkResult(upserted=1, upserted_ids={0: 1})


async def test_unordered_goes_on_after_a_failure(any_db):
    q = await indexed(any_db)
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.save_all(items('a', 'x', 'b', 'x'), ordered=False))
    assert [data['_id'] for data in await stored(Item, any_db)] == [0, 1, 3]
    assert [failure.index for failure in caught.value.failures] == [1, 3]
    assert caught.value.result.upserted_ids == {0: 1, 2: 3}


@pytest.mark.parametrize(
    ('ordered', 'indexes', 'ids', 'seen'),
    [(True, [3], [0, 1, 2, 3], [2]), (False, [3, 6], [0, 1, 2, 3, 5, 6], [2, 4, 6, 7])],
)
async def test_a_failure_in_a_later_batch_has_its_index_among_all(
    any_db, ordered, indexes, ids, seen
):
    q, calls = await indexed(any_db), []
    given = items('a', 'b', 'c', 'x', 'd', 'e', 'x')
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.save_all(given, ordered, lambda done, total: calls.append(done), size=2))
    failures, details = caught.value.failures, caught.value.details
    assert [failure.index for failure in failures] == indexes
    assert [failure.document for failure in failures] == [given[index] for index in indexes]
    assert [entry['index'] for entry in details['writeErrors']] == indexes
    assert details['nUpserted'] == len(details['upserted']) == caught.value.result.upserted
    assert [data['_id'] for data in await stored(Item, any_db)] == ids
    assert calls == seen
    assert caught.value.__cause__.details['writeErrors'][0]['index'] == 1  # the first's own


async def test_the_message_names_the_class_and_the_first_failure(any_db):
    q = await indexed(any_db)
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.save_all(items('a', 'x', 'x'), ordered=False))
    assert str(caught.value).startswith('E11000 duplicate key error')
    assert '2 of 3 writes of Item failed, the first at index 1, with the _id 2' in str(caught.value)
    assert caught.value.index_name == 'by name'
    assert caught.value.__notes__ == ["in Item.q(db).bulk_write, on the collection 'item'"]


async def test_failures_that_are_all_duplicates_are_a_duplicate_key_error(any_db):
    q = await indexed(any_db)
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.save_all(items('x')))
    for kind in (DuplicateKeyError, BulkError, pymongo.errors.BulkWriteError):
        assert isinstance(caught.value, kind)
    assert isinstance(caught.value, pymongo.errors.DuplicateKeyError)
    assert isinstance(caught.value.__cause__, pymongo.errors.BulkWriteError)


async def test_failures_of_other_kinds_are_a_bulk_error(any_db):
    q = await indexed(any_db)
    operations = [UpdateOne({}, {'$inc': {'n': 1}}), Item(_id=1, name='x')]
    with pytest.raises(BulkError) as caught:
        await settled(q.bulk_write(operations, ordered=False))
    assert not isinstance(caught.value, DuplicateKeyError)
    assert isinstance(caught.value, pymongo.errors.BulkWriteError)
    assert [failure.document for failure in caught.value.failures] == operations
    assert [failure.code for failure in caught.value.failures] == [14, 11000]


@pytest.mark.parametrize(
    ('operation', '_id'),
    [
        (InsertOne({'_id': 7, 'n': 'x'}), 7),
        (InsertOne(Item(_id=7, name='x')), 7),
        (Item(_id=7, name='x'), 7),
        (UpdateOne({'_id': 0}, {'$inc': {'n': 1}}), 0),
        (UpdateOne({'_id': {'$eq': 0}}, {'$inc': {'n': 1}}), 0),
        (UpdateMany({'n': 'x'}, {'$inc': {'n': 1}}), None),
        (pymongo.UpdateOne({'_id': 0}, {'$inc': {'n': 1}}), 0),
    ],
)
async def test_a_failure_has_the_id_as_far_as_it_is_known(any_db, operation, _id):
    q = await indexed(any_db)
    with pytest.raises(BulkError) as caught:
        await settled(q.bulk_write([operation]))
    assert caught.value.failures[0]._id == _id


NEW = {'_id': 7, 'n': 'x'}
FOUND = UpdateOne({'_id': 0}, {'$inc': {'n': 1}})
DRIVERS = pymongo.UpdateOne({'_id': 0}, {'$inc': {'n': 1}})
ITEM = Item(_id=7, name='x')


@pytest.mark.parametrize(
    ('operation', 'subject'),
    [
        (InsertOne(NEW), NEW),
        (InsertOne(ITEM), ITEM),
        (ITEM, ITEM),
        (ReplaceOne({'_id': 7}, ITEM, upsert=True), ITEM),
        (FOUND, FOUND),
        (DRIVERS, DRIVERS),
    ],
)
async def test_a_failure_has_what_was_to_be_stored_or_the_operation(any_db, operation, subject):
    q = await indexed(any_db)
    with pytest.raises(BulkError) as caught:
        await settled(q.bulk_write([operation]))
    assert caught.value.failures[0].document is subject


async def test_a_failure_has_the_id_that_the_driver_has_made(any_db):
    await settled(Made.coll(any_db).create_index('name', unique=True))
    given = [Made(_id=None, name='a'), Made(_id=None, name='a')]
    with pytest.raises(BulkError) as caught:
        await settled(Made.q(any_db).bulk_write([InsertOne(made) for made in given]))
    assert isinstance(caught.value.failures[0]._id, ObjectId)
    assert (given[0]._id is None, given[1]._id is None) == (False, True)


async def test_a_write_concern_that_is_not_met_is_told(any_db, monkeypatch):
    concern = {'code': 64, 'errmsg': 'waiting for replication timed out'}
    details = {'writeErrors': [], 'writeConcernErrors': [concern], 'nUpserted': 1}
    q = Item.q(any_db)

    async def failing(self, *args, **kwargs):  # no server of one member runs into this
        raise pymongo.errors.BulkWriteError(details)

    monkeypatch.setattr(type(getattr(q, '_source', q)), '_call', failing)
    with pytest.raises(BulkError, match='replication timed out; the writes of Item') as caught:
        await settled(q.save_all(items('a')))
    assert (caught.value.failures, caught.value.result.upserted) == ([], 1)


async def test_an_error_that_is_no_answer_says_how_far_the_writes_came(any_db, monkeypatch):
    q, calls = await indexed(any_db), []
    source = type(getattr(q, '_source', q))
    call = source._call

    async def failing(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise pymongo.errors.AutoReconnect('by the test')
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(source, '_call', failing)
    with pytest.raises(pymongo.errors.AutoReconnect) as caught:
        await settled(q.save_all(items('a', 'x', 'b'), False, size=1))
    note = 'Item.q(db).save_all had sent 2 of 3 writes, 1 of which failed'
    assert caught.value.__notes__ == [note]


class Name(Document):
    _id = StrField()


async def test_an_id_that_looks_like_a_message_does_not_hide_the_index(any_db):
    await settled(Name.q(any_db).insert_many([Name(_id='index: wrong dup key')]))
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(Name.q(any_db).bulk_write([InsertOne(Name(_id='index: wrong dup key'))]))
    assert caught.value.index_name == '_id_'


@pytest.mark.parametrize('kind', [BulkError, BulkDuplicateKeyError])
@pytest.mark.parametrize('travel', [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_keeps_its_facts(kind, travel):
    failures = [BulkFailure(1, 2, 3, 'wrong', {'a': 1})]
    error = travel(kind('wrong', 65, {'writeErrors': []}, failures, BulkResult(inserted=1)))
    assert (type(error), str(error), error.code) == (kind, 'wrong', 65)
    assert (error.details, error.failures) == ({'writeErrors': []}, failures)
    assert error.result == BulkResult(inserted=1)


def test_a_bulk_error_can_be_made_of_a_message_alone():
    error = BulkDuplicateKeyError('E11000 index: a_1 dup key: {}')
    assert (error.failures, error.result, error.index_name) == ([], None, 'a_1')


class Counted(Document):
    _id = IntField()


async def test_a_delete_of_what_is_not_there_is_no_failure(any_db):
    result = await settled(Counted.q(any_db).bulk_write([DeleteOne(Counted(_id=1))]))
    assert result == BulkResult()
