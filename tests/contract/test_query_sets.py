"""The 0.2 contract: what query sets read and write."""

import pymongo.errors
import pytest
from pymongo import ASCENDING, IndexModel, ReadPreference, WriteConcern
from pymongo.read_concern import ReadConcern

from aiomongodel import Document
from aiomongodel.errors import DocumentNotFoundError, ValidationError
from aiomongodel.fields import BoolField, IntField, StrField
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous import QuerySet
from tests.drivers import entered, for_kind, settled

from .helpers import stored


class Item(Document):
    _id = IntField()
    value = IntField(mongo_name='v', required=False)

    class Meta:
        collection = 'item'


class Active(Document):
    _id = IntField()
    active = BoolField(default=True)
    value = IntField(mongo_name='v', required=False)

    class Meta:
        collection = 'active'
        default_query = {'active': True}
        default_sort = [('v', -1)]


async def fill(db):
    """Store three active documents and an inactive one; the values run against the ids."""
    await settled(
        Active.coll(db).insert_many(
            [{'_id': i, 'active': i != 4, 'v': v} for i, v in [(1, 20), (2, 30), (3, 10), (4, 40)]]
        )
    )


async def ids(cursor):
    return [doc._id for doc in await settled(cursor.to_list(None))]


# Seed: "class aiomongodel.queryset.MotorQuerySet(doc_class, db, session=None)"


async def test_a_query_set_is_made_of_a_document_class_and_a_database(db):
    await fill(db)

    query_set_class = for_kind(db, MotorQuerySet, QuerySet)
    assert await ids(query_set_class(doc_class=Active, db=db, session=None).find({})) == [2, 1, 3]


# "`default_query` and the query join as `{'$and': [default_query, query]}`"

QUERY = {'v': {'$gt': 1}}
SET = {'$set': {'v': 5}}
JOINED = {'$and': [{'active': True}, QUERY]}


@pytest.mark.parametrize(
    ('call', 'command', 'filter_of'),
    [
        (lambda q: q.find(QUERY).to_list(None), 'find', lambda c: c['filter']),
        (lambda q: q.find_one(QUERY), 'find', lambda c: c['filter']),
        (
            lambda q: q.count_documents(QUERY),
            'aggregate',
            lambda c: c['pipeline'][0]['$match'],
        ),
        (
            lambda q: q.update_one(QUERY, {'$set': {'v': 5}}),
            'update',
            lambda c: c['updates'][0]['q'],
        ),
        (
            lambda q: q.update_many(QUERY, {'$set': {'v': 5}}),
            'update',
            lambda c: c['updates'][0]['q'],
        ),
        (lambda q: q.replace_one(QUERY, {'v': 5}), 'update', lambda c: c['updates'][0]['q']),
        (lambda q: q.delete_one(QUERY), 'delete', lambda c: c['deletes'][0]['q']),
        (lambda q: q.delete_many(QUERY), 'delete', lambda c: c['deletes'][0]['q']),
    ],
)
async def test_the_default_query_and_the_query_are_joined_by_and(wire, call, command, filter_of):
    await fill(wire.db)
    await settled(call(Active.q(wire.db)))

    assert filter_of(wire.sent(command)) == JOINED


@pytest.mark.parametrize(
    'call',
    [
        lambda q, query: q.count_documents(query),
        lambda q, query: q.update_many(query, {'$set': {'v': 5}}),
        lambda q, query: q.delete_many(query),
    ],
)
@pytest.mark.parametrize(('query', 'count'), [({}, 3), ({'_id': {'$gt': 2}}, 1), ({'_id': 4}, 0)])
async def test_the_default_query_limits_what_a_call_counts_or_changes(db, call, query, count):
    await fill(db)

    assert await settled(call(Active.q(db), query)) == count
    assert (await stored(Active, db, _id=4)) == [{'_id': 4, 'active': False, 'v': 40}]


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.update_one({'_id': 4}, {'$set': {'v': 5}}),
        lambda q: q.replace_one({'_id': 4}, {'v': 5}),
        lambda q: q.delete_one({'_id': 4}),
    ],
)
async def test_the_default_query_limits_what_is_changed_one_at_a_time(db, call):
    await fill(db)

    assert await settled(call(Active.q(db))) == 0
    assert len(await stored(Active, db, v=40)) == 1


