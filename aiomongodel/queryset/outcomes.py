"""What comes of many writes: the driver's results of all batches as one, and their failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from aiomongodel import errors
from aiomongodel.errors import BulkDuplicateKeyError, BulkError
from aiomongodel.nesting import is_document
from aiomongodel.operations import BulkFailure, BulkResult
from aiomongodel.unique_keys import field_paths
from aiomongodel.utils import shown

T = TypeVar('T')

BULK_WRITE_ERROR: Final = 65
"""The driver's code of a BulkWriteError."""


def written(items: Sequence[T], refused: Sequence[Mapping[str, Any]], ordered: bool) -> Sequence[T]:
    """Those of a batch that were written."""
    if not refused:
        return items
    indexes = {refusal['index'] for refusal in refused}
    if ordered:
        return items[: min(indexes)]
    return [item for index, item in enumerate(items) if index not in indexes]


def merge(total: dict[str, Any], part: Mapping[str, Any], start: int) -> None:
    """Add the driver's result of a batch to that of those before it."""
    for key, value in part.items():
        if isinstance(value, list):
            total.setdefault(key, []).extend(moved(each, start) for each in value)
        elif isinstance(value, int):
            total[key] = total.get(key, 0) + value


def moved(entry: Mapping[str, Any], start: int) -> Mapping[str, Any]:
    """An entry of a batch's result, with its index among all writes."""
    return {**entry, 'index': entry['index'] + start} if 'index' in entry else entry


def failure_of(index: int, refusal: Mapping[str, Any], subject: Any, doc_class: Any) -> BulkFailure:
    """A refusal of the server's as a failure."""
    code, message = refusal['code'], refusal['errmsg']
    is_duplicate = code in errors.BulkDuplicateKeyError._CODES
    fields = field_paths(doc_class, message, refusal) if is_duplicate else ()
    return BulkFailure(index, id_of(subject, refusal), code, message, subject, fields)


def refusal_of(error: Exception) -> dict[str, Any]:
    """The error of a write that was done alone, as the server tells of one among many."""
    details = getattr(error, 'details', None) or {}
    index = {key: details[key] for key in ('keyPattern', 'keyValue') if key in details}
    return {'index': 0, 'code': getattr(error, 'code', None), 'errmsg': str(error), **index}


def id_of(subject: Any, refusal: Mapping[str, Any]) -> Any:
    """The `_id` of what was to be written, as far as is known."""
    if is_document(subject) and subject._id is not None:
        return subject._id
    sent = refusal.get('op', {})
    _id = sent['_id'] if '_id' in sent else sent.get('q', {}).get('_id')
    is_equality = isinstance(_id, Mapping) and _id.keys() == {'$eq'}
    return _id['$eq'] if is_equality else _id


def made_error(
    doc_class: type,
    failures: Sequence[BulkFailure],
    total: int,
    details: Mapping[str, Any],
    result: BulkResult,
) -> BulkError:
    """The error of writes of which some have failed."""
    text = message_of(doc_class.__name__, failures, total, details)
    given = (text, BULK_WRITE_ERROR, details, failures, result)
    if errors.are_duplicates(details):
        return BulkDuplicateKeyError(*given, document_class=doc_class)
    return BulkError(*given)


def message_of(
    name: str, failures: Sequence[BulkFailure], total: int, details: Mapping[str, Any]
) -> str:
    """What has failed; the server's message comes first, from which an index's name is read."""
    if not failures:
        concern = details['writeConcernErrors'][0]
        return f'{concern.get("errmsg")}; the writes of {name} are not as safe as was asked'
    first = failures[0]
    return (
        f'{first.message}; {len(failures)} of {total} writes of {name} failed, the first at index '
        f'{first.index}, with the _id {shown(first._id)}'
    )


def with_notes_of(error: BaseException | None, made: BulkError) -> BulkError:
    """An error with the notes of another, in whose place it is raised."""
    for note in getattr(error, '__notes__', ()):
        made.add_note(note)
    return made
