"""QuerySet: MotorQuerySet for MongoClient."""

from __future__ import annotations

import contextlib
import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, overload

from aiomongodel import handles
from aiomongodel.drivers import run
from aiomongodel.handles import Handle
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous.bulk import Bulk
from aiomongodel.synchronous.change_streams import ChangeStream
from aiomongodel.synchronous.cursors import ItemCursor, QuerySetCursor
from aiomongodel.synchronous.driving import (
    BlockingContext,
    as_in,
    blocking,
    driver_object,
    source_of,
)

if TYPE_CHECKING:
    from pymongo.command_cursor import CommandCursor
    from pymongo.database import Database

    from aiomongodel.cursor import Progress
    from aiomongodel.document import Document
    from aiomongodel.drivers import Data
    from aiomongodel.expressions import Update
    from aiomongodel.handles import SyncHandle, SyncSessionArgument


D = TypeVar('D', bound='Document')
R = TypeVar('R')


class QuerySet(Generic[D]):
    """The operations on the documents of a class, in a synchronous database.

    It is MotorQuerySet for MongoClient: each method as there, its result instead of an awaitable.
    What it does is done by the class that `Meta.queryset` names, overrides included.

    Args:
        doc_class: The class of the documents.
        db: The database of a MongoClient, or a session or transaction of ours in it.
        session: The session or transaction of each call that is given none: ours or the driver's.

    Raises:
        TypeError: It is not a synchronous database.
        SessionError: The session is not of the database's client, or not in use.

    Attributes:
        doc_class: As given.
        db: The driver's database.
        session: The session or transaction, as given; None where there is none.
        coll: The driver's collection.
        default_query: The class's default query.
        default_sort: The class's default sort.

    Example:
        >>> users = User.q(sync_db)
        >>> bob = users.create(name='Bob')
        >>> users.get(bob._id).name
        'Bob'
    """

    def __init__(
        self, doc_class: type[D], db: SyncHandle, session: SyncSessionArgument = None
    ) -> None:
        handles.require_kind(db, True, type(self).__name__)
        source_class = cast('type[MotorQuerySet[D]]', doc_class.meta.queryset)
        self._source = source_class(doc_class, source_of(db), source_of(session))
        self.session = db if isinstance(db, Handle) else session

    @property
    def doc_class(self) -> type[D]:
        return self._source.doc_class

    @property
    def db(self) -> Database[Any]:
        return cast('Database[Any]', driver_object(self._source.db))

    @property
    def coll(self) -> Any:
        return driver_object(self._source.coll)

    @property
    def default_query(self) -> Mapping[str, Any]:
        return self._source.default_query

    @property
    def default_sort(self) -> Any:
        return self._source.default_sort

    @as_in(MotorQuerySet.clone)
    def clone(self) -> Self:
        clone = copy.copy(self)
        clone._source = self._source.clone()
        return clone

    @as_in(MotorQuerySet.with_options)
    def with_options(self, **kwargs: Any) -> Self:
        clone = copy.copy(self)
        clone._source = self._source.with_options(**kwargs)
        return clone

    @as_in(MotorQuerySet.with_deleted)
    def with_deleted(self) -> Self:
        clone = copy.copy(self)
        clone._source = self._source.with_deleted()
        return clone

    @as_in(MotorQuerySet.find)
    def find(
        self, query: Mapping[str, Any] | None = {}, *args: Any, sort: Any = None, **kwargs: Any
    ) -> QuerySetCursor[D]:
        return QuerySetCursor(self._source.find(query, *args, sort=sort, **kwargs))

    @overload
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: Callable[..., R], **kwargs: Any
    ) -> ItemCursor[R]: ...
    @overload
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: None = None, **kwargs: Any
    ) -> CommandCursor[Data]: ...
    @as_in(MotorQuerySet.aggregate)
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: Any = None, **kwargs: Any
    ) -> Any:
        found: Any = self._source.aggregate(pipeline, into=into, **kwargs)
        if into is None:
            return driver_object(run(found.started()))
        found.cursor = run(found.cursor.started())
        return ItemCursor(found)

    @as_in(MotorQuerySet.watch)
    def watch(self, pipeline: Sequence[Mapping[str, Any]] = (), **kwargs: Any) -> ChangeStream[D]:
        return ChangeStream(self._source.watch(pipeline, **kwargs))

    @as_in(MotorQuerySet.count)
    def count(self, /, query: Mapping[str, Any] = {}, **kwargs: Any) -> int:
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return self.count_documents(query, **kwargs)

    @as_in(MotorQuerySet.changes)
    def changes(self, document: D) -> Update:
        return self._source.changes(document)

    @as_in(MotorQuerySet.lock)
    def lock(
        self, /, query: Any, timeout: float = 10, **kwargs: Any
    ) -> contextlib.AbstractContextManager[D]:
        return BlockingContext(self._source.lock(query, timeout, **kwargs))

    @as_in(MotorQuerySet.create_collection)
    def create_collection(self) -> Any:
        run(self._source.create_collection())
        return self.coll

    @as_in(MotorQuerySet.bulk)
    def bulk(
        self,
        /,
        size: int = 1000,
        ordered: bool = True,
        progress: Progress | None = None,
        **kwargs: Any,
    ) -> Bulk[D]:
        options = {name: source_of(value) for name, value in kwargs.items()}
        return Bulk(self._source.bulk(size, ordered, progress, **options))

    avg = blocking(MotorQuerySet[D].avg)
    bulk_write = blocking(MotorQuerySet[D].bulk_write)
    count_documents = blocking(MotorQuerySet[D].count_documents)
    create = blocking(MotorQuerySet[D].create)
    create_indexes = blocking(MotorQuerySet[D].create_indexes)
    delete = blocking(MotorQuerySet[D].delete)
    delete_all = blocking(MotorQuerySet[D].delete_all)
    delete_many = blocking(MotorQuerySet[D].delete_many)
    delete_one = blocking(MotorQuerySet[D].delete_one)
    distinct = blocking(MotorQuerySet[D].distinct)
    estimated_count = blocking(MotorQuerySet[D].estimated_count)
    exists = blocking(MotorQuerySet[D].exists)
    find_one = blocking(MotorQuerySet[D].find_one)
    find_one_and_delete = blocking(MotorQuerySet[D].find_one_and_delete)
    find_one_and_replace = blocking(MotorQuerySet[D].find_one_and_replace)
    find_one_and_update = blocking(MotorQuerySet[D].find_one_and_update)
    first = blocking(MotorQuerySet[D].first)
    get = blocking(MotorQuerySet[D].get)
    get_or_create = blocking(MotorQuerySet[D].get_or_create)
    get_or_none = blocking(MotorQuerySet[D].get_or_none)
    insert_many = blocking(MotorQuerySet[D].insert_many)
    insert_one = blocking(MotorQuerySet[D].insert_one)
    lock_one = blocking(MotorQuerySet[D].lock_one)
    max = blocking(MotorQuerySet[D].max)
    min = blocking(MotorQuerySet[D].min)
    purge = blocking(MotorQuerySet[D].purge)
    purge_many = blocking(MotorQuerySet[D].purge_many)
    reload = blocking(MotorQuerySet[D].reload)
    renew_lock = blocking(MotorQuerySet[D].renew_lock)
    replace_one = blocking(MotorQuerySet[D].replace_one)
    restore = blocking(MotorQuerySet[D].restore)
    restore_many = blocking(MotorQuerySet[D].restore_many)
    sample = blocking(MotorQuerySet[D].sample)
    save = blocking(MotorQuerySet[D].save)
    save_all = blocking(MotorQuerySet[D].save_all)
    save_changes = blocking(MotorQuerySet[D].save_changes)
    set_validator = blocking(MotorQuerySet[D].set_validator)
    sum = blocking(MotorQuerySet[D].sum)
    try_lock = blocking(MotorQuerySet[D].try_lock)
    unlock = blocking(MotorQuerySet[D].unlock)
    update = blocking(MotorQuerySet[D].update)
    update_many = blocking(MotorQuerySet[D].update_many)
    update_one = blocking(MotorQuerySet[D].update_one)
    update_or_create = blocking(MotorQuerySet[D].update_or_create)
    upsert = blocking(MotorQuerySet[D].upsert)
