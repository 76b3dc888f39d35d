"""`validate(partial=True)`: what is unset is not asked for, the rest is checked."""

import pytest

from aiomongodel import (
    AnyField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    StrField,
    ValidationError,
)
from tests.validation.helpers import error_of


class City(EmbeddedDocument):
    name = StrField()
    size = IntField(gte=0)


class User(Document):
    _id = IntField()
    name = StrField(mongo_name='n', max_length=5)
    city = EmbDocField(City)
    cities = ListField(EmbDocField(City))


@pytest.mark.parametrize(
    ('values', 'messages'),
    [
        ({}, None),
        ({'name': 'Ann'}, None),
        ({'city': {}, 'cities': [{'name': 'Kyiv'}, {}]}, None),
        ({'name': None}, {'name': 'none value is not allowed'}),
        ({'name': 'Bartholomew'}, {'name': 'length is greater than 5'}),
        ({'city': {'size': -1}}, {'city': {'size': 'value is less than 0'}}),
        ({'cities': [{}, {'size': -1}]}, {'cities': {1: {'size': 'value is less than 0'}}}),
    ],
)
def test_what_is_set_is_checked_at_each_level(values, messages):
    assert error_of(User(_empty=True).populate_with_data(values), partial=True) == messages


def test_a_document_of_a_projection_is_checked_as_it_was_stored():
    user = User.from_mongo({'n': 'Bartholomew'})
    assert error_of(user, partial=True) == {'name': 'length is greater than 5'}
    assert error_of(User.from_mongo({'n': 'Ann'}), partial=True) is None


def test_without_it_what_is_required_is_asked_for():
    assert error_of(User(_id=1, name='Ann', city={})) == {
        'city': {'name': 'field is required', 'size': 'field is required'},
        'cities': 'field is required',
    }


@pytest.mark.parametrize(
    ('values', 'messages'),
    [({'start': 5}, None), ({'start': 5, 'end': 3}, {'__all__': 'ends before it begins'})],
)
def test_rules_across_fields_count_where_nothing_is_missing(values, messages):
    class Stay(EmbeddedDocument):
        start = IntField()
        end = IntField()

        def clean(self):
            if self.end < self.start:
                raise ValidationError('ends before it begins')

    assert error_of(Stay(**values), partial=True) == messages


class Strict(EmbeddedDocument):
    size = IntField()

    def validate(self):
        super().validate()
        if self.size == 3:
            raise ValidationError({'size': ValidationError('own')})
        return self


class StrictByClass(EmbeddedDocument):
    size = IntField()

    @classmethod
    def validate_document(cls, document):
        super().validate_document(document)
        if document.size == 3:
            raise ValidationError({'size': ValidationError('own')})


@pytest.mark.parametrize('strict', [Strict, StrictByClass])
@pytest.mark.parametrize(
    ('value', 'messages'),
    [
        ({}, None),
        ({'size': 3}, {'item': {'size': 'own'}}),
        ({'size': 'x'}, {'item': {'size': 'invalid value type'}}),
    ],
)
def test_what_a_class_within_overrides_is_called(strict, value, messages):
    class Box(Document):
        item = EmbDocField(strict)

    assert error_of(Box(_empty=True).populate_with_data({'item': value}), partial=True) == messages


def test_an_override_of_validate_document_is_called():
    class Page(Document):
        title = StrField()

        @classmethod
        def validate_document(cls, document):
            raise ValidationError({'title': ValidationError('own')})

    assert error_of(Page(), partial=True) == {'title': 'own'}


def test_the_same_message_about_what_is_set_stays():
    class PageField(AnyField):
        def validate(self, value):
            raise ValidationError('field is required')

    class Page(Document):
        title = PageField()

    assert error_of(Page(title=''), partial=True) == {'title': 'field is required'}


@pytest.mark.parametrize('error', ['whole', {}, {'x': ValidationError('of no field')}, {1: None}])
def test_whatever_else_a_class_raises_stays(error):
    if isinstance(error, dict):
        error = {key: each or ValidationError() for key, each in error.items()}

    class Page(Document):
        @classmethod
        def validate_document(cls, document):
            raise ValidationError(error)

    with pytest.raises(ValidationError) as caught:
        Page(_empty=True).validate(partial=True)
    assert caught.value.as_dict() == ValidationError(error).as_dict()


def test_a_document_that_holds_itself_is_refused_as_it_is_without_it():
    class Node(EmbeddedDocument):
        value = IntField()
        inner = EmbDocField(lambda: Node, required=False)

    node = Node(_empty=True)
    node.inner = node
    assert error_of(node, partial=True) == {'inner': 'value is nested too deeply'}
