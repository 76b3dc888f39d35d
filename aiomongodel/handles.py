"""What stands where a database or a `session=` does, and how it is told from others."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database as PyMongoDatabase

from aiomongodel.drivers import BlockingDatabase, undisturbed
from aiomongodel.errors import SessionError
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from motor.core import AgnosticClientSession, AgnosticDatabase
    from pymongo.asynchronous.client_session import AsyncClientSession
    from pymongo.client_session import ClientSession

    from aiomongodel.drivers import Database
    from aiomongodel.sessions import AsyncSession, AsyncTransaction
    from aiomongodel.synchronous import Session, Transaction

AsyncHandle: TypeAlias = (
    'AsyncDatabase[Any] | AgnosticDatabase[Any] | AsyncSession | AsyncTransaction'
)
"""What an awaited call takes first: a database, or a session or transaction that knows one."""

SyncHandle: TypeAlias = 'PyMongoDatabase[Any] | Session | Transaction'
"""What a call that blocks takes first."""

AsyncSessionArgument: TypeAlias = (
    'AsyncClientSession | AgnosticClientSession | AsyncSession | AsyncTransaction | None'
)
"""What an awaited call takes for `session=`."""

SyncSessionArgument: TypeAlias = 'ClientSession | Session | Transaction | None'
"""What a call that blocks takes for `session=`."""


class Handle:
    """What stands where a database or a `session=` does: the base of our sessions.

    Attributes:
        is_blocking: Whether its calls block, instead of being awaited.
        db: The database.
        driver_session: The driver's session.
    """

    is_blocking: ClassVar[bool] = False

    _facade: Callable[[], Any] | None = None
    """Gives the facade of this source for as long as it lives; None where there is none."""

    @property
    def db(self) -> Any:
        raise NotImplementedError

    @property
    def driver_session(self) -> Any:
        raise NotImplementedError

    def require_in_use(self) -> None:
        """Refuse it where it is not in use.

        Raises:
            SessionError: It has not been started, or is over.
        """
        _ = self.driver_session

    def _remember(self, document: Any) -> None:
        """Keep the state of a document, to put it back if the transaction is aborted."""
        raise NotImplementedError


def is_motor_database(db: object) -> bool:
    """Whether it is a database of Motor's."""
    # Who hands us a Motor database has imported Motor; nobody else pays for the import.
    motor = sys.modules.get('motor.core')
    return motor is not None and isinstance(db, motor.AgnosticDatabase)


def is_blocking(db: object, caller: str) -> bool:
    """Whether calls on a database, or on a session or transaction in its place, block.

    Args:
        db: What a user gave.
        caller: The method that it was given to, for the error.

    Raises:
        TypeError: It is not a database of a driver that we know.
    """
    if isinstance(db, PyMongoDatabase):
        return True
    if isinstance(db, Handle):
        return db.is_blocking
    if isinstance(db, AsyncDatabase | BlockingDatabase) or is_motor_database(db):
        return False
    # By its type: a client or a collection of a driver answers for any name.
    hint = getattr(type(db), 'wrong_handle_hint', '')
    raise TypeError(
        f'{caller} takes a database, such as AsyncMongoClient()["name"], or a session or '
        f'transaction, not {shown(db)}, a {type(db).__module__}.{type(db).__qualname__}{hint}'
    )


def require_kind(db: object, blocks: bool, caller: str) -> None:
    """Refuse a database for a query set whose calls are of the other kind.

    Args:
        db: What a user gave.
        blocks: Whether its calls must block.
        caller: The class of the query set, for the error.

    Raises:
        TypeError: It is the wrong kind of database, or none.
    """
    if is_blocking(db, caller) is blocks:
        return
    kinds = ['one whose calls are awaited', 'a synchronous one']
    raise TypeError(
        f'the database of {caller} must be {kinds[blocks]}, and {shown(db)} is {kinds[not blocks]}'
    )


def database_and_session(db: Any, session: Any) -> tuple[Database, Any]:
    """The database of what a call was given, and the session or transaction to do it in.

    Args:
        db: A database, or a session or transaction of ours in its place.
        session: A session or transaction; None for none, or for the one in the database's place.

    Raises:
        SessionError: There are two sessions, or it is a session of another client or not in use.
    """
    database = db
    if isinstance(db, Handle):
        if session is not None and session is not db:
            raise SessionError(f'two sessions for one call: {shown(db)} and {shown(session)}')
        database, session = db.db, db
    driver_session(session, database)
    return database, session


def driver_session(session: Any, db: Database) -> Any:
    """The driver's session for a call on a database.

    Args:
        session: A session or transaction of ours, or the driver's session, or None.
        db: The database.

    Raises:
        SessionError: It has not been started, or is over, or is of another client.
    """
    if session is None:
        return None
    found = session.driver_session if isinstance(session, Handle) else session
    # By its type too: a database has a client as well.
    if not hasattr(type(found), 'end_session') or found.client is not db.client:
        raise SessionError(
            f'{shown(session)} is no session of the client of the database {db.name!r}; '
            'a session serves the databases of the client that started it'
        )
    return found


def as_given(handle: Any) -> Any:
    """A database or a session as the user has it, and not as its adapter or the facade's source."""
    if isinstance(handle, BlockingDatabase):
        return handle.driver_object
    if isinstance(handle, Handle) and handle._facade is not None:
        return handle._facade() or handle
    return handle


async def in_session(session: Any, method: Callable[..., Awaitable[Any]], *args: Any) -> Any:
    """What a driver's method gives, called in a session, or in none.

    Args:
        session: A session or transaction of ours, or the driver's session, or None.
        method: The method, which has been given the driver's session before.
        *args: Its arguments.

    Raises:
        SessionError: The session is not in use any more.
    """
    if isinstance(session, Handle):
        session.require_in_use()
    call = method(*args)
    return await call if session is None else await undisturbed(call)
