"""How many writes are sent in batches, and documents in memory follow them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic

from pymongo.errors import BulkWriteError, WriteError

from aiomongodel import errors, handles
from aiomongodel.cursor import Progress
from aiomongodel.drivers import settled
from aiomongodel.errors import BulkError
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
)
from aiomongodel.queryset import checking, outcomes
from aiomongodel.queryset.attending import (
    DELETION,
    INSERTION,
    REPLACEMENT,
    Attended,
    Kind,
    way_to_save,
)
from aiomongodel.queryset.base import D
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.queryset.bulk import BulkWriting

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
        self.query_set = query_set._in_session_of(dict(options))
        self.where = f'{query_set.doc_class.__name__}.q(db).{method}'
        checking.check_options(self.where, ordered, progress, size)
        self.ordered = ordered
        self.progress = progress
        self.size = size
        self.options = options
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
        checking.validate(self.where, self.operations)
        self.attended = attended_among(self.operations)
        remember(self.query_set.session, (document for _, document in self.attended.values()))
        await self.query_set._begin(list(self.attended.values()))
        try:
            result = await self.write_prepared()
        except Exception as error:
            await self.query_set._finish_beside(error, self.done)
            raise
        await self.query_set._finish(self.done)
        return result

    async def write_prepared(self) -> BulkResult:
        """Write the operations, all of which were checked."""
        writes = [self.prepared(index, each) for index, each in enumerate(self.operations)]
        if len(writes) > self.size or len({type(write.call) for write in writes}) > 1:
            self.require_encodable(writes)  # else the driver does, which sends all at once
        remember(self.query_set.session, (write.document for write in writes))
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
            if checking.is_alone(operation):
                checking.refuse_options(operation, self.options)
        except (TypeError, ValueError) as error:
            raise type(error)(f'{self.at(index)}: {error}') from None
        if operation._stored is not None:
            checking.require_whole(self.at(index), operation._stored)
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
        if checking.is_alone(operation):
            return Write(None, ())  # the driver does not say which condition has failed
        try:
            return operation._write(self.query_set)
        except Exception as error:
            error.add_note(f'in {self.at(index)}')
            raise

    def require_encodable(self, writes: Sequence[Write]) -> None:
        """Refuse what the driver cannot send, which it would see only when others are sent."""
        found = checking.not_encodable((write.parts for write in writes), self.query_set.coll)
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
            checking.note_not_encodable(
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
        query_set._is_prepared = True
        for index in range(start, start + number):
            try:
                self.take(index, await self.operations[index]._alone(query_set))
            except REFUSALS as error:
                self.take(index, {'writeErrors': [outcomes.refusal_of(error)]})
                self.fail(error)
            except Exception as error:
                self.note_progress(error, index)
                raise
            else:
                self.take_done([index])

    def take(self, start: int, details: Mapping[str, Any]) -> None:
        """Take down what a batch has come to."""
        outcomes.merge(self.details, details, start)
        for refusal in details.get('writeErrors', ()):
            index = start + refusal['index']
            subject, doc_class = self.operations[index]._subject, self.query_set.doc_class
            self.failures.append(outcomes.failure_of(index, refusal, subject, doc_class))

    def follow(self, start: int, writes: Sequence[Write], details: Mapping[str, Any]) -> None:
        """Have documents in memory follow what was written of a batch."""
        refused = details.get('writeErrors', ())
        for write in outcomes.written(writes, refused, self.ordered):
            if write.document is not None and write.mark is not None:
                self.query_set._settle_mark(write.document, *write.mark)
            elif write.document is not None:
                self.query_set._inserted(write.document, write.data)
        self.take_done(outcomes.written(range(start, start + len(writes)), refused, self.ordered))

    def take_done(self, indexes: Iterable[int]) -> None:
        """Take down which of the documents with hooks were written."""
        if self.attended:
            self.done += [self.attended[index] for index in indexes if index in self.attended]

    def fail(self, error: Exception) -> None:
        """Go on after a failure where that is asked for, and possible."""
        self.cause = self.cause or error
        # A failure ends a transaction: what followed would hide it by an error of its own.
        if self.ordered or self.query_set._is_in_transaction:
            raise self.error() from error

    def note_progress(self, error: Exception, done: int) -> None:
        """Say in an error that ends the run what it leaves behind."""
        if done:
            failed = f', {len(self.failures)} of which failed' if self.failures else ''
            error.add_note(f'{self.where} had sent {done} of {len(self.operations)} writes{failed}')

    def error(self) -> BulkError:
        """The failures of all batches, as one error."""
        result = BulkResult._from_driver(self.details, self.acknowledged)
        made = outcomes.made_error(
            self.query_set.doc_class, self.failures, len(self.operations), self.details, result
        )
        return outcomes.with_notes_of(self.cause, made)

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
