"""Commands that give cursors, and the cursors that are open.

The engine keeps what a cursor has still to give in a continuation, which any connection can go
on from, so that an open cursor holds nothing but that.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.testserver.gateway.call import Call, Command
from tools.testserver.gateway.documents import Reply, decode, decode_top
from tools.testserver.gateway.errors import Code, CommandError
from tools.testserver.gateway.explain import plan_of

if TYPE_CHECKING:
    from tools.testserver.gateway.sessions import Transaction

IDLE_LIMIT = 600.0  # seconds, as MongoDB has it
SEARCH_STAGES = ('$search', '$searchMeta', '$vectorSearch', '$listSearchIndexes')
SEARCH_COMMANDS = ('createSearchIndexes', 'updateSearchIndex', 'dropSearchIndex')


@dataclass(slots=True, eq=False)
class Cursor:
    """An open cursor."""

    namespace: str
    continuation: bytes
    session: bytes | None
    transaction: 'Transaction | None'
    endless: bool
    used: float = field(default_factory=time.monotonic)
    busy: bool = False


class Cursors:
    """All open cursors."""

    def __init__(self) -> None:
        self._open: dict[int, Cursor] = {}

    def add(self, number: int, cursor: Cursor) -> None:
        """Remember a cursor."""
        self._open[number] = cursor

    def find(self, number: int) -> Cursor:
        """Find an open cursor.

        Raises:
            CommandError: There is none of that number.
        """
        cursor = self._open.get(number)
        if cursor is None:
            raise CommandError(Code.CursorNotFound, f'cursor id {number} not found')
        return cursor

    def close(self, number: int) -> bool:
        """Forget a cursor, and tell whether there was one."""
        return self._open.pop(number, None) is not None

    def close_session(self, session: bytes) -> None:
        """Forget the cursors of a session."""
        self._drop([n for n, cursor in self._open.items() if cursor.session == session])

    async def close_idle(self) -> None:
        """Forget cursors that nobody asks any more, for as long as it runs."""
        while True:
            await asyncio.sleep(IDLE_LIMIT / 10)
            oldest = time.monotonic() - IDLE_LIMIT
            self._drop([n for n, c in self._open.items() if c.used < oldest and not c.endless])

    def _drop(self, numbers: list[int]) -> None:
        for number in numbers:
            del self._open[number]


async def find(call: Call) -> Reply:
    """Carry `find` out."""
    if call.spec.get('tailable'):
        message = 'error processing query: tailable cursor requested on non capped collection'
        raise CommandError(Code.BadValue, message)
    endless = bool(call.spec.pop('noCursorTimeout', False))
    return await _open(call, 'find', endless=endless)


async def aggregate(call: Call) -> Reply:
    """Carry `aggregate` out."""
    _refuse_stages(call.spec.get('pipeline'))
    if call.spec.pop('explain', False):
        return await plan_of(call, call.spec)
    return await _open(call, 'aggregate')


async def list_collections(call: Call) -> Reply:
    """Carry `listCollections` out."""
    call.spec.pop('authorizedCollections', None)
    return await _open(call, 'list_collections')


async def list_indexes(call: Call) -> Reply:
    """Carry `listIndexes` out, without what only the engine knows of."""
    page = decode(await _open(call, 'list_indexes'))
    for index in page['cursor']['firstBatch']:
        index.pop('storageEngine', None)
    return page


async def get_more(call: Call) -> Reply:
    """Carry `getMore` out."""
    number = call.spec['getMore']
    cursor = call.services.cursors.find(number)
    _refuse_foreign(call, number, cursor)
    cursor.busy = True
    try:
        row = await call.select(
            'documentdb_api.cursor_get_more', call.db, call.spec, cursor.continuation
        )
    except CommandError:
        call.services.cursors.close(number)
        raise
    finally:
        cursor.busy = False
    if row['continuation'] is None:
        call.services.cursors.close(number)
    else:
        cursor.continuation, cursor.used = row['continuation'], time.monotonic()
    page: bytes = row['cursorpage']
    return page


async def kill_cursors(call: Call) -> Reply:
    """Carry `killCursors` out."""
    numbers = call.spec.get('cursors', [])
    killed = [number for number in numbers if call.services.cursors.close(number)]
    if killed:
        await call.select('documentdb_api_internal.delete_cursors', killed)
    return {
        'cursorsKilled': killed,
        'cursorsNotFound': [number for number in numbers if number not in killed],
        'cursorsAlive': [],
        'cursorsUnknown': [],
        'ok': 1.0,
    }


async def refuse_search(call: Call) -> Reply:
    """Answer commands on search indexes as MongoDB does without its search service."""
    raise CommandError(Code.SearchNotEnabled, f'{call.name} is not enabled on this server')


async def _open(call: Call, function: str, *, endless: bool = False) -> bytes:
    row = await call.select(f'documentdb_api.{function}_cursor_first_page', call.db, call.spec)
    page: bytes = row['cursorpage']
    if row['continuation'] is not None:
        namespace = decode_top(page)['cursor']['ns']
        session = call.session.id if call.session else None
        cursor = Cursor(namespace, row['continuation'], session, call.transaction, endless)
        call.services.cursors.add(row['cursorid'], cursor)
    return page


def _refuse_stages(pipeline: Any) -> None:
    """Answer as MongoDB does where a stage's service is not set up."""
    if not isinstance(pipeline, list) or not pipeline:
        return
    first = next(iter(dict(pipeline[0].items())), None) if hasattr(pipeline[0], 'items') else None
    if first == '$changeStream':
        message = 'The $changeStream stage is only supported on replica sets'
        raise CommandError(Code.Location40573, message)
    if first in SEARCH_STAGES:
        raise CommandError(Code.SearchNotEnabled, f'{first} is not enabled on this server')


def _refuse_foreign(call: Call, number: int, cursor: Cursor) -> None:
    asked = f'{call.db}.{call.spec.get("collection")}'
    if asked != cursor.namespace:
        message = f'getMore on namespace {asked!r}, but cursor {number} is of {cursor.namespace!r}'
        raise CommandError(Code.Unauthorized, message)
    if cursor.transaction is not call.transaction:
        message = f'cursor {number} was not made in the transaction that asks for more'
        raise CommandError(Code.Location50738, message)
    if cursor.busy:
        raise CommandError(Code.CursorInUse, f'cursor {number} is in use')


COMMANDS = {
    'find': Command(find, in_transaction=True),
    'aggregate': Command(aggregate, in_transaction=True),
    'getMore': Command(get_more, in_transaction=True),
    'killCursors': Command(kill_cursors, in_transaction=True),
    'listCollections': Command(list_collections),
    'listIndexes': Command(list_indexes),
    **dict.fromkeys(SEARCH_COMMANDS, Command(refuse_search)),
}
