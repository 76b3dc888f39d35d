"""The synchronous facade of query sets, cursors, sessions and transactions.

Behaviour is written once, where calls are awaited. Here each method drives that of its source to
the end: beside MongoClient it awaits only what has finished, so that it needs no event loop.
"""

from aiomongodel.synchronous.bulk import Bulk
from aiomongodel.synchronous.change_streams import ChangeStream
from aiomongodel.synchronous.cursors import ItemCursor, QuerySetCursor
from aiomongodel.synchronous.driving import blocking
from aiomongodel.synchronous.querysets import QuerySet
from aiomongodel.synchronous.transactions import Session, Transaction

__all__ = [
    'Bulk',
    'ChangeStream',
    'ItemCursor',
    'QuerySet',
    'QuerySetCursor',
    'Session',
    'Transaction',
    'blocking',
]
