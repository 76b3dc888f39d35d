"""DictField and MapField: dicts that are stored as objects."""

from decimal import Decimal

import pytest
from bson import Decimal128

from aiomongodel import (
    DecimalField,
    DictField,
    Document,
    DomainError,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    MapField,
    QueryError,
    SetField,
    StrField,
    ValidationError,
    domain,
)
from tests.drivers import settled

WRONG_KEY = 'key cannot be the name of a field in MongoDB'
WRONG_KEYS = ['', '$a', 'a.b', '.', 'a\0', '\ud800']


class City(EmbeddedDocument):
    name = StrField(mongo_name='n')
    size = IntField(required=False)


class Shop(Document):
    settings = DictField(required=False, max_length=3)
    prices = MapField(DecimalField(gt=0), required=False, mongo_name='p', key_regex=r'[a-z]{3}\Z')
    cities = MapField(EmbDocField(City), required=False, min_length=1)
    lists = MapField(ListField(EmbDocField(City)), required=False)
    sets = MapField(SetField(IntField()), required=False)
    maps = ListField(MapField(IntField()), required=False)


VALUES = [
    ('settings', {'a': {'b': [1, None]}}, {'a': {'b': [1, None]}}),
    ('settings', {}, {}),
    ('prices', {'eur': Decimal('9.50')}, {'eur': Decimal128('9.50')}),
    ('cities', {'0': City(name='Kyiv')}, {'0': {'n': 'Kyiv'}}),
    ('lists', {'a': [City(name='Kyiv')], 'b': []}, {'a': [{'n': 'Kyiv'}], 'b': []}),
    ('sets', {'a': {2, 1}}, {'a': [1, 2]}),
    ('maps', [{'a': 1}, {}], [{'a': 1}, {}]),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_dict_is_stored_as_an_object_and_loaded_as_it_was(any_db, name, value, stored):
    shop = await settled(Shop(**{name: value}).validate().save(any_db))
    [data] = await settled(Shop.q(any_db).find().raw().to_list())
    assert data == {'_id': shop._id, getattr(Shop, name).s: stored}
    loaded = await settled(Shop.q(any_db).get(shop._id))
    assert getattr(loaded, name) == value
    assert loaded.validate().to_mongo() == shop.to_mongo()


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
def test_a_dict_is_found_by_what_it_is_and_survives_json(sync_db, name, value, stored):
    shop = Shop(**{name: value}).save(sync_db)
    field = getattr(Shop, name)
    if name != 'maps':
        assert (field == value) == {field.s: {'$eq': stored}}
    assert Shop.q(sync_db).find(field == value).to_list().ids == [shop._id]
    assert getattr(Shop.from_json(shop.to_json()), name) == value


@pytest.mark.parametrize(
    ('name', 'given', 'value'),
    [
        ('settings', City.meta.fields, dict(City.meta.fields)),
        ('prices', {'eur': '9.5', 'usd': 10}, {'eur': Decimal('9.5'), 'usd': Decimal(10)}),
        ('cities', {'a': {'name': 'Kyiv'}}, {'a': City(name='Kyiv')}),
        ('lists', {'a': [{'name': 'Kyiv'}]}, {'a': [City(name='Kyiv')]}),
        ('maps', [{'a': '1'}], [{'a': 1}]),
    ],
)
def test_values_are_converted_as_their_field_converts_them(name, given, value):
    converted = getattr(Shop(**{name: given}), name)
    assert converted == value
    assert converted is not given


@pytest.mark.parametrize(
    ('name', 'given', 'messages'),
    [
        ('settings', [('a', 1)], 'invalid value type'),
        ('settings', dict.fromkeys('abcd', 1), 'length is greater than 3'),
        ('settings', {1: 2}, {1: WRONG_KEY}),
        ('settings', {'a': {None: 1}}, {'a': {'None': WRONG_KEY}}),
        ('settings', {'a': {'$b': {'$c': 1}}}, {'a': {'$b': WRONG_KEY}}),
        ('settings', {'a': [0, {'b.c': 1}]}, {'a': {1: {'b.c': WRONG_KEY}}}),
        ('prices', 'eur', 'invalid value type'),
        ('prices', {'eur': 0, 'usd': 1, 'uah': 'x'}, {
            'eur': 'value should be greater than 0',
            'uah': 'invalid value type',
        }),
        ('prices', {'EUR': 1}, {'EUR': r'key does not match pattern [a-z]{3}\Z'}),
        ('prices', {'eur': None}, {'eur': 'none value is not allowed'}),
        ('cities', {}, 'length is less than 1'),
        ('cities', {'a': {}}, {'a': {'name': 'field is required'}}),
        ('lists', {'a': [1]}, {'a': {0: 'invalid value type'}}),
        ('maps', [{'': 1, 'a': 'x'}], {0: {'': WRONG_KEY, 'a': 'invalid value type'}}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_its_key(name, given, messages):
    with pytest.raises(ValidationError) as refused:
        Shop(**{name: given}).validate()
    assert refused.value.as_dict() == {name: messages}


@pytest.mark.parametrize('key', WRONG_KEYS)
def test_a_key_that_mongodb_takes_for_something_else_is_refused_before_a_write(key):
    for name, value in (('cities', City(name='x')), ('sets', {1}), ('settings', 1)):
        with pytest.raises(ValidationError):
            Shop(**{name: {key: value}}).validate()
        with pytest.raises(QueryError, match=rf'^Shop\.{name}: .* is not a dict each key of which'):
            getattr(Shop, name).set({key: value})
        if (name, key) != ('settings', 'a.b'):  # a dict in a dict takes several keys
            with pytest.raises(TypeError, match=rf'^Shop\.{name}\[…\] takes a key'):
                getattr(Shop, name)[key]


def test_the_value_under_a_key_is_queried_and_updated_by_its_field(sync_db):
    shop = Shop(prices={'eur': 9}, cities={'a': City(name='Kyiv', size=3)}).save(sync_db)
    Shop(prices={'eur': 11}).save(sync_db)
    found = Shop.q(sync_db).find((Shop.prices['eur'] < '10') & (Shop.cities['a'].size > 2))
    assert found.to_list().ids == [shop._id]
    update = Shop.prices['eur'].inc(Decimal('0.5')) & Shop.cities['b'].set({'name': 'Lviv'})
    assert update['$inc'] == {'p.eur': Decimal128('0.5')}
    Shop.q(sync_db).update_one({'_id': shop._id}, update & Shop.prices['usd'].set(10))
    shop.reload(sync_db)
    assert shop.prices == {'eur': Decimal('9.5'), 'usd': 10}
    assert shop.cities == {'a': City(name='Kyiv', size=3), 'b': City(name='Lviv')}


def test_values_deep_in_a_dict_have_fields_of_any_value(sync_db):
    shop = Shop(settings={'ui': {'width': 80}}).save(sync_db)
    assert Shop.settings['ui.width'].s == Shop.settings['ui']['width'].s == 'settings.ui.width'
    Shop.q(sync_db).update_many({}, Shop.settings['ui']['theme'].set('dark'))
    assert Shop.q(sync_db).find_one(Shop.settings['ui.width'] == 80)._id == shop._id
    assert shop.reload(sync_db).settings == {'ui': {'width': 80, 'theme': 'dark'}}


def test_a_key_that_the_pattern_refuses_has_no_field():
    with pytest.raises(TypeError, match=r'Shop\.prices\[…\] takes .* matches \[a-z\]\{3\}.*EUR'):
        Shop.prices['EUR']


def test_an_operand_with_wrong_values_is_refused():
    with pytest.raises(QueryError, match=r'^Shop\.prices'):
        Shop.prices.set({'eur': object()})
    with pytest.raises(QueryError, match=r'^Shop\.cities: .* fields: name, size|name, size'):
        Shop.cities.set({'a': {'nome': 'x'}})


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: MapField(StrField), TypeError, 'value_field must be a field, such as StrField'),
        (lambda: MapField(StrField(), key_regex='['), ValueError, r"key_regex '\[' is not a patt"),
        (lambda: MapField(StrField(), key_regex=b'a'), ValueError, 'must be a pattern for str'),
        (lambda: MapField(IntField(gt=2, lt=1)), ValueError, 'gt 2 is greater than lt 1'),
        (lambda: DictField(min_length=2, max_length=1), ValueError, 'min_length 2 is greater'),
        (lambda: DictField(max_length=-1), ValueError, 'max_length -1 must be an int from 0 on'),
        (lambda: DictField(default={'$a': 1}), ValueError, 'is refused by its own field'),
    ],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})


