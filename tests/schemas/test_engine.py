"""What a server does by a `$jsonSchema` that is written by hand, as MongoDB's documentation has it.

`mongo_schema` relies on it, and so does the validator in Python that the other tests compare with.
"""

import math

import pytest
from bson import Decimal128, Int64

from .helpers import MongoValidator, Server


@pytest.fixture(scope='module')
def server(clients, database_name):
    return Server(clients['pymongo'][database_name])


@pytest.mark.parametrize(
    ('rules', 'accepted', 'refused'),
    [
        ({'bsonType': 'int'}, [1], [Int64(1), 1.0, True, None]),
        ({'bsonType': ['int', 'long', 'null']}, [1, Int64(1), None], [1.0, True]),
        ({'minLength': 2, 'maxLength': 3}, ['éé', '🎈🎈🎈', 7], ['a', '🎈🎈🎈🎈']),
        ({'minimum': 0}, [0, 0.0, math.inf, Decimal128('0'), True, 'a'], [-1, math.nan]),
        ({'minimum': Decimal128('0.1')}, [0.1, Decimal128('0.10')], [Decimal128('0.09'), math.nan]),
        ({'maximum': 2, 'exclusiveMaximum': True}, [1, 1.5], [2, 2.0, Decimal128('2')]),
        ({'minimum': Int64(2**53 + 1)}, [2**53 + 1, 2.0**53 + 2], [2.0**53]),
        ({'enum': [1, 'a', None]}, [1, 1.0, Decimal128('1'), 'a', None], [True, 'b', '1']),
        ({'enum': [[1, 2]]}, [[1, 2], [1.0, 2]], [[2, 1], [1]]),
        ({'pattern': '^[a-z]+$'}, ['ann', 'ann\n', 7], ['Ann', '1a']),
        ({'pattern': r'^\p{Nd}\z'}, ['1', '\u0663'], ['1\n', 'a']),
        ({'pattern': r'^[\p{L}\p{N}_]\z'}, ['é', '_', '²'], ['-', '\u0301']),
        ({'pattern': r'^.\z'}, ['\r', '\u2028', '🎈'], ['\n', '']),
        (
            {'items': {'bsonType': 'int'}, 'minItems': 1, 'maxItems': 2},
            [[1], 7],
            [[], ['a'], [1] * 3],
        ),
        ({'required': ['a'], 'properties': {'a': {'minimum': 1}}}, [{'a': 1}, 7], [{}, {'a': 0}]),
    ],
)
def test_a_keyword_means_what_mongodb_says(server, rules, accepted, refused):
    schema = {'bsonType': 'object', 'properties': {'v': rules}}
    documents = [{'v': value} for value in (*accepted, *refused)]
    assert server.refusals(schema, documents) == set(range(len(accepted), len(documents)))
    answers = [MongoValidator(schema).is_valid(each) for each in documents]
    assert answers == [True] * len(accepted) + [False] * len(refused)
