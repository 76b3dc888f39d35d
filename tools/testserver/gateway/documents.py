"""BSON in and out, with values kept as they came wherever they are only passed on."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument

Reply: TypeAlias = bytes | dict[str, Any]

WHOLE: CodecOptions[dict[str, Any]] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
RAW: CodecOptions[RawBSONDocument] = CodecOptions(
    document_class=RawBSONDocument, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)


def decode(document: bytes) -> dict[str, Any]:
    """Decode a document with all that is in it."""
    return bson.decode(document, WHOLE)


def decode_top(document: bytes) -> dict[str, Any]:
    """Decode a document's own fields and leave embedded documents as they are."""
    return dict(RawBSONDocument(document, RAW).items())


def encode(document: Mapping[str, Any]) -> bytes:
    """Encode a document."""
    return bson.encode(document)


def check_document(document: bytes) -> None:
    """Refuse a document that cannot be read to its end.

    The engine trusts what it is given, and would store what no driver can read again.

    Raises:
        InvalidBSON: It is such a document.
    """
    bson.decode(document, WHOLE)


def check_sequence(documents: bytes) -> None:
    """Refuse documents that cannot be read, one after the other.

    Raises:
        InvalidBSON: One of them is such a document.
    """
    for _ in bson.decode_iter(documents, WHOLE):
        pass


def narrow(reply: dict[str, Any]) -> dict[str, Any]:
    """Make counts int32 where the engine gives int64, as MongoDB does."""
    return {
        key: int(value) if isinstance(value, Int64) and abs(value) < 2**31 else value
        for key, value in reply.items()
    }
