"""Times and their ratios."""

import pytest

from benchmarks import measure
from benchmarks.measure import Effort, compare, ratio_of


@pytest.fixture
def clock(monkeypatch):
    """A clock that the measured functions move."""
    moved = [0.0]
    monkeypatch.setattr(measure, 'clock', lambda: moved[0])

    def taking(seconds):
        def function():
            moved[0] += seconds

        return function

    return taking


def test_a_ratio_is_that_of_the_calls(clock):
    found = compare(clock(0.006), clock(0.002), Effort(repeats=9, batch=0.1, sizes=1))
    assert found.median == pytest.approx(3)
    assert (found.seconds, found.raw_seconds) == pytest.approx((0.006, 0.002))


def test_a_function_that_takes_longer_than_a_batch_is_called_once(clock):
    assert measure.calls_per_batch(clock(1), 0.01) == 1


def test_a_batch_is_filled(clock):
    assert measure.calls_per_batch(clock(0.001), 0.1) == pytest.approx(100, rel=0.1)


def test_the_spread_leaves_out_what_is_far_off():
    pairs = [(2.0, 1.0)] * 9 + [(90.0, 1.0)]
    assert ratio_of(pairs)[:3] == (2, 2, 2)


def test_a_ratio_is_taken_side_by_side():
    # The machine becomes ten times as slow in between: the ratio stays.
    assert ratio_of([(2.0, 1.0), (20.0, 10.0), (200.0, 100.0)]).median == 2
