"""The prefix notation: operators stand before their operands."""

import copy
import pickle

import pytest

from aiomongodel import Query, domain
from aiomongodel.domain.filters import MAX_DEPTH, MAX_TERMS
from tests.drivers import settled

from .helpers import refusal
from .models import Hotel

A, B, C = ['stars', '=', 1], ['name', '=', 'x'], ['rate', '=', 2]
a, b, c = {'s': 1}, {'n': 'x'}, {'r': 2}


@pytest.mark.parametrize(
    ('terms', 'query'),
    [
        ([], {}),
        ([A], a),
        ([A, B], {**a, **b}),
        ([A, A], {'$and': [a, a]}),
        (['&', A, B], {**a, **b}),
        (['|', A, B], {'$or': [a, b]}),
        (['!', A], {'$nor': [a]}),
        (['!', '!', A], {'$nor': [{'$nor': [a]}]}),
        (['|', '|', A, B, C], {'$or': [a, b, c]}),
        (['|', A, '|', B, C], {'$or': [a, b, c]}),
        ([A, '|', B, C], {**a, '$or': [b, c]}),
        (['|', A, B, C], {'$or': [a, b], **c}),
        (['|', '&', A, B, C], {'$or': [{**a, **b}, c]}),
        (['|', A, '!', B], {'$or': [a, {'$nor': [b]}]}),
        (['!', '|', A, B, C], {'$nor': [{'$or': [a, b]}], **c}),
        (['|', A, B, '|', B, C], {'$and': [{'$or': [a, b]}, {'$or': [b, c]}]}),
        (['!', A, '!', B], {'$and': [{'$nor': [a]}, {'$nor': [b]}]}),
    ],
)
@pytest.mark.parametrize('kind', [list, tuple])
def test_operators_join_what_follows_them(terms, query, kind):
    given = kind(kind(each) if isinstance(each, list) else each for each in terms)
    before = copy.deepcopy(given)
    found = domain.to_query(Hotel, given)
    assert (found, type(found)) == (query, Query)
    assert list(found) == list(query)
    assert given == before


@pytest.mark.parametrize(
    ('terms', 'position', 'words'),
    [
        (['|'], 0, 'two terms, and there is none'),
        (['|', A], 0, 'two terms, and there is 1'),
        ([A, '|', B], 1, 'two terms, and there is 1'),
        ([A, B, '&'], 2, 'two terms, and there is none'),
        (['!'], 0, 'a term, and there is none'),
        ([A, '!'], 1, 'a term, and there is none'),
        (['|', '&', A, B], 0, 'two terms, and there is 1'),
        ([A, 'or', B], 1, "'or' is none of the operators &, |, !"),
        (['stars', '=', 1], 0, "'stars' is none of the operators &, |, !, and a term is a list"),
        ([A, None], 1, 'None is none of the operators'),
        ([{'$where': '1'}], 0, 'is none of the operators'),
        ([[]], 0, 'is no term, a list of three'),
        ([A, ['stars', '=']], 1, 'is no term, a list of three'),
        ([['stars', '=', 1, 2]], 0, 'is no term, a list of three'),
        ([[A]], 0, 'is no term, a list of three'),
        ([['!', A]], 0, 'is no term, a list of three'),
    ],
)
def test_a_filter_that_is_malformed_is_refused_where_it_is(terms, position, words):
    error = refusal(terms)
    assert error.path == (position,)
    assert words in str(error)


@pytest.mark.parametrize('terms', [None, 'stars', {'stars': 1}, 5, {1}, object(), b'x'])
def test_a_filter_is_a_list(terms):
    error = refusal(terms)
    assert error.path == ()
    assert "a filter is a list of terms, such as [['age', '>', 18]]" in str(error)


def test_the_first_wrong_term_is_told():
    assert refusal(['|', A, ['x', '=', 1], ['y', '=', 1]]).path == (2, 'field')


@pytest.mark.parametrize('terms', [['|'] * 499 + [A] * 500, ['|', A] * 499 + [A]])
def test_long_chains_are_flat(terms):
    query = domain.to_query(Hotel, terms)
    assert query == {'$or': [a] * 500}


@pytest.mark.parametrize(
    'terms', [['!'] * 10_000 + [A], [A] * (MAX_TERMS + 1), ['|'] * 10**6], ids=['!', '', '|']
)
def test_a_filter_that_is_too_long_is_refused(terms):
    error = refusal(terms)
    assert (error.path, str(error)) == ((), 'a filter has at most 1,000 terms and operators')


DEEP = {
    'not': lambda depth: ['!'] * depth + [['stars', 'in', [1]]],
    'and in or': lambda depth: ['|', A, '&', A] * (depth // 2) + [['stars', 'in', [1]]],
}


@pytest.mark.parametrize('nested', DEEP.values(), ids=DEEP)
def test_operators_nest_as_deeply_as_the_server_takes_them(nested, sync_db):
    terms = [*nested(MAX_DEPTH), ['rate', 'in', [1]], ['stars', '=', 1], ['rate', '=', 1]]
    query = domain.to_query(Hotel, terms)
    assert list(sync_db.hotels.find({'$and': [{}, query]})) == []
    error = refusal(nested(MAX_DEPTH + 2))
    assert 'more than 40 operators stand within each other' in str(error)


def test_a_filter_of_the_greatest_length_is_taken_by_the_server(sync_db):
    terms = [['rooms.price', '>', str(number)] for number in range(MAX_TERMS)]
    query = domain.to_query(Hotel, terms)
    assert len(query['$and']) == MAX_TERMS
    assert list(sync_db.hotels.find(dict(query))) == []


def test_an_error_survives_pickling():
    error = pickle.loads(pickle.dumps(refusal([['x', '=', 1]])))
    assert error.path == (0, 'field')
    assert str(error).startswith("at term 0: Hotel has no field 'x'")


async def test_what_is_found_is_what_was_asked_for(any_db):
    for number, name in enumerate(['Ritz', 'Savoy', 'Joy']):
        await settled(Hotel.q(any_db).create(name=name, stars=number, tags=[name[0]]))
    terms = [['stars', '<', '2'], '|', ['name', 'ilike', '%OY'], ['tags', 'in', ['J']]]
    found = await settled(Hotel.q(any_db).find(domain.to_query(Hotel, terms)).to_list())
    assert [hotel.name for hotel in found] == ['Savoy']
