"""The 0.2 contract: classes, fields of a class, and Meta."""

import re
from types import new_class

import pytest
from bson.codec_options import CodecOptions
from pymongo import IndexModel, ReadPreference, WriteConcern
from pymongo.read_concern import ReadConcern

import aiomongodel
import aiomongodel.document
import aiomongodel.errors
import aiomongodel.fields
import aiomongodel.queryset
import aiomongodel.utils
from aiomongodel import Document, EmbeddedDocument
from aiomongodel.document import (
    BaseDocument,
    BaseDocumentMeta,
    DocumentMeta,
    EmbeddedDocumentMeta,
    Meta,
)
from aiomongodel.fields import StrField
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous import QuerySet, blocking
from tests.drivers import for_kind, settled

FIELDS = [
    'AnyField',
    'BoolField',
    'DateTimeField',
    'DecimalField',
    'EmailField',
    'EmbDocField',
    'Field',
    'FloatField',
    'IntField',
    'ListField',
    'ObjectIdField',
    'RefField',
    'StrField',
    'SynonymField',
]
ERRORS = [
    'AioMongodelException',
    'DocumentNotFoundError',
    'DuplicateKeyError',
    'Error',
    'PartialDocumentError',
    'StopValidation',
    'ValidationError',
]

# "`aiomongodel`: `Document`, `EmbeddedDocument` (and, new, every field, error and query set by
# name). `aiomongodel.document`: …, `.queryset`: …, `.fields`, `.errors` and `.utils`."


@pytest.mark.parametrize('name', FIELDS)
def test_the_package_exports_every_field_by_name(name):
    assert getattr(aiomongodel, name) is getattr(aiomongodel.fields, name)


@pytest.mark.parametrize('name', ERRORS)
def test_the_package_exports_every_error_by_name(name):
    assert getattr(aiomongodel, name) is getattr(aiomongodel.errors, name)


def test_the_package_exports_the_query_set_by_name():
    assert aiomongodel.MotorQuerySet is aiomongodel.queryset.MotorQuerySet


@pytest.mark.parametrize('name', ['Document', 'EmbeddedDocument'])
def test_the_package_exports_the_document_classes_of_its_document_module(name):
    assert getattr(aiomongodel, name) is getattr(aiomongodel.document, name)


@pytest.mark.parametrize('name', ['MotorQuerySet', 'MotorQuerySetCursor'])
def test_the_queryset_module_has_the_query_set_and_its_cursor(name):
    assert isinstance(getattr(aiomongodel.queryset, name), type)


@pytest.mark.parametrize('name', ['snake_case', 'import_class', 'CLASSES_CACHE'])
def test_the_utils_module_has_its_documented_names(name):
    assert hasattr(aiomongodel.utils, name)


def test_both_kinds_of_document_are_base_documents_of_their_own_metaclass():
    assert issubclass(Document, BaseDocument)
    assert issubclass(EmbeddedDocument, BaseDocument)
    assert isinstance(BaseDocument, BaseDocumentMeta)
    assert isinstance(Document, DocumentMeta)
    assert isinstance(EmbeddedDocument, EmbeddedDocumentMeta)


# "A class gets `meta`, an instance of `aiomongodel.document.Meta`"


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_a_class_gets_meta_which_is_an_instance_of_meta(base):
    class Item(base):
        name = StrField()

    assert isinstance(Item.meta, Meta)


def test_each_class_has_a_meta_of_its_own():
    class Parent(Document):
        name = StrField()

    class Child(Parent):
        pass

    assert Child.meta is not Parent.meta


# "`Meta(**options)` refuses an unknown option with
# `ValueError('Unrecognized Meta options: …')`"


def test_meta_refuses_an_unknown_option():
    with pytest.raises(ValueError, match=r'^Unrecognized Meta options: .*wrong'):
        Meta(wrong=1)


def test_the_message_of_an_unknown_option_names_each_of_them():
    with pytest.raises(ValueError, match=re.escape('Unrecognized Meta options: ')) as caught:
        Meta(collection='users', bad_one=1, bad_two=2)

    assert 'bad_one' in str(caught.value)
    assert 'bad_two' in str(caught.value)
    assert 'collection' not in str(caught.value)


def test_a_class_with_an_unknown_meta_option_is_refused():
    with pytest.raises(ValueError, match=r'Unrecognized Meta options: .*wrong'):

        class Item(Document):
            class Meta:
                wrong = 1


def test_meta_options_are_by_keyword_only():
    with pytest.raises(TypeError):
        Meta('users')


# Seed: "class aiomongodel.document.Meta(**kwargs)", its attributes and OPTIONS


def test_meta_names_its_documented_options():
    assert set(Meta.OPTIONS) >= {
        *('collection', 'indexes', 'read_preference', 'read_concern', 'fields'),
        *('default_query', 'queryset', 'codec_options', 'write_concern'),
        *('fields_synonyms', 'default_sort'),
    }


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('indexes', [IndexModel('name')]),
        ('queryset', MotorQuerySet),
        ('default_query', {'active': True}),
        ('default_sort', [('name', 1)]),
        ('fields', {'name': StrField()}),
        ('fields_synonyms', {'_id': 'name'}),
        ('codec_options', CodecOptions(tz_aware=True)),
        ('read_preference', ReadPreference.SECONDARY),
        ('write_concern', WriteConcern(w=0)),
        ('read_concern', ReadConcern('local')),
    ],
)
def test_meta_keeps_a_documented_option_under_its_name(option, value):
    assert getattr(Meta(**{option: value}), option) == value


