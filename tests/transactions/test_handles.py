"""Transactions and sessions where a database or a `session=` stands."""

import contextlib

import pytest
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from aiomongodel import Document, IntField, StrField, session, transaction
from tests.drivers import entered, settled
from tests.transactions.helpers import create, is_sync, stored


class Item(Document):
    _id = IntField()
    value = IntField(required=False)

    class Meta:
        collection = 'item'
        indexes = [IndexModel('value')]


SET = {'$set': {'value': 5}}

DOCUMENT_CALLS = {
    'save': ('update', lambda *handle, **kw: Item(_id=1).save(*handle, **kw)),
    'insert': ('insert', lambda *handle, **kw: Item(_id=2).save(*handle, do_insert=True, **kw)),
    'reload': ('find', lambda *handle, **kw: Item(_id=1).reload(*handle, **kw)),
    'update': ('update', lambda *handle, **kw: Item(_id=1).update(*handle, SET, **kw)),
    'update, reading': ('find', lambda *handle, **kw: Item(_id=1).update(*handle, SET, **kw)),
    'delete': ('delete', lambda *handle, **kw: Item(_id=1).delete(*handle, **kw)),
}
QUERY_SET_CALLS = {
    'find': ('find', lambda q, **kw: q.find({}, **kw).to_list(None)),
    'first': ('find', lambda q, **kw: q.find({}, **kw).first()),
    'one': ('find', lambda q, **kw: q.find({}, **kw).one()),
    'find_one': ('find', lambda q, **kw: q.find_one({}, **kw)),
    'get': ('find', lambda q, **kw: q.get(1, **kw)),
    'count_documents': ('aggregate', lambda q, **kw: q.count_documents({}, **kw)),
    'create': ('insert', lambda q, **kw: q.create(_id=2, **kw)),
    'insert_one': ('insert', lambda q, **kw: q.insert_one({'_id': 2}, **kw)),
    'insert_many': ('insert', lambda q, **kw: q.insert_many([{'_id': 2}], **kw)),
    'update_one': ('update', lambda q, **kw: q.update_one({}, SET, **kw)),
    'update_many': ('update', lambda q, **kw: q.update_many({}, SET, **kw)),
    'replace_one': ('update', lambda q, **kw: q.replace_one({}, {'value': 5}, **kw)),
    'delete_one': ('delete', lambda q, **kw: q.delete_one({}, **kw)),
    'delete_many': ('delete', lambda q, **kw: q.delete_many({}, **kw)),
    'aggregate': ('aggregate', lambda q, **kw: q.aggregate([], **kw).to_list(None)),
}
MAKERS = {'transaction': transaction, 'session': session}
# How a handle is given to a query set, or to a document's call.
WAYS = {
    'in place of the database': lambda db, handle: ((handle,), {}),
    'as session': lambda db, handle: ((db,), {'session': handle}),
    "the driver's as session": lambda db, handle: ((db,), {'session': handle.driver_session}),
    'as both': lambda db, handle: ((handle,), {'session': handle}),
}


def parametrized(calls):
    return pytest.mark.parametrize(('command', 'call'), calls.values(), ids=list(calls))


GIVEN = [(transaction, way) for way in WAYS] + [(session, 'in place of the database')]
handles = pytest.mark.parametrize(
    ('make', 'way'),
    [(make, WAYS[way]) for make, way in GIVEN],
    ids=[f'{make.__name__} {way}' for make, way in GIVEN],
)
makers = pytest.mark.parametrize('make', MAKERS.values(), ids=list(MAKERS))


def was_in(command, handle, make):
    """Tell whether a command was sent in the session, and in its transaction if there is one."""
    in_session = command.get('lsid') == handle.driver_session.session_id
    return in_session and (command.get('autocommit') is False) is (make is transaction)


@handles
@parametrized(DOCUMENT_CALLS)
async def test_a_documents_call_is_done_in_the_handle(wire, make, way, command, call):
    await settled(Item(_id=1).save(wire.db))

    async with entered(make(wire.db)) as handle:
        args, kwargs = way(wire.db, handle)
        await settled(call(*args, **kwargs))
        assert was_in(wire.sent(command), handle, make)


@handles
async def test_a_query_set_takes_a_handle(wire, make, way):
    async with entered(make(wire.db)) as handle:
        args, kwargs = way(wire.db, handle)
        await settled(Item.q(*args, **kwargs).find({}).to_list(None))
        assert was_in(wire.sent('find'), handle, make)


@makers
@parametrized(QUERY_SET_CALLS)
async def test_a_call_of_a_query_set_is_done_in_its_handle(wire, make, command, call):
    await settled(Item(_id=1).save(wire.db))

    async with entered(make(wire.db)) as handle:
        await settled(call(Item.q(handle)))
        assert was_in(wire.sent(command), handle, make)


@parametrized(QUERY_SET_CALLS)
@pytest.mark.parametrize('given', ['ours', "the driver's"])
async def test_a_single_call_is_done_in_the_transaction_that_it_is_given(
    wire, command, call, given
):
    await settled(Item(_id=1).save(wire.db))

    async with entered(transaction(wire.db)) as tx:
        await settled(call(Item.q(wire.db), session=tx if given == 'ours' else tx.driver_session))
        assert was_in(wire.sent(command), tx, transaction)


