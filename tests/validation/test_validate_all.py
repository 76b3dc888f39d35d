"""`validate_all`: many documents, one error."""

import pytest

from aiomongodel import Document, EmbeddedDocument, IntField, ValidationError, validate_all


class User(Document):
    _id = IntField()
    age = IntField(gte=0)


@pytest.mark.parametrize('kind', [list, tuple, iter, lambda users: (user for user in users)])
def test_it_gives_the_documents_of_any_iterable(kind):
    users = [User(_id=number, age=number) for number in range(3)]
    assert validate_all(kind(users)) == users
    assert validate_all(kind([])) == []


def test_the_errors_stand_under_the_indexes():
    users = [User(_id=1, age=-1), User(_id=2, age=2), User(age='x')]
    with pytest.raises(ValidationError) as caught:
        validate_all(users)
    assert caught.value.as_dict() == {
        0: {'age': 'value is less than 0'},
        2: {'_id': 'field is required', 'age': 'invalid value type'},
    }
    assert caught.value.flat()['2._id'] == 'field is required'


def test_documents_of_several_classes_are_checked_by_their_own_rules():
    class Point(EmbeddedDocument):
        x = IntField()

        def validate(self):
            raise ValidationError('own')

    with pytest.raises(ValidationError) as caught:
        validate_all([User(_id=1, age=1), Point(x=1)])
    assert caught.value.as_dict() == {1: 'own'}


def test_what_is_no_document_is_refused():
    with pytest.raises(TypeError, match=r"validate_all, at index 1: {'_id': 2} is no document"):
        validate_all([User(_id=1, age=1), {'_id': 2}])


def test_another_exception_says_which_document_it_is_about():
    class Page(Document):
        def validate(self):
            raise KeyError('broken')

    with pytest.raises(KeyError) as caught:
        validate_all([User(_id=1, age=1), Page()])
    assert caught.value.__notes__ == ['in validate_all, at index 1']
