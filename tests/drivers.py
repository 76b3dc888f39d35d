"""The three drivers, and how one body of a test serves them all: it awaits what is awaitable."""

import contextlib
import inspect

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database

DRIVERS = {'motor': AsyncIOMotorClient, 'pymongo-async': AsyncMongoClient, 'pymongo': MongoClient}


async def settled(result):
    """Give what a call gives: a coroutine's result is awaited, a plain one is there."""
    return await result if inspect.isawaitable(result) else result


async def each(iterable):
    """Give the items of an asynchronous iterable or a plain one."""
    if hasattr(iterable, '__aiter__'):
        async for item in iterable:
            yield item
    else:
        for item in iterable:
            yield item


@contextlib.asynccontextmanager
async def entered(manager):
    """Enter an asynchronous context manager or a plain one, or what a coroutine gives for it."""
    manager = await settled(manager)
    if hasattr(manager, '__aenter__'):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


def for_kind(db, awaited, blocking):
    """Give the first for a database whose calls are awaited, the second for a synchronous one."""
    return blocking if isinstance(db, Database) else awaited


def following(iterator):
    """Give the next item of an asynchronous iterator, to be awaited, or of a plain one."""
    return anext(iterator) if hasattr(iterator, '__anext__') else next(iterator)


def end_of(iterator):
    """Give the exception by which an asynchronous iterator or a plain one stops."""
    return StopAsyncIteration if hasattr(iterator, '__anext__') else StopIteration


def options_of(cursor):
    """Give the attributes of a driver's cursor: Motor's stands for one of PyMongo's."""
    return vars(getattr(cursor, 'delegate', cursor))
