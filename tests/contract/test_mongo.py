"""The 0.2 contract: to MongoDB's form and back, names in it, and the classes of compound fields."""

from datetime import datetime
from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.fields import (
    DateTimeField,
    DecimalField,
    EmbDocField,
    FloatField,
    IntField,
    ListField,
    RefField,
    StrField,
    SynonymField,
)
from tests.drivers import each, settled

from .helpers import model_of
from .models import Post


class Part(EmbeddedDocument):
    value = IntField(mongo_name='v')
    text = StrField(mongo_name='t', required=False)


class Owner(Document):
    _id = StrField()


# "`to_mongo()` is a new mapping under mongo names, in field order, set fields only (a plain dict
# will do)." Decided: it is a dict.


def test_to_mongo_is_a_dict_under_mongo_names():
    stored = Part(value=1, text='x').to_mongo()

    assert isinstance(stored, dict)
    assert stored == {'v': 1, 't': 'x'}


def test_to_mongo_is_in_field_order_whatever_the_order_of_setting():
    part = Part(_empty=True)
    part.text = 'x'
    part.value = 1

    assert list(part.to_mongo()) == ['v', 't']


@pytest.mark.parametrize('part', [Part(value=1), Part.from_mongo({'v': 1})])
def test_to_mongo_has_the_set_fields_only(part):
    assert part.to_mongo() == {'v': 1}


@pytest.mark.parametrize('make', [lambda: Part(value=1), lambda: Part.from_mongo({'v': 1})])
def test_to_mongo_is_a_new_mapping_each_time(make):
    part = make()
    part.to_mongo()['v'] = 2

    assert part.to_mongo() == {'v': 1}
    assert part.to_data() == {'value': 1}


def test_to_mongo_has_a_field_that_is_set_to_none():
    assert Part(value=None).to_mongo() == {'v': None}


def test_to_mongo_writes_a_synonym_once_under_the_name_of_the_original():
    class Doc(Document):
        _id = StrField()
        name = SynonymField(_id)

    assert Doc(name='x').to_mongo() == {'_id': 'x'}


def test_to_mongo_writes_embedded_documents_as_mappings_under_mongo_names():
    class Doc(EmbeddedDocument):
        part = EmbDocField(Part, mongo_name='p')
        parts = ListField(EmbDocField(Part), mongo_name='ps')

    doc = Doc(part={'value': 1}, parts=[{'value': 2}, {'value': 3}])
    assert doc.to_mongo() == {'p': {'v': 1}, 'ps': [{'v': 2}, {'v': 3}]}


@pytest.mark.parametrize(
    'field',
    [
        EmbDocField(Part, allow_none=True),
        RefField(Owner, allow_none=True),
        ListField(IntField(), allow_none=True),
        DecimalField(allow_none=True),
    ],
)
def test_none_is_written_and_read_as_none(field):
    model = model_of(field)

    assert model(value=None).to_mongo() == {'value': None}
    assert model.from_mongo({'value': None}).to_data() == {'value': None}


# "`RefField` writes the `_id`"


@pytest.mark.parametrize('value', [Owner(_id='x'), 'x'])
def test_a_reference_writes_the_id(value):
    assert model_of(RefField(Owner))(value=value).to_mongo() == {'value': 'x'}


def test_a_list_of_references_writes_the_ids():
    model = model_of(ListField(RefField(Owner)))

    assert model(value=[Owner(_id='x'), 'y']).to_mongo() == {'value': ['x', 'y']}


def test_a_reference_reads_the_id():
    identifier = ObjectId()

    assert model_of(RefField(Post)).from_mongo({'value': identifier}).value == identifier


# "`DecimalField` a `Decimal128` (also from a Decimal128, a float or a str it reads a Decimal)"


def test_a_decimal_is_written_as_decimal128():
    stored = model_of(DecimalField())(value='0.005').to_mongo()['value']

    assert type(stored) is Decimal128
    assert stored == Decimal128('0.005')


@pytest.mark.parametrize('stored', [Decimal128('1.5'), 1.5, '1.5'])
def test_a_decimal_is_read_from_what_may_be_stored(stored):
    value = model_of(DecimalField()).from_mongo({'value': stored}).value

    assert type(value) is Decimal
    assert value == Decimal('1.5')


