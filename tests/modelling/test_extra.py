"""Stored keys that no field has: ignored, kept or forbidden."""

import copy
import pickle
import types

import bson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import composite
from pymongo.errors import BulkWriteError

from aiomongodel import (
    AnyField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    PartialDocumentError,
    ReplaceOne,
    StrField,
    SynonymField,
    ValidationError,
    transaction,
)
from tests.changes.test_properties import FEW
from tests.drivers import entered, settled
from tests.properties.strategies import DATES, INTS, KEYS_OF_BSON, OBJECT_IDS, TEXT


class Kept:
    """The Meta of a class that keeps what no field has."""

    extra = 'keep'


class Address(EmbeddedDocument):
    city = StrField(mongo_name='c')

    Meta = Kept


class Plain(EmbeddedDocument):
    city = StrField(mongo_name='c')


class User(Document):
    _id = IntField()
    name = StrField(mongo_name='n')
    age = IntField(required=False)
    home = EmbDocField(Address, required=False)
    homes = ListField(EmbDocField(Address), required=False)
    plain = EmbDocField(Plain, required=False)
    nick = SynonymField(name)

    class Meta:
        collection = 'users'
        extra = 'keep'


class Tracked(User):
    class Meta:
        collection = 'users'
        extra = 'keep'
        track_changes = True


class Strict(Document):
    _id = IntField()
    name = StrField(mongo_name='n')
    home = EmbDocField('tests.modelling.test_extra.StrictHome', required=False)
    nick = SynonymField(name)

    class Meta:
        collection = 'users'
        extra = 'forbid'


class StrictHome(EmbeddedDocument):
    city = StrField()

    class Meta:
        extra = 'forbid'


STORED = {
    '_id': 1,
    'zip': '00185',
    'home': {'floor': 3, 'c': 'Rome', 'near': {'bus': [64]}},
    'name': 'of another program',
    'n': 'Ann',
    'homes': [{'c': 'Oslo', 'x': 1}, {'y': 2, 'c': 'Bern'}],
    'tags': ['a', {'b': None}],
}
EXTRA = {'zip': '00185', 'name': 'of another program', 'tags': ['a', {'b': None}]}


def loaded(model=User, **more):
    return model.from_mongo({**STORED, **more})


async def ann(db, model=User):
    await settled(db['users'].insert_one(copy.deepcopy(STORED)))
    return await settled(model.q(db).get(1))


async def stored(db):
    return await settled(db['users'].find_one({}))


def same(one, other):
    """Whether two values are stored as the same bytes."""
    return bson.encode({'value': one}) == bson.encode({'value': other})


# What is kept.


async def test_what_no_field_has_survives_a_save_in_its_place(any_db):
    await settled((await ann(any_db)).save(any_db))
    assert same(await stored(any_db), STORED)


async def test_a_change_leaves_everything_else_in_its_place(any_db):
    user = await ann(any_db)
    user.name, user.home.city, user.homes[1].city = 'Eve', 'Pisa', 'Genf'
    await settled(user.save(any_db))
    expected = copy.deepcopy(STORED)
    expected['n'], expected['home']['c'], expected['homes'][1]['c'] = 'Eve', 'Pisa', 'Genf'
    assert same(await stored(any_db), expected)


def test_new_values_stand_at_the_end_and_unset_ones_are_gone():
    user = loaded()
    user.age = 7
    del user.home
    assert list(user.to_mongo()) == ['_id', 'zip', 'name', 'n', 'homes', 'tags', 'age']
    user.home = {'city': 'Rome'}
    assert list(user.to_mongo()) == [*STORED, 'age']


def test_a_class_that_ignores_it_drops_it_as_ever():
    class Other(Document):
        name = StrField(mongo_name='n')

    other = Other.from_mongo({'_id': 1, 'zip': 'x', 'n': 'Ann'})
    assert other.to_mongo() == {'n': 'Ann', '_id': 1}
    assert not hasattr(other, 'extra')
    assert loaded(plain={'c': 'x', 'y': 1}).plain.to_mongo() == {'c': 'x'}


# The mapping.


def test_extra_is_a_mapping_of_it():
    user = loaded()
    assert user.extra == EXTRA
    assert (user.extra['zip'], len(user.extra), list(user.extra)) == ('00185', 3, list(EXTRA))
    assert repr(user.extra) == repr(EXTRA)
    assert user.home.extra == {'floor': 3, 'near': {'bus': [64]}}
    assert [home.extra for home in user.homes] == [{'x': 1}, {'y': 2}]
    with pytest.raises(KeyError, match='nothing'):
        user.extra['nothing']


