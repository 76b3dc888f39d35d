"""The three drivers, and how one body of a test serves them all: it awaits what is awaitable."""

import contextlib
import inspect

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient

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
