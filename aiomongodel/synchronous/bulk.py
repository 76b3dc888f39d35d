"""Bulk: AsyncBulk for MongoClient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Self, TypeVar

from aiomongodel.drivers import run
from aiomongodel.queryset import AsyncBulk
from aiomongodel.synchronous.driving import chained

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.operations import BulkResult

D = TypeVar('D', bound='Document')


class Bulk(Generic[D]):
    """A block that collects writes, and sends them at its end: see `QuerySet.bulk`.

    It is AsyncBulk for a synchronous database.

    Example:
        >>> with User.q(sync_db).bulk() as bulk:
        ...     _ = bulk.save(user).delete_many({User.name.s: 'Bob'})
        >>> bulk.result.matched, bulk.result.deleted
        (1, 0)
    """

    def __init__(self, source: AsyncBulk[D]) -> None:
        self._source = source

    @property
    def result(self) -> BulkResult:
        """See `AsyncBulk.result`."""
        return self._source.result

    delete = chained(AsyncBulk[D].delete)
    delete_many = chained(AsyncBulk[D].delete_many)
    insert = chained(AsyncBulk[D].insert)
    replace = chained(AsyncBulk[D].replace)
    save = chained(AsyncBulk[D].save)
    update = chained(AsyncBulk[D].update)
    update_many = chained(AsyncBulk[D].update_many)

    def __enter__(self) -> Self:
        run(self._source.__aenter__())
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        run(self._source.__aexit__(kind, error, traceback))
