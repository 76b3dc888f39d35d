"""Work in a transaction that is tried again where it fails for the moment only."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any, Final

import pymongo.errors

from aiomongodel import drivers
from aiomongodel.drivers import settled
from aiomongodel.sessions import COMMIT_UNKNOWN, TRANSIENT, AsyncSession, AsyncTransaction
from aiomongodel.snapshots import documents_in

MAX_TIME_EXPIRED: Final = 50

# The waits between tries are those of MongoDB's specification for drivers, 'Convenient API for
# Transactions': they grow by half each time, and are drawn at random up to that length.
FIRST_WAIT: Final = 0.005
LONGEST_WAIT: Final = 0.5
GROWTH_OF_WAIT: Final = 1.5


async def run_in_transaction(
    db: Any, work: Any, *args: Any, max_time: float, **options: Any
) -> Any:
    """The source of `aiomongodel.run_in_transaction`, which see."""
    last = time.monotonic() + max_time
    if isinstance(db, AsyncSession):
        return await tried(db, work, args, last, options)
    async with AsyncSession(db) as session:
        return await tried(session, work, args, last, options)


async def tried(session: AsyncSession, work: Any, args: Any, last: float, options: Any) -> Any:
    """What the work gives in the first transaction that does not fail for the moment only."""
    pauses = lengths_of_pauses()
    while True:
        transaction = await session.transaction(**options).start()
        for document in documents_in(args):
            transaction._remember(document)
        try:
            result = await settled(work(transaction, *args))
            if transaction.is_active:
                await commit_by(transaction, last)
        except BaseException as error:
            await transaction._end_after(error)
            pause = next(pauses)
            passes = is_labelled(error, TRANSIENT) and not transaction.is_committed
            if not passes or time.monotonic() + pause > last:
                raise
        else:
            return result
        await drivers.sleep(session.db, pause)


async def commit_by(transaction: AsyncTransaction, last: float) -> None:
    """Commit, and ask again for as long as the answer is lost and there is time."""
    pauses = lengths_of_pauses()
    while not transaction.is_committed:
        try:
            await transaction.commit()
        except pymongo.errors.PyMongoError as error:
            pause = next(pauses)
            can_pass = is_labelled(error, COMMIT_UNKNOWN) and not has_expired(error)
            if transaction.is_committed or not can_pass or time.monotonic() + pause > last:
                raise
            await drivers.sleep(transaction.db, pause)


def lengths_of_pauses() -> Iterator[float]:
    """The seconds to wait after each try."""
    longest = FIRST_WAIT
    while True:
        yield random.uniform(0, longest)  # noqa: S311 - no secret
        longest = min(longest * GROWTH_OF_WAIT, LONGEST_WAIT)


def has_expired(error: pymongo.errors.PyMongoError) -> bool:
    """Whether the commit has taken longer than its own limit, so that another would too."""
    return isinstance(error, pymongo.errors.OperationFailure) and error.code == MAX_TIME_EXPIRED


def is_labelled(error: BaseException, label: str) -> bool:
    """Whether the driver or the server has put the label on an error of the connection.

    The driver puts it on what is no such error too, say that the client is closed.
    """
    if isinstance(error, pymongo.errors.InvalidOperation):
        return False
    return isinstance(error, pymongo.errors.PyMongoError) and error.has_error_label(label)
