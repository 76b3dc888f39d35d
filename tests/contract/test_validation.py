"""The 0.2 contract: the rules of each field, their order, and the errors that they give."""

from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest
from bson import ObjectId

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.errors import ValidationError
from aiomongodel.fields import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    EmailField,
    EmbDocField,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)

from .helpers import errors_of

NONE = 'none value is not allowed'
TYPE = 'invalid value type'
VARIANT = 'value does not match any variant'
REQUIRED = 'field is required'
BLANK = 'blank value is not allowed'
EMAIL = 'value is not a valid email address'


class Unprintable:
    """No string can be made of it."""

    def __str__(self):
        raise RuntimeError('no string')

    __repr__ = object.__repr__


class Part(EmbeddedDocument):
    value = IntField(gt=5)
    text = StrField(required=False)


class OtherPart(EmbeddedDocument):
    value = IntField()


class Owner(Document):
    _id = StrField(max_length=3)


class Target(Document):
    pass


part = partial(EmbDocField, Part)
reference = partial(RefField, Target)
list_of_int = partial(ListField, IntField())

EVERY_FIELD = [
    *(AnyField, StrField, EmailField, IntField, FloatField, DecimalField, BoolField),
    *(DateTimeField, ObjectIdField, list_of_int, part, reference),
]
VALID = [
    *((AnyField, value) for value in (1, 'x', [1], {'a': 1})),
    *((StrField, 'x'), (EmailField, 'a@example.com'), (IntField, 1), (FloatField, 1.5)),
    *((DecimalField, Decimal('1.5')), (BoolField, False), (DateTimeField, datetime(2020, 1, 2))),
    *((ObjectIdField, ObjectId()), (list_of_int, [1, 2]), (list_of_int, [])),
    *((part, Part(value=6)), (reference, ObjectId()), (reference, Target())),
]
INVALID_TYPES = [
    *((StrField, Unprintable()), (EmailField, Unprintable())),
    *((IntField, value) for value in ('xxx', float('inf'), [1])),
    *((FloatField, value) for value in ('xxx', [1])),
    *((DecimalField, value) for value in ('abc', [1])),
    *((BoolField, value) for value in ('maybe', '')),
    *((DateTimeField, value) for value in ('2020-01-02', 1)),
    *((ObjectIdField, value) for value in ('xxx', 1)),
    *((list_of_int, value) for value in ('xxx', (1, 2), 1)),
    *((part, value) for value in ('xxx', 1, OtherPart(value=6))),
    *((reference, value) for value in ('xxx', 1, Owner(_id='x'))),
]


@pytest.mark.parametrize(('field', 'value'), VALID)
def test_a_valid_value_is_accepted(field, value):
    assert errors_of(field(), value) is None


# "Order within a field: None ('none value is not allowed', or accepted by `allow_none`), type, …"


@pytest.mark.parametrize('required', [True, False])
@pytest.mark.parametrize('field', EVERY_FIELD)
def test_none_is_refused(field, required):
    assert errors_of(field(required=required), None) == NONE


@pytest.mark.parametrize('field', EVERY_FIELD)
def test_none_is_accepted_where_it_is_allowed(field):
    assert errors_of(field(allow_none=True), None) is None


@pytest.mark.parametrize(
    'field',
    [
        StrField(allow_none=True, choices=['x']),
        StrField(allow_none=True, regex='x', min_length=3),
        IntField(allow_none=True, gte=5),
        ListField(IntField(), allow_none=True, min_length=3),
        RefField(Owner, allow_none=True),
    ],
)
def test_an_allowed_none_is_accepted_before_any_other_rule(field):
    assert errors_of(field, None) is None


@pytest.mark.parametrize(('field', 'value'), INVALID_TYPES)
def test_a_value_of_another_type_is_refused(field, value):
    assert errors_of(field(), value) == TYPE


@pytest.mark.parametrize(
    'field',
    [
        IntField(choices=[1, 2]),
        IntField(gte=5),
        DecimalField(gte=5),
        FloatField(lt=5),
        ListField(IntField(), min_length=5),
        ObjectIdField(choices=[ObjectId()]),
    ],
)
def test_the_type_is_checked_before_choices_and_bounds(field):
    assert errors_of(field, 'xxx') == TYPE


# "choices (a match accepts, a miss refuses, other constraints are skipped)"


