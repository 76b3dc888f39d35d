"""A class that cannot work is refused when it is defined."""

import re
from decimal import Decimal

import pytest

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    Field,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StopValidation,
    StrField,
    SynonymField,
)

from .helpers import model_of, refused

NAN = float('nan')
HUGE = 10**5000


class Part(EmbeddedDocument):
    number = IntField(gte=0)


class User(Document):
    _id = StrField()


# Limits.


@pytest.mark.parametrize('field', [StrField, EmailField, lambda **k: ListField(StrField(), **k)])
def test_a_least_length_above_the_greatest(field):
    with refused(ValueError, 'Sample.value', 'min_length', '5', 'max_length', '3'):
        model_of(value=field(min_length=5, max_length=3))


@pytest.mark.parametrize('length', ['5', 1.5, float('inf'), '1 or print(1)', [1], NAN])
@pytest.mark.parametrize('option', ['min_length', 'max_length'])
@pytest.mark.parametrize('field', [StrField, lambda **k: ListField(StrField(), **k)])
def test_a_length_that_is_no_int(field, option, length):
    with refused(ValueError, 'Sample.value', option, repr(length)[:20]):
        model_of(value=field(**{option: length}))


@pytest.mark.parametrize('field', [IntField, FloatField, DecimalField])
@pytest.mark.parametrize('lower', ['gte', 'gt'])
@pytest.mark.parametrize('upper', ['lte', 'lt'])
def test_a_lower_limit_above_the_upper(field, lower, upper):
    with refused(ValueError, 'Sample.value', lower, '7', upper, '3'):
        model_of(value=field(**{lower: 7, upper: 3}))


@pytest.mark.parametrize('limit', ['5', [5], object, 1j, NAN, Decimal('NaN'), Decimal('sNaN')])
@pytest.mark.parametrize('option', ['gte', 'lte', 'gt', 'lt'])
@pytest.mark.parametrize('field', [IntField, FloatField, DecimalField])
def test_a_limit_that_is_no_number(field, option, limit):
    with refused(ValueError, 'Sample.value', option, repr(limit)[:20]):
        model_of(value=field(**{option: limit}))


@pytest.mark.parametrize('field', [IntField(gte=HUGE, lte=0), IntField(default=HUGE, lte=0)])
def test_the_message_of_a_huge_number_is_short(field):
    with refused(ValueError, 'Sample.value'):
        model_of(value=field)


# Patterns, choices, types and other options.


@pytest.mark.parametrize('regex', ['(', '[', '*', 'a{99999999999}', '(' * 5_000, 5, b'a', ['a']])
@pytest.mark.parametrize('field', [StrField, EmailField])
def test_a_regex_that_is_no_pattern_of_text(field, regex):
    with refused(ValueError, 'Sample.value', 'regex', repr(regex)[:5]):
        model_of(value=field(regex=regex))


def test_a_compiled_pattern_of_bytes():
    with refused(ValueError, 'Sample.value', 'regex'):
        model_of(value=StrField(regex=re.compile(b'a')))


@pytest.mark.parametrize('choices', ['abc', 5, iter([1]), int])
def test_choices_that_are_no_collection_of_values(choices):
    with refused(ValueError, 'Sample.value', 'choices'):
        model_of(value=AnyField(choices=choices))


@pytest.mark.parametrize('field_type', ['int', 5, [int]])
def test_a_field_type_that_is_no_type(field_type):
    with refused(ValueError, 'Sample.value', 'field_type', repr(field_type)):
        model_of(value=AnyField(field_type=field_type))


@pytest.mark.parametrize('name', ['$a', 'a.b', '.', 'a\0', '\0', '$', 5, b'x', '\ud800'])
def test_a_mongo_name_that_mongodb_or_the_driver_refuses(name):
    with refused(ValueError, 'Sample.value', 'mongo_name', ascii(name)[:6]):
        model_of(value=StrField(mongo_name=name))


@pytest.mark.parametrize('field', [StrField, IntField, AnyField, EmbDocField, ListField, RefField])
def test_an_option_that_there_is_not(field):
    with pytest.raises(TypeError, match='mispelt'):
        field(**WITH_ARGUMENT.get(field, {}), mispelt=1)


