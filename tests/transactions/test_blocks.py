"""A transaction from its start to its end: by its block, or by its methods."""

import pytest
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import DuplicateKeyError, InvalidOperation, OperationFailure
from pymongo.read_concern import ReadConcern

from aiomongodel import (
    AsyncTransaction,
    Document,
    IntField,
    SessionError,
    StrField,
    Transaction,
    transaction,
)
from tests.drivers import entered, settled
from tests.transactions.helpers import create, has_ended, is_sync, stored


class User(Document):
    _id = IntField()
    name = StrField(required=False)


class Note(Document):
    _id = IntField()


class Failure(Exception):
    pass


def names(commands):
    return [next(iter(command)) for command in commands]


# The block.


async def test_what_a_block_writes_is_there_after_it_and_not_before(any_db):
    await create(any_db, User, Note)

    async with entered(transaction(any_db)) as tx:
        await settled(User(_id=1).save(tx))
        await settled(Note(_id=2).save(tx))
        assert await stored(User, any_db) == []
    assert await stored(User, any_db) == [{'_id': 1}]
    assert await stored(Note, any_db) == [{'_id': 2}]


@pytest.mark.parametrize('error', [Failure, KeyboardInterrupt, SystemExit])
async def test_an_exception_that_leaves_the_block_aborts_it_and_is_passed_on(any_db, error):
    await create(any_db, User)
    raised = error()

    with pytest.raises(error) as caught:
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=1).save(tx))
            raise raised
    assert caught.value is raised
    assert await stored(User, any_db) == []
    assert (tx.is_active, tx.is_committed) == (False, False)


async def test_an_error_of_the_server_aborts_the_block(any_db):
    await settled(User(_id=1).save(any_db))

    with pytest.raises(DuplicateKeyError):
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=2).save(tx))
            await settled(User(_id=1).save(tx, do_insert=True))
    assert await stored(User, any_db) == [{'_id': 1}]


async def test_a_transaction_that_was_refused_a_write_is_not_committed_as_if_it_were(any_db):
    await settled(User(_id=1).save(any_db))

    with pytest.raises(OperationFailure) as caught:
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=2).save(tx))
            with pytest.raises(DuplicateKeyError):
                await settled(User(_id=1).save(tx, do_insert=True))
    assert caught.value.has_error_label('TransientTransactionError')
    assert not tx.is_committed
    assert await stored(User, any_db) == [{'_id': 1}]


async def test_an_aborted_block_holds_no_lock(any_db):
    await settled(User(_id=1, name='old').save(any_db))

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=1, name='lost').save(tx))
            raise Failure
    async with entered(transaction(any_db)) as tx:
        await settled(User(_id=1, name='new').save(tx))
    assert await stored(User, any_db) == [{'_id': 1, 'name': 'new'}]


async def test_a_block_that_does_nothing_commits_and_sends_nothing(wire):
    async with entered(transaction(wire.db)) as tx:
        assert tx.is_active
    assert tx.is_committed
    assert not {'commitTransaction', 'abortTransaction'} & set(names(wire.commands))


# The session that it makes ends with it.


async def ended_by_its_block(tx):
    async with entered(tx):
        session = tx.driver_session
        assert not has_ended(session)
    return session


async def ended_by_an_exception(tx):
    with pytest.raises(Failure):
        async with entered(tx):
            session = tx.driver_session
            raise Failure
    return session


async def ended_by_commit(tx):
    await settled(tx.start())
    session = tx.driver_session
    await settled(tx.commit())
    return session


async def ended_by_abort(tx):
    await settled(tx.start())
    session = tx.driver_session
    await settled(tx.abort())
    return session


async def ended_by_end(tx):
    await settled(tx.start())
    session = tx.driver_session
    await settled(tx.end())
    return session


@pytest.mark.parametrize(
    'end',
    [ended_by_its_block, ended_by_an_exception, ended_by_commit, ended_by_abort, ended_by_end],
)
async def test_the_session_that_a_transaction_makes_ends_with_it(any_db, end):
    assert has_ended(await end(transaction(any_db)))


async def test_the_session_ends_where_the_driver_refuses_the_options(any_db, monkeypatch):
    sessions = []
    start = type(any_db.client).start_session

    async def remembered(given):
        sessions.append(await given)
        return sessions[-1]

    def start_session(client, *args, **kwargs):
        given = start(client, *args, **kwargs)
        if hasattr(given, '__await__'):
            return remembered(given)
        sessions.append(given)
        return given

    monkeypatch.setattr(type(any_db.client), 'start_session', start_session)
    with pytest.raises(TypeError, match='read_concern'):
        await settled(transaction(any_db, read_concern='majority').start())
    assert [has_ended(session) for session in sessions] == [True]


# Ended early, inside of its block.


async def test_commit_inside_of_a_block_ends_it_and_the_end_of_the_block_does_nothing(wire):
    await create(wire.db, User)

    async with entered(transaction(wire.db)) as tx:
        await settled(User(_id=1).save(tx))
        await settled(tx.commit())
        assert (tx.is_active, tx.is_committed) == (False, True)
        assert await stored(User, wire.db) == [{'_id': 1}]
    assert names(wire.commands).count('commitTransaction') == 1
    assert 'abortTransaction' not in names(wire.commands)


