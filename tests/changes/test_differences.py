"""What `changes` makes of the differences, in memory."""

from decimal import Decimal

import pytest
from bson import Decimal128, Int64

from aiomongodel import Document, EmbDocField, ListField, StrField
from aiomongodel.changes import changes_of

from .models import Address, Item, Order, Place, Plain, loaded


def changed(order, change):
    change(order)
    return order.changes()


def assign(name, value):
    return lambda order: setattr(order, name, value)


@pytest.mark.parametrize(
    ('stored', 'change', 'update'),
    [
        ({}, assign('title', 'x'), {'$set': {'t': 'x'}}),
        ({'t': 'x'}, assign('heading', 'y'), {'$set': {'t': 'y'}}),
        ({'count': 1}, assign('count', None), {'$set': {'count': None}}),
        ({'t': 'x'}, lambda order: delattr(order, 'title'), {'$unset': {'t': ''}}),
        (
            {'address': {'c': 'x'}},
            lambda order: delattr(order, 'address'),
            {'$unset': {'address': ''}},
        ),
        ({'total': Decimal128('1')}, assign('total', 2), {'$set': {'total': Decimal128('2')}}),
        ({'extra': 1}, assign('extra', 1.0), {'$set': {'extra': 1.0}}),
        ({'extra': 1}, assign('extra', True), {'$set': {'extra': True}}),
        ({'extra': 0.0}, assign('extra', -0.0), {'$set': {'extra': -0.0}}),
    ],
)
def test_a_field_that_has_changed_is_set_or_unset(stored, change, update):
    assert changed(loaded(**stored), change) == update


@pytest.mark.parametrize(
    'stored',
    [
        {},
        {'t': 'x', 'tags': ['a'], 'extra': {'a': [1]}},
        {'address': {'c': 'x', 'unknown': 1, 'place': {'lat': 1.5, 'z': 1}}},
        {'items': [{'p': 1, 'unknown': 2}], 'total': 7, 'unknown': 1},
        {'count': Int64(5), 'extra': float('nan'), 'matrix': [[1], []]},
        {'address': 'of another kind', 'tags': None, 'items': 5},
    ],
)
def test_reading_all_of_a_document_changes_nothing(stored):
    order = loaded(**stored)
    assert order.changes() == {}
    order.to_data()
    assert (order.changes(), order.is_changed()) == ({}, False)
    if order.address and stored['address'] != 'of another kind':
        assert order.address.place.lat == Decimal('1.5')
    assert order.changes() == {}


def test_an_equal_value_that_is_assigned_is_no_change():
    order = loaded(count=Int64(5), total=7.5, address={'c': 'x', 'unknown': 1}, tags=['a'])
    order.count, order.total, order.tags = 5, Decimal('7.5'), ['a']
    order.address = Address(city='x')
    assert order.changes() == {}


def within_address(**values):
    def change(order):
        for name, value in values.items():
            setattr(order.address, name, value)

    return change


@pytest.mark.parametrize(
    ('change', 'update'),
    [
        (within_address(city='y'), {'$set': {'address.c': 'y'}}),
        (within_address(street='s'), {'$set': {'address.street': 's'}}),
        (lambda order: delattr(order.address, 'city'), {'$unset': {'address.c': ''}}),
        (
            lambda order: order.address.lines.append('l'),
            {'$push': {'address.lines': {'$each': ['l']}}},
        ),
        (
            lambda order: setattr(order.address.place, 'lat', 3),
            {'$set': {'address.place.lat': Decimal128('3')}},
        ),
        (assign('address', None), {'$set': {'address': None}}),
        (
            assign('address', Address(city='y', place=Place())),
            {
                '$set': {'address.c': 'y'},
                '$unset': {'address.lines': '', 'address.place.lat': ''},
            },
        ),
    ],
)
def test_documents_within_change_by_path_and_keep_what_is_not_known(change, update):
    address = {'c': 'x', 'lines': [], 'unknown': 1, 'place': {'lat': 1.5, 'unknown': 2}}
    assert changed(loaded(address=address), change) == update


