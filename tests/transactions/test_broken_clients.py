"""Clients that cannot be used: the driver's error says in which model and operation."""

import asyncio
import gc
import threading

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import InvalidOperation

from aiomongodel import Document, IntField, run_in_transaction, session, transaction
from tests.drivers import DRIVERS, each, entered, settled
from tests.transactions.helpers import as_work


class User(Document):
    _id = IntField()


# What a driver has opened in an event loop that is closed, nobody can close.
pytestmark = [
    pytest.mark.filterwarnings('ignore::ResourceWarning'),
    pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning'),
]


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    gc.collect()  # within the filters of this module


async def read_on(cursor):
    return [user async for user in each(cursor)]


async def in_batches(cursor):
    return [users async for users in each(cursor.batches(2))]


# By the operation that the note must name.
CALLS = {
    'replace_one': lambda db: User(_id=1).save(db),
    'insert_one': lambda db: User(_id=1).save(db, do_insert=True),
    'find_one': lambda db: User(_id=1).reload(db),
    'update_one': lambda db: User(_id=1).update(db, {'$set': {'a': 1}}),
    'delete_one': lambda db: User(_id=1).delete(db),
    'count_documents': lambda db: User.q(db).count_documents({}),
    'insert_many': lambda db: User.q(db).insert_many([{'_id': 1}]),
    'create_collection': lambda db: User.create_collection(db),
    'find(...).to_list': lambda db: User.q(db).find({}).to_list(None),
    'find(...).next': lambda db: User.q(db).find({}).next(),
    'next': lambda db: read_on(User.q(db).find({})),
    'to_list': lambda db: in_batches(User.q(db).find({})),
    'find(...).distinct': lambda db: User.q(db).find({}).distinct('_id'),
}
calls = pytest.mark.parametrize(('operation', 'call'), CALLS.items(), ids=list(CALLS))


async def check_error(call, db, operation, kinds):
    with pytest.raises(kinds) as caught:
        await settled(call(db))
    check_notes(caught.value, operation)


def check_notes(error, operation):
    assert len(error.__notes__) == 1
    # Where the cursor cannot be closed either, the error of that is raised in the other's place.
    assert any('User' in note and operation in note for note in notes_of(error))


def notes_of(error):
    """Give the notes of an error and of those in whose handling it was raised."""
    while error is not None:
        yield from getattr(error, '__notes__', [])
        error = error.__cause__ or error.__context__


# A client that is closed.


@pytest.fixture(params=DRIVERS)
async def closed_db(request, mongodb_uri, database_name):
    client = DRIVERS[request.param](mongodb_uri)
    await settled(client.admin.command('ping'))
    await settled(client.close())
    return client[database_name]


@calls
async def test_a_call_of_a_closed_client_names_the_model_and_the_operation(
    closed_db, operation, call
):
    await check_error(call, closed_db, operation, InvalidOperation)


@pytest.mark.parametrize('make', [session, transaction])
async def test_a_session_of_a_closed_client_is_not_started(closed_db, make):
    with pytest.raises(InvalidOperation) as caught:
        async with entered(make(closed_db)):
            await settled(User(_id=1).save(closed_db))
    assert caught.value.__notes__


async def test_a_client_that_is_closed_in_a_transaction_says_so(request, mongodb_uri, any_db):
    client = type(any_db.client)(mongodb_uri)
    db = client[any_db.name]
    with pytest.raises(InvalidOperation) as caught:
        async with entered(transaction(db)) as tx:
            await settled(User.q(tx).count_documents({}))
            await settled(client.close())
            await settled(User(_id=1).save(tx))
    assert any('User' in note and 'replace_one' in note for note in notes_of(caught.value))
    assert not tx.is_active


async def test_a_closed_client_ends_the_tries_at_once(closed_db):
    tries = []

    async def work(tx):
        tries.append(1)
        await settled(User(_id=1).save(tx))

    with pytest.raises(InvalidOperation):
        await settled(run_in_transaction(closed_db, as_work(closed_db, work)))
    assert len(tries) == 1


# Event loops: of the drivers whose calls are awaited.


def in_own_loop(main):
    """Run a coroutine function in an event loop of its own, in a thread of its own."""
    results = []

    def run():
        try:
            results.append(asyncio.run(main()))
        except BaseException as error:  # noqa: BLE001  # it is raised where the test sees it
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    if isinstance(results[0], BaseException):
        raise results[0]
    return results[0]


@pytest.fixture(scope='module')
async def apart(clients, database_name):
    """The name of a database of its own: what Motor has begun in its threads is done later."""
    name = f'{database_name}_apart'
    yield name
    await asyncio.sleep(0.3)
    clients['pymongo'].drop_database(name)


@pytest.fixture(scope='module')
def clients_of_closed_loops(mongodb_uri):
    """Clients of drivers whose calls are awaited, that were used in a loop that is closed."""
    made = {}

    async def use():
        for client in (AsyncMongoClient(mongodb_uri), AsyncIOMotorClient(mongodb_uri)):
            await client.admin.command('ping')
            made[type(client)] = client

    in_own_loop(use)
    yield made
    made.clear()
    gc.collect()


@calls
@pytest.mark.parametrize('kind', [AsyncMongoClient, AsyncIOMotorClient])
async def test_a_call_in_another_loop_than_the_clients_names_model_and_operation(
    clients_of_closed_loops, apart, kind, operation, call
):
    db = clients_of_closed_loops[kind][apart]
    await check_error(call, db, operation, RuntimeError)


@pytest.fixture(params=['motor', 'pymongo-async'])
async def db_of_own_client(request, mongodb_uri, database_name):
    client = DRIVERS[request.param](mongodb_uri)
    yield client[database_name]
    await settled(client.close())


@calls
@pytest.mark.parametrize('driver', [name for name in DRIVERS if name != 'pymongo'])
async def test_a_call_in_another_loop_while_the_clients_goes_on_names_model_and_operation(
    clients, apart, driver, operation, call
):
    client = clients[driver]
    await client.admin.command('ping')

    async def use():
        await check_error(call, client[apart], operation, RuntimeError)

    # The loop of the test goes on beside it, since what Motor has begun there is to end there.
    await asyncio.to_thread(in_own_loop, use)
