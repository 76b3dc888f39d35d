"""A term of a filter: a field, an operator and a value, made into a query."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from aiomongodel.domain.names import Fields, NoFieldError, item_of
from aiomongodel.errors import DomainError, QueryError
from aiomongodel.expressions import Query
from aiomongodel.fields import AnyField, Field, RefField, StrField
from aiomongodel.fields.operators import SCALARS
from aiomongodel.utils import _Empty, shown

MAX_VALUES: Final = 10_000
"""Values of `in` and `not in`."""

MAX_PATTERN: Final = 1_000
"""Characters of a pattern: the time that it takes grows with its length times that of the text."""

MAX_TOLD: Final = 100
"""Characters of what was given, in an error message."""

METHODS: Final[Mapping[str, str]] = {
    '=': '__eq__',
    '!=': '__ne__',
    '>': '__gt__',
    '>=': '__ge__',
    '<': '__lt__',
    '<=': '__le__',
    'in': 'in_',
    'not in': 'not_in',
    'like': 'like',
    'ilike': 'ilike',
}
"""The methods of fields that make the queries, by the operators of terms."""

OF_LISTS: Final = ('in', 'not in')
OF_NULL: Final = ('=', '!=', 'in', 'not in')
OF_TEXT: Final = ('like', 'ilike')

EXACT: Final[Mapping[type, Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    Decimal: Decimal,
}
"""What makes a plain value of one of a subclass, which may say anything of itself."""

Path: TypeAlias = tuple[int | str, ...]


def refuse(path: Path, message: str, cause: Exception | None = None) -> NoReturn:
    """Refuse the filter because of what stands at a path.

    Raises:
        DomainError: Always.
    """
    raise DomainError(message, path) from cause


def told(value: object) -> str:
    """A value for an error message, which a client may be shown: what nests is cut too."""
    text = shown(value)
    return text if len(text) <= MAX_TOLD else f'{text[:MAX_TOLD]}...'


class Term(NamedTuple):
    """A condition on one field, at its place in the filter."""

    position: int
    field: Field[Any]
    operator: str
    value: Any

    def refuse(self, message: str, cause: Exception | None = None) -> NoReturn:
        """Refuse the value."""
        refuse((self.position, 'value'), message, cause)


def term(fields: Fields, position: int, name: Any, operator: Any, value: Any) -> Term:
    """The term of its three items, of which the value is still as it was given."""
    name, known = plain(name), plain(operator)
    if not isinstance(name, str):
        refuse((position, 'field'), f'the name of a field is text, not {told(name)}')
    if not isinstance(known, str) or known not in METHODS:
        refuse(
            (position, 'operator'),
            f'{told(operator)} is no operator of a term, which are {", ".join(METHODS)}',
        )
    try:
        field = fields.find(name)
    except NoFieldError as error:
        refuse((position, 'field'), str(error))
    return Term(position, field, known, value)


def query_of(term: Term) -> Query:
    """The query of a term."""
    if term.operator in OF_TEXT:
        arguments: tuple[Any, ...] = (checked_pattern(term),)
    elif term.operator in OF_LISTS:
        arguments = (values_of(term),)
    else:
        arguments = (value_of(term, term.value),)
    method = getattr(type(term.field), METHODS[term.operator])
    try:
        query: Query = method(term.field, *arguments)
    except QueryError as error:
        term.refuse(str(error), error)
    return query


def plain(value: Any) -> Any:
    """A single value, of a class that BSON knows; `_Empty` where it is none."""
    if value is None or type(value) is bool:
        return value
    # By the class itself: what an object answers to isinstance is its own affair.
    for kind, exact in EXACT.items():
        if issubclass(type(value), kind):
            return exact(value)
    return value if issubclass(type(value), SCALARS) else _Empty


def items_of(value: Any, limit: int) -> list[Any] | None:
    """The items of a list or a tuple, at most one more than the limit; None where it is neither."""
    if not issubclass(type(value), list | tuple):
        return None
    try:
        return list(islice(value, limit + 1))
    except Exception:  # noqa: BLE001 - a subclass that cannot be iterated is no list of anything
        return None


def values_of(term: Term) -> list[Any]:
    """The values of an operator that takes several."""
    values = items_of(term.value, MAX_VALUES)
    if values is None:
        term.refuse(f'{term.operator!r} takes a list of values, not {told(term.value)}')
    if len(values) > MAX_VALUES:
        term.refuse(f'{term.operator!r} takes at most {MAX_VALUES:,} values')
    return [value_of(term, each) for each in values]


def value_of(term: Term, given: Any) -> Any:
    """A single value, for the field to convert."""
    value, item = plain(given), item_of(term.field)
    if value is _Empty:
        term.refuse(f'{told(given)} is not a single value: text, a number, true, false or null')
    if value is None and term.operator not in OF_NULL:
        term.refuse(f'null goes with {", ".join(OF_NULL)}, and not with {term.operator!r}')
    if value is not None and item._embeds:
        term.refuse(
            f'{term.field._label} holds embedded documents, which are compared with null alone, '
            f'not with {told(given)}; filter by a field of theirs'
        )
    if isinstance(value, str) and stores_dates(item):
        return date_of(term, value)
    return value


def stores_dates(item: Field[Any]) -> bool:
    """Whether a field stores dates, or references by them."""
    kind = item._id_field.field_type if isinstance(item, RefField) else item.field_type
    return kind is datetime.datetime


def date_of(term: Term, text: str) -> datetime.datetime:
    """The date that a text says."""
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError as error:
        term.refuse(f'{told(text)} is no date of ISO 8601, such as 2024-02-29T12:00:00Z', error)


def checked_pattern(term: Term) -> str:
    """The pattern of a term, for a field of text."""
    item, pattern = item_of(term.field), plain(term.value)
    if not isinstance(item, StrField | AnyField) and item.field_type is not str:
        refuse(
            (term.position, 'operator'),
            f'{term.operator!r} is for fields of text, which {term.field._label} is not',
        )
    if not isinstance(pattern, str):
        term.refuse(f"{term.operator!r} takes a pattern such as 'a%', not {told(term.value)}")
    if len(pattern) > MAX_PATTERN:
        term.refuse(f'a pattern has at most {MAX_PATTERN:,} characters, not {len(pattern):,}')
    return pattern
