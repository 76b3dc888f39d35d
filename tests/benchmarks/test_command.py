"""What the command does when a system cannot be measured."""

import pytest

from benchmarks import __main__ as command
from benchmarks import worker
from benchmarks.environments import Environments, NotInstallableError
from benchmarks.systems import ENTRIES, OURS

BEANIE = ENTRIES['Beanie']


@pytest.fixture
def results():
    return {'systems': {}, 'missing': {}, 'failed': []}


@pytest.fixture
def broken_worker(monkeypatch):
    def start(*arguments, **options):
        raise worker.WorkerError('AssertionError: other values')

    monkeypatch.setattr(worker, 'start', start)
    monkeypatch.setattr(Environments, 'python_of', lambda self, entry: 'python')


def test_a_system_that_is_not_installable_is_missing(results, monkeypatch):
    def refuse(self, entry):
        raise NotInstallableError('no such version')

    monkeypatch.setattr(Environments, 'python_of', refuse)
    command.measure_system(results, BEANIE, quick=False)
    assert results == {
        'systems': {},
        'missing': {'Beanie': 'not installable here: no such version'},
        'failed': [],
    }


def test_a_system_with_other_values_fails_the_run_but_not_the_others(results, broken_worker):
    command.measure_system(results, BEANIE, quick=False)
    assert results['failed'] == ['Beanie']
    assert results['missing'] == {'Beanie': 'failed: AssertionError: other values'}


def test_ours_must_not_fail(results, broken_worker):
    with pytest.raises(worker.WorkerError):
        command.measure_system(results, ENTRIES[OURS], quick=True)
