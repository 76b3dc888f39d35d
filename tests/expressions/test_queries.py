"""What each operator of a query makes, and what the server finds by it."""

import re
from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId

from aiomongodel import DateTimeField, Document, Field, ObjectIdField, RefField, StrField
from aiomongodel.expressions import Query, text_search

from .models import Hotel, Owner, Room

ANN = Owner(_id='ann')
SQUARE = [(30, 50), (31, 50), (31, 51), (30, 51)]
RING = [[[30, 50], [31, 50], [31, 51], [30, 51], [30, 50]]]
LINE = {'type': 'LineString', 'coordinates': [[30.5, 50], [30.5, 51]]}


def point(longitude, latitude):
    return {'type': 'Point', 'coordinates': [longitude, latitude]}


STORED = [
    {
        '_id': 'A',
        'n': 'Astoria',
        'stars': 5,
        'floors': 3,
        'rate': 4.5,
        'o': 'ann',
        'tags': ['spa', 'bar'],
        'scores': [70, 82, 90],
        'grid': [[1, 2], [3]],
        'rooms': [{'p': Decimal128('100'), 'beds': 2}, {'p': Decimal128('9.5'), 'beds': 1}],
        'suite': {'p': Decimal128('100'), 'beds': 2},
        'place': point(30.5, 50.4),
    },
    {
        '_id': 'B',
        'n': 'bristol.\nBar',
        'stars': 3,
        'floors': 3,
        'rate': 3.0,
        'o': 'bob',
        'tags': ['bar'],
        'scores': [79, 86],
        'grid': [[1, 2]],
        'rooms': [{'p': Decimal128('40'), 'beds': 2}],
        'place': point(30.6, 50.4),
    },
    {
        '_id': 'C',
        'n': '100%_',
        'stars': 4,
        'floors': 8,
        'o': None,
        'tags': [],
        'rooms': [],
        'place': point(-74, 40.7),
    },
    {'_id': 'D'},
]

