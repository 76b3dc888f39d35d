"""Starting, finding and stopping servers, each test with a cache folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from pymongo import MongoClient

from tools.testserver import (
    TestServerError,
    debian,
    engine,
    mongod,
    private_server,
    running_server,
)
from tools.testserver.cache import locked
from tools.testserver.instances import CHECKOUT, Instance

from . import raw

COMMAND = [sys.executable, '-m', 'tools.testserver']
RUN_PRIVATE = """
import time
from tools.testserver import private_server
with private_server() as uri:
    print(uri, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder that has the installed engine, if there is one, and nothing else."""
    monkeypatch.delenv('MONGODB_URI', raising=False)
    installed = engine.installation()
    monkeypatch.setenv('AIOMONGODEL_CACHE', str(tmp_path))
    if installed.exists():
        engine.installation().symlink_to(installed)
    elif mongod.find_mongod() is None:
        pytest.skip('no server is installed on this machine')
    yield tmp_path
    subprocess.run([*COMMAND, 'stop'], cwd=CHECKOUT, check=True, capture_output=True)


def run(*arguments, **environment):
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def answers(uri):
    try:
        with raw.connect(uri) as connection:
            return raw.ask(connection, {'ping': 1, '$db': 'admin'})['ok'] == 1
    except OSError:
        return False


def is_gone(uri, seconds=10):
    deadline = time.monotonic() + seconds
    while answers(uri):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def state_file(cache):
    (found,) = cache.glob('servers/kept-*/state.json')
    return found


def test_start_prints_the_uri_only_and_the_same_until_stop(cache):
    first, second = run('start'), run('start')
    uri = first.stdout.strip()
    assert first.stdout == second.stdout == f'{uri}\n'
    assert uri.startswith('mongodb://127.0.0.1:')
    assert answers(uri)
    assert run('stop').returncode == 0
    assert not answers(uri)
    assert list((cache / 'servers').iterdir()) == []


def test_stop_says_when_there_is_nothing_to_stop(cache):
    stopped = run('stop')
    assert (stopped.returncode, stopped.stdout) == (0, '')
    assert 'no server' in stopped.stderr


def test_two_starts_at_once_give_one_server(cache):
    options = {'cwd': CHECKOUT, 'stdout': subprocess.PIPE, 'stderr': subprocess.DEVNULL}
    starts = [subprocess.Popen([*COMMAND, 'start'], **options) for _ in range(3)]
    uris = {start.communicate()[0] for start in starts}
    assert len(uris) == 1
    assert answers(uris.pop().decode().strip())


def test_mongodb_uri_wins_and_nothing_is_started(cache, monkeypatch, mongodb_uri):
    monkeypatch.setenv('MONGODB_URI', mongodb_uri)
    assert run('start').stdout == f'{mongodb_uri}\n'
    with running_server() as uri:
        assert uri == mongodb_uri
    assert not (cache / 'servers').exists()


def test_a_mongodb_uri_that_does_not_answer_is_an_error(cache):
    refused = run('start', MONGODB_URI='mongodb://127.0.0.1:1/')
    assert refused.returncode == 1
    assert 'the server of MONGODB_URI does not answer' in refused.stderr
    assert 'unset MONGODB_URI' in refused.stderr


def test_a_cache_folder_that_cannot_be_written_is_an_error(cache):
    refused = run('start', AIOMONGODEL_CACHE='/proc/nowhere')
    assert refused.returncode == 1
    assert 'AIOMONGODEL_CACHE names another one' in refused.stderr


@pytest.fixture
def bare_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('AIOMONGODEL_CACHE', str(tmp_path))
    return tmp_path


# a file for a folder, and a folder for a file: root may write what is another user's
USES = {
    'kept': lambda: Instance.kept().claim(),
    'private': Instance.private,
    'asked': lambda: Instance.kept().running_state(),
}


@pytest.mark.parametrize('use', USES)
def test_a_servers_folder_that_cannot_be_used_is_an_error(bare_cache, use):
    (bare_cache / 'servers').touch()
    with pytest.raises(TestServerError, match='AIOMONGODEL_CACHE names another one'):
        USES[use]()


@pytest.mark.parametrize('use', ['kept', 'asked'])
def test_a_servers_lock_that_cannot_be_opened_is_an_error(bare_cache, use):
    (Instance.kept().folder / 'lock').mkdir(parents=True)
    with pytest.raises(TestServerError, match='AIOMONGODEL_CACHE names another one'):
        USES[use]()


def test_a_lock_that_cannot_be_opened_to_wait_for_it_is_an_error(bare_cache, monkeypatch):
    path = bare_cache / 'install.lock'

    def replace(_):
        path.unlink()
        path.mkdir()

    monkeypatch.setattr('tools.testserver.cache.say', replace)
    refused = pytest.raises(TestServerError, match='AIOMONGODEL_CACHE names another one')
    with locked('install'), refused, locked('install'):
        pytest.fail('it is locked')


def test_missing_asyncpg_is_to_be_installed_for_the_python_that_runs(monkeypatch):
    monkeypatch.setattr(engine, 'find_spec', lambda name: None)
    command = f'{sys.executable} -m pip install -r tools/testserver/requirements.txt'
    with pytest.raises(TestServerError, match=re.escape(command)):
        engine.refuse_unsupported_host()


def test_failed_apt_is_told_of_in_its_own_words_which_may_be_of_the_disk(tmp_path, monkeypatch):
    apt_get = tmp_path / 'apt-get'
    apt_get.write_text('#!/bin/sh\necho E: You do not have enough free space >&2\nexit 100\n')
    apt_get.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
    with pytest.raises(TestServerError, match=r"enough free space\n.*apt's message above.*disk"):
        debian.Apt(tmp_path / 'apt').fetch(('postgresql',))


def test_running_server_finds_the_one_kept_up_and_leaves_it(cache):
    kept = run('start').stdout.strip()
    with running_server() as uri:
        assert uri == kept
    assert answers(kept)


def test_running_server_starts_a_private_one_and_stops_it(cache):
    with running_server() as uri:
        assert answers(uri)
    assert not answers(uri)
    assert list((cache / 'servers').iterdir()) == []


def test_run_lends_a_program_a_server_and_gives_its_exit_code(cache):
    program = 'import os; print(os.environ["MONGODB_URI"]); raise SystemExit(7)'
    done = run('run', sys.executable, '-c', program)
    assert done.returncode == 7
    assert done.stdout.startswith('mongodb://127.0.0.1:')
    assert not answers(done.stdout.strip())


def test_run_without_a_program_is_refused_before_a_server_is_started(cache):
    refused = run('run')
    assert refused.returncode == 2
    assert 'required: program' in refused.stderr
    assert not (cache / 'servers').exists()


def test_run_of_what_is_no_program_names_it(cache):
    refused = run('run', 'nosuch')
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith('error: nosuch cannot be run')
    assert 'Traceback' not in refused.stderr


def test_servers_do_not_see_each_others_data(cache):
    with private_server() as one, private_server() as other:
        with MongoClient(one) as client:
            client.apart.c.insert_one({})
        with MongoClient(other) as client:
            assert client.apart.c.count_documents({}) == 0
        assert one != other


def test_mongod_of_path_is_preferred(cache, tmp_path, monkeypatch):
    folder = tmp_path / 'bin'
    folder.mkdir()
    program = folder / 'mongod'
    program.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/arguments"\necho no luck\nexit 1\n')
    program.chmod(0o755)
    started = run('start', PATH=f'{folder}:{os.environ["PATH"]}')
    assert started.returncode == 1
    for told in (str(program), 'no luck', 'MONGODB_URI'):
        assert told in started.stderr
    arguments = (tmp_path / 'arguments').read_text()
    assert '--replSet rs0' in arguments
    assert '--bind_ip 127.0.0.1' in arguments


def test_killed_server_is_replaced(cache):
    first = run('start').stdout.strip()
    os.kill(json.loads(state_file(cache).read_text())['pid'], signal.SIGKILL)
    assert is_gone(first)
    second = run('start').stdout.strip()
    assert answers(second)


def test_process_that_got_a_dead_servers_id_is_left_alone(cache):
    with subprocess.Popen(['sleep', '60']) as bystander:
        uri = run('start').stdout.strip()
        path = state_file(cache)
        pid = json.loads(path.read_text())['pid']
        os.kill(pid, signal.SIGKILL)
        assert is_gone(uri)
        path.write_text(json.dumps({'pid': bystander.pid, 'uri': uri}))
        assert 'no server' in run('stop').stderr
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize('how', [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_private_server_ends_with_its_parent(cache, how):
    words = [sys.executable, '-c', RUN_PRIVATE]
    with subprocess.Popen(
        words, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        uri = parent.stdout.readline().decode().strip()
        assert answers(uri)
        parent.send_signal(how)
    assert is_gone(uri)
    deadline = time.monotonic() + 10
    while list((cache / 'servers').iterdir()):
        assert time.monotonic() < deadline, 'its folder was left'
        time.sleep(0.05)


def test_engine_ends_when_its_runner_is_killed(cache):
    if mongod.find_mongod() is not None:
        pytest.skip('mongod is used here, and not the engine')
    run('start')
    state = json.loads(state_file(cache).read_text())
    children = _children(state['pid'])
    assert children
    os.kill(state['pid'], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(os.path.exists(f'/proc/{child}') for child in children):  # noqa: PTH110  # of proc
        assert time.monotonic() < deadline, 'PostgreSQL goes on alone'
        time.sleep(0.05)


def _children(pid):
    with open(f'/proc/{pid}/task/{pid}/children') as file:  # noqa: PTH123  # of proc
        return file.read().split()
