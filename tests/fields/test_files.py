"""The field of files, which are in GridFS."""

import asyncio
import copy
import inspect
import io
import pickle
import tracemalloc
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from bson import Binary, ObjectId
from gridfs import GridFSBucket
from gridfs.errors import CorruptGridFile, NoFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import WriteConcern

from aiomongodel import (
    AsyncFileReader,
    CorruptFileError,
    Document,
    DocumentNotFoundError,
    DuplicateKeyError,
    FileField,
    FileReader,
    IntField,
    ListField,
    MotorQuerySet,
    QueryError,
    QuerySet,
    SessionError,
    StoredFile,
    StoredFileNotFoundError,
    StrField,
    UUIDField,
    ValidationError,
    blocking,
    session,
    transaction,
)
from aiomongodel.files.bucket import Bucket
from aiomongodel.files.uploading import CHUNK_SIZE
from tests.concurrency.helpers import together
from tests.drivers import each, entered, settled

MEGABYTE = 1024 * 1024


class Post(Document):
    photo = FileField(bucket='photos', required=False)
    title = StrField(required=False)


class Paper(Document):
    file = FileField(id_field=UUIDField(default=uuid.uuid4))
    others = ListField(FileField(), default=list)


class Failure(Exception):
    pass


async def stored_in(db, bucket='photos'):
    """Give how many files and chunks a bucket has."""
    return [
        await settled(db.get_collection(f'{bucket}.{part}').count_documents({}))
        for part in ('files', 'chunks')
    ]


async def upload(db, source=b'0123456789', **options):
    return await settled(Post.photo.upload(db, source, **{'filename': 'a.txt', **options}))


async def content(file, db):
    """Give the bytes of a file."""
    async with entered(file.open(db)) as reader:
        return await settled(reader.read())


async def each_of(pieces):
    for piece in pieces:
        yield piece


class AsyncFile:
    """A file whose method is a coroutine."""

    def __init__(self, data):
        self.file = io.BytesIO(data)

    async def read(self, size):
        return self.file.read(size)


# Uploading.

DATA = bytes(range(256)) * 5


@pytest.mark.parametrize(
    'make',
    [
        lambda: DATA,
        lambda: bytearray(DATA),
        lambda: memoryview(DATA),
        lambda: io.BytesIO(DATA),
        lambda: [DATA[:7], b'', bytearray(DATA[7:900]), memoryview(DATA)[900:]],
        lambda: (DATA[n : n + 1] for n in range(len(DATA))),
        lambda: each_of([DATA[:7], DATA[7:]]),
        lambda: AsyncFile(DATA),
    ],
    ids=['bytes', 'bytearray', 'memoryview', 'file', 'list', 'generator', 'async', 'async file'],
)
@pytest.mark.parametrize('chunk_size', [100, 1280, CHUNK_SIZE])
async def test_what_is_uploaded_can_be_read(any_db, make, chunk_size):
    file = await upload(any_db, make(), chunk_size=chunk_size)
    assert await content(file, any_db) == DATA
    assert file.bucket == 'photos'
    assert type(file._id) is ObjectId


async def test_an_empty_file_is_a_file(any_db):
    file = await upload(any_db, b'')
    assert await content(file, any_db) == b''
    assert await stored_in(any_db) == [1, 0]
    assert (await settled(file.info(any_db))).length == 0


async def test_the_info_tells_what_was_given(any_db):
    file = await upload(any_db, filename='ä/b.txt', metadata={'by': 'Ann'}, chunk_size=4)
    info = await settled(file.info(any_db))
    assert (info._id, info.filename, info.length) == (file._id, 'ä/b.txt', 10)
    assert (info.metadata, info.chunk_size) == ({'by': 'Ann'}, 4)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert now - timedelta(minutes=1) < info.upload_date <= now


async def test_drivers_read_what_was_uploaded(any_db, sync_db):
    data = bytes(2 * CHUNK_SIZE + 5)
    file = await upload(any_db, data, metadata={'by': 'Ann'})
    found = GridFSBucket(sync_db, 'photos').open_download_stream(file._id)
    assert (found.read(), found.filename, found.metadata) == (data, 'a.txt', {'by': 'Ann'})
    assert (found.length, found.chunk_size) == (len(data), CHUNK_SIZE)


