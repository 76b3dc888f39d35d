"""The 0.2 contract: aggregation."""

import contextlib
import copy

import pytest
from pymongo.errors import PyMongoError

from aiomongodel import Document
from aiomongodel.fields import AnyField, BoolField, IntField
from tests.drivers import each, entered, settled

from .helpers import class_of_aggregates


class Active(Document):
    _id = IntField()
    active = BoolField(mongo_name='a')
    value = IntField(mongo_name='v')
    place = AnyField(required=False)

    class Meta:
        collection = 'active'
        default_query = {'a': True}


class Plain(Document):
    _id = IntField()
    value = IntField(mongo_name='v')

    class Meta:
        collection = 'active'


async def fill(db):
    """Store two active documents and an inactive one, ever farther to the east."""
    await settled(
        Active.coll(db).insert_many(
            [
                {
                    '_id': i,
                    'a': i != 2,
                    'v': i * 10,
                    'place': {'type': 'Point', 'coordinates': [i, 0]},
                }
                for i in (1, 2, 3)
            ]
        )
    )


GROUP = {'$group': {'_id': None, 'total': {'$sum': '$v'}}}


# "`aggregate` gives the driver's own cursor of raw dicts"


@pytest.mark.parametrize('model', [Active, Plain])
async def test_aggregate_gives_the_drivers_own_cursor(db, model):
    assert type(model.q(db).aggregate([])) is class_of_aggregates(db)


async def test_aggregate_gives_raw_dicts(db):
    await fill(db)
    pipeline = [{'$match': {'_id': 1}}, {'$project': {'v': 1}}]

    assert await settled(Active.q(db).aggregate(pipeline=pipeline).to_list(None)) == [
        {'_id': 1, 'v': 10}
    ]
    assert [doc async for doc in each(Active.q(db).aggregate(pipeline))] == [{'_id': 1, 'v': 10}]


async def test_aggregates_cursor_has_the_options_of_the_drivers(db):
    await fill(db)
    cursor = Active.q(db).aggregate([{'$sort': {'_id': 1}}])

    assert cursor.batch_size(1) is cursor
    assert [doc['_id'] for doc in await settled(cursor.to_list(1))] == [1]
    assert (await settled(cursor.try_next()))['_id'] == 3
    assert await settled(cursor.try_next()) is None


async def test_aggregates_cursor_closes_itself_at_the_end_of_a_block(db):
    await fill(db)

    async with entered(Active.q(db).aggregate([], batchSize=1)) as cursor:
        await settled(cursor.next())
        assert cursor.alive
    assert not cursor.alive


# "merges `default_query` into the first `$match` or puts one before"


async def test_aggregate_merges_the_default_query_into_a_match_in_front(wire):
    await settled(Active.q(wire.db).aggregate([{'$match': {'v': 10}}, GROUP]).to_list(None))

    joined = {'$match': {'$and': [{'a': True}, {'v': 10}]}}
    assert wire.sent('aggregate')['pipeline'] == [joined, GROUP]


async def test_aggregate_puts_the_default_query_in_front_where_no_match_is(wire):
    await settled(Active.q(wire.db).aggregate([GROUP]).to_list(None))

    assert wire.sent('aggregate')['pipeline'] == [{'$match': {'a': True}}, GROUP]


async def test_aggregate_without_default_query_sends_the_pipeline_as_it_is(wire):
    await settled(Plain.q(wire.db).aggregate([{'$match': {'v': 10}}, GROUP]).to_list(None))

    assert wire.sent('aggregate')['pipeline'] == [{'$match': {'v': 10}}, GROUP]


@pytest.mark.parametrize(
    ('pipeline', 'expected'),
    [
        ([{'$match': {'v': {'$gt': 10}}}, GROUP], [{'_id': None, 'total': 30}]),
        ([GROUP], [{'_id': None, 'total': 40}]),
        ([GROUP, {'$match': {'total': {'$gt': 39}}}], [{'_id': None, 'total': 40}]),
        ([{'$match': {'a': False}}, GROUP], []),
    ],
)
async def test_aggregate_sees_what_the_default_query_lets_through(db, pipeline, expected):
    await fill(db)

    assert await settled(Active.q(db).aggregate(pipeline).to_list(None)) == expected


# "takes an empty pipeline"


@pytest.mark.parametrize(('model', 'found'), [(Active, [1, 3]), (Plain, [1, 2, 3])])
async def test_aggregate_takes_an_empty_pipeline(db, model, found):
    await fill(db)

    docs = await settled(model.q(db).aggregate([]).to_list(None))
    assert sorted(doc['_id'] for doc in docs) == found


# "and never changes the caller's list (*fixed*)"


@pytest.mark.parametrize(
    'pipeline',
    [
        [],
        [GROUP],
        [{'$match': {'v': 10}}],
        [{'$match': {'v': 10}}, {'$match': {'v': 10}}],
        [{'$match': {'$and': [{'v': 10}]}}],
    ],
)
async def test_aggregate_never_changes_the_callers_list(db, pipeline):
    before = copy.deepcopy(pipeline)
    await settled(Active.q(db).aggregate(pipeline).to_list(None))

    assert pipeline == before
    assert Active.meta.default_query == {'a': True}


# "a first stage that must stay first (`$geoNear`, `$search`, `$vectorSearch`, `$collStats`,
# `$indexStats`) stays first."

FIRST_STAGES = {
    '$geoNear': {
        'near': {'type': 'Point', 'coordinates': [3, 0]},
        'key': 'place',
        'distanceField': 'far',
        'spherical': True,
    },
    '$search': {'text': {'query': 'x', 'path': 'v'}},
    '$vectorSearch': {'index': 'i', 'path': 'v', 'queryVector': [1.0], 'limit': 1},
    '$collStats': {'count': {}},
    '$indexStats': {},
}


@pytest.mark.parametrize('name', FIRST_STAGES)
@pytest.mark.parametrize('rest', [[], [{'$match': {'v': 10}}]])
async def test_a_first_stage_that_must_stay_first_stays_first(wire, name, rest):
    stage = {name: FIRST_STAGES[name]}
    with contextlib.suppress(PyMongoError):  # what the server makes of it does not matter here
        await settled(Active.q(wire.db).aggregate([stage, *rest]).to_list(None))

    assert wire.sent('aggregate')['pipeline'][0] == stage


@pytest.mark.parametrize(('rest', 'found'), [([], [3, 1]), ([{'$match': {'v': {'$gt': 10}}}], [3])])
async def test_what_is_near_is_limited_by_the_default_query(db, rest, found):
    await fill(db)
    await settled(Active.coll(db).create_index([('place', '2dsphere')]))
    stage = {'$geoNear': FIRST_STAGES['$geoNear']}

    docs = await settled(Active.q(db).aggregate([stage, *rest]).to_list(None))
    assert [doc['_id'] for doc in docs] == found


# Seed: "aggregate(pipeline, **kwargs)"


async def test_aggregate_passes_its_keywords_to_the_driver(wire):
    await settled(Active.q(wire.db).aggregate([], allowDiskUse=True, comment='x').to_list(None))

    command = wire.sent('aggregate')
    assert (command['allowDiskUse'], command['comment']) == (True, 'x')
