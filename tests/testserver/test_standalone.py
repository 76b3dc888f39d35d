"""A gateway that passes for a server without a replica set."""

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from tests.own_server import OwnServer, require_engine


@pytest.fixture(scope='module')
def standalone(tmp_path_factory):
    require_engine()
    server = OwnServer(tmp_path_factory.mktemp('standalone'), '--standalone')
    with MongoClient(server.start()) as client:
        yield client
    server.stop()


def test_a_standalone_names_no_replica_set(standalone):
    answer = standalone.admin.command('hello')

    assert answer['isWritablePrimary'] is True
    assert not {'setName', 'hosts', 'primary', 'me'} & answer.keys()
    assert 'repl' not in standalone.admin.command('serverStatus')
    assert standalone.topology_description.topology_type_name == 'Single'


def test_a_standalone_reads_and_writes(standalone):
    with standalone.start_session() as session:
        standalone.plain.c.insert_one({'_id': 1}, session=session)
        assert standalone.plain.c.find_one({}, session=session) == {'_id': 1}


@pytest.mark.parametrize('call', ['insert_one', 'find_one'])
def test_a_standalone_refuses_transactions(standalone, call):
    with standalone.start_session() as session, session.start_transaction():
        with pytest.raises(OperationFailure, match='Transaction numbers are only') as caught:
            getattr(standalone.refused.c, call)({}, session=session)
        session.abort_transaction()

    assert caught.value.code == 20
    assert caught.value.details['codeName'] == 'IllegalOperation'
    assert standalone.refused.c.count_documents({}) == 0
