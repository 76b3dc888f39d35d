"""Documents in memory follow the transaction."""

import pytest
from bson import ObjectId
from pymongo.errors import OperationFailure

from aiomongodel import (
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    ListField,
    ObjectIdField,
    StrField,
    run_in_transaction,
    session,
    transaction,
)
from tests.drivers import entered, settled
from tests.transactions.helpers import as_work, create, stored


class Address(EmbeddedDocument):
    city = StrField(required=False, mongo_name='c')
    lines = ListField(StrField(), required=False)
    past = EmbDocField(f'{__name__}.Address', required=False)


class User(Document):
    _id = ObjectIdField()
    name = StrField(required=False)
    address = EmbDocField(Address, required=False)
    tags = ListField(StrField(), required=False)
    homes = ListField(EmbDocField(Address), required=False)
    balance = DecimalField(required=False)


class Failure(Exception):
    pass


def transient():
    error = OperationFailure('by the test')
    error._add_error_label('TransientTransactionError')
    return error


async def aborted_by_exception(db, work):
    with pytest.raises(Failure):
        async with entered(transaction(db)) as tx:
            await work(tx)
            raise Failure


async def aborted_by_hand(db, work):
    async with entered(transaction(db)) as tx:
        await work(tx)
        await settled(tx.abort())


async def aborted_by_end(db, work):
    tx = await settled(transaction(db).start())
    await work(tx)
    await settled(tx.end())


async def aborted_by_the_end_of_its_session(db, work):
    async with entered(session(db)) as s:
        await work(await settled(s.transaction().start()))


async def failed(db, work):
    async def failing(tx):
        await work(tx)
        raise Failure

    with pytest.raises(Failure):
        await settled(run_in_transaction(db, as_work(db, failing)))


ENDS = [
    aborted_by_exception,
    aborted_by_hand,
    aborted_by_end,
    aborted_by_the_end_of_its_session,
    failed,
]
ends = pytest.mark.parametrize('aborted', ENDS)


def seen(user):
    """Give all that a document shows of itself."""
    return user.to_data(), user.is_partial, dict(vars(user))


# After an abort.


@ends
async def test_an_id_that_the_driver_made_is_taken_back(any_db, aborted):
    await create(any_db, User)
    user = User(name='Ann', _id=None)

    async def work(tx):
        await settled(user.save(tx, do_insert=True))
        assert isinstance(user._id, ObjectId)

    await aborted(any_db, work)
    assert user._id is None
    await settled(user.save(any_db, do_insert=True))
    assert await stored(User, any_db) == [{'_id': user._id, 'name': 'Ann'}]


@ends
async def test_values_that_were_reloaded_are_put_back(any_db, aborted):
    await settled(User(_id=ObjectId(), name='stored', tags=['a']).save(any_db))
    user = await settled(User.q(any_db).find_one())
    user.name = 'mine'

    async def work(tx):
        await settled(user.reload(tx))
        assert user.name == 'stored'

    await aborted(any_db, work)
    assert (user.name, user.tags) == ('mine', ['a'])


@ends
async def test_values_that_were_updated_are_put_back(any_db, aborted):
    user = await settled(User(_id=ObjectId(), name='old', balance='1.50').save(any_db))
    before = seen(user)

    async def work(tx):
        await settled(user.update(tx, {'$set': {'name': 'new', 'tags': ['x']}, '$unset': {'a': 1}}))
        assert (user.name, user.tags) == ('new', ['x'])

    await aborted(any_db, work)
    assert seen(user) == before
    assert (await stored(User, any_db))[0]['name'] == 'old'


async def test_they_are_put_back_where_the_transaction_was_given_as_session(any_db):
    user = await settled(User(_id=ObjectId(), name='old').save(any_db))
    new = User(_id=None)

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            await settled(user.update(any_db, {'$set': {'name': 'new'}}, session=tx))
            await settled(new.save(any_db, do_insert=True, session=tx))
            assert (user.name, new._id is None) == ('new', False)
            raise Failure
    assert (user.name, new._id) == ('old', None)


async def test_they_are_put_back_where_the_session_of_the_transaction_was_given(any_db):
    user = await settled(User(_id=ObjectId(), name='old').save(any_db))
    new = User(_id=None)

    async with entered(session(any_db)) as s:
        with pytest.raises(Failure):
            async with entered(s.transaction()):
                await settled(user.update(s, {'$set': {'name': 'new'}}))
                await settled(new.save(s, do_insert=True))
                raise Failure
        assert (user.name, new._id) == ('old', None)


@ends
async def test_a_partial_document_that_was_reloaded_is_partial_again(any_db, aborted):
    await settled(User(_id=ObjectId(), name='Ann', tags=['a']).save(any_db))
    user = await settled(User.q(any_db).find_one({}, {'tags': 1}))

    async def work(tx):
        await settled(user.reload(tx))
        assert (user.is_partial, user.name) == (False, 'Ann')

    await aborted(any_db, work)
    assert (user.is_partial, user.name, user.tags) == (True, None, ['a'])


