"""Models that pickle finds by name."""

from bson import Decimal128

from aiomongodel import (
    AnyField,
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


class Place(EmbeddedDocument):
    lat = DecimalField(required=False)
    name = StrField(required=False, mongo_name='n')


class Node(EmbeddedDocument):
    """It may hold itself."""

    left = EmbDocField(f'{__name__}.Node', required=False)
    nodes = ListField(EmbDocField(f'{__name__}.Node'), required=False)
    anything = AnyField(required=False, allow_none=True)


class Owner(Document):
    _id = StrField()
    friend = RefField(f'{__name__}.Owner', required=False)


class Shop(Document):
    _id = IntField()
    name = StrField(required=False, mongo_name='n')
    price = DecimalField(required=False)
    place = EmbDocField(Place, required=False)
    places = ListField(EmbDocField(Place), required=False)
    owner = RefField(Owner, required=False)
    tags = ListField(StrField(), required=False)
    anything = AnyField(required=False)
    title = SynonymField(name)


class Tracked(Document):
    name = StrField()
    place = EmbDocField(Place, required=False)

    class Meta:
        track_changes = True


class Open(Document):
    name = StrField(required=False, mongo_name='n')
    place = EmbDocField(Place, required=False)

    class Meta:
        extra = 'keep'


STORED = {
    '_id': 1,
    'n': 'Shop',
    'price': Decimal128('1.50'),
    'place': {'lat': Decimal128('50.4'), 'n': 'Kyiv'},
    'places': [{'n': 'Lviv'}],
    'tags': ['a'],
}


def loaded():
    """Give a shop of which nothing has been read."""
    return Shop.from_mongo(STORED)
