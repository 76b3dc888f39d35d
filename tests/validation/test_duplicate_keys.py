"""A unique index that refuses a write, as an error of fields: by each driver and each write."""

import pickle

import pytest
from pymongo import IndexModel

from aiomongodel import (
    BulkDuplicateKeyError,
    BulkError,
    Document,
    DuplicateKeyError,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    RevisionField,
    StrField,
    UpdateOne,
)
from aiomongodel.queryset.outcomes import failure_of
from tests.drivers import entered, settled


class City(EmbeddedDocument):
    name = StrField(mongo_name='n')


class User(Document):
    _id = IntField()
    email = StrField(mongo_name='e')
    size = IntField(required=False)
    city = EmbDocField(City, mongo_name='c', required=False)
    cities = ListField(EmbDocField(City), mongo_name='cs', required=False)

    class Meta:
        indexes = [
            IndexModel('e', unique=True),
            IndexModel([('size', 1), ('c.n', 1)], unique=True, sparse=True),
            IndexModel('cs.n', unique=True, sparse=True),
        ]


async def fill(db):
    """Store two users, whose e-mail addresses must differ."""
    await settled(User.q(db).create_indexes())
    await settled(User.q(db).insert_many([User(_id=1, email='one'), User(_id=2, email='two')]))


async def refusal_of(write):
    with pytest.raises(DuplicateKeyError) as caught:
        await settled(write())
    return caught.value


WRITES = {
    'create': lambda q: q.create(_id=3, email='one'),
    'insert_one': lambda q: q.insert_one({'_id': 3, 'e': 'one'}),
    'update_one': lambda q: q.update_one({'_id': 2}, User.email.set('one')),
    'update_many': lambda q: q.update_many({'_id': 2}, {'$set': {'e': 'one'}}),
    'replace_one': lambda q: q.replace_one({'_id': 2}, {'e': 'one'}),
    'find_one_and_update': lambda q: q.find_one_and_update({'_id': 2}, User.email.set('one')),
    'find_one_and_replace': lambda q: q.find_one_and_replace({'_id': 2}, {'e': 'one'}),
    'upsert': lambda q: q.upsert({'_id': 3}, User.email.set('one')),
    'get_or_create': lambda q: q.get_or_create({'_id': 3}, {'email': 'one'}),
    'update_or_create': lambda q: q.update_or_create({'_id': 3}, {'email': 'one'}),
    'save': lambda q: User(_id=3, email='one').save(q.db),
    'insert': lambda q: User(_id=3, email='one').save(q.db, do_insert=True),
    'update': lambda q: User(_id=2, email='two').update(q.db, User.email.set('one')),
    'insert_many': lambda q: q.insert_many([User(_id=3, email='one')]),
    'save_all': lambda q: q.save_all([User(_id=3, email='one')]),
    'bulk_write': lambda q: q.bulk_write([UpdateOne({'_id': 2}, User.email.set('one'))]),
}


@pytest.mark.parametrize('write', WRITES)
async def test_every_write_names_the_field(any_db, write):
    await fill(any_db)

    error = await refusal_of(lambda: WRITES[write](User.q(any_db)))
    is_bulk = isinstance(error, BulkDuplicateKeyError)
    assert error.index_name == 'e_1'
    assert error.fields == ('email',)
    messages = {'email': 'value is not unique'}
    assert error.as_dict() == ({0: messages} if is_bulk else messages)


@pytest.mark.parametrize(
    ('values', 'fields', 'messages'),
    [
        ({'_id': 1}, ('_id',), {'_id': 'value is not unique'}),
        (
            {'size': 7, 'city': {'name': 'Kyiv'}},
            ('size', 'city.name'),
            {
                'size': 'values of size, city.name are not unique together',
                'city': {'name': 'values of size, city.name are not unique together'},
            },
        ),
        (
            {'cities': [{'name': 'Lviv'}]},
            ('cities.name',),
            {'cities': {'name': 'value is not unique'}},
        ),
    ],
)
async def test_compound_and_nested_indexes_name_their_fields(any_db, values, fields, messages):
    await fill(any_db)
    cities = [{'name': 'Odesa'}, {'name': 'Lviv'}]
    await settled(
        User.q(any_db).create(_id=3, email='3', size=7, city={'name': 'Kyiv'}, cities=cities)
    )

    error = await refusal_of(lambda: User.q(any_db).create(**{'_id': 4, 'email': 'four', **values}))
    assert error.fields == fields
    assert error.as_dict() == messages


