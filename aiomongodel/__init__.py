"""An explicit, typed MongoDB ODM of field descriptors, near the speed of the driver."""

from aiomongodel.connections.connection import Connection, connect
from aiomongodel.connections.pool_monitor import (
    ConnectionInfo,
    PoolHealth,
    PoolMetrics,
    PoolMonitor,
)
from aiomongodel.cursor import MotorQuerySetCursor
from aiomongodel.document import Document, EmbeddedDocument
from aiomongodel.errors import (
    AioMongodelException,
    BulkDuplicateKeyError,
    ConfigurationError,
    ConnectionUsageError,
    DocumentNotFoundError,
    DuplicateKeyError,
    Error,
    MultipleDocumentsFoundError,
    PartialDocumentError,
    PingError,
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
from aiomongodel.identifiers import generate_id
from aiomongodel.queryset import MotorQuerySet
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
    'ConfigurationError',
    'Connection',
    'ConnectionInfo',
    'ConnectionUsageError',
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
    'PingError',
    'PoolHealth',
    'PoolMetrics',
    'PoolMonitor',
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
    'connect',
    'generate_id',
    'run_in_transaction',
    'session',
    'transaction',
]
