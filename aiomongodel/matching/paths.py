"""Paths, followed through documents and arrays as the server follows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiomongodel.matching.values import document_of, is_array
from aiomongodel.utils import _Empty


def values_at(document: Any, path: Sequence[str], with_items: bool) -> Iterator[Any]:
    """Give the values at a path, `_Empty` where there is none, as often as the server sees them.

    Args:
        document: A document.
        path: The names and indexes that lead to the values.
        with_items: Whether an array at the end of the path also stands for its items.

    Yields:
        The values.
    """
    value, rest = document.get(path[0], _Empty), path[1:]
    if is_array(value):
        yield from values_in_array(value, rest, with_items)
    elif not rest:
        yield value
    elif (inner := document_of(value)) is not None:
        yield from values_at(inner, rest, with_items)
    else:
        yield _Empty


def values_in_array(array: Sequence[Any], path: Sequence[str], with_items: bool) -> Iterator[Any]:
    """Give the values at a path from each document in an array, and from an item by its index."""
    if not path:
        yield from array if with_items else ()
        yield array
        return
    for index, item in enumerate(array):
        inner = document_of(item)
        if inner is not None:
            yield from values_at(inner, path, with_items)
        if path[0] == str(index):
            yield from values_at_index(item, path[1:], with_items)


def values_at_index(item: Any, path: Sequence[str], with_items: bool) -> Iterator[Any]:
    """Give the values at a path from an item that was found by its index."""
    if not path:
        yield item  # an array found by its index does not stand for its items
    elif is_array(item):
        yield from values_in_array(item, path, with_items)
    elif (inner := document_of(item)) is not None:
        yield from values_at(inner, path, with_items)
