"""Many writes in a session or a transaction."""

import pytest
from bson import ObjectId

from aiomongodel import BulkDuplicateKeyError, InsertOne, session, transaction
from tests.drivers import entered, settled
from tests.many.helpers import Item, Made, items, stored
from tests.transactions.helpers import create


class Failure(Exception):
    pass


async def block(q, documents, **options):
    async with entered(q.bulk(size=2, **options)) as bulk:
        for document in documents:
            bulk.insert(document)


WAYS = {
    'insert_many': lambda q, given, **options: q.insert_many(given, **options),
    'bulk_write': lambda q, given, **options: q.bulk_write(
        map(InsertOne, given), size=2, **options
    ),
    'bulk': block,
}
ways = pytest.mark.parametrize('way', WAYS)


async def failing(db, work):
    async with entered(transaction(db)) as tx:
        await work(tx)
        raise Failure


@ways
async def test_an_abort_leaves_nothing_and_takes_the_ids_back(any_db, way):
    await create(any_db, Made)
    given = [Made(_id=None, name=name) for name in 'abcde']

    async def work(tx):
        await settled(WAYS[way](Made.q(tx), given))
        assert all(isinstance(made._id, ObjectId) for made in given)

    with pytest.raises(Failure):
        await failing(any_db, work)
    assert [made._id for made in given] == [None] * 5
    assert await stored(Made, any_db) == []


@ways
async def test_a_session_that_the_call_is_given_is_followed_too(any_db, way):
    await create(any_db, Made)
    given = [Made(_id=None) for _ in range(3)]

    async def work(tx):
        await settled(WAYS[way](Made.q(any_db), given, session=tx))
        assert await stored(Made, any_db) == []

    with pytest.raises(Failure):
        await failing(any_db, work)
    assert [made._id for made in given] == [None] * 3
    assert await stored(Made, any_db) == []


@ways
async def test_a_commit_stores_all_batches(any_db, way):
    await create(any_db, Made)
    given = [Made(_id=None, name=name) for name in 'abcde']
    async with entered(transaction(any_db)) as tx:
        await settled(WAYS[way](Made.q(tx), given))
        assert await stored(Made, any_db) == []
    assert {data['_id'] for data in await stored(Made, any_db)} == {made._id for made in given}


async def test_saves_and_deletes_are_part_of_a_transaction(any_db):
    await create(any_db, Item)
    await settled(Item.q(any_db).insert_many(items('a', 'b', 'c')))

    async def work(tx):
        await settled(Item.q(tx).save_all([Item(_id=1), Item(_id=9)], size=1))
        await settled(Item.q(tx).delete_all([Item(_id=2), Item(_id=3)], size=1))
        assert await settled(Item.q(tx).count_documents()) == 2

    with pytest.raises(Failure):
        await failing(any_db, work)
    assert [data['n'] for data in await stored(Item, any_db)] == ['a', 'b', 'c']


async def test_a_session_without_a_transaction_serves_all_batches(any_db):
    async with entered(session(any_db)) as s:
        await settled(Item.q(s).save_all(items('a', 'b', 'c'), size=1))
        assert await settled(Item.q(s).count_documents()) == 3


async def test_a_failure_in_a_transaction_is_not_hidden_by_later_batches(any_db):
    await create(any_db, Item)
    await settled(Item.q(any_db).create_indexes())

    async def work(tx):
        await settled(Item.q(tx).save_all(items('x', 'x', 'a', 'b'), ordered=False, size=2))

    with pytest.raises(BulkDuplicateKeyError) as caught:
        await failing(any_db, work)
    assert [failure.index for failure in caught.value.failures] == [1]
    assert await stored(Item, any_db) == []
