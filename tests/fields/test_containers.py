"""Containers in containers: tracked changes, copies, transactions, and values of any kind."""

import copy
import os
import pickle
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiomongodel import (
    AnyField,
    ConstField,
    DateTimeField,
    DecimalField,
    DictField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    MapField,
    RefField,
    SetField,
    StrField,
    TupleField,
    UnionField,
    ValidationError,
    VectorField,
    transaction,
)
from aiomongodel.errors import NESTED_TOO_DEEPLY
from tests.drivers import entered, settled
from tests.properties.helpers import within
from tests.properties.hostile import HOSTILE
from tests.properties.strategies import DATES, DECIMALS, GARBAGE, INTS, JSON, TEXT, WORDS
from tests.properties.test_from_data import WAYS

FEW = settings(
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '40')),
    derandomize='CI' in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Part(EmbeddedDocument):
    number = IntField(required=False, mongo_name='n')
    words = SetField(StrField(), required=False)
    sum = DecimalField(required=False)
    parts = MapField(EmbDocField(lambda: Part), required=False)
    any = UnionField(EmbDocField(lambda: Part), DecimalField(), StrField(), required=False)


class Other(EmbeddedDocument):
    number = IntField()


class User(Document):
    _id = StrField()


class Box(Document):
    data = DictField(required=False)
    map = MapField(EmbDocField(Part), required=False, mongo_name='m')
    lists = MapField(ListField(EmbDocField(Part)), required=False)
    sums = MapField(DecimalField(), required=False)
    words = SetField(StrField(allow_blank=True), required=False, mongo_name='w')
    numbers = SetField(DecimalField(), required=False)
    users = SetField(RefField(User), required=False)
    anything = SetField(AnyField(), required=False)
    pair = TupleField(EmbDocField(Part), SetField(IntField()), required=False)
    union = UnionField(
        EmbDocField(Part),
        EmbDocField(Other),
        SetField(IntField()),
        TupleField(StrField(allow_blank=True), FloatField()),
        DateTimeField(),
        StrField(allow_blank=True),
        required=False,
    )
    unions = ListField(UnionField(IntField(), MapField(FloatField())), required=False)
    constant = ConstField(1, required=False)
    vector = VectorField(2, required=False)
    short = VectorField(2, binary=True, required=False)

    class Meta:
        track_changes = True


FIELDS = [name for name in Box.meta.fields if name != '_id']


def box_of_all():
    return Box(
        data={'a': {'b': [1]}, 'c': 2},
        map={'x': {'number': 1}, 'y': {'number': 2}},
        lists={'x': [{'number': 1}]},
        sums={'eur': '1.5'},
        words={'b', 'c'},
        numbers={'3', '2.5', '10'},
        pair=({'number': 1}, [2, 1]),
        union={'number': 5},
        unions=[1, {'a': 2.0}],
        vector=[1, 2],
        short=[1, 2],
    )


# Tracked changes.


def change_of(name, change, update):
    return pytest.param(name, change, update, id=str(update)[:60])


CHANGES = [
    change_of('sums', lambda box: box.sums.update(usd=Decimal(2)), {'$set': {'sums.usd'}}),
    change_of('sums', lambda box: box.sums.pop('eur'), {'$unset': {'sums.eur'}}),
    change_of('data', lambda box: box.data['a']['b'].append(2), {'$push': {'data.a.b'}}),
    change_of('data', lambda box: box.data.update({'0': 1}), {'$set': {'data.0'}}),
    change_of('map', lambda box: setattr(box.map['x'], 'number', 7), {'$set': {'m.x.n'}}),
    change_of('map', lambda box: box.map['x'].any, {}),
    change_of('map', lambda box: setattr(box.map['x'], 'words', {'q'}), {'$set': {'m.x.words'}}),
    change_of('lists', lambda box: box.lists['x'].append(Part()), {'$push': {'lists.x'}}),
    change_of('words', lambda box: box.words.add('a'), {'$set': {'w'}}),
    change_of('words', lambda box: box.words.discard('c'), {'$set': {'w'}}),
    change_of('words', lambda box: box.words.update('b'), {}),
    change_of('numbers', lambda box: box.numbers.add(Decimal(7)), {'$set': {'numbers'}}),
    change_of('pair', lambda box: box.pair[1].add(3), {'$set': {'pair.1'}}),
    change_of('pair', lambda box: setattr(box.pair[0], 'number', 3), {'$set': {'pair.0.n'}}),
    change_of('union', lambda box: setattr(box.union, 'number', 6), {'$set': {'union.n'}}),
    change_of('union', lambda box: setattr(box, 'union', {1}), {'$set': {'union'}}),
    change_of('unions', lambda box: box.unions[1].update(b=1.0), {'$set': {'unions.1.b'}}),
    change_of('vector', lambda box: setattr(box, 'vector', [1, 3]), {'$set': {'vector.1'}}),
    change_of('short', lambda box: setattr(box, 'short', [1, 3]), {'$set': {'short'}}),
]


