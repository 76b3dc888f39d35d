"""Cursors on each driver: read in all ways, and closed on the server when left."""

import asyncio
import contextlib
import gc
import time

import pytest
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    DocumentNotFoundError,
    IntField,
    MultipleDocumentsFoundError,
    transaction,
)
from tests.drivers import each, entered, settled

CURSOR_NOT_FOUND = 43


class Item(Document):
    _id = IntField()
    value = IntField(required=False)

    class Meta:
        collection = 'item'


@pytest.fixture
def filled(sync_db, any_db):
    """A database with ten documents."""
    sync_db.item.insert_many([{'_id': number, 'value': -number} for number in range(10)])
    return any_db


def ids(items):
    return [item._id for item in items]


async def read(cursor):
    return ids([item async for item in each(cursor)])


async def after_last(cursor):
    """Check that `next` says that there are no more, as this kind of cursor says it."""
    if hasattr(cursor, '__anext__'):
        with pytest.raises(StopAsyncIteration):
            await cursor.next()
    else:
        with pytest.raises(StopIteration):
            cursor.next()


def number_of(cursor):
    """Give the number that the server knows the cursor by."""
    driver_cursor = cursor.cursor
    return getattr(driver_cursor, 'delegate', driver_cursor).cursor_id


def is_known(sync_db, number):
    """Tell whether the server knows a cursor."""
    # Asked for under a wrong name, it refuses one that it knows, and reads nothing of it.
    with pytest.raises(OperationFailure) as caught:
        sync_db.command('getMore', number, collection='of_none')
    return caught.value.code != CURSOR_NOT_FOUND


# Reading.


async def test_a_cursor_is_iterated(filled):
    assert await read(Item.q(filled).find({}).sort('_id', -1).batch_size(3)) == [*range(9, -1, -1)]


async def test_next_gives_one_document_after_the_other(filled):
    cursor = Item.q(filled).find({'_id': {'$lt': 3}}).sort('_id')

    assert [(await settled(cursor.next()))._id for _ in range(3)] == [0, 1, 2]
    await after_last(cursor)
    await after_last(cursor)


async def test_next_of_nothing_says_so_at_once(any_db):
    await after_last(Item.q(any_db).find({}))


async def test_next_and_loops_and_lists_go_on_where_the_other_has_stopped(filled):
    cursor = Item.q(filled).find({}).sort('_id').batch_size(4)

    assert (await settled(cursor.next()))._id == 0
    assert ids(await settled(cursor.to_list(3))) == [1, 2, 3]
    async for item in each(cursor):
        assert item._id == 4
        break
    assert ids(await settled(cursor.to_list(2))) == [5, 6]
    assert await read(cursor) == [7, 8, 9]
    assert await settled(cursor.to_list(None)) == []


async def test_a_loop_goes_on_after_a_list(filled):
    cursor = Item.q(filled).find({}).sort('_id')

    assert ids(await settled(cursor.to_list(4))) == [0, 1, 2, 3]
    assert await read(cursor) == [4, 5, 6, 7, 8, 9]
    assert not cursor.alive


async def test_a_cursor_starts_anew_after_rewind(filled):
    cursor = Item.q(filled).find({'_id': {'$gt': 1}}).sort('_id', -1).limit(4).batch_size(2)

    assert ids(await settled(cursor.to_list(3))) == [9, 8, 7]
    assert cursor.rewind() is cursor
    assert await read(cursor) == [9, 8, 7, 6]
    assert await read(cursor) == []
    assert await read(cursor.rewind()) == [9, 8, 7, 6]


async def test_rewind_reads_what_is_there_by_then(filled, sync_db):
    cursor = Item.q(filled).find({'_id': {'$gt': 8}})
    assert await read(cursor) == [9]
    sync_db.item.insert_one({'_id': 10})

    assert sorted(await read(cursor.rewind())) == [9, 10]


async def test_after_rewind_options_can_be_set_again(filled):
    cursor = Item.q(filled).find({}).sort('_id')
    await settled(cursor.next())

    assert await read(cursor.rewind().skip(7)) == [7, 8, 9]


# The first, and the only one.


async def test_first_gives_the_first_document(filled):
    assert (await settled(Item.q(filled).find({}).sort('_id', -1).first()))._id == 9
    assert (await settled(Item.q(filled).find({}, sort=[('value', 1)]).first()))._id == 9
    assert (await settled(Item.q(filled).find({}).sort('_id').skip(4).first()))._id == 4
    assert (await settled(Item.q(filled).find({}).sort('_id').limit(3).skip(2).first()))._id == 2


