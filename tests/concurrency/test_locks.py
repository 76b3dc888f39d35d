"""Who holds a lock, who does not, and what each of them may write."""

import copy
import datetime
import pickle

import pytest
from pymongo import WriteConcern
from pymongo.errors import OperationFailure

from aiomongodel import (
    Document,
    DocumentLockedError,
    DocumentNotFoundError,
    EmbeddedDocument,
    Error,
    IntField,
    LockField,
    LockLostError,
    LockTimeoutError,
    QueryError,
    RevisionField,
    SessionError,
    StaleDocumentError,
    StrField,
    session,
    transaction,
)
from tests.concurrency.helpers import pause, raw, seen, together, write_raw
from tests.drivers import entered, settled

LONG_AGO = datetime.datetime(2000, 1, 1)


class Job(Document):
    state = StrField(required=False)
    count = IntField(default=0)
    lock = LockField(lease=60, mongo_name='l')


class VersionedJob(Document):
    state = StrField(required=False)
    count = IntField(default=0)
    revision = RevisionField()
    lock = LockField(lease=60, mongo_name='l')


async def locked(db, model=Job, **values):
    """Give a document that holds the lock, and one of the same `_id` that does not."""
    other = await settled(model.q(db).create(**values))
    return await settled(model.q(db).lock_one(other._id)), other


async def end_lease(document, db):
    await write_raw(document, db, {'$set': {'l.until': LONG_AGO}})


async def lost(db, model=Job):
    """Give a document whose lease has run out, and the one that has taken the lock since."""
    former, _ = await locked(db, model)
    await end_lease(former, db)
    return former, await settled(model.q(db).lock_one(former._id, timeout=0))


async def save(document, db):
    document.count = 7
    return await settled(document.save(db))


async def update(document, db):
    return await settled(document.update(db, {'$set': {'count': 7}}))


async def update_by_pipeline(document, db):
    return await settled(document.update(db, [{'$set': {'count': 7}}]))


async def delete(document, db):
    return await settled(document.delete(db))


async def renew(document, db):
    return await settled(type(document).q(db).renew_lock(document))


async def unlock(document, db):
    return await settled(type(document).q(db).unlock(document))


WRITES = [save, update, update_by_pipeline]
writes = pytest.mark.parametrize('write', WRITES)
writes_and_delete = pytest.mark.parametrize('write', [*WRITES, delete])
models = pytest.mark.parametrize('model', [Job, VersionedJob])


# Taking it.


async def test_a_lock_is_stored_with_a_token_and_the_end_of_its_lease(any_db):
    job, other = await locked(any_db)
    lock = (await raw(job, any_db))['l']
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert lock == job.lock
    assert sorted(lock) == ['token', 'until']
    assert abs(lock['until'] - now - datetime.timedelta(seconds=60)).total_seconds() < 10
    assert other.lock is None


async def test_a_document_is_given_as_it_is_stored_when_it_is_locked(any_db):
    await settled(Job.q(any_db).create(state='new', count=3))
    job = await settled(Job.q(any_db).lock_one({'state': 'new'}))
    assert (job.state, job.count, job.is_partial) == ('new', 3, False)


async def test_one_document_is_locked_by_the_order_that_was_asked_for(any_db):
    for count in (2, 3, 1):
        await settled(Job.q(any_db).create(count=count))
    taken = [await settled(Job.q(any_db).try_lock({}, sort=[('count', -1)])) for _ in range(4)]
    assert [job and job.count for job in taken] == [3, 2, 1, None]


async def test_a_lock_is_asked_for_by_expressions_too(any_db):
    for count in (2, 3, 1):
        await settled(Job.q(any_db).create(count=count))
    job = await settled(Job.q(any_db).lock_one(Job.count < 3, sort=Job.count.desc()))
    assert job.count == 2


async def test_the_default_query_joins_that_of_a_lock(any_db):
    class Open(Job):
        class Meta:
            collection = 'job'
            default_query = {'state': 'open'}

    await settled(Job.q(any_db).create(state='closed'))
    with pytest.raises(DocumentNotFoundError):
        await settled(Open.q(any_db).lock_one({}))
    await settled(Job.q(any_db).create(state='open'))
    assert (await settled(Open.q(any_db).lock_one({}))).state == 'open'


