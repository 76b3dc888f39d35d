"""How query sets, their subclasses and the classes of documents work together."""

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    MotorQuerySet,
    PartialDocumentError,
    QuerySet,
    StrField,
)
from tests.drivers import settled


class Address(EmbeddedDocument):
    city = StrField()


class Person(Document):
    name = StrField()
    address = EmbDocField(Address, required=False)

    class Meta:
        collection = 'people'


class Employee(Person):
    salary = IntField()

    class Meta:
        collection = 'people'


class Raw(Person):
    class Meta:
        collection = 'people'
        codec_options = CodecOptions(document_class=RawBSONDocument)


async def test_a_documents_own_class_says_what_is_stored(any_db):
    ann = Employee(name='Ann', salary=5)
    await settled(Person.q(any_db).save(ann))
    assert (await settled(Employee.q(any_db).get(ann._id))).salary == 5


async def test_a_document_is_reloaded_as_its_own_class(any_db):
    ann = await settled(Employee(name='Ann', salary=5).save(any_db))
    await settled(Person.q(any_db).update(ann, {'$set': {'salary': 6}}))
    assert ann.salary == 6


@pytest.mark.parametrize('projection', [None, {'name': 1, 'address': 1}])
async def test_raw_documents_are_loaded_with_a_projection_and_without(any_db, projection):
    await settled(Person(name='Ann', address={'city': 'Rome'}).save(any_db))
    ann = await settled(Raw.q(any_db).find_one({}, projection))
    assert (ann.name, ann.address.city) == ('Ann', 'Rome')
    assert ann.is_partial is (projection is not None)


class Counting(MotorQuerySet):
    """Counts what documents do through it."""

    called = ()

    def replace_one(self, *args, **kwargs):
        Counting.called += ('replace_one',)
        return super().replace_one(*args, **kwargs)

    def update_one(self, *args, **kwargs):
        Counting.called += ('update_one',)
        return super().update_one(*args, **kwargs)

    def delete_one(self, *args, **kwargs):
        Counting.called += ('delete_one',)
        return super().delete_one(*args, **kwargs)

    def find_one(self, *args, **kwargs):
        Counting.called += ('find_one',)
        return super().find_one(*args, **kwargs)


class SyncCounting(QuerySet):
    """Has no lines of its own: what its source overrides counts here too."""


class Counted(Document):
    number = IntField()

    class Meta:
        queryset = Counting
        sync_queryset = SyncCounting
        default_query = {'number': 1}


async def test_documents_go_through_the_methods_of_their_query_set(any_db, monkeypatch):
    monkeypatch.setattr(Counting, 'called', ())
    document = await settled(Counted(number=2).save(any_db))
    await settled(document.update(any_db, {'$set': {'number': 3}}))
    assert document.number == 3
    assert await settled(document.delete(any_db)) == 1
    assert Counting.called == ('replace_one', 'update_one', 'find_one', 'delete_one')


@pytest.mark.parametrize('pipeline', [{'$match': {}}, None, 'x', [5]])
async def test_a_pipeline_that_is_no_list_of_stages_is_refused(any_db, pipeline):
    with pytest.raises(TypeError, match='a pipeline on Counted must be a list of stages, not'):
        Counted.q(any_db).aggregate(pipeline)


async def test_the_default_query_is_no_filter_of_what_is_said_of_indexes(any_db):
    await settled(Counted(number=1).save(any_db))
    found = await settled(Counted.q(any_db).aggregate([{'$indexStats': {}}]).to_list(None))
    assert [index['name'] for index in found] == ['_id_']


async def test_an_order_among_the_drivers_own_arguments_wins_over_the_default(any_db):
    class Sorted(Document):
        number = IntField()

        class Meta:
            default_sort = [('number', 1)]

    for number in (1, 2):
        await settled(Sorted(number=number).save(any_db))
    found = Sorted.q(any_db).find({}, None, 0, 0, False, 0, [('number', -1)])
    assert [document.number for document in await settled(found.to_list())] == [2, 1]


def test_a_users_own_conversion_runs_once_for_a_document():
    calls = []

    class Own(IntField[int]):
        def to_mongo(self, value):
            calls.append(value)
            return value

    class Pair(Document):
        first = Own()
        second = IntField()

    assert Pair(first=1, _id=None).to_mongo() == {'first': 1, '_id': None}
    assert calls == [1]


@pytest.mark.parametrize('key', ['city', 0, None, Address])
def test_what_is_no_field_has_no_place_within(key):
    with pytest.raises(TypeError, match=r'Person\.address\[…\] takes a field of the documents'):
        Person.address[key]


async def test_a_getattr_of_ones_own_does_not_stand_in_the_way_of_saving(any_db):
    class Lenient(Document):
        def __getattr__(self, name):
            return 'x'

    document = await settled(Lenient().save(any_db))
    assert document.is_partial is False
    assert (await settled(Lenient.q(any_db).get(document._id))).is_partial is False


class Projecting(MotorQuerySet):
    async def find_one(self, query=None, *args, **kwargs):
        return await super().find_one(query, {'name': 1})


class SyncProjecting(QuerySet):
    pass


async def test_a_reload_through_a_projection_leaves_the_document_partial(any_db):
    class Narrow(Person):
        class Meta:
            collection = 'people'
            queryset = Projecting
            sync_queryset = SyncProjecting

    ann = await settled(Narrow(name='Ann', address={'city': 'Rome'}).save(any_db))
    await settled(ann.reload(any_db))
    with pytest.raises(PartialDocumentError):
        await settled(ann.save(any_db))
