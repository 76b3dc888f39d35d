"""What cannot be tried is refused with the operator, the value and what would have been right."""

import decimal
import re
from datetime import date

import pytest
from bson import Regex

from aiomongodel import QueryError
from aiomongodel.matching import matches, predicate

MALFORMED = [
    (3, 'a query is a mapping, not 3'),
    ([('a', 1)], "a query is a mapping, not [('a', 1)]"),
    ({1: 2}, 'the name of a field is a str, not 1'),
    ({'$and': 3}, '$and takes a list of one query or more, not 3'),
    ({'$or': []}, '$or takes a list of one query or more, not []'),
    ({'$nor': [{}, 1]}, '$nor takes queries in its list, not 1'),
    ({'$gt': 1}, '$gt, with 1, belongs in the condition of a field'),
    ({'a': {'$and': [{}]}}, "'a': $and, with [{}], belongs at the top of a query"),
    ({'a': {'$gt': 1, 'b': 2}}, "'a': 'b' stands among operators, with 2; to compare with"),
    ({'a': {'$gt': 1, 3: 2}}, "'a': 3 stands among operators, with 2"),
    ({'a': {'$in': 1}}, "'a': $in takes a list, not 1"),
    ({'a': {'$nin': {'b': 1}}}, "'a': $nin takes a list, not {'b': 1}"),
    ({'a': {'$in': [{'$gt': 1}]}}, "'a': $in takes values and patterns in its list"),
    ({'a': {'$ne': re.compile('x')}}, "'a': $ne takes a value, and a pattern in $not"),
    ({'a': {'$gt': Regex('x')}}, "'a': $gt takes a value that has an order, not Regex('x', 0)"),
    ({'a': {'$type': 'foo'}}, "'a': $type takes the alias or the number of a BSON type"),
    ({'a': {'$type': True}}, "'a': $type takes the alias or the number of a BSON type"),
    ({'a': {'$type': [1, 99]}}, 'or a list of them, not 99'),
    ({'a': {'$type': []}}, "'a': $type takes at least one type, not []"),
    ({'a': {'$type': [[1]]}}, 'or a list of them, not [1]'),
    ({'a': {'$regex': 1}}, "'a': $regex takes a str or a pattern, not 1"),
    ({'a': {'$regex': '('}}, "'a': $regex takes a pattern that Python can read, not '('"),
    ({'a': {'$regex': '(?u)a'}}, "not '(?u)a' (ASCII and UNICODE flags are incompatible)"),
    ({'a': {'$in': [Regex('[')]}}, 'Python can read'),
    (
        {'a': {'$options': 'i'}},
        "'a': $options, with 'i', takes a str in $regex beside it, not None",
    ),
    ({'a': {'$regex': 'a', '$options': 'q'}}, "'a': $options takes letters of 'imsux', not 'q'"),
    ({'a': {'$regex': 'a', '$options': 1}}, "'a': $options takes letters of 'imsux', not 1"),
    (
        {'a': {'$regex': Regex('a', 'i'), '$options': 'm'}},
        'stands beside a pattern with flags of its own',
    ),
    ({'a': {'$regex': re.compile('a'), '$options': ''}}, 'with flags of its own'),
    ({'a': {'$regex': 'a{9999999999999}'}}, 'Python can read'),
    ({'a': {'$mod': [0, 1]}}, "'a': $mod takes a list of a divisor other than 0 and a remainder"),
    ({'a': {'$mod': [2]}}, 'and a remainder, not [2]'),
    ({'a': {'$mod': ['x', 1]}}, "and a remainder, not ['x', 1]"),
    ({'a': {'$mod': [float('inf'), 1]}}, 'and a remainder, not [inf, 1]'),
    ({'a': {'$mod': 2}}, 'and a remainder, not 2'),
    ({'a': {'$size': -1}}, "'a': $size takes a number of items, not -1"),
    ({'a': {'$size': 1.5}}, "'a': $size takes a number of items, not 1.5"),
    ({'a': {'$size': True}}, "'a': $size takes a number of items, not True"),
    ({'a': {'$all': 1}}, "'a': $all takes a list, not 1"),
    ({'a': {'$all': [{'$elemMatch': {}}, 1]}}, "'a': $all takes either values or $elemMatch"),
    ({'a': {'$all': [{'$gt': 1}]}}, "'a': $all takes either values or $elemMatch, in all of"),
    ({'a': {'$elemMatch': 1}}, "'a': $elemMatch takes a query or operators, not 1"),
    (
        {'a': {'$elemMatch': {'b': {'$size': []}}}},
        "'a': 'b': $size takes a number of items, not []",
    ),
    ({'a': {'$not': 1}}, "'a': $not takes operators or a pattern, not 1"),
    ({'a': {'$not': {}}}, "'a': $not takes operators or a pattern, not {}"),
    ({'a': {'$not': {'b': 1}}}, "'a': 'b' stands among operators"),
    ({'a': {'$bitsAllSet': -1}}, "'a': $bitsAllSet takes a mask or a list of positions"),
    ({'a': {'$bitsAnySet': [0, -1]}}, 'in whole numbers from 0, not [0, -1]'),
    ({'a': {'$bitsAllClear': 'x'}}, "in whole numbers from 0, not 'x'"),
    ({'a': {'$bitsAnyClear': 1.5}}, 'in whole numbers from 0, not 1.5'),
    (
        {'a': {'$gt': {1, 2}}},
        "'a': $gt cannot take {1, 2}: {1, 2} is of type set, which BSON lacks",
    ),
    ({'a': date(2020, 1, 1)}, "'a': $eq cannot take datetime.date(2020, 1, 1)"),
    ({'a': {'$in': [object]}}, 'is of type type, which BSON lacks'),
    (
        {'a': {'b': {1: 2}}},
        "'a': $eq cannot take {'b': {1: 2}}: the names in a document are of type",
    ),
    ({'a': {'$exists': {1}}}, "'a': $exists cannot take {1}"),
]
FOR_THE_SERVER = [
    *[{each: {}} for each in ['$text', '$expr', '$where', '$jsonSchema', '$sampleRate', '$foo']],
    *[{'a': {each: {}}} for each in ['$near', '$nearSphere', '$geoWithin', '$geoIntersects']],
    *[{'a': {'$not': {'$near': {}}}}, {'a': {'$elemMatch': {'$where': {}}}}, {'a': {'$foo': {}}}],
]


