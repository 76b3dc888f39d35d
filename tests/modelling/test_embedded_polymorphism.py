"""Embedded documents of several classes in one field, by the name that is stored with each."""

import copy
import pickle

import pytest

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    QueryError,
    StrField,
    UnknownClassError,
    ValidationError,
)
from tests.drivers import settled


class Shape(EmbeddedDocument):
    label = StrField(required=False)

    class Meta:
        abstract = True
        discriminator = '_cls'


class Circle(Shape):
    radius = FloatField(mongo_name='r', gt=0)


class Ring(Circle):
    hole = FloatField()

    class Meta:
        discriminator_value = 'ring'


class Group(Shape):
    shapes = ListField(EmbDocField(Shape), default=list)


class Note(EmbeddedDocument):
    """A parent that is no abstract class."""

    text = StrField(required=False)

    class Meta:
        discriminator = 'kind'


class Task(Note):
    is_done = IntField(default=0)


class Drawing(Document):
    _id = IntField()
    frame = EmbDocField(Shape, required=False)
    shapes = ListField(EmbDocField(Shape), required=False)
    round = EmbDocField(Circle, required=False)
    note = EmbDocField(Note, required=False)

    class Meta:
        track_changes = True


STORED = {
    '_id': 1,
    'frame': {'_cls': 'ring', 'r': 2.0, 'hole': 1.0},
    'shapes': [
        {'r': 1.0, '_cls': 'Circle'},
        {
            '_cls': 'Group',
            'shapes': [{'_cls': 'Circle', 'r': 3.0}, {'_cls': 'Group', 'shapes': []}],
        },
    ],
    'note': {'text': 'x', 'kind': 'Task', 'is_done': 1},
}
TASK_OF_OLD = {'text': 'from before there were kinds'}


def errors_of(document):
    try:
        document.validate()
    except ValidationError as error:
        return error.as_dict()
    return None


@pytest.fixture
async def drawing(any_db):
    await settled(any_db['drawing'].insert_one(copy.deepcopy(STORED)))
    return await settled(Drawing.q(any_db).get(1))


async def stored(db):
    return await settled(db['drawing'].find_one({}))


async def test_each_is_loaded_as_its_class(drawing):
    assert [type(shape) for shape in drawing.shapes] == [Circle, Group]
    assert [type(shape) for shape in drawing.shapes[1].shapes] == [Circle, Group]
    assert (type(drawing.frame), drawing.frame.hole, drawing.frame.radius) == (Ring, 1.0, 2.0)
    assert (type(drawing.note), drawing.note.is_done) == (Task, 1)


async def test_each_stores_its_name(any_db, drawing):
    drawing.shapes.append(Ring(radius=2, hole=1))
    drawing.shapes[1].shapes[0].radius = 4
    drawing.frame = Group(shapes=[Circle(radius=1)])
    drawing.note = Note(text='y')
    await settled(drawing.validate().save(any_db))
    found = await stored(any_db)
    assert found['shapes'][2] == {'r': 2.0, 'hole': 1.0, '_cls': 'ring'}
    assert found['shapes'][1]['shapes'][0] == {'_cls': 'Circle', 'r': 4.0}
    assert found['frame'] == {'_cls': 'Group', 'shapes': [{'_cls': 'Circle', 'r': 1.0}]}
    assert found['note'] == {'text': 'y', 'kind': 'Note'}


async def test_what_is_only_read_is_stored_as_it_was(any_db, drawing):
    assert drawing.shapes[1].shapes[0].radius == 3
    assert drawing.changes() == {}
    await settled(drawing.save(any_db))
    assert await stored(any_db) == STORED


async def test_changes_are_those_within(any_db, drawing):
    drawing.shapes[0].radius = 5
    drawing.frame.label = 'outer'
    assert drawing.changes() == {'$set': {'shapes.0.r': 5.0, 'frame.label': 'outer'}}
    assert drawing.is_changed(Drawing.shapes[Circle.radius])
    assert drawing.is_changed('frame.label')
    assert not drawing.is_changed(Drawing.frame[Ring.hole])
    await settled(drawing.save_changes(any_db))
    assert (await stored(any_db))['shapes'][0] == {'r': 5.0, '_cls': 'Circle'}


