"""What each operator of an update makes, and what the server stores by it."""

import datetime
import operator
from decimal import Decimal

import pytest
from bson import Decimal128, Timestamp

from aiomongodel import QueryError
from aiomongodel.expressions import Update
from tests.drivers import settled

from .models import Hotel, Owner, Room

D = Decimal128
STORED = {
    '_id': 'A',
    'n': 'Astoria',
    'stars': 5,
    'rate': 4.5,
    'tags': ['spa', 'bar', 'spa'],
    'scores': [70, 82, 90],
    'grid': [[1, 2], [3]],
    'rooms': [{'p': D('100'), 'beds': 2}, {'p': D('9.5'), 'beds': 1}],
}

UPDATES = {
    'set': (lambda: Hotel.stars.set('4'), {'$set': {'stars': 4}}, {'stars': 4}),
    'set None': (lambda: Hotel.rate.set(None), {'$set': {'rate': None}}, {'rate': None}),
    'set a reference': (
        lambda: Hotel.owner.set(Owner(_id='ann')),
        {'$set': {'o': 'ann'}},
        {'o': 'ann'},
    ),
    'set embedded': (
        lambda: Hotel.suite.set({'price': 7, 'beds': '2'}),
        {'$set': {'suite': {'p': D('7'), 'beds': 2}}},
        {'suite': {'p': D('7'), 'beds': 2}},
    ),
    'set a list': (
        lambda: Hotel.rooms.set([Room(price=7, beds=2)]),
        {'$set': {'rooms': [{'p': D('7'), 'beds': 2}]}},
        {'rooms': [{'p': D('7'), 'beds': 2}]},
    ),
    'set at an index': (
        lambda: Hotel.rooms[0].price.set(7),
        {'$set': {'rooms.0.p': D('7')}},
        {'rooms': [{'p': D('7'), 'beds': 2}, {'p': D('9.5'), 'beds': 1}]},
    ),
    'set in a list of lists': (
        lambda: Hotel.grid[0][1].set('5'),
        {'$set': {'grid.0.1': 5}},
        {'grid': [[1, 5], [3]]},
    ),
    'set everywhere': (
        lambda: Hotel.rooms['$[]'].beds.set(3),
        {'$set': {'rooms.$[].beds': 3}},
        {'rooms': [{'p': D('100'), 'beds': 3}, {'p': D('9.5'), 'beds': 3}]},
    ),
    'set_on_insert': (lambda: Hotel.stars.set_on_insert(1), {'$setOnInsert': {'stars': 1}}, {}),
    'unset': (lambda: Hotel.name.unset(), {'$unset': {'n': ''}}, {'n': None}),
    'rename': (
        lambda: Hotel.name.rename('x'),
        {'$rename': {'n': 'x'}},
        {'n': None, 'x': 'Astoria'},
    ),
    'inc': (lambda: Hotel.stars.inc(), {'$inc': {'stars': 1}}, {'stars': 6}),
    'inc by less': (lambda: Hotel.stars.inc(-2), {'$inc': {'stars': -2}}, {'stars': 3}),
    'inc within': (
        lambda: Hotel.rooms[1].price.inc(Decimal('0.5')),
        {'$inc': {'rooms.1.p': D('0.5')}},
        {'rooms': [{'p': D('100'), 'beds': 2}, {'p': D('10.0'), 'beds': 1}]},
    ),
    'mul': (lambda: Hotel.rate.mul(2), {'$mul': {'rate': 2.0}}, {'rate': 9.0}),
    'min': (lambda: Hotel.stars.min('4'), {'$min': {'stars': 4}}, {'stars': 4}),
    'min of more': (lambda: Hotel.stars.min(6), {'$min': {'stars': 6}}, {}),
    'max': (lambda: Hotel.stars.max('6'), {'$max': {'stars': 6}}, {'stars': 6}),
    'push': (
        lambda: Hotel.scores.push('7'),
        {'$push': {'scores': 7}},
        {'scores': [70, 82, 90, 7]},
    ),
    'push several': (
        lambda: Hotel.scores.push(7, 8),
        {'$push': {'scores': {'$each': [7, 8]}}},
        {'scores': [70, 82, 90, 7, 8]},
    ),
    'push nothing': (lambda: Hotel.scores.push(), {'$push': {'scores': {'$each': []}}}, {}),
    'push a list': (
        lambda: Hotel.grid.push([4]),
        {'$push': {'grid': [4]}},
        {'grid': [[1, 2], [3], [4]]},
    ),
    'push to a place': (
        lambda: Hotel.scores.push(7, position=0),
        {'$push': {'scores': {'$each': [7], '$position': 0}}},
        {'scores': [7, 70, 82, 90]},
    ),
    'push and sort': (
        lambda: Hotel.scores.push(7, sort=-1),
        {'$push': {'scores': {'$each': [7], '$sort': -1}}},
        {'scores': [90, 82, 70, 7]},
    ),
    'push, sort and cut': (
        lambda: Hotel.rooms.push(
            {'price': 5, 'beds': 1}, slice=2, sort=[Room.beds.asc(), Room.price.desc()]
        ),
        {
            '$push': {
                'rooms': {
                    '$each': [{'p': D('5'), 'beds': 1}],
                    '$slice': 2,
                    '$sort': {'beds': 1, 'p': -1},
                }
            }
        },
        {'rooms': [{'p': D('9.5'), 'beds': 1}, {'p': D('5'), 'beds': 1}]},
    ),
    'push and sort by a field': (
        lambda: Hotel.rooms.push(sort=Room.price.asc()),
        {'$push': {'rooms': {'$each': [], '$sort': {'p': 1}}}},
        {'rooms': [{'p': D('9.5'), 'beds': 1}, {'p': D('100'), 'beds': 2}]},
    ),
    'cut': (
        lambda: Hotel.scores.push(slice=-1),
        {'$push': {'scores': {'$each': [], '$slice': -1}}},
        {'scores': [90]},
    ),
    'add_to_set': (lambda: Hotel.tags.add_to_set('bar'), {'$addToSet': {'tags': 'bar'}}, {}),
    'add_to_set several': (
        lambda: Hotel.tags.add_to_set('bar', 'x'),
        {'$addToSet': {'tags': {'$each': ['bar', 'x']}}},
        {'tags': ['spa', 'bar', 'spa', 'x']},
    ),
    'pull': (lambda: Hotel.tags.pull('spa'), {'$pull': {'tags': 'spa'}}, {'tags': ['bar']}),
    'pull by a query': (
        lambda: Hotel.rooms.pull((Room.price > 50) & (Room.beds == 2)),
        {'$pull': {'rooms': {'p': {'$gt': D('50')}, 'beds': 2}}},
        {'rooms': [{'p': D('9.5'), 'beds': 1}]},
    ),
    'pull an embedded document': (
        lambda: Hotel.rooms.pull(Room(price='9.5', beds=1)),
        {'$pullAll': {'rooms': [{'p': D('9.5'), 'beds': 1}]}},
        {'rooms': [{'p': D('100'), 'beds': 2}]},
    ),
    'pull a list': (
        lambda: Hotel.grid.pull(['3']),
        {'$pullAll': {'grid': [[3]]}},
        {'grid': [[1, 2]]},
    ),
    'pull_all': (
        lambda: Hotel.scores.pull_all(iter(['70', 90])),
        {'$pullAll': {'scores': [70, 90]}},
        {'scores': [82]},
    ),
    'pop': (lambda: Hotel.scores.pop(), {'$pop': {'scores': 1}}, {'scores': [70, 82]}),
    'pop the first': (
        lambda: Hotel.scores.pop(first=True),
        {'$pop': {'scores': -1}},
        {'scores': [82, 90]},
    ),
    'joined': (
        lambda: Hotel.stars.inc() & Hotel.rate.set(1) & Hotel.name.set('x') & Hotel.tags.pop(),
        {'$inc': {'stars': 1}, '$set': {'rate': 1.0, 'n': 'x'}, '$pop': {'tags': 1}},
        {'stars': 6, 'rate': 1.0, 'n': 'x', 'tags': ['spa', 'bar']},
    ),
    'joined with a dict': (
        lambda: Hotel.stars.inc() & {'$set': {'x': 1}},
        {'$inc': {'stars': 1}, '$set': {'x': 1}},
        {'stars': 6, 'x': 1},
    ),
    'a dict joined': (
        lambda: {'$set': {'x': 1}} & Hotel.rate.set(1) & {},
        {'$set': {'x': 1, 'rate': 1.0}},
        {'x': 1, 'rate': 1.0},
    ),
}

