"""What MongoDB tells of a duplicate key: the index, its keys, and the values that are there twice.

The engine names no more than the index. The values are read from the document that the write was
about to make, which the engine's own update function gives once more.
"""

import datetime
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from bson.binary import Binary
from bson.objectid import ObjectId

from tools.testserver.gateway.call import Call
from tools.testserver.gateway.documents import decode, encode
from tools.testserver.gateway.errors import Code, CommandError

Document: TypeAlias = Mapping[str, Any]

MATCHES_AT_MOST = 1000
COMBINATIONS_AT_MOST = 1000
INDEX_NAMED = re.compile(r"Index '(.+)'")
INDEX_NUMBERED = re.compile(r'documents_rum_index_(\d+)')
REFUSED = re.compile(r'=\((?:-?\d+, )?BSONHEX([0-9a-f]+)')
INDEXES = """\
select index_id, (index_spec).index_name as name, (index_spec).index_key as key
from documentdb_api_catalog.collection_indexes
join documentdb_api_catalog.collections using (collection_id)
where database_name = $1 and collection_name = $2"""


def describe(namespace: str, index: str, keys: Document, values: Document) -> dict[str, Any]:
    """Word the error as MongoDB does.

    Args:
        namespace: The collection's full name.
        index: The index's name.
        keys: The index's keys.
        values: The values that are there already.

    Returns:
        The error's `errmsg`, `keyPattern` and `keyValue`.
    """
    shown = ', '.join(f'{key}: {show(value)}' for key, value in values.items())
    return {
        'errmsg': f'E11000 duplicate key error collection: {namespace} '
        f'index: {index} dup key: {{ {shown} }}',
        'keyPattern': dict(keys),
        'keyValue': dict(values),
    }


async def of_insert(call: Call, message: str, document: Document) -> dict[str, Any]:
    """Word the error of an insert, given the engine's message and the document refused."""
    return await _of_documents(call, message, [document])


async def of_update(call: Call, message: str, statement: Document) -> dict[str, Any]:
    """Word the error of an update, given the engine's message and the statement refused."""
    return await _of_documents(call, message, await _updated(call, statement))


async def of_exception(
    call: Call, error: CommandError, indexes: Mapping[str, Document] | None = None
) -> CommandError:
    """Word an error that PostgreSQL raised itself, with the refused document in its details.

    Args:
        call: The call that failed.
        error: The error that stands for PostgreSQL's.
        indexes: The keys of the indexes to be made, by name, where the call makes indexes.

    Returns:
        The error for the client: the same one, if it is of another kind.
    """
    cause = error.__cause__
    if error.code != Code.DuplicateKey or not isinstance(cause, asyncpg.PostgresError):
        return error
    named = await _index_of(call, getattr(cause, 'constraint_name', None) or '', indexes)
    refused = REFUSED.search(getattr(cause, 'detail', None) or '')
    if named is None or refused is None:
        return error
    index, keys = named
    document = decode(bytes.fromhex(refused[1]))
    if '' in document:  # the primary key is the bare value
        document = {'_id': document['']}
    combinations = _combinations(document, keys)
    values = await _existing(call, keys, combinations, document.get('_id'))
    worded = describe(call.namespace, index, keys, values)
    return CommandError(Code.DuplicateKey, worded.pop('errmsg'), **worded)


def show(value: Any) -> str:
    """Write a value as MongoDB does in a duplicate key's message."""
    if value is None:
        return 'null'
    for kind, written in WRITTEN.items():
        if isinstance(value, kind):
            return written(value)
    return str(value)


def _show_binary(value: Any) -> str:
    if value.subtype == 4:
        return f'UUID("{value.as_uuid()}")'
    return f'BinData({value.subtype}, {value.hex().upper()})'


def _show_date(value: datetime.datetime) -> str:
    since = value.replace(tzinfo=datetime.UTC) - datetime.datetime.fromtimestamp(0, datetime.UTC)
    return f'new Date({since // datetime.timedelta(milliseconds=1)})'


def _show_document(value: Document) -> str:
    shown = ', '.join(f'{key}: {show(item)}' for key, item in value.items())
    return f'{{ {shown} }}' if shown else '{}'


