"""Databases whose calls are awaited, for hooks that are, and answers that come late."""

from tests.transactions.conftest import any_async_db, slow_answers

__all__ = ['any_async_db', 'slow_answers']
