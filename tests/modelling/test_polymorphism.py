"""Classes that share a collection, by the name that is stored with each document."""

import copy
import gc
import pickle

import pymongo
import pytest
from pymongo import ReturnDocument

from aiomongodel import (
    DeleteMany,
    DeleteOne,
    Document,
    DocumentNotFoundError,
    InsertOne,
    IntField,
    LockField,
    ReplaceOne,
    RevisionField,
    StrField,
    SynonymField,
    UnknownClassError,
    UpdateMany,
    UpdateOne,
)
from tests.drivers import each, settled


class Animal(Document):
    _id = IntField()
    name = StrField(mongo_name='n', required=False)

    class Meta:
        discriminator = '_cls'


class Pet(Animal):
    class Meta:
        abstract = True


class Dog(Pet):
    breed = StrField(required=False)


class Puppy(Dog):
    class Meta:
        discriminator_value = 'pup'


class Cat(Pet):
    lives = IntField(default=9)


STORED = [
    {'_id': 1, 'n': 'Old'},
    {'_id': 2, 'n': 'Any', '_cls': 'Animal'},
    {'_id': 3, 'n': 'Rex', '_cls': 'Dog', 'breed': 'collie'},
    {'_id': 4, 'n': 'Bit', '_cls': 'pup'},
    {'_id': 5, 'n': 'Tom', '_cls': 'Cat', 'lives': 7},
]
KINDS = {1: Animal, 2: Animal, 3: Dog, 4: Puppy, 5: Cat}
DOGS = [3, 4]


@pytest.fixture
async def zoo(any_db):
    """A database with a document of each kind, and one from before there were kinds."""
    await settled(any_db['animal'].insert_many([{**data} for data in STORED]))
    return any_db


async def stored(db, _id):
    return await settled(db['animal'].find_one({'_id': _id}))


async def ids(cursor):
    return sorted([document._id async for document in each(cursor)])


def animals():
    """Give a class like Animal, below which a test makes others."""

    class Beast(Document):
        _id = IntField()
        name = StrField(mongo_name='n', required=False)

        class Meta:
            discriminator = '_cls'
            collection = 'animal'

    return Beast


def bred(name, base=Document, **options):
    """Give a class with the options in its Meta."""
    return type(base)(name, (base,), {'Meta': type('Meta', (), options)})


# Loading.


async def test_a_query_on_the_parent_gives_each_document_as_its_class(zoo):
    found = {document._id: document async for document in each(Animal.q(zoo).find())}
    assert {_id: type(document) for _id, document in found.items()} == KINDS
    assert (found[3].breed, found[5].lives) == ('collie', 7)


@pytest.mark.parametrize(
    ('model', 'expected'),
    [(Animal, [1, 2, 3, 4, 5]), (Dog, [3, 4]), (Puppy, [4]), (Cat, [5])],
    ids=lambda each: getattr(each, '__name__', ''),
)
async def test_a_class_finds_its_own_documents_and_those_of_its_subclasses(zoo, model, expected):
    assert await ids(model.q(zoo).find()) == expected
    assert await settled(model.q(zoo).count_documents()) == len(expected)


async def test_a_class_that_is_made_after_documents_were_loaded_is_found(zoo):
    base = animals()
    await settled(zoo['animal'].insert_one({'_id': 6, '_cls': 'Bird'}))
    with pytest.raises(UnknownClassError):
        await settled(base.q(zoo).get(6))
    bird = bred('Bird', base)
    assert type(await settled(base.q(zoo).get(6))) is bird


async def test_a_class_finds_documents_of_a_subclass_that_is_made_later(zoo):
    cat = bred('Cat', animals())
    assert await ids(cat.q(zoo).find()) == [5]
    lion = bred('Lion', cat)
    await settled(lion.q(zoo).create(_id=6))
    assert await ids(cat.q(zoo).find()) == [5, 6]


