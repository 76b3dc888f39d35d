"""A block that holds a lock: what renews it, what frees it, and what leaves it."""

import asyncio
import threading
import time

import pytest
from pymongo.errors import AutoReconnect

from aiomongodel import (
    Document,
    IntField,
    LockField,
    LockLostError,
    LockTimeoutError,
    MotorQuerySet,
    QuerySet,
)
from aiomongodel.drivers import BlockingCollection, BlockingDatabase, Repetition
from tests.concurrency.helpers import pause, raw
from tests.drivers import entered, settled
from tests.transactions.helpers import is_sync

LEASE = 0.3  # seconds


class Job(Document):
    count = IntField(default=0)
    lock = LockField(lease=LEASE)


class Failure(Exception):
    pass


@pytest.fixture
async def job(any_db):
    return await settled(Job.q(any_db).create())


async def taken_over(job, db):
    """Have another owner take the lock as if the lease had run out."""
    await settled(Job.coll(db).update_one({}, {'$set': {'lock.token': 'of another'}}))


def background(db):
    """Give what runs beside the test: tasks, or threads."""
    return set(threading.enumerate()) if is_sync(db) else asyncio.all_tasks()


async def test_a_block_holds_the_lock_and_frees_it(any_db, job):
    async with entered(Job.q(any_db).lock(job._id)) as held:
        assert (await raw(job, any_db))['lock'] == held.lock
        held.count = 1
        await settled(held.save(any_db))
    assert held.lock is None
    assert await raw(job, any_db) == {'_id': job._id, 'count': 1}


async def test_a_block_that_is_longer_than_the_lease_keeps_the_lock(any_db, job):
    async with entered(Job.q(any_db).lock({})) as held:
        for _ in range(4):
            await pause(any_db, LEASE / 2)
            assert await settled(Job.q(any_db).try_lock({})) is None
        assert (await raw(job, any_db))['lock']['until'] > held.lock['until']
        await settled(held.save(any_db))


async def test_nothing_is_left_in_the_background(any_db, job):
    before = background(any_db)
    async with entered(Job.q(any_db).lock({})):
        assert len(background(any_db) - before) == 1
    assert background(any_db) - before == set()


async def test_a_renewal_that_is_under_way_ends_with_the_block(any_db):
    begun, ended = [], []

    async def work():
        begun.append(1)
        await pause(any_db, 0.1)
        ended.append(1)
        return True

    db = BlockingDatabase(any_db) if is_sync(any_db) else any_db
    async with Repetition(db, 0.01, work):
        await pause(any_db, 0.05)
    assert begun
    assert begun == ended


@pytest.mark.parametrize('kind', [Failure, KeyError, KeyboardInterrupt, asyncio.CancelledError])
async def test_what_a_block_raises_is_left_as_it_is(any_db, job, kind):
    error = kind('of the block')
    with pytest.raises(kind) as caught:
        async with entered(Job.q(any_db).lock({})):
            raise error
    assert caught.value is error
    assert not hasattr(error, '__notes__')
    assert 'lock' not in await raw(job, any_db)


def test_an_iteration_that_a_block_ends_is_ended(sync_db):
    Job.q(sync_db).create()
    with pytest.raises(StopIteration, match='5'), Job.q(sync_db).lock({}):
        raise StopIteration(5)


async def test_a_lock_that_was_lost_is_told_at_the_end_of_the_block(any_db, job):
    with pytest.raises(LockLostError, match=r'not locked by this owner any more'):
        async with entered(Job.q(any_db).lock({})):
            await taken_over(job, any_db)
    assert (await raw(job, any_db))['lock']['token'] == 'of another'


async def test_a_failure_to_free_is_a_note_of_what_the_block_raises(any_db, job):
    error = Failure()
    with pytest.raises(Failure) as caught:
        async with entered(Job.q(any_db).lock({})):
            await taken_over(job, any_db)
            raise error
    assert caught.value is error
    assert [note.partition(':')[0] for note in error.__notes__] == ['its lock has not been freed']
    assert 'not locked by this owner any more' in error.__notes__[0]


