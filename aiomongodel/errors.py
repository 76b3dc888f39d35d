"""The exceptions, and the messages of validation, by which translations are keyed.

AioMongodelException
├── Error
│   ├── ConfigurationError          (also pymongo.errors.ConfigurationError, ValueError)
│   ├── ConnectionUsageError        (also pymongo.errors.InvalidOperation, RuntimeError)
│   ├── DocumentNotFoundError
│   ├── DuplicateKeyError           (also pymongo.errors.DuplicateKeyError)
│   │   └── BulkDuplicateKeyError   (also pymongo.errors.BulkWriteError)
│   ├── MultipleDocumentsFoundError
│   ├── PartialDocumentError
│   ├── PingError                   (also pymongo.errors.ConnectionFailure)
│   ├── SessionError                (also pymongo.errors.InvalidOperation, RuntimeError)
│   ├── TransactionsNotSupportedError   (also pymongo.errors.OperationFailure)
│   └── ValidationError
└── StopValidation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import pymongo.errors

from aiomongodel.utils import _Empty

__all__ = [
    'AioMongodelException',
    'BulkDuplicateKeyError',
    'ConfigurationError',
    'ConnectionUsageError',
    'DocumentNotFoundError',
    'DuplicateKeyError',
    'Error',
    'MultipleDocumentsFoundError',
    'PartialDocumentError',
    'PingError',
    'SessionError',
    'StopValidation',
    'TransactionsNotSupportedError',
    'ValidationError',
]

FIELD_IS_REQUIRED: Final = 'field is required'
NONE_IS_NOT_ALLOWED: Final = 'none value is not allowed'
BLANK_IS_NOT_ALLOWED: Final = 'blank value is not allowed'
INVALID_TYPE: Final = 'invalid value type'
NO_VARIANT_MATCHES: Final = 'value does not match any variant'
PATTERN_DOES_NOT_MATCH: Final = 'value does not match pattern {constraint}'
TOO_SHORT: Final = 'length is less than {constraint}'
TOO_LONG: Final = 'length is greater than {constraint}'
LESS_THAN: Final = 'value is less than {constraint}'
GREATER_THAN: Final = 'value is greater than {constraint}'
NOT_GREATER_THAN: Final = 'value should be greater than {constraint}'
NOT_LESS_THAN: Final = 'value should be less than {constraint}'
LIST_TOO_SHORT: Final = 'list length is less than {constraint}'
LIST_TOO_LONG: Final = 'list length is greater than {constraint}'
NOT_AN_EMAIL: Final = 'value is not a valid email address'
NESTED_TOO_DEEPLY: Final = 'value is nested too deeply'

ErrorDict: TypeAlias = 'dict[Any, str | ErrorDict | None]'


class AioMongodelException(Exception):  # noqa: N818 - the name is part of the 0.2 API
    """The base of every exception of this package."""


class Error(AioMongodelException):
    """The base of every error; what is no error, but steers a validation, is not one."""


class StopValidation(AioMongodelException):
    """Raised by a field's own `validate` to accept the value and look no further."""


class DocumentNotFoundError(Error):
    """No document matches where one was asked for."""


class MultipleDocumentsFoundError(Error):
    """Several documents match where one was asked for."""


class PartialDocumentError(Error):
    """A document that was loaded through a projection cannot replace the stored one."""


