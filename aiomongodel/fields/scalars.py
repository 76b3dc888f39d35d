"""Fields of other single values: BoolField and ObjectIdField."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from bson import ObjectId

from aiomongodel.fields.base import ConvertedField, FieldOptions

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

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

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A boolean."""
        return {'type': 'boolean'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A bool."""
        return {'bsonType': 'bool'}


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

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of 24 hexadecimal digits."""
        return {'type': 'string', 'pattern': '^[0-9a-f]{24}$'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """An ObjectId."""
        return {'bsonType': 'objectId'}
