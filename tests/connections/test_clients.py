"""The clients that a connection makes, and how they end."""

import asyncio
import gc
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor

import pymongo.errors
import pytest
from pymongo import monitoring

from aiomongodel import (
    Connection,
    ConnectionUsageError,
    Document,
    StrField,
    connect,
)
from aiomongodel.connections import connection as connection_module


async def test_models_work_with_both_databases(mongodb_uri, database_name):
    class Thing(Document):
        name = StrField()

    async with connect(mongodb_uri, database_name) as connection:
        Thing.q(connection.database).create(name='a')
        await Thing.q(connection.async_database).create(name='b')
        names = sorted(thing.name for thing in Thing.q(connection.database).find())
        assert names == ['a', 'b']
        connection.database.drop_collection('thing')


def test_a_connection_is_no_database(connection):
    class Thing(Document):
        name = StrField()

    with pytest.raises(TypeError) as caught:
        Thing.q(connection)
    text = str(caught.value)
    assert '.database' in text
    assert '.async_database' in text


def test_options_reach_both_clients(mongodb_uri):
    class Listener(monitoring.CommandListener):
        def started(self, event):
            names.append(event.command_name)

        def succeeded(self, event):
            pass

    async def work():
        await connection.async_database.command('ping')
        assert connection.async_client.options.pool_options.appname == 'till'

    names = []
    options = {'appname': 'till', 'event_listeners': [Listener()], 'monitor': True}
    with connect(mongodb_uri, 'shop', **options) as connection:
        connection.database.command('ping')
        assert connection.client.options.pool_options.appname == 'till'
        asyncio.run(work())
    assert names[:2] == ['ping', 'ping']


def test_no_client_is_made_before_it_is_asked_for(mongodb_uri):
    threads = threading.active_count()
    connect(mongodb_uri, 'shop').close()
    assert threading.active_count() == threads


def test_the_client_is_that_of_the_database(connection):
    assert connection.client is connection.database.client
    assert connection.database is connection.database


async def test_the_async_client_is_that_of_the_database(mongodb_uri):
    async with connect(mongodb_uri, 'shop') as connection:
        assert connection.async_client is connection.async_database.client
        assert connection.async_database is connection.async_database


def test_threads_that_ask_at_once_get_one_client(mongodb_uri):
    barrier, found = threading.Barrier(20), []

    def ask():
        barrier.wait()
        found.append(connection.client)

    with connect(mongodb_uri, 'shop') as connection:
        in_threads(20, ask)
    assert len(found) == 20
    assert len(set(map(id, found))) == 1


def test_each_event_loop_has_its_own_client(mongodb_uri):
    barrier, found = threading.Barrier(5), []

    async def work():
        barrier.wait()
        await connection.aping()
        client = connection.async_client
        found.append(client)
        await asyncio.gather(*(connection.aping() for _ in range(5)))
        assert connection.async_client is client

    with connect(mongodb_uri, 'shop') as connection:
        in_threads(5, lambda: asyncio.run(work()))
    assert len(set(map(id, found))) == 5


@pytest.mark.parametrize('name', ['async_database', 'async_client', 'async_monitor'])
def test_an_async_client_needs_an_event_loop(mongodb_uri, name):
    connection = connect(mongodb_uri, 'shop', monitor=True)
    with pytest.raises(ConnectionUsageError) as caught:
        getattr(connection, name)
    assert str(caught.value).endswith(
        f'.{name} belongs to an event loop, and none runs here: use it within a coroutine, '
        'or use .database, whose calls block'
    )
    assert isinstance(caught.value, RuntimeError)


def in_threads(number, work):
    """Run work in several threads, and raise what one of them raises."""
    with ThreadPoolExecutor(number) as executor:
        for future in [executor.submit(work) for _ in range(number)]:
            future.result()


def is_closed(client):
    return client._closed


def test_an_event_loop_that_ends_closes_its_client(mongodb_uri):
    clients = []

    async def work():
        await asyncio.gather(*(connection.aping() for _ in range(5)))
        clients.append(connection.async_client)

    with connect(mongodb_uri, 'shop') as connection:
        for _ in range(3):
            asyncio.run(work())
            gc.collect()  # a socket that is left would warn
    assert len(set(map(id, clients))) == 3
    assert all(map(is_closed, clients))


def test_clients_of_loops_that_have_ended_are_forgotten(mongodb_uri):
    async def work():
        await connection.aping()

    with connect(mongodb_uri, 'shop') as connection:
        for _ in range(3):
            asyncio.run(work())
        assert len(connection._loops) == 1


def test_a_connection_that_is_lost_closes_the_client_of_its_loop(mongodb_uri):
    async def work():
        connection = connect(mongodb_uri, 'shop')
        await connection.aping()
        client = connection.async_client
        del connection
        gc.collect()
        while not is_closed(client):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(work(), 5))


def test_a_block_closes_the_client(mongodb_uri):
    with connect(mongodb_uri, 'shop') as connection:
        client = connection.client
    assert is_closed(client)
    assert repr(connection).endswith(', closed>')


async def test_an_async_block_closes_both_clients(mongodb_uri):
    async with connect(mongodb_uri, 'shop') as connection:
        await connection.aping()
        connection.ping()
        clients = [connection.client, connection.async_client]
    assert all(map(is_closed, clients))


