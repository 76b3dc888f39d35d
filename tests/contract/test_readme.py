"""The examples of the README of 0.2."""

import pytest
from bson import ObjectId

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.errors import ValidationError
from aiomongodel.fields import (
    BoolField,
    FloatField,
    IntField,
    ListField,
    StrField,
    SynonymField,
)
from tests.drivers import each, entered, settled

from .models import Comment, Post, User

# Modeling


def test_a_mongo_name_stands_behind_s():
    assert User._id.s == '_id'
    assert User.name.s == '_id'  # name is synonym
    assert Post.title.s == 'title'
    assert Post.author.s == 'user'  # field has mongo_name
    assert Post.comments.body.s == 'comments.body'  # compound name


def test_the_models_take_valid_data():
    user = User(name='Francesco').validate()
    post = Post(title='Hello', body='World', author=user, comments=[{'author': user, 'body': 'x'}])

    post.validate()
    assert isinstance(post._id, ObjectId)
    assert (post.views, post.rate, type(post.comments[0])) == (0, 0.0, Comment)
    assert (post.to_mongo()['user'], post.to_mongo()['comments'][0]['author']) == ('Francesco',) * 2


@pytest.mark.parametrize(
    ('data', 'errors'),
    [
        ({'name': 'ab'}, {'_id': 'value does not match pattern [a-zA-Z0-9_]{3,20}'}),
        ({}, {'_id': 'field is required'}),
        ({'name': 'Ihor', 'posts': ['x']}, {'posts': {0: 'invalid value type'}}),
    ],
)
def test_the_models_refuse_invalid_data(data, errors):
    with pytest.raises(ValidationError) as caught:
        User(**data).validate()
    assert caught.value.as_dict() == errors


# CRUD


async def test_indexes(db):
    await settled(User.q(db).create_indexes())
    await settled(Post.q(db).create_indexes())

    assert 'created_-1' in await settled(Post.coll(db).index_information())


async def test_create_using_save(db):
    u = await settled(User(name='Alexandro').save(db, do_insert=True))

    assert u.name == 'Alexandro'
    assert u._id == 'Alexandro'
    assert u.is_active is True
    assert u.posts == []
    assert u.quote is None


@pytest.fixture
async def users(db):
    """An active and an inactive user, stored."""
    alexandro = await settled(User(name='Alexandro').save(db, do_insert=True))
    return [alexandro, await settled(User.q(db).create(name='Ihor', is_active=False))]


async def test_read_by_id(db, users):
    u = await settled(User.q(db).get('Alexandro'))

    assert u.name == 'Alexandro'


async def test_find_gives_a_list(db, users):
    found = await settled(User.q(db).find({User.is_active.s: True}).to_list(10))

    assert [user.name for user in found] == ['Alexandro']


async def test_find_in_a_for_loop(db, users):
    found = []
    async for user in each(User.q(db).find({User.is_active.s: False})):
        found.append(user)  # noqa: PERF401

    assert [user.name for user in found] == ['Ihor']


async def test_find_in_a_comprehension(db, users):
    found = [user async for user in each(User.q(db).find({}))]

    assert len(found) == 2


async def test_update_by_save(db, users):
    u = await settled(User.q(db).get('Ihor'))
    u.is_active = True
    await settled(u.save(db))

    assert (await settled(User.q(db).get('Ihor'))).is_active is True


async def test_update_by_update(db, users):
    u = await settled(User.q(db).get('Ihor'))
    post = ObjectId()

    await settled(u.update(db, {'$push': {User.posts.s: post}}))
    assert u.posts == [post]


async def test_delete(db, users):
    u = await settled(User.q(db).get('Ihor'))
    await settled(u.delete(db))

    assert [user.name async for user in each(User.q(db).find({}))] == ['Alexandro']


# Validation


class Model(Document):
    name = StrField(max_length=7)
    value = IntField(gt=5, lte=13)
    data = FloatField()


def test_valid_data_is_accepted():
    m = Model(name='xxx', value=10, data=1.6)

    assert m.validate() is m


def test_invalid_data_is_refused_by_validate_alone():
    invalid = Model(name='too long string', value=0)

    with pytest.raises(ValidationError) as caught:
        invalid.validate()
    assert caught.value.as_dict() == {
        'name': 'length is greater than 7',
        'value': 'value should be greater than 5',
        'data': 'field is required',
    }


def test_messages_can_be_translated():
    translation = {
        'field is required': 'This field is required',
        'length is greater than {constraint}': (
            'Length of the field is greater than {constraint} characters'
        ),
    }
    with pytest.raises(ValidationError) as caught:
        Model(name='too long string', value=0).validate()

    assert caught.value.as_dict(translation=translation) == {
        'name': 'Length of the field is greater than 7 characters',
        'value': 'value should be greater than 5',
        'data': 'This field is required',
    }


# Querying


async def test_find_with_a_projection(db, users):
    await settled(User.q(db).create(name='Maria'))
    cursor = User.q(db).find({}, {'_id': 1}).skip(1).limit(2)

    found = [user async for user in each(cursor)]
    assert len(found) == 2
    assert all(user.name for user in found)
    assert [user.is_active for user in found] == [None, None]  # we used projection


