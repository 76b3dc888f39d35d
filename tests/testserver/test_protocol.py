"""What comes over the socket, sound or not."""

import socket
import struct
import uuid
from concurrent.futures import ThreadPoolExecutor

import bson
import pytest
from bson import Binary, Int64
from pymongo import WriteConcern
from pymongo.errors import OperationFailure, WriteConcernError

from . import raw
from .drivers import SLOW


def _nested(depth):
    heads = [struct.pack('<i', 5 + 8 * level) + b'\3a\0' for level in range(depth, 0, -1)]
    return b''.join(heads) + bson.encode({}) + b'\0' * depth


BROKEN = bson.encode({'a': {'b': 'text'}}).replace(b'text', b'\xff\xff\xff\xff')
PING = {'ping': 1, '$db': 'admin'}
GARBAGE = {
    'noise': bytes(range(255, 155, -1)),
    'http': b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'length_negative': raw.message(b'', length=-1),
    'length_too_small': raw.message(b'', length=5),
    'length_huge': raw.message(b'', length=0x7FFFFFFF),
    'unknown_operation': raw.message(b'1234', opcode=9999),
    'compressed_though_not_agreed': raw.message(b'1234567890', opcode=2012),
    'no_flags': raw.message(b'\0'),
    'no_section': raw.command(),
    'two_bodies': raw.command(raw.body(PING), raw.body(PING)),
    'empty_command': raw.command(raw.body({})),
    'unknown_flag': raw.command(raw.body(PING), flags=4),
    'unknown_section': raw.command(b'\7' + bson.encode(PING)),
    'section_beyond_the_end': raw.command(b'\0' + struct.pack('<i', 5000) + b'\0'),
    'section_of_negative_length': raw.command(b'\0' + struct.pack('<i', -5) + b'\0'),
    'broken_bson': raw.command(b'\0' + BROKEN),
    'broken_bson_in_a_sequence': raw.command(
        raw.body({'insert': 'c', '$db': 'garbage'}), raw.sequence('documents', BROKEN)
    ),
    'nested_too_deep': raw.command(b'\0' + _nested(100_000)),
    'sequence_without_name_end': raw.command(b'\1' + struct.pack('<i', 8) + b'abcd'),
    'query_cut_short': raw.message(b'\0\0\0\0admin.$cmd\0', opcode=raw.OP_QUERY),
}


@pytest.mark.parametrize('garbage', GARBAGE)
def test_garbage_closes_its_own_connection_only(gateway_uri, garbage):
    with raw.connect(gateway_uri) as other, raw.connect(gateway_uri) as bad:
        bad.sendall(GARBAGE[garbage])
        assert raw.is_closed_by_server(bad)
        assert raw.ask(other, PING)['ok'] == 1


@pytest.mark.parametrize('size', [3, 16, 30])
def test_message_cut_short_closes_its_own_connection_only(gateway_uri, size):
    with raw.connect(gateway_uri) as other, raw.connect(gateway_uri) as bad:
        bad.sendall(raw.command(raw.body(PING))[:size])
        bad.shutdown(socket.SHUT_WR)
        assert raw.is_closed_by_server(bad)
        assert raw.ask(other, PING)['ok'] == 1


def test_message_that_comes_byte_by_byte_is_understood(mongodb_uri):
    with raw.connect(mongodb_uri) as connection:
        for byte in raw.command(raw.body(PING)):
            connection.sendall(bytes([byte]))
        assert raw.receive(connection)['ok'] == 1


def test_several_messages_at_once_are_answered_in_turn(mongodb_uri):
    build = {'buildInfo': 1, '$db': 'admin'}
    with raw.connect(mongodb_uri) as connection:
        connection.sendall(raw.command(raw.body(PING)) + raw.command(raw.body(build)))
        assert 'version' not in raw.receive(connection)
        assert 'version' in raw.receive(connection)


@pytest.mark.parametrize('name', ['isMaster', 'ismaster', 'hello'])
def test_greeting_by_the_old_operation(mongodb_uri, name):
    query = b'\0\0\0\0admin.$cmd\0' + struct.pack('<ii', 0, -1) + bson.encode({name: 1})
    with raw.connect(mongodb_uri) as connection:
        connection.sendall(raw.message(query, opcode=raw.OP_QUERY))
        answer = raw.receive(connection)
    assert answer['ok'] == 1
    assert answer['setName']
    assert 'compression' not in answer


def test_hello_promises_no_news(gateway_uri):
    with raw.connect(gateway_uri) as connection:
        answer = raw.ask(connection, {'hello': 1, '$db': 'admin'}, flags=1 << 16)
    assert 'topologyVersion' not in answer
    assert answer['isWritablePrimary'] is True
    assert answer['hosts'] == [answer['me']]


