"""The exceptions, and what they tell of.

AioMongodelException
├── Error
│   ├── BulkError                   (also pymongo.errors.BulkWriteError)
│   ├── ConfigurationError          (also pymongo.errors.ConfigurationError, ValueError)
│   ├── ConnectionUsageError        (also pymongo.errors.InvalidOperation, RuntimeError)
│   ├── CorruptFileError            (also gridfs.errors.CorruptGridFile)
│   ├── DocumentLockedError
│   ├── DocumentNotFoundError
│   │   └── StoredFileNotFoundError (also gridfs.errors.NoFile)
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
│   ├── UnknownClassError
│   └── ValidationError
└── StopValidation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

import pymongo.errors
from gridfs.errors import CorruptGridFile, NoFile

from aiomongodel import messages
from aiomongodel.messages import *  # noqa: F403 - `errors.TOO_LONG` is how the package names one
from aiomongodel.messages import Translation, formatted, translated
from aiomongodel.unique_keys import field_paths, index_name
from aiomongodel.utils import _Empty, shown

if TYPE_CHECKING:
    from aiomongodel.operations import BulkFailure, BulkResult

__all__ = [
    'AioMongodelException',
    'BulkDuplicateKeyError',
    'BulkError',
    'ConfigurationError',
    'ConnectionUsageError',
    'CorruptFileError',
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
    'StoredFileNotFoundError',
    'TransactionsNotSupportedError',
    'UnknownClassError',
    'ValidationError',
]

ErrorDict: TypeAlias = 'dict[Any, str | ErrorDict | None]'

Path: TypeAlias = tuple[Any, ...]


class ErrorMessage(TypedDict):
    """One message of a ValidationError, for a program: see `ValidationError.messages`."""

    path: tuple[str | int, ...]
    field: str
    code: str
    message: str
    constraint: Any


class AioMongodelException(Exception):  # noqa: N818 - the name is part of the 0.2 API
    """The base of every exception of this package."""


class Error(AioMongodelException):
    """The base of every error; what is no error, but steers a validation, is not one."""


class StopValidation(AioMongodelException):
    """Raised by a field's own `validate` to accept the value and look no further."""


class DocumentNotFoundError(Error):
    """No document matches where one was asked for."""


class StoredFileNotFoundError(DocumentNotFoundError, NoFile):
    """A bucket has no file with the `_id` that a document refers to."""