async def test_a_projection_gives_a_partial_document(any_db):
    await settled(Job.q(any_db).create(state='new', count=3))
    job = await settled(Job.q(any_db).lock_one({}, projection={'count': 1}))
    assert (job.is_partial, job.state, job.count) == (True, None, 3)
    assert (await update(job, any_db)).count == 7


async def test_a_locked_document_is_not_locked_again(any_db):
    job, _ = await locked(any_db)
    assert await settled(Job.q(any_db).try_lock({})) is None
    with pytest.raises(LockTimeoutError, match=r'each Job with the _id .* in 0 s') as caught:
        await settled(Job.q(any_db).lock_one(job._id, timeout=0))
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, Error)


async def test_no_matching_document_is_told_at_once(any_db):
    await settled(Job.q(any_db).create(state='new'))
    assert await settled(Job.q(any_db).try_lock({'state': 'old'})) is None
    words = "'job' has no Job that matches a query on state"
    with pytest.raises(DocumentNotFoundError, match=words):
        await settled(Job.q(any_db).lock_one({'state': 'old'}, timeout=60))


async def test_a_collection_that_does_not_exist_has_nothing_to_lock(any_db):
    assert await settled(Job.q(any_db).try_lock({})) is None
    with pytest.raises(DocumentNotFoundError):
        await settled(Job.q(any_db).lock_one({}))


@pytest.mark.parametrize('query', [{'$nothing': 1}, {'state': {'$type': []}}])
async def test_what_the_server_refuses_is_raised(any_db, query):
    await settled(Job.q(any_db).create())
    with pytest.raises(OperationFailure):
        await settled(Job.q(any_db).try_lock(query))


async def test_one_waits_for_a_document_to_become_free(any_db):
    job, _ = await locked(any_db)

    async def give_back():
        await pause(any_db, 0.1)
        await unlock(job, any_db)

    async def wait():
        return await settled(Job.q(any_db).lock_one({}, timeout=10))

    _, waiting = await together(any_db, [give_back, wait])
    assert waiting.lock['token'] != (job.lock or {}).get('token')
    assert (await raw(job, any_db))['l'] == waiting.lock


async def test_a_lease_that_has_run_out_is_taken(any_db):
    former, owner = await lost(any_db)
    assert owner.lock['token'] != former.lock['token']
    assert (await raw(former, any_db))['l'] == owner.lock


async def test_a_lease_runs_by_the_clock_unless_it_is_renewed(any_db):
    class Short(Job):
        lock = LockField(lease=0.4)

    job, _ = await locked(any_db, Short)
    until = job.lock['until']
    await pause(any_db, 0.25)
    assert await renew(job, any_db) is job
    await pause(any_db, 0.25)
    assert await settled(Short.q(any_db).try_lock({})) is None
    assert job.lock['until'] > until
    assert job.lock == (await raw(job, any_db))['lock']
    assert await settled(Short.q(any_db).lock_one({}, timeout=5)) is not job


async def test_a_lock_that_was_given_back_is_free(any_db):
    job, _ = await locked(any_db)
    assert await unlock(job, any_db) is job
    assert (job.lock, 'l' in await raw(job, any_db)) == (None, False)
    assert await settled(Job.q(any_db).try_lock({})) is not None


@pytest.mark.parametrize('act', [renew, unlock])
async def test_who_holds_no_lock_gives_none_back(any_db, act):
    job, other = await locked(any_db)
    for document in (other, await settled(Job.q(any_db).get(job._id))):
        with pytest.raises(LockLostError, match=r'Job with .* holds no lock: this object has not'):
            await act(document, any_db)
    await unlock(job, any_db)
    with pytest.raises(LockLostError, match='or has given it back'):
        await act(job, any_db)


# What the owner may do.


@writes
@models
async def test_the_owner_writes_and_holds_the_lock_still(any_db, write, model):
    job, _ = await locked(any_db, model)
    await write(job, any_db)
    await write(job, any_db)
    stored = await raw(job, any_db)
    assert (stored['count'], stored['l'], job.count) == (7, job.lock, 7)
    await unlock(job, any_db)


