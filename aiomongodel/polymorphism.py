"""Families: the classes that share a collection, and store their names under one key."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiomongodel.errors import UnknownClassError
from aiomongodel.utils import shown

Data = dict[str, Any]

WRONG_NAME: Final = '..class'
"""The key in the `__dict__` of a document that a user gave the name of no class of the family."""


class Family:
    """The classes below one that sets `discriminator`, and that class itself, by stored names.

    Classes are looked up when a document is loaded, so that one may be made at any time. They are
    held weakly.

    Args:
        root: The class that sets it.
        key: The key under which names are stored.

    Attributes:
        root: As given.
        key: As given.
    """

    def __init__(self, root: Any, key: str) -> None:
        self.root = root
        self.key = key
        self._classes: dict[str, weakref.ref[Any]] = {}
        self._queries: weakref.WeakKeyDictionary[Any, Mapping[str, Any]] = (
            weakref.WeakKeyDictionary()
        )

    def add(self, cls: Any) -> None:
        """Add a class under its name; one that is defined anew takes the place of the old one.

        Raises:
            ValueError: Another class has the name.
        """
        name = cls.meta.discriminator_value
        if self._holder(name, cls) is not None:
            gc.collect()  # it may be one that nobody can reach any more
        if holder := self._holder(name, cls):
            raise ValueError(
                f'{cls.__name__}: {holder} is stored with the {self.key} {name!r} already; '
                f'set another discriminator_value in {cls.__name__}.Meta'
            )
        self._classes[name] = weakref.ref(cls, lambda gone: self._remove(name, gone))
        self._queries.clear()

    def find(self, name: Any, asked: type) -> Any:
        """The class of a stored name; None where none below the class that was asked for has it."""
        if not isinstance(name, str):
            return None
        found = self._class(name)
        return found if found is not None and issubclass(found, asked) else None

    def names_within(self, cls: Any) -> list[str]:
        """The names of a class, and of those below it."""
        own = cls.meta.discriminator_value
        below = {name for name in list(self._classes) if self.find(name, cls) is not None}
        return sorted(below if own is None else below | {own})

    def query_on(self, cls: Any) -> Mapping[str, Any]:
        """The query on the documents of a class, and of those below it."""
        if cls is self.root:
            return {}  # also those that were stored before there was the key
        query = self._queries.get(cls)
        if query is None:
            names = self.names_within(cls)
            query = {self.key: names[0] if len(names) == 1 else {'$in': names}}
            self._queries[cls] = query
        return query

    def refusal(self, cls: Any, name: Any) -> UnknownClassError:
        """The error for a stored name of no class that is, or is below, the one asked for."""
        return UnknownClassError(cls, self.key, name, self.names_within(cls))

    def _holder(self, name: str, cls: Any) -> str | None:
        """The label of the class that has a name, if it is not this one, defined before."""
        other = self._class(name)
        if other is None or place_of(other) == place_of(cls):
            return None
        return f'{other.__name__} of {other.__module__}'

    def _class(self, name: str) -> Any:
        found = self._classes.get(name)
        return None if found is None else found()

    def _remove(self, name: str, gone: weakref.ref[Any]) -> None:
        if self._classes.get(name) is gone:
            del self._classes[name]
            self._queries.clear()


def place_of(cls: type) -> tuple[str, str]:
    """Where a class was defined."""
    return cls.__module__, cls.__qualname__


def chosen_by(
    cls: Any,
    own: Callable[[Data], Any],
    other: Callable[[Any], Callable[[Data], Any]],
    unknown: Callable[[Data], Any],
) -> Callable[[Data], Any]:
    """What makes a document of data, by the class that is named in it.

    Args:
        cls: The class that is asked for; it makes what names no class.
        own: What makes a document of it.
        other: What makes one of a class below it.
        unknown: What makes something of a name of no class below it.
    """
    family, own_name = cls.meta.family, cls.meta.discriminator_value
    key = family.key

    def make(data: Data) -> Any:
        name = data.get(key)
        if name is None or (name == own_name and type(name) is str):
            return own(data)
        found = family.find(name, cls)
        return unknown(data) if found is None else other(found)(data)

    return make


def given_class(cls: Any, data: Mapping[str, Any]) -> Any:
    """The class that a user's data names among those below a class, or the class itself.

    Returns:
        The class; None where the name is that of no such class.
    """
    family: Family | None = cls.meta.family
    name = None if family is None else data.get(family.key)
    if family is None or name is None:
        return cls
    return cls if name == cls.meta.discriminator_value else family.find(name, cls)


def head_above(cls: type, meta: Any) -> Any:
    """The class at the head of a class's family; None where there is none, or it is that itself."""
    family: Family | None = meta.family
    return None if family is None or family.root is cls else family.root


