"""Fields of bytes: BinaryField and UUIDField."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from bson import Binary
from bson.binary import UUID_SUBTYPE, UuidRepresentation

from aiomongodel import errors
from aiomongodel.fields.base import ConvertedField, FieldOptions, V, is_length
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.fields.stored import StoredField

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter


class BinaryOptions(FieldOptions[V], total=False):
    """The options of a field of bytes."""

    max_size: int | None


class BinaryField(ConvertedField[V]):
    """Bytes; a bytearray or a memoryview is converted.

    Args:
        max_size: The greatest number of bytes.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Key(Document):
        ...     secret = BinaryField(max_size=4)
        >>> Key(secret=bytearray(b'1234')).validate().secret
        b'1234'
    """

    value_type = bytes

    @overload
    def __init__(
        self: BinaryField[bytes],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[BinaryOptions[bytes]],
    ) -> None: ...
    @overload
    def __init__(
        self: BinaryField[bytes | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[BinaryOptions[bytes | None]],
    ) -> None: ...
    def __init__(self, *, max_size: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.max_size = max_size

    def _check_definition(self) -> None:
        """Refuse a `max_size` that is no size."""
        if self.max_size is not None and not is_length(self.max_size):
            raise ValueError(f'max_size {self.max_size!r} must be an int from 0 on')
        super()._check_definition()

    def convert(self, value: Any) -> Any:
        """Convert a bytearray or a memoryview."""
        return bytes(value) if isinstance(value, bytearray | memoryview) else value

    def from_json(self, value: Any) -> Any:
        """Convert bytes in base64; anything else stays as it is."""
        if not isinstance(value, str):
            return value
        return attempted(lambda text: base64.b64decode(text, validate=True), value)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The greatest size."""
        if self.max_size is None:
            return []
        error = names.error(errors.TOO_LONG, self.max_size)
        return [Branch(f'len({value}) > {names.limit(self.max_size)}', error)]

    def _storable(self, value: Any) -> Any:
        if value is not None and not isinstance(value, bytes | bytearray | memoryview):
            refuse(self, value, self._type_in_words)
        return stored(self, value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of Base64; each three bytes are four characters of it."""
        rules: dict[str, Any] = {'type': 'string', 'contentEncoding': 'base64'}
        if self.max_size is not None:
            rules['maxLength'] = -(-self.max_size // 3) * 4
        return rules

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """Bytes; no keyword limits their number."""
        return {'bsonType': 'binData'}


class UUIDField(StoredField[V]):
    """A `uuid.UUID`, stored in the standard representation, whatever the client's is.

    A str is read as the digits of one.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Order(Document):
        ...     number = UUIDField()
        >>> Order(number='00112233-4455-6677-8899-aabbccddeeff').number
        UUID('00112233-4455-6677-8899-aabbccddeeff')
    """

    value_type = uuid.UUID
    stored_type = Binary
    _kept_type = Binary

    @overload
    def __init__(
        self: UUIDField[uuid.UUID],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[uuid.UUID]],
    ) -> None: ...
    @overload
    def __init__(
        self: UUIDField[uuid.UUID | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[uuid.UUID | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert the digits of a UUID, with or without hyphens."""
        return uuid.UUID(value) if isinstance(value, str) else value

    def pack(self, value: uuid.UUID) -> Binary:
        """The standard representation."""
        return Binary.from_uuid(value, UuidRepresentation.STANDARD)

    def unpack(self, stored: Binary) -> Any:
        """The UUID; a legacy one, whose order of bytes nobody knows, stays as it is."""
        is_standard = stored.subtype == UUID_SUBTYPE
        return stored.as_uuid(UuidRepresentation.STANDARD) if is_standard else stored

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string of the format."""
        return {'type': 'string', 'format': 'uuid'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """Bytes; no keyword tells their kind."""
        return {'bsonType': 'binData'}
