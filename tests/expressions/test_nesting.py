"""Expressions of fields within documents, of inherited ones, and of fields of one's own."""

import json
import sys
import types
from decimal import Decimal
from enum import Enum

import pytest
from bson import Decimal128

from aiomongodel import (
    AnyField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    Field,
    IntField,
    ListField,
    QueryError,
    RefField,
    StrField,
    SynonymField,
)
from aiomongodel.fields.operators import Operator

PROMISED = [
    *['in_', 'not_in', 'exists', 'regex', 'like', 'ilike', 'all', 'size', 'elem_match', 'type'],
    *['mod', 'compare', 'near', 'within', 'within_circle', 'intersects', 'asc', 'desc', 'set'],
    *['set_on_insert', 'unset', 'rename', 'current_date', 'inc', 'mul', 'min', 'max', 'push'],
    *['add_to_set', 'pull', 'pull_all', 'pop'],
]
OPTIONS = ['validators', 'description', 'examples', 'deprecated']

Odd = type(
    'Odd',
    (EmbeddedDocument,),
    {name: IntField(mongo_name=f'm_{name}') for name in [*PROMISED, *OPTIONS]},
)


class Holder(Document):
    odd = EmbDocField(Odd, mongo_name='o')
    odds = ListField(EmbDocField(Odd))
    deep = ListField(EmbDocField(f'{__name__}.Deep'))
    later = EmbDocField(f'{__name__}.Later')
    soon = EmbDocField(lambda: Later)
    items = ListField(EmbDocField(lambda: Later))
    ref = RefField(f'{__name__}.Target')
    never = EmbDocField('no.such.Class')
    unknown = ListField(EmbDocField(lambda: no_such_name))  # noqa: F821


class Deep(EmbeddedDocument):
    odd = EmbDocField(Odd)


class Later(EmbeddedDocument):
    size = DecimalField(mongo_name='z')
    set = StrField()


class Target(Document):
    _id = StrField()
    type = StrField(mongo_name='t')


def operators_of(base):
    return [name for name, value in vars(base).items() if isinstance(value, Operator)]


def test_these_are_the_operators():
    found = {name for base in Field.__mro__ for name in operators_of(base)}
    assert found == set(PROMISED)


@pytest.mark.parametrize('name', PROMISED)
def test_a_field_named_like_an_operator_is_reached_as_the_attribute(name):
    assert getattr(Holder.odd, name).s == f'o.m_{name}'
    assert getattr(Holder.odds, name).s == f'odds.m_{name}'
    assert getattr(Holder.odds[0], name).s == f'odds.0.m_{name}'
    assert getattr(Holder.deep.odd, name).s == f'deep.odd.m_{name}'
    assert (getattr(Holder.odd, name) > '3') == {f'o.m_{name}': {'$gt': 3}}
    assert callable(getattr(Odd, name).set)
    assert callable(getattr(Holder.ref, name)) == (name != 'type')


@pytest.mark.parametrize('name', OPTIONS)
def test_a_field_named_like_an_option_since_0_2_is_reached_as_the_attribute(name):
    assert getattr(Holder.odd, name).s == f'o.m_{name}'
    assert getattr(Holder.odds[0], name).s == f'odds.0.m_{name}'
    assert not isinstance(getattr(Holder.ref, name), Field)
    assert vars(Holder.odd)[f'_{name}'] == getattr(StrField(), name)


def test_a_field_class_may_set_an_option_of_its_own_accord():
    class Text(StrField):
        def __init__(self, **options):
            super().__init__(**options)
            self.description = 'some text'

    assert Text().description == 'some text'


def test_the_operator_is_then_to_be_had_from_the_class():
    assert ListField.size(Holder.odds, 3) == {'odds': {'$size': 3}}
    assert Field.exists(Holder.odd) == {'o': {'$exists': True}}
    assert EmbDocField.set(Holder.soon, {'set': 'a'}) == {'$set': {'soon': {'set': 'a'}}}
    assert ListField.push(Holder.items, {'size': 1}) == {'$push': {'items': {'z': Decimal128('1')}}}


def test_a_class_that_comes_later_has_its_fields_too():
    assert Holder.later.size.s == 'later.z'
    assert Holder.soon.set.s == 'soon.set'
    assert Holder.items.size.s == 'items.z'
    assert Holder.ref.type.s == 'ref.t'
    assert (Holder.later.size > 1) == {'later.z': {'$gt': Decimal128('1')}}
    assert Holder.later.exists() == {'later': {'$exists': True}}
    assert Holder.items.push({'size': 1}) == {'$push': {'items': {'z': Decimal128('1')}}}


def test_a_class_that_does_not_exist_hides_no_operator():
    assert Holder.never.exists() == {'never': {'$exists': True}}
    assert Holder.unknown.size(2) == {'unknown': {'$size': 2}}
    assert Holder.never.unset() == {'$unset': {'never': ''}}


def test_a_class_that_comes_between_is_found():
    module = types.ModuleType('expressions_to_come')
    holder = type('H', (Document,), {'odd': EmbDocField('expressions_to_come.Odd')})
    assert holder.odd.size(1) == {'odd': {'$size': 1}}
    sys.modules['expressions_to_come'] = module
    try:
        module.Odd = Odd
        assert holder.odd.size.s == 'odd.m_size'
    finally:
        del sys.modules['expressions_to_come']


class Base(Document):
    _id = StrField()
    age = IntField(mongo_name='a')
    nick = SynonymField(_id)


class Child(Base):
    age = DecimalField(mongo_name='years')
    years = SynonymField('age')
    odd = EmbDocField(type('WithSynonym', (Odd,), {'length': SynonymField('size')}))


