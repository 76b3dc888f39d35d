"""One server for the test run, one database for each of its workers, by each driver."""

import os

import pytest

from tests.drivers import DRIVERS, settled
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
async def clients(mongodb_uri):
    """One client of each driver, by the driver's name."""
    clients = {name: make(mongodb_uri) for name, make in DRIVERS.items()}
    yield clients
    for client in clients.values():
        await settled(client.close())


@pytest.fixture(scope='session')
def client(clients):
    """Motor's client."""
    return clients['motor']


@pytest.fixture(scope='session')
def database_name(clients):
    # The pid keeps two runs apart that share a server.
    name = f'test_{os.environ.get("PYTEST_XDIST_WORKER", "main")}_{os.getpid()}'
    yield name
    clients['pymongo'].drop_database(name)


@pytest.fixture
def sync_db(clients, database_name):
    """A MongoClient's database without collections."""
    database = clients['pymongo'][database_name]
    yield database
    for name in database.list_collection_names():
        database.drop_collection(name)


@pytest.fixture
def db(client, sync_db):
    """The same as Motor's."""
    return client[sync_db.name]


@pytest.fixture(params=DRIVERS)
def any_db(request, clients, sync_db):
    """The same, once for each driver."""
    return clients[request.param][sync_db.name]
