"""The field of values that are computed of their document."""

import copy
import pickle
from decimal import Decimal

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import (
    ComputedField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    MapField,
    PartialDocumentError,
    QueryError,
    SequenceField,
    StrField,
    SynonymField,
    ValidationError,
)
from aiomongodel.domain import to_query
from tests.drivers import settled


class Item(EmbeddedDocument):
    price = DecimalField()
    number = IntField(default=1)
    cost = ComputedField(lambda item: item.price * item.number, DecimalField(), stored=True)


def total_of(order):
    """Give the sum of what the items cost."""
    return sum(item.cost for item in order.items)


class Order(Document):
    _id = IntField()
    items = ListField(EmbDocField(Item), default=list)
    note = StrField(required=False)
    total = ComputedField(total_of, DecimalField(lte=100), stored=True, mongo_name='t')
    count = ComputedField(lambda order: len(order.items), IntField(lt=5))
    first = ComputedField(
        lambda order: order.items[0].price if order.items else None,
        DecimalField(required=False),
        stored=True,
    )
    sum = SynonymField(total)

    class Meta:
        track_changes = True


def order_of(*prices, **values):
    """Make an order of items of some prices."""
    return Order(_id=1, items=[{'price': price} for price in prices], **values)


def pickled(order):
    return pickle.loads(pickle.dumps(order))


# Reading.


def test_it_is_computed_each_time_that_it_is_read():
    order = order_of(5, 7)
    assert (order.total, order.count, order.first) == (Decimal(12), 2, Decimal(5))
    order.items.append(Item(price=1, number=3))
    assert (order.total, order.sum, order.count) == (Decimal(15), Decimal(15), 3)
    assert not {'total', 'count', 'first'} & set(vars(order))


def test_what_the_function_gives_is_converted_as_a_value_that_is_set():
    class Page(Document):
        title = StrField()
        length = ComputedField(lambda page: f'{len(page.title)}', IntField())

    assert Page(title='Home').length == 4


def test_the_function_may_be_a_method():
    class Page(Document):
        title = StrField()

        def _length(self):
            return len(self.title)

        length = ComputedField(_length, IntField())

    assert Page(title='Home').length == 4


def test_an_exception_of_the_function_keeps_its_type_and_names_the_field():
    order = Order(_id=1, items=None)
    for read in (lambda: order.total, order.to_mongo):
        with pytest.raises(TypeError) as caught:
            read()
        assert caught.value.__notes__ == ['in Order.total']


def test_subclasses_compute_of_their_own():
    class Page(Document):
        title = StrField()
        length = ComputedField(lambda page: len(page.title), IntField(), stored=True)

    class Post(Page):
        tags = ListField(StrField(), default=list)
        length = ComputedField(lambda post: len(post.tags), IntField())

    post = Post(_id='65df1f77bcf86cd799439011', title='Home')
    assert (post.length, 'length' in post.to_mongo()) == (0, False)


@pytest.mark.parametrize('copied', [copy.copy, copy.deepcopy, pickled])
def test_copies_compute_it_too(copied):
    order = copied(order_of(5))
    order.items.append(Item(price=1))
    assert (order.total, order.count) == (6, 2)


# It cannot be set.


@pytest.mark.parametrize(
    'put',
    [
        lambda order: setattr(order, 'total', 5),
        lambda order: setattr(order, 'sum', Decimal(5)),
        lambda order: order.populate_with_data({'note': 'new', 'total': 5}),
        lambda order: order.populate_with_data({'note': 'new', 'sum': 5}),
    ],
    ids=['attribute', 'synonym', 'populate', 'populate by synonym'],
)
def test_it_cannot_be_set(put):
    order = order_of(1, note='old')
    with pytest.raises(
        AttributeError, match=r'^Order\.total is computed, and cannot be set to .*5'
    ):
        put(order)
    assert (order.total, order.note) == (1, 'old')


def test_it_cannot_be_deleted():
    with pytest.raises(AttributeError, match=r'Order\.count is '):
        del order_of(1).count


@pytest.mark.parametrize('name', ['total', 'count', 'sum'])
def test_a_new_document_ignores_it(name):
    data = {'_id': 1, 'items': [{'price': 5}], name: 9}
    for order in (Order(**data), Order.from_data(data)):
        assert getattr(order, name) == (1 if name == 'count' else 5)


# The forms of a document.


