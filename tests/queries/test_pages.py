"""Pages by their numbers, and lists of some length."""

import pytest
from bson.codec_options import CodecOptions

from aiomongodel import DocumentList, transaction
from tests.drivers import each, entered, settled
from tests.queries.helpers import User, listed, names, users

BAD_NUMBERS = [0, -1, True, 1.5, '1', None]


@pytest.fixture
async def q(any_db):
    return await users(any_db, *'ABCDEFG')


@pytest.mark.parametrize(
    ('number', 'expected', 'has_next', 'has_previous'),
    [(1, 'ABC', True, False), (2, 'DEF', True, True), (3, 'G', False, True), (4, '', False, True)],
)
async def test_a_page_by_its_number(q, number, expected, has_next, has_previous):
    page = await settled(q.find().sort(User.name).page(number, 3))
    assert names(page.items) == [*expected]
    assert (page.total, page.pages, page.number, page.size) == (7, 3, number, 3)
    assert (page.has_next, page.has_previous) == (has_next, has_previous)
    assert type(page.items) is DocumentList


async def test_a_page_of_nothing(q):
    page = await settled(q.find(User.name == 'Z').page(1, 3))
    assert (page.items, page.total, page.pages, page.has_next) == ([], 0, 0, False)


@pytest.mark.parametrize('bad', BAD_NUMBERS)
async def test_numbers_and_sizes_below_one_are_refused(wire, bad):
    cursor = User.q(wire.db).find()
    with pytest.raises(ValueError, match=f'^page {bad!r}: give a number of at least 1$'):
        await settled(cursor.page(bad, 3))
    for call in (lambda: cursor.page(1, bad), lambda: cursor.after(None, bad)):
        with pytest.raises(ValueError, match=f'^a page of {bad!r} documents: give a size of at'):
            await settled(call())
    with pytest.raises(ValueError, match=f'^batches of {bad!r} documents: give a size of at lea'):
        await listed(cursor.batches(bad))
    assert wire.commands == []


async def test_limits_of_the_cursor_do_not_count_for_a_page_and_stay(q):
    cursor = q.find().sort(User.name).skip(1).limit(2)
    page = await settled(cursor.page(2, 3))
    assert (names(page.items), page.total) == (['D', 'E', 'F'], 7)
    assert names(await settled(cursor.to_list())) == ['B', 'C']


async def test_a_page_counts_with_the_options_of_the_cursor(wire):
    cursor = User.q(wire.db).find(User.age > 1, hint=[User._id], skip=5, limit=1)
    await settled(cursor.page(1, 3))
    count, found = wire.sent('aggregate'), wire.sent('find')
    assert count['pipeline'][0] == {'$match': {'age': {'$gt': 1}}}
    assert not any('$skip' in stage or '$limit' in stage for stage in count['pipeline'])
    assert count['hint'] == found['hint'] == {'_id': 1}
    assert (found.get('skip', 0), found['limit']) == (0, 3)


async def test_a_page_is_read_in_the_transaction(q, any_db):
    async with entered(transaction(any_db)) as tx:
        await settled(User.q(tx).create(name='H'))
        assert (await settled(User.q(tx).find().page(1, 3))).total == 8
        assert len((await settled(User.q(tx).find().after(None, 10))).items) == 8
        assert (await settled(q.find().page(1, 3))).total == 7


async def test_progress_is_told_after_each_list(q):
    seen = []
    batches = q.find(User.age > 0).batches(4, progress=told(seen))
    lists = [(len(batch), [*seen]) async for batch in each(batches)]
    assert lists == [(4, []), (2, [(4, 6)])]
    assert seen == [(4, 6), (6, 6)]


@pytest.mark.parametrize(
    'find',
    [
        lambda q: q.find().skip(2).limit(4),
        lambda q: q.find(skip=2, limit=4),
        lambda q: q.find({}, None, 2, 4),
        lambda q: q.find({}, None, 1, 3).skip(2).limit(4),
    ],
)
async def test_progress_counts_what_the_cursor_gives(q, find):
    seen = []
    await listed(find(q).batches(3, progress=told(seen)))
    assert seen == [(3, 4), (4, 4)]


async def test_progress_may_be_a_coroutine_function(q):
    seen = []

    async def progress(done, total):
        seen.append((done, total))

    await listed(q.find().batches(5, progress=progress))
    assert seen == [(5, 7), (7, 7)]


async def test_no_progress_counts_nothing(wire):
    await settled(User.q(wire.db).create(name='A'))
    await listed(User.q(wire.db).find().batches(5))
    assert not any('aggregate' in command for command in wire.commands)


async def test_an_exception_of_progress_closes_the_cursor(q):
    cursor = q.find().batch_size(2)
    with pytest.raises(LookupError):
        await listed(cursor.batches(2, progress=lambda done, total: {}[done]))
    assert not cursor.alive


async def test_batches_are_document_lists(q):
    batches = await listed(q.find().batches(5))
    assert [type(batch) for batch in batches] == [DocumentList, DocumentList]
    assert [type(batch) for batch in await listed(q.find().raw().batches(5))] == [list, list]


async def test_pages_of_a_collection_with_aware_dates(q):
    q = q.with_options(codec_options=CodecOptions(tz_aware=True))
    first = await settled(q.find().sort(User.created).after(None, 3))
    second = await settled(q.find().sort(User.created).after(first.next_token, 9))
    assert names(second.items) == [*'DEFG']


def told(seen):
    return lambda done, total: seen.append((done, total))