@ends
async def test_stored_values_that_were_not_read_yet_are_put_back(any_db, aborted):
    first = User(
        _id=ObjectId(), address=Address(city='Kyiv'), homes=[Address(city='Lviv')], balance='1.50'
    )
    await settled(first.save(any_db))
    user = await settled(User.q(any_db).find_one())
    await settled(User.q(any_db).update_one({}, {'$set': {'address.c': 'Oslo', 'homes': []}}))

    async def work(tx):
        await settled(user.reload(tx))
        assert (user.address.city, user.homes) == ('Oslo', [])

    await aborted(any_db, work)
    assert user.address.city == 'Kyiv'
    assert [home.city for home in user.homes] == ['Lviv']
    assert user.to_mongo() == first.to_mongo()


@ends
async def test_stored_values_that_were_read_within_stay_the_same(any_db, aborted):
    await settled(User(_id=ObjectId(), address=Address(city='Kyiv'), balance='1.50').save(any_db))
    user = await settled(User.q(any_db).find_one())
    before = user.to_mongo()

    async def work(tx):
        await settled(user.save(tx))
        assert (user.address.city, str(user.balance)) == ('Kyiv', '1.50')

    await aborted(any_db, work)
    assert user.to_mongo() == before
    assert (user.address.city, str(user.balance)) == ('Kyiv', '1.50')


@ends
async def test_stored_values_that_were_first_read_and_changed_within_are_put_back(any_db, aborted):
    past = Address(city='Lviv', lines=['c'])
    address = Address(city='Kyiv', lines=['a'], past=past)
    await settled(User(_id=ObjectId(), address=address, homes=[address]).save(any_db))
    user = await settled(User.q(any_db).find_one())
    before = (await settled(User.q(any_db).find_one())).to_mongo()

    async def work(tx):
        await settled(user.save(tx))
        user.address.lines.append('b')
        user.address.past.lines.append('d')
        user.address.past.city = 'Oslo'
        user.homes[0].lines.append('e')
        user.homes[0].past.city = 'Rome'
        await settled(user.save(tx))

    await aborted(any_db, work)
    assert user.to_mongo() == before
    assert (user.address.lines, user.address.past.city) == (['a'], 'Lviv')
    assert user.to_mongo() == before


async def test_another_document_within_is_not_taken_for_a_part(any_db):
    class Friend(Document):
        name = StrField(required=False)

    user, friend = User(_id=ObjectId()), Friend(name='old')
    user.friend = friend

    async with entered(transaction(any_db)) as tx:
        await settled(user.save(tx))
        friend.name = 'new'
        await settled(tx.abort())
    assert (user.friend is friend, friend.name) == (True, 'new')


@ends
async def test_a_document_goes_back_to_before_the_first_of_several_calls(any_db, aborted):
    user = User(_id=None, name='first')
    await create(any_db, User)

    async def work(tx):
        await settled(user.save(tx, do_insert=True))
        user.name = 'second'
        await settled(user.save(tx))
        await settled(user.update(tx, {'$set': {'name': 'third'}}))
        await settled(user.reload(tx))
        user.tags = ['late']

    await aborted(any_db, work)
    assert (user._id, user.name, user.tags) == (None, 'first', None)


@ends
async def test_several_documents_are_put_back(any_db, aborted):
    users = [User(_id=None, name=str(number)) for number in range(5)]
    await create(any_db, User)

    async def work(tx):
        for user in users:
            await settled(user.save(tx, do_insert=True))
            await settled(user.update(tx, {'$set': {'name': 'x'}}))

    await aborted(any_db, work)
    assert [(user._id, user.name) for user in users] == [(None, str(n)) for n in range(5)]


@ends
async def test_equal_documents_are_told_apart(any_db, aborted):
    user = await settled(User(_id=ObjectId(), name='stored').save(any_db))
    twin = await settled(User.q(any_db).get(user._id))
    twin.name = "the twin's"

    async def work(tx):
        await settled(user.update(tx, {'$set': {'name': 'new'}}))
        await settled(twin.reload(tx))

    await aborted(any_db, work)
    assert (user.name, twin.name) == ('stored', "the twin's")


@ends
async def test_lists_and_embedded_documents_that_were_changed_after_the_first_call(any_db, aborted):
    user = User(
        _id=ObjectId(),
        tags=['a'],
        address=Address(city='Kyiv'),
        homes=[Address(city='Lviv')],
    )
    await settled(user.save(any_db))
    before = user.to_mongo()
    tags, address = user.tags, user.address

    async def work(tx):
        await settled(user.save(tx))
        user.tags.append('b')
        user.address.city = 'Oslo'
        user.homes[0].city = 'Rome'
        user.homes.append(Address(city='Bonn'))
        await settled(user.save(tx))

    await aborted(any_db, work)
    assert user.to_mongo() == before
    # They are the caller's own objects still.
    assert user.tags is tags
    assert user.address is address


