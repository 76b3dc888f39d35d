"""The field of numbers that a counter in the database gives."""

import pytest
from pymongo import WriteConcern

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    InsertOne,
    IntField,
    ListField,
    MapField,
    QueryError,
    SequenceField,
    StrField,
    ValidationError,
    transaction,
)
from tests.concurrency.helpers import together
from tests.drivers import entered, settled


class Invoice(Document):
    number = SequenceField(start=100, step=10, mongo_name='n')
    customer = StrField(default='Ann')


class Ticket(Document):
    _id = SequenceField()
    title = StrField(default='Home')

    class Meta:
        track_changes = True


WRITES = {
    'create': lambda db: Invoice.q(db).create(),
    'save': lambda db: Invoice().save(db),
    'insert': lambda db: Invoice().save(db, do_insert=True),
    'insert_many': lambda db: Invoice.q(db).insert_many([Invoice()]),
    'save_all': lambda db: Invoice.q(db).save_all([Invoice()]),
    'bulk_write': lambda db: Invoice.q(db).bulk_write([InsertOne(Invoice())]),
    'get_or_create': lambda db: Invoice.q(db).get_or_create({'customer': 'Eve'}),
}


async def numbers(db, cls=Invoice):
    """Give the stored numbers of all documents, in their order."""
    field = cls.number if cls is Invoice else cls._id
    return sorted(each[field.s] for each in await settled(cls.q(db).find().raw().to_list()))


@pytest.mark.parametrize('write', WRITES.values(), ids=WRITES)
async def test_each_write_of_a_new_document_takes_the_next_number(any_db, write):
    for _ in range(2):
        await settled(write(any_db))
    assert len(await numbers(any_db)) in (1, 2)
    assert (await numbers(any_db))[0] == 100
    assert await settled(Invoice.number.current(any_db)) == (await numbers(any_db))[-1]


async def test_the_document_in_memory_has_its_number_too(any_db):
    invoice = Invoice().validate()
    assert invoice.number is None
    await settled(invoice.save(any_db))
    assert invoice.number == 100
    await settled(invoice.save(any_db))
    assert invoice.number == 100
    assert (await settled(Invoice.q(any_db).get(invoice._id))).number == 100


async def test_a_number_that_is_given_stays_and_takes_none(any_db):
    await settled(Invoice(number='7').save(any_db))
    assert await numbers(any_db) == [7]
    assert await settled(Invoice.number.current(any_db)) is None


async def test_it_serves_as_the_id(any_db):
    first = await settled(Ticket.q(any_db).create())
    second = await settled(Ticket().validate().save(any_db))
    await settled(Ticket.q(any_db).insert_many([Ticket(), Ticket()]))
    assert (first._id, second._id) == (1, 2)
    assert await numbers(any_db, Ticket) == [1, 2, 3, 4]
    assert (await settled(Ticket.q(any_db).get(2)))._id == 2


async def test_many_documents_take_their_numbers_by_one_call(any_db, monkeypatch):
    calls = []
    take = SequenceField._take

    async def counted(field, db, count):
        calls.append(count)
        return await take(field, db, count)

    monkeypatch.setattr(SequenceField, '_take', counted)
    documents = [Invoice(number=5) if n == 500 else Invoice() for n in range(1001)]
    await settled(Invoice.q(any_db).insert_many(documents))
    assert calls == [1000]
    assert [each.number for each in documents[:3]] == [100, 110, 120]
    assert await numbers(any_db) == [5, *range(100, 10100, 10)]


async def test_next_current_and_reset_are_there_to_be_called(any_db):
    field = Invoice.number
    assert await settled(field.current(any_db)) is None
    assert [await settled(field.next(any_db)) for _ in range(2)] == [100, 110]
    assert await settled(field.current(any_db)) == 110
    await settled(field.reset(any_db, 500))
    assert [await settled(field.next(any_db)) for _ in range(2)] == [500, 510]
    await settled(field.reset(any_db))
    assert await settled(field.next(any_db)) == 100


async def test_the_counter_is_one_document_that_anyone_can_read(any_db):
    await settled(Invoice.q(any_db).create())
    counters = any_db.get_collection('sequences')
    assert await settled(counters.find_one({})) == {'_id': 'invoice.n', 'value': 100}


