"""The one folder in which everything is kept, and locks between processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import TestServerError
from .progress import say


def cache_folder() -> Path:
    """Gives the folder for all files: `$AIOMONGODEL_CACHE`, or one in the user's cache."""
    if own := os.environ.get('AIOMONGODEL_CACHE'):
        return Path(own).absolute()
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base, 'aiomongodel').absolute()


def is_locked(path: Path) -> bool:
    """Tells whether a process holds the lock of a file; those who ask do not see each other."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def try_lock(path: Path) -> int | None:
    """Locks a file if nobody else has it locked.

    The lock lasts until the last copy of the descriptor is closed, so a child that inherits
    it keeps it, and the system frees it whatever way the holders end.

    Args:
        path: The file; it is created where it is missing.

    Returns:
        The open descriptor that holds the lock, or None where another process has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Holds a lock of the cache folder, waiting for whoever has it now.

    Args:
        name: What is locked, as in `'install'`.
    """
    path = cache_folder() / f'{name}.lock'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = try_lock(path)
    except OSError as error:
        raise TestServerError(
            f'the cache folder cannot be written: {error}; AIOMONGODEL_CACHE names another one'
        ) from error
    if descriptor is None:
        say(f'waiting for another process ({path} is locked)…')
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)
