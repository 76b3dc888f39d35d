"""What hooks are given, in which order they are called, and what becomes of what they change."""

import pytest

from aiomongodel import (
    DeleteOne,
    Document,
    InsertOne,
    IntField,
    LockField,
    RevisionField,
    StrField,
    disconnect,
    receiver,
    session,
    transaction,
)
from tests.drivers import each, entered, settled
from tests.hooks.helpers import events_of, recorder


class Log(Document):
    text = StrField()


class Slugged(Document):
    name = StrField()
    slug = StrField(required=False)

    class Meta:
        track_changes = True

    def before_save(self, db, session):
        self.slug = self.name.lower()


class Given(Document):
    """A document that keeps what its hooks are given."""

    name = StrField(default='a')

    def before_save(self, db, session):
        self.given_before = db, session

    def after_save(self, db, session):
        self.given_after = db, session

    def after_load(self, db, session):
        self.given_loading = db, session


async def create(db):
    await settled(Slugged.q(db).create(name='Ann'))


async def save(db):
    await settled(Slugged(name='Ann').save(db))


async def insert_many(db):
    await settled(Slugged.q(db).insert_many([Slugged(name='Ann')]))


async def save_all(db):
    await settled(Slugged.q(db).save_all([Slugged(name='Ann')]))


async def save_changes(db):
    await settled(Slugged.q(db).insert_one({'name': 'Bob', 'slug': 'bob'}))
    found = await settled(Slugged.q(db).find_one())
    found.name = 'Ann'
    await settled(found.save_changes(db))
    assert not found.is_changed()


@pytest.mark.parametrize('write', [create, save, insert_many, save_all, save_changes])
async def test_what_a_hook_changes_is_stored(any_db, write):
    await write(any_db)
    assert [data['slug'] async for data in each(Slugged.coll(any_db).find())] == ['ann']


async def test_hooks_are_given_the_users_own_database(any_db):
    document = await settled(Given.q(any_db).create())
    found = await settled(Given.q(any_db).find_one())
    assert document.given_before == document.given_after == found.given_loading == (any_db, None)
    assert document.given_before[0] is any_db


@pytest.mark.parametrize('handle', [session, transaction])
async def test_hooks_are_given_the_users_own_session_or_transaction(any_db, handle):
    await settled(Given.create_collection(any_db))
    async with entered(handle(any_db)) as given:
        document = await settled(Given.q(given).create())
        found = await settled(Given.q(any_db, given).find_one())
        many = Given()
        await settled(Given.q(any_db).insert_many([many], session=given))
    for db, its_session in (document.given_before, found.given_loading, many.given_after):
        assert db.name == any_db.name
        assert its_session is given


async def test_hooks_are_given_a_session_of_the_driver_as_it_is(any_db):
    async with entered(any_db.client.start_session()) as given:
        document = await settled(Given.q(any_db).create(session=given))
    assert document.given_before == (any_db, given)


class Logged(Document):
    name = StrField()

    def after_insert(self, db, session):
        return Log(text=self.name).save(db, session=session)


@pytest.mark.parametrize('is_aborted', [False, True])
async def test_a_hook_writes_in_the_transaction_of_the_document(any_db, is_aborted):
    for model in (Logged, Log):
        await settled(model.create_collection(any_db))
    async with entered(transaction(any_db)) as tx:
        await settled(Logged(name='a').save(tx))
        assert await settled(Log.q(tx).count_documents()) == 1
        assert await settled(Log.q(any_db).count_documents()) == 0
        if is_aborted:
            await settled(tx.abort())
    assert await settled(Log.q(any_db).count_documents()) == int(not is_aborted)


async def test_a_hook_may_be_a_coroutine_function_where_calls_are_awaited(any_async_db):
    class Page(Document):
        name = StrField()

        async def before_save(self, db, session):
            self.name = (await Log(text='from the log').save(db, session=session)).text

    assert (await Page(name='a').save(any_async_db)).name == 'from the log'


class Awaiting(Document):
    name = StrField(default='a')

    async def after_delete(self, db, session):
        raise AssertionError('it is not called')


def test_a_synchronous_database_refuses_a_class_with_a_coroutine_function(sync_db):
    with pytest.raises(TypeError) as caught:
        Awaiting.q(sync_db)
    assert str(caught.value) == (
        'Awaiting.after_delete is awaited, which a synchronous database cannot do; make it a plain '
        'function, or use a database whose calls are awaited'
    )


