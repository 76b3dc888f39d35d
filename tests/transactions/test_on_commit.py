"""What is done after a commit, and only then."""

import asyncio

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from aiomongodel import Document, IntField, SessionError, run_in_transaction, session, transaction
from tests.drivers import entered, settled
from tests.transactions.helpers import as_work, create, has_ended, stored


class User(Document):
    _id = IntField()


class Failure(Exception):
    pass


async def test_callbacks_run_after_the_commit_in_their_order(sync_db, any_db):
    await create(any_db, User)
    called = []

    async with entered(transaction(any_db)) as tx:
        tx.on_commit(lambda: called.append(('first', User.q(sync_db).count_documents({}))))
        await settled(User(_id=1).save(tx))
        assert tx.on_commit(lambda: called.append('second')) is None
        tx.on_commit(lambda: called.append('third'))
        assert called == []
    assert called == [('first', 1), 'second', 'third']


async def test_coroutine_functions_are_awaited_in_their_order(any_async_db):
    called = []

    async def slow():
        await asyncio.sleep(0.02)
        called.append('slow')

    async with transaction(any_async_db) as tx:
        tx.on_commit(slow)
        tx.on_commit(lambda: called.append('quick'))
    assert called == ['slow', 'quick']


async def test_a_coroutine_function_that_waits_for_a_loop_is_refused_beside_the_sync_client(
    sync_db,
):
    async def slow():
        await asyncio.sleep(0.02)

    tx = transaction(sync_db).start()
    User.q(tx).create(_id=1)
    tx.on_commit(slow)
    with pytest.raises(RuntimeError, match='waits for an event loop'):
        tx.commit()
    assert tx.is_committed
    assert User.q(sync_db).count_documents({}) == 1


async def test_one_callback_may_be_given_twice(any_db):
    called = []

    def call():
        called.append(1)

    async with entered(transaction(any_db)) as tx:
        tx.on_commit(call)
        tx.on_commit(call)
    assert called == [1, 1]


async def test_callbacks_run_where_the_transaction_is_committed_by_hand(any_db):
    called = []

    async with entered(transaction(any_db)) as tx:
        tx.on_commit(lambda: called.append(1))
        await settled(tx.commit())
        assert called == [1]
    assert called == [1]


async def test_the_transaction_and_its_session_are_over_when_callbacks_run(any_db):
    seen = []

    async with entered(transaction(any_db)) as tx:
        driver_session = tx.driver_session
        tx.on_commit(lambda: seen.append((tx.is_active, tx.is_committed)))
        tx.on_commit(lambda: seen.append(has_ended(driver_session)))
    assert seen == [(False, True), True]


@pytest.mark.parametrize('end', ['abort', 'end'])
async def test_callbacks_do_not_run_after_an_abort(any_db, end):
    called = []

    async with entered(transaction(any_db)) as tx:
        tx.on_commit(lambda: called.append(1))
        await settled(getattr(tx, end)())
    assert called == []


async def test_callbacks_do_not_run_after_an_exception(any_db):
    called = []

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            tx.on_commit(lambda: called.append(1))
            raise Failure
    assert called == []


async def test_callbacks_do_not_run_where_the_session_ends_first(any_db):
    called = []

    async with entered(session(any_db)) as s:
        tx = await settled(s.transaction().start())
        tx.on_commit(lambda: called.append(1))
    assert called == []


async def test_callbacks_do_not_run_after_a_commit_that_failed(any_db):
    await settled(User(_id=1).save(any_db))
    called = []

    with pytest.raises(OperationFailure):
        async with entered(transaction(any_db)) as tx:
            tx.on_commit(lambda: called.append(1))
            with pytest.raises(OperationFailure):
                await settled(User(_id=1).save(tx, do_insert=True))
    assert called == []


async def test_callbacks_of_failed_tries_do_not_run(any_db):
    called, tries = [], []

    async def work(tx):
        tries.append(1)
        number = len(tries)
        tx.on_commit(lambda: called.append(number))
        if number < 3:
            error = OperationFailure('by the test')
            error._add_error_label('TransientTransactionError')
            raise error

    await settled(run_in_transaction(any_db, as_work(any_db, work)))
    assert called == [3]


class Transient(OperationFailure):
    def __init__(self):
        super().__init__('by the test')
        self._add_error_label('TransientTransactionError')


@pytest.mark.parametrize('error', [Failure, Transient, KeyboardInterrupt])
async def test_an_exception_of_a_callback_is_raised_and_the_writes_stay(any_db, error):
    await create(any_db, User)
    called, tries = [], []
    user = User(_id=None)

    def fail():
        called.append('failed')
        raise error

    async def work(tx):
        tries.append(tx)
        user._id = 7
        await settled(user.save(tx))
        tx.on_commit(fail)
        tx.on_commit(lambda: called.append('later'))

    with pytest.raises(error):
        await settled(run_in_transaction(any_db, as_work(any_db, work)))
    assert (len(tries), called) == (1, ['failed'])
    assert tries[0].is_committed
    assert user._id == 7
    assert await stored(User, any_db) == [{'_id': 7}]


async def test_an_exception_of_a_callback_that_looks_like_a_lost_commit_is_raised(any_db):
    called = []

    def fail():
        called.append(1)
        error = AutoReconnect('by the test')
        error._add_error_label('UnknownTransactionCommitResult')
        raise error

    async def work(tx):
        tx.on_commit(fail)

    with pytest.raises(AutoReconnect):
        await settled(run_in_transaction(any_db, as_work(any_db, work)))
    assert called == [1]


async def test_an_exception_of_a_callback_leaves_the_block(any_db):
    await create(any_db, User)

    def fail():
        raise Failure

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=1).save(tx))
            tx.on_commit(fail)
    assert tx.is_committed
    assert len(await stored(User, any_db)) == 1


async def test_a_callback_may_use_the_database(any_db):
    await create(any_db, User)

    async with entered(transaction(any_db)) as tx:
        await settled(User(_id=1).save(tx))
        # What a call gives is awaited where the calls of the database are.
        tx.on_commit(lambda: User(_id=2).save(any_db))
    assert len(await stored(User, any_db)) == 2


@pytest.mark.parametrize('callback', [None, 5, 'name'])
async def test_what_cannot_be_called_is_refused(any_db, callback):
    async with entered(transaction(any_db)) as tx:
        with pytest.raises(TypeError, match='on_commit takes a function, not'):
            tx.on_commit(callback)


async def test_a_coroutine_is_refused(any_db):
    async def call():
        """Does nothing."""

    given = call()
    async with entered(transaction(any_db)) as tx:
        with pytest.raises(TypeError, match='on_commit takes a function, not'):
            tx.on_commit(given)
    given.close()


async def test_a_callback_cannot_be_given_outside_of_the_transaction(any_db):
    tx = transaction(any_db)
    with pytest.raises(SessionError, match='call start'):
        tx.on_commit(print)
    await settled(tx.start())
    await settled(tx.commit())
    with pytest.raises(SessionError, match='it is over'):
        tx.on_commit(print)
