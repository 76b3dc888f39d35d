"""PostgreSQL in the folder with Debian's programs, with a data folder of its own."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

from tools.testserver.errors import TestServerError

PROGRAMS = '/usr/lib/postgresql/18/bin'
INSIDE = """\
set -e
root=$1 data=$2; shift 2
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$data" "$root/srv/data"
exec chroot "$root" setpriv --reuid=postgres --regid=postgres --clear-groups --pdeathsig=QUIT "$@"
"""
SETTINGS = """
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.use_background_workers = on
cron.log_run = off
cron.log_statement = off
documentdb.localhost_connection_string = 'host=/srv/data'
documentdb.useFileBasedPersistedCursors = on
documentdb.maxCursorFileCount = 0
documentdb.defaultCursorExpiryTimeLimitSeconds = 3600
documentdb.throwDeadlockOnCRUD = on
documentdb.maxWriteBatchSize = 100000
documentdb_core.enableCollation = on
max_worker_processes = 16
listen_addresses = ''
unix_socket_directories = '/srv/data'
dynamic_shared_memory_type = mmap
max_connections = 400
client_connection_check_interval = 100ms
deadlock_timeout = 50ms
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
jit = off
"""
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'TZ': 'UTC', 'LANG': 'C.UTF-8'}
STARTING_LIMIT = 60  # seconds
CONTAINER_HINT = (
    'In a container, unshare and mount must be allowed (docker run --privileged); '
    'or set MONGODB_URI to a running server.'
)


def inside(root: Path, data: Path, *command: str) -> list[str]:
    """Put together the words that run a command in the root folder, in mounts of its own.

    Args:
        root: The folder with Debian's programs.
        data: What the command sees as `/srv/data`.
        command: The command, which runs as the user postgres.
    """
    return ['unshare', '--mount', 'sh', '-c', INSIDE, 'sh', str(root), str(data), *command]


class Postgres:
    """A PostgreSQL server on a data folder, reached through a socket in that folder."""

    def __init__(self, root: Path, data: Path) -> None:
        self._root = root
        self._data = data
        self._descriptor = -1
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> str:
        """The folder to give to asyncpg as the host, short however long the path is.

        A socket's address holds 107 characters at most.
        """
        if self._descriptor < 0:
            self._descriptor = os.open(self._data, os.O_PATH | os.O_DIRECTORY)
        return f'/proc/self/fd/{self._descriptor}'

    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            TestServerError: It ended or does not answer; the message has the end of its log.
        """
        # the file that is read last, and written by none but ALTER SYSTEM
        (self._data / 'postgresql.auto.conf').write_text(SETTINGS)
        words = inside(self._root, self._data, f'{PROGRAMS}/postgres', '-D', '/srv/data')
        with (self._data / 'log').open('ab') as log:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
            )
        deadline = time.monotonic() + STARTING_LIMIT
        while not await self._answers():
            if not self.is_running() or time.monotonic() > deadline:
                raise TestServerError(f'PostgreSQL did not start:\n{self._log()}{CONTAINER_HINT}')
            await asyncio.sleep(0.02)

    async def execute(self, statement: str) -> None:
        """Run one SQL statement."""
        import asyncpg  # noqa: PLC0415  # absent where the engine is not used

        connection = await asyncpg.connect(
            host=self.socket_folder, user='postgres', database='postgres'
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server, by default without saving anything.

        Args:
            how: PostgreSQL's signal: SIGINT to write all data first, SIGQUIT not to.
        """
        if self._process is not None and self.is_running():
            self._process.send_signal(how)
            self._process.wait()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def _answers(self) -> bool:
        import asyncpg  # noqa: PLC0415  # absent where the engine is not used

        try:
            await self.execute('select 1')
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    def _log(self) -> str:
        return '\n'.join((self._data / 'log').read_text().splitlines()[-15:]) + '\n'
