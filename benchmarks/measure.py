"""Timing: two functions in turns, and the ratios of their times."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

Function = Callable[[], Any]

clock: Final = time.process_time
"""The processor's time of this process: what else runs on the machine hardly counts."""


class Effort(NamedTuple):
    """How long to measure.

    Attributes:
        repeats: So many times, of which the median is taken.
        batch: The seconds of a batch of calls.
        sizes: So many sizes of what grows, from the smallest up.
    """

    repeats: int
    batch: float
    sizes: int


FULL: Final = Effort(repeats=15, batch=0.012, sizes=6)
QUICK: Final = Effort(repeats=9, batch=0.006, sizes=3)


class Ratio(NamedTuple):
    """How many times as long one function takes as the other.

    Attributes:
        median: The median over the repeats.
        low: The first quartile.
        high: The third quartile.
        seconds: The median time of one call.
        raw_seconds: The same of the function that it is compared with.
    """

    median: float
    low: float
    high: float
    seconds: float
    raw_seconds: float


def seconds(function: Function, number: int) -> float:
    """The time of one call, by a batch of so many."""
    start = clock()
    for _ in itertools.repeat(None, number):
        function()
    return (clock() - start) / number


def calls_per_batch(function: Function, batch: float) -> int:
    """How many calls fill a batch; at least one."""
    number = 1
    while (taken := seconds(function, number) * number) < batch / 4:
        number *= 4 if taken < batch / 20 else 2
    return max(1, round(number * batch / taken))


def settle() -> None:
    """Put what is there, modules above all, out of the sight of garbage collection.

    Full collections of it would fall into the one's batch or the other's by chance.
    """
    gc.collect()
    gc.freeze()


def compare(function: Function, raw: Function, effort: Effort) -> Ratio:
    """Measure two functions in turns, with garbage collection on."""
    settle()
    number, raw_number = (calls_per_batch(each, effort.batch) for each in (function, raw))
    pairs = [(seconds(function, number), seconds(raw, raw_number)) for _ in range(effort.repeats)]
    return ratio_of(pairs)


def ratio_of(pairs: list[tuple[float, float]]) -> Ratio:
    """The ratio of pairs of times that were taken side by side."""
    low, median, high = statistics.quantiles((ours / raw for ours, raw in pairs), n=4)
    ours_seconds, raw_seconds = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Ratio(median, low, high, ours_seconds, raw_seconds)
