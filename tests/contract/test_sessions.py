"""The 0.2 contract: the session of every call."""

import pytest
from pymongo import IndexModel

from aiomongodel import Document
from aiomongodel.fields import IntField
from tests.drivers import entered, settled


class Item(Document):
    _id = IntField()
    value = IntField(required=False)

    class Meta:
        collection = 'item'
        indexes = [IndexModel('value')]


SET = {'$set': {'value': 5}}
CALLS = {
    'find': ('find', lambda q, **kw: q.find({}, **kw).to_list(None)),
    'find_one': ('find', lambda q, **kw: q.find_one({}, **kw)),
    'get': ('find', lambda q, **kw: q.get(1, **kw)),
    'count': ('aggregate', lambda q, **kw: q.count({}, **kw)),
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
calls = pytest.mark.parametrize(('command', 'call'), CALLS.values(), ids=list(CALLS))


@pytest.fixture
async def sessions(wire):
    await settled(Item.coll(wire.db).insert_one({'_id': 1}))
    async with (
        entered(wire.db.client.start_session()) as one,
        entered(wire.db.client.start_session()) as two,
    ):
        # The ids are drawn at first use: drawn later, they could be those of a session given back.
        assert one.session_id != two.session_id
        yield one, two


# "`session=` on `q(db, session=s)` goes to every call; one given to the call wins." Decided:
# "`session=None` given to a call counts as not given."


@pytest.mark.filterwarnings('ignore:Use `count_documents` instead:DeprecationWarning')
@calls
@pytest.mark.parametrize('kwargs', [{}, {'session': None}])
async def test_the_session_of_the_query_set_goes_to_the_call(wire, sessions, command, call, kwargs):
    await settled(call(Item.q(wire.db, session=sessions[0]), **kwargs))

    assert wire.sent(command)['lsid'] == sessions[0].session_id


@pytest.mark.filterwarnings('ignore:Use `count_documents` instead:DeprecationWarning')
@calls
@pytest.mark.parametrize('own', [0, None])
async def test_a_session_given_to_the_call_wins(wire, sessions, command, call, own):
    q = Item.q(wire.db, session=None if own is None else sessions[own])
    await settled(call(q, session=sessions[1]))

    assert wire.sent(command)['lsid'] == sessions[1].session_id


@pytest.mark.parametrize(
    ('command', 'call'),
    [
        ('createIndexes', lambda q: q.create_indexes()),
        ('distinct', lambda q: q.find({}).distinct('value')),
        ('find', lambda q: q.find({}).clone().to_list(None)),
        ('find', lambda q: q.with_options().find({}).to_list(None)),
    ],
)
async def test_the_session_of_the_query_set_goes_to_the_other_calls(wire, sessions, command, call):
    await settled(call(Item.q(wire.db, sessions[0])))

    assert wire.sent(command)['lsid'] == sessions[0].session_id


# Seed: "save(db, do_insert=False, session=None)", "reload(db, session=None)", …


@pytest.mark.filterwarnings('ignore:Use `create` method:DeprecationWarning')
@pytest.mark.parametrize(
    ('command', 'call'),
    [
        ('update', lambda db, s: Item(_id=1).save(db, session=s)),
        ('insert', lambda db, s: Item(_id=2).save(db, do_insert=True, session=s)),
        ('find', lambda db, s: Item(_id=1).reload(db, session=s)),
        ('update', lambda db, s: Item(_id=1).update(db, SET, session=s)),
        ('find', lambda db, s: Item(_id=1).update(db, SET, session=s)),
        ('delete', lambda db, s: Item(_id=1).delete(db, session=s)),
        ('insert', lambda db, s: Item.create(db, session=s, _id=2)),
    ],
)
async def test_the_session_given_to_a_document_goes_to_its_calls(wire, sessions, command, call):
    await settled(call(wire.db, sessions[0]))

    assert wire.sent(command)['lsid'] == sessions[0].session_id


async def test_the_session_given_to_create_collection_goes_to_the_call(wire, sessions):
    class Other(Document):
        pass

    await settled(Other.create_collection(wire.db, session=sessions[0]))

    assert wire.sent('create')['lsid'] == sessions[0].session_id


async def test_a_transaction_that_is_aborted_leaves_nothing(db):
    await settled(Item.create_collection(db))

    async with entered(db.client.start_session()) as session:
        await settled(session.start_transaction())
        await settled(Item.q(db, session).create(_id=1))
        assert await settled(Item.q(db, session).count_documents()) == 1
        assert await settled(Item.q(db).count_documents()) == 0
        await settled(session.abort_transaction())

    assert await settled(Item.q(db).count_documents()) == 0
