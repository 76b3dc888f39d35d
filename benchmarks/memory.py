"""The memory of loaded documents, against that of the driver's dicts.

`tracemalloc` counts each block that Python's allocators give, the C extensions' included, in bytes
as asked for: no rounding to pages, so a small number of documents is enough.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks import readers
from benchmarks.documents import Case
from benchmarks.rows import Bench
from benchmarks.systems.base import System

LOADED = 'memory, loaded'
READ = 'memory, read all'


class Memory(NamedTuple):
    """Bytes per document of a system's, and of the driver's."""

    name: str
    bytes: float
    raw_bytes: float


def memories(system_class: type[System], case: Case, number: int) -> list[Memory]:
    """The memory of documents as they are loaded, and after all their values were read."""
    bench = Bench(system_class, case)
    load, decode = bench.load(bench.system), bench.load(bench.driver)
    read = bench.then(bench.system, keeping(readers.whole_reader(bench.system)))
    raw = bytes_of(decode, number)
    return [
        Memory(LOADED, bytes_of(load, number), raw),
        Memory(READ, bytes_of(read, number), raw),
    ]


def keeping(read: Callable[[Any], None]) -> Callable[[Any], Any]:
    """A reader that gives the document on."""

    def run(document: Any) -> Any:
        read(document)
        return document

    return run


def bytes_of(make: Callable[[], Any], number: int) -> float:
    """The bytes of one of so many objects, all of them alive."""
    make()  # what is made once, is made now
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [make() for _ in range(number)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / len(kept)
