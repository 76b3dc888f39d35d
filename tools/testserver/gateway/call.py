"""One call of a command, as the functions that carry commands out see it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg

from tools.testserver.gateway.documents import Reply, encode
from tools.testserver.gateway.errors import Code, CommandError, from_postgres

if TYPE_CHECKING:
    from tools.testserver.gateway.cursors import Cursors
    from tools.testserver.gateway.database import Database, Sql
    from tools.testserver.gateway.sessions import Session, Sessions, Transaction

TIME_TO_LEARN: Final = 0.05
"""The seconds after which a process of the engine knows which collections there are."""


@dataclass(slots=True)
class Services:
    """What outlives a call."""

    address: str
    standalone: bool
    database: 'Database'
    sessions: 'Sessions'
    cursors: 'Cursors'


@dataclass(slots=True)
class Call:
    """A command with its arguments and all that it may use."""

    name: str
    db: str
    spec: dict[str, Any]
    sequences: dict[str, bytes]
    services: Services
    sql: 'Sql'
    connection_id: int
    time_limit: float | None = None
    session: 'Session | None' = None
    number: int | None = None
    transaction: 'Transaction | None' = None

    @property
    def collection(self) -> str:
        """The collection that the command names as its first value.

        Raises:
            CommandError: It is no name.
        """
        name = next(iter(self.spec.values()))
        if not isinstance(name, str) or not name:
            raise CommandError(
                Code.InvalidNamespace, f'{self.name} wants the name of a collection, not {name!r}'
            )
        return name

    @property
    def namespace(self) -> str:
        """The full name of the collection."""
        return f'{self.db}.{self.collection}'

    async def select(self, function: str, *arguments: Any) -> Any:
        """Call a function of the engine.

        Args:
            function: Its name.
            arguments: Its arguments; a mapping is encoded as BSON.

        Returns:
            The row that it gives.

        Raises:
            CommandError: It failed.
        """
        places = ', '.join(f'${number}' for number in range(1, len(arguments) + 1))
        query = f'select * from {function}({places})'  # noqa: S608  # names of our own only
        return await self.query(query, *arguments)

    async def query(self, query: str, *arguments: Any) -> Any:
        """Run a statement and give its first row.

        Args:
            query: The statement.
            arguments: Its arguments; a mapping is encoded as BSON.

        Raises:
            CommandError: It failed.
        """
        return next(iter(await self.rows(query, *arguments)), None)

    async def rows(self, query: str, *arguments: Any) -> Any:
        """Run a statement and give its rows.

        Args:
            query: The statement.
            arguments: Its arguments; a mapping is encoded as BSON.

        Raises:
            CommandError: It failed.
        """
        values = [encode(value) if isinstance(value, Mapping) else value for value in arguments]
        try:
            return await self.sql.fetch(query, *values, timeout=self.time_limit)
        except TimeoutError:
            raise CommandError(Code.MaxTimeMSExpired, 'operation exceeded time limit') from None
        except asyncpg.PostgresError as error:
            found = from_postgres(error)
            if self.transaction is None and is_of_old_catalog(found):
                await asyncio.sleep(TIME_TO_LEARN)
                with suppress(asyncpg.PostgresError):
                    return await self.sql.fetch(query, *values, timeout=self.time_limit)
            raise found from error
        except (asyncpg.InterfaceError, OSError) as error:
            raise CommandError(Code.UnknownError, f'the engine was lost: {error}') from error


def is_of_old_catalog(error: CommandError) -> bool:
    """Whether a process of the engine may have missed that others dropped or made a collection.

    It has learnt of that when it is asked again.
    """
    is_made_twice = str(error).startswith('Unable to create the specified collection')
    return is_made_twice or error.code == Code.NamespaceNotFound


Handler: TypeAlias = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """How a command is carried out.

    Attributes:
        handler: The function that does it.
        in_transaction: Whether MongoDB allows it inside a transaction.
        write: Whether it may be sent again with the same number and must then not run twice.
    """

    handler: Handler
    in_transaction: bool = False
    write: bool = False
