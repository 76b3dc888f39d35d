"""A block collects writes, and sends them at its end."""

import pytest

from aiomongodel import (
    BulkDuplicateKeyError,
    BulkResult,
    PartialDocumentError,
    ValidationError,
)
from tests.drivers import entered, settled
from tests.many.helpers import Item, indexed, items, stored

SET_B = {'$set': {'n': 'b'}}

WRITES = {
    'insert': (lambda bulk: bulk.insert(Item(_id=3)), BulkResult(inserted=1)),
    'insert a dict': (lambda bulk: bulk.insert({'_id': 3}), BulkResult(inserted=1)),
    'save': (lambda bulk: bulk.save(Item(_id=1)), BulkResult(matched=1, modified=1)),
    'update': (lambda bulk: bulk.update({}, SET_B), BulkResult(matched=1, modified=1)),
    'update_many': (lambda bulk: bulk.update_many({}, SET_B), BulkResult(matched=2, modified=2)),
    'replace': (
        lambda bulk: bulk.replace({'_id': 1}, Item(_id=1)),
        BulkResult(matched=1, modified=1),
    ),
    'delete': (lambda bulk: bulk.delete({'_id': 1}), BulkResult(deleted=1)),
    'delete a document': (lambda bulk: bulk.delete(Item(_id=1)), BulkResult(deleted=1)),
    'delete_many': (lambda bulk: bulk.delete_many({}), BulkResult(deleted=2)),
    'options': (
        lambda bulk: bulk.update({'_id': 5}, SET_B, upsert=True),
        BulkResult(upserted=1, upserted_ids={0: 5}),
    ),
    'array filters': (
        lambda bulk: bulk.update_many({}, {'$set': {'a.$[x]': 1}}, array_filters=[{'x': 0}]),
        BulkResult(matched=2, modified=2),
    ),
}


@pytest.mark.parametrize('name', WRITES)
async def test_a_write_is_sent_at_the_end_of_the_block(any_db, name):
    write, result = WRITES[name]
    old = [{'_id': 1, 'n': 'x', 'a': [0]}, {'_id': 2, 'n': 'y', 'a': [0]}]
    await settled(Item.coll(any_db).insert_many(old))
    async with entered(Item.q(any_db).bulk()) as bulk:
        assert write(bulk) is bulk
        assert await stored(Item, any_db) == old
    assert bulk.result == result
    assert await stored(Item, any_db) != old


async def test_writes_are_done_in_their_order(any_db):
    async with entered(Item.q(any_db).bulk(size=2)) as bulk:
        bulk.insert(Item(_id=1, name='a')).update({'n': 'a'}, SET_B)
        bulk.delete({'n': 'a'})
        bulk.save(Item(_id=2))
    assert await stored(Item, any_db) == [{'_id': 1, 'n': 'b'}, {'_id': 2}]


async def test_a_document_is_stored_as_it_is_at_the_end_of_the_block(any_db):
    item = Item(_id=1, name='old')
    async with entered(Item.q(any_db).bulk()) as bulk:
        bulk.insert(item)
        item.name = 'new'
    assert await stored(Item, any_db) == [{'_id': 1, 'n': 'new'}]


async def left_by(db, error, bulk=None):
    async with entered(bulk or Item.q(db).bulk()) as bulk:
        bulk.insert(Item(_id=1))
        raise error


@pytest.mark.parametrize('error', [LookupError, KeyboardInterrupt])
async def test_a_block_that_an_exception_leaves_writes_nothing(any_db, error):
    bulk = Item.q(any_db).bulk()
    with pytest.raises(error):
        await left_by(any_db, error, bulk)
    assert await stored(Item, any_db) == []
    with pytest.raises(RuntimeError, match=r'Item\.q\(db\)\.bulk has no result: its block is over'):
        _ = bulk.result


async def test_an_empty_block_is_an_empty_result(any_db):
    async with entered(Item.q(any_db).bulk()) as bulk:
        with pytest.raises(RuntimeError, match='has no result: its block is open'):
            _ = bulk.result
    assert bulk.result == BulkResult()


async def test_a_block_is_used_once(any_db):
    async with entered(Item.q(any_db).bulk()) as bulk:
        bulk.insert(Item(_id=1))
    with pytest.raises(RuntimeError, match='its block is over; what is added would not be written'):
        bulk.insert(Item(_id=2))
    with pytest.raises(RuntimeError, match='a block is used once'):
        await left_by(any_db, LookupError, bulk)


async def test_what_is_added_before_the_block_is_refused(any_db):
    with pytest.raises(RuntimeError, match='its block is not entered'):
        Item.q(any_db).bulk().insert(Item(_id=1))


async def fill(bulk, writes):
    async with entered(bulk):
        for write in writes:
            write(bulk)


async def add(db, *writes):
    await fill(Item.q(db).bulk(), writes)


@pytest.mark.parametrize(
    'wrong',
    [
        lambda bulk: bulk.insert(5),
        lambda bulk: bulk.save({'_id': 1}),
        lambda bulk: bulk.update(5, SET_B),
        lambda bulk: bulk.update({}, {'n': 'b'}),
        lambda bulk: bulk.update_many({}, None),
        lambda bulk: bulk.replace({}, SET_B),
        lambda bulk: bulk.delete(None),
        lambda bulk: bulk.delete_many(Item(_id=1)),
    ],
)
async def test_what_cannot_be_written_is_refused_at_its_line(any_db, wrong):
    reached = []
    with pytest.raises((TypeError, ValueError), match=r'Item\.q\(db\)\.bulk, at index 1: '):
        await add(any_db, lambda bulk: bulk.insert(Item(_id=2)), wrong, reached.append)
    assert reached == []
    assert await stored(Item, any_db) == []


async def test_all_documents_are_validated_at_the_end(any_db):
    wrong = items('long' * 6, 'ok', 'long' * 6)
    with pytest.raises(ValidationError) as caught:
        await add(any_db, *[lambda bulk, item=item: bulk.save(item) for item in wrong])
    assert list(caught.value.error) == [0, 2]
    assert await stored(Item, any_db) == []


async def test_a_document_that_was_loaded_in_part_is_refused(any_db):
    await settled(Item.q(any_db).insert_many(items('a')))
    part = await settled(Item.q(any_db).find_one({}, ['_id']))
    with pytest.raises(PartialDocumentError, match='bulk, at index 0: Item with the _id 1'):
        await add(any_db, lambda bulk: bulk.save(part))


@pytest.mark.parametrize(('ordered', 'done', 'ids'), [(True, 1, [0, 1]), (False, 2, [0, 1, 3])])
async def test_a_block_with_failures_has_a_result(any_db, ordered, done, ids):
    bulk = (await indexed(any_db)).bulk(ordered=ordered)
    with pytest.raises(BulkDuplicateKeyError) as caught:
        await fill(bulk, [lambda bulk, item=item: bulk.insert(item) for item in items(*'axb')])
    assert bulk.result is caught.value.result
    assert bulk.result.inserted == done
    assert [data['_id'] for data in await stored(Item, any_db)] == ids
