"""`to_json` and `from_json`: documents as JSON."""

import datetime
import enum
import json
from decimal import Decimal

import pytest
from bson import Binary, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.errors import BSONError

from aiomongodel import (
    AnyField,
    BinaryField,
    DateTimeField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    IntField,
    ListField,
    RefField,
    StrField,
    ValidationError,
)

from .models import STORED, Node, Open, Place, Shop, Tracked, loaded

BASES = [Document, EmbeddedDocument]
PLAIN = {
    '_id': 1,
    'name': 'Shop',
    'price': '1.50',
    'place': {'lat': '50.4', 'name': 'Kyiv'},
    'places': [{'name': 'Lviv'}],
    'tags': ['a'],
}


def test_it_is_the_text_of_the_dict():
    assert json.loads(loaded().to_json()) == PLAIN
    assert loaded().to_json(include='name') == '{"name": "Shop"}'
    assert loaded().to_json(include='name', by_alias=True) == '{"n": "Shop"}'
    assert loaded().to_json(exclude=[*list(PLAIN)[2:], 'name']) == '{"_id": 1}'
    assert Shop(_id=1, owner=None).to_json(exclude_none=True, indent=2) == '{\n  "_id": 1\n}'
    assert Shop(name='é🎈').to_json() == '{"name": "é🎈"}'


@pytest.mark.parametrize('encoded', [str, str.encode, lambda text: bytearray(text, 'utf-16')])
def test_a_document_is_made_of_text(encoded):
    shop = Shop.from_json(encoded(json.dumps(PLAIN)))
    assert type(shop) is Shop
    assert shop.to_mongo() == STORED
    assert Place.from_json(encoded('{"lat": "1.50"}')) == Place(lat='1.50')


def test_names_may_be_those_of_mongodb():
    text = loaded().to_json(by_alias=True)
    assert Shop.from_json(text, by_alias=True).to_mongo() == STORED
    assert Shop.from_json(text).name is None
    assert Shop.from_json('{"title": "a"}').name == 'a'
    assert Shop.from_json('{"name": "a", "title": "b"}').name == 'a'
    assert Shop.from_json('{"name": "a"}', by_alias=True).name is None


@pytest.mark.parametrize('base', BASES)
def test_names_that_two_fields_have_of_each_other_are_told_apart(base):
    class Swapped(base):
        _id = IntField()
        a = DateTimeField(mongo_name='b')
        b = StrField(mongo_name='a')

    given = Swapped(_id=1, a=datetime.datetime(2024, 2, 29), b='2024-01-01')
    for by_alias in (True, False):
        read = Swapped.from_json(given.to_json(by_alias=by_alias), by_alias=by_alias)
        assert read.to_data() == given.to_data()


def test_other_names_are_ignored_and_what_is_missing_gets_its_default():
    class Sample(Document):
        a = IntField(default=5)
        b = IntField(required=False)

    sample = Sample.from_json('{"x": 1, "b": "7"}')
    assert (sample.a, sample.b, type(sample._id)) == (5, 7, ObjectId)
    assert Open.from_json(Open.from_mongo({'_id': 1, 'x': 2}).to_json()).extra == {}


def test_a_value_that_cannot_be_converted_stays_as_it_is():
    class Sample(EmbeddedDocument):
        at = DateTimeField()
        data = BinaryField()
        list = ListField(DateTimeField())
        place = EmbDocField(Place)

    data = {'at': 'now', 'data': 'a!', 'list': 'x', 'place': 5}
    sample = Sample.from_json(json.dumps(data))
    assert dict(sample.to_data()) == data
    assert Sample.from_json('{"at": 5, "data": [1], "list": [null], "place": null}').to_data() == {
        'at': 5,
        'data': [1],
        'list': [None],
        'place': None,
    }