async def test_what_a_driver_has_uploaded_can_be_read(any_db, sync_db):
    data = bytes(2 * CHUNK_SIZE + 5)
    _id = GridFSBucket(sync_db, 'photos').upload_from_stream('b.txt', data)
    file = Post(photo=_id).photo
    assert await content(file, any_db) == data
    assert (await settled(file.info(any_db))).metadata is None


async def test_a_bucket_has_the_indexes_that_drivers_make(any_db, sync_db):
    GridFSBucket(sync_db, 'theirs').upload_from_stream('b.txt', b'')
    await upload(any_db)
    for part in ('files', 'chunks'):
        ours, theirs = (
            sync_db[f'{each}.{part}'].index_information() for each in ('photos', 'theirs')
        )
        assert ours == theirs


async def test_files_are_acknowledged_whatever_the_database_asks_for(any_db):
    hasty = any_db.with_options(write_concern=WriteConcern(w=0))
    file = await upload(hasty)
    assert await content(file, hasty) == b'0123456789'
    await settled(file.delete(hasty))


async def test_uploads_at_once_keep_apart(any_db):
    files = {}

    async def work(number):
        data = bytes([number]) * 1000
        files[number] = await upload(any_db, data, chunk_size=100)
        assert await content(files[number], any_db) == data

    await together(any_db, [lambda number=number: work(number) for number in range(12)])
    for number, file in files.items():
        assert await content(file, any_db) == bytes([number]) * 1000
    assert await stored_in(any_db) == [12, 120]


# What fails leaves nothing.


def failing(error, parts=3):
    for _ in range(parts):
        yield b'1234'
    raise error


@pytest.mark.parametrize('error', [Failure(), KeyboardInterrupt()], ids=['error', 'interrupt'])
@pytest.mark.parametrize('parts', [0, 1, 3])
async def test_an_upload_that_fails_leaves_nothing(any_db, error, parts):
    with pytest.raises(type(error)) as caught:
        await upload(any_db, failing(error, parts), chunk_size=4)
    assert caught.value is error
    assert await stored_in(any_db) == [0, 0]


async def test_what_is_no_bytes_leaves_nothing(any_db):
    with pytest.raises(TypeError, match="a file is made of bytes, not of 'text'"):
        await upload(any_db, [b'1234', 'text'], chunk_size=4)
    assert await stored_in(any_db) == [0, 0]


async def test_what_cannot_be_stored_leaves_nothing(any_db):
    with pytest.raises(Exception, match='documents must have only string keys') as caught:
        await upload(any_db, metadata={1: 2}, chunk_size=4)
    assert any('photos' in note for note in caught.value.__notes__)
    assert await stored_in(any_db) == [0, 0]


@pytest.mark.parametrize('driver', ['motor', 'pymongo-async'])
@pytest.mark.parametrize('delay', [0, 0.003, 0.03])
async def test_an_upload_that_is_cancelled_leaves_nothing(clients, sync_db, driver, delay):
    db = clients[driver][sync_db.name]
    await upload(db)

    async def pieces():
        while True:
            yield b'1234'
            await asyncio.sleep(0)

    task = asyncio.ensure_future(Post.photo.upload(db, pieces(), filename='b', chunk_size=4))
    await asyncio.sleep(delay)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.02)
    assert await stored_in(db) == [1, 1]


@pytest.mark.parametrize('driver', ['motor', 'pymongo-async'])
@pytest.mark.parametrize('data', [b'1234', b''], ids=['chunk', 'file'])
async def test_a_write_under_way_comes_to_its_end_first(
    clients, sync_db, monkeypatch, driver, data
):
    call = Bucket.call

    async def slow(bucket, method, *args):
        async def later():
            await asyncio.sleep(0.1)
            return await call(bucket, method, *args)

        if method.__name__ != 'insert_one':
            return await call(bucket, method, *args)
        return await asyncio.shield(later())  # what has been sent goes on

    db = clients[driver][sync_db.name]
    await upload(db)
    monkeypatch.setattr(Bucket, 'call', slow)
    task = asyncio.ensure_future(Post.photo.upload(db, data, filename='b'))
    await asyncio.sleep(0.08)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.2)
    assert await stored_in(db) == [1, 1]


