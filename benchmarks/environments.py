"""The environments of the other systems, in the cache folder, made once.

One serves a group of systems whose pinned versions go together. They are installed one by one, so
that one that cannot be had here does not take the others with it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess  # it runs pip
import sys
from pathlib import Path
from typing import Final

from benchmarks.systems import Entry

FOLDER: Final = Path(__file__).parent
REQUIREMENTS: Final = FOLDER / 'requirements'
CHECK: Final = """
import sys
sys.path.append({folder!r})
from benchmarks.systems import ENTRIES
ENTRIES[{title!r}].load()
import bson
sys.exit(None if bson.has_c() else 'error: PyMongo was built without its C extension')
"""
LIMIT: Final = 300
"""The seconds that one installation may take."""


class NotInstallableError(Exception):
    """A system cannot be installed here; the message says why."""


class Environments:
    """The environments that this run has asked for."""

    def python_of(self, entry: Entry) -> str:
        """The Python that can import a system.

        Raises:
            NotInstallableError: There is none.
        """
        if entry.group is None:
            return sys.executable
        folder = self.folder_of(entry.group)
        python = folder / 'bin' / 'python'
        installed = folder / f'{entry.requirement}.installed'
        if not installed.exists():
            if not python.exists():
                make(folder)
            install(python, entry)
            check(python, entry)
            installed.touch()
        return str(python)

    @staticmethod
    def folder_of(group: str) -> Path:
        """The environment of a group: another one for other versions, or for another Python."""
        pinned = (REQUIREMENTS / f'{group}.txt').read_bytes()
        digest = hashlib.sha256(pinned + sys.version.encode()).hexdigest()[:12]
        return cache_folder() / f'{group}-{digest}'


def cache_folder() -> Path:
    """The folder for everything that the benchmark installs."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    cache = os.environ.get('AIOMONGODEL_CACHE') or Path(base) / 'aiomongodel'
    return Path(cache) / 'benchmarks'


def make(folder: Path) -> None:
    """Make an environment."""
    try:
        run([sys.executable, '-m', 'venv', str(folder)])
    except NotInstallableError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def install(python: Path, entry: Entry) -> None:
    """Install a system with its pinned versions, and the driver that it is measured against."""
    pinned = str(REQUIREMENTS / f'{entry.group}.txt')
    words = [str(python), '-m', 'pip', 'install', '--quiet', '--constraint', pinned]
    if entry.instead:
        run([*words, '--no-deps', entry.requirement])
        run([*words, *entry.instead])
    else:
        run([*words, entry.requirement, 'pymongo'])


def check(python: Path, entry: Entry) -> None:
    """Import a system, with a driver that is as fast as the others' have it."""
    code = CHECK.format(folder=str(FOLDER.parent), title=entry.title)
    run([str(python), '-I', '-c', code])


def run(words: list[str]) -> None:
    """Run a program.

    Raises:
        NotInstallableError: It fails.
    """
    try:
        done = subprocess.run(  # noqa: S603
            words, check=False, capture_output=True, text=True, timeout=LIMIT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstallableError(str(error)) from error
    if done.returncode:
        raise NotInstallableError(reason_in(done.stderr + done.stdout))


def reason_in(said: str) -> str:
    """The line in which a program says why it has failed."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ['it does not say why']
    errors = [line for line in lines if line.lower().startswith('error')]
    return (errors or lines)[-1]
