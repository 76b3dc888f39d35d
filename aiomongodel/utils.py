"""Small helpers that know nothing of documents."""

from __future__ import annotations

import enum
import importlib
import re
import reprlib
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

__all__ = ['CLASSES_CACHE', 'import_class', 'snake_case']


class EmptyType(enum.Enum):
    """The type of `_Empty`: an enum of one member, which type checkers narrow on both sides."""

    EMPTY = enum.auto()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return '_Empty'


_Empty: Final = EmptyType.EMPTY
"""Stands for 'nothing was given' where None is a value like any other."""

CLASSES_CACHE: dict[str, type] = {}
"""The classes that `import_class` has found, by their paths."""

CREDENTIALS: Final = re.compile('//.*@', re.DOTALL)
"""The user and the password in a URL, and whatever else looks so."""


class Short(reprlib.Repr):
    """Shortens values for messages, and shows no password of a URL; an ObjectId stays whole."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60

    def repr_str(self, x: str, level: int) -> str:
        """The text, masked before it is cut: the cut may hide that there is a password."""
        return super().repr_str(CREDENTIALS.sub('//***@', x), level)


SHORT: Final = Short()

COLLECTION_NAME: Final = 'a str without $, \\0 and empty parts between dots'
"""What the name of a collection is, for error messages."""

WORD_STARTS: Final = re.compile(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])')


def snake_case(camel_case: str) -> str:
    """Turn a CamelCase name into snake_case.

    Args:
        camel_case: The name, such as a class's.

    Returns:
        The same words in lower case, joined by underscores.

    Example:
        >>> snake_case('EmbDocGPS100Loader')
        'emb_doc_gps100_loader'
    """
    return WORD_STARTS.sub('_', camel_case).lower()


def import_class(absolute_import_path: str) -> Any:
    """Import a class by its path, and remember it in `CLASSES_CACHE`.

    Args:
        absolute_import_path: The module's path and the class's name, joined by a dot.

    Returns:
        The class.

    Raises:
        ImportError: The path is not absolute, or there is no such class.

    Example:
        >>> import_class('aiomongodel.document.Document').__name__
        'Document'
    """
    if absolute_import_path in CLASSES_CACHE:
        return CLASSES_CACHE[absolute_import_path]
    module_path, _, class_name = absolute_import_path.rpartition('.')
    if not module_path or module_path.startswith('.'):
        raise ImportError(f"Import path should be absolute string, not '{absolute_import_path}'")
    try:
        found = getattr(importlib.import_module(module_path), class_name, None)
    except ImportError as error:
        raise ImportError(f"No class named '{absolute_import_path}'") from error
    if not isinstance(found, type):
        raise ImportError(f"No class named '{absolute_import_path}'")
    CLASSES_CACHE[absolute_import_path] = found
    return found


def is_instance(value: object, kind: type | tuple[type, ...]) -> bool:
    """`isinstance` for any object: one whose `__class__` raises is an instance of nothing."""
    try:
        return isinstance(value, kind)
    except Exception:  # noqa: BLE001 - say a proxy of an object that does not exist here
        return False


def is_text(value: object) -> TypeGuard[str]:
    """Whether a value is a str that MongoDB can hold: one without lone surrogates."""
    return isinstance(value, str) and value.encode(errors='replace').decode() == value


def is_collection_name(value: object) -> bool:
    """Whether MongoDB takes a name for a collection, and with a suffix for several."""
    if not is_text(value) or '$' in value or '\0' in value:
        return False
    return all(value.split('.'))


def shown(value: object) -> str:
    """The value for an error message: its repr, cut to a readable length, without passwords."""
    try:
        text = SHORT.repr(value)
    except Exception:  # noqa: BLE001 - the error to tell of is another one
        text = f'a value of type {type(value).__name__}'
    return text


def keys_of(mapping: Mapping[Any, Any]) -> str:
    """The keys of a mapping, for an error message."""
    return ', '.join(map(str, mapping)) or 'none'


def require_positive(value: object, what: str) -> None:
    """Refuse what is no int of at least 1.

    Raises:
        ValueError: The message is `what` and what would be right.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f'{what} of at least 1')
