"""What a cursor passes on to the driver's, beside what the contract pins."""

import pytest
from pymongo import CursorType

from aiomongodel import Document, IntField

EXHAUST = 64


class Item(Document):
    number = IntField()


@pytest.fixture
async def cursor(db):
    await Item.coll(db).insert_many([{'number': number} for number in range(5)])
    return Item.q(db).find({}).sort('number')


async def test_next_gives_one_document_after_the_other(cursor):
    assert (await cursor.next()).number == 0
    assert (await anext(cursor)).number == 1


async def test_next_stops_at_the_end(cursor):
    await cursor.to_list(None)
    with pytest.raises(StopAsyncIteration):
        await cursor.next()


async def test_rewind_starts_again(cursor):
    assert len(await cursor.to_list(2)) == 2
    assert len(await cursor.rewind().to_list(None)) == 5


async def test_a_closed_cursor_is_not_alive(cursor):
    await cursor.batch_size(2).to_list(2)
    assert cursor.alive
    await cursor.close()
    assert not cursor.alive


async def test_options_are_the_drivers(cursor):
    assert cursor.add_option(EXHAUST) is cursor
    assert cursor.remove_option(EXHAUST) is cursor
    assert len(await cursor.to_list(None)) == 5


async def test_the_wait_of_a_tailable_cursor_is_set(db):
    cursor = Item.q(db).find({}, cursor_type=CursorType.TAILABLE_AWAIT)
    assert cursor.max_await_time_ms(5) is cursor
    assert cursor.cursor.delegate._max_await_time_ms == 5
