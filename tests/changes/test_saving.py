"""`save_changes` stores what has changed, and nothing of what others have changed is lost."""

import copy
from typing import ClassVar

import pytest

from aiomongodel import (
    Document,
    DocumentNotFoundError,
    DuplicateKeyError,
    IntField,
    ListField,
    MotorQuerySet,
    QuerySet,
    RevisionField,
    StaleDocumentError,
    StrField,
)
from tests.drivers import settled

from .models import Address, Item, Order, Plain, stored_order


def stored_in(db):
    return db['orders'].find_one({'_id': 1})


async def test_only_what_has_changed_is_sent_and_only_once(wire):
    await settled(Order(_id=1, title='x', count=1, tags=['a']).save(wire.db))
    order = await settled(Order.q(wire.db).get(1))
    order.count, order.address = 2, Address(city='c')
    order.tags.append('b')
    wire.commands.clear()
    assert await settled(order.save_changes(wire.db)) is order
    (update,) = wire.sent('update')['updates']
    assert update['u'] == {
        '$set': {'count': 2, 'address': {'c': 'c'}},
        '$push': {'tags': {'$each': ['b']}},
    }
    assert not update.get('upsert')
    assert order.changes() == {}
    wire.commands.clear()
    await settled(order.save_changes(wire.db))
    await settled(Order.q(wire.db).save_changes(order))
    assert wire.commands == []


async def test_what_is_stored_is_what_the_document_holds(any_db, sync_db):
    first = stored_order(
        sync_db,
        t='x',
        count=1,
        address={'c': 'c', 'u': 1},
        items=[{'name': 'a', 'u': 1}, {'name': 'b'}],
    )
    order = await settled(Order.q(any_db).get(first._id))
    order.title, order.items[1].price, order.address.lines = None, 5, ['l']
    await settled(order.save_changes(any_db))
    order.items.pop(0)
    order.address.lines.append('m')
    del order.count
    await settled(order.save_changes(any_db))
    assert order.changes() == {}
    found = stored_in(sync_db)
    assert (found['t'], found['address']) == (None, {'c': 'c', 'u': 1, 'lines': ['l', 'm']})
    assert Order.from_mongo(found).to_data().keys() == order.to_data().keys()
    assert [item.to_mongo() for item in Order.from_mongo(found).items] == [
        item.to_mongo() for item in order.items
    ]


def set_title(order):
    order.title = 'mine'


def set_count(order):
    order.count = 7


def push(tag):
    return lambda order: order.tags.append(tag)


def set_city(order):
    order.address.city = 'mine'


def set_street(order):
    order.address.street = 'mine'


def set_item(index, **values):
    def change(order):
        for name, value in values.items():
            setattr(order.items[index], name, value)

    return change


STORED = {
    't': 'x',
    'tags': ['a'],
    'address': {'c': 'x', 'street': 'x', 'u': 1},
    'items': [{'name': 'a'}, {'name': 'b'}],
    'extra': {'a.b': 1, 'c': 1},
}


@pytest.mark.parametrize('turned', [False, True])
@pytest.mark.parametrize(
    ('one', 'other'),
    [
        (set_title, set_count),
        (set_city, set_street),
        (set_title, push('b')),
        (set_item(0, name='x'), set_item(1, name='y')),
        (set_item(0, name='x'), lambda order: order.items.append(Item(name='c'))),
    ],
)
def test_two_writers_of_different_places_both_keep_theirs(sync_db, one, other, turned):
    stored_order(sync_db, **STORED)
    first, second, both = (Order.q(sync_db).get(1) for _ in range(3))
    one(first)
    other(second)
    for each in (second, first) if turned else (first, second):
        each.save_changes(sync_db)
    one(both)
    other(both)
    expected = both.to_mongo()
    expected['address']['u'] = 1  # of which the class does not know
    assert stored_in(sync_db) == expected


def test_two_writers_who_append_both_keep_theirs(sync_db):
    stored_order(sync_db, **STORED)
    first, second = (Order.q(sync_db).get(1) for _ in range(2))
    first.tags.append('b')
    second.tags += ['c', 'd']
    first.save_changes(sync_db)
    second.save_changes(sync_db)
    assert stored_in(sync_db)['tags'] == ['a', 'b', 'c', 'd']


def clear_tags(order):
    order.tags = []


def insert_item(order):
    order.items.insert(0, Item(name='new'))


def change_dotted(order):
    order.extra['a.b'] = 2


def drop_address(order):
    del order.address