def test_extra_can_be_changed():
    user = loaded()
    user.extra['zip'] = '00100'
    user.extra['name'] = 'changed'  # the name of a field that is stored under another
    user.extra['new'] = {'a': 1}
    user.extra['tags'].append('c')
    del user.extra['name']
    data = user.to_mongo()
    assert data == {
        **{key: value for key, value in STORED.items() if key != 'name'},
        'zip': '00100',
        'tags': ['a', {'b': None}, 'c'],
        'new': {'a': 1},
    }
    assert list(data)[:2] == ['_id', 'zip']
    assert list(data)[-1] == 'new'


def test_extra_can_be_replaced_as_a_whole_and_emptied():
    user = loaded()
    user.extra = {'zip': 'x', 'b': 2}
    assert list(user.to_mongo()) == ['_id', 'zip', 'home', 'n', 'homes', 'b']
    del user.extra
    assert user.extra == {}


async def test_a_new_document_stores_its_extra_after_its_fields(any_db):
    user = User(_id=1, name='Ann', home=Address(city='Rome'))
    user.extra['zip'] = 'x'
    user.age = 7
    user.home.extra['floor'] = 3
    await settled(user.save(any_db, do_insert=True))
    assert list((await stored(any_db)).items()) == [
        ('_id', 1),
        ('n', 'Ann'),
        ('age', 7),
        ('home', {'c': 'Rome', 'floor': 3}),
        ('zip', 'x'),
    ]


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('n', 'has a field of this name; set the field'),
        ('age', 'has a field of this name'),
        ('nick', 'has a field of this name'),
        ('_id', 'has a field of this name'),
        ('a.b', 'neither a dot'),
        ('$a', 'does not start with'),
        ('', 'must be a str'),
        (7, 'must be a str'),
        ('a\0', 'in it'),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(name, words):
    user = User(_id=1, name='Ann')
    with pytest.raises(ValueError, match=words) as caught:
        user.extra[name] = 1
    assert str(caught.value).startswith(f'User.extra[{name!r}]')
    assert user.to_mongo() == {'_id': 1, 'n': 'Ann'}


def test_the_key_of_the_class_is_no_extra():
    class Thing(Document):
        class Meta:
            extra = 'keep'
            discriminator = 'kind'

    data = {'kind': 'Thing', 'x': 1, '_id': 1}
    thing = Thing.from_mongo(data)
    assert thing.extra == {'x': 1}
    assert list(thing.to_mongo().items()) == list(data.items())
    with pytest.raises(ValueError, match='the name of the class is stored under this key'):
        thing.extra['kind'] = 'y'
    assert 'kind' not in thing.extra


def test_user_data_puts_nothing_into_extra():
    for user in (User(_id=1, zip='x'), User.from_data({'_id': 1, 'zip': 'x', 'home': {'a': 1}})):
        assert user.extra == {}
    with pytest.raises(AttributeError, match='no field'):
        user.populate_with_data({'zip': 'x'})


def test_a_class_may_have_a_field_or_an_attribute_of_this_name():
    class Bill(Document):
        extra = IntField()

    class Loose(Document):
        pass

    assert Bill(extra='7').extra == 7
    assert (Bill.extra > 3) == {'extra': {'$gt': 3}}
    loose = Loose()
    with pytest.raises(AttributeError, match=r"set extra = 'keep' in Loose\.Meta"):
        loose.extra  # noqa: B018
    loose.extra = 5
    assert (loose.extra, loose.to_mongo()) == (5, {'_id': loose._id})
    del loose.extra
    assert not hasattr(loose, 'extra')


# Whatever else is done to documents.


@pytest.mark.parametrize(
    'copied', [copy.copy, copy.deepcopy, lambda user: pickle.loads(pickle.dumps(user))]
)
def test_a_copy_has_an_extra_of_its_own(copied):
    user = loaded()
    other = copied(user)
    assert same(other.to_mongo(), STORED)
    other.extra['zip'] = 'x'
    del other.extra['name']
    assert user.extra == EXTRA


async def test_a_reload_brings_what_is_stored_now(any_db):
    user = await ann(any_db)
    user.extra['mine'] = 1
    update = {'$set': {'zip': 'new'}, '$unset': {'tags': ''}}
    await settled(any_db['users'].update_one({}, update))
    await settled(user.reload(any_db))
    assert user.extra == {'zip': 'new', 'name': 'of another program'}


async def test_other_ways_to_store_a_document_keep_it(any_db):
    user = await ann(any_db)
    users = User.q(any_db)
    await settled(users.save_all([user]))
    await settled(users.bulk_write([ReplaceOne({'_id': 1}, user)]))
    await settled(users.find_one_and_replace({'_id': 1}, user))
    assert same(await stored(any_db), STORED)


async def test_what_was_loaded_in_part_is_not_saved(any_db):
    await ann(any_db)
    user = await settled(User.q(any_db).find({}).only('n', 'zip').one())
    assert (user.name, user.extra) == ('Ann', {'zip': '00185'})
    with pytest.raises(PartialDocumentError):
        await settled(user.save(any_db))