@pytest.mark.parametrize('driver', ['motor', 'pymongo-async'])
async def test_an_upload_that_is_cancelled_at_its_very_end_leaves_nothing(clients, sync_db, driver):
    db = clients[driver][sync_db.name]
    for delay in (0.0005 * step for step in range(20)):
        task = asyncio.ensure_future(Post.photo.upload(db, b'1234', filename='b', chunk_size=4))
        await asyncio.sleep(delay)
        task.cancel()
        [result] = await asyncio.gather(task, return_exceptions=True)
        is_there = isinstance(result, StoredFile)
        assert await stored_in(db) == [int(is_there)] * 2
        if is_there:
            await result.delete(db)


async def test_an_id_that_is_there_is_refused_and_stays_whole(any_db):
    file = await upload(any_db)
    for data in (b'', b'other'):
        with pytest.raises(DuplicateKeyError, match="'photos' has a file with the _id Obj"):
            await upload(any_db, data, _id=file._id)
    assert await content(file, any_db) == b'0123456789'
    assert await stored_in(any_db) == [1, 1]


@pytest.mark.parametrize('data', [b'', b'other'])
async def test_a_file_that_another_has_stored_meanwhile_stays(any_db, monkeypatch, data):
    async def none_yet(bucket, _id):
        return None

    file = await upload(any_db, b'')
    monkeypatch.setattr(Bucket, 'found', none_yet)
    with pytest.raises(DuplicateKeyError):
        await upload(any_db, data, _id=file._id)
    assert await stored_in(any_db) == [1, 0]


async def test_of_two_uploads_by_one_id_one_is_stored(any_db):
    _id, results = ObjectId(), []

    async def work(number):
        try:
            results.append(await upload(any_db, bytes([number]) * 1000, _id=_id, chunk_size=10))
        except DuplicateKeyError:
            results.append(None)

    await together(any_db, [lambda number=number: work(number) for number in range(4)])
    [file] = filter(None, results)
    data = await content(file, any_db)
    assert data == data[:1] * 1000
    assert await stored_in(any_db) == [1, 100]


@pytest.mark.parametrize(
    ('source', 'words'),
    [
        ('text', "'text'"),
        (io.StringIO('text'), '<_io.StringIO'),
        (5, '5'),
        ({'a': b''}, '{'),
        (None, 'None'),
    ],
)
def test_what_no_file_is_made_of_is_refused(sync_db, source, words):
    message = (
        r'^Post\.photo\.upload takes bytes, a file that is open in binary mode or an iterable of '
        f'bytes, not {words}'
    )
    with pytest.raises(TypeError, match=message):
        Post.photo.upload(sync_db, source, filename='a')
    assert sync_db.list_collection_names() == []


@pytest.mark.parametrize(
    ('options', 'error', 'message'),
    [
        ({'filename': None}, TypeError, r'filename of Post\.photo\.upload must be a str, not None'),
        ({'metadata': 'Ann'}, TypeError, r"metadata of Post\.photo\.upload must be a dict, not 'A"),
        ({'chunk_size': 0}, ValueError, 'must be a number of bytes from 1 to 16760832, not 0'),
        ({'chunk_size': 16 * MEGABYTE}, ValueError, 'must be a number of bytes from 1 to'),
        ({'_id': 'x'}, QueryError, r"^Post\.photo: 'x' is not of type ObjectId"),
    ],
    ids=['filename', 'metadata', 'no chunk', 'long chunk', 'id'],
)
def test_what_cannot_be_kept_with_a_file_is_refused(sync_db, options, error, message):
    with pytest.raises(error, match=message):
        Post.photo.upload(sync_db, b'', **{'filename': 'a', **options})
    assert sync_db.list_collection_names() == []


# Reading.


async def test_a_file_is_read_in_parts(any_db):
    file = await upload(any_db, chunk_size=4)
    async with entered(file.open(any_db)) as reader:
        parts = [await settled(reader.read(size)) for size in (0, 1, 2, 3, 100, 5)]
        assert reader.tell() == reader.info.length == 10
    assert parts == [b'', b'0', b'12', b'345', b'6789', b'']


async def test_a_file_gives_its_chunks_from_where_it_stands(any_db):
    file = await upload(any_db, chunk_size=4)
    async with entered(file.open(any_db)) as reader:
        await settled(reader.read(2))
        assert [piece async for piece in each(reader)] == [b'23', b'4567', b'89']