async def test_counters_have_the_names_that_are_given(any_db):
    class Part(Document):
        number = SequenceField(sequence='shared', collection='counters')

    class Whole(Document):
        number = SequenceField(sequence='shared', collection='counters')

    one = await settled(Part().save(any_db))
    other = await settled(Whole().save(any_db))
    assert (one.number, other.number) == (1, 2)
    counters = any_db.get_collection('counters')
    assert await settled(counters.find_one({})) == {'_id': 'shared', 'value': 2}


async def test_a_step_may_lead_down(any_db):
    class Countdown(Document):
        left = SequenceField(start=2, step=-2)

    documents = [Countdown() for _ in range(3)]
    await settled(Countdown.q(any_db).insert_many(documents))
    last = await settled(Countdown().save(any_db))
    assert [each.left for each in (*documents, last)] == [2, 0, -2, -4]


async def test_subclasses_go_on_with_the_numbers_of_their_base(any_db):
    class Receipt(Invoice):
        pass

    await settled(Invoice().save(any_db))
    assert (await settled(Receipt().save(any_db))).number == 110
    assert Receipt.number.counter_id == 'invoice.n'


# Transactions.


async def test_an_aborted_transaction_leaves_a_gap_and_no_number_in_memory(any_db):
    invoice = Invoice()

    async def fail():
        async with entered(transaction(any_db)) as tx:
            await settled(invoice.save(tx))
            assert invoice.number == 100
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert invoice.number is None
    assert await numbers(any_db) == []
    assert (await settled(invoice.save(any_db))).number == 110


async def test_a_transaction_keeps_nobody_waiting_for_a_number(any_db):
    await settled(Invoice.q(any_db).create_collection())
    async with entered(transaction(any_db)) as tx:
        mine = await settled(Invoice().save(tx))
        other = await settled(Invoice().save(any_db))
        last = await settled(Invoice.number.next(tx))
    assert (mine.number, other.number, last) == (100, 110, 120)
    assert await numbers(any_db) == [100, 110]


async def test_unacknowledged_writes_have_numbers_of_their_own(any_db):
    query_set = Invoice.q(any_db).with_options(write_concern=WriteConcern(w=0))
    documents = [Invoice(), Invoice()]
    for document in documents:
        await settled(query_set.save(document))
    assert [each.number for each in documents] == [100, 110]


async def test_the_counter_is_as_safe_as_can_be_whatever_the_database_asks_for(any_db):
    hasty = any_db.with_options(write_concern=WriteConcern(w=0))
    counters = Invoice.number._counters(hasty)
    assert counters.write_concern.document == {'w': 'majority'}
    for number in (5, 7):
        await settled(Invoice.number.reset(hasty, number))
        assert await settled(Invoice.number.next(hasty)) == number


# Many at once.


async def test_writers_at_once_get_each_number_once(any_db):
    async def write():
        for _ in range(10):
            await settled(Invoice().save(any_db))
            await settled(Invoice.q(any_db).insert_many([Invoice(), Invoice()]))

    await together(any_db, [write] * 8)
    assert await numbers(any_db) == [*range(100, 100 + 240 * 10, 10)]


@pytest.mark.parametrize('attempt', range(5))
async def test_the_first_of_all_writers_make_one_counter(any_db, attempt):
    async def write():
        await settled(Ticket().save(any_db, do_insert=True))

    await together(any_db, [write] * 16)
    assert await numbers(any_db, Ticket) == [*range(1, 17)]
    assert await settled(any_db.get_collection('sequences').count_documents({})) == 1


async def test_a_counter_that_another_makes_in_between_is_found(any_db, monkeypatch):
    counters = any_db.get_collection('sequences')
    find = SequenceField._counters

    class Late:
        """A collection in which another writer is first, once."""

        def __init__(self, collection):
            self.collection = collection
            self.find_one_and_update = collection.find_one_and_update

        async def insert_one(self, document, **options):
            if await settled(counters.count_documents({})) == 0:
                await settled(counters.insert_one({'_id': document['_id'], 'value': 100}))
            return await self.collection.insert_one(document, **options)

    monkeypatch.setattr(SequenceField, '_counters', lambda self, db: Late(find(self, db)))
    assert (await settled(Invoice().save(any_db))).number == 110


# What is left alone.


async def test_a_part_of_a_document_keeps_the_number_that_was_not_loaded(any_db):
    class Page(Document):
        number = SequenceField()
        title = StrField(default='Home')

        class Meta:
            track_changes = True

    await settled(Page().save(any_db))
    page = await settled(Page.q(any_db).find_one({}, [Page.title]))
    page.title = 'Start'
    await settled(page.save_changes(any_db))
    stored = await settled(Page.coll(any_db).find_one({}))
    assert (stored['number'], stored['title']) == (1, 'Start')
    assert await settled(Page.number.current(any_db)) == 1