async def test_each_failure_of_many_writes_names_its_fields(any_db):
    await fill(any_db)
    users = [User(_id=3, email='one'), User(_id=4, email='4'), User(_id=1, email='5')]

    error = await refusal_of(lambda: User.q(any_db).insert_many(users, ordered=False))
    assert error.fields == ('email',)
    assert [(each.index, each.fields) for each in error.failures] == [
        (0, ('email',)),
        (2, ('_id',)),
    ]
    assert error.as_validation_error().flat() == {
        '0.email': 'value is not unique',
        '2._id': 'value is not unique',
    }


async def test_the_batches_of_a_block_name_their_fields_with_indexes_among_all(any_db):
    await fill(any_db)

    async def write():
        async with entered(User.q(any_db).bulk(size=1, ordered=False)) as bulk:
            bulk.save(User(_id=3, email='3'))
            bulk.update({'_id': 2}, User.email.set('one'))

    error = await refusal_of(write)
    assert error.as_dict() == {1: {'email': 'value is not unique'}}


async def test_a_document_with_a_revision_names_its_fields_alone_and_among_many(any_db):
    class Page(Document):
        _id = IntField()
        title = StrField(mongo_name='t')
        revision = RevisionField()

        class Meta:
            indexes = [IndexModel('t', unique=True, name='by title')]

    await settled(Page.q(any_db).create_indexes())
    await settled(Page.q(any_db).create(_id=1, title='a'))
    second = await settled(Page.q(any_db).create(_id=2, title='b'))
    second.title = 'a'

    assert (await refusal_of(lambda: second.save(any_db))).fields == ('title',)
    error = await refusal_of(lambda: Page.q(any_db).save_all([second]))
    assert [each.fields for each in error.failures] == [('title',)]
    assert error.details['writeErrors'][0]['keyPattern'] == {'t': 1}


async def test_a_failure_of_another_kind_names_no_field(any_db):
    await fill(any_db)
    operations = [
        UpdateOne({'_id': 2}, {'$set': {'e': 'one'}}),
        UpdateOne({'_id': 2}, {'$inc': {'e': 1}}),
    ]

    with pytest.raises(BulkError) as caught:
        await settled(User.q(any_db).bulk_write(operations, ordered=False))
    assert not isinstance(caught.value, DuplicateKeyError)
    assert [each.fields for each in caught.value.failures] == [('email',), ()]


@pytest.mark.parametrize('write', ['create', 'insert_many'])
async def test_an_error_that_was_pickled_knows_its_fields(any_db, write):
    await fill(any_db)
    error = await refusal_of(lambda: WRITES[write](User.q(any_db)))

    for failure in getattr(error, 'failures', ()):
        object.__setattr__(failure, 'document', None)
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert (copied.fields, str(copied), copied.as_dict()) == (
        ('email',),
        str(error),
        error.as_dict(),
    )


async def test_no_value_is_shown_by_the_fields_messages(any_db):
    await fill(any_db)
    await settled(User.q(any_db).create(_id=3, email='secret'))

    error = await refusal_of(lambda: User.q(any_db).create(_id=4, email='secret'))
    shown = repr((error.fields, error.as_dict(), error.as_validation_error().messages()))
    assert 'secret' not in shown


@pytest.mark.parametrize(('code', 'fields'), [(11000, ('email',)), (121, ()), (None, ())])
def test_a_failure_has_fields_by_its_code_and_not_by_words_in_its_message(code, fields):
    refusal = {'code': code, 'errmsg': 'a value of "index: e_1 dup key: { e: 1 }"'}
    assert failure_of(0, refusal, None, User).fields == fields
