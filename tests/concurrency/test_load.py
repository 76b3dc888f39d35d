"""Many workers at once: no two owners of a lock, and no increment lost or counted twice."""

import contextlib
import itertools
import random
import subprocess
import sys
import time

from aiomongodel import LockLostError, StaleDocumentError
from tests.concurrency.helpers import pause, together
from tests.concurrency.models import LEASE, Counter, VersionedCounter
from tests.drivers import DRIVERS, each, entered, settled
from tools.testserver.instances import CHECKOUT

WORKERS = 50
DOCUMENTS = 5


class Record:
    """Who has held what, and from when until when: by this process's clock, and never too long."""

    def __init__(self):
        self.holds = []
        self.owners = dict.fromkeys(range(DOCUMENTS), 0)
        self.most_owners = 0
        self.counted = 0
        self.lost = 0

    @contextlib.contextmanager
    def held(self, counter):
        self.owners[counter._id] += 1
        self.most_owners = max(self.most_owners, self.owners[counter._id])
        start = time.monotonic()
        yield
        self.add(counter, start, time.monotonic())
        self.owners[counter._id] -= 1

    def add(self, counter, start, end):
        self.holds.append((counter._id, start, end, counter.lock['token']))

    def overlaps(self):
        """Give the pairs of holds of one document of which one began before the other's end."""
        ordered = sorted(self.holds)
        return [
            (former, latter)
            for former, latter in itertools.pairwise(ordered)
            if former[0] == latter[0] and latter[1] < former[2]
        ]


async def increment(counter, db, record):
    counter.count += 1
    await settled(counter.save(db))
    record.counted += 1


async def work_in_block(db, record):
    async with entered(Counter.q(db).lock({}, timeout=60)) as counter:
        with record.held(counter):
            await increment(counter, db, record)


async def work_by_hand(db, record):
    counter = await settled(Counter.q(db).lock_one({}, timeout=60))
    with record.held(counter):
        await increment(counter, db, record)
    await settled(Counter.q(db).unlock(counter))


async def vanish(db, record):
    """Take a lock, and neither renew it nor give it back."""
    start, counter = await taken(db)
    await increment(counter, db, record)
    record.add(counter, time.monotonic(), start + LEASE)


async def oversleep(db, record):
    """Hold a lock beyond its lease, and write then as if it were held still."""
    start, counter = await taken(db)
    record.add(counter, time.monotonic(), start + LEASE)
    await pause(db, LEASE * 1.5)
    try:
        await increment(counter, db, record)
        await settled(Counter.q(db).unlock(counter))
    except LockLostError:
        record.lost += 1


async def taken(db):
    """Give a document that holds its lock, and a time before it was taken."""
    while True:
        start = time.monotonic()
        counter = await settled(Counter.q(db).try_lock({}))
        if counter is not None:
            return start, counter
        await pause(db, random.uniform(0, 0.2))


async def hold_longer_than_a_lease(db, record):
    async with entered(Counter.q(db).lock({}, timeout=60)) as counter:
        with record.held(counter):
            await pause(db, LEASE * 1.5)
            await increment(counter, db, record)


KINDS = [
    *[hold_longer_than_a_lease] * 2,
    *[vanish] * 3,
    *[oversleep] * 2,
    *[work_by_hand] * 18,
    *[work_in_block] * 25,
]


async def made_counters(db):
    for number in range(DOCUMENTS):
        await settled(Counter.q(db).create(_id=number))


@contextlib.contextmanager
def started_holder(db, mongodb_uri):
    """A process that holds a lock, and its token."""
    driver = next(name for name, kind in DRIVERS.items() if type(db.client) is kind)
    words = [sys.executable, '-m', 'tests.concurrency.holder', mongodb_uri, driver, db.name]
    with subprocess.Popen(words, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
        try:
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


async def test_no_lock_has_two_owners_and_each_is_free_again(any_db, mongodb_uri):
    assert len(KINDS) == WORKERS
    await made_counters(any_db)
    record, works = Record(), random.sample(KINDS, WORKERS)
    with started_holder(any_db, mongodb_uri) as (process, token):

        async def kill():
            await pause(any_db, LEASE * 1.5)
            stored = await settled(Counter.coll(any_db).find_one({'lock.token': token}))
            assert stored is not None, 'a block that goes on has lost its lock'
            process.kill()

        await together(any_db, [kill, *(lambda work=work: work(any_db, record) for work in works)])
    assert process.returncode == -9
    assert (record.most_owners, record.overlaps()) == (1, [])
    assert len({token for *_, token in record.holds}) == len(record.holds) == WORKERS
    assert record.counted + record.lost == WORKERS
    counters = [counter async for counter in each(Counter.q(any_db).find())]
    assert sum(counter.count for counter in counters) == record.counted
    await pause(any_db, LEASE)
    for counter in counters:
        assert await settled(Counter.q(any_db).try_lock(counter._id)) is not None


async def test_no_increment_is_lost_between_revisions(any_db):
    await settled(VersionedCounter.q(any_db).create(_id=0))
    saves, conflicts = [], []

    async def count(times):
        for _ in range(times):
            while True:
                counter = await settled(VersionedCounter.q(any_db).get(0))
                counter.count += 1
                try:
                    await settled(counter.save(any_db))
                except StaleDocumentError as error:
                    conflicts.append(error)
                else:
                    saves.append(counter.revision)
                    break

    await together(any_db, [lambda: count(10)] * 8)
    counter = await settled(VersionedCounter.q(any_db).get(0))
    assert (counter.count, counter.revision) == (80, 81)
    assert sorted(saves) == list(range(2, 82))
    assert conflicts
    assert all(error.found > error.expected for error in conflicts)


async def test_one_of_many_first_saves_is_stored(any_db):
    await settled(VersionedCounter.q(any_db).create(_id=-1))  # makes the collection
    refused = []

    async def save(count):
        try:
            await settled(VersionedCounter(_id=0, count=count).save(any_db))
        except StaleDocumentError as error:
            refused.append(error)

    await together(any_db, [lambda count=count: save(count) for count in range(10)])
    assert len(refused) == 9
    assert (await settled(VersionedCounter.q(any_db).get(0))).revision == 1
