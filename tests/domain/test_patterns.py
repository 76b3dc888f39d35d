"""Patterns of `like` and `ilike`: SQL's, and none that takes long."""

import time

import pytest

from aiomongodel import Document, Field, domain

from .helpers import refusal
from .models import Hotel

TEXTS = ['', 'a', 'ab', 'ba', 'abab', 'a%b', 'A_b', 'a.b', 'a\nb', 'b\n', 'a\\b', 'xaxbx', 'aXb']
LIKE = {
    'a%': ['a', 'ab', 'abab', 'a%b', 'a.b', 'a\nb', 'a\\b', 'aXb'],
    '%b': ['ab', 'abab', 'a%b', 'A_b', 'a.b', 'a\nb', 'a\\b', 'aXb'],
    'a%b': ['ab', 'abab', 'a%b', 'a.b', 'a\nb', 'a\\b', 'aXb'],
    'a_b': ['a%b', 'a.b', 'a\nb', 'a\\b', 'aXb'],
    'a%b%a%b': ['abab'],
    '%a%b%': ['ab', 'abab', 'a%b', 'a.b', 'a\nb', 'a\\b', 'xaxbx', 'aXb'],
    '%a%%%b_': ['xaxbx'],
    '%': TEXTS,
    '%%%': TEXTS,
    '': [''],
    '_': ['a'],
    'a.b': ['a.b'],
    r'a\%b': ['a%b'],
    r'%\_%': ['A_b'],
    r'a\\b': ['a\\b'],
    r'a\%%%%': ['a%b'],
    'b_': ['ba', 'b\n'],
    'b': [],
}


@pytest.fixture
def hotels(sync_db):
    Hotel.q(sync_db).insert_many([Hotel(name=text).to_mongo() for text in TEXTS])
    return sync_db


def found_by(terms, hotels):
    """Give the names that the server finds, which are those that are found in memory."""
    query = domain.to_query(Hotel, terms)
    names = {hotel['n'] for hotel in hotels['hotel'].find(dict(query))}
    assert names == {text for text in TEXTS if query.matches(Hotel(name=text))}
    return names


@pytest.mark.parametrize('pattern', LIKE)
def test_a_pattern_finds_what_sql_would_find(pattern, hotels):
    assert found_by([['name', 'like', pattern]], hotels) == set(LIKE[pattern])
    assert found_by([['name', 'like', pattern]], hotels) == {
        text for text in TEXTS if Hotel.name.like(pattern).matches(Hotel(name=text))
    }


@pytest.mark.parametrize('pattern', ['A_B', 'a_b'])
def test_ilike_takes_any_case(pattern, hotels):
    expected = {*LIKE['a_b'], 'A_b'}
    assert found_by([['name', 'ilike', pattern]], hotels) == expected


@pytest.mark.parametrize('name', ['name', 'email', 'tags', 'rooms.labels', 'anything', 'title'])
def test_fields_of_text_have_patterns(name):
    (condition,) = domain.to_query(Hotel, [[name, 'like', 'a%']]).values()
    assert condition == {'$regex': '^a'}


def test_a_field_of_your_own_has_patterns_where_its_type_is_str():
    class Page(Document):
        slug = Field(field_type=str)

    assert domain.to_query(Page, [['slug', 'like', '%a']]) == {'slug': {'$regex': r'a$(?!\n)'}}


@pytest.mark.parametrize(
    'name', ['stars', 'price', 'is_open', 'built', '_id', 'marks', 'address', 'rooms', 'city']
)
@pytest.mark.parametrize('operator', ['like', 'ilike'])
def test_other_fields_have_none(name, operator):
    error = refusal([[name, operator, 'a%']])
    assert error.path == (0, 'operator')
    assert f"'{operator}' is for fields of text" in str(error)


@pytest.mark.parametrize('pattern', [5, None, ['a'], {'$regex': 'a'}, True, 'a\0', '\ud800'])
def test_a_pattern_is_text(pattern):
    assert refusal([['name', 'like', pattern]]).path == (0, 'value')


def test_a_pattern_has_a_greatest_length():
    domain.to_query(Hotel, [['name', 'like', 'a' * 1000]])
    error = refusal([['name', 'like', 'a' * 1001]])
    assert 'at most 1,000 characters, not 1,001' in str(error)


@pytest.mark.parametrize(
    'pattern',
    [
        *['%a' * 499 + '%b', '%a' * 20 + '%b%', 'a%' * 499 + 'b', '%_' * 400 + 'b'],
        *['%' * 999 + 'b', '%' + 'a' * 900 + 'b%', '%_a' * 300 + 'b'],
    ],
    ids=lambda pattern: f'{pattern[:4]}…{pattern[-3:]}',
)
def test_no_pattern_takes_long(pattern, sync_db):
    hotel = Hotel(name='a' * 20_000)
    Hotel.q(sync_db).insert_one(hotel.to_mongo())
    query = domain.to_query(Hotel, [['name', 'ilike', pattern]])
    started = time.perf_counter()
    assert not query.matches(hotel)
    assert list(Hotel.q(sync_db).find(query).max_time_ms(5_000)) == []
    assert time.perf_counter() - started < 2
