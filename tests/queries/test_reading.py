"""One document, or whether there is one; and what a query set of one's own changes of it."""

import pytest
from bson import ObjectId
from pymongo.errors import OperationFailure

from aiomongodel import Document, IntField, MotorQuerySet, QuerySet, StrField
from aiomongodel.expressions import Query
from tests.drivers import settled
from tests.queries.helpers import User, listed, names, users


class Grown(MotorQuerySet['Person']):
    def find(self, query=None, *args, **kwargs):
        return super().find((Person.age >= 18) & (query or {}), *args, **kwargs)


class Person(Document):
    name = StrField()
    age = IntField()
    kind = StrField(default='person')

    class Meta:
        queryset = Grown
        sync_queryset = QuerySet
        default_query = Query({'kind': 'person'})
        default_sort = [('name', -1)]


class Sorted(User):
    class Meta:
        collection = 'user'
        default_query = User.name != 'Ann'
        default_sort = [User.age.desc()]


@pytest.fixture
async def q(any_db):
    return await users(any_db, 'Ann', 'Bob', 'Cid')


@pytest.mark.parametrize(
    ('query', 'expected'),
    [({}, True), (User.name == 'Bob', True), ({'n': 'Dan'}, False), (User.age > 5, False)],
)
async def test_exists_says_whether_a_document_matches(q, query, expected):
    assert await settled(q.exists(query)) is expected


async def test_exists_asks_for_no_more_than_an_id(wire):
    await settled(User.q(wire.db).exists(User.age > 1, hint=[User._id]))
    command = wire.sent('find')
    assert command['projection'] == {'_id': 1}
    assert (command['limit'], command['hint']) == (1, {'_id': 1})


async def test_exists_takes_fields_wherever_the_driver_takes_names(q):
    assert await settled(q.exists(User.age > 1, sort=[User.name.desc()]))


async def test_get_or_none_gives_none_where_there_is_no_document(q):
    ann = await settled(q.first(User.name == 'Ann'))
    assert (await settled(q.get_or_none(str(ann._id)))).name == 'Ann'
    assert await settled(q.get_or_none(ObjectId())) is None


async def test_first_gives_the_first_in_the_order(q):
    assert (await settled(q.first(sort=User.name.desc()))).name == 'Cid'
    assert (await settled(q.first(User.age > 0, sort=[User.age]))).name == 'Bob'
    assert await settled(q.first(User.name == 'Dan')) is None


async def test_first_takes_a_projection_of_fields(q):
    ann = await settled(q.first(User.name == 'Ann', [User.name]))
    assert (ann.name, ann.age, ann.is_partial) == ('Ann', None, True)


async def test_the_default_query_and_order_made_of_fields_count_everywhere(any_db):
    await users(any_db, 'Ann', 'Bob', 'Cid')
    q = Sorted.q(any_db)
    assert names(await settled(q.find().to_list())) == ['Cid', 'Bob']
    assert (await settled(q.first())).name == 'Cid'
    assert await settled(q.exists(User.name == 'Ann')) is False
    assert (await settled(q.find().page(1, 1))).total == 2
    assert await settled(q.sum(User.age)) == 3
    assert sorted(names(await settled(q.sample(9)))) == ['Bob', 'Cid']
    assert await settled(q.distinct(User.name)) == ['Bob', 'Cid']
    assert len(await settled(q.aggregate([{'$match': {}}], into=User).to_list())) == 2
    assert names((await settled(q.find().after(None, 1))).items) == ['Cid']


async def test_an_override_of_find_and_the_defaults_count_in_what_is_made_of_a_cursor(any_db):
    for name, age in (('Ann', 10), ('Bob', 20), ('Cid', 30)):
        await settled(Person.q(any_db).create(name=name, age=age))
    await settled(Person.coll(any_db).insert_one({'name': 'Dog', 'age': 40, 'kind': 'dog'}))
    cursor = Person.q(any_db).find()
    assert names(await settled(cursor.only(Person.name).to_list())) == ['Cid', 'Bob']
    assert [each['name'] for each in await listed(cursor.raw())] == ['Cid', 'Bob']
    assert (await settled(cursor.page(1, 1))).total == 2
    first = await settled(cursor.after(None, 1))
    assert names(first.items) == ['Cid']
    assert names((await settled(cursor.after(first.next_token, 5))).items) == ['Bob']


@pytest.mark.parametrize('method', ['exists', 'first', 'get_or_none'])
async def test_a_refusal_of_the_server_tells_model_and_operation(q, method):
    query = '65df1f77bcf86cd799439011' if method == 'get_or_none' else {'$nonsense': 1}
    options = {'hint': 'no_such_index'} if method == 'get_or_none' else {}
    with pytest.raises(OperationFailure) as caught:
        await settled(getattr(q, method)(query, **options))
    assert caught.value.__notes__ == ["in User.q(db).find_one, on the collection 'user'"]
