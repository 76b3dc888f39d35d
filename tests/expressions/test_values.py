"""A value stays a value, and what the field cannot store is refused before the server is asked."""

import datetime
import re
from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId, Regex

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    QueryError,
    RefField,
    StrField,
)
from aiomongodel.expressions import text_search


class Address(EmbeddedDocument):
    city = StrField(mongo_name='c')
    flat = IntField(required=False)
    past = ListField(EmbDocField(f'{__name__}.Address'), required=False)


class Team(Document):
    name = StrField()


class User(Document):
    _id = StrField()
    name = StrField(mongo_name='n')
    age = IntField()
    height = FloatField()
    balance = DecimalField()
    is_active = BoolField()
    born = DateTimeField()
    token = ObjectIdField()
    team = RefField(Team)
    address = EmbDocField(Address)
    homes = ListField(EmbDocField(Address))
    tags = ListField(StrField())
    grid = ListField(ListField(IntField()))
    extra = AnyField()
    extras = ListField(AnyField())


LONG = '0.' + '1' * 35
SURROGATE = 'a\ud800'
HOLDING_ITSELF = {'city': 'Rome'}
HOLDING_ITSELF['past'] = [HOLDING_ITSELF, HOLDING_ITSELF]

REFUSED = {
    'text for a number': (User.age, 'x'),
    'a fraction as text': (User.age, '1.5'),
    'a list for a number': (User.age, [1]),
    'bytes for a number': (User.age, b'1'),
    'an object': (User.age, object()),
    'a class': (User.name, str),
    'more than 64 bits': (User.age, 2**63),
    'less than 64 bits': (User.age, -(2**63) - 1),
    'more than 64 bits within': (User.extra, {'a': [2**64]}),
    'an endless number': (User.age, Decimal('1E+999999999')),
    'text for a float': (User.height, 'tall'),
    'text for a decimal': (User.balance, 'x'),
    'too many digits': (User.balance, Decimal(LONG)),
    'too many digits as text': (User.balance, LONG),
    'too great an exponent': (User.balance, Decimal('1E+7000')),
    'no truth': (User.is_active, 'maybe'),
    'a date as text': (User.born, '2020-02-29'),
    'a date without time': (User.born, datetime.date(2020, 2, 29)),
    'no ObjectId': (User.token, 'x'),
    'a list for text': (User.name, ['Ann']),
    'a tuple for text': (User.name, ('Ann',)),
    'a lone surrogate': (User.name, SURROGATE),
    'a lone surrogate within': (User.extra, [{'a': SURROGATE}]),
    'a lone surrogate in a key': (User.extra, {SURROGATE: 1}),
    'a key that is no text': (User.extra, {1: 2}),
    'a key with a NUL': (User.extra, {'a\0': 2}),
    'a document without _id': (User.team, Team(name='x', _id=None)),
    'an empty document': (User.team, Team(_empty=True)),
    'a document of another class': (User.team, User(_id='ann')),
    'an embedded document for a reference': (User.team, Address(city='Rome')),
    'no _id': (User.team, 'x'),
    'no document': (User.address, 'Rome'),
    'a document of a wrong class': (User.address, Team(name='x')),
    'an unknown key': (User.address, {'city': 'Rome', 'zip': 3}),
    'an unknown key within': (User.address, {'city': 'Rome', 'past': [{'zip': 3}]}),
    'the name in MongoDB': (User.address, {'c': 'Rome'}),
    'an operator for fields': (User.address, {'$ne': None}),
    'a wrong type within': (User.address, {'city': 'Rome', 'flat': 'x'}),
    'what holds itself': (User.address, HOLDING_ITSELF),
    'an unknown key in an item': (User.homes, [{'zip': 3}]),
    'a wrong item': (User.tags, [['a']]),
    'a wrong item of a list of lists': (User.grid, [[1], ['x']]),
}


@pytest.mark.parametrize('name', REFUSED)
@pytest.mark.parametrize(
    'use',
    [
        *['__eq__', '__ne__', '__gt__', '__ge__', '__lt__', '__le__'],
        *['set', 'set_on_insert', 'min', 'max'],
    ],
)
def test_what_a_field_cannot_store_is_refused(name, use):
    field, value = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        getattr(field, use)(value)
    labels = [f'User.{field.name}', 'Address.city', 'Address.flat', 'Address.past']
    assert any(label in str(caught.value) for label in labels)


