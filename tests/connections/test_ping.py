"""`ping()` and `aping()` measure, or say in plain words what is wrong."""

import asyncio
import gc
import math
import pickle
import threading
import time

import pymongo.errors
import pytest

from aiomongodel import ConfigurationError, ConnectionUsageError, Error, PingError, connect

# The asynchronous driver leaves sockets of refused connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings('ignore:unclosed:ResourceWarning')

AUTHENTICATION_FAILED = {'ok': 0.0, 'code': 18, 'errmsg': 'Authentication failed.'}


@pytest.fixture(params=['ping', 'aping'])
def ping(request):
    """Ping by a connection of its own, by each of both methods."""

    async def call(*arguments, timeout=0.3, **options):
        async with connect(*arguments, **options) as connection:
            if request.param == 'ping':
                return connection.ping(timeout)
            return await connection.aping(timeout)

    yield call
    gc.collect()  # while the warning of the mark is ignored


async def failure_of(pinging):
    with pytest.raises(PingError) as caught:
        await pinging
    return caught.value


async def test_a_ping_takes_its_time(ping, mongodb_uri):
    assert 0 < await ping(mongodb_uri, 'shop', timeout=5) < 5


@pytest.mark.parametrize('timeout', [0, -1, math.inf, math.nan, True, '5', None])
async def test_a_timeout_is_a_positive_number(ping, mongodb_uri, timeout):
    with pytest.raises(ConfigurationError, match='timeout is to be a number of seconds above 0'):
        await ping(mongodb_uri, 'shop', timeout=timeout)


async def test_nothing_listens(ping, free_port):
    error = await failure_of(ping(f'mongodb://127.0.0.1:{free_port}/shop'))

    assert str(error) == (
        f"the database 'shop' does not answer: nothing listens on 127.0.0.1:{free_port} "
        '(the connection is refused)'
    )
    assert (error.reason, error.hosts) == ('refused', (f'127.0.0.1:{free_port}',))
    assert error.database == 'shop'


async def test_the_error_is_one_of_both_worlds(ping, free_port):
    error = await failure_of(ping(f'mongodb://127.0.0.1:{free_port}/shop'))

    assert isinstance(error, Error)
    assert isinstance(error, pymongo.errors.ConnectionFailure)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.reason, copy.hosts) == (str(error), error.reason, error.hosts)


async def test_the_host_is_unknown(ping):
    error = await failure_of(ping('mongodb://no-such-host.invalid/shop', timeout=2))

    assert str(error).endswith('the host name of no-such-host.invalid:27017 is unknown')
    assert error.reason == 'unknown host'


async def test_the_server_says_nothing(ping, silent_server):
    start = time.monotonic()
    error = await failure_of(ping(f'mongodb://127.0.0.1:{silent_server}/shop'))

    assert str(error).endswith(f'no answer from 127.0.0.1:{silent_server} within 0.3 s')
    assert error.reason == 'timeout'
    assert time.monotonic() - start < 2


async def test_the_server_greets_and_then_says_nothing(ping, fake_server):
    port = fake_server(lambda body: asyncio.sleep(60))

    error = await failure_of(ping(f'mongodb://127.0.0.1:{port}/shop'))

    assert error.reason == 'timeout'


async def test_the_server_hangs_up(ping, fake_server):
    port = fake_server(lambda body: None)

    error = await failure_of(ping(f'mongodb://127.0.0.1:{port}/shop'))

    assert f'127.0.0.1:{port} closes the connection: is it a MongoDB server' in str(error)
    assert error.reason == 'closed'


async def test_another_replica_set(ping, mongodb_uri):
    host = mongodb_uri.partition('?')[0].rstrip('/')

    for options in ({}, {'directConnection': True}):
        error = await failure_of(ping(host, 'shop', replicaSet='other', **options))
        assert "is no member of the replica set 'other' that is asked for" in str(error)
        assert error.reason == 'replica set'


async def test_no_member_fits_the_read_preference(ping, mongodb_uri):
    error = await failure_of(ping(mongodb_uri, 'shop', readPreference='secondary'))

    assert str(error).endswith('no member of the replica set has the read preference Secondary')
    assert error.reason == 'no member'


