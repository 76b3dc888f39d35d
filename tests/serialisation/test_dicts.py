"""`to_dict`: documents as plain dicts."""

import copy
import datetime
import uuid
from decimal import Decimal

import pytest
from bson import Binary, ObjectId

from aiomongodel import (
    AnyField,
    BinaryField,
    ComputedField,
    DateTimeField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    MapField,
    ObjectIdField,
    RefField,
    SetField,
    StrField,
    TupleField,
    UUIDField,
)

from .models import Node, Open, Owner, Place, Shop, loaded

NUMBER = uuid.UUID('00112233-4455-6677-8899-aabbccddeeff')
ID = ObjectId('65df1f77bcf86cd799439011')


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_it_has_the_values_that_are_set_in_the_order_of_the_fields(base):
    class Sample(base):
        b = IntField()
        a = StrField(mongo_name='x', required=False, allow_none=True)
        c = ListField(IntField(), required=False)
        _id = IntField()

    assert list(Sample(c=[1], b=2, _id=1).to_dict().items()) == [('b', 2), ('c', [1]), ('_id', 1)]
    assert Sample(_id=1, a=None).to_dict() == {'a': None, '_id': 1}
    assert Sample(_id=1, a=None).to_dict(exclude_none=True) == {'_id': 1}
    assert Sample(_empty=True).to_dict() == {}


VALUES = [
    (DateTimeField(), datetime.datetime(2024, 2, 29, 12, 0, 0, 5), '2024-02-29T12:00:00.000005'),
    (ObjectIdField(), ID, '65df1f77bcf86cd799439011'),
    (UUIDField(), NUMBER, str(NUMBER)),
    (BinaryField(), b'\x00\xff', 'AP8='),
    (ListField(ObjectIdField()), [ID], [str(ID)]),
    (ListField(EmbDocField(Place)), [Place(lat='1.50')], [{'lat': '1.50'}]),
    (EmbDocField(Place), Place(lat='1.50'), {'lat': '1.50'}),
    (MapField(EmbDocField(Place)), {'x': Place(lat='1.50')}, {'x': {'lat': '1.50'}}),
    (SetField(ObjectIdField()), {ID}, [str(ID)]),
    (
        TupleField(ObjectIdField(), EmbDocField(Place)),
        (ID, Place(name='x')),
        [str(ID), {'name': 'x'}],
    ),
    (AnyField(), {'a': [Place(lat='1.50'), ID]}, {'a': [{'lat': '1.50'}, str(ID)]}),
    (RefField(Owner), 'ann', 'ann'),
    (RefField(Owner), Owner(_id='ann'), 'ann'),
    (ListField(RefField(lambda: ById)), [None, ID], [None, str(ID)]),
]


class ById(Document):
    pass


def as_dicts(value):
    """Give a value with dicts for embedded documents, and the `_id` of others."""
    if isinstance(value, Document):
        return value._id
    if isinstance(value, EmbeddedDocument):
        return dict(value.to_data())
    if isinstance(value, dict):
        return {key: as_dicts(item) for key, item in value.items()}
    return type(value)(map(as_dicts, value)) if isinstance(value, list | tuple | set) else value


@pytest.mark.parametrize(('field', 'value', 'form'), VALUES)
@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_values_are_kept_for_python_and_have_a_form_in_json(base, field, value, form):
    Sample = type('Sample', (base,), {'_id': IntField(default=1), 'value': copy.copy(field)})
    sample = Sample(value=value)
    assert sample.to_dict()['value'] == as_dicts(value)
    assert type(sample.to_dict()['value']) is type(as_dicts(value))
    assert sample.to_dict(mode='json') == {'_id': 1, 'value': form}
    assert Sample.from_mongo(sample.to_mongo()).to_dict('json')['value'] == form


def test_nothing_is_shared_with_the_document():
    shop = Shop(_id=1, tags=['a'], anything={'a': [{'b': {1}}]}, places=[Place(name='x')])
    data = shop.to_dict()
    data['tags'].append('b')
    data['anything']['a'][0]['b'].add(2)
    data['places'][0]['name'] = 'y'
    assert shop.to_dict() == {
        '_id': 1,
        'tags': ['a'],
        'anything': {'a': [{'b': {1}}]},
        'places': [{'name': 'x'}],
    }


def test_what_is_unread_is_read():
    assert loaded().to_dict() == {
        '_id': 1,
        'name': 'Shop',
        'price': Decimal('1.50'),
        'place': {'lat': Decimal('50.4'), 'name': 'Kyiv'},
        'places': [{'name': 'Lviv'}],
        'tags': ['a'],
    }


def test_names_may_be_those_of_mongodb():
    assert loaded().to_dict('json', by_alias=True) == {
        '_id': 1,
        'n': 'Shop',
        'price': '1.50',
        'place': {'lat': '50.4', 'n': 'Kyiv'},
        'places': [{'n': 'Lviv'}],
        'tags': ['a'],
    }