WITH_ARGUMENT = {
    EmbDocField: {'document_class': Part},
    RefField: {'document_class': User},
    ListField: {'item_field': StrField()},
}


# Defaults.


@pytest.mark.parametrize(
    ('field', 'reason'),
    [
        (lambda: IntField(default='x'), 'invalid value type'),
        (lambda: IntField(default=5, gte=7), 'less than 7'),
        (lambda: FloatField(default=NAN, gte=0), 'less than 0'),
        (lambda: DecimalField(default='x'), 'invalid value type'),
        (lambda: StrField(default=''), 'blank'),
        (lambda: StrField(default='abc', max_length=2), 'greater than 2'),
        (lambda: StrField(default='abc', regex='x'), 'pattern'),
        (lambda: EmailField(default='abc'), 'email'),
        (lambda: BoolField(default='maybe'), 'invalid value type'),
        (lambda: DateTimeField(default='today'), 'invalid value type'),
        (lambda: ObjectIdField(default='x'), 'invalid value type'),
        (lambda: AnyField(default=None), 'none'),
        (lambda: IntField(default=None), 'none'),
        (lambda: IntField(default=5, choices={1, 2}), 'variant'),
        (lambda: AnyField(default=[], choices={1, 2}), 'variant'),
        (lambda: ListField(IntField(), default=5), 'invalid value type'),
        (lambda: ListField(IntField(), default=['x']), 'invalid value type'),
        (lambda: ListField(IntField(), default=[], min_length=1), 'less than 1'),
        (lambda: ListField(IntField(default='x')), 'invalid value type'),
        (lambda: ListField(ListField(IntField()), default=[[1, None]]), 'none'),
        (lambda: EmbDocField(Part, default={'number': -1}), 'less than 0'),
        (lambda: EmbDocField(Part, default=Part()), 'required'),
        (lambda: EmbDocField(Part, default={}), 'required'),
        (lambda: EmbDocField(Part, default=5), 'invalid value type'),
        (lambda: EmbDocField(lambda: Part, default=5), 'invalid value type'),
        (lambda: ListField(EmbDocField(Part), default=[{}]), 'required'),
        (lambda: RefField(User, default=''), 'blank'),
        (lambda: RefField(User, default=User(_id='')), 'blank'),
    ],
)
def test_a_default_that_its_own_field_refuses(field, reason):
    with refused(ValueError, 'Sample.value', 'default', reason):
        model_of(value=field())


def test_a_default_that_its_own_field_accepts_in_its_own_way():
    class AutoField(IntField):
        def validate(self, value):
            if value == 'auto':
                raise StopValidation
            super().validate(value)

    assert model_of(value=AutoField(default='auto'))().validate().value == 'auto'


def test_a_default_that_the_own_rules_of_its_field_refuse():
    class EvenField(IntField):
        def validate(self, value):
            super().validate(value)
            if value % 2:
                raise ValueError('odd')

    with pytest.raises(ValueError, match='odd'):
        model_of(value=EvenField(default=3))


def test_a_default_that_is_converted_to_a_list_is_made_for_each_document():
    class Tags(Field):
        def from_data(self, value):
            return value.split(',') if isinstance(value, str) else value

    model = model_of(value=Tags(default='a,b'))
    model().value.append('c')
    assert model().value == ['a', 'b']


@pytest.mark.parametrize(
    'field',
    [
        lambda: ListField(EmbDocField(lambda: Later), default=[]),  # noqa: F821
        lambda: ListField(RefField(lambda: Later), default=[]),  # noqa: F821
        lambda: EmbDocField(lambda: Later, default={}),  # noqa: F821
        lambda: ListField(EmbDocField('not.there.Yet'), default=[]),
        lambda: EmbDocField('not.there.Yet', default={}),
        lambda: RefField('not.there.Yet', default='x'),
    ],
)
def test_a_default_may_wait_for_a_document_class_that_is_not_there_yet(field):
    model_of(value=field())


