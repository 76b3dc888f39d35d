"""A server that is no member of a replica set has no transactions."""

import pytest
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    IntField,
    TransactionsNotSupportedError,
    run_in_transaction,
    session,
    transaction,
)
from tests.drivers import DRIVERS, entered, settled
from tests.transactions.helpers import as_work, has_ended, stored


class User(Document):
    _id = IntField()
    name = IntField(required=False)


@pytest.fixture(params=DRIVERS)
async def lone_db(request, standalone_uri):
    client = DRIVERS[request.param](standalone_uri)
    yield client['lone']
    await settled(client.drop_database('lone'))
    await settled(client.close())


CALLS = {
    'save': lambda tx: User(_id=2).save(tx),
    'insert': lambda tx: User(_id=2).save(tx, do_insert=True),
    'reload': lambda tx: User(_id=1).reload(tx),
    'update': lambda tx: User(_id=1).update(tx, {'$set': {'name': 1}}),
    'delete': lambda tx: User(_id=1).delete(tx),
    'find': lambda tx: User.q(tx).find({}).to_list(None),
    'first': lambda tx: User.q(tx).find({}).first(),
    'next': lambda tx: User.q(tx).find({}).next(),
    'count': lambda tx: User.q(tx).count_documents({}),
    'insert_many': lambda tx: User.q(tx).insert_many([{'_id': 2}, {'_id': 3}]),
    'update_many': lambda tx: User.q(tx).update_many({}, {'$set': {'name': 1}}),
}
calls = pytest.mark.parametrize('call', CALLS.values(), ids=list(CALLS))


@calls
async def test_a_call_in_a_transaction_says_what_the_server_lacks(lone_db, call):
    await settled(User(_id=1).save(lone_db))

    with pytest.raises(TransactionsNotSupportedError, match='need a replica set') as caught:
        async with entered(transaction(lone_db)) as tx:
            driver_session = tx.driver_session
            await settled(call(tx))
    assert isinstance(caught.value, OperationFailure)
    assert caught.value.code == 20
    assert isinstance(caught.value.__cause__, OperationFailure)
    assert any('User' in note for note in caught.value.__notes__)
    assert has_ended(driver_session)
    assert await stored(User, lone_db) == [{'_id': 1}]


async def test_work_is_not_tried_again(lone_db):
    tries = []
    user = User(_id=None)

    async def work(tx):
        tries.append(1)
        await settled(user.save(tx, do_insert=True))

    with pytest.raises(TransactionsNotSupportedError, match='need a replica set'):
        await settled(run_in_transaction(lone_db, as_work(lone_db, work)))
    assert tries == [1]
    assert user._id is None


async def test_a_transaction_of_the_drivers_own_says_so_too(lone_db):
    async with entered(session(lone_db)) as s:
        await settled(s.driver_session.start_transaction())
        with pytest.raises(TransactionsNotSupportedError):
            await settled(User(_id=1).save(lone_db, session=s.driver_session))
        await settled(s.driver_session.abort_transaction())


async def test_a_session_without_a_transaction_works(lone_db):
    async with entered(session(lone_db)) as s:
        await settled(User(_id=1).save(s))
        assert await settled(User.q(s).count_documents({})) == 1