@pytest.mark.parametrize('name', REFUSED)
@pytest.mark.parametrize('use', ['in_', 'not_in', 'all'])
def test_what_a_field_cannot_store_is_refused_in_a_list(name, use):
    field, value = REFUSED[name]
    if name == 'an operator for fields' or use != 'all' or not isinstance(field, ListField):
        with pytest.raises(QueryError):
            getattr(field, use)([value])


def test_an_error_shows_the_item_that_is_wrong():
    with pytest.raises(QueryError, match=r"User\.tags: \('a',\) is not of type str"):
        User.tags == ['b', ('a',)]  # noqa: B015


ITEMS = [
    (User.tags, ['a']),
    (User.tags, SURROGATE),
    (User.tags, {'$ne': 'a'}),
    (User.grid, 1),
    (User.grid, ['x']),
    (User.grid, [2**63]),
    (User.homes, {'zip': 3}),
    (User.homes, 'Rome'),
    (User.extras, 2**63),
    (User.extras, {'a': SURROGATE}),
]


@pytest.mark.parametrize(('field', 'item'), ITEMS)
def test_an_item_that_the_list_cannot_store_is_refused(field, item):
    for use in (field.push, field.add_to_set, field.pull):
        with pytest.raises(QueryError, match=f'User.{field.name}|Address'):
            use(item)
    with pytest.raises(QueryError, match=f'User.{field.name}|Address'):
        field.pull_all([item])


COMPARISONS = ['__eq__', '__ne__', '__gt__', '__ge__', '__lt__', '__le__']


@pytest.mark.parametrize('pattern', [re.compile('^a'), re.compile(b'^a'), Regex('^a')])
@pytest.mark.parametrize('field', [User.name, User.age, User.extra, User.tags, User.extras])
def test_a_pattern_is_no_value(field, pattern):
    for use in COMPARISONS:
        with pytest.raises(QueryError, match=rf'User\.{field.name}: .*matched by \.regex'):
            getattr(field, use)(pattern)
    for use in (field.in_, field.not_in, field.all):
        with pytest.raises(QueryError, match=rf'User\.{field.name}: .*matched by \.regex'):
            use([pattern])
    with pytest.raises(QueryError, match=rf'User\.{field.name}'):
        field.pull(pattern)


@pytest.mark.parametrize('value', [User.age > 3, User.age.inc(), User.age.inc() & {}])
@pytest.mark.parametrize('field', [User.name, User.age, User.extra, User.address, User.extras])
def test_an_expression_is_no_value(field, value):
    for use in COMPARISONS:
        with pytest.raises(QueryError, match=r'but an expression; give dict\(\.\.\.\)'):
            getattr(field, use)(value)
    with pytest.raises(QueryError, match='but an expression'):
        field.in_([value])


def test_a_field_is_no_value():
    for use in COMPARISONS[2:]:
        with pytest.raises(QueryError, match=r"two fields are compared by \.compare\('>', field\)"):
            getattr(User.age, use)(User.height)


