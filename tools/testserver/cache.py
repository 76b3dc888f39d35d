"""The one folder in which everything is kept, and locks between processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.testserver.errors import TestServerError
from tools.testserver.progress import say


def cache_folder() -> Path:
    """Name the folder for all files: `$AIOMONGODEL_CACHE`, or one in the user's cache."""
    if own := os.environ.get('AIOMONGODEL_CACHE'):
        return Path(own).absolute()
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base, 'aiomongodel').absolute()


@contextmanager
def remedy_named() -> Iterator[None]:
    """Name the remedy where the cache folder is read-only, or is another user's.

    Raises:
        TestServerError: Something in the folder cannot be opened or made.
    """
    try:
        yield
    except OSError as error:
        raise TestServerError(
            f'the cache folder cannot be written: {error}; AIOMONGODEL_CACHE names another one'
        ) from error


def is_locked(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; those who ask do not see each other.

    Args:
        path: The file; where it is missing, nobody holds its lock.

    Returns:
        Whether one does.

    Raises:
        TestServerError: The file cannot be opened.
    """
    with remedy_named():
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
    """Lock a file if nobody else has it locked.

    The lock lasts until the last copy of the descriptor is closed, so a child that inherits
    it keeps it, and the system frees it whatever way the holders end.

    Args:
        path: The file; it is created where it is missing.

    Returns:
        The open descriptor that holds the lock, or None where another process has it.

    Raises:
        TestServerError: The file cannot be opened.
    """
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of the cache folder, waiting for whoever has it now.

    Args:
        name: What is locked, as in `'install'`.

    Raises:
        TestServerError: The folder cannot be written.
    """
    path = cache_folder() / f'{name}.lock'
    with remedy_named():
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = try_lock(path)
    if descriptor is None:
        say(f'waiting for another process ({path} is locked)…')
        descriptor = _open(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    with remedy_named():
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
