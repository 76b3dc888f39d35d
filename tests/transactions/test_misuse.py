"""Sessions and transactions that are not used as they can be."""

import pytest
from pymongo.errors import InvalidOperation

from aiomongodel import Document, IntField, SessionError, run_in_transaction, session, transaction
from tests.drivers import DRIVERS, each, entered, settled
from tests.transactions.helpers import as_work, create, stored


class User(Document):
    _id = IntField()


async def refused(call, *words):
    """Check that a call is refused by an error of ours that says these words."""
    with pytest.raises(SessionError) as caught:
        await settled(call())
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, InvalidOperation)  # the driver's error of the same meaning
    for word in words:
        assert word in str(caught.value), f'{word!r} is not in {caught.value!s}'


# Every way to use a session or a transaction in a call.
USES = {
    'in place of the database': lambda db, handle: User.q(handle),
    'as session': lambda db, handle: User.q(db, session=handle),
    'of a call': lambda db, handle: User.q(db).count_documents({}, session=handle),
    'of find': lambda db, handle: User.q(db).find({}, session=handle),
    'save': lambda db, handle: User(_id=1).save(handle),
    'save as session': lambda db, handle: User(_id=1).save(db, session=handle),
    'reload': lambda db, handle: User(_id=1).reload(handle),
    'update': lambda db, handle: User(_id=1).update(handle, {'$set': {'a': 1}}),
    'delete': lambda db, handle: User(_id=1).delete(handle),
    'create_collection': lambda db, handle: User.create_collection(handle),
    'coll': lambda db, handle: User.coll(handle),
    'driver_session': lambda db, handle: handle.driver_session,
}
uses = pytest.mark.parametrize('use', USES.values(), ids=list(USES))


# Before the start, and after the end.


@uses
async def test_a_transaction_is_not_used_before_its_start(any_db, use):
    tx = transaction(any_db)

    await refused(lambda: use(any_db, tx), any_db.name, 'not started', 'call start()')


@uses
@pytest.mark.parametrize('end', ['commit', 'abort', 'end'])
async def test_a_transaction_is_not_used_after_its_end(any_db, use, end):
    tx = await settled(transaction(any_db).start())
    await settled(getattr(tx, end)())

    state = 'committed' if end == 'commit' else 'aborted'
    await refused(lambda: use(any_db, tx), any_db.name, state, 'make another one')


@uses
async def test_a_session_is_not_used_before_its_start(any_db, use):
    await refused(lambda: use(any_db, session(any_db)), any_db.name, 'not been started', 'start()')


@uses
async def test_a_session_is_not_used_after_its_end(any_db, use):
    async with entered(session(any_db)) as s:
        pass

    await refused(lambda: use(any_db, s), any_db.name, 'has ended', 'start another one')


CALLS = {
    'count_documents': lambda q: q.count_documents({}),
    'find': lambda q: q.find({}).to_list(None),
    'get': lambda q: q.get(1),
    'create': lambda q: q.create(_id=5),
    'insert_many': lambda q: q.insert_many([{'_id': 5}]),
    'update_many': lambda q: q.update_many({}, {'$set': {'a': 1}}),
    'delete_many': lambda q: q.delete_many({}),
    'aggregate': lambda q: q.aggregate([]).to_list(None),
    'save': lambda q: q.save(User(_id=5)),
    'clone': lambda q: q.clone().count_documents({}),
}


@pytest.mark.parametrize('call', CALLS.values(), ids=list(CALLS))
@pytest.mark.parametrize('end', ['commit', 'abort'])
async def test_a_query_set_of_a_transaction_is_not_used_after_its_end(any_db, end, call):
    await settled(User(_id=1).save(any_db))

    async with entered(transaction(any_db)) as tx:
        q = User.q(tx)
        await settled(q.count_documents({}))
        await settled(getattr(tx, end)())
        await refused(lambda: call(q), 'make another one')
    await refused(lambda: call(q), 'make another one')
    assert await stored(User, any_db) == [{'_id': 1}]


