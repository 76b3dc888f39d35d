"""Bad arguments, and documents that cannot be stored, are refused before anything is written."""

import contextlib
import copy

import pytest
from bson import ObjectId
from pymongo import IndexModel

from aiomongodel import (
    BulkDuplicateKeyError,
    Document,
    DocumentNotFoundError,
    DuplicateKeyError,
    IntField,
    PartialDocumentError,
    StrField,
    ValidationError,
)
from tests.drivers import settled

from .helpers import refused


class User(Document):
    name = StrField(required=False)
    age = IntField(required=False)

    class Meta:
        indexes = (IndexModel('name', name='by name', unique=True, sparse=True),)


class Person(Document):
    _id = StrField()
    default = StrField(required=False)

    class Meta:
        default_query = {'default': 'x'}


async def stored(db):
    return await settled(db.user.find().sort('_id', 1).to_list(None))


# What is no database.


NO_DATABASES = {
    'none': lambda db: None,
    'string': lambda db: 'users',
    'client': lambda db: db.client,
    'collection': lambda db: db.users,
    'class': lambda db: type(db),
    'document': lambda db: User(),
}

CALLS = {
    'q': lambda db: User.q(db),
    'coll': lambda db: User.coll(db),
    'create_collection': lambda db: User.create_collection(db),
    'save': lambda db: User().save(db),
    'insert': lambda db: User().save(db, do_insert=True),
    'reload': lambda db: User().reload(db),
    'update': lambda db: User().update(db, {'$set': {'age': 1}}),
    'delete': lambda db: User().delete(db),
}


@pytest.mark.parametrize('call', CALLS)
@pytest.mark.parametrize('given', NO_DATABASES)
def test_what_is_no_database(any_db, given, call):
    no_database = NO_DATABASES[given](any_db)
    with refused(TypeError, 'User', 'database', type(no_database).__name__):
        CALLS[call](no_database)


# Queries.

NO_QUERIES = ['x', 5, [('a', 1)], ['a'], User, True]

QUERIES = {
    'find': lambda q, query: q.find(query),
    'count_documents': lambda q, query: q.count_documents(query),
    'update_one': lambda q, query: q.update_one(query, {'$set': {'age': 1}}),
    'update_many': lambda q, query: q.update_many(query, {'$set': {'age': 1}}),
    'replace_one': lambda q, query: q.replace_one(query, {'age': 1}),
    'delete_one': lambda q, query: q.delete_one(query),
    'delete_many': lambda q, query: q.delete_many(query),
}


@pytest.mark.parametrize('model', [User, Person])
@pytest.mark.parametrize('call', QUERIES)
@pytest.mark.parametrize('query', NO_QUERIES)
async def test_a_query_that_is_no_dict(any_db, query, call, model):
    with refused(TypeError, 'query', model.__name__, 'dict'):
        await settled(QUERIES[call](model.q(any_db), query))


async def test_a_query_that_is_no_dict_changes_nothing(any_db):
    await settled(User(name='x').save(any_db))
    before = await stored(any_db)
    for call, query in ((call, query) for call in QUERIES for query in NO_QUERIES):
        with pytest.raises(TypeError):
            await settled(QUERIES[call](User.q(any_db), query))
    assert await stored(any_db) == before


@pytest.mark.parametrize('call', sorted(QUERIES.keys() - {'find'}))
async def test_none_is_no_query(any_db, call):
    with refused(TypeError, 'query', 'User', 'dict', 'None'):
        await settled(QUERIES[call](User.q(any_db), None))


async def test_none_finds_all_as_it_does_with_the_driver(any_db):
    await settled(User(name='x').save(any_db))
    assert len(await settled(User.q(any_db).find(None).to_list())) == 1
    assert (await settled(User.q(any_db).find_one(None))).name == 'x'


# Documents without `_id`, and partial ones.

WRITES = {
    'save': lambda user, db: user.save(db),
    'reload': lambda user, db: user.reload(db),
    'update': lambda user, db: user.update(db, {'$set': {'age': 1}}),
    'delete': lambda user, db: user.delete(db),
}


@pytest.mark.parametrize('make', [lambda: User(_empty=True), lambda: User(_id=None, name='x')])
@pytest.mark.parametrize('call', WRITES)
async def test_a_document_without_id(any_db, call, make):
    await settled(any_db.user.insert_one({'_id': None, 'name': 'not to be touched'}))
    with refused(ValueError, 'User', '_id'):
        await settled(WRITES[call](make(), any_db))
    assert await stored(any_db) == [{'_id': None, 'name': 'not to be touched'}]


