"""What a hook raises: before a write nothing is written, after it the document has been."""

import asyncio
import gc
import weakref

import pytest

from aiomongodel import (
    BulkDuplicateKeyError,
    Document,
    DuplicateKeyError,
    InsertOne,
    RevisionField,
    StrField,
)
from tests.drivers import entered, settled
from tests.hooks.helpers import recorder


class Refused(Exception):
    pass


def refusing(event, name='bad', **attributes):
    """Give a class whose hook of an event refuses documents of a name."""

    def hook(self, db, session):
        if self.name == name:
            raise Refused('by the test')

    return type('Page', (Document,), {'name': StrField(), event: hook, **attributes})


async def names(model, db):
    return [page.name for page in await settled(model.q(db).find().sort('name').to_list())]


async def create(model, db):
    await settled(model.q(db).create(name='bad'))


async def save(model, db):
    await settled(model(name='bad').save(db))


async def insert(model, db):
    await settled(model(name='bad').save(db, do_insert=True))


async def insert_many(model, db):
    await settled(model.q(db).insert_many([model(name='good'), model(name='bad')]))


async def insert_many_unordered(model, db):
    pages = [model(name='bad'), model(name='good')]
    await settled(model.q(db).insert_many(pages, ordered=False))


async def save_all(model, db):
    await settled(model.q(db).save_all([model(name='good'), model(name='bad')], size=1))


async def bulk_write(model, db):
    operations = [InsertOne(model(name='good')), InsertOne(model(name='bad'))]
    await settled(model.q(db).bulk_write(operations, ordered=False))


async def block(model, db):
    async with entered(model.q(db).bulk()) as bulk:
        bulk.insert({'name': 'raw'}).save(model(name='bad'))


async def get_or_create(model, db):
    await settled(model.q(db).get_or_create({'name': 'bad'}))


WRITES = [create, save, insert, insert_many, insert_many_unordered, save_all, bulk_write, block]
WRITES += [get_or_create]


@pytest.mark.parametrize('event', ['before_save', 'before_insert'])
@pytest.mark.parametrize('write', WRITES)
async def test_what_is_raised_before_a_write_stops_all_of_it(any_db, write, event):
    model = refusing(event)
    with pytest.raises(Refused, match='by the test') as caught:
        await write(model, any_db)
    assert caught.value.__notes__ == [f'in Page.{event}']
    assert await names(model, any_db) == []


@pytest.mark.parametrize('guards', [{}, {'revision': RevisionField()}])
@pytest.mark.parametrize('event', ['after_save', 'after_insert'])
@pytest.mark.parametrize('write', WRITES)
async def test_what_is_raised_after_a_write_says_that_it_is_done(any_db, write, event, guards):
    model = refusing(event, **guards)
    with pytest.raises(Refused, match='by the test') as caught:
        await write(model, any_db)
    bad = await settled(model.q(any_db).find_one({'name': 'bad'}))
    written = f'the Page with the _id {bad._id!r} has been written'
    assert caught.value.__notes__ == [f'in Page.{event}', written]


@pytest.mark.parametrize('guards', [{}, {'revision': RevisionField()}])
@pytest.mark.parametrize('method', ['delete', 'delete_all'])
@pytest.mark.parametrize(('event', 'left'), [('before_delete', ['bad']), ('after_delete', [])])
async def test_what_is_raised_around_a_deletion(any_db, method, event, left, guards):
    model = refusing(event, **guards)
    page = await settled(model(name='bad').save(any_db))
    with pytest.raises(Refused) as caught:
        await settled(getattr(model.q(any_db), method)(page if method == 'delete' else [page]))
    notes = [f'in Page.{event}', f'the Page with the _id {page._id!r} has been deleted']
    assert caught.value.__notes__ == notes[: 2 - len(left)]
    assert await names(model, any_db) == left


@pytest.mark.parametrize(('event', 'name'), [('before_update', 'bad'), ('after_update', 'new')])
async def test_what_is_raised_around_an_update(any_db, event, name):
    model = refusing(event, name)
    page = await settled(model(name='bad').save(any_db))
    with pytest.raises(Refused):
        await settled(page.update(any_db, {'$set': {'name': 'new'}}))
    assert await names(model, any_db) == [name]


async def test_the_hooks_after_a_write_have_their_turn_for_each_document(any_db):
    seen = []

    class Page(Document):
        name = StrField()

        def after_insert(self, db, session):
            seen.append(self.name)
            raise Refused(self.name)

    with pytest.raises(Refused, match='a') as caught:
        await settled(Page.q(any_db).insert_many([Page(name='a'), Page(name='b')]))
    assert seen == ['a', 'b']
    assert caught.value.__notes__[-1] == 'of another document: Refused: b'


@pytest.mark.parametrize('guards', [{}, {'revision': RevisionField()}])
@pytest.mark.parametrize('method', ['insert_many', 'save_all'])
@pytest.mark.parametrize(('ordered', 'called'), [(True, ['a']), (False, ['a', 'c'])])
async def test_those_after_are_for_documents_that_were_written(
    any_db, method, ordered, called, guards
):
    model = recorder(['after_insert'], **guards)
    await settled(model.coll(any_db).create_index('name', unique=True))
    await settled(model.q(any_db).insert_one({'name': 'b'}))
    documents = [model(name=name) for name in 'abc']
    with pytest.raises(BulkDuplicateKeyError):
        await settled(getattr(model.q(any_db), method)(documents, ordered))
    assert [name for _, name in model.calls] == called


@pytest.mark.parametrize('method', ['insert_many', 'save_all'])
async def test_the_error_of_many_writes_tells_of_a_hook_that_failed_then(any_db, method):
    model = refusing('after_save')
    await settled(model.coll(any_db).create_index('name', unique=True))
    documents = [model(name=name) for name in ('bad', 'same', 'same')]
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await settled(getattr(model.q(any_db), method)(documents))
    assert caught.value.__notes__[-1] == 'then a hook has failed: Refused: by the test'


async def test_those_after_are_not_called_where_the_write_is_refused(any_db):
    model = recorder(['before_save', 'after_save'])
    await settled(model.coll(any_db).create_index('name', unique=True))
    await settled(model.q(any_db).insert_one({'name': 'a'}))
    with pytest.raises(DuplicateKeyError):
        await settled(model(name='a').save(any_db))
    assert [event for event, _ in model.calls] == ['before_save']


async def test_a_cancelled_hook_before_a_write_leaves_nothing(any_async_db):
    class Page(Document):
        name = StrField()

        async def before_save(self, db, session):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Page(name='a').save(any_async_db), 0.05)
    assert await names(Page, any_async_db) == []


def test_what_a_hook_raises_leaves_no_garbage(sync_db):
    model = refusing('after_save')
    gc.collect()
    gc.disable()
    try:
        reference = weak_failure(model, sync_db)
        assert reference() is None
    finally:
        gc.enable()


def weak_failure(model, db):
    """Give a weak reference to what a hook has raised, and has been caught."""
    try:
        model(name='bad').save(db)
    except Refused as error:
        return weakref.ref(error)
