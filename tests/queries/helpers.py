"""The models that tests of query sets share, and what they do the same way for each driver."""

import datetime
from decimal import Decimal

from aiomongodel import (
    AnyField,
    DateTimeField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    RefField,
    StrField,
    SynonymField,
)
from tests.drivers import each, settled

__all__ = ['JANUARY', 'Address', 'Loose', 'User', 'listed', 'names', 'users']

JANUARY = datetime.datetime(2020, 1, 1)


class Address(EmbeddedDocument):
    city = StrField(mongo_name='c', required=False)
    rent = DecimalField(required=False)


class User(Document):
    name = StrField(mongo_name='n')
    age = IntField(required=False)
    balance = DecimalField(required=False, mongo_name='b')
    created = DateTimeField(required=False)
    address = EmbDocField(Address, required=False, mongo_name='a')
    homes = ListField(EmbDocField(Address), required=False)
    tags = ListField(StrField(), required=False)
    friend = RefField(f'{__name__}.User', required=False)
    nick = SynonymField(name)


class Loose(Document):
    """A document with keys of any type."""

    _id = AnyField()
    a = AnyField(required=False)
    b = AnyField(required=False)


async def users(db, *given, **values):
    """Insert users of these names, each a year older and of a unit richer than the one before."""
    made = [
        User(
            name=name,
            age=number,
            balance=Decimal(number),
            created=JANUARY + datetime.timedelta(days=number),
            **values,
        )
        for number, name in enumerate(given)
    ]
    if made:
        await settled(User.coll(db).insert_many([user.to_mongo() for user in made]))
    return User.q(db)


async def listed(cursor):
    return [item async for item in each(cursor)]


def names(documents):
    return [document.name for document in documents]
