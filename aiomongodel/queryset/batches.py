"""How many writes are checked together, sent in batches, and followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import bson
from bson import ObjectId
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError, WriteError

from aiomongodel import errors, handles
from aiomongodel.cursor import Progress
from aiomongodel.drivers import settled
from aiomongodel.errors import BulkDuplicateKeyError, BulkError, ValidationError
from aiomongodel.nesting import is_document
from aiomongodel.operations import (
    DRIVERS_OPERATIONS,
    BulkFailure,
    BulkResult,
    DeleteOne,
    DriversOwn,
    InsertOne,
    Operation,
    Save,
    Write,
    require_storable,
)
from aiomongodel.queryset.attending import (
    DELETION,
    INSERTION,
    REPLACEMENT,
    Attended,
    Kind,
    way_to_save,
)
from aiomongodel.queryset.base import D
from aiomongodel.unique_keys import field_paths
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.queryset.bulk import BulkWriting

T = TypeVar('T')

MAX_DOCUMENT_SIZE: Final = 16 * 1024 * 1024
"""The bytes that MongoDB stores of one document."""

TOO_LARGE_CODES: Final = (2, 10334)
"""The server's codes, BadValue and BSONObjectTooLarge, where a document is too large."""

BULK_WRITE_ERROR: Final = 65
"""The driver's code of a BulkWriteError."""

REFUSALS: Final = (
    errors.DocumentLockedError,
    errors.DocumentNotFoundError,
    errors.LockLostError,
    errors.StaleDocumentError,
    WriteError,
)
"""What fails one document, and not the call."""


