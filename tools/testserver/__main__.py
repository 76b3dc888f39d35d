"""The command: `start` prints a URI, `stop` ends the server, `run` lends one to a program."""

import argparse
import os
import subprocess
import sys

from tools.testserver import TestServerError, running_server, start, stop
from tools.testserver.progress import say
from tools.testserver.runner import LIFETIME


def main() -> None:
    """Read the command line and do what it says."""
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
    if options.command == 'run' and not options.program:
        running.error('the following arguments are required: program')
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

    Args:
        program: Its name and its arguments.

    Returns:
        Its exit code.

    Raises:
        TestServerError: There is no server to be had, or the program cannot be run.
    """
    with running_server() as uri:
        environment = {**os.environ, 'MONGODB_URI': uri}
        try:
            return subprocess.run(program, env=environment, check=False).returncode
        except OSError as error:
            raise TestServerError(f'{program[0]} cannot be run: {error.strerror}') from error


if __name__ == '__main__':
    main()