@pytest.mark.parametrize('choices', [['x', 'y'], ('x', 'y'), {'x', 'y'}, {'x': 'Ex', 'y': 'Why'}])
@pytest.mark.parametrize(('value', 'error'), [('x', None), ('z', VARIANT)])
def test_choices_accept_a_match_and_refuse_a_miss(choices, value, error):
    assert errors_of(StrField(choices=choices), value) == error


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        (StrField(choices=['x'], regex='y'), 'x'),
        (StrField(choices=['x'], min_length=3), 'x'),
        (StrField(choices=['']), ''),
        (EmailField(choices=['x']), 'x'),
        (IntField(choices=[1], gte=5), 1),
        (FloatField(choices=[9.5], lt=5), 9.5),
        (DecimalField(choices=[Decimal(9)], lte=5), Decimal(9)),
    ],
)
def test_a_matched_choice_skips_the_other_constraints(field, value):
    assert errors_of(field, value) is None


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        (StrField(choices=['x'], min_length=3), 'yy'),
        (StrField(choices=['x']), ''),
        (IntField(choices=[1], gte=5), 2),
        (EmailField(choices=['a@example.com']), 'y'),
    ],
)
def test_a_missed_choice_skips_the_other_constraints(field, value):
    assert errors_of(field, value) == VARIANT


# "An unhashable value against choices is a miss, not a crash (*fixed*)."


@pytest.mark.parametrize('choices', [{1, 2}, {1: 'one'}, frozenset([1])])
@pytest.mark.parametrize(
    ('field', 'value'),
    [(AnyField, [1]), (AnyField, {'a': 1}), (AnyField, {1}), (list_of_int, [1])],
)
def test_an_unhashable_value_against_choices_is_a_miss(field, value, choices):
    assert errors_of(field(choices=choices), value) == VARIANT


# "`AnyField` checks None and choices."


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        (AnyField(), None, NONE),
        (AnyField(), object(), None),
        (AnyField(choices=[1, 'x']), 'x', None),
        (AnyField(choices=[1, 'x']), 'y', VARIANT),
    ],
)
def test_an_any_field_checks_none_and_choices(field, value, error):
    assert errors_of(field, value) == error


# "A missing required field is 'field is required'."


@pytest.mark.parametrize('field', EVERY_FIELD)
def test_a_missing_required_field_is_an_error(field):
    assert errors_of(field()) == REQUIRED


@pytest.mark.parametrize('field', EVERY_FIELD)
def test_a_missing_required_field_is_an_error_where_none_is_allowed(field):
    assert errors_of(field(allow_none=True)) == REQUIRED


@pytest.mark.parametrize('field', EVERY_FIELD)
def test_a_missing_field_that_is_not_required_is_no_error(field):
    assert errors_of(field(required=False)) is None


def test_a_field_that_is_not_required_is_checked_where_it_is_set():
    assert errors_of(IntField(required=False, gt=5), 5) == 'value should be greater than 5'


def test_a_document_is_validated_as_a_whole_under_its_field_names():
    class Item(Document):
        _id = StrField()
        one = IntField(mongo_name='1')
        two = IntField()
        name = SynonymField(_id)

    with pytest.raises(ValidationError) as caught:
        Item(two='x').validate()
    assert caught.value.as_dict() == {'_id': REQUIRED, 'one': REQUIRED, 'two': TYPE}


def test_a_loaded_document_is_validated_as_a_new_one():
    class Item(EmbeddedDocument):
        part = EmbDocField(Part)
        parts = ListField(EmbDocField(Part))
        cost = DecimalField(gt=1)

    item = Item.from_mongo({'part': {'value': 5}, 'parts': [{'value': 6}, {}], 'cost': 1.0})
    with pytest.raises(ValidationError) as caught:
        item.validate()
    assert caught.value.as_dict() == {
        'part': {'value': 'value should be greater than 5'},
        'parts': {1: {'value': REQUIRED}},
        'cost': 'value should be greater than 1',
    }


def test_setting_an_invalid_value_is_no_error_before_validation():
    item = Part(value='x')
    item.value = 'y'

    assert item.value == 'y'


# "`Parent.validate_document(child)` validates by Parent's rules."


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_validate_document_validates_by_the_rules_of_its_own_class(base):
    class Parent(base):
        role = StrField(max_length=3)

    class Child(Parent):
        role = StrField(choices=['admin'])

    with pytest.raises(ValidationError, match='length is greater than 3'):
        Parent.validate_document(document=Child(role='admin'))
    Child.validate_document(document=Child(role='admin'))


def test_validate_document_of_a_parent_does_not_ask_for_the_fields_of_the_child():
    class Parent(EmbeddedDocument):
        role = StrField()

    class Child(Parent):
        extra = IntField()

    Parent.validate_document(Child(role='x'))
    with pytest.raises(ValidationError, match='field is required'):
        Child.validate_document(Child(role='x'))
