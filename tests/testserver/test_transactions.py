"""Transactions: whole or not at all, alone, and not for ever."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from .drivers import SLOW, all_of, done, in_transaction

HOLD_A_LOCK = """
import sys, time
from pymongo import MongoClient
client = MongoClient(sys.argv[1])
session = client.start_session()
session.start_transaction()
client[sys.argv[2]].c.update_one({'_id': 1}, {'$set': {'by': 'dead'}}, session=session)
print('locked', flush=True)
time.sleep(60)
"""


async def test_committed_transaction_is_seen_by_all(db, client):
    session = await in_transaction(client)
    await done(db.a.insert_one({'_id': 1}, session=session))
    await done(db.b.insert_one({'_id': 2}, session=session))
    await done(session.commit_transaction())
    await done(session.commit_transaction())
    await done(session.end_session())
    assert await all_of(db.a.find()) == [{'_id': 1}]
    assert await all_of(db.b.find()) == [{'_id': 2}]


async def test_aborted_transaction_leaves_nothing(db, client):
    await done(db.a.insert_one({'_id': 1, 'n': 1}))
    session = await in_transaction(client)
    await done(db.a.update_one({'_id': 1}, {'$set': {'n': 2}}, session=session))
    await done(db.b.insert_one({'_id': 2}, session=session))
    await done(session.abort_transaction())
    await done(session.end_session())
    assert await all_of(db.a.find()) == [{'_id': 1, 'n': 1}]
    assert await all_of(db.b.find()) == []


async def test_open_transaction_is_seen_by_itself_only(db, client):
    await done(db.a.insert_one({'_id': 1}))
    session = await in_transaction(client)
    await done(db.a.insert_one({'_id': 2}, session=session))
    assert await done(db.a.find_one({'_id': 2})) is None
    assert len(await all_of(db.a.find({}, session=session, batch_size=1))) == 2
    await done(session.abort_transaction())
    await done(session.end_session())


async def test_transaction_reads_what_was_there_at_its_start(db, client):
    await done(db.a.insert_one({'_id': 1, 'n': 1}))
    session = await in_transaction(client)
    assert (await done(db.a.find_one({}, session=session)))['n'] == 1
    await done(db.a.update_one({'_id': 1}, {'$set': {'n': 2}}))
    await done(db.a.insert_one({'_id': 2}))
    assert await all_of(db.a.find({}, session=session)) == [{'_id': 1, 'n': 1}]
    await done(session.abort_transaction())
    await done(session.end_session())


@pytest.mark.parametrize('kind', ['update_one', 'find_one_and_update'])
async def test_the_second_of_two_transactions_on_a_document_fails(db, client, kind):
    await done(db.a.insert_one({'_id': 1}))
    first, second = await in_transaction(client), await in_transaction(client)
    await done(db.a.update_one({'_id': 1}, {'$set': {'by': 1}}, session=first))
    begun = time.monotonic()
    with pytest.raises(OperationFailure) as caught:
        await done(getattr(db.a, kind)({'_id': 1}, {'$set': {'by': 2}}, session=second))
    assert caught.value.code == 112
    assert caught.value.has_error_label('TransientTransactionError')
    assert time.monotonic() - begun < 5
    await done(first.commit_transaction())
    await done(first.end_session())
    await done(second.end_session())
    assert await done(db.a.find_one()) == {'_id': 1, 'by': 1}


async def test_write_on_what_changed_since_the_start_fails(db, client):
    await done(db.a.insert_one({'_id': 1, 'n': 1}))
    session = await in_transaction(client)
    await done(db.a.find_one({}, session=session))
    await done(db.a.update_one({'_id': 1}, {'$inc': {'n': 1}}))
    with pytest.raises(OperationFailure) as caught:
        await done(db.a.update_one({'_id': 1}, {'$inc': {'n': 1}}, session=session))
    assert caught.value.code == 112
    await done(session.end_session())


def test_with_transaction_tries_again_until_it_is_through(plain, mongo):
    plain.a.insert_one({'_id': 1, 'n': 0})
    tries = []

    def work(session):
        tries.append(1)
        plain.a.find_one({}, session=session)
        if len(tries) == 1:
            plain.a.update_one({'_id': 1}, {'$inc': {'n': 10}})
        plain.a.update_one({'_id': 1}, {'$inc': {'n': 1}}, session=session)

    with mongo.start_session() as session:
        session.with_transaction(work)
    assert (len(tries), plain.a.find_one()['n']) == (2, 11)


def test_error_ends_the_transaction(plain, mongo):
    plain.a.insert_one({'_id': 1})
    with mongo.start_session() as session, session.start_transaction():
        plain.a.insert_one({'_id': 2}, session=session)
        with pytest.raises(OperationFailure):
            plain.a.find_one({'$nonsense': 1}, session=session)
        with pytest.raises(OperationFailure) as caught:
            plain.a.insert_one({'_id': 3}, session=session)
        session.abort_transaction()
    assert caught.value.code == 251
    assert caught.value.has_error_label('TransientTransactionError')
    assert plain.a.count_documents({}) == 1


@pytest.mark.parametrize('command', ['count', 'listIndexes', 'drop'])
def test_some_commands_are_refused_in_a_transaction(plain, mongo, command):
    plain.a.insert_one({'_id': 1})
    with mongo.start_session() as session, session.start_transaction():
        plain.a.find_one({}, session=session)
        with pytest.raises(OperationFailure) as caught:
            plain.command(command, 'a', session=session)
        session.abort_transaction()
    assert caught.value.code == 263
    assert plain.a.find_one() == {'_id': 1}


def test_cursor_of_a_transaction_reads_on_in_it(plain, mongo):
    plain.a.insert_many([{'_id': n} for n in range(20)])
    with mongo.start_session() as session, session.start_transaction():
        plain.a.insert_one({'_id': 20}, session=session)
        cursor = plain.a.aggregate([{'$sort': {'_id': -1}}], batchSize=3, session=session)
        assert next(cursor) == {'_id': 20}
        plain.a.delete_many({})
        assert len(list(cursor)) == 20


def test_write_outside_waits_for_the_transaction(plain, mongo):
    plain.a.insert_one({'_id': 1, 'n': 0})
    with mongo.start_session() as session, ThreadPoolExecutor() as pool:
        session.start_transaction()
        plain.a.update_one({'_id': 1}, {'$inc': {'n': 1}}, session=session)
        write = pool.submit(plain.a.update_one, {'_id': 1}, {'$inc': {'n': 1}})
        time.sleep(0.3)
        assert not write.done()
        session.commit_transaction()
        assert write.result(10).modified_count == 1
    assert plain.a.find_one()['n'] == 2


def test_ended_session_aborts_its_transaction(plain, mongo, gateway_uri):
    plain.a.insert_one({'_id': 1})
    with mongo.start_session() as session:
        session.start_transaction()
        plain.a.update_one({'_id': 1}, {'$set': {'n': 1}}, session=session)
        mongo.admin.command('endSessions', [session.session_id])
        begun = time.monotonic()
        assert plain.a.find_one_and_update({'_id': 1}, {'$set': {'n': 2}}) == {'_id': 1}
        assert time.monotonic() - begun < 5


def test_transaction_past_its_limit_is_aborted(impatient_uri):
    with MongoClient(impatient_uri) as client, client.start_session() as session:
        session.start_transaction()
        client.limit.a.insert_one({'_id': 1}, session=session)
        time.sleep(1.5)
        with pytest.raises(OperationFailure) as caught:
            session.commit_transaction()
        assert caught.value.code == 251
        assert client.limit.a.count_documents({}) == 0


def test_command_in_the_middle_of_which_the_limit_passes_fails(impatient_uri):
    with MongoClient(impatient_uri) as client, client.start_session() as session:
        client.middle.c.insert_many([{'_id': n} for n in range(200)])
        session.start_transaction()
        client.middle.c.update_one({'_id': 1}, {'$set': {'by': 'slow'}}, session=session)
        begun = time.monotonic()
        with pytest.raises(OperationFailure) as caught:
            list(client.middle.c.aggregate([SLOW], session=session, batchSize=1000))
        assert caught.value.has_error_label('TransientTransactionError')
        client.middle.c.update_one({'_id': 1}, {'$set': {'by': 'next'}})
        assert time.monotonic() - begun < 4


def test_client_that_dies_in_a_transaction_frees_its_locks(impatient_uri):
    with MongoClient(impatient_uri) as client:
        client.died.c.insert_one({'_id': 1})
        words = [sys.executable, '-c', HOLD_A_LOCK, impatient_uri, 'died']
        with subprocess.Popen(words, stdout=subprocess.PIPE) as dying:
            assert dying.stdout.readline() == b'locked\n'
            dying.kill()
        begun = time.monotonic()
        client.died.c.update_one({'_id': 1}, {'$set': {'by': 'living'}})
        assert time.monotonic() - begun < 5
        assert client.died.c.find_one() == {'_id': 1, 'by': 'living'}
