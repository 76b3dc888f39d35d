"""Work in a transaction, again where it fails for the moment only."""

import asyncio
import inspect
import time

import pytest
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from aiomongodel import (
    Document,
    IntField,
    SessionError,
    retries,
    run_in_transaction,
    session,
    sessions,
    transaction,
)
from tests.drivers import entered, settled
from tests.transactions.helpers import as_work, create, has_ended, is_sync, stored

TRANSIENT = 'TransientTransactionError'
UNKNOWN = 'UnknownTransactionCommitResult'


class Counter(Document):
    _id = IntField()
    value = IntField(default=0)


class Failure(Exception):
    pass


def labelled(label, kind=OperationFailure, **kwargs):
    error = kind('by the test', **kwargs)
    error._add_error_label(label)
    return error


async def run(db, work, *args, **kwargs):
    return await settled(run_in_transaction(db, as_work(db_of(db), work), *args, **kwargs))


def db_of(handle):
    return getattr(handle, 'db', handle) if not hasattr(handle, 'command') else handle


# One try is enough.


async def test_the_result_of_the_work_is_given_and_its_arguments_are_passed(any_db):
    await create(any_db, Counter)

    async def work(tx, *args):
        await settled(Counter(_id=1, value=args[0]).save(tx))
        return args

    assert await run(any_db, work, 5, 'x', None) == (5, 'x', None)
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 5}]


async def test_the_transaction_is_one_like_any_other(any_db):
    async def work(tx):
        assert type(tx) is type(transaction(any_db))
        assert tx.db is any_db
        assert tx.is_active
        return tx, tx.driver_session

    tx, driver_session = await run(any_db, work)
    assert tx.is_committed
    assert has_ended(driver_session)


async def test_options_go_to_the_wire(wire):
    await create(wire.db, Counter)

    async def work(tx):
        await settled(Counter(_id=1).save(tx))

    options = {'read_concern': ReadConcern('snapshot'), 'max_commit_time_ms': 1234}
    await run(wire.db, work, max_time=5, **options)
    assert wire.sent('update')['readConcern']['level'] == 'snapshot'
    assert wire.sent('commitTransaction')['maxTimeMS'] == 1234


@pytest.mark.parametrize('end', ['commit', 'abort', 'end'])
async def test_the_work_may_end_the_transaction_itself(wire, end):
    await create(wire.db, Counter)

    async def work(tx):
        await settled(Counter(_id=1).save(tx))
        await settled(getattr(tx, end)())
        return end

    assert await run(wire.db, work) == end
    assert len(await stored(Counter, wire.db)) == (end == 'commit')
    ends = [c for c in wire.commands if {'commitTransaction', 'abortTransaction'} & c.keys()]
    assert len(ends) == 1


@pytest.mark.parametrize(
    'error',
    [Failure(), labelled('RetryableWriteError'), labelled(UNKNOWN), AutoReconnect('x')],
    ids=['own', 'retryable write', 'unknown commit', 'without a label'],
)
async def test_an_error_that_does_not_pass_is_raised_after_one_try(any_db, error):
    await create(any_db, Counter)
    tries = []

    async def work(tx):
        tries.append(tx.driver_session)
        await settled(Counter(_id=1).save(tx))
        raise error

    with pytest.raises(type(error)) as caught:
        await run(any_db, work)
    assert caught.value is error
    assert [has_ended(each) for each in tries] == [True]
    assert await stored(Counter, any_db) == []


async def test_a_refused_write_is_raised_after_one_try(any_db):
    await settled(Counter(_id=1).save(any_db))
    tries = []

    async def work(tx):
        tries.append(1)
        await settled(Counter(_id=1).save(tx, do_insert=True))

    with pytest.raises(DuplicateKeyError):
        await run(any_db, work)
    assert tries == [1]


# Conflicts.


