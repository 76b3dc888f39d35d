"""DocumentList: what is done with all the documents that a query has found."""

import copy
import json
import pickle
from decimal import Decimal

import pytest
from bson import ObjectId

from aiomongodel import (
    BulkResult,
    Document,
    DocumentList,
    DocumentNotFoundError,
    MultipleDocumentsFoundError,
    QueryError,
    StrField,
    ValidationError,
    transaction,
)
from aiomongodel.errors import DomainError
from tests.drivers import entered, settled
from tests.queries.helpers import User, names, users
from tests.transactions.helpers import is_sync

ANN = User(
    _id=ObjectId('0' * 24),
    name='Ann',
    age=3,
    balance='1.5',
    address={'city': 'Rome'},
    homes=[{'city': 'Oslo', 'rent': 2}, {'city': 'Bonn'}],
    tags=['x', 'y'],
)
BOB = User(_id=ObjectId('1' * 24), name='Bob', address={}, homes=[], tags=['x'])
CID = User(_id=ObjectId('2' * 24), name='Cid', age=1, balance=4, homes=[{'city': 'Oslo'}])


class Special(User):
    class Meta:
        collection = 'user'


class Apart(User):
    class Meta:
        collection = 'apart'


class Other(Document):
    name = StrField()


@pytest.fixture
def three():
    return DocumentList([ANN, BOB, CID])


def test_it_is_a_list(three):
    assert isinstance(three, list)
    assert three == [ANN, BOB, CID]
    assert three == [ANN, BOB, CID]
    assert (len(three), three[0], three[-1], BOB in three) == (3, ANN, CID, True)
    assert json.dumps([*map(str, three.ids)]) == json.dumps(
        [*map(str, [ANN._id, BOB._id, CID._id])]
    )
    assert three.exists()
    assert not DocumentList().exists()


@pytest.mark.parametrize(
    'make',
    [
        lambda found: found[1:],
        lambda found: found[::-1],
        lambda found: found + found,
        lambda found: found + list(found),
        lambda found: found.copy(),
        copy.copy,
        copy.deepcopy,
        lambda found: pickle.loads(pickle.dumps(found)),
        lambda found: found.filtered(lambda user: True),
        lambda found: found.sorted('name'),
        lambda found: found.grouped('name')['Ann'],
    ],
)
def test_what_it_gives_are_lists_of_documents(three, make):
    made = make(three)
    assert type(made) is DocumentList
    assert names(made)[0] in {'Ann', 'Bob', 'Cid'}
    assert names(three) == ['Ann', 'Bob', 'Cid']


def test_a_subclass_gives_its_own_kind(three):
    class Users(DocumentList):
        pass

    found = Users(three)
    assert {type(made) for made in (found[:1], found + found, found.sorted('name'))} == {Users}


async def test_what_a_query_finds_is_one(any_db):
    q = await users(any_db, 'Ann', 'Bob')
    found = await settled(q.find().sort(User.name).to_list(1))
    assert (type(found), names(found)) == (DocumentList, ['Ann'])


@pytest.mark.parametrize(
    ('condition', 'expected'),
    [
        (lambda user: user.age, 'Ann Cid'),
        (User.age > 1, 'Ann'),
        ((User.age > 1) | (User.name == 'Bob'), 'Ann Bob'),
        ({'n': {'$ne': 'Ann'}}, 'Bob Cid'),
        (User.balance == Decimal('1.5'), 'Ann'),
        (User.homes.city == 'Oslo', 'Ann Cid'),
        (User.tags == 'y', 'Ann'),
        ({}, 'Ann Bob Cid'),
        (User.address.city.exists(False), 'Bob Cid'),
    ],
)
def test_documents_that_meet_a_condition(three, condition, expected):
    assert ' '.join(names(three.filtered(condition))) == expected


def test_a_condition_that_only_the_server_can_try_is_refused(three):
    with pytest.raises(QueryError, match=r'\$text'):
        three.filtered({'$text': {'$search': 'Ann'}})


@pytest.mark.parametrize(
    ('terms', 'expected'),
    [
        ([('name', 'ilike', 'a%')], 'Ann'),
        (['|', ('age', '=', 1), ('name', '=', 'Bob')], 'Bob Cid'),
        ([('age', '>', 1)], 'Ann'),
        ([], 'Ann Bob Cid'),
    ],
)
def test_documents_that_meet_a_domain_expression(three, terms, expected):
    assert ' '.join(names(three.filtered_domain(terms))) == expected


def test_a_domain_on_no_field_is_refused(three):
    with pytest.raises(DomainError):
        three.filtered_domain([('nmae', '=', 'Ann')])


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        ('name', ['Ann', 'Bob', 'Cid']),
        ('nick', ['Ann', 'Bob', 'Cid']),
        (User.name, ['Ann', 'Bob', 'Cid']),
        (User.nick, ['Ann', 'Bob', 'Cid']),
        (User.balance, [Decimal('1.5'), None, Decimal(4)]),
        ('address.city', ['Rome', None, None]),
        (User.address.city, ['Rome', None, None]),
        ('homes.city', ['Oslo', 'Bonn', 'Oslo']),
        (User.homes.city, ['Oslo', 'Bonn', 'Oslo']),
        ('homes.0.city', ['Oslo', 'Oslo']),
        (User.homes[0].city, ['Oslo', 'Oslo']),
        ('is_partial', [False, False, False]),
        (lambda user: len(user.name), [3, 3, 3]),
        (User._id, [ANN._id, BOB._id, CID._id]),
    ],
)
def test_a_value_of_each_document(three, key, expected):
    assert three.mapped(key) == expected