@pytest.mark.parametrize(('query', 'message'), MALFORMED, ids=str)
def test_a_malformed_query_is_refused(query, message):
    with pytest.raises(QueryError) as caught:
        predicate(query)
    assert message in str(caught.value)


@pytest.mark.parametrize('query', FOR_THE_SERVER, ids=str)
def test_what_the_server_alone_can_try_is_refused(query):
    name = re.findall(r'\$\w+', str(query))[-1]
    with pytest.raises(QueryError) as caught:
        predicate(query)
    assert f'{name}, with {{}}, cannot be tried on a document in memory; ask the server' in str(
        caught.value
    )


def test_a_query_is_refused_whatever_the_document_holds():
    query = {'missing': 1, 'a': {'$in': 1}}
    with pytest.raises(QueryError):
        matches(query, {})


def deep(key, levels=100_000):
    value = {}
    for _ in range(levels):
        value = {key: [value] if key.startswith('$') else value}
    return value


def endless():
    value = {}
    value['a'] = [value, value]
    return value


DEEP = {'and': deep('$and'), 'value': deep('a'), 'not': {'a': deep('$not')}, 'endless': endless()}


@pytest.mark.parametrize('query', DEEP.values(), ids=DEEP)
def test_a_query_that_nests_too_deeply_is_refused(query):
    with pytest.raises(QueryError):
        predicate(query)


@pytest.mark.parametrize('query', [{'a': {'$gt': {}}}, {'a': {'$in': [1]}}], ids=str)
@pytest.mark.parametrize('document', [DEEP['value'], DEEP['endless']], ids=['deep', 'endless'])
def test_a_document_that_nests_too_deeply_is_refused(query, document):
    with pytest.raises(QueryError, match='nested too deeply'):
        matches(query, document)


def test_a_query_of_as_many_levels_as_the_server_takes_is_tried():
    assert matches(deep('$and', 90), {})
    assert matches({'a': deep('a', 90)}, {'a': deep('a', 90)})
    assert matches({'.'.join('a' * 90): {}}, deep('a', 90))


@pytest.mark.parametrize('stored', [None, 3, [], 'a'])
def test_what_is_no_document_is_refused(stored):
    with pytest.raises(QueryError, match='a stored document is a mapping, not'):
        matches({}, stored)


def test_a_stored_value_that_bson_lacks_is_refused():
    with pytest.raises(QueryError, match='of type set, which BSON lacks'):
        matches({'a': 1}, {'a': {1}})


def test_a_context_that_forbids_decimals_of_floats_does_not_matter():
    with decimal.localcontext() as context:
        context.traps[decimal.FloatOperation] = True
        context.prec = 1
        assert matches({'a': {'$gt': decimal.Decimal('1.25')}}, {'a': 1.3})
