"""Connections: a client for calls that block, and one for each event loop, made when needed."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

from aiomongodel.connections import pinging
from aiomongodel.connections.pool_monitor import PoolMonitor
from aiomongodel.connections.settings import Settings, settings_of
from aiomongodel.drivers import run, unbroken
from aiomongodel.errors import ConfigurationError, ConnectionUsageError
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient, MongoClient
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database

__all__ = ['Connection', 'connect']

Loop: TypeAlias = asyncio.AbstractEventLoop

CLOSING_LIMIT: Final = 10
"""How long other event loops are waited for while they close their clients, in seconds."""


def connect(
    url: str | None = None,
    db_name: str | None = None,
    *,
    username: str | None = None,
    password: str | None = None,
    monitor: bool = False,
    **client_options: Any,
) -> Connection:
    """Prepare a connection to a database; nothing is sent before its first use.

    What is not given is taken from the environment, as it is now. An argument wins over what the
    URL says, a URL that is given over the environment, and the environment over its own URL.

    Args:
        url: The URL, as in `'mongodb://localhost:27017/shop'`; None for that of MONGO_URL.
        db_name: The name of the database; None for that of the path of a URL that is given, else of
            MONGO_DB_NAME, else of the path of MONGO_URL.
        username: The user name, not escaped; None for that of a URL that is given, else of
            MONGO_USER, else of MONGO_URL. A URL with a user name keeps the environment's out.
        password: The password, not escaped; None for one from where the user name comes from, or
            that stands alone there, likewise with MONGO_PASSWORD.
        monitor: Whether the connection pools are monitored.
        **client_options: The driver's options of a client, as `maxPoolSize=20`.

    Returns:
        The connection.

    Raises:
        ConfigurationError: There is no URL or no name of a database, or something is malformed or
            unknown. The message shows no user name and no password.

    Example:
        >>> import aiomongodel
        >>> with aiomongodel.connect(uri, 'shop', appname='till') as connection:
        ...     users = User.q(connection.database).find().to_list(10)
    """
    if not isinstance(monitor, bool):
        raise ConfigurationError(f'monitor is to be True or False, and is {shown(monitor)}')
    settings = settings_of(url, db_name, username, password, client_options)
    return Connection(settings, monitor=monitor)


class Connection:
    """A database, for calls that block and for calls that are awaited; `connect()` makes it.

    It may be shared by threads. Its clients are made when they are first asked for: one for calls
    that block, and one for each event loop, to which the driver binds it. A client for an event
    loop is closed with the loop at the latest, where the loop ends as that of `asyncio.run` does.

    Example:
        >>> from aiomongodel import connect
        >>> async with connect(uri, 'shop') as connection:
        ...     users = await User.q(connection.async_database).find().to_list(10)
    """

    wrong_handle_hint: ClassVar[str] = (
        '; give its .database, or its .async_database where calls are awaited'
    )

    def __init__(self, settings: Settings, *, monitor: bool) -> None:
        self._settings = settings
        self._is_closed = False
        # Two locks: the sync client may look up a name while it is made, which takes its time.
        self._sync_lock = threading.Lock()
        self._async_lock = threading.Lock()
        self._database: Database[Any] | None = None
        self._monitor = PoolMonitor() if monitor else None
        self._loops: dict[Loop, LoopDatabase] = {}

    def __repr__(self) -> str:
        state = ', closed' if self._is_closed else ''
        return f'<Connection to {self._settings.db_name!r} at {self._settings.url.shown}{state}>'

    @property
    def database(self) -> Database[Any]:
        """The database for calls that block.

        Raises:
            ConnectionUsageError: The connection is closed.
        """
        with self._sync_lock:
            self._refuse_closed()
            if self._database is None:
                listeners = [self._monitor] if self._monitor else []
                self._database = self._settings.sync_client(*listeners)[self._settings.db_name]
            return self._database

    @property
    def async_database(self) -> AsyncDatabase[Any]:
        """The database for calls that are awaited in the event loop that runs.

        Raises:
            ConnectionUsageError: The connection is closed, or no event loop runs.
        """
        return self._loop_database('async_database').database

    @property
    def client(self) -> MongoClient[Any]:
        """The driver's client for calls that block.

        Raises:
            ConnectionUsageError: The connection is closed.
        """
        return self.database.client

    @property
    def async_client(self) -> AsyncMongoClient[Any]:
        """The driver's client for calls that are awaited in the event loop that runs.

        Raises:
            ConnectionUsageError: The connection is closed, or no event loop runs.
        """
        return self._loop_database('async_client').database.client

    @property
    def monitor(self) -> PoolMonitor:
        """The monitor of the connections of `client`.

        Raises:
            ConnectionUsageError: The connection was made without `monitor=True`.
        """
        return self._monitored(self._monitor)

    @property
    def async_monitor(self) -> PoolMonitor:
        """The monitor of the connections of `async_client`, in the event loop that runs.

        Raises:
            ConnectionUsageError: The connection was made without `monitor=True`, or is closed, or
                no event loop runs.
        """
        return self._monitored(self._loop_database('async_monitor').monitor)

    def ping(self, timeout: float = 5.0) -> float:
        """Ask the server for an answer.

        The first call connects, too. The names behind a `mongodb+srv` URL are looked up within
        `connectTimeoutMS`.

        Args:
            timeout: The limit, in seconds.

        Returns:
            How long it took, in seconds.

        Raises:
            PingError: There was no answer, or not the right one; the message says what is wrong.
            ConnectionUsageError: The connection is closed, or the call is to be awaited and no
                event loop runs.
            ConfigurationError: The timeout is no number above 0.

        Example:
            >>> from aiomongodel import connect
            >>> with connect(uri, 'shop') as connection:
            ...     connection.ping() < 5
            True
            >>> async with connect(uri, 'shop') as connection:
            ...     await connection.aping() < 5
            True
        """
        return run(pinging.ping(lambda: self.database, self._settings, timeout))

    async def aping(self, timeout: float = 5.0) -> float:
        return await pinging.ping(lambda: self.async_database, self._settings, timeout)

    aping.__doc__ = ping.__doc__

    def close(self) -> None:
        """Close all clients; a closed connection cannot be used, and may be closed again.

        The client of another event loop that runs is closed there, which is waited for, for ten
        seconds at most. That of a loop that stands still is closed when the loop ends.

        Raises:
            ConnectionUsageError: The call blocks, and the event loop that runs has a client, which
                can only be closed by `aclose()`.

        Example:
            >>> from aiomongodel import connect
            >>> connection = connect(uri, 'shop')
            >>> connection.close()
            >>> connection
            <Connection to 'shop' at mongodb://..., closed>
        """
        if running_loop() in self._loops:
            raise ConnectionUsageError(
                f'{self!r} has a client in the event loop that runs: use await connection.aclose()'
            )
        if (database := self._end()) is not None:
            database.client.close()
        results_of(concurrent.futures.wait(self._closings(), CLOSING_LIMIT).done)

    async def aclose(self) -> None:
        database = self._end()
        with self._async_lock:
            own = self._loops.pop(asyncio.get_running_loop(), None)
        try:
            if own:
                await own.close()
        finally:
            if database is not None:  # its end is told to the server, by a call that blocks
                await unbroken(asyncio.to_thread(database.client.close))
        if others := self._closings():
            await asyncio.wait(map(asyncio.wrap_future, others), timeout=CLOSING_LIMIT)
            results_of(future for future in others if future.done())

    aclose.__doc__ = close.__doc__

    def __enter__(self) -> Self:
        self._refuse_closed()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        try:
            self.close()
        except ConnectionUsageError as refusal:
            if error is None:
                raise
            error.add_note(str(refusal))

    async def __aenter__(self) -> Self:
        self._refuse_closed()
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        await self.aclose()

    def _refuse_closed(self) -> None:
        if self._is_closed:
            raise ConnectionUsageError(f'{self!r} cannot be used: make another one by connect()')

    def _monitored(self, monitor: PoolMonitor | None) -> PoolMonitor:
        if monitor is None:
            raise ConnectionUsageError(
                f'{self!r} is not monitored: make it by connect(..., monitor=True)'
            )
        return monitor

    def _loop_database(self, name: str) -> LoopDatabase:
        """What the event loop that runs has."""
        loop = running_loop()
        if loop is None:
            raise ConnectionUsageError(
                f'{self!r}: .{name} belongs to an event loop, and none runs here: '
                'use it within a coroutine, or use .database, whose calls block'
            )
        with self._async_lock:
            self._refuse_closed()
            if loop not in self._loops:
                self._forget_closed_loops()
                self._loops[loop] = LoopDatabase(self._settings, monitor=bool(self._monitor))
            return self._loops[loop]

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in self._loops if loop.is_closed()]:
            del self._loops[loop]

    def _end(self) -> Database[Any] | None:
        """Refuse all further use; what is given back is to be closed."""
        with self._sync_lock, self._async_lock:
            self._is_closed = True
            database, self._database = self._database, None
        return database

    def _closings(self) -> list[concurrent.futures.Future[None]]:
        """The ends of the clients of other event loops, which they have been asked for."""
        with self._async_lock:
            self._forget_closed_loops()
            running = {loop: each for loop, each in self._loops.items() if loop.is_running()}
            for loop in running:
                del self._loops[loop]
        asked = [asked_of(loop, each) for loop, each in running.items()]
        return [future for future in asked if future]


class LoopDatabase:
    """The database in an event loop, whose client is closed with the loop at the latest."""

    def __init__(self, settings: Settings, *, monitor: bool) -> None:
        self.monitor = PoolMonitor() if monitor else None
        listeners = [self.monitor] if self.monitor else []
        self.database = settings.async_client(*listeners)[settings.db_name]
        self._is_closed = False
        self._end = self._closed_with_loop()
        advance(self._end)

    async def close(self) -> None:
        """Close the client."""
        await self._close_once()
        await self._end.aclose()

    async def _close_once(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self.database.client.close()
        except BaseException:
            self._is_closed = False  # it was cancelled: the end of the loop closes what is left
            raise

    async def _closed_with_loop(self) -> AsyncGenerator[None]:
        """Wait for the end: an event loop that ends closes the generators that it has begun."""
        try:
            yield
        finally:
            # Older versions of PyMongo close by generators of their own, which an event loop that
            # ends warns of: it would not close them, if they were left.
            hooks = sys.get_asyncgen_hooks()
            sys.set_asyncgen_hooks(None, None)
            try:
                await self._close_once()
            finally:
                sys.set_asyncgen_hooks(*hooks)


def advance(generator: AsyncGenerator[None]) -> None:
    """Run a generator to its first `yield`, before which it awaits nothing."""
    try:
        anext(generator).__await__().send(None)
    except StopIteration:
        return


def running_loop() -> Loop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def asked_of(loop: Loop, database: LoopDatabase) -> concurrent.futures.Future[None] | None:
    """Ask an event loop of another thread to close its client; None where it has ended."""
    closing = database.close()
    try:
        return asyncio.run_coroutine_threadsafe(closing, loop)
    except RuntimeError:
        closing.close()
        return None


def results_of(futures: Any) -> None:
    for future in futures:
        future.result()