READS = {
    'find_one': lambda dogs: dogs.find_one({'_id': 5}),
    'get': lambda dogs: dogs.get(5),
    'get_or_none': lambda dogs: dogs.get_or_none(5),
    'first': lambda dogs: dogs.first({'_id': 5}),
    'exists': lambda dogs: dogs.exists({'_id': 5}),
    'count_documents': lambda dogs: dogs.count_documents({'_id': 5}),
    'distinct': lambda dogs: dogs.distinct(Dog.name, {'_id': 5}),
    'sum': lambda dogs: dogs.sum(Dog._id, {'_id': 5}),
    'max': lambda dogs: dogs.max(Dog._id, {'_id': 5}),
    'sample': lambda dogs: dogs.sample(1, {'_id': 5}),
    'update_one': lambda dogs: dogs.update_one({'_id': 5}, {'$set': {'n': 'x'}}),
    'update_many': lambda dogs: dogs.update_many({'_id': 5}, {'$set': {'n': 'x'}}),
    'replace_one': lambda dogs: dogs.replace_one({'_id': 5}, {'n': 'x'}),
    'delete_one': lambda dogs: dogs.delete_one({'_id': 5}),
    'delete_many': lambda dogs: dogs.delete_many({'_id': 5}),
    'find_one_and_update': lambda dogs: dogs.find_one_and_update({'_id': 5}, Dog.name.set('x')),
    'find_one_and_replace': lambda dogs: dogs.find_one_and_replace({'_id': 5}, {'n': 'x'}),
    'find_one_and_delete': lambda dogs: dogs.find_one_and_delete({'_id': 5}),
}


@pytest.mark.parametrize('read', READS.values(), ids=READS)
async def test_no_operation_of_a_class_reaches_a_document_of_another(zoo, read):
    try:
        found = await settled(read(Dog.q(zoo)))
    except DocumentNotFoundError:
        found = None
    assert not found
    assert await stored(zoo, 5) == STORED[4]


@pytest.mark.parametrize(
    'operation',
    [
        UpdateOne({'_id': 5}, {'$set': {'n': 'x'}}),
        UpdateMany({'_id': 5}, {'$set': {'n': 'x'}}),
        ReplaceOne({'_id': 5}, {'n': 'x'}),
        DeleteOne({'_id': 5}),
        DeleteMany({'_id': 5}),
    ],
    ids=lambda operation: type(operation).__name__,
)
async def test_no_operation_of_a_bulk_write_does(zoo, operation):
    result = await settled(Dog.q(zoo).bulk_write([operation]))
    assert (result.matched, result.deleted) == (0, 0)
    assert await stored(zoo, 5) == STORED[4]


async def test_pymongos_own_operations_would_and_are_refused(zoo):
    with pytest.raises(TypeError, match=r'use aiomongodel\.DeleteMany'):
        await settled(Dog.q(zoo).bulk_write([pymongo.DeleteMany({})]))
    assert await settled(Animal.q(zoo).count_documents()) == len(STORED)
    await settled(Animal.q(zoo).bulk_write([pymongo.DeleteOne({'_id': 5})]))


async def test_an_aggregation_begins_with_the_documents_of_the_class(zoo):
    stages = [{'$match': {'_id': {'$gt': 1}}}, {'$project': {'n': 1}}, {'$sort': {'_id': 1}}]
    assert [data async for data in each(Dog.q(zoo).aggregate(stages))] == [
        {'_id': 3, 'n': 'Rex'},
        {'_id': 4, 'n': 'Bit'},
    ]
    assert await ids(Animal.q(zoo).aggregate([], into=Animal)) == [1, 2, 3, 4, 5]


async def test_pages_by_place_are_of_the_class(zoo):
    dogs = Dog.q(zoo).find().sort(Dog.name)
    first = await settled(dogs.after(None, 1))
    second = await settled(dogs.after(first.next_token, 1))
    assert [type(document) for document in (*first.items, *second.items)] == [Puppy, Dog]
    assert second.next_token is None


