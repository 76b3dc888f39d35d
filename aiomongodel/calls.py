"""Calls on a database that go through no query set: awaited, or not, as the database's own are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from aiomongodel import errors, handles
from aiomongodel.drivers import BlockingDatabase, run, undisturbed

if TYPE_CHECKING:
    from aiomongodel.drivers import Database

R = TypeVar('R')


def answered(
    caller: str,
    db: Any,
    session: Any,
    work: Callable[[Database, Any], Coroutine[Any, Any, R]],
) -> Any:
    """What work on a database comes to: the result where its calls block, else what is awaited.

    Args:
        caller: The method that was given the database, for errors.
        db: A database of a driver, or a session or transaction of ours.
        session: A session or transaction, ours or the driver's; None for that in `db`, or none.
        work: Takes the database and the driver's session, or None.

    Raises:
        TypeError: `db` is no database.
        SessionError: The session is not of the database's client, or not in use.
    """
    is_blocking = handles.is_blocking(db, caller)
    database, found = handles.database_and_session(db, session)
    driver_session = handles.driver_session(found, database)
    if not is_blocking:
        return work(database, driver_session)
    return run(work(BlockingDatabase(database), driver_session))  # type: ignore[arg-type]


async def called(
    where: str, session: Any, method: Callable[..., Awaitable[R]], *args: Any, **kwargs: Any
) -> R:
    """The answer of a driver's method, whose errors say where they come from.

    Args:
        where: What calls it.
        session: The driver's session, or None.
        method: The method.
        *args: Its arguments.
        **kwargs: Its arguments by name.
    """
    try:
        call = method(*args, session=session, **kwargs)
        return await call if session is None else await undisturbed(call)
    except Exception as error:
        if ours := errors.named(error, f'in {where}'):
            raise ours from error
        raise
