"""The speed of the benchmark's rows, by counting: calls do not depend on the machine.

Each test compares the calls of Python functions and of C functions that some work on one document
makes with the numbers of `CALLS`. When one fails:

- more calls than before: something on the way of every document has become slower. The message
  lists what was called; find what is new, and whether it can be done once per class;
- fewer calls: well done. Put the new numbers into `CALLS`, in the change that brings them;
  `python -m tests.benchmarks.test_calls` prints them all;
- more calls on purpose, for a feature that is worth them: run `python -m benchmarks`, look at its
  targets, put the new numbers into `CALLS` and say in the changelog what they are for.
"""

import gc
import sys
from collections import Counter
from typing import NamedTuple

import bson
import pytest

from benchmarks import readers
from benchmarks.documents import flat, nested, order, wide
from benchmarks.growth import InMemory
from benchmarks.systems.ours import Ours

CASES = {'flat': flat, 'nested': order}


class Calls(NamedTuple):
    """The numbers of calls."""

    python: int
    c: int


CALLS = {
    ('flat', 'load'): Calls(python=2, c=3),
    ('flat', 'read_all'): Calls(python=11, c=8),
    ('flat', 'read_again'): Calls(python=4, c=2),
    ('flat', 'dump_untouched'): Calls(python=2, c=0),
    ('flat', 'dump_after_reading'): Calls(python=2, c=1),
    ('flat', 'dump_changed'): Calls(python=2, c=0),
    ('flat', 'construct'): Calls(python=2, c=0),
    ('flat', 'validate'): Calls(python=5, c=3),
    ('flat', 'refuse_ten'): Calls(python=17, c=10),
    ('flat', 'set'): Calls(python=3, c=1),
    ('nested', 'load'): Calls(python=2, c=4),
    ('nested', 'read_all'): Calls(python=36, c=76),
    ('nested', 'read_again'): Calls(python=2, c=0),
    ('nested', 'dump_untouched'): Calls(python=2, c=0),
    ('nested', 'dump_after_reading'): Calls(python=24, c=21),
    ('nested', 'dump_changed'): Calls(python=2, c=0),
    ('nested', 'construct'): Calls(python=24, c=22),
    ('nested', 'validate'): Calls(python=28, c=1),
}


# Python 3.12 has made these a part of the function around them.
COMPREHENSIONS = {'<listcomp>', '<dictcomp>', '<setcomp>'}


class Counted:
    """Counts the calls within its block, its own end left out."""

    def __init__(self):
        self.python = Counter()
        self.c = Counter()

    def __enter__(self):
        gc.disable()  # what it ends, say a test's client, may call functions
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)
        gc.enable()
        del self.python['Counted.__exit__'], self.c['setprofile']

    def _note(self, frame, event, argument):
        if event == 'call' and frame.f_code.co_name not in COMPREHENSIONS:
            self.python[frame.f_code.co_qualname] += 1
        elif event == 'c_call':
            self.c[argument.__qualname__] += 1

    @property
    def calls(self):
        return Calls(self.python.total(), self.c.total())

    def __str__(self):
        lines = [
            f'{number:6} {kind} {name}'
            for kind, counter in (('Python', self.python), ('C     ', self.c))
            for name, number in counter.most_common()
        ]
        return '\n'.join([f'{self.calls}', *lines])


class Work:
    """What is counted: each method gives a function of no arguments that does it once."""

    def __init__(self, case):
        self.case = case
        self.ours = Ours(case.shape)
        self.raw = bson.encode(case.stored)

    def loaded(self):
        return self.ours.loader()(bson.decode(self.raw))

    def read(self):
        document = self.loaded()
        readers.whole_reader(self.ours)(document)
        return document

    def load(self):
        load, data = self.ours.loader(), bson.decode(self.raw)
        return lambda: load(data)

    def read_all(self):
        document, read = self.loaded(), readers.whole_reader(self.ours)
        return lambda: read(document)

    def read_again(self):
        document, read = self.read(), readers.whole_reader(self.ours)
        return lambda: read(document)

    def dump_untouched(self):
        document, dump = self.loaded(), self.ours.dumper()
        return lambda: dump(document)

    def dump_after_reading(self):
        document, dump = self.read(), self.ours.dumper()
        return lambda: dump(document)

    def dump_changed(self):
        document, dump = self.loaded(), self.ours.dumper()
        readers.change(self.ours, self.case.changed[0])(document, self.case.changed[1])
        return lambda: dump(document)

    def construct(self):
        return self.ours.constructor(self.case.values)

    def validate(self):
        return self.ours.validator(self.case.values)

    def refuse_ten(self):
        return self.ours.refusal(self.ours.validator({**self.case.values, **self.case.wrong}))

    def set(self):
        document, change = self.loaded(), readers.change(self.ours, self.case.changed[0])
        return lambda: change(document, self.case.changed[1])

    def count(self, name):
        getattr(self, name)()()  # what is compiled at the first use, is compiled now
        function = getattr(self, name)()
        with Counted() as counted:
            function()
        return counted


@pytest.mark.parametrize(('case', 'work'), CALLS)
def test_work_on_a_document_takes_so_many_calls(case, work):
    counted = Work(CASES[case]()).count(work)
    assert counted.calls == CALLS[case, work], f'see the top of this file\n{counted}'


def test_every_work_is_counted():
    assert set(CALLS) == set(works())


def works():
    """The work that is counted, by document: the rest of what `Work` has prepares it."""
    prepare, flat_only = {'loaded', 'read', 'count'}, {'refuse_ten', 'set'}
    names = [name for name in vars(Work) if not name.startswith('_') and name not in prepare]
    yield from (('flat', name) for name in names)
    yield from (('nested', name) for name in names if name not in flat_only)


@pytest.mark.parametrize('work', ['load', 'validate'])
def test_calls_do_not_grow_with_the_fields(work):
    assert Work(wide(20)).count(work).calls == Work(wide(200)).count(work).calls


def test_loading_calls_do_not_grow_with_the_nesting():
    assert Work(nested(2)).count('load').calls == Work(nested(30)).count('load').calls


@pytest.mark.parametrize('work', ['read_all', 'dump_after_reading', 'construct', 'validate'])
def test_calls_grow_evenly_with_the_nesting(work):
    few, some, many = (Work(nested(depth)).count(work).calls for depth in (5, 10, 15))
    assert many.python - some.python == some.python - few.python
    assert many.c - some.c == some.c - few.c


def test_a_list_of_documents_takes_the_calls_of_loading_each():
    few, many = beyond_the_driver(10), beyond_the_driver(110)
    loading = Work(flat()).count('load').calls
    assert many.python - few.python == 100 * (loading.python - 1)  # the lambda of `load`
    assert many.c - few.c == 100 * loading.c


def beyond_the_driver(size):
    """The calls of a `to_list` of ours that are not those of the driver's."""
    case = flat()
    cursor = Ours(case.shape).cursor()
    cursor.cursor = InMemory(bson.encode(case.stored) * size)
    ours, driver = count_coroutine(cursor.to_list), count_coroutine(cursor.cursor.to_list)
    return Calls(ours.python - driver.python, ours.c - driver.c)


def count_coroutine(function):
    for coroutine in (function(), function()):  # the second one finds everything compiled
        with pytest.raises(StopIteration), Counted() as counted:
            coroutine.send(None)
    return counted.calls


if __name__ == '__main__':
    for case, work in works():
        print(f'    {(case, work)}: {Work(CASES[case]()).count(work).calls},')