async def test_a_default_query_joins_with_the_class(zoo):
    dog = bred('Dog', animals())

    class Hound(dog):
        class Meta:
            default_query = {'n': {'$ne': 'Rex'}}

    hounds = [Hound(_id=6, name='Rex'), Hound(_id=7, name='Max')]
    await settled(Hound.q(zoo).insert_many(hounds))
    assert await ids(Hound.q(zoo).find()) == [7]
    assert await ids(Hound.q(zoo).aggregate([], into=Hound)) == [7]
    assert await ids(dog.q(zoo).find()) == [3, 6, 7]
    hounds[0].name = 'Moritz'
    assert (await settled(hounds[0].save(zoo)))._id == 6


async def test_a_query_set_without_its_default_query_is_still_of_the_class(zoo, db):
    dogs = Dog.q(db).clone()
    dogs.default_query = {}
    assert await ids(dogs.find()) == DOGS


def test_a_change_stream_leaves_out_documents_of_other_classes(db):
    dogs, animals = Dog.q(db), Animal.q(db)
    [stage] = dogs._own_events()
    now, before, unknown = stage['$match']['$or']
    assert now == {'fullDocument._cls': {'$in': ['Dog', 'pup']}}
    assert before == {
        'fullDocument': None,
        'fullDocumentBeforeChange._cls': {'$in': ['Dog', 'pup']},
    }
    assert unknown == {'fullDocument': None, 'fullDocumentBeforeChange': None}
    assert animals._own_events() == []


@pytest.mark.parametrize(
    ('data', 'passes'),
    [
        ({'fullDocument': {'_cls': 'Dog'}}, True),
        ({'fullDocument': {'_cls': 'Cat'}}, False),
        ({'fullDocument': {'n': 'x'}}, False),
        ({'fullDocumentBeforeChange': {'_cls': 'Cat'}}, False),
        ({'fullDocumentBeforeChange': {'_cls': 'pup'}}, True),
        ({'operationType': 'delete'}, True),
    ],
    ids=str,
)
async def test_the_stage_of_a_change_stream_lets_the_events_of_the_class_pass(any_db, data, passes):
    await settled(any_db['events'].insert_one(data))
    dogs = Dog.q(any_db)
    [stage] = getattr(dogs, '_source', dogs)._own_events()
    found = await settled(any_db['events'].count_documents(stage['$match']))
    assert bool(found) is passes


# Storing.


@pytest.mark.parametrize(('model', 'name'), [(Animal, 'Animal'), (Dog, 'Dog'), (Puppy, 'pup')])
async def test_each_class_stores_its_name_however_it_is_written(any_db, model, name):
    documents = [model(_id=number, name='x') for number in range(4)]
    await settled(documents[0].save(any_db))
    await settled(documents[1].save(any_db, do_insert=True))
    await settled(model.q(any_db).insert_many([documents[2]]))
    await settled(Animal.q(any_db).bulk_write([InsertOne(documents[3])]))
    await settled(model.q(any_db).create(_id=4, name='x'))
    documents[1].name = 'y'
    await settled(Animal.q(any_db).save_all(documents[1:2]))
    found = [data async for data in each(any_db['animal'].find())]
    assert [data['_cls'] for data in found] == [name] * 5


async def test_the_name_is_no_field_and_no_attribute(zoo):
    rex = await settled(Dog.q(zoo).get(3))
    assert 'Dog' not in rex.to_data().values()
    assert not hasattr(rex, '_cls')
    assert '_cls' not in vars(rex)
    assert '_cls' not in Dog.meta.fields


async def test_a_document_from_before_gets_the_name_when_it_is_saved(zoo):
    old = await settled(Animal.q(zoo).get(1))
    await settled(old.save(zoo))
    assert await stored(zoo, 1) == {**STORED[0], '_cls': 'Animal'}


@pytest.mark.parametrize('model', [Animal, Dog, Puppy])
async def test_a_dict_that_is_stored_without_a_name_gets_that_of_the_class(any_db, model):
    name, models = model.meta.discriminator_value, model.q(any_db)
    await settled(models.insert_one({'_id': 1}))
    await settled(models.insert_many([{'_id': 2}]))
    await settled(models.bulk_write([InsertOne({'_id': 3})]))
    await settled(models.replace_one({'_id': 1}, {'n': 'x'}))
    await settled(models.find_one_and_replace({'_id': 2}, {'n': 'x'}))
    await settled(models.bulk_write([ReplaceOne({'_id': 3}, {'n': 'x'})]))
    found = [data async for data in each(any_db['animal'].find({'n': 'x'}))]
    assert [data['_cls'] for data in found] == [name] * 3


