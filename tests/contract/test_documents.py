"""The 0.2 contract: what a document does with its database."""

from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId
from pymongo import WriteConcern

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.errors import DocumentNotFoundError, DuplicateKeyError, PartialDocumentError
from aiomongodel.fields import (
    AnyField,
    BoolField,
    DecimalField,
    EmbDocField,
    IntField,
    ListField,
    RefField,
    StrField,
)
from tests.drivers import each, settled

from .helpers import stored


class Part(EmbeddedDocument):
    text = StrField(mongo_name='t')


class Item(Document):
    _id = IntField()
    value = IntField(mongo_name='v', required=False)
    other = AnyField(required=False)

    class Meta:
        collection = 'item'


class Active(Document):
    _id = IntField()
    active = BoolField(default=True)

    class Meta:
        collection = 'active'
        default_query = {'active': True}


# "`save` replaces by `_id` with upsert, `do_insert=True` inserts, and gives the document"


@pytest.mark.parametrize('do_insert', [False, True])
async def test_save_stores_a_new_document_and_gives_it(db, do_insert):
    item = Item(_id=1, value=2)

    assert await settled(item.save(db=db, do_insert=do_insert, session=None)) is item
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


async def test_save_replaces_the_stored_document_of_the_same_id(db):
    await settled(Item.coll(db).insert_many([{'_id': 1, 'v': 2, 'other': 3}, {'_id': 2, 'v': 4}]))

    await settled(Item(_id=1, value=5).save(db))
    assert await stored(Item, db) == [{'_id': 1, 'v': 5}, {'_id': 2, 'v': 4}]


async def test_save_writes_what_a_loaded_document_was_changed_to(db):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2, 'other': 3}))
    item = await settled(Item.q(db).get(1))

    item.value = '5'
    await settled(item.save(db))
    assert await stored(Item, db) == [{'_id': 1, 'v': 5, 'other': 3}]


async def test_save_with_do_insert_does_not_replace(db):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2}))

    with pytest.raises(DuplicateKeyError):
        await settled(Item(_id=1, value=5).save(db, do_insert=True))
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


async def test_save_stores_every_kind_of_field_and_load_reads_it(db):
    class Whole(Document):
        cost = DecimalField(mongo_name='c')
        part = EmbDocField(Part)
        parts = ListField(EmbDocField(Part))
        item = RefField(Item)

    saved = Whole(cost='0.005', part={'text': 'a'}, parts=[{'text': 'b'}], item=Item(_id=1))
    await settled(saved.save(db))

    raw = {'c': Decimal128('0.005'), 'part': {'t': 'a'}, 'parts': [{'t': 'b'}], 'item': 1}
    assert await stored(Whole, db) == [{**raw, '_id': saved._id}]
    loaded = await settled(Whole.q(db).get(saved._id))
    assert (loaded.cost, loaded.part.text, loaded.item) == (Decimal('0.005'), 'a', 1)
    assert [part.text for part in loaded.parts] == ['b']


async def test_a_loaded_document_that_nobody_read_is_saved_as_it_was_stored(db):
    class Whole(Document):
        cost = DecimalField(mongo_name='c')
        parts = ListField(EmbDocField(Part))

    raw = {'_id': ObjectId(), 'c': Decimal128('0.50'), 'parts': [{'t': 'b'}]}
    await settled(Whole.coll(db).insert_one(raw))

    whole = await settled(Whole.q(db).get(raw['_id']))
    await settled(whole.save(db))
    assert await stored(Whole, db) == [raw]


# "`update` applies the update document and reloads"


async def test_update_applies_the_update_document_and_reloads(db):
    await settled(Item.coll(db).insert_many([{'_id': 1, 'v': 2, 'other': 3}, {'_id': 2, 'v': 2}]))
    item = Item(_id=1, value=2)

    await settled(item.update(db=db, update_document={'$inc': {'v': 5}}, session=None))
    assert item.to_data() == {'_id': 1, 'value': 7, 'other': 3}
    assert await stored(Item, db) == [{'_id': 1, 'v': 7, 'other': 3}, {'_id': 2, 'v': 2}]


async def test_update_leaves_unset_what_is_no_longer_stored(db):
    item = await settled(Item(_id=1, value=2, other=3).save(db))

    await settled(item.update(db, {'$unset': {'other': ''}}))
    assert item.other is None
    assert item.to_data() == {'_id': 1, 'value': 2}


async def test_update_of_a_document_that_is_gone_is_not_found(db):
    with pytest.raises(DocumentNotFoundError):
        await settled(Item(_id=1).update(db, {'$set': {'v': 1}}))
    assert await stored(Item, db) == []