NAMED = [
    ('name', {'name': 'Shop'}),
    (Shop.name, {'name': 'Shop'}),
    (['title', 'tags'], {'name': 'Shop', 'tags': ['a']}),
    ({'tags', Shop.name}, {'name': 'Shop', 'tags': ['a']}),
    ((each for each in ['place.name']), {'place': {'name': 'Kyiv'}}),
    ([Shop.place.lat, '_id'], {'_id': 1, 'place': {'lat': Decimal('50.4')}}),
    (
        [Shop.place[Place.name], 'places.name'],
        {'place': {'name': 'Kyiv'}, 'places': [{'name': 'Lviv'}]},
    ),
    (['place.name', 'place'], {'place': {'lat': Decimal('50.4'), 'name': 'Kyiv'}}),
    (['place', 'place.name'], {'place': {'lat': Decimal('50.4'), 'name': 'Kyiv'}}),
    (['places.lat', 'owner'], {'places': [{}]}),
    ([], {}),
]


@pytest.mark.parametrize(('include', 'data'), NAMED)
def test_fields_are_included_by_themselves_or_by_their_names(include, data):
    assert loaded().to_dict(include=include) == data


@pytest.mark.parametrize(
    ('exclude', 'names', 'place'),
    [
        ('name', ['_id', 'price', 'place', 'places', 'tags'], ['lat', 'name']),
        ([Shop.place.lat, 'tags'], ['_id', 'name', 'price', 'place', 'places'], ['name']),
        (['place.lat', 'place.name'], ['_id', 'name', 'price', 'place', 'places', 'tags'], []),
        (['place.lat', 'place'], ['_id', 'name', 'price', 'places', 'tags'], None),
        ([], ['_id', 'name', 'price', 'place', 'places', 'tags'], ['lat', 'name']),
    ],
)
def test_fields_are_excluded(exclude, names, place):
    data = loaded().to_dict(exclude=exclude)
    assert list(data) == names
    assert place is None or list(data['place']) == place


def test_what_is_excluded_is_not_included():
    data = loaded().to_dict(include=['place', 'tags'], exclude=['place.lat', Shop.tags])
    assert data == {'place': {'name': 'Kyiv'}}


@pytest.mark.parametrize('argument', ['include', 'exclude'])
@pytest.mark.parametrize(
    ('names', 'kind', 'text'),
    [
        ('nam', ValueError, "there is no field 'nam'; the fields of Shop are _id, name, price"),
        (['place.x'], ValueError, "no field 'place.x'; the fields of Place are lat, name"),
        (['tags.x'], ValueError, "no field 'tags.x'; there are no documents within tags"),
        (['owner._id'], ValueError, "no field 'owner._id'; there are no documents within owner"),
        ([Node.left], ValueError, 'there is no field <EmbDocField Node.left>'),
        (
            {'place': ['lat']},
            TypeError,
            r"such as \['name', 'address.city'\], not {'place': \['lat'",
        ),
        ([1], TypeError, 'not 1'),
        (1, TypeError, 'not 1'),
    ],
)
def test_what_names_no_field_is_refused(argument, names, kind, text):
    with pytest.raises(kind, match=text) as caught:
        Shop(_id=1).to_dict(**{argument: names})
    assert str(caught.value).startswith(f'{argument} of Shop.to_dict')


def test_another_mode_is_refused():
    with pytest.raises(ValueError, match=r"mode 'text' of Shop.to_dict must be 'python' or 'json'"):
        Shop().to_dict('text')


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_a_float_that_json_does_not_have_is_refused_with_its_field(base, value):
    Inner = type('Inner', (EmbeddedDocument,), {'rate': ListField(FloatField())})
    Sample = type('Sample', (base,), {'inner': EmbDocField(Inner)})
    sample = Sample(inner=Inner(rate=[1.0, value]))
    assert sample.to_dict()['inner'] == {'rate': [1.0, value]}
    with pytest.raises(ValueError, match=r'has no form in JSON') as caught:
        sample.to_dict('json')
    assert caught.value.__notes__ == ['in Inner.rate', 'in Sample.inner']


def test_a_value_that_json_does_not_have_is_refused_with_its_field():
    with pytest.raises(TypeError, match='<object object') as caught:
        Shop(_id=1, anything=[object()]).to_dict('json')
    assert caught.value.__notes__ == ['in Shop.anything']
    assert loaded().to_dict('json', include='name') == {'name': 'Shop'}


def test_a_document_that_holds_itself_is_refused():
    node = Node()
    node.nodes = [node]
    with pytest.raises(RecursionError, match='documents are nested too deeply'):
        node.to_dict()


def test_a_partial_document_gives_what_was_loaded():
    class Person(Document):
        first = StrField()
        last = StrField()
        name = ComputedField(lambda person: f'{person.first} {person.last.upper()}', StrField())

    assert Person(_id=ID, first='Ann', last='Lee').to_dict()['name'] == 'Ann LEE'
    part = Person.meta.codec.marked_partial(Person.from_mongo({'first': 'Ann'}))
    assert part.to_dict() == {'first': 'Ann'}


