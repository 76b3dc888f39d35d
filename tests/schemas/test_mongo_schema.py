"""`mongo_schema` of document classes, for MongoDB's `$jsonSchema`."""

import enum
import math
from datetime import datetime
from decimal import Decimal

import bson
import pytest
from bson import Decimal128

from aiomongodel import (
    AnyField,
    BinaryField,
    BoolField,
    ComputedField,
    DateField,
    DateTimeField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    FloatField,
    IntField,
    ListField,
    LockField,
    ObjectIdField,
    RefField,
    RevisionField,
    SequenceField,
    StrField,
    TimedeltaField,
    TimeField,
    UUIDField,
)

from .helpers import MongoValidator

INT = ['int', 'long', 'bool']


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class Owner(Document):
    _id = StrField(max_length=9, allow_none=True, description='a name')


def rules_of(field):
    return type('Model', (Document,), {'field': field}).mongo_schema()['properties']['field']


@pytest.mark.parametrize(
    ('field', 'rules'),
    [
        (StrField(), {'bsonType': 'string', 'minLength': 1}),
        (StrField(allow_blank=True, max_length=2**40), {'bsonType': 'string'}),
        (
            StrField(regex=r'\d+\Z', min_length=2, max_length=3, allow_none=True),
            {
                'bsonType': ['string', 'null'],
                'minLength': 2,
                'maxLength': 3,
                'pattern': r'^\p{Nd}+\z',
            },
        ),
        (StrField(regex=r'(.)\1', allow_blank=True), {'bsonType': 'string'}),
        (IntField(), {'bsonType': INT}),
        (
            IntField(gte=0.5, lt=9),
            {'bsonType': INT, 'minimum': 1, 'maximum': 9, 'exclusiveMaximum': True},
        ),
        (IntField(gte=-(2**70), lt=2**70), {'bsonType': INT}),
        (
            FloatField(gt=0, lte=2.5),
            {'bsonType': 'double', 'minimum': 0, 'exclusiveMinimum': True, 'maximum': 2.5},
        ),
        (BoolField(), {'bsonType': 'bool'}),
        (DateTimeField(), {'bsonType': 'date'}),
        (DateField(), {'bsonType': 'date'}),
        (TimedeltaField(), {'bsonType': ['int', 'long']}),
        (ObjectIdField(), {'bsonType': 'objectId'}),
        (UUIDField(), {'bsonType': 'binData'}),
        (BinaryField(max_size=4), {'bsonType': 'binData'}),
        (EnumField(Colour, allow_none=True), {'enum': ['r', 'b', None]}),
        (EnumField(Colour, by='name'), {'enum': ['RED', 'BLUE']}),
        (EnumField(enum.Flag('Right', 'A B')), {'bsonType': INT}),
        (EnumField(Colour, choices=[Colour.RED]), {'enum': ['r']}),
        (EnumField(Colour, choices=['g']), {'enum': ['r', 'b']}),
        (RefField(Owner), {'bsonType': 'string', 'minLength': 1, 'maxLength': 9}),
        (
            ListField(IntField(allow_none=True), min_length=1, max_length=2),
            {
                'bsonType': 'array',
                'items': {'bsonType': [*INT, 'null']},
                'minItems': 1,
                'maxItems': 2,
            },
        ),
        (AnyField(allow_none=True), {}),
        (RevisionField(), {'bsonType': ['int', 'long']}),
        (IntField(choices=[4, 2.0, 2, '1', 2.5, None], gte=7), {'bsonType': INT, 'enum': [4, 2]}),
        (IntField(choices=[2**70]), {'bsonType': INT}),
        (FloatField(choices=[True, 0.5]), {'bsonType': 'double', 'enum': [1.0, 0.5]}),
        (BoolField(choices=[True]), {'bsonType': 'bool', 'enum': [True]}),
        (AnyField(choices=['a', b'b']), {'enum': ['a', b'b']}),
        (ListField(IntField(), choices=[[1]]), {'bsonType': 'array'}),
        (
            DateTimeField(choices=[datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 0, 5)]),
            {'bsonType': 'date', 'enum': [datetime(2024, 1, 1, 0, 0, 0, 5)]},
        ),
    ],
)
def test_a_field_says_its_rules(field, rules):
    found = rules_of(field)
    assert found == rules
    bson.encode(found)


