"""A write that is cancelled is known to the document all the same: it is not done twice."""

import asyncio

import pytest

from aiomongodel import Document, ListField, RevisionField, StrField
from tests.concurrency.helpers import raw


class Page(Document):
    title = StrField(required=False)
    tags = ListField(StrField(), default=list)

    class Meta:
        track_changes = True


class RevisedPage(Document):
    title = StrField(required=False)
    tags = ListField(StrField(), default=list)
    revision = RevisionField()

    class Meta:
        track_changes = True


@pytest.mark.parametrize('model', [Page, RevisedPage])
@pytest.mark.parametrize('method', ['save', 'save_changes'])
async def test_a_cancelled_save_is_done_once(any_async_db, slow_answers, model, method):
    page = await model.q(any_async_db).create()
    page.tags.append('a')
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(getattr(page, method)(any_async_db), 0.05)
    assert page.changes() == {}
    await page.save_changes(any_async_db)
    page.title = 'x'
    await page.save_changes(any_async_db)
    assert (await raw(page, any_async_db))['tags'] == ['a']


async def test_a_cancelled_update_is_no_change_of_another(any_async_db, slow_answers):
    page = await RevisedPage.q(any_async_db).create()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.update(any_async_db, {'$set': {'title': 'x'}}), 0.05)
    assert page.revision == (await raw(page, any_async_db))['revision']
