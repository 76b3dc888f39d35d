"""`set_validator`: the server holds a collection to the schema of its class."""

import pytest
from pymongo.errors import OperationFailure, WriteError

from aiomongodel import Document, IntField, StrField
from tests.drivers import settled

from .helpers import REFUSED


class User(Document):
    name = StrField(max_length=3)
    age = IntField(gte=0, required=False)


async def is_refused(users, **values):
    """Tell whether the server refuses a document."""
    document = User(**values)
    try:
        await settled(users.save(document, True))
    except WriteError as error:
        return error.code == REFUSED
    return False


@pytest.mark.parametrize('is_there', [False, True])
async def test_the_server_refuses_what_validate_refuses(any_db, is_there):
    users = User.q(any_db)
    if is_there:
        await settled(users.create_collection())
    assert await settled(users.set_validator()) is None
    assert not await is_refused(users, name='Ann', age=7)
    assert await is_refused(users, name='Anna')
    assert await is_refused(users, name='Ann', age=-1)
    assert await is_refused(users)


async def test_a_validator_of_ones_own_is_taken(any_db):
    users = User.q(any_db)
    await settled(users.set_validator(User.age > 5))
    assert await is_refused(users, name='Ann', age=5)
    await settled(users.set_validator({}))
    assert not await is_refused(users, name='Ann', age=5)


async def test_the_arguments_of_the_command_are_passed_on(any_db, sync_db):
    users = User.q(any_db)
    await settled(users.create_collection())
    await settled(users.set_validator(validationAction='warn', validationLevel='moderate'))
    (found,) = sync_db.list_collections(filter={'name': 'user'})
    assert found['options']['validationAction'] == 'warn'
    assert found['options']['validationLevel'] == 'moderate'


async def test_a_schema_that_the_server_cannot_use_is_an_error_that_names_the_class(any_db):
    with pytest.raises(OperationFailure) as caught:
        await settled(User.q(any_db).set_validator({'$jsonSchema': {'type': 'nothing'}}))
    assert any('User' in note for note in caught.value.__notes__)


async def test_a_schema_of_a_class_of_its_own_is_taken(any_db):
    class Strict(Document):
        age = IntField()

        @classmethod
        def mongo_schema(cls):
            return {'required': ['name']}

        class Meta:
            collection = 'user'

    await settled(Strict.q(any_db).set_validator())
    assert await is_refused(User.q(any_db), age=1)


async def test_the_collection_of_a_family_is_held_to_the_rules_of_all(any_db, sync_db, monkeypatch):
    class Shape(Document):
        class Meta:
            discriminator = 'kind'

    class Circle(Shape):
        radius = IntField()

    # The engine of the test server knows no anyOf.
    monkeypatch.setattr(
        Shape, 'mongo_schema', classmethod(lambda cls: {'required': [cls.__name__]})
    )
    await settled(Circle.q(any_db).set_validator())
    (found,) = sync_db.list_collections(filter={'name': 'shape'})
    assert found['options']['validator'] == {'$jsonSchema': {'required': ['Shape']}}
