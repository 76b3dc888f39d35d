"""UnionField: a value of one of several fields."""

import enum
import json
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from bson import SON, Binary, Decimal128
from bson.codec_options import CodecOptions, DatetimeConversion

from aiomongodel import (
    BinaryField,
    BoolField,
    ComputedField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    FloatField,
    IntField,
    ListField,
    MapField,
    PatternField,
    QueryError,
    RefField,
    SetField,
    StrField,
    SynonymField,
    TimeField,
    TupleField,
    UnionField,
    UUIDField,
    ValidationError,
)
from tests.drivers import settled
from tests.properties.helpers import within


class Phone(EmbeddedDocument):
    number = StrField(regex='[0-9]+', mongo_name='n')


class Address(EmbeddedDocument):
    city = StrField()
    street = StrField(required=False)


class Street(EmbeddedDocument):
    street = StrField()
    city = StrField()
    house = IntField(required=False)


class Colour(enum.Enum):
    RED = 'r'


class Contact(Document):
    value = UnionField(
        EmbDocField(Phone),
        EmbDocField(Address),
        EmbDocField(Street),
        DecimalField(),
        StrField(),
        ListField(EmbDocField(Phone)),
        required=False,
        mongo_name='v',
    )
    number = UnionField(IntField(gte=0), StrField(regex='[A-Z]'), required=False)
    flag = UnionField(IntField(), BoolField(), FloatField(), required=False)
    day = UnionField(DateField(), DateTimeField(), required=False)
    many = ListField(UnionField(SetField(IntField()), StrField()), required=False)
    maps = MapField(UnionField(MapField(IntField()), EmbDocField(Address)), required=False)
    none = UnionField(IntField(), StrField(), allow_none=True, required=False)
    mark = UnionField(EnumField(Colour), TimeField(), StrField(), required=False)


VALUES = [
    ('value', Phone(number='1'), {'n': '1'}),
    ('value', Address(city='a'), {'city': 'a'}),
    ('value', Street(street='s', city='a', house=3), {'street': 's', 'city': 'a', 'house': 3}),
    ('value', Decimal('1.5'), Decimal128('1.5')),
    ('value', '1.5', '1.5'),
    ('value', [Phone(number='1')], [{'n': '1'}]),
    ('number', 5, 5),
    ('number', 'A', 'A'),
    ('flag', True, True),
    ('flag', 1, 1),
    ('flag', 1.0, 1.0),
    ('day', date(2024, 2, 29), datetime(2024, 2, 29)),
    ('day', datetime(2024, 2, 29, 7), datetime(2024, 2, 29, 7)),
    ('many', [{1, 2}, 'x'], [[1, 2], 'x']),
    ('maps', {'a': {'b': 1}, 'c': Address(city='x')}, {'a': {'b': 1}, 'c': {'city': 'x'}}),
    ('none', None, None),
    ('mark', Colour.RED, 'r'),
    ('mark', 'red', 'red'),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_value_is_stored_by_its_field_and_loaded_as_it_was(any_db, name, value, stored):
    contact = await settled(Contact(**{name: value}).validate().save(any_db))
    [data] = await settled(Contact.q(any_db).find().raw().to_list())
    assert data == {'_id': contact._id, getattr(Contact, name).s: stored}
    loaded = getattr((await settled(Contact.q(any_db).get(contact._id))).validate(), name)
    assert loaded == value
    assert type(loaded) is type(value)


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
def test_a_value_is_found_by_what_it_is_and_survives_json(sync_db, name, value, stored):
    contact = Contact(**{name: value}).save(sync_db)
    Contact().save(sync_db)
    field = getattr(Contact, name)
    if name != 'none':
        assert Contact.q(sync_db).find(field == value).to_list().ids == [contact._id]
    assert field.set(value) == {'$set': {field.s: stored}}
    if not isinstance(value, Decimal | Colour | date):  # their form in JSON is that of a str
        assert getattr(Contact.from_json(contact.to_json()), name) == value


@pytest.mark.parametrize(
    ('name', 'given', 'value'),
    [
        ('value', {'number': '1'}, Phone(number='1')),
        ('value', {'city': 'a'}, Address(city='a')),
        ('value', {'city': 'a', 'street': 's', 'house': 3}, Street(city='a', street='s', house=3)),
        ('value', {'city': 'a', 'country': 'x'}, Address(city='a')),
        ('value', 5, Decimal(5)),
        ('value', [{'number': '1'}], [Phone(number='1')]),
        ('number', '5', 5),
        ('number', 'A', 'A'),
        ('day', '2024-02-29', date(2024, 2, 29)),
        ('many', [[1], '1'], [{1}, '1']),
        ('maps', {'a': {'b': '1'}, 'c': {'city': 'x'}}, {'a': {'b': 1}, 'c': Address(city='x')}),
        ('mark', '07:30', '07:30'),
    ],
)
def test_what_no_field_accepts_is_converted_by_the_first_that_can(name, given, value):
    converted = getattr(Contact(**{name: given}).validate(), name)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ('name', 'given', 'messages'),
    [
        ('number', -5, 'value is less than 0'),
        ('number', 'a', 'value does not match pattern [A-Z]'),
        ('number', object(), 'invalid value type'),
        ('number', 5.5, 'invalid value type'),
        ('number', None, 'none value is not allowed'),
        ('number', {'a': 1}, 'invalid value type'),
        ('number', [1], 'invalid value type'),
        ('value', {'number': 'x'}, {'number': 'value does not match pattern [0-9]+'}),
        ('value', [{'number': ''}], {0: {'number': 'value does not match pattern [0-9]+'}}),
        ('value', Contact, 'invalid value type'),
        ('many', [{1}, 2.5j], {1: 'invalid value type'}),
    ],
)
def test_what_no_field_accepts_is_refused(name, given, messages):
    with pytest.raises(ValidationError) as refused:
        Contact(**{name: given}).validate()
    assert refused.value.as_dict() == {name: messages}