async def test_the_renewal_ends_where_the_lock_is_lost(any_db, job):
    before = background(any_db)
    with pytest.raises(LockLostError):
        async with entered(Job.q(any_db).lock({})):
            await taken_over(job, any_db)
            until = (await raw(job, any_db))['lock']['until']
            await pause(any_db, LEASE / 2)
            assert background(any_db) - before == set()
            assert (await raw(job, any_db))['lock']['until'] == until


@pytest.mark.parametrize('way', ['delete', 'unlock'])
async def test_a_block_may_give_the_lock_back_itself(any_db, job, way):
    async with entered(Job.q(any_db).lock({})) as held:
        await settled(getattr(Job.q(any_db), way)(held))
    assert await settled(Job.q(any_db).count_documents({'lock': None})) == (way == 'unlock')


async def test_a_block_that_waits_in_vain_is_not_entered(any_db, job):
    start = time.monotonic()
    async with entered(Job.q(any_db).lock({})):
        with pytest.raises(LockTimeoutError, match=r'none has become free in 0\.1 s'):
            async with entered(Job.q(any_db).lock({}, timeout=0.1)):
                raise AssertionError('entered')
    assert 0.1 <= time.monotonic() - start < 5


async def test_a_renewal_that_fails_is_tried_again(any_db, job, monkeypatch):
    async with entered(Job.q(any_db).lock({})):
        with monkeypatch.context() as patch:
            refuse_updates(patch, any_db)
            await pause(any_db, LEASE / 2)
        await pause(any_db, LEASE)
        assert await settled(Job.q(any_db).try_lock({})) is None


async def test_a_lock_that_no_renewal_could_keep_says_why(any_db, job, monkeypatch):
    with pytest.raises(LockLostError) as caught:
        async with entered(Job.q(any_db).lock({})):
            with monkeypatch.context() as patch:
                refuse_updates(patch, any_db)
                await pause(any_db, LEASE / 2)
            await taken_over(job, any_db)
    assert "its last renewal failed: AutoReconnect('by the test')" in caught.value.__notes__


def refuse_updates(patch, db):
    """Have updates fail, as they do where the network does."""

    async def update_one(*args, **kwargs):
        raise AutoReconnect('by the test')

    kind = BlockingCollection if is_sync(db) else type(Job.coll(db))
    patch.setattr(kind, 'update_one', update_one)


async def test_a_cancelled_wait_leaves_no_lock(any_async_db):
    job = await Job.q(any_async_db).create()
    for moment in [0, 0.001, 0.002, 0.004, 0.008, 0.016]:
        waiting = asyncio.create_task(Job.q(any_async_db).lock_one({}))
        await asyncio.sleep(moment)
        waiting.cancel()
        if (await asyncio.gather(waiting, return_exceptions=True))[0] is None:
            continue
        if not waiting.cancelled():
            await Job.q(any_async_db).unlock(waiting.result())
        assert 'lock' not in await raw(job, any_async_db)


async def test_a_block_that_is_cancelled_again_and_again_frees_its_lock(any_async_db, monkeypatch):
    job = await Job.q(any_async_db).create()
    entered_it, call = asyncio.Event(), MotorQuerySet._call

    async def slow(*args, **kwargs):
        await asyncio.sleep(0.01)  # as where no connection is free
        return await call(*args, **kwargs)

    monkeypatch.setattr(MotorQuerySet, '_call', slow)

    async def work():
        async with Job.q(any_async_db).lock({}):
            entered_it.set()
            await asyncio.sleep(10)

    working = asyncio.create_task(work())
    await entered_it.wait()
    while not working.done():
        working.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await working
    assert 'lock' not in await raw(job, any_async_db)


async def test_an_override_of_lock_one_counts_in_the_block(any_db, job):
    class Counting(MotorQuerySet):
        async def lock_one(self, /, query, timeout=10, **kwargs):
            found = await super().lock_one(query, timeout, **kwargs)
            found.count = 99
            return found

    class Counted(Job):
        class Meta:
            collection = 'job'
            queryset = Counting
            sync_queryset = QuerySet

    async with entered(Counted.q(any_db).lock({})) as held:
        assert held.count == 99