CHEAP = {'rooms': [{'p': D('100'), 'beds': 2}, {'p': D('9.5'), 'beds': 4}]}


@pytest.fixture
def coll(sync_db):
    return Hotel.q(sync_db).coll


def changes(before, after):
    """Give what is other than before, None for what is missing."""
    keys = [*before, *after]
    return {key: after.get(key) for key in keys if before.get(key) != after.get(key)}


@pytest.mark.parametrize('name', UPDATES)
def test_an_operator_makes_a_dict(name):
    make, expected, _ = UPDATES[name]
    assert type(make()) is Update
    assert make() == expected
    assert list(make()) == list(expected)


def test_the_server_stores_what_an_operator_asks_for(sync_db, coll):
    wrong = {}
    for name, (make, _, expected) in UPDATES.items():
        coll.replace_one({'_id': 'A'}, STORED, upsert=True)
        Hotel.q(sync_db).update_one(Hotel._id == 'A', make(), upsert=True)
        found = changes(STORED, coll.find_one())
        if found != expected:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ('update', 'kind'),
    [
        (Hotel.place.current_date(), datetime.datetime),
        (Hotel.place.current_date('date'), datetime.datetime),
        (Hotel.place.current_date('timestamp'), Timestamp),
    ],
)
def test_the_server_tells_the_time(sync_db, coll, update, kind):
    assert list(update) == ['$currentDate']
    coll.insert_one(STORED)
    Hotel.q(sync_db).update_one({}, update)
    assert type(coll.find_one()['place']) is kind