def test_the_collection_option_is_kept_as_collection_name():
    assert Meta(collection='users').collection_name == 'users'


def test_the_inner_class_gives_the_options_of_meta():
    class CustomQuerySet(MotorQuerySet):
        pass

    class Item(Document):
        name = StrField()

        class Meta:
            collection = 'things'
            queryset = CustomQuerySet
            default_query = {'name': 'x'}
            default_sort = [('name', 1)]

    meta = Item.meta
    assert (meta.collection_name, meta.queryset) == ('things', CustomQuerySet)
    assert (meta.default_query, meta.default_sort) == ({'name': 'x'}, [('name', 1)])


async def test_q_gives_the_query_set_class_of_meta(db):
    class CustomQuerySet(MotorQuerySet):
        async def count_twice(self):
            return 2 * await self.count_documents()

    class SyncCustomQuerySet(QuerySet):
        count_twice = blocking(CustomQuerySet.count_twice)

    class Item(Document):
        class Meta:
            queryset = CustomQuerySet
            sync_queryset = SyncCustomQuerySet

    await settled(Item().save(db))

    assert type(Item.q(db)) is for_kind(db, CustomQuerySet, SyncCustomQuerySet)
    assert await settled(Item.q(db).count_twice()) == 2


def test_q_gives_a_query_set_of_ours_where_meta_names_none(db):
    class Item(Document):
        pass

    assert type(Item.q(db)) is for_kind(db, MotorQuerySet, QuerySet)


@pytest.mark.parametrize(
    'collection_of', [lambda c, db: c.coll(db), lambda c, db: c.meta.collection(db)]
)
def test_the_raw_collection_has_the_options_of_meta(db, collection_of):
    class Item(Document):
        class Meta:
            collection = 'things'
            codec_options = CodecOptions(tz_aware=True)
            read_preference = ReadPreference.NEAREST
            write_concern = WriteConcern(w=1, j=False)
            read_concern = ReadConcern('majority')

    coll = collection_of(Item, db)
    assert type(coll) is type(db.things)
    assert (coll.name, coll.codec_options.tz_aware) == ('things', True)
    assert coll.read_preference == ReadPreference.NEAREST
    assert coll.write_concern == WriteConcern(w=1, j=False)
    assert coll.read_concern == ReadConcern('majority')


# "Unset: `codec_options`, `read_preference`, `read_concern`, `write_concern`, `indexes`,
# `default_sort` are None, `default_query` is `{}`."

NONE_OPTIONS = [
    'codec_options',
    'read_preference',
    'read_concern',
    'write_concern',
    'indexes',
    'default_sort',
]


@pytest.mark.parametrize('option', NONE_OPTIONS)
def test_an_option_that_is_not_set_is_none(option):
    class Item(Document):
        pass

    assert getattr(Item.meta, option) is None
    assert getattr(Meta(), option) is None


def test_a_default_query_that_is_not_set_is_empty():
    class Item(Document):
        pass

    assert Item.meta.default_query == {}
    assert Meta().default_query == {}


# "Meta options are not inherited."


def test_meta_options_are_not_inherited():
    class Parent(Document):
        name = StrField()

        class Meta:
            collection = 'things'
            indexes = [IndexModel('name')]
            default_query = {'name': 'x'}
            default_sort = [('name', 1)]
            write_concern = WriteConcern(w=1)

    class Child(Parent):
        pass

    assert Child.meta.collection_name == 'child'
    assert Child.meta.default_query == {}
    assert [getattr(Child.meta, name) for name in NONE_OPTIONS] == [None] * 6


def test_the_query_set_option_is_not_inherited():
    class CustomQuerySet(MotorQuerySet):
        pass

    class Parent(Document):
        class Meta:
            queryset = CustomQuerySet

    class Child(Parent):
        pass

    assert Child.meta.queryset is not CustomQuerySet


# "Default collection name: the class name in snake case: `EmbDocDBLoader` →
# `emb_doc_db_loader`, …"


@pytest.mark.parametrize(
    ('class_name', 'collection'),
    [
        ('EmbDocDBLoader', 'emb_doc_db_loader'),
        ('GPS', 'gps'),
        ('Emb100Doc', 'emb100_doc'),
        ('EmbDocGPS100Loader', 'emb_doc_gps100_loader'),
        ('User', 'user'),
        ('BlogPost', 'blog_post'),
    ],
)
def test_the_default_collection_name_is_the_class_name_in_snake_case(class_name, collection, db):
    model = new_class(class_name, (Document,), exec_body=lambda ns: ns.update(__module__=__name__))

    assert model.meta.collection_name == collection
    assert model.coll(db).name == collection