def test_a_document_in_place_of_another_kind_of_value_is_set_whole():
    update = {'$set': {'address': {'c': 'x'}}}
    for stored in ({}, {'address': None}, {'address': 5}):
        assert changed(loaded(**stored), assign('address', Address(city='x'))) == update


@pytest.mark.parametrize(
    ('before', 'after', 'update'),
    [
        ([], ['a'], {'$push': {'tags': {'$each': ['a']}}}),
        (['a'], ['a', 'b', 'c'], {'$push': {'tags': {'$each': ['b', 'c']}}}),
        (['a'], ['a', 'a'], {'$push': {'tags': {'$each': ['a']}}}),
        (['a', 'b'], ['a', 'c'], {'$set': {'tags.1': 'c'}}),
        (['a', 'b'], ['b', 'a'], {'$set': {'tags.0': 'b', 'tags.1': 'a'}}),
        (['a', 'b'], ['c', 'b', 'd'], {'$set': {'tags': ['c', 'b', 'd']}}),
        (['a', 'b'], ['b'], {'$set': {'tags': ['b']}}),
        (['a'], ['b', 'a'], {'$set': {'tags': ['b', 'a']}}),
        (['a'], [], {'$set': {'tags': []}}),
        (['a'], None, {'$set': {'tags': None}}),
        (None, ['a'], {'$set': {'tags': ['a']}}),
    ],
)
def test_a_list_changes_by_push_by_index_or_as_a_whole(before, after, update):
    assert changed(loaded(tags=before), assign('tags', after)) == update


STORED_ITEMS = [{'name': 'a', 'u': 1}, {'name': 'b', 'u': 2, 'tags': []}, {'name': 'c', 'p': 1.5}]


@pytest.mark.parametrize(
    ('change', 'update'),
    [
        (lambda items: setattr(items[1], 'name', 'x'), {'$set': {'items.1.name': 'x'}}),
        (lambda items: delattr(items[1], 'tags'), {'$unset': {'items.1.tags': ''}}),
        (
            lambda items: items[1].tags.append('x'),
            {'$push': {'items.1.tags': {'$each': ['x']}}},
        ),
        (
            lambda items: items.append(Item(name='d')),
            {'$push': {'items': {'$each': [{'name': 'd'}]}}},
        ),
        (lambda items: items.reverse(), {'$set': {'items': STORED_ITEMS[::-1]}}),
        (lambda items: items.pop(0), {'$set': {'items': STORED_ITEMS[1:]}}),
        (
            lambda items: items.insert(1, Item(name='d')),
            {'$set': {'items': [STORED_ITEMS[0], {'name': 'd'}, *STORED_ITEMS[1:]]}},
        ),
        (
            lambda items: (items.pop(0), items.append(Item(name='d'))),
            {'$set': {'items': [*STORED_ITEMS[1:], {'name': 'd'}]}},
        ),
    ],
)
def test_items_that_stay_or_move_keep_what_is_not_known(change, update):
    order = loaded(items=[dict(item) for item in STORED_ITEMS])
    assert order.items[2].price == Decimal('1.5')
    change(order.items)
    assert order.changes() == update


def test_an_item_that_becomes_like_another_is_no_item_that_has_moved():
    order = loaded(items=[{'name': name, 'u': number} for number, name in enumerate('apd')])
    order.items[0].name, order.items[1].name = 'x', 'd'
    assert order.changes() == {'$set': {'items.0.name': 'x', 'items.1.name': 'd'}}


def test_of_two_items_that_are_like_one_that_was_there_one_has_what_is_not_known():
    order = loaded(items=[{'name': name, 'u': name} for name in 'ab'])
    order.items = [Item(name='x'), Item(name='b'), Item(name='b'), order.items[0]]
    items = order.changes()['$set']['items']
    assert [item.get('u') for item in items] == [None, 'b', None, 'a']


