"""What is refused of many writes: all of them are checked before one is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import bson
from bson import ObjectId
from pymongo.errors import DocumentTooLarge, PyMongoError

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.nesting import is_document
from aiomongodel.operations import InsertOne, Operation, require_storable
from aiomongodel.utils import shown

MAX_DOCUMENT_SIZE: Final = 16 * 1024 * 1024
"""The bytes that MongoDB stores of one document."""

TOO_LARGE_CODES: Final = (2, 10334)
"""The server's codes, BadValue and BSONObjectTooLarge, where a document is too large."""


def check_options(where: str, ordered: object, progress: object, size: object) -> None:
    """Refuse options that cannot be meant, such as a session in the place of another one."""
    if not isinstance(ordered, bool):
        raise TypeError(f'ordered of {where} must be True or False, not {shown(ordered)}')
    if progress is not None and not callable(progress):
        raise TypeError(f'progress of {where} must be a function, not {shown(progress)}')
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError(f'size of {where} must be a number of at least 1, not {shown(size)}')


def listed(where: str, given: Any) -> list[Any]:
    """What was given, as a list."""
    if not isinstance(given, Iterable) or isinstance(given, Mapping | str | bytes):
        raise TypeError(f'{where} takes a list, not {shown(given)}')
    return list(given)


def require_insertable(where: str, given: Sequence[Any], doc_class: Any) -> None:
    """Refuse what is neither a dict nor a valid document of the class.

    Raises:
        TypeError: One is neither a dict nor a document of the class.
        PartialDocumentError: One was loaded through a projection.
        ValidationError: Some break the rules of their fields.
    """
    found: dict[int, ValidationError] = {}
    for index, each in enumerate(given):
        if type(each) is dict:
            continue
        if type(each) is not doc_class:
            require_own_or_mapping(f'{where}, at index {index}', each, doc_class)
        if not is_document(each):
            continue
        if each.is_partial:
            require_whole(f'{where}, at index {index}', each)
        elif error := validation_error(where, index, each, is_inserted=True):
            found[index] = error
    if found:
        raise ValidationError(found)


def require_own_or_mapping(where: str, value: Any, doc_class: type) -> None:
    """Refuse what is neither a document of the class nor a dict."""
    try:
        require_storable(value, doc_class)
    except TypeError as error:
        raise TypeError(f'{where}: {error}') from None


def is_alone(operation: Operation) -> bool:
    """Whether an operation is done by itself, since its document has guards."""
    return operation._kept is not None and bool(operation._kept.meta.guards)


def refuse_options(operation: Operation, options: Mapping[str, Any]) -> None:
    """Refuse the driver's arguments for a document that is saved or deleted by itself."""
    given = {**options, **getattr(operation, 'options', {})}
    names = [name for name in given if name != 'session' and given[name] is not None]
    if names:
        raise TypeError(
            f'{", ".join(names)} cannot be given for a {type(operation._kept).__name__}: it has a '
            'revision or a lock, and is written by itself, which takes no argument but session'
        )


def require_whole(where: str, stored: Any) -> None:
    """Refuse a document of which a part may be missing."""
    if is_document(stored) and stored.is_partial:
        raise errors.PartialDocumentError(
            f'{where}: {type(stored).__name__} with the _id {shown(stored._id)} was loaded through '
            'a projection: storing it would drop its other fields. Reload it first, or update the '
            'fields that change'
        )


def validate(where: str, operations: Iterable[Operation]) -> None:
    """Check all documents among what is to be stored.

    Raises:
        ValidationError: Some break the rules; the error has that of each by its index.
    """
    found: dict[int, ValidationError] = {}
    for index, operation in enumerate(operations):
        document, is_inserted = operation._stored, isinstance(operation, InsertOne)
        if is_document(document) and (
            error := validation_error(where, index, document, is_inserted=is_inserted)
        ):
            found[index] = error
    if found:
        raise ValidationError(found)


def validation_error(
    where: str, index: int, document: Any, *, is_inserted: bool
) -> ValidationError | None:
    """What is wrong with a document."""
    try:
        document.validate()
    except ValidationError as error:
        left = without_id_to_come(document, error) if is_inserted else error
        return None if left is None else left.with_traceback(None)  # it would hold the list
    except Exception as error:
        error.add_note(f'in {where}, at index {index}')
        raise
    return None


def without_id_to_come(document: Any, error: ValidationError) -> ValidationError | None:
    """What is wrong with a document, leaving out an `_id` that the driver will make."""
    if document._id is not None or not isinstance(error.error, Mapping):
        return error
    try:
        document.meta.fields['_id'].validate(ObjectId())
    except ValidationError:
        return error
    left = {name: each for name, each in error.error.items() if name != '_id'}
    return ValidationError(left) if left else None


def not_encodable(parts_of: Iterable[Iterable[Any]], coll: Any) -> tuple[int, Exception] | None:
    """The first of many writes that cannot be encoded, by its index, and why."""
    for index, parts in enumerate(parts_of):
        for part in parts:
            try:
                size = len(bson.encode(part, codec_options=coll.codec_options))
            except Exception as error:  # noqa: BLE001 - the caller raises it
                return index, error
            if size > MAX_DOCUMENT_SIZE:
                text = f'a document of {size} bytes; MongoDB stores {MAX_DOCUMENT_SIZE} at most'
                return index, DocumentTooLarge(text)
    return None


def note_not_encodable(
    error: Exception, where: str, parts_of: Iterable[Iterable[Any]], coll: Any, start: int = 0
) -> None:
    """Say in an error of a whole call which write it is about, if one of them cannot be sent."""
    if isinstance(error, PyMongoError) and getattr(error, 'code', None) not in TOO_LARGE_CODES:
        return
    found = not_encodable(parts_of, coll)
    if found is not None:
        error.add_note(f'in {where}, at index {start + found[0]}')
