"""Fields of other single values: BoolField, DateTimeField and ObjectIdField."""

from __future__ import annotations

import datetime
from typing import Any, Final, Literal, TypeVar, Unpack, overload

from bson import ObjectId

from aiomongodel.fields.base import ConvertedField, Field, FieldOptions

V = TypeVar('V')


class BoolField(ConvertedField[V]):
    """True or False.

    Of strings, 'true', 'yes', 'on', '1' and 'false', 'no', 'off', '0' are converted, in any case.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     is_active = BoolField(default=True)
        >>> User(is_active='no').is_active
        False
    """

    value_type = bool
    WORDS: Final = {
        **dict.fromkeys(('true', 'yes', 'on', '1'), True),
        **dict.fromkeys(('false', 'no', 'off', '0'), False),
    }

    @overload
    def __init__(
        self: BoolField[bool],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[bool]],
    ) -> None: ...
    @overload
    def __init__(
        self: BoolField[bool | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[bool | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert a string by what it says, and any other value by its truth."""
        return self.WORDS.get(value.lower(), value) if isinstance(value, str) else bool(value)


class DateTimeField(Field[V]):
    """A date with its time, a `datetime.datetime`; MongoDB keeps milliseconds.

    Args:
        **options: See `Field`.

    Example:
        >>> from datetime import datetime
        >>> from aiomongodel import Document
        >>> class Post(Document):
        ...     created = DateTimeField(default=lambda: datetime(2024, 2, 29))
        >>> Post().created
        datetime.datetime(2024, 2, 29, 0, 0)
    """

    value_type = datetime.datetime

    @overload
    def __init__(
        self: DateTimeField[datetime.datetime],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[datetime.datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime.datetime | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[datetime.datetime | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class ObjectIdField(ConvertedField[V]):
    """An ObjectId; 24 hexadecimal digits are converted to one.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Visit(Document):
        ...     page_id = ObjectIdField()
        >>> Visit(page_id='65df1f77bcf86cd799439011').page_id
        ObjectId('65df1f77bcf86cd799439011')
    """

    value_type = ObjectId

    @overload
    def __init__(
        self: ObjectIdField[ObjectId],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[ObjectId]],
    ) -> None: ...
    @overload
    def __init__(
        self: ObjectIdField[ObjectId | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[ObjectId | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert 24 hexadecimal digits."""
        return ObjectId(value) if isinstance(value, str) else value