def test_what_is_within_is_converted_too():
    class Visit(EmbeddedDocument):
        at = DateTimeField(mongo_name='t')

    class Sample(Document):
        visits = ListField(ListField(EmbDocField(Visit)))
        last = EmbDocField(Visit)
        data = ListField(BinaryField())

    moment = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)
    sample = Sample(visits=[[Visit(at=moment)]], last=Visit(at=moment), data=[b'\x00'])
    for by_alias in (True, False):
        read = Sample.from_json(sample.to_json(by_alias=by_alias), by_alias=by_alias)
        assert read.to_data() == sample.to_data()


class Swapped(enum.Enum):
    A = 'B'
    B = 'A'


class Odd(enum.Enum):
    PRICE = Decimal('1.5')
    BYTES = b'\x00'
    PAIR = (1, 2)
    ONE = 1
    TEXT = '1'


class Access(enum.Flag):
    READ = 1
    WRITE = 2


MEMBERS = [
    *[(Swapped, by, member) for by in ('value', 'name') for member in Swapped],
    *[(Odd, 'name', member) for member in Odd],
    *[(Access, 'value', member) for member in (Access.READ, Access.READ | Access.WRITE)],
]


@pytest.mark.parametrize(('kind', 'by', 'member'), MEMBERS)
def test_members_of_an_enumeration_are_not_taken_for_each_other(kind, by, member):
    class Sample(EmbeddedDocument):
        one = EnumField(kind, by=by)

    assert Sample.from_json(Sample(one=member).to_json()).one is member


def test_a_reference_is_the_id_and_is_read_as_one():
    class Day(Document):
        _id = DateTimeField()

    class Sample(Document):
        day = RefField(Day)
        days = ListField(RefField(Day))

    moment = datetime.datetime(2024, 2, 29)
    sample = Sample(day=Day(_id=moment), days=[moment])
    read = Sample.from_json(sample.to_json())
    assert (read.day, read.days) == (moment, [moment])


BAD = [
    ('', ValueError, 'Expecting value'),
    ('{"a": 1', ValueError, 'delimiter'),
    ('{"name": "a", "name": "b"}', ValueError, "the key 'name' is there twice"),
    ('{"a": {"b": 1, "b": 1}}', ValueError, "the key 'b' is there twice in {'b': 1}"),
    ('[' * 10**5, ValueError, 'Shop.from_json: the text is nested too deeply'),
    (b'\xff', ValueError, "can't decode"),
    (None, TypeError, 'NoneType'),
    ({}, TypeError, 'not dict'),
    *[(text, TypeError, 'Shop.from_json takes the text of a JSON object') for text in ('[]', '1')],
]


@pytest.mark.parametrize(('text', 'kind', 'message'), BAD)
@pytest.mark.parametrize('extended', [False, True])
def test_what_is_no_object_of_json_is_refused(text, kind, message, extended):
    with pytest.raises(kind, match=message) as caught:
        Shop.from_json(text, extended=extended)
    assert 'Shop.from_json' in f'{caught.value}{getattr(caught.value, "__notes__", "")}'


@pytest.mark.parametrize('constant', ['NaN', 'Infinity', '-Infinity'])
def test_constants_that_json_does_not_have_are_refused(constant):
    with pytest.raises(ValueError, match=f'^{constant} is not JSON'):
        Shop.from_json(f'{{"anything": [{constant}]}}')


def test_text_that_nests_as_deep_as_no_document_does_is_no_document():
    text = '{"left": ' * 150 + '{}' + '}' * 150
    node = Node.from_json(text)
    assert isinstance(node.left, dict)
    assert node.left == Node.from_data(json.loads(text)).left
    with pytest.raises(ValidationError):
        node.validate()


# Extended JSON.

STORED_VALUES = [
    *[5, Int64(5), 2**40, 1.0, -0.0, float('inf'), 'a', True, None, b'\x00', Binary(b'\x00', 5)],
    *[datetime.datetime(2024, 2, 29, 12, 0, 0, 5000), Regex('a+', 'i'), Timestamp(1, 2)],
    *[MinKey(), MaxKey(), ObjectId('65df1f77bcf86cd799439011'), [{'a': [Int64(1)]}], {}],
]