# "`delete` gives the count"


async def test_delete_deletes_the_document_and_gives_the_count(db):
    await settled(Item.coll(db).insert_many([{'_id': 1, 'v': 2}, {'_id': 2, 'v': 4}]))

    assert await settled(Item(_id=1).delete(db=db, session=None)) == 1
    assert await stored(Item, db) == [{'_id': 2, 'v': 4}]
    assert await settled(Item(_id=1).delete(db)) == 0


# "None of the three validates by itself."


@pytest.mark.parametrize('do_insert', [False, True])
async def test_save_does_not_validate(db, do_insert):
    await settled(Item(_id=1, value='xxx').save(db, do_insert=do_insert))

    assert await stored(Item, db) == [{'_id': 1, 'v': 'xxx'}]


async def test_update_does_not_validate(db):
    item = await settled(Item(_id=1, value=2).save(db))
    item.value = 'xxx'

    await settled(item.update(db, {'$set': {'v': 'yyy'}}))
    assert item.value == 'yyy'


async def test_delete_does_not_validate(db):
    item = await settled(Item(_id=1, value=2).save(db))
    item.value = 'xxx'

    assert await settled(item.delete(db)) == 1


# "`find_one` and `get` raise DocumentNotFoundError; so does `reload` of a document that is gone
# (*fixed*)." Seed: "reload(db, session=None)"


async def test_reload_reads_what_is_stored(db):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2}))
    item = Item(_id=1, value=9, other=9)

    await settled(item.reload(db=db, session=None))
    assert item.to_data() == {'_id': 1, 'value': 2}
    assert item.other is None


async def test_reload_forgets_what_was_read_of_the_old_values(db):
    class Whole(Document):
        part = EmbDocField(Part)

    whole = await settled(Whole(part={'text': 'a'}).save(db))
    await settled(Whole.coll(db).update_one({}, {'$set': {'part.t': 'b'}}))

    await settled(whole.reload(db))
    assert whole.part.text == 'b'
    assert whole.to_mongo()['part'] == {'t': 'b'}


async def test_reload_of_a_document_that_is_gone_is_not_found(db):
    item = await settled(Item(_id=1, value=2).save(db))
    await settled(item.delete(db))

    with pytest.raises(DocumentNotFoundError):
        await settled(item.reload(db))
    assert item.to_data() == {'_id': 1, 'value': 2}


# Decided: "`save`/`reload`/`update`/`delete` of a Document go by `_id` alone, whatever
# `default_query` says."


async def test_save_goes_by_id_alone(db):
    await settled(Active.coll(db).insert_one({'_id': 1, 'active': False}))

    await settled(Active(_id=1, active=True).save(db))
    await settled(Active(_id=1, active=False).save(db))
    assert await stored(Active, db) == [{'_id': 1, 'active': False}]


async def test_reload_goes_by_id_alone(db):
    await settled(Active.coll(db).insert_one({'_id': 1, 'active': False}))
    active = Active(_id=1)

    await settled(active.reload(db))
    assert active.active is False


async def test_update_goes_by_id_alone(db):
    active = await settled(Active(_id=1, active=False).save(db))

    await settled(active.update(db, {'$set': {'other': 1}}))
    assert await stored(Active, db) == [{'_id': 1, 'active': False, 'other': 1}]


async def test_update_reloads_a_document_that_leaves_the_default_query(db):
    active = await settled(Active(_id=1).save(db))

    await settled(active.update(db, {'$set': {'active': False}}))
    assert active.active is False


async def test_delete_goes_by_id_alone(db):
    active = await settled(Active(_id=1, active=False).save(db))

    assert await settled(active.delete(db)) == 1
    assert await stored(Active, db) == []


async def test_an_id_that_is_stored_in_another_form_finds_its_document(db):
    class Priced(Document):
        _id = DecimalField()
        value = IntField()

    priced = await settled(Priced(_id='1.5', value=1).save(db))
    await settled(priced.update(db, {'$set': {'value': 2}}))
    assert await stored(Priced, db) == [{'_id': Decimal128('1.5'), 'value': 2}]
    assert (await settled(Priced.q(db).get(Decimal('1.5')))).value == priced.value == 2
    assert await settled(priced.delete(db)) == 1


# Seed: "query_id"


def test_query_id_is_the_query_of_the_id():
    assert Item(_id=1).query_id == {'_id': 1}


# "A document loaded through a projection knows it: `save` refuses it with PartialDocumentError
# before anything is written (*fixed*: it used to replace the stored document by the projected
# part)."

