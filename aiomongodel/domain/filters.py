"""Filters: terms and operators in prefix notation, made into one query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidDocument

from aiomongodel.domain.names import Fields
from aiomongodel.domain.terms import items_of, plain, query_of, refuse, term, told
from aiomongodel.expressions import Query
from aiomongodel.fields import Field
from aiomongodel.fields.operators import ANY_UUID

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument

MAX_TERMS: Final = 1_000
"""Terms and operators of a filter: nobody writes so many, and each is tried on each document."""

MAX_DEPTH: Final = 40
"""Operators within each other. Each takes two of the 100 levels of BSON, and a term three;
the rest is for the command, and for a `default_query`."""

MAX_BYTES: Final = 2**20
"""The size of a query: much more than a URL holds, and a small part of the 16 MiB of a command."""

ARITIES: Final[Mapping[str, int]] = {'&': 2, '|': 2, '!': 1}
"""The operands of the operators that stand before them."""

EXAMPLE: Final = "[['age', '>', 18]]"


def to_query(
    document_class: type[BaseDocument],
    terms: Iterable[Any],
    *,
    allowed: Collection[str | Field[Any]] | None = None,
) -> Query:
    """Make a query of a filter that comes from outside, such as from a URL.

    A term is a list of a field's name, an operator and a value. Terms that stand side by side must
    all match. `'|'` before two of them asks for one of the two, `'&'` for both, and `'!'` before
    one for the documents that it does not find. What these join may be joined further.

    Names are those of the model, dotted for fields of embedded documents: never stored names, and
    never through a reference. Values are converted as the fields store them, from text too:
    `'18'`, `'true'`, `'2024-02-29T12:00:00Z'` (without an offset it is UTC), 24 hexadecimal digits.

    Args:
        document_class: The class of the documents.
        terms: The list of terms and operators, say of `json.loads`. The operators of terms are
            `=`, `!=`, `>`, `>=`, `<`, `<=`, `in`, `not in`, `like` and `ilike`; see the fields'
            `like` for the pattern of the last two.
        allowed: The fields that may be named, or their names; all others are then refused as if
            they were not there, those within an allowed one too. By default every field may.

    Returns:
        The query, with the operators of this list alone; an empty one of an empty list.

    Raises:
        DomainError: The filter is malformed or too long, or a term has no such field, operator or
            value; it says where.
        TypeError: `allowed` holds neither names nor fields.
        ValueError: `allowed` names a field that the class does not have.

    Example:
        >>> from aiomongodel import Document, IntField, ListField, StrField, domain
        >>> class User(Document):
        ...     name = StrField()
        ...     age = IntField(mongo_name='a')
        ...     roles = ListField(StrField())
        >>> domain.to_query(User, [['age', '>', '18'], '|', ['name', '=', 'Ann'],
        ...                        ['roles', 'in', ['admin']]])
        {'a': {'$gt': 18}, '$or': [{'name': 'Ann'}, {'roles': {'$in': ['admin']}}]}
        >>> try:
        ...     domain.to_query(User, [['age', '>', 18]], allowed=[User.name])
        ... except ValueError as error:
        ...     print(error)
        at term 0: User has no field 'age' to filter by, only name
    """
    fields = Fields(document_class, allowed)
    items = items_of(terms, MAX_TERMS)
    if items is None:
        refuse((), f'a filter is a list of terms, such as {EXAMPLE}, not {told(terms)}')
    if len(items) > MAX_TERMS:
        refuse((), f'a filter has at most {MAX_TERMS:,} terms and operators')
    return joined('&', operands(parts(fields, items))).query


class Part(NamedTuple):
    """An operator with its place in the filter, or the query of a term."""

    position: int
    operator: str
    query: Query


def parts(fields: Fields, items: list[Any]) -> list[Part]:
    """Read the items of the filter."""
    size, found = 0, []
    options = fields.document_class.meta.codec_options or ANY_UUID
    for position, item in enumerate(items):
        found.append(part(fields, position, item))
        size += size_of(found[-1].query, options, position)
        if size > MAX_BYTES:
            refuse((position,), f'the query of the filter is longer than {MAX_BYTES:,} bytes')
    return found


def part(fields: Fields, position: int, given: Any) -> Part:
    """Read one item of the filter."""
    operator = plain(given)
    if isinstance(operator, str) and operator in ARITIES:
        return Part(position, operator, Query())
    items = items_of(given, 3)
    if items is None:
        refuse(
            (position,),
            f'{told(given)} is none of the operators {", ".join(ARITIES)}, and a term is a list '
            f'of field, operator and value, such as those of {EXAMPLE}',
        )
    if len(items) != 3:
        refuse(
            (position,),
            f'{told(given)} is no term, a list of three: field, operator and value',
        )
    return Part(position, '', query_of(term(fields, position, *items)))


def size_of(query: Query, options: CodecOptions[Any], position: int) -> int:
    """The size of a term's query in bytes, as the driver sends it."""
    try:
        return len(bson.encode(query, codec_options=options))
    except (InvalidDocument, OverflowError, ValueError) as error:
        refuse((position, 'value'), f'MongoDB cannot hold the value: {error}', error)


class Clause(NamedTuple):
    """The queries that one operator joins, and how deep operators nest in them."""

    operator: str
    queries: list[Query]
    depth: int

    @property
    def query(self) -> Query:
        """All of them in one."""
        if self.operator == '|':
            return Query({'$or': self.queries})
        return conjunction(self.queries)


def conjunction(queries: list[Query]) -> Query:
    """The query that several make by `&`: one dict where no key stands in two of them."""
    merged = Query({key: value for query in queries for key, value in query.items()})
    return merged if len(merged) == sum(map(len, queries)) else Query({'$and': queries})


def operands(parts: list[Part]) -> list[Clause]:
    """What is left side by side when each operator has taken its operands, which follow it."""
    stack: list[Clause] = []
    for position, operator, query in reversed(parts):
        count = ARITIES.get(operator, 0)
        if len(stack) < count:
            refuse(
                (position,),
                f'{operator!r} stands before {"two terms" if count == 2 else "a term"}, and '
                f'there is {len(stack) or "none"} after it',
            )
        taken = [stack.pop() for _ in range(count)]
        stack.append(joined(operator, taken) if taken else Clause('', [query], 0))
        if stack[-1].depth > MAX_DEPTH:
            refuse((position,), f'more than {MAX_DEPTH} operators stand within each other')
    return stack[::-1]


def joined(operator: str, clauses: list[Clause]) -> Clause:
    """The clause that an operator makes of others; those of the same operator merge into it."""
    if operator == '!':
        return Clause('', [~clauses[0].query], clauses[0].depth + 1)
    queries: list[Query] = []
    depth = 0
    for each in clauses:
        is_same = each.operator == operator
        queries += each.queries if is_same else [each.query]
        depth = max(depth, each.depth if is_same else each.depth + 1)
    return Clause(operator, queries, depth)
