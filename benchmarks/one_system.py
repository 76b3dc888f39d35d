"""All that is measured of each system: its rows, and the memory of its documents."""

from __future__ import annotations

import platform
from typing import Any, Final

from benchmarks import memory
from benchmarks.documents import Case, cases
from benchmarks.measure import Effort, compare
from benchmarks.rows import Bench
from benchmarks.systems import ENTRIES
from benchmarks.systems.base import System

IN_MEMORY: Final = ('flat', 'nested')
"""The documents whose memory is measured."""


def run(effort: Effort, title: str) -> Any:
    """The results of the system of this title."""
    system = ENTRIES[title].load()
    found = cases()
    return {
        'python': platform.python_version(),
        'versions': system.versions(),
        'rows': [row for case in found for row in rows_of(system, case, effort)],
        'memory': [
            {'case': case.name, **each._asdict()}
            for case in found
            if case.name in IN_MEMORY
            for each in memory.memories(system, case, 300)
        ],
    }


def rows_of(system: type[System], case: Case, effort: Effort) -> list[Any]:
    """The rows of one document."""
    return [
        {
            'case': case.name,
            'row': row.name,
            **compare(row.function, row.raw, effort)._asdict(),
        }
        for row in Bench(system, case).rows()
    ]
