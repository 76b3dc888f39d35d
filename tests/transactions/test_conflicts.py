"""Transactions that meet others, and a server that is killed."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from aiomongodel import Document, IntField, run_in_transaction, transaction
from tests.drivers import DRIVERS, entered, settled
from tests.own_server import OwnServer, require_engine
from tests.transactions.helpers import as_work, create, driven, is_sync, stored


class Account(Document):
    _id = IntField()
    balance = IntField()


class Transfer(Document):
    amount = IntField()


class Refused(Exception):
    pass


ACCOUNTS = 10
START = 20


async def test_the_second_of_two_transactions_that_write_one_document_fails(any_db):
    await settled(Account(_id=1, balance=1).save(any_db))
    one = await settled(Account.q(any_db).get(1))
    two = await settled(Account.q(any_db).get(1))

    async with entered(transaction(any_db)) as first:
        await settled(one.update(first, {'$inc': {'balance': 10}}))
        with pytest.raises(OperationFailure) as caught:
            async with entered(transaction(any_db)) as second:
                await settled(Account.q(second).find_one({}))
                await settled(two.update(second, {'$inc': {'balance': 100}}))
        assert caught.value.code == 112
        assert caught.value.has_error_label('TransientTransactionError')
        assert any('in Account.q(db).update_one' in note for note in caught.value.__notes__)
        assert (two.balance, second.is_committed) == (1, False)
    assert (one.balance, first.is_committed) == (11, True)
    assert await stored(Account, any_db) == [{'_id': 1, 'balance': 11}]


async def test_a_transaction_sees_what_was_there_when_it_began(any_db):
    await settled(Account(_id=1, balance=1).save(any_db))

    async with entered(transaction(any_db)) as tx:
        account = await settled(Account.q(tx).get(1))
        await settled(Account.q(any_db).update_one({}, {'$inc': {'balance': 10}}))
        await settled(account.reload(tx))
        assert account.balance == 1
        with pytest.raises(OperationFailure):
            await settled(account.save(tx))
        await settled(tx.abort())
    assert await stored(Account, any_db) == [{'_id': 1, 'balance': 11}]


# Money that is moved by many at once.


async def move(tx, source, target, amount):
    """Move some money, and keep a record of it."""
    giver = await settled(Account.q(tx).get(source))
    if giver.balance < amount:
        raise Refused(giver.balance)
    taker = await settled(Account.q(tx).get(target))
    giver.balance -= amount
    taker.balance += amount
    await settled(giver.save(tx))
    await settled(taker.save(tx))
    await settled(Transfer(amount=amount).save(tx, do_insert=True))


async def move_often(db, number, times):
    """Move money at random, and give how often it was moved and how often refused."""
    chance = random.Random(number)
    moved = refused = 0
    for _ in range(times):
        source, target = chance.sample(range(ACCOUNTS), 2)
        try:
            work = as_work(db, move)
            await settled(run_in_transaction(db, work, source, target, chance.randint(1, 30)))
        except Refused:
            refused += 1
        else:
            moved += 1
    return moved, refused


async def by_workers(db, workers, times):
    if not is_sync(db):
        return await asyncio.gather(*(move_often(db, each, times) for each in range(workers)))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda each: driven(move_often(db, each, times)), range(workers)))


async def test_money_that_many_workers_move_is_neither_lost_nor_made(any_db):
    await create(any_db, Account, Transfer)
    accounts = [Account(_id=number, balance=START) for number in range(ACCOUNTS)]
    await settled(Account.q(any_db).insert_many([each.to_mongo() for each in accounts]))

    results = await by_workers(any_db, workers=20, times=3)
    balances = [each['balance'] for each in await stored(Account, any_db)]
    assert sum(balances) == ACCOUNTS * START
    assert min(balances) >= 0
    moved = sum(moved for moved, _ in results)
    assert len(await stored(Transfer, any_db)) == moved
    assert moved + sum(refused for _, refused in results) == 60
    assert moved > 10


# A server that is killed.


@pytest.mark.parametrize('driver', DRIVERS)
async def test_a_server_that_is_killed_in_a_transaction_leaves_nothing_half_done(tmp_path, driver):
    require_engine()
    server = OwnServer(tmp_path)
    client = DRIVERS[driver](server.start(), serverSelectionTimeoutMS=500)
    try:
        db = client['killed']
        await create(db, Account, Transfer)
        accounts = [Account(_id=number, balance=START) for number in (1, 2)]
        async with entered(transaction(db)) as tx:
            for account in accounts:
                await settled(account.save(tx))
        killed = Account(_id=1, balance=START)

        with pytest.raises(PyMongoError):
            async with entered(transaction(db)) as tx:
                await settled(killed.update(tx, {'$inc': {'balance': -5}}))
                await settled(Transfer(amount=5).save(tx, do_insert=True))
                server.kill()
                await settled(accounts[1].update(tx, {'$inc': {'balance': 5}}))
        assert (killed.balance, accounts[1].balance) == (START, START)
        assert not tx.is_committed
    finally:
        await settled(client.close())
    client = DRIVERS[driver](server.start())
    try:
        db = client['killed']
        expected = [{'_id': number, 'balance': START} for number in (1, 2)]
        assert await stored(Account, db) == expected
        assert await stored(Transfer, db) == []
        # Nothing is locked.
        async with entered(transaction(db)) as tx:
            await settled(killed.update(tx, {'$inc': {'balance': 1}}))
        assert killed.balance == START + 1
    finally:
        await settled(client.close())
        server.stop()
