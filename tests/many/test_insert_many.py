"""insert_many takes documents and dicts."""

import pytest
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.errors import BulkWriteError

from aiomongodel import (
    BulkDuplicateKeyError,
    BulkError,
    Document,
    IntField,
    RevisionField,
    StrField,
    ValidationError,
)
from tests.drivers import settled
from tests.many.helpers import Item, Made, indexed, items, stored


@pytest.mark.parametrize('kind', [list, tuple, iter, lambda given: (each for each in given)])
async def test_documents_are_inserted(any_db, kind):
    assert await settled(Item.q(any_db).insert_many(kind(items('a', 'b')))) == [1, 2]
    assert await stored(Item, any_db) == [{'_id': 1, 'n': 'a'}, {'_id': 2, 'n': 'b'}]


async def test_documents_and_dicts_are_inserted_in_their_order(any_db):
    given = [Item(_id=2), {'_id': 1, 'other': 5}, Item(_id=3, name='c')]
    assert await settled(Item.q(any_db).insert_many(given)) == [2, 1, 3]
    assert await stored(Item, any_db) == [{'_id': 1, 'other': 5}, {'_id': 2}, {'_id': 3, 'n': 'c'}]


async def test_dicts_get_the_ids_that_the_driver_makes(any_db):
    given = [{'name': 5}, {'name': 6}]
    ids = await settled(Made.q(any_db).insert_many(given))
    assert [data['_id'] for data in given] == ids
    assert await stored(Made, any_db) == given


async def test_an_id_that_is_none_is_made_and_set_in_the_document(any_db):
    given = [Made(_id=None, name='a'), Made(name='b')]
    known = given[1]._id
    ids = await settled(Made.q(any_db).insert_many(given))
    assert ids == [given[0]._id, known]
    assert isinstance(ids[0], ObjectId)
    assert {data['_id'] for data in await stored(Made, any_db)} == set(ids)


async def test_an_id_that_is_none_is_refused_where_its_field_takes_none_of_the_drivers(any_db):
    with pytest.raises(ValidationError) as caught:
        await settled(Item.q(any_db).insert_many([Item(_id=None)]))
    assert caught.value.as_dict() == {0: {'_id': 'none value is not allowed'}}


async def test_a_document_is_stored_by_its_own_to_mongo(any_db):
    class Shouting(Document):
        _id = IntField()

        def to_mongo(self):
            return {**super().to_mongo(), 'loud': True}

    await settled(Shouting.q(any_db).insert_many([Shouting(_id=1)]))
    assert await stored(Shouting, any_db) == [{'_id': 1, 'loud': True}]


async def test_a_document_of_a_subclass_is_stored_as_its_own_class_stores_it(any_db):
    class Child(Item):
        size = IntField(required=False)

        class Meta:
            collection = 'item'

    await settled(Item.q(any_db).insert_many([Item(_id=1), Child(_id=2, size=3)]))
    assert await stored(Item, any_db) == [{'_id': 1}, {'_id': 2, 'size': 3}]


async def test_no_documents_are_no_call(any_db, monkeypatch):
    q = Item.q(any_db)
    monkeypatch.setattr(type(getattr(q, '_source', q)), '_call', None)
    assert await settled(q.insert_many([])) == []


async def test_a_write_that_is_not_acknowledged_gives_none(any_db):
    made = Made(_id=None)
    q = Made.q(any_db).with_options(write_concern=WriteConcern(w=0))
    assert await settled(q.insert_many([made])) is None
    assert isinstance(made._id, ObjectId)


@pytest.mark.parametrize('as_given', [lambda item: item, lambda item: item.to_mongo()])
async def test_failures_name_what_was_given(any_db, as_given):
    q = await indexed(any_db)
    given = [as_given(item) for item in items('a', 'x', 'b', 'a')]
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(q.insert_many(given, ordered=False))
    failures = caught.value.failures
    assert [(each.index, each._id, each.code) for each in failures] == [
        (1, 2, 11000),
        (3, 4, 11000),
    ]
    assert [each.document for each in failures] == [given[1], given[3]]
    assert 'E11000' in failures[0].message
    assert caught.value.result.inserted == caught.value.details['nInserted'] == 2
    assert caught.value.index_name == 'by name'
    assert '2 of 4 writes of Item failed, the first at index 1, with the _id 2' in str(caught.value)


@pytest.mark.parametrize(
    ('args', 'options', 'with_ids'),
    [
        ((), {}, [0]),
        ((True,), {}, [0]),
        ((), {'ordered': True}, [0]),
        ((False,), {}, [0, 2]),
        ((), {'ordered': False}, [0, 2]),
    ],
)
async def test_those_that_were_inserted_before_a_failure_have_their_ids(
    any_db, args, options, with_ids
):
    await settled(Made.coll(any_db).create_index('name', unique=True))
    given = [Made(_id=None, name=name) for name in 'aab']
    with pytest.raises(BulkDuplicateKeyError):
        await settled(Made.q(any_db).insert_many(given, *args, **options))
    assert [index for index, made in enumerate(given) if made._id is not None] == with_ids
    assert {data['_id'] for data in await stored(Made, any_db)} == {given[i]._id for i in with_ids}


async def test_failures_of_several_kinds_are_a_bulk_error(any_db):
    schema = {'$jsonSchema': {'required': ['n']}}
    await settled(any_db.create_collection('item', validator=schema))
    q = await indexed(any_db)
    with pytest.raises(BulkError) as caught:
        await settled(q.insert_many([Item(_id=1, name='x'), Item(_id=2)], ordered=False))
    assert not isinstance(caught.value, BulkDuplicateKeyError)
    assert isinstance(caught.value, BulkWriteError)
    assert [failure.code for failure in caught.value.failures] == [11000, 121]
    assert caught.value.code == 65


async def test_a_revision_is_stored_and_held(any_db):
    class Page(Document):
        _id = IntField()
        title = StrField(required=False)
        revision = RevisionField()

    pages = [Page(_id=1), Page(_id=2)]
    await settled(Page.q(any_db).insert_many(pages))
    assert [data['revision'] for data in await stored(Page, any_db)] == [1, 1]
    await settled(pages[0].save(any_db))
    assert [page.revision for page in pages] == [2, 1]
