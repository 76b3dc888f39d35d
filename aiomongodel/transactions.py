"""Sessions and transactions, of whichever kind of database."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, overload

from aiomongodel import handles, retries
from aiomongodel.errors import SessionError
from aiomongodel.sessions import AsyncSession, AsyncTransaction
from aiomongodel.synchronous import Session, Transaction
from aiomongodel.synchronous import transactions as sync_transactions
from aiomongodel.synchronous.driving import source_of
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from typing import Unpack

    from motor.core import AgnosticDatabase
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database

    from aiomongodel.sessions import SessionOptions, TransactionOptions

__all__ = ['run_in_transaction', 'session', 'transaction']

R = TypeVar('R')
Ts = TypeVarTuple('Ts')


@overload
def session(db: Database[Any], **options: Unpack[SessionOptions]) -> Session: ...
@overload
def session(
    db: AsyncDatabase[Any] | AgnosticDatabase[Any], **options: Unpack[SessionOptions]
) -> AsyncSession: ...
def session(db: Any, **options: Unpack[SessionOptions]) -> Session | AsyncSession:
    """A session of a database, to be used as a context manager or by its `start` and `end`.

    It stands where a database or a `session=` does. Its operations are causally consistent: each
    sees what those before it have done, on whichever member of a replica set.

    Args:
        db: The database.
        **options: The driver's options of a session: `causal_consistency`,
            `default_transaction_options`, `snapshot`.

    Returns:
        An AsyncSession where the database's calls are awaited, else a Session.

    Raises:
        TypeError: It is not a database.
        SessionError: It is a session or a transaction already.

    Example:
        >>> from aiomongodel import session
        >>> async with session(db) as s:
        ...     bob = await User(name='Bob').save(s)
        ...     print((await User.q(s).get(bob._id)).name)
        Bob
    """
    is_blocking = handles.is_blocking(db, 'session')
    if isinstance(db, handles.Handle):
        raise SessionError(f'session takes a database, and {shown(db)} is a session already')
    return Session(db, **options) if is_blocking else AsyncSession(db, **options)


@overload
def transaction(
    db: Database[Any] | Session, **options: Unpack[TransactionOptions]
) -> Transaction: ...
@overload
def transaction(
    db: AsyncDatabase[Any] | AgnosticDatabase[Any] | AsyncSession,
    **options: Unpack[TransactionOptions],
) -> AsyncTransaction: ...
def transaction(db: Any, **options: Unpack[TransactionOptions]) -> Transaction | AsyncTransaction:
    """A transaction, to be used as a context manager or by its `start`, `commit` and `abort`.

    It stands where a database or a `session=` does. At the end of its block it commits; an
    exception that leaves the block aborts it, and puts the documents that it has changed in memory
    back. It needs a replica set or a sharded cluster.

    Args:
        db: The database, for a session that ends with the transaction; or a session of ours.
        **options: The driver's options of a transaction: `read_concern`, `write_concern`,
            `read_preference`, and `max_commit_time_ms` in milliseconds.

    Returns:
        An AsyncTransaction where the database's calls are awaited, else a Transaction.

    Raises:
        TypeError: It is neither.
        SessionError: It is a transaction.

    Example:
        >>> from aiomongodel import transaction
        >>> async with transaction(db) as tx:
        ...     bob = await User(name='Bob').save(tx)
        ...     await User.q(tx).update_one({User.name.s: 'Bob'}, {'$set': {User.name.s: 'Rob'}})
        1
    """
    is_blocking = handles.is_blocking(db, 'transaction')
    if isinstance(db, AsyncTransaction | Transaction):
        raise SessionError(f'{shown(db)} is a transaction already, and takes none within it')
    if isinstance(db, AsyncSession | Session):
        return db.transaction(**options)
    source = AsyncTransaction(AsyncSession(source_of(db)), ends_session=True, **options)
    return Transaction(source) if is_blocking else source


@overload
def run_in_transaction(
    db: Database[Any] | Session,
    work: Callable[[Transaction, *Ts], R],
    *args: *Ts,
    max_time: float = 30,
    **options: Unpack[TransactionOptions],
) -> R: ...
@overload
def run_in_transaction(
    db: AsyncDatabase[Any] | AgnosticDatabase[Any] | AsyncSession,
    work: Callable[[AsyncTransaction, *Ts], Awaitable[R]],
    *args: *Ts,
    max_time: float = 30,
    **options: Unpack[TransactionOptions],
) -> Coroutine[Any, Any, R]: ...
def run_in_transaction(
    db: Any,
    work: Callable[[Any, *Ts], Any],
    *args: *Ts,
    max_time: float = 30,
    **options: Unpack[TransactionOptions],
) -> Any:
    """Do some work in a transaction, and again where it fails for the moment only.

    A failure that passes is one that the server marks so, such as two transactions that write one
    document. The transaction is then aborted, the documents that it has changed in memory and those
    in `args` are put back, and the work is called again after a short wait. A commit whose answer
    is lost is asked for again.

    Args:
        db: The database, or a session of ours.
        work: A function that takes the transaction and `args`; a coroutine function where the
            database's calls are awaited. It may be called several times, so what it does outside
            of the transaction belongs into `on_commit`.
        *args: For the work.
        max_time: The time in seconds after which nothing is tried again.
        **options: The driver's options of a transaction, as `transaction` takes them.

    Returns:
        What the work gives.

    Raises:
        TypeError: It is not a database, or the work is no function of the right kind.
        ValueError: `max_time` is no number of seconds.
        SessionError: It is a transaction, or the session has one.
        Exception: What the work raises, and what the driver does when it is too late to try again.

    Example:
        >>> from aiomongodel import run_in_transaction
        >>> async def rename(tx, old, new):
        ...     return await User.q(tx).update_one({'name': old}, {'$set': {'name': new}})
        >>> await run_in_transaction(db, rename, 'Ann', 'Anna')
        1
    """
    is_blocking = handles.is_blocking(db, 'run_in_transaction')
    if isinstance(db, AsyncTransaction | Transaction):
        raise SessionError(f'{shown(db)} is a transaction already, and takes none within it')
    refuse_as_work(work, is_blocking=is_blocking)
    if not isinstance(max_time, int | float) or not 0 <= max_time < math.inf:
        raise ValueError(f'max_time must be a number of seconds from 0 up, not {shown(max_time)}')
    run = sync_transactions.run_in_transaction if is_blocking else retries.run_in_transaction
    return run(db, work, *args, max_time=max_time, **options)


def refuse_as_work(work: Any, *, is_blocking: bool) -> None:
    """Refuse what would not be run as the work of a transaction."""
    wanted = 'a plain function' if is_blocking else 'a coroutine function'
    is_generator = inspect.isgeneratorfunction(work) or inspect.isasyncgenfunction(work)
    is_wrong = is_generator or (is_blocking and inspect.iscoroutinefunction(work))
    if not callable(work) or is_wrong:
        raise TypeError(f'the work of run_in_transaction must be {wanted} here, not {shown(work)}')
