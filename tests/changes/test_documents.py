"""What a document that tracks its changes shows of that: nothing."""

import copy
import pickle

import pytest

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    StrField,
    SynonymField,
)
from aiomongodel.fields.source import Names
from tests.drivers import settled

from .models import Address, Order, Plain, loaded

STORED = {'t': 'x', 'address': {'c': 'x', 'place': {'lat': 1.5}}, 'tags': ['a'], 'unknown': 1}


def test_what_a_document_shows_is_the_same():
    order = loaded(**STORED)
    assert list(order.to_data()) == list(order._data) == ['_id', 'title', 'address', 'tags']
    stored = {key: STORED[key] for key in ('t', 'address', 'tags')}
    assert loaded(**STORED).to_mongo() == {'_id': 1, **stored}
    assert order == loaded(**STORED)
    assert repr(order) == "Order(_id=1, title='x', address=Address(city='x', place=…), tags=['a'])"
    assert order.validate() is order


@pytest.mark.parametrize(
    'copied', [copy.copy, copy.deepcopy, lambda order: pickle.loads(pickle.dumps(order))]
)
def test_a_copy_knows_what_was_stored(copied):
    order = loaded(**STORED)
    order.title = 'y'
    twin = copied(order)
    assert twin.changes() == {'$set': {'t': 'y'}}
    twin.revert()
    twin.address.city = 'z'
    assert (twin.title, order.title) == ('x', 'y')
    assert order.is_changed(Order.title)
    assert twin.changes() == {'$set': {'address.c': 'z'}}


def test_what_is_loaded_shares_nothing_with_what_is_kept():
    order = loaded(tags=['a'], extra={'a': [{'b': 1}]}, items=[{'tags': []}])
    order.tags.append('b')
    order.extra['a'][0]['b'] = 2
    order.items[0].tags.append('t')
    order.revert()
    assert order.to_mongo() == {
        '_id': 1,
        'tags': ['a'],
        'extra': {'a': [{'b': 1}]},
        'items': [{'tags': []}],
    }


def test_revert_puts_back_what_was_there_and_nothing_else():
    order = loaded(t='x', address={'c': 'x'}, total=5)
    order.note = 'mine'
    order.title, order.count, order.address.city = 'y', 5, 'y'
    del order.total
    order.revert()
    assert order.to_mongo() == {'_id': 1, 't': 'x', 'address': {'c': 'x'}, 'total': 5}
    assert (order.note, order.changes()) == ('mine', {})


@pytest.mark.parametrize(
    ('field', 'changed'),
    [
        (None, True),
        (Order.title, False),
        ('title', False),
        (Order.heading, False),
        ('heading', False),
        (Order.address, True),
        (Order.address.city, True),
        ('address.city', True),
        (Order.address.street, False),
        ('address.place.lat', False),
        (Order.items, True),
        (Order.items.price, False),
        ('items.name', True),
        (Order.tags, False),
    ],
)
def test_a_field_is_changed_or_not(field, changed):
    order = loaded(t='x', address={'c': 'x', 'place': {'lat': 1}}, items=[{'p': 1.5}], tags=['a'])
    order.address.city = 'y'
    order.items[0].name = 'n'
    assert order.items[0].price
    assert order.is_changed(field) is changed


@pytest.mark.parametrize(
    'name', ['nobody', 't', 'address.c', 'address.nobody', 'title.x', 'items.0', '', 'tags.x']
)
def test_a_name_of_no_field_is_refused(name):
    with pytest.raises(ValueError, match=f'Order has no field {name!r}; its fields are _id, title'):
        loaded().is_changed(name)


def test_a_field_of_another_class_and_other_values_are_refused():
    with pytest.raises(ValueError, match=r'Order has no field <StrField Plain\.name>'):
        loaded().is_changed(Plain.name)
    with pytest.raises(TypeError, match=r'Order\.is_changed takes a field or its name, not 5'):
        loaded().is_changed(5)


def test_an_unset_field_and_what_is_unset_within_are_changes_of_the_field():
    order = loaded(t='x', address={'c': 'x'})
    del order.address
    assert order.is_changed(Order.address.city)
    assert not order.is_changed(Order.address.street)


# Meta.