async def test_a_reader_goes_to_any_place(any_db):
    file = await upload(any_db, chunk_size=4)
    async with entered(file.open(any_db)) as reader:
        for place in (9, 0, 4, 3, 10, 5):
            await settled(reader.seek(place))
            assert await settled(reader.read(3)) == b'0123456789'[place : place + 3]
        for place in (-1, 11):
            with pytest.raises(ValueError, match='is no place in a file of 10 bytes'):
                await settled(reader.seek(place))


PLACES = st.integers(0, 40)
STEPS = st.lists(st.tuples(st.sampled_from(['read', 'seek']), PLACES), max_size=8)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.binary(max_size=12), max_size=5), st.integers(1, 15), STEPS)
def test_a_file_is_read_as_one_on_disk(sync_db, pieces, chunk_size, steps):
    oracle = io.BytesIO(b''.join(pieces))
    length = len(oracle.getvalue())
    file = Post.photo.upload(sync_db, iter(pieces), filename='a', chunk_size=chunk_size)
    driver = GridFSBucket(sync_db, 'photos').open_download_stream(file._id)
    assert driver.read() == oracle.getvalue()
    with file.open(sync_db) as reader:
        for step, number in steps:
            if step == 'read':
                assert reader.read(number) == oracle.read(number)
            else:
                reader.seek(min(number, length))
                oracle.seek(min(number, length))
            assert reader.tell() == oracle.tell()
        assert b''.join(reader) == oracle.read()


async def test_a_closed_reader_reads_no_more(any_db):
    file = await upload(any_db)
    async with entered(file.open(any_db)) as reader:
        await settled(reader.read(1))
    for call in (lambda: reader.read(), lambda: reader.seek(0)):
        with pytest.raises(ValueError, match=r'the file with the _id .* has been closed'):
            await settled(call())


def test_the_reader_of_a_synchronous_database_is_read_alike():
    methods = [name for name in vars(FileReader) if not name.startswith('_') and name != 'info']
    assert methods == ['read', 'seek', 'close', 'tell']
    for name in methods:
        ours, theirs = (getattr(reader, name) for reader in (AsyncFileReader, FileReader))
        assert inspect.signature(ours).parameters == inspect.signature(theirs).parameters
    assert {name for name in vars(AsyncFileReader) if not name.startswith('_')} == {*methods}


async def test_a_file_is_downloaded_into_another(any_db, tmp_path):
    file = await upload(any_db, DATA, chunk_size=100)
    with (tmp_path / 'a').open('wb') as target:
        assert await settled(file.download(any_db, target)) == len(DATA)
    assert (tmp_path / 'a').read_bytes() == DATA


async def test_a_download_into_what_is_no_binary_file_is_refused(any_db):
    for target in (io.StringIO(), b'', 'a.txt'):
        with pytest.raises(TypeError, match='takes a file that is open in binary mode, not'):
            await settled(StoredFile(1).download(any_db, target))


