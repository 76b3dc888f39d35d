"""The three drivers behind one face: what one of them awaits, another has at once."""

import inspect

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient

CLIENTS = {'motor': AsyncIOMotorClient, 'pymongo': MongoClient, 'pymongo_async': AsyncMongoClient}


# counts long in each document, so that it can be caught in the middle
SLOW = {
    '$project': {
        'n': {
            '$reduce': {
                'input': {'$range': [0, 100_000]},
                'initialValue': 0,
                'in': {'$add': ['$$value', '$$this']},
            }
        }
    }
}


async def done(value):
    """Gives a value that may have to be awaited."""
    return await value if inspect.isawaitable(value) else value


async def all_of(cursor):
    """Reads a cursor to its end."""
    cursor = await done(cursor)
    if hasattr(cursor, '__aiter__'):
        return [document async for document in cursor]
    return list(cursor)


async def in_transaction(client):
    """Gives a session in which a transaction was started."""
    session = await done(client.start_session())
    await done(session.start_transaction())
    return session