async def test_a_conflict_makes_it_try_again(any_db):
    await settled(Counter(_id=1).save(any_db))
    tries = []

    async def work(tx):
        tries.append(tx)
        counter = await settled(Counter.q(tx).get(1))
        if len(tries) == 1:  # another one, in between
            await settled(Counter.q(any_db).update_one({'_id': 1}, {'$inc': {'value': 10}}))
        counter.value += 1
        await settled(counter.save(tx))
        return counter.value

    assert await run(any_db, work) == 11
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 11}]
    assert [tx.is_committed for tx in tries] == [False, True]
    assert tries[0] is not tries[1]


async def test_a_conflict_with_an_open_transaction_passes_once_that_one_ends(any_db):
    await settled(Counter(_id=1).save(any_db))
    other = await settled(transaction(any_db).start())
    await settled(Counter.q(other).update_one({}, {'$inc': {'value': 10}}))
    tries = []

    async def work(tx):
        tries.append(1)
        if len(tries) == 3:
            await settled(other.commit())
        await settled(Counter.q(tx).update_one({}, {'$inc': {'value': 1}}))

    await run(any_db, work)
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 11}]
    # The third try has begun before the other's commit, and is refused where it has read by then.
    assert len(tries) in (3, 4)


async def test_what_a_failed_try_wrote_is_not_there(any_db):
    await create(any_db, Counter)
    tries = []

    async def work(tx):
        tries.append(1)
        assert await settled(Counter.q(tx).count_documents({})) == 0
        await settled(Counter(_id=len(tries)).save(tx))
        if len(tries) < 3:
            raise labelled(TRANSIENT)

    await run(any_db, work)
    assert [each['_id'] for each in await stored(Counter, any_db)] == [3]


async def test_the_session_is_the_same_for_each_try_and_ends_with_the_last(wire):
    await create(wire.db, Counter)
    tries = []

    async def work(tx):
        tries.append(tx.driver_session)
        await settled(Counter(_id=1).save(tx))
        if len(tries) < 3:
            raise labelled(TRANSIENT)

    await run(wire.db, work)
    assert tries[0] is tries[1] is tries[2]
    assert has_ended(tries[0])
    aborts = [command for command in wire.commands if 'abortTransaction' in command]
    assert len(aborts) == 2


async def test_a_commit_that_fails_for_the_moment_makes_it_try_again(any_db, monkeypatch):
    await create(any_db, Counter)
    tries = []
    failing(any_db, monkeypatch, [labelled(TRANSIENT)], done='abort_transaction')

    async def work(tx):
        tries.append(1)
        await settled(Counter(_id=len(tries)).save(tx))

    await run(any_db, work)
    assert [each['_id'] for each in await stored(Counter, any_db)] == [2]


async def test_a_failure_that_the_work_swallows_is_noticed_by_the_commit(any_db):
    await settled(Counter(_id=1).save(any_db))
    tries = []

    async def work(tx):
        tries.append(1)
        await settled(Counter(_id=2).save(tx))
        if len(tries) == 1:
            with pytest.raises(DuplicateKeyError):
                await settled(Counter(_id=1).save(tx, do_insert=True))

    await run(any_db, work)
    assert len(tries) == 2
    assert [each['_id'] for each in await stored(Counter, any_db)] == [1, 2]


# Pauses, and the time.


async def test_pauses_between_tries_grow(any_db, monkeypatch):
    pauses = []
    pause = retries.drivers.sleep

    async def noted(db, seconds):
        pauses.append(seconds)
        await pause(db, 0)

    monkeypatch.setattr(retries.drivers, 'sleep', noted)
    monkeypatch.setattr(retries.random, 'uniform', lambda least, most: most)
    tries = []

    async def work(tx):
        tries.append(1)
        if len(tries) < 20:
            raise labelled(TRANSIENT)

    await run(any_db, work)
    assert pauses[:3] == pytest.approx([0.005, 0.0075, 0.01125])
    assert pauses == sorted(pauses)
    assert pauses[-1] == 0.5
    assert len(pauses) == 19