@pytest.mark.parametrize('call', CALLS.values(), ids=list(CALLS))
async def test_a_query_set_of_a_transaction_in_a_session_is_not_used_after_its_end(any_db, call):
    await settled(User(_id=1).save(any_db))

    async with entered(session(any_db)) as s:
        async with entered(s.transaction()) as tx:
            q = User.q(tx)
        # In the session it would work, and be outside of the transaction.
        await refused(lambda: call(q), 'make another one')
        async with entered(s.transaction()):
            await refused(lambda: call(q), 'make another one')
    assert await stored(User, any_db) == [{'_id': 1}]


@pytest.mark.parametrize('call', CALLS.values(), ids=list(CALLS))
async def test_a_query_set_of_a_session_is_not_used_after_its_end(any_db, call):
    async with entered(session(any_db)) as s:
        q = User.q(s)
        await settled(q.count_documents({}))

    await refused(lambda: call(q), 'has ended', 'start another one')


async def test_a_cursor_of_a_transaction_is_not_read_after_its_end(any_db):
    await settled(User.q(any_db).insert_many([{'_id': number} for number in range(5)]))

    async with entered(transaction(any_db)) as tx:
        cursor = User.q(tx).find({}).batch_size(2)
        assert (await settled(cursor.next()))._id == 0
    with pytest.raises(InvalidOperation):
        await settled(cursor.to_list(None))


# Started and ended in their order.


async def test_a_transaction_is_not_started_twice(any_db):
    tx = await settled(transaction(any_db).start())

    await refused(tx.start, any_db.name, 'started already', 'make another one')
    assert tx.is_active
    await settled(tx.end())


async def test_a_session_is_not_started_twice(any_db):
    async with entered(session(any_db)) as s:
        await refused(s.start, any_db.name, 'started already')
    await refused(s.start, any_db.name, 'started already')


@pytest.mark.parametrize('second', ['commit', 'abort'])
@pytest.mark.parametrize('first', ['commit', 'abort', 'end'])
async def test_a_transaction_is_not_ended_twice(any_db, first, second):
    await create(any_db, User)
    tx = await settled(transaction(any_db).start())
    await settled(User(_id=1).save(tx))
    await settled(getattr(tx, first)())

    state = 'committed' if first == 'commit' else 'aborted'
    await refused(getattr(tx, second), any_db.name, state, 'make another one')
    assert len(await stored(User, any_db)) == (first == 'commit')
    assert tx.is_committed is (first == 'commit')


@pytest.mark.parametrize('end', ['commit', 'abort'])
async def test_a_transaction_is_not_ended_before_its_start(any_db, end):
    await refused(getattr(transaction(any_db), end), any_db.name, 'not started', 'call start()')


@pytest.mark.parametrize('state', ['not started', 'ended'])
async def test_no_transaction_starts_in_a_session_that_is_not_open(any_db, state):
    s = session(any_db)
    if state == 'ended':
        await settled(s.start())
        await settled(s.end())

    await refused(s.transaction().start, any_db.name, state.removeprefix('not '))


# One in another.


async def nothing(tx):
    pytest.fail('it must not run')


INNER = {
    'transaction': lambda handle, work: transaction(handle).start(),
    'run_in_transaction': lambda handle, work: run_in_transaction(handle, work),
}


@pytest.mark.parametrize('inner', INNER.values(), ids=list(INNER))
async def test_there_is_no_transaction_in_a_transaction(any_db, inner):
    await create(any_db, User)

    async with entered(transaction(any_db)) as tx:
        await settled(User(_id=1).save(tx))
        await refused(
            lambda: inner(tx, as_work(any_db, nothing)), any_db.name, 'transaction already'
        )
        assert tx.is_active
    assert await stored(User, any_db) == [{'_id': 1}]


@pytest.mark.parametrize(
    'inner',
    [*INNER.values(), lambda handle, work: handle.transaction().start()],
    ids=[*INNER, 'method'],
)
async def test_there_is_no_second_transaction_in_a_session(any_db, inner):
    await create(any_db, User)

    async with entered(session(any_db)) as s, entered(s.transaction()) as tx:
        await settled(User(_id=1).save(tx))
        await refused(
            lambda: inner(s, as_work(any_db, nothing)),
            any_db.name,
            'in a transaction already',
            'end that one first',
        )
        assert tx.is_active
        assert s.in_transaction
    assert await stored(User, any_db) == [{'_id': 1}]