COMPARISONS = {
    '==': (lambda: Hotel.stars == 5, {'stars': 5}, 'A'),
    '== converts': (lambda: Hotel.stars == '5', {'stars': 5}, 'A'),
    '== None': (lambda: Hotel.stars == None, {'stars': None}, 'D'),  # noqa: E711
    '== a list': (lambda: Hotel.tags == ['bar'], {'tags': ['bar']}, 'B'),
    '== an item': (lambda: Hotel.tags == 'bar', {'tags': 'bar'}, 'AB'),
    '== a list of lists': (lambda: Hotel.grid == [[1, '2']], {'grid': [[1, 2]]}, 'B'),
    '== a list in a list': (lambda: Hotel.grid == ['1', 2], {'grid': [1, 2]}, 'AB'),
    '== at an index': (lambda: Hotel.grid[1][0] == '3', {'grid.1.0': 3}, 'A'),
    '== a reference': (lambda: Hotel.owner == ANN, {'o': 'ann'}, 'A'),
    '== an id': (lambda: Hotel.owner == 'ann', {'o': 'ann'}, 'A'),
    '== no reference': (lambda: Hotel.owner == None, {'o': None}, 'CD'),  # noqa: E711
    '== embedded': (
        lambda: Hotel.suite == Room(price=100, beds=2),
        {'suite': {'$eq': {'p': Decimal128('100'), 'beds': 2}}},
        'A',
    ),
    '== embedded in a list': (
        lambda: Hotel.rooms == {'price': '40', 'beds': 2},
        {'rooms': {'$eq': {'p': Decimal128('40'), 'beds': 2}}},
        'B',
    ),
    '!=': (lambda: Hotel.stars != 5, {'stars': {'$ne': 5}}, 'BCD'),
    '!= None': (lambda: Hotel.stars != None, {'stars': {'$ne': None}}, 'ABC'),  # noqa: E711
    '!= a reference': (lambda: Hotel.owner != ANN, {'o': {'$ne': 'ann'}}, 'BCD'),
    '>': (lambda: Hotel.stars > 4, {'stars': {'$gt': 4}}, 'A'),
    '>=': (lambda: Hotel.stars >= '4', {'stars': {'$gte': 4}}, 'AC'),
    '<': (lambda: Hotel.stars < 4, {'stars': {'$lt': 4}}, 'B'),
    '<=': (lambda: Hotel.stars <= 4, {'stars': {'$lte': 4}}, 'BC'),
    'reflected': (lambda: 4 <= Hotel.stars, {'stars': {'$gte': 4}}, 'AC'),  # noqa: SIM300
    '<= a fraction': (lambda: Hotel.stars <= 3.5, {'stars': {'$lte': 3.5}}, 'B'),
    '> a decimal': (
        lambda: Hotel.stars > Decimal('3.5'),
        {'stars': {'$gt': Decimal128('3.5')}},
        'AC',
    ),
    '>= within': (
        lambda: Hotel.rooms.price >= Decimal('9.5'),
        {'rooms.p': {'$gte': Decimal128('9.5')}},
        'AB',
    ),
    '< at an index': (
        lambda: Hotel.rooms[0].price < 50,
        {'rooms.0.p': {'$lt': Decimal128('50')}},
        'B',
    ),
    'in_': (lambda: Hotel.stars.in_(['5', 3]), {'stars': {'$in': [5, 3]}}, 'AB'),
    'in_ None': (lambda: Hotel.stars.in_([None]), {'stars': {'$in': [None]}}, 'D'),
    'in_ nothing': (lambda: Hotel.stars.in_([]), {'stars': {'$in': []}}, ''),
    'in_ of items': (lambda: Hotel.tags.in_(('spa', 'x')), {'tags': {'$in': ['spa', 'x']}}, 'A'),
    'in_ of lists': (lambda: Hotel.tags.in_([['bar']]), {'tags': {'$in': [['bar']]}}, 'B'),
    'in_ of references': (lambda: Hotel.owner.in_(iter([ANN])), {'o': {'$in': ['ann']}}, 'A'),
    'not_in': (lambda: Hotel.stars.not_in({5}), {'stars': {'$nin': [5]}}, 'BCD'),
    'not_in nothing': (lambda: Hotel.stars.not_in([]), {'stars': {'$nin': []}}, 'ABCD'),
    'compare ==': (
        lambda: Hotel.floors.compare('==', Hotel.stars),
        {'$expr': {'$eq': ['$floors', '$stars']}},
        'BD',
    ),
    'compare !=': (
        lambda: Hotel.floors.compare('!=', Hotel.stars),
        {'$expr': {'$ne': ['$floors', '$stars']}},
        'AC',
    ),
    'compare >': (
        lambda: Hotel.floors.compare('>', Hotel.stars),
        {'$expr': {'$gt': ['$floors', '$stars']}},
        'C',
    ),
    'compare >=': (
        lambda: Hotel.floors.compare('>=', Hotel.stars),
        {'$expr': {'$gte': ['$floors', '$stars']}},
        'BCD',
    ),
    'compare <': (
        lambda: Hotel.floors.compare('<', Hotel.stars),
        {'$expr': {'$lt': ['$floors', '$stars']}},
        'A',
    ),
    'compare <=': (
        lambda: Hotel.name.compare('<=', Hotel.owner),
        {'$expr': {'$lte': ['$n', '$o']}},
        'AD',
    ),
}