@ends
async def test_lists_that_were_changed_after_a_reload(any_db, aborted):
    user = await settled(User(_id=ObjectId(), tags=['a']).save(any_db))

    async def work(tx):
        await settled(user.reload(tx))
        user.tags.append('b')
        await settled(user.save(tx))

    await aborted(any_db, work)
    assert user.tags == ['a']


@ends
async def test_other_attributes_are_put_back_with_the_fields(any_db, aborted):
    await create(any_db, User)
    user = User(_id=None)
    user.note = 'mine'

    async def work(tx):
        await settled(user.save(tx, do_insert=True))
        user.note = 'changed'

    await aborted(any_db, work)
    assert user.note == 'mine'


@ends
async def test_a_value_that_was_unset_is_unset_again(any_db, aborted):
    user = await settled(User(_id=ObjectId()).save(any_db))
    await settled(User.q(any_db).update_one({}, {'$set': {'name': 'x', 'address': {'c': 'y'}}}))

    async def work(tx):
        await settled(user.reload(tx))
        assert (user.name, user.address.city) == ('x', 'y')

    await aborted(any_db, work)
    assert set(user.to_data()) == {'_id'}


async def test_a_call_that_failed_changes_nothing(any_db):
    user = await settled(User(_id=ObjectId(), name='old').save(any_db))

    with pytest.raises(OperationFailure):
        async with entered(transaction(any_db)) as tx:
            user.name = 'within'
            await settled(user.update(tx, {'$nonsense': 1}))
    assert user.name == 'within'


async def test_a_new_document_whose_insert_was_refused_has_no_id(any_db):
    await settled(User(_id=ObjectId()).save(any_db))
    taken = (await stored(User, any_db))[0]['_id']
    user, other = User(_id=None), User(_id=taken)

    with pytest.raises(OperationFailure):
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx, do_insert=True))
            await settled(other.save(tx, do_insert=True))
    assert (user._id, other._id) == (None, taken)


# Before the next try.


async def test_documents_are_put_back_before_the_next_try(any_db):
    await create(any_db, User)
    users = [User(_id=None, name='Ann', tags=[]) for _ in range(2)]
    tries = []

    async def work(tx):
        tries.append([seen(user) for user in users])
        for user in users:
            await settled(user.save(tx, do_insert=True))
            await settled(user.update(tx, {'$push': {'tags': 'x'}}))
            user.name += '!'
        if len(tries) < 4:
            raise transient()

    await settled(run_in_transaction(any_db, as_work(any_db, work)))
    assert len(tries) == 4
    assert all(each == tries[0] for each in tries)
    assert [(user.name, user.tags) for user in users] == [('Ann!', ['x'])] * 2
    assert len(await stored(User, any_db)) == 2


async def test_documents_are_put_back_in_time_where_the_conflict_is_real(any_db):
    user = await settled(User(_id=ObjectId(), name='a').save(any_db))
    new = User(_id=None)
    tries = []

    async def work(tx):
        tries.append((user.name, new._id))
        await settled(User.q(tx).find_one())  # the transaction begins here
        await settled(new.save(tx, do_insert=True))
        if len(tries) == 1:
            await settled(User.q(any_db).update_one({'name': 'a'}, {'$set': {'name': 'b'}}))
        await settled(user.update(tx, {'$set': {'tags': [str(len(tries))]}}))

    await settled(run_in_transaction(any_db, as_work(any_db, work)))
    assert tries == [('a', None), ('a', None)]
    assert (user.name, user.tags) == ('b', ['2'])
    assert {each['_id'] for each in await stored(User, any_db)} == {user._id, new._id}


# After a commit.


async def test_after_a_commit_documents_keep_what_was_done_to_them(any_db):
    old = await settled(User(_id=ObjectId(), name='old').save(any_db))
    new = User(_id=None)

    async with entered(transaction(any_db)) as tx:
        await settled(new.save(tx, do_insert=True))
        await settled(old.update(tx, {'$set': {'name': 'new'}}))
        await settled(tx.commit())
    assert old.name == 'new'
    assert new._id is not None
    assert len(await stored(User, any_db)) == 2


async def test_an_exception_after_the_commit_puts_nothing_back(any_db):
    await create(any_db, User)
    user = User(_id=None)

    with pytest.raises(Failure):
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx, do_insert=True))
            await settled(tx.commit())
            raise Failure
    assert user._id is not None


async def test_the_next_transaction_of_a_session_knows_nothing_of_the_last(any_db):
    user = await settled(User(_id=ObjectId(), name='a').save(any_db))

    async with entered(session(any_db)) as s:
        async with entered(s.transaction()) as tx:
            await settled(user.update(tx, {'$set': {'name': 'b'}}))
        async with entered(s.transaction()) as tx:
            await settled(user.update(tx, {'$set': {'name': 'c'}}))
            await settled(tx.abort())
    assert user.name == 'b'


async def test_what_was_done_outside_of_the_transaction_is_not_put_back(any_db):
    await create(any_db, User)
    user = User(_id=None)

    async with entered(transaction(any_db)) as tx:
        await settled(user.save(any_db, do_insert=True))
        await settled(tx.abort())
    assert user._id is not None
    assert len(await stored(User, any_db)) == 1
