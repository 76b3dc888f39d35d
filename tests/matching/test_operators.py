"""Each operator: what matches, and what does not, in memory and on the server."""

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from aiomongodel.matching import matches

NAN, INFINITY = float('nan'), float('inf')
NOON = datetime(2020, 1, 1, 12)
NOON_AWARE = datetime(2020, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))
ID = ObjectId('5f0000000000000000000001')
KEY = Binary.from_uuid(uuid.UUID(int=7))
PATTERN = Regex('a', 'i')

# A condition on the field 'a', the values of 'a' that match, and those that do not; `...` stands
# for a document without 'a'.
CONDITIONS = [
    (1, [1, 1.0, Int64(1), Decimal128('1.00'), [2, 1]], [True, '1', 2, None, ..., [[1]], {'a': 1}]),
    (True, [True, [True]], [1, False, ...]),
    (0.1, [0.1], [Decimal128('0.1')]),
    (2**53 + 1, [2**53 + 1], [2.0**53]),
    (None, [None, ..., [None]], [0, False, '', [], {}]),
    (NAN, [NAN, Decimal128('NaN')], [0, None]),
    ('a', ['a', ['b', 'a']], ['A', Code('a'), b'a']),
    ([1, 2], [[1, 2], [[1, 2]], [1.0, 2]], [[2, 1], [1], [1, 2, 3], 1]),
    ([], [[], [[]]], [..., None, [1]]),
    ({'x': 1, 'y': 2}, [{'x': 1.0, 'y': 2}, [{'x': 1, 'y': 2}]], [{'y': 2, 'x': 1}, {'x': 1}]),
    ({}, [{}, [{}]], [..., None, {'x': 1}, []]),
    (ID, [ID, [ID]], [str(ID)]),
    (NOON, [NOON, [NOON]], [NOON + timedelta(milliseconds=1), Timestamp(NOON, 0)]),
    (NOON_AWARE, [NOON], [datetime(2020, 1, 1, 14)]),
    (NOON + timedelta(microseconds=999), [NOON], []),
    (b'a', [b'a'], [Binary(b'a', 5), 'a']),
    (KEY, [KEY], [bytes(KEY)]),
    (Timestamp(1, 2), [Timestamp(1, 2)], [Timestamp(1, 1)]),
    (MinKey(), [MinKey(), [MinKey()]], [MaxKey(), None, ...]),
    (DBRef('c', 1), [DBRef('c', 1), [DBRef('c', 1)]], [DBRef('c', 2), {'$id': 1}]),
    ({'$ref': 'c', '$id': 1}, [DBRef('c', 1)], [DBRef('d', 1)]),
    (Code('a'), [Code('a')], ['a', Code('a', {})]),
    (Code('a', {'x': 1}), [Code('a', {'x': 1})], [Code('a', {'x': 2}), Code('a')]),
    (re.compile('^a', re.IGNORECASE), ['Ab', ['b', 'a']], ['ba', 1, None, ..., Code('a')]),
    (PATTERN, ['A', PATTERN, [PATTERN]], [Regex('a'), 'b']),
    ({'$eq': 1}, [1, [1]], [2]),
    ({'$eq': PATTERN}, [PATTERN, [PATTERN]], ['a']),
    ({'$eq': {'$gt': 1}}, [], [2]),
    ({'$ne': 1}, [2, ..., None, [2], '1'], [1, 1.0, [1, 2]]),
    ({'$ne': None}, [1, []], [None, ..., [None]]),
    ({'$gt': 1}, [2, 1.5, Decimal128('1.1'), [0, 2], INFINITY], [1, '2', None, ..., NAN, [[2]]]),
    ({'$gte': 1}, [1, 2], [0, NAN, True, MaxKey()]),
    ({'$lt': 1}, [0, -INFINITY], [1, NAN, None, ..., False, MinKey()]),
    ({'$lte': 1}, [1, 0], [2, NAN]),
    ({'$gte': NAN}, [NAN], [1, INFINITY]),
    ({'$lt': NAN}, [], [NAN, -INFINITY]),
    ({'$gt': 'a'}, ['b', 'aa', ['', 'b'], 'é'], ['a', 'B', 1]),
    ({'$gt': False}, [True], [1, False]),
    ({'$gte': None}, [None, ...], [1, 'a']),
    ({'$gt': None}, [], [None, ..., 1]),
    ({'$gt': [1]}, [[1, 1], [2], [[2]], ['a'], [1, None]], [[1], [0, 5], [], 2, 'a']),
    ({'$lt': [2]}, [[1, 9], [], [NAN]], [[2], [3]]),
    (
        {'$gt': {'x': 1}},
        [{'x': 2}, {'y': 1}, {'x': 1, 'y': 0}, {'w': 'a'}],
        [{'x': 1}, {}, {'w': 5}],
    ),
    ({'$gt': b'b'}, [b'c', b'aa', Binary(b'a', 5)], [b'b', b'a', 'c']),
    ({'$gt': NOON}, [NOON + timedelta(1)], [NOON, Timestamp(2**31, 1)]),
    ({'$lt': datetime(1960, 1, 1, tzinfo=UTC)}, [datetime(1959, 1, 1)], [datetime(1961, 1, 1)]),
    ({'$gt': ID}, [ObjectId('f' * 24)], [ID, ObjectId('0' * 24)]),
    ({'$gt': Timestamp(1, 2)}, [Timestamp(1, 3), Timestamp(2, 0)], [Timestamp(1, 2), NOON]),
    ({'$gt': Code('a')}, [Code('b')], ['b', Code('b', {})]),
    ({'$gt': MinKey()}, [1, None, MaxKey(), [], {}], [MinKey()]),
    ({'$gte': MinKey()}, [1, MinKey()], []),
    ({'$lt': MinKey()}, [], [1, MinKey()]),
    ({'$lt': MaxKey()}, [1, None, MinKey()], [MaxKey()]),
    ({'$gt': 1, '$lt': 3}, [2, [0, 9]], [1, 3, [0]]),
    ({'$in': [1, 'a']}, [1, 1.0, 'a', ['a']], [True, 2, ..., None]),
    ({'$in': [None]}, [None, ...], [1, []]),
    ({'$in': [re.compile('^a'), 1]}, ['ab', 1, ['b', 'a'], re.compile('^a')], ['ba', Regex('^a')]),
    ({'$in': [[1, 2], {}, NAN]}, [[1, 2], {}, NAN], [1, [2, 1], ...]),
    ({'$in': []}, [], [..., None, 1, []]),
    ({'$nin': [1, None]}, [2, []], [1, None, ..., [1]]),
    ({'$nin': [re.compile('a')]}, ['b', 1, ...], ['a', ['b', 'a']]),
    ({'$exists': True}, [1, None, [], False], [...]),
    ({'$exists': False}, [...], [1, None]),
    ({'$exists': 'any'}, [1], [...]),
    ({'$exists': 0}, [...], [1]),
    ({'$exists': None}, [...], [1]),
    ({'$type': 'number'}, [1, 1.5, Int64(1), Decimal128('1'), [1]], [True, '1', None, ...]),
    ({'$type': 'int'}, [1], [Int64(1), 2**31, 1.0]),
    ({'$type': 'long'}, [Int64(1), 2**31], [1]),
    ({'$type': ['string', 10]}, ['a', None, ['a']], [1, ..., Code('a')]),
    ({'$type': 'array'}, [[], [1], [[]]], [1, {}]),
    ({'$type': 3.0}, [{}, [{}], DBRef('c', 1)], [[], 1]),
    ({'$type': ['undefined', 'symbol']}, [], [None, ...]),
    ({'$type': -1}, [MinKey()], [MaxKey()]),
    ({'$type': 'date'}, [NOON], [Timestamp(1, 1)]),
    ({'$type': 13}, [Code('a')], [Code('a', {}), 'a']),
    ({'$type': 'javascriptWithScope'}, [Code('a', {})], [Code('a')]),
    ({'$regex': '^a.c$'}, ['abc', ['abc']], ['ABC', 'a\nc', 1, None, ...]),
    ({'$regex': '^a.c$', '$options': 'is'}, ['ABC', 'a\nc'], ['abcd']),
    ({'$options': 'm', '$regex': '^b'}, ['a\nb'], ['ab']),
    ({'$options': 'x', '$regex': 'a b # c'}, ['ab'], ['a b']),
    ({'$regex': Regex('A'), '$options': 'i'}, ['a'], ['b']),
    ({'$regex': re.compile('A', re.ASCII), '$options': 'i'}, ['a'], ['b']),
    ({'$regex': re.compile('a')}, ['a'], ['b']),
    ({'$regex': re.compile(b'a')}, ['a'], ['b']),
    ({'$regex': r'^\w\d\Z'}, ['a1', 'a1\n'], ['é1', 'a٣']),
    ({'$regex': r'^a\z'}, ['a'], ['a\n']),
    ({'$regex': 'É', '$options': 'i'}, ['é'], ['e']),
    (
        {'$mod': [4, 1]},
        [1, 5, 5.9, Int64(9), Decimal128('5'), [2, 5]],
        [2, '1', NAN, INFINITY, None],
    ),
    ({'$mod': [4, -1]}, [-1, -5], [3, 1]),
    ({'$mod': [-4.9, 1.2]}, [5, 1], [-3]),
    ({'$mod': [2, 0]}, [0], [1e300, ...]),
    ({'$size': 2}, [[1, 2], [[], []]], [[1], [[1, 2]], 2, ..., None]),
    ({'$size': 0.0}, [[]], [..., [1]]),
    ({'$all': [1, 2]}, [[1, 2, 3], [2, 1]], [[1], 1, ...]),
    ({'$all': [1]}, [1, [1]], [2]),
    ({'$all': [[1, 2]]}, [[1, 2], [[1, 2]]], [[1, 2, 3]]),
    ({'$all': [re.compile('^a'), 'b']}, [['ab', 'b']], [['b', 'c']]),
    ({'$all': [None]}, [None, ..., [None]], [1]),
    ({'$all': []}, [], [[], [1], ...]),
    ({'$all': [{'$elemMatch': {'$gt': 1, '$lt': 4}}, {'$elemMatch': {'$gt': 4}}]}, [[2, 5]], [[5]]),
    ({'$elemMatch': {'$gt': 1, '$lt': 4}}, [[0, 2]], [[0, 5], 2, ..., [[2]]]),
    (
        {'$elemMatch': {'x': 1, 'y': 2}},
        [[{'x': 1, 'y': 2}]],
        [[{'x': 1}, {'y': 2}], {'x': 1, 'y': 2}],
    ),
    ({'$elemMatch': {'$or': [{'x': 1}, {'y': 1}]}}, [[{'y': 1}]], [[{'x': 2}], {'x': 1}]),
    ({'$elemMatch': {'$elemMatch': {'$gt': 1}}}, [[[2]]], [[2], [[1]]]),
    ({'$elemMatch': {'0': 1}}, [[[1]], [{'0': 1}]], [[1]]),
    ({'$elemMatch': {}}, [[{}], [[]]], [[], [1], {}]),
    ({'$elemMatch': {'x.$id': 1}}, [[{'x': DBRef('c', 1)}]], [[{'x': 1}]]),
    ({'$elemMatch': {'$size': 1}}, [[[1]]], [[1]]),
    ({'$not': {'$gt': 1}}, [1, ..., 'a', [0]], [2, [0, 2]]),
    ({'$not': {'$gt': 1, '$lt': 3}}, [1, 3, ...], [2]),
    ({'$not': re.compile('^a')}, ['b', 1, ...], ['a', ['b', 'a']]),
    ({'$not': {'$regex': 'A', '$options': 'i'}}, ['b', ...], ['a']),
    ({'$not': {'$elemMatch': {'$gt': 1}}}, [[1], 2, ...], [[2]]),
    (
        {'$bitsAllSet': 5},
        [5, 7, 5.0, Int64(13), -1, b'\5', Decimal128('5')],
        [4, 1.5, NAN, '5', ..., True],
    ),
    ({'$bitsAnySet': 5}, [4, 1, b'\1'], [2, 0, None]),
    ({'$bitsAllClear': 5}, [2, 0, b'', b'\0\7'], [4, 1, 1e300]),
    ({'$bitsAnyClear': [0, 2]}, [4, 0], [5, -1]),
    ({'$bitsAllSet': [1, 70]}, [-1, -2], [2, b'\2']),
    ({'$bitsAnySet': b'\0\1'}, [256, b'\0\1'], [1, b'\1']),
    ({'$bitsAllSet': 0}, [0, 1], ['a', ...]),
]
EVERY = [
    pytest.param(condition, value, expected, id=f'{condition}-{value}')
    for condition, matching, others in CONDITIONS
    for values, expected in [(matching, True), (others, False)]
    for value in values
]


