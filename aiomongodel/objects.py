"""What documents are as Python objects: when two are equal, their hashes, what `repr` shows."""

from __future__ import annotations

import re
import reprlib
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiomongodel.changes import SIMPLE
from aiomongodel.extras import LAYOUT, Extra
from aiomongodel.nesting import is_document, is_stored_document
from aiomongodel.utils import _Empty, is_instance

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument

# Equality and hash.


class Pairs(threading.local):
    """The pairs of documents that the running thread is comparing, by their `id()`."""

    def __init__(self) -> None:
        self.open: set[tuple[int, int]] = set()


PAIRS: Final = Pairs()


def are_equal(one: Any, other: Any) -> bool:
    """Whether two documents of one class hold equal values.

    A pair that is met again while it is compared, in documents that hold themselves, makes no
    difference.
    """
    pair = id(one), id(other)
    if one is other or pair in PAIRS.open:
        return True
    PAIRS.open.add(pair)
    try:
        return contents_of(one) == contents_of(other)
    finally:
        PAIRS.open.discard(pair)


def contents_of(document: BaseDocument) -> dict[str, Any]:
    """The values of a document by name, and what is kept beside its fields."""
    fields = [field for field in document.meta.fields.values() if not field._is_computed]
    read = ((field.name, field._read(document, _Empty)) for field in fields)
    contents: dict[str, Any] = {name: value for name, value in read if value is not _Empty}
    if LAYOUT in vars(document) and (extra := dict(Extra(document))):
        contents[LAYOUT] = extra
    return contents


def identity_of(document: Any) -> Any:
    """The `_id` by which a document is known; of a document in its place, the `_id` of that.

    Returns:
        The `_id`; None where there is none, or documents are each other's.
    """
    value: Any = document
    seen: set[int] = set()
    while value is document or is_stored_document(value):  # of an abstract class it is not
        field = value.meta.fields.get('_id')
        if field is None or id(value) in seen:
            return None
        seen.add(id(value))
        value = field._read(value)
    return value


def hash_of(value: Any) -> int:
    """The hash of an `_id`, which may be an embedded document, a dict or a list: by their values.

    Raises:
        TypeError: There is something else in it that has no hash.
    """
    if is_document(value) and not is_stored_document(value) and type(value).__hash__ is None:
        return hash((type(value), hash_of(contents_of(value))))
    if isinstance(value, dict):
        return hash(frozenset((key, hash_of(item)) for key, item in value.items()))
    return hash(tuple(map(hash_of, value))) if isinstance(value, list) else hash(value)


# What `repr` shows.


SECRET: Final = re.compile(
    r'passw|pwd|passphrase|secret|token|api_?key|private_?key|credential', re.IGNORECASE
)
"""What is in the name of a value that is not shown."""

HIDDEN: Final = '…'

MAX_LENGTH: Final = 400
"""The characters after which no further field is shown."""

MAX_VALUE: Final = 100
"""The characters that are shown of one value."""


class Shortened(reprlib.Repr):
    """Shortens values, in documents within too; it neither loads, converts nor changes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = 60
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 4

    def repr1(self, x: Any, level: int) -> str:
        """The text of a value, so many levels deep."""
        if is_document(x) and getattr(type(x), '__repr__', None) is repr_of:
            return cut(self.document(x, level))
        if is_instance(x, Mapping):
            return cut(self.mapping(x, level))
        if is_instance(x, list):
            return cut(self.repr_list(x, level))
        if is_instance(x, (bytes, bytearray)):
            x = bytes(x[: self.maxstring])
        return cut(super().repr1(x, level))

    def document(self, document: Any, level: int) -> str:
        """The class of a document and, unless it lies too deep, its values."""
        name = type(document).__name__
        if level <= 0:
            return f'{name}({HIDDEN})'
        shown: list[str] = []
        for part in self.parts(document, level):
            if sum(map(len, shown)) > MAX_LENGTH:
                shown.append(HIDDEN)
                break
            shown.append(part)
        return f'{name}({", ".join(shown)})'

    def parts(self, document: Any, level: int) -> Iterator[str]:
        """Each field that is set, with its value, the `_id` first."""
        values = vars(document)
        for field in sorted(document.meta.fields.values(), key=lambda field: field.name != '_id'):
            value = values.get(field.name, values.get(field._unread, _Empty))
            if value is _Empty:
                continue
            is_unread = field.name not in values
            if is_secret(field.name, field.mongo_name) or (is_unread and type(value) not in SIMPLE):
                yield f'{field.name}={HIDDEN}'
            else:
                yield f'{field.name}={self.safe(value, level - 1)}'

    def safe(self, value: Any, level: int) -> str:
        """The text of a value, whatever its own `repr` does."""
        try:
            return self.repr1(value, level)
        except Exception:  # noqa: BLE001 - `repr` is what shows where the fault is
            return f'<{type(value).__name__}>'

    def mapping(self, value: Mapping[Any, Any], level: int) -> str:
        """The first keys of a mapping, with their values."""
        if level <= 0:
            return f'{{{HIDDEN}}}'
        items: list[str] = []
        for key, item in value.items():
            if len(items) == self.maxdict:
                items.append(HIDDEN)
                break
            is_hidden = isinstance(key, str) and is_secret(key)
            text = HIDDEN if is_hidden else self.safe(item, level - 1)
            items.append(f'{self.safe(key, level - 1)}: {text}')
        return f'{{{", ".join(items)}}}'


def is_secret(*names: str) -> bool:
    """Whether a value of such a name is not for logs."""
    return any(map(SECRET.search, names))


def cut(text: str) -> str:
    """The start of a text."""
    return text if len(text) <= MAX_VALUE else f'{text[: MAX_VALUE - 1]}{HIDDEN}'


SHORTENED: Final = Shortened()


@reprlib.recursive_repr(HIDDEN)
def described(document: BaseDocument) -> str:
    """The text of a document, which an object within may ask for again."""
    return SHORTENED.document(document, SHORTENED.maxlevel)


def repr_of(self: BaseDocument) -> str:
    """What `repr` shows of a document: at most some hundred characters, and no secret."""
    return described(self)