@pytest.mark.parametrize('write', ['insert_many', 'save_all', 'delete_all'])
def test_a_synchronous_database_refuses_a_subclass_with_one_before_it_writes(sync_db, write):
    class Page(Document):
        name = StrField()

    class Awaiting(Page):
        class Meta:
            collection = 'page'

        async def after_save(self, db, session):
            raise AssertionError('it is not awaited')

        after_delete = after_save

    page = Awaiting(name='a')
    with pytest.raises(TypeError, match=r'^Awaiting\.after_save is awaited'):
        getattr(Page.q(sync_db), write)([page])
    assert Page.q(sync_db).count_documents() == 0


def test_a_synchronous_database_refuses_what_is_to_be_awaited_all_the_same(sync_db):
    async def later():
        raise AssertionError('it is not awaited')

    class Page(Document):
        def before_save(self, db, session):
            return later()

    with pytest.raises(TypeError, match=r'^Page\.before_save is awaited'):
        Page().save(sync_db)
    assert Page.q(sync_db).count_documents() == 0


async def test_the_hooks_before_are_called_before_any_document_of_many_is_written(any_db):
    model = recorder(['before_save', 'after_save'])
    await settled(model.q(any_db).save_all([model(name=name) for name in 'abc'], size=1))
    assert [name for event, name in model.calls if event == 'before_save'] == ['a', 'b', 'c']
    assert [event for event, _ in model.calls] == ['before_save'] * 3 + ['after_save'] * 3


async def test_documents_of_subclasses_have_hooks_of_their_own(any_db):
    base = recorder(['before_insert'])
    hook = vars(base)['before_insert']

    class Page(Document):
        name = StrField()

    class Draft(Page):
        before_insert = hook

        class Meta:
            collection = 'page'

    await settled(Page.q(any_db).insert_many([Page(name='a'), Draft(name='b'), {'name': 'c'}]))
    assert base.calls == [('before_insert', 'b')]


class Guarded(recorder()):
    revision = RevisionField()
    lock = LockField()
    number = IntField(default=0)


async def test_documents_with_guards_have_hooks_too(any_db):
    Guarded.calls.clear()
    first = await settled(Guarded(name='a').save(any_db))
    assert events_of(Guarded)[:2] == ['before_save', 'before_insert']
    await settled(Guarded.q(any_db).bulk_write([first, InsertOne(Guarded(name='b'))]))
    assert events_of(Guarded) == [
        *('before_validate', 'before_validate'),
        *('before_save', 'before_update', 'before_save', 'before_insert'),
        *('after_update', 'after_save', 'after_insert', 'after_save'),
    ]
    await settled(Guarded.q(any_db).bulk_write([DeleteOne(first)]))
    assert events_of(Guarded) == ['before_delete', 'after_delete']


async def test_what_a_hook_changes_is_in_the_revision(any_db):
    @receiver('before_update', Guarded)
    def count(document, db, session):
        document.number += 1

    document = await settled(Guarded(name='a').save(any_db))
    document = await settled(document.save(any_db))
    disconnect('before_update', count, Guarded)
    stored = await settled(Guarded.q(any_db).get(document._id))
    assert (stored.number, stored.revision) == (1, 2)


class Counted(Document):
    number = IntField(default=0)

    def before_save(self, db, session):
        self.number += 1

    before_update = before_delete = before_save


ABORTED = {
    'create': lambda q, old, new: q.create(),
    'save': lambda q, old, new: q.save(new),
    'insert': lambda q, old, new: q.save(new, do_insert=True),
    'insert_many': lambda q, old, new: q.insert_many([new]),
    'save_all': lambda q, old, new: q.save_all([new, old]),
    'update': lambda q, old, new: q.update(old, {'$set': {'number': 5}}),
    'delete': lambda q, old, new: q.delete(old),
    'delete_all': lambda q, old, new: q.delete_all([old]),
}


@pytest.mark.parametrize('write', ABORTED)
async def test_what_hooks_change_is_taken_back_with_the_transaction(any_db, write):
    old, new = await settled(Counted.q(any_db).create()), Counted()
    async with entered(transaction(any_db)) as tx:
        made = await settled(ABORTED[write](Counted.q(tx), old, new))
        await settled(tx.abort())
    assert (old.number, new.number) == (1, 0)
    assert write != 'create' or made.number == 0