def test_what_is_stored_is_in_the_stored_form_alone():
    order = order_of('2.50')
    assert order.to_mongo() == {
        '_id': 1,
        'items': [{'price': Decimal128('2.50'), 'number': 1, 'cost': Decimal128('2.50')}],
        't': Decimal128('2.50'),
        'first': Decimal128('2.50'),
    }
    assert list(order.to_data()) == ['_id', 'items']


def test_a_document_as_a_dict_has_it():
    order = order_of('2.50')
    found = order.to_dict()
    assert (found['total'], found['count'], found['first']) == (Decimal('2.50'), 1, Decimal('2.50'))
    assert order.to_dict(mode='json')['total'] == '2.50'
    assert 'first' not in order_of().to_dict()
    assert Order.from_data(order.to_dict()).to_mongo() == order.to_mongo()


def test_none_is_no_value_where_the_result_is_not_required():
    assert order_of().first is None
    assert 'first' not in order_of().validate().to_mongo()


def test_none_is_stored_where_the_result_may_be_none():
    class Page(Document):
        title = ComputedField(lambda _: None, StrField(allow_none=True), stored=True)

    assert Page(_id='65df1f77bcf86cd799439011').validate().to_mongo()['title'] is None


@given(st.lists(st.decimals(0, 20, places=2), max_size=4))
def test_what_is_loaded_and_stored_again_is_the_same(prices):
    order = order_of(*prices)
    stored = order.to_mongo()
    loaded = Order.from_mongo(stored)
    assert loaded.to_mongo() == stored
    assert (loaded.total, loaded.count) == (order.total, order.count)
    assert loaded.is_changed() is False


# Validation.


def test_it_is_validated_by_the_rules_of_its_result():
    with pytest.raises(ValidationError) as refused:
        order_of(*[30] * 5).validate()
    assert refused.value.as_dict() == {
        'total': 'value is greater than 100',
        'count': 'value should be less than 5',
    }


def test_a_result_that_is_none_is_refused_where_it_is_required():
    class Page(Document):
        title = ComputedField(lambda _: None, StrField())

    with pytest.raises(ValidationError) as refused:
        Page().validate()
    assert refused.value.as_dict() == {'title': 'none value is not allowed'}


def test_nothing_is_computed_of_what_is_not_valid():
    with pytest.raises(ValidationError) as refused:
        Order(_id=1, items=5).validate()
    assert refused.value.as_dict() == {'items': 'invalid value type'}
    with pytest.raises(ValidationError) as refused:
        Order(_id=1, items=[{}]).validate()
    assert refused.value.as_dict() == {'items': {0: {'price': 'field is required'}}}


def test_validators_of_the_result_are_called():
    def refuse_odd(value):
        if value % 2:
            raise ValidationError('value is odd')

    class Page(Document):
        size = IntField()
        twice = ComputedField(lambda page: page.size + 1, IntField(validators=[refuse_odd]))

    Page(size=1).validate()
    with pytest.raises(ValidationError, match='value is odd'):
        Page(size=2).validate()


def test_schemas_have_the_rules_of_its_result():
    properties = Order.json_schema()['properties']
    assert properties['count'] == {'type': 'integer', 'exclusiveMaximum': 5, 'readOnly': True}
    stored = Order.mongo_schema()
    assert list(stored['properties']) == ['_id', 'items', 'note', 't', 'first']
    assert stored['properties']['t'] == {'bsonType': 'decimal', 'maximum': 100}
    assert stored['required'] == ['_id', 'items']


# Queries and updates.


async def test_what_is_stored_can_be_queried_and_sorted(any_db):
    for _id, prices in enumerate([[5], [7, 8], [3]]):
        order = order_of(*prices)
        order._id = _id
        await settled(order.validate().save(any_db))
    query_set = Order.q(any_db)
    found = await settled(query_set.find(Order.total > '4').sort(Order.total.desc()).to_list())
    assert found.ids == [1, 0]
    assert await settled(query_set.count_documents(Order.first == 3)) == 1
    assert await settled(query_set.distinct(Order.total)) == [Decimal(3), Decimal(5), Decimal(15)]
    assert await settled(query_set.count_documents(Order.items.cost >= 7)) == 1


def test_a_query_converts_as_the_result_does():
    assert (Order.total == 5) == {'t': Decimal128('5')}
    assert Order.total.in_(['1']) == {'t': {'$in': [Decimal128('1')]}}
    assert Order.total.asc() == ('t', 1)
    with pytest.raises(QueryError, match=r'^Order\.total: \[5\] is not of type Decimal'):
        _ = Order.total > [5]