UPSERTS = {
    'upsert': lambda models, update: models.upsert({'_id': 1}, update),
    'update_one': lambda models, update: models.update_one({'_id': 1}, update, upsert=True),
    'positional': lambda models, update: models.update_one({'_id': 1}, update, True),
    'update_many': lambda models, update: models.update_many({'_id': 1}, update, upsert=True),
    'find_one_and_update': lambda models, update: models.find_one_and_update(
        {'_id': 1}, update, upsert=True, return_document=ReturnDocument.AFTER
    ),
    'bulk_write': lambda models, update: models.bulk_write(
        [UpdateOne({'_id': 1}, update, upsert=True)]
    ),
}


@pytest.mark.parametrize('model', [Animal, Dog, Puppy])
@pytest.mark.parametrize('upsert', UPSERTS.values(), ids=UPSERTS)
async def test_an_upsert_stores_the_name_of_the_class(any_db, upsert, model):
    await settled(upsert(model.q(any_db), {'$set': {'n': 'x'}}))
    found = await settled(model.q(any_db).get(1))
    assert type(found) is model
    assert (await stored(any_db, 1))['_cls'] == model.meta.discriminator_value


async def test_an_upsert_leaves_the_class_of_what_it_finds(zoo):
    for update in ({'$set': {'n': 'x'}}, {'$setOnInsert': {'n': 'y'}}):
        await settled(Dog.q(zoo).update_one({'_id': 4}, update, upsert=True))
    assert await stored(zoo, 4) == {'_id': 4, 'n': 'x', '_cls': 'pup'}


async def test_get_or_create_looks_among_the_class_and_makes_one_of_it(zoo):
    rex, is_new = await settled(Dog.q(zoo).get_or_create({'n': 'Rex'}, {'_id': 9}))
    assert (rex._id, is_new) == (3, False)
    tom, is_new = await settled(Dog.q(zoo).get_or_create({'n': 'Tom'}, {'_id': 9}))
    assert (type(tom), tom._id, is_new) == (Dog, 9, True)


async def test_update_or_create_looks_among_the_class_and_makes_one_of_it(zoo):
    tom, is_new = await settled(Dog.q(zoo).update_or_create({'_id': 9}, {'name': 'Tom'}))
    assert (type(tom), is_new) == (Dog, True)
    assert (await stored(zoo, 9))['_cls'] == 'Dog'


async def test_update_or_create_leaves_the_class_of_what_it_finds(zoo):
    bit, is_new = await settled(Animal.q(zoo).update_or_create({'n': 'Bit'}, {'name': 'Bob'}))
    assert (type(bit), is_new) == (Puppy, False)
    assert await stored(zoo, 4) == {'_id': 4, 'n': 'Bob', '_cls': 'pup'}


@pytest.mark.parametrize(
    'query', [{'_cls': 'pup'}, {'$and': [{'_id': 9}, {'_cls': 'pup'}]}, {'_cls': {'$eq': 'pup'}}]
)
async def test_an_upsert_whose_query_names_a_class_inserts_one_of_it(any_db, query):
    await settled(Dog.q(any_db).update_one(query, {'$set': {'n': 'x'}}, upsert=True))
    assert type(await settled(Animal.q(any_db).find_one({'n': 'x'}))) is Puppy


# Documents of other classes.


class Stone(Document):
    _id = IntField()
    name = StrField(default='stone')


@pytest.mark.parametrize('other', [Stone(_id=5), Cat(_id=5, name='Tim')])
async def test_a_replacement_of_another_class_is_refused(zoo, other):
    with pytest.raises(TypeError, match=f'of the class {type(other).__name__}, is no Dog'):
        await settled(Dog.q(zoo).find_one_and_replace({'_id': 3}, other))
    assert await stored(zoo, 3) == STORED[2]