@pytest.mark.parametrize(
    ('change', 'meanwhile'),
    [
        (clear_tags, {'$push': {'tags': 'b'}}),
        (insert_item, {'$set': {'items.1.name': 'x'}}),
        (set_item(1, name='x'), {'$pop': {'items': -1}}),
        (set_item(0, name='x'), {'$set': {'items.0.u': 1}}),
        (set_item(1, name='x'), {'$unset': {'items': ''}}),
        (change_dotted, {'$set': {'extra.c': 2}}),
        (drop_address, {'$set': {'address.c': 'y'}}),
        (set_city, {'$unset': {'address': ''}}),
        (set_city, {'$set': {'address': None}}),
        (set_city, {'$set': {'address': [{'c': 'x'}]}}),
        (lambda order: setattr(order, 'matrix', [[1]]), {'$set': {'matrix': []}}),
    ],
)
async def test_what_would_undo_the_change_of_another_is_refused(any_db, sync_db, change, meanwhile):
    stored_order(sync_db, **STORED)
    order = await settled(Order.q(any_db).get(1))
    order.count = 5
    change(order)
    changes = order.changes()
    sync_db['orders'].update_one({'_id': 1}, meanwhile)
    found = stored_in(sync_db)
    with pytest.raises(StaleDocumentError, match='Order with the _id 1 has been changed since'):
        await settled(order.save_changes(any_db))
    assert stored_in(sync_db) == found
    assert order.changes() == changes
    await settled(order.reload(any_db))
    assert order.changes() == {}


async def test_a_document_that_was_deleted_does_not_come_back(any_db, sync_db):
    stored_order(sync_db, t='x')
    order = await settled(Order.q(any_db).get(1))
    order.title = 'y'
    sync_db['orders'].delete_one({'_id': 1})
    with pytest.raises(DocumentNotFoundError, match='has no Order with the _id 1'):
        await settled(order.save_changes(any_db))
    assert stored_in(sync_db) is None
    assert order.changes() == {'$set': {'t': 'y'}}


async def created(db):
    return await settled(Order.q(db).create(_id=1, title='x', tags=['a'], extra={'l': [1]}))


async def inserted(db):
    order = Order(_id=1, title='x', tags=['a'], extra={'l': [1]})
    return await settled(order.save(db, do_insert=True))


async def inserted_with_many(db):
    order = Order(_id=1, title='x', tags=['a'], extra={'l': [1]})
    await settled(Order.q(db).insert_many([order]))
    return order


async def saved(db):
    return await settled(Order(_id=1, title='x', tags=['a'], extra={'l': [1]}).save(db))


async def saved_with_all(db):
    order = Order(_id=1, title='x', tags=['a'], extra={'l': [1]})
    await settled(Order.q(db).save_all([order]))
    return order


async def reloaded(db):
    order = await saved(db)
    order.title = 'y'
    return await settled(order.reload(db))


async def updated(db):
    order = await saved(db)
    return await settled(order.update(db, {'$set': {'count': 5}}))


async def saved_again(db):
    order = await saved(db)
    order.title = 'y'
    return await settled(order.save(db))


@pytest.mark.parametrize(
    'way',
    [created, inserted, inserted_with_many, saved, saved_with_all, reloaded, updated, saved_again],
)
async def test_after_a_write_what_was_stored_is_known(any_db, sync_db, way):
    order = await way(any_db)
    assert (order.changes(), order.is_changed()) == ({}, False)
    order.tags.append('b')
    order.extra['l'].append(2)
    assert order.changes() == {'$push': {'tags': {'$each': ['b']}, 'extra.l': {'$each': [2]}}}
    await settled(order.save_changes(any_db))
    assert stored_in(sync_db)['extra'] == {'l': [1, 2]}


class Meddling(MotorQuerySet):
    """One that changes a document while it is written."""

    documents: ClassVar[list] = []

    async def replace_one(self, query, *args, **kwargs):
        self.documents[-1].tags.append('late')
        return await super().replace_one(query, *args, **kwargs)

    async def insert_one(self, *args, **kwargs):
        self.documents[-1].tags.append('late')
        return await super().insert_one(*args, **kwargs)

    async def _update_guarded(self, document, *args, **kwargs):
        await super()._update_guarded(document, *args, **kwargs)
        document.tags.append('later')


class Meddled(Document):
    tags = ListField(StrField())

    class Meta:
        collection = 'orders'
        queryset = Meddling
        sync_queryset = QuerySet
        track_changes = True


