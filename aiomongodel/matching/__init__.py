"""A query of MongoDB, tried on a stored document in memory.

`values` compares as BSON does, `paths` finds the values that a condition is on, `conditions` and
`patterns` try them, and `queries` makes functions of queries, which is what users call.
"""

from aiomongodel.matching.queries import matches, predicate

__all__ = ['matches', 'predicate']
