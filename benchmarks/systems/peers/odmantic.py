"""ODMantic."""

from __future__ import annotations

import types
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import odmantic
import pydantic
from odmantic.engine import BaseCursor

from benchmarks.documents import Data, Kind, Shape, Spec
from benchmarks.systems.peers.with_pydantic import TYPES, Pydantic


class ODMantic(Pydantic):
    """ODMantic's models."""

    packages = ('odmantic', 'pydantic', 'pymongo')
    types: ClassVar[dict[Kind, Any]] = {**TYPES, Kind.DECIMAL: Decimal}

    def create(self, shape: Shape, fields: Any) -> Any:
        """A model, by annotations and values as in the body of a class."""
        fields.pop('id', None)  # it has one
        body = {name: value for name, (_, value) in fields.items()}
        notes = {name: kind for name, (kind, _) in fields.items()}
        base = odmantic.Model if shape.has_id else odmantic.EmbeddedModel
        names = {**body, '__annotations__': notes, '__module__': __name__}
        return types.new_class(shape.name, (base,), {}, lambda found: found.update(names))

    def _field(self, spec: Spec) -> Any:
        kind, _ = super()._field(spec)
        minimum = spec.minimum
        if spec.kind is Kind.DECIMAL:  # it puts a type of its own there, and loses the limit
            kind, minimum = Annotated[kind, pydantic.Field(ge=minimum)], None
        limits = odmantic.Field(
            default=... if spec.required else None, max_length=spec.max_length, ge=minimum
        )
        return (kind, limits)

    def loader(self) -> Callable[[Data], Any]:
        """`_parse_document`, which its cursors call with each dict."""
        cursor: Any = BaseCursor(self.model, None)
        found: Callable[[Data], Any] = cursor._parse_document
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """`model_dump_doc`, which its engine's `save` calls."""
        found: Callable[[Any], Any] = self.model.model_dump_doc
        return found
