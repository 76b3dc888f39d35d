"""One server for the test run, one database for each of its workers."""

import os

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from tools.testserver import running_server

URI = pytest.StashKey()


def pytest_configure(config):
    """Start the server, in the process that hands out the tests."""
    if hasattr(config, 'workerinput') or config.option.collectonly:
        return
    server = running_server()
    config.stash[URI] = server.__enter__()
    config.add_cleanup(lambda: server.__exit__(None, None, None))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tell a worker of pytest-xdist where the server is."""
    node.workerinput['mongodb_uri'] = node.config.stash[URI]


@pytest.fixture(scope='session')
def mongodb_uri(request):
    worker = getattr(request.config, 'workerinput', None)
    return request.config.stash[URI] if worker is None else worker['mongodb_uri']


@pytest.fixture(scope='session')
async def client(mongodb_uri):
    client = AsyncIOMotorClient(mongodb_uri)
    yield client
    client.close()


@pytest.fixture(scope='session')
async def database_of_worker(client):
    # The pid keeps two runs apart that share a server.
    name = f'test_{os.environ.get("PYTEST_XDIST_WORKER", "main")}_{os.getpid()}'
    yield client[name]
    await client.drop_database(name)


@pytest.fixture
async def db(database_of_worker):
    """A Motor database without collections."""
    yield database_of_worker
    for name in await database_of_worker.list_collection_names():
        await database_of_worker.drop_collection(name)
