"""Change streams, by a stream of the test's in place of the driver's.

A server gives events where and when it likes, the engine that the tests run on gives none, and no
server can be asked for an `invalidate` or for an error between two events. What a real server says
to `watch` is here too: that it has none is told with the operation.
"""

import pymongo.errors
import pytest
from bson import Decimal128, ObjectId
from pymongo.errors import OperationFailure

from aiomongodel import DecimalField, Document, DuplicateKeyError, QueryError
from aiomongodel.change_streams import ChangeEvent, MotorChangeStream
from aiomongodel.drivers import BlockingChangeStream
from aiomongodel.synchronous.change_streams import ChangeStream
from tests.drivers import each, end_of, entered, following, settled
from tests.queries.helpers import User

ANN = ObjectId('0' * 24)
STORED = {'_id': ANN, 'n': 'Ann', 'b': Decimal128('1.50'), 'tags': ['x'], 'a': {'c': 'Rome'}}
SOURCE = {'ns': {'db': 'test', 'coll': 'user'}}


def event(operation, number=1, **data):
    return {'_id': {'_data': str(number)}, 'operationType': operation, **SOURCE, **data}


def about(operation, **data):
    return event(operation, documentKey={'_id': ANN}, **data)


UPDATED = {'updatedFields': {'a.c': 'Oslo'}, 'removedFields': ['age'], 'truncatedArrays': []}


class DriverStream:
    """A driver's stream, of MongoClient's kind, of events and errors that are there already."""

    def __init__(self, events):
        self.events = [*events]
        self.resume_token = None
        self.alive = True

    def try_next(self):
        if not self.events:
            return None
        found = self.events.pop(0)
        if isinstance(found, Exception):
            raise found
        if found is not None:
            self.resume_token = found['_id']
        return found

    def next(self):
        while self.events:
            if (found := self.try_next()) is not None:
                return found
        self.alive = False
        raise StopIteration

    def close(self):
        self.alive = False


class AwaitedStream(DriverStream):
    """The same of a driver whose calls are awaited."""

    async def try_next(self):
        return super().try_next()

    async def next(self):
        while self.events:
            if (found := DriverStream.try_next(self)) is not None:
                return found
        self.alive = False
        raise StopAsyncIteration

    async def close(self):
        super().close()


@pytest.fixture(params=['awaited', 'blocking'])
def watched(request):
    """Make a stream of ours of some events, and give it and the driver's."""

    def make(*events, model=User):
        kinds = {'awaited': AwaitedStream, 'blocking': DriverStream}
        driver_stream = kinds[request.param](events)

        async def start():
            if isinstance(driver_stream, AwaitedStream):
                return driver_stream
            return BlockingChangeStream(driver_stream)

        stream = MotorChangeStream(model, start)
        return (stream if request.param == 'awaited' else ChangeStream(stream)), driver_stream

    return make


@pytest.mark.parametrize(
    ('data', 'expected'),
    [
        (about('insert', fullDocument=STORED), ('insert', ANN, 'Ann', None, {}, ())),
        (about('replace', fullDocument=STORED), ('replace', ANN, 'Ann', None, {}, ())),
        (
            about('update', updateDescription=UPDATED),
            ('update', ANN, None, None, {'a.c': 'Oslo'}, ('age',)),
        ),
        (
            about('update', updateDescription=UPDATED, fullDocument=STORED),
            ('update', ANN, 'Ann', None, {'a.c': 'Oslo'}, ('age',)),
        ),
        (about('update', updateDescription=UPDATED, fullDocument=None), None),
        (
            about('delete', fullDocumentBeforeChange=STORED),
            ('delete', ANN, None, 'Ann', {}, ()),
        ),
        (event('drop'), ('drop', None, None, None, {}, ())),
        (event('rename', to={'db': 'x', 'coll': 'y'}), ('rename', None, None, None, {}, ())),
        (event('invalidate'), ('invalidate', None, None, None, {}, ())),
    ],
)
async def test_an_event_tells_what_has_happened(watched, data, expected):
    stream, _ = watched(data)
    found = await settled(stream.next())
    expected = expected or ('update', ANN, None, None, {'a.c': 'Oslo'}, ('age',))
    documents = [found.document, found.document_before]
    assert type(found) is ChangeEvent
    assert found.operation == expected[0]
    assert found.document_id == expected[1]
    assert [document and document.name for document in documents] == [*expected[2:4]]
    assert (found.updated, found.removed) == expected[4:]
    assert (found.token, found.data) == (data['_id'], data)


