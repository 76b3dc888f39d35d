"""What tests of concurrency see of the wire, and the databases whose calls are awaited."""

from tests.transactions.conftest import any_async_db, wire, wired_client

__all__ = ['any_async_db', 'wire', 'wired_client']
