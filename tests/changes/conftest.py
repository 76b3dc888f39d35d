"""What the tests of changes see of the wire."""

import pytest

from tests.contract.conftest import Wire
from tests.drivers import DRIVERS, settled


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