def test_a_choice_of_1_is_also_true_to_python():
    found = rules_of(IntField(choices=[1]))['enum']
    assert [(each, type(each)) for each in found] == [(1, int), (True, bool)]


@pytest.mark.parametrize(
    ('field', 'least'),
    [
        (DecimalField(gte=Decimal('0.10')), Decimal128('0.10')),
        (DecimalField(gte=0), 0),
        (
            DecimalField(gte=Decimal('0.' + '1' * 40)),
            Decimal128('0.1111111111111111111111111111111112'),
        ),
        (DecimalField(gte=0.1), Decimal128('0.1000000000000000055511151231257828')),
        (FloatField(gte=Decimal('0.1')), 0.1),
        (FloatField(gte=Decimal('0.7')), math.nextafter(0.7, 1)),
        (FloatField(gte=2**53 + 1), float(2**53 + 2)),
        (IntField(gt=Decimal('1.5')), 2),
    ],
)
def test_a_limit_is_the_nearest_value_of_the_fields_type(field, least):
    found = rules_of(field)
    assert (found['minimum'], type(found['minimum'])) == (least, type(least))
    assert 'exclusiveMinimum' not in found


def test_what_takes_any_value_takes_each_type_but_null():
    kinds = rules_of(AnyField())['bsonType']
    assert len(kinds) == 19
    assert 'null' not in kinds


def test_a_time_is_a_text_that_looks_like_one():
    rules = rules_of(TimeField())
    assert MongoValidator(rules).is_valid('07:30:00.000000')
    assert not MongoValidator(rules).is_valid('07:30')


def test_a_lock_is_its_token_and_its_end():
    rules = rules_of(LockField())
    assert MongoValidator(rules).is_valid(None)
    assert MongoValidator(rules).is_valid({'token': 'a', 'until': datetime(2024, 2, 29)})
    assert not MongoValidator(rules).is_valid({'token': 'a'})


def test_a_document_is_an_object_under_stored_names():
    class City(EmbeddedDocument):
        name = StrField(mongo_name='n', verbose_name='Name', description='Of a city.')

    class User(Document):
        city = EmbDocField(City, mongo_name='c', allow_none=True)
        age = IntField(default=1)
        nick = StrField(required=False)

    text = {'bsonType': 'string', 'minLength': 1}
    assert User.mongo_schema() == {
        'bsonType': 'object',
        'required': ['c', 'age', '_id'],
        'properties': {
            'c': {'bsonType': ['object', 'null'], 'required': ['n'], 'properties': {'n': text}},
            'age': {'bsonType': INT},
            'nick': text,
            '_id': {'bsonType': 'objectId'},
        },
    }


def test_where_a_class_holds_itself_its_rules_end():
    class Comment(EmbeddedDocument):
        text = StrField(allow_blank=True)
        replies = ListField(EmbDocField(lambda: Comment), required=False)

    class Post(Document):
        comments = ListField(EmbDocField(Comment))
        last = EmbDocField(Comment)

    rules = {
        'bsonType': 'object',
        'required': ['text'],
        'properties': {
            'text': {'bsonType': 'string'},
            'replies': {'bsonType': 'array', 'items': {'bsonType': 'object'}},
        },
    }
    found = Post.mongo_schema()['properties']
    assert (found['comments']['items'], found['last']) == (rules, rules)


def test_a_class_that_forbids_other_keys_says_so():
    class City(EmbeddedDocument):
        class Meta:
            extra = 'forbid'

    class User(Document):
        city = EmbDocField(City)

        class Meta:
            extra = 'forbid'

    schema = User.mongo_schema()
    assert schema['additionalProperties'] is False
    assert schema['properties']['city'] == {'bsonType': 'object', 'additionalProperties': False}
    validator = MongoValidator(schema)
    assert validator.is_valid(User(city=City()).validate().to_mongo())
    assert not validator.is_valid({**User(city=City()).to_mongo(), 'age': 7})


