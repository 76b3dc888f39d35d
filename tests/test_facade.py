"""The synchronous classes have every public method of their sources, with its signature."""

import asyncio
import inspect

import pytest
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase

from aiomongodel import (
    AsyncBulk,
    AsyncSession,
    AsyncTransaction,
    Bulk,
    ChangeStream,
    Document,
    IntField,
    ItemCursor,
    MotorChangeStream,
    MotorItemCursor,
    MotorQuerySet,
    MotorQuerySetCursor,
    QuerySet,
    QuerySetCursor,
    Session,
    StrField,
    Transaction,
    blocking,
    transaction,
)
from aiomongodel.drivers import BlockingCollection, BlockingCursor, BlockingDatabase

PAIRS = [
    (AsyncBulk, Bulk),
    (MotorQuerySet, QuerySet),
    (MotorQuerySetCursor, QuerySetCursor),
    (MotorItemCursor, ItemCursor),
    (MotorChangeStream, ChangeStream),
    (AsyncSession, Session),
    (AsyncTransaction, Transaction),
]
COUNTERPARTS = {
    '__aenter__': '__enter__',
    '__aexit__': '__exit__',
    '__aiter__': '__iter__',
    '__anext__': '__next__',
}


def public(cls):
    """Give the names of the public members of a class, asynchronous protocols included."""
    return [
        name
        for base in cls.__mro__[:-1]
        for name in vars(base)
        if not name.startswith('_') or name in COUNTERPARTS
    ]


def members():
    for source, facade in PAIRS:
        for name in public(source):
            yield pytest.param(source, facade, name, id=f'{facade.__name__}.{name}')


@pytest.mark.parametrize(('source', 'facade', 'name'), list(members()))
def test_a_public_member_has_its_counterpart(source, facade, name):
    ours = inspect.getattr_static(source, name)
    theirs = inspect.getattr_static(facade, COUNTERPARTS.get(name, name), None)
    assert theirs is not None
    if callable(ours):
        assert parameters(theirs) == parameters(ours)
    if callable(ours) and name not in COUNTERPARTS:
        assert theirs.__doc__ == ours.__doc__


@pytest.mark.parametrize(('source', 'facade'), PAIRS)
def test_the_facade_promises_nothing_that_its_source_has_not(source, facade):
    assert set(public(facade)) <= set(public(source)) | attributes(source)


def attributes(cls):
    """Give the names that the docstring of a class lists as attributes."""
    lines = inspect.getdoc(cls).partition('Attributes:')[2].splitlines()
    return {line.partition(':')[0].strip() for line in lines if line.startswith('    ')}


def parameters(function):
    """Give the parameters as a caller knows them."""
    return [
        (parameter.name, parameter.default, parameter.annotation)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name != 'self'
    ]


def test_no_coroutine_method_of_a_facade_is_left():
    for _, facade in PAIRS:
        for name, method in inspect.getmembers(facade, inspect.isfunction):
            assert not inspect.iscoroutinefunction(method), name


class UserQuerySet(MotorQuerySet):
    async def rename(self, old, new):
        """Rename users."""
        return await self.update_many({'name': old}, {'$set': {'name': new}})

    async def find_one(self, query=None, *args, **kwargs):
        """Count a look."""
        found = await super().find_one(query, *args, **kwargs)
        found.looks = 1
        return found

    async def wait(self):
        await asyncio.sleep(0.01)


class SyncUserQuerySet(QuerySet):
    rename = blocking(UserQuerySet.rename)
    wait = blocking(UserQuerySet.wait)


class User(Document):
    name = StrField()
    looks = IntField(default=0)

    class Meta:
        collection = 'users'
        queryset = UserQuerySet
        sync_queryset = SyncUserQuerySet


def test_a_method_of_ones_own_is_driven_to_its_end(sync_db):
    User.q(sync_db).create(name='Ann')
    assert User.q(sync_db).rename('Ann', 'Anna') == 1
    assert User.q(sync_db).rename.__doc__ == 'Rename users.'


def test_an_override_of_the_source_counts_in_the_facade(sync_db):
    ann = User(name='Ann').save(sync_db)
    assert User.q(sync_db).get(ann._id).looks == 1
    assert ann.reload(sync_db).looks == 1


WAITS = r'UserQuerySet\.wait waits for an event loop, which a synchronous database has not'


def test_a_method_that_waits_for_a_loop_is_refused(sync_db):
    with pytest.raises(RuntimeError, match=WAITS):
        User.q(sync_db).wait()


