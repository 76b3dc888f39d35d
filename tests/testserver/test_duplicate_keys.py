"""The error of a duplicate key names the index, its keys, and the values that are there already."""

import datetime

import pytest
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure


def _insert(collection):
    collection.insert_one({'_id': 9, 'name': 'x'})


def _update(collection):
    collection.update_one({'_id': 2}, {'$set': {'name': 'x'}})


def _computed(collection):
    collection.update_one({'_id': 2}, [{'$set': {'name': {'$substrCP': ['$name', 1, 1]}}}])


def _update_many(collection):
    collection.update_many({'_id': {'$gt': 1}}, {'$set': {'name': 'x'}})


def _upsert(collection):
    collection.update_one({'_id': 9}, {'$setOnInsert': {'name': 'x'}}, upsert=True)


def _replace(collection):
    collection.replace_one({'_id': 2}, {'name': 'x'})


def _find_and_modify(collection):
    collection.find_one_and_update({'_id': 2}, {'$set': {'name': 'x'}})


def _find_and_replace_upsert(collection):
    collection.find_one_and_replace({'_id': 9}, {'name': 'x'}, upsert=True)


WRITES = [
    _insert,
    _update,
    _computed,
    _update_many,
    _upsert,
    _replace,
    _find_and_modify,
    _find_and_replace_upsert,
]


@pytest.mark.parametrize('write', WRITES, ids=lambda write: write.__name__.strip('_'))
def test_every_write_tells_of_the_value(plain, write):
    plain.c.create_index('name', unique=True)
    plain.c.insert_many([{'_id': 1, 'name': 'x'}, {'_id': 2, 'name': 'yx'}])
    with pytest.raises(DuplicateKeyError) as caught:
        write(plain.c)
    assert caught.value.details['keyPattern'] == {'name': 1}
    assert caught.value.details['keyValue'] == {'name': 'x'}
    assert caught.value.details['errmsg'] == (
        f'E11000 duplicate key error collection: {plain.name}.c '
        'index: name_1 dup key: { name: "x" }'
    )


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (1, '1'),
        (1.5, '1.5'),
        (True, 'true'),
        (None, 'null'),
        (ObjectId('0123456789abcdef01234567'), "ObjectId('0123456789abcdef01234567')"),
        (datetime.datetime(1970, 1, 2), 'new Date(86400000)'),
        ({'a': 'b'}, '{ a: "b" }'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_shown_as_mongodb_shows_them(plain, value, shown):
    plain.c.create_index('a', unique=True)
    plain.c.insert_one({'a': value})
    with pytest.raises(DuplicateKeyError) as caught:
        plain.c.insert_one({'a': value})
    assert f'dup key: {{ a: {shown} }}' in str(caught.value)
    assert caught.value.details['keyValue'] == {'a': value}


def test_compound_nested_index_is_told_of_in_its_order(plain):
    plain.c.create_index([('b.c', -1), ('a', 1)], unique=True, name='both')
    plain.c.insert_one({'a': 1, 'b': {'c': 2}})
    with pytest.raises(
        DuplicateKeyError, match=r'index: both dup key: \{ b.c: 2, a: 1 \}'
    ) as caught:
        plain.c.insert_one({'a': 1, 'b': {'c': 2}})
    assert caught.value.details['keyPattern'] == {'b.c': -1, 'a': 1}


def test_of_an_array_the_element_is_told_that_is_there_already(plain):
    plain.c.create_index('tags', unique=True)
    plain.c.insert_one({'tags': ['a', 'b']})
    with pytest.raises(DuplicateKeyError) as caught:
        plain.c.insert_one({'tags': ['c', 'b']})
    assert caught.value.details['keyValue'] == {'tags': 'b'}


def test_duplicate_id_is_told_of(plain):
    plain.c.insert_one({'_id': 'x'})
    with pytest.raises(DuplicateKeyError, match=r'index: _id_ dup key: \{ _id: "x" \}') as caught:
        plain.c.insert_one({'_id': 'x'})
    assert caught.value.details['keyPattern'] == {'_id': 1}


def test_each_error_of_an_unordered_bulk_write_has_its_own_value(plain):
    plain.c.create_index('a', unique=True)
    plain.c.insert_many([{'_id': n, 'a': n} for n in range(4)])
    writes = [UpdateOne({'_id': n}, {'$inc': {'a': 1}}) for n in (0, 2, 3)]
    with pytest.raises(BulkWriteError) as caught:
        plain.c.bulk_write(writes, ordered=False)
    errors = caught.value.details['writeErrors']
    assert [(error['index'], error['keyValue']) for error in errors] == [
        (0, {'a': 1}),
        (1, {'a': 3}),
    ]


def test_in_a_transaction_the_value_is_told_too_and_nothing_is_stored(plain, mongo):
    plain.c.insert_one({'_id': 1})
    with mongo.start_session() as session, session.start_transaction():
        plain.c.insert_one({'_id': 2}, session=session)
        with pytest.raises(DuplicateKeyError) as caught:
            plain.c.insert_one({'_id': 1}, session=session)
        with pytest.raises(OperationFailure, match='aborted'):
            plain.c.find_one({}, session=session)
        session.abort_transaction()
    assert caught.value.details['keyValue'] == {'_id': 1}
    assert plain.c.count_documents({}) == 1
