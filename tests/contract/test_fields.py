"""The documented API of 0.2: the arguments and attributes of the fields, by name."""

import re
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
    Field,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)


class Part(EmbeddedDocument):
    value = IntField()


class Owner(Document):
    _id = StrField()


EVERY_FIELD = [
    *(Field, AnyField, StrField, EmailField, IntField, FloatField, DecimalField, BoolField),
    *(DateTimeField, ObjectIdField, partial(ListField, IntField())),
    *(partial(EmbDocField, Part), partial(RefField, Owner)),
]
every_field = pytest.mark.parametrize('field', EVERY_FIELD)

# Seed: "class aiomongodel.fields.Field(*, required=True, default=<object object>,
# mongo_name=None, name=None, allow_none=False, choices=None, field_type=None)"


@every_field
def test_a_field_is_a_field(field):
    assert isinstance(field(), Field)


@every_field
@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('required', False),
        ('default', None),
        ('mongo_name', 'm'),
        ('name', 'n'),
        ('allow_none', True),
        ('choices', {1: 'one'}),
    ],
)
def test_a_field_keeps_an_option_under_its_name(field, option, value):
    extra = {'allow_none': True} if option == 'default' else {}

    assert getattr(field(**{option: value}, **extra), option) == value


@every_field
def test_a_field_is_required_and_refuses_none_and_takes_anything_by_itself(field):
    made = field()

    assert (made.required, made.allow_none, made.choices) == (True, False, None)


def test_a_field_takes_keywords_only():
    with pytest.raises(TypeError):
        Field(True)


def test_the_field_type_is_what_a_value_must_be():
    class Item(EmbeddedDocument):
        value = Field(field_type=int)

    Item(value=1).validate()
    with pytest.raises(ValidationError, match='invalid value type'):
        Item(value='x').validate()


def test_a_field_learns_its_names_from_its_class():
    class Item(EmbeddedDocument):
        one = Field()
        two = Field(mongo_name='2')

    assert (Item.one.name, Item.one.mongo_name, Item.one.s) == ('one', 'one', 'one')
    assert (Item.two.name, Item.two.mongo_name, Item.two.s) == ('two', '2', '2')


# Seed: "StrField(*, regex=None, allow_blank=False, min_length=None, max_length=None, **kwargs)",
# "EmailField(*, regex=…, **kwargs)"


@pytest.mark.parametrize('field', [StrField, EmailField])
def test_a_string_field_takes_its_options_by_name(field):
    made = field(regex='x', allow_blank=True, min_length=1, max_length=2, mongo_name='m')

    assert (made.allow_blank, made.min_length, made.max_length) == (True, 1, 2)
    assert made.mongo_name == 'm'


@pytest.mark.parametrize('field', [StrField, EmailField])
def test_a_string_field_takes_keywords_only(field):
    with pytest.raises(TypeError):
        field('x')


@pytest.mark.parametrize('regex', ['^x$', re.compile('^x$')])
def test_an_email_field_takes_a_string_or_a_pattern(regex):
    class Item(EmbeddedDocument):
        value = EmailField(regex=regex)

    Item(value='x').validate()
    with pytest.raises(ValidationError, match='value is not a valid email address'):
        Item(value='y').validate()


# README: "IntField(gt=5, lte=13)"; contract: "numbers: gte, lte, gt, lt"


@pytest.mark.parametrize('field', [IntField, FloatField, DecimalField])
def test_a_number_field_takes_its_bounds_by_name(field):
    made = field(gte=1, lte=9, gt=0, lt=10, mongo_name='m')

    assert (made.gte, made.lte, made.gt, made.lt) == (1, 9, 0, 10)
    assert made.mongo_name == 'm'


# Seed: "ListField(item_field, *, min_length=None, max_length=None, **kwargs)"


def test_a_list_field_takes_its_item_field_by_name_or_position():
    item_field = IntField()

    assert ListField(item_field=item_field, min_length=1, max_length=2).item_field is item_field
    assert ListField(item_field, mongo_name='m').mongo_name == 'm'


def test_a_list_field_takes_its_bounds_by_name():
    made = ListField(IntField(), min_length=1, max_length=2)

    assert (made.min_length, made.max_length) == (1, 2)


# Seed: "EmbDocField(document_class, **kwargs)", "RefField(document_class, **kwargs)"


@pytest.mark.parametrize(('field', 'document_class'), [(EmbDocField, Part), (RefField, Owner)])
def test_a_compound_field_takes_its_class_by_name_or_position(field, document_class):
    assert field(document_class=document_class, mongo_name='m').document_class is document_class
    assert field(document_class, required=False).document_class is document_class


# Seed: "SynonymField(original_field)"


@pytest.mark.parametrize('original', [StrField(), '_id'])
def test_a_synonym_takes_its_original_by_name(original):
    class Item(Document):
        _id = StrField() if isinstance(original, str) else original
        name = SynonymField(original_field=original)

    assert Item.name is Item._id


# Seed: "ObjectIdField.from_data(value): value (ObjectId, str): ObjectId value or 24-character hex
# string."


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        (ObjectId('5a7f3c2e9d1b4e6f8a0c2d4e'), ObjectId('5a7f3c2e9d1b4e6f8a0c2d4e')),
        ('5a7f3c2e9d1b4e6f8a0c2d4e', ObjectId('5a7f3c2e9d1b4e6f8a0c2d4e')),
        ('xxx', 'xxx'),
        (None, None),
    ],
)
def test_an_object_id_is_made_of_its_hex_digits(value, expected):
    assert ObjectIdField().from_data(value=value) == expected