class Dearer(Item):
    fee = StrField()


def test_an_item_of_a_subclass_that_has_moved_keeps_what_it_holds():
    order = loaded(items=[{'name': name, 'u': name} for name in 'ab'])
    order.items = [Dearer(name='b', fee='f'), order.items[0]]
    fee = {'name': 'b', 'fee': 'f'}
    assert order.changes() == {'$set': {'items': [fee, {'name': 'a', 'u': 'a'}]}}
    order.items.pop()
    assert order.changes() == {'$set': {'items': [fee]}}


class Fussy(StrField):
    def from_mongo(self, value):
        return {'a': 'A', 'b': 'B'}[value]


def test_a_value_that_cannot_be_read_is_unchanged_as_long_as_nobody_reads_it():
    class Coded(Document):
        code = Fussy()
        name = StrField()

        class Meta:
            track_changes = True

    coded = Coded.from_mongo({'_id': 1, 'code': 'broken', 'name': 'x'})
    coded.name = 'y'
    assert coded.changes() == {'$set': {'name': 'y'}}


def test_a_value_that_could_not_be_read_anew_is_set():
    class Coded(Document):
        code = Fussy()

        class Meta:
            track_changes = True

    coded = Coded.from_mongo({'_id': 1, 'code': 'a'})
    assert coded.code == 'A'
    coded.code = 'other'
    assert coded.changes() == {'$set': {'code': 'other'}}


def test_half_read_items_that_move_keep_what_is_not_known():
    class Tour(Document):
        stops = ListField(EmbDocField(Address))

        class Meta:
            track_changes = True

    stops = [{'c': str(u), 'place': {'lat': 1.5, 'u': u}, 'u': u} for u in range(4)]
    tour = Tour.from_mongo({'_id': 1, 'stops': stops})
    first, second, third, last = tour.stops
    assert second.place.lat == Decimal('1.5')
    third.place.lon = None
    tour.stops = [last, second, Address(city='x'), third, first]
    now = tour.changes()['$set']['stops']
    assert [stop.get('u') for stop in now] == [3, 1, None, None, 0]
    assert now[3]['place'] == {'lat': 1.5, 'lon': None}


def test_lists_in_lists_change_by_path():
    order = loaded(matrix=[[1, 2], [3]])
    order.matrix[0][1] = 5
    order.matrix[1].append(4)
    assert order.changes() == {
        '$set': {'matrix.0.1': 5},
        '$push': {'matrix.1': {'$each': [4]}},
    }


@pytest.mark.parametrize('key', ['', 'a.b', '.', '$a', 5])
def test_what_has_a_key_that_is_no_path_is_set_with_what_is_around_it(key):
    order = loaded(extra={'in': {key: 1, 'kept': 2}, 'out': 1})
    order.extra['in'][key] = 2
    order.extra['out'] = 2
    assert order.changes() == {'$set': {'extra.in': {key: 2, 'kept': 2}, 'extra.out': 2}}
    assert changes_of(order).conditions['extra.in'] == {'$eq': {key: 1, 'kept': 2}}


def test_a_key_that_is_no_path_hurts_nobody_where_it_does_not_change():
    order = loaded(extra={'a.b': 1, 'c': 1})
    order.extra['c'] = 2
    assert order.changes() == {'$set': {'extra.c': 2}}


@pytest.mark.parametrize(
    ('stored', 'change', 'conditions'),
    [
        ({'tags': ['a']}, lambda order: order.tags.append('b'), {}),
        ({'t': 'x'}, assign('title', 'y'), {}),
        ({'tags': ['a']}, assign('tags', ['b']), {'tags.0': {'$eq': 'a'}}),
        ({'tags': ['a']}, assign('tags', []), {'tags': {'$eq': ['a']}}),
        ({}, assign('tags', ['a']), {'tags': {'$exists': False}}),
        ({'address': {'u': 1}}, assign('address', None), {'address': {'$eq': {'u': 1}}}),
        (
            {'items': [{'u': 1}]},
            lambda order: setattr(order.items[0], 'name', 'x'),
            {'items.0': {'$eq': {'u': 1}}},
        ),
    ],
)
def test_a_change_that_would_hide_that_of_another_has_a_condition(stored, change, conditions):
    order = loaded(**stored)
    change(order)
    assert changes_of(order).conditions == conditions


