"""What tests of transactions do the same way for each driver."""

import pymongo.database

from tests.drivers import each as each_of
from tests.drivers import settled

__all__ = ['as_work', 'driven', 'has_ended', 'is_sync', 'stored']


def is_sync(db):
    return isinstance(db, pymongo.database.Database)


def driven(coroutine):
    """Drive a coroutine to its end that waits for nothing, as beside MongoClient."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError('the coroutine waits for an event loop')


def as_work(db, work):
    """Give a coroutine function as what the database takes for a function of the caller's."""
    if not is_sync(db):
        return work
    return lambda *args: driven(work(*args))


def has_ended(driver_session):
    """Tell whether a driver's session has ended; Motor's does not say so itself."""
    return getattr(driver_session, 'delegate', driver_session).has_ended


async def stored(model, db):
    """Give the raw documents, as they are outside of any transaction."""
    return [each async for each in each_of(model.coll(db).find({}, sort=[('_id', 1)]))]


async def create(db, *models):
    """Create the collections, which is done before a transaction and not in it."""
    for model in models:
        # A cancelled call of Motor's, which goes on in its thread, may have made it meanwhile.
        await settled(model.coll(db).drop())
        await settled(model.create_collection(db))
