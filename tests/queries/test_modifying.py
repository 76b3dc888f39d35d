"""One document that is changed and given: find_one_and_…, upserts, get_or_create and the like."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    DuplicateKeyError,
    IntField,
    PartialDocumentError,
    QueryError,
    StrField,
    ValidationError,
    transaction,
)
from tests.drivers import entered, settled
from tests.queries.helpers import User, listed, names, users
from tests.transactions.helpers import is_sync

AFTER = {'return_document': ReturnDocument.AFTER}
WORKERS = 20


class Account(Document):
    name = StrField(mongo_name='n', max_length=10)
    age = IntField(required=False)
    kind = StrField(default='new')

    class Meta:
        collection = 'account'
        indexes = [IndexModel('n', unique=True), IndexModel('age', unique=True, sparse=True)]


class Active(Account):
    class Meta:
        collection = 'account'
        default_query = {'kind': 'new'}


@pytest.fixture
async def q(any_db):
    return await users(any_db, 'Ann', 'Bob', 'Cid')


@pytest.fixture
async def accounts(any_db):
    await settled(Account.q(any_db).create_indexes())
    return Account.q(any_db)


async def at_once(db, call):
    """Give the results of workers that make a call at the same time."""
    if not is_sync(db):
        return await asyncio.gather(*(call() for _ in range(WORKERS)))
    with ThreadPoolExecutor(WORKERS) as workers:
        calls = [workers.submit(call) for _ in range(WORKERS)]
        return [each.result() for each in calls]


@pytest.mark.parametrize(('options', 'age'), [({}, 1), (AFTER, 11)])
async def test_an_update_gives_the_document_as_it_was_or_is(q, options, age):
    bob = await settled(q.find_one_and_update(User.name == 'Bob', User.age.inc(10), **options))
    assert (type(bob), bob.age, bob.balance) == (User, age, Decimal(1))
    assert (await settled(q.get(bob._id))).age == 11


@pytest.mark.parametrize('sort', [User.name.desc(), [User.name.desc()], [('n', -1)], {'n': -1}])
async def test_the_order_says_which_document_is_changed(q, sort):
    assert (await settled(q.find_one_and_update({}, User.age.set(9), sort=sort))).name == 'Cid'
    assert (await settled(q.find_one_and_delete({}, sort=sort))).name == 'Cid'
    assert (await settled(q.find_one_and_delete({}, sort=sort))).name == 'Bob'


@pytest.mark.parametrize('projection', [[User.age], {User.age: 1}, ['age']])
async def test_a_projection_gives_a_partial_document(q, any_db, projection):
    options = {**AFTER, 'projection': projection}
    bob = await settled(q.find_one_and_update(User.name == 'Bob', User.age.set(7), **options))
    assert (bob.age, bob.name) == (7, None)
    with pytest.raises(PartialDocumentError):
        await settled(bob.save(any_db))


async def test_an_update_takes_the_options_of_the_driver(q):
    await settled(q.update_one(User.name == 'Ann', {'$set': {'tags': ['a', 'b', 'a']}}))
    filters = {**AFTER, 'array_filters': [{'x': 'a'}]}
    ann = await settled(
        q.find_one_and_update(User.name == 'Ann', {'$set': {'tags.$[x]': 'z'}}, **filters)
    )
    assert ann.tags == ['z', 'b', 'z']
    made = await settled(
        q.find_one_and_update(User.name == 'Dan', User.age.set(4), upsert=True, **AFTER)
    )
    assert (made.name, made.age) == ('Dan', 4)


@pytest.mark.parametrize(
    'call',
    [
        lambda q: q.find_one_and_update(User.name == 'Dan', User.age.set(1)),
        lambda q: q.find_one_and_replace(User.name == 'Dan', User(name='Eve')),
        lambda q: q.find_one_and_delete(User.name == 'Dan'),
    ],
)
async def test_where_no_document_matches_none_is_given(q, call):
    assert await settled(call(q)) is None
    assert await settled(q.count_documents()) == 3


async def test_a_replaced_document_keeps_its_id(q):
    bob = await settled(q.first(User.name == 'Bob'))
    new = await settled(
        q.find_one_and_replace(User.name == 'Bob', User(name='Rob', balance='2.50'), **AFTER)
    )
    assert (new._id, new.name, new.age, new.balance) == (bob._id, 'Rob', None, Decimal('2.50'))
    old = await settled(q.find_one_and_replace({'_id': bob._id}, {'n': 'Zoe'}))
    assert old.name == 'Rob'


async def test_an_invalid_document_replaces_nothing(q):
    with pytest.raises(ValidationError):
        await settled(q.find_one_and_replace(User.name == 'Bob', User(name='Rob', age='old')))
    assert names(await listed(q.find().sort(User.name))) == ['Ann', 'Bob', 'Cid']


async def test_a_part_of_a_document_replaces_nothing(q):
    part = await settled(q.first(User.name == 'Bob', [User.name]))
    with pytest.raises(PartialDocumentError, match='storing it would drop its other fields'):
        await settled(q.find_one_and_replace(User.name == 'Bob', part))
    assert (await settled(q.get(part._id))).balance == Decimal(1)


async def test_changing_and_giving_works_in_a_transaction(q, any_db):
    tx_users = None
    async with entered(transaction(any_db)) as tx:
        tx_users = User.q(tx)
        await settled(tx_users.find_one_and_update(User.name == 'Ann', User.age.set(5)))
        await settled(tx_users.find_one_and_delete(User.name == 'Bob'))
        await settled(tx_users.get_or_create(User.name == 'Dan'))
        await settled(tx_users.update_or_create(User.name == 'Eve', {'age': 3}))
        assert await settled(User.q(any_db).count_documents()) == 3
        await settled(tx.abort())
    assert names(await listed(q.find(User.age < 5).sort(User.name))) == ['Ann', 'Bob', 'Cid']


async def test_a_session_is_a_keyword_argument_of_each(q, any_db):
    async with entered(transaction(any_db)) as tx:
        await settled(q.get_or_create(User.name == 'Dan', session=tx))
        await settled(q.update_or_create(User.name == 'Eve', {'age': 3}, session=tx))
        await settled(q.upsert(User.name == 'Fay', User.age.set(1), session=tx))
        await settled(q.find_one_and_delete(User.name == 'Ann', session=tx))
        assert await settled(q.count_documents()) == 3
        assert await settled(q.count_documents(session=tx)) == 5


async def test_upsert_updates_or_inserts_and_gives_the_document_as_it_is(q):
    bob = await settled(q.upsert(User.name == 'Bob', User.age.inc(1)))
    dan = await settled(q.upsert(User.name == 'Dan', User.age.inc(1)))
    assert (bob.age, bob.balance) == (2, Decimal(1))
    assert (dan.name, dan.age, dan.balance) == ('Dan', 1, None)


async def test_get_or_create_finds_or_creates(accounts):
    ann, is_new = await settled(accounts.get_or_create(Account.name == 'Ann', {'age': '7'}))
    assert (ann.name, ann.age, ann.kind, is_new) == ('Ann', 7, 'new', True)
    again, is_new = await settled(accounts.get_or_create(Account.name == 'Ann', {'age': 9}))
    assert (again._id, again.age, is_new) == (ann._id, 7, False)


@pytest.mark.parametrize(
    ('query', 'values'),
    [
        ({'n': 'Ann', 'age': 3}, {'name': 'Ann', 'age': 3}),
        ((Account.name == 'Ann') & (Account.kind != 'x'), {'name': 'Ann', 'kind': 'new'}),
        ({'$and': [{'n': {'$eq': 'Ann'}}, {'age': 3}]}, {'name': 'Ann', 'age': 3}),
    ],
)
async def test_a_created_document_has_the_equal_values_of_the_query(accounts, query, values):
    ann, _ = await settled(accounts.get_or_create(query))
    assert {name: getattr(ann, name) for name in values} == values


@pytest.mark.parametrize('query', [Account.age > 3, (Account.age == 3) | (Account.age == 4)])
async def test_a_document_that_its_own_query_would_not_find_is_not_created(accounts, query):
    with pytest.raises(QueryError, match='a new Account would not be found by the query on'):
        await settled(accounts.get_or_create(query, {'name': 'Ann'}))
    assert await settled(accounts.count_documents()) == 0
    ann, _ = await settled(accounts.get_or_create(query, {'name': 'Ann', 'age': 4}))
    assert ann.age == 4


@pytest.mark.parametrize('method', ['get_or_create', 'update_or_create'])
async def test_a_value_of_no_field_is_refused(accounts, method):
    with pytest.raises(QueryError, match="has no field 'agee'; its fields are"):
        await settled(getattr(accounts, method)(Account.name == 'Ann', {'agee': 4}))
    assert await settled(accounts.count_documents()) == 0


@pytest.mark.parametrize('method', ['get_or_create', 'update_or_create'])
async def test_a_query_that_makes_no_document_is_refused(accounts, method):
    with pytest.raises(QueryError, match=r"Account: .* cannot be made with 'a\.b' equal to 1; its"):
        await settled(getattr(accounts, method)({'a.b': 1}, {}))
    with pytest.raises(TypeError, match='a query on Account must be a dict, not'):
        await settled(getattr(accounts, method)('Ann', {}))


@pytest.mark.parametrize('method', ['get_or_create', 'update_or_create'])
async def test_an_invalid_document_is_not_created(accounts, method):
    with pytest.raises(ValidationError) as caught:
        await settled(getattr(accounts, method)(Account.name == 'much too long', {'age': 1}))
    assert list(caught.value.error) == ['name']
    assert await settled(accounts.count_documents()) == 0


@pytest.mark.parametrize('method', ['get_or_create', 'update_or_create'])
async def test_a_duplicate_of_a_document_that_the_query_does_not_find_is_an_error(accounts, method):
    await settled(accounts.create(name='Ann', age=1))
    with pytest.raises(DuplicateKeyError) as caught:
        await settled(getattr(accounts, method)(Account.name == 'Bob', {'age': 1}))
    assert caught.value.__notes__
    assert await settled(accounts.count_documents()) == 1


async def test_workers_at_once_get_the_one_document_that_is_created(any_db, accounts):
    found = await at_once(any_db, lambda: accounts.get_or_create(Account.name == 'Ann'))
    assert len(found) == WORKERS
    assert sum(is_new for _, is_new in found) == 1
    assert len({document._id for document, _ in found}) == 1


async def test_workers_at_once_update_the_one_document_that_is_created(any_db, accounts):
    found = await at_once(
        any_db, lambda: accounts.update_or_create(Account.name == 'Ann', {'age': 5})
    )
    assert len(found) == WORKERS
    assert sum(is_new for _, is_new in found) == 1
    assert {document.age for document, _ in found} == {5}
    assert await settled(accounts.count_documents()) == 1


async def test_update_or_create_sets_values_or_creates(accounts):
    ann, is_new = await settled(accounts.update_or_create(Account.name == 'Ann', {'age': '7'}))
    assert (ann.name, ann.age, ann.kind, is_new) == ('Ann', 7, 'new', True)
    await settled(accounts.update_one({}, {'$set': {'kind': 'old'}}))
    again, is_new = await settled(accounts.update_or_create(Account.name == 'Ann', {'age': '8'}))
    assert (again._id, again.age, again.kind, is_new) == (ann._id, 8, 'old', False)


@pytest.mark.parametrize(
    ('values', 'error', 'message'),
    [
        ({'aeg': 1}, QueryError, 'aeg'),
        ({'age': 'old'}, ValidationError, 'age'),
        ({'name': None}, ValidationError, 'name'),
    ],
)
async def test_values_are_checked_before_a_document_is_updated(accounts, values, error, message):
    await settled(accounts.create(name='Ann', age=1))
    with pytest.raises(error, match=message):
        await settled(accounts.update_or_create(Account.name == 'Ann', values))
    assert (await settled(accounts.first())).age == 1


async def test_the_default_query_counts_for_what_is_found(any_db, accounts):
    await settled(accounts.create(name='Ann', kind='old', age=1))
    active = Active.q(any_db)
    assert await settled(active.find_one_and_update({}, Account.age.set(2))) is None
    assert await settled(active.find_one_and_delete({})) is None
    with pytest.raises(DuplicateKeyError):
        await settled(active.get_or_create(Account.name == 'Ann'))
    made, is_new = await settled(active.get_or_create(Account.name == 'Bob'))
    assert (type(made), made.kind, is_new) == (Active, 'new', True)


@pytest.mark.parametrize(
    ('method', 'args'),
    [
        ('find_one_and_update', ({'$nonsense': 1}, {'$set': {'n': 'a'}})),
        ('find_one_and_replace', ({'$nonsense': 1}, {'n': 'a'})),
        ('find_one_and_delete', ({'$nonsense': 1},)),
    ],
)
async def test_a_refusal_tells_model_and_operation(q, method, args):
    with pytest.raises(OperationFailure) as caught:
        await settled(getattr(q, method)(*args))
    assert caught.value.__notes__ == [f"in User.q(db).{method}, on the collection 'user'"]
