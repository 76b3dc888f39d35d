"""Commands on collections, indexes and databases."""

from typing import Any

from tools.testserver.gateway import duplicates
from tools.testserver.gateway.call import Call, Command
from tools.testserver.gateway.documents import Reply, decode, narrow
from tools.testserver.gateway.errors import Code, CommandError, code_of_packed

ONLY_IF_CAPPED = ('capped', 'size', 'max')
EXISTS = """\
select 1 from documentdb_api_catalog.collections
where database_name = $1 and collection_name = $2"""


async def create(call: Call) -> Reply:
    """Carry `create` out."""
    if not call.spec.get('capped'):
        for key in ONLY_IF_CAPPED:
            call.spec.pop(key, None)
    if await call.query(EXISTS, call.db, call.collection):
        raise CommandError(Code.NamespaceExists, f'Collection {call.namespace} already exists.')
    return await _reply(call, 'create_collection_view', call.db, call.spec)


async def drop(call: Call) -> Reply:
    """Carry `drop` out; a collection that is not there is dropped, too."""
    row = await call.select('documentdb_api.drop_collection', call.db, call.collection)
    return {'ns': call.namespace, 'ok': 1.0} if row[0] else {'ok': 1.0}


async def drop_database(call: Call) -> Reply:
    """Carry `dropDatabase` out."""
    await call.select('documentdb_api.drop_database', call.db)
    return {'dropped': call.db, 'ok': 1.0}


async def rename_collection(call: Call) -> Reply:
    """Carry `renameCollection` out."""
    return await _reply(call, 'rename_collection', call.spec)


async def coll_mod(call: Call) -> Reply:
    """Carry `collMod` out."""
    return await _reply(call, 'coll_mod', call.db, call.collection, call.spec)


async def create_indexes(call: Call) -> Reply:
    """Carry `createIndexes` out: they are there when it answers."""
    call.spec.pop('commitQuorum', None)
    function = 'documentdb_api_internal.create_indexes_non_concurrently'
    try:
        row = await call.select(function, call.db, call.spec, True)
    except CommandError as error:
        unique = {spec['name']: spec['key'] for spec in call.spec['indexes'] if spec.get('unique')}
        raise await duplicates.of_exception(call, error, unique) from error
    return _of_only_shard(decode(row[0]))


async def drop_indexes(call: Call) -> Reply:
    """Carry `dropIndexes` out."""
    query = 'call documentdb_api.drop_indexes($1, $2, null)'
    row = await call.query(query, call.db, call.spec)
    return _of_only_shard(decode(row[0]))


async def list_databases(call: Call) -> Reply:
    """Carry `listDatabases` out."""
    return await _reply(call, 'list_databases', call.spec)


async def db_stats(call: Call) -> Reply:
    """Carry `dbStats` out."""
    scale = float(call.spec.get('scale', 1))
    return await _reply(call, 'db_stats', call.db, scale, False)


async def coll_stats(call: Call) -> Reply:
    """Carry `collStats` out."""
    scale = float(call.spec.get('scale', 1))
    return await _reply(call, 'coll_stats', call.db, call.collection, scale)


async def validate(call: Call) -> Reply:
    """Carry `validate` out."""
    return await _reply(call, 'validate', call.db, call.spec)


async def count(call: Call) -> Reply:
    """Carry `count` out."""
    return await _reply(call, 'count_query', call.db, call.spec)


async def distinct(call: Call) -> Reply:
    """Carry `distinct` out."""
    row = await call.select('documentdb_api.distinct_query', call.db, call.spec)
    reply: bytes = row[0]
    return reply


async def _reply(call: Call, function: str, *arguments: Any) -> Reply:
    row = await call.select(f'documentdb_api.{function}', *arguments)
    return {**narrow(decode(row[0])), 'ok': 1.0}


def _of_only_shard(reply: dict[str, Any]) -> Reply:
    (answer,) = reply.get('raw', {'': reply}).values()
    if 'errmsg' in answer:
        raise CommandError(code_of_packed(answer['code']), answer['errmsg'])
    return {**answer, 'ok': 1.0}


COMMANDS = {
    'count': Command(count),
    'distinct': Command(distinct, in_transaction=True),
    'create': Command(create, in_transaction=True),
    'drop': Command(drop),
    'dropDatabase': Command(drop_database),
    'renameCollection': Command(rename_collection),
    'collMod': Command(coll_mod),
    'createIndexes': Command(create_indexes, in_transaction=True),
    'dropIndexes': Command(drop_indexes),
    'listDatabases': Command(list_databases),
    'dbStats': Command(db_stats),
    'collStats': Command(coll_stats),
    'validate': Command(validate),
}
