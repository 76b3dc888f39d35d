"""Deleting what a query finds; what has the SoftDeleteMixin is marked, and can be restored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from aiomongodel.operations import QueryArgument
from aiomongodel.queryset.attending import Attending
from aiomongodel.queryset.base import D, deleted_count, modified_count

if TYPE_CHECKING:
    from aiomongodel.fields import DateTimeField


class Marking(NamedTuple):
    """An update that marks documents as deleted.

    Attributes:
        query: The query on those that are not.
        update: The update.
        field: The field of the mark.
        moment: The time that it stores, as the field's value.
    """

    query: Mapping[str, Any]
    update: Any
    field: DateTimeField[Any]
    moment: datetime


class Deleting(Attending[D]):
    """The operations by which documents go, and come back."""

    async def delete_one(self, /, query: QueryArgument, **kwargs: Any) -> int | None:
        """Delete one document.

        With a `SoftDeleteMixin` it is marked.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Returns:
            The number of deleted documents; None where the write concern asks for no answer.

        Example:
            >>> await User.q(db).delete_one({User.name.s: 'Ann'})
            1
        """
        return await self._delete(self.coll.delete_one, self.coll.update_one, query, kwargs)

    async def delete_many(self, /, query: QueryArgument, **kwargs: Any) -> int | None:
        """Delete all documents that match.

        With a `SoftDeleteMixin` they are marked.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Returns:
            The number of deleted documents; None where the write concern asks for no answer.

        Example:
            >>> await User.q(db).delete_many({User.name.s: 'Nobody'})
            0
        """
        return await self._delete(self.coll.delete_many, self.coll.update_many, query, kwargs)

    # Of a class with the SoftDeleteMixin.

    def with_deleted(self) -> Self:
        """A copy of the query set that finds documents that are marked as deleted too.

        Raises:
            TypeError: The class has no SoftDeleteMixin.

        Example:
            >>> from aiomongodel import Document, SoftDeleteMixin, StrField
            >>> class Page(SoftDeleteMixin, Document):
            ...     title = StrField()
            >>> page = await Page.q(db).create(title='Home')
            >>> await page.delete(db)
            1
            >>> (await Page.q(db).with_deleted().get(page._id)).is_deleted
            True
        """
        field, meta = self._require_deletion_field(), self.doc_class.meta
        clone = self.clone()
        if self.default_query is meta.default_query:
            clone.default_query = meta.own_query
        else:  # the query set was given another one, whose other conditions must hold
            clone.default_query = without_mark(self.default_query, field.mongo_name)
        return clone

    async def purge_many(self, /, query: QueryArgument = {}, **kwargs: Any) -> int | None:
        """Delete for good those documents that match and are marked as deleted.

        Args:
            query: The query.
            **kwargs: The driver's arguments of `delete_many`.

        Returns:
            The number of deleted documents; None where the write concern asks for no answer.

        Raises:
            TypeError: The class has no SoftDeleteMixin.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> from aiomongodel import Document, SoftDeleteMixin, StrField
            >>> class Page(SoftDeleteMixin, Document):
            ...     title = StrField()
            >>> a_month_ago = datetime.now(UTC) - timedelta(days=30)
            >>> await Page.q(db).purge_many(Page.deleted < a_month_ago)
            0
        """
        target = self.with_deleted()
        joined = {'$and': [target._joined(query), self._marked_query]}
        return deleted_count(await self._call(self.coll.delete_many, joined, **kwargs))

    async def restore_many(self, /, query: QueryArgument = {}, **kwargs: Any) -> int | None:
        """Take the mark from those documents that match and are marked as deleted.

        Args:
            query: The query.
            **kwargs: The driver's arguments of `update_many`.

        Returns:
            The number of restored documents; None where the write concern asks for no answer.

        Raises:
            DuplicateKeyError: Another document has taken the place of one in a unique index.
            TypeError: The class has no SoftDeleteMixin.

        Example:
            >>> from aiomongodel import Document, SoftDeleteMixin, StrField
            >>> class Page(SoftDeleteMixin, Document):
            ...     title = StrField()
            >>> await Page.q(db).restore_many(Page.title == 'Home')
            0
        """
        target, update = self.with_deleted(), self._guarded_update(self._restoring)
        joined = {'$and': [target._joined(query), self._marked_query]}
        return modified_count(await self._call(self.coll.update_many, joined, update, **kwargs))

    async def _delete(
        self,
        delete: Callable[..., Awaitable[Any]],
        update: Callable[..., Awaitable[Any]],
        query: QueryArgument,
        kwargs: dict[str, Any],
    ) -> int | None:
        """Delete what a query finds, or mark it by an update."""
        joined = self._joined(query)
        if marking := self._marking(joined):
            return await self._mark_found(update, marking, kwargs)
        return deleted_count(await self._call(delete, joined, **kwargs))

    @property
    def _deletion_field(self) -> DateTimeField[Any] | None:
        """The field of the mark; None where documents are deleted for good."""
        return None if self._purges else self.doc_class.meta.deletion_field

    def _require_deletion_field(self) -> DateTimeField[Any]:
        field = self.doc_class.meta.deletion_field
        if field is None:
            raise TypeError(
                f'{self.doc_class.__name__} has no SoftDeleteMixin, so that none of its documents '
                'is marked as deleted'
            )
        return field

    @property
    def _marked_query(self) -> dict[str, Any]:
        return {self._require_deletion_field().mongo_name: {'$ne': None}}

    @property
    def _restoring(self) -> dict[str, Any]:
        return {'$unset': {self._require_deletion_field().mongo_name: ''}}

    def _marking(self, query: QueryArgument) -> Marking | None:
        """What marks those that a query finds; None where they are deleted for good."""
        field = self._deletion_field
        if field is None:
            return None
        moment = field._now()
        update = self._guarded_update(mark_of(field, moment))
        return Marking({'$and': [query, {field.mongo_name: None}]}, update, field, moment)

    async def _mark_found(
        self, method: Callable[..., Awaitable[Any]], marking: Marking, kwargs: dict[str, Any]
    ) -> int | None:
        return modified_count(await self._call(method, marking.query, marking.update, **kwargs))

    def _settle_mark(self, document: D, field: DateTimeField[Any], moment: datetime) -> None:
        """Have a document in memory follow its mark."""
        vars(document).pop(field._unread, None)
        vars(document)[field.name] = moment


def mark_of(field: DateTimeField[Any], moment: datetime) -> dict[str, Any]:
    """The update that marks a document as deleted."""
    return {'$set': {field.mongo_name: field.to_mongo(moment)}}


def without_mark(query: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A query without the condition that documents are not marked as deleted."""
    left = {key: value for key, value in query.items() if key != name or value is not None}
    if '$and' in left:
        parts = [without_mark(each, name) for each in left.pop('$and')]
        if parts := [each for each in parts if each]:
            left['$and'] = parts
    return left