async def test_a_query_of_the_same_field_as_the_default_query_does_not_replace_it(db):
    await fill(db)

    assert await settled(Active.q(db).count_documents({'active': False})) == 0


async def test_the_default_query_limits_distinct_values(db):
    await fill(db)

    assert sorted(await settled(Active.q(db).find({}).distinct('v'))) == [10, 20, 30]


# "`find` uses `default_sort` unless a sort is given."


async def test_find_uses_the_default_sort(db):
    await fill(db)

    assert await ids(Active.q(db).find({})) == [2, 1, 3]
    assert await ids(Active.q(db).find({}, sort=None)) == [2, 1, 3]


@pytest.mark.parametrize(
    'find',
    [
        lambda q: q.find({}, sort=[('_id', ASCENDING)]),
        lambda q: q.find({}).sort('_id', 1),
        lambda q: q.find({}).sort([('_id', 1)]),
    ],
)
async def test_a_given_sort_replaces_the_default_sort(db, find):
    await fill(db)

    assert await ids(find(Active.q(db))) == [1, 2, 3]


# "`clone()` keeps everything, default_query and default_sort included (*fixed*)."


@pytest.mark.parametrize(
    'copy', [lambda q: q.clone(), lambda q: q.with_options(read_preference=ReadPreference.NEAREST)]
)
async def test_a_copy_keeps_the_default_query_and_the_default_sort(db, copy):
    await fill(db)
    q = copy(Active.q(db))

    assert await ids(q.find({})) == [2, 1, 3]
    assert await settled(q.count_documents()) == 3


@pytest.mark.parametrize(
    'copy', [lambda q: q.clone(), lambda q: q.with_options(write_concern=WriteConcern(w=1))]
)
async def test_a_copy_keeps_the_class_and_the_attributes_of_the_query_set(db, copy):
    class CustomQuerySet(for_kind(db, MotorQuerySet, QuerySet)):
        pass

    q = CustomQuerySet(Item, db)
    q.tenant = 'x'

    copied = copy(q)
    assert copied is not q
    assert type(copied) is CustomQuerySet
    assert copied.tenant == 'x'


async def test_a_clone_keeps_the_options_of_the_collection(wire):
    options = {'read_concern': ReadConcern('local')}
    q = Item.q(wire.db).with_options(**options).clone()
    await settled(q.find({}).to_list(None))

    assert wire.sent('find')['readConcern']['level'] == 'local'


async def test_a_clone_keeps_the_session(wire):
    async with entered(wire.db.client.start_session()) as session:
        assert session.session_id  # drawn now, not from those given back later
        await settled(Item.q(wire.db, session).clone().find({}).to_list(None))

        assert wire.sent('find')['lsid'] == session.session_id


# "`create` inserts (*fixed*: it used to overwrite a document of the same `_id`) after validating."

CREATED = [
    lambda db, **kwargs: Item.q(db).create(**kwargs),
    pytest.param(
        lambda db, **kwargs: Item.create(db, **kwargs),
        marks=pytest.mark.filterwarnings('ignore:Use `create` method:DeprecationWarning'),
    ),
]


@pytest.mark.parametrize('create', CREATED)
async def test_create_inserts_and_gives_the_document(db, create):
    item = await settled(create(db, _id='1', value=2))

    assert type(item) is Item
    assert item.to_data() == {'_id': 1, 'value': 2}
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


@pytest.mark.parametrize('create', CREATED)
async def test_create_does_not_overwrite_a_document_of_the_same_id(db, create):
    await settled(create(db, _id=1, value=2))

    with pytest.raises(pymongo.errors.DuplicateKeyError):
        await settled(create(db, _id=1, value=3))
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


@pytest.mark.parametrize('create', CREATED)
async def test_create_validates_before_it_inserts(db, create):
    with pytest.raises(ValidationError) as caught:
        await settled(create(db, _id=1, value='xxx'))

    assert caught.value.as_dict() == {'value': 'invalid value type'}
    assert await stored(Item, db) == []


