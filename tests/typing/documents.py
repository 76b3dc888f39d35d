"""What type checkers know of documents. They read this file; running it would add nothing.

`assert_type` says what is inferred. A line that must be refused carries an ignore, and an ignore
that is not needed is an error itself.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, assert_type, cast

from bson import ObjectId

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    DocumentList,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    Field,
    FloatField,
    IntField,
    ListField,
    MotorQuerySet,
    MotorQuerySetCursor,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase

    from aiomongodel.fields.base import FieldOptions

V = TypeVar('V')
D = TypeVar('D', bound=Document)


class Address(EmbeddedDocument):
    city = StrField()
    flat = IntField(required=False)


class Mixin:
    value = IntField()


class User(Mixin, Document):
    _id = StrField()
    nick = SynonymField(_id)
    bio = StrField(required=False)
    motto = StrField(allow_none=True)
    email = EmailField()
    second_email = EmailField(required=False)
    age = IntField(gte=0)
    height = FloatField()
    balance = DecimalField(default=Decimal(0))
    is_active = BoolField(default=True)
    born = DateTimeField(required=False)
    token = ObjectIdField(default=lambda: ObjectId())
    extra = AnyField()
    tags = ListField(StrField(), default=list)
    scores = ListField(IntField(), required=False)
    address = EmbDocField(Address)
    second_address = EmbDocField(Address, required=False)
    moves = ListField(EmbDocField(Address))


class Comment(EmbeddedDocument):
    body = StrField()
    author = RefField(User)


class Post(Document):
    author = RefField(User)
    editor = RefField(User, required=False)
    previous = RefField('tests.typing.documents.Post')
    comments = ListField(EmbDocField(Comment))
    by_string = EmbDocField('tests.typing.documents.Later')
    by_lambda = EmbDocField(lambda: Later)
    by_annotation: EmbDocField[Later, Later] = EmbDocField('tests.typing.documents.Later')


class Later(EmbeddedDocument):
    body = StrField()


class SlugField(StrField[str]):
    """A field of one's own."""

    def __init__(self, *, max_length: int = 50, **options: Unpack[FieldOptions[str]]) -> None:
        super().__init__(regex='[a-z-]+', max_length=max_length, **options)


class PhoneField(StrField[V]):
    """A field of one's own that may be missing where it is declared so."""


class CodeField(StrField[V]):
    """The same with options of its own: no type checker binds an overloaded __init__ here."""

    def __init__(self, *, length: int = 6, **options: Any) -> None:
        cast('Any', super()).__init__(min_length=length, max_length=length, **options)


class DateField(Field[V]):
    """The same from Field itself, whose __init__ has no overloads."""

    def __init__(self, **options: Any) -> None:
        super().__init__(field_type=datetime.date, **options)


class UserQuerySet(MotorQuerySet[User]):
    """A query set of one's own."""


class CountingQuerySet(MotorQuerySet[D]):
    """A query set of one's own for any class."""

    async def has(self, _id: object) -> bool:
        return await self.count_documents({'_id': _id}) > 0


class Contact(Document):
    phone: PhoneField[str] = PhoneField()
    fax: PhoneField[str | None] = PhoneField(required=False)
    code: CodeField[str] = CodeField(length=3)
    old_code: CodeField[str | None] = CodeField(allow_none=True)
    born: DateField[datetime.date] = DateField()
    married: DateField[datetime.date | None] = DateField(required=False)

    class Meta:
        queryset = CountingQuerySet

    @classmethod
    def contacts(
        cls, db: AsyncIOMotorDatabase[Any], session: AsyncIOMotorClientSession | None = None
    ) -> CountingQuerySet[Self]:
        return CountingQuerySet(cls, db, session)


class Friend(Contact):
    pass


class Page(Document):
    slug = SlugField(max_length=3)


def a_class_gives_fields() -> None:
    assert_type(User._id, StrField[str])
    assert_type(User.nick, StrField[str])
    assert_type(User.bio, StrField[str | None])
    assert_type(User.email, EmailField[str])
    assert_type(User.age, IntField[int])
    assert_type(User.tags, ListField[list[str], str])
    assert_type(User.address, EmbDocField[Address, Address])
    assert_type(User.value, IntField[int])
    assert_type(Page.slug, SlugField)
    assert_type(User.age.s, str)
    assert_type(User.address.city, Field[Any])
    assert_type(User.address[Address.city], StrField[str])
    assert_type(User.moves[Address.flat], IntField[int | None])
    assert_type(Post.author[User.age], IntField[int])


def an_instance_gives_values(user: User, post: Post, page: Page) -> None:
    assert_type(user._id, str)
    assert_type(user.nick, str)
    assert_type(user.email, str)
    assert_type(user.age, int)
    assert_type(user.height, float)
    assert_type(user.balance, Decimal)
    assert_type(user.is_active, bool)
    assert_type(user.token, ObjectId)
    assert_type(user.extra, Any)
    assert_type(user.value, int)
    assert_type(user.tags, list[str])
    assert_type(user.address, Address)
    assert_type(user.address.city, str)
    assert_type(user.moves, list[Address])
    assert_type(post.comments, list[Comment])
    assert_type(post.comments[0].body, str)
    assert_type(post.author, User | Any)
    assert_type(page.slug, str)


