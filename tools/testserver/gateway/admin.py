"""Commands on the server itself, on sessions and on transactions."""

import datetime
import uuid
from typing import Any

from bson.binary import Binary

from tools.testserver.gateway.call import Call, Command
from tools.testserver.gateway.documents import Reply
from tools.testserver.gateway.errors import Code, CommandError
from tools.testserver.gateway.wire import MAX_MESSAGE

SET_NAME = 'rs0'
VERSION = '7.0.0'
VERSION_PARTS = [7, 0, 0, 0]
LARGEST_DOCUMENT = 16 * 1024 * 1024
LARGEST_BATCH = 100_000


async def hello(call: Call) -> Reply:
    """Present this server as the primary of a replica set of one, or as a standalone.

    It gives no `topologyVersion`: drivers then ask from time to time, and do not wait for news.
    """
    me = call.services.address
    now = datetime.datetime.now(datetime.UTC)
    membership = {
        'secondary': False,
        'setName': SET_NAME,
        'setVersion': 1,
        'hosts': [me],
        'primary': me,
        'me': me,
    }
    return {
        'helloOk': True,
        'ismaster': True,
        'isWritablePrimary': True,
        **({} if call.services.standalone else membership),
        'maxBsonObjectSize': LARGEST_DOCUMENT,
        'maxMessageSizeBytes': MAX_MESSAGE,
        'maxWriteBatchSize': LARGEST_BATCH,
        'localTime': now,
        'logicalSessionTimeoutMinutes': 30,
        'connectionId': call.connection_id,
        'minWireVersion': 0,
        'maxWireVersion': 21,
        'readOnly': False,
        'ok': 1.0,
    }


async def ping(_: Call) -> Reply:
    """Answer that the server is there."""
    return {'ok': 1.0}


async def build_info(_: Call) -> Reply:
    """Tell which MongoDB this server passes for."""
    return {
        'version': VERSION,
        'versionArray': VERSION_PARTS,
        'gitVersion': 'documentdb',
        'modules': [],
        'bits': 64,
        'maxBsonObjectSize': LARGEST_DOCUMENT,
        'ok': 1.0,
    }


async def server_status(call: Call) -> Reply:
    """Tell the little of `serverStatus` that there is to tell."""
    now = datetime.datetime.now(datetime.UTC)
    membership = {'repl': {'setName': SET_NAME, 'isWritablePrimary': True}}
    return {
        'host': call.services.address,
        'version': VERSION,
        'process': 'mongod',
        'localTime': now,
        'connections': {'current': 1},
        **({} if call.services.standalone else membership),
        'ok': 1.0,
    }


async def get_parameter(_: Call) -> Reply:
    """Tell the one parameter that tools ask for."""
    return {'featureCompatibilityVersion': {'version': '7.0'}, 'ok': 1.0}


async def host_info(_: Call) -> Reply:
    """Tell nothing of the host, in the form of `hostInfo`."""
    return {'system': {}, 'os': {}, 'extra': {}, 'ok': 1.0}


async def connection_status(_: Call) -> Reply:
    """Tell that nobody is logged in."""
    return {'authInfo': {'authenticatedUsers': [], 'authenticatedUserRoles': []}, 'ok': 1.0}


async def start_session(_: Call) -> Reply:
    """Make an id for a session."""
    session_id = {'id': Binary.from_uuid(uuid.uuid4())}
    return {'id': session_id, 'timeoutMinutes': 30, 'ok': 1.0}


async def end_sessions(call: Call) -> Reply:
    """End sessions, with their transactions and cursors."""
    for session_id in next(iter(call.spec.values())):
        call.services.cursors.close_session(bytes(session_id['id']))
        await call.services.sessions.end(bytes(session_id['id']))
    return {'ok': 1.0}


async def commit_transaction(call: Call) -> Reply:
    """Commit the session's transaction."""
    session, number = _transaction_of(call)
    await call.services.sessions.commit(session, number)
    return {'ok': 1.0}


async def abort_transaction(call: Call) -> Reply:
    """Roll the session's transaction back."""
    session, number = _transaction_of(call)
    await call.services.sessions.abort(session, number)
    return {'ok': 1.0}


def _transaction_of(call: Call) -> tuple[Any, int]:
    if call.session is None or call.number is None:
        raise CommandError(Code.BadValue, f'{call.name} must be run within a transaction')
    return call.session, call.number


COMMANDS = {
    'hello': Command(hello, in_transaction=True),
    'ping': Command(ping),
    'buildInfo': Command(build_info),
    'serverStatus': Command(server_status),
    'getParameter': Command(get_parameter),
    'hostInfo': Command(host_info),
    'connectionStatus': Command(connection_status),
    'startSession': Command(start_session),
    'endSessions': Command(end_sessions),
    'killSessions': Command(end_sessions),
    'refreshSessions': Command(ping),
    'commitTransaction': Command(commit_transaction),
    'abortTransaction': Command(abort_transaction),
}