def test_a_query_in_memory_computes_it():
    assert (Order.total > 4).matches(order_of(5))
    assert not (Order.total > 6).matches(order_of(5))


@pytest.mark.parametrize(
    'ask',
    [
        lambda: Order.count > 5,
        lambda: Order.count == 5,
        lambda: Order.count.in_([5]),
        lambda: Order.count.exists(),
        lambda: Order.count.asc(),
        lambda: Order.count.set(5),
        lambda: Order.count.s,
    ],
)
def test_what_is_not_stored_is_refused_in_queries(ask):
    with pytest.raises(QueryError, match=r'^Order\.count is computed'):
        ask()


def test_filters_from_outside_are_converted_and_refused_alike():
    query = to_query(Order, [['total', '>', '4']])
    assert query == {'t': {'$gt': Decimal128('4')}}
    with pytest.raises(QueryError, match=r'Order\.count is computed and not stored'):
        to_query(Order, [['count', '>', '4']])


def test_what_is_not_stored_is_refused_in_orders_and_projections(sync_db):
    for ask in (lambda find: find.sort(Order.count), lambda find: find.only(Order.count)):
        with pytest.raises(QueryError, match=r'^Order\.count is computed and not stored'):
            ask(Order.q(sync_db).find())


UPDATES = {
    'set': lambda field: field.set(5),
    'set_on_insert': lambda field: field.set_on_insert(5),
    'unset': lambda field: field.unset(),
    'rename': lambda field: field.rename('other'),
    'current_date': lambda field: field.current_date(),
    'inc': lambda field: field.inc(),
    'mul': lambda field: field.mul(2),
    'min': lambda field: field.min(5),
    'max': lambda field: field.max(5),
    'push': lambda field: field.push(5),
    'add_to_set': lambda field: field.add_to_set(5),
    'pull': lambda field: field.pull(5),
    'pull_all': lambda field: field.pull_all([5]),
    'pop': lambda field: field.pop(),
}


@pytest.mark.parametrize('update', UPDATES.values(), ids=UPDATES)
def test_no_update_can_change_it(update):
    with pytest.raises(QueryError, match=r'^Order\.total is computed when its document is written'):
        update(Order.total)
    with pytest.raises(QueryError, match=r'^Item\.cost is computed when its document is written'):
        update(Order.items[0][Item.cost])


# Stored documents.


async def test_what_is_stored_does_not_count_for_what_is_read(any_db):
    order = await settled(order_of(5).save(any_db))
    await settled(Order.q(any_db).update_one({}, {'$set': {'t': Decimal128('99')}}))
    loaded = await settled(Order.q(any_db).get(1))
    assert loaded.total == 5
    await settled(loaded.save(any_db))
    assert (await settled(Order.coll(any_db).find_one({})))['t'] == Decimal128('5')
    await settled(order.reload(any_db))
    assert order.total == 5


async def test_a_change_of_what_it_is_computed_of_changes_it_too(any_db):
    await settled(order_of(5).save(any_db))
    order = await settled(Order.q(any_db).get(1))
    assert (order.is_changed(), order.is_changed(Order.total)) == (False, False)
    order.items[0].number = 2
    assert order.is_changed(Order.total)
    assert order.changes()['$set'] == {
        'items.0.number': 2,
        'items.0.cost': Decimal128('10'),
        't': Decimal128('10'),
    }
    await settled(order.save_changes(any_db))
    assert (await settled(Order.coll(any_db).find_one({})))['t'] == Decimal128('10')
    assert order.changes() == {}


async def test_a_value_that_is_gone_is_unset(any_db):
    order = await settled(order_of(5).save(any_db))
    order.items = []
    await settled(order.save_changes(any_db))
    stored = await settled(Order.coll(any_db).find_one({}))
    assert stored == {'_id': 1, 'items': [], 't': Decimal128('0')}


async def test_an_update_by_query_leaves_what_is_stored(any_db):
    await settled(order_of(5).save(any_db))
    query_set = Order.q(any_db)
    order, is_new = await settled(query_set.update_or_create(Order._id == 1, {'items': []}))
    assert (order.total, is_new) == (0, False)
    assert (await settled(Order.coll(any_db).find_one({})))['t'] == Decimal128('5')
    order, is_new = await settled(query_set.update_or_create(Order._id == 2, {'note': 'new'}))
    assert (order.total, is_new) == (0, True)
    with pytest.raises(QueryError, match=r'^Order\.total is computed, and cannot be set'):
        await settled(query_set.update_or_create(Order._id == 1, {'total': 5}))


