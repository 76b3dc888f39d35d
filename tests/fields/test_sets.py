"""SetField: a set that is stored as a sorted array."""

import enum
from datetime import date, datetime
from decimal import Decimal

import pytest
from bson import Decimal128

from aiomongodel import (
    AnyField,
    DateField,
    DecimalField,
    DictField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    FloatField,
    IntField,
    ListField,
    QueryError,
    RefField,
    SetField,
    StrField,
    TupleField,
    ValidationError,
    domain,
)
from tests.drivers import settled


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class User(Document):
    _id = StrField()


class Post(Document):
    tags = SetField(StrField(), required=False, mongo_name='t', min_length=1, max_length=3)
    days = SetField(DateField(), required=False)
    sums = SetField(DecimalField(), required=False)
    colours = SetField(EnumField(Colour), required=False)
    pairs = SetField(TupleField(StrField(), IntField()), required=False)
    any = SetField(AnyField(), required=False)
    users = SetField(RefField(User), required=False)
    lists = ListField(SetField(IntField()), required=False)


VALUES = [
    ('tags', {'new', 'a', 'long'}, ['a', 'long', 'new']),
    (
        'days',
        {date(2024, 2, 29), date(2023, 1, 1)},
        [datetime(2023, 1, 1), datetime(2024, 2, 29)],
    ),
    ('sums', {Decimal(10), Decimal('9.5')}, [Decimal128('9.5'), Decimal128('10')]),
    ('colours', {Colour.RED, Colour.BLUE}, ['b', 'r']),
    ('pairs', {('b', 1), ('a', 2)}, [['a', 2], ['b', 1]]),
    ('any', {'a', 1, 1.5}, [1.5, 1, 'a']),
    ('any', set(), []),
    ('lists', [{2, 1}, set()], [[1, 2], []]),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_set_is_stored_in_order_and_loaded_as_it_was(any_db, name, value, stored):
    post = await settled(Post(**{name: value}).validate().save(any_db))
    [data] = await settled(Post.q(any_db).find().raw().to_list())
    assert data[getattr(Post, name).s] == stored
    loaded = await settled(Post.q(any_db).get(post._id))
    assert getattr(loaded.validate(), name) == value
    assert type(getattr(loaded, name)) is type(value)


@pytest.mark.parametrize(
    'given', [['new', 'a', 'new'], ('a', 'new'), frozenset({'a', 'new'}), {'a', 'new'}]
)
def test_what_holds_items_is_converted(given):
    post = Post(tags=given)
    assert post.tags == {'a', 'new'}
    assert type(post.tags) is set
    assert Post(sums=['1', 1]).sums == {Decimal(1)}


@pytest.mark.parametrize(
    ('name', 'given', 'messages'),
    [
        ('tags', 'text', 'invalid value type'),
        ('tags', {'a': 1}, 'invalid value type'),
        ('tags', set(), 'length is less than 1'),
        ('tags', set('abcd'), 'length is greater than 3'),
        ('tags', {'', 'a'}, {'': 'blank value is not allowed'}),
        ('sums', {'x', 1.5}, {'x': 'invalid value type'}),
        ('any', [[1]], 'invalid value type'),
        ('days', {None}, {'None': 'none value is not allowed'}),
        ('lists', [[1], ['x']], {1: {'x': 'invalid value type'}}),
    ],
)
def test_what_is_wrong_is_said_by_the_item(name, given, messages):
    with pytest.raises(ValidationError) as refused:
        Post(**{name: given}).validate()
    assert refused.value.as_dict() == {name: messages}


def test_a_set_is_stored_as_it_was_changed(sync_db):
    post = Post(tags={'b'}).save(sync_db)
    post.tags.add('a')
    post.save(sync_db)
    assert Post.coll(sync_db).find_one({})['t'] == ['a', 'b']


def test_references_to_one_document_are_stored_once():
    assert Post(users=[User(_id='a'), User(_id='a'), 'b', 'a']).to_mongo()['users'] == ['a', 'b']


async def test_operators_of_a_set_take_items(any_db):
    post = await settled(Post(tags={'b', 'c'}).save(any_db))
    query_set = Post.q(any_db)
    for query in (
        Post.tags == 'b',
        Post.tags.in_(['x', 'b']),
        Post.tags.all(['c', 'b']),
        Post.tags.size(2),
        Post.tags.regex('^b'),
    ):
        assert await settled(query_set.count_documents(query)) == 1, query
    await settled(query_set.update_one({}, Post.tags.add_to_set('a', 'b')))
    await settled(query_set.update_one({}, Post.tags.pull('c')))
    assert (await settled(query_set.get(post._id))).tags == {'a', 'b'}


@pytest.mark.parametrize(
    ('items', 'is_found'), [('ba', True), ('ab', True), ('a', False), ('abc', False), ('', False)]
)
def test_a_set_is_equal_to_one_of_the_same_items_in_any_order(sync_db, items, is_found):
    Post.coll(sync_db).insert_one({'_id': 1, 't': ['b', 'a']})
    assert Post.q(sync_db).count_documents(Post.tags == set(items)) == is_found
    assert Post.q(sync_db).count_documents(Post.tags != set(items)) == (not is_found)


def test_an_empty_set_is_equal_to_an_empty_set(sync_db):
    Post.coll(sync_db).insert_many([{'_id': 1, 't': []}, {'_id': 2, 't': ['a']}, {'_id': 3}])
    assert Post.q(sync_db).find(Post.tags == set()).to_list().ids == [1]
    assert Post.q(sync_db).find(Post.tags != set()).to_list().ids == [2, 3]


def test_a_filter_from_outside_takes_items():
    assert domain.to_query(Post, [['tags', 'ilike', 'a%']])['t']['$regex'] == '^a'
    assert domain.to_query(Post, [['sums', '=', '1']]) == {'sums': Decimal128('1')}


def test_a_set_within_an_operator_of_items_is_refused():
    for operator in (Post.tags.in_, Post.tags.not_in):
        with pytest.raises(QueryError, match=r"^Post\.tags: \{'a'\} is not an item of the set"):
            operator([{'a'}])
    with pytest.raises(QueryError, match=r'^Post\.tags: 5 is not a set'):
        Post.tags.set(5)
    with pytest.raises(QueryError, match=r'^Post\.days'):
        Post.days.add_to_set('no date')


def test_what_is_no_set_stays_as_it_is_stored(sync_db):
    stored = {'_id': 1, 't': 'text', 'any': [[1]], 'sums': 5}
    Post.coll(sync_db).insert_one(stored)
    post = Post.q(sync_db).get(1)
    assert (post.tags, post.any, post.sums) == ('text', [[1]], 5)
    post.save(sync_db)
    assert Post.coll(sync_db).find_one() == stored


class Part(EmbeddedDocument):
    number = IntField()


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: SetField(str), TypeError, 'item_field must be a field, such as StrField'),
        (lambda: SetField(ListField(IntField())), ValueError, 'item_field ListField has values th'),
        (lambda: SetField(DictField()), ValueError, 'use a ListField'),
        (lambda: SetField(EmbDocField(Part)), ValueError, 'item_field EmbDocField has values'),
        (lambda: SetField(FloatField(gt=2, lt=1)), ValueError, 'gt 2 is greater than lt 1'),
        (lambda: SetField(IntField(), min_length=3, max_length=2), ValueError, 'min_length 3 is'),
        (lambda: SetField(IntField(), default={'x'}), ValueError, 'is refused by its own field'),
    ],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})
