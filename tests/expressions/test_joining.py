"""Queries and updates join, have no truth, and are dicts in all else."""

import copy
import json
import operator
import pickle
import pprint

import bson
import pytest
from bson import json_util

from aiomongodel import Document, IntField, ListField, StrField
from aiomongodel.expressions import Query, Update
from tests.drivers import entered, settled


class User(Document):
    _id = StrField()
    name = StrField(mongo_name='n', required=False)
    age = IntField()
    tags = ListField(StrField(), default=list)


def chained(query):
    return 1 < User.age < 5


def joined_by_and(query):
    return query and query


def joined_by_or(query):
    return query or {}


def negated(query):
    return not query


def asked(query):
    return 1 if query else 2


def ordered_by_truth(query):
    return list(filter(None, [query]))


WAYS = [chained, joined_by_and, joined_by_or, negated, asked, ordered_by_truth, bool]


@pytest.mark.parametrize('way', WAYS)
def test_a_query_is_neither_true_nor_false(way):
    with pytest.raises(TypeError) as caught:
        way(User.age > 1)
    message = str(caught.value)
    assert message.startswith("the query {'age': {'$gt': 1}} is neither true nor false")
    assert 'join queries by &, | and ~' in message
    assert 'two conditions (User.age > 1) & (User.age < 5)' in message


def test_an_empty_query_is_neither_true_nor_false():
    with pytest.raises(TypeError, match=r'the query \{\} is neither true nor false'):
        bool(Query())
    assert len(Query()) == 0


def test_an_update_is_as_true_as_a_dict():
    assert User.age.inc()
    assert not Update()


OPERANDS = [
    User.age > 1,
    (User.age > 1) & (User.age < 5),
    (User.age > 1) | (User.age < 5),
    ~(User.age > 1),
    Query(),
    {'age': 1},
    {'$and': [{'age': 1}]},
    {'$or': [{'age': 1}]},
]
BOTH = [operator.and_, operator.or_, operator.iand, operator.ior]


@pytest.mark.parametrize('other', OPERANDS)
@pytest.mark.parametrize('query', OPERANDS[:5])
def test_operands_stay_as_they_were(query, other):
    before = repr(query), repr(other)
    made = [each(query, other) for each in BOTH]
    made += [operator.and_(other, query), operator.or_(other, query), ~query]
    for each in made:
        assert type(each) is Query
        each['x'] = 1
    assert (repr(query), repr(other)) == before


def test_what_is_joined_in_place_is_a_new_query():
    one = query = User.age > 1
    query &= User.age < 5
    assert one == {'age': {'$gt': 1}}
    other = query
    query |= {'n': 'Ann'}
    assert other == {'$and': [{'age': {'$gt': 1}}, {'age': {'$lt': 5}}]}
    assert query == {'$or': [other, {'n': 'Ann'}]}


def test_an_update_joined_in_place_is_a_new_update():
    one = update = User.age.inc()
    update &= User.name.set('Ann')
    update &= {'$set': {'x': 1}}
    assert one == {'$inc': {'age': 1}}
    assert update == {'$inc': {'age': 1}, '$set': {'n': 'Ann', 'x': 1}}


@pytest.mark.parametrize('other', [None, 3, 'age', [], [{}], True, User.age.inc()])
@pytest.mark.parametrize('joined', [operator.and_, operator.or_])
def test_a_query_joins_with_queries_alone(joined, other):
    for left, right in [(User.age > 1, other), (other, User.age > 1)]:
        with pytest.raises(TypeError, match=r'unsupported operand|updates are joined'):
            joined(left, right)


