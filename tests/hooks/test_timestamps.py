"""Documents that know when they were stored first, and when last."""

from datetime import UTC, datetime, timedelta

import pytest

from aiomongodel import Document, RevisionField, StrField, TimestampMixin
from aiomongodel.fields import datetimes
from tests.drivers import settled


class Page(TimestampMixin, Document):
    title = StrField()


class TrackedPage(Document, TimestampMixin):
    title = StrField()
    revision = RevisionField()

    class Meta:
        track_changes = True


NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
MODELS = [Page, TrackedPage]


@pytest.fixture
def clock(monkeypatch):
    """Give a function that sets the time of writes, to some minutes after noon."""

    def be(minutes):
        moment = NOON + timedelta(minutes=minutes)
        monkeypatch.setattr(datetimes, 'now', lambda: moment)
        return moment

    return be


@pytest.mark.parametrize('model', MODELS)
async def test_both_are_set_by_the_first_write(any_db, model, clock):
    noon = clock(0)
    page = await settled(model.q(any_db).create(title='a'))
    found = await settled(model.q(any_db).find_one())
    assert page.created == page.updated == found.created == found.updated == noon
    assert found.created.tzinfo is UTC


@pytest.mark.parametrize('model', MODELS)
@pytest.mark.parametrize('method', ['save', 'save_changes', 'save_all'])
async def test_a_later_write_sets_the_second_alone(any_db, model, method, clock):
    if (model, method) == (Page, 'save_changes'):
        method = 'save'
    noon = clock(0)
    page = await settled(model.q(any_db).create(title='a'))
    page.title, later = 'b', clock(5)
    await settled(getattr(model.q(any_db), method)([page] if method == 'save_all' else page))
    found = await settled(model.q(any_db).find_one())
    assert (page.created, page.updated) == (found.created, found.updated) == (noon, later)


async def test_a_saved_page_without_changes_keeps_its_time(any_db, clock):
    noon = clock(0)
    page = await settled(TrackedPage.q(any_db).create(title='a'))
    clock(5)
    await settled(page.save_changes(any_db))
    assert (page.updated, page.is_changed()) == (noon, False)


@pytest.mark.parametrize('model', MODELS)
async def test_documents_of_one_call_have_one_time_at_most_a_moment_apart(any_db, model, clock):
    noon = clock(0)
    pages = [model(title=title) for title in 'abc']
    await settled(model.q(any_db).insert_many(pages))
    assert {page.created for page in pages} == {page.updated for page in pages} == {noon}


@pytest.mark.parametrize('model', MODELS)
async def test_times_compare_in_queries(any_db, model, clock):
    clock(0)
    await settled(model.q(any_db).create(title='a'))
    assert await settled(model.q(any_db).exists(model.created >= NOON))
    assert not await settled(model.q(any_db).exists(model.updated > NOON))
