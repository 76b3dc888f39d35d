"""Functions outside of a class that are called as its methods are."""

import pytest

from aiomongodel import Document, EmbeddedDocument, StrField, disconnect, receiver
from aiomongodel.hooks import EVENTS, PLAIN_EVENTS
from tests.drivers import settled
from tests.hooks.helpers import events_of, recorder


@pytest.fixture
def page():
    """Give a class with a hook, one below it, and the calls of both."""
    base = recorder(['before_save'])
    return base, type('Sub', (base,), {})


def teller(name, calls):
    """Give a receiver that takes down its name."""

    def tell(document, db, session):
        calls.append((name, document.name))

    return tell


async def test_they_come_after_the_method_in_the_order_of_their_registration(any_db, page):
    base, sub = page
    for name, model in (('first', sub), ('second', base), ('third', sub)):
        receiver('before_save', model)(teller(name, base.calls))
    await settled(sub(name='a').save(any_db))
    assert events_of(base) == ['before_save', 'first', 'second', 'third']
    await settled(base(name='a').save(any_db))
    assert events_of(base) == ['before_save', 'second']


async def test_a_class_that_is_made_later_has_those_of_its_bases(any_db, page):
    base, _ = page
    receiver('after_insert', base)(teller('told', base.calls))
    later = type('Later', (base,), {})
    await settled(later(name='a').save(any_db))
    assert events_of(base) == ['before_save', 'told']


async def test_one_function_may_serve_several_classes(any_db):
    models = [recorder([]), recorder([])]
    calls = []
    tell = receiver('after_delete', *models)(teller('gone', calls))
    for model in models:
        await settled((await settled(model.q(any_db).create(name='a'))).delete(any_db))
    disconnect('after_delete', tell, *models)
    await settled((await settled(models[0].q(any_db).create(name='a'))).delete(any_db))
    assert calls == [('gone', 'a')] * 2


@pytest.mark.parametrize('event', EVENTS)
async def test_each_event_has_receivers(any_db, event):
    model, calls = recorder([]), []
    document = await settled(model.q(any_db).create(name='a'))
    tell = receiver(event, model)(teller(event, calls))
    await settled(model(name='b').validate().save(any_db))
    for each in (document, await settled(model.q(any_db).find_one({'name': 'a'}))):
        await settled(each.save(any_db))
        await settled(each.delete(any_db))
    assert {name for name, _ in calls} == {event}
    disconnect(event, tell, model)
    assert model.meta.hooks == {}
    assert not model.meta.is_attended


async def test_a_class_without_hooks_gets_one_for_documents_in_hand(any_db):
    class Page(Document):
        name = StrField()

    page = await settled(Page.q(any_db).create(name='a'))

    @receiver('before_save', Page)
    def shout(page, db, session):
        page.name += '!'

    assert (await settled(page.save(any_db))).name == 'a!'
    disconnect('before_save', shout, Page)
    assert (await settled(page.save(any_db))).name == 'a!'


async def test_validation_that_was_compiled_before_calls_a_later_receiver():
    class Page(Document):
        name = StrField()

    page = Page(name=' a').validate()

    @receiver('before_validate', Page)
    def strip(page, db, session):
        page.name = page.name.strip()

    assert page.validate().name == 'a'
    disconnect('before_validate', strip, Page)
    page.name = ' a'
    assert page.validate().name == ' a'


async def test_a_base_has_receivers_for_all_documents_below_it(any_db):
    class Page(Document):
        name = StrField()

    calls = []
    tell = receiver('after_load', Document)(lambda page, db, session: calls.append(page.name))
    await settled(Page.q(any_db).create(name='a'))
    await settled(Page.q(any_db).find_one())
    disconnect('after_load', tell, Document)
    await settled(Page.q(any_db).find_one())
    assert calls == ['a']


async def test_what_one_raises_has_a_note(any_db):
    class Page(Document):
        pass

    @receiver('before_insert', Page)
    def refuse(page, db, session):
        raise OSError('by the test')

    with pytest.raises(OSError, match='by the test') as caught:
        await settled(Page().save(any_db))
    [note] = caught.value.__notes__
    assert note == f'in {refuse.__qualname__}, a receiver of Page.before_insert'


def test_a_coroutine_function_makes_a_synchronous_database_refuse_the_class(sync_db):
    class Page(Document):
        pass

    query_set = Page.q(sync_db)

    @receiver('before_insert', Page)
    async def wait(page, db, session):
        raise AssertionError('it is not called')

    label = r'wait, a receiver of Page\.before_insert is awaited, which a synchronous'
    with pytest.raises(TypeError, match=label):
        Page.q(sync_db)
    with pytest.raises(TypeError, match=label):
        query_set.create()
    assert query_set.count_documents() == 0


def test_another_event_is_refused():
    class Page(Document):
        pass

    for refused in (
        lambda: receiver('pre_save', Page),
        lambda: disconnect('pre_save', print, Page),
    ):
        with pytest.raises(ValueError, match='pre_save') as caught:
            refused()
        assert str(caught.value) == f"'pre_save' is no event; the events are {', '.join(EVENTS)}"


class Item(EmbeddedDocument):
    pass


@pytest.mark.parametrize('wrong', [Item, int, 'Page', None])
def test_what_is_no_class_of_documents_is_refused(wrong):
    with pytest.raises(TypeError, match=r'^receiver takes classes of documents, not '):
        receiver('before_save', wrong)
    with pytest.raises(TypeError, match=r'^disconnect takes classes of documents, not '):
        disconnect('before_save', print, wrong)


def test_a_class_must_be_given():
    with pytest.raises(
        TypeError, match=r'^receiver takes the document classes after the event: gi'
    ):
        receiver('before_save')


@pytest.mark.parametrize('wrong', [5, lambda document: None])
def test_what_cannot_be_called_at_an_event_is_refused(wrong):
    class Page(Document):
        pass

    with pytest.raises(ValueError, match=r'\(document, db, session\)'):
        receiver('before_save', Page)(wrong)
    assert Page.meta.receivers == []


@pytest.mark.parametrize('event', PLAIN_EVENTS)
def test_a_coroutine_function_is_refused_where_nothing_is_awaited(event):
    class Page(Document):
        pass

    async def wait(page, db, session):
        pass

    with pytest.raises(ValueError, match=f'nothing is awaited where {event} is called'):
        receiver(event, Page)(wait)


def test_what_is_not_connected_cannot_be_disconnected():
    class Page(Document):
        pass

    receiver('before_save', Page)(teller('a', []))
    with pytest.raises(ValueError, match=r'^print is no receiver of Page\.before_save$'):
        disconnect('before_save', print, Page)


def test_a_class_below_many_others_is_told_once():
    base = type('Base', (Document,), {})
    found = base
    for _ in range(20):  # a million ways lead down
        left, right = (type(name, (found,), {}) for name in ('Left', 'Right'))
        found = type('Below', (left, right), {})
    receiver('before_save', base)(teller('a', []))
    assert len(found.meta.hooks['before_save']) == 1
