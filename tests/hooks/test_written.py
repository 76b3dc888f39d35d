"""Whether a save is an insertion or an update: what a document knows of itself."""

import asyncio
import copy
import pickle

import pytest

from aiomongodel import (
    Document,
    IntField,
    RevisionField,
    SoftDeleteMixin,
    StrField,
    run_in_transaction,
)
from aiomongodel.hooks import WRITTEN
from tests.drivers import settled
from tests.hooks.helpers import events_of, recorder
from tests.transactions.helpers import as_work
from tests.transactions.test_documents import aborted_by_exception, transient

EVENTS = ['before_insert', 'before_update']


class Tracked(recorder(EVENTS)):
    class Meta:
        track_changes = True


class Revised(recorder(EVENTS)):
    revision = RevisionField()


class Plain(recorder(EVENTS)):
    _id = IntField()


class Marked(SoftDeleteMixin, recorder(EVENTS)):
    pass


MODELS = [Tracked, Revised, Marked]


def again(document):
    """Give a document as another process would get it."""
    return pickle.loads(pickle.dumps(document))


async def saved(document, db):
    """Give the event of a save."""
    events_of(type(document))
    await settled(document.save(db))
    return events_of(type(document))


@pytest.mark.parametrize('model', MODELS)
async def test_the_first_save_inserts_and_the_next_one_updates(any_db, model):
    document = model(name='a')
    assert await saved(document, any_db) == ['before_insert']
    assert await saved(document, any_db) == ['before_update']


@pytest.mark.parametrize('copied', [lambda document: document, copy.copy, copy.deepcopy, again])
@pytest.mark.parametrize('model', MODELS)
async def test_a_loaded_document_is_updated_and_its_copies_are(any_db, model, copied):
    await settled(model(name='a').save(any_db))
    document = copied(await settled(model.q(any_db).find_one()))
    assert await saved(document, any_db) == ['before_update']
    [document] = await settled(model.q(any_db).find().to_list())
    assert await saved(copied(document), any_db) == ['before_update']


@pytest.mark.parametrize('method', ['insert_many', 'save_all'])
@pytest.mark.parametrize('model', MODELS)
async def test_a_document_of_many_is_written_then(any_db, model, method):
    document = model(name='a')
    await settled(getattr(model.q(any_db), method)([document]))
    assert await saved(document, any_db) == ['before_update']


@pytest.mark.parametrize('model', MODELS)
async def test_a_deleted_document_is_inserted_unless_it_was_marked(any_db, model):
    document = await settled(model.q(any_db).create(name='a'))
    await settled(document.delete(any_db))
    if model is Revised:
        document = model(_id=document._id, name='a')
    event = 'before_update' if model is Marked else 'before_insert'
    assert await saved(document, any_db) == [event]


async def test_a_purged_document_is_inserted(any_db):
    document = await settled(Marked.q(any_db).create(name='a'))
    await settled(document.purge(any_db))
    assert await saved(document, any_db) == ['before_insert']


async def test_a_document_of_another_id_is_inserted(any_db):
    document = await settled(Plain.q(any_db).create(name='a', _id=1))
    document._id = 2
    assert await saved(document, any_db) == ['before_insert']
    assert await settled(Plain.q(any_db).count_documents()) == 2


@pytest.mark.parametrize('model', [Tracked, Marked])
async def test_a_document_is_not_written_whose_transaction_was_aborted(any_db, model):
    await settled(model.create_collection(any_db))
    document, other = model(name='a'), model(name='b')

    async def work(tx):
        await settled(document.save(tx))
        await settled(model.q(tx).save_all([other]))

    await aborted_by_exception(any_db, work)
    assert await saved(document, any_db) == await saved(other, any_db) == ['before_insert']


async def test_a_transaction_that_is_tried_again_calls_hooks_again(any_db):
    document = Tracked(name='a')
    await settled(Tracked.create_collection(any_db))
    events_of(Tracked)
    tries = []

    async def work(tx, document):
        await settled(document.save(tx))
        tries.append(tx)
        if len(tries) == 1:
            raise transient()

    await settled(run_in_transaction(any_db, as_work(any_db, work), document))
    assert events_of(Tracked) == ['before_insert', 'before_insert']


async def test_a_cancelled_deletion_has_deleted_the_document(any_async_db, slow_answers):
    document = await Revised.q(any_async_db).create(name='a')
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(document.delete(any_async_db), 0.05)
    assert WRITTEN not in vars(document)


@pytest.mark.parametrize('model', [Tracked, Revised])
async def test_a_cancelled_save_has_written_the_document(any_async_db, model, slow_answers):
    document = model(name='a')
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(document.save(any_async_db), 0.05)
    assert await saved(document, any_async_db) == ['before_update']


async def test_documents_without_hooks_keep_no_mark(any_db):
    class Page(Document):
        name = StrField()

    page = await settled(Page.q(any_db).create(name='a'))
    await settled(page.save(any_db))
    assert WRITTEN not in vars(page)
    assert WRITTEN not in vars(await settled(Page.q(any_db).find_one()))