async def test_there_is_no_session_in_a_session(any_db):
    async with entered(session(any_db)) as s:
        await refused(lambda: session(s), 'session already')
    async with entered(transaction(any_db)) as tx:
        await refused(lambda: session(tx), any_db.name)


async def test_an_old_transaction_does_not_end_the_one_that_goes_on(any_db, monkeypatch):
    await create(any_db, User)

    async with entered(session(any_db)) as s:
        old = await settled(s.transaction().start())
        await settled(old.commit())
        async with entered(s.transaction()) as tx:
            await settled(User(_id=1).save(tx))
            await refused(old.commit)
            await refused(old.abort)
            await settled(old.end())
            assert tx.is_active
            await settled(tx.abort())
    assert await stored(User, any_db) == []


# Of another client or another kind.


@pytest.fixture
async def others(any_db, clients, mongodb_uri):
    """Databases of the other drivers, and of another client of the same."""
    databases = [client[any_db.name] for client in clients.values() if client is not any_db.client]
    (driver,) = [name for name, client in clients.items() if client is any_db.client]
    own = DRIVERS[driver](mongodb_uri)
    yield [*databases, own[any_db.name]]
    await settled(own.close())


as_session = pytest.mark.parametrize(
    'name', ['as session', 'of a call', 'of find', 'save as session']
)


@as_session
@pytest.mark.parametrize('make', [session, transaction])
async def test_a_session_of_another_client_is_refused(any_db, others, make, name):
    for other in others:
        async with entered(make(other)) as handle:
            await refused(lambda: USES[name](any_db, handle), any_db.name, 'client')
    assert await stored(User, any_db) == []


@as_session
async def test_the_drivers_session_of_another_client_is_refused(any_db, others, name):
    for other in others:
        async with entered(session(other)) as s:
            given = s.driver_session
            await refused(lambda: USES[name](any_db, given), any_db.name, 'client')  # noqa: B023
    assert await stored(User, any_db) == []


async def test_what_is_no_session_is_refused(any_db):
    await refused(lambda: User.q(any_db, session='s'), any_db.name, "'s'", 'is no session')
    await refused(lambda: User.q(any_db, session=any_db), any_db.name, 'is no session')


async def test_two_sessions_for_one_call_are_refused(any_db):
    async with entered(transaction(any_db)) as tx, entered(session(any_db)) as s:
        for handle, other in ((tx, s), (s, tx), (tx, s.driver_session)):
            await refused(lambda: User.q(handle, session=other), 'two sessions')  # noqa: B023
            await refused(lambda: User(_id=1).save(handle, session=other), 'two sessions')  # noqa: B023


@pytest.mark.parametrize('make', [session, transaction])
async def test_what_is_no_database_is_refused(any_db, make):
    for wrong in (None, 'db', any_db.client, User.coll(any_db)):
        with pytest.raises(TypeError, match=f'{make.__name__} takes a database'):
            make(wrong)


async def test_work_is_not_done_in_what_is_no_database(any_db):
    with pytest.raises(TypeError, match='run_in_transaction takes a database'):
        await settled(run_in_transaction(any_db.client, nothing))


# Of the wrong kind of block.


async def test_an_async_block_is_not_to_be_had_beside_the_sync_client(sync_db):
    for handle in (transaction(sync_db), session(sync_db)):
        with pytest.raises(TypeError, match='asynchronous context manager'):
            async with handle:
                pytest.fail('it is synchronous')


async def test_a_plain_block_is_not_to_be_had_where_calls_are_awaited(any_async_db):
    for handle in (transaction(any_async_db), session(any_async_db)):
        with pytest.raises(TypeError, match='context manager'), handle:
            pytest.fail('it is asynchronous')


async def test_a_cursor_that_was_not_run_before_the_end_is_not_read_after_it(any_db):
    await settled(User(_id=1).save(any_db))

    async with entered(session(any_db)) as s:
        async with entered(s.transaction()) as tx:
            cursor = User.q(tx).find({})
        with pytest.raises(InvalidOperation):
            [user async for user in each(cursor)]