# "`Document.create` warns DeprecationWarning 'Use `create` method of `queryset` instead' and
# validates; `count` warns 'Use `count_documents` instead'."


async def test_create_of_a_document_class_is_deprecated(db):
    with pytest.warns(DeprecationWarning, match='^Use `create` method of `queryset` instead$'):
        await settled(Item.create(db=db, session=None, _id=1))

    assert await stored(Item, db) == [{'_id': 1}]


async def test_create_of_a_query_set_does_not_warn(db, recwarn):
    await settled(Item.q(db).create(_id=1))

    assert [str(warning.message) for warning in recwarn] == []


async def test_count_is_deprecated(db):
    await fill(db)

    with pytest.warns(DeprecationWarning, match='^Use `count_documents` instead$'):
        assert await settled(Active.q(db).count({'_id': {'$lt': 3}})) == 2


# Seed: "count(query={}, **kwargs)", "count_documents(query={}, **kwargs)"


async def test_count_documents_counts(db):
    await fill(db)
    q = Active.q(db)

    assert await settled(q.count_documents()) == 3
    assert await settled(q.count_documents(query={'_id': 1})) == 1
    assert await settled(q.count_documents({}, limit=2)) == 2


@pytest.mark.filterwarnings('ignore:Use `count_documents` instead:DeprecationWarning')
async def test_count_counts(db):
    await fill(db)

    assert await settled(Active.q(db).count()) == 3
    assert await settled(Active.q(db).count(query={'_id': 1}, limit=1)) == 1


# "`find_one` and `get` raise DocumentNotFoundError"


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.find_one({'_id': 9}),
        lambda q: q.find_one({'_id': 4}),
        lambda q: q.get(9),
        lambda q: q.get(4),
    ],
)
async def test_a_document_that_is_not_there_is_an_error(db, call):
    await fill(db)

    with pytest.raises(DocumentNotFoundError):
        await settled(call(Active.q(db)))


async def test_find_one_of_an_empty_collection_is_an_error(db):
    with pytest.raises(DocumentNotFoundError):
        await settled(Item.q(db).find_one())


# Seed: "find_one(query={}, *args, **kwargs)", "get(_id, *args, **kwargs)"


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.find_one({'_id': 2}),
        lambda q: q.find_one(query={'v': 30}),
        lambda q: q.find_one({}, sort=[('v', -1)]),
        lambda q: q.get(2),
        lambda q: q.get(_id=2),
    ],
)
async def test_find_one_and_get_give_a_document(db, call):
    await fill(db)

    doc = await settled(call(Active.q(db)))
    assert type(doc) is Active
    assert doc.to_data() == {'_id': 2, 'active': True, 'value': 30}


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.find_one({'_id': 2}, {'v': 1}),
        lambda q: q.find_one({'_id': 2}, projection={'v': 1}),
        lambda q: q.get(2, {'v': 1}),
        lambda q: q.get(2, projection=['v']),
    ],
)
async def test_find_one_and_get_take_a_projection(db, call):
    await fill(db)

    assert (await settled(call(Active.q(db)))).to_data() == {'_id': 2, 'value': 30}


# Seed: "create_indexes(): Create document's indexes defined in Meta class."


async def test_create_indexes_creates_those_of_meta(db):
    class Indexed(Document):
        name = StrField()

        class Meta:
            indexes = [
                IndexModel([('name', ASCENDING)], unique=True),
                IndexModel([('_id', 1), ('name', -1)], name='both'),
            ]

    await settled(Indexed.q(db).create_indexes())

    indexes = await settled(Indexed.coll(db).index_information())
    assert set(indexes) == {'_id_', 'name_1', 'both'}
    assert indexes['name_1']['unique'] is True


async def test_create_indexes_does_nothing_where_meta_has_none(db):
    await settled(Item.q(db).create_indexes())

    assert await settled(db.list_collection_names()) == []


# Seed: "coll(db): Raw Motor collection object". Of another driver, its own.


def test_coll_gives_the_raw_collection(db):
    coll = Item.coll(db=db)

    assert type(coll) is type(db.item)
    assert coll.name == 'item'