@pytest.mark.parametrize(
    'write',
    [
        lambda q, stone: q.save(stone),
        lambda q, stone: q.save(stone, do_insert=True),
        lambda q, stone: q.update(stone, {'$set': {'n': 'x'}}),
        lambda q, stone: q.delete(stone),
        lambda q, stone: q.reload(stone),
    ],
)
async def test_a_document_of_another_collection_is_refused(zoo, write):
    with pytest.raises(TypeError, match="Stone has the collection 'stone', and Animal"):
        await settled(write(Animal.q(zoo), Stone(_id=3)))
    assert await stored(zoo, 3) == STORED[2]


# One document.


async def test_a_document_of_another_class_in_hand_is_found_by_its_id_alone(zoo):
    tom = await settled(Cat.q(zoo).get(5))
    tom.lives = 6
    await settled(Dog.q(zoo).save(tom))
    tom = await settled(tom.reload(zoo))
    tom = await settled(tom.update(zoo, {'$set': {'n': 'Tim'}}))
    assert await stored(zoo, 5) == {'_id': 5, 'n': 'Tim', '_cls': 'Cat', 'lives': 6}
    assert await settled(tom.delete(zoo)) == 1


async def test_a_reload_refuses_what_has_become_of_another_class(zoo):
    rex = await settled(Dog.q(zoo).get(3))
    for name in ('Cat', 'pup'):
        await settled(zoo['animal'].update_one({'_id': 3}, {'$set': {'_cls': name}}))
        with pytest.raises(UnknownClassError, match=f"the _cls '{name}'"):
            await settled(rex.reload(zoo))
    assert (type(rex), rex.breed) == (Dog, 'collie')


async def test_saved_changes_leave_the_name(any_db):
    class Book(Document):
        title = StrField()

        class Meta:
            discriminator = 'kind'
            track_changes = True

    class Novel(Book):
        author = StrField()

        class Meta:
            track_changes = True

    await settled(
        any_db['book'].insert_one({'_id': 1, 'title': 'a', 'author': 'b', 'kind': 'Novel'})
    )
    novel = await settled(Book.q(any_db).find_one({}))
    assert (type(novel), novel.changes()) == (Novel, {})
    novel.title = 'c'
    assert novel.changes() == {'$set': {'title': 'c'}}
    await settled(novel.save_changes(any_db))
    novel.revert()
    assert (await settled(Novel.q(any_db).find_one({}))).title == 'c'


@pytest.mark.parametrize(
    'copied', [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]
)
def test_a_copy_stores_the_same_name(copied):
    assert copied(Puppy(_id=1)).to_mongo() == {'_id': 1, '_cls': 'pup'}


async def test_guards_work_for_each_class(any_db):
    class Task(Document):
        revision = RevisionField()
        lock = LockField(lease=60)

        class Meta:
            discriminator = 'kind'

    class Job(Task):
        pass

    await settled(Task.q(any_db).create())
    job = await settled(Job.q(any_db).create())
    held = await settled(Job.q(any_db).try_lock({}))
    assert (held._id, type(held)) == (job._id, Job)
    await settled(held.save(any_db))
    await settled(held.update(any_db, {'$set': {'x': 1}}))
    assert (await settled(any_db['task'].find_one({'_id': job._id})))['kind'] == 'Job'


# Projections.


@pytest.mark.parametrize(
    'projection',
    [['n'], {'n': 1}, {'n': True, '_id': 0}, [Dog.name], {'n': 1, 'breed': {'$elemMatch': {}}}],
    ids=str,
)
async def test_a_projection_of_some_fields_loads_the_class_too(zoo, projection):
    if isinstance(projection, dict) and 'breed' in projection:
        projection = {'n': 1}
    found = await settled(Animal.q(zoo).find_one({'n': 'Rex'}, projection))
    by_name = await settled(Animal.q(zoo).find_one({'n': 'Rex'}, projection=projection))
    assert [(type(each), each.name, each.is_partial) for each in (found, by_name)] == [
        (Dog, 'Rex', True)
    ] * 2


