"""The gateway: it listens on the loopback address and serves each connection."""

import asyncio
import itertools
from contextlib import suppress

from tools.testserver.gateway.admin import SET_NAME
from tools.testserver.gateway.call import Services
from tools.testserver.gateway.cursors import Cursors
from tools.testserver.gateway.database import Database
from tools.testserver.gateway.dispatch import answer
from tools.testserver.gateway.sessions import Sessions
from tools.testserver.gateway.wire import ProtocolError, encode_reply, read_message

HOST = '127.0.0.1'
BACKLOG = 512


class Gateway:
    """A server that speaks MongoDB's protocol in front of the engine."""

    def __init__(
        self, database_host: str, transaction_lifetime: float, *, standalone: bool = False
    ) -> None:
        """Prepare the gateway; `start` starts it.

        Args:
            database_host: The folder of the engine's socket.
            transaction_lifetime: After how many seconds an open transaction is aborted.
            standalone: Whether to pass for a server that is no member of a replica set, and so
                refuses transactions.
        """
        self._standalone = standalone
        self._database = Database(database_host)
        self._sessions = Sessions(self._database, transaction_lifetime)
        self._cursors = Cursors()
        self._numbers = itertools.count(1)
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Connect to the engine and listen on a free port.

        Returns:
            The URI to give to a driver.
        """
        await self._database.open()
        self._server = await asyncio.start_server(self._serve, HOST, 0, backlog=BACKLOG)
        port = self._server.sockets[0].getsockname()[1]
        self._services = Services(
            f'{HOST}:{port}', self._standalone, self._database, self._sessions, self._cursors
        )
        self._sweeper = asyncio.create_task(self._cursors.close_idle())
        uri = f'mongodb://{HOST}:{port}/'
        return uri if self._standalone else f'{uri}?replicaSet={SET_NAME}'

    async def stop(self) -> None:
        """Stop listening and cut all connections, as far as it was started."""
        if self._server is not None:
            self._server.close()
        tasks = [*self._clients, *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._database.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine runs in a task
        self._clients.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ProtocolError):
            pass  # the client went, or does not speak MongoDB's protocol: it hears no more of us
        except asyncio.CancelledError:
            pass  # the gateway stops
        finally:
            self._clients.discard(task)
            with suppress(ConnectionError):
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection_id = next(self._numbers)
        while True:
            message = await read_message(reader)
            reply = await answer(self._services, message, connection_id)
            if message.wants_reply:
                writer.write(encode_reply(message, reply, next(self._numbers)))
                await writer.drain()
