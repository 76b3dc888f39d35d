"""The process that runs one server: it starts it, tells its URI, and stops it at the end.

It ends on SIGTERM or SIGINT, when the server itself ends, and, if it was told to follow its
parent, when its stdin is closed, which the system does for a parent that was killed.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tools.testserver import engine
from tools.testserver.errors import TestServerError
from tools.testserver.instances import Instance, State
from tools.testserver.mongod import Mongod, find_mongod

LOOKS_EVERY = 0.5  # seconds
LIFETIME = 60.0  # seconds: MongoDB's own limit for a transaction


class Server(Protocol):
    """What is run: mongod, or the engine with its gateway."""

    def is_running(self) -> bool: ...

    async def start(self) -> str: ...

    async def stop(self) -> None: ...


class MongodServer:
    """mongod as it is."""

    def __init__(self, program: str, folder: Path, lifetime: float) -> None:
        self._mongod = Mongod(program, folder, lifetime)

    def is_running(self) -> bool:
        return self._mongod.is_running()

    async def start(self) -> str:
        return await self._mongod.start()

    async def stop(self) -> None:
        self._mongod.stop()


class EngineServer:
    """PostgreSQL with DocumentDB behind the gateway, which runs in this process."""

    def __init__(self, folder: Path, lifetime: float) -> None:
        from tools.testserver.gateway import Gateway  # noqa: PLC0415  # needs asyncpg, which mongod does not

        self._postgres = engine.postgres_on_copy(folder)
        self._gateway = Gateway(self._postgres.socket_folder, lifetime)

    def is_running(self) -> bool:
        return self._postgres.is_running()

    async def start(self) -> str:
        await self._postgres.start()
        return await self._gateway.start()

    async def stop(self) -> None:
        await self._gateway.stop()
        self._postgres.stop()


def make_server(folder: Path, lifetime: float) -> Server:
    """Make the best server that this machine has.

    Args:
        folder: Where it may keep its files.
        lifetime: After how many seconds an open transaction is aborted.
    """
    program = find_mongod()
    if program is not None:
        return MongodServer(program, folder, lifetime)
    return EngineServer(folder, lifetime)


async def run(instance: Instance, lifetime: float, follow_parent: bool) -> None:
    """Run a server until it is told to end.

    Args:
        instance: The server's folder.
        lifetime: After how many seconds an open transaction is aborted.
        follow_parent: Whether to end when stdin is closed.
    """
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    if follow_parent:
        loop.add_reader(sys.stdin, end.set)
    server = make_server(instance.folder, lifetime)
    try:
        uri = await server.start()
        instance.tell(State(os.getpid(), uri))
        print(uri, flush=True)
        await _until(end, server)
    finally:
        await server.stop()


async def _until(end: asyncio.Event, server: Server) -> None:
    """Wait until we are told to end, or the server's process is gone."""
    while server.is_running() and not end.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), LOOKS_EVERY)


def main() -> None:
    """Read the options and run the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--transaction-lifetime', type=float, default=LIFETIME)
    parser.add_argument('--follow-parent', action='store_true')
    options = parser.parse_args()
    instance = Instance(options.folder)
    try:
        asyncio.run(run(instance, options.transaction_lifetime, options.follow_parent))
    except TestServerError as error:
        sys.exit(str(error))
    shutil.rmtree(options.folder, ignore_errors=True)


if __name__ == '__main__':
    main()
