"""The environments of the other systems."""

import sys
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.environments import Environments, NotInstallableError
from benchmarks.systems import ENTRIES, OURS

BEANIE, UMONGO = ENTRIES['Beanie'], ENTRIES['umongo']


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Runs no program, but notes what was to be run; those with a name in `failing` fail."""
    monkeypatch.setenv('AIOMONGODEL_CACHE', str(tmp_path))
    noted, failing = [], set()

    def run(words):
        noted.append(words)
        if 'venv' in words:
            python = Path(words[-1]) / 'bin' / 'python'
            python.parent.mkdir(parents=True)
            python.touch()
        if failing & set(words):
            raise NotInstallableError('no such version')

    monkeypatch.setattr(environments, 'run', run)
    return noted, failing


def test_ours_runs_where_the_benchmark_does():
    assert Environments().python_of(ENTRIES[OURS]) == sys.executable


def test_an_environment_lies_in_the_cache_folder(programs, tmp_path):
    assert Path(Environments().python_of(BEANIE)).is_relative_to(tmp_path / 'benchmarks')


def test_systems_of_a_group_share_an_environment(programs):
    noted, _ = programs
    assert Environments().python_of(BEANIE) == Environments().python_of(UMONGO)
    assert [words[-2] for words in noted if 'pip' in words] == ['beanie', 'umongo']


def test_what_a_system_asks_for_can_be_replaced(programs):
    noted, _ = programs
    Environments().python_of(ENTRIES['aiomongodel 0.2.1 on PyMongo 4'])
    first, second = (words for words in noted if 'pip' in words)
    assert first[-2:] == ['--no-deps', 'aiomongodel']
    assert second[-2:] == ['motor', 'pymongo']


def test_an_environment_is_used_again(programs):
    noted, _ = programs
    Environments().python_of(BEANIE)
    before = len(noted)
    Environments().python_of(BEANIE)
    assert len(noted) == before


def test_a_system_that_cannot_be_installed_leaves_the_others_alone(programs):
    _, failing = programs
    failing.add('beanie')
    with pytest.raises(NotInstallableError, match='no such version'):
        Environments().python_of(BEANIE)
    assert Environments().python_of(UMONGO)


def test_what_failed_is_tried_again(programs):
    _, failing = programs
    failing.add('beanie')
    with pytest.raises(NotInstallableError):
        Environments().python_of(BEANIE)
    failing.clear()
    assert Environments().python_of(BEANIE)


def test_the_reason_is_the_line_of_the_error():
    said = 'Looking …\nERROR: No matching distribution found for beanie\n\nnotice: a new pip'
    assert environments.reason_in(said) == 'ERROR: No matching distribution found for beanie'


@pytest.mark.parametrize(
    'code', ['import sys; sys.exit("error: no index")', 'raise OSError("error: no index")']
)
def test_a_program_that_fails_says_why(code):
    with pytest.raises(NotInstallableError, match='error: no index'):
        environments.run([sys.executable, '-c', code])


def test_a_program_that_is_missing_says_so(tmp_path):
    with pytest.raises(NotInstallableError, match='No such file'):
        environments.run([str(tmp_path / 'python')])


@pytest.mark.parametrize('entry', ENTRIES.values(), ids=ENTRIES)
def test_what_is_installed_is_pinned(entry):
    if entry.group is not None:
        pinned = (environments.REQUIREMENTS / f'{entry.group}.txt').read_text()
        assert f'\n{entry.requirement} == ' in pinned
