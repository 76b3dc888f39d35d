"""`id`, another name of `_id` where a class has nothing else of this name."""

import pytest
from bson import ObjectId

from aiomongodel import Document, EmbeddedDocument, IntField, RefField, StrField, SynonymField
from tests.drivers import settled


class User(Document):
    name = StrField()


class Page(Document):
    _id = StrField()
    author = RefField(User, required=False)
    slug = SynonymField(_id)


async def test_it_reads_and_writes_the_id(any_db):
    user = await settled(User.q(any_db).create(name='Ann'))
    assert user.id is user._id
    user.id = str(user._id)
    assert type(user._id) is ObjectId  # converted, as ever
    page = Page(_id='a')
    page.id = 'b'
    assert (page._id, page.slug, page.to_mongo()) == ('b', 'b', {'_id': 'b'})
    del page.id
    assert page.id is None


async def test_on_the_class_it_is_the_field(any_db):
    assert User.id is User._id
    assert (Page.id == 'a') == {'_id': 'a'}
    assert User.id.in_([]) == {'_id': {'$in': []}}
    assert Page.author.id.s == 'author._id'
    user = await settled(User.q(any_db).create(name='Ann'))
    assert (await settled(User.q(any_db).find_one(User.id == str(user.id)))).id == user.id
    assert await settled(User.q(any_db).find().sort(User.id.desc()).one())


def test_it_is_neither_a_field_nor_a_synonym_nor_an_argument():
    assert 'id' not in {**User.meta.fields, **User.meta.fields_synonyms, **User.meta.original_names}
    user = User(id=7, name='Ann')
    assert isinstance(user._id, ObjectId)
    assert isinstance(User.from_data({'id': 7})._id, ObjectId)
    assert 'id' not in user.to_data()
    with pytest.raises(AttributeError, match="no field 'id'"):
        user.populate_with_data({'id': 7})


@pytest.mark.parametrize('mongo_name', ['id', 'number'])
def test_a_field_of_this_name_keeps_its_meaning(mongo_name):
    class Order(Document):
        id = IntField(mongo_name=mongo_name)

    order = Order(id='7')
    assert (order.id, order.to_mongo()[mongo_name]) == (7, 7)
    assert (Order.id == 7) == {mongo_name: 7}
    assert isinstance(order._id, ObjectId)
    order.id = 8
    assert order.to_mongo()[mongo_name] == 8


def test_so_does_a_synonym_and_whatever_else_a_class_has():
    class Order(Document):
        number = IntField()
        id = SynonymField(number)

    class Other(Document):
        @property
        def id(self):
            return 'own'

    assert (Order(id=7).number, Order.id is Order.number) == (7, True)
    assert Other().id == 'own'


@pytest.mark.parametrize(
    'value', [IntField(), property(lambda self: 7), 7], ids=['field', 'property', 'value']
)
def test_what_a_mixin_after_document_has_stands_before_it(value):
    mixin = type('Mixin', (), {'id': value})
    if isinstance(value, IntField):
        value.__set_name__(mixin, 'id')
    cls = type(Document)('Order', (Document, mixin), {})
    assert cls(id=7).id == 7
    assert isinstance(cls()._id, ObjectId)


def test_an_embedded_document_has_none():
    class Part(EmbeddedDocument):
        pass

    assert not hasattr(Part(), 'id')
    assert not hasattr(Part, 'id')
