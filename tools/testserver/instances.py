"""The folders of running servers: one kept up for this checkout, and private ones.

A folder belongs to a server for as long as its lock is held. The lock is inherited by the
process that runs the server, so it is free once that process is gone, however it went: that is
how a folder left behind is told from one in use, even after the machine was restarted and the
process ids went to others.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.testserver.cache import cache_folder, is_locked, locked, remedy_named, try_lock
from tools.testserver.errors import TestServerError

STARTING_LIMIT = 90  # seconds
CLAIMING_LIMIT = 2  # seconds
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class State:
    """What a server tells about itself once it is up."""

    pid: int
    uri: str


@dataclass(frozen=True)
class Instance:
    """The folder of one server."""

    folder: Path

    @classmethod
    def kept(cls) -> 'Instance':
        """Name the place of the server that `start` keeps up for this checkout."""
        name = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
        return cls(cache_folder() / 'servers' / f'kept-{name}')

    @classmethod
    def private(cls) -> tuple['Instance', int]:
        """Make a place of its own for a server.

        Returns:
            The place, and the descriptor that holds its lock.

        Raises:
            TestServerError: The cache folder cannot be written.
        """
        with locked('servers'):
            _remove_abandoned()
            with remedy_named():
                _servers().mkdir(parents=True, exist_ok=True)
                instance = cls(Path(tempfile.mkdtemp(prefix='private-', dir=_servers())))
            return instance, instance.claim()

    @property
    def log(self) -> Path:
        """The file with what the server's process writes to stdout and stderr."""
        return self.folder / 'log'

    def claim(self) -> int:
        """Take the folder, emptied of what a dead server left.

        Returns:
            The descriptor that holds its lock.

        Raises:
            BlockingIOError: A server is running there.
            TestServerError: The folder cannot be written.
        """
        with remedy_named():
            self.folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + CLAIMING_LIMIT
        while (descriptor := try_lock(self._lock)) is None:
            if time.monotonic() > deadline:
                raise BlockingIOError(f'{self.folder} is in use')
            time.sleep(0.01)  # somebody only asks whether it is locked
        self.empty()
        return descriptor

    def is_running(self) -> bool:
        """Tell whether a process holds the folder."""
        return is_locked(self._lock)

    def running_state(self) -> State | None:
        """Read the state of the server that runs here, and wait for it if that is starting.

        Returns:
            The state, or None where no server runs.

        Raises:
            TestServerError: It runs, but does not tell its state.
        """
        deadline = time.monotonic() + STARTING_LIMIT
        while self.is_running():
            if state := self._read_state():
                return state
            if time.monotonic() > deadline:
                raise TestServerError(
                    f'the server in {self.folder} does not come up: end it, and remove the folder'
                )
            time.sleep(0.05)
        return None

    def _read_state(self) -> State | None:
        try:
            return State(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def tell(self, state: State) -> None:
        """Record the state, whole or not at all."""
        draft = self._state.with_suffix('.new')
        draft.write_text(json.dumps({'pid': state.pid, 'uri': state.uri}))
        draft.replace(self._state)

    def empty(self) -> None:
        """Remove all but the lock."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path != self._lock:
                path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _lock(self) -> Path:
        return self.folder / 'lock'

    @property
    def _state(self) -> Path:
        return self.folder / 'state.json'


def _servers() -> Path:
    return cache_folder() / 'servers'


def _remove_abandoned() -> None:
    for folder in _servers().glob('private-*'):
        instance = Instance(folder)
        if not instance.is_running():
            instance.remove()
