"""The models of the README, and what else the tests name by its import path."""

from datetime import UTC, datetime

from bson import ObjectId
from pymongo import DESCENDING, IndexModel

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.fields import (
    BoolField,
    DateTimeField,
    EmbDocField,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)


class User(Document):
    _id = StrField(regex=r'[a-zA-Z0-9_]{3,20}')
    is_active = BoolField(default=True)
    posts = ListField(RefField(f'{__name__}.Post'), default=list)
    quote = StrField(required=False)

    # create a synonym field
    name = SynonymField(_id)

    class Meta:
        collection = 'users'


class Post(Document):
    # _id field will be added automatically
    title = StrField(allow_blank=False, max_length=50)
    body = StrField()
    created = DateTimeField(default=lambda: datetime.now(UTC))
    views = IntField(default=0)
    rate = FloatField(default=0.0)
    author = RefField(User, mongo_name='user')
    comments = ListField(EmbDocField(f'{__name__}.Comment'), default=list)

    class Meta:
        collection = 'posts'
        indexes = [IndexModel([('created', DESCENDING)])]
        default_sort = [('created', DESCENDING)]


class Comment(EmbeddedDocument):
    _id = ObjectIdField(default=lambda: ObjectId())
    author = RefField(User)
    body = StrField()


class Reply(EmbeddedDocument):
    text = StrField(mongo_name='t')
    replies = ListField(EmbDocField(f'{__name__}.Reply'), required=False, mongo_name='r')


NOT_A_DOCUMENT = 'a string'


class NotADocument:
    """A class that is no document of either kind."""
