"""A query in the place of an update, an update or a field in that of a query."""

import pytest

from aiomongodel import (
    AnyField,
    BoolField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    LockField,
    QueryError,
    StrField,
)
from tests.drivers import settled


class User(Document):
    name = StrField()
    is_active = BoolField()


@pytest.mark.parametrize('method', ['update_one', 'update_many', 'find_one_and_update', 'upsert'])
async def test_a_query_is_refused_for_an_update(any_db, method):
    with pytest.raises(QueryError, match="'Ann'} is a query on User, where an update is to be"):
        await settled(getattr(User.q(any_db), method)({}, User.name == 'Ann'))


@pytest.mark.parametrize('method', ['find_one', 'first', 'exists', 'count_documents'])
async def test_an_update_is_refused_for_a_query(any_db, method):
    with pytest.raises(QueryError, match='is an update of User, where a query is to be given'):
        await settled(getattr(User.q(any_db), method)(User.name.set('Ann')))


@pytest.mark.parametrize('method', ['find_one', 'first', 'exists', 'count_documents', 'find'])
async def test_a_field_is_refused_for_a_query(any_db, method):
    with pytest.raises(TypeError, match=r'a query on User must be a dict, not <BoolField User.is_'):
        await settled(getattr(User.q(any_db), method)(User.is_active))


@pytest.mark.parametrize('method', ['find_one', 'find', 'first', 'count_documents'])
async def test_two_fields_that_are_compared_are_no_query(any_db, method):
    with pytest.raises(TypeError, match='a query on User must be a dict, not True'):
        await settled(getattr(User.q(any_db), method)(User.name != User.is_active))


class Room(EmbeddedDocument):
    price = IntField()
    rooms = ListField(EmbDocField(lambda: Room), required=False)


class Hotel(Document):
    halls = ListField(EmbDocField(Room))
    rooms = ListField(EmbDocField(Room))
    place = AnyField(required=False)


@pytest.mark.parametrize(
    'make',
    [
        lambda: Hotel.halls.elem_match(Hotel.halls.price < 50),
        lambda: Hotel.halls.elem_match((Hotel.halls.price < 50) | (Room.price > 9)),
        lambda: Hotel.halls.pull(Hotel.halls.price > 50),
        lambda: Hotel.halls.push(Room(price=1), sort=Hotel.halls.price.asc()),
    ],
    ids=['elem_match', 'joined', 'pull', 'push'],
)
def test_a_path_that_begins_with_that_of_the_list_itself_is_refused(make):
    with pytest.raises(QueryError, match=r"write 'price', not 'halls\.price'"):
        make()


def test_a_list_within_items_that_is_named_like_the_list_is_reached():
    query = Hotel.rooms.elem_match(Room.rooms.price < 50)
    assert query == {'rooms': {'$elemMatch': {'rooms.price': {'$lt': 50}}}}


async def test_what_is_near_a_place_is_not_counted(any_db):
    near = Hotel.q(any_db).find((Hotel.place.near((30, 50))) & {'halls': []})
    with pytest.raises(QueryError, match=r'Hotel: .* ask for those within_circle'):
        await settled(near.page(1, 5))


class Job(Document):
    _id = IntField()
    name = StrField()
    queue = StrField()
    lock = LockField(lease=60)


@pytest.mark.parametrize('method', ['try_lock', 'lock_one'])
async def test_two_fields_that_are_compared_lock_nothing(any_db, method):
    await settled(Job(_id=1, name='a', queue='b').save(any_db))
    with pytest.raises(TypeError, match='a query on Job must be a dict, not True'):
        await settled(getattr(Job.q(any_db), method)(Job.name != Job.queue))
    assert await settled(Job.q(any_db).exists({'lock': None}))
