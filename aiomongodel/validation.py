"""Validations beyond one document's own: of what is set alone, and of many documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.nesting import is_document
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument

__all__ = ['validate_all']

D = TypeVar('D', bound='BaseDocument')


def validate_what_is_set(document: BaseDocument) -> None:
    """Check a document, without asking for what is unset."""
    try:
        document.validate_document(document)
    except ValidationError as error:
        left = without_unset(document, error)
    else:
        return
    try:
        if left is not None:
            raise left
    finally:
        del left  # or its traceback would hold it, until garbage collection finds them


def without_unset(value: Any, error: ValidationError) -> ValidationError | None:
    """What is wrong with a value, leaving out that fields of documents are required and unset."""
    if not isinstance(error.error, Mapping) or not error.error:
        return error
    left = {}
    for key, inner in error.error.items():
        within = inner_value(value, key)
        if within is _Empty and inner.error == errors.FIELD_IS_REQUIRED:
            continue
        if (rest := without_unset(within, inner)) is not None:
            left[key] = rest
    return ValidationError(left) if left else None


def inner_value(value: Any, key: Any) -> Any:
    """The value that an error of this key is about; `_Empty` where it is a field that is unset."""
    if is_document(value):
        field = value.meta.fields.get(key) if isinstance(key, str) else None
        return None if field is None else field._read(value, _Empty)
    if is_instance(value, Mapping):
        return value.get(key)
    is_item = is_instance(value, (list, tuple)) and isinstance(key, int) and 0 <= key < len(value)
    return value[key] if is_item else None


def validate_all(documents: Iterable[D]) -> list[D]:
    """Check documents, each by its `validate`.

    Args:
        documents: The documents.

    Returns:
        The documents, in a new list.

    Raises:
        TypeError: One is no document.
        ValidationError: Some are not valid; the error has that of each by its index.

    Example:
        >>> from aiomongodel.errors import ValidationError
        >>> try:
        ...     validate_all([User(name='Ann'), User(name='')])
        ... except ValidationError as error:
        ...     print(error.as_dict())
        {1: {'name': 'blank value is not allowed'}}
    """
    given = list(documents)
    found = {}
    for index, document in enumerate(given):
        if not is_document(document):
            raise TypeError(f'validate_all, at index {index}: {shown(document)} is no document')
        try:
            document.validate()
        except ValidationError as error:
            found[index] = error.with_traceback(None)  # it would hold the list
        except Exception as error:
            error.add_note(f'in validate_all, at index {index}')
            raise
    if found:
        raise ValidationError(found)
    return given
