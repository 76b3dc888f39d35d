"""The plots, where matplotlib is installed."""

import pytest

pytest.importorskip('matplotlib')

from benchmarks import plots, rows
from benchmarks.systems import OURS

RATIO = {'median': 2.0, 'low': 1.9, 'high': 2.2, 'seconds': 1e-6, 'raw_seconds': 5e-7}
RESULTS = {
    'about': {'date': '2024-02-29', 'machine': 'a machine', 'cores': 2, 'python': '3.11'},
    'systems': {
        title: {
            'versions': {'it': '1.0', 'pymongo': '4.0'},
            'rows': [
                {'case': case, 'row': name, **RATIO} for case in plots.CASES for name in names
            ],
        }
        for title, names in ((OURS, plots.DRAWN), ('msgspec', plots.DRAWN[:-1]))
    },
    'growth': [
        {'curve': curve, 'row': rows.LOAD, 'size': size, **RATIO}
        for curve in plots.CURVES
        for size in (1, 10)
    ],
}


@pytest.fixture
def drawn(tmp_path):
    """The plots, by their names."""
    plots.draw(RESULTS, tmp_path)
    return {path.stem: path.read_text() for path in tmp_path.glob('*.svg')}


def test_a_plot_names_its_systems_rows_machine_and_date(drawn):
    text = drawn['flat']
    for expected in (f'{OURS} (ours)', 'msgspec', *plots.DRAWN, 'a machine', '2024-02-29'):
        assert expected in text


def test_growth_has_a_panel_per_curve(drawn):
    assert all(label in drawn['growth'] for label in plots.CURVES.values())


def test_the_same_results_give_the_same_plots(drawn, tmp_path):
    plots.draw(RESULTS, tmp_path)
    assert {path.stem: path.read_text() for path in tmp_path.glob('*.svg')} == drawn


def test_rows_differ_without_colour():
    looks = [(look.marker, look.style) for look in plots.LOOKS.values()]
    assert len(set(looks)) == len(looks) == len(plots.DRAWN) + 2
