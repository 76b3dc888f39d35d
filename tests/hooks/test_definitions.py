"""What a class statement may say of hooks, and what it is refused for."""

import warnings

import pytest

from aiomongodel import Document, EmbDocField, EmbeddedDocument, IntField, ListField, StrField
from aiomongodel.hooks import EVENTS, PLAIN_EVENTS
from tests.drivers import settled
from tests.hooks.helpers import recorder


@pytest.mark.parametrize('event', EVENTS)
async def test_a_field_may_be_named_like_a_hook(any_db, event):
    model = type('Page', (Document,), {event: StrField()})
    await settled(model(**{event: 'yes'}).save(any_db))
    found = await settled(model.q(any_db).find_one())
    assert (getattr(found, event), model.meta.hooks) == ('yes', {})


@pytest.mark.parametrize('event', EVENTS)
def test_a_field_takes_the_place_of_a_hook_of_a_base(event):
    base = recorder([event])
    model = type('Page', (base,), {event: StrField(required=False)})
    assert base.meta.hooks.keys() == {event}
    assert model.meta.hooks == {}


@pytest.mark.parametrize('hook', [5, None, 'before_save', property(lambda self: 1)])
def test_what_cannot_be_called_is_refused(hook):
    with pytest.raises(ValueError, match=r'^Page\.before_save: a hook is a function \(self, db, s'):
        type('Page', (Document,), {'before_save': hook})


@pytest.mark.parametrize('event', EVENTS)
def test_other_parameters_are_refused(event):
    with pytest.raises(ValueError, match=event) as caught:
        type('Page', (Document,), {event: lambda self: None})
    assert str(caught.value) == (
        f'Page.{event} takes (self), and a hook is called with (self, db, session)'
    )


@pytest.mark.parametrize(
    'hook',
    [
        lambda self, db, session: None,
        lambda self, *handles: None,
        lambda self, db, session=None, other=None: None,
        staticmethod(lambda document, db, session: None),
    ],
)
def test_what_can_be_called_with_three_is_a_hook(hook):
    model = type('Page', (Document,), {'before_validate': hook, 'name': StrField()})
    assert model(name='a').validate().name == 'a'
    assert [each.label for each in model.meta.hooks['before_validate']] == ['Page.before_validate']


@pytest.mark.parametrize('event', PLAIN_EVENTS)
def test_a_coroutine_function_is_refused_where_nothing_is_awaited(event):
    async def hook(self, db, session):
        pass

    with pytest.raises(ValueError, match=event) as caught:
        type('Page', (Document,), {event: hook})
    assert str(caught.value) == (
        f'Page.{event} is a coroutine function, and nothing is awaited where {event} is called; '
        'make it a plain function'
    )


@pytest.mark.parametrize('event', PLAIN_EVENTS)
async def test_what_is_to_be_awaited_is_refused_there_too(any_db, event):
    async def later():
        pass

    model = type('Page', (Document,), {event: lambda self, db, session: later()})
    await settled(model.q(any_db).insert_one({'_id': None}))
    with pytest.raises(TypeError, match=rf'^Page\.{event} gives something to await, and nothing'):
        (await settled(model.q(any_db).find_one())).validate()


@pytest.mark.parametrize('event', [event for event in EVENTS if event != 'before_validate'])
def test_a_document_within_another_has_no_hooks_but_one(event):
    with pytest.raises(
        ValueError, match=rf'^Item\.{event}: an EmbeddedDocument is written and load'
    ):
        type('Item', (EmbeddedDocument,), {event: lambda self, db, session: None})


class Item(EmbeddedDocument):
    name = StrField(regex='[a-z]+')

    def before_validate(self, db, session):
        self.name = self.name.strip()


class Box(Document):
    item = EmbDocField(Item, required=False)
    items = ListField(EmbDocField(Item), default=list)


def test_documents_within_have_their_hook_before_they_are_validated():
    box = Box(item=Item(name=' a '), items=[Item(name='b '), Item(name='c')]).validate()
    assert [box.item.name, *(item.name for item in box.items)] == ['a', 'b', 'c']
    assert Item(name=' d').validate().name == 'd'


def test_a_hook_before_validation_sees_what_is_not_set_yet():
    class Page(Document):
        title = StrField()
        length = IntField(gte=1)

        def before_validate(self, db, session):
            assert db is session is None
            self.length = len(self.title)

    assert Page(title='Home').validate().length == 4


def test_what_a_hook_before_validation_raises_keeps_its_type():
    class Page(Document):
        def before_validate(self, db, session):
            raise OSError('by the test')

    with pytest.raises(OSError, match='by the test') as caught:
        Page().validate()
    assert caught.value.__notes__ == ['in Page.before_validate']


@pytest.mark.parametrize(
    ('name', 'meant'),
    [
        ('before_svae', 'before_save'),
        ('after_isnert', 'after_insert'),
        ('before_validation', 'before_validate'),
        ('after_loaded', 'after_load'),
    ],
)
def test_a_slip_in_the_name_gets_a_warning(name, meant):
    with pytest.warns(UserWarning, match=name) as caught:
        type('Page', (Document,), {name: lambda self, db, session: None})
    assert [str(each.message) for each in caught] == [
        f'Page.{name} is no hook, and is not called; was {meant} meant?'
    ]


@pytest.mark.parametrize('name', ['before_lunch', 'after_create', 'save', 'beforesave'])
def test_other_names_get_none(name):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        type('Page', (EmbeddedDocument,), {name: lambda self: None})


def test_a_slip_in_the_name_of_a_field_gets_none():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        type('Page', (Document,), {'before_svae': StrField()})


async def test_a_hook_of_a_mixin_counts(any_db):
    class Upper:
        def before_save(self, db, session):
            self.name = self.name.upper()

    class Page(Upper, Document):
        name = StrField()

        def before_insert(self, db, session):
            self.name += '!'

    assert (await settled(Page.q(any_db).create(name='a'))).name == 'A!'
