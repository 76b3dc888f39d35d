"""The pools of a client, as a monitor sees them."""

import asyncio
import gc
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import MongoClient, monitoring
from pymongo.errors import WaitQueueTimeoutError

from aiomongodel import ConnectionUsageError, PoolHealth, PoolMonitor, connect

A, B = ('a', 1), ('b', 2)


class Actor:
    """A task that asks for connections, in events that nobody sends."""

    def done(self):
        return False


class Feed(PoolMonitor):
    """A monitor that is told what happens, and in whose course."""

    def __init__(self, *addresses, limit=100, ready=True):
        super().__init__()
        self.actor = Actor()
        for address in addresses:
            self.pool_created(monitoring.PoolCreatedEvent(address, {'maxPoolSize': limit}))
            if ready:
                self.pool_ready(monitoring.PoolReadyEvent(address))

    def _caller(self):
        return self.actor

    def create(self, number, address=A):
        self.connection_created(monitoring.ConnectionCreatedEvent(address, number))

    def ready(self, number, address=A):
        self.connection_ready(monitoring.ConnectionReadyEvent(address, number, 0.1))

    def start(self, actor=None, address=A):
        self.actor = actor or self.actor
        self.connection_check_out_started(monitoring.ConnectionCheckOutStartedEvent(address))

    def check_out(self, number, actor=None, address=A, duration=0.5):
        self.actor = actor or self.actor
        self.connection_checked_out(monitoring.ConnectionCheckedOutEvent(address, number, duration))

    def fail(self, reason='timeout', actor=None, address=A):
        self.actor = actor or self.actor
        self.connection_check_out_failed(
            monitoring.ConnectionCheckOutFailedEvent(address, reason, 0.5)
        )

    def check_in(self, number, address=A):
        self.connection_checked_in(monitoring.ConnectionCheckedInEvent(address, number))

    def close(self, number, address=A):
        self.connection_closed(monitoring.ConnectionClosedEvent(address, number, 'stale'))

    def clear(self, address=A):
        self.pool_cleared(monitoring.PoolClearedEvent(address))

    def close_pool(self, address=A):
        self.pool_closed(monitoring.PoolClosedEvent(address))

    def counts(self):
        metrics = self.metrics()
        return metrics.total, metrics.in_use, metrics.idle, metrics.connecting, metrics.waiting


# What the events mean.


def test_a_connection_is_followed_from_its_beginning_to_its_end():
    feed, seen = Feed(A), []
    steps = [
        lambda: feed.start(),
        lambda: feed.create(1),
        lambda: feed.ready(1),
        lambda: feed.check_out(1),
        lambda: feed.check_in(1),
        lambda: feed.close(1),
    ]
    for step in steps:
        step()
        seen.append(feed.counts())
    # total, in use, idle, connecting, waiting
    assert seen == [
        (0, 0, 0, 0, 1),
        (1, 0, 0, 1, 1),
        (1, 0, 1, 0, 1),
        (1, 1, 0, 0, 0),
        (1, 0, 1, 0, 0),
        (0, 0, 0, 0, 0),
    ]


def test_times_are_told_of_each_connection():
    feed, start = Feed(A), datetime.now(UTC)
    feed.create(1)
    feed.ready(1)
    feed.create(2)
    feed.check_out(2)
    time.sleep(0.05)

    idle, used = feed.metrics().connections

    assert (idle.id, idle.address, idle.in_use, idle.last_used) == (1, A, False, None)
    assert 0.05 <= idle.idle_time < 5
    assert (used.id, used.in_use, used.idle_time) == (2, True, 0.0)
    assert abs(used.created - start) < timedelta(seconds=1)
    assert used.created <= used.last_used <= datetime.now(UTC)


def test_idle_time_begins_when_a_connection_is_given_back():
    feed = Feed(A)
    feed.create(1)
    feed.check_out(1)
    time.sleep(0.05)
    feed.check_in(1)
    assert feed.metrics().connections[0].idle_time < 0.05


def test_percentiles_are_of_the_last_thousand():
    feed = Feed(A)
    for number in range(3000):
        feed.check_out(1, duration=1000.0 if number < 2000 else (number - 1999) / 1000)
    metrics = feed.metrics()
    assert (metrics.check_out_p50, metrics.check_out_p99) == (0.5, 0.99)
    assert metrics.check_outs == 3000
    assert len(feed._durations) == 1000


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_a_percentile_is_a_time_that_so_many_did_not_exceed(durations):
    feed = Feed(A)
    for duration in durations:
        feed.check_out(1, duration=duration)
    metrics = feed.metrics()
    assert metrics.check_out_p50 == statistics.median_low(durations)
    assert sum(each <= metrics.check_out_p99 for each in durations) >= 0.99 * len(durations)


def test_nothing_is_known_of_the_time_before_the_first_check_out():
    metrics = PoolMonitor().metrics()
    assert (metrics.check_out_p50, metrics.check_out_p99, metrics.check_outs) == (None, None, 0)


