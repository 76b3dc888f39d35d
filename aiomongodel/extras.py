"""Extras: what is stored in a document under keys that no field has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from aiomongodel.fields.keys import KEY, is_key
from aiomongodel.utils import _Empty, shown

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument
    from aiomongodel.meta import Meta

LAYOUT: Final = '..layout'
"""The key in the `__dict__` of a document of the stored keys in their order.

A key that no field has is there with its value, any other with `_Empty`. The dict is replaced,
never changed: copies of a document share it.
"""

UNKNOWN: Final = '..unknown'
"""The key in the `__dict__` of a document of the names that a user gave, and no field has."""


class Extra(MutableMapping[str, Any]):
    """What is stored in a document under keys that no field has.

    Values are as the driver gives them, and are stored as they are put in: no field converts or
    validates them.

    Args:
        document: The document.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class User(Document):
        ...     name = StrField()
        ...     class Meta:
        ...         extra = 'keep'
        >>> ann = User.from_mongo({'_id': 1, 'colour': 'red', 'name': 'Ann'})
        >>> ann.extra['colour']
        'red'
        >>> ann.extra['size'] = 7
        >>> ann.to_mongo()
        {'_id': 1, 'colour': 'red', 'name': 'Ann', 'size': 7}
    """

    __slots__ = ('_document',)

    def __init__(self, document: BaseDocument) -> None:
        self._document = document

    def __getitem__(self, name: str) -> Any:
        value = self._layout.get(name, _Empty)
        if value is _Empty or name == self._document.meta.discriminator:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        key = self._document.meta.discriminator
        for name, value in self._layout.items():
            if value is not _Empty and name != key:
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self:
            require_free(self._document, name)
        layout = self._layout or fields_first(self._document.meta)
        vars(self._document)[LAYOUT] = {**layout, name: value}

    def __delitem__(self, name: str) -> None:
        self[name]  # it raises KeyError
        kept = {key: value for key, value in self._layout.items() if key != name}
        vars(self._document)[LAYOUT] = kept

    def __repr__(self) -> str:
        return repr(dict(self))

    @property
    def _layout(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = vars(self._document).get(LAYOUT, {})
        return found


def has_extra(document: BaseDocument) -> bool:
    """Whether a document keeps what no field has."""
    return document.meta.extra != 'ignore' or LAYOUT in vars(document)


def require_free(document: BaseDocument, name: Any) -> None:
    """Refuse a new key that a document cannot be given.

    Raises:
        TypeError: Its class does not keep what no field has.
        ValueError: A field, a synonym or the discriminator has it; or MongoDB takes it for a path
            or an operator.
    """
    meta, label = document.meta, f'{type(document).__name__}.extra[{shown(name)}]'
    if meta.extra != 'keep':
        raise TypeError(
            f'{label}: {type(document).__name__} has extra = {meta.extra!r} in its Meta; '
            'declare a field'
        )
    if not is_key(name):
        raise ValueError(f'{label}: a key must be {KEY}')
    if name == meta.discriminator:
        raise ValueError(f'{label}: the name of the class is stored under this key')
    named = meta.fields.keys() | meta.original_names.keys() | meta.stored_fields.keys()
    if name in named:
        raise ValueError(
            f'{label}: {type(document).__name__} has a field of this name; set the field'
        )


def fields_first(meta: Meta) -> dict[str, Any]:
    """The layout of a document that was never stored: its fields come before its extras."""
    keys = [*meta.stored_fields, *([] if meta.discriminator is None else [meta.discriminator])]
    return dict.fromkeys(keys, _Empty)


def arranged(data: Mapping[str, Any], layout: Mapping[str, Any]) -> dict[str, Any]:
    """The stored form of a document with its extras, in the order of a layout; the rest follows."""
    placed = {}
    for key, value in layout.items():
        if value is not _Empty:
            placed[key] = value
        elif key in data:
            placed[key] = data[key]
    for key in data.keys() - placed.keys() and data:
        placed.setdefault(key, data[key])
    return placed


def layout_of(data: Mapping[str, Any], meta: Meta) -> dict[str, Any]:
    """The layout of stored data; a discriminator that is no class's own counts as an extra."""
    known = meta.stored_fields
    return {key: _Empty if key in known else value for key, value in data.items()}


def unknown_names(values: Mapping[str, Any], key: str | None) -> list[str]:
    """The names in a document that no field has: those that were stored, then those given.

    Args:
        values: The `__dict__` of the document.
        key: The discriminator, which is none of them.
    """
    layout: Mapping[str, Any] = values.get(LAYOUT, {})
    stored = [name for name, value in layout.items() if value is not _Empty and name != key]
    return [*stored, *values.get(UNKNOWN, ())]