@pytest.mark.parametrize('is_loaded', [True, False])
@pytest.mark.parametrize(('name', 'change', 'update'), CHANGES)
def test_a_change_within_a_container_is_saved(sync_db, name, change, update, is_loaded):
    box = box_of_all().save(sync_db)
    if is_loaded:
        box = Box.q(sync_db).get(box._id)
    assert not box.is_changed()
    change(box)
    assert {key: {*paths} for key, paths in box.changes().items()} == update
    assert box.is_changed(name) == box.is_changed() == bool(update)
    assert box.save_changes(sync_db) is box
    assert not box.is_changed()
    assert Box.q(sync_db).get(box._id).to_mongo() == box.to_mongo()


async def test_changes_are_saved_through_each_driver(any_db):
    box = await settled(box_of_all().save(any_db))
    box.words.add('a')
    box.map['z'] = Part(number=3)
    await settled(box.save_changes(any_db))
    loaded = await settled(Box.q(any_db).get(box._id))
    assert (loaded.words, loaded.map['z'].number) == ({'a', 'b', 'c'}, 3)


def test_a_set_that_was_stored_in_another_order_is_changed_as_a_whole(sync_db):
    box = Box().save(sync_db)
    Box.coll(sync_db).update_one({}, {'$set': {'w': ['c', 'a', 'a']}})
    box.reload(sync_db)
    assert box.words == {'a', 'c'}
    assert not box.is_changed()
    box.words.remove('c')
    box.words.add('b')
    box.save_changes(sync_db)
    assert Box.coll(sync_db).find_one({})['w'] == ['a', 'b']


@pytest.mark.parametrize('stored', [{'m': {'x': {'sum': '1.5'}}}, {'pair': [{'sum': '1.5'}, []]}])
def test_reading_what_is_stored_in_another_form_is_no_change(sync_db, stored):
    Box.coll(sync_db).insert_one(stored)
    box = Box.q(sync_db).find_one({})
    part = box.map['x'] if 'm' in stored else box.pair[0]
    assert part.sum == Decimal('1.5')
    assert not box.is_changed()
    assert box.changes() == {}


def test_a_change_of_a_set_that_somebody_else_has_changed_is_refused(sync_db):
    from aiomongodel import StaleDocumentError

    box = Box(words={'a'}).save(sync_db)
    box.words.add('b')
    Box.q(sync_db).update_one({}, Box.words.add_to_set('c'))
    with pytest.raises(StaleDocumentError):
        box.save_changes(sync_db)


def test_one_key_of_a_map_can_be_asked_for(sync_db):
    box = Box(sums={'a': 1, 'b': 2}, data={'x': {'y': 1}}, map={'x': {'number': 1}}).save(sync_db)
    box.sums['a'] = Decimal(3)
    box.data['x']['y'] = 2
    box.map['x'].number = 2
    assert [box.is_changed(Box.sums[key]) for key in 'abc'] == [True, False, False]
    assert box.is_changed('data.x.y')
    assert not box.is_changed(Box.data['x.z'])
    assert box.is_changed(Box.map['x'][Part.number])
    with pytest.raises(ValueError, match='Box has no field'):
        box.is_changed('words.a')