def test_failures_are_counted_by_reason():
    feed = Feed(A)
    for reason in ('timeout', 'connectionError', 'timeout'):
        feed.start()
        feed.fail(reason)
    assert feed.metrics().failures == {'timeout': 2, 'connectionError': 1}
    assert feed.metrics().waiting == 0


def test_results_do_not_change():
    feed = Feed(A)
    before = feed.metrics()
    feed.fail()
    assert before.failures == {}
    with pytest.raises(TypeError):
        before.failures['timeout'] = 3
    with pytest.raises(AttributeError):
        before.total = 3


def test_servers_are_kept_apart():
    feed = Feed(A, B)
    feed.create(1, A)
    feed.create(1, B)
    feed.check_out(1, address=A)
    feed.close_pool(B)
    assert feed.counts() == (1, 1, 0, 0, 0)


def test_a_check_out_that_was_cancelled_ends_with_its_task():
    feed, actor = Feed(A), Actor()
    feed.start(actor)
    assert feed.counts()[4] == 1
    feed.actor = None
    del actor
    gc.collect()
    assert feed.counts()[4] == 0


def test_a_task_waits_for_one_connection_at_a_time():
    feed = Feed(A, B)
    feed.start(address=A)
    feed.start(address=B)
    assert feed.counts()[4] == 1


steps = st.one_of(
    st.tuples(
        st.sampled_from(['create', 'ready', 'check_in', 'close']),
        st.integers(1, 3),
        st.sampled_from([A, B]),
    ),
    st.tuples(st.just('check_out'), st.integers(1, 3), st.integers(0, 2), st.sampled_from([A, B])),
    st.tuples(st.just('start'), st.integers(0, 2), st.sampled_from([A, B])),
    st.tuples(st.just('fail'), st.just('timeout'), st.integers(0, 2), st.sampled_from([A, B])),
    st.tuples(st.sampled_from(['clear', 'close_pool']), st.sampled_from([A, B])),
)


@given(st.lists(steps, max_size=40))
def test_counts_are_sound_in_any_order_of_events(events):
    feed, actors = Feed(A, B, limit=2), [Actor() for _ in range(3)]
    open_connections, open_pools, asking = set(), {A, B}, set()
    for name, *arguments in events:
        address, known = arguments[-1], [*arguments[:-1], arguments[-1]]
        if name in {'start', 'check_out', 'fail'}:
            actor = arguments[-2]
            known[-2] = actors[actor]
            asking = asking | {actor} if name == 'start' else asking - {actor}
        getattr(feed, name)(*known)
        if name == 'create' and address in open_pools:
            open_connections.add((address, arguments[0]))
        elif name == 'close':
            open_connections.discard((address, arguments[0]))
        elif name == 'close_pool':
            open_pools.discard(address)
            open_connections = {each for each in open_connections if each[0] != address}
        metrics = feed.metrics()
        assert {(each.address, each.id) for each in metrics.connections} == open_connections
        assert metrics.total == metrics.in_use + metrics.idle + metrics.connecting
        assert min(metrics.in_use, metrics.idle, metrics.connecting) >= 0
        assert metrics.waiting == len(asking)
        assert feed.health().why


# The health.


def test_without_a_pool_it_is_unused():
    assert PoolMonitor().health() == PoolHealth('unused', 'no pool is open')


def test_a_server_that_has_not_answered_fails():
    feed = Feed(A, B, ready=False)
    assert feed.health() == PoolHealth('failing', 'a:1, b:2 has not answered yet')
    feed.pool_ready(monitoring.PoolReadyEvent(A))
    assert feed.health() == PoolHealth('ok', 'connections are given out')


def test_a_server_that_was_lost_fails_until_it_is_found():
    feed = Feed(A, B)
    feed.clear(B)
    assert feed.health() == PoolHealth('failing', 'b:2 was lost, and has not been found again')
    feed.pool_ready(monitoring.PoolReadyEvent(B))
    assert feed.health().status == 'ok'


def test_a_check_out_that_failed_counts_until_one_succeeds():
    feed = Feed(A)
    feed.fail('timeout')
    assert feed.health() == PoolHealth('failing', 'the last check-out of a:1 failed: timeout')
    feed.check_out(1)
    assert feed.health().status == 'ok'


def test_a_pool_is_saturated_where_somebody_waits_for_the_last_connection():
    feed, first, second, third = Feed(A, B, limit=2), Actor(), Actor(), Actor()
    for number, actor in enumerate((first, second), 1):
        feed.create(number)
        feed.start(actor)
        feed.check_out(number, actor)
    assert feed.health().status == 'ok'

    feed.start(third, B)
    assert feed.health().status == 'ok'
    feed.start(third, A)

    assert feed.health() == PoolHealth(
        'saturated', 'all 2 connections to a:1 are in use and 1 wait for one'
    )


@pytest.mark.parametrize('limit', [0, None])
def test_a_pool_without_a_limit_is_never_saturated(limit):
    feed = Feed(A, limit=limit)
    feed.create(1)
    feed.check_out(1, Actor())
    feed.start(Actor())
    assert feed.health().status == 'ok'


# With a server.


