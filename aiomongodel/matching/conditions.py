"""Conditions: what a query says of the values at one path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeAlias

from aiomongodel.errors import QueryError
from aiomongodel.matching.values import Key, is_array, key_of
from aiomongodel.utils import shown

Accepts: TypeAlias = Callable[[Any], bool]
Values: TypeAlias = Callable[[bool], Iterable[Any]]
"""The values at a path; called with True, it gives the items of an array there as well."""

Condition: TypeAlias = Callable[[Values], bool]


def refuse(name: str, operand: Any, wanted: str) -> NoReturn:
    """Raise the error for an operand that the operator cannot have."""
    raise QueryError(f'{name} takes {wanted}, not {shown(operand)}')


def wanted_key(name: str, operand: Any) -> Key:
    """The key of an operand."""
    try:
        return key_of(operand)
    except QueryError as error:
        raise QueryError(f'{name} cannot take {shown(operand)}: {error}') from None


def anywhere(accepts: Accepts) -> Condition:
    """The condition that a value is accepted, or an item where the value is an array."""
    return lambda values: any(map(accepts, values(True)))


def in_an_array(accepts: Accepts) -> Condition:
    """The condition that there is an array which is accepted."""
    return lambda values: any(is_array(value) and accepts(value) for value in values(False))


def every(conditions: Iterable[Condition]) -> Condition:
    """The condition that all of them hold, for one value or several."""
    every_one = list(conditions)
    return lambda values: all(condition(values) for condition in every_one)


def opposite(condition: Condition) -> Condition:
    """The condition that another one does not hold, as where there is no value."""
    return lambda values: not condition(values)


def alone(value: Any) -> Values:
    """The values at a path where there is but one, whose items do not count."""
    return lambda _: (value,)