async def test_first_of_nothing_is_none(filled):
    assert await settled(Item.q(filled).find({'_id': 99}).first()) is None
    assert await settled(Item.q(filled).find({}).skip(10).first()) is None


async def test_first_leaves_the_cursor_as_it_is(filled):
    cursor = Item.q(filled).find({}).sort('_id')

    assert (await settled(cursor.first()))._id == 0
    assert (await settled(cursor.next()))._id == 0
    assert (await settled(cursor.first()))._id == 0
    assert len(await read(cursor)) == 9
    assert (await settled(cursor.first()))._id == 0


async def test_first_respects_the_default_sort(any_db, sync_db):
    class Sorted(Document):
        _id = IntField()

        class Meta:
            default_sort = [('_id', -1)]

    sync_db.sorted.insert_many([{'_id': number} for number in range(3)])
    assert (await settled(Sorted.q(any_db).find().first()))._id == 2


async def test_first_marks_a_document_of_a_projection_as_partial(filled):
    assert (await settled(Item.q(filled).find({}, {'value': 1}).first())).is_partial
    assert (await settled(Item.q(filled).find({'_id': 1}, {'value': 1}).one())).is_partial


async def test_one_gives_the_only_document(filled):
    cursor = Item.q(filled).find({'_id': 3})

    assert (await settled(cursor.one()))._id == 3
    assert (await settled(cursor.one()))._id == 3
    assert await read(cursor) == [3]


async def test_one_is_of_what_skip_and_limit_leave(filled):
    assert (await settled(Item.q(filled).find({}).sort('_id').limit(1).one()))._id == 0
    assert (await settled(Item.q(filled).find({}).sort('_id').skip(9).one()))._id == 9


async def test_one_of_nothing_is_an_error_that_names_the_class(any_db):
    with pytest.raises(DocumentNotFoundError, match='Item'):
        await settled(Item.q(any_db).find({'_id': 1}).one())


async def test_one_of_several_is_an_error_that_names_the_class_and_two_of_them(filled):
    with pytest.raises(MultipleDocumentsFoundError, match=r'Item.*\b4\b.*\b5\b'):
        await settled(Item.q(filled).find({'_id': {'$gt': 3}}).sort('_id').one())


# In batches.


@pytest.mark.parametrize(
    ('size', 'lengths'), [(1, [1] * 10), (3, [3, 3, 3, 1]), (5, [5, 5]), (10, [10]), (99, [10])]
)
async def test_batches_have_the_size_that_was_asked_for(filled, size, lengths):
    cursor = Item.q(filled).find({}).sort('_id').batch_size(4)

    batches = [batch async for batch in each(cursor.batches(size))]
    assert [len(batch) for batch in batches] == lengths
    assert [item._id for batch in batches for item in batch] == [*range(10)]
    assert {type(item) for batch in batches for item in batch} == {Item}


async def test_batches_of_nothing_are_none(any_db):
    assert [batch async for batch in each(Item.q(any_db).find({}).batches(5))] == []


async def test_batches_begin_where_the_cursor_stands(filled):
    cursor = Item.q(filled).find({}).sort('_id')
    await settled(cursor.next())

    assert [ids(batch) async for batch in each(cursor.batches(8))] == [[*range(1, 9)], [9]]


@pytest.mark.parametrize('size', [0, -1, None, 'x', 2.5])
async def test_batches_of_no_size_are_refused(filled, size):
    with pytest.raises((TypeError, ValueError), match='batches'):
        [batch async for batch in each(Item.q(filled).find({}).batches(size))]


# Closed on the server.


async def left_by_close(cursor):
    await settled(cursor.next())
    number = number_of(cursor)
    await settled(cursor.close())
    return number


async def left_by_its_block(cursor):
    async with entered(cursor) as entered_cursor:
        assert entered_cursor is cursor
        await settled(cursor.next())
        number = number_of(cursor)
    return number  # noqa: RET504  # once the block is left


async def left_by_an_exception(cursor):
    with contextlib.suppress(ZeroDivisionError):
        async with entered(cursor):
            async for _ in each(cursor):
                number = number_of(cursor)
                1 / 0  # noqa: B018
    return number


