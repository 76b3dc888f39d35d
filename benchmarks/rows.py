"""The rows: each is some work of a system's against the same work on the driver's dicts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import bson

from benchmarks import checks, readers
from benchmarks.documents import Case
from benchmarks.systems.base import Side, System
from benchmarks.systems.raw import Raw

LOAD: Final = 'load'
READ_THREE: Final = 'load, read three'
READ_ALL: Final = 'load, read all'
DUMP: Final = 'dump untouched'
DUMP_READ: Final = 'dump after reading'
DUMP_CHANGED: Final = 'dump changed'
CONSTRUCT: Final = 'construct'
VALIDATE: Final = 'validate'
REFUSE: Final = 'refuse ten'
GET: Final = 'get'
SET: Final = 'set'
AS_DICT: Final = 'as_dict'

ROWS: Final = {
    LOAD: 'bytes to document, against bytes to dict',
    READ_THREE: 'the same, and three values read of each',
    READ_ALL: 'the same, and all values read of each, Decimals as such',
    DUMP: 'a loaded document to bytes, against its dict',
    DUMP_READ: 'the same, after all its values were read',
    DUMP_CHANGED: 'the same, a field being set each time',
    CONSTRUCT: 'a document of keywords, against bson.encode of their dict',
    VALIDATE: 'right values, against bson.encode of their dict',
    REFUSE: 'ten wrong values, against bson.encode of a right document',
    GET: 'attributes of a loaded document, against keys of its dict',
    SET: 'an attribute, against a key',
    AS_DICT: 'translated messages of ten errors, against bson.encode of a right document',
}
"""What each row compares."""

TRANSLATION: Final = {
    message: f'translated: {message}'
    for message in (
        'none value is not allowed',
        'invalid value type',
        'length is greater than {constraint}',
        'value is less than {constraint}',
        'value is not a valid email address',
    )
}


class Row(NamedTuple):
    """Work of a system's, and the driver's."""

    name: str
    function: Callable[[], Any]
    raw: Callable[[], Any]


class Bench:
    """A system and the driver, with one document."""

    def __init__(self, system_class: type[System], case: Case) -> None:
        self.system = system_class(case.shape)
        self.driver = Raw(case.shape)
        self.case = case
        self.stored = case.stored
        self.bytes = bson.encode(case.stored)

    def rows(self) -> Iterator[Row]:
        """All rows, each checked before it is given."""
        yield from self.loading()
        yield from self.dumping()
        yield self.constructing()
        yield self.validating()
        if self.case.wrong:
            yield from self.refusing()
            yield from self.access()
            yield from self.translating()

    def load(self, side: Side) -> Callable[[], Any]:
        """Bytes to a document, or to the driver's dict."""
        decode, stored = side.decode, self.bytes
        if not isinstance(side, System):
            return lambda: decode(stored)
        load = side.loader()
        return lambda: load(decode(stored))

    def encode(self, side: Side, document: Any) -> Callable[[], bytes]:
        """A document, or the driver's dict, to bytes."""
        encode = side.encode
        if not isinstance(side, System):
            return lambda: encode(document)
        dump = side.dumper()
        return lambda: encode(dump(document))

    @functools.cached_property
    def raw_encode(self) -> Callable[[], bytes]:
        """What the rows without a counterpart of the driver's are measured against."""
        return self.encode(self.driver, self.stored)

    def pair(self, name: str, work: Callable[[Side], Callable[[], Any]]) -> Row:
        """The same work of the system's and of the driver's."""
        return Row(name, work(self.system), work(self.driver))

    def loading(self) -> Iterator[Row]:
        """To documents, and reading them."""
        checks.check_loading(self.system, self.case, self.load(self.system))
        yield self.pair(LOAD, self.load)
        few = self.case.few
        yield self.pair(READ_THREE, lambda each: self.then(each, readers.path_reader(each, few)))
        yield self.pair(READ_ALL, lambda each: self.then(each, readers.whole_reader(each)))

    def then(self, side: Side, read: Callable[[Any], Any]) -> Callable[[], Any]:
        """Load, and read."""
        decode, stored = side.decode, self.bytes
        if not isinstance(side, System):
            return lambda: read(decode(stored))
        load = side.loader()
        return lambda: read(load(decode(stored)))

    def dumping(self) -> Iterator[Row]:
        """From documents."""
        yield self.checked(DUMP, self.dump_untouched, checks.check_dumping)
        yield self.checked(DUMP_READ, self.dump_read, checks.check_dumping)
        yield self.checked(DUMP_CHANGED, self.dump_changed, checks.check_change)

    def checked(
        self,
        name: str,
        work: Callable[[Side], Callable[[], Any]],
        check: Callable[[Case, Callable[[], bytes]], None],
    ) -> Row:
        """A row whose bytes are right on both sides."""
        row = self.pair(name, work)
        check(self.case, row.function)
        check(self.case, row.raw)
        return row

    def dump_untouched(self, side: Side) -> Callable[[], bytes]:
        """A document as it was loaded."""
        return self.encode(side, self.load(side)())

    def dump_read(self, side: Side) -> Callable[[], bytes]:
        """A document of which every value was read."""
        document = self.load(side)()
        readers.whole_reader(side)(document)
        return self.encode(side, document)

    def dump_changed(self, side: Side) -> Callable[[], bytes]:
        """A document that is changed before each dump."""
        document = self.load(side)()
        name, value = self.case.changed
        change, encode = readers.change(side, name), self.encode(side, document)

        def run() -> bytes:
            change(document, value)
            return encode()

        return run

    def constructing(self) -> Row:
        """Of keywords."""
        construct = self.system.constructor(self.case.values)
        checks.check_constructing(self.system, self.case, construct)
        return Row(CONSTRUCT, construct, self.raw_encode)

    def validating(self) -> Row:
        """Of right values."""
        checks.check_validating(self.system, self.case)
        return Row(VALIDATE, self.system.validator(self.case.values), self.raw_encode)

    def refusing(self) -> Iterator[Row]:
        """Of ten wrong values, where all of them are found."""
        if not self.system.finds_all_errors:
            return
        validate = self.system.validator({**self.case.values, **self.case.wrong})
        yield Row(REFUSE, self.system.refusal(validate), self.raw_encode)

    def access(self) -> Iterator[Row]:
        """To attributes."""
        checks.check_setting(self.system, self.case, self.load(self.system)())
        yield self.pair(GET, self.getting)
        yield self.pair(SET, self.setting)

    def getting(self, side: Side) -> Callable[[], Any]:
        """Attributes of a loaded document, again and again."""
        names = [spec.name for spec in self.case.shape.fields[1:5]]
        return functools.partial(readers.getter(side, names), self.load(side)())

    def setting(self, side: Side) -> Callable[[], Any]:
        """An attribute, again and again."""
        name, value = self.case.changed
        return functools.partial(readers.setter(side, name), self.load(side)(), value)

    def translating(self) -> Iterator[Row]:
        """Of the messages of ten errors."""
        wrong = {**self.case.values, **self.case.wrong}
        translated = self.system.translated(wrong, TRANSLATION)
        if translated is not None:
            checks.check_translating(self.system, self.case, TRANSLATION)
            yield Row(AS_DICT, translated, self.raw_encode)
