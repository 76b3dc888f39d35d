"""Telling on stderr what takes long, and how far it is."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Numbered steps of one long job."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Announce a step, and say at its end how long it took.

        Args:
            what: What is being done, as in `'fetching packages'`.
        """
        self._done += 1
        begun = time.monotonic()
        say(f'{self._done}/{self._steps} {what}…')
        yield
        say(f'{self._done}/{self._steps} done in {time.monotonic() - begun:.1f} s')


def say(text: str) -> None:
    """Write a line to stderr, for stdout is kept for the URI."""
    print(text, file=sys.stderr, flush=True)
