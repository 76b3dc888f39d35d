"""Paths through documents and arrays, in memory and on the server."""

import pytest
from bson import DBRef, encode
from bson.raw_bson import RawBSONDocument

from aiomongodel.matching import matches

# A query, the documents that match, and those that do not.
PATHS = [
    ({'a.b': 1}, [{'a': {'b': 1}}, {'a': {'b': [2, 1]}}], [{'a.b': 1}, {'a': 1}, {'a': {}}, {}]),
    ({'a.b.c.d': 1}, [{'a': {'b': {'c': {'d': 1}}}}], [{'a': {'b': {'c': 1}}}]),
    ({'a.b': None}, [{}, {'a': 1}, {'a': {}}, {'a': {'b': None}}], [{'a': {'b': 1}}]),
    ({'a.b': 1}, [{'a': [{'b': 2}, {'b': 1}]}], [{'a': [[{'b': 1}]]}, {'a': [1]}, {'a': []}]),
    ({'a.b.c': 1}, [{'a': [{'b': [{'c': 1}]}]}], [{'a': [{'b': [[{'c': 1}]]}]}]),
    ({'a.b': None}, [{'a': [{'b': 1}, {}]}], [{'a': [{'b': 1}]}, {'a': []}, {'a': [1, 2]}]),
    ({'a.b': {'$exists': False}}, [{'a': []}, {'a': [1, {}]}], [{'a': [{}, {'b': None}]}]),
    ({'a.b': {'$ne': 1}}, [{'a': [{'b': 2}]}, {'a': []}, {}], [{'a': [{'b': 2}, {'b': 1}]}]),
    ({'a.b': [1, 2]}, [{'a': [{'b': [1, 2]}]}], [{'a': [{'b': 1}, {'b': 2}]}]),
    ({'a.b': {'$gt': 1, '$lt': 3}}, [{'a': [{'b': 0}, {'b': 9}]}], [{'a': [{'b': 9}]}]),
    ({'a.b': {'$size': 1}}, [{'a': [{'b': [1]}, {'b': 2}]}], [{'a': [{'b': 1}]}]),
    ({'a.b': {'$elemMatch': {'c': 1}}}, [{'a': {'b': [{'c': 1}]}}], [{'a': [{'b': {'c': 1}}]}]),
    ({'a.b': {'$elemMatch': {'$gt': 1}}}, [{'a': [{'b': [2]}]}], [{'a': [{'b': 2}]}]),
    ({'a.0': 1}, [{'a': [1, 2]}, {'a': {'0': 1}}, {'a': [{'0': 1}]}], [{'a': [2, 1]}, {'a': 1}]),
    ({'a.0': 1}, [{'a': [2, {'0': 1}]}], [{'a': [[1]]}]),
    ({'a.0': [1]}, [{'a': [[1]]}], [{'a': [1]}]),
    ({'a.01': 1}, [{'a': {'01': 1}}], [{'a': [0, 1]}]),
    ({'a.-1': 1}, [], [{'a': [1]}]),
    ({'a.1.b': 1}, [{'a': [0, {'b': 1}]}, {'a': [0, [{'b': 1}]]}], [{'a': [{'b': 1}, 0]}]),
    ({'a.0.0': 1}, [{'a': [[1]]}, {'a': [{'0': 1}]}], [{'a': [[[1]]]}, {'a': [1]}]),
    ({'a.0.b': None}, [{'a': [{'b': 1}]}, {'a': [{}]}], [{'a': [1]}, {'a': []}]),
    ({'a.0.b': {'$exists': True}}, [{'a': [{'b': 1}]}], [{'a': [{}]}, {'a': [0, {'b': 1}]}]),
    ({'a.1': {'$exists': True}}, [{'a': [1, 2]}], [{'a': [1]}, {'a': []}, {}]),
    ({'a.$id': 1}, [{'a': DBRef('c', 1)}, {'a': [DBRef('c', 1)]}], [{'a': DBRef('c', 2)}]),
    ({'a': 1, 'b.c': 2}, [{'a': 1, 'b': {'c': 2}}], [{'a': 1}, {'b': {'c': 2}}]),
    ({'$and': [{'a': 1}, {'b': 1}]}, [{'a': 1, 'b': 1}], [{'a': 1}]),
    ({'$or': [{'a': 1}, {'b': 1}]}, [{'a': 1}, {'b': 1}], [{}, {'a': 2}]),
    ({'$nor': [{'a': 1}, {'b': 1}]}, [{}, {'a': 2}], [{'a': 1}, {'b': 1}]),
    ({'$nor': [{'a': {'$gt': 1}}]}, [{}, {'a': 'x'}, {'a': 1}], [{'a': 2}]),
    ({'$comment': 'why', 'a': 1}, [{'a': 1}], [{}]),
    ({'$or': [{'$and': [{'a': 1}, {'$nor': [{'b': 1}]}]}]}, [{'a': 1}], [{'a': 1, 'b': 1}]),
    ({}, [{}, {'a': 1}], []),
]


@pytest.mark.parametrize(('query', 'matching', 'others'), PATHS, ids=str)
def test_a_query_follows_its_paths(query, matching, others):
    assert [each for each in matching if not matches(query, each)] == []
    assert [each for each in others if matches(query, each)] == []


@pytest.mark.parametrize(('query', 'matching', 'others'), PATHS, ids=str)
def test_the_server_follows_them_likewise(sync_db, query, matching, others):
    documents = enumerate([*matching, *others])
    sync_db.tried.insert_many({'_id': index, **each} for index, each in documents)
    found = {each['_id'] for each in sync_db.tried.find(query)}
    assert found == set(range(len(matching)))


def test_documents_may_be_raw():
    raw = RawBSONDocument(encode({'a': [{'b': {'c': 1}}]}))
    assert matches({'a.b': {'c': 1}}, raw)
    assert matches({'a': {'$elemMatch': {'b.c': 1}}}, raw)


def test_neither_the_query_nor_the_document_is_changed():
    query = {'a': {'$all': [{'$elemMatch': {'b': {'$regex': 'x', '$options': 'i'}}}]}}
    document = {'a': [{'b': 'X'}]}
    before = repr((query, document))
    assert matches(query, document)
    assert repr((query, document)) == before