def test_what_is_kept_beside_the_fields_is_given_as_it_is_stored():
    document = Open.from_mongo(
        {'_id': 1, 'n': 'a', 'at': datetime.datetime(2024, 2, 29), 'name': 5}
    )
    assert document.to_dict() == {'at': datetime.datetime(2024, 2, 29), 'name': 'a', '_id': 1}
    assert document.to_dict('json')['at'] == '2024-02-29T00:00:00'
    assert document.to_dict(include=['name']) == {'name': 'a'}
    document.extra['at'] = object()
    with pytest.raises(TypeError) as caught:
        document.to_dict('json')
    assert caught.value.__notes__ == ['in Open.extra']


class Animal(EmbeddedDocument):
    name = StrField()

    class Meta:
        discriminator = 'kind'


class Dog(Animal):
    born = DateTimeField()


class Fish(Animal):
    born = StrField()


class Zoo(Document):
    _id = IntField()
    animals = ListField(EmbDocField(Animal))


def test_the_name_of_a_class_is_given_where_it_is_stored():
    zoo = Zoo(
        _id=1, animals=[Dog(name='Rex', born=datetime.datetime(2024, 2, 29)), Animal(name='x')]
    )
    dog = {'kind': 'Dog', 'name': 'Rex', 'born': '2024-02-29T00:00:00'}
    assert zoo.to_dict('json')['animals'] == [dog, {'kind': 'Animal', 'name': 'x'}]
    assert zoo.to_dict(include=['animals.name'])['animals'] == [{'name': 'Rex'}, {'name': 'x'}]
    assert zoo.to_dict(include='animals.kind')['animals'] == [{'kind': 'Dog'}, {'kind': 'Animal'}]
    born = [{'born': datetime.datetime(2024, 2, 29)}, {}]
    assert zoo.to_dict(include='animals.born')['animals'] == born
    assert zoo.to_dict(exclude='animals.kind')['animals'][1] == {'name': 'x'}
    for text in (zoo.to_json(), zoo.to_json(by_alias=True)):
        assert Zoo.from_json(text).animals == zoo.animals
    assert type(Animal.from_json(zoo.animals[0].to_json())) is Dog


def test_a_value_is_read_as_by_the_class_that_is_named():
    for animal in (Dog(born=datetime.datetime(2024, 2, 29)), Fish(born='2024-02-29')):
        for text in (animal.to_json(), Zoo(animals=[animal]).animals[0].to_json()):
            assert Animal.from_json(text) == animal
        assert Zoo.from_json(Zoo(animals=[animal]).to_json()).animals == [animal]


def test_the_name_of_a_class_that_is_gone_is_given_as_it_is_stored():
    class Pet(EmbeddedDocument):
        name = StrField()

        class Meta:
            discriminator = 'kind'
            unknown_class = 'parent'

    assert Pet.from_mongo({'kind': 'Cat', 'name': 'x'}).to_dict() == {'kind': 'Cat', 'name': 'x'}
    assert Pet.from_mongo({'name': 'x'}).to_dict() == {'kind': 'Pet', 'name': 'x'}


def test_a_field_of_a_users_own_says_its_form():
    class Upper(StrField):
        def to_json(self, value):
            return value.upper()

    class Masked(EmbDocField):
        def to_json(self, value):
            return '***'

        def from_json(self, value):
            return Place(name=value['secret'])

    class Sample(Document):
        _id = IntField()
        names = ListField(Upper())
        place = Masked(Place)

    sample = Sample(_id=1, names=['a'], place=Place(name='x'))
    assert sample.to_dict('json') == {'names': ['A'], 'place': '***', '_id': 1}
    assert sample.to_dict() == {'names': ['a'], 'place': {'name': 'x'}, '_id': 1}
    assert Sample.from_json('{"place": {"secret": "y"}}').place == Place(name='y')


def test_bytes_of_any_kind_are_base64():
    assert Shop(_id=1, anything=Binary(b'\x00\xff', 5)).to_dict('json')['anything'] == 'AP8='


@pytest.mark.parametrize('name', ['to_dict', 'to_json', 'from_json'])
@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_a_field_may_have_the_name_of_a_method(base, name):
    Sample = type('Sample', (base,), {'_id': IntField(), name: StrField()})
    Holder = type('Holder', (Document,), {'_id': IntField(), 'list': ListField(AnyField())})
    sample = Sample(_id=1, **{name: 'x'})
    data = {'_id': 1, name: 'x'}
    assert Document.to_dict(sample) == data
    assert getattr(sample, name) == 'x'
    assert Holder(_id=2, list=[sample]).to_dict('json') == {'_id': 2, 'list': [data]}


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_methods_of_a_users_mixin_stand_before_ours(base):
    class Old:
        def to_dict(self):
            return 'own'

    Sample = type('Sample', (base, Old), {'name': StrField()})
    assert Sample(name='a').to_dict() == 'own'
