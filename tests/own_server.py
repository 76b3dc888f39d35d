"""A server on a folder of a test's own: to be killed and started again, or without transactions.

It is the engine with its gateway, in a process that ends with the one that has started it.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.testserver import TestServerError, engine
from tools.testserver import postgres as settings
from tools.testserver.instances import CHECKOUT
from tools.testserver.mongod import find_mongod

ENDING_LIMIT = 10  # seconds


class OwnServer:
    """A server on a folder, whose data stay there when it is killed."""

    def __init__(self, folder, *options):
        self._folder = Path(folder)
        self._words = [sys.executable, '-m', __name__, str(folder), *options]
        self._process = None

    def start(self):
        """Start the server, and give its URI."""
        self._process = subprocess.Popen(
            self._words, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        uri = self._process.stdout.readline().decode().strip()
        assert uri, 'the server ended at its start'
        return uri

    def kill(self):
        """Kill the server and all of its processes at once."""
        process = self._process.pid
        engines = children_of(process)
        pids = [process, *engines, *(child for each in engines for child in children_of(each))]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # it has followed the one before it
                os.kill(pid, signal.SIGKILL)
        self._ended(pids)
        # The dead one would count as running for as long as nobody has waited for it.
        for lock in ('postmaster.pid', '.s.PGSQL.5432.lock'):
            (self._folder / 'data' / lock).unlink(missing_ok=True)

    def stop(self):
        """End the server, if it has not been killed."""
        self._process.stdin.close()
        self._ended([])

    def _ended(self, pids):
        self._process.wait(ENDING_LIMIT)
        self._process.stdout.close()
        self._process.stdin.close()
        deadline = time.monotonic() + ENDING_LIMIT
        while any(is_running(pid) for pid in pids):
            assert time.monotonic() < deadline, 'a process of the server goes on'
            time.sleep(0.01)


def children_of(pid):
    """Give the ids of a process's children."""
    return [int(each) for each in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


def is_running(pid):
    """Tell whether a process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def require_engine():
    """Skip the test on a machine that runs no engine of its own."""
    if find_mongod() is not None and not engine.installation().exists():
        pytest.skip('this needs the engine, and here mongod is used in its place')
    try:
        engine.refuse_unsupported_host()
        engine.install()
    except TestServerError as error:
        if 'MONGODB_URI' in os.environ:
            pytest.skip(f'this machine has no server of its own: {error}')
        raise


async def serve(folder, standalone):
    """Run the server until stdin is closed."""
    from tools.testserver.gateway import Gateway

    # What is committed stays when the processes are killed.
    settings.SETTINGS += 'synchronous_commit = on\n'
    postgres = (
        settings.Postgres(engine.installation() / 'root', folder / 'data')
        if (folder / 'data').exists()
        else engine.postgres_on_copy(folder)
    )
    gateway = Gateway(postgres.socket_folder, 60, standalone=standalone)
    try:
        await postgres.start()
        print(await gateway.start(), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await gateway.stop()
        postgres.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--standalone', action='store_true')
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.standalone))


if __name__ == '__main__':
    main()