def test_the_first_field_wins_where_a_stored_form_is_that_of_several(sync_db):
    contact = Contact(day=datetime(2024, 2, 29)).save(sync_db)
    assert contact.day == datetime(2024, 2, 29)
    assert contact.reload(sync_db).day == date(2024, 2, 29)


@pytest.mark.parametrize(
    ('name', 'stored'),
    [
        ('value', {'other': 1}),
        ('value', {'n': 'no digits'}),
        ('number', [1]),
        ('number', -1),
        ('number', None),
        ('flag', {'a': 1}),
        ('many', [[1, 'x'], 3.5]),
    ],
)
def test_a_stored_value_that_is_not_valid_is_loaded_all_the_same(sync_db, name, stored):
    key = getattr(Contact, name).s
    Contact.coll(sync_db).insert_one({'_id': 1, key: stored})
    contact = Contact.q(sync_db).get(1)
    getattr(contact, name)
    with pytest.raises(ValidationError):
        contact.validate()
    assert stored == {'other': 1} or contact.to_mongo()[key] == stored


def test_operators_leave_a_value_to_its_field():
    assert (Contact.value == '5') == {'v': '5'}
    assert (Contact.value > 5) == {'v': {'$gt': Decimal128('5')}}
    assert Contact.value.in_([5, 'a']) == {'v': {'$in': [Decimal128('5'), 'a']}}
    assert Contact.value.push({'number': '1'}) == {'$push': {'v': {'n': '1'}}}
    assert (Contact.value[Address.city] == 'x') == {'v.city': 'x'}
    assert Contact.many.push({2, 1}) == {'$push': {'many': [1, 2]}}
    assert Contact.maps['a'].set({'city': 'x'}) == {'$set': {'maps.a': {'city': 'x'}}}


@pytest.mark.parametrize('value', [object(), {'a': 1}, [1]])
def test_an_operand_that_no_field_stores_is_refused(value):
    with pytest.raises(QueryError, match=r'^Contact\.number: .* is not of type int, or of type st'):
        Contact.number.set(value)


def test_a_field_within_the_only_documents_of_a_union_is_an_attribute():
    class Holder(Document):
        where = UnionField(EmbDocField(Address), StrField())

    assert Holder.where.city.s == 'where.city'
    assert Holder.where.document_class is Address
    assert Contact.value.document_class is None


def test_fields_that_store_values_as_they_are_take_no_time_in_loading():
    codec = Contact.meta.codec
    assert Contact.number not in codec._pending
    assert Contact.day in codec._pending


class Sum(EmbeddedDocument):
    left = UnionField(EmbDocField(lambda: Sum), EmbDocField(lambda: Product), IntField())
    sign = StrField(choices=['+'], default='+')


