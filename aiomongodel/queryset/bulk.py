"""Writing many documents: in a list, as operations, or as a block collects them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Self

from pymongo.errors import BulkWriteError

from aiomongodel.cursor import Progress
from aiomongodel.errors import BulkError
from aiomongodel.nesting import is_document
from aiomongodel.operations import (
    BulkResult,
    DeleteDocument,
    DeleteMany,
    DeleteOne,
    DriversOperation,
    InsertOne,
    Operation,
    QueryArgument,
    ReplaceOne,
    Save,
    UpdateArgument,
    UpdateMany,
    UpdateOne,
)
from aiomongodel.queryset import batches, checking, outcomes
from aiomongodel.queryset.base import D
from aiomongodel.queryset.batches import Run
from aiomongodel.queryset.keeping import Keeping


class BulkWriting(Keeping[D]):
    """The operations that write many documents at once."""

    async def insert_many(
        self, /, documents: Iterable[D | Mapping[str, Any]], *args: Any, **kwargs: Any
    ) -> list[Any] | None:
        """Insert many documents.

        Args:
            documents: The documents, which are all validated first; or dicts under mongo names,
                which are not.
            *args: The driver's arguments: `ordered` first.
            **kwargs: The driver's arguments, such as `ordered`.

        Returns:
            Their `_id`s; None where the write concern asks for no answer.

        Raises:
            ValidationError: Some documents are not valid, by their indexes; nothing is written.
            PartialDocumentError: One was loaded through a projection; nothing is written.
            DuplicateKeyError: A unique index refuses some of them, and that is all: it is a
                BulkDuplicateKeyError.
            BulkError: Some of them are refused for other reasons.

        Example:
            >>> users = [User(name=name) for name in ('Bob', 'Cyd')]
            >>> await User.q(db).insert_many(users) == [user._id for user in users]
            True
        """
        where = f'{self.doc_class.__name__}.q(db).insert_many'
        given = checking.listed(where, documents)
        if not given:
            return []
        checking.require_insertable(where, given, self.doc_class)
        batches.remember(self._session_of(kwargs), given)
        attended = batches.insertions(given)
        target = self._in_session_of(kwargs) if attended else self
        if attended:
            await target._begin(attended)
        stored = [
            self._data_to_insert(each) if is_document(each) else self._with_class(each)
            for each in given
        ]
        try:
            result = await self._call(self.coll.insert_many, stored, *args, **kwargs)
        except BulkWriteError as error:
            is_ordered = args[0] if args else kwargs.get('ordered', True)
            failure, inserted = self._insert_error(error, given, stored, is_ordered)
            await target._finish_beside(failure, batches.insertions(inserted))
            raise failure from error.__cause__
        except Exception as error:
            checking.note_not_encodable(error, where, [(each,) for each in stored], self.coll)
            raise
        self._follow_inserted(zip(given, stored, strict=True))
        if attended:
            await target._finish(attended)
        return result.inserted_ids if result.acknowledged else None

    async def save_all(
        self,
        /,
        documents: Iterable[D],
        ordered: bool = True,
        progress: Progress | None = None,
        *,
        size: int = 1000,
        **kwargs: Any,
    ) -> BulkResult:
        """Store many documents by their `_id`s, whether they are there or not.

        All of them are validated first. What `save` does is done in batches, but a `save` that a
        class has of its own is not called.

        Args:
            documents: The documents.
            ordered: Whether to stop at the first that fails.
            progress: What to call after each batch, with the number of documents that have been
                tried and the number of all. It may be a coroutine function where calls are awaited.
            size: The number of documents of a batch, at least 1.
            **kwargs: The driver's arguments of `bulk_write`, such as `session`.

        Returns:
            What was done.

        Raises:
            ValidationError: Some documents are not valid, by their indexes; nothing is written.
            PartialDocumentError: One was loaded through a projection; nothing is written.
            BulkError: Some of them are refused; a BulkDuplicateKeyError where a unique index
                refuses them, and that is all.

        Example:
            >>> user.name = 'Anna'
            >>> result = await User.q(db).save_all([user, User(name='Bob')])
            >>> result.modified, result.upserted
            (1, 1)
        """
        run = Run(self, 'save_all', ordered, progress, size, kwargs)
        return await run.write(checking.listed(run.where, documents), Save)

    async def delete_all(
        self,
        /,
        documents: Iterable[D],
        ordered: bool = True,
        progress: Progress | None = None,
        *,
        size: int = 1000,
        **kwargs: Any,
    ) -> BulkResult:
        """Delete many documents, by their `_id`s.

        Args:
            documents: The documents.
            ordered: Whether to stop at the first that fails.
            progress: What to call after each batch, with the number of documents that have been
                tried and the number of all. It may be a coroutine function where calls are awaited.
            size: The number of documents of a batch, at least 1.
            **kwargs: The driver's arguments of `bulk_write`, such as `session`.

        Returns:
            What was done; one that is not there is none that fails.

        Raises:
            ValueError: One has no `_id`; nothing is deleted.
            BulkError: Some of them are refused.

        Example:
            >>> (await User.q(db).delete_all([user])).deleted
            1
        """
        run = Run(self, 'delete_all', ordered, progress, size, kwargs)
        return await run.write(checking.listed(run.where, documents), DeleteDocument)

    async def bulk_write(
        self,
        /,
        operations: Iterable[Operation | D | DriversOperation],
        ordered: bool = True,
        progress: Progress | None = None,
        *,
        size: int = 1000,
        **kwargs: Any,
    ) -> BulkResult:
        """Write what operations say.

        Documents in them are validated first. Queries are joined with the default query.

        Args:
            operations: `InsertOne`, `ReplaceOne`, `UpdateOne`, `UpdateMany`, `DeleteOne` and
                `DeleteMany`. A document among them is saved. PyMongo's own operations are taken
                where the class has no default query, revision or lock, which they pass by.
            ordered: Whether to stop at the first that fails.
            progress: What to call after each batch, with the number of operations that have been
                tried and the number of all. It may be a coroutine function where calls are awaited.
            size: The number of operations of a batch, at least 1.
            **kwargs: The driver's arguments, such as `session`.

        Returns:
            What was done.

        Raises:
            ValidationError: Some documents are not valid, by their indexes; nothing is written.
            PartialDocumentError: One was loaded through a projection; nothing is written.
            BulkError: Some operations are refused; a BulkDuplicateKeyError where a unique index
                refuses them, and that is all.

        Example:
            >>> from aiomongodel import DeleteOne, InsertOne
            >>> operations = [InsertOne(User(name='Bob')), DeleteOne({User.name.s: 'Ann'})]
            >>> result = await User.q(db).bulk_write(operations)
            >>> result.inserted, result.deleted
            (1, 1)
        """
        run = Run(self, 'bulk_write', ordered, progress, size, kwargs)
        return await run.write(checking.listed(run.where, operations))

    def bulk(
        self,
        /,
        size: int = 1000,
        ordered: bool = True,
        progress: Progress | None = None,
        **kwargs: Any,
    ) -> AsyncBulk[D]:
        """A block that collects writes, and sends them at its end.

        Args:
            size: The number of writes of a batch, at least 1.
            ordered: Whether to stop at the first that fails.
            progress: What to call after each batch, with the number of writes that have been tried
                and the number of all. It may be a coroutine function where calls are awaited.
            **kwargs: The driver's arguments of `bulk_write`, such as `session`.

        Example:
            >>> async with User.q(db).bulk(ordered=False) as bulk:
            ...     for name in ('Bob', 'Cyd'):
            ...         _ = bulk.insert(User(name=name))
            >>> bulk.result.inserted
            2
        """
        return AsyncBulk(Run(self, 'bulk', ordered, progress, size, kwargs))

    def _insert_error(
        self, error: BulkWriteError, given: Sequence[Any], stored: Sequence[Any], is_ordered: bool
    ) -> tuple[BulkWriteError, list[Any]]:
        """The error of an insertion of many, and those that were inserted all the same."""
        refused = error.details['writeErrors']
        pairs = outcomes.written(list(zip(given, stored, strict=True)), refused, is_ordered)
        self._follow_inserted(pairs)
        inserted = [each for each, _ in pairs]
        if not refused:  # the write concern alone
            return error, inserted
        failures = [
            outcomes.failure_of(refusal['index'], refusal, given[refusal['index']], self.doc_class)
            for refusal in refused
        ]
        result = BulkResult._from_driver(error.details)
        made = outcomes.made_error(self.doc_class, failures, len(given), error.details, result)
        return outcomes.with_notes_of(error, made), inserted

    def _follow_inserted(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        for document, data in pairs:
            if is_document(document):
                self._inserted(document, data)


class AsyncBulk(Generic[D]):
    """A block that collects writes, and sends them at its end: see `MotorQuerySet.bulk`.

    Its methods are not awaited. At the end of the block all documents are validated, and stored as
    they are then. A block that an exception leaves writes nothing.

    Example:
        >>> async with User.q(db).bulk() as bulk:
        ...     _ = bulk.save(user).delete_many({User.name.s: 'Bob'})
        >>> bulk.result.matched, bulk.result.deleted
        (1, 0)
    """

    def __init__(self, run: Run[D]) -> None:
        self._run = run
        self._operations: list[Operation] = []
        self._state = 'not entered'
        self._result: BulkResult | None = None

    @property
    def result(self) -> BulkResult:
        """What was done.

        Raises:
            RuntimeError: The block has not ended, or has written nothing because of an exception.
        """
        if self._result is None:
            raise RuntimeError(f'{self._run.where} has no result: its block is {self._state}')
        return self._result

    def insert(self, document: D | Mapping[str, Any]) -> Self:
        """Insert a document.

        Args:
            document: The document; or a dict under mongo names, which is not validated.

        Returns:
            The block itself.
        """
        return self._add(InsertOne(document))

    def save(self, document: D) -> Self:
        """Store a document by its `_id`, whether it is there or not.

        Args:
            document: The document.

        Returns:
            The block itself.
        """
        return self._add(Save(document))

    def update(self, /, query: QueryArgument, update: UpdateArgument, **kwargs: Any) -> Self:
        """Change the first document that matches.

        Args:
            query: The query.
            update: The update, or a pipeline.
            **kwargs: The options of PyMongo's UpdateOne, such as `upsert` and `array_filters`.

        Returns:
            The block itself.
        """
        return self._add(UpdateOne(query, update, **kwargs))

    def update_many(self, /, query: QueryArgument, update: UpdateArgument, **kwargs: Any) -> Self:
        """Change all documents that match.

        Args:
            query: The query.
            update: The update, or a pipeline.
            **kwargs: The options of PyMongo's UpdateMany, such as `upsert` and `array_filters`.

        Returns:
            The block itself.
        """
        return self._add(UpdateMany(query, update, **kwargs))

    def replace(
        self, /, query: QueryArgument, document: D | Mapping[str, Any], **kwargs: Any
    ) -> Self:
        """Replace the first document that matches.

        Args:
            query: The query.
            document: The new document, whose `_id` must be that of the old one; or a dict under
                mongo names, which is not validated.
            **kwargs: The options of PyMongo's ReplaceOne, such as `upsert`.

        Returns:
            The block itself.
        """
        return self._add(ReplaceOne(query, document, **kwargs))

    def delete(self, /, query: QueryArgument | D, **kwargs: Any) -> Self:
        """Delete a document, or the first that matches.

        Args:
            query: The document, which is found by its `_id`; or a query.
            **kwargs: The options of PyMongo's DeleteOne, such as `collation`.

        Returns:
            The block itself.
        """
        return self._add(DeleteOne(query, **kwargs))

    def delete_many(self, /, query: QueryArgument, **kwargs: Any) -> Self:
        """Delete all documents that match.

        Args:
            query: The query.
            **kwargs: The options of PyMongo's DeleteMany, such as `collation`.

        Returns:
            The block itself.
        """
        return self._add(DeleteMany(query, **kwargs))

    async def __aenter__(self) -> Self:
        if self._state != 'not entered':
            raise RuntimeError(f'{self._run.where}: a block is used once; this is {self._state}')
        self._state = 'open'
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        operations, self._operations = self._operations, []
        self._state = 'over'
        if error is not None:
            return
        try:
            self._result = await self._run.write(operations)
        except BulkError as failure:
            self._result = failure.result
            raise

    def _add(self, operation: Operation) -> Self:
        if self._state != 'open':
            raise RuntimeError(
                f'{self._run.where}: its block is {self._state}; what is added would not be written'
            )
        self._run.check(len(self._operations), operation)
        self._operations.append(operation)
        return self