def test_no_answer_is_given_where_none_is_awaited(mongodb_uri):
    with raw.connect(mongodb_uri) as connection:
        connection.sendall(raw.command(raw.body(PING), flags=2))
        connection.sendall(raw.command(raw.body({'buildInfo': 1, '$db': 'admin'})))
        assert 'version' in raw.receive(connection)


def test_unknown_command_is_named(plain):
    with pytest.raises(OperationFailure, match='noSuchThing') as caught:
        plain.command('noSuchThing')
    assert caught.value.code == 59
    assert caught.value.details['codeName'] == 'CommandNotFound'


def test_command_without_a_database_is_refused(mongodb_uri):
    with raw.connect(mongodb_uri) as connection:
        assert raw.ask(connection, {'ping': 1})['code'] == 40571


def _write(database, number, lsid, statement):
    return {
        'update': 'c',
        'updates': [{'q': {'_id': 1}, 'u': statement}],
        '$db': database.name,
        'lsid': lsid,
        'txnNumber': Int64(number),
    }


@pytest.fixture
def lsid():
    return {'id': Binary.from_uuid(uuid.uuid4())}


def test_write_sent_again_is_not_done_again(plain, mongodb_uri, lsid):
    plain.c.insert_one({'_id': 1, 'n': 0})
    write = _write(plain, 1, lsid, {'$inc': {'n': 1}})
    with raw.connect(mongodb_uri) as one, raw.connect(mongodb_uri) as other:
        answers = [raw.ask(one, write), raw.ask(one, write), raw.ask(other, write)]
        raw.ask(one, {**write, 'txnNumber': Int64(2)})
    assert [answer['nModified'] for answer in answers] == [1, 1, 1]
    assert plain.c.find_one()['n'] == 2


def test_write_sent_again_while_it_runs_is_not_done_again(plain, mongo, mongodb_uri, lsid):
    plain.c.insert_one({'_id': 1, 'n': 0})
    write = _write(plain, 1, lsid, {'$inc': {'n': 1}})

    def send(_):
        with raw.connect(mongodb_uri) as connection:
            return raw.ask(connection, write)['nModified']

    with mongo.start_session() as session, ThreadPoolExecutor() as pool:
        session.start_transaction()
        plain.c.update_one({'_id': 1}, {'$set': {'locked': True}}, session=session)
        answers = pool.map(send, range(2))
        session.abort_transaction()
        assert list(answers) == [1, 1]
    assert plain.c.find_one() == {'_id': 1, 'n': 1}


def test_write_older_than_the_last_one_is_refused(plain, mongodb_uri, lsid):
    plain.c.insert_one({'_id': 1, 'n': 0})
    with raw.connect(mongodb_uri) as connection:
        raw.ask(connection, _write(plain, 5, lsid, {'$inc': {'n': 1}}))
        answer = raw.ask(connection, _write(plain, 4, lsid, {'$inc': {'n': 1}}))
    assert answer['code'] == 225
    assert plain.c.find_one()['n'] == 1


def test_refused_write_is_tried_again(plain, gateway_uri, lsid):
    plain.c.insert_one({'_id': 1, 'n': 0})
    write = _write(plain, 1, lsid, {'$inc': {'n': 1}})
    with raw.connect(gateway_uri) as connection:
        assert raw.ask(connection, {**write, 'updates': []})['ok'] == 0
        assert raw.ask(connection, write)['nModified'] == 1


def test_operation_past_its_time_limit_ends(plain):
    plain.c.insert_many([{} for _ in range(50)])
    with pytest.raises(OperationFailure) as caught:
        list(plain.c.aggregate([SLOW], maxTimeMS=50))
    assert caught.value.code == 50


def test_write_concern_of_more_members_than_there_are_is_told_of(plain):
    c = plain.get_collection('c', write_concern=WriteConcern(w=3, wtimeout=100))
    with pytest.raises(WriteConcernError) as caught:
        c.insert_one({'_id': 1})
    assert caught.value.code == 100
    assert plain.c.find_one() == {'_id': 1}


def test_read_concerns_are_known(plain):
    plain.c.insert_one({'_id': 1})
    for level in ('local', 'majority', 'available', 'linearizable'):
        answer = plain.command('find', 'c', readConcern={'level': level})
        assert len(answer['cursor']['firstBatch']) == 1
    with pytest.raises(OperationFailure):
        plain.command('find', 'c', readConcern={'level': 'nonsense'})


def test_change_streams_are_refused_as_without_a_replica_set(plain, gateway_uri):
    with pytest.raises(OperationFailure) as caught:
        plain.c.watch().next()
    assert caught.value.code == 40573


def test_tailable_cursor_wants_a_capped_collection(plain):
    plain.c.insert_one({})
    with pytest.raises(OperationFailure, match='capped') as caught:
        plain.command('find', 'c', tailable=True)
    assert caught.value.code == 2
