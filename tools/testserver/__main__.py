"""The command: `start` prints a URI, `stop` ends the server, `run` lends one to a program."""

import argparse
import os
import subprocess
import sys

from . import TestServerError, running_server, start, stop
from .progress import say
from .runner import LIFETIME


def main() -> None:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(prog='python -m tools.testserver', description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)
    starting = commands.add_parser('start', help='start a server, or find it, and print its URI')
    starting.add_argument(
        '--transaction-lifetime',
        type=float,
        default=LIFETIME,
        metavar='SECONDS',
        help='after how long an open transaction is aborted (default: %(default)s)',
    )
    commands.add_parser('stop', help='stop the server that start kept up')
    running = commands.add_parser('run', help='run a program with a server in MONGODB_URI')
    running.add_argument('program', nargs=argparse.REMAINDER, help='the program and its arguments')
    options = parser.parse_args()
    try:
        if options.command == 'start':
            print(start(options.transaction_lifetime))
        elif options.command == 'run':
            sys.exit(run(options.program))
        else:
            say('stopped' if stop() else 'no server of this checkout is running')
    except TestServerError as error:
        sys.exit(f'error: {error}')
    except KeyboardInterrupt:
        sys.exit(130)


def run(program: list[str]) -> int:
    """Run a program with the URI of a running server in its environment.

    Returns:
        Its exit code.
    """
    with running_server() as uri:
        environment = {**os.environ, 'MONGODB_URI': uri}
        return subprocess.run(program, env=environment, check=False).returncode


if __name__ == '__main__':
    main()
