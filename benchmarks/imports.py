"""The time of imports, each in a process of its own: a second import costs nothing."""

from __future__ import annotations

import statistics
import subprocess  # a second import in one process costs nothing
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.measure import Effort
from benchmarks.worker import isolated

ROOT: Final = Path(__file__).parent.parent

STATEMENTS: Final = {
    'nothing': 'pass',
    'pymongo': 'import pymongo',
    'Motor': 'import motor.motor_asyncio',
    'aiomongodel': 'import aiomongodel',
    'aiomongodel and Motor': 'import aiomongodel, motor.motor_asyncio',
}


class Import(NamedTuple):
    """The processor's time of an import, in seconds, without the interpreter's own start."""

    name: str
    seconds: float


def run(effort: Effort) -> Any:
    """All imports."""
    return [each._asdict() for each in imports(effort.repeats)]


def imports(repeats: int) -> list[Import]:
    """The medians over so many processes, all statements in turns."""
    seconds('pass')
    turns = [{name: seconds(each) for name, each in STATEMENTS.items()} for _ in range(repeats)]
    medians = {name: statistics.median(turn[name] for turn in turns) for name in STATEMENTS}
    start = medians.pop('nothing')
    return [Import(name, median - start) for name, median in medians.items()]


def seconds(statement: str) -> float:
    """The processor's time of a process that does this."""
    path = f'import sys, time; sys.path.append({str(ROOT)!r})'
    code = f'{path}; {statement}; print(time.process_time())'
    command = [*isolated(sys.executable), '-c', code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)