async def test_a_save_keeps_a_lock_that_was_renewed_meanwhile(any_db):
    job, _ = await locked(any_db)
    until = datetime.datetime(2999, 1, 1)
    await write_raw(job, any_db, {'$set': {'l.until': until}})
    await save(job, any_db)
    assert (await raw(job, any_db))['l']['until'] == until


async def test_what_a_save_stores_is_taken_literally(any_db):
    job, _ = await locked(any_db, state='$count')
    job.state = '$state'
    await settled(job.save(any_db))
    assert (await raw(job, any_db))['state'] == '$state'


async def test_a_save_removes_what_was_unset(any_db):
    job, _ = await locked(any_db, state='new')
    del job.state
    await settled(job.save(any_db))
    assert 'state' not in await raw(job, any_db)


async def test_the_owner_deletes_and_holds_nothing_any_more(any_db):
    job, _ = await locked(any_db)
    assert await settled(job.delete(any_db)) == 1
    assert job.lock is None
    with pytest.raises(LockLostError, match='holds no lock'):
        await unlock(job, any_db)


async def test_the_owner_reloads_and_is_the_owner_still(any_db):
    job, _ = await locked(any_db)
    await settled(job.reload(any_db))
    await save(job, any_db)
    await unlock(job, any_db)


async def test_an_owner_is_the_object_that_took_the_lock_and_no_copy_of_it(any_db):
    job, _ = await locked(any_db)
    copies = [copy.copy(job), copy.deepcopy(job), pickle.loads(pickle.dumps(job))]
    for other in [*copies, copy.copy(copies[0]), Job.from_mongo(job.to_mongo())]:
        assert other.lock == job.lock
        with pytest.raises(DocumentLockedError):
            await save(other, any_db)
        with pytest.raises(LockLostError, match='this object has not taken it'):
            await unlock(other, any_db)
    await unlock(job, any_db)


async def test_a_lock_that_is_assigned_is_not_stored(any_db):
    job = await settled(Job.q(any_db).create(lock={'token': 'mine'}))
    assert (job.lock, 'l' in await raw(job, any_db)) == (None, False)
    job.lock = {'token': 'mine'}
    await settled(job.save(any_db))
    assert (job.lock, 'l' in await raw(job, any_db)) == (None, False)


# What others may do.


@writes_and_delete
@models
async def test_others_do_not_write_while_the_lease_runs(any_db, write, model):
    job, other = await locked(any_db, model)
    await renew(job, any_db)
    before, stored = seen(other), await raw(other, any_db)
    words = (
        rf'{model.__name__} with the _id .* is locked by another owner, in {model.__name__}.lock'
    )
    with pytest.raises(DocumentLockedError, match=words):
        await write(other, any_db)
    assert await raw(other, any_db) == stored
    assert {**seen(other), 'count': 0} == before


@writes
@models
async def test_others_write_when_the_lease_has_run_out(any_db, write, model):
    job, _ = await locked(any_db, model)
    other = await settled(model.q(any_db).get(job._id))
    await end_lease(job, any_db)
    await write(other, any_db)
    stored = await raw(other, any_db)
    assert (stored['count'], 'l' in stored, other.lock) == (7, False, None)
    with pytest.raises(LockLostError):
        await write(job, any_db)


async def test_others_delete_when_the_lease_has_run_out(any_db):
    job, other = await locked(any_db)
    await end_lease(job, any_db)
    assert await settled(other.delete(any_db)) == 1
    assert await settled(job.delete(any_db)) == 0


async def test_a_lock_that_was_loaded_is_not_written_back(any_db):
    job, _ = await locked(any_db)
    other = await settled(Job.q(any_db).get(job._id))
    await unlock(job, any_db)
    await save(other, any_db)
    assert 'l' not in await raw(other, any_db)


async def test_a_new_document_is_stored_and_does_not_replace_a_locked_one(any_db):
    new = await settled(Job(state='new').save(any_db))
    assert await raw(new, any_db) == {'_id': new._id, 'state': 'new', 'count': 0}
    job, _ = await locked(any_db)
    with pytest.raises(DocumentLockedError):
        await settled(Job(_id=job._id, state='new').save(any_db))