async def test_pauses_are_drawn_at_random(any_db, monkeypatch):
    drawn = []

    def uniform(least, most):
        drawn.append((least, most))
        return 0

    monkeypatch.setattr(retries.random, 'uniform', uniform)
    tries = []

    async def work(tx):
        tries.append(1)
        if len(tries) < 3:
            raise labelled(TRANSIENT)

    await run(any_db, work)
    assert [least for least, _ in drawn] == [0] * len(drawn)
    assert len(drawn) >= 2


async def test_other_tasks_go_on_in_a_pause(any_async_db, monkeypatch):
    monkeypatch.setattr(retries.random, 'uniform', lambda least, most: 0.2)
    tries, ticks = [], []

    async def work(tx):
        tries.append(len(ticks))
        if len(tries) < 2:
            raise labelled(TRANSIENT)

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    await run(any_async_db, work)
    ticking.cancel()
    assert tries[1] - tries[0] >= 5


@pytest.mark.parametrize('max_time', [0, 0.3])
async def test_after_its_time_nothing_is_tried_again_and_the_last_error_is_raised(any_db, max_time):
    await create(any_db, Counter)
    errors, sessions_ = [], []

    async def work(tx):
        await settled(Counter(_id=1).save(tx))
        sessions_.append(tx.driver_session)
        errors.append(labelled(TRANSIENT))
        raise errors[-1]

    begun = time.monotonic()
    with pytest.raises(OperationFailure) as caught:
        await run(any_db, work, max_time=max_time)
    took = time.monotonic() - begun
    assert caught.value is errors[-1]
    assert (len(errors) == 1) is (max_time == 0)
    # It gives up early where the next pause would end too late, and is never far above its time.
    assert took < max_time + 0.5
    assert has_ended(sessions_[-1])
    assert await stored(Counter, any_db) == []


async def test_a_real_conflict_that_stays_is_raised_after_its_time(any_db):
    await settled(Counter(_id=1).save(any_db))
    tries = []

    async def work(tx):
        tries.append(1)
        await settled(Counter.q(tx).update_one({}, {'$inc': {'value': 1}}))

    async with entered(transaction(any_db)) as other:
        await settled(Counter.q(other).update_one({}, {'$inc': {'value': 10}}))
        begun = time.monotonic()
        with pytest.raises(OperationFailure) as caught:
            await run(any_db, work, max_time=0.5)
        assert time.monotonic() - begun < 2
    assert caught.value.has_error_label(TRANSIENT)
    assert len(tries) > 1
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 10}]


# Commits whose answer is lost.


def failing(db, monkeypatch, errors, done='commit_transaction'):
    """Have the commits of the driver's sessions fail by these errors, once something was done."""
    kind = session_class(db)
    commit, do = kind.commit_transaction, getattr(kind, done) if done else lambda session: None
    left = list(errors)
    calls = []

    def commit_transaction(self, *args, **kwargs):
        calls.append(time.monotonic())
        if not left:
            return commit(self, *args, **kwargs)
        error = left.pop(0)
        if is_sync(db):
            do(self)
            raise error
        return lost(self, error)

    async def lost(self, error):
        await settled(do(self))
        raise error

    monkeypatch.setattr(kind, 'commit_transaction', commit_transaction)
    return calls


def session_class(db):
    if is_sync(db):
        from pymongo.client_session import ClientSession

        return ClientSession
    if inspect.iscoroutinefunction(type(db.client).close):
        from pymongo.asynchronous.client_session import AsyncClientSession

        return AsyncClientSession
    from motor.motor_asyncio import AsyncIOMotorClientSession

    return AsyncIOMotorClientSession


async def test_a_commit_whose_answer_is_lost_is_asked_for_again(any_db, monkeypatch):
    await create(any_db, Counter)
    calls = failing(any_db, monkeypatch, [labelled(UNKNOWN, AutoReconnect)] * 2)
    tries = []

    async def work(tx):
        tries.append(tx)
        await settled(Counter(_id=1).save(tx))
        return 'done'

    assert await run(any_db, work) == 'done'
    assert (len(tries), len(calls)) == (1, 3)
    assert tries[0].is_committed
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 0}]