async def test_a_single_call_is_done_in_the_session_that_it_is_given(wire):
    async with entered(session(wire.db)) as s:
        # The id is drawn at first use: later, it could be that of a session given back.
        assert s.driver_session.session_id
        await settled(Item.q(wire.db).find({}).to_list(None))
        assert not was_in(wire.sent('find'), s, session)
        await settled(Item.q(wire.db).find({}, session=s).to_list(None))
        assert was_in(wire.sent('find'), s, session)


@parametrized(QUERY_SET_CALLS)
async def test_a_call_without_it_is_outside_of_the_transaction(wire, command, call):
    await settled(Item(_id=1).save(wire.db))

    async with entered(transaction(wire.db)) as tx:
        # The write of another document, so that no call has to wait for its lock.
        await settled(Item(_id=3).save(tx))
        await settled(call(Item.q(wire.db)))
        sent = wire.sent(command)
        assert sent.get('lsid') != tx.driver_session.session_id
        assert 'autocommit' not in sent
        await settled(tx.abort())


async def test_what_a_transaction_reads_is_its_own_writes(any_db):
    await create(any_db, Item)

    async with entered(transaction(any_db)) as tx:
        await settled(Item(_id=1, value=1).save(tx))
        assert (await settled(Item.q(tx).get(1))).value == 1
        assert await settled(Item.q(any_db).count_documents({})) == 0
        assert await settled(Item.q(any_db, session=tx).count_documents({})) == 1
        assert await settled(Item.q(any_db).count_documents({}, session=tx)) == 1


@makers
async def test_the_query_set_of_a_handle_knows_the_drivers_database(any_db, make):
    async with entered(make(any_db)) as handle:
        q = Item.q(handle)
        assert q.db is any_db
        assert q.coll == Item.coll(any_db)
        assert type(q) is type(Item.q(any_db))


@makers
async def test_coll_takes_a_handle(any_db, make):
    async with entered(make(any_db)) as handle:
        assert Item.coll(handle) == Item.coll(any_db)
        assert type(Item.coll(handle)) is type(Item.coll(any_db))


@handles
async def test_a_collection_is_created_in_the_handle(wire, make, way):
    class Other(Document):
        pass

    async with entered(make(wire.db)) as handle:
        args, kwargs = way(wire.db, handle)
        # Not every server creates a collection in a transaction.
        with contextlib.suppress(OperationFailure):
            coll = await settled(Other.create_collection(*args, **kwargs))
            assert coll == Other.coll(wire.db)
        assert was_in(wire.sent('create'), handle, make)
        if make is transaction:
            await settled(handle.abort())


@pytest.mark.parametrize(
    'copy', [lambda q: q.clone(), lambda q: q.with_options()], ids=['clone', 'with_options']
)
async def test_a_copy_of_a_query_set_is_in_the_same_transaction(wire, copy):
    await settled(Item(_id=1).save(wire.db))

    async with entered(transaction(wire.db)) as tx:
        await settled(copy(Item.q(tx)).get(1))
        assert was_in(wire.sent('find'), tx, transaction)


async def test_a_cursor_reads_on_in_its_transaction(wire):
    await settled(Item.q(wire.db).insert_many([{'_id': number} for number in range(5)]))

    async with entered(transaction(wire.db)) as tx:
        await settled(Item(_id=9).save(tx))
        cursor = Item.q(tx).find({}).sort('_id').batch_size(2)
        found = await settled(cursor.to_list(None))
        assert [each._id for each in found] == [0, 1, 2, 3, 4, 9]
        assert was_in(wire.sent('getMore'), tx, transaction)
        assert await settled(cursor.clone().distinct('_id')) == [0, 1, 2, 3, 4, 9]
        assert was_in(wire.sent('distinct'), tx, transaction)


async def test_a_query_set_of_ones_own_works_in_the_transaction(any_db):
    from aiomongodel import MotorQuerySet, QuerySet, blocking

    class PersonQuerySet(MotorQuerySet):
        async def rename(self, old, new):
            return await self.update_many({'name': old}, {'$set': {'name': new}})

    class SyncPersonQuerySet(QuerySet):
        rename = blocking(PersonQuerySet.rename)

    class Person(Document):
        _id = IntField()
        name = StrField()

        class Meta:
            queryset = PersonQuerySet
            sync_queryset = SyncPersonQuerySet

    await settled(Person(_id=1, name='Ann').save(any_db))

    async with entered(transaction(any_db)) as tx:
        q = Person.q(tx)
        assert type(q) is (SyncPersonQuerySet if is_sync(any_db) else PersonQuerySet)
        assert await settled(q.rename('Ann', 'Bob')) == 1
        assert await stored(Person, any_db) == [{'_id': 1, 'name': 'Ann'}]
    assert await stored(Person, any_db) == [{'_id': 1, 'name': 'Bob'}]


async def test_one_transaction_is_for_all_databases_of_the_client(any_db):
    other = any_db.client[f'{any_db.name}_other']
    await create(any_db, Item)
    await create(other, Item)
    try:
        async with entered(transaction(any_db)) as tx:
            await settled(Item(_id=1).save(tx))
            await settled(Item(_id=2).save(other, session=tx))
            assert await stored(Item, other) == []
        assert await stored(Item, any_db) == [{'_id': 1}]
        assert await stored(Item, other) == [{'_id': 2}]
    finally:
        await settled(any_db.client.drop_database(other.name))
