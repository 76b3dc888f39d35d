"""A model that tracks its changes, with each kind of value that changes in a way of its own."""

from aiomongodel import (
    AnyField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    StrField,
    SynonymField,
)


class Place(EmbeddedDocument):
    lat = DecimalField(required=False)
    lon = DecimalField(required=False)


class Address(EmbeddedDocument):
    city = StrField(required=False, mongo_name='c')
    street = StrField(required=False)
    lines = ListField(StrField(), required=False)
    place = EmbDocField(Place, required=False)


class Item(EmbeddedDocument):
    name = StrField(required=False)
    price = DecimalField(required=False, mongo_name='p')
    tags = ListField(StrField(), required=False)


class Order(Document):
    _id = AnyField()
    title = StrField(required=False, mongo_name='t')
    count = IntField(required=False)
    total = DecimalField(required=False)
    address = EmbDocField(Address, required=False, allow_none=True)
    tags = ListField(StrField(), required=False)
    items = ListField(EmbDocField(Item), required=False)
    matrix = ListField(ListField(IntField()), required=False)
    extra = AnyField(required=False)
    heading = SynonymField(title)

    class Meta:
        collection = 'orders'
        track_changes = True


class Plain(Document):
    """One that does not track."""

    name = StrField(required=False)

    class Meta:
        collection = 'orders'


def loaded(**stored):
    """Give an order as it is loaded of stored data, under mongo names."""
    return Order.from_mongo({'_id': 1, **stored})


def stored_order(db, **stored):
    """Store an order, and give it as it is loaded."""
    db['orders'].replace_one({'_id': 1}, {'_id': 1, **stored}, upsert=True)
    return Order.q(db).get(1)