async def test_an_aborted_transaction_puts_it_back(any_db):
    user = await ann(any_db)

    async def abort():
        async with entered(transaction(any_db)) as tx:
            await settled(user.save(tx))
            user.extra['zip'] = 'x'
            user.extra['tags'].append('c')
            await settled(user.save(tx))
            raise LookupError

    with pytest.raises(LookupError):
        await abort()
    assert same(await stored(any_db), STORED)
    assert same(user.to_mongo(), STORED)


# Changes.


async def test_what_has_not_changed_is_not_written(any_db):
    user = await ann(any_db, Tracked)
    assert user.changes() == {}
    user.name = 'Eve'
    assert user.changes() == {'$set': {'n': 'Eve'}}
    await settled(any_db['users'].update_one({}, {'$set': {'zip': 'of another'}}))
    await settled(user.save_changes(any_db))
    assert same(await stored(any_db), {**STORED, 'n': 'Eve', 'zip': 'of another'})


async def test_what_has_changed_is_written(any_db):
    user = await ann(any_db, Tracked)
    user.extra['zip'] = 'x'
    user.extra['new'] = 1
    user.home.extra['floor'] = 4
    user.homes[0].extra['x'] = 2
    del user.extra['name']
    assert user.changes() == {
        '$set': {'zip': 'x', 'new': 1, 'home.floor': 4, 'homes.0.x': 2},
        '$unset': {'name': ''},
    }
    await settled(user.save_changes(any_db))
    expected = copy.deepcopy({**STORED, 'zip': 'x', 'new': 1})
    expected['home']['floor'], expected['homes'][0]['x'] = 4, 2
    del expected['name']
    assert same(await stored(any_db), expected)
    assert user.changes() == {}


def test_changes_can_be_taken_back():
    user = loaded(Tracked)
    user.extra['zip'], user.extra['new'] = 'x', 1
    user.extra['tags'].append(2)
    user.home.extra['near']['bus'].append(70)
    user.revert()
    assert same(user.to_mongo(), STORED)
    assert user.changes() == {}


async def test_changes_of_a_part_of_a_document_are_saved(any_db):
    await ann(any_db)
    user = await settled(Tracked.q(any_db).find({}).only('n', 'zip').one())
    user.extra['zip'] = 'x'
    assert user.changes() == {'$set': {'zip': 'x'}}
    await settled(user.save_changes(any_db))
    assert same(await stored(any_db), {**STORED, 'zip': 'x'})


# What is forbidden.


def unknown(document):
    with pytest.raises(ValidationError) as caught:
        document.validate()
    return caught.value.as_dict()


async def test_validate_names_all_unknown_keys_that_were_stored(any_db):
    data = {'_id': 1, 'zip': 1, 'n': 'Ann', 'tags': [], 'home': {'city': 'Rome', 'floor': 3}}
    await settled(any_db['users'].insert_one({**data}))
    user = await settled(Strict.q(any_db).get(1))
    assert unknown(user) == {
        'zip': 'unknown field',
        'tags': 'unknown field',
        'home': {'floor': 'unknown field'},
    }
    await settled(user.save(any_db))  # which loses nothing
    assert same(await stored(any_db), data)
    assert user.extra == {'zip': 1, 'tags': []}
    user.extra.clear()
    del user.home.extra['floor']
    assert user.validate().to_mongo() == {'_id': 1, 'n': 'Ann', 'home': {'city': 'Rome'}}


@pytest.mark.parametrize(
    'made',
    [
        lambda data: Strict(**data),
        lambda data: Strict.from_data(data),
        lambda data: Strict.from_data(types.MappingProxyType(data)),
    ],
    ids=['constructor', 'from_data', 'mapping'],
)
def test_validate_names_all_unknown_names_that_were_given(made):
    data = {'_id': 1, 'nick': 'Ann', 'n': 'x', 'admin': True, 'home': {'city': 'Rome', 'x': 1}}
    user = made(data)
    assert unknown(user) == {
        'n': 'unknown field',
        'admin': 'unknown field',
        'home': {'x': 'unknown field'},
    }
    assert user.to_mongo() == {'_id': 1, 'n': 'Ann', 'home': {'city': 'Rome'}}


async def test_what_is_validated_before_it_is_written_is_refused(any_db):
    users = Strict.q(any_db)
    with pytest.raises(ValidationError, match='unknown field'):
        await settled(users.create(_id=1, name='Ann', admin=True))
    with pytest.raises(ValidationError, match='unknown field'):
        await settled(users.insert_many([Strict(_id=1, name='Ann', admin=True)]))
    assert await stored(any_db) is None


async def test_a_reload_forgets_the_names_that_were_given(any_db):
    user = Strict(_id=1, name='Ann', admin=True)
    await settled(user.save(any_db))
    assert unknown(user) == {'admin': 'unknown field'}
    await settled(user.reload(any_db))
    assert user.validate() is user


