"""Fields that get their values when their documents are written."""

import pytest

from aiomongodel import (
    Document,
    EmbeddedDocument,
    InsertOne,
    IntField,
    ReplaceOne,
    RevisionField,
    StrField,
    transaction,
)
from tests.drivers import entered, settled


class CountField(IntField):
    """The number of the write, of all documents together."""

    def __init__(self, **options):
        super().__init__(**options)
        self.calls = []

    @property
    def _is_filled(self):
        return True

    async def _fill_many(self, documents, query_set):
        self.calls.append(len(documents))
        await super()._fill_many(documents, query_set)

    async def _fill(self, document, query_set):
        assert query_set.db.name
        document.count = (document.count or 0) + 1


@pytest.fixture
def Page():
    class Page(Document):
        title = StrField()
        count = CountField()

        class Meta:
            track_changes = True

    return Page


async def counts(model, db):
    found = await settled(model.q(db).find().sort('_id').to_list())
    return [page.count for page in found]


async def create(model, db):
    await settled(model.q(db).create(title='a'))


async def save(model, db):
    await settled(model(title='a').validate().save(db))


async def insert(model, db):
    await settled(model(title='a').save(db, do_insert=True))


async def insert_many(model, db):
    await settled(model.q(db).insert_many([model(title='a')]))


async def save_all(model, db):
    await settled(model.q(db).save_all([model(title='a')]))


async def bulk_write(model, db):
    await settled(model.q(db).bulk_write([InsertOne(model(title='a'))]))


async def block(model, db):
    async with entered(model.q(db).bulk()) as bulk:
        bulk.save(model(title='a'))


async def get_or_create(model, db):
    await settled(model.q(db).get_or_create({'title': 'a'}))


async def update_or_create(model, db):
    await settled(model.q(db).update_or_create({'title': 'a'}, {'title': 'a'}))


async def replace(model, db):
    await settled(model.q(db).find_one_and_replace({'title': 'a'}, model(title='a'), upsert=True))


async def replace_in_bulk(model, db):
    await settled(
        model.q(db).bulk_write([ReplaceOne({'title': 'a'}, model(title='a'), upsert=True)])
    )


WRITES = [create, save, insert, insert_many, save_all, bulk_write, block, get_or_create]
WRITES += [update_or_create, replace, replace_in_bulk]


@pytest.mark.parametrize('write', WRITES)
async def test_each_write_of_a_document_fills_its_fields_once(any_db, Page, write):
    await write(Page, any_db)
    assert await counts(Page, any_db) == [1]
    assert Page.count.calls == [1]


async def test_a_second_save_fills_again(any_db, Page):
    page = await settled(Page(title='a').save(any_db))
    await settled(page.save(any_db))
    assert await counts(Page, any_db) == [2]


async def test_what_does_not_store_the_document_fills_nothing(any_db, Page):
    page = await settled(Page(title='a').save(any_db))
    await settled(page.update(any_db, {'$set': {'title': 'b'}}))
    await settled(Page.q(any_db).update_many({}, {'$set': {'title': 'c'}}))
    await settled(page.delete(any_db))
    await settled(Page.q(any_db).delete_all([page]))
    assert Page.count.calls == [1]


async def test_saved_changes_fill_where_there_is_a_change(any_db, Page):
    page = await settled(Page(title='a').save(any_db))
    await settled(page.save_changes(any_db))
    assert page.count == 1
    page.title = 'b'
    await settled(page.save_changes(any_db))
    assert await counts(Page, any_db) == [page.count] == [2]


@pytest.mark.parametrize('method', ['insert_many', 'save_all'])
async def test_many_documents_are_filled_by_one_call(any_db, Page, method):
    pages = [Page(title=str(number)) for number in range(30)]
    await settled(getattr(Page.q(any_db), method)(pages))
    assert Page.count.calls == [30]
    assert await counts(Page, any_db) == [1] * 30


async def test_documents_with_guards_are_filled_by_one_call_too(any_db):
    class Page(Document):
        count = CountField()
        revision = RevisionField()

    pages = [Page(), Page()]
    await settled(Page.q(any_db).save_all(pages))
    assert (Page.count.calls, await counts(Page, any_db)) == ([2], [1, 1])


async def test_validation_does_not_ask_for_the_value(Page):
    assert Page(title='a').validate().count is None


async def test_what_keeps_a_field_from_being_filled_stops_the_write(any_db):
    class BrokenField(CountField):
        async def _fill(self, document, query_set):
            raise OSError('no number')

    class Page(Document):
        count = BrokenField()

    with pytest.raises(OSError, match='no number') as caught:
        await settled(Page.q(any_db).insert_many([Page(), {}]))
    assert caught.value.__notes__ == ['in Page.count']
    assert await settled(Page.q(any_db).count_documents()) == 0


def test_a_document_within_another_has_no_such_field():
    with pytest.raises(ValueError, match=r'Item\.count gets its value when its document is wri'):

        class Item(EmbeddedDocument):
            count = CountField()


async def test_a_replacement_in_a_transaction_that_is_aborted_is_put_back(any_db, Page):
    await settled(Page(title='a').save(any_db))
    page = Page(title='b')
    tx = await settled(transaction(any_db).start())
    await settled(Page.q(tx).find_one_and_replace({'title': 'a'}, page))
    await settled(tx.abort())
    assert 'count' not in page.to_data()
