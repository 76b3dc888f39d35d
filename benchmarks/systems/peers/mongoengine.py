"""MongoEngine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import mongoengine
from mongoengine import fields

from benchmarks.documents import Data, Kind, Shape, Spec
from benchmarks.systems.base import System

FIELDS: Final[dict[Kind, Any]] = {
    Kind.STR: fields.StringField,
    Kind.INT: fields.IntField,
    Kind.FLOAT: fields.FloatField,
    Kind.BOOL: fields.BooleanField,
    Kind.DATETIME: fields.DateTimeField,
    Kind.DECIMAL: fields.Decimal128Field,
    Kind.OBJECT_ID: fields.ObjectIdField,
    Kind.EMAIL: fields.EmailField,
    Kind.DOCUMENT: fields.EmbeddedDocumentField,
    # A ReferenceField would ask the server at each reading.
    Kind.REFERENCE: fields.ObjectIdField,
}


class MongoEngine(System):
    """MongoEngine's documents."""

    packages = ('mongoengine', 'pymongo')
    names: ClassVar[Mapping[str, str]] = {'_id': 'id'}
    error = mongoengine.ValidationError

    def make_model(self, shape: Shape) -> Any:
        """A class with a field per spec."""
        body = {self.attribute(spec.name): self._field(spec) for spec in shape.fields}
        base: Any = mongoengine.Document if shape.has_id else mongoengine.EmbeddedDocument
        return type(base)(shape.name, (base,), {**body, '__module__': __name__})

    def _field(self, spec: Spec) -> Any:
        options: Data = {'required': spec.required}
        if spec.name == '_id':
            options = {'primary_key': True}
        if spec.max_length is not None:
            options['max_length'] = spec.max_length
        if spec.minimum is not None:
            options['min_value'] = spec.minimum
        given = [self.model_of(spec.inner)] if spec.kind is Kind.DOCUMENT else []
        field = FIELDS[spec.kind](*given, **({} if spec.many else options))
        return fields.ListField(field, **options) if spec.many else field

    def loader(self) -> Callable[[Data], Any]:
        """`_from_son`, which its query set calls with each dict."""
        found: Callable[[Data], Any] = self.model._from_son
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """`to_mongo`, which its `save` calls."""
        found: Callable[[Any], Any] = self.model.to_mongo
        return found

    def validator(self, values: Data) -> Callable[[], Any]:
        """`validate` of a document that exists already."""
        found: Callable[[], Any] = self.model(**self.keywords(values)).validate
        return found

    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """The names in the error."""
        try:
            validate()
        except mongoengine.ValidationError as error:
            return set(error.errors)
        raise AssertionError('a validator has refused nothing')
