"""The 0.2 contract: what a document is given, how it is converted, and what it gives back."""

from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from bson import ObjectId

from aiomongodel import Document, EmbeddedDocument
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

from .helpers import model_of

HEX = '5a7f3c2e9d1b4e6f8a0c2d4e'
INF = float('inf')
NAN = float('nan')
MOMENT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


class Stubborn:
    """Neither a string nor a truth value can be made of it."""

    def __str__(self):
        raise RuntimeError('no string')

    def __bool__(self):
        raise RuntimeError('no truth')

    __repr__ = object.__repr__


STUBBORN = Stubborn()


class Part(EmbeddedDocument):
    value = IntField(mongo_name='v')


class Owner(Document):
    _id = StrField()


PART = Part(value=1)
OWNER = Owner(_id='x')


# "`Doc(**kwargs)`: keyword only; an unknown keyword is ignored"


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_a_document_takes_keywords_only(base):
    class Item(base):
        name = StrField()

    with pytest.raises(TypeError):
        Item('x')


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_an_unknown_keyword_is_ignored(base):
    class Item(base):
        name = StrField()

    item = Item(name='x', wrong=1)
    assert 'wrong' not in item.to_data()
    assert not hasattr(item, 'wrong')


def test_a_mongo_name_is_an_unknown_keyword():
    assert Part(v=1).to_data() == {}


# "a missing one takes the default (value or callable; a callable that raises TypeError raises it,
# *fixed*: it used to become the value itself)"


@pytest.mark.parametrize('default', [5, lambda: 5])
def test_a_missing_keyword_takes_the_default(default):
    assert model_of(IntField(default=default))().to_data() == {'value': 5}


def test_a_given_keyword_wins_over_the_default():
    assert model_of(IntField(default=5))(value=6).value == 6


def test_a_keyword_that_is_given_as_none_is_not_missing():
    assert model_of(IntField(default=5))(value=None).to_data() == {'value': None}


def test_a_callable_default_is_called_for_each_document():
    model = model_of(ListField(IntField(), default=list))

    assert model().value is not model().value


def test_a_callable_default_that_raises_type_error_raises_it():
    def broken():
        raise TypeError('out of the default')

    with pytest.raises(TypeError, match='out of the default'):
        model_of(IntField(default=broken))()


def test_a_missing_keyword_without_default_stays_unset():
    assert model_of(IntField())().to_data() == {}


# "As documented, a `required=False` field ignores its default: say so at class creation with a
# warning that names the field."


@pytest.mark.parametrize('default', [5, lambda: 5])
def test_a_field_that_is_not_required_ignores_its_default_and_warns_of_it(default):
    with pytest.warns(Warning, match='nickname'):

        class Item(EmbeddedDocument):
            nickname = IntField(required=False, default=default)

    assert Item().to_data() == {}


# "`_empty=True` sets nothing."


@pytest.mark.parametrize('kwargs', [{}, {'value': 1}])
def test_an_empty_document_has_nothing_set(kwargs):
    assert model_of(IntField(default=5))(_empty=True, **kwargs).to_data() == {}


def test_an_empty_document_has_no_id():
    class Item(Document):
        pass

    assert Item(_empty=True)._id is None


# "Reading an unset field gives None."


@pytest.mark.parametrize(
    'field',
    [
        *(IntField, StrField, BoolField, DecimalField, DateTimeField, AnyField, ObjectIdField),
        *(partial(ListField, IntField()), partial(EmbDocField, Part), partial(RefField, Owner)),
    ],
)
def test_reading_an_unset_field_gives_none(field):
    doc = model_of(field())()

    assert doc.value is None
    assert doc.to_data() == {}


# "`to_data()` gives the ordered `{field name: value}` of the set fields only, and `doc._data` the
# same mapping." Decided: both are OrderedDicts.


class Triple(EmbeddedDocument):
    one = IntField(mongo_name='1')
    two = IntField(mongo_name='2')
    three = IntField(mongo_name='3')


def test_to_data_gives_the_set_fields_by_field_name_in_order():
    assert Triple(three=3, one=1).to_data() == OrderedDict([('one', 1), ('three', 3)])


