"""What classes take over from their bases: fields, and the options that they are told to."""

import pytest
from bson.codec_options import CodecOptions
from pymongo import IndexModel, WriteConcern

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    MotorQuerySet,
    RefField,
    StrField,
)
from tests.drivers import settled

AWARE = CodecOptions(tz_aware=True)


def made(name, *bases, **options):
    """Give a class with the options in its Meta."""
    return type(bases[0])(name, bases, {'Meta': type('Meta', (), options)})


# Abstract classes.


class Base(Document):
    name = StrField()

    class Meta:
        abstract = True


ABSTRACT_USES = {
    'q': lambda db: Base.q(db),
    'coll': lambda db: Base.coll(db),
    'save': lambda db: Base(name='x').save(db),
    'delete': lambda db: Base(name='x').delete(db),
    'create_collection': lambda db: Base.create_collection(db),
}


@pytest.mark.parametrize('use', ABSTRACT_USES.values(), ids=ABSTRACT_USES)
def test_an_abstract_class_has_no_collection(any_db, use):
    with pytest.raises(TypeError, match=r'Base is abstract, .* use a subclass of it'):
        use(any_db)
    assert Base.meta.collection_name is None


async def test_a_class_below_an_abstract_one_has_its_fields_and_a_collection(any_db):
    class User(Base):
        age = IntField(required=False)

    assert not User.meta.is_abstract
    assert User.meta.collection_name == 'user'
    assert User.name is Base.name
    await settled(User.q(any_db).create(name='Ann', age=3))
    assert await settled(User.q(any_db).count_documents(User.name == 'Ann')) == 1


def test_a_document_of_an_abstract_class_can_be_made_and_validated():
    assert Base.from_data({'name': 'Ann'}).validate().name == 'Ann'


def test_a_collection_of_an_abstract_class_is_refused():
    with pytest.raises(ValueError, match=r"'x' in Wrong\.Meta: an abstract class has none"):
        made('Wrong', Document, abstract=True, collection='x')


def test_a_meta_that_derives_from_that_of_an_abstract_class_is_not_abstract():
    class Timed(Document):
        class Meta:
            abstract = True
            default_sort = [('at', 1)]

    class Event(Timed):
        class Meta(Timed.Meta):
            collection = 'events'

    assert not Event.meta.is_abstract
    assert Event.meta.default_sort == [('at', 1)]


def test_an_abstract_embedded_class_can_be_below_a_field():
    class Part(EmbeddedDocument):
        class Meta:
            abstract = True

    assert EmbDocField(Part).document_class is Part


def test_a_reference_needs_a_class_with_a_collection():
    with pytest.raises(TypeError, match='must be a subclass of Document'):
        RefField(Base)


# Options.

OPTIONS = {
    'queryset': type('Own', (MotorQuerySet,), {}),
    'default_query': {'deleted': None},
    'default_sort': [('name', 1)],
    'codec_options': AWARE,
    'write_concern': WriteConcern(w=1),
    'indexes': [IndexModel('name')],
    'track_changes': True,
    'extra': 'keep',
}


def options_in(cls):
    return {name: getattr(cls.meta, name) for name in OPTIONS}


@pytest.mark.parametrize('abstract', [True, False])
def test_options_are_not_inherited_unless_a_class_says_so(abstract):
    parent = made('Parent', Document, abstract=abstract, **OPTIONS)
    assert options_in(made('Child', parent)) == options_in(made('Alone', Document))
    child = made('Child', parent, inherit_options=True)
    assert options_in(child) == OPTIONS
    assert (child.meta.collection_name, child.meta.is_abstract) == ('child', False)


def test_a_base_says_so_for_all_below_it_until_one_says_it_does_not():
    parent = made('Parent', Document, abstract=True, inherit_options=True, extra='keep')
    child = made('Child', parent, default_sort=[('a', 1)])
    grandchild = made('Grandchild', child)
    apart = made('Apart', grandchild, inherit_options=False)
    assert [each.meta.extra for each in (child, grandchild, apart, made('Below', apart))] == [
        *['keep', 'keep'],
        *['ignore', 'ignore'],
    ]
    assert grandchild.meta.default_sort == [('a', 1)]
    assert [child.meta.inherits_options, apart.meta.inherits_options] == [True, False]


def test_of_several_bases_the_first_that_gives_an_option_counts():
    top = made('Top', Document, abstract=True, extra='keep', default_sort=[('top', 1)])
    left = made('Left', top, abstract=True, default_query={'left': 1})
    right = made('Right', top, abstract=True, extra='forbid', default_query={'right': 1})
    both = made('Both', left, right, inherit_options=True)
    assert (both.meta.extra, both.meta.default_query) == ('forbid', {'left': 1})
    assert both.meta.default_sort == [('top', 1)]


def test_the_meta_of_a_mixin_that_is_no_document_class_does_not_count():
    mixin = type('Mixin', (), {'Meta': type('Meta', (), {'extra': 'keep'})})
    child = made('Child', Document, mixin, inherit_options=True)
    assert child.meta.extra == 'ignore'


def test_an_option_that_is_given_replaces_the_inherited_one():
    parent = made('Parent', Document, inherit_options=True, **OPTIONS)
    own = made('Own', parent, indexes=[IndexModel('age')], default_sort=None, extra='ignore')
    assert [index.document['name'] for index in own.meta.indexes] == ['age_1']
    assert (own.meta.default_sort, own.meta.extra) == (None, 'ignore')


async def test_inherited_options_count_in_queries(any_db):
    class Soft(Document):
        name = StrField()

        class Meta:
            abstract = True
            inherit_options = True
            default_query = {'deleted': None}
            default_sort = [('name', -1)]
            extra = 'keep'

    class User(Soft):
        pass

    data = [{'_id': 1, 'name': 'a'}, {'_id': 2, 'name': 'b'}, {'_id': 3, 'name': 'c', 'deleted': 1}]
    await settled(any_db['user'].insert_many(data))
    found = await settled(User.q(any_db).find().to_list(None))
    assert [(user.name, user.extra) for user in found] == [('b', {}), ('a', {})]


def test_embedded_documents_inherit_options_too():
    parent = made('Parent', EmbeddedDocument, inherit_options=True, extra='forbid')
    assert made('Child', parent).meta.extra == 'forbid'


def test_below_an_abstract_class_with_a_discriminator_each_class_begins_its_own():
    base = made('Base', Document, abstract=True, inherit_options=True, discriminator='_cls')
    cat, dog = made('Cat', base), made('Dog', base)
    puppy = made('Puppy', dog)
    assert (base.meta.discriminator, base.meta.family) == (None, None)
    assert [each.meta.collection_name for each in (cat, dog, puppy)] == ['cat', 'dog', 'dog']
    assert cat.meta.family is not dog.meta.family is puppy.meta.family
    assert dog.meta.family.names_within(dog) == ['Dog', 'Puppy']


@pytest.mark.parametrize('option', ['abstract', 'inherit_options'])
def test_an_option_that_is_neither_true_nor_false_is_refused(option):
    with pytest.raises(ValueError, match=f'{option} 1 must be True or False, in Wrong.Meta'):
        made('Wrong', Document, **{option: 1})