def test_documents_of_a_family_have_the_rules_of_their_class():
    class Shape(Document):
        class Meta:
            discriminator = 'kind'
            extra = 'forbid'

    class Circle(Shape):
        radius = IntField(gt=0)

        class Meta:
            extra = 'forbid'

    validator = MongoValidator(Shape.mongo_schema())
    assert validator.is_valid(Circle(radius=1).validate().to_mongo())
    assert validator.is_valid(Shape().validate().to_mongo())
    assert not validator.is_valid(Circle(radius=0).to_mongo())
    assert not validator.is_valid({**Shape().to_mongo(), 'radius': 1})
    assert not validator.is_valid({**Shape().to_mongo(), 'kind': 'Square'})
    assert MongoValidator(Circle.mongo_schema()).is_valid(Circle(radius=1).to_mongo())


def test_a_family_within_has_the_rules_of_each_of_its_classes():
    class Shape(EmbeddedDocument):
        class Meta:
            discriminator = 'kind'

    class Circle(Shape):
        radius = IntField(gt=0)

    class Drawing(Document):
        shape = EmbDocField(Shape, allow_none=True)

    validator = MongoValidator(Drawing.mongo_schema())
    for shape in (None, Shape(), Circle(radius=1)):
        assert validator.is_valid(Drawing(shape=shape).validate().to_mongo())
    assert not validator.is_valid(Drawing(shape=Circle(radius=0)).to_mongo())


def test_a_subclass_with_other_fields_may_stand_for_its_parent():
    class Shape(EmbeddedDocument):
        name = StrField()
        size = IntField()

        class Meta:
            extra = 'forbid'

    class Circle(Shape):
        size = StrField(required=False)

    class Drawing(Document):
        shape = EmbDocField(Shape)

    validator = MongoValidator(Drawing.mongo_schema())
    assert validator.is_valid(Drawing(shape=Circle(name='a', size='b')).validate().to_mongo())
    assert not validator.is_valid(Drawing(shape=Circle(size='b')).to_mongo())


class Even(IntField):
    def validate(self, value):
        if value % 2:
            super().validate(value)


class Text(IntField):
    def to_mongo(self, value):
        return str(value)


class Longer(StrField):
    value_type = bytes


class Told(Even):
    def mongo_rules(self, schema):
        return super().mongo_rules(schema)


@pytest.mark.parametrize(
    ('field', 'rules'),
    [
        (Even(), {}),
        (Even(choices=[1]), {}),
        (Text(), {}),
        (Longer(), {}),
        (StrField(field_type=bytes), {}),
        (StrField(field_type=type('Word', (str,), {})), {'bsonType': 'string', 'minLength': 1}),
        (Told(), {'bsonType': INT}),
        (RefField(type('Other', (Document,), {'_id': Even()})), {}),
    ],
)
def test_a_field_class_of_a_users_own_says_what_it_says_itself(field, rules):
    assert rules_of(field) == rules


class Checked(EmbeddedDocument):
    price = IntField()

    def validate(self):
        return self


class Dumped(EmbeddedDocument):
    price = IntField()

    def to_mongo(self):
        return self.price


@pytest.mark.parametrize(
    ('document_class', 'rules'), [(Checked, {'bsonType': 'object'}), (Dumped, {})]
)
def test_a_class_that_does_it_in_its_own_way_says_what_is_certain(document_class, rules):
    assert rules_of(EmbDocField(document_class)) == rules

    class Whole(Document):
        price = IntField()
        validate = Checked.validate

    assert Whole.mongo_schema() == {'bsonType': 'object'}


def test_what_a_write_fills_or_computes_is_not_asked_for():
    class Invoice(Document):
        number = SequenceField()
        total = IntField(gte=0)
        double = ComputedField(lambda invoice: invoice.total * 2, IntField(choices=[4], gte=5))
        half = ComputedField(lambda invoice: invoice.total / 2, FloatField(), stored=True)

    stored, shown = Invoice.mongo_schema(), Invoice.json_schema()
    assert stored['required'] == shown['required'] == ['total', '_id']
    assert list(stored['properties']) == ['number', 'total', 'half', '_id']
    assert stored['properties']['half'] == {'bsonType': 'double'}
    assert shown['properties']['double'] == {'type': 'integer', 'enum': [4], 'readOnly': True}


def test_a_field_may_be_named_like_the_schemas():
    class Form(Document):
        json_schema = StrField()
        mongo_schema = StrField()

    form = Form(json_schema='{}', mongo_schema='{}').validate()
    assert (form.json_schema, form.mongo_schema) == ('{}', '{}')
