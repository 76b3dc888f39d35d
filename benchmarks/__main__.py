"""The command: `python -m benchmarks` prints a table of ratios to the raw driver.

Each row is measured against `bson.decode` or `bson.encode` of the same document, in turns, with
garbage collection on; it is the median of the ratios, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import bson
import pymongo

from aiomongodel.document import BaseDocument, Document
from benchmarks import models


class Row(NamedTuple):
    """A measurement: something of ours against something of the driver's."""

    name: str
    ours: Callable[[], Any]
    raw: Callable[[], Any]


def read_all(document: BaseDocument) -> BaseDocument:
    """Read every value, embedded ones too."""
    for value in document.to_data().values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseDocument):
                read_all(item)
    return document


def rows_of(model: type[Document], stored: dict[str, Any]) -> list[Row]:
    """The rows of one model, after a check that its document survives a round trip."""
    raw = bson.encode(stored)
    load, dump = model.meta.codec.load, model.meta.codec.dump
    document = read_all(load(bson.decode(raw)))
    assert document.to_mongo() == load(bson.decode(raw)).to_mongo() == stored
    assert document.validate() is document

    def decode() -> Any:
        return bson.decode(raw)

    def encode() -> Any:
        return bson.encode(stored)

    untouched = load(bson.decode(raw))
    return [
        Row('load', lambda: load(bson.decode(raw)), decode),
        Row('load and read all', lambda: read_all(load(bson.decode(raw))), decode),
        Row('dump untouched', lambda: bson.encode(dump(untouched)), encode),
        Row('dump after reading all', lambda: bson.encode(dump(document)), encode),
        Row('validate', document.validate, encode),
    ]


def seconds(function: Callable[[], Any], number: int) -> float:
    """The time of so many calls."""
    start = time.perf_counter()
    for _ in range(number):
        function()
    return time.perf_counter() - start


def ratios(row: Row, repeats: int, number: int) -> list[float]:
    """The ratios of so many repeats, in order of size."""
    return sorted(seconds(row.ours, number) / seconds(row.raw, number) for _ in range(repeats))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog='python -m benchmarks', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='fewer repeats, in a few seconds')
    repeats, number = (9, 300) if parser.parse_args().quick else (25, 2000)
    print(f'Python {platform.python_version()}, pymongo {pymongo.version}, {platform.machine()}')
    print(f'{"":8}{"":24}{"median":>8}{"low":>8}{"high":>8}')
    for title, model, stored in [
        ('flat', models.Flat, models.flat()),
        ('nested', models.Order, models.order()),
    ]:
        for row in rows_of(model, stored):
            low, *_, high = found = ratios(row, repeats, number)
            median = statistics.median(found)
            print(f'{title:8}{row.name:24}{median:8.2f}{low:8.2f}{high:8.2f}')


if __name__ == '__main__':
    main()
