"""What the server computes: aggregations into classes, distinct values, counts and sums."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

import pytest
from bson import SON, Decimal128
from bson.codec_options import CodecOptions
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    EmbeddedDocument,
    IntField,
    PartialDocumentError,
    StrField,
    transaction,
)
from tests.drivers import end_of, entered, settled
from tests.queries.helpers import JANUARY, Address, User, listed, names, users

BY_NAME = [{'$sort': {'n': 1}}]
COUNTED = [
    {'$group': {'_id': '$n', 'age': {'$sum': '$age'}, 'name': {'$first': '$n'}}},
    {'$sort': {'_id': 1}},
]


@dataclass
class Row:
    id: str
    name: str
    age: int = -1


class Dict(TypedDict):
    name: str
    age: int


class Total(Document):
    _id = StrField()
    age = IntField()


class Within(EmbeddedDocument):
    age = IntField()


@pytest.fixture
async def q(any_db):
    return await users(any_db, 'Ann', 'Bob', 'Cid')


@pytest.mark.parametrize(
    ('into', 'expected'),
    [
        (Row, [Row('Ann', 'Ann', 0), Row('Bob', 'Bob', 1), Row('Cid', 'Cid', 2)]),
        (Dict, [{'name': 'Ann', 'age': 0}, {'name': 'Bob', 'age': 1}, {'name': 'Cid', 'age': 2}]),
        (lambda data: data['age'], [0, 1, 2]),
    ],
)
async def test_an_aggregation_gives_what_into_makes_of_each_dict(q, into, expected):
    assert await settled(q.aggregate(COUNTED, into=into).to_list()) == expected
    assert await listed(q.aggregate(COUNTED, into=into)) == expected


@pytest.mark.parametrize('into', [Total, Within])
async def test_an_aggregation_makes_documents_of_another_class(q, into):
    found = await settled(q.aggregate(COUNTED, into=into).to_list(2))
    assert [type(each) for each in found] == [into, into]
    assert [each.age for each in found] == [0, 1]


async def test_a_document_of_another_collection_out_of_an_aggregation_can_be_saved(q, any_db):
    total = await settled(q.aggregate(COUNTED, into=Total).next())
    await settled(total.save(any_db))
    assert (await settled(Total.q(any_db).get('Ann'))).age == 0


@pytest.mark.parametrize(
    'stage', [{'$project': {'n': 1}}, {'$group': {'_id': '$_id'}}, {'$set': {'age': 1}}]
)
async def test_documents_that_a_stage_has_changed_are_not_saved_over_the_stored_ones(
    q, any_db, stage
):
    (ann, *_) = await settled(q.aggregate([*BY_NAME, stage], into=User).to_list())
    with pytest.raises(PartialDocumentError):
        await settled(ann.save(any_db))


async def test_documents_that_no_stage_has_changed_can_be_saved(q, any_db):
    stages = [{'$match': {}}, *BY_NAME, {'$skip': 1}, {'$limit': 1}]
    (bob,) = await settled(q.aggregate(stages, into=User).to_list())
    bob.age = 50
    await settled(bob.save(any_db))
    assert (await settled(q.first(User.name == 'Bob'))).balance == Decimal(1)


@pytest.mark.parametrize('stages', [BY_NAME, [{'$project': {'n': 1}}]])
async def test_an_aggregation_of_a_collection_with_other_dicts_makes_documents(q, stages):
    q = q.with_options(codec_options=CodecOptions(document_class=SON))
    found = await settled(q.aggregate(stages, into=User).to_list())
    assert sorted(names(found)) == ['Ann', 'Bob', 'Cid']
    assert type(vars(found[0])) is dict


async def test_an_aggregation_is_closed_at_the_end_of_its_block(q):
    async with entered(q.aggregate(BY_NAME, into=User, batchSize=1)) as cursor:
        assert (await settled(cursor.next())).name == 'Ann'
        assert cursor.alive
    assert not cursor.alive


async def test_an_aggregation_stops_at_its_end(q):
    cursor = q.aggregate([{'$limit': 1}], into=User)
    await settled(cursor.next())
    with pytest.raises(end_of(cursor)):
        await settled(cursor.next())


async def test_an_aggregation_that_was_not_asked_for_closes(q):
    await settled(q.aggregate(BY_NAME, into=User).close())


async def test_an_aggregation_in_a_transaction_sees_what_it_has_done(q, any_db):
    async with entered(transaction(any_db)) as tx:
        await settled(User.q(tx).create(name='Dan'))
        found = await settled(User.q(tx).aggregate(BY_NAME, into=User).to_list())
        assert names(found) == ['Ann', 'Bob', 'Cid', 'Dan']
        assert names(await settled(User.q(any_db).aggregate(BY_NAME, into=User).to_list())) == [
            *('Ann', 'Bob', 'Cid')
        ]


async def test_a_refusal_tells_model_and_operation_once_a_call(q):
    with pytest.raises(OperationFailure) as caught:
        await settled(q.aggregate([{'$nonsense': 1}], into=User).to_list())
    assert caught.value.__notes__[0].startswith('in User.q(db).aggregate')
    with pytest.raises(OperationFailure) as caught:
        await settled(q.sum(User.age, {'$nonsense': 1}))
    assert caught.value.__notes__[0].startswith('in User.q(db).aggregate')


@pytest.mark.parametrize('into', [5, 'User', []])
async def test_an_aggregation_into_what_makes_nothing_is_refused(q, into):
    with pytest.raises(TypeError, match='dataclass, a TypedDict or a function, not'):
        q.aggregate([], into=into)


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        (User.name, ['Ann', 'Bob', 'Cid']),
        (User.nick, ['Ann', 'Bob', 'Cid']),
        (User.balance, [Decimal(0), Decimal(1), Decimal(2)]),
        ('b', [Decimal128('0'), Decimal128('1'), Decimal128('2')]),
        (User.tags, ['x', 'y']),
        (User.address.rent, [Decimal('1.5')]),
        (User.homes.rent, [Decimal('2.5'), Decimal('3.5')]),
        (User.homes.city, []),
    ],
    ids=str,
)
async def test_distinct_values_are_converted_as_loading_converts_them(any_db, key, expected):
    values = {'tags': ['y', 'x'], 'address': {'rent': '1.5'}}
    homes = [{'rent': '2.5'}, {'rent': '3.5'}]
    q = await users(any_db, 'Ann', 'Bob', 'Cid', homes=homes, **values)
    assert sorted(await settled(q.distinct(key)), key=str) == expected


async def test_distinct_documents_within_and_references_are_converted(any_db):
    q = await users(any_db, 'Ann', homes=[{'rent': '2.5'}, {'city': 'Rome'}])
    ann = await settled(q.first())
    await settled(q.create(name='Bob', friend=ann))
    homes = await settled(q.distinct(User.homes))
    assert {type(home) for home in homes} == {Address}
    assert {home.rent for home in homes} == {Decimal('2.5'), None}
    assert await settled(q.distinct(User.friend)) == [ann._id]


async def test_distinct_counts_its_query_and_the_options_of_the_driver(q):
    assert await settled(q.distinct(User.name, User.age > 0)) == ['Bob', 'Cid']
    assert await settled(q.distinct(User.name, {'n': 'Ann'}, comment='by the test')) == ['Ann']


async def test_the_estimated_count_is_of_the_collection(wire):
    q = await users(wire.db, 'Ann', 'Bob', 'Cid')
    assert type(await settled(q.estimated_count())) is int  # the engine's own is a guess at first
    async with entered(transaction(wire.db)) as tx:
        assert type(await settled(User.q(tx).estimated_count(comment='mine'))) is int
    command = wire.sent('count')
    assert (command['count'], command['comment']) == ('user', 'mine')
    assert not command.keys() & {'query', 'txnNumber'}


@pytest.mark.parametrize(
    ('method', 'key', 'expected'),
    [
        ('sum', User.age, 3),
        ('sum', User.balance, Decimal(3)),
        ('sum', 'age', 3),
        ('sum', User.name, 0),
        ('sum', User.address.rent, Decimal('4.5')),
        ('avg', User.age, 1.0),
        ('avg', User.balance, Decimal(1)),
        ('avg', User.name, None),
        ('min', User.created, JANUARY),
        ('max', User.created, JANUARY + datetime.timedelta(days=2)),
        ('min', User.balance, Decimal(0)),
        ('max', User.name, 'Cid'),
        ('max', User.address.rent, Decimal('1.5')),
        ('min', User.tags, None),
    ],
    ids=str,
)
async def test_the_server_computes_of_a_field(any_db, method, key, expected):
    q = await users(any_db, 'Ann', 'Bob', 'Cid', address={'rent': '1.5'})
    found = await settled(getattr(q, method)(key))
    assert (found, type(found)) == (expected, type(expected))


async def test_each_item_of_a_list_counts(any_db):
    homes = [{'city': 'Rome', 'rent': '1.5'}, {'city': 'Oslo', 'rent': '2.5'}, {}]
    q = await users(any_db, 'Ann', 'Bob', homes=homes, tags=['x', 'y'])
    await settled(q.create(name='Cid', homes=[]))
    rent = User.homes.rent
    assert await settled(q.sum(rent)) == await settled(q.sum(User.homes[Address.rent])) == 8
    assert await settled(q.avg(rent)) == Decimal(2)
    assert await settled(q.min(rent)) == Decimal('1.5')
    assert await settled(q.max(rent, User.name == 'Ann')) == Decimal('2.5')
    assert await settled(q.max(User.tags)) == 'y'
    assert await settled(q.min('homes.c')) == 'Oslo'
    assert await settled(q.sum(rent, User.name == 'Cid')) == 0


@pytest.mark.parametrize(('method', 'nothing'), [('sum', 0), ('avg', None), ('max', None)])
async def test_of_no_documents_there_is_nothing(any_db, q, method, nothing):
    assert await settled(getattr(q, method)(User.age, User.name == 'Dan')) == nothing
    assert await settled(getattr(q, method)(User.balance, User.name == 'Dan')) == nothing
    assert await settled(getattr(Total.q(any_db), method)(Total.age)) == nothing


async def test_documents_without_the_field_do_not_count(q):
    await settled(q.create(name='Dan'))
    assert await settled(q.avg(User.age)) == 1.0
    assert await settled(q.min(User.age)) == 0


async def test_a_sum_counts_its_query_and_the_transaction(q, any_db):
    assert await settled(q.sum(User.age, User.age > 1)) == 2
    async with entered(transaction(any_db)) as tx:
        await settled(User.q(tx).create(name='Dan', age=7))
        assert await settled(User.q(tx).sum(User.age)) == 10
        assert await settled(q.sum(User.age)) == 3


async def test_a_sample_has_at_most_so_many_documents(q):
    found = await settled(q.sample(2))
    assert len({user._id for user in found}) == 2
    assert not found[0].is_partial
    assert names(await settled(q.sample(9, User.name == 'Bob'))) == ['Bob']


@pytest.mark.parametrize('size', [0, -1, True, 1.5, '1', None])
async def test_a_sample_of_no_size_is_refused(q, size):
    with pytest.raises(ValueError, match=r'a sample of .* documents: give a size of at least 1'):
        await settled(q.sample(size))