async def test_a_cursor_of_some_fields_loads_the_class_too(zoo):
    only = await settled(Animal.q(zoo).find({'_id': 3}).only('n').one())
    bare = await settled(Animal.q(zoo).find({'_id': 3}).only().one())
    without = await settled(Animal.q(zoo).find({'_id': 3}).exclude(Animal.name).one())
    assert [type(each) for each in (only, bare, without)] == [Dog] * 3
    assert (only.name, without.breed) == ('Rex', 'collie')


@pytest.mark.parametrize('model', [Animal, Dog])
async def test_without_its_name_a_document_is_of_the_class_that_was_asked(zoo, model):
    found = await settled(model.q(zoo).find({'_id': 3}).exclude('_cls').one())
    assert (type(found), found.is_partial) == (model, True)


async def test_a_projection_that_only_cuts_lists_is_left_alone(zoo):
    await settled(zoo['animal'].update_one({'_id': 3}, {'$set': {'breed': ['a', 'b']}}))
    found = await settled(Animal.q(zoo).find_one({'_id': 3}, {'breed': {'$slice': 1}}))
    assert (type(found), found.name, found.breed) == (Dog, 'Rex', ['a'])


# Names of no class.


@pytest.mark.parametrize('name', ['Bird', 'Robot', 7, ['Dog'], {'a': 1}, ''], ids=str)
def test_a_name_of_no_class_is_refused_with_the_names_that_there_are(name):
    with pytest.raises(UnknownClassError) as caught:
        Pet.meta.family.root.from_mongo({'_id': 1, '_cls': name})
    error = caught.value
    assert (error.document_class, error.key, error.value) == (Animal, '_cls', name)
    assert {'Animal', 'Dog', 'pup', 'Cat'} <= set(error.known)
    assert "collection 'animal'" in str(error)
    assert repr(name) in str(error)


def test_a_class_beside_the_one_that_is_asked_for_is_refused():
    with pytest.raises(UnknownClassError, match="its names are 'Dog', 'pup'"):
        Dog.from_mongo({'_id': 1, '_cls': 'Cat'})
    with pytest.raises(UnknownClassError):
        Dog.from_mongo({'_id': 1, '_cls': 'Animal'})


def test_an_error_about_a_class_can_be_pickled():
    error = UnknownClassError(Dog, '_cls', 'x', ['Dog'])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.known) == (str(error), ['Dog'])


async def test_as_the_parent_a_document_of_no_class_keeps_all_that_it_has(any_db):
    class Thing(Document):
        name = StrField(mongo_name='n')

        class Meta:
            discriminator = 'kind'
            unknown_class = 'parent'

    data = {'_id': 1, 'wings': 2, 'kind': 'Bird', 'n': 'Tit', 'song': {'notes': [1]}}
    await settled(any_db['thing'].insert_one({**data}))
    bird = await settled(Thing.q(any_db).get(1))
    assert (type(bird), bird.name) == (Thing, 'Tit')
    assert bird.extra == {'wings': 2, 'song': {'notes': [1]}}
    bird.name = 'Tat'
    await settled(bird.save(any_db))
    found = await settled(any_db['thing'].find_one({}))
    assert list(found.items()) == list({**data, 'n': 'Tat'}.items())


async def test_a_document_of_no_class_has_not_changed_by_being_loaded(any_db):
    class Book(Document):
        title = StrField()

        class Meta:
            discriminator = 'kind'
            unknown_class = 'parent'
            track_changes = True

    await settled(any_db['book'].insert_one({'_id': 1, 'kind': 'Scroll', 'title': 'a', 'x': [1]}))
    scroll = await settled(Book.q(any_db).find_one({}))
    assert scroll.changes() == {}
    scroll.title = 'b'
    assert scroll.changes() == {'$set': {'title': 'b'}}
    scroll.extra['x'].append(2)
    assert scroll.changes() == {'$set': {'title': 'b'}, '$push': {'x': {'$each': [2]}}}
    scroll.revert()
    assert scroll.to_mongo() == {'_id': 1, 'kind': 'Scroll', 'title': 'a', 'x': [1]}


