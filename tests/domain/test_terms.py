"""A term: a field, an operator and a value, converted as the field stores it."""

import enum
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId
from bson.codec_options import CodecOptions, TypeEncoder, TypeRegistry

from aiomongodel import AnyField, Document, domain

from .helpers import refusal
from .models import Hotel

OPERATORS = {
    '=': 4,
    '!=': {'$ne': 4},
    '>': {'$gt': 4},
    '>=': {'$gte': 4},
    '<': {'$lt': 4},
    '<=': {'$lte': 4},
}
ID = '65df1f77bcf86cd799439011'


class Kind(enum.StrEnum):
    INN = 'inn'


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize('operator', OPERATORS)
@pytest.mark.parametrize('value', [4, '4', 4.0])
def test_an_operator_compares_with_the_value_as_it_is_stored(operator, value):
    query = domain.to_query(Hotel, [['stars', operator, value]])
    assert query == {'s': OPERATORS[operator]}
    assert '4.0' not in str(query)


@pytest.mark.parametrize(('operator', 'stored'), [('in', '$in'), ('not in', '$nin')])
def test_an_operator_of_lists_converts_each_value(operator, stored):
    terms = json.loads(f'[["stars", "{operator}", ["1", 2, null]]]')
    assert domain.to_query(Hotel, terms) == {'s': {stored: [1, 2, None]}}
    assert domain.to_query(Hotel, [('stars', operator, ())]) == {'s': {stored: []}}


@pytest.mark.parametrize(
    ('name', 'given', 'stored'),
    [
        ('name', 5, '5'),
        ('name', Kind.INN, 'inn'),
        ('stars', '4', 4),
        ('stars', 4.5, 4.5),
        ('rate', '4.5', 4.5),
        ('price', '9.50', Decimal128('9.50')),
        ('price', 9.5, Decimal128('9.5')),
        ('price', Decimal('9.50'), Decimal128('9.50')),
        ('is_open', 'true', True),
        ('is_open', 'no', False),
        ('built', '2024-02-29', datetime(2024, 2, 29)),
        ('built', '2024-02-29T12:00:00', datetime(2024, 2, 29, 12)),
        ('built', '2024-02-29T12:00:00Z', datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ('built', '2024-02-29T14:00:00+02:00', datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ('built', datetime(2024, 2, 29), datetime(2024, 2, 29)),
        ('_id', ID, ObjectId(ID)),
        ('chain', ID, ObjectId(ID)),
        ('tags', 5, '5'),
        ('marks', '5', 5),
        ('dates', '2024-02-29', datetime(2024, 2, 29)),
        ('city', 5, '5'),
        ('cities', 5, '5'),
        ('epoch', '2024-02-29', datetime(2024, 2, 29)),
        ('anything', '5', '5'),
        ('anything', 5, 5),
    ],
)
def test_a_value_is_converted_as_the_field_stores_it(name, given, stored):
    (found,) = domain.to_query(Hotel, [(name, '=', given)]).values()
    assert (found, type(found)) == (stored, type(stored))
    (found,) = domain.to_query(Hotel, [(name, 'in', [given])]).values()
    assert (found['$in'], type(found['$in'][0])) == ([stored], type(stored))


@pytest.mark.parametrize(
    ('name', 'given'),
    [
        ('stars', 'many'),
        ('stars', '4.5'),
        pytest.param('stars', 10**5000, id='huge int'),
        ('rate', 'x'),
        ('price', '1e9999'),
        ('is_open', 'maybe'),
        ('built', 'yesterday'),
        ('built', 20240229),
        ('built', '0001-01-01T00:00:00+14:00'),
        ('epoch', 'yesterday'),
        ('_id', 'x'),
        ('name', '\ud800'),
        ('anything', '\ud800'),
        ('anything', 2**64),
        ('anything', Decimal(1)),
        ('city', '\ud800'),
    ],
)
def test_a_value_that_the_field_cannot_store_is_refused(name, given):
    for operator, value in [('=', given), ('<', given), ('not in', [given])]:
        error = refusal([['stars', '=', 1], [name, operator, value]])
        assert error.path == (1, 'value')


class DecimalEncoder(TypeEncoder):
    python_type = Decimal

    def transform_python(self, value):
        return Decimal128(value)


def test_a_value_that_the_codec_options_of_the_class_can_store_is_taken():
    class Log(Document):
        payload = AnyField()

        class Meta:
            codec_options = CodecOptions(type_registry=TypeRegistry([DecimalEncoder()]))

    query = domain.to_query(Log, [['payload', '=', Decimal(1)]])
    assert query == {'payload': Decimal(1)}


@pytest.mark.parametrize('name', ['stars', 'tags', 'anything', 'address', 'rooms', 'city'])
def test_null_stands_for_what_is_unset_too(name):
    path = getattr(Hotel, name).s
    assert domain.to_query(Hotel, [[name, '=', None]]) == {path: None}
    assert domain.to_query(Hotel, [[name, '!=', None]]) == {path: {'$ne': None}}
    assert domain.to_query(Hotel, [[name, 'in', [None]]]) == {path: {'$in': [None]}}


@pytest.mark.parametrize('operator', ['>', '>=', '<', '<=', 'like', 'ilike'])
def test_null_has_no_order(operator):
    error = refusal([['name', operator, None]])
    assert error.path == (0, 'value')
    if 'like' not in operator:
        assert 'null goes with =, !=, in, not in' in str(error)


@pytest.mark.parametrize('value', [{'$gt': ''}, {}, [1], [], (1,), {1}, b'x', object(), print])
def test_only_single_values_are_taken(value):
    for name in ['name', 'stars', 'tags', 'address', 'rooms', 'city', 'anything']:
        for operator, given in [('=', value), ('!=', value), ('>', value), ('in', [value])]:
            error = refusal([[name, operator, given]])
            assert error.path == (0, 'value')
            assert 'is not a single value' in str(error)


@pytest.mark.parametrize('value', ['x', 1, {'a': 1}, None, b'x', {1}])
def test_an_operator_of_lists_takes_a_list(value):
    error = refusal([['stars', 'in', value]])
    assert error.path == (0, 'value')
    assert "'in' takes a list of values" in str(error)


@pytest.mark.parametrize('name', ['address', 'rooms', 'rooms.inner'])
def test_embedded_documents_are_compared_with_null_alone(name):
    error = refusal([[name, '=', 'x']])
    assert 'compared with null alone' in str(error)


@pytest.mark.parametrize('operator', ['==', '$gt', 'IN', '', '<>', '&', None, 5, ['='], {}])
def test_an_unknown_operator_is_refused(operator):
    error = refusal([['stars', operator, 1]])
    assert error.path == (0, 'operator')
    assert '=, !=, >, >=, <, <=, in, not in, like, ilike' in str(error)


@pytest.mark.parametrize('kind', [Text, str])
def test_subclasses_of_str_count_as_text(kind):
    terms = [kind('!'), [kind('name'), kind('='), kind('Ritz')]]
    query = domain.to_query(Hotel, terms)
    assert query == {'$nor': [{'n': 'Ritz'}]}
    assert type(query['$nor'][0]['n']) is str


def test_many_values_and_long_queries_are_refused():
    assert 'at most 10,000 values' in str(refusal([['stars', 'in', [1] * 10_001]]))
    assert 'longer than 1,048,576 bytes' in str(refusal([['name', '=', 'x' * 2**20]]))
    long = ['name', '=', 'x' * 2**16]
    assert refusal([long] * 20).path == (15,)
