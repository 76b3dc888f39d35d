"""Identifiers that follow from values: the same for the same, others for others."""

import collections
import enum
import hashlib
import math
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import combinations
from uuid import UUID

import pytest
from bson import SON, Binary, Decimal128, Int64, ObjectId
from hypothesis import example, given
from hypothesis import strategies as st

from aiomongodel import generate_id

ZONES = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, '1', 1.0, b'1', Decimal(1), Decimal('1.00'), -0.0, '', b'', 'i1:1']),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.decimals(allow_nan=False),
    st.datetimes(),
    st.datetimes(timezones=ZONES),
    st.dates(),
    st.uuids(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2) | st.integers(0, 2), inner, max_size=3),
        st.frozensets(SCALARS, max_size=3),
    ),
    max_leaves=5,
)
PARTS = st.dictionaries(st.text(max_size=1), VALUES, min_size=1, max_size=2)

# Each differs from each other, though some are equal, or look alike.
DIFFERENT = [
    *[{'a': 'bc'}, {'ab': 'c'}, {'a': 'b', 'c': ''}, {'a': '', 'b': 'c'}, {'': 'abc'}],
    *[{'a': value} for value in (1, '1', True, 1.0, b'1', Decimal(1), None, 'None', 'True', 2)],
    *[{'a': value} for value in ([], (), {}, frozenset(), '', b'', 0, False, 0.0, '[]', '{}')],
    *[{'a': value} for value in (['b', 'c'], ['bc'], [['b'], 'c'], ['b', ['c']], ('b', 'c'))],
    *[{'a': value} for value in ({'b': 'c'}, {'b': {'c': None}}, {'bc': ''}, ['b', {'c': None}])],
    *[{'a': value} for value in (math.nan, math.inf, -math.inf, Decimal('nan'), Decimal('inf'))],
    *[{'a': value} for value in (date(2020, 1, 1), datetime(2020, 1, 1), '2020-01-01')],
    *[{'a': value} for value in (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 1))],
    *[{'a': value} for value in (ObjectId('0' * 24), '0' * 24, bytes(12), UUID(int=0), bytes(16))],
    *[{'a': value} for value in (Binary(b'x', 4), Binary(b'x', 0), b'x', Decimal128('1'))],
    *[{'a': value} for value in (Decimal('1E+2'), Decimal('0.01'), Decimal(-1), 100)],
    *[{'a': 1, 'b': 2}, {'a': 2, 'b': 1}, {'a': {'a': 1, 'b': 2}}, {'a': [{'a': 1}, {'b': 2}]}],
]


def same(one, other):
    """Tell whether two values are equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    match one:
        case dict():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list() | tuple():
            return len(one) == len(other) and all(map(same, one, other))
        case frozenset():
            return len(one) == len(other) and all(any(same(x, y) for y in other) for x in one)
        case float() if math.isnan(one):
            return math.isnan(other)
    return one == other


def reordered(value):
    """Give the value again, with its dicts the other way round."""
    if isinstance(value, dict):
        return {key: reordered(item) for key, item in reversed(value.items())}
    if isinstance(value, list | tuple):
        return type(value)(map(reordered, value))
    return frozenset(list(value)[::-1]) if isinstance(value, frozenset) else value


def test_without_parts_it_is_a_new_object_id():
    identifiers = {generate_id() for _ in range(100)}
    assert len(identifiers) == 100
    assert all(str(ObjectId(each)) == each for each in identifiers)


@given(PARTS, PARTS)
@example({'a': 1}, {'a': True})
@example({'a': 0.0}, {'a': -0.0})
@example({'a': Decimal('1.0')}, {'a': Decimal('1.00')})
def test_identifiers_are_the_same_where_the_parts_are(one, other):
    assert (generate_id(**one) == generate_id(**other)) == same(one, other)


@given(PARTS)
def test_the_order_does_not_matter(parts):
    assert generate_id(**reordered(parts)) == generate_id(**parts)


def test_what_looks_alike_is_told_apart():
    for one, other in combinations(DIFFERENT, 2):
        assert generate_id(**one) != generate_id(**other), (one, other)


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        (0.0, -0.0),
        (Decimal(100), Decimal('1E+2')),
        (Decimal('0.00'), Decimal('-0')),
        (datetime(2020, 1, 1, 12, tzinfo=UTC), datetime.fromisoformat('2020-01-01T14:00+02:00')),
        (5, Int64(5)),
        ({'a': 1, 'b': 2}, SON([('b', 2), ('a', 1)])),
        ({'a': 1}, collections.defaultdict(int, {'a': 1})),
        ({1, 2, 3}, frozenset([3, 2, 1])),
        (2, enum.IntEnum('Number', 'ONE TWO').TWO),
        ('x', enum.StrEnum('Letter', {'X': 'x'}).X),
    ],
)
def test_equal_values_have_the_same_identifier(one, other):
    assert generate_id(a=one) == generate_id(a=other)


@pytest.mark.parametrize(
    'value',
    [10**5000, -(10**5000), '\ud800', datetime.max, datetime.min, Decimal('1E+999999')],
    ids=['long', 'long and negative', 'surrogate', 'last', 'first', 'great'],
)
def test_values_at_the_limits(value):
    assert len(generate_id(a=value)) == 32


def test_every_digit_of_a_decimal_counts():
    one, other = Decimal('1' * 60), Decimal('1' * 59 + '2')
    assert generate_id(a=one) != generate_id(a=other)


def test_an_identifier_is_the_same_in_another_process():
    """It is stored: neither a process nor a version may change it."""
    expression = "generate_id(user_id=7, kind='profile', tags={'a', 'b', 'c'}, of={'x': None})"
    source = f'from aiomongodel import generate_id; print({expression})'
    printed = {
        subprocess.run(
            [sys.executable, '-c', source],
            env={**os.environ, 'PYTHONHASHSEED': seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ('1', '2')
    }
    assert printed == {eval(expression)} == {'7cd20ca440375fbf4dbcf6f7de1db85f'}


def test_it_is_the_md5_digest_of_the_parts_with_their_lengths():
    assert generate_id(a='bc') == hashlib.md5(b's1:as2:bc').hexdigest()


@pytest.mark.parametrize(
    'value', [object(), object, len, range(3), iter([]), 1j, [1, [object()]], {'x': object()}]
)
def test_what_has_no_lasting_text_is_refused(value):
    with pytest.raises(TypeError, match=r"generate_id: the part 'of' holds .*, a .*; give what"):
        generate_id(a=1, of=value)


def test_the_refusal_names_what_is_refused():
    with pytest.raises(TypeError) as caught:
        generate_id(of=[range(3)])
    assert str(caught.value) == (
        "generate_id: the part 'of' holds range(0, 3), a builtins.range; give what identifies it, "
        'such as its _id, or its text'
    )


def test_a_value_that_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="the part 'of' holds itself, or nests too deeply"):
        generate_id(of=value)
