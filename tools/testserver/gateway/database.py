"""Connections to PostgreSQL.

Single statements go through one pool, which lends a connection for one statement only; open
transactions take theirs from another; and what is looked up to word an error has a third one, as
nothing that it runs ever waits for a lock. A commit thus never waits for a connection that only
another commit would free.
"""

import asyncio
from typing import Any, Protocol

import asyncpg

from tools.testserver.gateway.errors import Code, CommandError

STATEMENTS_AT_ONCE = 48
TRANSACTIONS_AT_ONCE = 300
LOOKUPS_AT_ONCE = 4
# MongoDB lets one of two transactions that write a document fail at once, PostgreSQL lets it wait
LOCK_TIMEOUT = '50ms'


class Sql(Protocol):
    """What runs one statement: a pool, or the connection of a transaction."""

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None) -> Any: ...

    async def fetchval(self, query: str, *args: Any, timeout: float | None = None) -> Any: ...

    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> Any: ...


class Database:
    """The pools."""

    def __init__(self, host: str) -> None:
        """Remember where PostgreSQL is.

        Args:
            host: The folder of its socket.
        """
        self._host = host
        self.statements: Any = None
        self.lookups: Any = None
        self._transactions: Any = None

    async def open(self) -> None:
        """Connect."""
        self.statements = await self._pool(STATEMENTS_AT_ONCE, min_size=2)
        self.lookups = await self._pool(LOOKUPS_AT_ONCE, min_size=0)
        self._transactions = await self._pool(
            TRANSACTIONS_AT_ONCE, min_size=0, settings={'lock_timeout': LOCK_TIMEOUT}
        )

    def close(self) -> None:
        """Close all connections, whatever they are doing."""
        for pool in (self.statements, self.lookups, self._transactions):
            if pool is not None:
                pool.terminate()

    async def begin(self) -> Any:
        """Begin a transaction on a connection of its own.

        Raises:
            CommandError: Too many transactions are open.
        """
        if self._transactions.get_size() - self._transactions.get_idle_size() >= (
            TRANSACTIONS_AT_ONCE
        ):
            raise CommandError(
                Code.InternalError, f'more than {TRANSACTIONS_AT_ONCE} transactions are open'
            )
        connection = await self._transactions.acquire()
        try:
            await connection.execute('begin isolation level repeatable read')
        except BaseException:
            await self.cut(connection)
            raise
        return connection

    async def end(self, connection: Any, how: str) -> None:
        """End a transaction and take its connection back.

        Args:
            connection: What `begin` gave.
            how: `'commit'` or `'rollback'`.
        """
        try:
            await connection.execute(how)
        except BaseException:
            connection.terminate()  # nobody must get it with a transaction still open on it
            raise
        finally:
            await self._transactions.release(connection)

    async def cut(self, connection: Any) -> None:
        """End a transaction in the middle of a statement, by closing its connection."""
        connection.terminate()
        await self._transactions.release(connection)

    async def _pool(
        self, size: int, *, min_size: int, settings: dict[str, str] | None = None
    ) -> Any:
        return await asyncpg.create_pool(
            host=self._host,
            user='postgres',
            database='postgres',
            min_size=min_size,
            max_size=size,
            init=_teach_bson,
            reset=_keep_as_it_is,
            max_inactive_connection_lifetime=60,
            server_settings={'client_min_messages': 'error', **(settings or {})},
        )


async def _teach_bson(connection: Any) -> None:
    for name in ('bson', 'bsonsequence'):
        await connection.set_type_codec(
            name, schema='documentdb_core', encoder=bytes, decoder=bytes, format='binary'
        )


async def _keep_as_it_is(_: Any) -> None:
    """Spare the round trip that resets settings, for nothing here changes any."""
    await asyncio.sleep(0)