@pytest.mark.parametrize('do_insert', [False, True])
async def test_what_changes_while_it_is_saved_is_a_change(any_db, sync_db, do_insert):
    document = Meddled(tags=['a'])
    Meddling.documents.append(document)
    await settled(document.save(any_db, do_insert))
    assert sync_db['orders'].find_one()['tags'] == ['a']
    assert document.changes() == {'$push': {'tags': {'$each': ['late']}}}
    await settled(document.save_changes(any_db))
    assert document.changes() == {'$push': {'tags': {'$each': ['later']}}}


async def test_what_was_stored_shares_nothing_with_a_tuple(any_db, sync_db):
    order = await settled(Order(_id=1, extra=({'a': 1}, 5)).save(any_db))
    assert order.changes() == {}
    order.extra[0]['a'] = 2
    await settled(order.save_changes(any_db))
    assert stored_in(sync_db)['extra'] == [{'a': 2}, 5]


async def test_an_id_that_the_driver_makes_is_that_of_the_stored(any_db):
    class Made(Document):
        name = StrField()

        class Meta:
            track_changes = True

    made = await settled(Made(_id=None, name='x').save(any_db, do_insert=True))
    made.name = 'y'
    await settled(made.save_changes(any_db))
    assert (await settled(Made.q(any_db).get(made._id))).name == 'y'


async def test_a_write_that_fails_leaves_document_and_changes(any_db, sync_db):
    sync_db['orders'].create_index('t', unique=True)
    sync_db['orders'].insert_one({'_id': 2, 't': 'taken'})
    stored_order(sync_db, t='x')
    order = await settled(Order.q(any_db).get(1))
    order.title = 'taken'
    for write in (order.save_changes, order.save):
        with pytest.raises(DuplicateKeyError):
            await settled(write(any_db))
        assert order.changes() == {'$set': {'t': 'taken'}}
    assert stored_in(sync_db)['t'] == 'x'


async def test_a_document_that_was_never_stored_is_to_be_saved_first(any_db):
    with pytest.raises(ValueError, match=r'was never stored.*save it first'):
        await settled(Order(_id=1, title='x').save_changes(any_db))


async def test_a_class_that_does_not_track_saves_no_changes(any_db):
    plain = await settled(Plain(name='x').save(any_db))
    with pytest.raises(TypeError, match=r'Plain does not track changes; set track_changes = True'):
        await settled(plain.save_changes(any_db))
    with pytest.raises(TypeError, match=r'set track_changes = True in Plain\.Meta'):
        Plain.q(any_db).changes(plain)


async def test_the_default_query_does_not_hide_a_document_in_hand(any_db):
    class Open(Document):
        is_open = IntField()

        class Meta:
            track_changes = True
            default_query = {'is_open': 1}

    each = await settled(Open(is_open=1).save(any_db))
    for state in (0, 5):
        each.is_open = state
        await settled(each.save_changes(any_db))
    assert each.changes() == {}


async def test_a_copy_saves_changes_of_its_own(any_db, sync_db):
    stored_order(sync_db, **STORED)
    order = await settled(Order.q(any_db).get(1))
    for twin in (copy.copy(order), copy.deepcopy(order)):
        twin.title = 'twin'
        await settled(twin.save_changes(any_db))
        assert (twin.changes(), order.changes()) == ({}, {})
    assert stored_in(sync_db) == {'_id': 1, **STORED, 't': 'twin'}


class Page(Document):
    revision = RevisionField()
    title = StrField()
    tags = ListField(StrField(), required=False)

    class Meta:
        track_changes = True


async def test_a_revision_is_raised_by_changes_and_guards_them(any_db):
    page = await settled(Page.q(any_db).create(title='x', tags=['a']))
    other = await settled(Page.q(any_db).get(page._id))
    for number, title in enumerate(('y', 'z'), start=2):
        page.title = title
        assert page.changes() == {'$set': {'title': title}}
        await settled(page.save_changes(any_db))
        assert (page.revision, page.changes()) == (number, {})
    other.tags.append('b')
    with pytest.raises(StaleDocumentError, match='it holds revision 1, and revision 3 is stored'):
        await settled(other.save_changes(any_db))


async def test_a_document_that_is_reverted_keeps_its_revision(any_db):
    page = await settled(Page.q(any_db).create(title='x', tags=['a']))
    page.title = 'y'
    await settled(page.save_changes(any_db))
    page.title = 'z'
    page.revert()
    assert (page.title, page.revision, page.changes()) == ('y', 2, {})
    page.title = 'z'
    assert (await settled(page.save(any_db))).revision == 3
