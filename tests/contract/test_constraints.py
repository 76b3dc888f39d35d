"""The 0.2 contract: the constraints of each field, in their order, and what they say."""

import re

import pytest

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.fields import (
    DecimalField,
    EmailField,
    EmbDocField,
    FloatField,
    IntField,
    ListField,
    RefField,
    StrField,
)

from .helpers import errors_of

NONE = 'none value is not allowed'
TYPE = 'invalid value type'
VARIANT = 'value does not match any variant'
REQUIRED = 'field is required'
BLANK = 'blank value is not allowed'
EMAIL = 'value is not a valid email address'


class Part(EmbeddedDocument):
    value = IntField(gt=5)
    text = StrField(required=False)


class Owner(Document):
    _id = StrField(max_length=3)


class Target(Document):
    pass


# "then `StrField`: regex (`match`), blank, min, max"


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (StrField(regex='[a-z]'), 'abc1', None),
        (StrField(regex='[a-z]'), '1abc', 'value does not match pattern [a-z]'),
        (StrField(regex='^[a-z]{6,20}$'), 'abc', 'value does not match pattern ^[a-z]{6,20}$'),
        (StrField(regex=re.compile('[a-z]', re.IGNORECASE)), 'ABC', None),
        (StrField(), '', BLANK),
        (StrField(allow_blank=True), '', None),
        (StrField(), ' ', None),
        (StrField(min_length=3), 'ab', 'length is less than 3'),
        (StrField(min_length=3), 'abc', None),
        (StrField(max_length=3), 'abcd', 'length is greater than 3'),
        (StrField(max_length=3), 'abc', None),
    ],
)
def test_the_rules_of_a_string(field, value, error):
    assert errors_of(field, value) == error


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (StrField(regex='x'), '', 'value does not match pattern x'),
        (StrField(regex='x', min_length=3), 'y', 'value does not match pattern x'),
        (StrField(regex='x', max_length=3), 'yyyy', 'value does not match pattern x'),
        (StrField(min_length=3), '', BLANK),
    ],
)
def test_of_two_broken_rules_of_a_string_the_first_in_order_speaks(field, value, error):
    assert errors_of(field, value) == error


# "numbers: gte, lte, gt, lt"

numbers = pytest.mark.parametrize('field', [IntField, FloatField, DecimalField])


@numbers
@pytest.mark.parametrize(
    ('rule', 'value', 'error'),
    [
        ({'gte': 5}, 4, 'value is less than 5'),
        ({'gte': 5}, 5, None),
        ({'lte': 5}, 6, 'value is greater than 5'),
        ({'lte': 5}, 5, None),
        ({'gt': 5}, 5, 'value should be greater than 5'),
        ({'gt': 5}, 6, None),
        ({'lt': 5}, 5, 'value should be less than 5'),
        ({'lt': 5}, 4, None),
        ({'gte': 0}, -1, 'value is less than 0'),
        ({'lte': 0}, 1, 'value is greater than 0'),
        ({'gt': 0}, 0, 'value should be greater than 0'),
        ({'lt': 0}, 0, 'value should be less than 0'),
    ],
)
def test_the_bounds_of_a_number(field, rule, value, error):
    assert errors_of(field(**rule), value) == error


@numbers
@pytest.mark.parametrize(
    ('rules', 'value', 'error'),
    [
        ({'gt': 7, 'gte': 5}, 3, 'value is less than 5'),
        ({'gt': 5, 'gte': 7}, 3, 'value is less than 7'),
        ({'lt': 5, 'lte': 7}, 9, 'value is greater than 7'),
        ({'lt': 7, 'lte': 5}, 9, 'value is greater than 5'),
    ],
)
def test_of_two_broken_bounds_the_first_in_order_speaks(field, rules, value, error):
    assert errors_of(field(**rules), value) == error


# "`ListField`: min, max, items as `{index: error}`"


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (ListField(IntField(), min_length=2), [1], 'list length is less than 2'),
        (ListField(IntField(), min_length=2), [1, 2], None),
        (ListField(IntField(), max_length=2), [1, 2, 3], 'list length is greater than 2'),
        (ListField(IntField(), max_length=2), [1, 2], None),
        (ListField(IntField(gt=5)), [6, 'x', 5], {1: TYPE, 2: 'value should be greater than 5'}),
        (ListField(IntField()), [1, None], {1: NONE}),
        (ListField(IntField(allow_none=True)), [1, None], None),
        (ListField(IntField(choices=[1])), [2, 1], {0: VARIANT}),
        (ListField(ListField(IntField())), [[1], [2, 'x']], {1: {1: TYPE}}),
        (ListField(EmbDocField(Part)), [Part(value=6), Part()], {1: {'value': REQUIRED}}),
        (ListField(RefField(Target)), [Target(), 'x'], {1: TYPE}),
    ],
)
def test_the_rules_of_a_list(field, value, error):
    assert errors_of(field, value) == error


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (ListField(IntField(), min_length=2), ['x'], 'list length is less than 2'),
        (ListField(IntField(), max_length=1), ['x', 'y'], 'list length is greater than 1'),
    ],
)
def test_the_length_of_a_list_is_checked_before_its_items(field, value, error):
    assert errors_of(field, value) == error


# "`EmbDocField`: the document's own errors as a dict"


@pytest.mark.parametrize(
    ('value', 'error'),
    [
        (Part(value=6), None),
        (Part(value=5), {'value': 'value should be greater than 5'}),
        (Part(), {'value': REQUIRED}),
        ({'value': 'x', 'text': ''}, {'value': TYPE, 'text': BLANK}),
    ],
)
def test_an_embedded_document_gives_its_own_errors_as_a_dict(value, error):
    assert errors_of(EmbDocField(Part), value) == error


def test_errors_of_embedded_documents_nest():
    class Outer(EmbeddedDocument):
        parts = ListField(EmbDocField(Part))

    value = {'parts': [{'value': 6}, {'value': 5}]}
    assert errors_of(EmbDocField(Outer), value) == {
        'parts': {1: {'value': 'value should be greater than 5'}}
    }


# "`RefField`: None, then the `_id` field's rules"


@pytest.mark.parametrize(
    ('value', 'error'),
    [
        (None, NONE),
        ('abc', None),
        ('abcd', 'length is greater than 3'),
        ('', BLANK),
        (Owner(_id='abc'), None),
    ],
)
def test_a_reference_is_checked_by_the_rules_of_the_id_field(value, error):
    assert errors_of(RefField(Owner), value) == error


def test_a_reference_that_allows_none_accepts_it_though_the_id_field_does_not():
    assert errors_of(RefField(Owner, allow_none=True), None) is None


# "`EmailField` says 'value is not a valid email address' for its regex."


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (EmailField(), 'a.b+c@mail.example.com', None),
        (EmailField(), 'a@b', EMAIL),
        (EmailField(), 'example.com', EMAIL),
        (EmailField(), '', EMAIL),
        (EmailField(regex='^.+@example[.]com$'), 'a@example.com', None),
        (EmailField(regex=re.compile('^.+@example[.]com$')), 'a@example.org', EMAIL),
        (EmailField(max_length=6), 'ab@example.com', 'length is greater than 6'),
        (EmailField(min_length=20), 'ab@example.com', 'length is less than 20'),
        (EmailField(max_length=3), 'xxxxxx', EMAIL),
    ],
)
def test_the_rules_of_an_email_address(field, value, error):
    assert errors_of(field, value) == error
