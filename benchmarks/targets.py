"""The numbers to reach, and whether they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from benchmarks import memory, rows
from benchmarks.systems import OURS, PYDANTIC

Results = Mapping[str, Any]


class Target(NamedTuple):
    """A ratio that is not to be passed.

    Attributes:
        case: The document.
        row: The work.
        limit: The ratio.
        against: What it is the ratio to.
        measured: What was found; None if it was not measured.
    """

    case: str
    row: str
    limit: float
    against: str
    measured: float | None = None

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.measured is None:
            return 'not measured'
        return 'reached' if self.measured <= self.limit else 'missed'


RAW: Final = 'raw'
BYTES: Final = 'bson.encode'
DICT: Final = 'its dict'
CLIENT: Final = 'raw, client time'

TARGETS: Final = (
    Target('flat', rows.LOAD, 1.30, RAW),
    Target('nested', rows.LOAD, 1.10, RAW),
    Target('flat', rows.READ_ALL, 1.25, RAW),
    Target('nested', rows.READ_ALL, 2.0, RAW),
    Target('flat', rows.DUMP, 1.25, RAW),
    Target('nested', rows.DUMP, 1.25, RAW),
    Target('flat', rows.DUMP_READ, 1.6, RAW),
    Target('nested', rows.DUMP_READ, 1.8, RAW),
    Target('flat', rows.VALIDATE, 0.9, BYTES),
    Target('nested', rows.VALIDATE, 1.4, BYTES),
    Target('flat', rows.CONSTRUCT, 1.0, PYDANTIC),
    Target('nested', rows.CONSTRUCT, 1.0, PYDANTIC),
    Target('flat', 'to_list(1000)', 1.15, CLIENT),
    Target('nested', 'to_list(1000)', 1.08, CLIENT),
    Target('flat', 'get', 1.10, CLIENT),
    Target('flat', memory.LOADED, 1.20, DICT),
    Target('nested', memory.LOADED, 1.20, DICT),
)


def held_against(results: Results) -> list[Target]:
    """The targets, with what was measured."""
    return [
        target._replace(measured=measured, against=against)
        for target in TARGETS
        for against, measured in FINDERS[target.against](results, target)
    ]


Found = Iterator[tuple[str, float | None]]


def of_row(results: Results, target: Target) -> Found:
    """A row of ours."""
    yield target.against, row_median(results, OURS, target)


def of_peer(results: Results, target: Target) -> Found:
    """Ours to a peer's, by the ratios of both to the driver in their processes."""
    ours = row_median(results, OURS, target)
    peer = row_median(results, target.against, target)
    yield target.against, None if ours is None or peer is None else ours / peer


def of_memory(results: Results, target: Target) -> Found:
    """The memory of ours."""
    found = results['systems'].get(OURS, {}).get('memory', ())
    for each in found:
        if (each['case'], each['name']) == (target.case, target.row):
            yield target.against, each['bytes'] / each['raw_bytes']


def of_server(results: Results, target: Target) -> Found:
    """A call through a server, by driver."""
    found = [
        (f'{target.against}, {each["driver"]}', each['median'])
        for each in results.get('server') or ()
        if (each['case'], each['operation']) == (target.case, target.row)
    ]
    yield from found or [(target.against, None)]


def row_median(results: Results, title: str, target: Target) -> float | None:
    """The ratio of a system's row to the driver's; None if it was not measured."""
    for row in results['systems'].get(title, {}).get('rows', ()):
        if (row['case'], row['row']) == (target.case, target.row):
            median: float = row['median']
            return median
    return None


FINDERS: Final[dict[str, Callable[[Results, Target], Found]]] = {
    RAW: of_row,
    BYTES: of_row,
    DICT: of_memory,
    CLIENT: of_server,
    PYDANTIC: of_peer,
}