def test_new_keys_are_in_the_order_in_which_the_server_adds_them():
    order = loaded(extra={'b': {}, '10': {}, '9': {}})
    for key in ('b', '10', '9'):
        order.extra[key].update({'z': 1, 'a': 1})
    expected = ['extra.9.a', 'extra.9.z', 'extra.10.a', 'extra.10.z', 'extra.b.a', 'extra.b.z']
    assert list(order.changes()['$set']) == expected


def test_no_two_changes_touch_one_path():
    order = loaded(matrix=[[1], [2]], tags=['a'], extra={'x': {'a.b': 1, 'l': [1]}})
    order.matrix[0][0] = 5
    order.matrix.append([3])
    order.tags[:] = ['b', 'a']
    order.extra['x']['a.b'] = 2
    order.extra['x']['l'].append(2)
    paths = [path for changes in order.changes().values() for path in changes]
    assert sorted(paths) == ['extra.x', 'matrix', 'tags']


def test_what_is_done_to_the_changes_shows_nowhere_else():
    order = loaded(extra={'a': [1]}, items=[{'name': 'a', 'u': [1]}, {'name': 'b', 'u': [2]}])
    order.items.reverse()
    order.extra['a'][0] = {'x': []}
    order.changes()['$set']['items'][0]['u'].append(5)
    order.changes()['$set']['extra.a.0']['x'].append(5)
    items = [{'name': 'b', 'u': [2]}, {'name': 'a', 'u': [1]}]
    assert order.changes()['$set'] == {'items': items, 'extra.a.0': {'x': []}}


def test_a_changed_id_is_refused():
    order = loaded(t='x')
    order._id = 2
    with pytest.raises(ValueError, match=r'Order\._id was 1 at loading, and is 2: .* put it back'):
        order.changes()
    order._id = 1
    assert order.changes() == {}


@pytest.mark.parametrize(
    'call', [Order.changes, Order.is_changed, Order.revert], ids=lambda call: call.__name__
)
def test_a_document_that_was_never_stored_has_no_changes(call):
    with pytest.raises(ValueError, match=r'Order with the _id 5 was never stored.*save it first'):
        call(Order(_id=5))


@pytest.mark.parametrize('name', ['changes', 'is_changed', 'revert'])
def test_a_class_that_does_not_track_says_how_to(name):
    with pytest.raises(TypeError, match=r'set track_changes = True in Plain\.Meta'):
        getattr(Plain.from_mongo({'_id': 1}), name)()


def test_a_key_of_the_top_that_no_update_can_set_is_refused():
    class Dotted(Document):
        name = StrField()

        class Meta:
            track_changes = True

        def to_mongo(self):
            return {**super().to_mongo(), 'a.b': self.name}

    dotted = Dotted.from_mongo({'_id': 1, 'name': 'x'})
    dotted.name = 'y'
    with pytest.raises(ValueError, match=r"Dotted\.to_mongo gives the key 'a\.b', which no update"):
        dotted.changes()


def test_an_own_from_mongo_and_to_mongo_are_no_change():
    class Versioned(Document):
        name = StrField(required=False)
        upper = StrField(required=False)

        class Meta:
            track_changes = True

        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({'_id': data['_id'], 'name': data['old_name']})

        def to_mongo(self):
            return {**super().to_mongo(), 'upper': self.name.upper()}

    versioned = Versioned.meta.codec.loader({'_id': 1, 'old_name': 'x'})
    assert versioned.changes() == {}
    versioned.name = 'y'
    assert versioned.changes() == {'$set': {'name': 'y', 'upper': 'Y'}}
