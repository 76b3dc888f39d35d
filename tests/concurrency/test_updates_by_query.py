"""Updates of a query set raise the revisions of what they change."""

import pytest
from bson import ObjectId
from pymongo.errors import OperationFailure

from aiomongodel import (
    BulkError,
    Document,
    IntField,
    ListField,
    LockField,
    QueryError,
    ReplaceOne,
    RevisionField,
    StrField,
    transaction,
)
from aiomongodel.errors import StaleDocumentError
from aiomongodel.queryset.guarding import guarded_update
from tests.concurrency.helpers import raw
from tests.drivers import entered, settled


class Page(Document):
    title = StrField(required=False)
    views = IntField(default=0)
    places = ListField(IntField(), required=False)
    lock = LockField(mongo_name='l')
    revision = RevisionField(mongo_name='r')


class Plain(Document):
    title = StrField(required=False)
    places = ListField(IntField(), required=False)


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


REPLACEMENTS = [
    lambda q, data, **options: q.replace_one({}, data, **options),
    lambda q, data, **options: q.replace_one({}, replacement=data, **options),
    lambda q, data, **options: q.replace_one({}, data, False, None, None, 'revisions', **options),
    lambda q, data, **options: q.find_one_and_replace({}, data, **options),
    lambda q, data, **options: q.bulk_write([ReplaceOne({}, data, **options)]),
]
replacements = pytest.mark.parametrize('replace', REPLACEMENTS)


@replacements
@pytest.mark.parametrize('given', [{}, {'r': 41, 'l': None}, {'r': 1}], ids=str)
async def test_a_replacement_by_a_dict_raises_the_revision_and_keeps_the_lock(
    any_db, replace, given
):
    await settled(Page.coll(any_db).create_index('r', name='revisions'))
    await settled(Page.q(any_db).create(title='old', views=3))
    page = await settled(Page.q(any_db).lock_one({}))
    await settled(replace(Page.q(any_db), {**given, 'title': '$views'}))
    assert await raw(page, any_db) == {'_id': page._id, 'title': '$views', 'r': 2, 'l': page.lock}
    with pytest.raises(StaleDocumentError):
        await settled(page.save(any_db))


@pytest.mark.parametrize('replace', [REPLACEMENTS[0], *REPLACEMENTS[3:]])
async def test_a_replacement_that_inserts_stores_the_first_revision(any_db, replace):
    _id = ObjectId()
    await settled(replace(Page.q(any_db), {'_id': _id, 'title': 'new', 'r': 41}, upsert=True))
    found = await settled(Page.q(any_db).find_one({}))
    assert (found._id, found.title, found.revision, found.lock) == (_id, 'new', 1, None)
    assert await settled(found.save(any_db)) is found


@replacements
async def test_a_replacement_by_operators_or_under_another_id_is_refused(any_db, replace):
    await settled(Page.coll(any_db).create_index('r', name='revisions'))
    page = await settled(Page.q(any_db).create(title='old'))
    for data in ({'_id': ObjectId()}, {'$set': {'title': 'new'}}):
        with pytest.raises((BulkError, OperationFailure, ValueError)):
            await settled(replace(Page.q(any_db), data))
    assert (await raw(page, any_db))['r'] == 1


@pytest.mark.parametrize('model', [Plain, Page])
@pytest.mark.parametrize('has_session', [False, True])
async def test_an_update_of_a_document_takes_the_drivers_arguments(any_db, model, has_session):
    document = await settled(model.q(any_db).create(title='old'))
    await settled(document.update(any_db, {'$set': {'places': [1, 5, 9]}}))
    update, options = {'$set': {'places.$[large]': 0}}, {'array_filters': [{'large': {'$gt': 3}}]}
    async with entered(transaction(any_db)) as tx:
        if has_session:
            await settled(model.q(any_db).update(document, update, session=tx, **options))
        else:
            await settled(document.update(tx, update, **options))
        assert document.places == [1, 0, 0]
        assert (await raw(document, any_db))['places'] == [1, 5, 9]
    assert (await raw(document, any_db))['places'] == [1, 0, 0]


async def test_an_update_of_a_document_with_guards_is_no_upsert(any_db):
    page = await settled(Page.q(any_db).create(title='old'))
    await settled(page.delete(any_db))
    with pytest.raises(TypeError, match=r'a Page has a revision or a lock, .* upsert cannot be'):
        await settled(page.update(any_db, {'$set': {'title': 'new'}}, upsert=True))
    assert await settled(Page.q(any_db).count_documents({})) == 0


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