def what_may_be_missing_says_so(user: User, post: Post, flag: bool) -> None:
    assert_type(user.bio, str | None)
    assert_type(user.motto, str | None)
    assert_type(user.second_email, str | None)
    assert_type(user.born, datetime.datetime | None)
    assert_type(user.scores, list[int] | None)
    assert_type(user.second_address, Address | None)
    assert_type(post.editor, User | Any | None)
    assert_type(StrField(required=flag), StrField[str | None])
    assert_type(IntField(allow_none=True), IntField[int | None])
    assert_type(FloatField(allow_none=True), FloatField[float | None])
    assert_type(DecimalField(required=False), DecimalField[Decimal | None])
    assert_type(BoolField(required=False), BoolField[bool | None])
    assert_type(ObjectIdField(required=False), ObjectIdField[ObjectId | None])


def fields_of_ones_own(contact: Contact, friend: Friend) -> None:
    assert_type(Contact.phone, PhoneField[str])
    assert_type(Contact.fax, PhoneField[str | None])
    assert_type(contact.phone, str)
    assert_type(contact.fax, str | None)
    assert_type(contact.code, str)
    assert_type(contact.old_code, str | None)
    assert_type(contact.born, datetime.date)
    assert_type(contact.married, datetime.date | None)
    assert_type(friend.fax, str | None)
    contact.fax = None
    contact.born = datetime.date(2004, 2, 29)
    contact.phone = None  # type: ignore[assignment]
    contact.married = 'never'  # type: ignore[assignment]


def a_class_to_come(post: Post) -> None:
    assert_type(post.by_string, Any)
    assert_type(post.previous, Any)
    assert_type(post.by_lambda, Later)
    assert_type(post.by_annotation, Later)


def assigning(user: User, post: Post) -> None:
    user.age = 3
    user.nick = 'ann'
    user.bio = None
    user.address = Address(city='Rome')
    user.address = {'city': 'Rome'}
    post.author = user
    user.age = 'x'  # type: ignore[assignment]
    user.age = None  # type: ignore[assignment]
    user.nick = 3  # type: ignore[assignment]
    user.tags = [3]  # type: ignore[list-item]
    print(user.agee)  # type: ignore[attr-defined]
    user.agee = 3  # type: ignore[attr-defined]


def documents(user: User) -> None:
    assert_type(User(age=3), User)
    assert_type(User.from_data({}), User)
    assert_type(User.from_mongo({}), User)
    assert_type(user.validate(), User)
    assert_type(user.populate_with_data({}), User)
    assert_type(user.to_data(), OrderedDict[str, Any])
    assert_type(user.to_mongo(), dict[str, Any])
    assert_type(user.query_id, dict[str, Any])
    assert_type(user.is_partial, bool)


async def query_sets(db: AsyncIOMotorDatabase[Any], session: AsyncIOMotorClientSession) -> None:
    assert_type(User.q(db), MotorQuerySet[User])
    assert_type(User.q(db, session), MotorQuerySet[User])
    assert_type(User.q(db).with_options(), MotorQuerySet[User])
    assert_type(await User.q(db).find_one(), User)
    assert_type(await User.q(db).get('ann'), User)
    assert_type(await User.q(db).create(age=3), User)
    assert_type(User.q(db).find(), MotorQuerySetCursor[User])
    assert_type(User.q(db).find().sort('age').skip(1).limit(2), MotorQuerySetCursor[User])
    assert_type(await User.q(db).find().to_list(10), DocumentList[User])
    assert_type([user async for user in User.q(db).find()], list[User])
    assert_type(await User.q(db).count_documents(), int)
    assert_type(await User.q(db).update_many({}, {}), int | None)
    assert_type(await User.q(db).delete_many({}), int | None)
    assert_type(UserQuerySet(User, db).find(), MotorQuerySetCursor[User])
    assert_type(Contact.contacts(db), CountingQuerySet[Contact])
    assert_type(Friend.contacts(db, session), CountingQuerySet[Friend])
    assert_type(Friend.contacts(db).clone(), CountingQuerySet[Friend])
    assert_type(await Friend.contacts(db).find_one(), Friend)
    assert_type(await Friend.contacts(db).has('ann'), bool)
    User.q('db')  # type: ignore[call-overload]
    await User.q(db).get()  # type: ignore[call-arg]


async def documents_in_a_database(db: AsyncIOMotorDatabase[Any], user: User) -> None:
    assert_type(await user.save(db), User)
    assert_type(await user.reload(db), User)
    assert_type(await user.update(db, {}), User)
    assert_type(await user.delete(db), int | None)
    assert_type((await user.save(db)).age, int)


def wrong_options() -> None:
    IntField(default='x')  # type: ignore[call-overload]
    StrField(max_lenght=3)  # type: ignore[call-overload]
    ListField(int)  # type: ignore[call-overload]
    RefField(Address, gte=3)  # type: ignore[call-overload]
    SlugField(required=False)  # type: ignore[call-arg]
    EmbDocField(Address, default={'city': 'Rome'})  # type: ignore[call-overload]
    ListField(EmbDocField(Address), default=[{'city': 'Rome'}])  # type: ignore[list-item]
