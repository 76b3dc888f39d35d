"""A mongod from PATH, as a replica set of one member."""

import asyncio
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from tools.testserver.errors import TestServerError

HOST = '127.0.0.1'
SET_NAME = 'rs0'
STARTING_LIMIT = 60  # seconds


def find_mongod() -> str | None:
    """Find the path of mongod, or None where PATH has none."""
    return shutil.which('mongod')


class Mongod:
    """A mongod on a folder and a free port of its own."""

    def __init__(self, program: str, folder: Path, transaction_lifetime: float) -> None:
        self._program = program
        self._folder = folder
        self._lifetime = max(1, round(transaction_lifetime))
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> str:
        """Start mongod and wait until it takes writes.

        Returns:
            Its URI.

        Raises:
            TestServerError: It ended or does not answer; the message has the end of its log.
        """
        data = self._folder / 'data'
        data.mkdir()
        with self._log.open('wb') as log:
            self._process = subprocess.Popen(
                self._words(data), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + STARTING_LIMIT
        while not await asyncio.to_thread(self._takes_writes):
            if not self.is_running() or time.monotonic() > deadline:
                raise TestServerError(
                    f'{self._program} did not start:\n{self._log.read_text()[-2000:]}\n'
                    'Mend or remove it from PATH, or set MONGODB_URI to a running server.'
                )
            await asyncio.sleep(0.1)
        return f'mongodb://{HOST}:{self._port}/?replicaSet={SET_NAME}'

    def stop(self) -> None:
        """Stop mongod; nothing that it kept is of use any more."""
        if self._process is not None and self.is_running():
            self._process.kill()
            self._process.wait()

    @property
    def _log(self) -> Path:
        return self._folder / 'mongod.log'

    def _words(self, data: Path) -> list[str]:
        # so that mongod does not outlive us when we are killed; util-linux is everywhere on Linux
        ends_with_us = ['setpriv', '--pdeathsig', 'KILL'] if shutil.which('setpriv') else []
        place = ['--dbpath', str(data), '--bind_ip', HOST, '--port', str(self._port)]
        lifetime = f'transactionLifetimeLimitSeconds={self._lifetime}'
        paces = ['--setParameter', lifetime, '--setParameter', 'ttlMonitorSleepSecs=5']
        return [*ends_with_us, self._program, '--replSet', SET_NAME, *place, *paces]

    def _takes_writes(self) -> bool:
        client: MongoClient[dict[str, Any]] = MongoClient(
            HOST, self._port, directConnection=True, serverSelectionTimeoutMS=500
        )
        member = {'_id': 0, 'host': f'{HOST}:{self._port}'}
        with client:
            try:
                client.admin.command('replSetInitiate', {'_id': SET_NAME, 'members': [member]})
            except OperationFailure:
                pass  # it was initiated by an earlier try
            except PyMongoError:
                return False
            return bool(client.admin.command('hello').get('isWritablePrimary'))


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
