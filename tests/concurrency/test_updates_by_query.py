"""Updates of a query set raise the revisions of what they change."""

import pytest
from pymongo.errors import OperationFailure

from aiomongodel import Document, IntField, LockField, QueryError, RevisionField, StrField
from aiomongodel.errors import StaleDocumentError
from aiomongodel.queryset.guarding import guarded_update
from tests.concurrency.helpers import raw
from tests.drivers import settled


class Page(Document):
    title = StrField(required=False)
    views = IntField(default=0)
    lock = LockField(mongo_name='l')
    revision = RevisionField(mongo_name='r')


class Plain(Document):
    title = StrField(required=False)


UPDATES = [
    {'$set': {'title': 'new'}},
    {'$inc': {'views': 1}, '$unset': {'title': ''}},
    [{'$set': {'title': 'new'}}],
    [{'$unset': ['title']}, {'$set': {'views': {'$add': ['$views', 1]}}}],
    [{'$replaceWith': {'_id': '$_id', 'title': 'new', 'views': 1}}],
    [{'$replaceWith': {'_id': '$_id', 'views': 1, 'r': 100, 'l': 'x'}}],
    [{'$replaceRoot': {'newRoot': {'_id': '$_id', 'title': 'new', 'views': 1}}}],
]
updates = pytest.mark.parametrize('update', UPDATES, ids=str)


@updates
@pytest.mark.parametrize('method', ['update_one', 'update_many'])
async def test_a_document_that_was_loaded_before_is_stale_after(any_db, method, update):
    page = await settled(Page.q(any_db).create(title='old'))
    assert await settled(getattr(Page.q(any_db), method)({}, update)) == 1
    assert (await raw(page, any_db))['r'] == 2
    with pytest.raises(StaleDocumentError):
        await settled(page.save(any_db))


@updates
async def test_an_update_leaves_the_lock_as_it_is(any_db, update):
    await settled(Page.q(any_db).create(title='old'))
    page = await settled(Page.q(any_db).lock_one({}))
    await settled(Page.q(any_db).update_one({}, update))
    assert (await raw(page, any_db))['l'] == page.lock
    await settled(Page.q(any_db).unlock(page))


async def test_an_update_by_its_keyword_counts_too(any_db):
    page = await settled(Page.q(any_db).create())
    await settled(Page.q(any_db).update_one({}, update={'$set': {'title': 'new'}}))
    assert (await raw(page, any_db))['r'] == 2


async def test_a_document_without_a_revision_gets_the_first(any_db):
    await settled(Page.coll(any_db).insert_many([{'_id': 1}, {'_id': 2}]))
    await settled(Page.q(any_db).update_one({'_id': 1}, {'$set': {'title': 'new'}}))
    await settled(Page.q(any_db).update_one({'_id': 2}, [{'$set': {'title': 'new'}}]))
    assert await settled(Page.q(any_db).count_documents({'r': 1})) == 2


@pytest.mark.parametrize('update', [{'$set': {'title': 'new'}}, [{'$set': {'title': 'new'}}]])
async def test_an_upsert_stores_the_first_revision(any_db, update):
    await settled(Page.q(any_db).update_one({'views': 7}, update, upsert=True))
    found = await settled(Page.q(any_db).find_one({'views': 7}))
    assert (found.title, found.revision) == ('new', 1)


@pytest.mark.parametrize(
    ('update', 'operator', 'path', 'guard'),
    [
        ({'$set': {'r': 5}}, r'\$set', 'r', 'revision'),
        ({'$set': {'title': 'new'}, '$inc': {'r': 2}}, r'\$inc', 'r', 'revision'),
        ({'$rename': {'views': 'r'}}, r'\$rename', 'r', 'revision'),
        ({'$setOnInsert': {'r': 9}}, r'\$setOnInsert', 'r', 'revision'),
        ({'$unset': {'l.token': ''}}, r'\$unset', r'l\.token', 'lock'),
        ([{'$set': {'title': 'new'}}, {'$set': {'r': 1}}], r'\$set', 'r', 'revision'),
        ([{'$unset': 'l'}], r'\$unset', 'l', 'lock'),
        ([{'$unset': ['title', 'r']}], r'\$unset', 'r', 'revision'),
        ([{'$addFields': {'l.until': 1}}], r'\$addFields', r'l\.until', 'lock'),
    ],
)
async def test_an_update_that_touches_a_guard_is_refused(any_db, update, operator, path, guard):
    page = await settled(Page.q(any_db).create(title='old'))
    words = rf"^{operator} of '{path}' touches Page\.{guard}; .*: leave it out of the update$"
    for method in (Page.q(any_db).update_one, Page.q(any_db).update_many):
        with pytest.raises(QueryError, match=words):
            await settled(method({}, update))
    with pytest.raises(QueryError, match=words):
        await settled(page.update(any_db, update))
    assert (await raw(page, any_db))['r'] == 1


async def test_a_projection_in_an_update_is_refused(any_db):
    with pytest.raises(QueryError, match=r'\$project .* could drop the value of Page.lock; use'):
        await settled(Page.q(any_db).update_one({}, [{'$project': {'title': 1}}]))


async def test_a_replacement_stores_what_it_is_given(any_db):
    page = await settled(Page.q(any_db).create(title='old'))
    await settled(Page.q(any_db).replace_one({}, {'title': 'new', 'r': 41}))
    assert (await settled(page.reload(any_db))).revision == 41
    assert (await settled(page.save(any_db))).revision == 42


@pytest.mark.parametrize(
    ('update', 'error'),
    [
        ({}, ValueError),
        ({'title': 'new'}, ValueError),
        (5, TypeError),
        ([], ValueError),
        ({'$set': [{}]}, OperationFailure),
        ([{'$set': 5}], OperationFailure),
        ({'$inc': 5}, OperationFailure),
    ],
)
async def test_what_is_no_update_is_left_to_the_driver_and_the_server(any_db, update, error):
    for model in (Plain, Page):
        await settled(model.q(any_db).create())
        with pytest.raises(error):
            await settled(model.q(any_db).update_one({}, update))


async def test_a_class_without_guards_sends_the_update_as_it_is(wire):
    await settled(Plain.q(wire.db).update_one({}, {'$set': {'r': 1}}))
    assert wire.sent('update')['updates'][0]['u'] == {'$set': {'r': 1}}


def test_the_update_that_was_given_is_not_changed():
    update = {'$inc': {'views': 1}}
    stages = [{'$replaceWith': {'title': 'new'}}]
    guarded_update(update, Page.meta.guards)
    guarded_update(stages, Page.meta.guards)
    assert (update, stages) == ({'$inc': {'views': 1}}, [{'$replaceWith': {'title': 'new'}}])
