"""What type checkers know of queries and updates. They read this file; it is never run.

`assert_type` says what is inferred. A line that must be refused carries an ignore, and an ignore
that is not needed is an error itself.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, assert_type

from aiomongodel import (
    AnyField,
    DateTimeField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    Field,
    FloatField,
    IntField,
    ListField,
    RefField,
    StrField,
    SynonymField,
)
from aiomongodel.expressions import Query, Update, text_search

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


class Room(EmbeddedDocument):
    price = DecimalField()
    beds = IntField()
    size = IntField(required=False)


class User(Document):
    _id = StrField()
    nick = SynonymField(_id)
    name = StrField()
    bio = StrField(required=False)
    age = IntField()
    height = FloatField()
    born = DateTimeField()
    tags = ListField(StrField())
    scores = ListField(IntField(), required=False)
    room = EmbDocField(Room)
    rooms = ListField(EmbDocField(Room))
    extra = AnyField()


class Post(Document):
    author = RefField(User)


def comparisons_make_queries() -> None:
    assert_type(User.age > 3, Query)
    assert_type(User.age >= 3, Query)
    assert_type(User.age < 3, Query)
    assert_type(User.age <= 3, Query)
    assert_type(User.age == 3, Query)
    assert_type(User.age != 3, Query)
    assert_type(User.age == None, Query)  # noqa: E711
    assert_type(User.nick > 'a', Query)
    assert_type(User.height > 3, Query)
    assert_type(User.born < datetime.datetime(2020, 2, 29), Query)
    assert_type(User.extra > 3, Query)
    assert_type(User.room[Room.price] >= Decimal('9.5'), Query)
    assert_type(User.rooms[Room.beds] == 2, Query)
    assert_type(Post.author == User(), Query)


def operators_make_queries() -> None:
    assert_type(User.name.in_(['Ann']), Query)
    assert_type(User.name.not_in({'Ann'}), Query)
    assert_type(User.bio.in_(['a', None]), Query)
    assert_type(User.tags.in_(['a']), Query)
    assert_type(User.tags.in_([['a']]), Query)
    assert_type(User.tags.all(['a']), Query)
    assert_type(User.tags.size(3), Query)
    assert_type(User.name.exists(), Query)
    assert_type(User.name.regex(re.compile('^a')), Query)
    assert_type(User.name.like('a%') & User.name.ilike('%b'), Query)
    assert_type(User.rooms.elem_match((Room.price < Decimal(50)) & (Room.beds == 2)), Query)
    assert_type(User.name.type('string', 10), Query)
    assert_type(User.age.mod(2, 1), Query)
    assert_type(User.age.compare('>', User.height), Query)
    assert_type(User.extra.near((30.5, 50.4), max_distance=500), Query)
    assert_type(User.extra.within([(30, 50), (31, 50), (31, 51)]), Query)
    assert_type(User.extra.within_circle((30.5, 50.4), 500), Query)
    assert_type(User.extra.intersects((30.5, 50.4)), Query)
    assert_type(text_search('coffee', language='en'), Query)
    assert_type(Field.size(User.rooms, 3), Query)


def queries_join() -> None:
    query = (User.age > 3) & (User.name != 'Ann')
    assert_type(query, Query)
    assert_type(query | {'x': 1}, Query)
    assert_type({'x': 1} & query, Query)
    assert_type(~query, Query)
    assert_type(query.prefixed('cheap'), Query)
    query &= User.age < 5
    query |= User.age < 5
    assert_type(query, Query)
    print(query & 3)  # type: ignore[operator]
    print(query | None)  # type: ignore[operator]


def operators_make_updates() -> None:
    assert_type(User.age.set(3), Update)
    assert_type(User.age.set_on_insert(3), Update)
    assert_type(User.age.unset(), Update)
    assert_type(User.bio.set(None), Update)
    assert_type(User.age.inc() & User.age.mul(Decimal(2)), Update)
    assert_type(User.age.min(3) & User.age.max(3), Update)
    assert_type(User.age.rename('years'), Update)
    assert_type(User.born.current_date('timestamp'), Update)
    assert_type(User.tags.push('a'), Update)
    assert_type(User.tags.push('a', 'b', position=0, slice=-5, sort=1), Update)
    assert_type(User.rooms.push(Room(), sort=[Room.price.asc()]), Update)
    assert_type(User.tags.add_to_set('a', 'b'), Update)
    assert_type(User.tags.pull('a'), Update)
    assert_type(User.rooms.pull(Room.price > Decimal(50)), Update)
    assert_type(User.tags.pull_all(['a']), Update)
    assert_type(User.tags.pop(first=True), Update)
    assert_type(User.tags[0], Field[str])
    assert_type(User.tags['$'].set('a'), Update)
    assert_type(User.age.inc() & {'$set': {'x': 1}}, Update)
    print(User.age.inc() & 3)  # type: ignore[operator]


def fields_make_pairs() -> None:
    assert_type(User.age.asc(), tuple[str, Literal[1]])
    assert_type(User.age.desc(), tuple[str, Literal[-1]])


def wrong_values() -> None:
    print(User.age > 'x')  # type: ignore[operator]
    print(User.age >= None)  # type: ignore[operator]
    print(User.name < 3)  # type: ignore[operator]
    print(User.born <= '2020')  # type: ignore[operator]
    print(User.room[Room.beds] > 'x')  # type: ignore[operator]
    User.name.in_([1])  # type: ignore[list-item]
    User.name.in_(3)  # type: ignore[arg-type]
    User.name.not_in([None])  # type: ignore[list-item]
    User.tags.in_([1])  # type: ignore[arg-type]
    User.tags.all([1])  # type: ignore[list-item]
    User.name.regex(3)  # type: ignore[arg-type]
    User.name.regex(re.compile(b'a'))  # type: ignore[arg-type]
    User.tags.size('3')  # type: ignore[arg-type]
    User.rooms.elem_match(3)  # type: ignore[arg-type]
    User.age.compare('gt', User.height)  # type: ignore[arg-type]
    User.age.compare('>', 3)  # type: ignore[arg-type]


def wrong_updates() -> None:
    User.age.set('x')  # type: ignore[arg-type]
    User.age.set(None)  # type: ignore[arg-type]
    User.age.inc('x')  # type: ignore[arg-type]
    User.age.mul()  # type: ignore[call-arg]
    User.age.min('x')  # type: ignore[arg-type]
    User.born.current_date('time')  # type: ignore[arg-type]
    User.tags.push(3)  # type: ignore[arg-type]
    User.tags.push('a', position='0')  # type: ignore[arg-type]
    User.tags.add_to_set(3)  # type: ignore[arg-type]
    User.tags.pull(3)  # type: ignore[arg-type]
    User.tags.pull_all([3])  # type: ignore[list-item]
    User.tags.pop(True)  # type: ignore[call-arg]
    User.tags[0].set(3)  # type: ignore[arg-type]
    for _ in User.tags:  # type: ignore[misc]
        pass
    print(User.tags[1.5])  # type: ignore[call-overload]


def values_compare_as_ever(user: User) -> None:
    assert_type(user.age > 3, bool)
    assert_type(user.age == 3, bool)
    assert_type(1 < user.age < 5, bool)
    assert_type(user.name == 'Ann', bool)
    assert_type(user.tags[0], str)


async def where_queries_go(adb: AsyncDatabase[Any], sdb: Database[Any], user: User) -> None:
    query, update = User.age > 3, User.age.inc()
    assert_type(await User.q(adb).find(query).sort([User.age.desc()]).first(), User | None)
    assert_type(await User.q(adb).find_one(query), User)
    assert_type(await User.q(adb).count_documents(query), int)
    assert_type(await User.q(adb).update_many(query, update), int | None)
    assert_type(await User.q(adb).update_one(query, [{'$set': {'age': 3}}]), int | None)
    assert_type(await User.q(adb).delete_many(query & {'x': 1}), int | None)
    assert_type(await user.update(adb, update), User)
    assert_type(await user.update(adb, [{'$set': {'age': 3}}]), User)
    assert_type(User.q(sdb).find_one(query), User)
    assert_type(User.q(sdb).update_one(query, update), int | None)
    assert_type(user.update(sdb, update), User)
