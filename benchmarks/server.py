"""What calls through a server cost this process, whatever the server takes for its part.

It is the processor's time of all threads of the process, since Motor does its work in some.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, NamedTuple

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient

from aiomongodel.drivers import settled
from benchmarks import floors
from benchmarks.documents import Case, Data, flat, order
from benchmarks.measure import Effort, clock, ratio_of, settle
from benchmarks.systems.ours import Ours

STORED: Final = 10_000
"""The documents in the collection."""

DATABASE: Final = 'aiomongodel_benchmark'
WRITTEN: Final = '_written'
"""The name of the database, and what the name of the one that is written into has beside it."""

Call = Callable[[], Awaitable[Any]]


class Driver(NamedTuple):
    """A driver, by its name and what connects to a server."""

    name: str
    connect: Callable[[str], Any]


DRIVERS: Final = (
    Driver('Motor', AsyncIOMotorClient),
    Driver('AsyncMongoClient', AsyncMongoClient),
    Driver('MongoClient', MongoClient),
)


class Operation(NamedTuple):
    """A call of ours and of the driver's, both made so many times in a batch.

    Attributes:
        name: Its name in the results.
        ours: Ours.
        raw: The driver's.
        number: The calls of a batch.
        before: What is done before each batch, untimed.
    """

    name: str
    ours: Call
    raw: Call
    number: int
    before: Call | None = None


class Result(NamedTuple):
    """The client's time of a call, against the driver's."""

    driver: str
    case: str
    operation: str
    median: float
    low: float
    high: float
    seconds: float
    raw_seconds: float


def run(effort: Effort, uri: str) -> Any:
    """All operations with all drivers."""
    return [
        result._asdict()
        for driver in DRIVERS
        for case in (flat(), order())
        for result in asyncio.run(with_driver(driver, uri, case, effort))
    ]


def listed(find: Callable[[], Any], size: int) -> Any:
    """So many documents in a list."""
    return find().limit(size).to_list(size)


async def drained(cursor: Any) -> list[Any]:
    """The documents of a cursor, one after the other."""
    if hasattr(cursor, '__aiter__'):
        return [document async for document in cursor]
    return list(cursor)


async def with_driver(driver: Driver, uri: str, case: Case, effort: Effort) -> list[Result]:
    """All operations with a driver."""
    client = driver.connect(uri)
    name = f'{DATABASE}_{ObjectId()}'
    try:
        calls = Calls(Ours(case.shape), client[name], case)
        await calls.prepare()
        return [await calls.measure(driver.name, each, effort) for each in calls.operations()]
    finally:
        await settled(client.drop_database(name))
        await settled(client.drop_database(name + WRITTEN))
        await settled(client.close())


class Calls:
    """The operations on the documents of a case."""

    def __init__(self, ours: Ours, db: Any, case: Case) -> None:
        self.ours, self.db, self.case = ours, db, case
        self.query_set = ours.model.q(db)
        self.raw = db[ours.model.meta.collection_name]
        self.into = ours.model.q(db.client[db.name + WRITTEN])
        self.written = self.into.coll
        self.stored: list[Data] = []

    async def prepare(self) -> None:
        """Store the documents."""
        self.stored = [{**self.case.stored, '_id': ObjectId()} for _ in range(STORED)]
        for start in range(0, STORED, 1000):
            await settled(self.raw.insert_many(self.stored[start : start + 1000]))
        settle()

    def operations(self) -> Iterator[Operation]:
        """All operations."""
        yield from self.reading()
        yield from self.writing()

    def reading(self) -> Iterator[Operation]:
        """Of lists, of a cursor, of one document."""
        find, raw_find, document_id = self.query_set.find, self.raw.find, self.stored[0]['_id']
        yield Operation(
            'the floor of to_list(1000)',
            self.floor(1000),
            functools.partial(listed, raw_find, 1000),
            3,
        )
        for size, number in ((1000, 3), (STORED, 1)):
            yield Operation(
                f'to_list({size})',
                functools.partial(listed, find, size),
                functools.partial(listed, raw_find, size),
                number,
            )
        yield Operation(
            'async for, 1000',
            lambda: drained(find().limit(1000)),
            lambda: drained(raw_find().limit(1000)),
            3,
        )
        yield Operation(
            'get',
            lambda: self.query_set.get(document_id),
            lambda: self.raw.find_one({'_id': document_id}),
            200,
        )

    def floor(self, size: int) -> Call:
        """The least that a list of objects takes: see `benchmarks.floors`."""
        load, find = floors.loader(self.case), self.raw.find

        async def run() -> list[Any]:
            return [load(data) for data in await settled(listed(find, size))]

        return run

    def writing(self) -> Iterator[Operation]:
        """Of one document, and of many."""
        stored = self.stored[0]
        document = self.ours.loader()(dict(stored))
        yield Operation(
            'save',
            lambda: document.save(self.db),
            lambda: self.raw.replace_one({'_id': stored['_id']}, stored, upsert=True),
            200,
        )
        many = self.stored[:1000]
        documents = [self.ours.loader()(dict(each)) for each in many]
        yield Operation(
            'insert_many(1000)',
            lambda: self.into.insert_many(documents),
            lambda: self.written.insert_many(many),
            1,
            lambda: settled(self.written.delete_many({})),
        )

    async def measure(self, driver: str, operation: Operation, effort: Effort) -> Result:
        """Check that both calls do the same, and measure them in turns."""
        await self.check(operation)
        pairs = []
        for _ in range(effort.repeats):
            ours = await self.seconds(operation.ours, operation)
            pairs.append((ours, await self.seconds(operation.raw, operation)))
        return Result(driver, self.case.name, operation.name, *ratio_of(pairs))

    @staticmethod
    async def seconds(call: Call, operation: Operation) -> float:
        """The client's time of a call, by a batch."""
        if operation.before is not None:
            await operation.before()
        start = clock()
        for _ in itertools.repeat(None, operation.number):
            await settled(call())
        return (clock() - start) / operation.number

    async def check(self, operation: Operation) -> None:
        """What is read is equal, and what is written is there."""
        found: list[Any] = []
        for call in (operation.ours, operation.raw):
            if operation.before is not None:
                await operation.before()
            found.append(await settled(call()))
            if operation.before is not None:
                assert await self.is_written()
        if operation.name == 'save':
            assert await settled(self.raw.find_one({'_id': found[0]._id})) == self.stored[0]
        elif operation.name.startswith('the floor'):
            assert [vars(document) for document in found[0]] == found[1]
        elif operation.before is None:
            assert self.plain(found[0]) == self.values(found[1])

    async def is_written(self) -> bool:
        """Whether the documents of `insert_many` are stored."""
        found: list[Data] = await drained(self.written.find().sort('_id', 1))
        return found == self.stored[:1000]

    def plain(self, found: Any) -> list[Data]:
        """The values of our documents."""
        documents = found if isinstance(found, list) else [found]
        return [self.ours.plain(document, self.case.shape) for document in documents]

    def values(self, found: Any) -> list[Data]:
        """The values of the driver's dicts."""
        dicts = found if isinstance(found, list) else [found]
        return [self.case._replace(stored=data).values for data in dicts]