# Copies, and what an aborted transaction puts back.


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda box: pickle.loads(pickle.dumps(box))])
def test_a_copy_shares_nothing(copied):
    for box in (box_of_all(), Box.from_mongo(box_of_all().to_mongo())):
        before = box.to_mongo()
        other = copied(box)
        assert other == box
        other.words.add('x')
        other.map['x'].number = 9
        other.pair[1].add(9)
        other.sums['x'] = Decimal(1)
        assert box.to_mongo() == before


def test_what_to_mongo_gives_shares_nothing_with_the_document():
    box = box_of_all()
    before = box.to_mongo()
    data = box.to_mongo()
    data['data']['a']['b'].append(5)
    data['sums'].clear()
    data['w'].append('x')
    data['vector'].clear()
    data['pair'][1].append(9)
    assert box.to_mongo() == before
    assert {type(data[key]) for key in ('w', 'numbers', 'pair')} == {list}


async def test_an_aborted_transaction_puts_containers_back(any_db):
    box = await settled(box_of_all().save(any_db))
    before = box.to_mongo()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the error is to leave the block
        async with entered(transaction(any_db)) as tx:
            await settled(box.save(tx))
            box.words.add('x')
            box.pair[1].add(9)
            box.pair[0].number = 9
            box.map['x'].words = {'q'}
            box.sums.clear()
            await settled(box.save(tx))
            raise ZeroDivisionError
    assert box.to_mongo() == before


# Values of any kind.


def from_mongo(model, data):
    return model.from_mongo({getattr(model, name).s: value for name, value in data.items()})


def messages_of(document):
    try:
        document.validate()
    except ValidationError as error:
        return error.as_dict() if str(error) else ''
    return None


@pytest.mark.parametrize('way', [*WAYS[:2], from_mongo])
@pytest.mark.parametrize('value', HOSTILE)
def test_whatever_is_set_is_accepted_or_refused(value, way):
    with within(20):
        for name in FIELDS:
            document = way(Box, {name: HOSTILE[value]()})
            assert messages_of(document) == messages_of(document)


@FEW
@given(st.dictionaries(st.sampled_from(FIELDS), GARBAGE), st.sampled_from([*WAYS, from_mongo]))
def test_random_values_are_accepted_or_refused(data, way):
    document = way(Box, data)
    assert messages_of(document) == messages_of(document)
    try:
        stored = document.to_mongo()
    except (ArithmeticError, ValueError):  # a Decimal that MongoDB does not know
        return
    assert messages_of(Box.from_mongo(stored)) is None or messages_of(document) is not None


@pytest.mark.parametrize('name', FIELDS)
def test_a_field_converts_whatever_it_is_given(name):
    field = Box.meta.fields[name]
    for make in HOSTILE.values():
        with within(20):
            field.from_data(make())
            field.from_mongo(make())
            try:
                field.to_mongo(make())
                field.validate(make())
            except (ValidationError, ArithmeticError):
                continue


def own_part():
    part = Part()
    part.parts = {'a': part, 'b': part}
    return part


def own_dict():
    data = {}
    data['a'] = data['b'] = [data, data]
    return data


def nested(depth, make):
    value = {}
    for _ in range(depth):
        value = make(value)
    return value


TOO_DEEP = {
    'a dict that holds itself': lambda: Box(data=own_dict()),
    'a document that holds itself': lambda: Box(map={'x': own_part()}),
    'in a list in a map': lambda: Box(lists={'x': [own_part()]}),
    'in a tuple': lambda: Box(pair=(own_part(), {1})),
    'in a union': lambda: Box(union=own_part()),
    'a deep dict': lambda: Box(data=nested(101, lambda value: {'a': value})),
    'a very deep dict': lambda: Box(data=nested(10_000, lambda value: {'a': [value]})),
}


@pytest.mark.parametrize('case', TOO_DEEP)
def test_what_holds_itself_or_nests_too_deeply_is_refused(case):
    with within(20):
        messages = messages_of(TOO_DEEP[case]())
    assert [*messages.values()] == [NESTED_TOO_DEEPLY]


@pytest.mark.parametrize('name', ['map', 'union', 'pair', 'lists'])
def test_deep_data_is_refused(name):
    deep = nested(10_000, lambda value: {'parts': {'a': value}})
    given = {'map': {'x': deep}, 'union': deep, 'pair': [deep, []], 'lists': {'x': [deep]}}
    with within(20):
        assert messages_of(Box(**{name: given[name]})) is not None


