"""What a field asks of the writer of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument
    from aiomongodel.fields.base import Field


class SchemaWriter(Protocol):
    """Writes a schema: a JSON Schema, or one for MongoDB's `$jsonSchema`."""

    def of_field(self, field: Field[Any]) -> dict[str, Any]:
        """The schema of the values of a field, None and choices included, such as of items."""

    def of_documents(self, document_class: type[BaseDocument]) -> dict[str, Any]:
        """The schema of the documents of a class within another."""