async def test_abort_inside_of_a_block_ends_it_and_the_end_of_the_block_does_nothing(wire):
    await create(wire.db, User)

    async with entered(transaction(wire.db)) as tx:
        await settled(User(_id=1).save(tx))
        await settled(tx.abort())
        assert (tx.is_active, tx.is_committed) == (False, False)
    assert names(wire.commands).count('abortTransaction') == 1
    assert 'commitTransaction' not in names(wire.commands)
    assert await stored(User, wire.db) == []


async def test_an_exception_after_commit_leaves_what_was_committed(any_db):
    await create(any_db, User)

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            await settled(User(_id=1).save(tx))
            await settled(tx.commit())
            raise Failure
    assert tx.is_committed
    assert await stored(User, any_db) == [{'_id': 1}]


# By its methods.


async def test_without_a_block_a_transaction_is_started_and_committed(any_db):
    await create(any_db, User)

    tx = await settled(transaction(any_db).start())
    await settled(User(_id=1).save(tx))
    assert await stored(User, any_db) == []
    assert await settled(tx.commit()) is None
    assert await stored(User, any_db) == [{'_id': 1}]


@pytest.mark.parametrize('end', ['abort', 'end'])
async def test_without_a_block_a_transaction_is_started_and_aborted(any_db, end):
    await create(any_db, User)

    tx = await settled(transaction(any_db).start())
    await settled(User(_id=1).save(tx))
    await settled(getattr(tx, end)())
    assert await stored(User, any_db) == []


async def test_start_gives_the_transaction(any_db):
    tx = transaction(any_db)

    assert await settled(tx.start()) is tx
    assert tx.is_active
    await settled(tx.end())


@pytest.mark.parametrize('first', ['commit', 'abort', 'end'])
async def test_end_does_nothing_after_the_end(any_db, first):
    tx = await settled(transaction(any_db).start())
    await settled(getattr(tx, first)())

    await settled(tx.end())
    await settled(tx.end())
    assert tx.is_committed is (first == 'commit')


async def test_end_before_the_start_does_nothing(any_db):
    await settled(transaction(any_db).end())


async def test_a_transaction_is_of_the_databases_kind(any_db):
    assert type(transaction(any_db)) is (Transaction if is_sync(any_db) else AsyncTransaction)
    assert transaction(any_db).db is any_db


async def test_the_drivers_session_is_to_be_had(any_db):
    async with entered(transaction(any_db)) as tx:
        assert tx.driver_session.client is any_db.client
        assert tx.driver_session.in_transaction
        await settled(User.coll(any_db).insert_one({'_id': 1}, session=tx.driver_session))
        assert await stored(User, any_db) == []
    assert await stored(User, any_db) == [{'_id': 1}]


async def test_a_transaction_says_how_it_stands(any_db):
    tx = transaction(any_db)
    said = [repr(tx)]
    await settled(tx.start())
    said.append(repr(tx))
    await settled(tx.commit())
    said.append(repr(tx))

    assert all(any_db.name in each for each in said)
    assert ['not started' in each for each in said] == [True, False, False]
    assert 'active' in said[1]
    assert 'committed' in said[2]


# The driver's options.


async def test_options_go_to_the_wire(wire):
    await create(wire.db, User)
    options = {
        'read_concern': ReadConcern('snapshot'),
        'write_concern': WriteConcern(w='majority', wtimeout=4321),
        'max_commit_time_ms': 5432,
    }

    async with entered(transaction(wire.db, **options)) as tx:
        await settled(User(_id=1).save(tx))
    assert wire.sent('update')['readConcern']['level'] == 'snapshot'
    commit = wire.sent('commitTransaction')
    assert commit['writeConcern'] == {'w': 'majority', 'wtimeout': 4321}
    assert commit['maxTimeMS'] == 5432


async def test_the_read_preference_goes_to_the_driver(any_db):
    await create(any_db, User)

    # The drivers refuse to read from another member than the primary, so that one sees it there.
    async with entered(transaction(any_db, read_preference=ReadPreference.NEAREST)) as tx:
        with pytest.raises(InvalidOperation, match='must be primary, not: Nearest'):
            await settled(User.q(tx).find({}).to_list(None))
        await settled(tx.abort())


async def test_the_same_commands_are_sent_without_options(wire):
    await create(wire.db, User)

    async with entered(transaction(wire.db)) as tx:
        await settled(User(_id=1).save(tx))
        await settled(User.q(tx).count_documents({}))
    update, count = wire.sent('update'), wire.sent('aggregate')
    assert (update['startTransaction'], update['autocommit']) == (True, False)
    assert 'startTransaction' not in count
    assert update['txnNumber'] == count['txnNumber'] == wire.sent('commitTransaction')['txnNumber']
    assert 'maxTimeMS' not in wire.sent('commitTransaction')


async def test_unknown_options_are_refused(any_db):
    with pytest.raises(TypeError, match='colour'):
        await settled(transaction(any_db, colour='red').start())


async def test_a_transaction_of_a_database_in_transaction_is_none_of_another_one(any_db):
    await create(any_db, User)

    async with entered(transaction(any_db)) as one:
        await settled(User(_id=1).save(one))
        async with entered(transaction(any_db)) as two:
            await settled(User(_id=2).save(two))
        assert await stored(User, any_db) == [{'_id': 2}]
    assert len(await stored(User, any_db)) == 2


async def test_a_transaction_is_used_once(any_db):
    tx = transaction(any_db)
    async with entered(tx):
        pass

    with pytest.raises(SessionError, match='make another one'):
        async with entered(tx):
            pytest.fail('it is over')
