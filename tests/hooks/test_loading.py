"""What is called after a query set has loaded a document."""

import pytest

from aiomongodel import Document, LockField, StrField, receiver
from aiomongodel.change_streams import MotorChangeStream
from tests.drivers import each, entered, settled
from tests.hooks.helpers import events_of, recorder


class Page(Document):
    name = StrField(required=False)

    def after_load(self, db, session):
        self.loaded = self.name, self.is_partial


@pytest.fixture
async def page(any_db):
    return await settled(Page.q(any_db).create(name='a'))


def test_what_is_made_of_stored_data_by_hand_was_not_loaded():
    assert not hasattr(Page.from_mongo({'_id': 1, 'name': 'a'}), 'loaded')


async def test_a_document_that_is_created_was_not_loaded(page):
    assert not hasattr(page, 'loaded')


async def test_each_document_of_a_cursor_was_loaded(any_db, page):
    found = [each_page.loaded async for each_page in each(Page.q(any_db).find())]
    assert found == [('a', False)]
    async with entered(Page.q(any_db).aggregate([], into=Page)) as cursor:
        assert [each_page.loaded async for each_page in each(cursor)] == [('a', False)]


async def test_a_hook_sees_that_a_document_is_partial(any_db, page):
    found = await settled(Page.q(any_db).find().only(Page._id).one())
    assert found.loaded == (None, True)
    stages = [{'$project': {'name': 1}}]
    [found] = await settled(Page.q(any_db).aggregate(stages, into=Page).to_list(None))
    assert found.loaded == ('a', True)


async def test_attributes_that_a_hook_sets_come_with_a_reload(any_db, page):
    assert (await settled(page.reload(any_db))).loaded == ('a', False)


async def test_a_query_set_of_a_base_calls_the_hooks_of_what_it_loads(any_db):
    class Animal(Document):
        name = StrField()

        class Meta:
            discriminator = 'kind'

    class Cat(Animal):
        def after_load(self, db, session):
            self.name += ' the cat'

    class Dog(Animal):
        pass

    await settled(Animal.q(any_db).insert_many([Cat(name='Tom'), Dog(name='Rex')]))
    found = await settled(Animal.q(any_db).find().sort('name').to_list())
    assert [animal.name for animal in found] == ['Rex', 'Tom the cat']


async def test_what_a_class_makes_of_stored_data_may_be_anything(any_db):
    class Number(Document):
        name = StrField()

        @classmethod
        def from_mongo(cls, data):
            return len(data)

    receiver('after_load', Number)(lambda number, db, session: number.nothing)
    await settled(Number.q(any_db).insert_one({'name': 'a'}))
    assert await settled(Number.q(any_db).find_one()) == 2


async def test_a_document_that_is_locked_was_loaded(any_db):
    class Job(recorder(['after_load'])):
        lock = LockField(lease=5)

    await settled(Job.q(any_db).create(name='a'))
    async with entered(Job.q(any_db).lock({'name': 'a'})):
        assert events_of(Job) == ['after_load']


async def test_what_a_hook_raises_frees_the_lock_again(any_db):
    class Job(Document):
        name = StrField()
        lock = LockField(lease=5)

        def after_load(self, db, session):
            raise OSError('by the test')

    await settled(Job.q(any_db).create(name='a'))
    with pytest.raises(OSError, match='by the test') as caught:
        await settled(Job.q(any_db).try_lock({'name': 'a'}))
    assert caught.value.__notes__ == ['in Job.after_load']
    [stored] = await settled(Job.coll(any_db).find().to_list(None))
    assert stored.get('lock') is None


async def test_documents_of_a_change_stream_were_loaded(any_async_db):
    stream = Page.q(any_async_db).watch([{'$project': {'fullDocument': 1}}])
    assert isinstance(stream, MotorChangeStream)
    document = stream._load({'_id': 1, 'name': 'a'})
    assert document.loaded == ('a', True)
    assert stream._load(None) is None
