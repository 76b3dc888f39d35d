"""Validators: what they are called with, in which order, and what they may raise."""

import enum

import pytest

from aiomongodel import (
    AnyField,
    DateTimeField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    IntField,
    ListField,
    RefField,
    StopValidation,
    StrField,
    ValidationError,
)
from tests.drivers import settled
from tests.validation.helpers import error_of


def even(value):
    if value % 2:
        raise ValidationError('value is not a multiple of {constraint}', 2)


def accept(value):
    raise StopValidation


def refuse(value):
    raise ValidationError('refused')


def broken(value):
    raise KeyError('broken')


class Seen(list):
    """A validator that keeps what it is called with."""

    def __call__(self, value):
        self.append(value)


def test_what_a_validator_raises_refuses_the_value():
    class User(Document):
        age = IntField(validators=[even])

    assert error_of(User(age=2)) is None
    assert error_of(User(age=3)) == {'age': 'value is not a multiple of 2'}


@pytest.mark.parametrize(
    ('validators', 'messages'),
    [
        ([even, refuse], {'age': 'value is not a multiple of 2'}),
        ([refuse, even], {'age': 'refused'}),
        ([even, accept, refuse], {'age': 'value is not a multiple of 2'}),
        ([accept, even, refuse], None),
        ((refuse,), {'age': 'refused'}),
        ([lambda value: False], None),
    ],
)
def test_validators_are_called_in_turn_until_one_raises(validators, messages):
    class User(Document):
        age = IntField(validators=validators)

    assert error_of(User(age=3)) == messages


@pytest.mark.parametrize('value', ['x', None, 5, -1])
def test_a_validator_is_not_called_with_what_other_rules_refuse(value):
    seen = Seen()

    class User(Document):
        age = IntField(gte=0, lt=5, validators=[seen])

    assert error_of(User(age=value)) is not None
    assert seen == []


def test_a_validator_is_not_called_for_an_accepted_none_or_for_what_is_unset():
    seen = Seen()

    class User(Document):
        age = IntField(allow_none=True, validators=[seen])
        size = IntField(required=False, validators=[seen])

    assert error_of(User(age=None)) is None
    assert seen == []


class City(Document):
    _id = StrField()


class Point(EmbeddedDocument):
    x = IntField()


Colour = enum.Enum('Colour', ['RED', 'BLUE'])


@pytest.mark.parametrize(
    ('make', 'value', 'seen_value'),
    [
        (AnyField, {'a': 1}, {'a': 1}),
        (lambda **options: StrField(choices=['a', 'b'], **options), 'a', 'a'),
        (lambda **options: EnumField(Colour, **options), 'RED', Colour.RED),
        (lambda **options: RefField(City, **options), 'kyiv', 'kyiv'),
        (lambda **options: RefField(lambda: City, **options), 'kyiv', 'kyiv'),
        (lambda **options: ListField(IntField(), **options), ['1'], [1]),
        (DateTimeField, None, None),
    ],
)
def test_fields_of_all_kinds_call_their_validators(make, value, seen_value):
    seen = Seen()

    class Thing(Document):
        value = make(validators=[seen, refuse], allow_none=True)

    expected = None if value is None else {'value': 'refused'}
    assert error_of(Thing(value=value)) == expected
    assert seen == ([] if value is None else [seen_value])


def test_a_reference_to_a_class_that_was_made_later_calls_its_validators():
    later = {}

    class Post(Document):
        city = RefField(lambda: later['class'], validators=[refuse])

    post = Post(_empty=True)
    with pytest.raises(KeyError):
        post.validate()
    later['class'] = City
    post.city = 'kyiv'
    assert error_of(post) == {'_id': 'field is required', 'city': 'refused'}


def test_the_validators_of_items_are_called_for_each_of_them():
    class Game(Document):
        points = ListField(ListField(IntField(validators=[even])), validators=[refuse])

    assert error_of(Game(points=[[1, 2], [4, 5]])) == {
        'points': {
            0: {0: 'value is not a multiple of 2'},
            1: {1: 'value is not a multiple of 2'},
        }
    }
    assert error_of(Game(points=[[2]])) == {'points': 'refused'}