class DuplicateKeyError(Error, pymongo.errors.DuplicateKeyError):
    """A unique index refused a write.

    Args:
        message: The server's or the driver's message.
        code: The server's error code.
        details: The server's whole answer.

    Attributes:
        index_name: The name of the index, None where the message names none.

    Example:
        >>> DuplicateKeyError('E11000 duplicate key error collection: db.users '
        ...                   'index: name_1 dup key: { name: "x" }').index_name
        'name_1'
    """

    _INDEX_NAME: Final = re.compile(r'index: (?:\S+\.\$)?(.+?)\s+dup key')

    def __init__(
        self, message: str, code: int | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        pymongo.errors.OperationFailure.__init__(self, message, code, details)
        self.args = (message,)  # the driver has appended the details, which str() of its own has
        self._text = message

    @property
    def index_name(self) -> str | None:
        """The name of the index that refused the write, read from the message."""
        found = self._INDEX_NAME.search(self._text)
        return found[1] if found else None

    @classmethod
    def from_driver(cls, error: pymongo.errors.OperationFailure) -> DuplicateKeyError:
        """The driver's error as ours, with its text, code and details."""
        return cls(str(error), error.code, error.details)

    def __str__(self) -> str:
        return self._text

    def __reduce__(self) -> tuple[type, tuple[str, int | None, Mapping[str, Any] | None]]:
        return type(self), (self._text, self.code, self.details)


class BulkDuplicateKeyError(DuplicateKeyError, pymongo.errors.BulkWriteError):
    """A unique index refused documents of a bulk write, and nothing else went wrong in it.

    `details` holds the driver's whole result: what was written, and each refusal.
    """

    _CODES: Final = frozenset({11000, 11001, 12582})

    @classmethod
    def from_bulk(cls, error: pymongo.errors.BulkWriteError) -> BulkDuplicateKeyError:
        """The driver's error as ours; the message is that of the first refusal."""
        return cls(error.details['writeErrors'][0]['errmsg'], error.code, error.details)


class ConfigurationError(Error, pymongo.errors.ConfigurationError, ValueError):
    """A connection cannot be made of what was given; the message shows no user and no password."""


class ConnectionUsageError(Error, pymongo.errors.InvalidOperation, RuntimeError):
    """A connection is not used as it can be, say after its end or without an event loop."""


class PingError(Error, pymongo.errors.ConnectionFailure):
    """A server does not answer, or not as it should; the message shows no user and no password.

    Args:
        message: What is wrong, in plain words.
        reason: The same for a program.
        hosts: The servers that were asked, as `'host:port'`.
        database: The name of the database.

    Attributes:
        reason: `'refused'`, `'unknown host'`, `'timeout'`, `'tls'`, `'closed'`, `'pool'`,
            `'authentication'`, `'replica set'`, `'no member'` or `'other'`.
        hosts: As given.
        database: As given.
    """

    def __init__(
        self,
        message: str,
        reason: str = 'other',
        hosts: tuple[str, ...] = (),
        database: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.hosts = hosts
        self.database = database


class SessionError(Error, pymongo.errors.InvalidOperation, RuntimeError):
    """A session or a transaction is not used as it can be, say after its end."""


class TransactionsNotSupportedError(Error, pymongo.errors.OperationFailure):
    """The server is neither a member of a replica set nor a mongos."""

    _CODE: Final = 20


class ValidationError(Error):
    """A document's values break the rules of its fields.

    Args:
        error: A message, or the errors of several fields or items by their names or indexes.
        constraint: The limit that was broken; the message shows it as `{constraint}`.

    Attributes:
        error: As given.
        constraint: As given.

    The messages, as the keys of a translation::

        translation = {
            'field is required': '',
            'none value is not allowed': '',
            'blank value is not allowed': '',
            'invalid value type': '',
            'value does not match any variant': '',
            'value does not match pattern {constraint}': '',
            'length is less than {constraint}': '',
            'length is greater than {constraint}': '',
            'value is less than {constraint}': '',
            'value is greater than {constraint}': '',
            'value should be greater than {constraint}': '',
            'value should be less than {constraint}': '',
            'list length is less than {constraint}': '',
            'list length is greater than {constraint}': '',
            'value is not a valid email address': '',
            'value is nested too deeply': '',
        }

    Example:
        >>> error = ValidationError({'age': ValidationError('value is less than {constraint}', 3)})
        >>> error.as_dict()
        {'age': 'value is less than 3'}
        >>> error.as_dict(translation={'value is less than {constraint}': 'min. {constraint}'})
        {'age': 'min. 3'}
    """

    # A document may have many: a dict for each would be made, and collected, for two values.
    __slots__ = ('constraint', 'error')

    def __init__(
        self,
        error: str | Mapping[Any, ValidationError] | None = None,
        constraint: Any = _Empty,
    ) -> None:
        self.args = (error, constraint)  # a call of the base's __init__ would take longer
        self.error = error
        self.constraint = constraint

    def as_dict(self, translation: Mapping[str, str] | None = None) -> str | ErrorDict | None:
        """The messages, translated.

        Args:
            translation: Own messages by ours; a message that it lacks stays as it is.

        Returns:
            The message where `error` is one, else the same for each of the errors, by its key.
        """
        if self.error is None:
            return None
        if not isinstance(self.error, str):
            return {key: error.as_dict(translation) for key, error in self.error.items()}
        text = translation.get(self.error, self.error) if translation else self.error
        return text if self.constraint is _Empty else formatted(text, self.constraint)

    def __str__(self) -> str:
        if not isinstance(self.error, Mapping):
            return str(self.as_dict())
        try:
            return str(dict(self.error))
        except RecursionError:  # only as_dict reaches the bottom of such a value
            return '{...}'

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self})'


def formatted(text: str, constraint: Any) -> str:
    """The text with its constraint, also where other braces in it make it no format."""
    try:
        return text.format(constraint=constraint)
    except (AttributeError, LookupError, ValueError):
        return text.replace('{constraint}', str(constraint))


def named(error: Exception, where: str) -> Error | None:
    """Say in an error of a call to the driver where it happened.

    Args:
        error: The error.
        where: The model and the operation, for a note of the error.

    Returns:
        Our error of the same meaning, to be raised from it; None where there is none.
    """
    ours = counterpart(error)
    (ours or error).add_note(where)
    return ours


def counterpart(error: Exception) -> Error | None:
    """Our error of the same meaning as the driver's."""
    if isinstance(error, Error) or not isinstance(error, pymongo.errors.OperationFailure):
        return None
    if isinstance(error, pymongo.errors.DuplicateKeyError):
        return DuplicateKeyError.from_driver(error)
    if isinstance(error, pymongo.errors.BulkWriteError):
        failures = error.details['writeErrors']
        only_duplicates = all(
            failure['code'] in BulkDuplicateKeyError._CODES for failure in failures
        )
        return BulkDuplicateKeyError.from_bulk(error) if failures and only_duplicates else None
    if error.code == TransactionsNotSupportedError._CODE and 'Transaction numbers' in str(error):
        return TransactionsNotSupportedError(
            'transactions need a replica set or a sharded cluster, and this server is a member of '
            f'neither; the server said: {error}',
            error.code,
            error.details,
        )
    return None