class CorruptFileError(Error, CorruptGridFile):
    """A stored file lacks a part, or has a part that is not its own."""


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
        document_class: The class of the documents, by which fields are named.

    Attributes:
        fields: The fields of the index in its order, such as `('address.city',)`: by their names
            where the class is known, else by the stored ones; empty where the answer does not say.
            It never holds a value.

    Example:
        >>> from pymongo import IndexModel
        >>> from aiomongodel import Document, EmailField
        >>> class Account(Document):
        ...     email = EmailField(mongo_name='e')
        ...     class Meta:
        ...         indexes = [IndexModel('e', unique=True)]
        >>> _ = await Account.q(db).create_indexes()
        >>> account = await Account.q(db).create(email='ann@example.com')
        >>> try:
        ...     _ = await Account.q(db).create(email='ann@example.com')
        ... except DuplicateKeyError as error:
        ...     print(error.index_name, error.fields, error.as_dict())
        e_1 ('email',) {'email': 'value is not unique'}
    """

    def __init__(
        self,
        message: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        *,
        document_class: Any = None,
    ) -> None:
        pymongo.errors.OperationFailure.__init__(self, message, code, details)
        self.args = (message,)  # the driver has appended the details, which str() of its own has
        self._text = message
        self.fields = field_paths(document_class, message, details)

    @property
    def index_name(self) -> str | None:
        """The name of the index that refused the write, read from the message."""
        return index_name(self._text)

    def as_validation_error(self) -> ValidationError:
        """The same as an error of the fields, as `validate` would give it.

        Each field of an index on several has the message that these are not unique together.
        Where the fields are not known, it is an error of the whole document.

        Example:
            >>> answer = {'keyPattern': {'email': 1}}
            >>> DuplicateKeyError('E11000 ...', 11000, answer).as_validation_error().flat()
            {'email': 'value is not unique'}
        """
        return not_unique(self.fields)

    def as_dict(self, translation: Translation | None = None) -> str | ErrorDict | None:
        """The messages of `as_validation_error`, translated.

        Args:
            translation: As of `ValidationError.as_dict`.
        """
        return self.as_validation_error().as_dict(translation)

    @classmethod
    def from_driver(
        cls, error: pymongo.errors.OperationFailure, document_class: Any = None
    ) -> DuplicateKeyError:
        """The driver's error as ours, with its text, code and details."""
        return cls(str(error), error.code, error.details, document_class=document_class)

    def __str__(self) -> str:
        return self._text

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._text, self.code, self.details), {'fields': self.fields}


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
        document_class: The class of the documents, by which fields are named.

    Attributes:
        fields: The fields of the index that refused the first; each of `failures` has its own.
    """

    _CODES: Final = frozenset({11000, 11001, 12582})

    def __init__(
        self,
        message: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        failures: Iterable[BulkFailure] = (),
        result: BulkResult | None = None,
        *,
        document_class: Any = None,
    ) -> None:
        BulkError.__init__(self, message, code, details, failures, result)
        refusals = (details or {}).get('writeErrors') or [{}]
        self.fields = field_paths(document_class, message, refusals[0])

    def as_validation_error(self) -> ValidationError:
        """The same as the errors of the documents that were refused, by their indexes.

        Example:
            >>> from pymongo import IndexModel
            >>> class Account(User):
            ...     class Meta:
            ...         indexes = [IndexModel('name', unique=True)]
            >>> _ = await Account.q(db).create_indexes()
            >>> try:
            ...     _ = await Account.q(db).insert_many([Account(name='Eve'), Account(name='Eve')])
            ... except BulkDuplicateKeyError as error:
            ...     print(error.as_dict())
            {1: {'name': 'value is not unique'}}
        """
        if not self.failures:
            return super().as_validation_error()
        return ValidationError(
            {failure.index: not_unique(failure.fields) for failure in self.failures}
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return *BulkError.__reduce__(self), {'fields': self.fields}

    @classmethod
    def from_bulk(
        cls, error: pymongo.errors.BulkWriteError, document_class: Any = None
    ) -> BulkDuplicateKeyError:
        """The driver's error as ours; the message is that of the first refusal."""
        message = error.details['writeErrors'][0]['errmsg']
        return cls(message, error.code, error.details, document_class=document_class)


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


class UnknownClassError(Error):
    """A stored document names a class that is not, or not below, the one it is loaded as.

    Args:
        document_class: The class it was to be loaded as.
        key: The key under which the name is stored.
        value: The stored name; None for none.
        known: The names of the class and of those below it.

    Attributes:
        document_class: As given.
        key: As given.
        value: As given.
        known: As given.

    Example:
        >>> print(UnknownClassError(User, '_cls', 'Bot', ['Admin', 'User']))
        a stored document of the collection 'user' has the _cls 'Bot', which is no class that User \
can be loaded as: its names are 'Admin', 'User'. Import the module that defines the class, or \
set unknown_class = 'parent' in User.Meta
    """

    def __init__(
        self, document_class: type, key: str, value: Any, known: Iterable[str] = ()
    ) -> None:
        super().__init__(document_class, key, value, known)
        self.document_class: Any = document_class  # a type checker knows no `meta` of a type
        self.key = key
        self.value = value
        self.known = list(known)

    def __str__(self) -> str:
        name = self.document_class.__name__
        has = f'no {self.key}' if self.value is None else f'the {self.key} {shown(self.value)}'
        collection = self.document_class.meta.collection_name
        where = '' if collection is None else f' of the collection {collection!r}'
        return (
            f'a stored document{where} has {has}, which is no class that {name} can be loaded as: '
            f'its names are {", ".join(map(repr, self.known)) or "none"}. Import the module that '
            f"defines the class, or set unknown_class = 'parent' in {name}.Meta"
        )


