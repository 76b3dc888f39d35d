"""A session: causal consistency, and transactions that leave it open."""

import pytest
from bson import Timestamp
from pymongo import ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import TransactionOptions as AsyncTransactionOptions
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.client_session import TransactionOptions
from pymongo.read_concern import ReadConcern

from aiomongodel import AsyncSession, Document, IntField, Session, StrField, session
from tests.drivers import entered, settled
from tests.transactions.helpers import create, has_ended, is_sync, stored


class User(Document):
    _id = IntField()
    name = StrField(required=False)


class Failure(Exception):
    pass


def transaction_options(db, **options):
    """Give the driver's own; older versions of PyMongo have a class for each kind of client."""
    is_async = isinstance(db, AsyncDatabase)
    kind = AsyncTransactionOptions if is_async else TransactionOptions
    return kind(**options)


async def test_a_session_is_of_the_databases_kind(any_db):
    assert type(session(any_db)) is (Session if is_sync(any_db) else AsyncSession)
    assert session(any_db).db is any_db


async def test_a_session_ends_with_its_block(any_db):
    async with entered(session(any_db)) as s:
        driver_session = s.driver_session
        assert driver_session.client is any_db.client
        assert not has_ended(driver_session)
    assert has_ended(driver_session)


async def test_a_session_ends_with_an_exception_which_is_passed_on(any_db):
    with pytest.raises(Failure):
        async with entered(session(any_db)) as s:
            driver_session = s.driver_session
            raise Failure
    assert has_ended(driver_session)


async def test_without_a_block_a_session_is_started_and_ended(any_db):
    s = session(any_db)
    assert await settled(s.start()) is s
    driver_session = s.driver_session
    await settled(User(_id=1).save(s))
    await settled(s.end())
    assert has_ended(driver_session)
    await settled(s.end())  # does nothing


async def test_the_end_of_a_session_that_was_not_started_does_nothing(any_db):
    await settled(session(any_db).end())


async def test_calls_of_a_session_are_the_same_session_on_the_wire(wire):
    async with entered(session(wire.db)) as s:
        await settled(User(_id=1).save(s))
        await settled(User.q(s).find({}).to_list(None))
        lsid = s.driver_session.session_id
        assert wire.sent('update')['lsid'] == wire.sent('find')['lsid'] == lsid
        assert 'autocommit' not in wire.sent('update')


@pytest.mark.parametrize(
    ('options', 'expected'),
    [({}, True), ({'causal_consistency': True}, True), ({'causal_consistency': False}, False)],
)
async def test_a_session_is_causally_consistent(any_db, options, expected):
    async with entered(session(any_db, **options)) as s:
        assert s.driver_session.options.causal_consistency is expected


async def test_a_read_of_a_session_comes_after_its_last_operation(wire):
    async with entered(session(wire.db)) as s:
        await settled(User(_id=1).save(s))
        # As the answer of a member of a larger replica set would say.
        time = Timestamp(1234, 1)
        s.driver_session.advance_operation_time(time)
        await settled(User.q(s).find({}).to_list(None))
    assert wire.sent('find')['readConcern']['afterClusterTime'] == time


async def test_the_other_options_go_to_the_driver(any_db):
    async with entered(session(any_db, snapshot=True)) as s:
        assert s.driver_session.options.snapshot is True
    defaults = transaction_options(any_db, read_preference=ReadPreference.PRIMARY)
    async with entered(session(any_db, default_transaction_options=defaults)) as s:
        assert s.driver_session.options.default_transaction_options is defaults


async def test_unknown_options_are_refused(any_db):
    with pytest.raises(TypeError, match='colour'):
        await settled(session(any_db, colour='red').start())


# Transactions in a session.


async def test_a_transaction_in_a_session_leaves_it_open(any_db):
    await create(any_db, User)

    async with entered(session(any_db)) as s:
        for number in (1, 2):
            async with entered(s.transaction()) as tx:
                assert tx.driver_session is s.driver_session
                assert s.in_transaction
                await settled(User(_id=number).save(tx))
                assert len(await stored(User, any_db)) == number - 1
            assert not s.in_transaction
            assert not has_ended(s.driver_session)
        with pytest.raises(Failure):
            async with entered(s.transaction()) as tx:
                await settled(User(_id=3).save(tx))
                raise Failure
        assert not has_ended(s.driver_session)
        assert await settled(User.q(s).count_documents({})) == 2


async def test_the_transactions_of_a_session_have_numbers_of_their_own(wire):
    await create(wire.db, User)

    async with entered(session(wire.db)) as s:
        seen = []
        for number in (1, 2):
            async with entered(s.transaction()) as tx:
                await settled(User(_id=number).save(tx))
            seen.append(wire.sent('commitTransaction'))
    assert seen[0]['lsid'] == seen[1]['lsid']
    assert seen[0]['txnNumber'] < seen[1]['txnNumber']


async def test_calls_of_the_session_itself_are_in_its_transaction(any_db):
    await create(any_db, User)

    async with entered(session(any_db)) as s:
        async with entered(s.transaction()) as tx:
            await settled(User(_id=1).save(s))
            assert await stored(User, any_db) == []
            await settled(tx.abort())
        await settled(User(_id=2).save(s))
    assert [each['_id'] for each in await stored(User, any_db)] == [2]


async def test_the_end_of_a_session_aborts_its_transaction(wire):
    await create(wire.db, User)

    s = await settled(session(wire.db).start())
    tx = await settled(s.transaction().start())
    user = User(_id=1)
    await settled(user.save(tx))
    await settled(s.end())
    assert (tx.is_active, tx.is_committed) == (False, False)
    assert wire.sent('abortTransaction')
    assert await stored(User, wire.db) == []


async def test_options_of_a_transaction_in_a_session_go_to_the_wire(wire):
    await create(wire.db, User)

    async with entered(session(wire.db)) as s:
        options = {
            'read_concern': ReadConcern('majority'),
            'write_concern': WriteConcern(w=1),
            'max_commit_time_ms': 777,
        }
        async with entered(s.transaction(**options)) as tx:
            await settled(User(_id=1).save(tx))
    assert wire.sent('update')['readConcern']['level'] == 'majority'
    assert wire.sent('commitTransaction')['writeConcern'] == {'w': 1}
    assert wire.sent('commitTransaction')['maxTimeMS'] == 777


async def test_the_default_options_of_a_session_are_those_of_its_transactions(wire):
    await create(wire.db, User)

    defaults = transaction_options(wire.db, max_commit_time_ms=888)
    async with entered(session(wire.db, default_transaction_options=defaults)) as s:
        tx = await settled(s.transaction().start())
        await settled(User(_id=1).save(tx))
        await settled(tx.commit())
    assert wire.sent('commitTransaction')['maxTimeMS'] == 888
