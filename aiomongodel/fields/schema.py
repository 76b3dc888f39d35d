"""What a field asks of the writer of a schema, and what the rules of several fields share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import bson

from aiomongodel.fields.operators import ANY_UUID

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument
    from aiomongodel.fields.base import Field


class SchemaWriter(Protocol):
    """Writes a schema: a JSON Schema, or one for MongoDB's `$jsonSchema`."""

    def of_field(self, field: Field[Any]) -> dict[str, Any]:
        """The schema of the values of a field, None and choices included, such as of items."""
        ...

    def rules_of(self, field: Field[Any]) -> dict[str, Any]:
        """The same of values that are not None, without what a schema says to people."""
        ...

    def of_documents(self, document_class: type[BaseDocument]) -> dict[str, Any]:
        """The schema of the documents of a class within another."""
        ...


def distinct(values: Iterable[Any]) -> list[Any]:
    """The values without those that are stored like an earlier one: `enum` takes each once."""
    return list(
        {bson.encode({'': value}, codec_options=ANY_UUID): value for value in values}.values()
    )
