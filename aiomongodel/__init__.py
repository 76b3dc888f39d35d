"""An explicit, typed MongoDB ODM of field descriptors, near the speed of the driver."""

from aiomongodel.document import Document, EmbeddedDocument
from aiomongodel.errors import (
    AioMongodelException,
    BulkDuplicateKeyError,
    DocumentNotFoundError,
    DuplicateKeyError,
    Error,
    PartialDocumentError,
    StopValidation,
    ValidationError,
)
from aiomongodel.fields import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    EmailField,
    EmbDocField,
    Field,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)
from aiomongodel.queryset import MotorQuerySet, MotorQuerySetCursor

__version__ = '1.0.0.dev0'

__all__ = [
    'AioMongodelException',
    'AnyField',
    'BoolField',
    'BulkDuplicateKeyError',
    'DateTimeField',
    'DecimalField',
    'Document',
    'DocumentNotFoundError',
    'DuplicateKeyError',
    'EmailField',
    'EmbDocField',
    'EmbeddedDocument',
    'Error',
    'Field',
    'FloatField',
    'IntField',
    'ListField',
    'MotorQuerySet',
    'MotorQuerySetCursor',
    'ObjectIdField',
    'PartialDocumentError',
    'RefField',
    'StopValidation',
    'StrField',
    'SynonymField',
    'ValidationError',
]
