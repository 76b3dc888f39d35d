"""What tests of query sets see of the wire."""

from tests.transactions.conftest import wire, wired_client

__all__ = ['wire', 'wired_client']