def test_the_validator_of_an_embedded_document_gets_a_valid_one():
    seen = Seen()

    class Map(Document):
        at = EmbDocField(Point, validators=[seen])

    assert error_of(Map(at={})) == {'at': {'x': 'field is required'}}
    assert seen == []
    assert error_of(Map(at={'x': 1})) is None
    assert [point.x for point in seen] == [1]


def test_the_validators_of_an_id_are_called_for_a_reference_to_it():
    class User(Document):
        _id = IntField(validators=[even])

    class Post(Document):
        author = RefField(User)

    assert error_of(Post(author=3)) == {'author': 'value is not a multiple of 2'}
    assert error_of(Post(author=User(_id=4))) is None


def test_a_field_class_that_calls_super_runs_them_once():
    seen = Seen()

    class OwnField(IntField[int]):
        def validate(self, value):
            super().validate(value)
            if value == 3:
                raise ValidationError('own')

    class User(Document):
        age = OwnField(validators=[seen])
        ages = ListField(OwnField(validators=[seen]))

    assert error_of(User(age=2, ages=[4, 5])) is None
    assert seen == [2, 4, 5]
    assert error_of(User(age=3, ages=[])) == {'age': 'own'}


def test_the_method_of_a_field_and_the_check_before_an_update_run_them():
    field = IntField(validators=[even], name='age')
    field.validate(2)
    with pytest.raises(ValidationError, match='multiple of 2'):
        field.validate(3)


@pytest.mark.parametrize('of_items', [False, True])
@pytest.mark.parametrize('is_own', [False, True])
def test_another_exception_keeps_its_type_and_gets_one_note(of_items, is_own):
    class OwnField(IntField[int]):
        def validate(self, value):
            super().validate(value)

    field = (OwnField if is_own else IntField)(validators=[broken])

    class User(Document):
        age = ListField(field) if of_items else field

    with pytest.raises(KeyError, match='broken') as caught:
        User(age=[1] if of_items else 1).validate()
    assert caught.value.__notes__ == ['in User.age']


async def not_awaited(value):
    pass


@pytest.mark.parametrize(
    ('validators', 'message'),
    [
        ([even, 'even'], "User.age: validators: 'even' must be a function of a value"),
        ([None], 'User.age: validators: None must be a function of a value'),
        (even, 'User.age: validators <function even .* must be a list of functions'),
        ('even', "User.age: validators 'even' must be a list of functions"),
        ({even}, 'User.age: validators {<function even .* must be a list of functions'),
        ([not_awaited], 'User.age: validators: .* is a coroutine function, and nothing is awaited'),
    ],
)
def test_what_cannot_be_called_is_refused_when_the_class_is_made(validators, message):
    with pytest.raises(ValueError, match=message):

        class User(Document):
            age = IntField(validators=validators)


def test_the_validators_of_items_are_looked_at_too():
    with pytest.raises(ValueError, match=r'User\.ages: validators: 1 must be a function'):

        class User(Document):
            ages = ListField(IntField(validators=[1]))


def test_a_default_that_a_validator_refuses_is_refused_when_the_class_is_made():
    with pytest.raises(ValueError, match=r'User\.age: default 3 is refused by its own field'):

        class User(Document):
            age = IntField(default=3, validators=[even])


def test_a_field_without_validators_has_no_branch_for_them():
    class User(Document):
        age = IntField()
        size = IntField(validators=[even])

    names = User.meta.codec.check.__globals__
    assert len([name for name in names if 'validators' in name]) == 1


async def test_a_validate_that_gives_nothing_is_enough(any_db):
    class Page(Document):
        title = StrField(max_length=3)

        def validate(self):
            super().validate()

    assert (await settled(Page.q(any_db).create(title='a'))).title == 'a'
    assert (await settled(Page.q(any_db).get_or_create({'title': 'b'})))[0].title == 'b'
    with pytest.raises(ValidationError):
        await settled(Page.q(any_db).create(title='long'))
