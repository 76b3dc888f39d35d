"""The tables, and the numbers to reach."""

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import memory, report, rows, targets
from benchmarks.report import Table
from benchmarks.systems import OURS, PYDANTIC


def row(case, name, median):
    times = {'seconds': median / 1e6, 'raw_seconds': 1e-6}
    return {'case': case, 'row': name, 'median': median, 'low': 0.9, 'high': 1.1, **times}


def system(*found, size=110):
    kept = {'case': 'flat', 'name': memory.LOADED, 'bytes': size, 'raw_bytes': 100}
    return {'versions': {'it': '1.0', 'pymongo': '4.0'}, 'rows': list(found), 'memory': [kept]}


@pytest.fixture
def results():
    ours = system(row('flat', rows.LOAD, 1.2), row('flat', rows.CONSTRUCT, 3.0))
    peer = system(row('flat', rows.LOAD, 24.0), row('flat', rows.CONSTRUCT, 2.0))
    call = {'driver': 'Motor', 'operation': 'get', **row('flat', '', 1.5)}
    point = {'curve': 'fields', 'size': 5, **row('flat', rows.LOAD, 1.3)}
    return {
        'about': {'date': '2024-02-29', 'machine': 'a machine', 'cores': 2, 'python': '3.11'},
        'systems': {OURS: ours, PYDANTIC: peer},
        'missing': {'Beanie': 'not installable here: no such version'},
        'failed': [],
        'skipped': {'the rest': 'a reason'},
        'growth': [point],
        'floors': [{'case': 'flat', 'row': rows.GET, 'floor': point, 'ours': row('', '', 1.5)}],
        'imports': [{'name': 'pymongo', 'seconds': 0.08}],
        'server': [call],
    }


@pytest.fixture
def printed(results, capsys, monkeypatch):
    monkeypatch.setattr(report, 'IS_RICH', False)
    report.show(results)
    return capsys.readouterr().out


def verdicts(results):
    return {
        (target.case, target.row): (target.measured, target.verdict)
        for target in targets.held_against(results)
    }


def test_a_target_that_is_reached(results):
    assert verdicts(results)['flat', rows.LOAD] == (1.2, 'reached')


def test_a_target_that_is_missed_through_a_server(results):
    assert verdicts(results)['flat', 'get'] == (1.5, 'missed')


def test_a_target_against_a_peer_is_the_ratio_of_both(results):
    assert verdicts(results)['flat', rows.CONSTRUCT] == (1.5, 'missed')


def test_a_target_of_memory_is_against_the_dict(results):
    assert verdicts(results)['flat', memory.LOADED] == (1.1, 'reached')


def test_a_target_that_was_not_measured_is_not_reached(results):
    del results['systems'][PYDANTIC], results['server']
    found = verdicts(results)
    assert found['flat', rows.CONSTRUCT] == found['flat', 'get'] == (None, 'not measured')


def test_no_target_is_dropped(results):
    assert len(targets.held_against(results)) >= len(targets.TARGETS) - 1


def test_a_ratio_is_shown_with_its_spread(printed):
    assert '1.20 ±0.10' in printed
    assert '24.0 ±0.1' in printed


def test_the_machine_and_the_versions_are_shown(printed):
    assert '2024-02-29: a machine, 2 cores, Python 3.11, it 1.0, pymongo 4.0' in printed


def test_each_driver_that_was_measured_against_has_its_times(results):
    results['systems'][PYDANTIC]['versions']['pymongo'] = '3.13'
    table = next(report.documents(results))
    assert [line[0] for line in table.lines] == [
        'raw pymongo 4.0',
        'raw pymongo 3.13',
        OURS,
        PYDANTIC,
        'Beanie: see below',
    ]


def test_what_is_missing_is_shown_with_the_reason(printed):
    assert 'Beanie: not installable here: no such version' in printed
    assert 'Beanie: see below' in printed
    assert 'the rest: not measured: a reason' in printed


def test_the_lines_of_a_table_are_aligned():
    table = Table('title', ['', 'short'], [['a', '1'], ['longer', '123456']])
    assert list(report.plain_lines(table)) == [
        '\ntitle',
        '           short',
        '  a            1',
        '  longer  123456',
    ]


def test_rich_draws_the_same_cells(capsys):
    rich_tables = pytest.importorskip('benchmarks.rich_tables', exc_type=ImportError)
    rich_tables.show(Table('title', ['', 'a column'], [['a', '1.25']]))
    printed = capsys.readouterr().out
    assert all(cell in printed for cell in ('title', 'a column', '1.25'))


def test_rich_cuts_nothing_off_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '20')
    rich_tables = pytest.importorskip('benchmarks.rich_tables', exc_type=ImportError)
    rich_tables.show(Table('title', ['', *['a column'] * 9], [['a', *['1.2345'] * 9]]))
    assert capsys.readouterr().out.count('1.2345') == 9


def test_results_are_written(results, tmp_path, monkeypatch):
    monkeypatch.setattr(command, 'HAS_MATPLOTLIB', False)
    command.write(results, tmp_path / 'performance')
    assert json.loads((tmp_path / 'performance' / 'results.json').read_text()) == results


def test_numbers_are_written_to_four_digits():
    assert command.rounded({'a': [1.23456789, 0.000012345678, 3]}) == {'a': [1.235, 1.235e-05, 3]}


def test_ours_is_measured_whatever_else_is_chosen():
    titles = [entry.title for entry in command.chosen_entries(['Beanie'], quick=False)]
    assert titles == [OURS, 'Beanie']


def test_a_quick_run_measures_ours_alone():
    assert [entry.title for entry in command.chosen_entries(None, quick=True)] == [OURS]


def test_a_page_has_the_targets_first_and_each_table_in_full(results):
    page = report.markdown(results)
    titles = [line for line in page.splitlines() if line.startswith('## ')]
    assert titles[0] == '## Targets'
    assert len(titles) == len(list(report.tables(results)))
    assert f'| {OURS} | 1.20 ±0.10 |' in page
    assert 'Beanie: not installable here: no such version.' in page