class BrokenJob(Document):
    state = StrField(required=False)
    lock = LockField(lease=60, mongo_name='l')

    @classmethod
    def from_mongo(cls, data):
        raise ValueError('by the test')


async def test_a_document_that_cannot_be_loaded_is_freed(any_db):
    job = await settled(BrokenJob(state='new').save(any_db))
    with pytest.raises(ValueError, match='by the test'):
        await settled(BrokenJob.q(any_db).try_lock({}))
    assert 'l' not in await raw(job, any_db)


async def test_a_projection_without_the_id_is_refused(any_db):
    job = await settled(Job.q(any_db).create())
    with pytest.raises(TypeError, match='a lock of Job needs the _id'):
        await settled(Job.q(any_db).try_lock({}, projection={'_id': 0, 'state': 1}))
    assert 'l' not in await raw(job, any_db)


async def test_first_saves_of_one_document_side_by_side_are_all_stored(any_db):
    for number in range(5):
        new = Job(state=str(number))
        copies = [copy.copy(new) for _ in range(5)]
        await together(any_db, [lambda each=each: settled(each.save(any_db)) for each in copies])
        assert (await raw(new, any_db))['state'] == str(number)


async def test_a_transaction_older_than_the_lock_says_so(any_db):
    other = await settled(Job.q(any_db).create())
    async with entered(transaction(any_db)) as tx:
        await settled(Job.q(tx).get(other._id))
        job = await settled(Job.q(any_db).lock_one(other._id))
        with pytest.raises(LockLostError, match='the transaction began before the lock was taken'):
            await save(job, tx)


# Who has lost it.


@pytest.mark.parametrize('act', [*WRITES, delete, renew, unlock])
@models
async def test_a_former_owner_is_told_that_it_is_none(any_db, act, model):
    former, owner = await lost(any_db, model)
    before, stored = seen(former), await raw(former, any_db)
    words = rf'not locked by this owner any more, in {model.__name__}\.lock: the lease of 60 s'
    with pytest.raises(LockLostError, match=words):
        await act(former, any_db)
    assert await raw(former, any_db) == stored
    assert {**seen(former), 'count': 0} == before
    assert owner.lock == stored['l']


@pytest.mark.parametrize('act', [save, renew, unlock])
async def test_a_former_owner_is_told_so_when_the_document_is_free_again(any_db, act):
    former, owner = await lost(any_db)
    await unlock(owner, any_db)
    with pytest.raises(LockLostError):
        await act(former, any_db)
    assert (await raw(former, any_db))['count'] == 0


async def test_an_owner_goes_on_where_nobody_has_taken_what_ran_out(any_db):
    job, _ = await locked(any_db)
    await end_lease(job, any_db)
    await save(job, any_db)
    await renew(job, any_db)
    await unlock(job, any_db)


@pytest.mark.parametrize(
    ('act', 'error'),
    [
        (save, DocumentNotFoundError),
        (update, DocumentNotFoundError),
        (renew, LockLostError),
        (unlock, LockLostError),
    ],
)
async def test_an_owner_is_told_that_the_document_is_gone(any_db, act, error):
    job, _ = await locked(any_db)
    await settled(Job.q(any_db).delete_many({}))
    with pytest.raises(error):
        await act(job, any_db)
    assert await raw(job, any_db) is None


# With a revision.


async def test_a_document_that_is_locked_and_stale_is_locked_first(any_db):
    job, other = await locked(any_db, VersionedJob)
    await save(job, any_db)
    with pytest.raises(DocumentLockedError):
        await save(other, any_db)
    await unlock(job, any_db)
    with pytest.raises(StaleDocumentError, match='it holds revision 1, and revision 2 is stored'):
        await save(other, any_db)


async def test_an_owner_may_be_stale_too(any_db):
    job, _ = await locked(any_db, VersionedJob)
    await settled(VersionedJob.q(any_db).update_one({}, {'$inc': {'count': 1}}))
    with pytest.raises(StaleDocumentError, match='it holds revision 1, and revision 2 is stored'):
        await save(job, any_db)
    await settled(job.reload(any_db))
    await save(job, any_db)
    assert job.revision == 3