WRONG = {
    'in_ of text': (lambda: User.name.in_('Ann'), "'Ann' is not a list of values"),
    'in_ of a dict': (lambda: User.name.in_({'a': 1}), 'is not a list of values'),
    'in_ of a query': (lambda: User.name.in_(User.age > 3), 'is not a list of values'),
    'in_ of a number': (lambda: User.name.in_(3), '3 is not a list of values'),
    'in_ of a field': (lambda: User.name.in_(User.tags), 'is not a list of values'),
    'not_in of None': (lambda: User.name.not_in(None), 'None is not a list of values'),
    'all of text': (lambda: User.tags.all('ab'), "'ab' is not a list of values"),
    'in_ of an operator': (lambda: User.name.in_([{'$ne': ''}]), r'a value that \$in takes'),
    'not_in of an operator': (lambda: User.extra.not_in([{'a': 1, '$b': 1}]), r'that \$in takes'),
    'all of an operator': (
        lambda: User.extras.all([{'$elemMatch': {'$gt': 0}}]),
        r'a value that \$all takes',
    ),
    'exists 1': (lambda: User.name.exists(1), '1 is not True or False'),
    'exists a dict': (lambda: User.name.exists({'$ne': 1}), 'is not True or False'),
    'regex of a number': (lambda: User.name.regex(3), '3 is not a pattern'),
    'regex of a dict': (lambda: User.name.regex({'$ne': 1}), 'is not a pattern'),
    'regex of bytes': (lambda: User.name.regex(re.compile(b'a')), "b'a' is not a pattern"),
    'regex with NUL': (lambda: User.name.regex('a\0'), 'is not a pattern'),
    'regex with a lone surrogate': (lambda: User.name.regex(SURROGATE), 'is not a pattern'),
    'regex with wrong options': (lambda: User.name.regex('a', 'g'), "'g' is not options"),
    'regex with options of a number': (lambda: User.name.regex(re.compile('a'), 1), '1 is not opt'),
    'like a number': (lambda: User.name.like(3), '3 is not a pattern'),
    'ilike a lone surrogate': (lambda: User.name.ilike(SURROGATE), 'is not a pattern'),
    'size of text': (lambda: User.tags.size('1'), "'1' is not a number of items"),
    'size below 0': (lambda: User.tags.size(-1), '-1 is not a number of items'),
    'size of True': (lambda: User.tags.size(True), 'True is not a number of items'),
    'size above 64 bits': (lambda: User.tags.size(2**63), 'is not a number of items'),
    'elem_match of a number': (lambda: User.tags.elem_match(3), '3 is not a query on the items'),
    'no type': (lambda: User.name.type(), 'is not at least one type'),
    'an unknown type': (lambda: User.name.type('str'), "'str' is not MongoDB's name or number"),
    'an unknown number of a type': (lambda: User.name.type(99), '99 is not MongoDB'),
    'a type that is true': (lambda: User.name.type(True), 'True is not MongoDB'),
    'a list of types': (lambda: User.name.type(['string']), 'is not MongoDB'),
    'mod 0': (lambda: User.age.mod(0, 1), '0 is not a divisor'),
    'mod of text': (lambda: User.age.mod('2', 1), "'2' is not an int"),
    'mod above 64 bits': (lambda: User.age.mod(2, 2**63), 'is not an int'),
    'compare by text': (lambda: User.age.compare('gt', User.height), "'gt' is not a comparison"),
    'compare by a list': (lambda: User.age.compare(['>'], User.height), 'is not a comparison'),
    'compare with a value': (lambda: User.age.compare('>', 3), '3 is not a field to compare with'),
    'compare an item': (lambda: User.grid[0].compare('>', User.age), "'grid.0' is not a path"),
    'compare with an item': (lambda: User.age.compare('<', User.grid['$']), 'is not a path'),
    'near text': (lambda: User.extra.near('Rome'), "'Rome' is not a pair of longitude"),
    'near one number': (lambda: User.extra.near([1]), 'is not a pair of longitude'),
    'near text coordinates': (lambda: User.extra.near(['1', '2']), 'is not a pair of longitude'),
    'near NaN': (lambda: User.extra.near([float('nan'), 2]), 'is not a pair of longitude'),
    'near an endless number': (lambda: User.extra.near([10**400, 2]), 'is not a pair of longitude'),
    'near what is swapped': (lambda: User.extra.near((50, 91)), 'a latitude from -90 to 90'),
    'near a line': (
        lambda: User.extra.near({'type': 'LineString', 'coordinates': [[1, 2], [3, 4]]}),
        'is not a GeoJSON point',
    ),
    'near what has a list for a type': (
        lambda: User.extra.near({'type': ['Point'], 'coordinates': [1, 2]}),
        'is not GeoJSON',
    ),
    'near a negative distance': (lambda: User.extra.near((1, 2), max_distance=-1), '-1 is not a d'),
    'a circle of an endless radius': (
        lambda: User.extra.within_circle((1, 2), 10**400),
        'is not a distance in metres',
    ),
    'a circle of text': (lambda: User.extra.within_circle((1, 2), '5'), "'5' is not a distance"),
    'within two corners': (lambda: User.extra.within([(1, 2), (3, 4)]), 'at least three corners'),
    'within a number': (lambda: User.extra.within(3), '3 is not a list of corners'),
    'within text': (lambda: User.extra.within('abc'), "'abc' is not a list of corners"),
    'within a point': (
        lambda: User.extra.within({'type': 'Point', 'coordinates': [1, 2]}),
        'is not a GeoJSON Polygon',
    ),
    'intersects a dict': (lambda: User.extra.intersects({'$ne': 1}), 'is not GeoJSON'),
    'inc by text': (lambda: User.age.inc('1'), "User.age: '1' is not a number"),
    'inc by True': (lambda: User.age.inc(True), 'User.age: True is not a number'),
    'inc by a fraction': (lambda: User.age.inc(1.5), 'User.age: 1.5 is not of type int'),
    'inc above 64 bits': (lambda: User.age.inc(2**63), 'User.age cannot store'),
    'inc by a dict': (lambda: User.age.inc({'$ne': 1}), 'is not a number'),
    'inc of text': (lambda: User.name.inc(1), 'User.name: 1 is not a number for this field'),
    'inc of a truth': (lambda: User.is_active.inc(1), 'User.is_active: 1 is not a number for'),
    'mul of a date': (lambda: User.born.mul(2), 'User.born: 2 is not of type datetime'),
    'rename to nothing': (lambda: User.name.rename(''), 'is not a name that MongoDB takes'),
    'rename to an operator': (lambda: User.name.rename('$x'), 'is not a name that MongoDB takes'),
    'rename to half a path': (lambda: User.name.rename('a..b'), 'is not a name that MongoDB'),
    'rename to a lone surrogate': (lambda: User.name.rename(SURROGATE), 'is not a name that Mon'),
    'rename to a number': (lambda: User.name.rename(3), '3 is not a name that MongoDB takes'),
    'current_date as text': (lambda: User.born.current_date('time'), "'time' is not a type of"),
    'push to half a place': (lambda: User.tags.push('a', position=1.5), '1.5 is not an int'),
    'push above 64 bits': (lambda: User.tags.push('a', slice=2**63), 'is not an int'),
    'push sorted by text': (lambda: User.tags.push('a', sort='x'), "'x' is not an order"),
    'push sorted by 2': (lambda: User.tags.push('a', sort=2), '2 is not an order'),
    'push sorted by nothing': (lambda: User.tags.push('a', sort=[]), r'\[\] is not an order'),
    'push sorted by names': (lambda: User.homes.push(sort=['c']), 'is not an order: 1 or -1, or'),
    'push sorted by pairs in a tuple': (
        lambda: User.homes.push(sort=(('c', 1), ('flat', 1))),
        'is not an order',
    ),
    'pull_all of text': (lambda: User.tags.pull_all('ab'), "'ab' is not a list of values"),
    'set of no list': (lambda: User.tags.set('ab'), "User.tags: 'ab' is not a list"),
    'text_search of a number': (lambda: text_search(3), 'text_search takes a str'),
    'text_search of a lone surrogate': (lambda: text_search(SURROGATE), 'text_search takes a str'),
}


