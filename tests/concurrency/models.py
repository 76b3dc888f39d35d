"""What workers count in, in this process and in others."""

from aiomongodel import Document, IntField, LockField, RevisionField

LEASE = 1  # seconds


class Counter(Document):
    _id = IntField()
    count = IntField(default=0)
    lock = LockField(lease=LEASE)


class VersionedCounter(Document):
    _id = IntField()
    count = IntField(default=0)
    revision = RevisionField()