EXPRESSIONS = [
    ((User.age > 1) & (User.age < 5)) | ~(User.name == 'Ann'),
    User.name.regex('^a', 'i') & User.tags.elem_match({'$ne': 'x'}),
    User.age.inc() & User.tags.push('a', slice=-3),
    Query(),
    Update(),
]
COPIES = {
    'copy': copy.copy,
    'deepcopy': copy.deepcopy,
    **{
        f'pickle {protocol}': lambda given, protocol=protocol: pickle.loads(
            pickle.dumps(given, protocol)
        )
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize('way', COPIES)
@pytest.mark.parametrize('expression', EXPRESSIONS)
def test_a_copy_is_equal_and_of_the_same_class(way, expression):
    found = COPIES[way](expression)
    assert found == expression
    assert found is not expression
    assert type(found) is type(expression)
    assert repr(found) == repr(dict(expression))


def test_a_deep_copy_shares_nothing():
    query = (User.age > 1) | (User.age < 5)
    found = copy.deepcopy(query)
    found['$or'][0]['age'] = 3
    assert query == {'$or': [{'age': {'$gt': 1}}, {'age': {'$lt': 5}}]}


@pytest.mark.parametrize('expression', EXPRESSIONS)
def test_an_expression_is_written_as_a_dict(expression):
    assert json.loads(json.dumps(expression)) == expression
    assert json.loads(json.dumps(dict(expression))) == expression
    assert json_util.dumps(expression, indent=1) == json_util.dumps(dict(expression), indent=1)
    assert bson.decode(bson.encode(expression)) == expression
    assert str(expression) == f'{expression}' == str(dict(expression))
    assert pprint.pformat(expression) == str(dict(expression))


class Adult(Document):
    _id = StrField()
    age = IntField()

    class Meta:
        collection = 'user'
        default_query = (User.age >= 18) & (User.age < 100)


class Anybody(Document):
    _id = StrField()

    class Meta:
        collection = 'user'
        default_query = Query()


STORED = [
    {'_id': 'ann', 'n': 'Ann', 'age': 20},
    {'_id': 'bob', 'age': 30},
    {'_id': 'kid', 'age': 3},
]
ANN, NOT_ANN = User.name == 'Ann', ~(User.name == 'Ann')


async def test_every_method_takes_a_query(any_db, sync_db):
    sync_db.user.insert_many(STORED)
    users = User.q(any_db)
    assert [each._id for each in await settled(users.find(ANN).to_list(None))] == ['ann']
    assert len(await settled(users.find(Query()).to_list(None))) == 3
    assert (await settled(users.find_one(ANN)))._id == 'ann'
    assert await settled(users.count_documents(NOT_ANN)) == 2
    matched = await settled(users.aggregate([{'$match': NOT_ANN}]))
    assert len(await settled(matched.to_list(None))) == 2
    assert await settled(users.update_one(ANN, User.age.inc())) == 1
    assert await settled(users.update_many(NOT_ANN, User.age.inc() & User.tags.push('x'))) == 2
    assert await settled(users.replace_one(ANN, {'n': 'Ann', 'age': 1})) == 1
    assert await settled(users.delete_one(ANN)) == 1
    assert await settled(users.delete_many(User.age > 10)) == 1
    assert [each['_id'] for each in sync_db.user.find()] == ['kid']


async def test_a_session_takes_a_query(any_db, sync_db):
    sync_db.user.insert_many(STORED)
    async with entered(any_db.client.start_session()) as session:
        users = User.q(any_db, session)
        assert (await settled(users.find_one(ANN))).age == 20
        assert await settled(users.update_many(ANN | NOT_ANN, User.age.inc())) == 3
        assert await settled(users.count_documents(User.age == 21)) == 1


async def test_a_document_is_updated_by_an_expression(any_db, sync_db):
    user = await settled(User(_id='ann', age=3).save(any_db))
    await settled(user.update(any_db, User.age.inc(2) & User.name.set('Ann')))
    assert (user.age, user.name) == (5, 'Ann')
    assert sync_db.user.find_one() == {'_id': 'ann', 'age': 5, 'n': 'Ann', 'tags': []}


async def test_a_default_query_may_be_an_expression(any_db, sync_db):
    sync_db.user.insert_many(STORED)
    adults = Adult.q(any_db)
    assert await settled(adults.count_documents(User.age < 30)) == 1
    assert await settled(adults.count_documents({})) == 2
    assert len(await settled(adults.find(User.age < 30).to_list(None))) == 1
    matched = await settled(adults.aggregate([{'$match': User.age < 30}]))
    assert len(await settled(matched.to_list(None))) == 1
    assert len(await settled((await settled(adults.aggregate([]))).to_list(None))) == 2
    assert await settled(adults.update_many(Query(), User.age.inc())) == 2
    assert await settled(adults.delete_many(User.age > 0)) == 2
    assert sync_db.user.count_documents({}) == 1


async def test_an_empty_default_query_is_none(any_db, sync_db):
    sync_db.user.insert_many(STORED)
    anybody = Anybody.q(any_db)
    assert len(await settled(anybody.find(User.age < 30).to_list(None))) == 2
    assert await settled(anybody.count_documents({})) == 3
    assert len(await settled((await settled(anybody.aggregate([]))).to_list(None))) == 3