def test_to_data_of_a_loaded_document_is_in_field_order():
    loaded = Triple.from_mongo({'3': 3, '1': 1})

    assert loaded.to_data() == OrderedDict([('one', 1), ('three', 3)])


def test_to_data_and_data_are_the_same_ordered_dict():
    doc = Triple(one=1, two=2)

    assert type(doc.to_data()) is OrderedDict
    assert type(doc._data) is OrderedDict
    assert doc._data == doc.to_data() == OrderedDict([('one', 1), ('two', 2)])


def test_to_data_holds_the_python_values_of_a_loaded_document():
    doc = model_of(EmbDocField(Part)).from_mongo({'value': {'v': 1}})

    assert isinstance(doc.to_data()['value'], Part)
    assert isinstance(doc._data['value'], Part)


def test_to_data_has_a_field_that_is_set_to_none():
    assert Triple(one=None).to_data() == {'one': None}


# "Setting (attribute, keyword, `from_data`, `populate_with_data`) converts with
# `field.from_data`"


def by_attribute(model, value):
    doc = model()
    doc.value = value
    return doc


def by_keyword(model, value):
    return model(value=value)


def by_from_data(model, value):
    return model.from_data({'value': value})


def by_populate(model, value):
    return model().populate_with_data({'value': value})


ways = pytest.mark.parametrize('way', [by_attribute, by_keyword, by_from_data, by_populate])


@ways
@pytest.mark.parametrize(('value', 'expected'), [('1', 1), ('xxx', 'xxx'), (None, None)])
def test_every_way_of_setting_converts(way, value, expected):
    assert way(model_of(IntField()), value).to_data() == {'value': expected}


@ways
def test_every_way_of_setting_converts_with_the_from_data_of_the_field(way):
    class Doubled(IntField):
        def from_data(self, value):
            return value * 2

    assert way(model_of(Doubled()), 4).value == 8


# "the value as converted, or unchanged where it cannot be, and never an error: …"

list_of_int = partial(ListField, IntField())
part = partial(EmbDocField, Part)
reference = partial(RefField, Owner)

CONVERTED = [
    (IntField, '1', 1),
    (IntField, 1, 1),
    (IntField, 1.3, 1),
    (FloatField, '1', 1.0),
    (FloatField, '1.5', 1.5),
    (FloatField, 1, 1.0),
    (StrField, 1, '1'),
    (StrField, 'x', 'x'),
    (EmailField, 1, '1'),
    (BoolField, 13, True),
    (BoolField, 0, False),
    (BoolField, True, True),
    *((BoolField, text, True) for text in ('true', 'TRUE', 'True', '1', 'yes', 'Yes', 'on', 'ON')),
    *(
        (BoolField, text, False)
        for text in ('false', 'False', 'FALSE', '0', 'no', 'NO', 'off', 'Off')
    ),
    (DecimalField, '0.005', Decimal('0.005')),
    (DecimalField, 1, Decimal(1)),
    (ObjectIdField, HEX, ObjectId(HEX)),
    (ObjectIdField, HEX.upper(), ObjectId(HEX)),
    (list_of_int, ['1', 1.3, 2], [1, 1, 2]),
    (list_of_int, ['1', 'xxx', None], [1, 'xxx', None]),
    (partial(ListField, ListField(IntField())), [['1'], 'x'], [[1], 'x']),
    (reference, 1, '1'),
]

UNCHANGED = [
    *((IntField, value) for value in ('xxx', '', INF, -INF, NAN, '9' * 5000, [1], STUBBORN)),
    *((FloatField, value) for value in ('xxx', '', 10**400, [1], STUBBORN)),
    (StrField, STUBBORN),
    *((BoolField, text) for text in ('maybe', 'y', '2', '', STUBBORN)),
    *((DecimalField, value) for value in ('abc', '', [1], STUBBORN)),
    *((DateTimeField, value) for value in (MOMENT, '2020-01-02', 1, STUBBORN)),
    *((AnyField, value) for value in (1, '1', [1], {'a': 1}, STUBBORN)),
    *((ObjectIdField, value) for value in (ObjectId(HEX), 'xxx', HEX[1:], 'z' * 24, 1, STUBBORN)),
    *((list_of_int, value) for value in ('12', (1, 2), {1: 2}, 1, STUBBORN)),
    *((part, value) for value in (PART, 'x', 1, [1], STUBBORN)),
    *((reference, value) for value in (OWNER, STUBBORN)),
]


