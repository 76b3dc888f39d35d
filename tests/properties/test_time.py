"""The work grows with the size of the value, and no faster."""

import sys

import pytest

from aiomongodel import EmailField, EmbeddedDocument, StrField, ValidationError

from .helpers import within
from .models import Everything, Node


def calls_of(work, value):
    """Count the calls, of Python's functions and of C's, that work on a value makes."""
    count = 0

    def profile(frame, event, arg):
        nonlocal count
        count += event in ('call', 'c_call')

    sys.setprofile(profile)
    try:
        work(value)
    finally:
        sys.setprofile(None)
    return count


def chain(size):
    data = {'number': 1}
    for _ in range(size):
        data = {'left': data}
    return data


def tree(size):
    return {'left': tree(size // 2), 'right': tree(size // 2)} if size else {'number': '1'}


SIZED = {
    'a_list': lambda size: {'a_list': ['1'] * size},
    'wrong items': lambda size: {'a_list': ['x'] * size},
    'lists': lambda size: {'lists': [['1', 'x']] * size},
    'keys': lambda size: {'keys': [{'number': 'x', 'word': 1}] * size},
    'references': lambda size: {'references': ['5a7f3c2e9d1b4e6f8a0c2d4e'] * size},
    'unknown keys': lambda size: {f'unknown {number}': 1 for number in range(size)},
    'deep': lambda size: {'node': chain(size // 10)},
    'wide': lambda size: {'node': {'nodes': [{'number': 1}] * size}},
    'tree': lambda size: {'node': tree(size)},
}


def validated(document):
    try:
        document.validate()
    except ValidationError as error:
        str(error.as_dict())


def converted_and_validated(data):
    validated(Everything.from_data(data))


def stored_and_loaded(data):
    validated(Everything.from_mongo(Everything.from_data(data).to_mongo()))


@pytest.mark.parametrize('work', [converted_and_validated, stored_and_loaded])
@pytest.mark.parametrize('shape', SIZED)
def test_twice_the_size_takes_twice_the_calls(shape, work):
    work(SIZED[shape](2))  # compile what is needed
    small, large = (calls_of(work, SIZED[shape](size)) for size in (512, 1024))
    assert large < 2.3 * small + 200


@pytest.mark.parametrize('siblings', [1, 2, 4])
def test_values_beyond_any_depth_take_linear_time(siblings):
    data = [chain(3_000) for _ in range(siblings)]
    one, all_of_them = (
        calls_of(converted_and_validated, {'node': {'nodes': nodes}}) for nodes in (data[:1], data)
    )
    assert all_of_them < 1.2 * siblings * one


ADVERSARIAL = ['a', '@', '.', '-', 'a@', 'a.', '.a', '-.', 'a@a.', '+', '\n', 'é']


@pytest.mark.parametrize('end', ['', '!', '@', '\n', 'a@a.a', '\0'])
@pytest.mark.parametrize('part', ADVERSARIAL)
def test_the_pattern_of_addresses_takes_no_time(part, end):
    class User(EmbeddedDocument):
        email = EmailField()

    size = 100_000 // len(part)
    with within(20):
        for start in ('', 'a@', 'a@a.'):
            validated(User(email=start + part * size + end))


def test_a_long_string_is_validated_at_once():
    class Page(EmbeddedDocument):
        text = StrField(max_length=10**7)

    with within(20):
        Page(text='x' * 10**7).validate()


def test_the_digits_of_a_great_exponent_are_not_written_out():
    from decimal import Decimal

    with within(20):
        Everything(an_int=Decimal('1E+100000'), a_float=Decimal('1E+999999999'))


def test_a_long_chain_is_loaded_level_by_level():
    loaded = Node.from_mongo({'l': {'l': {'l': {'number': 1}}}})
    assert loaded.left.left.left.number == 1