@pytest.mark.parametrize('value', [1, 'yes', [], object])
def test_the_option_is_true_or_false(value):
    with pytest.raises(ValueError, match=r'track_changes .* must be True or False, in Wrong\.Meta'):
        type('Wrong', (Document,), {'Meta': type('Meta', (), {'track_changes': value})})


def test_an_embedded_document_needs_no_option_and_takes_none():
    with pytest.raises(ValueError, match=r'track_changes True in Wrong\.Meta: an EmbeddedDocument'):
        type('Wrong', (EmbeddedDocument,), {'Meta': type('Meta', (), {'track_changes': True})})
    assert not Address.meta.track_changes


def test_the_option_is_not_inherited_as_others_are_not():
    class Special(Order):
        pass

    assert Order.meta.track_changes
    assert not Special.meta.track_changes
    assert '..stored' not in vars(Special.from_mongo({'_id': 1}))


def test_a_class_without_the_option_loads_as_ever():
    lines = list(Plain.meta.codec._load_lines(Names()))
    assert not [line for line in lines if 'stored' in line]
    assert vars(Plain.from_mongo({'_id': 1, 'name': 'x'})) == {'_id': 1, 'name': 'x'}


class Loaded(Document):
    """One with an `__init__` and a `from_mongo` of its own."""

    name = StrField()
    kind = IntField(required=False)

    class Meta:
        track_changes = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.looks = 0

    @classmethod
    def from_mongo(cls, data):
        data['name'] = data['name'].strip()
        return super().from_mongo(data)


def test_methods_of_a_users_own_are_honoured():
    document = Loaded.meta.codec.loader({'_id': 1, 'name': ' x '})
    assert (document.name, document.looks, document.changes()) == ('x', 0, {})
    assert vars(document)['..stored']['name'] == ' x '
    document.kind = 5
    document.revert()
    assert (document.kind, document.name) == (None, 'x')


def test_data_that_nests_too_deeply_is_still_loaded():
    extra = []
    for _ in range(100_000):
        extra = [extra]
    assert loaded(extra=extra).extra is extra


# A field of the name of one of the methods.


class Mixin:
    changes = IntField(required=False)
    revert = SynonymField(changes)


class Log(Document):
    changes = IntField(required=False)
    revert = StrField(required=False)
    is_changed = StrField(required=False)
    save_changes = StrField(required=False)

    class Meta:
        track_changes = True


class Late(Document, Mixin):
    class Meta:
        track_changes = True


class Early(Mixin, Document):
    class Meta:
        track_changes = True


async def test_a_field_may_have_the_name_of_one_of_the_methods(any_db):
    log = await settled(Log.q(any_db).create(changes=5, revert='x', is_changed='y'))
    assert log.to_mongo() == {'changes': 5, 'revert': 'x', 'is_changed': 'y', '_id': log._id}
    log.changes += 1
    assert Log.q(any_db).changes(log) == {'$set': {'changes': 6}}
    await settled(Log.q(any_db).save_changes(log))
    assert (await settled(Log.q(any_db).get(log._id))).changes == 6


@pytest.mark.parametrize('model', [Late, Early])
async def test_so_may_a_field_of_a_mixin(any_db, model):
    assert model.meta.fields['changes'] is model.changes is Mixin.changes is model.revert
    late = await settled(model.q(any_db).create(changes=5))
    assert late.revert == 5
    late.revert = 7
    assert model.q(any_db).changes(late) == {'$set': {'changes': 7}}


def test_a_method_of_a_users_own_stays_before_that_of_document():
    class Base:
        changes = IntField(required=False)

    class Own(Document, Base):
        def changes(self):
            return 'mine'

    assert Own().changes() == 'mine'
    assert list(Own.meta.fields) == ['_id']


def test_other_names_of_ours_are_still_refused():
    with pytest.raises(ValueError, match=r'Wrong\.reload: Document has an attribute of this name'):
        type('Wrong', (Document,), {'reload': StrField()})


def test_an_embedded_document_may_have_fields_of_these_names():
    class Entry(EmbeddedDocument):
        changes = IntField(required=False)

    class Book(Document):
        entry = EmbDocField(Entry)

        class Meta:
            track_changes = True

    book = Book.from_mongo({'_id': 1, 'entry': {'changes': 1}})
    book.entry.changes = 2
    assert book.is_changed(Book.entry.changes)
