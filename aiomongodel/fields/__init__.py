"""The fields of documents."""

from aiomongodel.fields.base import AnyField, Field
from aiomongodel.fields.binary import BinaryField, UUIDField
from aiomongodel.fields.documents import EmbDocField, RefField
from aiomongodel.fields.enums import EnumField
from aiomongodel.fields.guards import GuardField, LockField, RevisionField
from aiomongodel.fields.lists import ListField
from aiomongodel.fields.numbers import DecimalField, FloatField, IntField
from aiomongodel.fields.scalars import BoolField, DateTimeField, ObjectIdField
from aiomongodel.fields.synonym import SynonymField
from aiomongodel.fields.text import EmailField, StrField
from aiomongodel.fields.times import DateField, TimedeltaField, TimeField

__all__ = [
    'AnyField',
    'BinaryField',
    'BoolField',
    'DateField',
    'DateTimeField',
    'DecimalField',
    'EmailField',
    'EmbDocField',
    'EnumField',
    'Field',
    'FloatField',
    'GuardField',
    'IntField',
    'ListField',
    'LockField',
    'ObjectIdField',
    'RefField',
    'RevisionField',
    'StrField',
    'SynonymField',
    'TimeField',
    'TimedeltaField',
    'UUIDField',
]
