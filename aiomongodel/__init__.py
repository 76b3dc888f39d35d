"""An explicit, typed MongoDB ODM of field descriptors, near the speed of the driver."""

from aiomongodel.document import Document, EmbeddedDocument
from aiomongodel.errors import (
    AioMongodelException,
    BulkDuplicateKeyError,
    DocumentNotFoundError,
    DuplicateKeyError,
    Error,
    MultipleDocumentsFoundError,
    PartialDocumentError,
    SessionError,
    StopValidation,
    TransactionsNotSupportedError,
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
from aiomongodel.sessions import AsyncSession, AsyncTransaction
from aiomongodel.synchronous import QuerySet, QuerySetCursor, Session, Transaction, blocking
from aiomongodel.transactions import run_in_transaction, session, transaction

__version__ = '1.0.0.dev0'

__all__ = [
    'AioMongodelException',
    'AnyField',
    'AsyncSession',
    'AsyncTransaction',
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
    'MultipleDocumentsFoundError',
    'ObjectIdField',
    'PartialDocumentError',
    'QuerySet',
    'QuerySetCursor',
    'RefField',
    'Session',
    'SessionError',
    'StopValidation',
    'StrField',
    'SynonymField',
    'Transaction',
    'TransactionsNotSupportedError',
    'ValidationError',
    'blocking',
    'run_in_transaction',
    'session',
    'transaction',
]
