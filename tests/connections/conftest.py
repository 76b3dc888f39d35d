"""Servers that misbehave as no real one does on demand, and an environment that says nothing."""

import asyncio
import contextlib
import itertools
import queue
import socket
import threading

import pytest

import tests.properties.conftest  # noqa: F401 - the settings of Hypothesis
from aiomongodel import connect
from tests.drivers import settled
from tools.testserver.gateway.wire import encode_reply, read_message

VARIABLES = ['MONGO_URL', 'MONGO_USER', 'MONGO_PASSWORD', 'MONGO_DB_NAME']
HELLO = {
    'isWritablePrimary': True,
    'helloOk': True,
    'maxWireVersion': 21,
    'minWireVersion': 0,
    'maxBsonObjectSize': 16_000_000,
    'maxMessageSizeBytes': 48_000_000,
    'maxWriteBatchSize': 100_000,
    'ok': 1.0,
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def connection(mongodb_uri, database_name):
    """A connection to the test server, whose async clients the test closes."""
    with connect(mongodb_uri, database_name) as connection:
        yield connection


@pytest.fixture
def silent_server():
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port():
    """A port on which nothing listens."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def fake_server():
    """Start a server that greets, and answers each other command by a function of it."""
    with contextlib.ExitStack() as stack:
        yield lambda answer: stack.enter_context(answering(answer))


@contextlib.contextmanager
def answering(answer):
    listening = socket.create_server(('127.0.0.1', 0))
    started = queue.SimpleQueue()
    thread = threading.Thread(target=asyncio.run, args=[run_server(answer, listening, started)])
    thread.start()
    loop, stopped = started.get()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()


async def run_server(answer, listening, started):
    stopped = asyncio.Event()
    server = await asyncio.start_server(lambda *streams: serve(answer, *streams), sock=listening)
    started.put((asyncio.get_running_loop(), stopped))
    await stopped.wait()
    server.close()


async def serve(answer, reader, writer):
    numbers = itertools.count(1)
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        while message := await read_message(reader):
            greets = next(iter(message.body)).lower() in {'hello', 'ismaster'}
            reply = HELLO if greets else await settled(answer(message.body))
            if reply is None:
                break
            writer.write(encode_reply(message, reply, next(numbers)))
            await writer.drain()
    writer.close()
