"""The contract holds for each driver. What its tests see of the wire."""

import pytest
from pymongo.monitoring import CommandListener

from tests.drivers import settled


@pytest.fixture
def db(any_db):
    return any_db


class Wire(CommandListener):
    """The commands that a client of its own has sent, and its database."""

    def __init__(self):
        self.commands = []
        self.db = None

    def started(self, event):
        self.commands.append(event.command)

    def succeeded(self, event):
        """Nothing is kept of an answer."""

    def failed(self, event):
        """Nothing is kept of an error."""

    def sent(self, name):
        """Return the last command of this name."""
        return [dict(command) for command in self.commands if name in command][-1]


@pytest.fixture
async def wire(mongodb_uri, db):
    listener = Wire()
    client = type(db.client)(mongodb_uri, event_listeners=[listener])
    listener.db = client[db.name]
    yield listener
    await settled(client.close())
