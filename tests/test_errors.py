"""Errors travel between processes, and can always be printed."""

import copy
import gc
import pickle
import weakref

import pytest

from aiomongodel import DuplicateKeyError, EmbeddedDocument, IntField, ValidationError
from aiomongodel.utils import _Empty


class Sized(EmbeddedDocument):
    size = IntField(gte=0)


@pytest.mark.parametrize('travel', [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_duplicate_key_error_keeps_its_facts(travel):
    error = travel(DuplicateKeyError('E11000 index: a_1 dup key: {}', 11000, {'n': 1}))
    assert (str(error), error.index_name) == ('E11000 index: a_1 dup key: {}', 'a_1')
    assert (error.code, error.details) == (11000, {'n': 1})


def test_a_duplicate_key_error_without_an_index_has_no_name():
    assert DuplicateKeyError('E11000').index_name is None


@pytest.mark.parametrize('travel', [copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_validation_error_keeps_what_it_has(travel):
    error = travel(ValidationError({'a': ValidationError('more than {constraint}', 3)}))
    assert error.as_dict() == {'a': 'more than 3'}


@pytest.mark.parametrize(
    'text', ['{other} than {constraint}', '{0} than {constraint}', '} {constraint}']
)
def test_a_message_that_is_no_format_is_printed_with_its_constraint(text):
    assert str(ValidationError(text, 3)) == text.replace('{constraint}', '3')


def test_the_marker_for_nothing_is_false_and_short():
    assert not _Empty
    assert repr(_Empty) == '_Empty'
    assert pickle.loads(pickle.dumps(_Empty)) is _Empty


@pytest.mark.parametrize('validate', [Sized.validate, lambda _: Sized.size.validate(-1)])
def test_an_error_that_was_caught_leaves_nothing_to_garbage_collection(validate):
    document, left = Sized(size=-1), []
    gc.disable()
    try:
        try:
            validate(document)
        except ValidationError as error:
            left.append(weakref.ref(error))
        assert [ref() for ref in left] == [None]  # other threads leave garbage of their own
    finally:
        gc.enable()
