"""How time grows: with the documents of one `to_list`, the fields of a document, its nesting.

The documents come out of bytes in memory, decoded as the driver decodes a batch: 100,000 of them
would measure the server.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import bson

from benchmarks import rows
from benchmarks.documents import Case, flat, nested, wide
from benchmarks.measure import Effort, Ratio, compare
from benchmarks.rows import Bench
from benchmarks.systems.ours import Ours

DOCUMENTS: Final = (1, 10, 100, 1_000, 10_000, 100_000)
FIELDS: Final = (5, 10, 25, 50, 100, 200)
NESTING: Final = (1, 2, 5, 10, 20, 30)
TO_LIST: Final = 'to_list'
UNCOLLECTED: Final = 'to_list, no gc'
MEASURED: Final = (rows.LOAD, rows.READ_ALL, rows.DUMP, rows.DUMP_READ, rows.CONSTRUCT)


class Point(NamedTuple):
    """A measurement of a curve; the times are per document, or per field or level where these grow.

    Attributes:
        curve: What grows.
        row: The work.
        size: How much there is of it.
        median: The ratio to the driver.
        low: Its first quartile.
        high: Its third quartile.
        seconds: The time of each.
        raw_seconds: The driver's.
    """

    curve: str
    row: str
    size: int
    median: float
    low: float
    high: float
    seconds: float
    raw_seconds: float


class InMemory:
    """A driver's cursor of documents that have arrived already."""

    def __init__(self, batch: bytes) -> None:
        self.batch = batch

    async def to_list(self, length: int | None = None) -> list[Any]:
        """All of them, decoded as a batch."""
        return bson.decode_all(self.batch)[:length]


def run(effort: Effort) -> Any:
    """All curves."""
    return [point._asdict() for point in points(effort)]


def points(effort: Effort) -> Iterator[Point]:
    """The points of all curves."""
    for size in DOCUMENTS[: effort.sizes]:
        yield documents_point(TO_LIST, size, effort)
        try:
            gc.disable()
            yield documents_point(UNCOLLECTED, size, effort)
        finally:
            gc.enable()
    for size in FIELDS[: effort.sizes]:
        yield from case_points('fields', size, wide(size), effort)
    for size in NESTING[: effort.sizes]:
        yield from case_points('nesting', size, nested(size), effort)


def documents_point(row: str, size: int, effort: Effort) -> Point:
    """So many documents in one `to_list`."""
    case = flat()
    batch = bson.encode(case.stored) * size
    ours = Ours(case.shape)
    cursor = ours.cursor()
    cursor.cursor = InMemory(batch)
    with asyncio.Runner() as runner:
        load, raw = finished(cursor.to_list, runner), finished(cursor.cursor.to_list, runner)
        assert [ours.plain(document, case.shape) for document in load()] == [case.values] * size
        return point('documents', row, size, compare(load, raw, effort))


def finished(function: Callable[[], Any], runner: asyncio.Runner) -> Callable[[], Any]:
    """A function that waits for nothing, run to its end; the loop it may ask for is there."""
    runner.get_loop()

    def finish() -> Any:
        try:
            function().send(None)
        except StopIteration as end:
            return end.value
        raise AssertionError('it waits for something')

    return finish


def case_points(curve: str, size: int, case: Case, effort: Effort) -> Iterator[Point]:
    """Some rows of a document of this size."""
    bench = Bench(Ours, case)
    for row in bench.rows():
        if row.name in MEASURED:
            yield point(curve, row.name, size, compare(row.function, row.raw, effort))


def point(curve: str, row: str, size: int, ratio: Ratio) -> Point:
    """A measurement, with its times by the size."""
    seconds, raw_seconds = ratio.seconds / size, ratio.raw_seconds / size
    return Point(curve, row, size, ratio.median, ratio.low, ratio.high, seconds, raw_seconds)