@pytest.mark.parametrize('key', ['nmae', 'address.town', 'homes.town'])
def test_a_value_that_is_none_is_refused(three, key):
    with pytest.raises(AttributeError, match=key.rpartition('.')[2]):
        three.mapped(key)


def test_a_field_of_another_class_is_refused(three):
    with pytest.raises(QueryError, match="no field of User is stored as 'name'"):
        three.mapped(Other.name)


@pytest.mark.parametrize(
    ('keys', 'options', 'expected'),
    [
        (('name',), {}, 'Ann Bob Cid'),
        (('name',), {'reverse': True}, 'Cid Bob Ann'),
        ((User.age,), {}, 'Bob Cid Ann'),
        ((User.age.desc(),), {}, 'Ann Cid Bob'),
        (('address.city', User.name.desc()), {}, 'Cid Bob Ann'),
        ((User.address.city.desc(), User.name), {}, 'Ann Bob Cid'),
        (([User.address.city, User.name.desc()],), {}, 'Cid Bob Ann'),
        ((lambda user: len(user.tags or []), 'name'), {}, 'Cid Bob Ann'),
        ((lambda user: len(user.tags or []), 'name'), {'reverse': True}, 'Ann Bob Cid'),
        ((User.balance,), {}, 'Bob Ann Cid'),
        ((('n', -1),), {}, 'Cid Bob Ann'),
        ((), {}, 'Ann Bob Cid'),
    ],
)
def test_documents_in_an_order(three, keys, options, expected):
    assert ' '.join(names(three.sorted(*keys, **options))) == expected


def test_equal_documents_keep_their_order(three):
    assert names(three.sorted(lambda user: 0)) == ['Ann', 'Bob', 'Cid']


def test_documents_by_what_they_have_in_common(three):
    def grouped(key):
        return {value: names(found) for value, found in three.grouped(key).items()}

    assert grouped('age') == {3: ['Ann'], None: ['Bob'], 1: ['Cid']}
    assert grouped(User.homes.city) == {'Oslo': ['Ann', 'Cid'], 'Bonn': ['Ann']}
    assert grouped(lambda user: user.name < 'B') == {True: ['Ann'], False: ['Bob', 'Cid']}
    assert DocumentList().grouped('name') == {}


def test_the_only_document(three):
    assert three[:1].ensure_one() is ANN
    with pytest.raises(DocumentNotFoundError, match='one document was wanted, and the list is emp'):
        three[:0].ensure_one()
    with pytest.raises(MultipleDocumentsFoundError, match=f'has 3, .*{ANN._id}.* and .*{BOB._id}'):
        three.ensure_one()


async def test_all_are_saved_and_deleted(any_db):
    q = await users(any_db, 'Ann', 'Bob', 'Cid')
    found = await settled(q.find().to_list())
    for user in found:
        user.age = 50
    await settled(DocumentList([*found, User(name='Dan', age=50)]).save(any_db))
    assert await settled(q.distinct(User.age)) == [50]
    assert await settled(q.count_documents()) == 4
    result = await settled(found.delete(any_db))
    assert (result.deleted, names(await settled(q.find().to_list()))) == (3, ['Dan'])


async def test_options_and_transactions_are_passed_on(any_db):
    q = await users(any_db, 'Ann', 'Bob')
    found, seen = await settled(q.find().to_list()), []
    async with entered(transaction(any_db)) as tx:
        await settled(found.delete(tx, size=1, progress=lambda *told: seen.append(told)))
        assert await settled(q.count_documents()) == 2
    assert seen == [(1, 2), (2, 2)]
    assert await settled(q.count_documents()) == 0


async def test_an_invalid_document_keeps_all_from_being_saved(any_db):
    with pytest.raises(ValidationError):
        await settled(DocumentList([User(name='Ann'), User(name='Bob', age='old')]).save(any_db))
    assert await settled(User.q(any_db).count_documents()) == 0


@pytest.mark.parametrize('method', ['save', 'delete'])
async def test_nothing_is_done_with_no_documents(any_db, method):
    called = getattr(DocumentList(), method)(any_db)
    assert isinstance(called, BulkResult) is is_sync(any_db)
    assert await settled(called) == BulkResult()


@pytest.mark.parametrize('method', ['save', 'delete'])
@pytest.mark.parametrize(
    ('other', 'words'),
    [(Other, "Other in 'other', User in 'user'"), (Apart, "Apart in 'apart', User in 'user'")],
)
async def test_documents_that_share_no_collection_are_refused(any_db, method, other, words):
    mixed = DocumentList([User(name='Ann'), other(name='Bob')])
    with pytest.raises(TypeError, match=f'must be of one class, .* same collection: {words}'):
        await settled(getattr(mixed, method)(any_db))
    assert await settled(User.q(any_db).count_documents()) == 0


async def test_documents_of_a_class_and_its_subclass_are_written_together(any_db):
    await settled(DocumentList([Special(name='Ann'), User(name='Bob')]).save(any_db))
    assert await settled(User.q(any_db).count_documents()) == 2


@pytest.mark.parametrize('documents', [[], [ANN]])
@pytest.mark.parametrize('bad', [None, 5, 'db'])
def test_what_is_no_database_is_refused(documents, bad):
    with pytest.raises(TypeError, match='takes a database, such as'):
        DocumentList(documents).save(bad)
