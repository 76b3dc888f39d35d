"""Documents that are marked when they are deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo import IndexModel, WriteConcern

from aiomongodel import (
    DateTimeField,
    DeleteMany,
    DeleteOne,
    Document,
    DocumentLockedError,
    DocumentNotFoundError,
    DuplicateKeyError,
    EmbeddedDocument,
    InsertOne,
    IntField,
    LockField,
    RevisionField,
    SoftDeleteMixin,
    StaleDocumentError,
    StrField,
    transaction,
)
from tests.drivers import each, entered, settled
from tests.hooks.helpers import events_of, recorder


class Page(SoftDeleteMixin, Document):
    title = StrField()
    views = IntField(default=1)


class GuardedPage(SoftDeleteMixin, Document):
    title = StrField()
    views = IntField(default=1)
    revision = RevisionField()
    lock = LockField()


class TrackedPage(Document, SoftDeleteMixin):
    title = StrField()
    views = IntField(default=1)
    deleted = DateTimeField(required=False, allow_none=True, mongo_name='d', tz=UTC)

    class Meta:
        track_changes = True
        default_query = {'views': 1}


MODELS = [Page, GuardedPage, TrackedPage]


@pytest.fixture(params=MODELS)
async def pages(request, any_db):
    """Give a query set of three documents, a, b and c, of which b is marked."""
    query_set = request.param.q(any_db)
    await settled(query_set.insert_many([request.param(title=title) for title in 'abc']))
    await settled((await settled(query_set.find_one({'title': 'b'}))).delete(any_db))
    return query_set


async def titles(query_set):
    return [page.title for page in await settled(query_set.find().sort('title').to_list())]


async def stored(query_set):
    """Give the titles of what is stored, and whether it is marked."""
    key = query_set.doc_class.deleted.s
    found = each(query_set.coll.find(sort=[('title', 1)]))
    return [f'{data["title"]}{"-" if data.get(key) else ""}' async for data in found]


def recent(moment):
    return datetime.now(UTC) - moment < timedelta(minutes=1)


async def test_a_deleted_document_is_marked_in_memory_and_stored(any_db, pages):
    page = await settled(pages.find_one({'title': 'a'}))
    assert not page.is_deleted
    assert await settled(page.delete(any_db)) == 1
    assert page.is_deleted
    found = await settled(pages.with_deleted().get(page._id))
    assert found.deleted == page.deleted
    assert recent(page.deleted)
    assert await stored(pages) == ['a-', 'b-', 'c']


async def test_query_sets_leave_out_what_is_marked(pages):
    gone = await settled(pages.with_deleted().find_one({'title': 'b'}))
    assert await titles(pages) == ['a', 'c']
    assert await settled(pages.count_documents()) == await settled(pages.sum('views')) == 2
    assert await settled(pages.get_or_none(gone._id)) is None
    with pytest.raises(DocumentNotFoundError):
        await settled(pages.get(gone._id))
    assert await settled(pages.distinct('title')) == ['a', 'c']
    assert (await settled(pages.find().page(1, 5))).total == 2
    assert len([data async for data in each(pages.aggregate([]))]) == 2
    assert await settled(pages.update_many({}, {'$set': {'views': 2}})) == 2


async def test_one_that_finds_all_finds_what_is_marked_too(pages):
    everything = pages.with_deleted()
    assert await titles(everything) == ['a', 'b', 'c']
    assert await titles(everything.clone()) == ['a', 'b', 'c']
    assert await titles(everything.with_options()) == ['a', 'b', 'c']
    assert await settled(everything.count_documents()) == 3
    assert await titles(pages) == ['a', 'c']


async def test_the_default_query_of_the_class_goes_on_to_count(any_db):
    await settled(TrackedPage.q(any_db).insert_many([TrackedPage(title='x', views=2)]))
    assert await titles(TrackedPage.q(any_db)) == []
    assert await titles(TrackedPage.q(any_db).with_deleted()) == []


@pytest.mark.parametrize(
    ('delete', 'deleted', 'left'),
    [
        (lambda q: q.delete_one({'title': 'a'}), 1, ['c']),
        (lambda q: q.delete_one({'title': 'b'}), 0, ['a', 'c']),
        (lambda q: q.delete_many({}), 2, []),
        (lambda q: q.with_deleted().delete_many({}), 2, []),
        (lambda q: q.delete_many({'title': 'z'}), 0, ['a', 'c']),
    ],
)
async def test_what_a_query_finds_is_marked(pages, delete, deleted, left):
    before = await settled(pages.with_deleted().find_one({'title': 'b'}))
    assert await settled(delete(pages)) == deleted
    assert await titles(pages) == left
    assert [title[0] for title in await stored(pages)] == ['a', 'b', 'c']
    after = await settled(pages.with_deleted().find_one({'title': 'b'}))
    assert after.deleted == before.deleted


async def test_the_document_that_is_found_and_deleted_is_given_as_it_was(pages):
    page = await settled(pages.find_one_and_delete({'title': 'a'}))
    assert (page.title, page.is_deleted) == ('a', False)
    assert await settled(pages.find_one_and_delete({'title': 'b'})) is None
    assert await stored(pages) == ['a-', 'b-', 'c']


async def test_operations_of_bulk_writes_mark_too_and_count_as_deletions(pages):
    page = await settled(pages.find_one({'title': 'a'}))
    new = pages.doc_class(title='d')
    operations = [InsertOne(new), DeleteOne(page), DeleteOne({'title': 'c'}), DeleteMany({})]
    result = await settled(pages.bulk_write(operations))
    assert (result.inserted, result.deleted, result.matched, result.modified) == (1, 3, 0, 0)
    assert page.is_deleted
    assert await stored(pages) == ['a-', 'b-', 'c-', 'd-']


@pytest.mark.parametrize('size', [1, 1000])
async def test_many_documents_are_marked(pages, size):
    found = await settled(pages.with_deleted().find().to_list())
    result = await settled(pages.delete_all(found, size=size))
    assert (result.deleted, result.modified) == (2, 0)
    assert all(page.is_deleted for page in found)
    assert await stored(pages) == ['a-', 'b-', 'c-']


async def test_a_second_deletion_changes_nothing(any_db, pages):
    gone = await settled(pages.with_deleted().find_one({'title': 'b'}))
    moment = gone.deleted
    assert await settled(gone.delete(any_db)) == 0
    assert await settled(pages.with_deleted().get(gone._id)) == gone
    assert gone.deleted == moment


async def test_a_restored_document_is_found_again(any_db, pages):
    gone = await settled(pages.with_deleted().find_one({'title': 'b'}))
    assert await settled(gone.restore(any_db)) is gone
    assert not gone.is_deleted
    assert await titles(pages) == ['a', 'b', 'c']
    await settled(gone.save(any_db))
    assert await titles(pages) == ['a', 'b', 'c']


async def test_many_documents_are_restored(pages):
    await settled(pages.delete_one({'title': 'a'}))
    assert await settled(pages.restore_many({'title': 'a'})) == 1
    assert await titles(pages) == ['a', 'c']
    assert await settled(pages.restore_many()) == 1
    assert await titles(pages) == ['a', 'b', 'c']
    assert await settled(pages.restore_many()) == 0


async def test_a_purged_document_is_gone(any_db, pages):
    for title in 'ab':
        page = await settled(pages.with_deleted().find_one({'title': title}))
        assert await settled(page.purge(any_db)) == 1
        assert await settled(page.purge(any_db)) == 0
    assert await stored(pages) == ['c']
    with pytest.raises(DocumentNotFoundError):
        await settled(page.restore(any_db))


async def test_only_what_is_marked_is_purged_by_a_query(pages):
    cls = pages.doc_class
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await settled(pages.purge_many(cls.deleted < an_hour_ago)) == 0
    assert await settled(pages.purge_many({'title': 'a'})) == 0
    assert await settled(pages.purge_many()) == 1
    assert await stored(pages) == ['a', 'c']


async def test_a_document_that_is_gone_is_not_deleted(any_db, pages):
    page = await settled(pages.find_one({'title': 'a'}))
    await settled(page.purge(any_db))
    other = pages.doc_class(_id=page._id, title='a')
    assert await settled(other.delete(any_db)) == 0
    assert not other.is_deleted


async def test_a_write_concern_without_answers_gives_none(any_db):
    page = await settled(Page.q(any_db).create(title='a'))
    blind = Page.q(any_db).with_options(write_concern=WriteConcern(w=0))
    assert await settled(blind.delete(page)) is None
    assert await settled(blind.delete_many({})) is None
    assert await settled(blind.restore_many()) is None
    assert await settled(blind.purge_many()) is None


async def test_a_deletion_of_an_old_state_is_refused(any_db):
    page = await settled(GuardedPage.q(any_db).create(title='a'))
    other = await settled(GuardedPage.q(any_db).get(page._id))
    await settled(other.save(any_db))
    with pytest.raises(StaleDocumentError):
        await settled(page.delete(any_db))
    assert not page.is_deleted
    await settled(other.delete(any_db))
    assert (other.is_deleted, other.revision) == (True, 3)
    with pytest.raises(StaleDocumentError):
        await settled(page.restore(any_db))
    assert await stored(GuardedPage.q(any_db)) == ['a-']


async def test_a_locked_document_is_deleted_by_its_owner_alone(any_db):
    page = await settled(GuardedPage.q(any_db).create(title='a'))
    async with entered(GuardedPage.q(any_db).lock(page._id)) as owner:
        with pytest.raises(DocumentLockedError):
            await settled(page.delete(any_db))
        assert await settled(owner.delete(any_db)) == 1
    assert await stored(GuardedPage.q(any_db)) == ['a-']


async def test_queries_that_delete_raise_the_revision(any_db):
    page = await settled(GuardedPage.q(any_db).create(title='a'))
    await settled(GuardedPage.q(any_db).delete_many({}))
    await settled(GuardedPage.q(any_db).restore_many({}))
    with pytest.raises(StaleDocumentError):
        await settled(page.save(any_db))
    assert (await settled(page.reload(any_db))).revision == 3


async def test_a_mark_is_no_change_to_be_saved(any_db):
    page = await settled(TrackedPage.q(any_db).create(title='a'))
    await settled(page.delete(any_db))
    assert not page.is_changed()
    await settled(page.restore(any_db))
    assert not page.is_changed()
    await settled(TrackedPage.q(any_db).delete_all([page]))
    assert (page.is_deleted, page.is_changed()) == (True, False)


async def test_a_transaction_that_is_aborted_takes_the_mark_back(any_db):
    page = await settled(Page.q(any_db).create(title='a'))
    async with entered(transaction(any_db)) as tx:
        await settled(page.delete(tx))
        assert page.is_deleted
        await settled(tx.abort())
    assert not page.is_deleted
    assert await stored(Page.q(any_db)) == ['a']


async def test_a_unique_index_may_leave_out_what_is_marked(any_db):
    class User(SoftDeleteMixin, Document):
        email = StrField()

        class Meta:
            indexes = [IndexModel('email', unique=True, partialFilterExpression={'deleted': None})]

    await settled(User.q(any_db).create_indexes())
    first = await settled(User.q(any_db).create(email='a'))
    with pytest.raises(DuplicateKeyError):
        await settled(User.q(any_db).create(email='a'))
    await settled(first.delete(any_db))
    await settled(User.q(any_db).create(email='a'))
    with pytest.raises(DuplicateKeyError):
        await settled(first.restore(any_db))
    assert first.is_deleted


async def test_classes_below_one_with_marks_have_them_too(any_db):
    class Animal(SoftDeleteMixin, Document):
        title = StrField()

        class Meta:
            discriminator = 'kind'

    class Cat(Animal):
        pass

    cats = [Cat(title='a'), Cat(title='b')]
    await settled(Animal.q(any_db).insert_many([*cats, Animal(title='c')]))
    await settled(Animal.q(any_db).delete_all([cats[0]]))
    await settled(cats[1].delete(any_db))
    assert await stored(Animal.q(any_db)) == ['a-', 'b-', 'c']
    assert await titles(Cat.q(any_db)) == []
    assert await titles(Cat.q(any_db).with_deleted()) == ['a', 'b']


async def test_a_base_without_marks_leaves_those_of_a_subclass(any_db):
    class Page(Document):
        title = StrField()

    class Draft(SoftDeleteMixin, Page):
        class Meta:
            collection = 'page'

    draft = await settled(Draft.q(any_db).create(title='a'))
    await settled(Page.q(any_db).delete_all([draft]))
    assert await stored(Draft.q(any_db)) == ['a-']


async def test_a_deletion_calls_the_hooks_of_deletions(any_db):
    model = recorder(['before_delete', 'after_delete'], (SoftDeleteMixin, Document))
    document = await settled(model.q(any_db).create(name='a'))
    await settled(document.delete(any_db))
    assert events_of(model) == ['before_delete', 'after_delete']
    await settled(document.purge(any_db))
    assert events_of(model) == ['before_delete', 'after_delete']


class Plain(Document):
    title = StrField(required=False)


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.with_deleted(),
        lambda q: q.purge_many(),
        lambda q: q.restore_many(),
        lambda q: q.purge(Plain(_id='0' * 24)),
        lambda q: q.restore(Plain(_id='0' * 24)),
    ],
)
async def test_other_classes_have_no_marks(any_db, call):
    with pytest.raises(TypeError, match=r'^Plain has no SoftDeleteMixin, so that none of its docu'):
        await settled(call(Plain.q(any_db)))


@pytest.mark.parametrize('wrong', [StrField(required=False), DateTimeField(), 5])
def test_another_field_of_the_name_is_refused(wrong):
    with pytest.raises(ValueError, match=r'^Page: a SoftDeleteMixin is for a Document, whose'):
        type('Page', (SoftDeleteMixin, Document), {'deleted': wrong})


def test_a_document_within_another_has_no_marks():
    with pytest.raises(ValueError, match=r'^Item: a SoftDeleteMixin is for a Document, whose'):

        class Item(SoftDeleteMixin, EmbeddedDocument):
            pass


class Plant(Document):
    class Meta:
        discriminator = 'kind'


class Tree(SoftDeleteMixin, Document):
    class Meta:
        discriminator = 'kind'


@pytest.mark.parametrize(
    ('base', 'field'), [(Plant, None), (Tree, DateTimeField(required=False, mongo_name='gone'))]
)
def test_marks_that_the_parent_of_a_collection_does_not_know_are_refused(base, field):
    body = {} if field is None else {'deleted': field}
    with pytest.raises(ValueError, match=f'give {base.__name__} the SoftDeleteMixin'):
        type('Oak', (SoftDeleteMixin, Plant) if base is Plant else (Tree,), body)


@pytest.mark.parametrize(
    'default_query',
    [
        lambda given: {'$and': [given, {'views': 1}]},
        lambda given: {'$and': [{'$and': [{}, given]}, Page.views == 1]},
        lambda given: {**given, 'views': 1},
        lambda given: {'views': 1},
    ],
)
async def test_another_default_query_of_a_query_set_still_holds(db, default_query):
    marked = datetime(2024, 1, 1, tzinfo=UTC)
    pages = [Page(title=title, views=len(title), deleted=marked) for title in ('a', 'bb')]
    await settled(Page.q(db).insert_many([*pages, Page(title='c')]))
    query_set = Page.q(db)
    query_set.default_query = default_query(query_set.default_query)
    assert await titles(query_set.with_deleted()) == ['a', 'c']
    assert await settled(query_set.restore_many({'title': 'bb'})) == 0
    assert await settled(query_set.purge_many()) == 1
    assert await stored(Page.q(db)) == ['bb-', 'c']
