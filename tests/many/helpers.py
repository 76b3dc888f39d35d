"""What tests of many writes do the same way for each driver."""

from pymongo import IndexModel

from aiomongodel import Document, IntField, StrField
from tests.drivers import each, settled

__all__ = ['Item', 'Made', 'indexed', 'items', 'stored']


class Item(Document):
    _id = IntField()
    name = StrField(required=False, mongo_name='n', max_length=20)

    class Meta:
        collection = 'item'
        indexes = [IndexModel('n', name='by name', unique=True, sparse=True)]


class Made(Document):
    name = StrField(required=False)


async def stored(model, db):
    """Give the raw documents, outside of any transaction."""
    return [data async for data in each(model.coll(db).find({}, sort=[('_id', 1)]))]


async def indexed(db):
    """Give the query set of an item whose name is unique, with one item named x."""
    await settled(Item.q(db).create_indexes())
    await settled(Item.coll(db).insert_one({'_id': 0, 'n': 'x'}))
    return Item.q(db)


def items(*names):
    """Give items of these names, counted from 1."""
    return [Item(_id=number, name=name) for number, name in enumerate(names, 1)]
