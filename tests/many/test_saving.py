"""save_all and delete_all."""

import pytest
from pymongo import WriteConcern

from aiomongodel import BulkResult, Document, IntField, StrField
from tests.drivers import settled
from tests.many.helpers import Item, indexed, items, stored


@pytest.mark.parametrize('kind', [list, tuple, iter, lambda given: (each for each in given)])
async def test_documents_are_stored_whether_they_are_there_or_not(any_db, kind):
    await settled(Item.coll(any_db).insert_many([{'_id': 1, 'n': 'old', 'more': 1}, {'_id': 3}]))
    result = await settled(Item.q(any_db).save_all(kind(items('a', 'b', None)[:2])))
    assert await stored(Item, any_db) == [{'_id': 1, 'n': 'a'}, {'_id': 2, 'n': 'b'}, {'_id': 3}]
    assert result == BulkResult(matched=1, modified=1, upserted=1, upserted_ids={1: 2})


async def test_the_same_document_twice_is_stored_once(any_db):
    item = Item(_id=1)
    result = await settled(Item.q(any_db).save_all([item, item]))
    assert (result.upserted, result.matched) == (1, 1)
    assert await stored(Item, any_db) == [{'_id': 1}]


async def test_what_the_default_query_leaves_out_is_stored_and_deleted_too(any_db):
    class Named(Document):
        _id = IntField()
        name = StrField(required=False)

        class Meta:
            default_query = {'name': {'$ne': None}}

    await settled(Named.q(any_db).save_all([Named(_id=1)]))
    await settled(Named.q(any_db).save_all([Named(_id=1)]))
    assert await stored(Named, any_db) == [{'_id': 1}]
    assert (await settled(Named.q(any_db).delete_all([Named(_id=1)]))).deleted == 1


async def test_documents_are_deleted(any_db):
    await settled(Item.q(any_db).insert_many(items('a', 'b', 'c')))
    given = [Item(_id=1), Item(_id=3), Item(_id=3), Item(_id=9, name=5 * 'too long')]
    result = await settled(Item.q(any_db).delete_all(iter(given)))
    assert result == BulkResult(deleted=2)
    assert await stored(Item, any_db) == [{'_id': 2, 'n': 'b'}]


async def test_a_document_that_was_loaded_in_part_is_deleted(any_db):
    await settled(Item.q(any_db).insert_many(items('a')))
    part = await settled(Item.q(any_db).find_one({}, ['_id']))
    assert (await settled(Item.q(any_db).delete_all([part]))).deleted == 1


@pytest.mark.parametrize('method', ['save_all', 'delete_all', 'bulk_write'])
async def test_no_documents_are_no_call(any_db, monkeypatch, method):
    q = Item.q(any_db)
    monkeypatch.setattr(type(getattr(q, '_source', q)), '_call', None)
    assert await settled(getattr(q, method)([])) == BulkResult()


async def test_where_no_answer_is_asked_for_the_result_says_so(any_db):
    q = Item.q(any_db).with_options(write_concern=WriteConcern(w=0))
    result = await settled(q.save_all(items('a')))
    assert result == BulkResult(acknowledged=False)


async def test_the_drivers_arguments_reach_it(any_db):
    schema = {'$jsonSchema': {'required': ['n']}}
    await settled(any_db.create_collection('item', validator=schema))
    q = Item.q(any_db)
    await settled(q.save_all([Item(_id=1)], bypass_document_validation=True))
    assert await stored(Item, any_db) == [{'_id': 1}]


@pytest.mark.parametrize('method', ['save_all', 'insert_many'])
async def test_what_was_stored_has_not_changed_where_changes_are_tracked(any_db, method):
    class Tracked(Document):
        _id = IntField()
        name = StrField(required=False)

        class Meta:
            track_changes = True

    given = [Tracked(_id=1), Tracked(_id=2)]
    await settled(getattr(Tracked.q(any_db), method)(given))
    assert [each.is_changed() for each in given] == [False, False]
    given[0].name = 'a'
    assert dict(given[0].changes()) == {'$set': {'name': 'a'}}
    await settled(given[0].save_changes(any_db))
    assert await stored(Tracked, any_db) == [{'_id': 1, 'name': 'a'}, {'_id': 2}]


async def test_the_result_has_the_index_of_each_upserted_document(any_db):
    await indexed(any_db)
    given = [Item(_id=0), *items(*'abcd')]
    result = await settled(Item.q(any_db).save_all(given, size=2))
    assert result.upserted_ids == {1: 1, 2: 2, 3: 3, 4: 4}
    assert (result.matched, result.upserted) == (1, 4)
