"""The 0.2 contract: the errors themselves."""

import pymongo.errors
import pytest

from aiomongodel import errors
from aiomongodel.errors import DuplicateKeyError, ValidationError

MESSAGE = (
    'E11000 duplicate key error collection: test.users index: {} dup key: {{ name: "index: x" }}'
)

TEMPLATES = [
    ('field is required', None),
    ('none value is not allowed', None),
    ('blank value is not allowed', None),
    ('invalid value type', None),
    ('value does not match any variant', None),
    ('value does not match pattern {constraint}', '^[a-z]{3}$'),
    ('length is less than {constraint}', 3),
    ('length is greater than {constraint}', 3),
    ('value is less than {constraint}', 3),
    ('value is greater than {constraint}', 3),
    ('value should be greater than {constraint}', 3),
    ('value should be less than {constraint}', 3),
    ('list length is less than {constraint}', 3),
    ('list length is greater than {constraint}', 3),
    ('value is not a valid email address', None),
]


def error_of(template, constraint):
    """Make an error with its constraint, if it has one."""
    return ValidationError(template, *([] if constraint is None else [constraint]))


# Seed: "AioMongodelException: Base AioMongodel Exception class", "Error: Base AioMongodel Error
# class"


@pytest.mark.parametrize(
    'name',
    [
        *('DocumentNotFoundError', 'DuplicateKeyError', 'Error', 'PartialDocumentError'),
        *('StopValidation', 'ValidationError'),
    ],
)
def test_every_exception_is_an_aiomongodel_exception(name):
    assert issubclass(getattr(errors, name), errors.AioMongodelException)


@pytest.mark.parametrize(
    'name',
    ['DocumentNotFoundError', 'DuplicateKeyError', 'PartialDocumentError', 'ValidationError'],
)
def test_every_error_is_an_aiomongodel_error(name):
    assert issubclass(getattr(errors, name), errors.Error)


# "`str(ValidationError('… {constraint}', constraint=10))` is formatted"


@pytest.mark.parametrize(('template', 'constraint'), TEMPLATES)
def test_the_text_of_a_validation_error_is_formatted_with_its_constraint(template, constraint):
    error = error_of(template, constraint)

    assert str(error) == template.replace('{constraint}', str(constraint))


def test_a_validation_error_takes_its_arguments_by_name():
    error = ValidationError(error='length is less than {constraint}', constraint=10)

    assert str(error) == 'length is less than 10'
    assert error.constraint == 10


# "of a dict of errors it is that dict's text, an item's repr being
# `ValidationError(field is required)`"


def test_the_text_of_a_dict_of_errors_is_that_of_the_dict():
    nested = ValidationError({1: ValidationError('length is less than {constraint}', 3)})
    error = ValidationError({'name': ValidationError('field is required'), 'items': nested})

    assert repr(error.error['name']) == 'ValidationError(field is required)'
    assert str(error) == (
        "{'name': ValidationError(field is required), "
        "'items': ValidationError({1: ValidationError(length is less than 3)})}"
    )
    assert str(error) == str(error.error)


# Seed: "error: Can contain a simple error string or dict of nested validation errors.",
# "as_dict(translation=None)"


def test_as_dict_of_a_simple_error_is_its_text():
    assert ValidationError('length is less than {constraint}', 3).as_dict() == (
        'length is less than 3'
    )


def test_as_dict_of_a_dict_of_errors_nests():
    error = ValidationError({'a': ValidationError({1: ValidationError('field is required')})})

    assert error.as_dict() == {'a': {1: 'field is required'}}


@pytest.mark.parametrize(('template', 'constraint'), TEMPLATES)
def test_as_dict_translates_each_documented_template(template, constraint):
    translation = {template: template.upper().replace('{CONSTRAINT}', '{constraint}!')}
    error = ValidationError({'a': ValidationError({1: error_of(template, constraint)})})

    expected = template.upper().replace('{CONSTRAINT}', f'{constraint}!')
    assert error.as_dict(translation=translation) == {'a': {1: expected}}


def test_as_dict_keeps_the_default_message_where_the_translation_has_none():
    error = ValidationError('field is required')

    assert error.as_dict({'invalid value type': 'no'}) == 'field is required'


# "leaves as `aiomongodel.errors.DuplicateKeyError`, which is also a pymongo one; `index_name`
# from the message, `str(error)` the message; `DuplicateKeyError(message)` can be made from a
# string; the driver's `code` and `details` work on it (*fixed*)."


def test_a_duplicate_key_error_is_one_of_pymongo():
    assert issubclass(DuplicateKeyError, pymongo.errors.DuplicateKeyError)


@pytest.mark.parametrize('index', ['_id_', 'name_1', 'name_1_user.age_-1', 'by name'])
def test_a_duplicate_key_error_reads_the_index_name_from_its_message(index):
    assert DuplicateKeyError(MESSAGE.format(index)).index_name == index


def test_the_text_of_a_duplicate_key_error_is_its_message():
    message = MESSAGE.format('name_1')

    assert str(DuplicateKeyError(message)) == message
    assert str(DuplicateKeyError(message=message)) == message


def test_a_duplicate_key_error_made_from_a_string_has_the_drivers_attributes():
    error = DuplicateKeyError(MESSAGE.format('name_1'))

    assert error.code is None
    assert error.details is None
