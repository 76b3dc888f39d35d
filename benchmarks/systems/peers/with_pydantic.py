"""Pydantic without an ODM, and what the ODMs on top of it have in common."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any, ClassVar, Final

import pydantic
from bson import Decimal128, ObjectId
from pydantic.functional_serializers import PlainSerializer
from pydantic.functional_validators import BeforeValidator

from benchmarks.documents import EMAIL_PATTERN, Data, Kind, Shape, Spec
from benchmarks.systems.base import System

StoredDecimal = Annotated[
    Decimal,
    BeforeValidator(lambda value: value.to_decimal() if isinstance(value, Decimal128) else value),
    PlainSerializer(Decimal128),
]
"""A Decimal that is stored as a Decimal128, by the hooks that pydantic has for it."""

# `EmailStr` needs a further package that takes many times as long.
TYPES: Final[dict[Kind, Any]] = {
    Kind.STR: str,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.BOOL: bool,
    Kind.DATETIME: datetime.datetime,
    Kind.DECIMAL: StoredDecimal,
    Kind.OBJECT_ID: ObjectId,
    Kind.EMAIL: Annotated[str, pydantic.Field(pattern=EMAIL_PATTERN)],
    Kind.REFERENCE: ObjectId,
}
CONFIG: Final = pydantic.ConfigDict(arbitrary_types_allowed=True, populate_by_name=True)


class Pydantic(System):
    """Pydantic's models."""

    packages: ClassVar[tuple[str, ...]] = ('pydantic', 'pymongo')
    names: ClassVar[Mapping[str, str]] = {'_id': 'id'}
    error = pydantic.ValidationError
    types: ClassVar[dict[Kind, Any]] = TYPES

    def make_model(self, shape: Shape) -> Any:
        """A model."""
        fields: Any = {self.attribute(spec.name): self._field(spec) for spec in shape.fields}
        return self.create(shape, fields)

    def create(self, shape: Shape, fields: Any) -> Any:
        """The class with these fields."""
        return pydantic.create_model(shape.name, __config__=CONFIG, **fields)

    def _field(self, spec: Spec) -> Any:
        is_document = spec.kind is Kind.DOCUMENT
        kind: Any = self.model_of(spec.inner) if is_document else self.types[spec.kind]
        if spec.name == '_id':
            return (kind, pydantic.Field(alias='_id'))
        kind = GenericAlias(list, kind) if spec.many else kind
        limits = pydantic.Field(
            default=... if spec.required else None, max_length=spec.max_length, ge=spec.minimum
        )
        return (kind if spec.required else kind | None, limits)

    def loader(self) -> Callable[[Data], Any]:
        """`model_validate`."""
        found: Callable[[Data], Any] = self.model.model_validate
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """`model_dump`."""
        return functools.partial(self.model.model_dump, by_alias=True)

    def validator(self, values: Data) -> Callable[[], Any]:
        """`model_validate`: a model checks values when it is made of them, and not again."""
        return functools.partial(self.model.model_validate, self.keywords(values))

    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """The first part of the path of each error."""
        try:
            validate()
        except pydantic.ValidationError as error:
            return {str(each['loc'][0]) for each in error.errors()}
        raise AssertionError('a validator has refused nothing')