async def test_an_insert_without_id_gives_the_document_the_id_that_is_stored(any_db):
    user = await settled(User(_empty=True).save(any_db, do_insert=True))
    assert await stored(any_db) == [{'_id': user._id}]
    assert isinstance(user._id, ObjectId)


async def test_an_insert_of_none_as_id_stores_no_none(any_db):
    with contextlib.suppress(ValueError):
        await settled(User(_id=None, name='x').save(any_db, do_insert=True))
    assert [data for data in await stored(any_db) if data['_id'] is None] == []


@pytest.mark.parametrize('do_insert', [True, False])
@pytest.mark.parametrize('projection', [{'name': 1}, ['name'], {'age': 0}, {'_id': 1}, [], {}])
async def test_a_partial_document_is_not_saved(any_db, projection, do_insert):
    await settled(User(name='x', age=1).save(any_db))
    before = await stored(any_db)
    user = await settled(User.q(any_db).find_one({}, projection))
    user.name = 'y'
    with refused(PartialDocumentError, 'User', str(user._id), 'projection', 'eload'):
        await settled(user.save(any_db, do_insert=do_insert))
    assert await stored(any_db) == before


async def test_a_partial_document_is_saved_after_reloading(any_db):
    await settled(User(name='x', age=1).save(any_db))
    user = await settled(User.q(any_db).find_one({}, ['name']))
    await settled(user.reload(any_db))
    await settled(user.save(any_db))
    assert [data['age'] for data in await stored(any_db)] == [1]


async def test_a_copy_of_a_partial_document_is_not_saved(any_db):
    await settled(User(name='x', age=1).save(any_db))
    user = await settled(User.q(any_db).find_one({}, ['_id']))
    for twin in (copy.copy(user), copy.deepcopy(user)):
        with refused(PartialDocumentError, 'User', str(user._id)):
            await settled(twin.save(any_db))
    assert [data['age'] for data in await stored(any_db)] == [1]


# Errors of the server.

SET_X = {'$set': {'name': 'x'}}


@pytest.fixture
async def indexed(any_db):
    await settled(User.q(any_db).create_indexes())
    await settled(User(name='x').save(any_db))
    return any_db


WRITES_TWICE = {
    'create': (lambda q: q.create(name='x'), DuplicateKeyError),
    'insert_one': (lambda q: q.insert_one({'name': 'x'}), DuplicateKeyError),
    'insert_many': (lambda q: q.insert_many([{'name': 'x'}]), BulkDuplicateKeyError),
    'replace_one': (lambda q: q.replace_one({'_id': 1}, {'name': 'x'}, True), DuplicateKeyError),
    'update_one': (lambda q: q.update_one({'name': 'y'}, SET_X), DuplicateKeyError),
    'update_many': (lambda q: q.update_many({}, SET_X), DuplicateKeyError),
}


@pytest.mark.parametrize('write', WRITES_TWICE)
async def test_a_duplicate_key_names_its_index(indexed, write):
    await settled(User(name='y').save(indexed))
    call, kind = WRITES_TWICE[write]
    with refused(kind, 'by name') as caught:
        await settled(call(User.q(indexed)))
    assert caught.value.index_name == 'by name'
    assert caught.value.details


@pytest.mark.parametrize('do_insert', [True, False])
async def test_a_duplicate_key_of_a_document_names_its_index(indexed, do_insert):
    with refused(DuplicateKeyError, 'by name') as caught:
        await settled(User(name='x').save(indexed, do_insert=do_insert))
    assert caught.value.index_name == 'by name'


MISSING = {
    'get': lambda user, db: User.q(db).get(user._id),
    'find_one': lambda user, db: User.q(db).find_one(user._id),
    'find_one by query': lambda user, db: User.q(db).find_one({'_id': user._id}),
    'reload': lambda user, db: user.reload(db),
    'update': lambda user, db: user.update(db, {'$set': {'age': 1}}),
}


@pytest.mark.parametrize('call', MISSING)
async def test_a_document_that_is_not_there(any_db, call):
    user = User()
    words = [] if call.startswith('find_one') else [str(user._id)]
    with refused(DocumentNotFoundError, 'User', '_id', "'user'", *words):
        await settled(MISSING[call](user, any_db))


async def test_a_value_that_is_not_valid_is_not_created(any_db):
    with refused(ValidationError, 'age', 'invalid value type'):
        await settled(User.q(any_db).create(age='x'))
    assert await stored(any_db) == []


async def test_a_field_may_be_named_self_where_documents_are_created(any_db):
    model = type('Model', (Document,), {'self': IntField(), 'session': IntField()})
    created = await settled(model.q(any_db).create(self='1', session='2'))
    assert (created.self, created.session) == (1, 2)
