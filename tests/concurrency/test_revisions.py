"""A document that somebody else has changed meanwhile is not written over."""

import pickle

import pytest
from pymongo import IndexModel, WriteConcern
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    DocumentNotFoundError,
    DuplicateKeyError,
    EmbDocField,
    EmbeddedDocument,
    Error,
    IntField,
    MotorQuerySet,
    PartialDocumentError,
    QueryError,
    RevisionField,
    StaleDocumentError,
    StrField,
    run_in_transaction,
    session,
    transaction,
)
from tests.concurrency.helpers import raw, seen, write_raw
from tests.drivers import entered, settled
from tests.transactions.helpers import as_work, create


class Page(Document):
    title = StrField(required=False)
    views = IntField(default=0)
    revision = RevisionField(mongo_name='r')


async def saved(db, **values):
    return await settled(Page(title='first', **values).save(db))


async def loaded_twice(db):
    page = await saved(db)
    return page, await settled(Page.q(db).get(page._id))


async def save(page, db):
    page.title = 'by the other'
    await settled(page.save(db))


async def update(page, db):
    await settled(page.update(db, {'$set': {'title': 'by the other'}}))


async def update_by_pipeline(page, db):
    await settled(page.update(db, [{'$set': {'title': 'by the other'}}]))


async def delete(page, db):
    await settled(page.delete(db))


WRITES = [save, update, update_by_pipeline]
CHANGES = pytest.mark.parametrize('change', WRITES)


# Values.


async def test_a_new_document_has_no_revision_and_a_stored_one_the_first(any_db):
    page = Page(title='first')
    assert page.revision is None
    assert 'r' not in page.validate().to_mongo()
    await settled(page.save(any_db))
    assert (page.revision, (await raw(page, any_db))['r']) == (1, 1)


@pytest.mark.parametrize('revision', [{}, {'revision': 7}])
async def test_what_is_inserted_has_the_first_revision(any_db, revision):
    created = await settled(Page.q(any_db).create(title='first', **revision))
    inserted = await settled(Page(title='first', **revision).save(any_db, do_insert=True))
    for page in (created, inserted):
        assert (page.revision, (await raw(page, any_db))['r']) == (1, 1)


async def test_an_id_of_the_driver_comes_with_the_first_revision(any_db):
    page = await settled(Page(_id=None).save(any_db, do_insert=True))
    assert await raw(page, any_db) == {'_id': page._id, 'views': 0, 'r': 1}


@CHANGES
async def test_a_write_of_a_document_raises_its_revision(any_db, change):
    page = await saved(any_db)
    for revision in (2, 3):
        await change(page, any_db)
        assert (page.revision, (await raw(page, any_db))['r']) == (revision, revision)


async def test_the_first_save_of_a_new_document_is_one_command(wire):
    page = await settled(Page(title='first').save(wire.db))
    await settled(page.save(wire.db))
    assert [next(iter(command)) for command in wire.commands] == ['update', 'update']


async def test_a_document_without_a_revision_gets_the_first_when_it_is_saved(any_db):
    page = await saved(any_db)
    for change in WRITES:
        await write_raw(page, any_db, {'$unset': {'r': 1}})
        older = await settled(Page.q(any_db).get(page._id))
        assert older.revision is None
        await change(older, any_db)
        assert (older.revision, (await raw(page, any_db))['r']) == (1, 1)


async def test_a_revision_that_a_user_gave_back_is_the_one_that_is_matched(any_db):
    page, _ = await loaded_twice(any_db)
    form = {'_id': str(page._id), 'title': 'from a form', 'revision': '1'}
    assert (await settled(Page.from_data(form).save(any_db))).revision == 2
    with pytest.raises(StaleDocumentError, match='it holds revision 1, and revision 2 is stored'):
        await settled(Page.from_data(form).save(any_db))


# Refusals.


@pytest.mark.parametrize('change', [*WRITES, delete])
@pytest.mark.parametrize('by_other', WRITES)
async def test_a_stale_document_is_not_written(any_db, change, by_other):
    page, other = await loaded_twice(any_db)
    await by_other(other, any_db)
    page.views = 5
    before, stored = seen(page), await raw(page, any_db)
    with pytest.raises(StaleDocumentError) as caught:
        await change(page, any_db)
    assert await raw(page, any_db) == stored
    assert {**seen(page), 'title': 'first'} == before
    error = caught.value
    assert (error.document_class, error._id) == (Page, page._id)
    assert (error.expected, error.found) == (1, 2)