class Run(Generic[D]):
    """One call that writes many documents.

    Args:
        query_set: The query set.
        method: The name of the method, for errors.
        ordered: Whether the first failure ends it.
        progress: What is told of each batch: how many writes are done, and of how many.
        size: The number of writes of a batch.
        options: The driver's arguments of its `bulk_write`.
    """

    def __init__(
        self,
        query_set: BulkWriting[D],
        method: str,
        ordered: bool,
        progress: Progress | None,
        size: int,
        options: Mapping[str, Any],
    ) -> None:
        self.query_set = query_set
        self.where = f'{query_set.doc_class.__name__}.q(db).{method}'
        check_options(self.where, ordered, progress, size)
        self.ordered = ordered
        self.progress = progress
        self.size = size
        self.options = options
        self.session = query_set._session_of(dict(options))
        self.operations: Sequence[Operation] = ()
        self.attended: dict[int, Attended] = {}
        self.done: list[Attended] = []
        self.details: dict[str, Any] = {'writeErrors': [], 'writeConcernErrors': []}
        self.failures: list[BulkFailure] = []
        self.acknowledged = True
        self.cause: Exception | None = None

    async def write(
        self, given: Sequence[Any], wrap: Callable[[Any], Operation] | None = None
    ) -> BulkResult:
        """Check all that was given, then write it.

        Args:
            given: What was given.
            wrap: Makes an operation of each.
        """
        wrapped = given if wrap is None else map(wrap, given)
        self.operations = [self.check(index, each) for index, each in enumerate(wrapped)]
        validate(self.where, self.operations)
        self.attended = attended_among(self.operations)
        target = self.query_set._in_session_of(dict(self.options))
        remember(self.session, (document for _, document in self.attended.values()))
        await target._begin(list(self.attended.values()))
        try:
            result = await self.write_prepared()
        except Exception as error:
            await target._finish_beside(error, self.done)
            raise
        await target._finish(self.done)
        return result

    async def write_prepared(self) -> BulkResult:
        """Write the operations, all of which were checked."""
        writes = [self.prepared(index, each) for index, each in enumerate(self.operations)]
        if len(writes) > self.size or len({type(write.call) for write in writes}) > 1:
            self.require_encodable(writes)  # else the driver does, which sends all at once
        remember(self.session, (write.document for write in writes))
        for start, batch in batches(writes, self.size):
            await self.write_batch(start, batch)
            if self.progress is not None:
                await settled(self.progress(start + len(batch), len(writes)))
        if self.cause is not None:
            raise self.error() from self.cause
        return BulkResult._from_driver(self.details, self.acknowledged)

    # Before anything is written.

    def check(self, index: int, given: Any) -> Operation:
        """An item of what was given, as an operation that can be written."""
        operation = self.as_operation(index, given)
        try:
            operation._check(self.query_set)
            if is_alone(operation):
                refuse_options(operation, self.options)
        except (TypeError, ValueError) as error:
            raise type(error)(f'{self.at(index)}: {error}') from None
        if operation._stored is not None:
            require_whole(self.at(index), operation._stored)
        return operation

    def as_operation(self, index: int, given: Any) -> Operation:
        if isinstance(given, Operation):
            return given
        if is_document(given):
            return Save(given)
        name = self.query_set.doc_class.__name__
        if not isinstance(given, DRIVERS_OPERATIONS):
            raise TypeError(
                f'{self.at(index)}: {shown(given)} is neither an operation, such as InsertOne, '
                f'nor a {name}'
            )
        if self.query_set._scope or self.query_set.doc_class.meta.guards:
            own = type(given).__name__
            raise TypeError(
                f"{self.at(index)}: PyMongo's {own} passes by the default query, the revision and "
                f'the lock of {name}; use aiomongodel.{own}'
            )
        return DriversOwn(given)

    def prepared(self, index: int, operation: Operation) -> Write:
        """An operation as the driver takes it; without a call where it is to be done alone."""
        if is_alone(operation):
            return Write(None, ())  # the driver does not say which condition has failed
        try:
            return operation._write(self.query_set)
        except Exception as error:
            error.add_note(f'in {self.at(index)}')
            raise

    def require_encodable(self, writes: Sequence[Write]) -> None:
        """Refuse what the driver cannot send, which it would see only when others are sent."""
        found = not_encodable((write.parts for write in writes), self.query_set.coll)
        if found is not None:
            index, error = found
            error.add_note(f'in {self.at(index)}')
            raise error

    # Writing.

    async def write_batch(self, start: int, writes: Sequence[Write]) -> None:
        """Write a batch, of which the first has an index among all."""
        if writes[0].call is None:
            await self.write_alone(start, len(writes))
            return
        calls = [write.call for write in writes]
        method = self.query_set.coll.bulk_write
        try:
            result = await self.query_set._call(method, calls, ordered=self.ordered, **self.options)
        except BulkWriteError as error:
            self.take(start, counted(writes, error.details))
            self.follow(start, writes, error.details)
            self.fail(error)
        except Exception as error:
            note_not_encodable(
                error, self.where, (write.parts for write in writes), self.query_set.coll, start
            )
            self.note_progress(error, start)
            raise
        else:
            self.acknowledged = result.acknowledged
            self.take(start, counted(writes, result.bulk_api_result))
            self.follow(start, writes, {})

    async def write_alone(self, start: int, number: int) -> None:
        """Save and delete documents one by one, by the methods of the query set for one."""
        query_set = self.query_set.clone()
        query_set.session = self.session
        query_set._is_prepared = True
        for index in range(start, start + number):
            try:
                self.take(index, await self.operations[index]._alone(query_set))
            except REFUSALS as error:
                code = getattr(error, 'code', None)
                refusal = {'index': 0, 'code': code, 'errmsg': str(error), **keys_of_index(error)}
                self.take(index, {'writeErrors': [refusal]})
                self.fail(error)
            except Exception as error:
                self.note_progress(error, index)
                raise
            else:
                self.take_done([index])

    def take(self, start: int, details: Mapping[str, Any]) -> None:
        """Take down what a batch has come to."""
        merge(self.details, details, start)
        for refusal in details.get('writeErrors', ()):
            index = start + refusal['index']
            subject = self.operations[index]._subject
            self.failures.append(failure_of(index, refusal, subject, self.query_set.doc_class))

    def follow(self, start: int, writes: Sequence[Write], details: Mapping[str, Any]) -> None:
        """Have documents in memory follow what was written of a batch."""
        refused = details.get('writeErrors', ())
        for write in written(writes, refused, self.ordered):
            if write.document is not None and write.mark is not None:
                self.query_set._settle_mark(write.document, *write.mark)
            elif write.document is not None:
                self.query_set._inserted(write.document, write.data)
        self.take_done(written(range(start, start + len(writes)), refused, self.ordered))

    def take_done(self, indexes: Iterable[int]) -> None:
        """Take down which of the documents with hooks were written."""
        if self.attended:
            self.done += [self.attended[index] for index in indexes if index in self.attended]

    def fail(self, error: Exception) -> None:
        """Go on after a failure where that is asked for, and possible."""
        self.cause = self.cause or error
        # A failure ends a transaction: what followed would hide it by an error of its own.
        if self.ordered or is_in_transaction(self.session, self.query_set.db):
            raise self.error() from error

    def note_progress(self, error: Exception, done: int) -> None:
        """Say in an error that ends the run what it leaves behind."""
        if done:
            failed = f', {len(self.failures)} of which failed' if self.failures else ''
            error.add_note(f'{self.where} had sent {done} of {len(self.operations)} writes{failed}')

    def error(self) -> BulkError:
        """The failures of all batches, as one error."""
        result = BulkResult._from_driver(self.details, self.acknowledged)
        doc_class = self.query_set.doc_class
        made = made_error(doc_class, self.failures, len(self.operations), self.details, result)
        return with_notes_of(self.cause, made)

    def at(self, index: int) -> str:
        """Where something is wrong."""
        return f'{self.where}, at index {index}'


