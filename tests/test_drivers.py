"""The drivers: which are taken, and when they are imported."""

import subprocess
import sys

from motor.motor_tornado import MotorClient
from tornado.ioloop import IOLoop

from aiomongodel import Document, IntField, MotorQuerySet, StrField, run_in_transaction, transaction
from tests.drivers import settled

WITHOUT_MOTOR = """
import sys
from pymongo import MongoClient
from aiomongodel import Document, StrField

class User(Document):
    name = StrField()

db = MongoClient(sys.argv[1])[sys.argv[2]]
assert User(name='Ann').save(db).reload(db).name == 'Ann'
assert not [name for name in sys.modules if name.startswith(('motor', 'tornado'))]
"""


def test_motor_is_imported_only_where_it_is_used(mongodb_uri, sync_db):
    program = [sys.executable, '-c', WITHOUT_MOTOR, mongodb_uri, sync_db.name]
    subprocess.run(program, check=True)


class Account(Document):
    _id = StrField()
    balance = IntField(default=0)


async def deposit(tx, amount):
    account = await Account.q(tx).get('ann')
    account.balance += amount
    return await account.save(tx)


async def test_motor_for_tornado_is_taken(mongodb_uri, sync_db):
    client = MotorClient(mongodb_uri, io_loop=IOLoop.current())
    db = client[sync_db.name]
    assert isinstance(Account.q(db), MotorQuerySet)
    await Account.create_collection(db)
    async with transaction(db) as tx:
        await Account(_id='ann').save(tx)
    assert (await run_in_transaction(db, deposit, 5)).balance == 5
    assert [account.balance async for account in Account.q(db).find()] == [5]
    assert await Account.q(db).aggregate([{'$count': 'n'}]).to_list(None) == [{'n': 1}]
    client.close()


async def test_one_model_serves_all_drivers_at_once(clients, sync_db):
    for number, client in enumerate(clients.values()):
        db = client[sync_db.name]
        await settled(Account(_id=str(number)).save(db))
        assert await settled(Account.q(db).count_documents()) == number + 1
