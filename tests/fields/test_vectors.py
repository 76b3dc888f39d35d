"""VectorField and ConstField."""

import array
from decimal import Decimal

import pytest
from bson import Binary
from bson.binary import BinaryVectorDtype

from aiomongodel import (
    ConstField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    ListField,
    QueryError,
    ValidationError,
    VectorField,
)
from tests.drivers import settled

BINARY = Binary.from_vector([0.5, -2.0], BinaryVectorDtype.FLOAT32)


class Chunk(Document):
    vector = VectorField(2, required=False, mongo_name='v')
    short = VectorField(2, binary=True, required=False)
    vectors = ListField(VectorField(2, binary=True), required=False)


VALUES = [
    ('vector', [0.1, -2.0], [0.1, -2.0]),
    ('short', [0.5, -2.0], BINARY),
    ('vectors', [[0.5, -2.0]], [BINARY]),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_a_vector_is_stored_in_its_form_and_loaded_as_it_was(any_db, name, value, stored):
    chunk = await settled(Chunk(**{name: value}).validate().save(any_db))
    [data] = await settled(Chunk.q(any_db).find().raw().to_list())
    assert data == {'_id': chunk._id, getattr(Chunk, name).s: stored}
    loaded = await settled(Chunk.q(any_db).get(chunk._id))
    assert getattr(loaded.validate(), name) == value
    assert getattr(Chunk.from_json(loaded.to_json()), name) == value


@pytest.mark.parametrize(
    'given', [[1, '2'], (1.0, Decimal(2)), array.array('d', [1, 2]), array.array('b', [1, 2])]
)
@pytest.mark.parametrize('name', ['vector', 'short'])
def test_numbers_are_converted(name, given):
    vector = getattr(Chunk(**{name: given}).validate(), name)
    assert vector == [1.0, 2.0]
    assert {*map(type, vector)} == {float}


def test_a_binary_vector_is_rounded_to_what_is_stored():
    chunk = Chunk(short=[0.1, 2])
    assert chunk.short[0] == pytest.approx(0.1, abs=1e-8)
    assert chunk.short[0] != 0.1
    assert Chunk.from_mongo(chunk.to_mongo()).short == chunk.short


@pytest.mark.parametrize(
    ('name', 'given', 'messages'),
    [
        ('vector', 'ab', 'invalid value type'),
        ('vector', 5, 'invalid value type'),
        ('vector', [1], 'length is not 2'),
        ('vector', [1, 2, 3], 'length is not 2'),
        ('vector', [1, 'x'], {1: 'invalid value type'}),
        ('vector', [None, [1]], {0: 'none value is not allowed', 1: 'invalid value type'}),
        ('vector', [1, float('nan')], {1: 'value is not a finite number'}),
        ('short', [float('inf'), 1], {0: 'value is not a finite number'}),
        ('short', [1, 1e300], {1: 'value is not a finite number'}),
        ('short', [1, 'x'], {1: 'invalid value type'}),
    ],
)
def test_what_is_no_vector_is_refused(name, given, messages):
    with pytest.raises(ValidationError) as refused:
        Chunk(**{name: given}).validate()
    assert refused.value.as_dict() == {name: messages}


def test_an_item_that_was_changed_is_validated():
    chunk = Chunk(vector=[1, 2]).validate()
    chunk.vector[0] = 1
    with pytest.raises(ValidationError):
        chunk.validate()


@pytest.mark.parametrize('name', ['vector', 'short'])
def test_both_forms_are_read(sync_db, name):
    key = getattr(Chunk, name).s
    Chunk.coll(sync_db).insert_many([{key: BINARY}, {key: [0.5, -2.0]}])
    for chunk in Chunk.q(sync_db).find():
        assert getattr(chunk.validate(), name) == [0.5, -2.0]


def test_other_binary_data_is_kept(sync_db):
    Chunk.coll(sync_db).insert_one({'_id': 1, 'v': Binary(b'xy', 5)})
    chunk = Chunk.q(sync_db).get(1)
    assert chunk.vector == Binary(b'xy', 5)
    with pytest.raises(ValidationError):
        chunk.validate()


def test_an_update_stores_the_form_of_the_field():
    assert Chunk.vector.set([1, 2]) == {'$set': {'v': [1.0, 2.0]}}
    assert Chunk.short.set((0.5, -2)) == {'$set': {'short': BINARY}}
    with pytest.raises(QueryError, match=r'^Chunk\.short: 5 is not a vector of 2 components'):
        Chunk.short.set(5)


class Event(Document):
    version = ConstField(2, mongo_name='v')
    kind = ConstField('event')
    is_new = ConstField(True, required=False)
    rate = ConstField(0.5, allow_none=True, default=None)
    mark = ConstField(b'\0', required=False)


class Old(EmbeddedDocument):
    version = ConstField(1)


class Holder(Document):
    old = EmbDocField(Old, default=Old)


async def test_a_constant_is_the_default_and_is_stored(any_db):
    event = await settled(Event().validate().save(any_db))
    assert (event.version, event.kind, event.is_new, event.rate) == (2, 'event', None, None)
    [data] = await settled(Event.q(any_db).find().raw().to_list())
    assert data == {'_id': event._id, 'v': 2, 'kind': 'event', 'rate': None}
    assert (await settled(Event.q(any_db).get(event._id))).validate().version == 2
    assert Holder().old.version == 1


@pytest.mark.parametrize(
    ('name', 'given', 'message'),
    [
        ('version', 3, 'value is not 2'),
        ('version', True, 'value is not 2'),
        ('version', 2.0, 'invalid value type'),
        ('version', 'x', 'invalid value type'),
        ('version', None, 'none value is not allowed'),
        ('kind', 'other', 'value is not event'),
        ('is_new', 1, 'invalid value type'),
        ('is_new', False, 'value is not True'),
        ('mark', b'', "value is not b'\\x00'"),
    ],
)
def test_another_value_than_the_constant_is_refused(name, given, message):
    with pytest.raises(ValidationError) as refused:
        Event(**{name: given}).validate()
    assert refused.value.as_dict() == {name: message}


def test_the_text_of_a_constant_is_converted():
    event = Event(version='2', is_new='True', rate='0.5').validate()
    assert (event.version, event.is_new, event.rate) == (2, True, 0.5)
    assert (Event.version == 2) == {'v': 2}


class Odd(int):
    pass


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: VectorField(0), ValueError, 'size 0 must be an int from 1 on'),
        (lambda: VectorField('2'), ValueError, "size '2' must be an int from 1 on"),
        (lambda: VectorField(True), ValueError, 'size True must be'),
        (lambda: VectorField(2, default=[1]), ValueError, 'length is not 2'),
        (lambda: ConstField(None), TypeError, 'takes a str, int, float, bool or bytes, not None'),
        (lambda: ConstField([1]), TypeError, r'takes a str, int, float, bool or bytes, not \[1\]'),
        (lambda: ConstField(Odd(1)), TypeError, 'takes a str, int, float'),
        (lambda: ConstField(2**64), ValueError, 'cannot be stored'),
        (lambda: ConstField('\ud800'), ValueError, 'cannot be stored'),
        (lambda: ConstField(float('nan')), ValueError, 'is not equal to itself'),
        (lambda: ConstField(1, default=2), ValueError, 'default 2 is refused by its own field'),
        (lambda: ConstField(1, choices=[1]), ValueError, 'choices of a ConstField have no meaning'),
    ],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})