class ValidationError(Error):
    """A document's values break the rules of its fields.

    Args:
        error: A message, or the errors of several fields or items by their names or indexes.
        constraint: The limit that was broken; the message shows it as `{constraint}`.
        code: What stands for a message of your own in `messages`; ours have their own.

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
            'value is not a valid URL': '',
            'value is not a valid IP address': '',
            'value is not a valid IPv{constraint} address': '',
            'value is not a pattern that can be stored': '',
            'value has no time zone': '',
            'value is not a time that can be stored': '',
            'value is not a longitude (-180 to 180), then a latitude (-90 to 90)': '',
            'number of positions is less than {constraint}': '',
            'last position of the ring is not the first one': '',
            'file is not in the bucket {constraint}': '',
            'value is nested too deeply': '',
            'unknown field': '',
            'key cannot be the name of a field in MongoDB': '',
            'key does not match pattern {constraint}': '',
            'length is not {constraint}': '',
            'value is not {constraint}': '',
            'value is not a finite number': '',
            'value is not unique': '',
            'values of {constraint} are not unique together': '',
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

    WHOLE: Final = '__all__'
    """The key of an error that is about a whole document."""

    OWN: Final = 'invalid'
    """The code of a message of your own, where none is given."""

    _code: str | None = None
    """The code that was given, which lies in the `__dict__` that exceptions get when need be."""

    def __init__(
        self,
        error: str | Mapping[Any, ValidationError] | None = None,
        constraint: Any = _Empty,
        code: str | None = None,
    ) -> None:
        self.args = (error, constraint)  # a call of the base's __init__ would take longer
        self.error = error
        self.constraint = constraint
        if code is not None:
            self._code = code

    @property
    def code(self) -> str:
        """What stands for the message in a program: it stays the same in each language.

        It is the one that was given; of a message of ours the one of the table in
        `docs/validation.md`; else `'invalid'`.

        Example:
            >>> ValidationError('value is less than {constraint}', 0).code
            'less_than'
            >>> ValidationError('no such town', code='unknown_town').code
            'unknown_town'
        """
        if self._code is not None or not isinstance(self.error, str):
            return self._code or self.OWN
        return messages.CODES.get(self.error, self.OWN)

    def as_dict(self, translation: Translation | None = None) -> str | ErrorDict | None:
        """The messages, translated.

        Args:
            translation: Own messages by ours, or a function that gives them, such as
                `gettext.gettext`; a message that it lacks stays as it is.

        Returns:
            The message where `error` is one, else the same for each of the errors, by its key.
        """
        if self.error is None:
            return None
        if not isinstance(self.error, str):
            return {key: error.as_dict(translation) for key, error in self.error.items()}
        text = self.error
        if isinstance(translation, dict):  # a call for each message would take a tenth of the time
            text = translation.get(text, text)
        elif translation is not None:
            text = translated(text, translation)
        return text if self.constraint is _Empty else formatted(text, self.constraint)

    def flat(self, translation: Translation | None = None) -> dict[str, str]:
        """The messages by the paths of their values, translated.

        Args:
            translation: As of `as_dict`.

        Returns:
            The messages, in a new dict. A message without a path is under `'__all__'`. Of two
            paths that read the same, for a key with a dot in it, the first counts.

        Example:
            >>> price = ValidationError('value is less than {constraint}', 0)
            >>> ValidationError({'items': ValidationError({3: price})}).flat()
            {'items.3': 'value is less than 0'}
        """
        found: dict[str, str] = {}
        for path, error in leaves(self):
            found.setdefault(dotted(path), error._message(translation))
        return found

    def messages(self, translation: Translation | None = None) -> list[ErrorMessage]:
        """The messages for a program, each with its path, its code and its constraint.

        `json.dumps` takes them, whatever the constraints are.

        Args:
            translation: As of `as_dict`; codes are not translated.

        Returns:
            A dict for each message: `path`, the names and indexes; `field`, the same in one str,
            as in `flat`; `code`; `message`; `constraint`, a text where JSON has no form of it,
            None where there is none.

        Example:
            >>> price = ValidationError('value is less than {constraint}', 0)
            >>> for message in ValidationError({'price': price}).messages():
            ...     print(message['path'], message['code'], message['constraint'])
            ('price',) less_than 0
        """
        return [
            {
                'path': tuple(map(messages.plain_key, path)),
                'field': dotted(path),
                'code': error.code,
                'message': error._message(translation),
                'constraint': messages.plain_constraint(error.constraint),
            }
            for path, error in leaves(self)
        ]

    def _message(self, translation: Translation | None) -> str:
        message = self.as_dict(translation)
        return message if isinstance(message, str) else ''

    def __str__(self) -> str:
        if not isinstance(self.error, Mapping):
            return str(self.as_dict())
        try:
            return str(dict(self.error))
        except RecursionError:  # only as_dict reaches the bottom of such a value
            return '{...}'

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self})'


def leaves(error: ValidationError, path: Path = ()) -> Iterator[tuple[Path, ValidationError]]:
    """The errors that have messages, within an error or itself, each with its path."""
    if error.error is None or isinstance(error.error, str):
        yield path, error
        return
    for key, inner in error.error.items():
        yield from leaves(inner, (*path, key))


def dotted(path: Path) -> str:
    """A path in one str."""
    return '.'.join(map(str, path)) or ValidationError.WHOLE


def not_unique(paths: tuple[str, ...]) -> ValidationError:
    """The error for the fields of a unique index, nested as `validate` nests them."""
    error = ValidationError(messages.NOT_UNIQUE)
    if len(paths) > 1:
        error = ValidationError(messages.NOT_UNIQUE_TOGETHER, ', '.join(paths))
    tree: dict[str, Any] = {}
    for path in sorted(paths, key=lambda path: -path.count('.')):  # what is within comes first
        *parents, name = path.split('.')
        level = tree
        for parent in parents:
            level = level.setdefault(parent, {})
        if name in level:
            level, name = level[name], ValidationError.WHOLE
        level[name] = error
    return as_errors(tree or {ValidationError.WHOLE: ValidationError(messages.NOT_UNIQUE)})


def as_errors(tree: Mapping[str, Any]) -> ValidationError:
    """An error of errors in dicts."""
    return ValidationError(
        {
            name: as_errors(inner) if isinstance(inner, dict) else inner
            for name, inner in tree.items()
        }
    )


def named(error: Exception, where: str, document_class: Any = None) -> Error | None:
    """Say in an error of a call to the driver where it happened.

    Args:
        error: The error.
        where: The model and the operation, for a note of the error.
        document_class: The class of what was written, whose fields an error names.

    Returns:
        Our error of the same meaning, to be raised from it; None where there is none.
    """
    ours = counterpart(error, document_class)
    (ours or error).add_note(where)
    return ours


def counterpart(error: Exception, document_class: Any = None) -> Error | None:
    """Our error of the same meaning as the driver's."""
    if isinstance(error, Error) or not isinstance(error, pymongo.errors.OperationFailure):
        return None
    if isinstance(error, pymongo.errors.DuplicateKeyError):
        return DuplicateKeyError.from_driver(error, document_class)
    if isinstance(error, pymongo.errors.BulkWriteError):
        if not are_duplicates(error.details):
            return None
        return BulkDuplicateKeyError.from_bulk(error, document_class)
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