async def test_a_document_of_an_event_is_loaded_and_shares_nothing_with_its_data(watched):
    stream, _ = watched(about('insert', fullDocument=STORED))
    found = await settled(stream.next())
    user = found.document
    assert (type(user), str(user.balance), user.address.city) == (User, '1.50', 'Rome')
    user.tags.append('y')
    user.address.city = 'Oslo'
    user.name = 'Bob'
    assert found.data['fullDocument'] == STORED
    assert STORED['tags'] == ['x']


async def test_an_id_is_converted_as_loading_converts_it(watched):
    class Priced(Document):
        _id = DecimalField()

    data = event('delete', documentKey={'_id': Decimal128('1.5')})
    found = await settled(watched(data, model=Priced)[0].next())
    assert repr(found.document_id) == "Decimal('1.5')"


async def test_a_stream_is_iterated_until_its_end(watched):
    stream, _ = watched(event('insert', 1), event('delete', 2), event('invalidate', 3))
    assert stream.resume_token is None
    assert stream.alive
    seen = [(found.operation, stream.resume_token['_data']) async for found in each(stream)]
    assert seen == [('insert', '1'), ('delete', '2'), ('invalidate', '3')]
    assert not stream.alive
    with pytest.raises(end_of(stream)):
        await settled(following(stream))
    with pytest.raises(end_of(stream)):
        await settled(stream.next())


async def test_try_next_gives_none_where_nothing_has_happened(watched):
    stream, _ = watched(None, event('drop'))
    assert await settled(stream.try_next()) is None
    assert (await settled(stream.try_next())).operation == 'drop'
    assert await settled(stream.try_next()) is None
    assert stream.alive


async def test_a_stream_is_closed_at_the_end_of_its_block(watched):
    stream, driver_stream = watched(event('drop'), event('drop'))
    async with entered(stream) as same:
        assert same is stream
        await settled(stream.next())
    assert not driver_stream.alive
    assert not stream.alive


async def test_a_stream_that_was_not_asked_for_closes(watched):
    stream, driver_stream = watched()
    await settled(stream.close())
    await settled(stream.close())
    assert not stream.alive
    assert driver_stream.alive


@pytest.mark.parametrize(
    'use',
    [lambda stream: stream.next(), lambda stream: stream.try_next(), following],
    ids=['next', 'try_next', 'iterated'],
)
async def test_a_closed_stream_says_how_to_go_on(watched, use):
    stream, _ = watched(event('drop', 7), event('drop', 8))
    await settled(stream.next())
    await settled(stream.close())
    with pytest.raises(
        QueryError, match=r"stream of User is closed; .* resume_after={'_data': '7'}"
    ):
        await settled(use(stream))
    assert stream.resume_token == {'_data': '7'}


@pytest.mark.parametrize('method', ['next', 'try_next'])
async def test_an_error_of_the_driver_tells_model_and_operation(watched, method):
    error = OperationFailure('by the test', 286)
    stream, _ = watched(error)
    with pytest.raises(OperationFailure) as caught:
        await settled(getattr(stream, method)())
    assert caught.value is error
    assert error.__notes__ == [f'in User.q(db).watch(...).{method}']


async def test_an_error_of_the_driver_becomes_ours(watched):
    stream, _ = watched(pymongo.errors.DuplicateKeyError('E11000 by the test', 11000, {}))
    with pytest.raises(DuplicateKeyError) as caught:
        await settled(stream.next())
    assert caught.value.__notes__ == ['in User.q(db).watch(...).next']


# What reaches the driver and the server.


async def test_the_pipeline_and_the_options_reach_the_driver(wire):
    since = {'resume_after': {'_data': '82'}, 'full_document': 'updateLookup', 'batch_size': 5}
    stream = User.q(wire.db).watch([{'$match': {'operationType': 'insert'}}], **since)
    assert wire.commands == []
    with pytest.raises(OperationFailure):
        await settled(stream.try_next())
    command = wire.sent('aggregate')
    assert command['aggregate'] == 'user'
    assert command['pipeline'] == [
        {'$changeStream': {'resumeAfter': {'_data': '82'}, 'fullDocument': 'updateLookup'}},
        {'$match': {'operationType': 'insert'}},
    ]
    assert command['cursor'] == {'batchSize': 5}


async def enter(stream):
    async with entered(stream):
        raise AssertionError('it was entered')


@pytest.mark.parametrize(
    'use', [lambda stream: stream.next(), lambda stream: stream.try_next(), enter]
)
async def test_a_refusal_of_the_server_tells_model_and_operation(any_db, use):
    stream = User.q(any_db).watch()
    with pytest.raises(OperationFailure) as caught:
        await settled(use(stream))
    assert caught.value.__notes__ == ['in User.q(db).watch(...).start']
    assert stream.resume_token is None
    await settled(stream.close())