# Parts of documents.


async def part(db, *fields):
    """Give a part of the order that is stored."""
    await settled(order_of(5, note='old').save(db))
    return await settled(Order.q(db).find().only(*fields).first())


async def test_a_part_reads_what_is_stored_where_that_was_loaded(any_db):
    order = await part(any_db, Order.total)
    assert (order.total, order.is_changed()) == (Decimal(5), False)
    assert order.to_mongo() == {'_id': 1, 't': Decimal128('5')}


async def test_a_part_that_lacks_it_computes_it_of_what_is_there(any_db):
    order = await part(any_db, Order.note)
    with pytest.raises(TypeError) as caught:
        _ = order.total
    assert 'in Order.total' in caught.value.__notes__
    assert order.to_mongo() == {'_id': 1, 'note': 'old'}
    assert (await part(any_db, Order.items)).total == 5


@pytest.mark.parametrize('fields', [[Order.note], [Order.note, Order.total], [Order.items]])
async def test_changes_of_a_part_are_refused_as_it_would_not_follow(any_db, fields):
    order = await part(any_db, *fields)
    await settled(order.save_changes(any_db))
    order.note = 'new'
    assert order.changes() == {'$set': {'note': 'new'}}
    with pytest.raises(
        PartialDocumentError, match=r'^Order with the _id 1 was loaded through a pr'
    ):
        await settled(order.save_changes(any_db))
    assert (await settled(Order.coll(any_db).find_one({})))['note'] == 'old'


class Rectangle(EmbeddedDocument):
    width = IntField()
    height = IntField()
    area = ComputedField(lambda it: it.width * (it.height or 0), IntField(), stored=True)


class Plan(Document):
    _id = IntField()
    room = EmbDocField(Rectangle)
    rooms = ListField(MapField(EmbDocField(Rectangle)), default=list)
    note = StrField(required=False)

    class Meta:
        track_changes = True


@pytest.mark.parametrize('field', [Plan.room.width, Plan.rooms])
async def test_changes_of_a_part_of_an_embedded_document_are_refused(any_db, field):
    plan = Plan(_id=1, room=Rectangle(width=2, height=3), rooms=[{'a': {'width': 1, 'height': 2}}])
    await settled(plan.save(any_db))
    part = await settled(Plan.q(any_db).find().only(field, Plan.note).first())
    part.note = 'new'
    await settled(part.save_changes(any_db))
    for room in [part.room] if part.room else part.rooms[0].values():
        room.width = 5
    with pytest.raises(PartialDocumentError, match=r'^Plan with the _id 1 was loaded through a pr'):
        await settled(part.save_changes(any_db))
    assert (await settled(Plan.q(any_db).get(1))).room.area == 6


# Definitions.


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: ComputedField(5, IntField()), TypeError, 'function must be a plain function'),
        (lambda: ComputedField(settled, IntField()), TypeError, 'must be a plain function'),
        (lambda: ComputedField(len, int), TypeError, 'field must be a field of given values'),
        (lambda: ComputedField(len, Order.total), TypeError, 'must be a field of given values'),
        (lambda: ComputedField(len, SequenceField()), TypeError, 'must be a field of given value'),
        (
            lambda: ComputedField(len, IntField(), stored=1),
            ValueError,
            r'Wrong\.field: stored 1 mus',
        ),
        (lambda: ComputedField(len, IntField(gt='x')), ValueError, r'Wrong\.field: gt .x. must be'),
    ],
    ids=['no function', 'coroutine', 'class', 'computed', 'filled', 'stored', 'result'],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})


def test_it_stands_within_no_other_field():
    with pytest.raises(ValueError, match=r'^Page\.sizes: a ComputedField stands in the class'):
        type('Page', (Document,), {'sizes': ListField(ComputedField(len, IntField()))})


def test_it_is_no_id():
    with pytest.raises(ValueError, match=r"'Wrong\._id' field should be required"):
        type('Wrong', (Document,), {'_id': ComputedField(len, IntField(), stored=True)})


def test_a_class_without_one_is_compiled_as_before():
    class Page(Document):
        title = StrField()

    assert Page.meta.codec.stores_computed is False
    assert Page.meta.codec.given == Page.meta.fields == Page.meta.codec._stored