async def test_the_error_names_the_document_and_both_revisions(any_db):
    page, other = await loaded_twice(any_db)
    await save(other, any_db)
    with pytest.raises(Error) as caught:
        await settled(page.save(any_db))
    assert str(caught.value) == (
        f'Page with the _id {page._id!r} has been changed since it was loaded: it holds revision '
        '1, and revision 2 is stored; nothing was written. Reload it, and make the change anew'
    )
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.found) == (str(caught.value), 2)


async def test_a_stale_document_is_written_after_a_reload(any_db):
    page, other = await loaded_twice(any_db)
    await save(other, any_db)
    await settled(page.reload(any_db))
    page.views = 5
    await settled(page.save(any_db))
    found = await settled(Page.q(any_db).get(page._id))
    assert (found.title, found.views, found.revision) == ('by the other', 5, 3)


async def test_a_new_document_does_not_replace_a_stored_one(any_db):
    page = await saved(any_db)
    new = Page(_id=page._id, title='new')
    with pytest.raises(StaleDocumentError, match='it holds no revision, and revision 1 is stored'):
        await settled(new.save(any_db))
    assert new.revision is None
    assert (await raw(page, any_db))['title'] == 'first'


@CHANGES
async def test_a_document_that_was_deleted_is_not_made_again(any_db, change):
    page, other = await loaded_twice(any_db)
    await settled(other.delete(any_db))
    with pytest.raises(
        DocumentNotFoundError, match=rf"'page' has no Page with the _id .*{page._id}"
    ):
        await change(page, any_db)
    assert await raw(page, any_db) is None
    assert page.revision == 1


async def test_deleting_a_document_tells_what_it_deleted(any_db):
    page, other = await loaded_twice(any_db)
    assert await settled(page.delete(any_db)) == 1
    assert await settled(other.delete(any_db)) == 0


async def test_a_unique_index_of_another_field_is_no_stale_document(any_db):
    class Named(Document):
        name = StrField()
        revision = RevisionField()

        class Meta:
            indexes = [IndexModel('name', unique=True)]

    await settled(Named.q(any_db).create_indexes())
    ann = await settled(Named(name='Ann').save(any_db))
    bob = await settled(Named(name='Bob').save(any_db))
    for document in (Named(name='Ann'), bob):
        document.name = 'Ann'
        with pytest.raises(DuplicateKeyError) as caught:
            await settled(document.save(any_db))
        assert caught.value.index_name == 'name_1'
    assert (ann.revision, bob.revision) == (1, 1)


async def test_a_projection_without_the_revision_is_refused_where_it_is_needed(any_db):
    await saved(any_db)
    page = await settled(Page.q(any_db).find_one({}, {'title': 1}))
    for change in (update, delete):
        with pytest.raises(PartialDocumentError, match="add 'r' to the projection, or reload it"):
            await change(page, any_db)
    page = await settled(Page.q(any_db).find_one({}, {'title': 1, 'r': 1}))
    await update(page, any_db)
    assert (page.revision, page.is_partial) == (2, False)


@pytest.mark.parametrize('change', [*WRITES, delete])
async def test_a_write_that_gets_no_answer_is_refused(any_db, change):
    page = await saved(any_db)
    users = Page.q(any_db).with_options(write_concern=WriteConcern(w=0))
    methods = {save: 'save', delete: 'delete'}
    arguments = () if change in methods else ({'$set': {'views': 9}},)
    with pytest.raises(QueryError, match=r"a Page needs the answer .* 'page', w=0, asks for none"):
        await settled(getattr(users, methods.get(change, 'update'))(page, *arguments))
    assert (await raw(page, any_db))['views'] == 0
    assert page.revision == 1


async def test_a_revision_that_is_no_number_is_refused(any_db):
    page = await saved(any_db)
    page.revision = 'latest'
    with pytest.raises(TypeError, match=r"Page\.revision must be an int, .* not 'latest'"):
        await settled(page.save(any_db))


async def test_a_revision_that_is_loaded_while_it_is_written_counts_once(any_async_db, monkeypatch):
    page = await saved(any_async_db)
    call = MotorQuerySet._call

    async def slow(query_set, method, *args, **kwargs):
        found = await call(query_set, method, *args, **kwargs)
        if method.__name__ == 'replace_one':
            await page.reload(any_async_db)
        return found

    monkeypatch.setattr(MotorQuerySet, '_call', slow)
    await page.save(any_async_db)
    assert (page.revision, (await raw(page, any_async_db))['r']) == (2, 2)


