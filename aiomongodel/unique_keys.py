"""Which fields a server's refusal of a duplicate key is about; never their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

INDEX_NAME: Final = re.compile(
    r'index: (?:\S+\.\$)?(.+?)(?:\s+collation: \{.*?\})?\s+dup key', re.DOTALL
)

DUPLICATE_KEY: Final = re.compile(r'dup key: \{(.*)', re.DOTALL)

PARTS: Final = re.compile(
    r"""
    "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'   # text, in which anything may stand
    | [{\[(] | [}\])]                       # the bounds of values that hold others
    | [^\s{}\[\]()"',:][^\s{}\[\]()"',]*:   # a name
    | .
    """,
    re.DOTALL | re.VERBOSE,
)

GENERATED_NAME: Final = re.compile(r'(?:^|_)(.+?)_(?:-?1)(?=_|$)')


def field_paths(
    document_class: Any, message: str, details: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """The fields of the unique index that refused a write, in its order.

    Args:
        document_class: The class of the documents; None where it is not known.
        message: The server's message.
        details: The server's answer.

    Returns:
        The paths by the names of the fields, such as `('address.city',)`, and by stored names
        where no field is known; empty where the answer does not say.

    Example:
        >>> field_paths(None, '', {'keyPattern': {'email': 1, 'name': -1}})
        ('email', 'name')
        >>> field_paths(None, 'E11000 … index: e dup key: { email: "a, b: c" }', None)
        ('email',)
    """
    stored = stored_paths(document_class, message, details or {})
    return tuple(named_path(document_class, path) for path in stored)


def stored_paths(document_class: Any, message: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    """The stored names that the index is on.

    A server older than 4.2 does not say them: the index's name is asked then.
    """
    for key in ('keyPattern', 'keyValue'):
        if isinstance(names := details.get(key), Mapping) and names:
            return tuple(names)
    name = index_name(message) or ''
    return (
        paths_declared(document_class, name)
        or tuple(names_within(message))
        or tuple(GENERATED_NAME.findall(name))
        or (('_id',) if name == '_id_' else ())
    )


def index_name(message: str) -> str | None:
    """The name of the index, as a server's message has it."""
    found = INDEX_NAME.search(message)
    return found[1] if found else None


def paths_declared(document_class: Any, name: str) -> tuple[str, ...]:
    """The stored names of the index of this name among those of the class."""
    indexes = () if document_class is None else document_class.meta.indexes or ()
    for index in indexes:
        if index.document['name'] == name:
            return tuple(index.document['key'])
    return ()


def names_within(message: str) -> Iterator[str]:
    """The names in the duplicate key that a message shows."""
    found = DUPLICATE_KEY.search(message)
    depth, before = 0, ','
    for part in PARTS.findall(found[1]) if found else ():
        if part in '{[(':
            depth += 1
        elif part in '}])':
            depth -= 1
            if depth < 0:  # the end; what follows is not about the key
                return
        elif depth == 0 and before == ',' and len(part) > 1 and part[-1] == ':':
            yield part[:-1]
        before = before if part.isspace() else part


def named_path(document_class: Any, path: str) -> str:
    """A path of stored names, by the names of the fields as far as these are known."""
    classes = [] if document_class is None else [document_class]
    names = []
    for stored in path.split('.'):
        field = field_stored_as(stored, classes)
        names.append(stored if field is None else field.name)
        if field is not None:
            classes = [each for each in field._inner_classes() if each is not None]
        elif not stored.isdigit():  # an index leads to the same documents
            classes = []
    return '.'.join(names)


def field_stored_as(stored: str, classes: Iterable[Any]) -> Any:
    """The field of a stored name in the first of some classes that has it, else None."""
    for each in classes:
        field = each.meta.stored_fields.get(stored)
        if field is not None:
            return field
    return None