async def test_a_method_that_waits_is_refused_within_a_loop_too(sync_db):
    with pytest.raises(RuntimeError, match=WAITS):
        User.q(sync_db).wait()


def test_query_sets_of_ones_own_are_asked_for_by_kind_of_database(db, sync_db):
    class ForAsync(Document):
        class Meta:
            queryset = UserQuerySet

    with pytest.raises(
        TypeError,
        match=r'ForAsync\.Meta\.queryset, UserQuerySet, is .* set sync_queryset, .*'
        r"class SyncUserQuerySet\(QuerySet\['ForAsync'\]\): rename = blocking\(UserQuerySet.rename",
    ):
        ForAsync.q(sync_db)
    assert isinstance(ForAsync.q(db), UserQuerySet)


def test_a_query_set_that_only_overrides_is_served_by_the_plain_one(sync_db):
    class Looking(MotorQuerySet):
        async def find_one(self, *args, **kwargs):
            found = await super().find_one(*args, **kwargs)
            found.looks = 1
            return found

    class Unsaid(Document):
        class Meta:
            queryset = Looking

    class Said(Document):
        looks = IntField(required=False)

        class Meta:
            queryset = Looking
            sync_queryset = QuerySet

    with pytest.raises(TypeError, match='set sync_queryset, to QuerySet: the methods that Looking'):
        Unsaid.q(sync_db)
    assert Said().save(sync_db).reload(sync_db).looks == 1


def test_the_session_of_a_query_set_is_what_was_given(sync_db):
    with transaction(sync_db) as tx:
        assert User.q(tx).session is tx
        assert User.q(sync_db, session=tx).session is tx
    assert User.q(sync_db).session is None


@pytest.mark.parametrize(
    ('adapter', 'driver'),
    [
        (BlockingCollection, AsyncCollection),
        (BlockingCursor, AsyncCursor),
        (BlockingDatabase, AsyncDatabase),
    ],
)
def test_what_is_awaited_of_a_driver_can_be_awaited_beside_mongo_client(adapter, driver):
    for name, _ in inspect.getmembers(driver, inspect.iscoroutinefunction):
        if not name.startswith('_') and name not in OTHERS:
            assert inspect.iscoroutinefunction(getattr(adapter, name)), name


OTHERS = {
    *['aggregate_raw_batches', 'cursor_command', 'list_collections', 'list_indexes'],
    *['list_search_indexes', 'watch'],  # these give cursors
    *['add_option', 'rewind'],  # a coroutine beside AsyncMongoClient alone
}


def test_a_deprecation_names_the_line_of_the_caller(sync_db):
    with pytest.warns(DeprecationWarning, match='Use `count_documents` instead') as warned:
        assert User.q(sync_db).count() == 0
    assert warned[0].filename == __file__


def test_a_synchronous_query_set_alone_is_refused_for_other_databases(db, sync_db):
    class Counting(QuerySet):
        def double(self):
            return 2 * self.count_documents()

    class ForSync(Document):
        class Meta:
            sync_queryset = Counting

    with pytest.raises(TypeError, match=r'ForSync\.Meta\.sync_queryset, Counting, .* set queryset'):
        ForSync.q(db)
    assert ForSync.q(sync_db).double() == 0


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'queryset': QuerySet}, 'must be a subclass of MotorQuerySet; give it as sync_queryset'),
        ({'sync_queryset': MotorQuerySet}, 'must be a subclass of QuerySet'),
        ({'sync_queryset': int}, 'must be a subclass of QuerySet'),
        ({'sync_queryset': 5}, 'sync_queryset 5 must be a class'),
        ({'sync_queryset': SyncUserQuerySet}, 'rename is the blocking form of UserQuerySet.rename'),
    ],
)
def test_query_sets_of_the_wrong_kind_are_refused_when_the_class_is_made(options, words):
    with pytest.raises(ValueError, match=words) as caught:
        type('Wrong', (Document,), {'Meta': type('Meta', (), options)})
    assert 'in Wrong.Meta' in str(caught.value)


def test_a_query_set_is_refused_a_database_of_the_other_kind(db, sync_db):
    with pytest.raises(TypeError, match='the database of UserQuerySet must be one whose calls are'):
        UserQuerySet(User, sync_db)
    with pytest.raises(TypeError, match='the database of SyncUserQuerySet must be a synchronous'):
        SyncUserQuerySet(User, db)
