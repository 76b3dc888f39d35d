"""The DocumentDB engine: PostgreSQL with an extension that keeps BSON, from Debian's packages."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tools.testserver.cache import cache_folder, locked
from tools.testserver.debian import POSTGRES_ID, Apt, unpack
from tools.testserver.errors import TestServerError
from tools.testserver.postgres import CONTAINER_HINT, ENVIRONMENT, PROGRAMS, Postgres, inside
from tools.testserver.progress import Progress

LAYOUT = 1  # to be raised when the installed files change, so that they are made anew
# beside the engine: a shell for initdb, setpriv, and what libc reads at run time
PACKAGES = ('postgresql-18-documentdb', 'dash', 'libc-bin', 'tzdata', 'util-linux')
NEEDED_TOOLS = {
    'apt-get': 'apt',
    'chroot': 'coreutils',
    'cp': 'coreutils',
    'dpkg-deb': 'dpkg',
    'mount': 'mount',
    'sh': 'dash',
    'unshare': 'util-linux',
}
# indexes are built at once, which leaves the jobs that build them later nothing to do
PREPARATION = """
create extension documentdb cascade;
select cron.alter_job(jobid, schedule => '5 seconds') from cron.job
    where jobname = 'documentdb_ttl_task';
select cron.unschedule(jobid) from cron.job where jobname like 'documentdb_index_build_task_%';
"""
# small files and no safety nets: the folder is copied at each start and thrown away at each stop
QUICK = ('--no-sync', '--no-data-checksums', '--wal-segsize=4')


def installation() -> Path:
    """Name the folder of the installed engine, whether it is there or not."""
    return cache_folder() / f'engine-{LAYOUT}'


def refuse_unsupported_host() -> None:
    """Refuse a machine on which the engine cannot run, and name what it lacks.

    Raises:
        TestServerError: The engine cannot run here.
    """
    lacking = [
        f'{tool} (Debian package {package})'
        for tool, package in NEEDED_TOOLS.items()
        if shutil.which(tool) is None
    ]
    if os.geteuid() != 0:
        lacking.append('root')
    if find_spec('asyncpg') is None:
        command = f'{sys.executable} -m pip install -r tools/testserver/requirements.txt'
        lacking.append(f'asyncpg (pip installs it: {command})')
    if lacking:
        raise TestServerError(
            'No MONGODB_URI is set and no mongod is in PATH, and the engine that is left needs '
            f'Debian and what is missing here: {", ".join(lacking)}. '
            'Provide these, or install mongod, or set MONGODB_URI to a running server.'
        )


def install() -> None:
    """Install the engine into the cache folder, unless it is there."""
    if installation().exists():
        return
    with locked('install'):
        if not installation().exists():
            _install()


def _install() -> None:
    for left in cache_folder().glob('installing-*'):
        shutil.rmtree(left)
    work = Path(tempfile.mkdtemp(prefix='installing-', dir=cache_folder()))
    work.chmod(0o755)
    try:
        _install_by_way_of(work)
    finally:
        shutil.rmtree(work)


def _install_by_way_of(work: Path) -> None:
    progress = Progress(4)
    apt = Apt(work / 'apt')
    with progress.step('fetching package lists'):
        apt.update()
    with progress.step('fetching packages, about 150 MB'):
        packages = apt.fetch(PACKAGES)
    built = work / 'engine'
    with progress.step(f'unpacking {len(packages)} packages'):
        unpack(packages, built / 'root')
        _choose_postgis(built / 'root')
    with progress.step('preparing the database'):
        asyncio.run(_make_template(built))
    built.rename(installation())


def _choose_postgis(root: Path) -> None:
    # one of several versions could be chosen; Debian's installation script does it by a link
    (control,) = root.glob('usr/share/postgresql/*/extension/postgis-[0-9]*.control')
    control.with_name('postgis.control').symlink_to(control.name)


async def _make_template(built: Path) -> None:
    template = built / 'template'
    _own_folder(template)
    initdb = f'{PROGRAMS}/initdb -D /srv/data -U postgres -A trust -E UTF8 --locale=C.UTF-8'
    words = inside(built / 'root', template, *initdb.split(), *QUICK)
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        raise TestServerError(f'initdb failed:\n{done.stdout}{done.stderr}\n{CONTAINER_HINT}')
    postgres = Postgres(built / 'root', template)
    try:
        await postgres.start()
        await postgres.execute(PREPARATION)
    finally:
        postgres.stop(signal.SIGINT)
    (template / 'log').unlink()


def _own_folder(path: Path) -> None:
    path.mkdir(parents=True, mode=0o700)
    os.chown(path, POSTGRES_ID, POSTGRES_ID)


def postgres_on_copy(folder: Path) -> Postgres:
    """Prepare a server, not started yet, on a fresh copy of the installed, empty database.

    Args:
        folder: Where to put the copy.
    """
    source = installation() / 'template'
    subprocess.run(['cp', '-a', '--reflink=auto', source, folder / 'data'], check=True)
    return Postgres(installation() / 'root', folder / 'data')
