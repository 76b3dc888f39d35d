"""A transaction that is aborted puts documents back, and what is known of the stored ones."""

import pytest

from aiomongodel import StaleDocumentError, transaction
from tests.drivers import entered, settled

from .models import Order, stored_order


async def aborted(db, work):
    tx = await settled(transaction(db).start())
    await work(tx)
    await settled(tx.abort())


async def changed_and_saved(order, handle):
    order.title = 'y'
    order.tags.append('b')
    await settled(order.save_changes(handle))
    assert order.changes() == {}


async def test_changes_are_saved_with_the_transaction(any_db, sync_db):
    stored_order(sync_db, t='x', tags=['a'])
    async with entered(transaction(any_db)) as tx:
        order = await settled(Order.q(tx).get(1))
        await changed_and_saved(order, tx)
        assert sync_db['orders'].find_one()['t'] == 'x'
    assert sync_db['orders'].find_one() == {'_id': 1, 't': 'y', 'tags': ['a', 'b']}
    assert order.changes() == {}


@pytest.mark.parametrize('session', [False, True])
async def test_an_abort_puts_values_and_changes_back(any_db, sync_db, session):
    stored_order(sync_db, t='x', tags=['a'])
    order = await settled(Order.q(any_db).get(1))
    order.count = 5

    async def work(tx):
        query_set = Order.q(any_db, session=tx) if session else Order.q(tx)
        await settled(query_set.save_changes(order))
        order.title = 'z'
        await settled(query_set.save_changes(order))

    await aborted(any_db, work)
    assert (order.title, order.changes()) == ('x', {'$set': {'count': 5}})
    await settled(order.save_changes(any_db))
    assert sync_db['orders'].find_one()['count'] == 5


@pytest.mark.parametrize('write', ['save', 'reload'])
async def test_an_abort_puts_back_what_another_write_has_made_known(any_db, sync_db, write):
    stored_order(sync_db, t='x')
    order = await settled(Order.q(any_db).get(1))
    order.title = 'y'

    async def work(tx):
        await settled(getattr(order, write)(tx))
        assert order.changes() == {}

    await aborted(any_db, work)
    assert order.changes() == {'$set': {'t': 'y'}}


async def test_a_refused_save_ends_with_the_transaction(any_db, sync_db):
    stored_order(sync_db, tags=['a'])
    order = await settled(Order.q(any_db).get(1))
    sync_db['orders'].update_one({'_id': 1}, {'$set': {'tags': ['b']}})
    order.tags[0] = 'x'
    with pytest.raises(StaleDocumentError):
        async with entered(transaction(any_db)) as tx:
            await settled(order.save_changes(tx))
    assert order.changes() == {'$set': {'tags.0': 'x'}}