# What hooks and fillers are about.


def insertions(given: Sequence[Any]) -> list[Attended]:
    """The documents with hooks or fillers among what is inserted."""
    kinds = [kind for kind in set(map(type, given)) if hasattr(kind, 'meta')]
    if not any(kind.meta.is_attended for kind in kinds):
        return []
    return [(INSERTION, each) for each in given if is_document(each) and each.meta.is_attended]


def attended_among(operations: Sequence[Operation]) -> dict[int, Attended]:
    """The documents with hooks or fillers among what is written, by their indexes."""
    subjects = ((index, each, each._subject) for index, each in enumerate(operations))
    return {
        index: (kind_of(operation), document)
        for index, operation, document in subjects
        if is_document(document) and document.meta.is_attended
    }


def kind_of(operation: Operation) -> Kind:
    """How an operation writes its document."""
    if isinstance(operation, Save):
        return way_to_save(operation.document)
    if isinstance(operation, DeleteOne):
        return DELETION
    return INSERTION if isinstance(operation, InsertOne) else REPLACEMENT


# What is refused.


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


# What is sent.


def batches(writes: Sequence[Write], size: int) -> Iterator[tuple[int, Sequence[Write]]]:
    """The writes in lists up to a size, each with the index of its first.

    Those that are done alone are in lists of their own, and so are those that mark documents.
    """
    start = 0
    while start < len(writes):
        sort = sort_of(writes[start])
        end = start + 1
        limit = min(start + size, len(writes))
        while end < limit and sort_of(writes[end]) == sort:
            end += 1
        yield start, writes[start:end]
        start = end


def sort_of(write: Write) -> tuple[bool, bool]:
    """What all writes of a batch have in common: they are done alone, or mark documents."""
    return write.call is None, write.mark is not None


def counted(writes: Sequence[Write], details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The driver's result of a batch, where documents that were marked count as deleted."""
    if writes[0].mark is None:
        return details
    return {**details, 'nRemoved': details.get('nModified', 0), 'nMatched': 0, 'nModified': 0}


def remember(session: Any, documents: Iterable[Any]) -> None:
    """Have a transaction put the documents back if it is aborted."""
    if not isinstance(session, handles.Handle):
        return
    for document in documents:
        if is_document(document):
            session._remember(document)


def is_in_transaction(session: Any, db: Any) -> bool:
    """Whether a session, which may be none, is in a transaction."""
    driver_session = handles.driver_session(session, db)
    return driver_session is not None and bool(driver_session.in_transaction)


# What comes of it.


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


def keys_of_index(error: Exception) -> dict[str, Any]:
    """What the server says of the unique index that has refused a write."""
    details = getattr(error, 'details', None) or {}
    return {key: details[key] for key in ('keyPattern', 'keyValue') if key in details}


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