def test_a_recursive_class_of_containers_is_known_to_be_recursive():
    assert Part.meta.codec.is_recursive
    assert not Box.meta.codec.is_recursive


# What `validate` accepts, the server gives back as it was.

KEYS = WORDS.filter(lambda key: '\0' not in key and '.' not in key and not key.startswith('$'))
FLOATS = st.floats(allow_nan=False)
DECIMAL = DECIMALS.filter(lambda value: not value.is_nan())
PARTS = st.deferred(
    lambda: (
        st.fixed_dictionaries(
            {
                'number': INTS,
                'words': st.sets(WORDS, max_size=2),
                'parts': st.dictionaries(KEYS, PARTS, max_size=1),
                'any': PARTS | DECIMAL | WORDS,
            }
        )
        | st.fixed_dictionaries({'number': INTS})
    )
)
JSON_OF_KEYS = st.dictionaries(KEYS, st.recursive(
    st.none() | st.booleans() | INTS | FLOATS | TEXT | DATES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
), max_size=3)  # fmt: skip
PLAUSIBLE = {
    'data': JSON_OF_KEYS,
    'map': st.dictionaries(KEYS, PARTS, max_size=2),
    'lists': st.dictionaries(KEYS, st.lists(PARTS, max_size=2), max_size=2),
    'sums': st.dictionaries(KEYS, DECIMAL, max_size=3),
    'words': st.sets(TEXT, max_size=3),
    'numbers': st.sets(DECIMAL, max_size=4),
    'users': st.sets(WORDS, max_size=3),
    'anything': st.sets(INTS | TEXT | st.booleans() | DATES, max_size=4),
    'pair': st.tuples(PARTS, st.sets(INTS, max_size=3)),
    'union': PARTS
    | st.builds(Other, number=INTS)
    | st.sets(INTS, max_size=3)
    | st.tuples(TEXT, FLOATS)
    | DATES
    | TEXT,
    'unions': st.lists(INTS | st.dictionaries(KEYS, FLOATS, max_size=2), max_size=3),
    'constant': st.just(1),
    'vector': st.lists(FLOATS, min_size=2, max_size=2),
    'short': st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2),
}
BOXES = st.fixed_dictionaries({}, optional=PLAUSIBLE).map(lambda values: Box(**values))


def is_valid(box):
    return messages_of(box) is None


@FEW
@given(boxes=st.lists(BOXES.filter(is_valid), min_size=1, max_size=4))
async def test_what_is_valid_comes_back_from_the_server_as_it_was(any_db, boxes):
    query_set = Box.q(any_db)
    await settled(query_set.delete_many({}))
    await settled(query_set.insert_many([box.to_mongo() for box in boxes]))
    for box in boxes:
        loaded = await settled(query_set.get(box._id))
        assert loaded.validate().to_data() == box.to_data()
        assert loaded.to_mongo() == box.to_mongo()
        assert not loaded.is_changed()


@FEW
@given(first=BOXES.filter(is_valid), second=BOXES.filter(is_valid))
def test_saved_changes_make_one_document_of_another(sync_db, first, second):
    first.save(sync_db)
    box = Box.q(sync_db).get(first._id)
    for name in FIELDS:
        if name in second.to_data():
            setattr(box, name, getattr(second, name))
        elif name in box.to_data():
            delattr(box, name)
    box.save_changes(sync_db)
    loaded = Box.q(sync_db).get(first._id)
    assert {**loaded.to_data(), '_id': 1} == {**second.to_data(), '_id': 1}


@FEW
@given(box=BOXES.filter(is_valid), name=st.sampled_from(FIELDS), value=JSON | GARBAGE)
def test_an_update_by_a_field_stores_what_the_document_would(sync_db, box, name, value):
    from aiomongodel import QueryError

    field = getattr(Box, name)
    try:
        stored = field.set(value)['$set'][field.s]
    except QueryError:
        return
    setattr(box, name, value)
    if is_valid(box):
        assert stored == box.to_mongo()[field.s]