def test_an_upsert_sets_what_is_for_inserts(sync_db, coll):
    update = Hotel.stars.set_on_insert('3') & Hotel.name.set('x')
    Hotel.q(sync_db).update_one(Hotel._id == 'B', update, upsert=True)
    assert coll.find_one() == {'_id': 'B', 'stars': 3, 'n': 'x'}


def test_the_item_that_the_query_has_found_is_updated(sync_db, coll):
    coll.insert_one(STORED)
    update = Hotel.rooms['$'].beds.set(4)
    assert update == {'$set': {'rooms.$.beds': 4}}
    Hotel.q(sync_db).update_one(Hotel.rooms.price < 50, update)
    assert changes(STORED, coll.find_one()) == CHEAP


def test_the_items_that_an_array_filter_finds_are_updated(sync_db, coll):
    coll.insert_one(STORED)
    cheap = (Room.price < 50).prefixed('cheap')
    assert cheap == {'cheap.p': {'$lt': D('50')}}
    update = Hotel.rooms['$[cheap]'].beds.set(4)
    Hotel.q(sync_db).update_many({}, update, array_filters=[cheap])
    assert changes(STORED, coll.find_one()) == CHEAP


def test_a_prefix_stands_before_each_condition():
    query = ((Room.price < 50) | ~(Room.beds == 2)) & ((Room.price > 1) | {'x': 1})
    assert query.prefixed('r') == {
        '$and': [
            {'$or': [{'r.p': {'$lt': D('50')}}, {'$nor': [{'r.beds': 2}]}]},
            {'$or': [{'r.p': {'$gt': D('1')}}, {'r.x': 1}]},
        ]
    }
    with pytest.raises(QueryError, match=r"\$expr is no condition on a field, .* under 'r'"):
        Room.price.compare('>', Room.beds).prefixed('r')


PIPELINE = [{'$set': {'stars': {'$add': ['$stars', 1]}}}]


async def test_a_pipeline_goes_through(any_db, coll):
    coll.insert_one(STORED)
    hotel = await settled(Hotel.q(any_db).find_one(Hotel._id == 'A'))
    await settled(hotel.update(any_db, PIPELINE))
    assert hotel.stars == 6
    await settled(Hotel.q(any_db).update_one({}, PIPELINE))
    await settled(Hotel.q(any_db).update_many(Hotel.stars == 7, PIPELINE))
    assert coll.find_one()['stars'] == 8


CONFLICTS = [
    (Hotel.stars.set(1), Hotel.stars.inc(1)),
    (Hotel.stars.set(1), Hotel.stars.set(1)),
    (Hotel.rooms.set([]), Hotel.rooms[0].price.set(1)),
    (Hotel.suite.price.set(1), Hotel.suite.unset()),
    (Hotel.name.rename('stars'), Hotel.stars.set(1)),
    (Hotel.name.rename('x.y'), {'$set': {'x': 1}}),
    ({'$set': {'n': 1}}, Hotel.name.set('x')),
    (Hotel.rate.set(1) & Hotel.stars.inc(), Hotel.rate.set(2)),
]


@pytest.mark.parametrize(('one', 'other'), CONFLICTS)
def test_two_updates_of_one_path_are_refused(one, other):
    before = repr(one), repr(other)
    for left, right in [(one, other), (other, one)]:
        with pytest.raises(QueryError, match=r"two updates of '\w+' cannot be joined"):
            left & right
    assert (repr(one), repr(other)) == before


def test_paths_that_start_alike_are_two():
    update = Hotel.rate.set(1) & {'$set': {'rates': 2}}
    assert update == {'$set': {'rate': 1.0, 'rates': 2}}


@pytest.mark.parametrize('other', [{'name': 'Ann'}, {'$set': 3}, {'$or': [{}]}])
def test_an_update_is_joined_with_updates(other):
    with pytest.raises(QueryError, match=r'is no update, such as {"\$set": {"name": "Ann"}}'):
        Hotel.stars.inc() & other


@pytest.mark.parametrize('other', [Hotel.stars > 3, ~(Hotel.stars > 3), [], None, 3])
def test_an_update_is_joined_with_nothing_else(other):
    for left, right in [(Hotel.stars.inc(), other), (other, Hotel.stars.inc())]:
        with pytest.raises(TypeError, match='unsupported operand'):
            left & right


@pytest.mark.parametrize('other', [Hotel.rate.set(1), {'$set': {'x': 1}}, Hotel.stars > 3])
@pytest.mark.parametrize('joined', [operator.or_, operator.ior])
def test_updates_are_not_alternatives(joined, other):
    update = Hotel.stars.inc()
    with pytest.raises(TypeError, match='updates are joined by &, not by '):
        joined(update, other)
    with pytest.raises(TypeError, match='updates are joined by &, not by '):
        other | update
    assert update == {'$inc': {'stars': 1}}