def test_unknown_names_stand_beside_other_errors():
    assert unknown(Strict(_id=1, admin=1)) == {
        'name': 'field is required',
        'admin': 'unknown field',
    }


def test_nothing_can_be_added_where_it_is_forbidden():
    with pytest.raises(TypeError, match="has extra = 'forbid' in its Meta; declare a field"):
        Strict(_id=1).extra['zip'] = 1


@pytest.mark.parametrize('value', ['drop', True, 7])
def test_another_value_of_the_option_is_refused(value):
    with pytest.raises(ValueError, match=r"must be 'ignore', 'keep' or 'forbid', in Wrong\.Meta"):
        type(Document)('Wrong', (Document,), {'Meta': type('Meta', (), {'extra': value})})


# Whatever is stored.

VALUES = st.recursive(
    st.none() | st.booleans() | INTS | st.floats() | TEXT | DATES | OBJECT_IDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS_OF_BSON, inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ['a', 'b', 'extra', 'id', '.a', '..layout', '..stored', '_cls', '', ' ', 'é']
)
KEYS = (NAMES | KEYS_OF_BSON).filter(lambda key: key != '_id')
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=6)


@composite
def models(draw, data, base, **options):
    """Give a class that models some of the keys of stored data, under names of their own."""
    namespace = {'Meta': type('Meta', (), {'extra': 'keep', **options})}
    chosen = draw(st.sets(st.sampled_from([*data]))) if data else set()
    for number, key in enumerate(sorted(chosen)):
        if key != '_id' and not (key == '' or key.startswith('$') or '.' in key):
            field = draw(fields_of(data[key]))
            field.mongo_name = key
            namespace[f'field_{number}'] = field
    return type(base)('Random', (base,), namespace)


def fields_of(value):
    """Give fields that load a stored value."""
    if isinstance(value, dict):
        return models(value, EmbeddedDocument).map(lambda model: EmbDocField(model)) | any_field()
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        joined = {key: None for item in value for key in item}
        return models(joined, EmbeddedDocument).map(lambda model: ListField(EmbDocField(model)))
    if isinstance(value, list):
        return st.builds(lambda: ListField(AnyField()))
    return any_field()


def any_field():
    return st.builds(AnyField)


def read(document):
    """Have all fields of a document converted, those within too."""
    for value in document.to_data().values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, EmbeddedDocument):
                read(item)


@given(data=st.data(), tracks=st.booleans(), stored=DOCUMENTS, reads=st.booleans())
def test_whatever_is_stored_is_saved_as_the_same_bytes(data, stored, tracks, reads):
    stored = {'_id': 1, **stored}
    model = data.draw(models(stored, Document, track_changes=tracks))
    document = model.meta.codec.loader(bson.decode(bson.encode(stored)))
    if reads:
        read(document)
    assert bson.encode(model.meta.codec.dumper(document)) == bson.encode(stored)
    if tracks:
        assert document.changes() == {}


@given(data=st.data(), stored=DOCUMENTS, tracks=st.booleans())
def test_whatever_is_stored_one_change_changes_one_value(data, stored, tracks):
    stored = {'_id': 1, **stored}
    model = data.draw(models(stored, Document, track_changes=tracks))
    document = model.from_mongo(stored)
    names = [name for name in model.meta.fields if name != '_id']
    key = data.draw(st.sampled_from([*names, *document.extra] or ['new']))
    if key in names:
        setattr(document, key, 'changed')
        key = model.meta.fields[key].mongo_name
    else:
        document.extra[key] = 'changed'
    assert bson.encode(document.to_mongo()) == bson.encode({**stored, key: 'changed'})
    is_path = key and '.' not in key and not key.startswith('$')
    if tracks and is_path and stored.get(key) != 'changed':
        assert document.changes() == {'$set': {key: 'changed'}}


@FEW
@given(data=st.data(), stored=st.lists(DOCUMENTS, min_size=1, max_size=3))
def test_a_server_stores_whatever_it_had_as_the_same_bytes(sync_db, data, stored):
    sync_db['random'].delete_many({})
    server_safe = [
        {key: value for key, value in each.items() if key and '.' not in key and key[0] != '$'}
        for each in stored
    ]
    server_safe = [{'_id': number, **each} for number, each in enumerate(server_safe)]
    try:
        sync_db['random'].insert_many(server_safe)
    except BulkWriteError:
        assume(False)  # the server itself refuses some
    before = [bson.encode(each) for each in sync_db['random'].find()]
    model = data.draw(models(server_safe[0], Document, collection='random'))
    for document in model.q(sync_db).find():
        document.save(sync_db)
    assert [bson.encode(each) for each in sync_db['random'].find()] == before
