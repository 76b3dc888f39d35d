"""The checks before anything is timed: every system does the same work on the same data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bson

from benchmarks import readers
from benchmarks.documents import Case, Data
from benchmarks.systems.base import System
from benchmarks.systems.raw import Raw


def check_loading(system: System, case: Case, load: Callable[[], Any]) -> None:
    """What is loaded has the values that were stored, and each load gives a new document."""
    document = load()
    assert system.plain(document, case.shape) == case.values
    assert load() is not document
    few = readers.path_reader(system, case.few)(load())
    assert few == readers.path_reader(Raw(case.shape), case.few)(case.stored)
    readers.whole_reader(system)(document)


def check_dumping(case: Case, encode: Callable[[], bytes]) -> None:
    """What is dumped is what was stored."""
    check_stored(encode(), case.stored)


def check_change(case: Case, encode: Callable[[], bytes]) -> None:
    """What is dumped has the new value of the field, and the old ones of the others."""
    name, value = case.changed
    check_stored(encode(), {**case.stored, name: value})


def check_stored(raw: bytes, expected: Data) -> None:
    """Bytes hold this data. Some systems store a None for what is not set: that is let pass."""
    found = bson.decode(raw)
    assert {name: value for name, value in found.items() if value is not None} == expected


def check_constructing(system: System, case: Case, construct: Callable[[], Any]) -> None:
    """A document that is made of Python values has them."""
    assert system.plain(construct(), case.shape) == case.values


def check_validating(system: System, case: Case) -> None:
    """Right values pass, and each wrong one is refused, alone and with the others."""
    system.validator(case.values)()
    if not case.wrong:
        return
    if system.finds_all_errors:
        assert system.refused(system.validator({**case.values, **case.wrong})) == set(case.wrong)
    for name, value in case.wrong.items():
        validate = system.validator({**case.values, name: value})
        assert system.refused(validate) == {name}, name


def check_setting(system: System, case: Case, document: Any) -> None:
    """A value that is set is the one that is read."""
    name, value = case.changed
    readers.setter(system, name)(document, value)
    assert readers.path_reader(system, [(name,)])(document) == (value,)


def check_translating(system: System, case: Case, translation: dict[str, str]) -> None:
    """Each message is a translated one."""
    translated = system.translated({**case.values, **case.wrong}, translation)
    assert translated is not None
    found = translated()
    assert found.keys() == case.wrong.keys()
    assert all(message.startswith('translated') for message in found.values()), found
