"""The plan of a query, in the form that MongoDB gives it, with the engine's own beside it."""

import json
from collections.abc import Iterator
from typing import Any

from tools.testserver.gateway.call import Call, Command
from tools.testserver.gateway.documents import Reply
from tools.testserver.gateway.errors import Code, CommandError

FUNCTIONS = {
    'find': 'bson_aggregation_find',
    'aggregate': 'bson_aggregation_pipeline',
    'count': 'bson_aggregation_count',
    'distinct': 'bson_aggregation_distinct',
}
NO_ARGUMENTS = ('$db', 'comment', 'explain')


async def explain(call: Call) -> Reply:
    """Carry `explain` out."""
    return await plan_of(call, dict(call.spec['explain'].items()))


async def plan_of(call: Call, spec: dict[str, Any]) -> Reply:
    """Plan a command without carrying it out.

    Args:
        call: The call that asks for it.
        spec: The command to be planned, its name first.
    """
    name = next(iter(spec))
    function = FUNCTIONS.get(name)
    if function is None:
        message = f'explain of {name} is not supported by this server'
        raise CommandError(Code.CommandNotSupported, message)
    spec = {key: value for key, value in spec.items() if key not in NO_ARGUMENTS}
    row = await call.query(
        'explain (format json, verbose) select document '  # noqa: S608  # names of our own only
        f'from documentdb_api_catalog.{function}($1, $2)',
        call.db,
        spec,
    )
    plan = json.loads(row[0])[0]['Plan']
    winning = {**_winning(plan), 'enginePlan': plan}
    planner = {'namespace': f'{call.db}.{spec[name]}', 'winningPlan': winning}
    return {'queryPlanner': planner, 'command': spec, 'ok': 1.0}


def _winning(plan: dict[str, Any]) -> dict[str, Any]:
    index = next(_indexes_of(plan), None)
    if index is None:
        return {'stage': 'COLLSCAN'}
    if index == '_id_':
        return {'stage': 'IDHACK'}
    return {'stage': 'FETCH', 'inputStage': {'stage': 'IXSCAN', 'indexName': index}}


def _indexes_of(plan: dict[str, Any]) -> Iterator[str]:
    name = plan.get('Index Name')
    # documents are kept in the order of their _id: read without a value of it, all are read
    if name is not None and (name != '_id_' or 'object_id' in plan.get('Index Cond', '')):
        yield name
    for inner in plan.get('Plans', []):
        yield from _indexes_of(inner)


COMMANDS = {'explain': Command(explain)}
