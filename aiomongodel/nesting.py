"""What is done with values that nest too deeply to be walked, or that hold themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiomongodel import errors
from aiomongodel.errors import ValidationError

MAX_NESTING: Final = 100
"""The levels of nesting that MongoDB stores."""


class Depth(threading.local):
    """How many documents within each other the running thread is at work on."""

    level = 0

    def __enter__(self) -> None:
        if self.level >= MAX_NESTING:
            raise RecursionError('documents are nested too deeply')
        self.level += 1

    def __exit__(self, *_: object) -> None:
        self.level -= 1


DEPTH: Final = Depth()


def converted(convert: Callable[[Any], Any], value: Any) -> Any:
    """The converted value, or the value as it is where it nests too deeply.

    The outermost value decides that: tried at each level, one that holds itself twice would
    take exponential time.
    """
    try:
        with DEPTH:
            return convert(value)
    except RecursionError:
        if DEPTH.level:
            raise
        return value


def checked(
    check: Callable[[Any], ValidationError | None], document: Any
) -> ValidationError | None:
    """What is wrong with a document, which may be that it nests too deeply."""
    try:
        error = check(document)
    except RecursionError:
        if DEPTH.level:
            raise
        return too_deep(document)
    if error is None or not are_errors_deeper(error, MAX_NESTING):
        return error
    return too_deep(document)


def too_deep(document: Any) -> ValidationError:
    """The error for a document with values that nest too deeply, by their fields."""
    deep = {
        name: ValidationError(errors.NESTED_TOO_DEEPLY)
        for name, value in document.to_data().items()
        if is_nested_deeper(value, MAX_NESTING)
    }
    return ValidationError(deep or errors.NESTED_TOO_DEEPLY)


def is_nested_deeper(value: Any, limit: int) -> bool:
    """Whether there are more than `limit` levels in a value; it may hold itself."""
    level = {id(value): value}
    for _ in range(limit):
        level = {id(child): child for parent in level.values() for child in children(parent)}
        if not level:
            return False
    return True


def are_errors_deeper(error: ValidationError, limit: int) -> bool:
    """Whether there are more than `limit` levels of errors within an error."""
    level = [error.error]
    for _ in range(limit):
        level = [
            inner.error
            for found in level
            if isinstance(found, dict)
            for inner in found.values()
            if type(inner.error) is not str
        ]
        if not level:
            return False
    return True


def children(value: Any) -> Iterable[Any]:
    """The values directly within a value."""
    if is_document(value):
        value = vars(value)
    if issubclass(type(value), Mapping):
        value = list(value.values())
    return value if issubclass(type(value), list | tuple | set | frozenset) else ()


def is_document(value: object) -> bool:
    """Whether a value is a document, of whatever class."""
    return hasattr(getattr(type(value), 'meta', None), 'codec')


def is_stored_document(value: Any) -> bool:
    """Whether it is a document that has a collection, and is not stored within another."""
    return is_document(value) and value.meta.collection_name is not None
