"""StoredField: the base of fields of single values whose stored form is of another type."""

from __future__ import annotations

from typing import Any

from aiomongodel.fields.base import ConvertedField, V
from aiomongodel.fields.source import Names, attempted


class StoredField(ConvertedField[V]):
    """A field of single values whose stored form is of another type.

    A subclass names both types, and says in `pack` and `unpack` how one becomes the other.
    """

    stored_type: type | tuple[type, ...]
    """The type of the stored form; a stored value of any other stays as it is."""

    def pack(self, value: Any) -> Any:
        """The stored form of a value of the field's type."""
        raise NotImplementedError

    def unpack(self, stored: Any) -> Any:
        """The value of a stored form; whatever it raises, the stored form then stays as it is."""
        raise NotImplementedError

    def to_mongo(self, value: Any) -> Any:
        """Convert a value to its stored form; what is of another type stays as it is."""
        return self.pack(value) if isinstance(value, self.field_type) else value

    def from_mongo(self, value: Any) -> Any:
        """Convert a value from its stored form; what is of another type stays as it is."""
        return attempted(self.unpack, value) if isinstance(value, self.stored_type) else value

    def to_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `to_mongo`."""
        return names.call(self.to_mongo, value)

    def from_mongo_source(self, value: str, names: Names) -> str:
        """The expression of `from_mongo`."""
        return names.call(self.from_mongo, value)