@pytest.mark.parametrize(('field', 'value', 'expected'), CONVERTED)
def test_a_field_converts_what_it_can(field, value, expected):
    converted = model_of(field())(value=value).value

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(('field', 'value'), UNCHANGED)
def test_a_field_leaves_what_it_cannot_convert_unchanged(field, value):
    assert model_of(field())(value=value).value is value


@pytest.mark.parametrize(('field', 'value', 'expected'), CONVERTED)
def test_from_data_of_a_field_gives_the_converted_value(field, value, expected):
    model = model_of(field())

    assert model.value.from_data(value) == expected


@pytest.mark.parametrize('field', [*dict.fromkeys(case[0] for case in UNCHANGED)])
def test_from_data_of_a_field_gives_none_for_none(field):
    assert model_of(field()).value.from_data(None) is None


# "`EmbDocField` a dict → the document"


def test_an_embedded_document_field_makes_a_document_of_a_dict():
    value = model_of(EmbDocField(Part))(value={'value': '1'}).value

    assert type(value) is Part
    assert value.to_data() == {'value': 1}


def test_a_list_field_makes_a_document_of_each_dict():
    values = model_of(ListField(EmbDocField(Part)))(value=[{'value': '1'}, PART, 'x']).value

    assert values[0].to_data() == {'value': 1}
    assert values[1] is PART
    assert values[2] == 'x'


# "`RefField` an instance of the class as is, else as the class's `_id` field does."


def test_a_reference_is_converted_as_the_id_field_of_its_class():
    class Target(Document):
        pass

    model = model_of(RefField(Target))
    assert model(value=HEX).value == ObjectId(HEX)
    assert model(value='xxx').value == 'xxx'


def test_a_reference_keeps_an_instance_of_a_subclass():
    class SpecialOwner(Owner):
        pass

    owner = SpecialOwner(_id='x')
    assert model_of(RefField(Owner))(value=owner).value is owner


def test_a_list_of_references_converts_each():
    values = model_of(ListField(RefField(Owner)))(value=[1, OWNER]).value

    assert values == ['1', OWNER]


# "`populate_with_data` refuses a name that is no field or synonym with AttributeError (*fixed*),
# before setting anything." Seed: "Returns: Self instance."


class Person(Document):
    _id = StrField()
    age = IntField(mongo_name='a')
    name = SynonymField(_id)


@pytest.mark.parametrize('name', ['wrong', 'a', 'validate', 'meta', '_data', '__class__'])
def test_populate_with_data_refuses_what_is_no_field_before_setting_anything(name):
    person = Person(_id='x', age=1)

    with pytest.raises(AttributeError):
        person.populate_with_data({'age': 2, name: 3})
    assert person.to_data() == {'_id': 'x', 'age': 1}


def test_populate_with_data_refuses_a_wrong_name_of_an_embedded_document():
    with pytest.raises(AttributeError):
        Part().populate_with_data({'v': 1})


def test_populate_with_data_gives_the_document_itself():
    person = Person(_id='x')

    assert person.populate_with_data({'age': '2'}) is person
    assert person.to_data() == {'_id': 'x', 'age': 2}


def test_populate_with_data_takes_a_synonym():
    assert Person().populate_with_data({'name': 1})._id == '1'


@pytest.mark.parametrize('data', [{'_id': 1, 'age': '2'}, {'name': 1, 'age': '2'}])
def test_from_data_takes_field_names_and_synonyms(data):
    person = Person.from_data(data)

    assert type(person) is Person
    assert person.to_data() == {'_id': '1', 'age': 2}


@pytest.mark.parametrize('model', [Person, Part])
def test_from_data_and_populate_with_data_take_their_data_by_name(model):
    assert type(model.from_data(data={})) is model
    assert type(model().populate_with_data(data={})) is model