def _show_list(value: Iterable[Any]) -> str:
    return f'[ {", ".join(show(item) for item in value)} ]'


# bool stands before the numbers, being one of them
WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).lower(),
    str: lambda value: f'"{value}"',
    ObjectId: lambda value: f"ObjectId('{value}')",
    datetime.datetime: _show_date,
    Binary: _show_binary,
    bytes: lambda value: f'BinData(0, {value.hex().upper()})',
    UUID: lambda value: f'UUID("{value}")',
    Mapping: _show_document,
    list: _show_list,
}


async def _of_documents(call: Call, message: str, documents: list[Document]) -> dict[str, Any]:
    named = INDEX_NAMED.search(message)
    index = named[1] if named else '_id_'
    keys = await _keys_of(call, index)
    values: Document = {}
    for document in documents:
        combinations = _combinations(document, keys)
        values = await _existing(call, keys, combinations, document.get('_id'))
        if values:
            break
    return describe(call.namespace, index, keys, values)


async def _keys_of(call: Call, index: str) -> Document:
    for row in await call.rows(INDEXES, call.db, call.collection):
        if row['name'] == index:
            return decode(row['key'])
    return {}


async def _index_of(
    call: Call, constraint: str, indexes: Mapping[str, Document] | None
) -> tuple[str, Document] | None:
    if indexes is not None:
        return next(iter(indexes.items()), None)
    number = INDEX_NUMBERED.fullmatch(constraint)
    if number is None:
        return '_id_', {'_id': 1}
    # not on the connection of the transaction, which the error has ended
    rows = await call.services.database.lookups.fetch(INDEXES, call.db, call.collection)
    found = [row for row in rows if row['index_id'] == int(number[1])]
    return (found[0]['name'], decode(found[0]['key'])) if found else None


async def _updated(call: Call, statement: Document) -> list[Document]:
    """Make what an update would make of the documents that it matches, or of none."""
    limit = MATCHES_AT_MOST if statement.get('multi') else 1
    find = {'find': call.collection, 'filter': statement['q'], 'limit': limit}
    matched = await call.rows(
        'select document from documentdb_api_catalog.bson_aggregation_find($1, $2)', call.db, find
    )
    function = 'documentdb_api_internal.update_bson_document'
    filters, variables = statement.get('arrayFilters'), call.spec.get('let')
    rest = (
        {'': statement['u']},
        statement['q'],
        {'': filters} if filters else None,
        {'let': variables} if variables else None,
        None,
    )
    sources = [row['document'] for row in matched] or [{}]
    made = [await call.select(function, source, *rest) for source in sources]
    return [decode(row['newdocument']) for row in made if row['newdocument'] is not None]


def _combinations(document: Document, keys: Document) -> list[Document]:
    """List the values that a document has in an index: several, where there are arrays."""
    found = itertools.product(*(_values_at(document, key.split('.')) for key in keys))
    return [
        dict(zip(keys, values, strict=True))
        for values in itertools.islice(found, COMBINATIONS_AT_MOST)
    ]


def _values_at(node: Any, path: list[str]) -> list[Any]:
    if isinstance(node, list):
        return [value for item in node for value in _values_at(item, path)] or [None]
    if not path:
        return [node]
    return _values_at(node.get(path[0]) if isinstance(node, Mapping) else None, path[1:])


async def _existing(call: Call, keys: Document, combinations: list[Document], own: Any) -> Document:
    """Find the values that another document has, or the first ones where none has."""
    if len(combinations) > 1:
        others = {} if '_id' in keys else {'_id': {'$ne': own}}
        for values in combinations:
            query = {'count': call.collection, 'query': {**values, **others}, 'limit': 1}

            if await _is_there(call, query):
                return values
    return combinations[0] if combinations else {}


async def _is_there(call: Call, query: dict[str, Any]) -> bool:
    # committed documents are enough, and a transaction may have ended with the error
    found = await call.services.database.lookups.fetchrow(
        'select document from documentdb_api.count_query($1, $2)', call.db, encode(query)
    )
    return bool(decode(found['document'])['n'])
