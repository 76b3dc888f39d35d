"""A system that skips a part of the work is refused before anything is timed."""

import bson
import pytest

from benchmarks import checks, rows
from benchmarks.documents import cases, flat, order
from benchmarks.rows import Bench
from benchmarks.systems.ours import Ours


class AlwaysTheSame(Ours):
    def loader(self):
        load, found = super().loader(), []
        return lambda data: found[0] if found else found.append(load(data)) or found[0]


class LeavesDecimals(Ours):
    def get(self, document, spec):
        value = super().get(document, spec)
        return bson.Decimal128(value) if spec.name == 'price' else value


class DumpsTheOldValues(Ours):
    def dumper(self):
        dump = super().dumper()
        return lambda document: {**dump(document), 'name': 'Alexandra Fernandez'}


class ForgetsAField(Ours):
    def dumper(self):
        dump = super().dumper()
        return lambda document: {
            name: value for name, value in dump(document).items() if name != 'tags'
        }


class ConstructsNothing(Ours):
    def constructor(self, values):
        return lambda: self.model(_empty=True)


class AcceptsAnyEmail(Ours):
    def validator(self, values):
        return super().validator({**values, 'email': 'ann@example.com'})


class RefusesRightValues(Ours):
    def validator(self, values):
        return super().validator({**values, 'age': -1})


class TranslatesNothing(Ours):
    def translated(self, values, translation):
        return super().translated(values, {})


@pytest.mark.parametrize('case', cases(), ids=lambda case: case.name)
def test_ours_does_the_same_work_as_the_driver(case):
    for row in Bench(Ours, case).rows():
        row.function()
        row.raw()


@pytest.mark.parametrize(
    'system',
    [
        AlwaysTheSame,
        LeavesDecimals,
        DumpsTheOldValues,
        ForgetsAField,
        ConstructsNothing,
        AcceptsAnyEmail,
        TranslatesNothing,
    ],
)
def test_a_system_that_does_less_is_refused(system):
    with pytest.raises(AssertionError):
        list(Bench(system, flat()).rows())


def test_a_system_that_refuses_right_values_is_refused():
    with pytest.raises(RefusesRightValues.error):
        checks.check_validating(RefusesRightValues(flat().shape), flat())


def test_all_rows_are_there_for_ours():
    assert {row.name for row in Bench(Ours, flat()).rows()} == set(rows.ROWS)


def test_rows_that_need_wrong_values_are_left_out_where_there_are_none():
    found = {row.name for row in Bench(Ours, order()).rows()}
    assert set(rows.ROWS) - found == {rows.REFUSE, rows.GET, rows.SET, rows.AS_DICT}
