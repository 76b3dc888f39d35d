"""MongoDB's wire protocol: messages read from a connection, and replies to them.

Whatever breaks the protocol raises `ProtocolError`, upon which the connection is to be closed.
"""

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Any

from bson.errors import InvalidBSON

from tools.testserver.gateway.documents import (
    Reply,
    check_document,
    check_sequence,
    decode_top,
    encode,
)

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
MAX_MESSAGE = 48_000_000
HEADER = struct.Struct('<iiii')
INT = struct.Struct('<i')
CHECKSUM_PRESENT, MORE_TO_COME = 1, 2
REQUIRED_FLAGS = 0xFFFF  # a receiver must refuse those of them that it does not know


class ProtocolError(Exception):
    """What came is no message of MongoDB's protocol."""


@dataclass(frozen=True, slots=True)
class Message:
    """A command from a client."""

    request_id: int
    body: dict[str, Any]
    sequences: dict[str, bytes] = field(default_factory=dict)
    wants_reply: bool = True
    legacy: bool = False  # sent as OP_QUERY, as drivers do to greet a server


async def read_message(stream: asyncio.StreamReader) -> Message:
    """Read one message.

    Args:
        stream: The client's connection.

    Returns:
        The message.

    Raises:
        ProtocolError: It is broken.
        asyncio.IncompleteReadError: The connection was closed.
    """
    length, request_id, _, opcode = HEADER.unpack(await stream.readexactly(HEADER.size))
    if not HEADER.size < length <= MAX_MESSAGE:
        raise ProtocolError(f'a message of {length} bytes')
    parse = PARSERS.get(opcode)
    if parse is None:
        raise ProtocolError(f'operation {opcode}')
    payload = await stream.readexactly(length - HEADER.size)
    try:
        return parse(request_id, payload)
    except (InvalidBSON, RecursionError, struct.error, IndexError, ValueError) as error:
        raise ProtocolError(f'operation {opcode}: {error}') from error


def _parse_msg(request_id: int, payload: bytes) -> Message:
    (flags,) = struct.unpack_from('<I', payload)
    if flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME):
        raise ProtocolError(f'flags {flags:#x}')
    end = len(payload) - (4 if flags & CHECKSUM_PRESENT else 0)
    position = 4
    bodies: list[bytes] = []
    sequences: dict[str, bytes] = {}
    while position < end:
        kind, start = payload[position], position + 1
        position = start + _size_at(payload, start, end)
        if kind == 0:
            bodies.append(payload[start:position])
        elif kind == 1:
            name, documents = _split_sequence(payload[start + 4 : position])
            sequences[name] = documents
        else:
            raise ProtocolError(f'a section of kind {kind}')
    (body,) = bodies
    return Message(request_id, _body(body), sequences, wants_reply=not flags & MORE_TO_COME)


def _size_at(payload: bytes, start: int, end: int) -> int:
    size: int = INT.unpack_from(payload, start)[0]
    if not 5 <= size <= end - start:
        raise ProtocolError(f'a section of {size} bytes')
    return size


def _split_sequence(section: bytes) -> tuple[str, bytes]:
    stop = section.index(b'\0')
    documents = section[stop + 1 :]
    check_sequence(documents)
    return section[:stop].decode(), documents


def _body(document: bytes) -> dict[str, Any]:
    check_document(document)
    body = decode_top(document)
    if not body:
        raise ProtocolError('a command without a name')
    return body


def _parse_query(request_id: int, payload: bytes) -> Message:
    skip_and_return = 8
    start = payload.index(b'\0', 4) + 1 + skip_and_return
    document = payload[start : start + _size_at(payload, start, len(payload))]
    return Message(request_id, _body(document), legacy=True)


PARSERS = {OP_MSG: _parse_msg, OP_QUERY: _parse_query}


def encode_reply(message: Message, reply: Reply, reply_id: int) -> bytes:
    """Encode the reply to a message.

    Args:
        message: What is answered.
        reply: The answer, encoded or not.
        reply_id: A number for the reply itself.
    """
    body = reply if isinstance(reply, bytes) else encode(reply)
    if message.legacy:
        start = struct.pack('<iqii', 8, 0, 0, 1)
        opcode = OP_REPLY
    else:
        start = struct.pack('<IB', 0, 0)
        opcode = OP_MSG
    length = HEADER.size + len(start) + len(body)
    return HEADER.pack(length, reply_id, message.request_id, opcode) + start + body