def test_a_value_that_is_set_is_validated():
    with pytest.raises(ValidationError) as refused:
        Invoice(number='x').validate()
    assert refused.value.as_dict() == {'number': 'invalid value type'}


def test_schemas_say_that_it_is_a_number_which_need_not_be_given():
    assert Invoice.json_schema()['properties']['number'] == {'type': 'integer'}
    assert 'number' not in Invoice.json_schema()['required']
    assert Invoice.mongo_schema()['properties']['n']['bsonType'][:2] == ['int', 'long']
    assert 'n' not in Invoice.mongo_schema()['required']


def test_it_is_queried_as_a_number():
    assert (Invoice.number >= '110') == {'n': {'$gte': 110}}
    with pytest.raises(QueryError, match=r"^Invoice\.number: 'x' is not of type int"):
        Invoice.number.set('x')


@pytest.mark.parametrize('value', ['5', 1.5, True, 2**63, -(2**63)])
def test_a_reset_to_what_is_no_number_is_refused(sync_db, value):
    with pytest.raises(QueryError, match=r'^Invoice\.number: .* is not an int'):
        Invoice.number.reset(sync_db, value)
    assert sync_db.list_collection_names() == []


@pytest.mark.parametrize('method', ['next', 'current', 'reset'])
def test_what_is_no_database_is_refused(method):
    with pytest.raises(TypeError, match=rf'^Invoice\.number\.{method} takes a database'):
        getattr(Invoice.number, method)('users')


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'start': '1'}, "start '1' must be an int"),
        ({'start': 2**63}, 'must be an int that MongoDB can hold'),
        ({'step': 0}, 'step 0 leaves one number'),
        ({'step': True}, 'step True must be an int'),
        ({'sequence': ''}, "sequence '' must be a str"),
        ({'collection': 'a$b'}, r"collection 'a\$b' must be a str without"),
        ({'collection': 'a..b'}, r"collection 'a\.\.b' must be a str without"),
    ],
)
def test_a_wrong_definition_is_refused(options, message):
    with pytest.raises(ValueError, match=rf'^Wrong\.field: .*{message}'):
        type('Wrong', (Document,), {'field': SequenceField(**options)})


class Mixin:
    number = SequenceField()


class Abstract(Document):
    number = SequenceField()

    class Meta:
        abstract = True


@pytest.mark.parametrize('bases', [(Mixin, Document), (Abstract,)], ids=['mixin', 'abstract'])
def test_a_counter_without_a_name_is_refused(bases):
    with pytest.raises(ValueError, match=r"^Page\.number: .*has none; name it by sequence='…'"):
        type('Page', bases, {})


def test_an_abstract_class_has_no_counter(sync_db):
    with pytest.raises(QueryError, match=r'^Abstract\.number has no counter'):
        Abstract.number.next(sync_db)


def test_it_stands_in_no_embedded_document():
    with pytest.raises(ValueError, match=r'Part\.number gets its value when its document is wri'):
        type('Part', (EmbeddedDocument,), {'number': SequenceField()})


@pytest.mark.parametrize('make', [ListField, MapField], ids=['list', 'map'])
def test_it_stands_within_no_other_field(make):
    with pytest.raises(ValueError, match=r'^Page\.numbers: a SequenceField stands in the class'):
        type('Page', (Document,), {'numbers': make(SequenceField())})


async def test_mixins_name_their_counter(any_db):
    class Numbered:
        number = SequenceField(sequence='pages')

    class Page(Numbered, Document):
        pass

    assert (await settled(Page().save(any_db))).number == 1


class Inner(EmbeddedDocument):
    size = IntField()


def test_documents_within_do_not_matter():
    class Box(Document):
        inner = EmbDocField(Inner)
        number = SequenceField()

    assert Box(inner={'size': 1}).validate().to_mongo()['inner'] == {'size': 1}


async def test_save_all_gives_new_documents_their_id(any_db):
    tickets = [Ticket(), Ticket(_id=9), Ticket()]
    await settled(Ticket.q(any_db).save_all(tickets))
    assert [ticket._id for ticket in tickets] == [1, 9, 2]
    assert not any(ticket.is_changed() for ticket in tickets)
    assert set(await settled(Ticket.q(any_db).distinct(Ticket._id))) == {1, 2, 9}
