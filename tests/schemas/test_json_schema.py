"""`json_schema` of document classes."""

import enum
import json
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

import jsonschema
import pytest

from aiomongodel import (
    AnyField,
    BinaryField,
    BoolField,
    DateField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
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
    StrField,
    TimedeltaField,
    TimeField,
    UUIDField,
)

HEAD = {'$schema': 'https://json-schema.org/draft/2020-12/schema'}


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class Owner(Document):
    _id = StrField(max_length=9, description='a name')


KINDS = [
    (StrField(), 'Ann', {'type': 'string', 'minLength': 1}, ['', 7, None]),
    (StrField(allow_blank=True), '', {'type': 'string'}, [7]),
    (
        StrField(regex='[a-z]+$', min_length=2, max_length=5),
        'ann',
        {'type': 'string', 'minLength': 2, 'maxLength': 5, 'pattern': '^[a-z]+$'},
        ['a', 'abcdef', 'Ann'],
    ),
    (IntField(gte=0, lt=9.5), 9, {'type': 'integer', 'minimum': 0, 'maximum': 9}, [-1, 10, 1.5]),
    (FloatField(gt=0, lte=2), 0.5, {'type': 'number', 'exclusiveMinimum': 0, 'maximum': 2}, [0, 3]),
    (BoolField(), True, {'type': 'boolean'}, [1, 'true']),
    (DateField(), date(2024, 2, 29), {'type': 'string', 'format': 'date'}, ['yesterday', 1]),
    (TimeField(), '07:30', {'type': 'string', 'format': 'time'}, [730]),
    (TimedeltaField(), timedelta(seconds=1.5), {'type': 'number'}, ['1 s']),
    (UUIDField(), uuid.UUID(int=1), {'type': 'string', 'format': 'uuid'}, ['1', 1]),
    (
        BinaryField(max_size=4),
        b'1234',
        {'type': 'string', 'contentEncoding': 'base64', 'maxLength': 8},
        ['MTIzNDU2Nzg5', 1],
    ),
    (EnumField(Colour), Colour.RED, {'enum': ['r', 'b']}, ['RED', 'g']),
    (EnumField(Colour, by='name'), Colour.RED, {'enum': ['RED', 'BLUE']}, ['r']),
    (RefField(Owner), Owner(_id='ann'), {'type': 'string', 'minLength': 1, 'maxLength': 9}, [{}]),
    (
        ListField(IntField(allow_none=True), min_length=1, max_length=2),
        [1, None],
        {
            'type': 'array',
            'items': {'type': ['integer', 'null']},
            'minItems': 1,
            'maxItems': 2,
        },
        [[], [1, 2, 3], ['a'], {}],
    ),
    (
        AnyField(),
        {'a': [1]},
        {'type': ['string', 'number', 'boolean', 'object', 'array']},
        [None],
    ),
    (AnyField(allow_none=True), None, {}, []),
    (IntField(choices={4: 'four', 2: 'two'}), 2, {'type': 'integer', 'enum': [4, 2]}, [3]),
    (
        StrField(choices=['a', 'b'], allow_none=True, max_length=0),
        None,
        {'type': ['string', 'null'], 'enum': ['a', 'b', None]},
        ['c'],
    ),
    (DecimalField(choices=[Decimal('1.0')]), Decimal(1), {'type': 'string'}, [1]),
    (EmailField(regex='.*'), 'nobody', {'type': 'string', 'minLength': 1, 'pattern': '^.*'}, [1]),
]


def schema_of(field):
    """Give a model with a field, and what its schema says of it."""
    model = type('Model', (Document,), {'_id': IntField(), 'field': field})
    schema = model.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return model, schema


@pytest.mark.parametrize(('field', 'value', 'rules', 'wrong'), KINDS)
def test_a_field_says_its_rules(field, value, rules, wrong):
    model, schema = schema_of(field)
    assert schema['properties']['field'] == rules
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
    validator.validate(model(_id=1, field=value).validate().to_dict(mode='json'))
    for each in wrong:
        assert not validator.is_valid({'_id': 1, 'field': each}), each
    assert not validator.is_valid({'_id': 1})


@pytest.mark.parametrize(
    ('field', 'rules'),
    [
        (DateTimeField(), {'type': 'string'}),
        (ObjectIdField(), {'type': 'string', 'pattern': '^[0-9a-f]{24}$'}),
        (RevisionField(), {'type': 'integer'}),
        (IntField(gte=2**70), {'type': 'integer', 'minimum': 2**70}),
        (FloatField(gte=float('-inf')), {'type': 'number'}),
        (IntField(gt=1, gte=2), {'type': 'integer', 'minimum': 2}),
        (FloatField(lt=2, lte=2), {'type': 'number', 'exclusiveMaximum': 2}),
        (StrField(field_type=bytes), {}),
        (EnumField(enum.Flag('Right', 'READ WRITE')), {'type': ['integer', 'boolean']}),
    ],
)
def test_a_field_says_what_is_certain(field, rules):
    schema = schema_of(field)[1]['properties']['field']
    schema.pop('format', None)
    assert schema == rules


