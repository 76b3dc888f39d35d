"""Whatever is given makes a query of the model's fields, or a DomainError.

`HYPOTHESIS_EXAMPLES=20000` makes it a long run.
"""

import contextlib
import copy
import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal

import bson
import pytest
from bson import Decimal128, ObjectId
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from aiomongodel import domain
from aiomongodel.errors import DomainError
from tests.properties.hostile import HOSTILE

from . import oracle
from .models import Hotel

fuzzed = settings(
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '150')),
    deadline=None,
    database=None,
    derandomize='CI' in os.environ,
    suppress_health_check=list(HealthCheck),
)

# Whatever it is.

PATHS = re.compile(
    r'_id|n|email|s|r|p|o|b|chain|t|marks|dates|a|a\.[cf]|rs|rs(\.i)*\.([pli]|beds)|city|cities'
    r'|epoch|x'
)
OPERATORS = {'$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$regex', '$options'}
SINGLE = {str, int, float, bool, type(None), datetime, ObjectId, Decimal128}


def require_known(query):
    """Require a query of the model's fields, and of the operators of filters, alone."""
    queries = [query]
    while queries:
        for key, condition in queries.pop().items():
            if key in {'$and', '$or', '$nor'}:
                assert condition
                queries += condition
            else:
                assert PATHS.fullmatch(key), key
                require_plain(condition)


def require_plain(condition):
    if type(condition) is not dict:
        condition = {'$ne': condition}
    assert condition.keys() <= OPERATORS
    for key, value in condition.items():
        values = value if key in {'$in', '$nin'} else [value]
        assert {type(each) for each in values} <= SINGLE


class Masked:
    """It says that it is of another class."""

    def __init__(self, kind):
        self.kind = kind

    @property
    def __class__(self):
        return self.kind


def subclass(value, **methods):
    """Give a value of a subclass that lies about itself, or breaks."""
    return type('Lying', (type(value),), {**methods, '__slots__': ()})(value)


def broken(*_):
    raise RuntimeError('leave me alone')


TRICKS = [
    *(lambda kind=kind: Masked(kind) for kind in (str, int, list, tuple, dict, datetime, ObjectId)),
    lambda: subclass('name', __eq__=broken, __hash__=broken, __str__=broken, __repr__=broken),
    lambda: subclass('$where', __str__=lambda _: 'name', __class__=dict),
    lambda: subclass(5, __class__=dict, __repr__=broken, __eq__=broken, __int__=broken),
    lambda: subclass(0.5, __class__=dict, is_integer=broken, __float__=broken),
    lambda: subclass(['name', '=', 1], __len__=lambda _: 3, __iter__=broken),
    lambda: subclass(['name', '=', 1], __iter__=lambda _: iter(['$where', '=', '1'])),
    lambda: subclass(('name', '=', 1), __iter__=lambda _: iter(int, 1)),
    lambda: subclass({'$gt': ''}, __class__=str),
    lambda: subclass(Decimal(1), is_finite=broken, __repr__=broken),
]
NAMES = st.sampled_from(
    [
        *Hotel.meta.fields,
        *['title', 'address.city', 'rooms.price', 'rooms.labels', 'rooms.inner.inner.beds'],
        *['n', 's', 'a.c', 'rooms.$', 'rooms.0', 'rooms.0.price', '', '.', 'a..b', 'city._id'],
        *[
            '__class__',
            '__dict__',
            'meta',
            '$where',
            '$expr',
            '$or',
            '$',
            'name.$gt',
            '\0',
            '\ud800',
        ],
        *['address.__class__', 'name.s', 'rooms' + '.inner' * 150, 'rooms.inner.labels.x'],
    ]
)
SYMBOLS = st.sampled_from(
    ['=', '!=', '>', '>=', '<', '<=', 'in', 'not in', 'like', 'ilike', '==', '$gt', '$where', '']
)
JOINING = st.sampled_from(['&', '|', '!', '&&', 'or', '$or'])
TEXTS = st.sampled_from(
    [
        *['', '5', '-1', '1.5', 'nan', 'inf', '1e400', 'true', 'no', '2024-02-29', 'null', '{}'],
        *['2024-02-29T12:00:00.5+02:00', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59'],
        *[
            '65df1f77bcf86cd799439011',
            '{"$gt": ""}',
            '$gt',
            '%',
            '%a%%_b\\',
            '\\',
            '\\%',
            '(',
            '[',
            '.*',
        ],
        *['%a' * 300, 'a' * 2000, '\0', '\ud800', '١٢', '9' * 5000, '1' * 35, '0.' + '1' * 40],
    ]
) | st.text(max_size=6)
SINGLES = (
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([2**63 - 1, 2**63, -(2**63), 1e300, 0.5, -0.0])
    | st.builds(lambda: 10**5000)
    | st.floats()
)
OPERATOR_DICTS = st.dictionaries(
    st.sampled_from(['$gt', '$ne', '$regex', '$where', '$in', '$exists', 'city', '_id', '']),
    SINGLES,
)
ODD = (
    st.sampled_from(TRICKS).map(lambda make: make())
    | st.sampled_from(sorted(HOSTILE)).map(lambda name: HOSTILE[name]())
    | st.sampled_from([Decimal('sNaN'), Decimal('1E+7000'), ObjectId(), datetime.max, b'x', {1}])
    | OPERATOR_DICTS
)
PLAIN = SINGLES | NAMES | SYMBOLS | JOINING


def nested(inner):
    return (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3)
    )