async def test_a_lock_that_is_taken_renewed_or_freed_is_no_change(any_db):
    job, other = await locked(any_db, VersionedJob)
    await renew(job, any_db)
    await unlock(job, any_db)
    await save(other, any_db)
    assert other.revision == 2


# Misuse.

TAKING = [
    lambda jobs, **options: jobs.lock({}, **options),
    lambda jobs, **options: jobs.lock_one({}, **options),
    lambda jobs, **options: jobs.try_lock({}, **options),
]
taking = pytest.mark.parametrize('take', TAKING, ids=['lock', 'lock_one', 'try_lock'])


@taking
@pytest.mark.parametrize('begin', [session, transaction])
async def test_a_lock_is_not_taken_in_a_session(any_db, take, begin):
    await settled(Job.q(any_db).create())
    words = 'a lock of Job is taken and given back outside of sessions and transactions'
    async with entered(begin(any_db)) as handle:
        for jobs, options in [
            (Job.q(handle), {}),
            (Job.q(any_db, session=handle), {}),
            (Job.q(any_db), {'session': handle}),
        ]:
            with pytest.raises(SessionError, match=words):
                await settled(take(jobs, **options))


async def test_a_lock_is_not_renewed_or_given_back_in_a_transaction(any_db):
    job, _ = await locked(any_db)
    async with entered(transaction(any_db)) as tx:
        for act in (renew, unlock):
            with pytest.raises(SessionError):
                await act(job, tx)
        await save(job, tx)
    assert (await raw(job, any_db))['count'] == 7


async def test_a_locked_document_leaves_the_transaction_of_others_in_use(any_db):
    _, other = await locked(any_db)
    new = await settled(Job.q(any_db).create())
    async with entered(transaction(any_db)) as tx:
        with pytest.raises(DocumentLockedError):
            await save(other, tx)
        await save(new, tx)
    assert (await raw(new, any_db))['count'] == 7


async def test_a_transaction_that_aborts_leaves_the_lock(any_db):
    job, _ = await locked(any_db)
    async with entered(transaction(any_db)) as tx:
        await settled(job.delete(tx))
        await settled(tx.abort())
    assert job.lock is not None
    await unlock(job, any_db)


@taking
async def test_a_class_without_a_lock_says_what_to_add(any_db, take):
    class Plain(Document):
        revision = RevisionField()

    with pytest.raises(TypeError, match=r'Plain has no LockField; add one, such as lock = LockF'):
        await settled(take(Plain.q(any_db)))


@taking
@pytest.mark.parametrize('option', ['upsert', 'return_document', 'array_filters'])
async def test_options_that_a_lock_cannot_have_are_refused(any_db, take, option):
    with pytest.raises(TypeError, match=f'a lock of Job takes no {option}'):
        await settled(take(Job.q(any_db), **{option: True}))


@taking
async def test_a_lock_without_an_answer_is_refused(any_db, take):
    unanswered = Job.q(any_db).with_options(write_concern=WriteConcern(w=0))
    with pytest.raises(QueryError, match=r'a lock of a Job needs the answer .*w=0, asks for none'):
        await settled(take(unanswered))


@pytest.mark.parametrize('timeout', [-1, '5', None, True, float('nan')])
async def test_a_timeout_that_is_no_time_is_refused(any_db, timeout):
    with pytest.raises(ValueError, match=r'timeout .* must be a number of seconds, at least 0'):
        await settled(Job.q(any_db).lock_one({}, timeout=timeout))


@pytest.mark.parametrize('lease', [0, -1, '5', None, True, float('inf'), float('nan')])
def test_a_lease_that_is_no_time_is_refused(lease):
    with pytest.raises(ValueError, match=r'Wrong\.lock: lease .* must be a number of seconds abov'):
        type('Wrong', (Document,), {'lock': LockField(lease=lease)})


def test_two_locks_are_refused_when_the_class_is_made():
    with pytest.raises(ValueError, match=r'Twice\.first and Twice\.second are each a LockField'):

        class Twice(Document):
            first = LockField()
            second = LockField()


def test_a_lock_guards_no_embedded_document():
    with pytest.raises(ValueError, match=r'Part\.lock: a LockField guards a Document'):

        class Part(EmbeddedDocument):
            lock = LockField()
