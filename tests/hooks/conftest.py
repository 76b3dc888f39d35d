"""Databases whose calls are awaited, for hooks that are."""

import pytest

from tests.drivers import DRIVERS


@pytest.fixture(params=[name for name in DRIVERS if name != 'pymongo'])
def any_async_db(request, clients, sync_db):
    """The database of each driver whose calls are awaited."""
    return clients[request.param][sync_db.name]