class Grandchild(Child):
    pass


@pytest.mark.parametrize('model', [Child, Grandchild])
def test_inherited_fields_and_synonyms(model):
    assert (model._id == 3) == {'_id': '3'}
    assert (model.nick == 3) == {'_id': '3'}
    assert model.nick is model._id
    assert (model.age > 1) == {'years': {'$gt': Decimal128('1')}}
    assert model.years.inc(1) == {'$inc': {'years': Decimal128('1')}}
    assert (model.odd.length == 1) == {'odd.m_size': 1}
    assert (Base.age > 1) == {'a': {'$gt': 1}}


def test_an_error_names_the_field_of_the_class_that_declares_it():
    with pytest.raises(QueryError, match=r"Child\.age: 'x' is not of type Decimal"):
        Grandchild.age.set('x')
    with pytest.raises(QueryError, match=r"Odd\.size: 'x' is not of type int"):
        Holder.deep.odd.size.set('x')


class Colour(Enum):
    RED = 'red'


class ColourField(StrField):
    def from_data(self, value):
        return value.value if isinstance(value, Colour) else super().from_data(value)


class CentsField(IntField):
    """An amount, kept as cents."""

    def from_data(self, value):
        return int(value * 100) if isinstance(value, Decimal | float) else super().from_data(value)


class CodeField(IntField):
    """A number, stored as text."""

    def to_mongo(self, value):
        return f'{value:03}'


class CommaField(ListField):
    """A list, stored as text."""

    def from_data(self, value):
        return value.split(',') if isinstance(value, str) else super().from_data(value)

    def to_mongo(self, value):
        return ','.join(value)


class JsonField(Field):
    """A dict, stored as text."""

    value_type = dict

    def to_mongo(self, value):
        return json.dumps(value)


class TextRefField(RefField):
    """A reference, stored as text."""

    def to_mongo(self, value):
        return f'#{super().to_mongo(value)}'


class Money(EmbeddedDocument):
    amount = IntField()

    @classmethod
    def from_data(cls, data):
        return cls(amount=data['eur']) if 'eur' in data else super().from_data(data)


class Point(EmbeddedDocument):
    x = IntField()
    y = IntField()

    def to_mongo(self):
        return {'at': [self.x, self.y]}


class PairField(EmbDocField):
    def from_data(self, value):
        return Point(x=value['left'], y=value['right']) if 'left' in value else value


class Page(Document):
    colour = ColourField()
    colours = ListField(ColourField())
    price = CentsField()
    code = CodeField()
    codes = ListField(CodeField())
    words = CommaField(StrField())
    data = JsonField()
    author = TextRefField(Target)
    money = EmbDocField(Money)
    at = EmbDocField(Point)
    pair = PairField(Point)


OWN = [
    (Page.colour == Colour.RED, {'colour': 'red'}),
    (Page.colour.in_([Colour.RED, 'blue']), {'colour': {'$in': ['red', 'blue']}}),
    (Page.colours == Colour.RED, {'colours': 'red'}),
    (Page.colours == [Colour.RED], {'colours': ['red']}),
    (Page.colours.push(Colour.RED), {'$push': {'colours': 'red'}}),
    (Page.colours.set([Colour.RED]), {'$set': {'colours': ['red']}}),
    (Page.price > Decimal('9.5'), {'price': {'$gt': 950}}),
    (Page.price.set(9.5), {'$set': {'price': 950}}),
    (Page.price.inc(Decimal('0.5')), {'$inc': {'price': 50}}),
    (Page.code == 7, {'code': '007'}),
    (Page.code.in_(['7']), {'code': {'$in': ['007']}}),
    (Page.codes.all([7]), {'codes': {'$all': ['007']}}),
    (Page.codes.pull(7), {'$pull': {'codes': '007'}}),
    (Page.words == ['a', 'b'], {'words': 'a,b'}),
    (Page.words.set('a,b'), {'$set': {'words': 'a,b'}}),
    (Page.words.in_([['a', 'b']]), {'words': {'$in': ['a,b']}}),
    (Page.data == {'$ne': 1}, {'data': '{"$ne": 1}'}),
    (Page.data.set({'a': 1}), {'$set': {'data': '{"a": 1}'}}),
    (Page.author == Target(_id='x'), {'author': '#x'}),
    (Page.author.set('x'), {'$set': {'author': '#x'}}),
    (Page.money == {'eur': 3}, {'money': {'$eq': {'amount': 3}}}),
    (Page.at == {'x': 1, 'y': 2}, {'at': {'$eq': {'at': [1, 2]}}}),
    (Page.pair.set({'left': 1, 'right': 2}), {'$set': {'pair': {'at': [1, 2]}}}),
]


@pytest.mark.parametrize(('made', 'expected'), OWN)
def test_fields_convert_in_their_own_way(made, expected):
    assert made == expected


class Failing(AnyField):
    def from_data(self, value):
        raise LookupError('no conversion')


def test_a_conversion_of_ones_own_that_fails_names_the_field():
    model = type('Model', (Document,), {'value': Failing()})
    for use in (model.value.__eq__, model.value.set, model.value.push):
        with pytest.raises(QueryError, match=r'Model\.value cannot store 3: no conv') as caught:
            use(3)
        assert isinstance(caught.value.__cause__, LookupError)
    with pytest.raises(QueryError, match=r'Page\.author: .* is not a document of Target'):
        Page.author.set(Page())


def test_an_operator_may_be_overridden():
    class OwnField(StrField):
        def like(self, pattern):
            return super().ilike(f'%{pattern}%')

    model = type('Model', (Document,), {'name': OwnField()})
    assert model.name.like('a') == {'name': {'$regex': 'a', '$options': 'i'}}