OPERATORS = {
    'exists': (lambda: Hotel.rate.exists(), {'rate': {'$exists': True}}, 'AB'),
    'exists not': (lambda: Hotel.rate.exists(False), {'rate': {'$exists': False}}, 'CD'),
    'regex': (lambda: Hotel.name.regex('^A'), {'n': {'$regex': '^A'}}, 'A'),
    'regex with options': (
        lambda: Hotel.name.regex('^b', 'mi'),
        {'n': {'$regex': '^b', '$options': 'mi'}},
        'B',
    ),
    'regex compiled': (
        lambda: Hotel.name.regex(re.compile('^bar$', re.IGNORECASE | re.MULTILINE)),
        {'n': {'$regex': '^bar$', '$options': 'im'}},
        'B',
    ),
    'regex on items': (lambda: Hotel.tags.regex('^s'), {'tags': {'$regex': '^s'}}, 'A'),
    'like a start': (lambda: Hotel.name.like('As%'), {'n': {'$regex': '^As'}}, 'A'),
    'like an end': (lambda: Hotel.name.like('%ia'), {'n': {'$regex': 'ia$(?!\\n)'}}, 'A'),
    'like a part': (lambda: Hotel.name.like('%.%'), {'n': {'$regex': '\\.'}}, 'B'),
    'like all of it': (
        lambda: Hotel.name.like('A%ori_'),
        {'n': {'$regex': '^A.*ori.$(?!\\n)', '$options': 's'}},
        'A',
    ),
    'like across lines': (
        lambda: Hotel.name.like('b%r'),
        {'n': {'$regex': '^b.*r$(?!\\n)', '$options': 's'}},
        'B',
    ),
    'like without wildcards': (
        lambda: Hotel.name.like('Astori'),
        {'n': {'$regex': '^Astori$(?!\\n)'}},
        '',
    ),
    'like what is escaped': (
        lambda: Hotel.name.like(r'100\%\_'),
        {'n': {'$regex': '^100%_$(?!\\n)'}},
        'C',
    ),
    'like anything': (lambda: Hotel.name.like('%'), {'n': {'$regex': ''}}, 'ABC'),
    'ilike': (
        lambda: Hotel.name.ilike('BRIS%'),
        {'n': {'$regex': '^BRIS', '$options': 'i'}},
        'B',
    ),
    'all': (lambda: Hotel.tags.all(['bar', 'spa']), {'tags': {'$all': ['bar', 'spa']}}, 'A'),
    'all lists': (lambda: Hotel.grid.all([[1, '2']]), {'grid': {'$all': [[1, 2]]}}, 'AB'),
    'all of nothing': (lambda: Hotel.tags.all([]), {'tags': {'$all': []}}, ''),
    'size': (lambda: Hotel.tags.size(1), {'tags': {'$size': 1}}, 'B'),
    'size 0': (lambda: Hotel.tags.size(0), {'tags': {'$size': 0}}, 'C'),
    'elem_match': (
        lambda: Hotel.rooms.elem_match((Room.price < 50) & (Room.beds == 2)),
        {'rooms': {'$elemMatch': {'p': {'$lt': Decimal128('50')}, 'beds': 2}}},
        'B',
    ),
    'elem_match of plain values': (
        lambda: Hotel.scores.elem_match({'$gte': 80, '$lt': 85}),
        {'scores': {'$elemMatch': {'$gte': 80, '$lt': 85}}},
        'A',
    ),
    'type': (lambda: Hotel.owner.type('null'), {'o': {'$type': 'null'}}, 'C'),
    'type by number': (lambda: Hotel.owner.type(2), {'o': {'$type': 2}}, 'AB'),
    'type of several': (
        lambda: Hotel.owner.type('null', 2),
        {'o': {'$type': ['null', 2]}},
        'ABC',
    ),
    'mod': (lambda: Hotel.stars.mod(2, 1), {'stars': {'$mod': [2, 1]}}, 'AB'),
    'near': (
        lambda: Hotel.place.near((30.6, 50.4)),
        {'place': {'$near': {'$geometry': point(30.6, 50.4)}}},
        'BAC',
    ),
    'near within a distance': (
        lambda: Hotel.place.near(point(30.5, 50.4), max_distance=9000, min_distance=1.5),
        {
            'place': {
                '$near': {
                    '$geometry': point(30.5, 50.4),
                    '$maxDistance': 9000,
                    '$minDistance': 1.5,
                }
            }
        },
        'B',
    ),
    'within corners': (
        lambda: Hotel.place.within(SQUARE),
        {'place': {'$geoWithin': {'$geometry': {'type': 'Polygon', 'coordinates': RING}}}},
        'AB',
    ),
    'within a polygon': (
        lambda: Hotel.place.within({'type': 'MultiPolygon', 'coordinates': [RING]}),
        {'place': {'$geoWithin': {'$geometry': {'type': 'MultiPolygon', 'coordinates': [RING]}}}},
        'AB',
    ),
    'within_circle': (
        lambda: Hotel.place.within_circle((30.5, 50.4), 6_378.1),
        {'place': {'$geoWithin': {'$centerSphere': [[30.5, 50.4], 0.001]}}},
        'A',
    ),
    'intersects a line': (
        lambda: Hotel.place.intersects(LINE),
        {'place': {'$geoIntersects': {'$geometry': LINE}}},
        'A',
    ),
    'intersects a point': (
        lambda: Hotel.place.intersects((30.6, 50.4)),
        {'place': {'$geoIntersects': {'$geometry': point(30.6, 50.4)}}},
        'B',
    ),
    'text_search': (
        lambda: text_search('astoria -spa'),
        {'$text': {'$search': 'astoria -spa'}},
        'A',
    ),
    'text_search in a language': (
        lambda: text_search('bar', language='en'),
        {'$text': {'$search': 'bar', '$language': 'en'}},
        'B',
    ),
}

