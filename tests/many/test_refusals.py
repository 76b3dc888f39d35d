"""What cannot be written is refused before anything is."""

import math

import pymongo
import pytest
from bson.errors import InvalidDocument
from pymongo.errors import DocumentTooLarge, OperationFailure

from aiomongodel import (
    AnyField,
    DeleteMany,
    DeleteOne,
    Document,
    EmbeddedDocument,
    InsertOne,
    IntField,
    PartialDocumentError,
    ReplaceOne,
    StrField,
    UpdateMany,
    UpdateOne,
    ValidationError,
)
from tests.drivers import settled
from tests.many.helpers import Item, items, stored

METHODS = ['insert_many', 'save_all', 'delete_all', 'bulk_write']
STORING = ['insert_many', 'save_all', 'bulk_write']


class Other(Document):
    _id = IntField()


class Apart(Item):
    class Meta:
        collection = 'apart'


class Part(EmbeddedDocument):
    name = StrField()


class Loose(Document):
    _id = IntField()
    value = AnyField(required=False)

    def validate(self):
        if self.value == 'broken':
            raise LookupError('by the test')
        return super().validate()


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize('given', [None, 5, 'ab', b'ab', {'_id': 1}, Item(_id=1), Item])
async def test_what_is_no_list_is_refused(any_db, method, given):
    with pytest.raises(TypeError, match=rf'Item\.q\(db\)\.{method} takes a list, not '):
        await settled(getattr(Item.q(any_db), method)(given))


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize(
    'wrong', [None, 5, 'ab', [Item(_id=2)], Item, Other(_id=2), Part(name='a')]
)
async def test_what_is_no_document_of_the_class_is_refused_by_its_index(any_db, method, wrong):
    with pytest.raises(TypeError, match=rf'Item\.q\(db\)\.{method}, at index 1: .*Item'):
        await settled(getattr(Item.q(any_db), method)([Item(_id=1), wrong]))
    assert await stored(Item, any_db) == []


@pytest.mark.parametrize('method', METHODS)
async def test_a_document_of_a_subclass_with_another_collection_is_refused(any_db, method):
    words = "at index 1: Apart has the collection 'apart', and Item has 'item', where"
    with pytest.raises(TypeError, match=words):
        await settled(getattr(Item.q(any_db), method)([Item(_id=1), Apart(_id=2)]))
    assert await stored(Item, any_db) == []


@pytest.mark.parametrize('method', ['save_all', 'delete_all', 'bulk_write'])
async def test_a_dict_is_no_document_where_it_could_be_taken_for_a_query(any_db, method):
    await settled(Item.coll(any_db).insert_one({'_id': 1}))
    with pytest.raises(TypeError, match='at index 0'):
        await settled(getattr(Item.q(any_db), method)([{}]))
    assert await stored(Item, any_db) == [{'_id': 1}]


@pytest.mark.parametrize(
    ('operation', 'words'),
    [
        (InsertOne(5), 'is no Item'),
        (InsertOne(Other()), 'of the class Other, is no Item'),
        (ReplaceOne(5, {}), 'a query on Item must be a dict'),
        (ReplaceOne({}, 5), 'is no Item'),
        (ReplaceOne({}, {'$set': {'n': 'b'}}), 'use UpdateOne'),
        (UpdateOne(5, {'$set': {}}), 'a query on Item must be a dict'),
        (UpdateOne({}, {'n': 'b'}), 'must be a dict of operators'),
        (UpdateOne({}, {}), 'must be a dict of operators'),
        (UpdateOne({}, []), 'must be a dict of operators'),
        (UpdateMany({}, None), 'must be a dict of operators'),
        (DeleteOne(5), 'a query on Item must be a dict'),
        (DeleteOne(Other(_id=1)), 'of the class Other, is no Item'),
        (DeleteOne(Item(_id=None)), 'Item has no _id'),
        (DeleteMany('x'), 'a query on Item must be a dict'),
        (pymongo.InsertOne(Item(_id=1)), r'aiomongodel\.InsertOne takes a Item too'),
        (pymongo.IndexModel('n'), 'is neither an operation'),
    ],
)
async def test_an_operation_that_cannot_be_is_refused(any_db, operation, words):
    with pytest.raises((TypeError, ValueError), match=rf'bulk_write, at index 1: .*{words}'):
        await settled(Item.q(any_db).bulk_write([Item(_id=1), operation]))
    assert await stored(Item, any_db) == []


async def test_an_option_that_the_driver_does_not_know_is_refused(any_db):
    operation = UpdateOne({}, {'$set': {'n': 'a'}}, upset=True)
    with pytest.raises(TypeError, match='upset') as caught:
        await settled(Item.q(any_db).bulk_write([Item(_id=1), operation]))
    assert caught.value.__notes__ == ['in Item.q(db).bulk_write, at index 1']
    assert await stored(Item, any_db) == []


@pytest.mark.parametrize('method', ['save_all', 'delete_all', 'bulk_write', 'bulk'])
@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'size': 0}, 'size of Item.* at least 1, not 0'),
        ({'size': True}, 'size of Item.* at least 1, not True'),
        ({'size': math.inf}, 'size of Item.* at least 1, not inf'),
        ({'ordered': None}, 'ordered of Item.* True or False, not None'),
        ({'progress': 5}, 'progress of Item.* a function, not 5'),
    ],
)
async def test_options_that_cannot_be_meant_are_refused(any_db, method, options, words):
    args = [] if method == 'bulk' else [[]]
    with pytest.raises((TypeError, ValueError), match=words):
        await settled(getattr(Item.q(any_db), method)(*args, **options))