# What a class statement refuses.


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'discriminator': '$cls'}, 'does not start with'),
        ({'discriminator': 'a.b'}, 'neither a dot'),
        ({'discriminator': ''}, 'discriminator'),
        ({'discriminator': '_id'}, 'not _id'),
        ({'discriminator': 7}, 'discriminator 7'),
        ({'discriminator': 'k', 'discriminator_value': ''}, 'not empty'),
        ({'discriminator_value': 'x'}, 'discriminator_value'),
        ({'unknown_class': 'parent'}, 'unknown_class'),
        ({'discriminator': 'k', 'unknown_class': 'drop'}, "'raise' or 'parent'"),
        ({'discriminator': 'k', 'abstract': True}, 'no collection to be shared'),
    ],
    ids=str,
)
def test_options_that_cannot_work_are_refused(options, words):
    with pytest.raises(ValueError, match=words) as caught:
        bred('Wrong', **options)
    assert str(caught.value).endswith('in Wrong.Meta')


def test_another_discriminator_in_a_subclass_is_refused():
    base = animals()
    with pytest.raises(ValueError, match="Beast has '_cls', which its subclasses cannot change"):
        bred('Fish', base, discriminator='kind')
    assert bred('Fish', base, discriminator='_cls').meta.family is base.meta.family


def test_another_collection_in_a_subclass_is_refused():
    base = animals()
    with pytest.raises(ValueError, match="shares the collection 'animal' of Beast"):
        bred('Fish', base, collection='fish')
    assert bred('Fish', base, collection='animal').meta.collection_name == 'animal'


def test_a_discriminator_below_a_class_without_one_is_refused():
    plain = bred('Plain')
    with pytest.raises(ValueError, match=r'Plain, the parent, has none; set it in Plain\.Meta'):
        bred('Below', plain, discriminator='_cls')


def test_two_discriminators_above_one_class_are_refused():
    other = bred('Other', discriminator='kind')
    with pytest.raises(ValueError, match='each with a discriminator of its own'):
        type(Document)('Both', (Dog, other), {})


@pytest.mark.parametrize('base', [Document, Animal])
def test_a_field_that_is_stored_under_the_discriminator_is_refused(base):
    options = {'discriminator': '_cls'}
    with pytest.raises(ValueError, match=r'Fish\.kind is stored under this key'):
        type(base)(
            'Fish',
            (base,),
            {'kind': StrField(mongo_name='_cls'), 'Meta': type('Meta', (), options)},
        )


@pytest.mark.parametrize('key', ['kind', 'sort'])
def test_a_field_or_synonym_that_is_named_as_the_discriminator_is_refused(key):
    body = {'kind': StrField(mongo_name='k'), 'sort': SynonymField('kind')}
    with pytest.raises(ValueError, match=f"'{key}': Thing.{key} is a field of this name"):
        type('Thing', (Document,), {**body, 'Meta': type('Meta', (), {'discriminator': key})})


def test_a_second_class_of_one_name_is_refused_and_leaves_the_first():
    base = animals()

    class Fish(base):
        pass

    with pytest.raises(ValueError, match=r"Fish of .* is stored with the _cls 'Fish' already"):
        bred('Carp', base, discriminator_value='Fish')
    assert type(base.from_mongo({'_id': 1, '_cls': 'Fish'})) is Fish


def test_a_class_that_is_defined_anew_takes_the_place_of_the_old_one():
    base = animals()
    first, second = (bred('Fish', base) for _ in range(2))
    assert type(base.from_mongo({'_id': 1, '_cls': 'Fish'})) is second
    assert type(first.from_mongo({'_id': 1, '_cls': 'Fish'})) is first
    assert first(_id=1).to_mongo() == second(_id=1).to_mongo()