async def test_another_class_in_its_place_is_a_change_of_the_name_too(any_db, drawing):
    drawing.note = Note(text='x')
    await settled(drawing.save_changes(any_db))
    assert (await stored(any_db))['note'] == {'text': 'x', 'kind': 'Note'}


@pytest.mark.parametrize('given', [{'_cls': 'Circle', 'radius': '2'}, Circle(radius=2)], ids=type)
def test_user_data_becomes_the_class_that_it_names(given):
    drawing = Drawing(_id=1, frame=given, shapes=[given, {'_cls': 'Group', 'shapes': [given]}])
    assert [type(each) for each in (drawing.frame, *drawing.shapes)] == [Circle, Circle, Group]
    assert drawing.shapes[1].shapes[0].radius == 2.0
    assert drawing.validate().to_mongo()['frame'] == {'r': 2.0, '_cls': 'Circle'}
    drawing.frame = {'_cls': 'ring', 'radius': 3, 'hole': 1}
    assert type(drawing.frame) is Ring


@pytest.mark.parametrize('name', ['Drawing', 'Task', 'Note', 'Nothing', 7, ['ring'], {}], ids=str)
def test_user_data_can_name_no_class_beside_that_of_the_field(name):
    drawing = Drawing.from_data({'_id': 1, 'frame': {'_cls': name, 'text': 'x'}})
    assert type(drawing.frame) is Shape
    assert errors_of(drawing) == {'frame': {'_cls': 'value does not match any variant'}}


def test_a_field_of_a_subclass_takes_no_other_class():
    drawing = Drawing(_id=1, round={'_cls': 'Group', 'radius': 1})
    assert errors_of(drawing) == {'round': {'_cls': 'value does not match any variant'}}
    drawing.round = {'radius': 1}
    assert type(drawing.validate().round) is Circle
    drawing.round = Group()
    assert errors_of(drawing) == {'round': 'invalid value type'}


def test_a_document_of_an_abstract_class_is_not_valid():
    assert errors_of(Drawing(_id=1, frame={'label': 'x'})) == {
        'frame': {'_cls': 'field is required'}
    }
    assert errors_of(Drawing(_id=1, shapes=[Shape()])) == {
        'shapes': {0: {'_cls': 'field is required'}}
    }


def test_each_is_validated_by_its_class():
    drawing = Drawing(_id=1, shapes=[Circle(radius=0), Group(shapes=[Ring(radius=1)]), Group()])
    assert errors_of(drawing) == {
        'shapes': {
            0: {'radius': 'value should be greater than 0'},
            1: {'shapes': {0: {'hole': 'field is required'}}},
        }
    }


def test_without_a_name_it_is_of_the_parent():
    drawing = Drawing.from_mongo({'_id': 1, 'note': TASK_OF_OLD})
    assert (type(drawing.note), drawing.note.text) == (Note, TASK_OF_OLD['text'])


@pytest.mark.parametrize('data', [{'r': 1.0}, {'_cls': 'Square'}, {'_cls': 'Note'}], ids=str)
def test_what_can_be_loaded_as_no_class_is_refused_when_it_is_read(data):
    drawing = Drawing.from_mongo({'_id': 1, 'frame': data, 'shapes': []})
    assert drawing.shapes == []
    assert drawing.to_mongo() == {'_id': 1, 'frame': data, 'shapes': []}
    with pytest.raises(UnknownClassError, match='can be loaded as') as caught:
        drawing.frame  # noqa: B018
    assert caught.value.__notes__ == ['in Drawing.frame']


