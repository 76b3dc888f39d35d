"""The results as tables: with `rich` where it is installed, as plain text, or in Markdown."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from benchmarks import targets
from benchmarks.rows import ROWS
from benchmarks.systems import OURS
from benchmarks.targets import Results

IS_RICH: Final = importlib.util.find_spec('rich') is not None
NOTHING: Final = '-'


class Table(NamedTuple):
    """A table: the first column is text, the others are numbers."""

    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]


def show(results: Results) -> None:
    """Print everything."""
    print(heading(results))
    for name, meaning in ROWS.items():
        print(f'  {name}: {meaning}')
    print(f'  {NOTHING}: no such work; msgspec stops at the first error, most have no translations')
    for table in tables(results):
        show_table(table)
    for title, system in results['systems'].items():
        print(f'{title}: {versions_of(system)}')
    for title, reason in results['missing'].items():
        print(f'{title}: {reason}')
    for part, reason in results['skipped'].items():
        print(f'{part}: not measured: {reason}')


def markdown(results: Results) -> str:
    """Everything, as a part of a page: the numbers to reach first."""
    found = list(tables(results))
    parts = [heading(results), *map(markdown_table, [found[-1], *found[:-1]])]
    parts += [f'{title}: {versions_of(system)}.' for title, system in results['systems'].items()]
    parts += [f'{title}: {reason}.' for title, reason in results['missing'].items()]
    return '\n\n'.join(parts) + '\n'


def markdown_table(table: Table) -> str:
    """A table in Markdown, under its title."""
    lines = [table.columns, [':--', *['--:'] * (len(table.columns) - 1)], *table.lines]
    rows = [f'| {" | ".join(line)} |' for line in lines]
    return '\n'.join([f'## {table.title.capitalize()}', '', *rows])


def heading(results: Results) -> str:
    """What was measured where, and when."""
    about = results['about']
    versions = versions_of(results['systems'][OURS])
    return (
        f'{about["date"]}: {about["machine"]}, {about["cores"]} cores, Python {about["python"]}, '
        f'{versions}.\nRatios to the raw driver in the same process: the median ± half the '
        'distance of the quartiles.'
    )


def versions_of(system: Any) -> str:
    """The versions that belong to the results of a system."""
    return ', '.join(f'{name} {version}' for name, version in system['versions'].items())


def tables(results: Results) -> Iterator[Table]:
    """All tables."""
    yield from documents(results)
    yield floors(results['floors'])
    yield memory(results)
    if results.get('server'):
        yield server(results['server'])
    yield from growth(results['growth'])
    yield imports(results['imports'])
    yield reached(results)


def documents(results: Results) -> Iterator[Table]:
    """A table per document: a line per system, a column per row."""
    rows = [row for each in results['systems'].values() for row in each['rows']]
    for case in dict.fromkeys(row['case'] for row in rows):
        columns = [name for name in ROWS if any((case, name) == key(row) for row in rows)]
        lines = [
            [title, *cells({key(row): row for row in each['rows']}, case, columns)]
            for title, each in results['systems'].items()
        ]
        missing = [
            [f'{title}: see below', *([NOTHING] * len(columns))] for title in results['missing']
        ]
        yield Table(case, ['', *columns], [*drivers(results, case, columns), *lines, *missing])


def drivers(results: Results, case: str, columns: Sequence[str]) -> Iterator[list[str]]:
    """The times of the drivers that the systems are measured against."""
    systems: dict[str, Any] = {}
    for system in results['systems'].values():
        systems.setdefault(driver_of(system), system)
    for driver, system in systems.items():
        found = {key(row): row['raw_seconds'] for row in system['rows']}
        times = (found.get((case, name)) for name in columns)
        yield [driver, *(NOTHING if time is None else time_of(time) for time in times)]


def driver_of(system: Any) -> str:
    """The driver that a system is measured against."""
    return f'raw pymongo {system["versions"]["pymongo"]}'


def key(row: Any) -> tuple[str, str]:
    """The document and the work."""
    return row['case'], row['row']


def cells(rows: dict[tuple[str, str], Any], case: str, columns: Sequence[str]) -> Iterator[str]:
    """The ratios of a system."""
    for name in columns:
        row = rows.get((case, name))
        yield NOTHING if row is None else ratio(row)


def ratio(row: Any) -> str:
    """The median, and its spread."""
    digits = 2 if row['median'] < 10 else 1 if row['median'] < 100 else 0
    return f'{row["median"]:.{digits}f} ±{(row["high"] - row["low"]) / 2:.{digits}f}'


def time_of(seconds: float) -> str:
    """A time."""
    return f'{seconds * 1e6:.3g} μs' if seconds < 1e-3 else f'{seconds * 1e3:.3g} ms'


def floors(found: Sequence[Any]) -> Table:
    """The least that some rows take, and what ours does."""
    lines = [
        [f'{each["case"]}: {each["row"]}', ratio(each['floor']), ratio(each['ours'])]
        for each in found
    ]
    return Table('floors', ['', 'floor', 'ours'], lines)


def memory(results: Results) -> Table:
    """The memory of each system's documents."""
    systems = results['systems']
    columns = [f'{each["case"]}: {each["name"]}' for each in systems[OURS]['memory']]
    raw = [f'{each["raw_bytes"]:.0f} bytes' for each in systems[OURS]['memory']]
    lines = [
        [title, *(f'{each["bytes"] / each["raw_bytes"]:.2f}' for each in system['memory'])]
        for title, system in systems.items()
    ]
    return Table('memory per document', ['', *columns], [['dict', *raw], *lines])