async def test_memory_stays_bounded(any_db):
    """A file of 20 MB passes through, in pieces of its own, and is never held whole."""
    count, piece = 80, bytes(MEGABYTE // 4)
    tracemalloc.start()
    try:
        file = await upload(any_db, (piece for _ in range(count)))
        peaks = [tracemalloc.get_traced_memory()[1]]
        tracemalloc.reset_peak()
        length = 0
        async with entered(file.open(any_db)) as reader:
            async for each_piece in each(reader):
                length += len(each_piece)
        peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert length == 20 * MEGABYTE
    assert max(peaks) < 8 * MEGABYTE


CALLS = {
    'open': lambda file, db: file.open(db),
    'info': lambda file, db: file.info(db),
    'download': lambda file, db: file.download(db, io.BytesIO()),
    'delete': lambda file, db: file.delete(db),
}


@pytest.mark.parametrize('call', CALLS.values(), ids=CALLS)
async def test_a_file_that_is_gone_is_told(any_db, call):
    file = await upload(any_db)
    await settled(file.delete(any_db))
    assert await stored_in(any_db) == [0, 0]
    with pytest.raises(StoredFileNotFoundError) as caught:
        await settled(call(file, any_db))
    assert str(caught.value) == (
        f"the bucket 'photos' of the database {any_db.name!r} has no file with the _id {file._id!r}"
    )
    assert isinstance(caught.value, DocumentNotFoundError | NoFile)


@pytest.mark.parametrize(
    ('spoil', 'message'),
    [
        (lambda chunks: chunks.delete_one({'n': 2}), 'lacks its chunk 2'),
        (lambda chunks: chunks.delete_one({'n': 1}), 'has the chunk 2 where its chunk 1 is due'),
        (
            lambda chunks: chunks.update_one({'n': 1}, {'$set': {'data': b'4'}}),
            'has 1 of the 4 bytes of chunk 1',
        ),
    ],
    ids=['last', 'middle', 'cut'],
)
async def test_a_file_that_lacks_a_part_is_told(any_db, sync_db, spoil, message):
    file = await upload(any_db, chunk_size=4)
    spoil(sync_db['photos.chunks'])
    with pytest.raises(CorruptFileError, match=f'the file with the _id .*{message}') as caught:
        await content(file, any_db)
    assert isinstance(caught.value, CorruptGridFile)


# Sessions.


async def test_a_session_is_passed_on(any_db):
    async with entered(session(any_db)) as handle:
        file = await upload(handle, chunk_size=4)
        assert await content(file, handle) == b'0123456789'
        assert (await settled(file.info(any_db, session=handle))).length == 10
        await settled(file.delete(handle))
    assert await stored_in(any_db) == [0, 0]
    with pytest.raises(SessionError):
        await upload(handle)


@pytest.mark.parametrize('call', CALLS.values(), ids=CALLS)
async def test_files_take_no_part_in_transactions(any_db, call):
    file = await upload(any_db)
    async with entered(transaction(any_db)) as tx:
        for refused in (lambda: upload(tx), lambda: call(file, tx)):
            with pytest.raises(
                SessionError, match="files of the bucket 'photos' take no part in tra"
            ):
                await settled(refused())
    assert await stored_in(any_db) == [1, 1]


async def test_a_file_is_deleted_once_its_document_is(any_db):
    post = await settled(Post(photo=await upload(any_db)).save(any_db))

    async def delete(error):
        async with entered(transaction(any_db)) as tx:
            await settled(post.delete(tx))
            tx.on_commit(lambda: post.photo.delete(any_db))
            if error is not None:
                raise error

    with pytest.raises(Failure):
        await delete(Failure())
    assert await content(post.photo, any_db) == b'0123456789'
    await delete(None)
    assert await stored_in(any_db) == [0, 0]


async def test_a_method_of_a_query_set_awaits_them_on_each_driver(any_db):
    class Pages(MotorQuerySet):
        async def first_bytes(self, data):
            file = await Page.file.upload(self.db, data, filename='a')
            async with await file.open(self.db) as reader:
                return await reader.read(2)

    class SyncPages(QuerySet):
        first_bytes = blocking(Pages.first_bytes)

    class Page(Document):
        file = FileField()

        class Meta:
            queryset = Pages
            sync_queryset = SyncPages

    assert await settled(Page.q(any_db).first_bytes(b'abc')) == b'ab'


# In documents.


async def test_a_document_stores_the_id_and_reads_the_file(any_db):
    file = await upload(any_db)
    post = await settled(Post(photo=file).validate().save(any_db))
    assert (await settled(Post.coll(any_db).find_one({})))['photo'] == file._id
    loaded = await settled(Post.q(any_db).get(post._id))
    assert loaded.photo == file == StoredFile(file._id, 'photos')
    assert await settled(Post.q(any_db).count_documents(Post.photo == file)) == 1
    assert await settled(Post.q(any_db).count_documents(Post.photo.in_([file._id]))) == 1


@pytest.mark.parametrize('representation', [4, 5])
async def test_a_file_of_a_uuid_is_read_whatever_the_clients_representation_is(
    any_db, representation
):
    options = any_db.codec_options.with_options(uuid_representation=representation)
    other = any_db.client.get_database(any_db.name, codec_options=options)
    file = await settled(Paper.file.upload(any_db, b'abc', filename='a'))
    paper = await settled(Paper(file=file).save(any_db))
    loaded = await settled(Paper.q(other).get(paper._id))
    assert loaded.validate().file == file
    async with entered(loaded.file.open(other)) as reader:
        assert await settled(reader.read()) == b'abc'
    await settled(loaded.file.delete(other))
    with pytest.raises(StoredFileNotFoundError):
        await settled(file.info(any_db))


async def test_ids_may_be_of_another_kind(any_db):
    file = await settled(Paper.file.upload(any_db, b'1', filename='a'))
    given = await settled(Paper.file.upload(any_db, b'2', filename='b', _id=str(uuid.UUID(int=7))))
    assert (type(file._id), given._id) == (Binary, Binary.from_uuid(uuid.UUID(int=7)))
    paper = await settled(Paper(file=uuid.UUID(int=7)).validate().save(any_db))
    loaded = await settled(Paper.q(any_db).get(paper._id))
    assert await content(loaded.file, any_db) == b'2'
    assert loaded.to_dict(mode='json')['file'] == str(uuid.UUID(int=7))


async def test_an_id_that_nobody_makes_is_asked_for(any_db):
    class Page(Document):
        file = FileField(id_field=IntField())

    with pytest.raises(
        ValueError, match=r'^Page\.file\.upload needs an _id: its id_field, a IntFi'
    ):
        Page.file.upload(any_db, b'1', filename='a')
    file = await settled(Page.file.upload(any_db, b'1', filename='a', _id=5))
    assert file == StoredFile(5)


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda post: pickle.loads(pickle.dumps(post))])
def test_copies_have_the_same_file(copied):
    post = Post(photo=ObjectId())
    assert copied(post).photo == post.photo