@pytest.mark.parametrize(
    'use',
    [
        lambda connection: connection.database,
        lambda connection: connection.async_database,
        lambda connection: connection.client,
        lambda connection: connection.async_client,
        lambda connection: connection.async_monitor,
        lambda connection: connection.__enter__(),
    ],
)
async def test_a_closed_connection_cannot_be_used(mongodb_uri, use):
    connection = connect(mongodb_uri, 'shop', monitor=True)
    connection.close()
    with pytest.raises(ConnectionUsageError) as caught:
        use(connection)
    assert 'closed> cannot be used: make another one by connect()' in str(caught.value)
    assert isinstance(caught.value, (pymongo.errors.InvalidOperation, RuntimeError))


async def test_a_closed_connection_is_not_entered(mongodb_uri):
    connection = connect(mongodb_uri, 'shop')
    await connection.aclose()
    with pytest.raises(ConnectionUsageError, match='cannot be used'):
        async with connection:
            pass


async def test_a_connection_may_be_closed_twice(mongodb_uri):
    connection = connect(mongodb_uri, 'shop')
    await connection.aping()
    connection.ping()
    for _ in range(2):
        await connection.aclose()
        connection.close()


async def test_a_call_that_blocks_does_not_close_the_client_of_its_loop(mongodb_uri):
    async with connect(mongodb_uri, 'shop') as connection:
        await connection.aping()
        with pytest.raises(ConnectionUsageError, match=r'use await connection\.aclose\(\)'):
            connection.close()
        await connection.aping()


async def test_a_call_that_blocks_is_enough_where_the_loop_has_no_client(mongodb_uri):
    with connect(mongodb_uri, 'shop') as connection:
        connection.ping()


@pytest.mark.parametrize('close', [Connection.close, Connection.aclose])
def test_the_client_of_a_loop_in_another_thread_is_closed_there(mongodb_uri, close):
    connection = connect(mongodb_uri, 'shop')
    opened, closed, clients = threading.Event(), threading.Event(), []

    async def work():
        await connection.aping()
        clients.append(connection.async_client)
        opened.set()
        await asyncio.to_thread(closed.wait)

    thread = threading.Thread(target=asyncio.run, args=[work()])
    thread.start()
    opened.wait()
    try:
        if close is Connection.aclose:
            asyncio.run(connection.aclose())
        else:
            connection.close()
        assert is_closed(clients[0])
    finally:
        closed.set()
        thread.join()


def test_the_client_of_a_loop_that_stands_still_is_closed_with_it(mongodb_uri):
    async def work():
        await connection.aping()
        return connection.async_client

    connection = connect(mongodb_uri, 'shop')
    with asyncio.Runner() as runner:
        client = runner.run(work())
        connection.close()
        assert not is_closed(client)
    assert is_closed(client)


def test_a_close_that_was_cancelled_is_ended_with_the_loop(mongodb_uri, monkeypatch):
    clients = []

    async def work():
        connection = connect(mongodb_uri, 'shop')
        await connection.aping()
        clients.append(connection.async_client)
        closing = asyncio.create_task(connection.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        return connection

    asyncio.run(work())
    assert all(map(is_closed, clients))


def test_a_loop_that_does_not_close_in_time_is_not_waited_for(mongodb_uri, monkeypatch):
    monkeypatch.setattr(connection_module, 'CLOSING_LIMIT', 0.1)
    connection = connect(mongodb_uri, 'shop')
    opened, go_on = threading.Event(), threading.Event()

    async def work():
        await connection.aping()
        opened.set()
        go_on.wait()  # which blocks the loop

    thread = threading.Thread(target=asyncio.run, args=[work()])
    thread.start()
    opened.wait()
    try:
        connection.close()
    finally:
        go_on.set()
        thread.join()


"""What can be awaited can be called, by the same name without its 'a'."""


def pairs():
    members = inspect.getmembers(Connection, inspect.isfunction)
    names = {name for name, _ in members if not name.startswith('_')}
    asynchronous = {
        name for name in names if inspect.iscoroutinefunction(getattr(Connection, name))
    }
    return asynchronous, names - asynchronous


def test_each_method_has_its_counterpart():
    asynchronous, blocking = pairs()
    assert asynchronous
    assert asynchronous == {f'a{name}' for name in blocking}


def test_counterparts_have_the_same_signature_and_docstring():
    for name in pairs()[1]:
        method, other = getattr(Connection, name), getattr(Connection, f'a{name}')
        assert inspect.signature(method) == inspect.signature(other)
        assert method.__doc__ == other.__doc__
        assert method.__doc__


def test_each_property_has_its_counterpart():
    properties = inspect.getmembers(Connection, lambda member: isinstance(member, property))
    names = {name for name, _ in properties if not name.startswith('_')}
    asynchronous = {name for name in names if name.startswith('async_')}
    assert asynchronous == {f'async_{name}' for name in names - asynchronous}


def test_blocks_are_of_both_kinds():
    for name in ('enter', 'exit'):
        one, other = f'__{name}__', f'__a{name}__'
        assert inspect.signature(getattr(Connection, one)) == inspect.signature(
            getattr(Connection, other)
        )
