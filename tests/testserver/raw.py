"""MongoDB's wire protocol by hand, for what no driver would send."""

import socket
import struct

import bson
from pymongo.uri_parser import parse_uri

OP_QUERY, OP_MSG = 2004, 2013


def connect(uri):
    return socket.create_connection(parse_uri(uri)['nodelist'][0], timeout=10)


def message(payload, opcode=OP_MSG, length=None):
    return struct.pack('<iiii', length or 16 + len(payload), 1, 0, opcode) + payload


def body(document):
    return b'\0' + bson.encode(document)


def sequence(name, documents):
    content = name.encode() + b'\0' + documents
    return b'\1' + struct.pack('<i', 4 + len(content)) + content


def command(*sections, flags=0):
    return message(struct.pack('<I', flags) + b''.join(sections))


def receive(connection):
    length, _, _, opcode = struct.unpack('<iiii', _exactly(connection, 16))
    payload = _exactly(connection, length - 16)
    return bson.decode(payload[20 if opcode == 1 else 5 :])


def ask(connection, document, **options):
    connection.sendall(command(body(document), **options))
    return receive(connection)


def is_closed_by_server(connection):
    try:
        return connection.recv(1) == b''
    except ConnectionResetError:
        return True


def _exactly(connection, size):
    received = b''
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError('closed')
        received += part
    return received