@pytest.mark.parametrize('name', WRONG)
def test_an_operator_refuses_what_it_cannot_take(name):
    make, message = WRONG[name]
    with pytest.raises(QueryError, match=message):
        make()


@pytest.mark.parametrize('key', [-1, True, 1.0, None, 'x', '$x', '$[', '$[A]', '$[a.b]', '1.2'])
def test_a_position_is_an_index_or_a_sign(key):
    with pytest.raises(TypeError, match=r"User\.tags\[…\] takes an index, '\$', '\$\[\]'"):
        User.tags[key]


def test_a_list_is_not_gone_through():
    for use in (list, set, lambda field: 'a' in field, lambda field: [*field]):
        with pytest.raises(TypeError, match='iterable'):
            use(User.tags)


LITERAL = {'$ne': ''}
DOCUMENTS = [
    {'_id': 'literal', 'n': LITERAL, 'extra': LITERAL, 'extras': [LITERAL], 'age': LITERAL},
    {'_id': 'text', 'n': 'Ann', 'extra': 'Ann', 'extras': ['Ann'], 'age': 3},
    {'_id': 'blank', 'n': '', 'extra': '', 'extras': [''], 'age': 0},
    {'_id': 'none'},
]


@pytest.fixture
def users(sync_db):
    sync_db.user.insert_many(DOCUMENTS)
    return User.q(sync_db)


def ids(users, query):
    return sorted(each['_id'] for each in users.coll.find(dict(query)))


