"""The keys of dicts that are stored as objects: which of them MongoDB takes, and paths can name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.fields.base import is_storable_name
from aiomongodel.fields.containers import label_of
from aiomongodel.nesting import MAX_NESTING

KEY: Final = 'a str that is not empty and does not start with $, with neither a dot nor \\0 in it'
"""What a key is, for error messages."""

KEY_PATTERN: Final = r'^[^$.\x00][^.\x00]*$'
"""The same for a JSON Schema."""

Path = tuple[Any, ...]


def is_key(key: Any) -> bool:
    """Whether a key can be stored, and named in a path."""
    if type(key) is str and (
        key.isalnum() or key.isidentifier()
    ):  # the rest takes ten times as long
        return True
    return is_storable_name(key) and key != ''


def wrong_keys(value: Any) -> ValidationError | None:
    """The errors of the keys in a dict and in all within it, or that it nests too deeply."""
    found: dict[Any, Any] = {}
    level: list[tuple[Path, Any]] = [((), value)]
    for _ in range(MAX_NESTING):
        for path in wrong_paths(level):
            put(found, path, ValidationError(errors.KEY_IS_NOT_STORABLE))
        if not (level := next_level(level)):
            return error_of(found) if found else None
    return ValidationError(errors.NESTED_TOO_DEEPLY)


def wrong_paths(level: Iterable[tuple[Path, Any]]) -> Iterator[Path]:
    """The paths of the wrong keys of some dicts."""
    for path, parent in level:
        if is_mapping(parent):
            yield from ((*path, label_of(key)) for key in parent if not is_key(key))


def next_level(level: Iterable[tuple[Path, Any]]) -> list[tuple[Path, Any]]:
    """The dicts and lists directly within some, each once, as they may hold themselves."""
    found = {}
    for path, parent in level:
        items = parent.items() if is_mapping(parent) else enumerate(parent)
        for key, item in items:
            if is_mapping(item) or issubclass(type(item), (list, tuple)):
                found[id(item)] = ((*path, label_of(key)), item)
    return list(found.values())


def is_mapping(value: Any) -> bool:
    """Whether it is a mapping, whatever it says of itself."""
    return type(value) is dict or issubclass(type(value), Mapping)


def put(found: dict[Any, Any], path: tuple[Any, ...], error: ValidationError) -> None:
    """Put an error at its path, unless a key on the way has one already."""
    for key in path[:-1]:
        found = found.setdefault(key, {})
        if type(found) is not dict:
            return
    found[path[-1]] = error


def error_of(found: Mapping[Any, Any]) -> ValidationError:
    """The error of a tree of errors."""
    return ValidationError(
        {key: error_of(each) if type(each) is dict else each for key, each in found.items()}
    )
