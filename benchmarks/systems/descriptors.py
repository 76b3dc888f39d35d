"""What ours and the published 0.2.1 have in common: the documented 0.2 API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from aiomongodel import Document, EmbeddedDocument, fields
from aiomongodel.errors import ValidationError
from benchmarks.documents import Data, Kind, Shape, Spec
from benchmarks.systems.base import System

FIELDS: Final[dict[Kind, Any]] = {
    Kind.STR: fields.StrField,
    Kind.INT: fields.IntField,
    Kind.FLOAT: fields.FloatField,
    Kind.BOOL: fields.BoolField,
    Kind.DATETIME: fields.DateTimeField,
    Kind.DECIMAL: fields.DecimalField,
    Kind.OBJECT_ID: fields.ObjectIdField,
    Kind.EMAIL: fields.EmailField,
    Kind.DOCUMENT: fields.EmbDocField,
    Kind.REFERENCE: fields.RefField,
}


class Descriptors(System):
    """Classes of field descriptors."""

    error = ValidationError

    def make_model(self, shape: Shape) -> Any:
        """A class with a field per spec."""
        body = {spec.name: self._field(spec) for spec in shape.fields}
        base: Any = Document if shape.has_id else EmbeddedDocument
        return type(base)(shape.name, (base,), {**body, '__module__': __name__})

    def _field(self, spec: Spec) -> Any:
        options: Data = {'required': spec.required}
        if spec.max_length is not None:
            options['max_length'] = spec.max_length
        if spec.minimum is not None:
            options['gte'] = spec.minimum
        given = [] if spec.shape is None else [self.model_of(spec.shape)]
        field = FIELDS[spec.kind](*given, **options)
        return fields.ListField(field) if spec.many else field

    def loader(self) -> Callable[[Data], Any]:
        """`from_mongo`."""
        found: Callable[[Data], Any] = self.model.from_mongo
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """`to_mongo`, which `save` calls."""
        found: Callable[[Any], Any] = self.model.to_mongo
        return found

    def validator(self, values: Data) -> Callable[[], Any]:
        """`validate` of a document that exists already."""
        found: Callable[[], Any] = self.model(**values).validate
        return found

    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """The names in the error."""
        return set(self._error(validate).as_dict())

    def translated(self, values: Data, translation: dict[str, str]) -> Callable[[], Any]:
        """`as_dict` with a translation."""
        error = self._error(self.validator(values))
        return lambda: error.as_dict(translation)

    @staticmethod
    def _error(validate: Callable[[], Any]) -> Any:
        try:
            validate()
        except ValidationError as error:
            return error
        raise AssertionError('a validator has refused nothing')
