"""The metrics of a client's connection pools, from the driver's events."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from pymongo.monitoring import ConnectionPoolListener

if TYPE_CHECKING:
    from pymongo import monitoring

__all__ = ['ConnectionInfo', 'PoolHealth', 'PoolMetrics', 'PoolMonitor']

Address: TypeAlias = 'tuple[str, int | None]'
PoolStatus: TypeAlias = Literal['unused', 'ok', 'saturated', 'failing']

WINDOW: Final = 1000
"""How many of the last check-outs the percentiles are taken of."""

DEFAULT_MAX_POOL_SIZE: Final = 100
"""The driver's default, which its events leave out."""


@dataclass(frozen=True)
class ConnectionInfo:
    """A connection of a pool, at the moment of asking.

    Attributes:
        id: Its number in its pool.
        address: The host and port of the server; the port is None for a Unix socket.
        created: When it was made, in UTC.
        last_used: When it was last given out or given back, in UTC; None where it never was.
        in_use: Whether it is given out.
        idle_time: For how many seconds it has not been in use; 0.0 while it is.
    """

    id: int
    address: Address
    created: datetime
    last_used: datetime | None
    in_use: bool
    idle_time: float


@dataclass(frozen=True)
class PoolMetrics:
    """What a client's pools are doing, at the moment of asking.

    Attributes:
        total: Connections that are open, or being opened.
        in_use: Those of them that are given out.
        idle: Those of them that wait to be given out.
        connecting: Those of them that are being opened.
        waiting: Check-outs that have begun and not ended.
        check_outs: Check-outs that have succeeded so far.
        check_out_p50: The time that half of the last 1,000 of them took at most, in seconds; None
            before the first.
        check_out_p99: Likewise for 99 of 100.
        failures: Check-outs that have failed so far, by the driver's names of the reasons:
            `'timeout'`, `'connectionError'`, `'poolClosed'`.
        connections: Each connection that is open, or being opened.
    """

    total: int
    in_use: int
    idle: int
    connecting: int
    waiting: int
    check_outs: int
    check_out_p50: float | None
    check_out_p99: float | None
    failures: Mapping[str, int]
    connections: tuple[ConnectionInfo, ...]


@dataclass(frozen=True)
class PoolHealth:
    """How a client's pools are, in a word and a sentence.

    Attributes:
        status: `'failing'` where no server has answered yet, one has been lost and not been found
            again, or the last check-out failed; else `'saturated'` where a pool has given out as
            many connections as it may and somebody waits for one; else `'ok'`; and `'unused'`
            where there is no pool.
        why: The reason, with the host.
    """

    status: PoolStatus
    why: str


@dataclass(slots=True)
class OpenConnection:
    """A connection as its events tell of it; times are those of the monotonic clock."""

    created: float
    ready: bool = False
    in_use: bool = False
    last_used: float | None = None


@dataclass(slots=True)
class Pool:
    """The pool of a server, as its events tell of it."""

    limit: float
    state: Literal['new', 'ready', 'lost'] = 'new'
    connections: dict[int, OpenConnection] = field(default_factory=dict)


