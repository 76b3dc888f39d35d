"""Batches, and what is told of them."""

import pytest

from aiomongodel import InsertOne
from tests.drivers import entered, settled
from tests.many.helpers import Item, items, stored
from tests.transactions.helpers import is_sync


async def counted(db):
    return await settled(Item.q(db).count_documents())


async def test_thousands_are_sent_in_batches_and_each_is_told(any_db):
    given, seen = [Item(_id=number) for number in range(5000)], []
    result = await settled(
        Item.q(any_db).save_all(given, progress=lambda *told: seen.append(told), size=1000)
    )
    assert seen == [(done, 5000) for done in (1000, 2000, 3000, 4000, 5000)]
    assert result.upserted == len(result.upserted_ids) == await counted(any_db) == 5000


async def test_a_block_sends_thousands_in_batches(any_db):
    seen = []
    progress = lambda *told: seen.append(told)  # noqa: E731
    async with entered(Item.q(any_db).bulk(size=2000, progress=progress)) as bulk:
        for number in range(5000):
            bulk.insert(Item(_id=number))
    assert seen == [(2000, 5000), (4000, 5000), (5000, 5000)]
    assert bulk.result.inserted == await counted(any_db) == 5000


@pytest.mark.parametrize(
    ('method', 'options'),
    [('save_all', {}), ('delete_all', {}), ('bulk_write', {}), ('bulk_write', {'ordered': False})],
)
async def test_the_size_of_batches_counts_for_each_method(any_db, method, options):
    seen = []
    options = {**options, 'progress': lambda *told: seen.append(told), 'size': 2}
    await settled(getattr(Item.q(any_db), method)(items(*'abcde'), **options))
    assert seen == [(2, 5), (4, 5), (5, 5)]


async def test_an_exception_of_progress_leaves_as_it_is(any_db):
    error = LookupError('by the test')

    def progress(done, total):
        raise error

    with pytest.raises(LookupError) as caught:
        await settled(Item.q(any_db).save_all(items('a', 'b', 'c'), progress=progress, size=2))
    assert caught.value is error
    assert not hasattr(error, '__notes__')
    assert [data['_id'] for data in await stored(Item, any_db)] == [1, 2]


async def test_progress_may_be_a_coroutine_function(any_db):
    seen = []

    async def progress(done, total):
        if not is_sync(any_db):
            await settled(Item.q(any_db).count_documents())
        seen.append(done)

    await settled(Item.q(any_db).save_all(items('a', 'b'), progress=progress, size=1))
    assert seen == [1, 2]


async def test_an_iterable_is_consumed_once(any_db):
    given = iter(items('a', 'b', 'c'))
    await settled(Item.q(any_db).bulk_write(map(InsertOne, given), size=1))
    assert list(given) == []
    assert await counted(any_db) == 3
