"""Documents with a revision or a lock are saved and deleted one by one."""

import pymongo
import pytest

from aiomongodel import (
    BulkError,
    BulkResult,
    DeleteOne,
    Document,
    InsertOne,
    IntField,
    LockField,
    ReplaceOne,
    RevisionField,
    StaleDocumentError,
    StrField,
    UpdateMany,
    transaction,
)
from tests.drivers import entered, settled
from tests.many.helpers import stored


class Page(Document):
    _id = IntField()
    title = StrField(required=False)
    revision = RevisionField()


class Locked(Document):
    _id = IntField()
    lock = LockField()


async def pages(db):
    """Give two stored pages, the first of which is older than what is stored."""
    given = [Page(_id=1), Page(_id=2)]
    await settled(Page.q(db).insert_many(given))
    await settled(Page.q(db).update_one({'_id': 1}, {'$set': {'title': 'other'}}))
    return given


async def test_saves_raise_the_revision(any_db):
    given = [Page(_id=1), Page(_id=2)]
    for revision in (1, 2):
        await settled(Page.q(any_db).save_all(given, size=1))
        assert [page.revision for page in given] == [revision, revision]
        assert [data['revision'] for data in await stored(Page, any_db)] == [revision, revision]


@pytest.mark.parametrize(('ordered', 'titles'), [(True, ['other']), (False, ['other', 'mine'])])
async def test_what_has_changed_meanwhile_is_a_failure(any_db, ordered, titles):
    given = await pages(any_db)
    for page in given:
        page.title = 'mine'
    with pytest.raises(BulkError, match='1 of 2 writes of Page failed') as caught:
        await settled(Page.q(any_db).save_all(given, ordered=ordered))
    failure = caught.value.failures[0]
    assert (failure.index, failure._id, failure.code, failure.document) == (0, 1, None, given[0])
    assert isinstance(caught.value.__cause__, StaleDocumentError)
    assert [data['title'] for data in await stored(Page, any_db) if 'title' in data] == titles
    assert caught.value.result.modified == len(titles) - 1


async def test_what_has_changed_meanwhile_is_not_deleted(any_db):
    given = await pages(any_db)
    with pytest.raises(BulkError) as caught:
        await settled(Page.q(any_db).delete_all(given, ordered=False))
    assert [failure._id for failure in caught.value.failures] == [1]
    assert caught.value.result == BulkResult(deleted=1)
    assert [data['_id'] for data in await stored(Page, any_db)] == [1]


async def test_updates_raise_the_revision_and_are_sent_together(any_db):
    seen = []
    async with entered(Page.q(any_db).bulk(progress=lambda *told: seen.append(told))) as bulk:
        for number in (1, 2, 3):
            bulk.insert(Page(_id=number))
        bulk.update_many({}, {'$set': {'title': 'a'}})
        bulk.save(Page(_id=4)).save(Page(_id=5))
        bulk.update({'_id': 1}, {'$set': {'title': 'b'}})
    assert [data['revision'] for data in await stored(Page, any_db)] == [3, 2, 2, 1, 1]
    assert seen == [(4, 7), (6, 7), (7, 7)]
    assert bulk.result.inserted == 3


async def test_progress_and_failures_count_among_all_writes(any_db):
    old, new = await pages(any_db)
    operations = [InsertOne(Page(_id=3)), new, old, UpdateMany({}, {'$set': {'title': 'a'}})]
    with pytest.raises(BulkError) as caught:
        await settled(Page.q(any_db).bulk_write(operations, ordered=False))
    assert [(each.index, each._id) for each in caught.value.failures] == [(2, 1)]
    assert [data['revision'] for data in await stored(Page, any_db)] == [3, 3, 2]


async def test_a_document_of_a_subclass_with_a_revision_is_guarded(any_db):
    class Plain(Document):
        _id = IntField()

    class Guarded(Plain):
        revision = RevisionField()

        class Meta:
            collection = 'plain'

    given = [Plain(_id=1), Guarded(_id=2)]
    await settled(Plain.q(any_db).save_all(given))
    await settled(Plain.q(any_db).save_all(given))
    assert await stored(Plain, any_db) == [{'_id': 1}, {'_id': 2, 'revision': 2}]


@pytest.mark.parametrize('model', [Page, Locked])
@pytest.mark.parametrize('operation', [pymongo.DeleteMany({}), pymongo.InsertOne({'_id': 1})])
async def test_the_drivers_operations_are_refused(any_db, model, operation):
    name = type(operation).__name__
    with pytest.raises(TypeError, match=rf'the lock of {model.__name__}; use aiomongodel\.{name}'):
        await settled(model.q(any_db).bulk_write([operation]))


async def test_a_replacement_by_a_document_is_refused(any_db):
    with pytest.raises(TypeError, match=r'a Page has a revision or a lock, .*; save the document'):
        await settled(Page.q(any_db).bulk_write([ReplaceOne({}, Page(_id=1))]))


@pytest.mark.parametrize('option', ['comment', 'let', 'bypass_document_validation', 'nonsense'])
@pytest.mark.parametrize('method', ['save_all', 'delete_all', 'bulk_write'])
async def test_arguments_that_saves_one_by_one_do_not_take_are_refused(any_db, method, option):
    page = await settled(Page.q(any_db).create(_id=1, title='old'))
    words = rf'{method}, at index 0: {option} cannot be given for a Page: it has a revision'
    with pytest.raises(TypeError, match=words):
        await settled(getattr(Page.q(any_db), method)([page], **{option: 3}))
    assert [data['revision'] for data in await stored(Page, any_db)] == [1]


async def test_options_of_a_deletion_one_by_one_are_refused(any_db):
    page = await settled(Page.q(any_db).create(_id=1))
    operations = [InsertOne(Page(_id=2)), DeleteOne(page, hint='_id_')]
    with pytest.raises(TypeError, match='at index 1: hint cannot be given for a Page'):
        await settled(Page.q(any_db).bulk_write(operations))
    assert [data['_id'] for data in await stored(Page, any_db)] == [1]


async def test_a_session_of_the_call_serves_saves_one_by_one(any_db):
    await settled(Page.create_collection(any_db))
    async with entered(transaction(any_db)) as tx:
        await settled(Page.q(any_db).save_all([Page(_id=1)], session=tx))
        assert await stored(Page, any_db) == []
        await settled(tx.abort())
    assert await stored(Page, any_db) == []