def test_defaults_are_not_shared():
    class Log(Document):
        data = DictField(default={'a': []})

    first, second = Log(), Log()
    first.data['a'].append(1)
    assert second.data == {'a': []}


def test_a_subclass_converts_in_its_own_way():
    class Lower(MapField):
        def from_data(self, value):
            return {key.lower(): item for key, item in super().from_data(value).items()}

    class Page(Document):
        words = Lower(IntField())

    assert Page(words={'A': '1'}).words == {'a': 1}
    assert Page.words.set({'A': '1'}) == {'$set': {'words': {'a': 1}}}


@pytest.mark.parametrize(
    ('term', 'query'),
    [
        (['prices.eur', '<', '10'], {'p.eur': {'$lt': Decimal128('10')}}),
        (['cities.a.name', '=', 'Kyiv'], {'cities.a.n': 'Kyiv'}),
        (['settings.ui.width', '=', 80], {'settings.ui.width': 80}),
        (['sets.a', '=', '1'], {'sets.a': 1}),
    ],
)
def test_a_filter_from_outside_names_a_key(term, query):
    assert domain.to_query(Shop, [term]) == query


@pytest.mark.parametrize('name', ['prices.EUR', 'prices.$eur', 'settings..a', 'cities..name'])
def test_a_filter_from_outside_cannot_name_what_is_no_key(name):
    with pytest.raises(DomainError):
        domain.to_query(Shop, [[name, '=', 1]])
    with pytest.raises(DomainError):
        domain.to_query(Shop, [['prices.eur', '=', 1]], allowed=['cities'])
