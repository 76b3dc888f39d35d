"""A MongoDB server for tests and for the demo.

It is taken from `MONGODB_URI` where that is set; else it is `mongod` from PATH; else, on Debian
with root, the DocumentDB engine from Debian's packages behind a gateway of ours.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tools.testserver import engine
from tools.testserver.cache import locked
from tools.testserver.errors import TestServerError
from tools.testserver.instances import CHECKOUT, Instance
from tools.testserver.mongod import find_mongod
from tools.testserver.progress import say
from tools.testserver.runner import LIFETIME

__all__ = ['TestServerError', 'private_server', 'running_server', 'start', 'stop']

ANSWER_LIMIT = 5  # seconds
STOPPING_LIMIT = 20  # seconds


def start(transaction_lifetime: float = LIFETIME) -> str:
    """Start a server that stays up after this process, or find the one that does.

    Args:
        transaction_lifetime: After how many seconds an open transaction is aborted.

    Returns:
        Its URI.

    Raises:
        TestServerError: There is none to be had; the message says what to do.
    """
    if given := _given_uri():
        return given
    instance = Instance.kept()
    with locked(instance.folder.name):
        if running := _kept_uri(instance):
            return running
        _prepare()
        lock = instance.claim()
        process = _run(instance, lock, transaction_lifetime, stay=True)
        uri = _uri_of(process, instance)
        process.returncode = 0  # it stays up: Popen is not to warn that nobody waited for it
        return uri


def stop() -> bool:
    """Stop the server that `start` kept up for this checkout.

    Returns:
        Whether there was one.

    Raises:
        TestServerError: It does not end.
    """
    instance = Instance.kept()
    with locked(instance.folder.name):
        state = instance.running_state()
        if state is not None:
            _end(instance, state.pid)
        instance.remove()
    return state is not None


@contextmanager
def running_server() -> Iterator[str]:
    """Lend the URI of a server, for as long as the block lasts.

    It is the one of `MONGODB_URI` or the one that `start` keeps up, and where there is
    neither, a private one that is stopped at the end.

    Yields:
        The URI.

    Raises:
        TestServerError: There is none to be had; the message says what to do.

    Example:
        A client, whatever server there is::

            with running_server() as uri, MongoClient(uri) as client:
                client.admin.command('ping')
    """
    running = _given_uri() or _kept_uri(Instance.kept())
    if running:
        yield running
        return
    with private_server() as uri:
        yield uri


@contextmanager
def private_server(transaction_lifetime: float = LIFETIME) -> Iterator[str]:
    """Run a server of one's own on a free port, for as long as the block lasts.

    It ends with this process too, however that ends.

    Args:
        transaction_lifetime: After how many seconds an open transaction is aborted.

    Yields:
        Its URI.

    Raises:
        TestServerError: There is none to be had; the message says what to do.
    """
    _prepare()
    instance, lock = Instance.private()
    process = _run(instance, lock, transaction_lifetime, stay=False)
    try:
        yield _uri_of(process, instance)
    finally:
        _finish(process)
        instance.remove()


def _given_uri() -> str | None:
    """Read the URI of the environment, once its server has answered."""
    uri = os.environ.get('MONGODB_URI')
    if not uri:
        return None
    try:
        with MongoClient[Any](uri, serverSelectionTimeoutMS=ANSWER_LIMIT * 1000) as client:
            client.admin.command('ping')
    except PyMongoError as error:
        raise TestServerError(
            f'the server of MONGODB_URI does not answer: {error}; start it, or unset MONGODB_URI'
        ) from error
    return uri


def _prepare() -> None:
    if find_mongod() is None:
        engine.refuse_unsupported_host()
        engine.install()


def _kept_uri(instance: Instance) -> str | None:
    state = instance.running_state()
    return state.uri if state else None


def _run(
    instance: Instance, lock: int, transaction_lifetime: float, *, stay: bool
) -> subprocess.Popen[bytes]:
    """Start the runner, which inherits the lock of its folder."""
    words = [sys.executable, '-m', f'{__name__}.runner', str(instance.folder)]
    words += ['--transaction-lifetime', str(transaction_lifetime)]
    with instance.log.open('wb') as log:
        process = subprocess.Popen(
            words if stay else [*words, '--follow-parent'],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL if stay else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C is for us, and we tell the runner
        )
    os.close(lock)
    return process


def _uri_of(process: subprocess.Popen[bytes], instance: Instance) -> str:
    """Wait until the runner tells the URI."""
    assert process.stdout is not None  # noqa: S101  # _run asked for a pipe
    try:
        with process.stdout as told:
            uri = told.readline().decode().strip()
    except BaseException:
        process.terminate()
        raise
    if not uri:
        process.wait()
        raise TestServerError(instance.log.read_text().strip() or 'the server ended at its start')
    return uri


def _finish(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOPPING_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end(instance: Instance, pid: int) -> None:
    """End the runner; as it holds the lock, the process id is still its own."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPPING_LIMIT
    while instance.is_running():
        if time.monotonic() > deadline:
            say(f'the server does not end: killing process {pid}')
            os.kill(pid, signal.SIGKILL)
            deadline += STOPPING_LIMIT
        time.sleep(0.02)