PROJECTED = [
    lambda q, projection: q.find_one({'_id': 1}, projection),
    lambda q, projection: q.find_one({'_id': 1}, projection=projection),
    lambda q, projection: q.get(1, projection),
    lambda q, projection: q.get(1, projection=projection),
    lambda q, projection: first_listed(q.find({}, projection)),
    lambda q, projection: first_listed(q.find({}, projection=projection)),
    lambda q, projection: first_listed(q.find({}, projection).clone().limit(1)),
    lambda q, projection: first_iterated(q.find({}, projection)),
]
projected = pytest.mark.parametrize('load', PROJECTED)


async def first_listed(cursor):
    return (await settled(cursor.to_list(1)))[0]


async def first_iterated(cursor):
    return [doc async for doc in each(cursor)].pop()


@projected
@pytest.mark.parametrize('projection', [{'v': 1}, ['v'], {'other': 0}])
async def test_save_refuses_a_document_loaded_through_a_projection(db, load, projection):
    raw = {'_id': 1, 'v': 2, 'other': 3}
    await settled(Item.coll(db).insert_one(raw))
    item = await settled(load(Item.q(db), projection))

    item.value = 5
    with pytest.raises(PartialDocumentError):
        await settled(item.save(db))
    assert await stored(Item, db) == [raw]


@pytest.mark.parametrize('projection', [{'other.a': 1}, {'other.a': 0}, {'other': {'$slice': 1}}])
async def test_save_refuses_a_document_of_which_a_part_of_a_field_was_loaded(db, projection):
    raw = {'_id': 1, 'v': 2, 'other': [{'a': 1, 'b': 2}, {'a': 3, 'b': 4}]}
    await settled(Item.coll(db).insert_one(raw))
    item = await settled(Item.q(db).get(1, projection))

    with pytest.raises(PartialDocumentError):
        await settled(item.save(db))
    assert await stored(Item, db) == [raw]


async def test_save_refuses_what_an_overridden_from_mongo_made_of_a_projection(db):
    class Own(Item):
        class Meta:
            collection = 'item'

        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({**data, 'other': 'made up'})

    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2, 'other': 3}))
    own = await settled(Own.q(db).get(1, {'v': 1}))

    with pytest.raises(PartialDocumentError):
        await settled(own.save(db))
    assert await stored(Item, db) == [{'_id': 1, 'v': 2, 'other': 3}]


async def test_save_with_do_insert_refuses_a_document_loaded_through_a_projection(db):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2}))
    item = await settled(Item.q(db).get(1, {'v': 1}))

    item._id = 2
    with pytest.raises(PartialDocumentError):
        await settled(item.save(db, do_insert=True))
    assert await stored(Item, db) == [{'_id': 1, 'v': 2}]


async def test_save_sends_nothing_where_it_refuses(wire):
    await settled(Item.coll(wire.db).insert_one({'_id': 1, 'v': 2}))
    item = await settled(Item.q(wire.db).get(1, {'v': 1}))
    wire.commands.clear()

    with pytest.raises(PartialDocumentError):
        await settled(item.save(wire.db))
    assert wire.commands == []


@projected
async def test_save_takes_a_document_loaded_without_a_projection(db, load):
    await settled(Item.coll(db).insert_one({'_id': 1, 'v': 2, 'other': 3}))
    item = await settled(load(Item.q(db), None))

    item.value = 5
    await settled(item.save(db))
    assert await stored(Item, db) == [{'_id': 1, 'v': 5, 'other': 3}]


# Seed: "create_collection(db, session=None): Create collection for documents. Returns: Collection
# object."


async def test_create_collection_creates_the_collection_and_gives_it(db):
    coll = await settled(Item.create_collection(db=db, session=None))

    assert type(coll) is type(db.item)
    assert coll.name == 'item'
    assert await settled(db.list_collection_names()) == ['item']


async def test_create_collection_gives_the_collection_with_the_options_of_meta(db):
    class Other(Document):
        class Meta:
            collection = 'others'
            write_concern = WriteConcern(w=1)

    coll = await settled(Other.create_collection(db))
    assert (coll.name, coll.write_concern) == ('others', WriteConcern(w=1))


# Seed: the example of `Document.update`


async def test_the_example_of_update(db):
    class User(Document):
        name = StrField()
        value = IntField(default=0)

    user = await settled(User(name='xxx').save(db))
    await settled(user.update(db, {'$set': {User.name.s: 'yyy'}, '$inc': {User.value.s: 1}}))
    assert (user.name, user.value) == ('yyy', 1)
