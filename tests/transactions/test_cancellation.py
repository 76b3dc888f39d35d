"""Tasks that are cancelled within a transaction; there are none beside MongoClient."""

import asyncio
import time

import pytest
from pymongo.monitoring import CommandListener

from aiomongodel import Document, IntField, StrField, run_in_transaction, session, transaction
from tests.drivers import DRIVERS, settled
from tests.testserver.drivers import SLOW
from tests.transactions.helpers import create, has_ended, stored


class User(Document):
    _id = IntField()
    name = StrField(required=False)


class Note(Document):
    _id = IntField()


class Interrupter(CommandListener):
    """Cancels a task in the middle of a command."""

    def __init__(self, loop):
        self._loop = loop
        self.command = self.task = None
        self.sessions = []

    def started(self, event):
        if 'startTransaction' in event.command:
            self.sessions.append(event.command['lsid'])
        if event.command_name == self.command:
            self.command = None
            self._loop.call_soon_threadsafe(self.task.cancel)
            if not is_in_loop(self._loop):
                time.sleep(0.1)  # so that Motor's thread is still at it

    def succeeded(self, event):
        """Nothing is done then."""

    def failed(self, event):
        """Nothing is done then."""


def is_in_loop(loop):
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


@pytest.fixture(params=['motor', 'pymongo-async'])
async def interrupted(request, mongodb_uri, sync_db):
    """A client whose listener cancels a task, and its database."""
    listener = Interrupter(asyncio.get_running_loop())
    client = DRIVERS[request.param](mongodb_uri, event_listeners=[listener])
    yield client[sync_db.name], listener
    # A transaction that goes on by mistake would have the next test wait for it for a minute.
    await client.admin.command('killSessions', listener.sessions)
    await settled(client.close())


async def cancelled(coroutine, listener=None, command=None):
    """Run a task until it is cancelled, in the middle of a command where one is given."""
    task = asyncio.create_task(coroutine)
    if listener is None:
        await asyncio.sleep(0.1)
        task.cancel()
    else:
        listener.task, listener.command = task, command
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_is_cancelled_in_the_block_aborts_it(interrupted):
    db, _ = interrupted
    await create(db, User)
    seen = []

    async def work():
        async with transaction(db) as tx:
            seen.append((tx, tx.driver_session))
            await User(_id=1).save(tx)
            await asyncio.sleep(10)

    await cancelled(work())
    (tx, driver_session) = seen[0]
    assert (tx.is_active, tx.is_committed) == (False, False)
    assert has_ended(driver_session)
    assert await stored(User, db) == []
    await can_be_written(db)


@pytest.mark.parametrize('command', ['update', 'find'])
async def test_a_task_that_is_cancelled_in_a_call_of_the_transaction_aborts_it(
    interrupted, command
):
    db, listener = interrupted
    await User(_id=1, name='old').save(db)
    seen = []
    user = User(_id=1, name='new')

    async def work():
        async with transaction(db) as tx:
            seen.append(tx.driver_session)
            if command == 'find':
                await User(_id=2).save(tx)
                await user.reload(tx)
            else:
                await user.save(tx)

    await cancelled(work(), listener, command)
    await asyncio.sleep(0.2)  # the call in Motor's thread must not begin the transaction anew
    assert has_ended(seen[0])
    assert user.name == 'new'
    assert await stored(User, db) == [{'_id': 1, 'name': 'old'}]
    await can_be_written(db)


async def test_a_task_that_is_cancelled_in_the_commit_is_cancelled_after_it(interrupted):
    db, listener = interrupted
    await create(db, User, Note)
    seen = []

    async def work():
        async with transaction(db) as tx:
            seen.append((tx, tx.driver_session))
            await User(_id=1).save(tx)
            await Note(_id=1).save(tx)

    await cancelled(work(), listener, 'commitTransaction')
    tx, driver_session = seen[0]
    assert has_ended(driver_session)
    assert tx.is_committed
    await can_be_written(db)
    assert [len(await stored(model, db)) for model in (User, Note)] == [1, 1]