async def test_a_commit_that_was_lost_on_its_way_is_done_by_the_next(any_db, monkeypatch):
    await create(any_db, Counter)
    failing(any_db, monkeypatch, [labelled(UNKNOWN, AutoReconnect)], done=None)

    async def work(tx):
        await settled(Counter(_id=1).save(tx))

    await run(any_db, work)
    assert await stored(Counter, any_db) == [{'_id': 1, 'value': 0}]


async def test_a_commit_that_is_asked_for_again_is_told_to_the_majority(wire, monkeypatch):
    await create(wire.db, Counter)
    failing(wire.db, monkeypatch, [labelled(UNKNOWN, AutoReconnect)])

    async def work(tx):
        await settled(Counter(_id=1).save(tx))

    await run(wire.db, work)
    commits = [command for command in wire.commands if 'commitTransaction' in command]
    assert len(commits) == 2
    assert commits[0]['txnNumber'] == commits[1]['txnNumber']
    assert commits[1]['writeConcern']['w'] == 'majority'


@pytest.mark.parametrize('max_time', [0, 0.3])
async def test_after_its_time_no_commit_is_asked_for_again(any_db, monkeypatch, max_time):
    await create(any_db, Counter)
    calls = failing(any_db, monkeypatch, [labelled(UNKNOWN, AutoReconnect)] * 1000)
    tries = []

    async def work(tx):
        tries.append(tx.driver_session)
        await settled(Counter(_id=1).save(tx))

    begun = time.monotonic()
    with pytest.raises(AutoReconnect) as caught:
        await run(any_db, work, max_time=max_time)
    assert time.monotonic() - begun < max_time + 0.5
    assert caught.value.has_error_label(UNKNOWN)
    assert len(tries) == 1
    assert (len(calls) == 1) is (max_time == 0)
    assert has_ended(tries[0])


async def test_a_commit_that_took_longer_than_its_limit_is_not_asked_for_again(any_db, monkeypatch):
    await create(any_db, Counter)
    error = labelled(UNKNOWN, OperationFailure, code=50)
    calls = failing(any_db, monkeypatch, [error] * 10)

    async def work(tx):
        await settled(Counter(_id=1).save(tx))

    with pytest.raises(OperationFailure) as caught:
        await run(any_db, work)
    assert caught.value is error
    assert len(calls) == 1


async def test_a_commit_that_waits_too_long_for_the_members_is_asked_for_again(any_db, monkeypatch):
    await create(any_db, Counter)
    calls = failing(any_db, monkeypatch, [labelled(UNKNOWN, WTimeoutError, code=64)])

    async def work(tx):
        await settled(Counter(_id=1).save(tx))

    await run(any_db, work)
    assert len(calls) == 2


async def test_a_commit_that_fails_for_good_is_not_asked_for_again(any_db, monkeypatch):
    await create(any_db, Counter)
    error = OperationFailure('refused', 13)
    calls = failing(any_db, monkeypatch, [error] * 10, done=None)
    tries = []

    async def work(tx):
        tries.append(tx)
        await settled(Counter(_id=1).save(tx))

    with pytest.raises(OperationFailure) as caught:
        await run(any_db, work)
    assert caught.value is error
    assert (len(calls), len(tries)) == (1, 1)
    assert any('commit' in note for note in error.__notes__)
    assert not tries[0].is_committed


async def test_a_lost_commit_can_be_asked_for_again_by_hand(any_db, monkeypatch):
    await create(any_db, Counter)
    called = []
    async with entered(session(any_db)) as s:
        tx = await settled(s.transaction().start())
        tx.on_commit(lambda: called.append(1))
        await settled(Counter(_id=1).save(tx))
        failing(any_db, monkeypatch, [labelled(UNKNOWN, AutoReconnect)])
        with pytest.raises(AutoReconnect):
            await settled(tx.commit())
        assert (called, tx.is_committed) == ([], False)
        await settled(tx.commit())
        assert (called, tx.is_committed) == ([1], True)


# A session of ours in the database's place.


