"""MotorQuerySet: the operations on the documents of a collection."""

from __future__ import annotations

from aiomongodel.cursor import MotorItemCursor, MotorQuerySetCursor
from aiomongodel.queryset.aggregating import Aggregating
from aiomongodel.queryset.base import D
from aiomongodel.queryset.bulk import AsyncBulk, BulkWriting
from aiomongodel.queryset.changing import Changing
from aiomongodel.queryset.locking import Locking
from aiomongodel.queryset.modifying import Modifying

__all__ = ['AsyncBulk', 'MotorItemCursor', 'MotorQuerySet', 'MotorQuerySetCursor']


class MotorQuerySet(Changing[D], Modifying[D], BulkWriting[D], Locking[D], Aggregating[D]):
    """The operations on the documents of a class.

    Queries and updates are MongoDB's own; a document class's `default_query` joins each query.
    Keyword arguments that are not listed go to the driver's method of the same name.

    Args:
        doc_class: The class of the documents.
        db: The database of a Motor or an AsyncMongoClient, or a session or transaction of ours.
        session: The session or transaction of each call that is given none: ours or the driver's.

    Raises:
        TypeError: It is not a database whose calls are awaited.
        SessionError: The session is not of the database's client, or not in use.

    Attributes:
        doc_class: As given.
        db: The database.
        session: The session or transaction, as given; None where there is none.
        coll: The driver's collection.
        default_query: The class's default query.
        default_sort: The class's default sort.

    Example:
        >>> users = User.q(db)
        >>> ann = await users.create(name='Ann')
        >>> (await users.get(ann._id)).name
        'Ann'
    """