def test_an_email_has_its_format():
    rules = schema_of(EmailField())[1]['properties']['field']
    assert rules['format'] == 'email'
    assert rules['pattern'].startswith('^[a-zA-Z0-9_.+')


@pytest.mark.parametrize('text', ['0', '-1.50', '1E+3', '0E-10', 'NaN', '-Infinity', '.5'])
def test_the_text_of_a_decimal_is_valid(text):
    _, schema = schema_of(DecimalField())
    jsonschema.validate({'_id': 1, 'field': text}, schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid({'_id': 1, 'field': f'{text}x'})


def test_a_lock_is_its_token_and_its_end():
    _, schema = schema_of(LockField())
    jsonschema.validate({'_id': 1, 'field': None}, schema)
    jsonschema.validate({'_id': 1, 'field': {'token': 'a', 'until': '2024-02-29'}}, schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid({'_id': 1, 'field': {}})


def test_a_field_says_what_it_is_for():
    class User(EmbeddedDocument):
        name = StrField(verbose_name='Name', description='In full.', examples=['Ann Lee'])
        born = DateField(default=date(2000, 1, 1), examples=['1999-12-31'], required=True)
        mail = EmailField(required=False, deprecated=True, regex=None)
        made = UUIDField(default=uuid.uuid4)
        nick = StrField(default=None, allow_none=True)

    said = User.json_schema()['properties']
    assert said['name']['title'] == 'Name'
    assert said['name']['description'] == 'In full.'
    assert said['name']['examples'] == ['Ann Lee']
    assert (said['born']['default'], said['born']['examples']) == ('2000-01-01', ['1999-12-31'])
    assert said['mail'] == {'type': 'string', 'minLength': 1, 'deprecated': True}
    assert 'default' not in said['made']
    assert said['nick']['default'] is None


def test_a_default_without_a_form_in_json_is_an_error_that_names_the_field():
    class User(EmbeddedDocument):
        rate = FloatField(default=float('nan'))

    with pytest.raises(ValueError, match='nan') as caught:
        User.json_schema()
    assert 'in User.rate' in caught.value.__notes__


def test_a_document_is_an_object_of_its_fields():
    class Item(EmbeddedDocument):
        price = IntField(mongo_name='p')
        name = StrField(required=False)

    rules = {'type': 'string', 'minLength': 1}
    assert Item.json_schema() == {
        **HEAD,
        'title': 'Item',
        'type': 'object',
        'properties': {'price': {'type': 'integer'}, 'name': rules},
        'required': ['price'],
    }
    by_alias = Item.json_schema(by_alias=True)
    assert by_alias['properties'] == {'p': {'type': 'integer'}, 'name': rules}
    assert by_alias['required'] == ['p']
    assert json.loads(json.dumps(by_alias)) == by_alias


def test_documents_within_are_defined_once():
    class City(EmbeddedDocument):
        name = StrField(allow_blank=True)

    class Trip(EmbeddedDocument):
        start = EmbDocField(City, description='Where it starts.')
        end = EmbDocField(City, allow_none=True)
        stops = ListField(EmbDocField(City))

    schema = Trip.json_schema()
    city = {'$ref': '#/$defs/City'}
    assert schema['properties'] == {
        'start': {**city, 'description': 'Where it starts.'},
        'end': {'anyOf': [city, {'type': 'null'}]},
        'stops': {'type': 'array', 'items': city},
    }
    assert schema['$defs'] == {
        'City': {
            'title': 'City',
            'type': 'object',
            'properties': {'name': {'type': 'string'}},
            'required': ['name'],
        }
    }


def test_a_class_that_holds_itself_refers_to_itself():
    class Comment(EmbeddedDocument):
        text = StrField()
        replies = ListField(EmbDocField(lambda: Comment), default=list)

    class Post(EmbeddedDocument):
        comments = ListField(EmbDocField(Comment))

    schema = Comment.json_schema()
    assert schema['properties']['replies']['items'] == {'$ref': '#'}
    assert '$defs' not in schema
    defined = Post.json_schema()['$defs']
    assert defined['Comment']['properties']['replies']['items'] == {'$ref': '#/$defs/Comment'}
    within = {'text': 'b', 'replies': [{'text': '', 'replies': []}]}
    assert not jsonschema.Draft202012Validator(schema).is_valid({'text': 'a', 'replies': [within]})


def test_two_classes_of_one_name_have_definitions_of_their_own():
    def city(field):
        return type('City/~', (EmbeddedDocument,), {'name': field})

    class Trip(EmbeddedDocument):
        start = EmbDocField(city(IntField()))
        end = EmbDocField(city(StrField()))

    schema = Trip.json_schema()
    assert list(schema['$defs']) == ['City/~', 'City/~_2']
    jsonschema.validate({'start': {'name': 1}, 'end': {'name': 'a'}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({'start': {'name': 1}, 'end': {'name': 1}}, schema)


def test_a_class_that_forbids_other_keys_says_so():
    class Item(EmbeddedDocument):
        price = IntField()

        class Meta:
            extra = 'forbid'

    assert Item.json_schema()['additionalProperties'] is False


def test_documents_of_a_family_are_of_any_of_its_classes():
    class Shape(EmbeddedDocument):
        class Meta:
            discriminator = 'kind'

    class Circle(Shape):
        radius = IntField()

    class Drawing(EmbeddedDocument):
        shape = EmbDocField(Shape)

    schema = Drawing.json_schema()
    references = [{'$ref': '#/$defs/Shape'}, {'$ref': '#/$defs/Circle'}]
    assert schema['properties']['shape'] == {'anyOf': references}
    assert 'radius' in schema['$defs']['Circle']['properties']
    assert Shape.json_schema()['anyOf'] == references
    form = Drawing(shape=Circle(radius=1)).to_dict(mode='json')
    jsonschema.validate(form, schema)


def test_a_subclass_with_other_fields_may_stand_for_its_parent():
    class Shape(EmbeddedDocument):
        name = StrField()
        size = IntField()

    class Circle(Shape):
        size = StrField(required=False)

    class Drawing(EmbeddedDocument):
        shape = EmbDocField(Shape)

    assert set(Drawing.json_schema()['$defs']['Shape']['properties']) == {'name'}
    assert set(Shape.json_schema()['properties']) == {'name', 'size'}


class Even(IntField):
    def validate(self, value):
        pass


class Text(IntField):
    def to_json(self, value):
        return str(value)


class Told(IntField):
    def validate(self, value):
        super().validate(value)

    def json_rules(self, schema):
        return {**super().json_rules(schema), 'multipleOf': 2}


@pytest.mark.parametrize(
    ('field', 'rules'),
    [(Even, {}), (Text, {}), (Told, {'type': 'integer', 'multipleOf': 2})],
)
def test_a_field_class_of_a_users_own_says_what_it_says_itself(field, rules):
    assert schema_of(field())[1]['properties']['field'] == rules


def test_a_class_that_validates_in_its_own_way_is_an_object():
    class Item(EmbeddedDocument):
        price = IntField()

        def validate(self):
            return self

    assert Item.json_schema() == {**HEAD, 'title': 'Item', 'type': 'object'}


def test_a_datetime_in_a_list_of_dates_is_its_date_in_json():
    class Diary(EmbeddedDocument):
        days = ListField(DateField(), default=list)

    diary = Diary()
    diary.days.append(datetime(2024, 2, 29, 12))  # a datetime is a date to Python
    assert diary.validate().to_dict(mode='json') == {'days': ['2024-02-29']}


def test_the_name_of_a_class_is_a_property():
    class Shape(EmbeddedDocument):
        class Meta:
            discriminator = 'kind'
            extra = 'forbid'

    class Circle(Shape):
        radius = IntField()

        class Meta:
            discriminator_value = 'round'
            extra = 'forbid'

    class Drawing(Document):
        _id = IntField()
        shapes = ListField(EmbDocField(Shape))

    schema = Drawing.json_schema()
    assert schema['$defs']['Circle']['properties']['kind'] == {'enum': ['round']}
    drawing = Drawing(_id=1, shapes=[Circle(radius=1), Shape()]).to_dict('json')
    jsonschema.validate(drawing, schema)
    drawing['shapes'][0]['kind'] = 'Square'
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(drawing, schema)


def test_an_abstract_class_without_a_subclass_has_a_schema():
    class Shape(EmbeddedDocument):
        class Meta:
            abstract = True
            discriminator = 'kind'

    class Drawing(Document):
        shapes = ListField(EmbDocField(Shape))

    assert Shape.json_schema() == {
        **HEAD,
        'title': 'Shape',
        'type': 'object',
        'properties': {'kind': {}},
    }
    jsonschema.Draft202012Validator.check_schema(Drawing.json_schema())
    items = Drawing.mongo_schema()['properties']['shapes']['items']
    assert items == {'bsonType': 'object', 'properties': {'kind': {}}}


def test_a_document_of_no_class_has_the_schema_of_the_parent():
    class Shape(EmbeddedDocument):
        class Meta:
            abstract = True
            discriminator = 'kind'
            unknown_class = 'parent'

    class Circle(Shape):
        radius = IntField()

    class Drawing(Document):
        _id = IntField()
        shape = EmbDocField(Shape)

    drawing = Drawing.from_mongo({'_id': 1, 'shape': {'kind': 'Cube', 'side': 2}}).validate()
    jsonschema.validate(drawing.to_dict('json'), Drawing.json_schema())
    branches = Drawing.mongo_schema()['properties']['shape']['anyOf']
    assert {'bsonType': 'object', 'properties': {'kind': {}}} in branches