def server(found: Sequence[Any]) -> Table:
    """The calls through a server."""
    lines = [
        [
            f'{each["driver"]}, {each["case"]}, {each["operation"]}',
            ratio(each),
            time_of(each['seconds']),
        ]
        for each in found
    ]
    return Table("through a server: the client's time", ['', 'ratio', 'of a call'], lines)


def growth(found: Sequence[Any]) -> Iterator[Table]:
    """Two tables per curve: ratios, and times of each document, field or level."""
    for curve in dict.fromkeys(each['curve'] for each in found):
        points = [each for each in found if each['curve'] == curve]
        sizes = list(dict.fromkeys(each['size'] for each in points))
        columns = ['', *(f'{size:,}' for size in sizes)]
        yield Table(f'growth: {curve}', columns, growth_lines(points, ratio))
        title = f'growth: {curve}, the time of each'
        yield Table(title, columns, growth_lines(points, lambda each: time_of(each['seconds'])))


def growth_lines(points: Sequence[Any], cell: Callable[[Any], str]) -> list[list[str]]:
    """A line per row."""
    return [
        [row, *(cell(each) for each in points if each['row'] == row)]
        for row in dict.fromkeys(each['row'] for each in points)
    ]


def imports(found: Sequence[Any]) -> Table:
    """The time of imports."""
    lines = [[each['name'], f'{each["seconds"] * 1e3:.1f} ms'] for each in found]
    return Table('import', ['', 'time'], lines)


def reached(results: Results) -> Table:
    """The numbers to reach."""
    lines = [
        [
            f'{target.case}: {target.row}',
            target.against,
            f'{target.limit:.2f}',
            NOTHING if target.measured is None else f'{target.measured:.2f}',
            target.verdict,
        ]
        for target in targets.held_against(results)
    ]
    return Table('targets', ['', 'against', 'target', 'found', ''], lines)


def show_table(table: Table) -> None:
    """Print a table."""
    if IS_RICH:
        importlib.import_module('benchmarks.rich_tables').show(table)
    else:
        print('\n'.join(plain_lines(table)))


def plain_lines(table: Table) -> Iterator[str]:
    """A table as text."""
    columns = list(zip(table.columns, *table.lines, strict=True))
    first, *widths = (max(map(len, column)) for column in columns)
    yield f'\n{table.title}'
    for name, *line in [table.columns, *table.lines]:
        values = (f'{cell:>{width}}' for cell, width in zip(line, widths, strict=True))
        yield f'  {name:<{first}}  {"  ".join(values)}'.rstrip()