ANYTHING = st.recursive(PLAIN | ODD, nested, max_leaves=8)
VALUES = SINGLES | st.lists(SINGLES, max_size=3) | ODD | ANYTHING
NEARLY_TERMS = st.tuples(NAMES, SYMBOLS, VALUES) | st.tuples(NAMES, SYMBOLS, SINGLES).map(list)
NEARLY = st.lists(NEARLY_TERMS | JOINING | ANYTHING, max_size=5)
MISSHAPEN = st.lists(NEARLY_TERMS | JOINING, max_size=3).flatmap(
    lambda items: st.permutations([*items, '!', '|', ['stars', '=', 1], ['name', 'in', ['x']]])
)
LONG = st.tuples(NEARLY, st.sampled_from([30, 45, 600, 10_000])).map(lambda pair: pair[0] * pair[1])
JSON = st.recursive(PLAIN, nested, max_leaves=8).map(lambda value: through_json(value))
ALLOWABLE = {'name': 'n', 'stars': 's', 'address': 'a', 'rooms': 'rs', 'rooms.price': 'rs.p'}
ALLOWED = st.none() | st.sets(st.sampled_from(sorted(ALLOWABLE)))


def through_json(value):
    """Give a value as a request would bring it, or as it is where none could."""
    with contextlib.suppress(Exception):
        return json.loads(json.dumps(value))
    return value


def answered(terms, **options):
    """Give the query, or the error."""
    try:
        return domain.to_query(Hotel, terms, **options)
    except DomainError as error:
        return error


PLACES = {
    'filter': lambda trick: trick,
    'term': lambda trick: [trick],
    'operator between': lambda trick: [trick, ['stars', '=', 1]],
    'name': lambda trick: [[trick, '=', 1]],
    'operator': lambda trick: [['stars', trick, 1]],
    'value': lambda trick: [['anything', '=', trick]],
    'values': lambda trick: [['anything', 'in', trick]],
    'one of the values': lambda trick: [['anything', 'in', [trick]]],
    'pattern': lambda trick: [['name', 'like', trick]],
}


@pytest.mark.parametrize('place', PLACES)
def test_what_lies_about_itself_is_a_query_or_refused(place):
    tricks = [make() for make in (*TRICKS, *HOSTILE.values())]
    answers = [answered(PLACES[place](trick)) for trick in tricks]
    for answer in answers:
        if isinstance(answer, DomainError):
            assert len(str(answer)) < 1_000
        else:
            require_known(answer)


@fuzzed
@given(terms=NEARLY | MISSHAPEN | ANYTHING | LONG | JSON)
def test_whatever_is_given_is_a_query_or_refused(terms, sync_db):
    answer = answered(terms)
    event(type(answer).__name__)
    if isinstance(answer, DomainError):
        assert len(str(answer)) < 1_000
        assert not answer.path or answer.path[0] in range(1_000)
    else:
        require_known(answer)
        list(sync_db.hotel.find(dict(answer)).limit(1))


@fuzzed
@given(term=NEARLY_TERMS, allowed=ALLOWED)
def test_whatever_one_term_is_it_is_a_query_or_refused(term, allowed, sync_db):
    answer = answered([term], allowed=allowed)
    event(type(answer).__name__)
    if isinstance(answer, DomainError):
        assert answer.path[0] == 0
    else:
        require_known(answer)
        assert allowed is None or set(answer) <= {ALLOWABLE[name] for name in allowed}
        list(sync_db.hotel.find(dict(answer)).limit(1))


# What is found.


def pairs(values, *writings):
    """Give what is given, with what it means: the value itself, or a writing of it."""
    written = [(lambda value: value), *writings]
    return st.tuples(st.sampled_from(values), st.sampled_from(written)).map(
        lambda pair: (pair[1](pair[0]), pair[0])
    )


def zulu(value):
    return f'{value.isoformat()}Z'


