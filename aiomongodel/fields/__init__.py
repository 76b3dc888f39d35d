"""The fields of documents."""

from aiomongodel.fields.addresses import IPAddressField
from aiomongodel.fields.base import AnyField, Field
from aiomongodel.fields.binary import BinaryField, UUIDField
from aiomongodel.fields.computed import ComputedField
from aiomongodel.fields.constants import ConstField
from aiomongodel.fields.datetimes import DateTimeField
from aiomongodel.fields.documents import EmbDocField, RefField
from aiomongodel.fields.enums import EnumField
from aiomongodel.fields.files import FileField
from aiomongodel.fields.geojson import (
    GeoJSONField,
    GeometryCollectionField,
    LineStringField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    PointField,
    PolygonField,
)
from aiomongodel.fields.guards import GuardField, LockField, RevisionField
from aiomongodel.fields.lists import ListField
from aiomongodel.fields.maps import DictField, MapField
from aiomongodel.fields.numbers import DecimalField, FloatField, IntField
from aiomongodel.fields.regexes import PatternField
from aiomongodel.fields.scalars import BoolField, ObjectIdField
from aiomongodel.fields.sequences import SequenceField
from aiomongodel.fields.sets import SetField
from aiomongodel.fields.synonym import SynonymField
from aiomongodel.fields.text import EmailField, StrField
from aiomongodel.fields.times import DateField, TimedeltaField, TimeField
from aiomongodel.fields.tuples import TupleField
from aiomongodel.fields.unions import UnionField
from aiomongodel.fields.urls import UrlField
from aiomongodel.fields.vectors import VectorField

__all__ = [
    'AnyField',
    'BinaryField',
    'BoolField',
    'ComputedField',
    'ConstField',
    'DateField',
    'DateTimeField',
    'DecimalField',
    'DictField',
    'EmailField',
    'EmbDocField',
    'EnumField',
    'Field',
    'FileField',
    'FloatField',
    'GeoJSONField',
    'GeometryCollectionField',
    'GuardField',
    'IPAddressField',
    'IntField',
    'LineStringField',
    'ListField',
    'LockField',
    'MapField',
    'MultiLineStringField',
    'MultiPointField',
    'MultiPolygonField',
    'ObjectIdField',
    'PatternField',
    'PointField',
    'PolygonField',
    'RefField',
    'RevisionField',
    'SequenceField',
    'SetField',
    'StrField',
    'SynonymField',
    'TimeField',
    'TimedeltaField',
    'TupleField',
    'UUIDField',
    'UnionField',
    'UrlField',
    'VectorField',
]