def document_of(value):
    return {} if value is ... else {'a': value}


@pytest.mark.parametrize(('condition', 'value', 'expected'), EVERY)
def test_a_condition_on_a_value(condition, value, expected):
    assert matches({'a': condition}, document_of(value)) is expected


@pytest.mark.parametrize(('condition', 'matching', 'others'), CONDITIONS, ids=str)
def test_the_server_agrees(sync_db, condition, matching, others):
    values = enumerate([*matching, *others])
    sync_db.tried.insert_many({'_id': index, **document_of(value)} for index, value in values)
    found = {each['_id'] for each in sync_db.tried.find({'a': condition})}
    assert found == set(range(len(matching)))


@pytest.mark.parametrize('stored', [KEY, uuid.UUID(int=7)])
def test_a_uuid_is_the_binary_of_its_subtype(stored):
    assert matches({'a': uuid.UUID(int=7), 'b': {'$type': 'binData'}}, {'a': stored, 'b': stored})
    assert not matches({'a': uuid.UUID(int=8)}, {'a': stored})


# Here DocumentDB, the engine that stands in for MongoDB, contradicts itself or MongoDB's manual.
NOT_ON_DOCUMENTDB = [
    ({'$gt': MinKey()}, [...], []),
    ({'$lte': MaxKey()}, [...], []),
    ({'$elemMatch': {'b': {'$gte': None}}}, [[{}], [[]]], [[1]]),
    ({'$elemMatch': {'$all': [{'$elemMatch': {}}]}}, [[[{}]]], [[[1]]]),
    ({'$bitsAllClear': 1}, [], [Decimal128('NaN'), Decimal128('1.5'), Decimal128('1E+30')]),
    ({'$bitsAnySet': 2**40}, [2**40], [1]),
    ({'$bitsAllSet': [0, 0]}, [1], [2]),
]


@pytest.mark.parametrize(('condition', 'matching', 'others'), NOT_ON_DOCUMENTDB, ids=str)
def test_where_the_test_server_is_wrong_mongodb_is_followed(condition, matching, others):
    assert all(matches({'a': condition}, document_of(value)) for value in matching)
    assert not any(matches({'a': condition}, document_of(value)) for value in others)