def aware(value):
    return value.replace(tzinfo=UTC)


WORDS = ['Ritz', 'ritz', 'a.b_c', '', 'spa', 'Spa', 'Oslo', 'Rome', 'B', 'aa', 'ab\nab', '$gt', 'x']
INTS = [5, 0, 2**40, -3, 1, 7, 2, 3, 10**6]
TEXT = pairs(WORDS)
NUMBER = pairs(INTS, str, float, Decimal)
FLOAT = pairs([4.5, -1.0, 0.1, float('inf'), 2.0], str)
DECIMAL = pairs([Decimal('9.5'), Decimal(0), Decimal('1.5'), Decimal(7), Decimal('-0.1')], str)
DATE = pairs(oracle.DAYS, datetime.isoformat, zulu, aware)
FIELDS = {
    **dict.fromkeys(['name', 'title', 'email', 'tags', 'address.city', 'rooms.labels'], TEXT),
    **dict.fromkeys(['city', 'cities'], TEXT),
    **dict.fromkeys(['stars', 'marks', 'address.floor', 'rooms.beds'], NUMBER),
    'rooms.inner.inner.beds': NUMBER,
    'rate': FLOAT,
    **dict.fromkeys(['price', 'rooms.price', 'rooms.inner.price'], DECIMAL),
    'is_open': pairs([True, False], str, lambda value: 'yes' if value else 'OFF'),
    **dict.fromkeys(['built', 'dates', 'epoch'], DATE),
    **dict.fromkeys(['_id', 'chain'], pairs(oracle.IDS, str)),
    'anything': TEXT | pairs([5, 7, True, 'Text', 'a']),
}
NULLABLE = [*FIELDS, 'address', 'rooms', 'rooms.inner']
OF_TEXT = ['name', 'title', 'tags', 'address.city', 'rooms.labels', 'anything', 'email']
PATTERN = st.lists(
    st.tuples(st.sampled_from('%_'), st.just(True))
    | st.tuples(st.sampled_from('abRizSpaOslx%_.\\\n$'), st.just(False)),
    max_size=7,
)


def written(pattern):
    escaped = {'%': r'\%', '_': r'\_', '\\': r'\\'}
    return ''.join(each if wild else escaped.get(each, each) for each, wild in pattern)


@st.composite
def conditions(draw):
    """Give a term with what its value means."""
    kind = draw(st.sampled_from(['one', 'one', 'some', 'null', 'like']))
    if kind == 'like':
        name, pattern = draw(st.sampled_from(OF_TEXT)), draw(PATTERN)
        return name, draw(st.sampled_from(['like', 'ilike'])), written(pattern), pattern
    if kind == 'null':
        return draw(st.sampled_from(NULLABLE)), draw(st.sampled_from(['=', '!='])), None, None
    name = draw(st.sampled_from(sorted(FIELDS)))
    if kind == 'one':
        symbols = ['=', '!=', '>', '>=', '<', '<=']
        return name, draw(st.sampled_from(symbols)), *draw(FIELDS[name])
    members = draw(st.lists(FIELDS[name] | st.just((None, None)), max_size=3))
    symbol = draw(st.sampled_from(['in', 'not in']))
    return name, symbol, [each[0] for each in members], [each[1] for each in members]


TREES = st.recursive(
    conditions(),
    lambda inner: st.tuples(st.sampled_from('&|'), inner, inner) | st.tuples(st.just('!'), inner),
    max_leaves=6,
)


@pytest.fixture
def hotels(sync_db):
    """The hotels of the oracle, stored."""
    hotels = [
        Hotel(**{'_id': _id, **hotel}) for _id, hotel in zip(oracle.IDS, oracle.HOTELS, strict=True)
    ]
    sync_db.hotel.insert_many([hotel.to_mongo() for hotel in hotels])
    return hotels


@fuzzed
@given(trees=st.lists(TREES, max_size=3))
def test_a_filter_finds_what_it_means(trees, hotels, sync_db):
    terms = [item for tree in trees for item in oracle.terms_of(tree)]
    before = copy.deepcopy(terms)
    query = domain.to_query(Hotel, terms)
    require_known(query)
    assert terms == before
    known = [{**hotel, '_id': _id} for _id, hotel in zip(oracle.IDS, oracle.HOTELS, strict=True)]
    expected = {
        hotel['_id']
        for hotel in known
        if all(oracle.matching(tree, {**hotel, 'title': hotel.get('name')}) for tree in trees)
    }
    assert {hotel._id for hotel in hotels if query.matches(hotel)} == expected
    assert {each['_id'] for each in sync_db.hotel.find(dict(query), {'_id': 1})} == expected
    assert len(bson.encode(query)) < 16_000