@pytest.mark.parametrize('value', STORED_VALUES, ids=repr)
@pytest.mark.parametrize('base', BASES)
def test_extended_json_keeps_what_is_stored(base, value):
    Sample = type('Sample', (base,), {'_id': IntField(), 'value': AnyField(mongo_name='v')})
    sample = Sample(_id=1, value=value)
    for extended in (True, 'canonical'):
        read = Sample.from_json(sample.to_json(extended=extended), extended=extended)
        assert repr(read.to_mongo()) == repr(sample.to_mongo())
        assert isinstance(read.value, type(value))


def test_relaxed_extended_json_is_plainer():
    shop = Shop(_id=1, price='1.50', anything=datetime.datetime(2024, 2, 29))
    assert json.loads(shop.to_json(extended='relaxed')) == {
        '_id': 1,
        'price': {'$numberDecimal': '1.50'},
        'anything': {'$date': '2024-02-29T00:00:00Z'},
    }
    assert Shop.from_json(shop.to_json(extended='relaxed'), extended=True) == shop
    assert shop.to_json(extended=True, indent=1).startswith('{\n "_id": {\n  "$numberInt": "1"')


def test_what_extended_json_is_read_of_is_loaded():
    tracked = Tracked.from_json('{"_id": 1, "name": "a"}', extended=True)
    assert not tracked.is_changed()
    document = Open.from_mongo({'_id': 1, 'x': Int64(2), 'n': 'a'})
    assert Open.from_json(document.to_json(extended=True), extended=True).extra == {'x': Int64(2)}


def test_a_date_of_a_far_year_is_read():
    text = '{"_id": 1, "anything": {"$date": {"$numberLong": "9223372036854775807"}}}'
    shop = Shop.from_json(text, extended=True)
    assert int(shop.anything) == 2**63 - 1
    assert (
        json.loads(shop.to_json(extended='canonical'))['anything'] == json.loads(text)['anything']
    )


WRONG = ['{"$oid": "x"}', '{"$numberLong": "x"}', '{"$numberDecimal": "x"}', '{"$date": [1]}']


@pytest.mark.parametrize('value', WRONG)
def test_extended_json_with_a_wrong_value_is_refused(value):
    kinds = (ValueError, TypeError, ArithmeticError, BSONError)
    with pytest.raises(kinds) as caught:
        Shop.from_json(f'{{"anything": {value}}}', extended=True)
    assert caught.value.__notes__ == ['in Shop.from_json']


@pytest.mark.parametrize(
    'options',
    [{'include': 'name'}, {'exclude': 'name'}, {'by_alias': True}, {'exclude_none': True}],
)
def test_extended_json_is_of_all_that_is_stored(options):
    with pytest.raises(
        ValueError, match=r'Shop.to_json: Extended JSON is of the whole stored form'
    ):
        Shop(_id=1).to_json(extended=True, **options)


@pytest.mark.parametrize('extended', ['plain', 1.5, [], None])
def test_another_kind_of_extended_json_is_refused(extended):
    for call in (Shop(_id=1).to_json, lambda **given: Shop.from_json('{}', **given)):
        with pytest.raises(ValueError, match="must be True, 'canonical' or 'relaxed'"):
            call(extended=extended)


def test_methods_of_a_users_own_are_called():
    class Own(Document):
        name = StrField()

        @classmethod
        def from_data(cls, data):
            return super().from_data({**data, 'name': f'{data["name"]}!'})

        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({**data, 'name': f'{data["name"]}?'})

        def to_mongo(self):
            return {**super().to_mongo(), 'more': 1}

    own = Own.from_json('{"name": "a"}')
    assert own.name == 'a!'
    assert json.loads(own.to_json(extended='relaxed'))['more'] == 1
    assert Own.from_json('{"name": "a"}', extended=True).name == 'a?'
