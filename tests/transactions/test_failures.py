"""Commits and aborts that fail, and what goes on by way of the driver's own session."""

import asyncio

import pytest
from pymongo.errors import OperationFailure, WriteConcernError

from aiomongodel import (
    Document,
    IntField,
    MotorQuerySet,
    QuerySet,
    SessionError,
    blocking,
    session,
    transaction,
)
from tests.drivers import entered, settled
from tests.transactions.helpers import create, is_sync, stored


class User(Document):
    _id = IntField(allow_none=True)
    balance = IntField(default=0)


def fail_commit(monkeypatch, tx, error, *, after):
    """Have the driver's commit raise an error, before or after it has been done."""
    driver_session = tx.driver_session
    commit = driver_session.commit_transaction

    async def failing_and_awaited():
        if after:
            await settled(commit())
        raise error

    def failing():
        if after:
            commit()
        raise error

    failing = failing if is_sync(tx.db) else failing_and_awaited
    monkeypatch.setattr(driver_session, 'commit_transaction', failing)


async def test_a_commit_whose_write_concern_is_not_met_puts_nothing_back(any_db, monkeypatch):
    await create(any_db, User)
    user, called = User(_id=1, balance=5), []
    with pytest.raises(WriteConcernError):
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx))
            user.balance = 7
            tx.on_commit(lambda: called.append(1))
            fail_commit(monkeypatch, tx, WriteConcernError('not met', 100), after=True)

    assert (user.balance, called, tx.is_committed, tx.is_active) == (7, [], False, False)
    assert 'in doubt' in repr(tx)
    assert len(await stored(User, any_db)) == 1


async def test_a_commit_that_the_server_refuses_puts_documents_back(any_db, monkeypatch):
    await create(any_db, User)
    user = User(_id=1, balance=5)
    with pytest.raises(OperationFailure) as caught:
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx))
            user.balance = 7
            fail_commit(monkeypatch, tx, OperationFailure('refused', 251), after=False)

    assert (user.balance, tx.is_committed) == (5, False)
    assert any('in the commit of' in note for note in caught.value.__notes__)


async def test_a_commit_in_doubt_is_not_made_after_the_end_of_its_session(any_db, monkeypatch):
    await create(any_db, User)
    user = User(_id=1, balance=5)
    with pytest.raises(WriteConcernError):
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx))
            user.balance = 7
            fail_commit(monkeypatch, tx, WriteConcernError('not met', 100), after=True)
    with pytest.raises(SessionError, match='has ended'):
        await settled(tx.commit())
    assert user.balance == 7


async def test_a_transaction_in_doubt_does_not_commit_the_next_one(any_db, monkeypatch):
    await create(any_db, User)
    async with entered(session(any_db)) as s:
        first = await settled(s.transaction().start())
        await settled(User(_id=1).save(first))
        with monkeypatch.context() as patch:
            fail_commit(patch, first, WriteConcernError('not met', 100), after=True)
            with pytest.raises(WriteConcernError):
                await settled(first.commit())
        second = await settled(s.transaction().start())
        await settled(User(_id=2).save(second))
        with pytest.raises(SessionError, match='has begun another transaction since'):
            await settled(first.commit())
        await settled(second.abort())
    assert [each['_id'] for each in await stored(User, any_db)] == [1]


async def test_a_transaction_that_was_ended_by_the_drivers_session_is_refused(any_db):
    await create(any_db, User)
    async with entered(session(any_db)) as s:
        tx = await settled(s.transaction().start())
        await settled(User(_id=1).save(tx))
        await settled(tx.driver_session.commit_transaction())
        with pytest.raises(SessionError, match='ended by way of its driver_session'):
            await settled(User(_id=2).save(tx))
        await settled(tx.end())
    assert [each['_id'] for each in await stored(User, any_db)] == [1]


async def test_an_error_of_the_block_is_not_hidden_by_that_of_the_abort(
    mongodb_uri, any_db, request
):
    client = type(any_db.client)(mongodb_uri)
    with pytest.raises(KeyError, match='mine') as caught:
        async with entered(transaction(client[any_db.name])) as tx:
            await settled(User.q(tx).count_documents())
            await settled(client.close())
            raise KeyError('mine')
    assert any('could not be aborted' in note for note in caught.value.__notes__)


async def test_a_start_that_the_driver_refuses_says_so_afterwards(any_db):
    tx = transaction(any_db, max_commit_time_ms='soon')
    with pytest.raises(TypeError):
        await settled(tx.start())
    assert 'refused by the driver' in repr(tx)
    with pytest.raises(SessionError, match='make another one'):
        await settled(tx.start())


@pytest.mark.parametrize('given', [1, 'yes', None])
async def test_a_session_in_the_place_of_do_insert_is_refused(any_db, given):
    await create(any_db, User)
    async with entered(transaction(any_db)) as tx:
        for wrong in (tx, given):
            with pytest.raises(TypeError, match=r'do_insert of User\.save must be True or False'):
                await settled(User(_id=1).save(any_db, wrong))
        await settled(tx.abort())
    assert await stored(User, any_db) == []


class SlowAtTheEnd:
    """A driver's session whose commit and abort take their time."""

    def __init__(self, monkeypatch, driver_session):
        for name in ('commit_transaction', 'abort_transaction'):
            monkeypatch.setattr(driver_session, name, self.slow(getattr(driver_session, name)))

    @staticmethod
    def slow(method):
        async def call():
            await asyncio.sleep(0.2)
            return await method()

        return call


@pytest.mark.parametrize('driver', ['motor', 'pymongo-async'])
@pytest.mark.parametrize('fails', [False, True])
async def test_a_second_cancellation_breaks_off_neither_commit_nor_abort(
    clients, sync_db, monkeypatch, driver, fails
):
    db = clients[driver][sync_db.name]
    await create(db, User)
    seen = []

    async def work():
        async with transaction(db) as tx:
            seen.append(tx)
            SlowAtTheEnd(monkeypatch, tx.driver_session)
            await User(_id=1).save(tx)
            if fails:
                raise ValueError

    task = asyncio.create_task(work())
    for _ in range(3):
        await asyncio.sleep(0.06)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen[0].is_committed is not fails
    assert len(await stored(User, db)) == (not fails)


class Payments(MotorQuerySet):
    async def pay(self, user, tx):
        user.balance += 1
        return await Payments(type(user), self.db, session=tx).save(user)


class SyncPayments(QuerySet):
    pay = blocking(Payments.pay)


class Payer(Document):
    _id = IntField()
    balance = IntField(default=0)

    class Meta:
        queryset = Payments
        sync_queryset = SyncPayments


async def test_a_coroutine_of_a_query_set_can_be_given_a_transaction(any_db):
    await create(any_db, Payer)
    async with entered(transaction(any_db)) as tx:
        paid = await settled(Payer.q(tx).pay(Payer(_id=1), tx))
    assert paid.balance == 1
    assert [each['balance'] for each in await stored(Payer, any_db)] == [1]


def test_only_coroutine_methods_have_a_blocking_form():
    with pytest.raises(TypeError, match='blocking takes a coroutine method, not'):
        blocking(MotorQuerySet.find)