# Documents.


@pytest.mark.parametrize('method', STORING)
async def test_all_documents_are_validated_before_anything_is_written(any_db, method):
    given = [Item(_id=1), Item(_id='x'), Item(_id=2), Item(_id=3, name='long' * 9)]
    with pytest.raises(ValidationError) as caught:
        await settled(getattr(Item.q(any_db), method)(given))
    assert caught.value.as_dict() == {
        1: {'_id': 'invalid value type'},
        3: {'name': 'length is greater than 20'},
    }
    assert isinstance(caught.value.error[1], ValidationError)
    assert await stored(Item, any_db) == []


async def test_documents_within_operations_are_validated(any_db):
    operations = [InsertOne(Item(_id=1)), InsertOne({'_id': 'x'}), ReplaceOne({}, Item(_id='y'))]
    with pytest.raises(ValidationError) as caught:
        await settled(Item.q(any_db).bulk_write(operations))
    assert list(caught.value.error) == [2]
    assert await stored(Item, any_db) == []


@pytest.mark.parametrize('method', STORING)
async def test_another_error_of_a_validation_keeps_its_type(any_db, method):
    given = [Loose(_id=1), Loose(_id=2, value='broken')]
    with pytest.raises(LookupError, match='by the test') as caught:
        await settled(getattr(Loose.q(any_db), method)(given))
    assert caught.value.__notes__ == [f'in Loose.q(db).{method}, at index 1']
    assert await stored(Loose, any_db) == []


@pytest.mark.parametrize('method', STORING)
async def test_a_document_that_was_loaded_in_part_is_refused(any_db, method):
    await settled(Item.q(any_db).insert_many(items('a')))
    part = await settled(Item.q(any_db).find_one({}, ['_id']))
    words = rf'{method}, at index 1: Item with the _id 1 was loaded through a projection'
    with pytest.raises(PartialDocumentError, match=words):
        await settled(getattr(Item.q(any_db), method)([Item(_id=2), part]))
    assert await stored(Item, any_db) == [{'_id': 1, 'n': 'a'}]


@pytest.mark.parametrize('method', ['save_all', 'delete_all', 'bulk_write'])
async def test_a_document_without_an_id_is_refused(any_db, method):
    with pytest.raises(ValueError, match='at index 1: Item has no _id'):
        await settled(getattr(Item.q(any_db), method)([Item(_id=1), Item(name='a')]))
    assert await stored(Item, any_db) == []


# What the driver cannot send.

TOO_LARGE = 'x' * (17 * 1024 * 1024)


@pytest.mark.parametrize(('value', 'error'), [({1}, InvalidDocument), (2**70, OverflowError)])
@pytest.mark.parametrize('size', [1, 10])
@pytest.mark.parametrize('method', STORING)
async def test_what_cannot_be_stored_is_named_before_anything_is_written(
    any_db, value, error, size, method
):
    options = {} if method == 'insert_many' else {'size': size}
    given = [Loose(_id=1), Loose(_id=2), Loose(_id=3, value=value)]
    with pytest.raises(error) as caught:
        await settled(getattr(Loose.q(any_db), method)(given, **options))
    assert f'in Loose.q(db).{method}, at index 2' in caught.value.__notes__
    assert await stored(Loose, any_db) == []


@pytest.mark.parametrize(
    'operation',
    [
        UpdateOne({}, {'$set': {'value': {1}}}),
        UpdateMany({'value': {1}}, {'$set': {'value': 1}}),
        DeleteMany({'value': {1}}),
        pymongo.DeleteMany({'value': {1}}),
        pymongo.UpdateOne({}, [{'$set': {'value': {1}}}]),
    ],
)
@pytest.mark.parametrize('size', [1, 10])
async def test_a_query_or_an_update_that_cannot_be_sent_is_named(any_db, operation, size):
    with pytest.raises(InvalidDocument) as caught:
        await settled(Loose.q(any_db).bulk_write([Loose(_id=1), operation], size=size))
    assert 'in Loose.q(db).bulk_write, at index 1' in caught.value.__notes__
    assert await stored(Loose, any_db) == []


@pytest.mark.parametrize('method', ['save_all', 'bulk_write'])
async def test_what_is_too_large_for_a_later_batch_is_named(any_db, method):
    given = [Loose(_id=1), Loose(_id=2, value=TOO_LARGE)]
    with pytest.raises(DocumentTooLarge, match='a document of 178') as caught:
        await settled(getattr(Loose.q(any_db), method)(given, size=1))
    assert f'in Loose.q(db).{method}, at index 1' in caught.value.__notes__
    assert await stored(Loose, any_db) == []


@pytest.mark.parametrize('method', STORING)
async def test_what_is_too_large_is_named_in_the_refusal_of_the_server(any_db, method):
    given = [Loose(_id=1), Loose(_id=2, value=TOO_LARGE)]
    with pytest.raises(OperationFailure) as caught:  # of all, or a BulkError
        await settled(getattr(Loose.q(any_db), method)(given))
    assert 'at index 1' in '\n'.join([str(caught.value), *caught.value.__notes__])
    assert [data['_id'] for data in await stored(Loose, any_db)] in ([], [1])
