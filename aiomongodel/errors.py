"""The exceptions, and the messages of validation, by which translations are keyed.

AioMongodelException
├── Error
│   ├── BulkError                   (also pymongo.errors.BulkWriteError)
│   ├── ConfigurationError          (also pymongo.errors.ConfigurationError, ValueError)
│   ├── ConnectionUsageError        (also pymongo.errors.InvalidOperation, RuntimeError)
│   ├── DocumentLockedError
│   ├── DocumentNotFoundError
│   ├── DuplicateKeyError           (also pymongo.errors.DuplicateKeyError)
│   │   └── BulkDuplicateKeyError   (also a BulkError)
│   ├── LockLostError
│   ├── LockTimeoutError            (also TimeoutError)
│   ├── MultipleDocumentsFoundError
│   ├── PartialDocumentError
│   ├── PingError                   (also pymongo.errors.ConnectionFailure)
│   ├── QueryError                  (also ValueError)
│   │   └── DomainError
│   ├── SessionError                (also pymongo.errors.InvalidOperation, RuntimeError)
│   ├── StaleDocumentError
│   ├── TransactionsNotSupportedError   (also pymongo.errors.OperationFailure)
│   └── ValidationError
└── StopValidation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pymongo.errors

from aiomongodel.utils import _Empty, shown

if TYPE_CHECKING:
    from aiomongodel.operations import BulkFailure, BulkResult

__all__ = [
    'AioMongodelException',
    'BulkDuplicateKeyError',
    'BulkError',
    'ConfigurationError',
    'ConnectionUsageError',
    'DocumentLockedError',
    'DocumentNotFoundError',
    'DomainError',
    'DuplicateKeyError',
    'Error',
    'LockLostError',
    'LockTimeoutError',
    'MultipleDocumentsFoundError',
    'PartialDocumentError',
    'PingError',
    'QueryError',
    'SessionError',
    'StaleDocumentError',
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


class StaleDocumentError(Error):
    """A document has been changed since it was loaded; nothing was written.

    Args:
        document_class: The class of the document.
        _id: Its `_id`.
        expected: The revision that the document in memory holds; None for none.
        found: The stored revision; None for none.

    Attributes:
        document_class: As given.
        _id: As given.
        expected: As given.
        found: As given.

    Example:
        >>> from aiomongodel import Document
        >>> class Page(Document):
        ...     pass
        >>> print(StaleDocumentError(Page, 7, expected=2, found=3))
        Page with the _id 7 has been changed since it was loaded: it holds revision 2, and \
revision 3 is stored; nothing was written. Reload it, and make the change anew
    """

    def __init__(
        self,
        document_class: type,
        _id: Any,
        expected: int | None = None,
        found: int | None = None,
    ) -> None:
        super().__init__(document_class, _id, expected, found)
        self.document_class = document_class
        self._id = _id
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        held = '' if self.expected == self.found else f': it holds {self._revisions()}'
        return (
            f'{self.document_class.__name__} with the _id {shown(self._id)} has been changed since '
            f'it was loaded{held}; nothing was written. Reload it, and make the change anew'
        )

    def _revisions(self) -> str:
        held, stored = (
            'no revision' if number is None else f'revision {number}'
            for number in (self.expected, self.found)
        )
        return f'{held}, and {stored} is stored'


class DocumentLockedError(Error):
    """A document is locked by another owner; nothing was written."""


class LockLostError(Error):
    """A document is not locked by its owner any more; nothing was written."""


class LockTimeoutError(Error, TimeoutError):
    """No matching document became free in the time that was given."""


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


class BulkError(Error, pymongo.errors.BulkWriteError):
    """Some of many writes failed.

    Args:
        message: What is wrong.
        code: The driver's code of such errors.
        details: The driver's whole result, of all batches: what was written, and each refusal.
        failures: The writes that failed.
        result: What was written nevertheless.

    Attributes:
        failures: As given, in the order of their indexes.
        result: As given; None where nobody knows.
    """

    def __init__(
        self,
        message: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        failures: Iterable[BulkFailure] = (),
        result: BulkResult | None = None,
    ) -> None:
        pymongo.errors.OperationFailure.__init__(self, message, code, details)
        self.args = (message,)  # the driver has appended the details
        self._text = message
        self.failures = list(failures)
        self.result = result

    def __str__(self) -> str:
        return self._text

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self._text, self.code, self.details, self.failures, self.result)


class BulkDuplicateKeyError(DuplicateKeyError, BulkError):
    """A unique index refused documents of a bulk write, and nothing else went wrong in it.

    `details` holds the driver's whole result: what was written, and each refusal.

    Args:
        message: The message of the first refusal.
        code: The driver's code of such errors.
        details: The driver's whole result.
        failures: The writes that failed.
        result: What was written nevertheless.
    """

    _CODES: Final = frozenset({11000, 11001, 12582})

    def __init__(
        self,
        message: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        failures: Iterable[BulkFailure] = (),
        result: BulkResult | None = None,
    ) -> None:
        BulkError.__init__(self, message, code, details, failures, result)

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return BulkError.__reduce__(self)

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


class QueryError(Error, ValueError):
    """A query, an update or an order cannot be made or tried as it was given."""


class DomainError(QueryError):
    """A filter that comes from outside cannot be made into a query.

    Args:
        message: What is wrong, and what would be right.
        path: Where it stands.

    Attributes:
        path: Where it stands: `(3,)` is the term or operator at index 3 of the list, from 0 on,
            `(3, 'field')`, `(3, 'operator')` or `(3, 'value')` a part of it, `()` the list itself.

    Example:
        >>> from aiomongodel import domain
        >>> try:
        ...     domain.to_query(User, [['name', '=', 'Ann'], '|', ['name', '=', 'Bob']])
        ... except DomainError as error:
        ...     print(error.path, error)
        (1,) at term 1: '|' stands before two terms, and there is 1 after it
    """

    def __init__(self, message: str, path: tuple[int | str, ...] = ()) -> None:
        super().__init__(message, path)
        self.path = path

    def __str__(self) -> str:
        where = f'at term {self.path[0]}: ' if self.path else ''
        return f'{where}{self.args[0]}'


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
        return BulkDuplicateKeyError.from_bulk(error) if are_duplicates(error.details) else None
    if error.code == TransactionsNotSupportedError._CODE and 'Transaction numbers' in str(error):
        return TransactionsNotSupportedError(
            'transactions need a replica set or a sharded cluster, and this server is a member of '
            f'neither; the server said: {error}',
            error.code,
            error.details,
        )
    return None


def are_duplicates(details: Mapping[str, Any]) -> bool:
    """Whether a bulk write was refused some documents, and each because of a unique index."""
    failures = details['writeErrors']
    codes = {failure['code'] for failure in failures}
    return bool(failures) and codes <= BulkDuplicateKeyError._CODES
