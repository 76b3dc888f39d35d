"""What an error says: `as_dict`, `flat` and `messages`, their codes and translations."""

import copy
import datetime
import decimal
import json
import pickle
import re
from pathlib import Path

import pytest

from aiomongodel import ValidationError, errors

PAGE = Path(errors.__file__).parents[1] / 'docs' / 'validation.md'
MESSAGES = {
    name: text for name, text in vars(errors).items() if isinstance(text, str) and name.isupper()
}


def tree():
    price = ValidationError('value is less than {constraint}', 0)
    return ValidationError(
        {
            'items': ValidationError({3: ValidationError({'price': price})}),
            'name': ValidationError('field is required'),
            '__all__': ValidationError('nothing fits', code='no_fit'),
        }
    )


def test_flat_has_each_message_by_its_path():
    assert tree().flat() == {
        'items.3.price': 'value is less than 0',
        'name': 'field is required',
        '__all__': 'nothing fits',
    }


def test_messages_have_all_that_a_program_needs():
    assert tree().messages()[:2] == [
        {
            'path': ('items', 3, 'price'),
            'field': 'items.3.price',
            'code': 'less_than',
            'message': 'value is less than 0',
            'constraint': 0,
        },
        {
            'path': ('name',),
            'field': 'name',
            'code': 'field_is_required',
            'message': 'field is required',
            'constraint': None,
        },
    ]


@pytest.mark.parametrize(
    ('error', 'flat'),
    [
        (ValidationError('whole'), {'__all__': 'whole'}),
        (ValidationError(), {'__all__': ''}),
        (ValidationError({}), {}),
        (ValidationError({'a': ValidationError()}), {'a': ''}),
        (ValidationError({'a': ValidationError({})}), {}),
        (ValidationError({'a': ValidationError({'__all__': ValidationError('x')})}), 'a.__all__'),
    ],
)
def test_an_error_of_a_whole_document_has_a_key_of_its_own(error, flat):
    assert error.flat() == ({flat: 'x'} if isinstance(flat, str) else flat)
    assert [message['field'] for message in error.messages()] == list(error.flat())


def test_of_two_paths_that_read_the_same_the_first_counts_in_flat():
    inner = ValidationError({'b': ValidationError('second')})
    error = ValidationError({'a.b': ValidationError('first'), 'a': inner})
    assert error.flat() == {'a.b': 'first'}
    assert [message['path'] for message in error.messages()] == [('a.b',), ('a', 'b')]


# Codes.


@pytest.mark.parametrize('name', MESSAGES)
def test_each_message_has_its_constants_name_as_a_code(name):
    assert ValidationError(MESSAGES[name], 7).code == name.lower()


@pytest.mark.parametrize('name', MESSAGES)
def test_the_page_on_validation_lists_each_message_with_its_code(name):
    assert f'\n| `{MESSAGES[name]}` | `{name.lower()}` | ' in PAGE.read_text()


@pytest.mark.parametrize(
    ('error', 'code'),
    [
        (ValidationError('my own'), 'invalid'),
        (ValidationError('my own', code='mine'), 'mine'),
        (ValidationError('field is required', code='mine'), 'mine'),
        (ValidationError({}), 'invalid'),
        (ValidationError(), 'invalid'),
    ],
)
def test_a_message_of_a_users_own_has_the_code_that_is_given(error, code):
    assert error.code == code


@pytest.mark.parametrize(
    'copied', [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_a_copy_has_the_same_code_and_message(copied):
    error = copied(ValidationError('at most {constraint}', 7, code='mine'))
    assert (error.code, error.as_dict(), error.constraint) == ('mine', 'at most 7', 7)


# Translations.

UKRAINIAN = {
    'field is required': "обов'язкове поле",
    'value is less than {constraint}': '< {constraint}',
}


@pytest.mark.parametrize('translation', [UKRAINIAN, lambda text: UKRAINIAN.get(text, text)])
def test_a_mapping_or_a_function_translates(translation):
    error = tree()
    flat = {'items.3.price': '< 0', 'name': "обов'язкове поле", '__all__': 'nothing fits'}
    assert error.as_dict(translation)['items'] == {3: {'price': '< 0'}}
    assert error.flat(translation) == error.flat(translation=translation) == flat
    assert [each['message'] for each in error.messages(translation)] == list(flat.values())
    assert error.messages(translation)[0]['code'] == 'less_than'


@pytest.mark.parametrize('translation', [None, {}])
def test_no_translation_leaves_the_messages(translation):
    assert tree().flat(translation) == tree().flat()


def test_a_function_is_not_asked_for_the_empty_text():
    assert ValidationError('').as_dict(lambda text: 'a header') == ''


# JSON.


@pytest.mark.parametrize(
    ('constraint', 'form'),
    [
        (1, 1),
        (1.5, 1.5),
        (True, True),
        (None, None),
        ('a', 'a'),
        (float('inf'), 'inf'),
        (decimal.Decimal('1.50'), '1.50'),
        (datetime.datetime(2026, 1, 2, 3), '2026-01-02T03:00:00'),
        (datetime.date(2026, 1, 2), '2026-01-02'),
        (datetime.time(3, 4), '03:04:00'),
        (datetime.timedelta(hours=1), '1:00:00'),
        ((1, decimal.Decimal(2)), [1, '2']),
        (re.compile('a+'), "re.compile('a+')"),
        (int, "<class 'int'>"),
        (datetime.datetime, "<class 'datetime.datetime'>"),
    ],
)
def test_messages_can_be_written_as_json(constraint, form):
    messages = ValidationError(
        {'x': ValidationError('at most {constraint}', constraint)}
    ).messages()
    assert messages[0]['constraint'] == form
    assert json.loads(json.dumps(messages, allow_nan=False))[0]['constraint'] == form


@pytest.mark.parametrize('key', [('a', 1), 1.5, None, True, datetime.date(2026, 1, 2)])
def test_keys_of_any_kind_become_text(key):
    message = ValidationError({key: ValidationError('x')}).messages()[0]
    assert json.loads(json.dumps(message))['path'] == [str(key)]


def test_errors_as_deep_as_documents_may_be_are_told():
    error = ValidationError('deep')
    for _ in range(100):
        error = ValidationError({'a': error})
    assert error.flat() == {'.'.join('a' * 100): 'deep'}
    assert len(error.messages()[0]['path']) == 100


def test_an_error_without_a_code_has_no_dict_of_its_own():
    assert ValidationError.__init__.__code__.co_argcount == 4
    assert ValidationError('x').__reduce__()[2:] == ()
