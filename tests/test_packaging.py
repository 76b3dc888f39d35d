"""The wheel that is built from the checkout works without the checkout."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import aiomongodel

ROOT = Path(__file__).parent.parent
SOURCES = ('LICENSE', 'README.md', 'aiomongodel', 'setup.cfg', 'setup.py')

USE = """
import sys
sys.path.insert(0, sys.argv[1])
import aiomongodel
from aiomongodel import Document, IntField
class Thing(Document):
    size = IntField()
assert Thing.from_mongo({'size': 1}).validate_document(Thing(size='2')) is None
print(aiomongodel.__file__, aiomongodel.__version__)
"""


def python(*arguments, cwd):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    """The folder in which the wheel is installed, alone."""
    folder = tmp_path_factory.mktemp('wheel')
    source = folder / 'source'
    source.mkdir()
    for name in SOURCES:
        path = ROOT / name
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, source / name)
    target = folder / 'installed'
    options = ['--no-deps', '--no-build-isolation', '--target']  # nothing from the network
    made = python('-m', 'pip', 'install', *options, target, source, cwd=folder)
    assert made.returncode == 0, made.stderr
    return target


def test_a_wheel_works_alone(installed, tmp_path):
    used = python('-I', '-c', USE, installed, cwd=tmp_path)

    assert used.stderr == ''
    path, version = used.stdout.rsplit(maxsplit=1)
    assert Path(path).is_relative_to(installed)
    assert version == aiomongodel.__version__ == '1.0.0.dev0'


def test_a_wheel_carries_its_types_and_nothing_else(installed):
    assert (installed / 'aiomongodel' / 'py.typed').exists()
    packages = {path.name for path in installed.iterdir() if not path.name.endswith('.dist-info')}
    assert packages == {'aiomongodel'}


def test_the_package_needs_its_drivers_alone(installed):
    metadata = next(installed.glob('*.dist-info/METADATA')).read_text()
    needed = [line for line in metadata.splitlines() if line.startswith('Requires-Dist')]

    always = [line.split()[1] for line in needed if 'extra ==' not in line]
    assert sorted(name.split('>')[0].split('!')[0].split('<')[0] for name in always) == [
        'motor',
        'pymongo',
    ]