@pytest.mark.parametrize('is_abstract', [True, False])
def test_as_the_parent_one_of_no_class_keeps_all_that_it_has(is_abstract):
    class Item(EmbeddedDocument):
        name = StrField()

        class Meta:
            abstract = is_abstract
            discriminator = 'kind'
            unknown_class = 'parent'

    class Cart(Document):
        _id = IntField()
        items = ListField(EmbDocField(Item))

    data = {'_id': 1, 'items': [{'size': 3, 'kind': 'Shoe', 'name': 'a'}]}
    cart = Cart.from_mongo(data).validate()
    assert (type(cart.items[0]), cart.items[0].extra) == (Item, {'size': 3})
    cart.items[0].name = 'b'
    [item] = cart.to_mongo()['items']
    assert list(item.items()) == [('size', 3), ('kind', 'Shoe'), ('name', 'b')]


async def test_a_path_reaches_the_fields_of_subclasses(any_db, drawing):
    assert Drawing.shapes[Circle.radius].s == 'shapes.r'
    assert (Drawing.frame[Ring.hole] > 0) == {'frame.hole': {'$gt': 0.0}}
    drawings = Drawing.q(any_db)
    assert await settled(drawings.count_documents(Drawing.shapes[Circle.radius] == 1)) == 1
    assert await settled(drawings.count_documents(Drawing.frame[Ring.hole] == 2)) == 0
    await settled(drawings.update_one({}, Drawing.shapes[0][Circle.radius].set(9)))
    assert (await stored(any_db))['shapes'][0]['r'] == 9.0


async def test_an_update_stores_the_name(any_db, drawing):
    drawings = Drawing.q(any_db)
    await settled(drawings.update_one({}, Drawing.shapes.push(Ring(radius=2, hole=1))))
    given = {'_cls': 'Circle', 'radius': '7'}
    await settled(drawings.update_one({}, Drawing.shapes.push(given)))
    found = (await stored(any_db))['shapes'][2:]
    assert found == [{'r': 2.0, 'hole': 1.0, '_cls': 'ring'}, {'r': 7.0, '_cls': 'Circle'}]


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        ({'_cls': 'Square'}, "with '_cls' as one of Circle, Group, ring"),
        ({'radius': 1}, "with '_cls' as one of Circle, Group, ring"),
        ({'_cls': 'Circle', 'hole': 1}, 'fields: label, radius'),
    ],
    ids=str,
)
def test_an_update_refuses_a_dict_of_no_class(given, words):
    with pytest.raises(QueryError, match=words) as caught:
        Drawing.shapes.push(given)
    assert str(caught.value).startswith(f'Drawing.shapes: {given!r} is not a document of Shape')


def test_documents_that_nest_without_end_are_refused_and_not_followed():
    group = Group()
    group.shapes.append(group)
    assert errors_of(Drawing(_id=1, frame=group)) == {'frame': 'value is nested too deeply'}
    data = {'_cls': 'Group'}
    data['shapes'] = [data]
    assert Drawing(_id=1, frame=data).frame is data


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda document: pickle.loads(pickle.dumps(document))]
)
def test_a_copy_has_documents_of_the_same_classes(copied):
    drawing = Drawing.from_mongo(STORED)
    assert type(drawing.frame) is Ring
    assert copied(drawing).to_mongo() == STORED


def test_a_conversion_of_a_subclass_is_honoured():
    class Note2(EmbeddedDocument):
        class Meta:
            discriminator = 'kind'

    class Loud(Note2):
        text = StrField()

        @classmethod
        def from_mongo(cls, data):
            return super().from_mongo({**data, 'text': data['text'].upper()})

        def to_mongo(self):
            return {**super().to_mongo(), 'text': self.text.lower()}

    class Page(Document):
        notes = ListField(EmbDocField(Note2))

    page = Page.from_mongo({'_id': 1, 'notes': [{'kind': 'Loud', 'text': 'x'}]})
    assert page.notes[0].text == 'X'
    assert page.to_mongo()['notes'] == [{'kind': 'Loud', 'text': 'x'}]


def test_an_abstract_document_is_not_to_be_embedded():
    class Base(Document):
        class Meta:
            abstract = True

    with pytest.raises(TypeError, match='must be a subclass of EmbeddedDocument'):
        EmbDocField(Base)