JOINED = {
    '& of two fields': (
        lambda: (Hotel.stars > 3) & (Hotel.floors < 5),
        {'stars': {'$gt': 3}, 'floors': {'$lt': 5}},
        'A',
    ),
    '& of one field': (
        lambda: (Hotel.stars > 3) & (Hotel.stars < 5),
        {'$and': [{'stars': {'$gt': 3}}, {'stars': {'$lt': 5}}]},
        'C',
    ),
    '& of three': (
        lambda: (Hotel.stars > 2) & (Hotel.stars < 5) & (Hotel.stars != 4),
        {'$and': [{'stars': {'$gt': 2}}, {'stars': {'$lt': 5}}], 'stars': {'$ne': 4}},
        'B',
    ),
    '& of alternatives': (
        lambda: ((Hotel.stars == 3) | (Hotel.stars == 4)) & ((Hotel.floors == 8) | {'x': 1}),
        {
            '$and': [
                {'$or': [{'stars': 3}, {'stars': 4}]},
                {'$or': [{'floors': 8}, {'x': 1}]},
            ]
        },
        'C',
    ),
    '& of $expr': (
        lambda: Hotel.floors.compare('<', Hotel.stars) & Hotel.stars.compare('>', Hotel.rate),
        {
            '$and': [
                {'$expr': {'$lt': ['$floors', '$stars']}},
                {'$expr': {'$gt': ['$stars', '$rate']}},
            ]
        },
        'A',
    ),
    '& of near': (
        lambda: Hotel.place.near((30.6, 50.4)) & (Hotel.stars > 3),
        {
            'place': {'$near': {'$geometry': point(30.6, 50.4)}},
            'stars': {'$gt': 3},
        },
        'AC',
    ),
    '& with a dict': (
        lambda: (Hotel.stars > 3) & {'floors': 3},
        {'stars': {'$gt': 3}, 'floors': 3},
        'A',
    ),
    'a dict &': (
        lambda: {'floors': 3} & (Hotel.stars > 3),
        {'floors': 3, 'stars': {'$gt': 3}},
        'A',
    ),
    '& with nothing': (lambda: (Hotel.stars > 4) & {}, {'stars': {'$gt': 4}}, 'A'),
    '|': (
        lambda: (Hotel.stars > 4) | (Hotel.floors > 4),
        {'$or': [{'stars': {'$gt': 4}}, {'floors': {'$gt': 4}}]},
        'AC',
    ),
    '| of three': (
        lambda: (Hotel.stars > 4) | (Hotel.floors > 4) | {'_id': 'D'},
        {'$or': [{'stars': {'$gt': 4}}, {'floors': {'$gt': 4}}, {'_id': 'D'}]},
        'ACD',
    ),
    'a dict |': (
        lambda: {'_id': 'D'} | (Hotel.stars > 4),
        {'$or': [{'_id': 'D'}, {'stars': {'$gt': 4}}]},
        'AD',
    ),
    '| with nothing': (
        lambda: (Hotel.stars > 4) | {},
        {'$or': [{'stars': {'$gt': 4}}, {}]},
        'ABCD',
    ),
    '~': (lambda: ~(Hotel.stars > 4), {'$nor': [{'stars': {'$gt': 4}}]}, 'BCD'),
    '~~': (lambda: ~~(Hotel.stars > 4), {'$nor': [{'$nor': [{'stars': {'$gt': 4}}]}]}, 'A'),
    '~ of &': (
        lambda: ~((Hotel.stars > 3) & (Hotel.floors < 5)),
        {'$nor': [{'stars': {'$gt': 3}, 'floors': {'$lt': 5}}]},
        'BCD',
    ),
    '& of ~': (
        lambda: ~(Hotel.stars > 4) & ~(Hotel.stars < 4),
        {'$and': [{'$nor': [{'stars': {'$gt': 4}}]}, {'$nor': [{'stars': {'$lt': 4}}]}]},
        'CD',
    ),
    'any depth': (
        lambda: ((Hotel.rooms.beds == 2) & ~Hotel.tags.size(1)) | (Hotel.name == '100%_'),
        {'$or': [{'rooms.beds': 2, '$nor': [{'tags': {'$size': 1}}]}, {'n': '100%_'}]},
        'AC',
    ),
}