def test_decimals_of_a_list_are_written_and_read():
    model = model_of(ListField(DecimalField()))

    stored = model(value=['0.005']).to_mongo()
    assert stored == {'value': [Decimal128('0.005')]}
    assert model.from_mongo(stored).value == [Decimal('0.005')]


# Seed: "to_mongo(value)", "from_mongo(value)" of the fields


@pytest.mark.parametrize(
    ('field', 'value', 'stored'),
    [
        (IntField(), 1, 1),
        (FloatField(), 1.5, 1.5),
        (StrField(), 'x', 'x'),
        (DateTimeField(), datetime(2020, 1, 2), datetime(2020, 1, 2)),
        (DecimalField(), Decimal('1.5'), Decimal128('1.5')),
        (ListField(DecimalField()), [Decimal('1.5')], [Decimal128('1.5')]),
    ],
)
def test_a_field_converts_to_mongo_and_back_by_itself(field, value, stored):
    model = model_of(field)

    assert model.value.to_mongo(value=value) == stored
    assert model.value.from_mongo(value=stored) == value


def test_a_compound_field_converts_to_mongo_and_back_by_itself():
    field = model_of(EmbDocField(Part)).value

    assert field.to_mongo(Part(value=1)) == {'v': 1}
    assert field.from_mongo({'v': 1}).to_data() == {'value': 1}


class Reversed(StrField):
    """Text that is stored backwards."""

    def to_mongo(self, value):
        return value[::-1]

    def from_mongo(self, value):
        return value[::-1]


@pytest.mark.parametrize(
    ('field', 'value', 'stored'),
    [(Reversed, 'abc', 'cba'), (lambda: ListField(Reversed()), ['abc', 'de'], ['cba', 'ed'])],
)
def test_a_field_of_ones_own_writes_and_reads_in_its_own_way(field, value, stored):
    model = model_of(field())

    assert model(value=value).to_mongo() == {'value': stored}
    loaded = model.from_mongo({'value': stored})
    assert loaded.value == value
    assert loaded.to_mongo() == {'value': stored}


def test_a_reference_is_written_and_read_as_the_id_field_of_its_class_does():
    class Target(Document):
        _id = Reversed()

    model = model_of(RefField(Target))
    assert model(value=Target(_id='abc')).to_mongo() == {'value': 'cba'}
    assert model(value='abc').to_mongo() == {'value': 'cba'}
    assert model.from_mongo({'value': 'cba'}).value == 'abc'


def test_an_embedded_document_is_written_through_its_overridden_to_mongo():
    class Loud(Part):
        def to_mongo(self):
            return {**super().to_mongo(), 'loud': True}

    class Doc(EmbeddedDocument):
        one = EmbDocField(Loud)
        many = ListField(EmbDocField(Loud))

    stored = Doc(one={'value': 1}, many=[{'value': 2}]).to_mongo()
    assert stored == {'one': {'v': 1, 'loud': True}, 'many': [{'v': 2, 'loud': True}]}


# "`from_mongo` skips missing fields and ignores unknown ones."


def test_from_mongo_skips_missing_fields_even_those_with_a_default():
    class Doc(Document):
        name = StrField(default='x')

    assert Doc.from_mongo({}).to_data() == {}


def test_from_mongo_ignores_unknown_fields():
    part = Part.from_mongo({'v': 1, 'wrong': 2})

    assert part.to_data() == {'value': 1}
    assert not hasattr(part, 'wrong')


def test_from_mongo_reads_mongo_names_and_not_field_names():
    assert Part.from_mongo({'value': 1, 't': 'x'}).to_data() == {'text': 'x'}


def test_from_mongo_reads_two_fields_that_are_stored_under_each_others_names():
    class Doc(EmbeddedDocument):
        one = IntField(mongo_name='two')
        two = IntField(mongo_name='one')

    doc = Doc.from_mongo({'one': 1, 'two': 2})
    assert doc.to_data() == {'one': 2, 'two': 1}
    assert doc.to_mongo() == {'one': 1, 'two': 2}


