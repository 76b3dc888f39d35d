"""Domain expressions: filters that come from outside, made into queries on a model's fields."""

from aiomongodel.domain.filters import to_query

__all__ = ['to_query']