# Transactions.


async def change_in(tx, page):
    await settled(page.save(tx))
    await settled(page.update(tx, {'$inc': {'views': 1}}))


async def test_revisions_go_back_with_a_transaction(any_db):
    await create(any_db, Page)
    page, new = await saved(any_db), Page()
    async with entered(transaction(any_db)) as tx:
        await change_in(tx, page)
        await settled(new.save(tx))
        created = await settled(Page.q(tx).create())
        assert (page.revision, new.revision, created.revision) == (3, 1, 1)
        await settled(tx.abort())
    assert (page.revision, page.views) == (1, 0)
    assert (new.revision, created.revision) == (None, None)
    for document in (page, new, created):
        await settled(document.save(any_db))
    assert (page.revision, new.revision, created.revision) == (2, 1, 1)


@CHANGES
async def test_a_revision_goes_back_after_each_kind_of_write(any_db, change):
    page = await saved(any_db)
    async with entered(transaction(any_db)) as tx:
        await change(page, tx)
        await settled(tx.abort())
    assert (page.revision, (await raw(page, any_db))['r']) == (1, 1)


async def test_a_delete_that_is_taken_back_leaves_the_revision(any_db):
    page = await saved(any_db)
    async with entered(transaction(any_db)) as tx:
        await settled(page.delete(tx))
        await settled(tx.abort())
    assert (await settled(page.save(any_db))).revision == 2


async def test_a_refusal_leaves_the_transaction_in_use(any_db):
    page, other = await loaded_twice(any_db)
    await save(other, any_db)
    async with entered(transaction(any_db)) as tx:
        with pytest.raises(StaleDocumentError):
            await settled(page.save(tx))
        await settled(other.save(tx))
    assert (await raw(page, any_db))['r'] == 3


async def test_a_new_document_that_is_stored_already_is_told_in_a_transaction(any_db):
    page = await saved(any_db)
    with pytest.raises(StaleDocumentError, match='it holds no revision, and revision 1 is stored'):
        async with entered(transaction(any_db)) as tx:
            await settled(Page(_id=page._id, title='new').save(tx))
    assert (await raw(page, any_db))['title'] == 'first'


async def test_a_transaction_that_is_tried_again_counts_once(any_db):
    page, tries = await saved(any_db), []

    async def work(tx, page):
        await change_in(tx, page)
        tries.append(page.revision)
        if len(tries) == 1:
            error = OperationFailure('by the test')
            error._add_error_label('TransientTransactionError')
            raise error

    await settled(run_in_transaction(any_db, as_work(any_db, work), page))
    assert (tries, page.revision, (await raw(page, any_db))['r']) == ([3, 3], 3, 3)


async def test_a_write_without_an_answer_gets_one_in_a_transaction(any_db):
    page = await saved(any_db)
    async with entered(transaction(any_db)) as tx:
        unanswered = Page.q(tx).with_options(write_concern=WriteConcern(w=0))
        await settled(unanswered.save(page))
    assert (await raw(page, any_db))['r'] == 2


async def test_a_session_alone_serves_too(any_db):
    async with entered(session(any_db)) as s:
        page = await settled(Page.q(s).create(title='first'))
        other = await settled(Page.q(s).get(page._id))
        await save(other, s)
        with pytest.raises(StaleDocumentError):
            await save(page, s)


# Classes.


def test_two_revisions_are_refused_when_the_class_is_made():
    with pytest.raises(ValueError, match=r'Twice\.first and Twice\.second are each a RevisionFiel'):

        class Twice(Document):
            first = RevisionField()
            second = RevisionField()


def test_a_revision_guards_no_embedded_document():
    with pytest.raises(ValueError, match=r'Part\.revision: a RevisionField guards a Document'):

        class Part(EmbeddedDocument):
            revision = RevisionField()


async def test_a_revision_is_inherited_and_a_class_without_has_no_guards(any_db):
    class Part(EmbeddedDocument):
        name = StrField()

    class Article(Page):
        part = EmbDocField(Part)

    class Plain(Document):
        pass

    assert (Article.meta.guards, Plain.meta.guards) == ((Page.revision,), ())
    article = await settled(Article(part=Part(name='x')).save(any_db))
    article.part.name = 'y'
    assert (await settled(article.save(any_db))).revision == 2
    assert (await raw(article, any_db))['part'] == {'name': 'y'}