async def test_callbacks_run_for_a_commit_that_was_cancelled_and_went_on(interrupted):
    db, listener = interrupted
    await create(db, User)
    called = []

    async def work():
        async with transaction(db) as tx:
            tx.on_commit(lambda: called.append(1))
            await User(_id=1).save(tx)

    await cancelled(work(), listener, 'commitTransaction')
    assert called == [1]


async def test_a_task_that_is_cancelled_in_the_abort_ends_the_session(interrupted):
    db, listener = interrupted
    await create(db, User)
    seen = []
    user = User(_id=None)

    async def work():
        async with transaction(db) as tx:
            seen.append((tx, tx.driver_session))
            await user.save(tx, do_insert=True)
            raise ValueError

    await cancelled(work(), listener, 'abortTransaction')
    tx, driver_session = seen[0]
    assert has_ended(driver_session)
    assert (tx.is_active, tx.is_committed) == (False, False)
    assert user._id is None
    await can_be_written(db)


async def test_a_task_that_is_cancelled_before_the_abort_was_sent_sends_it(
    mongodb_uri, any_async_db
):
    await User.q(any_async_db).insert_many([{'_id': number} for number in (1, *range(100, 130))])
    client = type(any_async_db.client)(mongodb_uri, maxPoolSize=1)
    db = client[any_async_db.name]
    aborting = asyncio.Event()

    async def work():
        async with transaction(db) as tx:
            await User(_id=1, name='new').save(tx)
            # The client's only connection is lent to this one, so that the abort waits for it.
            other = asyncio.ensure_future(User.q(db).aggregate([SLOW]).to_list(None))
            await asyncio.sleep(0.05)
            assert not other.done()
            aborting.set()
            raise ValueError

    task = asyncio.create_task(work())
    await aborting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await can_be_written(any_async_db)
    await settled(client.close())


async def test_a_task_that_is_cancelled_in_a_session_ends_it(interrupted):
    db, _ = interrupted
    seen = []

    async def work():
        async with session(db) as s:
            seen.append(s.driver_session)
            async with s.transaction() as tx:
                await User(_id=1).save(tx)
                await asyncio.sleep(10)

    await create(db, User)
    await cancelled(work())
    assert has_ended(seen[0])
    assert await stored(User, db) == []
    await can_be_written(db)


async def test_work_that_is_cancelled_is_not_tried_again(interrupted):
    db, _ = interrupted
    await create(db, User)
    tries = []
    user = User(_id=1, name='before')

    async def work(tx):
        tries.append(tx.driver_session)
        user.name = 'within'
        await user.save(tx)
        await user.update(tx, {'$set': {'name': 'updated'}})
        await asyncio.sleep(10)

    await cancelled(run_in_transaction(db, work))
    assert len(tries) == 1
    assert has_ended(tries[0])
    assert user.name == 'within'  # as it was before the first call that was given the transaction
    assert await stored(User, db) == []
    await can_be_written(db)


async def test_a_time_limit_around_a_transaction_aborts_it(interrupted):
    db, _ = interrupted
    await create(db, User)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), transaction(db) as tx:
            await User(_id=1).save(tx)
            await asyncio.sleep(10)
    assert await stored(User, db) == []


async def can_be_written(db):
    """Check that the transaction that was cancelled holds no lock on the user."""
    query, change = {'_id': 1}, {'$unset': {'nothing': ''}}
    await asyncio.wait_for(User.coll(db).update_one(query, change, upsert=False), 5)
    async with asyncio.timeout(5), transaction(db) as tx:
        await User.coll(db).insert_one({'_id': 9}, session=tx.driver_session)
        await User.coll(db).update_one(query, change, upsert=True, session=tx.driver_session)
        await tx.abort()
