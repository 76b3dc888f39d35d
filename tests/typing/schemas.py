"""What type checkers know of schemas. They read this file; it is never run."""

from __future__ import annotations

from typing import Any, assert_type

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.database import Database

from aiomongodel import Document, EmbeddedDocument, IntField, StrField


class Item(EmbeddedDocument):
    count = IntField(description='How many.', examples=[1, 2], deprecated=True)


class User(Document):
    name = StrField(verbose_name='Name', examples=('Ann',), required=False)


IntField(examples=['1'])  # type: ignore[list-item]

assert_type(Item.json_schema(), dict[str, Any])
assert_type(User.json_schema(by_alias=True), dict[str, Any])
assert_type(User.mongo_schema(), dict[str, Any])

Item.mongo_schema()  # type: ignore[attr-defined]


async def validators(db: AsyncIOMotorDatabase[Any], sync_db: Database[Any]) -> None:
    await User.q(db).set_validator()
    await User.q(db).set_validator({}, validationAction='warn')
    User.q(sync_db).set_validator(User.name == 'Ann')
