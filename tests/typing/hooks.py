"""What type checkers know of hooks and mixins. They read this file; it is never run."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, assert_type

from aiomongodel import (
    Document,
    MotorQuerySet,
    QuerySet,
    SoftDeleteMixin,
    StrField,
    TimestampMixin,
    disconnect,
    receiver,
)

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


class User(SoftDeleteMixin, TimestampMixin, Document):
    name = StrField()

    def before_save(self, db: Any, session: Any) -> None:
        self.name = self.name.strip()

    async def after_insert(self, db: AsyncDatabase[Any], session: Any) -> None:
        await Post.q(db, session).create(title=self.name)


class Post(Document):
    title = StrField()


@receiver('before_save', User)
def tidy(user: User, db: Any, session: Any) -> None:
    assert_type(user.name, str)


@receiver('after_delete', User, Post)
async def follow(document: User | Post, db: Any, session: Any) -> int:
    return 1


@receiver('after_load', User)
def of_all(document: Document, db: Any, session: Any) -> None: ...


@receiver('before_save', Post)  # type: ignore[arg-type]
def of_another(user: User, db: Any, session: Any) -> None: ...


receiver('pre_save', User)  # type: ignore[call-overload]
disconnect('before_save', tidy, User)
disconnect('pre_save', tidy, User)  # type: ignore[arg-type]


async def where_calls_are_awaited(db: AsyncDatabase[Any], user: User) -> None:
    assert_type(tidy(user, db, None), None)
    assert_type(user.deleted, datetime.datetime | None)
    assert_type(user.created, datetime.datetime)
    assert_type(user.is_deleted, bool)
    assert_type(await user.restore(db), User)
    assert_type(await user.purge(db), int | None)
    assert_type(User.q(db).with_deleted(), MotorQuerySet[User])
    assert_type(await User.q(db).purge_many(User.deleted < datetime.datetime.now()), int | None)
    assert_type(await User.q(db).restore_many(), int | None)
    assert_type(await User.q(db).restore(user), User)


def where_calls_block(db: Database[Any], user: User) -> None:
    assert_type(user.restore(db), User)
    assert_type(user.purge(db), int | None)
    assert_type(User.q(db).with_deleted(), QuerySet[User])
    assert_type(User.q(db).purge_many({}), int | None)
    assert_type(User.q(db).restore_many({}), int | None)
    assert_type(User.q(db).purge(user), int | None)
