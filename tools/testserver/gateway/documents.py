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
    """Decodes a document with all that is in it."""
    return bson.decode(document, WHOLE)


def decode_top(document: bytes) -> dict[str, Any]:
    """Decodes a document's own fields and leaves embedded documents as they are."""
    return dict(RawBSONDocument(document, RAW).items())


def encode(document: Mapping[str, Any]) -> bytes:
    """Encodes a document."""
    return bson.encode(document)


def check_document(document: bytes) -> None:
    """Raises `InvalidBSON` unless the document can be read to its end.

    The engine trusts what it is given, and would store what no driver can read again.
    """
    bson.decode(document, WHOLE)


def check_sequence(documents: bytes) -> None:
    """Raises `InvalidBSON` unless the documents can be read, one after the other."""
    for _ in bson.decode_iter(documents, WHOLE):
        pass


def narrow(reply: dict[str, Any]) -> dict[str, Any]:
    """Makes counts int32 where the engine gives int64, as MongoDB does."""
    return {
        key: int(value) if isinstance(value, Int64) and abs(value) < 2**31 else value
        for key, value in reply.items()
    }
