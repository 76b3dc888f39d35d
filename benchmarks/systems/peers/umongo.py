"""umongo."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import marshmallow
import umongo
from umongo import fields
from umongo.frameworks import PyMongoInstance

from benchmarks.documents import Data, Kind, Shape, Spec
from benchmarks.systems.base import System

FIELDS: Final[dict[Kind, Any]] = {
    Kind.STR: fields.StrField,
    Kind.INT: fields.IntField,
    Kind.FLOAT: fields.FloatField,
    Kind.BOOL: fields.BoolField,
    Kind.DATETIME: fields.NaiveDateTimeField,
    Kind.DECIMAL: fields.DecimalField,
    Kind.OBJECT_ID: fields.ObjectIdField,
    Kind.EMAIL: fields.EmailField,
    Kind.DOCUMENT: fields.EmbeddedField,
    # A ReferenceField gives objects that can ask the server, not the ids.
    Kind.REFERENCE: fields.ObjectIdField,
}


class UMongo(System):
    """umongo's documents."""

    packages = ('umongo', 'marshmallow', 'pymongo')
    names: ClassVar[Mapping[str, str]] = {'_id': 'id'}
    error = marshmallow.ValidationError

    def __init__(self, shape: Shape) -> None:
        self._instance = PyMongoInstance()
        super().__init__(shape)

    def make_model(self, shape: Shape) -> Any:
        """A class with a field per spec, registered with an instance."""
        body = {self.attribute(spec.name): self._field(spec) for spec in shape.fields}
        base: Any = umongo.Document if shape.has_id else umongo.EmbeddedDocument
        return self._instance.register(type(base)(shape.name, (base,), body))

    def _field(self, spec: Spec) -> Any:
        options: Data = {'required': spec.required}
        if spec.name == '_id':
            options['attribute'] = '_id'
        given = [self.model_of(spec.inner)] if spec.kind is Kind.DOCUMENT else []
        field = FIELDS[spec.kind](*given, validate=limits(spec), **({} if spec.many else options))
        return fields.ListField(field, **options) if spec.many else field

    def loader(self) -> Callable[[Data], Any]:
        """`build_from_mongo`, which its cursor calls with each dict."""
        return functools.partial(self.model.build_from_mongo, use_cls=True)

    def dumper(self) -> Callable[[Any], Any]:
        """`to_mongo`, which its `commit` calls."""
        found: Callable[[Any], Any] = self.model.to_mongo
        return found

    def validator(self, values: Data) -> Callable[[], Any]:
        """Making a document, which checks the values, and what `commit` checks then."""
        # Its version 4.0.0 fails on a None: it calls a method that marshmallow 4 has not.
        wrong = {name: 'perhaps' for name, value in values.items() if value is None}
        model, keywords = self.model, self.keywords({**values, **wrong})
        return lambda: model(**keywords).required_validate()

    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """The names in the error."""
        try:
            validate()
        except marshmallow.ValidationError as error:
            return set(error.normalized_messages())
        raise AssertionError('a validator has refused nothing')


def limits(spec: Spec) -> list[Any]:
    """The validators of a field."""
    found: list[Any] = []
    if spec.max_length is not None:
        found.append(marshmallow.validate.Length(max=spec.max_length))
    if spec.minimum is not None:
        found.append(marshmallow.validate.Range(min=spec.minimum))
    return found
