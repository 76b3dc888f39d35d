"""Installing the engine: what is missing is named, and half a job is none."""

import os
import subprocess
import sys

import pytest

from tools.testserver import TestServerError, debian, engine
from tools.testserver.instances import CHECKOUT
from tools.testserver.progress import Progress

TARGETS = 'bookworm-security main http://security.example/debian-security\n'


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('AIOMONGODEL_CACHE', str(tmp_path / 'cache'))
    (tmp_path / 'cache').mkdir()
    return tmp_path / 'cache'


@pytest.fixture
def apt_get(tmp_path, monkeypatch):
    """Puts an apt-get in PATH that prints what it is to print."""

    def put(prints, code=0):
        program = tmp_path / 'apt-get'
        program.write_text(
            f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\ncat <<E\n{prints}\nE\nexit {code}'
        )
        program.chmod(0o755)
        monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
        return tmp_path / 'asked'

    monkeypatch.setattr(
        debian.platform, 'freedesktop_os_release', lambda: {'VERSION_CODENAME': 'bookworm'}
    )
    return put


def test_each_missing_piece_is_named_with_its_remedy(empty_cache):
    environment = {**os.environ, 'PATH': '/nonexistent', 'AIOMONGODEL_CACHE': str(empty_cache)}
    environment.pop('MONGODB_URI', None)
    words = [sys.executable, '-m', 'tools.testserver', 'start']
    started = subprocess.run(
        words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert (started.returncode, started.stdout) == (1, '')
    for told in ('MONGODB_URI', 'mongod', 'apt-get', 'dpkg-deb', 'unshare', 'util-linux'):
        assert told in started.stderr
    assert 'Traceback' not in started.stderr


def test_root_is_asked_for(monkeypatch):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    with pytest.raises(TestServerError, match=r'root.*MONGODB_URI'):
        engine.refuse_unsupported_host()


def test_asyncpg_is_asked_for(monkeypatch):
    monkeypatch.setattr(engine, 'find_spec', lambda name: None)
    with pytest.raises(TestServerError, match=r'asyncpg \(pip install'):
        engine.refuse_unsupported_host()


@pytest.mark.parametrize(
    ('targets', 'mirror'),
    [
        ('bookworm main http://a.example/debian/', 'http://a.example/debian/'),
        ('testing main http://t.example/\nbookworm main http://b.example/', 'http://b.example/'),
        ('nodistro main http://n.example/\nsid main http://s.example/', 'http://s.example/'),
    ],
)
def test_mirror_is_the_one_of_the_hosts_sources(apt_get, targets, mirror):
    apt_get(TARGETS + targets)
    assert debian.host_mirror() == mirror


def test_sources_without_a_debian_mirror_are_told_of(apt_get):
    apt_get(TARGETS)
    with pytest.raises(TestServerError, match=r'bookworm/main.*sources\.list\.d.*MONGODB_URI'):
        debian.host_mirror()


def test_failed_installation_leaves_nothing_and_says_what_apt_said(apt_get, empty_cache):
    apt_get('bookworm main http://a.example/debian/\nE: no network', code=100)
    with pytest.raises(TestServerError, match=r'no network[\s\S]*proxy and mirror'):
        engine.install()
    assert not engine.installation().exists()
    assert [path.name for path in empty_cache.iterdir()] == ['install.lock']


def test_what_an_interrupted_installation_left_is_not_taken_for_an_engine(apt_get, empty_cache):
    asked = apt_get('bookworm main http://a.example/debian/', code=100)
    (empty_cache / 'installing-dead' / 'engine').mkdir(parents=True)
    with pytest.raises(TestServerError):
        engine.install()
    assert 'update' in asked.read_text()
    assert not (empty_cache / 'installing-dead').exists()


def test_apt_changes_nothing_outside_its_folder(tmp_path, apt_get):
    asked = apt_get('bookworm main http://a.example/debian/')
    debian.Apt(tmp_path / 'apt').update()
    options = (tmp_path / 'apt/apt.conf').read_text()
    kept = [line for line in options.splitlines() if line.startswith('Dir::')]
    outside = [line for line in kept if str(tmp_path) not in line and '""' not in line]
    assert outside == ['Dir::Etc::preferences "/dev/null";']
    assert f'-c {tmp_path}/apt/apt.conf update' in asked.read_text()


def test_progress_tells_how_far_it_is(capsys):
    progress = Progress(2)
    with progress.step('fetching'):
        pass
    with progress.step('unpacking'):
        pass
    told = capsys.readouterr()
    assert told.out == ''
    lines = told.err.splitlines()
    assert [line[:5] for line in lines] == ['1/2 f', '1/2 d', '2/2 u', '2/2 d']
    assert lines[0] == '1/2 fetching…'
