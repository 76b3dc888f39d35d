"""Many clients at once."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from pymongo import AsyncMongoClient, MongoClient, UpdateOne


def test_fifty_clients_count_together(plain, mongodb_uri):
    plain.c.insert_one({'_id': 1, 'n': 0})
    together = threading.Barrier(50)

    def count(_):
        with MongoClient(mongodb_uri) as client:
            client.admin.command('ping')
            together.wait(30)
            for _ in range(4):
                client[plain.name].c.update_one({'_id': 1}, {'$inc': {'n': 1}})

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(count, range(50)))
    assert plain.c.find_one()['n'] == 200


def test_clients_that_write_in_opposite_order_all_come_through(plain):
    plain.c.insert_many([{'_id': n, 'n': 0} for n in range(50)])

    def write(order):
        for _ in range(5):
            ids = range(50)[::order]
            plain.c.bulk_write([UpdateOne({'_id': n}, {'$inc': {'n': 1}}) for n in ids])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, [1, -1] * 2))
    assert plain.c.distinct('n') == [20]


def test_hundred_open_transactions_all_commit(plain, mongo):
    plain.c.insert_one({'_id': -1})
    with ExitStack() as stack:
        sessions = [stack.enter_context(mongo.start_session()) for _ in range(100)]
        for number, session in enumerate(sessions):
            session.start_transaction()
            plain.c.insert_one({'_id': number}, session=session)
        for session in sessions:
            session.commit_transaction()
    assert plain.c.count_documents({}) == 101


def test_commit_goes_through_while_all_others_wait_for_it(plain, mongo, mongodb_uri):
    plain.c.insert_one({'_id': 1, 'n': 0})
    with (
        mongo.start_session() as session,
        ThreadPoolExecutor(80) as pool,
        MongoClient(mongodb_uri) as others,
    ):
        session.start_transaction()
        plain.c.update_one({'_id': 1}, {'$inc': {'n': 1}}, session=session)
        write = others[plain.name].c.update_one
        waiting = [pool.submit(write, {'_id': 1}, {'$inc': {'n': 1}}) for _ in range(80)]
        plain.c.find_one({}, session=session)
        session.commit_transaction()
        assert sum(done.result(30).modified_count for done in waiting) == 80
    assert plain.c.find_one()['n'] == 81


async def test_commands_of_one_session_side_by_side(plain, mongodb_uri):
    # a retryable write beside another one is what drivers do not do
    options = {'retryWrites': False}
    async with (
        AsyncMongoClient(mongodb_uri, **options) as client,
        client.start_session() as session,
    ):
        c = client[plain.name].c
        await asyncio.gather(*(c.insert_one({'_id': n}, session=session) for n in range(30)))
        assert await c.count_documents({}, session=session) == 30