async def test_a_server_without_tls(ping, mongodb_uri):
    error = await failure_of(ping(mongodb_uri, 'shop', tls=True))

    assert 'no TLS connection to ' in str(error)
    assert error.reason == 'tls'


async def test_several_hosts_are_told_of_one_by_one(ping, free_port, silent_server):
    hosts = f'127.0.0.1:{free_port},127.0.0.1:{silent_server}'

    error = await failure_of(ping(f'mongodb://{hosts}/shop'))

    assert f'nothing listens on 127.0.0.1:{free_port}' in str(error)
    assert f'no answer from 127.0.0.1:{silent_server} within' in str(error)
    assert error.hosts == tuple(hosts.split(','))


@pytest.mark.parametrize('code', [11, 18, 8000])
async def test_wrong_credentials(ping, fake_server, code):
    answer = AUTHENTICATION_FAILED | {'code': code, 'errmsg': 'no user rosalind'}
    port = fake_server(lambda body: answer)

    error = await failure_of(
        ping(f'mongodb://127.0.0.1:{port}/shop', username='rosalind', password='hunter2')
    )

    assert f'127.0.0.1:{port} refuses the user name or the password' in str(error)
    assert error.reason == 'authentication'
    assert error.__cause__ is None
    assert error.__context__ is None


async def test_a_server_that_knows_no_credentials(ping, fake_server):
    answer = {'ok': 0.0, 'code': 59, 'errmsg': "no such command: 'saslStart'"}
    port = fake_server(lambda body: answer)

    error = await failure_of(
        ping(f'mongodb://127.0.0.1:{port}/shop', username='rosalind', password='hunter2')
    )

    assert 'leave out the user name where it asks for none' in str(error)
    assert error.reason == 'authentication'


async def test_another_refusal_is_quoted(ping, fake_server):
    answer = {'ok': 0.0, 'code': 211, 'errmsg': 'keys are missing'}
    port = fake_server(lambda body: answer)

    error = await failure_of(ping(f'mongodb://127.0.0.1:{port}/shop'))

    assert 'keys are missing' in str(error)
    assert error.reason == 'other'
    assert error.__cause__.code == 211


async def test_a_secret_that_a_server_tells_is_not_quoted(ping, fake_server):
    def answer(body):
        failed = {'ok': 0.0, 'code': 211, 'errmsg': 'bad word: hunter2'}
        return {'ok': 0.0, 'code': 59, 'errmsg': 'hunter2'} if 'saslStart' in body else failed

    port = fake_server(answer)

    error = await failure_of(
        ping(f'mongodb://127.0.0.1:{port}/shop', username='u', password='hunter2')
    )

    assert 'hunter2' not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_no_connection_becomes_free(fake_server):
    port = fake_server(lambda body: asyncio.sleep(0.6, {'ok': 1.0}))
    with connect(f'mongodb://127.0.0.1:{port}/shop', maxPoolSize=1, monitor=True) as connection:
        other = threading.Thread(target=connection.database.command, args=['slow'])
        other.start()
        while not connection.monitor.metrics().in_use:
            time.sleep(0.01)

        with pytest.raises(PingError, match=r'became free within 0\.1 s') as caught:
            connection.ping(timeout=0.1)

        assert caught.value.reason == 'pool'
        other.join()


async def test_the_name_of_a_cluster_is_unknown(ping):
    error = await failure_of(ping('mongodb+srv://no-such.cluster.invalid/shop', timeout=2))

    assert str(error).endswith('the host name of no-such.cluster.invalid is unknown')
    assert error.reason == 'unknown host'


async def test_a_closed_connection_is_not_pinged(mongodb_uri):
    connection = connect(mongodb_uri, 'shop')
    connection.close()

    with pytest.raises(ConnectionUsageError, match='closed> cannot be used'):
        connection.ping()
    with pytest.raises(ConnectionUsageError, match='closed> cannot be used'):
        await connection.aping()


async def test_a_ping_lasts_as_long_as_the_timeout_of_the_caller(mongodb_uri, silent_server):
    with connect(f'mongodb://127.0.0.1:{silent_server}/shop') as connection, pymongo.timeout(0.2):
        start = time.monotonic()
        with pytest.raises(PingError):
            connection.ping(timeout=30)
        assert time.monotonic() - start < 2
