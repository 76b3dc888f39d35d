"""One process: a system with the driver, or one of the measurements of ours alone.

It is started by `start`, with the Python of the system's environment, and writes JSON. A job is
the module of this name, of which `run` is called: nothing else is imported, since an environment
has no more than its systems need.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import FULL, QUICK

ROOT: Final = Path(__file__).parent.parent
# Isolated, and with the checkout last in the path: an installed package of our name comes first.
BOOT: Final = (
    'import sys; sys.path.append(sys.argv.pop(1)); from benchmarks.worker import main; main()'
)


class WorkerError(Exception):
    """A worker has failed; the message is the end of what it said."""


def start(python: str, job: str, *arguments: str, quick: bool = False) -> Any:
    """Run a job in a process of its own, and give its result.

    Args:
        python: The Python to run it with.
        job: The module.
        *arguments: What its `run` takes besides the effort.
        quick: Whether rough numbers will do.

    Raises:
        WorkerError: The process has failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / 'result.json'
        effort = 'quick' if quick else 'full'
        words = [*isolated(python), '-c', BOOT, str(ROOT), str(result), effort]
        done = subprocess.run(  # noqa: S603
            [*words, job, *arguments], check=False, stderr=subprocess.PIPE, text=True, cwd=folder
        )
        if done.returncode:
            raise WorkerError(f'{job} {" ".join(arguments)}:\n{done.stderr[-2000:]}')
        return json.loads(result.read_text())


def isolated(python: str) -> list[str]:
    """A Python that takes nothing from its environment, but caches bytecode where this one does."""
    prefix = sys.pycache_prefix
    return [python, '-I', *(['-X', f'pycache_prefix={prefix}'] if prefix else [])]


def main() -> None:
    """The process."""
    path, effort, job, *arguments = sys.argv[1:]
    module = importlib.import_module(f'benchmarks.{job}')
    result = module.run(QUICK if effort == 'quick' else FULL, *arguments)
    Path(path).write_text(json.dumps(result))