@pytest.mark.parametrize('field', [User.name, User.age, User.extra, User.extras])
def test_an_operator_as_a_value_is_that_document(users, field):
    assert ids(users, field == LITERAL) == ['literal']
    assert ids(users, field != LITERAL) == ['blank', 'none', 'text']


@pytest.mark.parametrize(
    'value', [{'$gt': ''}, {'$exists': True}, {'$regex': ''}, {'$in': ['Ann']}]
)
@pytest.mark.parametrize('field', [User.name, User.age, User.born, User.extra, User.extras])
def test_no_operator_comes_out_of_a_value(users, field, value):
    assert ids(users, field == value) == []
    assert ids(users, field != value) == ['blank', 'literal', 'none', 'text']


@pytest.mark.parametrize('use', ['__gt__', '__ge__', '__lt__', '__le__'])
def test_a_dict_is_compared_as_a_document(users, use):
    query = getattr(User.extra, use)({'$ne': None})
    assert list(query['extra'].values()) == [{'$ne': None}]
    assert set(ids(users, query)) <= {'literal'}


def test_documents_are_stored_as_they_are(users):
    each = {'$each': [1]}
    for update in (
        User.extra.set({'a': {'b': [each]}}),
        User.extras.push(each) & User.age.set(1),
        User.extras.add_to_set(each, LITERAL),
    ):
        users.update_one({'_id': 'text'}, update)
    found = users.coll.find_one({'_id': 'text'})
    assert found['extra'] == {'a': {'b': [each]}}
    assert found['extras'] == ['Ann', each, LITERAL]


@pytest.mark.parametrize('item', [{'$each': [1]}, {'a': 1, '$slice': 1}])
def test_an_item_with_the_name_of_a_modifier_is_one_of_each(item):
    assert User.extras.push(item) == {'$push': {'extras': {'$each': [item]}}}
    assert User.extras.add_to_set(item) == {'$addToSet': {'extras': {'$each': [item]}}}


def test_documents_are_pulled_as_they_are(users):
    users.update_many({}, User.extras.pull(LITERAL))
    stored = {each['_id']: each.get('extras') for each in users.coll.find()}
    assert stored == {'literal': [], 'text': ['Ann'], 'blank': [''], 'none': None}
    users.update_many(User.extras.exists(), User.extras.pull_all([{'$gt': ''}]))
    assert users.coll.find_one({'_id': 'text'})['extras'] == ['Ann']


KEPT = [
    (User.age > 1.5, {'age': {'$gt': 1.5}}),
    (User.age > 2.0, {'age': {'$gt': 2}}),
    (User.age <= Decimal('1.5'), {'age': {'$lte': Decimal128('1.5')}}),
    (User.age < float('inf'), {'age': {'$lt': float('inf')}}),
    (User.age == True, {'age': 1}),  # noqa: E712
    (User.age == 2**63 - 1, {'age': 2**63 - 1}),
    (User.height > '1.5', {'height': {'$gt': 1.5}}),
    (User.balance == 0.1, {'balance': Decimal128('0.1')}),
    (User.is_active == 'yes', {'is_active': True}),
    (User.token == '0' * 24, {'token': ObjectId('0' * 24)}),
    (User.name == 5, {'n': '5'}),
    (User.address == {'city': 5}, {'address': {'$eq': {'c': '5'}}}),
    (User.address == {'flat': None}, {'address': {'$eq': {'flat': None}}}),
    (User.homes == [], {'homes': []}),
    (User.extra == [{'$ne': 1}], {'extra': [{'$ne': 1}]}),
    (User.tags == {'$ne': 1}, {'tags': {'$eq': {'$ne': 1}}}),
]


@pytest.mark.parametrize(('query', 'expected'), KEPT)
def test_values_are_converted_as_they_are_stored(query, expected):
    assert query == expected
    ((_, value),) = query.items()
    ((_, wanted),) = expected.items()
    assert repr(value) == repr(wanted)


def test_a_value_is_not_changed():
    value = {'city': 5, 'past': [{'city': 'Rome'}]}
    queries = [User.address == value, User.homes == [value], User.homes == value]
    assert value == {'city': 5, 'past': [{'city': 'Rome'}]}
    assert queries[0] == {'address': {'$eq': {'c': '5', 'past': [{'c': 'Rome'}]}}}