def bases_of(cls: type) -> list[Any]:
    """The document classes among the bases of a class, which may have other bases too."""
    return [base for base in cls.__mro__[1:] if hasattr(vars(base).get('meta'), 'codec')]


def classes_below(cls: Any) -> list[Any]:
    """The classes below one that its documents may be of, by the names that are stored."""
    family: Family | None = cls.meta.family
    if family is None:
        return []
    found = [family.find(name, cls) for name in family.names_within(cls)]
    return [each for each in found if each is not None and each is not cls]


# What a class statement declares.


def family_of(cls: Any, meta: Any, *, is_collected: bool) -> Family | None:
    """The family of a class that is being made, which may begin with it.

    Args:
        cls: The class.
        meta: Its meta.
        is_collected: Whether it is a Document.

    Raises:
        ValueError: Its options do not go together with those of its bases.
    """
    bases = bases_of(cls)
    families = {base.meta.family: base for base in bases if base.meta.family is not None}
    if not families:
        return new_family(cls, meta, bases, is_collected=is_collected)
    family: Family
    family, *others = families
    if others:
        names = ' and '.join(each.root.__name__ for each in families)
        raise ValueError(
            f'{cls.__name__} is below {names}, each with a discriminator of its own; '
            'a document is stored in one collection, under one name'
        )
    if meta.discriminator not in (None, family.key):
        raise ValueError(
            f'discriminator {meta.discriminator!r}: {family.root.__name__} has {family.key!r}, '
            'which its subclasses cannot change'
        )
    return family


def new_family(cls: Any, meta: Any, bases: list[Any], *, is_collected: bool) -> Family | None:
    """The family that begins with a class; None where it sets no `discriminator`."""
    key = meta.discriminator
    if key is None:
        for option in ('discriminator_value', 'unknown_class'):
            if meta.given.get(option) is not None and not meta.is_abstract:
                raise ValueError(
                    f'{option} {shown(meta.given[option])} is for a class with a discriminator; '
                    'set it in the Meta of the parent'
                )
        return None
    ours = [base for base in bases if '_reserves_names' in vars(base)]
    concrete = [base for base in bases if base not in ours and not base.meta.is_abstract]
    if concrete:
        raise ValueError(
            f'discriminator {key!r}: {concrete[0].__name__}, the parent, has none; '
            f'set it in {concrete[-1].__name__}.Meta'
        )
    if meta.is_abstract and is_collected:
        if meta.inherits_options:
            return None  # it is an option of the classes below, each of which begins a family
        raise ValueError(
            f'discriminator {key!r}: an abstract class has no collection to be shared; set it in '
            'the first class that has one, or inherit_options = True, so that each has its own'
        )
    return Family(cls, key)


def settle_family(cls: Any, meta: Any, *, is_collected: bool) -> None:
    """Tell the meta of a class that is being made of its family.

    Raises:
        ValueError: Its options do not go together with those of its bases, or with its fields.
    """
    family = family_of(cls, meta, is_collected=is_collected)
    meta.family = family
    meta.discriminator = None if family is None else family.key
    if family is None:
        return
    for name, field in meta.fields.items():
        if field.mongo_name == family.key:
            raise ValueError(
                f'discriminator {family.key!r}: {cls.__name__}.{name} is stored under this key; '
                'choose another key, or give the field another mongo_name'
            )
    if family.key in {*meta.fields, *meta.original_names}:
        raise ValueError(  # a user's data would have both under one key
            f'discriminator {family.key!r}: {cls.__name__}.{family.key} is a field of this name; '
            'choose another key'
        )
    if meta.is_abstract:
        if meta.discriminator_value is not None:
            raise ValueError(
                f'discriminator_value {meta.discriminator_value!r}: documents of an abstract class '
                'are not stored'
            )
    elif meta.discriminator_value is None:
        meta.discriminator_value = cls.__name__
    if meta.unknown_class is None:
        meta.unknown_class = 'raise' if family.root is cls else family.root.meta.unknown_class


def join_family(cls: Any) -> None:
    """Have a class that is made, with all that it says, found by its name.

    Raises:
        ValueError: Another class has the name.
    """
    if cls.meta.family is not None and not cls.meta.is_abstract:
        cls.meta.family.add(cls)
