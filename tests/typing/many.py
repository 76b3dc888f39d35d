"""What type checkers know of writes of many documents. They read this file; it is never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import pymongo

from aiomongodel import (
    AsyncBulk,
    Bulk,
    BulkError,
    BulkFailure,
    BulkResult,
    DeleteOne,
    Document,
    DocumentList,
    InsertOne,
    StrField,
    UpdateOne,
)

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


class User(Document):
    name = StrField()


async def where_calls_are_awaited(db: AsyncDatabase[Any], users: list[User]) -> None:
    assert_type(await User.q(db).insert_many(users), list[Any] | None)
    assert_type(await User.q(db).insert_many([{'name': 'Ann'}], ordered=False), list[Any] | None)
    assert_type(await User.q(db).save_all(users, size=5, session=None), BulkResult)
    assert_type(await User.q(db).delete_all(users, False, print), BulkResult)
    update = UpdateOne({}, {'$set': {'name': 'Ann'}}, upsert=True)
    result = await User.q(db).bulk_write([InsertOne(users[0]), users[1], update])
    assert_type(result, BulkResult)
    assert_type(await User.q(db).bulk_write([pymongo.DeleteOne({})]), BulkResult)
    async with User.q(db).bulk(size=5) as bulk:
        assert_type(bulk, AsyncBulk[User])
        assert_type(bulk.save(users[0]).delete({}), AsyncBulk[User])
    assert_type(bulk.result, BulkResult)
    await User.q(db).save_all([{}])  # type: ignore[list-item]
    await User.q(db).bulk_write([5])  # type: ignore[list-item]


def where_calls_block(db: Database[Any], users: list[User]) -> None:
    assert_type(User.q(db).insert_many(users), list[Any] | None)
    assert_type(User.q(db).save_all(users), BulkResult)
    assert_type(User.q(db).bulk_write([DeleteOne(users[0])]), BulkResult)
    with User.q(db).bulk() as bulk:
        assert_type(bulk, Bulk[User])
        assert_type(bulk.insert({'name': 'Ann'}), Bulk[User])
    assert_type(bulk.result, BulkResult)


async def of_lists(
    db: AsyncDatabase[Any], blocking: Database[Any], users: DocumentList[User]
) -> None:
    assert_type(await users.save(db), BulkResult)
    assert_type(await users.delete(db), BulkResult)
    assert_type(users.save(blocking), BulkResult)
    assert_type(users.delete(blocking), BulkResult)
    assert_type(users + users, DocumentList[User])
    assert_type(users + list(users), DocumentList[User])
    assert_type(users + [db], list[AsyncDatabase[Any] | User])  # noqa: RUF005


def of_failures(error: BulkError) -> None:
    assert_type(error.failures, list[BulkFailure])
    assert_type(error.failures[0].index, int)
    assert_type(error.result, BulkResult | None)