class Product(EmbeddedDocument):
    left = UnionField(EmbDocField(lambda: Sum), EmbDocField(lambda: Product), IntField())
    sign = StrField(choices=['*'], default='*')


class Term(Document):
    root = UnionField(EmbDocField(Sum), EmbDocField(Product), IntField())


def nested(depth, sign):
    value = 1
    for _ in range(depth):
        value = {'left': value, 'sign': sign}
    return value


@pytest.mark.parametrize('sign', ['*', 'x'])
@pytest.mark.parametrize('depth', [5, 25])
def test_unions_in_documents_in_unions_take_no_exponential_time(sync_db, sign, depth):
    with within(20):
        term = Term(root=nested(depth, sign))
        if sign == 'x':
            with pytest.raises(ValidationError):
                term.validate()
        else:
            loaded = term.validate().save(sync_db).reload(sync_db)
            assert loaded.validate().to_mongo() == term.to_mongo()
            assert type(loaded.root.left.left) is Product
            assert Term.root.set(nested(depth, sign))['$set'] == {'root': term.to_mongo()['root']}


@pytest.mark.parametrize('by_alias', [True, False])
@pytest.mark.parametrize('sign', ['*', 'x'])
@pytest.mark.parametrize('depth', [3, 30, 90, 120])
def test_json_of_unions_in_documents_in_unions_takes_no_exponential_time(by_alias, sign, depth):
    text = json.dumps({'_id': '65df1f77bcf86cd799439011', 'root': nested(depth, sign)})
    with within(20):
        term = Term.from_json(text, by_alias=by_alias)
        if sign == '*' and depth < 100:
            assert type(term.validate().root.left.left) is Product
            return
        with pytest.raises(ValidationError):
            term.validate()


class Node(EmbeddedDocument):
    left = UnionField(EmbDocField(lambda: Node), EmbDocField(lambda: SubNode), IntField())


class SubNode(Node):
    pass


def test_documents_of_a_subclass_are_validated_in_no_exponential_time():
    node = SubNode(left='x')
    for _ in range(30):
        node = SubNode(left=node)
    with within(20), pytest.raises(ValidationError):
        node.validate()


def test_what_nests_too_deeply_or_holds_itself_is_refused():
    own = {'sign': '+'}
    own['left'] = own
    document = Sum()
    document.left = document
    with within(20):
        for root in (nested(150, '+'), nested(150, '*'), nested(10_000, '*'), own, document):
            with pytest.raises(ValidationError):
                Term(root=root).validate()
            with pytest.raises(ValidationError):
                Term.from_mongo({'_id': 1, 'root': root}).validate()
        with pytest.raises(QueryError, match=r'^Term\.root'):
            Term.root.set(own)


class Options(Document):
    value = UnionField(UnionField(EmbDocField(Phone), EmbDocField(Address)), PatternField())


@pytest.mark.parametrize('by_alias', [True, False])
@pytest.mark.parametrize('value', [Phone(number='1'), Address(city='x'), re.compile('(?i)a')])
def test_unions_in_unions_and_patterns_are_read_from_json(by_alias, value):
    text = Options(value=value).to_json(by_alias=by_alias)
    assert Options.from_json(text, by_alias=by_alias).value == value


class Called(Document):
    value = UnionField(
        ListField(EmbDocField(Address)),
        ListField(EmbDocField(Phone)),
        MapField(EmbDocField(Phone)),
        TupleField(EmbDocField(Phone), IntField()),
    )


@pytest.mark.parametrize('by_alias', [True, False])
@pytest.mark.parametrize(
    'value',
    [
        [Address(city='x')],
        [Phone(number='1'), Phone(number='2')],
        {'home': Phone(number='1')},
        (Phone(number='1'), 5),
    ],
    ids=['list', 'other list', 'map', 'tuple'],
)
def test_containers_of_documents_in_unions_are_read_from_json(by_alias, value):
    text = Called(value=value).validate().to_json(by_alias=by_alias)
    assert Called.from_json(text, by_alias=by_alias).validate().value == value


class Labels(Document):
    value = UnionField(SetField(StrField()), StrField(), PatternField())
    copied = ComputedField(
        lambda it: it.value, UnionField(SetField(StrField()), StrField()), stored=True
    )
    letters = ComputedField(lambda it: {*it.value}, SetField(StrField()), stored=True)