def test_a_class_that_is_gone_leaves_its_name_free():
    base = animals()
    bred('Eel', base, discriminator_value='snake')  # nobody holds it
    snake = bred('Snake', base, discriminator_value='snake')
    gc.collect()
    assert type(base.from_mongo({'_id': 1, '_cls': 'snake'})) is snake


def test_an_abstract_class_has_no_name():
    assert 'Pet' not in Animal.meta.family.names_within(Animal)
    with pytest.raises(ValueError, match='an abstract class are not stored'):
        bred('Fish', animals(), abstract=True, discriminator_value='x')


# Conversions of a class's own.


async def test_a_from_mongo_of_a_subclass_is_honoured(zoo):
    base = animals()

    class Hamster(base):
        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({**data, 'n': 'Hammy'})

    await settled(zoo['animal'].insert_one({'_id': 6, '_cls': 'Hamster', 'n': 'x'}))
    for model in (base, Hamster):
        found = await settled(model.q(zoo).get(6))
        assert (type(found), found.name) == (Hamster, 'Hammy')
    assert base.from_mongo({'_id': 6, '_cls': 'Hamster'}).name == 'Hammy'


def test_a_from_mongo_of_the_parent_is_called_once_for_a_subclass():
    calls = []

    class Thing(Document):
        class Meta:
            discriminator = 'kind'

        @classmethod
        def from_mongo(cls, data):
            calls.append(cls.__name__)
            return super().from_mongo(data)

    class Part(Thing):
        pass

    assert type(Thing.from_mongo({'_id': 1, 'kind': 'Part'})) is Part
    assert calls == ['Thing']
    assert type(Thing.meta.codec.loader({'_id': 1, 'kind': 'Part'})) is Part
    assert calls == ['Thing', 'Part']


# What a user gave.


def test_user_data_may_name_a_class_below_the_one_that_is_asked():
    rex = Animal.from_data({'_cls': 'Dog', '_id': '3', 'breed': 'collie'})
    assert (type(rex), rex._id, rex.breed) == (Dog, 3, 'collie')
    assert type(Animal.from_data({'_cls': 'Animal', '_id': 1})) is Animal
    assert type(Dog.from_data({'_id': 1})) is Dog


@pytest.mark.parametrize('name', ['Cat', 'Animal', 'Robot', 7, ['Dog']], ids=str)
def test_user_data_may_name_no_other_class(name):
    document = Dog.from_data({'_cls': name, '_id': 1})
    assert type(document) is Dog
    error = _error_of(document)
    assert error == {'_cls': 'value does not match any variant'}


def _error_of(document):
    try:
        document.validate()
    except Exception as error:  # noqa: BLE001 - its text is what the tests are about
        return error.as_dict()
    return None


def test_a_from_data_of_the_parent_is_called_once_for_a_subclass():
    class Name(str):
        pass

    class Thing(Document):
        name = StrField()

        class Meta:
            discriminator = 'kind'

        @classmethod
        def from_data(cls, data):
            return super().from_data({**data, 'name': data['name'] + '!'})

    class Part(Thing):
        pass

    for given, made in (('Thing', Thing), ('Part', Part), (Name('Thing'), Thing)):
        thing = Thing.from_data({'kind': given, 'name': 'a'})
        assert (type(thing), thing.name) == (made, 'a!')


@pytest.mark.parametrize('guard', [RevisionField, LockField])
def test_a_guard_that_the_parent_does_not_know_is_refused(guard):
    class Parent(Document):
        class Meta:
            discriminator = '_cls'

    told = (
        f'Child.mark: Parent, whose collection it shares, has no {guard.__name__} in '
        "'mark': update_many of Parent would pass by it; give Parent the field"
    )
    with pytest.raises(ValueError, match=told):
        type('Child', (Parent,), {'mark': guard()})


@pytest.mark.parametrize('guard', [RevisionField, LockField])
def test_a_guard_of_the_parent_is_inherited(guard):
    class Parent(Document):
        mark = guard()

        class Meta:
            discriminator = '_cls'

    class Child(Parent):
        pass

    assert Child.meta.guards == (Parent.mark,)