def test_a_default_of_a_field_that_is_not_required_warns():
    with pytest.warns(UserWarning, match=r'Sample\.value.*5.*ignored'):
        model_of(value=IntField(default=5, required=False))


# Names.


def test_two_fields_with_one_mongo_name():
    with refused(ValueError, 'Sample.a', 'Sample.b', "'x'"):
        model_of(a=StrField(mongo_name='x'), b=StrField(mongo_name='x'))


def test_a_mongo_name_that_is_another_fields_name():
    with refused(ValueError, 'Sample.a', 'Sample.b', "'b'"):
        model_of(a=StrField(mongo_name='b'), b=StrField())


def test_a_mongo_name_that_an_inherited_field_has():
    base = model_of(a=StrField(mongo_name='x'))
    with refused(ValueError, 'Child.a', 'Child.b', "'x'"):
        type('Child', (base,), {'b': StrField(mongo_name='x')})


def test_a_field_that_is_stored_as_the_id_of_the_document():
    with refused(ValueError, 'Sample._id', 'Sample.number', "'_id'"):
        model_of(Document, number=IntField(mongo_name='_id'))


def test_an_id_that_is_stored_under_another_name():
    with refused(ValueError, 'Sample._id', 'stored', "'x'"):
        model_of(Document, _id=StrField(mongo_name='x'))


TAKEN = ['meta', '_data', 'populate_with_data', 'validate', 'to_mongo', 'from_data', '__init__']
TAKEN_ON_DOCUMENT = ['save', 'q', 'coll', 'create', 'reload', 'update', 'delete', 'query_id']


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
@pytest.mark.parametrize('make', [StrField, lambda: SynonymField('a')])
@pytest.mark.parametrize('name', [*TAKEN, 'populate_with_data', 'to_data', '__dict__'])
def test_a_field_or_synonym_that_is_named_like_what_documents_have(name, make, base):
    with refused(ValueError, f'Sample.{name}', 'Document', 'mongo_name'):
        model_of(base, a=StrField(), **{name: make()})


@pytest.mark.parametrize('make', [StrField, lambda: SynonymField('a')])
@pytest.mark.parametrize('name', [*TAKEN_ON_DOCUMENT, 'is_partial', 'create_collection'])
def test_a_field_that_is_named_like_what_stored_documents_have(name, make):
    with refused(ValueError, f'Sample.{name}', 'Document', 'mongo_name'):
        model_of(Document, a=StrField(), **{name: make()})


@pytest.mark.parametrize('name', [*TAKEN_ON_DOCUMENT, 'is_partial', 'create_collection'])
def test_an_embedded_document_may_have_a_field_of_such_a_name(name):
    assert dict(model_of(**{name: StrField()})(**{name: 'x'}).to_data()) == {name: 'x'}


def test_a_mixin_does_not_bring_a_name_that_is_taken():
    mixin = type('Mixin', (), {'save': StrField()})
    with refused(ValueError, 'Child.save', 'Document'):
        type('Child', (mixin, Document), {})


def test_a_field_that_could_not_be_given_by_keyword():
    with refused(ValueError, 'Sample._empty'):
        model_of(_empty=StrField())


# Field objects and synonyms.


def test_one_field_object_under_two_names():
    field = StrField()
    with refused(ValueError, 'Sample', 'a', 'b', 'SynonymField'):
        model_of(a=field, b=field)


def test_a_field_object_of_another_class():
    with refused(ValueError, 'Sample.other', 'Part.number'):
        model_of(other=Part.number)
    assert Part.number.s == Part.number.name == 'number'


def test_a_field_object_that_is_also_the_item_of_a_list():
    field = StrField()
    with refused(ValueError, 'Sample'):
        model_of(a=field, b=ListField(field))


@pytest.mark.parametrize('original', ['wrong', '', StrField(), Part.number])
def test_a_synonym_of_no_field(original):
    with refused(ValueError, 'Sample.b', 'synonym', 'a'):
        model_of(a=StrField(), b=SynonymField(original))


@pytest.mark.parametrize('original', [None, 5, StrField, SynonymField('a')])
def test_a_synonym_of_what_is_neither_field_nor_name(original):
    with refused(TypeError, 'original_field', repr(original)[:10]):
        SynonymField(original)


