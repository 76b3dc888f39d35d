"""The plots of the results: SVG, to be read without colour, by markers and line styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmarks import report, rows
from benchmarks.growth import TO_LIST, UNCOLLECTED
from benchmarks.systems import OURS
from benchmarks.targets import Results

CASES: Final = ('flat', 'nested')
DRAWN: Final = (
    rows.LOAD,
    rows.READ_ALL,
    rows.DUMP,
    rows.DUMP_READ,
    rows.CONSTRUCT,
    rows.VALIDATE,
)
GREY: Final = '0.45'
COLOURS: Final = ('#0b3d5c', '#1b7f9c', '#b3541e', '#e39b42', '#4c6b2f', '#7a3b69', '0.2', '0.55')
MARKERS: Final = ('o', 's', '^', 'v', 'D', 'X', 'P', '*')
STYLES: Final[Sequence[Any]] = (
    '-',
    '--',
    '-.',
    ':',
    (0, (5, 1)),
    (0, (1, 1)),
    (0, (3, 1, 1, 1)),
    ':',
)

# The same results give the same file: no date of drawing, no random names.
SETTINGS: Final[Any] = {
    'font.size': 9,
    'svg.hashsalt': 'aiomongodel',
    'svg.fonttype': 'none',
    'axes.spines.top': False,
    'axes.spines.right': False,
}


class Series(NamedTuple):
    """The look of a row: filled markers where a document is read, hollow where it is written."""

    colour: str
    marker: str
    style: Any


LOOKS: Final = {
    name: Series(colour, marker, style)
    for name, colour, marker, style in zip(
        (*DRAWN, TO_LIST, UNCOLLECTED), COLOURS, MARKERS, STYLES, strict=True
    )
}


def draw(results: Results, folder: Path) -> None:
    """Draw all plots into a folder."""
    with mpl.rc_context(SETTINGS):
        for case in CASES:
            save(systems(results, case), results, folder / f'{case}.svg')
        save(growth(results['growth']), results, folder / 'growth.svg')


def save(figure: Figure, results: Results, path: Path) -> None:
    """Write a plot, with the machine, the versions and the date below it."""
    figure.text(0.01, 0.005, report.heading(results), fontsize=6.5, color=GREY, va='bottom')
    figure.savefig(path, metadata={'Date': None})


def layout() -> ConstrainedLayoutEngine:
    """What leaves room for the text below."""
    return ConstrainedLayoutEngine(rect=(0, 0.07, 1, 0.93))


def systems(results: Results, case: str) -> Figure:
    """A line per system, the fastest to load on top; a marker per row."""
    found = {
        title: {row['row']: row for row in system['rows'] if row['case'] == case}
        for title, system in results['systems'].items()
    }
    titles = sorted(found, key=lambda title: found[title][rows.LOAD]['median'], reverse=True)
    figure = Figure(figsize=(7.6, 1.7 + 0.42 * len(titles)), layout=layout())
    axes = figure.subplots()
    for name in DRAWN:
        draw_row(axes, name, [found[title].get(name) for title in titles])
    axes.set_yticks(range(len(titles)), [label(results, title) for title in titles])
    axes.grid(axis='y', color='0.9')
    axes.axvline(1, color='black', linewidth=1)
    axes.set_xscale('log')
    as_times(axes.xaxis)
    axes.set_xlabel("time, as a multiple of the raw driver's (log scale; left is faster)")
    axes.set_title(f'A {case} document', loc='left', fontweight='bold')
    finish(figure, columns=3)
    return figure


def label(results: Results, title: str) -> str:
    """The name of a system, with the driver that it is measured against if that is another."""
    driver, ours = (
        report.driver_of(results['systems'][each]).removeprefix('raw ') for each in (title, OURS)
    )
    if title == OURS:
        return f'{title} (ours)'
    return title if driver == ours else f'{title}\n(against {driver})'


def draw_row(axes: Axes, name: str, found: Sequence[Any]) -> None:
    """The markers of a row, with their quartiles."""
    look = LOOKS[name]
    places = [(place, row) for place, row in enumerate(found) if row is not None]
    medians = [row['median'] for _, row in places]
    spread = [
        [row['median'] - row['low'] for _, row in places],
        [row['high'] - row['median'] for _, row in places],
    ]
    axes.errorbar(
        medians,
        [place for place, _ in places],
        xerr=spread,
        fmt=look.marker,
        color=look.colour,
        markerfacecolor='none' if name.startswith('dump') else look.colour,
        markersize=6,
        elinewidth=1,
        label=name,
    )


def growth(points: Sequence[Any]) -> Figure:
    """Two panels per curve: ratios by size, and below them times by size."""
    curves = list(dict.fromkeys(point['curve'] for point in points))
    figure = Figure(figsize=(9, 6.6), layout=layout())
    ratios, times = figure.subplots(2, len(curves), sharey='row', sharex='col')
    for place, curve in enumerate(curves):
        found = [point for point in points if point['curve'] == curve]
        draw_curve(ratios[place], found, lambda point: point['median'])
        draw_curve(times[place], found, lambda point: point['seconds'] * 1e6)
        ratios[place].axhline(1, color='black', linewidth=1)
        times[place].set_xlabel(CURVES[curve])
    ratios[0].set_ylabel("time, as a multiple of\nthe raw driver's (log scale)")
    times[0].set_ylabel('time of each in μs (log scale)')
    for panels in (ratios, times):
        panels[0].set_yscale('log')
        as_times(panels[0].yaxis)
    finish(figure, columns=4)
    return figure


def draw_curve(axes: Axes, points: Sequence[Any], height: Callable[[Any], float]) -> None:
    """The lines of a panel."""
    for name in dict.fromkeys(point['row'] for point in points):
        look = LOOKS[name]
        found = [point for point in points if point['row'] == name]
        axes.plot(
            [point['size'] for point in found],
            [height(point) for point in found],
            color=look.colour,
            marker=look.marker,
            linestyle=look.style,
            markerfacecolor='none' if name.startswith('dump') else look.colour,
            markersize=5,
            label=name,
        )
    axes.set_xscale('log')
    axes.set_xticks(sorted({point['size'] for point in points}))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:,.0f}'))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis='x', labelrotation=45)
    axes.grid(axis='y', color='0.9')


CURVES: Final = {
    'documents': 'documents in one to_list',
    'fields': 'fields of a document',
    'nesting': 'levels of embedded documents',
}


def as_times(axis: Any) -> None:
    """Ticks at 1, 2, 5, 10 …, in figures."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:,g}'))
    axis.set_minor_formatter(NullFormatter())


def finish(figure: Figure, columns: int) -> None:
    """The legend on top."""
    labels = {
        label: handle
        for axes in figure.axes
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        labels.values(), labels.keys(), loc='outside upper center', ncols=columns, frameon=False
    )
