"""A blog, from its models to its transactions: each step shows its code, then what it does.

Run it with `make demo`, or with a server of your own:

    MONGODB_URI=mongodb://localhost:27017 python -m examples.blog
"""

import asyncio
import inspect
import os
import textwrap
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import DESCENDING, IndexModel

from aiomongodel import (
    BoolField,
    DateTimeField,
    Document,
    DuplicateKeyError,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
    ValidationError,
)

Database = AsyncIOMotorDatabase[dict[str, Any]]


class User(Document):
    _id = StrField(regex=r'[a-zA-Z0-9_]{3,20}$')
    is_active = BoolField(default=True)
    posts = ListField(RefField(lambda: Post), default=list)
    quote = StrField(required=False)
    name = SynonymField(_id)  # user.name reads and writes user._id

    class Meta:
        collection = 'users'


class Comment(EmbeddedDocument):
    _id = ObjectIdField(default=lambda: ObjectId())
    author = RefField(User)
    body = StrField()


class Post(Document):
    # The field _id = ObjectIdField(default=lambda: ObjectId()) is added.
    title = StrField(allow_blank=False, max_length=50)
    body = StrField()
    created = DateTimeField(default=lambda: datetime.now(UTC))
    views = IntField(default=0)
    rate = FloatField(default=0.0)
    author = RefField(User, mongo_name='user')
    comments = ListField(EmbDocField(Comment), default=list)

    class Meta:
        collection = 'posts'
        indexes = [
            IndexModel([('created', DESCENDING)], name='newest_first'),
            IndexModel('title', unique=True, name='one_title'),
        ]
        default_sort = [('created', DESCENDING)]


async def create_the_indexes(db: Database) -> None:
    print('created', await Post.q(db).create_indexes())


async def queries_are_dicts(db: Database) -> None:
    # An expression is MongoDB's own dict, under the names that are stored.
    print((Post.views > 10) & (Post.author == 'Ann'))
    print(Post.comments.body.like('Comment%'), Post.comments.body.s)


async def create_with_the_query_set(db: Database) -> None:
    # create() validates, then inserts.
    ihor = await User.q(db).create(name='Ihor', is_active=False)
    print(dict(ihor.to_data()))


async def validate_and_save(db: Database) -> None:
    # save() validates nothing by itself; validate() is called by you.
    ann = User(name='Ann', quote='Explicit is better than implicit.').validate()
    await ann.save(db, do_insert=True)
    for number in range(1, 5):
        post = Post(title=f'Post {number}', body='…', author=ann, views=number * 10)
        post.created = datetime(2024, 1, number, tzinfo=UTC)
        post.comments = [Comment(author='Ihor', body=f'Comment on {number}')]
        await post.validate().save(db, do_insert=True)
    print('saved', await Post.q(db).count_documents(Post.author == 'Ann'), 'posts of', ann.name)


async def get_by_id(db: Database) -> None:
    ann = await User.q(db).get('Ann')
    print(ann.name, ann.is_active, ann.posts, ann.quote)


async def find_with_sort_skip_and_limit(db: Database) -> None:
    cursor = Post.q(db).find(Post.views >= 20)
    async for post in cursor.sort(Post.views.desc()).skip(1).limit(2):
        print(post.title, post.views, post.comments[0].body)


async def find_a_part_of_each(db: Database) -> None:
    # What is left out is unset, and such a document refuses to be saved.
    for post in await Post.q(db).find().only(Post.title).to_list(2):
        print(post.title, post.views, post.is_partial)


async def update(db: Database) -> None:
    post = await Post.q(db).find_one(Post.title == 'Post 1')
    post.views += 1
    await post.validate().save(db)
    await post.update(db, Post.views.inc(1))  # changed in the database, then reloaded
    print(post.title, post.views)
    changed = await Post.q(db).update_many({}, Post.rate.set(4.5))
    print('rated', changed, 'posts')


async def a_duplicate_is_refused(db: Database) -> None:
    try:
        await Post.q(db).create(title='Post 1', body='again', author='Ihor')
    except DuplicateKeyError as error:
        print('refused by the index', error.index_name)


async def errors_are_translated(db: Database) -> None:
    post = Post(title='x' * 60, views='many', author='!')
    try:
        post.validate()
    except ValidationError as error:
        print(error.as_dict())
        translation = {
            'field is required': 'Pflichtfeld',
            'invalid value type': 'falscher Typ',
            'length is greater than {constraint}': 'länger als {constraint} Zeichen',
        }
        print(error.as_dict(translation=translation))


async def commit_a_transaction(db: Database) -> None:
    async with await db.client.start_session() as session, session.start_transaction():
        # The session belongs to a whole query set, or to one call.
        await User.q(db, session=session).create(name='Olha')
        await User.q(db).update_one(User.name == 'Ihor', User.is_active.set(True), session=session)
    print('committed:', await User.q(db).count_documents({User.is_active.s: True}), 'active users')


async def roll_a_transaction_back(db: Database) -> None:
    try:
        async with await db.client.start_session() as session, session.start_transaction():
            await User.q(db, session=session).delete_many({})
            print('within:', await User.q(db, session).count_documents({}), 'users')
            raise RuntimeError('something goes wrong')
    except RuntimeError:
        print('rolled back:', await User.q(db).count_documents({}), 'users')


async def delete(db: Database) -> None:
    ihor = await User.q(db).get('Ihor')
    print('deleted', await ihor.delete(db), 'user')
    print('deleted', await Post.q(db).delete_many(Post.author == 'Ann'), 'posts')


STEPS: list[Callable[[Database], Awaitable[None]]] = [
    create_the_indexes,
    queries_are_dicts,
    create_with_the_query_set,
    validate_and_save,
    get_by_id,
    find_with_sort_skip_and_limit,
    find_a_part_of_each,
    update,
    a_duplicate_is_refused,
    errors_are_translated,
    commit_a_transaction,
    roll_a_transaction_back,
    delete,
]


def show(number: int, title: str, code: str) -> None:
    print(f'\n--- {number}. {title} ' + '-' * (74 - len(title)))
    print(textwrap.indent(textwrap.dedent(code).rstrip(), '    ') + '\n')


async def main() -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        os.environ.get('MONGODB_URI', 'mongodb://localhost:27017'), tz_aware=True
    )
    db = client['aiomongodel_demo']
    await client.drop_database(db.name)
    show(1, 'The models', '\n\n'.join(map(inspect.getsource, (User, Comment, Post))))
    for number, step in enumerate(STEPS, start=2):
        body = inspect.getsource(step).partition('\n')[2]
        show(number, step.__name__.replace('_', ' ').capitalize(), body)
        await step(db)
    await client.drop_database(db.name)
    client.close()


if __name__ == '__main__':
    asyncio.run(main())
