"""What the tests of changes see of the wire."""

from tests.transactions.conftest import any_async_db, slow_answers, wire, wired_client

__all__ = ['any_async_db', 'slow_answers', 'wire', 'wired_client']
