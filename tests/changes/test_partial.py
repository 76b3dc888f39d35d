"""A document that was loaded through a projection saves its changes, and touches nothing else."""

import pytest

from aiomongodel import Document, IntField, PartialDocumentError, StaleDocumentError, StrField
from tests.drivers import settled

from .models import Address, Item, Order, Plain, stored_order

STORED = {
    't': 'x',
    'count': 1,
    'tags': ['a', 'b', 'a', 'b'],
    'address': {'c': 'x', 'street': 's', 'u': 1},
    'items': [{'name': name, 'p': 1, 'u': 1} for name in 'abab'],
}


async def partial(db, sync_db, **projection):
    stored_order(sync_db, **STORED)
    return await settled(Order.q(db).find_one({'_id': 1}, projection))


async def saved(order, db, sync_db):
    """Save the changes; give what of the stored document is another than before."""
    await settled(order.save_changes(db))
    assert order.changes() == {}
    found = sync_db['orders'].find_one({'_id': 1})
    return {key: value for key, value in found.items() if STORED.get(key) != value and key != '_id'}


async def test_save_refuses_it_and_names_save_changes(any_db, sync_db):
    order = await partial(any_db, sync_db, t=1)
    with pytest.raises(PartialDocumentError, match='save_changes'):
        await settled(order.save(any_db))
    plain = await settled(Plain.q(any_db).find_one({'_id': 1}, {'name': 1}))
    with pytest.raises(PartialDocumentError) as caught:
        await settled(plain.save(any_db))
    assert 'save_changes' not in str(caught.value)


async def test_nothing_that_was_not_loaded_is_touched(any_db, sync_db):
    order = await partial(any_db, sync_db, t=1, tags=1)
    assert order.changes() == {}
    order.title, order.count = 'y', 5
    order.tags.append('c')
    assert order.is_partial
    assert await saved(order, any_db, sync_db) == {
        't': 'y',
        'count': 5,
        'tags': [*STORED['tags'], 'c'],
    }
    assert order.is_partial


async def test_inner_fields_alone_change(any_db, sync_db):
    order = await partial(any_db, sync_db, **{'address.c': 1})
    order.address.city, order.address.lines = 'y', ['l']
    assert await saved(order, any_db, sync_db) == {
        'address': {'c': 'y', 'street': 's', 'u': 1, 'lines': ['l']}
    }


SLICES = [{'tags': {'$slice': [2, 2]}, 'items': {'$slice': [2, 2]}}, {'tags': {'$slice': -2}}]


@pytest.mark.parametrize('projection', SLICES)
async def test_what_is_appended_to_a_part_of_a_list_is_appended(any_db, sync_db, projection):
    order = await partial(any_db, sync_db, **projection)
    order.tags.append('c')
    assert await saved(order, any_db, sync_db) == {'tags': [*STORED['tags'], 'c']}


def of_first_tag(order):
    order.tags[0] = 'x'


def no_tags(order):
    order.tags = []


def of_first_item(order):
    order.items[0].name = 'x'


def turned(order):
    order.items.reverse()


@pytest.mark.parametrize(
    ('projection', 'change'),
    [
        ({'tags': {'$slice': [2, 2]}}, of_first_tag),
        ({'tags': {'$slice': 2}}, of_first_tag),
        ({'tags': {'$slice': 2}}, no_tags),
        ({'items': {'$slice': 2}}, of_first_item),
        ({'items': {'$slice': [2, 2]}}, turned),
        ({'items.name': 1}, of_first_item),
        ({'items': {'$elemMatch': {'name': 'b'}}}, of_first_item),
        ({'items.name': 1}, lambda order: order.items.pop()),
        ({'address.c': 1}, lambda order: setattr(order, 'address', None)),
        ({'address.c': 1}, lambda order: delattr(order, 'address')),
    ],
)
async def test_what_would_drop_what_was_not_loaded_is_refused(any_db, sync_db, projection, change):
    order = await partial(any_db, sync_db, **projection)
    change(order)
    with pytest.raises(StaleDocumentError):
        await settled(order.save_changes(any_db))
    assert sync_db['orders'].find_one({'_id': 1}) == {'_id': 1, **STORED}


@pytest.mark.parametrize(
    ('name', 'value', 'stored'),
    [
        ('tags', ['c'], ['c']),
        ('address', Address(city='y'), {'c': 'y'}),
        ('items', [Item(name='y')], [{'name': 'y'}]),
    ],
)
async def test_a_value_that_was_not_loaded_is_replaced(any_db, sync_db, name, value, stored):
    order = await partial(any_db, sync_db, t=1)
    setattr(order, name, value)
    assert await saved(order, any_db, sync_db) == {name: stored}


class Person(Document):
    _id = IntField()
    first = StrField(required=False)
    last = StrField(required=False)
    full = StrField(required=False)

    class Meta:
        track_changes = True

    def to_mongo(self):
        return {**super().to_mongo(), 'full': f'{self.first} {self.last}'}


async def test_what_is_computed_of_what_was_not_loaded_is_not_written(any_db, sync_db):
    Person(_id=1, first='a', last='b').save(sync_db)
    person = await settled(Person.q(any_db).find_one({'_id': 1}, {'first': 1}))
    person.first = 'c'
    await settled(person.save_changes(any_db))
    assert Person.coll(sync_db).find_one() == {'_id': 1, 'first': 'c', 'last': 'b', 'full': 'a b'}


async def test_a_list_that_was_loaded_whole_changes_by_index(any_db, sync_db):
    order = await partial(any_db, sync_db, tags=1)
    order.tags[1] = 'x'
    assert await saved(order, any_db, sync_db) == {'tags': ['a', 'x', 'a', 'b']}


async def test_a_partial_document_is_reverted_to_its_part(any_db, sync_db):
    order = await partial(any_db, sync_db, tags=1)
    order.tags[1], order.title = 'x', 'y'
    order.revert()
    assert (dict(order.to_data()), order.is_partial) == ({'_id': 1, 'tags': STORED['tags']}, True)
    assert order.changes() == {}


async def test_one_without_its_id_is_not_found_by_another(any_db, sync_db):
    order = await partial(any_db, sync_db, t=1, _id=0)
    order.title = 'y'
    assert order.changes() == {'$set': {'t': 'y'}}
    with pytest.raises(ValueError, match='Order has no _id, by which it would be found'):
        await settled(order.save_changes(any_db))
    order._id = 2
    with pytest.raises(ValueError, match=r'Order\._id was not loaded, and is 2'):
        await settled(order.save_changes(any_db))
