"""The models whose filters are tried: stored names are other than those of the fields."""

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)


class Address(EmbeddedDocument):
    city = StrField(mongo_name='c')
    floor = IntField(mongo_name='f', required=False)


class Room(EmbeddedDocument):
    price = DecimalField(mongo_name='p', required=False)
    beds = IntField(required=False)
    labels = ListField(StrField(), mongo_name='l', required=False)
    inner = EmbDocField(lambda: Room, mongo_name='i', required=False)


class City(Document):
    _id = StrField()


class Epoch(Document):
    _id = DateTimeField()


class Hotel(Document):
    """One field of each kind, and one within another."""

    name = StrField(mongo_name='n', required=False)
    title = SynonymField(name)
    email = EmailField(required=False)
    stars = IntField(mongo_name='s', required=False)
    rate = FloatField(mongo_name='r', required=False)
    price = DecimalField(mongo_name='p', required=False)
    is_open = BoolField(mongo_name='o', required=False)
    built = DateTimeField(mongo_name='b', required=False)
    chain = ObjectIdField(required=False)
    tags = ListField(StrField(), mongo_name='t', required=False)
    marks = ListField(IntField(), required=False)
    dates = ListField(DateTimeField(), required=False)
    address = EmbDocField(Address, mongo_name='a', required=False, allow_none=True)
    rooms = ListField(EmbDocField(Room), mongo_name='rs', required=False)
    city = RefField(City, required=False)
    cities = ListField(RefField(City), required=False)
    epoch = RefField(Epoch, required=False)
    anything = AnyField(mongo_name='x', required=False)