def test_from_mongo_reads_embedded_documents():
    class Doc(Document):
        part = EmbDocField(Part, mongo_name='p')
        parts = ListField(EmbDocField(Part))

    doc = Doc.from_mongo(data={'p': {'v': 1}, 'parts': [{'v': 2}]})
    assert doc.part.to_data() == {'value': 1}
    assert doc.parts[0].to_data() == {'value': 2}


# "A class may override it (also calling `super(User, Customer).from_mongo(data)`): every load,
# cursors included, goes through the override."


class Shouting(Document):
    _id = StrField()
    text = StrField()

    @classmethod
    def from_mongo(cls, data):
        doc = super().from_mongo(data)
        doc.text = doc.text.upper()
        return doc


async def to_list(db):
    return (await settled(Shouting.q(db).find({}).to_list(1)))[0]


async def iterate(db):
    docs = [doc async for doc in each(Shouting.q(db).find({}))]
    return docs.pop()


async def to_list_of_a_clone(db):
    return (await settled(Shouting.q(db).clone().find({}).clone().to_list(None)))[0]


async def find_one(db):
    return await settled(Shouting.q(db).find_one({}))


async def get(db):
    return await settled(Shouting.q(db).get('a'))


async def reload(db):
    doc = Shouting(_id='a', text='other')
    await settled(doc.reload(db))
    return doc


async def update(db):
    doc = Shouting(_id='a', text='other')
    await settled(doc.update(db, {'$set': {'text': 'hello'}}))
    return doc


@pytest.mark.parametrize(
    'load', [to_list, iterate, to_list_of_a_clone, find_one, get, reload, update]
)
async def test_every_load_goes_through_an_overridden_from_mongo(db, load):
    await settled(Shouting.coll(db).insert_one({'_id': 'a', 'text': 'hello'}))

    assert (await settled(load(db))).text == 'HELLO'


@pytest.mark.parametrize('as_list', [False, True])
def test_an_embedded_document_is_loaded_through_its_overridden_from_mongo(as_list):
    class Loud(EmbeddedDocument):
        text = StrField()

        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({'text': data['text'].upper()})

    class Doc(EmbeddedDocument):
        one = EmbDocField(Loud)
        many = ListField(EmbDocField(Loud))

    doc = Doc.from_mongo({'one': {'text': 'hello'}, 'many': [{'text': 'hello'}]})
    assert (doc.many[0] if as_list else doc.one).text == 'HELLO'


def test_super_of_another_class_makes_an_instance_of_that_class():
    class Base(Document):
        kind = StrField()

        @classmethod
        def from_mongo(cls, data):
            return super(Base, Special).from_mongo(data)

    class Special(Base):
        extra = IntField()

    doc = Base.from_mongo({'kind': 'x', 'extra': 1})
    assert type(doc) is Special
    assert doc.to_data() == {'kind': 'x', 'extra': 1}


# "`mongo_name` may differ from the name everywhere: `.s`, `to_mongo`, `from_mongo`, queries."


def test_s_is_the_mongo_name():
    assert Part.value.s == 'v'
    assert (Part.value.name, Part.value.mongo_name) == ('value', 'v')


def test_the_mongo_name_is_the_name_where_none_is_given():
    assert Owner._id.s == '_id'
    assert (Owner._id.name, Owner._id.mongo_name) == ('_id', '_id')


async def test_a_document_is_stored_and_found_under_mongo_names(db):
    class Item(Document):
        title = StrField(mongo_name='t')

    item = await settled(Item.q(db).create(title='x'))

    assert await settled(Item.coll(db).find_one({})) == {'_id': item._id, 't': 'x'}
    found = await settled(Item.q(db).find_one({Item.title.s: 'x'}))
    assert found.to_data() == {'_id': item._id, 'title': 'x'}


async def test_an_update_is_written_under_mongo_names(db):
    class Item(Document):
        title = StrField(mongo_name='t')

    item = await settled(Item.q(db).create(title='x'))

    await settled(item.update(db, {'$set': {Item.title.s: 'y'}}))
    assert item.title == 'y'
    assert await settled(Item.coll(db).find_one({})) == {'_id': item._id, 't': 'y'}