async def test_find_one(db, users):
    user = await settled(User.q(db).find_one({User.name.s: 'Alexandro'}))

    assert user.name == 'Alexandro'


async def test_update_many(db, users):
    await settled(
        User.q(db).update_many({User.is_active.s: True}, {'$set': {User.is_active.s: False}})
    )

    assert await settled(User.q(db).count_documents({User.is_active.s: True})) == 0


async def test_delete_many(db, users):
    assert await settled(User.q(db).delete_many({})) == 2
    assert await settled(User.q(db).count_documents()) == 0


# Models Inheritance


class ValueMixin:
    value = IntField()


class Parent(Document):
    name = StrField()


class Child(ValueMixin, Parent):
    # also has value and name fields
    rate = FloatField()


class OtherChild(Child):
    # also has rate and name fields
    value = FloatField()  # overwrite value field from the mixin


class SubDoc(ValueMixin, EmbeddedDocument):
    # has value field
    pass


@pytest.mark.parametrize(
    ('model', 'names'),
    [
        (Parent, {'_id', 'name'}),
        (Child, {'_id', 'name', 'value', 'rate'}),
        (OtherChild, {'_id', 'name', 'value', 'rate'}),
        (SubDoc, {'value'}),
    ],
)
def test_fields_are_inherited(model, names):
    assert set(model.meta.fields) == names


def test_a_field_is_overwritten():
    assert isinstance(Child.value, IntField)
    assert isinstance(OtherChild.value, FloatField)


# Models Inheritance With Same Collection


class ActiveMixin:
    is_active = BoolField(default=True)


class Account(ActiveMixin, Document):
    _id = StrField()
    role = StrField()
    name = SynonymField(_id)

    class Meta:
        collection = 'accounts'

    @classmethod
    def from_mongo(cls, data):
        # create appropriate model when loading from db
        if data['role'] == 'customer':
            return super(Account, Customer).from_mongo(data)
        return super(Account, Admin).from_mongo(data)


class Customer(Account):
    role = StrField(default='customer', choices=['customer'])  # overwrite role field
    address = StrField()

    class Meta:
        collection = 'accounts'
        default_query = {Account.role.s: 'customer'}


class Admin(Account):
    role = StrField(default='admin', choices=['admin'])  # overwrite role field
    rights = ListField(StrField(), default=list)

    class Meta:
        collection = 'accounts'
        default_query = {Account.role.s: 'admin'}


@pytest.fixture
async def accounts(db):
    """A customer and an admin of one collection, stored."""
    customer = await settled(Customer(name='c', address='x').save(db))
    return [customer, await settled(Admin.q(db).create(name='a', rights=['all']))]


async def test_a_document_is_loaded_as_its_own_model(db, accounts):
    loaded = {doc.name: doc async for doc in each(Account.q(db).find({}))}

    assert {name: type(doc) for name, doc in loaded.items()} == {'c': Customer, 'a': Admin}
    assert (loaded['c'].address, loaded['a'].rights) == ('x', ['all'])
    assert type(await settled(Account.q(db).get('c'))) is Customer
    assert type(await settled(Account.q(db).find_one({'role': 'admin'}))) is Admin


@pytest.mark.parametrize(('model', 'names'), [(Account, 'ac'), (Customer, 'c'), (Admin, 'a')])
async def test_a_model_finds_its_own_documents_alone(db, accounts, model, names):
    found = [doc.name async for doc in each(model.q(db).find({}).sort('_id', 1))]

    assert found == list(names)
    assert await settled(model.q(db).count_documents({})) == len(names)


# Transaction


async def test_an_error_in_a_transaction_leaves_nothing(db):
    # create collection before using transaction
    await settled(User.create_collection(db))

    async with entered(db.client.start_session()) as session:
        try:
            async with entered(session.start_transaction()):
                await write_users(db, session)
                raise RuntimeError('simulated')  # error in transaction block
        except RuntimeError:
            pass

    # transaction was not committed
    assert await settled(User.q(db).count_documents({User.name.s: 'user'})) == 0


async def test_a_transaction_without_error_is_committed(db):
    await settled(User.create_collection(db))

    async with entered(db.client.start_session()) as session, entered(session.start_transaction()):
        await write_users(db, session)

    users = [(user.name, user.is_active) async for user in each(User.q(db).find({}))]
    assert users == [('user', False)]


async def write_users(db, session):
    """Write with the session in each of the places that take it."""
    # pass session to QuerySet
    await settled(User.q(db, session=session).create(name='user'))
    # pass session to QuerySet method
    await settled(
        User.q(db).update_one(
            {User.name.s: 'user'}, {'$set': {User.is_active.s: False}}, session=session
        )
    )
    assert await settled(User.q(db, session).count_documents({User.name.s: 'user'})) == 1

    # session could be used in document crud methods
    u = await settled(User(name='user2').save(db, session=session))
    await settled(u.delete(db, session=session))
