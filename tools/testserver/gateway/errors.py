"""MongoDB's errors, and which of them the engine's errors are."""

from enum import IntEnum
from typing import Any

import asyncpg

TRANSIENT = 'TransientTransactionError'


class Code(IntEnum):
    """MongoDB's codes of errors, under the names that it gives them."""

    InternalError = 1
    BadValue = 2
    UnknownError = 8
    FailedToParse = 9
    Unauthorized = 13
    TypeMismatch = 14
    Overflow = 15
    InvalidLength = 16
    IllegalOperation = 20
    NamespaceNotFound = 26
    IndexNotFound = 27
    PathNotViable = 28
    ConflictingUpdateOperators = 40
    CursorNotFound = 43
    NamespaceExists = 48
    MaxTimeMSExpired = 50
    DollarPrefixedFieldName = 52
    EmptyFieldName = 56
    CommandNotFound = 59
    ImmutableField = 66
    CannotCreateIndex = 67
    IndexAlreadyExists = 68
    InvalidOptions = 72
    InvalidNamespace = 73
    IndexOptionsConflict = 85
    IndexKeySpecsConflict = 86
    UnsatisfiableWriteConcern = 100
    WriteConflict = 112
    CommandNotSupported = 115
    ConflictingOperationInProgress = 117
    DocumentValidationFailure = 121
    InvalidIndexSpecificationOption = 197
    TransactionTooOld = 225
    ConversionFailure = 241
    NoSuchTransaction = 251
    TransactionCommitted = 256
    OperationNotSupportedInTransaction = 263
    NoQueryExecutionPlans = 291
    UnsupportedOpQueryCommand = 352
    DuplicateKey = 11000
    CursorInUse = 12051
    Location15952 = 15952
    Location15955 = 15955
    Location15958 = 15958
    Location15959 = 15959
    Location15975 = 15975
    Location15976 = 15976
    Location16020 = 16020
    Location17124 = 17124
    Location17276 = 17276
    Location28689 = 28689
    Location28747 = 28747
    Location28818 = 28818
    SearchNotEnabled = 31082
    Location31250 = 31250
    Location31254 = 31254
    Location31325 = 31325
    Location40105 = 40105
    Location40156 = 40156
    Location40169 = 40169
    Location40198 = 40198
    Location40228 = 40228
    Location40234 = 40234
    Location40272 = 40272
    Location40323 = 40323
    Location40324 = 40324
    IDLFailedToParse = 40414
    IDLUnknownField = 40415
    Location40571 = 40571
    Location40573 = 40573
    Location50738 = 50738
    Location51091 = 51091
    Location5107200 = 5107200
    Location5107201 = 5107201


# the engine's own states count MongoDB's codes through; the others are PostgreSQL's
CODES_OF_STATES = {
    'M0001': Code.BadValue,
    'M0003': Code.FailedToParse,
    'M0004': Code.TypeMismatch,
    'M0005': Code.Overflow,
    'M0006': Code.IllegalOperation,
    'M0008': Code.NamespaceNotFound,
    'M0009': Code.IndexNotFound,
    'M000A': Code.PathNotViable,
    'M000D': Code.ConflictingUpdateOperators,
    'M000E': Code.CursorNotFound,
    'M000F': Code.NamespaceExists,
    'M000G': Code.DollarPrefixedFieldName,
    'M000J': Code.EmptyFieldName,
    'M000M': Code.ImmutableField,
    'M000N': Code.CannotCreateIndex,
    'M000O': Code.IndexAlreadyExists,
    'M000P': Code.InvalidOptions,
    'M000Q': Code.InvalidNamespace,
    'M000R': Code.IndexOptionsConflict,
    'M000S': Code.IndexKeySpecsConflict,
    'M000U': Code.CommandNotSupported,
    'M0012': Code.InvalidIndexSpecificationOption,
    'M0015': Code.ConversionFailure,
    'M0018': Code.NoQueryExecutionPlans,
    'M001C': Code.DuplicateKey,
    'M001L': Code.Location15952,
    'M001M': Code.Location15955,
    'M001O': Code.Location15958,
    'M001P': Code.Location15959,
    'M001R': Code.Location15976,
    'M001W': Code.Location16020,
    'M0034': Code.Location17124,
    'M0037': Code.Location17276,
    'M003X': Code.Location28689,
    'M0049': Code.Location28747,
    'M004T': Code.Location28818,
    'M0056': Code.Location31250,
    'M0059': Code.Location31254,
    'M005E': Code.Location31325,
    'M0072': Code.Location40105,
    'M0074': Code.Location40156,
    'M0077': Code.Location40169,
    'M007H': Code.Location40198,
    'M007N': Code.Location40228,
    'M007O': Code.Location40234,
    'M007Q': Code.Location40272,
    'M007T': Code.Location40323,
    'M007U': Code.Location40324,
    'M0087': Code.IDLFailedToParse,
    'M0088': Code.IDLUnknownField,
    'M009H': Code.Location51091,
    'M00BC': Code.Location5107200,
    'M00BD': Code.Location5107201,
    'M00CO': Code.DocumentValidationFailure,
    'M00DO': Code.InvalidLength,
    'M00EX': Code.MaxTimeMSExpired,
    'M00FG': Code.Location15975,
    '0A000': Code.CommandNotSupported,
    '23505': Code.DuplicateKey,
    '23P01': Code.DuplicateKey,
    '40001': Code.WriteConflict,
    '40P01': Code.WriteConflict,
    '55P03': Code.WriteConflict,
    '57014': Code.MaxTimeMSExpired,
}


# where MongoDB words it without the details of an engine
MESSAGES = {
    Code.MaxTimeMSExpired: 'operation exceeded time limit',
    Code.WriteConflict: 'Write conflict during plan execution and yielding is disabled. '
    'Please retry your operation or multi-document transaction.',
}


class CommandError(Exception):
    """An error that the client gets as the answer to its command."""

    def __init__(self, code: Code, message: str, *labels: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.labels = list(labels)
        self.details = details

    def reply(self) -> dict[str, Any]:
        """Word the answer as MongoDB does."""
        reply = {
            'ok': 0.0,
            'errmsg': str(self),
            'code': int(self.code),
            'codeName': self.code.name,
            **self.details,
        }
        return {**reply, 'errorLabels': self.labels} if self.labels else reply


def code_of_state(state: str) -> Code:
    """Look up MongoDB's code for an SQLSTATE of the engine."""
    return CODES_OF_STATES.get(
        state, Code.BadValue if state.startswith('M') else Code.InternalError
    )


def code_of_packed(packed: int) -> Code:
    """Look up MongoDB's code for an SQLSTATE as PostgreSQL packs it: six bits a character."""
    return code_of_state(''.join(chr(((packed >> shift) & 0x3F) + 48) for shift in range(0, 30, 6)))


def state_of(error: asyncpg.PostgresError) -> str:
    """Read the SQLSTATE of an error, empty where it has none."""
    return getattr(error, 'sqlstate', None) or ''


def from_postgres(error: asyncpg.PostgresError) -> CommandError:
    """Make the error for the client from one of PostgreSQL's."""
    code = code_of_state(state_of(error))
    return CommandError(code, MESSAGES.get(code) or str(error).split('\n', 1)[0])
