"""Sessions, their transactions, and writes that are sent again.

A transaction lasts until it is ended, or until its limit of time has passed since it began: that
is MongoDB's rule, and so a client that died holds its locks no longer than that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import asyncpg

from tools.testserver.gateway.database import Database
from tools.testserver.gateway.documents import Reply, decode
from tools.testserver.gateway.errors import (
    TRANSIENT,
    Code,
    CommandError,
    code_of_state,
    from_postgres,
    state_of,
)

SESSIONS_AT_MOST = 10_000

State = Literal['open', 'committed', 'aborted']


@dataclass(slots=True, eq=False)
class Transaction:
    """One transaction, with the connection on which it runs."""

    number: int
    connection: Any
    state: State = 'open'
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    limit: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class Session:
    """What is known of a session: its last transaction, and its last write."""

    id: bytes
    transaction: Transaction | None = None
    beginning: asyncio.Lock = field(default_factory=asyncio.Lock)
    write_number: int = -1
    write: 'asyncio.Task[Reply] | None' = None


class Sessions:
    """All sessions of all clients."""

    def __init__(self, database: Database, lifetime: float) -> None:
        """Start without sessions.

        Args:
            database: Where transactions run.
            lifetime: After how many seconds an open transaction is aborted.
        """
        self._database = database
        self._lifetime = lifetime
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._expiring: set[asyncio.Task[None]] = set()

    def get(self, session_id: bytes) -> Session:
        """Find the session with that id, or make it where there is none."""
        session = self._sessions.setdefault(session_id, Session(session_id))
        self._sessions.move_to_end(session_id)
        if len(self._sessions) > SESSIONS_AT_MOST:
            self._forget_oldest()
        return session

    async def end(self, session_id: bytes) -> None:
        """Forget a session and abort its transaction."""
        session = self._sessions.pop(session_id, None)
        if session is not None and session.transaction is not None:
            await self._abort_from_outside(session.transaction)

    async def write_once(
        self, session: Session, number: int, work: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        """Do a write, unless it was done already or is being done: then give its reply.

        Args:
            session: The session of the write.
            number: The write's number, greater with each write of a session.
            work: What does the write.

        Returns:
            The reply.
        """
        if number < session.write_number:
            raise CommandError(
                Code.TransactionTooOld,
                f'write {number} is older than {session.write_number}, its session has both',
            )
        if number > session.write_number or session.write is None:
            session.write_number = number
            session.write = asyncio.ensure_future(_awaited(work))
        task = session.write
        try:
            return await asyncio.shield(task)
        except CommandError:
            if session.write is task:
                session.write = None  # it wrote nothing, so it may be tried again
            raise

    async def begin(self, session: Session, number: int) -> Transaction:
        """Begin a transaction, which aborts one that the session left open.

        Args:
            session: The session.
            number: The transaction's number, greater with each one of a session.
        """
        async with session.beginning:
            last = session.transaction
            if last is not None and number <= last.number:
                code = (
                    Code.ConflictingOperationInProgress
                    if number == last.number
                    else Code.TransactionTooOld
                )
                raise CommandError(code, f'transaction {number} cannot begin after {last.number}')
            if last is not None:
                await self._abort_from_outside(last)
            transaction = Transaction(number, await self._database.begin())
            session.transaction = transaction
        loop = asyncio.get_running_loop()
        transaction.limit = loop.call_later(self._lifetime, self._expire, transaction)
        return transaction

    @staticmethod
    def current(session: Session, number: int) -> Transaction:
        """Find the session's open transaction.

        Raises:
            CommandError: It has none of that number.
        """
        transaction = session.transaction
        if transaction is None or transaction.number != number:
            raise CommandError(
                Code.NoSuchTransaction,
                f'Given transaction number {number} does not match any in-progress transactions.',
                TRANSIENT,
            )
        if transaction.state == 'aborted':
            raise CommandError(
                Code.NoSuchTransaction, f'Transaction {number} has been aborted.', TRANSIENT
            )
        if transaction.state == 'committed':
            raise CommandError(
                Code.TransactionCommitted, f'Transaction {number} has been committed.'
            )
        return transaction

    async def run(self, transaction: Transaction, work: Callable[[], Awaitable[Reply]]) -> Reply:
        """Do one command of a transaction, which ends with the first error.

        Args:
            transaction: The transaction.
            work: What carries the command out on the transaction's connection.
        """
        async with transaction.lock:
            self._refuse_ended(transaction)
            try:
                reply = await work()
                failed = write_errors(reply)
            except CommandError as error:
                self._refuse_ended(transaction)
                await self._abort(transaction)
                if error.code == Code.WriteConflict and TRANSIENT not in error.labels:
                    error.labels.append(TRANSIENT)
                raise
            if not failed:
                return reply
            await self._abort(transaction)
            if failed[0]['code'] == Code.WriteConflict:
                raise CommandError(Code.WriteConflict, failed[0]['errmsg'], TRANSIENT)
            return reply

    async def commit(self, session: Session, number: int) -> None:
        """Commit a transaction; one that is committed already stays so."""
        transaction = session.transaction
        if transaction and transaction.number == number and transaction.state == 'committed':
            return
        transaction = self.current(session, number)
        async with transaction.lock:
            self._refuse_ended(transaction)
            try:
                await self._finish(transaction, 'committed')
            except asyncpg.PostgresError as error:
                transaction.state = 'aborted'
                raise self._of_commit(error) from error

    async def abort(self, session: Session, number: int) -> None:
        """Abort a transaction, also one that a client gave up while it was about to begin."""
        async with session.beginning:
            transaction = self.current(session, number)
        async with transaction.lock:
            await self._abort(transaction)

    @staticmethod
    def _of_commit(error: asyncpg.PostgresError) -> CommandError:
        failed = from_postgres(error)
        if code_of_state(state_of(error)) == Code.WriteConflict:
            failed.labels.append(TRANSIENT)
        return failed

    @staticmethod
    def _refuse_ended(transaction: Transaction) -> None:
        if transaction.state != 'open':  # while this command waited for the one before it
            raise CommandError(
                Code.NoSuchTransaction, f'Transaction {transaction.number} has ended.', TRANSIENT
            )

    async def _abort(self, transaction: Transaction) -> None:
        if transaction.state != 'open':
            return
        # if the connection is gone, the transaction went with it
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._finish(transaction, 'aborted')

    async def _finish(self, transaction: Transaction, state: State) -> None:
        self._close(transaction, state)
        how = 'commit' if state == 'committed' else 'rollback'
        await self._database.end(transaction.connection, how)

    @staticmethod
    def _close(transaction: Transaction, state: State) -> None:
        transaction.state = state
        if transaction.limit is not None:
            transaction.limit.cancel()

    def _expire(self, transaction: Transaction) -> None:
        task = asyncio.ensure_future(self._abort_from_outside(transaction))
        self._expiring.add(task)
        task.add_done_callback(self._expiring.discard)

    async def _abort_from_outside(self, transaction: Transaction) -> None:
        """Abort a transaction that may be in the middle of a command, which then fails."""
        if not transaction.lock.locked():
            async with transaction.lock:
                await self._abort(transaction)
        elif transaction.state == 'open':
            self._close(transaction, 'aborted')
            await self._database.cut(transaction.connection)

    def _forget_oldest(self) -> None:
        for session in self._sessions.values():
            if session.transaction is None or session.transaction.state != 'open':
                del self._sessions[session.id]
                return


async def _awaited(work: Callable[[], Awaitable[Reply]]) -> Reply:
    return await work()


def write_errors(reply: Reply) -> list[dict[str, Any]]:
    """The writes that a reply says have failed."""
    if isinstance(reply, bytes):
        reply = decode(reply) if b'writeErrors' in reply else {}
    errors: list[dict[str, Any]] = reply.get('writeErrors', [])
    return errors
