"""Commands that change documents."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import bson

from tools.testserver.gateway import duplicates
from tools.testserver.gateway.call import Call, Command
from tools.testserver.gateway.documents import RAW, Reply, decode_top, narrow
from tools.testserver.gateway.errors import MESSAGES, Code, CommandError, code_of_packed

Describe = Callable[[Call, str, Mapping[str, Any]], Awaitable[dict[str, Any]]]


async def insert(call: Call) -> Reply:
    """Carry `insert` out."""
    return await _write(call, 'insert', 'documents', duplicates.of_insert)


async def update(call: Call) -> Reply:
    """Carry `update` out."""
    return await _write(call, 'update', 'updates', duplicates.of_update)


async def delete(call: Call) -> Reply:
    """Carry `delete` out."""
    return await _write(call, 'delete', 'deletes', duplicates.of_insert)


async def find_and_modify(call: Call) -> Reply:
    """Carry `findAndModify` out."""
    try:
        row = await call.select('documentdb_api.find_and_modify', call.db, call.spec)
    except CommandError as error:
        raise await duplicates.of_exception(call, error) from error
    reply: bytes = row['p_result']
    return reply


async def _write(call: Call, function: str, field: str, describe: Describe) -> Reply:
    sequence = call.sequences.get(field)
    row = await call.select(f'documentdb_api.{function}', call.db, call.spec, sequence)
    reply = narrow(decode_top(row['p_result']))
    if 'writeErrors' not in reply:
        return reply
    statements = call.spec.get(field) or bson.decode_all(sequence or b'', RAW)
    errors = [dict(error.items()) for error in reply['writeErrors']]
    for error in errors:
        code = code_of_packed(error['code'])
        error |= {'code': int(code), 'errmsg': MESSAGES.get(code) or error['errmsg']}
        if code == Code.DuplicateKey:
            error |= await describe(call, error['errmsg'], statements[error['index']])
    return {**reply, 'writeErrors': errors}


COMMANDS = {
    'insert': Command(insert, in_transaction=True, write=True),
    'update': Command(update, in_transaction=True, write=True),
    'delete': Command(delete, in_transaction=True, write=True),
    'findAndModify': Command(find_and_modify, in_transaction=True, write=True),
}
