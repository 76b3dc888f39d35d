"""What type checkers know of the three drivers. They read this file; it is never run.

`assert_type` says what is inferred. A line that must be refused carries an ignore, and an ignore
that is not needed is an error itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from aiomongodel import (
    AsyncSession,
    AsyncTransaction,
    Document,
    DocumentList,
    MotorQuerySet,
    MotorQuerySetCursor,
    QuerySet,
    QuerySetCursor,
    Session,
    StrField,
    Transaction,
    blocking,
    connect,
    run_in_transaction,
    session,
    transaction,
)

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase
    from motor.motor_tornado import MotorDatabase
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


class User(Document):
    name = StrField()


class UserQuerySet(MotorQuerySet[User]):
    """A query set of one's own ..."""

    async def rename(self, old: str, new: str) -> int | None:
        return await self.update_many({'name': old}, {'$set': {'name': new}})


class SyncUserQuerySet(QuerySet[User]):
    """... and its blocking form."""

    rename = blocking(UserQuerySet.rename)

    def get(self, _id: Any, *args: Any, **kwargs: Any) -> User:
        return super().get(str(_id), *args, **kwargs)


async def where_calls_are_awaited(
    adb: AsyncDatabase[Any], motor_db: AsyncIOMotorDatabase[Any], tornado_db: MotorDatabase[Any]
) -> None:
    assert_type(User.q(adb), MotorQuerySet[User])
    assert_type(User.q(motor_db), MotorQuerySet[User])
    assert_type(User.q(tornado_db), MotorQuerySet[User])
    user = await User.q(adb).get(1)
    assert_type(user, User)
    assert_type(await user.save(adb), User)
    assert_type(await user.reload(motor_db), User)
    assert_type(await user.update(adb, {}), User)
    assert_type(await user.delete(adb), int | None)
    assert_type(await User.q(adb).create(name='x'), User)
    assert_type(await User.q(adb).count_documents({}), int)
    assert_type(User.q(adb).find().sort('name'), MotorQuerySetCursor[User])
    assert_type(await User.q(adb).find().to_list(5), DocumentList[User])
    assert_type(await User.q(adb).find().first(), User | None)
    assert_type(await User.q(adb).find().one(), User)
    async for found in User.q(adb).find().limit(2):
        assert_type(found, User)
    async for batch in User.q(adb).find().batches(5):
        assert_type(batch, list[User])
    async with User.q(adb).find() as cursor:
        assert_type(await cursor.next(), User)
    for _ in User.q(adb).find():  # type: ignore[attr-defined]
        pass


def where_calls_block(sdb: Database[Any]) -> None:
    assert_type(User.q(sdb), QuerySet[User])
    user = User.q(sdb).get(1)
    assert_type(user, User)
    assert_type(user.save(sdb), User)
    assert_type(user.reload(sdb), User)
    assert_type(user.update(sdb, {}), User)
    assert_type(user.delete(sdb), int | None)
    assert_type(User.q(sdb).create(name='x'), User)
    assert_type(User.q(sdb).count_documents({}), int)
    assert_type(User.q(sdb).clone().with_options(), QuerySet[User])
    assert_type(User.q(sdb).find().sort('name'), QuerySetCursor[User])
    assert_type(User.q(sdb).find().to_list(5), DocumentList[User])
    assert_type(User.q(sdb).find().first(), User | None)
    assert_type(User.q(sdb).find().one(), User)
    for found in User.q(sdb).find({}).limit(2):
        assert_type(found, User)
    for batch in User.q(sdb).find().batches(5):
        assert_type(batch, list[User])
    with User.q(sdb).find() as cursor:
        assert_type(cursor.next(), User)
    own = SyncUserQuerySet(User, sdb)
    assert_type(own.rename('a', 'b'), int | None)
    assert_type(own.get(1), User)
    own.rename('a')  # type: ignore[call-arg]
    User.q(sdb).get()  # type: ignore[call-arg]
    User.q(sdb).find().sort()  # type: ignore[call-arg]


async def what_blocks_is_not_awaited(sdb: Database[Any], user: User) -> None:
    await User.q(sdb).get(1)  # type: ignore[misc]
    await User.q(sdb).find().to_list()  # type: ignore[misc]
    await user.save(sdb)  # type: ignore[misc]
    async for _ in User.q(sdb).find():  # type: ignore[attr-defined]
        pass


async def transfer(tx: AsyncTransaction, amount: int) -> str:
    assert_type(await User.q(tx).get(1), User)
    return str(amount)


def transfer_blocking(tx: Transaction, amount: int) -> str:
    assert_type(User.q(tx).get(1), User)
    return str(amount)


async def transactions(adb: AsyncDatabase[Any], motor_db: AsyncIOMotorDatabase[Any]) -> None:
    async with transaction(adb, max_commit_time_ms=5) as tx:
        assert_type(tx, AsyncTransaction)
        assert_type(User.q(tx), MotorQuerySet[User])
        assert_type(await User(name='x').save(tx), User)
        assert_type(await User.q(adb, session=tx).get(1), User)
    async with session(motor_db, causal_consistency=True) as s:
        assert_type(s, AsyncSession)
        assert_type(s.transaction(), AsyncTransaction)
        assert_type(transaction(s), AsyncTransaction)
        assert_type(await User.q(s).get(1), User)
    assert_type(await run_in_transaction(adb, transfer, 5, max_time=3), str)
    await run_in_transaction(adb, transfer, 'five')  # type: ignore[arg-type]
    transaction(adb, max_commit_time='5')  # type: ignore[call-overload]


def blocking_transactions(sdb: Database[Any]) -> None:
    with transaction(sdb) as tx:
        assert_type(tx, Transaction)
        assert_type(User.q(tx), QuerySet[User])
        assert_type(User(name='x').save(tx), User)
        tx.on_commit(lambda: None)
    with session(sdb) as s:
        assert_type(s, Session)
        assert_type(s.transaction(), Transaction)
        assert_type(User.q(sdb, session=s).get(1), User)
    assert_type(run_in_transaction(sdb, transfer_blocking, 5), str)


async def connections() -> None:
    with connect('mongodb://localhost/shop', maxPoolSize=5) as connection:
        assert_type(User.q(connection.database), QuerySet[User])
        assert_type(connection.ping(), float)
    async with connect(db_name='shop') as connection:
        assert_type(await User.q(connection.async_database).get(1), User)
        assert_type(await connection.aping(timeout=1), float)
    User.q(connection)  # type: ignore[call-overload]