async def test_a_session_stands_in_the_databases_place(any_db):
    await create(any_db, Counter)

    async def work(tx):
        await settled(Counter(_id=1).save(tx))
        return tx.driver_session

    async with entered(session(any_db)) as s:
        for _ in range(2):
            assert await run(s, work) is s.driver_session
            assert not has_ended(s.driver_session)
            assert not s.in_transaction
    assert len(await stored(Counter, any_db)) == 1


async def test_a_session_stays_open_where_the_work_fails(any_db):
    async def work(tx):
        raise Failure

    async with entered(session(any_db)) as s:
        with pytest.raises(Failure):
            await run(s, work)
        assert not has_ended(s.driver_session)
        assert not s.in_transaction


async def test_a_session_that_was_not_started_is_refused(any_db):
    async def work(tx):
        pytest.fail('it must not run')

    with pytest.raises(SessionError, match='has not been started'):
        await run(session(any_db), work)


# What is no work.


@pytest.mark.parametrize('work', [None, 5, 'work'])
async def test_what_cannot_be_called_is_refused(any_db, work):
    with pytest.raises(TypeError, match='the work of run_in_transaction must be a'):
        await settled(run_in_transaction(any_db, work))


async def test_a_coroutine_is_refused(any_db):
    async def work(tx):
        pytest.fail('it must not run')

    given = work(None)
    with pytest.raises(TypeError, match='the work of run_in_transaction must be a'):
        await settled(run_in_transaction(any_db, given))
    given.close()


@pytest.mark.parametrize('database', ['db', 'sync_db'])
def test_work_that_would_not_run_is_refused(database, request):
    db = request.getfixturevalue(database)

    def generator(tx):
        yield Counter(_id=1).save(tx)

    async def async_generator(tx):
        yield Counter(_id=1).save(tx)

    async def coroutine(tx):
        pytest.fail('it must not run')

    works = [generator, async_generator, *([coroutine] if is_sync(db) else [])]
    for work in works:
        with pytest.raises(TypeError, match='the work of run_in_transaction must be a'):
            run_in_transaction(db, work)


@pytest.mark.parametrize('max_time', [-1, float('nan'), float('inf'), None, '1'])
async def test_a_time_that_is_no_number_of_seconds_is_refused(any_db, max_time):
    with pytest.raises(ValueError, match='max_time must be a number of seconds from 0 up'):
        await settled(run_in_transaction(any_db, lambda tx: None, max_time=max_time))


async def test_work_that_waits_for_a_loop_is_refused_beside_the_sync_client(sync_db):
    async def wait():
        await asyncio.sleep(0.001)

    def work(tx):
        Counter(_id=1).save(tx)
        return wait()

    await create(sync_db, Counter)
    with pytest.raises(RuntimeError, match='waits for an event loop'):
        run_in_transaction(sync_db, work)
    assert Counter.q(sync_db).count_documents({}) == 0


async def test_documents_in_lists_of_arguments_are_put_back_before_the_next_try(any_db):
    await create(any_db, Counter)
    counters = [Counter(_id=1, value=0), Counter(_id=2, value=0)]
    tries = []

    async def work(tx, counters, by_name):
        tries.append([each.value for each in counters])
        for each in [*counters, *by_name.values()]:
            each.value += 5
            await settled(each.save(tx))
        if len(tries) == 1:
            raise labelled(TRANSIENT)

    third = Counter(_id=3, value=0)
    await settled(run_in_transaction(any_db, as_work(any_db, work), counters, {'third': third}))
    assert tries == [[0, 0], [0, 0]]
    assert [each.value for each in [*counters, third]] == [5, 5, 5]


async def test_a_plain_function_serves_an_async_database_where_it_gives_an_awaitable(any_db):
    await create(any_db, Counter)

    await settled(run_in_transaction(any_db, lambda tx: Counter(_id=1).save(tx)))
    assert len(await stored(Counter, any_db)) == 1


def test_the_labels_are_those_of_the_driver():
    assert sessions.TRANSIENT == TRANSIENT
    assert sessions.COMMIT_UNKNOWN == UNKNOWN
    assert labelled(TRANSIENT, PyMongoError).has_error_label(TRANSIENT)