def test_a_list_may_be_of_files():
    ids = [ObjectId(), ObjectId()]
    paper = Paper(file=uuid.UUID(int=7), others=[str(ids[0]), StoredFile(ids[1])]).validate()
    assert paper.others == [StoredFile(_id) for _id in ids]
    assert paper.to_mongo()['others'] == ids


@pytest.mark.parametrize('given', [ObjectId(), StoredFile(ObjectId(), 'photos')])
def test_what_is_given_is_converted(given):
    _id = getattr(given, '_id', given) if isinstance(given, StoredFile) else given
    assert Post(photo=given).validate().photo == StoredFile(_id, 'photos')
    assert Post(photo=str(_id)).validate().photo == StoredFile(_id, 'photos')


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        ('no id', 'invalid value type'),
        (5, 'invalid value type'),
        (StoredFile(ObjectId()), 'file is not in the bucket photos'),
        (StoredFile(5, 'photos'), 'invalid value type'),
        (None, 'none value is not allowed'),
    ],
)
def test_what_is_no_file_of_the_bucket_is_refused(given, message):
    with pytest.raises(ValidationError) as refused:
        Post(photo=given).validate()
    assert refused.value.as_dict() == {'photo': message}


@pytest.mark.parametrize('stored', ['text', 5, None, {'a': 1}])
def test_a_stored_value_of_another_kind_is_kept_as_it_is(stored):
    post = Post.from_mongo({'_id': 1, 'photo': stored})
    assert post.photo == stored
    assert post.to_mongo() == {'_id': 1, 'photo': stored}


def test_files_of_another_bucket_are_refused_in_queries():
    with pytest.raises(QueryError, match=r"^Post\.photo: .* is not in the bucket 'photos'"):
        _ = Post.photo == StoredFile(ObjectId())
    assert (Post.photo == None) == {'photo': None}  # noqa: E711


def test_schemas_have_the_rules_of_the_id():
    assert Post.mongo_schema()['properties']['photo'] == {'bsonType': 'objectId'}
    assert Paper.json_schema()['properties']['file'] == {'type': 'string', 'format': 'uuid'}


def test_the_form_in_json_is_that_of_the_id():
    post = Post(photo=ObjectId())
    found = post.to_dict(mode='json')
    assert found['photo'] == str(post.photo._id)
    assert Post.from_data(found).photo == post.photo


@pytest.mark.parametrize(
    ('make', 'error', 'message'),
    [
        (lambda: FileField(id_field=ObjectId), TypeError, 'id_field must be a field, such as Str'),
        (
            lambda: FileField(bucket=''),
            ValueError,
            r"Wrong\.field: bucket '' must be a str without",
        ),
        (lambda: FileField(bucket='a$'), ValueError, r"bucket 'a\$' must be a str without"),
        (lambda: FileField(bucket='a.'), ValueError, r"bucket 'a\.' must be a str without"),
        (lambda: FileField(id_field=IntField(gt='x')), ValueError, "gt 'x' must be a number"),
    ],
    ids=['field', 'no name', 'name', 'empty part', 'rules'],
)
def test_a_wrong_definition_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        type('Wrong', (Document,), {'field': make()})
