"""The command: `python -m benchmarks` prints tables of ratios to the raw driver.

The full run measures the other ODMs too, in environments that it makes in the cache folder, and
calls through a server. The quick one needs neither network nor server; its numbers are rough,
but it makes the same checks.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import report, targets, worker
from benchmarks.environments import Environments, NotInstallableError
from benchmarks.systems import ENTRIES, OURS, Entry
from tools.testserver import TestServerError, running_server

HAS_MATPLOTLIB: Final = importlib.util.find_spec('matplotlib') is not None


def main() -> None:
    """Measure, print, and write."""
    options = arguments()
    chosen = chosen_entries(options.only, quick=options.quick)
    results = measured(chosen, quick=options.quick)
    report.show(results)
    if options.write:
        write(results, options.write)
    if results['failed']:
        sys.exit(f'error: failed: {", ".join(results["failed"])}')


def arguments() -> argparse.Namespace:
    """What the command was given."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--quick', action='store_true', help='ours alone, in less than a minute')
    parser.add_argument(
        '--write', type=Path, metavar='FOLDER', help='write JSON, tables and plots there'
    )
    parser.add_argument(
        '--only', nargs='+', choices=ENTRIES, metavar='SYSTEM', help='ours and these systems'
    )
    return parser.parse_args()


def chosen_entries(names: Sequence[str] | None, *, quick: bool) -> list[Entry]:
    """Ours, and the other systems."""
    if quick:
        return [ENTRIES[OURS]]
    return [each for title, each in ENTRIES.items() if not names or title in (OURS, *names)]


def measured(entries: Sequence[Entry], *, quick: bool) -> dict[str, Any]:
    """All results."""
    results: dict[str, Any] = {'about': about(), 'failed': [], 'skipped': {}}
    results |= {'systems': {}, 'missing': {}}
    for entry in entries:
        measure_system(results, entry, quick=quick)
    say('measuring floors …')
    results['floors'] = worker.start(sys.executable, 'floors', quick=quick)
    say('measuring growth …')
    results['growth'] = worker.start(sys.executable, 'growth', quick=quick)
    say('measuring imports …')
    results['imports'] = worker.start(sys.executable, 'imports', quick=quick)
    through_server(results, quick=quick)
    results['targets'] = [
        {**target._asdict(), 'verdict': target.verdict} for target in targets.held_against(results)
    ]
    return results


def measure_system(results: dict[str, Any], entry: Entry, *, quick: bool) -> None:
    """Add a system, or why it is missing."""
    say(f'measuring {entry.title} …')
    try:
        python = Environments().python_of(entry)
        found = worker.start(python, 'one_system', entry.title, quick=quick)
    except NotInstallableError as error:
        results['missing'][entry.title] = f'not installable here: {error}'
    except worker.WorkerError as error:
        if entry.title == OURS:
            raise
        # The others' numbers are still good, but the run is not.
        results['missing'][entry.title] = f'failed: {error}'
        results['failed'].append(entry.title)
    else:
        results['systems'][entry.title] = found


def through_server(results: dict[str, Any], *, quick: bool) -> None:
    """Add the calls through a server, or why there are none."""
    if quick:
        results['skipped']['calls through a server'] = 'this is the quick run'
        return
    say('measuring calls through a server …')
    try:
        with running_server() as uri:
            results['server'] = worker.start(sys.executable, 'server', uri)
    except TestServerError as error:
        results['skipped']['calls through a server'] = str(error)


def about() -> dict[str, Any]:
    """The machine, and the time."""
    return {
        'date': datetime.datetime.now(datetime.UTC).date().isoformat(),
        'machine': f'{platform.system()} {platform.machine()}, {processor()}',
        'cores': os.cpu_count(),
        'python': platform.python_version(),
    }


def processor() -> str:
    """The processor's name, as Linux knows it."""
    known = Path('/proc/cpuinfo')
    lines = known.read_text().splitlines() if known.exists() else []
    names = (line.partition(':')[2].strip() for line in lines if line.startswith('model name'))
    return next(names, platform.processor() or 'unknown processor')


def write(results: dict[str, Any], folder: Path) -> None:
    """Write the results, their tables, and the plots if they can be drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    results = rounded(results)  # the tables say what the data say
    text = json.dumps(results, indent=1)
    (folder / 'results.json').write_text(text + '\n')
    (folder / 'tables.md').write_text(report.markdown(results))
    if HAS_MATPLOTLIB:
        importlib.import_module('benchmarks.plots').draw(results, folder)
    else:
        say('no plots: matplotlib is not installed')


def rounded(value: Any) -> Any:
    """Numbers to four digits: a second run on the same machine does not repeat more of them."""
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f'{value:.4g}') if isinstance(value, float) else value


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
