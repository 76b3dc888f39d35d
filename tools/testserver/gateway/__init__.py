"""MongoDB's wire protocol in front of PostgreSQL with the DocumentDB extension.

One asyncio process reads commands, hands each to the engine's function of the same meaning, and
sends back the BSON that the function gives. It presents itself as the primary of a replica set of
one member, so drivers use sessions, retryable writes and transactions; or, if asked to, as a
standalone, which has no transactions.
"""

from tools.testserver.gateway.server import Gateway

__all__ = ['Gateway']
