"""A money transfer that survives a write conflict, by each of the three drivers.

Run it with a server of your own, a replica set or a sharded cluster:

    MONGODB_URI='mongodb://localhost:27017/?replicaSet=rs0' python -m examples.transfer
"""

import asyncio
import os
from typing import Any, Self, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import OperationFailure

from aiomongodel import (
    AsyncTransaction,
    Document,
    IntField,
    StrField,
    Transaction,
    run_in_transaction,
)

Data = dict[str, Any]
AnyAsyncDatabase: TypeAlias = AsyncDatabase[Data] | AsyncIOMotorDatabase[Data]


class Account(Document):
    _id = StrField()
    balance = IntField(default=100, gte=0)

    class Meta:
        collection = 'accounts'

    def booked(self, amount: int) -> Self:
        self.balance += amount
        return self.validate()  # nobody spends what they do not have


# With AsyncMongoClient, or with Motor.


async def transfer(tx: AsyncTransaction, payer_id: str, payee_id: str, amount: int) -> None:
    # Loaded within the transaction, so that each try starts from what is stored.
    payer = await Account.q(tx).get(payer_id)
    payee = await Account.q(tx).get(payee_id)
    await payer.booked(-amount).save(tx)
    await payee.booked(amount).save(tx)
    tx.on_commit(lambda: print(f'{payer_id} has paid {amount} to {payee_id}'))


async def transfer_with_rivals(
    tx: AsyncTransaction, db: AnyAsyncDatabase, rivals: list[str]
) -> None:
    ann = await Account.q(tx).get('ann')
    print(f'ann has {ann.balance}, and tries to pay')
    if rivals:  # who are faster: this try comes too late
        await run_in_transaction(db, transfer, rivals.pop(), 'ann', 5)
    try:
        await transfer(tx, 'ann', 'bob', 30)
    except OperationFailure as error:
        print(f'refused with code {error.code}')
        raise


async def main(db: AnyAsyncDatabase) -> None:
    await Account.create_collection(db)
    for name in ('ann', 'bob', 'cyd'):
        await Account.q(db).create(_id=name)
    await run_in_transaction(db, transfer_with_rivals, db, ['cyd'], max_time=10)
    async for account in Account.q(db).find().sort(Account._id):
        print(f'{account._id} has {account.balance}')


# With MongoClient.


def sync_transfer(tx: Transaction, payer_id: str, payee_id: str, amount: int) -> None:
    payer = Account.q(tx).get(payer_id)
    payee = Account.q(tx).get(payee_id)
    payer.booked(-amount).save(tx)
    payee.booked(amount).save(tx)
    tx.on_commit(lambda: print(f'{payer_id} has paid {amount} to {payee_id}'))


def sync_transfer_with_rivals(tx: Transaction, db: Database[Data], rivals: list[str]) -> None:
    ann = Account.q(tx).get('ann')
    print(f'ann has {ann.balance}, and tries to pay')
    if rivals:
        run_in_transaction(db, sync_transfer, rivals.pop(), 'ann', 5)
    try:
        sync_transfer(tx, 'ann', 'bob', 30)
    except OperationFailure as error:
        print(f'refused with code {error.code}')
        raise


def sync_main(db: Database[Data]) -> None:
    Account.create_collection(db)
    for name in ('ann', 'bob', 'cyd'):
        Account.q(db).create(_id=name)
    run_in_transaction(db, sync_transfer_with_rivals, db, ['cyd'], max_time=10)
    for account in Account.q(db).find().sort(Account._id):
        print(f'{account._id} has {account.balance}')


# What differs else is how a client is made and closed.

URI = os.environ.get('MONGODB_URI', 'mongodb://localhost:27017/?replicaSet=rs0')
NAME = 'aiomongodel_transfer'


async def with_pymongo_async() -> None:
    async with AsyncMongoClient[Data](URI) as client:
        await client.drop_database(NAME)
        await main(client[NAME])
        await client.drop_database(NAME)


async def with_motor() -> None:
    client: AsyncIOMotorClient[Data] = AsyncIOMotorClient(URI)
    await client.drop_database(NAME)
    await main(client[NAME])
    await client.drop_database(NAME)
    client.close()


def with_pymongo() -> None:
    with MongoClient[Data](URI) as client:
        client.drop_database(NAME)
        sync_main(client[NAME])
        client.drop_database(NAME)


if __name__ == '__main__':
    print('--- AsyncMongoClient')
    asyncio.run(with_pymongo_async())
    print('--- Motor')
    asyncio.run(with_motor())
    print('--- MongoClient')
    with_pymongo()