class PoolMonitor(ConnectionPoolListener):
    """Metrics of the connection pools of one client, without polling.

    The driver tells of what happens, as `MongoClient(event_listeners=[monitor])` or
    `connect(monitor=True)` ask it to, and the metrics are taken from that when they are asked for.
    The driver numbers connections by pool, so that each client needs a monitor of its own. Any
    thread may ask.

    A check-out that is cancelled while it waits, of which the driver tells nothing, counts as
    waiting until its task has ended or asks for a connection again.

    Example:
        >>> from pymongo import MongoClient
        >>> monitor = PoolMonitor()
        >>> with MongoClient(uri, event_listeners=[monitor]) as client:
        ...     _ = client.admin.command('ping')
        ...     metrics = monitor.metrics()
        ...     print(metrics.total, metrics.in_use, metrics.idle, monitor.health().status)
        1 0 1 ok
    """

    def __init__(self) -> None:
        # A garbage collection may run within, and give back what a lost cursor held.
        self._lock = threading.RLock()
        self._pools: dict[Address, Pool] = {}
        # Who waits for a connection, and of which server. A task or thread waits for one at a
        # time, so that one that was cancelled, which no event tells, is counted once at most.
        self._waiting: weakref.WeakKeyDictionary[Any, Address] = weakref.WeakKeyDictionary()
        self._durations: deque[float] = deque(maxlen=WINDOW)
        self._check_outs = 0
        self._failures: Counter[str] = Counter()
        self._last_failure: tuple[str, Address] | None = None

    def metrics(self) -> PoolMetrics:
        """What the pools are doing.

        Returns:
            The numbers, and each connection.

        Example:
            >>> PoolMonitor().metrics().total
            0
        """
        with self._lock:
            infos = tuple(self._infos())
            connecting = sum(
                not each.ready
                for pool in self._pools.values()
                for each in pool.connections.values()
            )
            waiting = len(self._waiting_addresses())
            durations = sorted(self._durations)
            check_outs, failures = self._check_outs, dict(self._failures)
        in_use = sum(info.in_use for info in infos)
        return PoolMetrics(
            total=len(infos),
            in_use=in_use,
            idle=len(infos) - in_use - connecting,
            connecting=connecting,
            waiting=waiting,
            check_outs=check_outs,
            check_out_p50=percentile(durations, 50),
            check_out_p99=percentile(durations, 99),
            failures=MappingProxyType(failures),
            connections=infos,
        )

    def health(self) -> PoolHealth:
        """How the pools are, in a word and a sentence.

        Returns:
            The status and its reason, by the rules of `PoolHealth`.

        Example:
            >>> PoolMonitor().health()
            PoolHealth(status='unused', why='no pool is open')
        """
        with self._lock:
            if not self._pools:
                return PoolHealth('unused', 'no pool is open')
            if problem := self._failing():
                return PoolHealth('failing', problem)
            if problem := self._saturated():
                return PoolHealth('saturated', problem)
            return PoolHealth('ok', 'connections are given out')

    def _infos(self) -> list[ConnectionInfo]:
        now, clock = datetime.now(UTC), time.monotonic()

        def moment(then: float) -> datetime:
            return now - timedelta(seconds=clock - then)

        return [
            ConnectionInfo(
                id=number,
                address=address,
                created=moment(each.created),
                last_used=None if each.last_used is None else moment(each.last_used),
                in_use=each.in_use,
                idle_time=0.0 if each.in_use else clock - (each.last_used or each.created),
            )
            for address, pool in self._pools.items()
            for number, each in pool.connections.items()
        ]

    def _waiting_addresses(self) -> list[Address]:
        return [address for who, address in self._waiting.items() if not has_ended(who)]

    def _failing(self) -> str | None:
        lost = [address for address, pool in self._pools.items() if pool.state == 'lost']
        if lost:
            return f'{names_of(lost)} was lost, and has not been found again'
        if not any(pool.state == 'ready' for pool in self._pools.values()):
            return f'{names_of(list(self._pools))} has not answered yet'
        if self._last_failure is not None:
            reason, address = self._last_failure
            return f'the last check-out of {names_of([address])} failed: {reason}'
        return None

    def _saturated(self) -> str | None:
        waiting = Counter(self._waiting_addresses())
        for address, pool in self._pools.items():
            in_use = sum(each.in_use for each in pool.connections.values())
            if waiting[address] and in_use >= pool.limit:
                return (
                    f'all {in_use} connections to {names_of([address])} are in use '
                    f'and {waiting[address]} wait for one'
                )
        return None

    # The driver's events. Those of a pool or connection that is not known are ignored: a monitor
    # that sees the end of something only must not count it.

    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None:
        """Called by the driver."""
        limit = event.options.get('maxPoolSize', DEFAULT_MAX_POOL_SIZE) or float('inf')
        with self._lock:
            self._pools[event.address] = Pool(limit)

    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None:
        """Called by the driver."""
        self._change_state(event.address, 'ready')

    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None:
        """Called by the driver."""
        if event.service_id is None:  # else it is one of many servers behind a load balancer
            self._change_state(event.address, 'lost')

    def _change_state(self, address: Address, state: Literal['ready', 'lost']) -> None:
        with self._lock:
            if pool := self._pools.get(address):
                pool.state = state

    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None:
        """Called by the driver."""
        with self._lock:
            self._pools.pop(event.address, None)

    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        """Called by the driver."""
        with self._lock:
            if pool := self._pools.get(event.address):
                pool.connections[event.connection_id] = OpenConnection(time.monotonic())

    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None:
        """Called by the driver."""
        with self._lock:
            if connection := self._connection(event):
                connection.ready = True

    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        """Called by the driver."""
        with self._lock:
            if pool := self._pools.get(event.address):
                pool.connections.pop(event.connection_id, None)

    def connection_check_out_started(
        self, event: monitoring.ConnectionCheckOutStartedEvent
    ) -> None:
        """Called by the driver."""
        who = self._caller()
        with self._lock:
            self._waiting[who] = event.address

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        """Called by the driver."""
        who = self._caller()
        with self._lock:
            self._waiting.pop(who, None)
            self._failures[event.reason] += 1
            self._last_failure = event.reason, event.address

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        """Called by the driver."""
        who, now = self._caller(), time.monotonic()
        with self._lock:
            self._waiting.pop(who, None)
            self._last_failure = None
            self._check_outs += 1
            if event.duration is not None:
                self._durations.append(event.duration)
            if connection := self._connection(event):
                connection.ready = connection.in_use = True
                connection.last_used = now

    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        """Called by the driver."""
        now = time.monotonic()
        with self._lock:
            if connection := self._connection(event):
                connection.in_use = False
                connection.last_used = now

    def _connection(self, event: Any) -> OpenConnection | None:
        pool = self._pools.get(event.address)
        return None if pool is None else pool.connections.get(event.connection_id)

    def _caller(self) -> asyncio.Task[Any] | threading.Thread:
        """The task or thread that asks for a connection: the driver tells in its course."""
        try:
            return asyncio.current_task() or threading.current_thread()
        except RuntimeError:  # no event loop runs in this thread
            return threading.current_thread()


def has_ended(who: asyncio.Task[Any] | threading.Thread) -> bool:
    return not who.is_alive() if isinstance(who, threading.Thread) else who.done()


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest of the numbers that `percent` of 100 do not exceed; None of none."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[rank - 1]


def names_of(addresses: Sequence[Address]) -> str:
    return ', '.join(host if port is None else f'{host}:{port}' for host, port in addresses)
