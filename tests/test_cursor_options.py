"""What a cursor passes on to the driver's, beside what the contract pins."""

import pytest
from pymongo import CursorType

from aiomongodel import Document, DocumentNotFoundError, IntField, MultipleDocumentsFoundError
from tests.drivers import each, end_of, entered, following, options_of, settled

EXHAUST = 64


class Item(Document):
    number = IntField()


@pytest.fixture
async def cursor(any_db):
    await settled(Item.coll(any_db).insert_many([{'number': number} for number in range(5)]))
    return Item.q(any_db).find({}).sort('number')


async def test_next_gives_one_document_after_the_other(cursor):
    assert (await settled(cursor.next())).number == 0
    assert (await settled(following(cursor))).number == 1


async def test_next_stops_at_the_end(cursor):
    await settled(cursor.to_list(None))
    with pytest.raises(end_of(cursor)):
        await settled(cursor.next())


async def test_rewind_starts_again(cursor):
    assert len(await settled(cursor.to_list(2))) == 2
    assert len(await settled(cursor.rewind().to_list(None))) == 5


async def test_a_closed_cursor_is_not_alive(cursor):
    await settled(cursor.batch_size(2).to_list(2))
    assert cursor.alive
    await settled(cursor.close())
    assert not cursor.alive


async def test_a_cursor_is_closed_at_the_end_of_its_block(cursor):
    async with entered(cursor.batch_size(2)) as same:
        assert same is cursor
        await settled(cursor.to_list(2))
        assert cursor.alive
    assert not cursor.alive


async def test_first_leaves_the_cursor_where_it_is(cursor):
    await settled(cursor.next())
    assert (await settled(cursor.first())).number == 0
    assert (await settled(cursor.next())).number == 1


async def test_first_of_nothing_is_none(any_db):
    assert await settled(Item.q(any_db).find().first()) is None


async def test_one_gives_the_only_document(cursor, any_db):
    assert (await settled(Item.q(any_db).find({'number': 3}).one())).number == 3
    assert (await settled(cursor.limit(1).one())).number == 0


@pytest.mark.parametrize(
    ('query', 'error'),
    [({'number': 9}, DocumentNotFoundError), ({}, MultipleDocumentsFoundError)],
)
async def test_one_refuses_none_and_several(cursor, any_db, query, error):
    with pytest.raises(error):
        await settled(Item.q(any_db).find(query).one())


async def test_batches_give_lists_until_nothing_is_left(cursor):
    batches = [[item.number for item in batch] async for batch in each(cursor.batches(2))]
    assert batches == [[0, 1], [2, 3], [4]]
    assert not cursor.alive


async def test_batches_of_nothing_are_refused(cursor):
    with pytest.raises(ValueError, match='give a size of at least 1'):
        await settled(following(cursor.batches(0)))


async def test_options_are_the_drivers(cursor):
    assert cursor.add_option(EXHAUST) is cursor
    assert cursor.remove_option(EXHAUST) is cursor
    assert len(await settled(cursor.to_list(None))) == 5


async def test_the_wait_of_a_tailable_cursor_is_set(any_db):
    cursor = Item.q(any_db).find({}, cursor_type=CursorType.TAILABLE_AWAIT)
    assert cursor.max_await_time_ms(5) is cursor
    assert options_of(cursor.cursor)['_max_await_time_ms'] == 5
