"""Mixins: what many document classes have in common."""

from __future__ import annotations

import datetime
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, Self, cast, overload

from aiomongodel.fields import DateTimeField

if TYPE_CHECKING:
    from aiomongodel.handles import (
        AsyncHandle,
        AsyncSessionArgument,
        SyncHandle,
        SyncSessionArgument,
    )

__all__ = ['SoftDeleteMixin', 'TimestampMixin']


class TimestampMixin:
    """When a document was stored first, and when last: `created` and `updated`, in UTC.

    Writes of documents set them; updates of what a query finds leave them as they are.

    Example:
        >>> from aiomongodel import Document, StrField, TimestampMixin
        >>> class Page(TimestampMixin, Document):
        ...     title = StrField()
        >>> page = await Page.q(db).create(title='Home')
        >>> page.created == page.updated, str(page.created.tzinfo)
        (True, 'UTC')
    """

    created = DateTimeField(auto_now_add=True, tz=datetime.UTC)
    updated = DateTimeField(auto_now=True, tz=datetime.UTC)


class SoftDeleteMixin:
    """Documents that are marked when they are deleted, and can be restored.

    `delete` of a document, and `delete_one`, `delete_many`, `delete_all` and the like of a query
    set, set `deleted` to the time, in UTC. A query set leaves out what is marked; that of
    `with_deleted()` does not. `purge` deletes for good.

    Example:
        >>> from aiomongodel import Document, SoftDeleteMixin, StrField
        >>> class Page(SoftDeleteMixin, Document):
        ...     title = StrField()
        >>> page = await Page.q(db).create(title='Home')
        >>> await page.delete(db)
        1
        >>> page.is_deleted, await Page.q(db).exists({'title': 'Home'})
        (True, False)
        >>> page = await page.restore(db)
        >>> page.is_deleted, await Page.q(db).exists({'title': 'Home'})
        (False, True)
    """

    _marks_deletion_in: Final = 'deleted'

    deleted = DateTimeField(required=False, allow_none=True, tz=datetime.UTC)

    @property
    def is_deleted(self) -> bool:
        """Whether the document is marked as deleted, as far as it was loaded."""
        return self.deleted is not None

    @overload
    def restore(self, db: SyncHandle, session: SyncSessionArgument = None) -> Self: ...
    @overload
    def restore(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, Self]: ...
    def restore(self, db: Any, session: Any = None) -> Any:
        """Take the mark from the document, and load it anew.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The document.

        Raises:
            DocumentNotFoundError: It is gone.
            DuplicateKeyError: Another document has taken its place in a unique index.
        """
        return cast('Any', type(self)).q(db, session).restore(self)

    @overload
    def purge(self, db: SyncHandle, session: SyncSessionArgument = None) -> int | None: ...
    @overload
    def purge(
        self, db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> Coroutine[Any, Any, int | None]: ...
    def purge(self, db: Any, session: Any = None) -> Any:
        """Delete the document for good, whether it is marked or not.

        Args:
            db: The database, as `q` takes it.
            session: The session to do it in.

        Returns:
            The number of deleted documents, 1 or 0; None where the write concern asks for no
            answer.
        """
        return cast('Any', type(self)).q(db, session).purge(self)
