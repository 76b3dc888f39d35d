import os
import uuid

import pytest
from pymongo import MongoClient

from tools.testserver import TestServerError, private_server

from .drivers import CLIENTS, done


@pytest.fixture(scope='session')
def mongo(mongodb_uri):
    with MongoClient(mongodb_uri) as client:
        yield client


@pytest.fixture
def database_name(mongo):
    name = f'server_{os.environ.get("PYTEST_XDIST_WORKER", "main")}_{uuid.uuid4().hex[:8]}'
    yield name
    mongo.drop_database(name)


@pytest.fixture
def plain(mongo, database_name):
    """A database of PyMongo's MongoClient."""
    return mongo[database_name]


@pytest.fixture(scope='session', params=sorted(CLIENTS))
async def client(request, mongodb_uri):
    client = CLIENTS[request.param](mongodb_uri)
    yield client
    await done(client.close())


@pytest.fixture
def db(client, database_name):
    """A database of each of the three drivers."""
    return client[database_name]


@pytest.fixture
def gateway_uri(mongo, mongodb_uri):
    """The URI of a server that is our gateway."""
    if mongo.server_info()['gitVersion'] != 'documentdb':
        pytest.skip('this is about our gateway, and the server is another one')
    return mongodb_uri


@pytest.fixture(scope='session')
def impatient_uri():
    """The URI of a private server that aborts a transaction after a second."""
    try:
        server = private_server(transaction_lifetime=1)
        uri = server.__enter__()
    except TestServerError as error:
        if 'MONGODB_URI' in os.environ:
            pytest.skip(f'this machine has no server of its own: {error}')
        raise
    yield uri
    server.__exit__(None, None, None)
