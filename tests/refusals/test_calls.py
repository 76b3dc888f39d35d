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
    return await db.user.find().sort('_id', 1).to_list(None)


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
def test_what_is_no_database(db, given, call):
    no_database = NO_DATABASES[given](db)
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


async def finished(answer):
    return await answer if hasattr(answer, '__await__') else answer


@pytest.mark.parametrize('model', [User, Person])
@pytest.mark.parametrize('call', QUERIES)
@pytest.mark.parametrize('query', NO_QUERIES)
async def test_a_query_that_is_no_dict(db, query, call, model):
    with refused(TypeError, 'query', model.__name__, 'dict'):
        await finished(QUERIES[call](model.q(db), query))


async def test_a_query_that_is_no_dict_changes_nothing(db):
    await User(name='x').save(db)
    before = await stored(db)
    for call, query in ((call, query) for call in QUERIES for query in NO_QUERIES):
        with pytest.raises(TypeError):
            await finished(QUERIES[call](User.q(db), query))
    assert await stored(db) == before


@pytest.mark.parametrize('call', sorted(QUERIES.keys() - {'find'}))
async def test_none_is_no_query(db, call):
    with refused(TypeError, 'query', 'User', 'dict', 'None'):
        await finished(QUERIES[call](User.q(db), None))


async def test_none_finds_all_as_it_does_with_the_driver(db):
    await User(name='x').save(db)
    assert len(await User.q(db).find(None).to_list()) == 1
    assert (await User.q(db).find_one(None)).name == 'x'


# Documents without `_id`, and partial ones.

WRITES = {
    'save': lambda user, db: user.save(db),
    'reload': lambda user, db: user.reload(db),
    'update': lambda user, db: user.update(db, {'$set': {'age': 1}}),
    'delete': lambda user, db: user.delete(db),
}


@pytest.mark.parametrize('make', [lambda: User(_empty=True), lambda: User(_id=None, name='x')])
@pytest.mark.parametrize('call', WRITES)
async def test_a_document_without_id(db, call, make):
    await db.user.insert_one({'_id': None, 'name': 'not to be touched'})
    with refused(ValueError, 'User', '_id'):
        await WRITES[call](make(), db)
    assert await stored(db) == [{'_id': None, 'name': 'not to be touched'}]


async def test_an_insert_without_id_gives_the_document_the_id_that_is_stored(db):
    user = await User(_empty=True).save(db, do_insert=True)
    assert await stored(db) == [{'_id': user._id}]
    assert isinstance(user._id, ObjectId)


async def test_an_insert_of_none_as_id_stores_no_none(db):
    with contextlib.suppress(ValueError):
        await User(_id=None, name='x').save(db, do_insert=True)
    assert [data for data in await stored(db) if data['_id'] is None] == []


@pytest.mark.parametrize('do_insert', [True, False])
@pytest.mark.parametrize('projection', [{'name': 1}, ['name'], {'age': 0}, {'_id': 1}, [], {}])
async def test_a_partial_document_is_not_saved(db, projection, do_insert):
    await User(name='x', age=1).save(db)
    before = await stored(db)
    user = await User.q(db).find_one({}, projection)
    user.name = 'y'
    with refused(PartialDocumentError, 'User', str(user._id), 'projection', 'eload'):
        await user.save(db, do_insert=do_insert)
    assert await stored(db) == before


async def test_a_partial_document_is_saved_after_reloading(db):
    await User(name='x', age=1).save(db)
    user = await User.q(db).find_one({}, ['name'])
    await (await user.reload(db)).save(db)
    assert [data['age'] for data in await stored(db)] == [1]


async def test_a_copy_of_a_partial_document_is_not_saved(db):
    await User(name='x', age=1).save(db)
    user = await User.q(db).find_one({}, ['_id'])
    for twin in (copy.copy(user), copy.deepcopy(user)):
        with refused(PartialDocumentError, 'User', str(user._id)):
            await twin.save(db)
    assert [data['age'] for data in await stored(db)] == [1]


# Errors of the server.

SET_X = {'$set': {'name': 'x'}}


@pytest.fixture
async def indexed(db):
    await User.q(db).create_indexes()
    await User(name='x').save(db)
    return db


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
    await User(name='y').save(indexed)
    call, kind = WRITES_TWICE[write]
    with refused(kind, 'by name') as caught:
        await call(User.q(indexed))
    assert caught.value.index_name == 'by name'
    assert caught.value.details


@pytest.mark.parametrize('do_insert', [True, False])
async def test_a_duplicate_key_of_a_document_names_its_index(indexed, do_insert):
    with refused(DuplicateKeyError, 'by name') as caught:
        await User(name='x').save(indexed, do_insert=do_insert)
    assert caught.value.index_name == 'by name'


MISSING = {
    'get': lambda user, db: User.q(db).get(user._id),
    'find_one': lambda user, db: User.q(db).find_one(user._id),
    'find_one by query': lambda user, db: User.q(db).find_one({'_id': user._id}),
    'reload': lambda user, db: user.reload(db),
    'update': lambda user, db: user.update(db, {'$set': {'age': 1}}),
}


@pytest.mark.parametrize('call', MISSING)
async def test_a_document_that_is_not_there(db, call):
    user = User()
    words = [] if call.startswith('find_one') else [str(user._id)]
    with refused(DocumentNotFoundError, 'User', '_id', "'user'", *words):
        await MISSING[call](user, db)


async def test_a_value_that_is_not_valid_is_not_created(db):
    with refused(ValidationError, 'age', 'invalid value type'):
        await User.q(db).create(age='x')
    assert await stored(db) == []


async def test_a_field_may_be_named_self_where_documents_are_created(db):
    model = type('Model', (Document,), {'self': IntField(), 'session': IntField()})
    created = await model.q(db).create(self='1', session='2')
    assert (created.self, created.session) == (1, 2)
