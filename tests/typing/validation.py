"""What type checkers know of validation. They read this file; it is never run."""

from __future__ import annotations

import gettext
from typing import Any, assert_type

from aiomongodel import (
    Document,
    DuplicateKeyError,
    EmbDocField,
    EmbeddedDocument,
    ErrorMessage,
    IntField,
    ListField,
    RefField,
    StrField,
    ValidationError,
    validate_all,
)
from aiomongodel.errors import ErrorDict


def even(value: int) -> None:
    if value % 2:
        raise ValidationError('value is not a multiple of {constraint}', 2, code='odd')


class Point(EmbeddedDocument):
    x = IntField(validators=[even])


class User(Document):
    _id = IntField(validators=[even, lambda value: value > 0])
    name = StrField(required=False, allow_none=True, validators=(print,))
    point = EmbDocField(Point, validators=[print])
    friends = ListField(RefField(lambda: User, validators=[print]), validators=[len])

    def clean(self) -> None:
        super().clean()


IntField(validators=even)  # type: ignore[call-overload]
IntField(validators=[1])  # type: ignore[list-item]

user = User(_id=2).validate(partial=True)
assert_type(user, User)
assert_type(user._id, int)
assert_type(user.name, str | None)
assert_type(user.point.validate(), Point)
assert_type(validate_all(User(_id=number) for number in range(3)), list[User])
validate_all([1])  # type: ignore[type-var]
assert_type(user.validate(True), User)


def told(error: ValidationError, refusal: DuplicateKeyError) -> Any:
    assert_type(error.as_dict(gettext.gettext), str | ErrorDict | None)
    assert_type(error.flat({'field is required': ''}), dict[str, str])
    assert_type(error.messages(translation=str.upper), list[ErrorMessage])
    assert_type(error.messages()[0]['path'], tuple[str | int, ...])
    assert_type(error.code, str)
    assert_type(refusal.fields, tuple[str, ...])
    assert_type(refusal.as_validation_error(), ValidationError)
    return error.flat(1)  # type: ignore[arg-type]
