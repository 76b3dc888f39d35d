"""TupleField: a fixed number of items, with a field for each."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from bson import Decimal128

from aiomongodel import (
    DateField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    QueryError,
    SetField,
    StrField,
    TupleField,
    ValidationError,
)
from tests.drivers import settled


class City(EmbeddedDocument):
    name = StrField(mongo_name='n')


class Trip(Document):
    place = TupleField(FloatField(gte=-180, lte=180), FloatField(), required=False, mongo_name='p')
    costs = TupleField(DecimalField(), StrField(), DateField(), required=False)
    stops = TupleField(EmbDocField(City), ListField(EmbDocField(City)), required=False)
    mixed = TupleField(SetField(IntField()), TupleField(StrField()), required=False)
    places = ListField(TupleField(IntField(), IntField()), required=False)


VALUES = [
    ('place', (30.5, 50.0), [30.5, 50.0]),
    (
        'costs',
        (Decimal('9.5'), 'EUR', date(2024, 2, 29)),
        [Decimal128('9.5'), 'EUR', datetime(2024, 2, 29)],
    ),
    ('stops', (City(name='a'), [City(name='b')]), [{'n': 'a'}, [{'n': 'b'}]]),
    ('mixed', ({2, 1}, ('x',)), [[1, 2], ['x']]),
    ('places', [(1, 2), (3, 4)], [[1, 2], [3, 4]]),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_tuple_is_stored_as_an_array_and_loaded_as_it_was(any_db, name, value, stored):
    trip = await settled(Trip(**{name: value}).validate().save(any_db))
    [data] = await settled(Trip.q(any_db).find().raw().to_list())
    assert data == {'_id': trip._id, getattr(Trip, name).s: stored}
    loaded = await settled(Trip.q(any_db).get(trip._id))
    assert getattr(loaded.validate(), name) == value
    assert loaded.to_mongo() == trip.to_mongo()


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
def test_a_tuple_is_found_by_what_it_is_and_survives_json(sync_db, name, value, stored):
    trip = Trip(**{name: value}).save(sync_db)
    field = getattr(Trip, name)
    assert Trip.q(sync_db).find(field == value).to_list().ids == [trip._id]
    assert field.set(value) == {'$set': {field.s: stored}}
    assert getattr(Trip.from_json(trip.to_json()), name) == value


@pytest.mark.parametrize('given', [['1.5', 2], ('1.5', 2)])
def test_items_are_converted_each_by_its_field(given):
    assert Trip(place=given).place == (1.5, 2.0)
    assert Trip(stops=[{'name': 'a'}, [{'name': 'b'}]]).stops == (City(name='a'), [City(name='b')])


@pytest.mark.parametrize(
    ('name', 'given', 'messages'),
    [
        ('place', 'ab', 'invalid value type'),
        ('place', {1.0, 2.0}, 'invalid value type'),
        ('place', [1], 'length is not 2'),
        ('place', (1, 2, 3), 'length is not 2'),
        ('place', ('x', None), {0: 'invalid value type', 1: 'none value is not allowed'}),
        ('place', (200, 1), {0: 'value is greater than 180'}),
        ('stops', ({}, [1]), {0: {'name': 'field is required'}, 1: {0: 'invalid value type'}}),
        ('mixed', ([1], ['']), {1: {0: 'blank value is not allowed'}}),
    ],
)
def test_what_is_wrong_is_said_by_the_index(name, given, messages):
    with pytest.raises(ValidationError) as refused:
        Trip(**{name: given}).validate()
    assert refused.value.as_dict() == {name: messages}


def test_an_item_is_queried_and_updated_by_its_field(sync_db):
    trip = Trip(costs=(1, 'EUR', '2024-02-29'), stops=({'name': 'a'}, [])).save(sync_db)
    found = Trip.q(sync_db).find((Trip.costs[0] < '2') & (Trip.stops[0][City.name] == 'a'))
    assert found.to_list().ids == [trip._id]
    Trip.q(sync_db).update_one({}, Trip.costs[0].inc(Decimal('0.5')))
    assert trip.reload(sync_db).costs == (Decimal('1.5'), 'EUR', date(2024, 2, 29))


@pytest.mark.parametrize('index', [2, -1, True, 'a', None])
def test_what_is_no_index_is_refused(index):
    with pytest.raises(TypeError, match=r'^Trip\.place\[…\] takes an index from 0 to 1, not'):
        Trip.place[index]


def test_a_field_of_tuples_is_not_iterable():
    with pytest.raises(TypeError, match='not iterable'):
        iter(Trip.place)


@pytest.mark.parametrize('value', [(1,), 5, 'ab', ('x', 1)])
def test_an_operand_that_is_no_such_tuple_is_refused(value):
    with pytest.raises(QueryError, match=r'^Trip\.place: '):
        Trip.place.set(value)


@pytest.mark.parametrize('stored', ['text', [1.0], [1.0, 2.0, 3.0], {'a': 1}])
def test_a_stored_value_of_another_kind_or_length_is_kept(sync_db, stored):
    Trip.coll(sync_db).insert_one({'_id': 1, 'p': stored})
    trip = Trip.q(sync_db).get(1)
    with pytest.raises(ValidationError):
        trip.validate()
    trip.save(sync_db)
    assert Trip.coll(sync_db).find_one() == {'_id': 1, 'p': stored}


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (TupleField, TypeError, 'takes a field for each item, at least one'),
        (lambda: TupleField(int), TypeError, 'item 0 of a TupleField must be a field'),
        (lambda: TupleField(IntField(), None), TypeError, 'item 1 of a TupleField must be a fie'),
        (lambda: TupleField(IntField(gt=2, lt=1)), ValueError, 'gt 2 is greater than lt 1'),
        (lambda: TupleField(IntField(), default=(1, 2)), ValueError, 'length is not 1'),
    ],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})