QUERIES = {**COMPARISONS, **OPERATORS, **JOINED}


@pytest.fixture
def hotels(sync_db):
    collection = Hotel.q(sync_db).coll
    collection.insert_many(STORED)
    collection.create_index([('place', '2dsphere')])
    collection.create_index([('n', 'text')])
    return Hotel.q(sync_db)


@pytest.mark.parametrize('name', QUERIES)
def test_an_operator_makes_a_dict(name):
    make, expected, _ = QUERIES[name]
    assert type(make()) is Query
    assert make() == expected
    assert list(make()) == list(expected)


def test_the_server_finds_what_an_operator_asks_for(hotels):
    wrong = {}
    for name, (make, _, expected) in QUERIES.items():
        found = ''.join(hotel._id for hotel in hotels.find(make()))
        if (found if 'near' in name else ''.join(sorted(found))) != expected:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ('flags', 'options', 'expected'),
    [
        (re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE, '', 'imsx'),
        (re.VERBOSE, 'i', 'ix'),
        (re.IGNORECASE | re.DOTALL, 'is', 'is'),
        (re.ASCII, 'u', 'u'),
    ],
)
def test_flags_become_options(flags, options, expected):
    query = Hotel.name.regex(re.compile('a', flags), options)
    assert query == {'n': {'$regex': 'a', '$options': expected}}


def test_a_search_of_text_has_options():  # of which the server for tests knows the language alone
    query = text_search('é', case_sensitive=True, diacritic_sensitive=False)
    options = {'$caseSensitive': True, '$diacriticSensitive': False}
    assert query == {'$text': {'$search': 'é', **options}}


def test_pairs_are_for_sorting(hotels):
    assert Hotel.name.asc() == ('n', 1)
    assert Hotel.rooms.price.desc() == ('rooms.p', -1)
    found = hotels.find(Hotel.stars.exists()).sort([Hotel.floors.asc(), Hotel.stars.desc()])
    assert [hotel._id for hotel in found] == ['A', 'B', 'C']


class User(Document):
    _id = ObjectIdField()
    name = StrField(mongo_name='n')


class Post(Document):
    author = RefField(User, mongo_name='user')
    created = DateTimeField(required=False)


def test_a_document_stands_for_its_id():
    user = User(_id=ObjectId(), name='Ann')
    assert (Post.author == user) == {'user': user._id}
    assert (Post.author == str(user._id)) == {'user': user._id}
    assert Post.author.in_([user]) == {'user': {'$in': [user._id]}}
    assert (Post.author[User.name] == 'Ann') == {'user.n': 'Ann'}


def test_a_field_compared_with_a_field_is_identity():
    assert (User.name == User.name) is True
    assert (User.name == User._id) is False
    assert (User.name != User.name) is False
    assert (User.name != User._id) is True
    assert User.name in {User.name, User._id}
    assert User.name in [User._id, User.name]
    assert Post.author not in [User._id, User.name]
    assert {User.name: 1, User._id: 2}[User.name] == 1
    assert [User._id, User.name].index(User.name) == 1


def test_fields_are_not_ordered():
    with pytest.raises(ValueError, match=r"User\.\w+: .* is not a value; .*compare\('>', field\)"):
        sorted([User.name, User._id])


def test_an_operator_is_a_method_of_the_class_too():
    assert Field.in_(User.name, ['Ann']) == {'n': {'$in': ['Ann']}}
    assert Field.size.__doc__.startswith('The documents whose list has so many items')


def test_a_pattern_with_many_wildcards_is_tried_in_linear_time():
    pattern = Hotel.name.like('%a%' + 'a%' * 30 + 'b')
    assert not pattern.matches({'n': 'a' * 3000})
    assert pattern.matches({'n': 'a' * 3000 + 'b'})