def test_a_synonym_of_a_synonym():
    with refused(ValueError, 'Sample.c', 'synonym', "'b'"):
        model_of(a=StrField(), b=SynonymField('a'), c=SynonymField('b'))


def test_a_synonym_that_is_itself():
    with refused(ValueError, 'Sample.b', 'synonym'):
        model_of(b=SynonymField('b'))


@pytest.mark.parametrize('in_mixin', [True, False])
def test_an_id_that_is_a_synonym(in_mixin):
    namespace = {'name': StrField(), '_id': SynonymField('name')}
    mixin = type('Mixin', (), namespace if in_mixin else {})
    with refused(ValueError, 'Child._id'):
        type('Child', (mixin, Document), {} if in_mixin else namespace)


def test_an_id_that_is_not_required():
    with refused(ValueError, "'Sample._id' field should be required."):
        model_of(Document, _id=StrField(required=False))


# Fields of documents and lists.


@pytest.mark.parametrize('item', [int, str, 'x', None, StrField, Part, SynonymField('a')])
def test_a_list_of_what_is_no_field(item):
    with refused(TypeError, 'item_field', repr(item)[:10]):
        ListField(item)


WRONG_CLASSES = [int, None, 5, Part(number=1), [Part]]


@pytest.mark.parametrize('given', [*WRONG_CLASSES, User, Document])
def test_a_class_that_is_no_embedded_document(given):
    with refused(TypeError, 'EmbDocField', 'EmbeddedDocument', repr(given)[:10]):
        EmbDocField(given)


@pytest.mark.parametrize('given', [*WRONG_CLASSES, Part, EmbeddedDocument, Document])
def test_a_class_that_is_no_document_with_a_collection(given):
    with refused(TypeError, 'RefField', 'Document', repr(given)[:10]):
        RefField(given)


PATHS = [
    ('aiomongodel.errors.Error', TypeError),
    ('aiomongodel.Wrong', ImportError),
    ('no_such_module.Part', ImportError),
    ('Part', ImportError),
    ('.models.Part', ImportError),
    ('..Part', ImportError),
    ('', ImportError),
    ('aiomongodel.', ImportError),
    ('aiomongodel.errors', ImportError),
]


@pytest.mark.parametrize(('path', 'kind'), PATHS)
@pytest.mark.parametrize('field', [EmbDocField, RefField])
def test_a_path_of_no_document_class_at_first_use(field, path, kind):
    model = model_of(value=field(path))
    for use in (lambda: model(value={}), lambda: model.value.x, lambda: model.value.document_class):
        with refused(kind, 'Error' if kind is TypeError else path):
            use()


def test_an_embedded_document_has_no_collection():
    with refused(ValueError, 'Sample.Meta', 'collection'):
        model_of(Meta=type('Meta', (), {'collection': 'x'}))


@pytest.mark.parametrize('kind', [StrField, SynonymField])
def test_a_field_class_in_place_of_a_field(kind):
    with refused(ValueError, 'Sample.value', f'{kind.__name__}()'):
        type('Sample', (Document,), {'value': kind})


def test_a_field_class_that_a_document_class_defines_is_no_field():
    class Sample(Document):
        class Code(StrField):
            pass

        code = Code()

    assert list(Sample.meta.fields) == ['code', '_id']


@pytest.mark.parametrize('option', ['min_length', 'max_length'])
@pytest.mark.parametrize('limit', [-1, True])
def test_a_length_that_nothing_has(option, limit):
    with refused(ValueError, 'Sample.value', option, repr(limit)):
        type('Sample', (Document,), {'value': StrField(**{option: limit})})


@pytest.mark.parametrize('choices', [[], {}, set()])
def test_choices_that_leave_no_value(choices):
    with refused(ValueError, 'Sample.value', 'choices', 'no value'):
        type('Sample', (Document,), {'value': StrField(choices=choices)})


def test_a_meta_that_is_no_class():
    with refused(ValueError, 'Sample.Meta', 'class', 'collection'):
        type('Sample', (Document,), {'Meta': {'collection': 'x'}})