async def test_a_set_of_a_union_or_that_is_computed_is_found_by_its_items(any_db):
    for value in ({'a', 'b'}, {'a', 'b', 'c'}, 'ab'):
        await settled(Labels(value=value).save(any_db))
    for field, count in ((Labels.value, 1), (Labels.copied, 1), (Labels.letters, 2)):
        assert await settled(Labels.q(any_db).count_documents(field == {'b', 'a'})) == count
        assert await settled(Labels.q(any_db).count_documents(field != {'b', 'a'})) == 3 - count
        assert len({field, Labels.value, Labels.copied, Labels.letters}) == 3


class Rule(Document):
    value = UnionField(StrField(), PatternField())


async def test_a_pattern_among_several_values_matches_no_text(any_db):
    for value in ('abc', 'x', re.compile('b')):
        await settled(Rule(value=value).save(any_db))
    values = [re.compile('b'), 'x']
    assert await settled(Rule.q(any_db).count_documents(Rule.value.in_(values))) == 2
    assert (await settled(Rule.q(any_db).first(Rule.value.not_in(values)))).value == 'abc'


class Event(EmbeddedDocument):
    day = DateField()
    number = UUIDField(default=lambda: UUID(int=1))


class Log(Document):
    entry = UnionField(EmbDocField(Event), DateField(), DateTimeField(), DictField())


@pytest.mark.parametrize('value', [Event(day=date(2024, 2, 29)), date(2024, 2, 29)])
@pytest.mark.parametrize(
    'options',
    [
        CodecOptions(document_class=SON),
        CodecOptions(tz_aware=True, tzinfo=timezone(timedelta(hours=2))),
        CodecOptions(uuid_representation=4),
        CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS),
    ],
    ids=['document_class', 'tz_aware', 'uuid_representation', 'datetime_conversion'],
)
def test_a_stored_form_is_known_whatever_types_the_client_gives_it_in(sync_db, options, value):
    log = Log(entry=value).save(sync_db)
    assert Log.q(sync_db).with_options(codec_options=options).get(log._id).entry == value


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (UnionField, TypeError, 'takes at least two fields, not 0'),
        (lambda: UnionField(IntField()), TypeError, 'takes at least two fields, not 1'),
        (lambda: UnionField(IntField(), str), TypeError, 'field 1 of a UnionField must be a fie'),
        (lambda: UnionField(SynonymField('a'), IntField()), TypeError, 'field 0 of a UnionField'),
        (lambda: UnionField(IntField(gt=2, lt=1), StrField()), ValueError, 'gt 2 is greater'),
        (
            lambda: UnionField(IntField(), StrField(allow_none=True)),
            ValueError,
            'allow_none of the StrField has no meaning; give it to the UnionField',
        ),
        (lambda: UnionField(IntField(), FloatField(), default='x'), ValueError, "default 'x' is"),
    ],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})


class User(Document):
    _id = StrField()


@pytest.mark.parametrize(
    ('fields', 'value', 'stored'),
    [
        ([UUIDField(), StrField()], 'text', 'text'),
        ([BinaryField(), StrField()], b'ab', b'ab'),
        ([RefField(User), IntField()], User(_id='a'), 'a'),
        ([RefField(User), IntField()], 7, 7),
        ([TupleField(IntField(), IntField()), ListField(IntField())], (1, 2), [1, 2]),
        ([ListField(IntField()), SetField(IntField())], {2, 1}, [1, 2]),
        ([DictField(), EmbDocField(Address)], Address(city='x'), {'city': 'x'}),
        ([UnionField(IntField(), FloatField()), StrField()], 1.5, 1.5),
    ],
)
def test_fields_of_any_kind_can_be_in_a_union(fields, value, stored):
    model = type('Any', (EmbeddedDocument,), {'field': UnionField(*fields)})
    document = model(field=value).validate()
    assert document.field == value
    assert document.to_mongo() == {'field': stored}
    assert model.from_mongo(document.to_mongo()).validate().to_mongo() == {'field': stored}


def test_a_subtype_of_binary_is_kept():
    class Blob(EmbeddedDocument):
        data = UnionField(UUIDField(), BinaryField())

    assert Blob.from_mongo({'data': Binary(b'x' * 16, 3)}).data == Binary(b'x' * 16, 3)
