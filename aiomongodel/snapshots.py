"""What documents hold in memory, kept in order to be put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from aiomongodel.nesting import is_document, is_stored_document

if TYPE_CHECKING:
    from aiomongodel.document import Document


class Snapshot:
    """What a document holds, with all that lies within it.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document  # it must live as long: it is known by its id()
        self._contents = contents_within(document)

    def put_back(self) -> None:
        """Have the document, its lists and its embedded documents hold what they held."""
        for contents, held in self._contents:
            put_back(contents, held)


def documents_in(values: Iterable[Any]) -> Iterator[Document]:
    """The documents among values, and among those in lists and the like."""
    for value in values:
        if is_stored_document(value):
            yield value
        elif isinstance(value, list | tuple | set):
            yield from documents_in(value)
        elif isinstance(value, dict):
            yield from documents_in(value.values())


def contents_within(document: Document) -> list[tuple[Any, Any]]:
    """The dicts, lists and sets of a document, and of all within it, each with a copy."""
    found: dict[int, tuple[Any, Any]] = {}
    ahead: list[Any] = [vars(document)]
    while ahead:
        contents = ahead.pop()
        if id(contents) in found:
            continue
        held = contents if isinstance(contents, tuple) else contents.copy()
        found[id(contents)] = contents, held
        values = contents.values() if isinstance(contents, dict) else contents
        ahead.extend(inner for inner in map(contents_of, values) if inner is not None)
    return list(found.values())


def contents_of(value: Any) -> Any:
    """The container that a value is or, as an embedded document, has; else None."""
    if isinstance(value, list | dict | set | tuple):
        return value
    if is_document(value) and not is_stored_document(value):
        return vars(value)
    return None


def put_back(contents: Any, held: Any) -> None:
    """Have a container hold what it held; a tuple does."""
    if isinstance(contents, list):
        contents[:] = held
    elif not isinstance(contents, tuple):
        contents.clear()
        contents.update(held)
