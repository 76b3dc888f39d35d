"""The hotels that queries look for, and updates change."""

from aiomongodel import (
    AnyField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    RefField,
    StrField,
)


class Room(EmbeddedDocument):
    price = DecimalField(mongo_name='p')
    beds = IntField()


class Owner(Document):
    _id = StrField()
    name = StrField(required=False)


class Hotel(Document):
    _id = StrField()
    name = StrField(mongo_name='n')
    stars = IntField()
    floors = IntField(required=False)
    rate = FloatField(required=False)
    tags = ListField(StrField())
    scores = ListField(IntField(), required=False)
    grid = ListField(ListField(IntField()), required=False)
    rooms = ListField(EmbDocField(Room))
    suite = EmbDocField(Room, required=False)
    owner = RefField(Owner, mongo_name='o', required=False)
    place = AnyField(required=False)