async def left_in_batches(cursor):
    batches = cursor.batches(2)
    await settled(anext(batches) if hasattr(batches, '__anext__') else next(batches))
    number = number_of(cursor)
    await settled(batches.aclose() if hasattr(batches, 'aclose') else batches.close())
    return number


async def left_by_an_exception_in_batches(cursor):
    batches = cursor.batches(2)
    await settled(anext(batches) if hasattr(batches, '__anext__') else next(batches))
    number = number_of(cursor)
    with contextlib.suppress(ZeroDivisionError):
        throw = batches.athrow if hasattr(batches, 'athrow') else batches.throw
        await settled(throw(ZeroDivisionError()))
    return number


LEFT = [
    left_by_close,
    left_by_its_block,
    left_by_an_exception,
    left_in_batches,
    left_by_an_exception_in_batches,
]


@pytest.mark.parametrize('leave', LEFT)
async def test_a_cursor_that_is_left_early_is_closed_on_the_server(filled, sync_db, leave):
    cursor = Item.q(filled).find({}).batch_size(2)

    number = await leave(cursor)
    assert number, 'the server has given all at once'
    assert not is_known(sync_db, number)


async def test_a_cursor_that_was_not_left_is_known_to_the_server(filled, sync_db):
    cursor = Item.q(filled).find({}).batch_size(2)
    await settled(cursor.next())

    assert is_known(sync_db, number_of(cursor))
    await settled(cursor.close())


async def loop(filled):
    cursor = Item.q(filled).find({}).batch_size(2)
    async for _ in each(cursor):
        break
    return number_of(cursor)


async def loop_of_batches(filled):
    cursor = Item.q(filled).find({}).batch_size(2)
    async for _ in each(cursor.batches(2)):
        break
    return number_of(cursor)


async def one_document(filled):
    cursor = Item.q(filled).find({}).batch_size(2)
    await settled(cursor.next())
    return number_of(cursor)


async def short_list(filled):
    cursor = Item.q(filled).find({}).batch_size(2)
    await settled(cursor.to_list(2))
    return number_of(cursor)


@pytest.mark.parametrize('use', [loop, loop_of_batches, one_document, short_list])
async def test_a_cursor_that_is_left_without_a_block_is_closed_once_it_is_gone(
    filled, sync_db, use
):
    number = await use(filled)
    gc.collect()

    assert number, 'the server has given all at once'
    deadline = time.monotonic() + 3
    while is_known(sync_db, number):
        assert time.monotonic() < deadline, 'the server knows the cursor still'
        # What the driver closes by and by, it closes beside our calls.
        await asyncio.sleep(0.2)
        await settled(Item.q(filled).count_documents({}))


async def test_a_cursor_of_a_transaction_is_closed_by_its_block(filled, sync_db):
    async with entered(transaction(filled)) as tx:
        cursor = Item.q(tx).find({}).batch_size(2)
        number = await left_by_its_block(cursor)
        await settled(tx.abort())
    assert not is_known(sync_db, number)


@pytest.mark.parametrize('call', ['first', 'one'])
async def test_first_and_one_leave_nothing_open(filled, sync_db, call, monkeypatch):
    numbers = []
    kind = type(Item.q(filled).find({}).cursor)
    close = kind.close

    def noted(self, *args):
        numbers.append(getattr(self, 'delegate', self).cursor_id)
        return close(self, *args)

    monkeypatch.setattr(kind, 'close', noted)
    cursor = Item.q(filled).find({}).batch_size(2)
    if call == 'one':
        with pytest.raises(MultipleDocumentsFoundError):
            await settled(cursor.one())
        assert len(numbers) == 1
        assert not numbers[0] or not is_known(sync_db, numbers[0])
    else:
        await settled(cursor.first())
    assert number_of(cursor) is None  # it has not been run


async def test_close_can_be_called_twice_and_before_anything(filled):
    cursor = Item.q(filled).find({})
    await settled(cursor.close())
    await settled(cursor.close())
    assert await settled(cursor.to_list(None)) == []


async def test_a_closed_cursor_gives_no_more_than_it_has_and_can_be_rewound(filled):
    cursor = Item.q(filled).find({}).sort('_id').batch_size(2)
    await settled(cursor.next())
    await settled(cursor.close())

    assert await read(cursor) == [1]
    assert await read(cursor.rewind()) == [*range(10)]
