"""From a message to the function that carries its command out, and to the reply."""

import asyncio
import logging
import random
from typing import Any

from tools.testserver.gateway import admin, cursors, explain, schema, writes
from tools.testserver.gateway.call import Call, Command, Services
from tools.testserver.gateway.documents import Reply, decode, decode_top
from tools.testserver.gateway.errors import (
    Code,
    CommandError,
)
from tools.testserver.gateway.sessions import Session, write_errors
from tools.testserver.gateway.wire import Message

log = logging.getLogger(__name__)

COMMANDS: dict[str, Command] = {
    **admin.COMMANDS,
    **cursors.COMMANDS,
    **explain.COMMANDS,
    **schema.COMMANDS,
    **writes.COMMANDS,
}
OTHER_NAMES = {
    'isMaster': 'hello',
    'ismaster': 'hello',
    'findandmodify': 'findAndModify',
    'buildinfo': 'buildInfo',
    'collstats': 'collStats',
    'dbstats': 'dbStats',
    'deleteIndexes': 'dropIndexes',
}
ENDS_TRANSACTION = ('commitTransaction', 'abortTransaction')
# what belongs to the protocol and not to the command
GENERIC = frozenset(
    {
        '$clusterTime',
        '$db',
        '$readPreference',
        'apiDeprecationErrors',
        'apiStrict',
        'apiVersion',
        'autocommit',
        'comment',
        'lsid',
        'maxTimeMS',
        'readConcern',
        'startTransaction',
        'stmtId',
        'stmtIds',
        'txnNumber',
        'writeConcern',
    }
)
NO_TRANSACTIONS = 'Transaction numbers are only allowed on a replica set member or mongos'
READ_CONCERNS = ('local', 'available', 'majority', 'linearizable', 'snapshot')
TRIES = 50  # for a command that fell out with another one and is not part of a transaction


async def answer(services: Services, message: Message, connection_id: int) -> Reply:
    """Carry a command out.

    Args:
        services: What commands use.
        message: The command as it came.
        connection_id: The number of the client's connection.

    Returns:
        The reply, which may be an error.
    """
    try:
        return await _answer(services, message, connection_id)
    except CommandError as error:
        return error.reply()
    except Exception as error:  # the client must learn of our own mistakes too
        log.exception('%s failed', next(iter(message.body)))
        return CommandError(Code.UnknownError, f'{type(error).__name__}: {error}').reply()


async def _answer(services: Services, message: Message, connection_id: int) -> Reply:
    body = message.body
    name = OTHER_NAMES.get(next(iter(body)), next(iter(body)))
    command = COMMANDS.get(name)
    if message.legacy and name != 'hello':
        raise CommandError(Code.UnsupportedOpQueryCommand, f'Unsupported OP_QUERY command: {name}')
    if command is None:
        raise CommandError(Code.CommandNotFound, f"no such command: '{name}'")
    if services.standalone and 'txnNumber' in body:
        raise CommandError(Code.IllegalOperation, NO_TRANSACTIONS)
    call = _call(services, message, name, connection_id)
    _check_read_concern(body.get('readConcern'))
    reply = await _perform(call, command, body)
    return _with_write_concern(reply, body.get('writeConcern'))


def _call(services: Services, message: Message, name: str, connection_id: int) -> Call:
    body = message.body
    db = 'admin' if message.legacy else body.get('$db')
    if not isinstance(db, str):
        raise CommandError(Code.Location40571, 'OP_MSG requests require a $db argument')
    first, *others = body.items()
    spec = {name: first[1]} | {key: value for key, value in others if key not in GENERIC}
    number = body.get('txnNumber')
    return Call(
        name=name,
        db=db,
        spec=spec,
        sequences=message.sequences,
        services=services,
        sql=services.database.statements,
        connection_id=connection_id,
        time_limit=_time_limit(body.get('maxTimeMS')),
        session=_session(services, body.get('lsid')),
        number=None if number is None else int(number),
    )


def _time_limit(milliseconds: Any) -> float | None:
    if milliseconds is not None and not isinstance(milliseconds, (int, float)):
        raise CommandError(Code.BadValue, f'maxTimeMS must be a number, not {milliseconds!r}')
    return milliseconds / 1000 if milliseconds else None


def _session(services: Services, lsid: Any) -> Session | None:
    if lsid is None:
        return None
    try:
        return services.sessions.get(bytes(lsid['id']))
    except (KeyError, TypeError):
        raise CommandError(Code.BadValue, 'lsid must be a document with a binary id') from None


async def _perform(call: Call, command: Command, body: dict[str, Any]) -> Reply:
    if body.get('autocommit') is False and call.name not in ENDS_TRANSACTION:
        return await _in_transaction(call, command, starts=bool(body.get('startTransaction')))
    if command.write and call.session is not None and call.number is not None:
        work = lambda: _alone(call, command)  # noqa: E731  # a closure without a name to give
        return await call.services.sessions.write_once(call.session, call.number, work)
    return await _alone(call, command)


async def _in_transaction(call: Call, command: Command, *, starts: bool) -> Reply:
    session, sessions = call.session, call.services.sessions
    if session is None or call.number is None:
        raise CommandError(Code.BadValue, 'a transaction wants a session and a txnNumber')
    if not command.in_transaction:
        message = f"Cannot run '{call.name}' in a multi-document transaction."
        raise CommandError(Code.OperationNotSupportedInTransaction, message)
    if starts:
        call.transaction = await sessions.begin(session, call.number)
    else:
        call.transaction = sessions.current(session, call.number)
    call.sql = call.transaction.connection
    return await sessions.run(call.transaction, lambda: command.handler(call))


async def _alone(call: Call, command: Command) -> Reply:
    """Carry out a command that is no part of a transaction, again if another one is in its way.

    Such a command never fails for this in MongoDB, which tries again itself.
    """
    for left in reversed(range(TRIES)):
        try:
            reply = await command.handler(call)
            if not left or not _has_done_nothing(reply):
                return reply
        except CommandError as error:
            if error.code != Code.WriteConflict or not left:
                raise
        await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311  # it is no secret
    raise AssertionError('the last try returns or raises')


def _has_done_nothing(reply: Reply) -> bool:
    """Whether a conflict has kept a command from writing anything."""
    failed = write_errors(reply)
    if not failed or failed[0]['code'] != Code.WriteConflict:
        return False
    return not (decode(reply) if isinstance(reply, bytes) else reply).get('n')


def _check_read_concern(concern: Any) -> None:
    level = concern.get('level') if hasattr(concern, 'get') else None
    if level is not None and level not in READ_CONCERNS:
        raise CommandError(Code.FailedToParse, f'unknown read concern level {level!r}')


def _with_write_concern(reply: Reply, concern: Any) -> Reply:
    """Say so if more members than there are should have the write: the write itself is done."""
    wanted = concern.get('w') if hasattr(concern, 'get') else None
    if not isinstance(wanted, int) or wanted <= 1:
        return reply
    failure = {
        'code': int(Code.UnsatisfiableWriteConcern),
        'codeName': Code.UnsatisfiableWriteConcern.name,
        'errmsg': 'Not enough data-bearing nodes',
    }
    fields = decode_top(reply) if isinstance(reply, bytes) else reply
    return {**fields, 'writeConcernError': failure}
