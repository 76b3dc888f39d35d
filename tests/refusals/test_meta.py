"""Wrong options in `class Meta`."""

import pytest

from aiomongodel import Document, EmbeddedDocument, MotorQuerySetCursor

from .helpers import model_of, refused


def class_with(base=Document, **options):
    return model_of(base, Meta=type('Meta', (), options))


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
@pytest.mark.parametrize('option', ['colection', 'index', 'queryset_class', 'ordering', '_x'])
def test_an_option_that_there_is_not(option, base):
    with refused(ValueError, 'Unrecognized Meta options', option, 'Sample.Meta'):
        class_with(base, **{option: 1})


@pytest.mark.parametrize('option', ['fields', 'fields_synonyms'])
def test_an_option_that_the_class_itself_sets(option):
    with refused(ValueError, 'Sample.Meta', option):
        class_with(**{option: {'a': 'b'}})


WRONG = [
    *[('collection', value) for value in (5, b'users', ['users'], '', 'a$b', 'a\0b', '..', '.a')],
    *[('default_query', value) for value in (5, 'x', [('a', 1)], [], 0, int)],
    *[('queryset', value) for value in (5, int, 'MotorQuerySet', Document, MotorQuerySetCursor)],
    *[('indexes', value) for value in (5, 'name', ['name'], [('name', 1)], {'name': 1})],
    *[('default_sort', value) for value in (5, object())],
    *[('codec_options', value) for value in (5, {}, 'x', int)],
    *[('read_preference', value) for value in (5, 'primary', {})],
    *[('write_concern', value) for value in (1, 'majority', {'w': 1})],
    *[('read_concern', value) for value in ('majority', {}, 5)],
]


@pytest.mark.parametrize(('option', 'value'), WRONG)
def test_a_value_that_the_option_does_not_take(option, value):
    with refused(ValueError, 'Sample.Meta', option, repr(value)[:10]):
        class_with(**{option: value})


def test_all_unknown_options_are_told_at_once():
    with refused(ValueError, 'first', 'second'):
        class_with(first=1, second=2)
