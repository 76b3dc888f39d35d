"""What tests of transactions see of the wire, and a server without a replica set."""

import asyncio

import pytest

from aiomongodel import MotorQuerySet
from tests.contract.conftest import Wire
from tests.drivers import DRIVERS, settled
from tests.own_server import OwnServer, require_engine


@pytest.fixture(scope='session', params=DRIVERS)
async def wired_client(request, mongodb_uri):
    """A client of each driver, and what it has sent."""
    listener = Wire()
    client = DRIVERS[request.param](mongodb_uri, event_listeners=[listener])
    yield client, listener
    await settled(client.close())


@pytest.fixture
def wire(wired_client, sync_db):
    """The commands that a client of each driver has sent in this test, and its database."""
    client, listener = wired_client
    listener.commands.clear()
    listener.db = client[sync_db.name]
    return listener


@pytest.fixture(params=[name for name in DRIVERS if name != 'pymongo'])
def any_async_db(request, clients, sync_db):
    """The database of each driver whose calls are awaited."""
    return clients[request.param][sync_db.name]


@pytest.fixture
def slow_answers(monkeypatch):
    """Have each call's answer come late, after the server has done its work."""
    call = MotorQuerySet._call

    async def slow(*args, **kwargs):
        found = await call(*args, **kwargs)
        await asyncio.sleep(0.1)
        return found

    monkeypatch.setattr(MotorQuerySet, '_call', slow)


@pytest.fixture(scope='module')
def standalone_uri(tmp_path_factory):
    """The URI of a server that is no member of a replica set."""
    require_engine()
    server = OwnServer(tmp_path_factory.mktemp('standalone'), '--standalone')
    yield server.start()
    server.stop()
