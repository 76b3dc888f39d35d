"""QuerySet: MotorQuerySet for MongoClient."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from aiomongodel import handles
from aiomongodel.drivers import run
from aiomongodel.handles import Handle
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous.cursors import QuerySetCursor
from aiomongodel.synchronous.driving import as_in, blocking, driver_object, source_of

if TYPE_CHECKING:
    from pymongo.command_cursor import CommandCursor
    from pymongo.database import Database

    from aiomongodel.document import Document
    from aiomongodel.drivers import Data
    from aiomongodel.handles import SyncHandle, SyncSessionArgument


D = TypeVar('D', bound='Document')


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

    @as_in(MotorQuerySet.find)
    def find(
        self, query: Mapping[str, Any] | None = {}, *args: Any, sort: Any = None, **kwargs: Any
    ) -> QuerySetCursor[D]:
        return QuerySetCursor(self._source.find(query, *args, sort=sort, **kwargs))

    @as_in(MotorQuerySet.aggregate)
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], **kwargs: Any
    ) -> CommandCursor[Data]:
        cursor = run(self._source.aggregate(pipeline, **kwargs).started())
        return cast('CommandCursor[Data]', driver_object(cursor))

    @as_in(MotorQuerySet.count)
    def count(self, /, query: Mapping[str, Any] = {}, **kwargs: Any) -> int:
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return self.count_documents(query, **kwargs)

    @as_in(MotorQuerySet.create_collection)
    def create_collection(self) -> Any:
        run(self._source.create_collection())
        return self.coll

    count_documents = blocking(MotorQuerySet[D].count_documents)
    create = blocking(MotorQuerySet[D].create)
    create_indexes = blocking(MotorQuerySet[D].create_indexes)
    delete = blocking(MotorQuerySet[D].delete)
    delete_many = blocking(MotorQuerySet[D].delete_many)
    delete_one = blocking(MotorQuerySet[D].delete_one)
    find_one = blocking(MotorQuerySet[D].find_one)
    get = blocking(MotorQuerySet[D].get)
    insert_many = blocking(MotorQuerySet[D].insert_many)
    insert_one = blocking(MotorQuerySet[D].insert_one)
    reload = blocking(MotorQuerySet[D].reload)
    replace_one = blocking(MotorQuerySet[D].replace_one)
    save = blocking(MotorQuerySet[D].save)
    update = blocking(MotorQuerySet[D].update)
    update_many = blocking(MotorQuerySet[D].update_many)
    update_one = blocking(MotorQuerySet[D].update_one)