def test_a_monitor_of_a_client_alone(mongodb_uri):
    monitor = PoolMonitor()
    with MongoClient(mongodb_uri, event_listeners=[monitor]) as client:
        client.admin.command('ping')
        metrics = monitor.metrics()
        assert (metrics.total, metrics.in_use, metrics.idle) == (1, 0, 1)
        assert metrics.check_out_p50 > 0
        assert monitor.health() == PoolHealth('ok', 'connections are given out')
    assert monitor.health().status == 'unused'
    assert monitor.metrics().total == 0


def test_threads_that_share_a_client(mongodb_uri):
    with connect(mongodb_uri, 'shop', monitor=True, maxPoolSize=3) as connection:
        done, most = threading.Event(), []

        def watch():
            while not done.is_set():
                metrics = connection.monitor.metrics()
                assert metrics.total == metrics.in_use + metrics.idle + metrics.connecting
                most.append((metrics.total, metrics.waiting))
                time.sleep(0.001)

        with ThreadPoolExecutor(11) as executor:
            watching = executor.submit(watch)
            calls = [executor.submit(connection.database.command, 'ping') for _ in range(500)]
            assert all(call.result()['ok'] for call in calls)
            done.set()
            watching.result()
        metrics = connection.monitor.metrics()
    assert max(total for total, _ in most) <= 3
    assert max(waiting for _, waiting in most) <= 10
    assert (metrics.in_use, metrics.waiting, metrics.check_outs) == (0, 0, 500)


async def test_tasks_that_wait_for_a_connection(fake_server):
    port = fake_server(lambda body: asyncio.sleep(0.2, {'ok': 1.0}))
    url = f'mongodb://127.0.0.1:{port}/shop'
    async with connect(url, monitor=True, maxPoolSize=2) as connection:
        calls = [asyncio.create_task(connection.async_database.command('slow')) for _ in range(6)]
        while connection.async_monitor.metrics().in_use < 2:
            await asyncio.sleep(0.01)

        metrics = connection.async_monitor.metrics()
        assert (metrics.total, metrics.in_use, metrics.waiting) == (2, 2, 4)
        assert connection.async_monitor.health().status == 'saturated'

        await asyncio.gather(*calls)
        metrics = connection.async_monitor.metrics()
        assert (metrics.in_use, metrics.idle, metrics.waiting) == (0, 2, 0)
        assert metrics.check_outs == 6
        assert metrics.check_out_p99 > 0.15
        assert metrics.check_out_p99 >= metrics.check_out_p50 > 0


async def test_tasks_that_are_cancelled_while_they_wait(fake_server):
    port = fake_server(lambda body: asyncio.sleep(0.2, {'ok': 1.0}))
    url = f'mongodb://127.0.0.1:{port}/shop'
    async with connect(url, monitor=True, maxPoolSize=1) as connection:
        calls = [asyncio.create_task(connection.async_database.command('slow')) for _ in range(3)]
        while connection.async_monitor.metrics().waiting < 2:
            await asyncio.sleep(0.01)
        while connection.async_monitor.metrics().in_use < 1:
            await asyncio.sleep(0.01)
        for call in calls[1:]:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

        assert connection.async_monitor.metrics().waiting == 0
        assert connection.async_monitor.metrics().in_use == 0


def test_check_outs_that_fail(fake_server):
    port = fake_server(lambda body: asyncio.sleep(0.5, {'ok': 1.0}))
    options = {'maxPoolSize': 1, 'waitQueueTimeoutMS': 50, 'monitor': True}
    with connect(f'mongodb://127.0.0.1:{port}/shop', **options) as connection:
        other = threading.Thread(target=connection.database.command, args=['slow'])
        other.start()
        while not connection.monitor.metrics().in_use:
            time.sleep(0.01)

        with pytest.raises(WaitQueueTimeoutError):
            connection.database.command('ping')

        assert connection.monitor.metrics().failures == {'timeout': 1}
        assert connection.monitor.health().why == (
            f'the last check-out of 127.0.0.1:{port} failed: timeout'
        )
        other.join()


# Of a connection.


def test_each_client_has_its_own_monitor(mongodb_uri):
    async def work():
        await connection.aping()
        assert connection.async_monitor.metrics().check_outs == 1
        assert connection.async_monitor is connection.async_monitor
        return connection.async_monitor

    with connect(mongodb_uri, 'shop', monitor=True) as connection:
        connection.ping()
        monitors = {connection.monitor, asyncio.run(work()), asyncio.run(work())}
        assert len(monitors) == 3
        assert connection.monitor.metrics().check_outs == 1


def test_a_monitor_outlives_its_connection(mongodb_uri):
    with connect(mongodb_uri, 'shop', monitor=True) as connection:
        connection.ping()
    assert connection.monitor.metrics().check_outs >= 1
    assert connection.monitor.health().status == 'unused'


async def test_a_connection_is_monitored_where_it_is_asked_for(mongodb_uri):
    async with connect(mongodb_uri, 'shop') as connection:
        with pytest.raises(ConnectionUsageError, match=r'make it by connect\(\.\.\., monitor=True'):
            _ = connection.monitor
        with pytest.raises(ConnectionUsageError, match=r'make it by connect\(\.\.\., monitor=True'):
            _ = connection.async_monitor
