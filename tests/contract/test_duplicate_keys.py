"""The 0.2 contract: a duplicate key, whatever writes it."""

import pymongo.errors
import pytest
from pymongo import IndexModel

from aiomongodel import Document
from aiomongodel.errors import DuplicateKeyError
from aiomongodel.fields import IntField, StrField
from tests.drivers import settled


class User(Document):
    _id = IntField()
    name = StrField(mongo_name='n')

    class Meta:
        collection = 'user'
        indexes = [IndexModel('n', unique=True, name='by name')]


async def fill(db):
    """Store two users whose names must differ."""
    await settled(User.q(db).create_indexes())
    await settled(User.coll(db).insert_many([{'_id': 1, 'n': 'one'}, {'_id': 2, 'n': 'two'}]))


# "Every pymongo DuplicateKeyError, `insert_many`'s and bulk's included (*fixed*), leaves as
# `aiomongodel.errors.DuplicateKeyError`, which is also a pymongo one; `index_name` from the
# message, `str(error)` the message; … the driver's `code` and `details` work on it (*fixed*)."

SINGLE = [
    lambda db: User.q(db).create(_id=3, name='one'),
    lambda db: User.q(db).insert_one({'_id': 3, 'n': 'one'}),
    lambda db: User.q(db).update_one({'_id': 2}, {'$set': {'n': 'one'}}),
    lambda db: User.q(db).update_many({'_id': 2}, {'$set': {'n': 'one'}}),
    lambda db: User.q(db).replace_one({'_id': 2}, {'n': 'one'}),
    lambda db: User(_id=3, name='one').save(db),
    lambda db: User(_id=3, name='one').save(db, do_insert=True),
    lambda db: User(_id=2, name='two').update(db, {'$set': {'n': 'one'}}),
]
MANY = [
    lambda db, docs: User.q(db).insert_many(docs),
    lambda db, docs: User.q(db).insert_many(docs, ordered=False),
]


@pytest.mark.parametrize('write', SINGLE)
async def test_a_duplicate_key_leaves_as_our_error(db, write):
    await fill(db)

    with pytest.raises(DuplicateKeyError) as caught:
        await settled(write(db))
    assert caught.value.index_name == 'by name'
    assert isinstance(caught.value, pymongo.errors.DuplicateKeyError)


@pytest.mark.parametrize('write', SINGLE)
async def test_a_duplicate_key_error_has_the_message_code_and_details_of_the_driver(db, write):
    await fill(db)

    with pytest.raises(DuplicateKeyError) as caught:
        await settled(write(db))
    assert str(caught.value).startswith('E11000 duplicate key error')
    assert 'index: by name' in str(caught.value)
    assert caught.value.code == 11000
    assert caught.value.details['code'] == 11000


async def test_a_duplicate_id_names_its_index(db):
    await fill(db)

    with pytest.raises(DuplicateKeyError) as caught:
        await settled(User.q(db).insert_one({'_id': 1, 'n': 'three'}))
    assert caught.value.index_name == '_id_'


# Decided: "A BulkWriteError whose write errors are all duplicate keys leaves as
# DuplicateKeyError (which then also is a pymongo BulkWriteError); a mixed one stays
# BulkWriteError."


@pytest.mark.parametrize('write', MANY)
@pytest.mark.parametrize(
    'docs',
    [
        [{'_id': 3, 'n': 'one'}],
        [{'_id': 3, 'n': 'three'}, {'_id': 4, 'n': 'one'}, {'_id': 5, 'n': 'two'}],
    ],
)
async def test_a_duplicate_key_among_many_leaves_as_our_error(db, write, docs):
    await fill(db)

    with pytest.raises(DuplicateKeyError) as caught:
        await settled(write(db, docs))
    assert caught.value.index_name == 'by name'
    assert isinstance(caught.value, pymongo.errors.BulkWriteError)
    assert isinstance(caught.value, pymongo.errors.DuplicateKeyError)


async def test_a_duplicate_key_among_many_keeps_the_details_of_the_driver(db):
    await fill(db)
    docs = [{'_id': 3, 'n': 'one'}, {'_id': 4, 'n': 'four'}, {'_id': 5, 'n': 'two'}]

    with pytest.raises(DuplicateKeyError) as caught:
        await settled(User.q(db).insert_many(docs, ordered=False))
    details = caught.value.details
    assert [(error['index'], error['code']) for error in details['writeErrors']] == [
        (0, 11000),
        (2, 11000),
    ]
    assert details['nInserted'] == 1
    assert 'E11000' in str(caught.value)


async def test_many_errors_of_which_some_are_no_duplicate_keys_stay_a_bulk_write_error(db):
    await settled(db.create_collection('user', validator={'$jsonSchema': {'required': ['n']}}))
    await fill(db)

    with pytest.raises(pymongo.errors.BulkWriteError) as caught:
        await settled(User.q(db).insert_many([{'_id': 3, 'n': 'one'}, {'_id': 4}], ordered=False))
    assert not isinstance(caught.value, DuplicateKeyError)
    assert {error['code'] for error in caught.value.details['writeErrors']} == {11000, 121}


async def test_many_errors_of_which_none_is_a_duplicate_key_stay_a_bulk_write_error(db):
    await settled(db.create_collection('user', validator={'$jsonSchema': {'required': ['n']}}))

    with pytest.raises(pymongo.errors.BulkWriteError) as caught:
        await settled(User.q(db).insert_many([{'_id': 4}]))
    assert not isinstance(caught.value, DuplicateKeyError)


async def test_an_error_of_the_write_concern_alone_stays_a_bulk_write_error(db, monkeypatch):
    concern = {'code': 64, 'errmsg': 'waiting for replication timed out'}
    error = pymongo.errors.BulkWriteError({'writeErrors': [], 'writeConcernErrors': [concern]})

    def insert_many(*args, **kwargs):  # no server of one member runs into this
        raise error

    monkeypatch.setattr(type(db.user), 'insert_many', insert_many)
    with pytest.raises(pymongo.errors.BulkWriteError) as caught:
        await settled(User.q(db).insert_many([{'_id': 1, 'n': 'one'}]))
    assert caught.value is error
