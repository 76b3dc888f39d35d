"""The least that a row takes in pure Python: functions that do what cannot be left out, no more.

They hold for the documents of the benchmark alone, where nothing is missing and nothing is to be
converted. Each is measured in turns with the driver, and so is ours, in the same process: what ours
takes beyond its floor could be saved, what the floor takes could not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Final

import bson

from benchmarks import readers, rows
from benchmarks.documents import Case, Data, flat, order
from benchmarks.measure import Effort, compare
from benchmarks.rows import Bench
from benchmarks.systems.ours import Ours


class Unset:
    """An attribute of a class that reads as None where an object has none: a field, at its least.

    It has a `__get__`, so that the interpreter looks for it at each reading.
    """

    def __get__(self, instance: object, owner: type) -> None:
        return None


class Plain:
    """An object that has the driver's dict for its own."""

    __slots__ = ('__dict__', '__weakref__')

    kinds: Final = {'name': str}
    name = age = score = is_active = Unset()

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) is self.kinds[name]:  # what is assigned may have to be converted
            self.__dict__[name] = value


def loader(case: Case) -> Callable[[Data], Plain]:
    """An object for a dict in which every key is known: any other could hide a method."""
    new, set_values = Plain.__new__, vars(Plain)['__dict__'].__set__
    knows_all = frozenset(case.stored).issuperset

    def load(data: Data) -> Plain:
        document = new(Plain)
        if not knows_all(data):
            raise KeyError
        set_values(document, data)
        return document

    return load


def dumper(case: Case) -> Callable[[Plain], Data]:
    """A dict of the values in the order of the fields, whatever their order in the object."""
    items = ', '.join(f'{name!r}: values[{name!r}]' for name in case.stored)
    lines = ['    values = document.__dict__', f'    return {{{items}}}']
    return readers.compiled('def function(document):', lines)


def functions(case: Case) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The least of some rows of a document."""
    raw, load, dump = bson.encode(case.stored), loader(case), dumper(case)
    document = load(bson.decode(raw))
    assert bson.encode(dump(document)) == raw
    yield rows.LOAD, lambda: load(bson.decode(raw))
    yield rows.DUMP, lambda: bson.encode(dump(document))
    name, value = case.changed
    if name in Plain.kinds:
        names = [spec.name for spec in case.shape.fields[1:5]]
        ours = Ours(case.shape)
        yield rows.GET, functools.partial(readers.getter(ours, names), document)
        yield rows.SET, functools.partial(readers.setter(ours, name), document, value)


def run(effort: Effort) -> Any:
    """The ratios to the driver of each floor, and of ours beside it."""
    return [found for case in (flat(), order()) for found in floors_of(case, effort)]


def floors_of(case: Case, effort: Effort) -> Iterator[Any]:
    """The floors of a document."""
    bench = {row.name: row for row in Bench(Ours, case).rows()}
    for name, function in functions(case):
        row = bench[name]
        floor, ours = (compare(each, row.raw, effort) for each in (function, row.function))
        yield {'case': case.name, 'row': name, 'floor': floor._asdict(), 'ours': ours._asdict()}
