"""What type checkers know of revisions and locks. They read this file; it is never run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, assert_type

from aiomongodel import Document, LockField, RevisionField, StrField

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


class Job(Document):
    name = StrField()
    revision = RevisionField(mongo_name='r')
    lock = LockField(lease=0.5, verbose_name='Lock')


RevisionField(default=1)  # type: ignore[call-arg]
LockField(lease='5')  # type: ignore[arg-type]


async def where_calls_are_awaited(db: AsyncDatabase[Any]) -> None:
    jobs = Job.q(db)
    async with jobs.lock({}, timeout=2.5, sort=[('name', 1)]) as job:
        assert_type(job, Job)
        assert_type(job.revision, int | None)
        assert_type(job.lock, Mapping[str, Any] | None)
    assert_type(await jobs.lock_one({}, 0), Job)
    assert_type(await jobs.try_lock({}), Job | None)
    assert_type(await jobs.renew_lock(job), Job)
    assert_type(await jobs.unlock(job), Job)
    with jobs.lock({}):  # type: ignore[attr-defined]
        pass


def where_calls_block(db: Database[Any]) -> None:
    jobs = Job.q(db)
    with jobs.lock({}, timeout=2.5, sort=[('name', 1)]) as job:
        assert_type(job, Job)
    assert_type(jobs.lock_one({}, 0), Job)
    assert_type(jobs.try_lock({}), Job | None)
    assert_type(jobs.renew_lock(job), Job)
    assert_type(jobs.unlock(job), Job)
