"""Queries, compiled to functions: one that cannot be tried is refused whatever a document holds."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import starmap
from typing import Any, Final, TypeAlias, TypeVar

from bson import MaxKey, MinKey
from bson.regex import Regex

from aiomongodel.errors import QueryError
from aiomongodel.matching.conditions import (
    Condition,
    alone,
    anywhere,
    every,
    in_an_array,
    opposite,
    refuse,
    wanted_key,
)
from aiomongodel.matching.paths import values_at
from aiomongodel.matching.patterns import pattern
from aiomongodel.matching.values import (
    CODES,
    FALSE_KEYS,
    NAN,
    NUMBER_CODES,
    STORED_FLAGS,
    binary_key,
    document_of,
    is_array,
    is_kind,
    is_pattern,
    key_of,
    kind_of,
    regex_of,
    truncated,
    whole,
)
from aiomongodel.utils import _Empty, shown

Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]

Made = TypeVar('Made')
Operator: TypeAlias = Callable[[str, Any], Made]
"""Makes a function of an operator, whose name is for errors, and of what it is given."""


def matches(query: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    r"""Say whether the server would find a document by a query.

    Patterns are Python's, in which `\w` and the like match ASCII alone, as on the server, but for
    those that ignore case.

    Args:
        query: The query, under mongo names, with values as they are stored.
        stored: The document as the driver gives it.

    Returns:
        Whether it matches.

    Raises:
        QueryError: The query is malformed, nested too deeply, or the server alone can try it.

    Example:
        >>> from aiomongodel.matching import matches
        >>> matches({'tags': 'new', 'age': {'$gte': 18}}, {'tags': ['new', 'old'], 'age': 20})
        True
    """
    return predicate(query)(stored)


def predicate(query: Mapping[str, Any]) -> Predicate:
    """Make a function of a query, to be called with many documents.

    Args:
        query: As for `matches`.

    Returns:
        What says of a stored document whether it matches.

    Raises:
        QueryError: As for `matches`; from the function, where a document nests too deeply.

    Example:
        >>> from aiomongodel.matching import predicate
        >>> list(filter(predicate({'age': {'$lt': 18}}), [{'age': 10}, {'age': 20}]))
        [{'age': 10}]
    """
    with bounded():
        matched = compiled(query)

    def tried(stored: Mapping[str, Any]) -> bool:
        if not isinstance(stored, Mapping):
            raise QueryError(f'a stored document is a mapping, not {shown(stored)}')
        with bounded():
            return matched(stored)

    return tried


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Refuse what nests too deeply to be walked."""
    try:
        yield
    except RecursionError:
        raise QueryError('the query or the document is nested too deeply to be tried') from None


# Queries: the clauses of a document.


def compiled(query: Any) -> Predicate:
    """Make a function of a query, or of one within a query."""
    if not isinstance(query, Mapping):
        raise QueryError(f'a query is a mapping, not {shown(query)}')
    clauses = list(starmap(clause, query.items()))
    return lambda stored: all(matched(stored) for matched in clauses)


def clause(name: Any, operand: Any) -> Predicate:
    """Make a function of one name in a query, with what stands under it."""
    if not isinstance(name, str):
        raise QueryError(f'the name of a field is a str, not {shown(name)}')
    if name.startswith('$'):
        return handler(LOGICAL, name, operand)(name, operand)
    try:
        condition = condition_of(operand)
    except QueryError as error:
        raise QueryError(f'{shown(name)}: {error}') from error.__cause__
    path = name.split('.')
    return lambda stored: condition(partial(values_at, stored, path))


def conjunction(name: str, operand: Any) -> Predicate:
    """`$and`."""
    queries = list(map(compiled, clauses_of(name, operand)))
    return lambda stored: all(matched(stored) for matched in queries)


def disjunction(name: str, operand: Any) -> Predicate:
    """`$or`."""
    queries = list(map(compiled, clauses_of(name, operand)))
    return lambda stored: any(matched(stored) for matched in queries)


def joint_denial(name: str, operand: Any) -> Predicate:
    """`$nor`."""
    one_of_them = disjunction(name, operand)
    return lambda stored: not one_of_them(stored)


def comment(_name: str, _operand: Any) -> Predicate:
    """`$comment`, which every document matches."""
    return lambda _: True


def clauses_of(name: str, operand: Any) -> Sequence[Mapping[str, Any]]:
    """The queries that an operator joins."""
    if not is_array(operand) or not operand:
        refuse(name, operand, 'a list of one query or more')
    for query in operand:
        if not isinstance(query, Mapping):
            refuse(name, query, 'queries in its list')
    return list(operand)


# Conditions: what a query says of the values at one path.


def condition_of(operand: Any) -> Condition:
    """Make a condition of what stands under the name of a field."""
    if is_expression(operand):
        return expression(operand)
    return anywhere(pattern(operand)) if is_pattern(operand) else equality('$eq', operand)


def is_expression(operand: Any) -> bool:
    """Whether a document is one of operators, by its first name, which decides for the server."""
    if not isinstance(operand, Mapping):
        return False
    first = next(iter(operand), None)
    return isinstance(first, str) and first.startswith('$') and first not in REFERENCE_NAMES


def expression(operators: Mapping[str, Any]) -> Condition:
    """The condition that a document of operators stands for."""
    return every(
        handler(OPERATORS, name, operand)(name, operand)
        for name, operand in with_options(operators).items()
    )


def handler(table: Mapping[str, Operator[Made]], name: Any, operand: Any) -> Operator[Made]:
    """The function of an operator, which may also be none, or stand in the wrong place."""
    if name in table:
        return table[name]
    if not isinstance(name, str) or not name.startswith('$'):
        raise QueryError(
            f'{shown(name)} stands among operators, with {shown(operand)}; to compare with a '
            'document, put it in $eq'
        )
    if name in LOGICAL:
        raise QueryError(f'{name}, with {shown(operand)}, belongs at the top of a query')
    if name in OPERATORS:
        raise QueryError(f'{name}, with {shown(operand)}, belongs in the condition of a field')
    raise QueryError(
        f'{name}, with {shown(operand)}, cannot be tried on a document in memory; ask the server '
        'by a find with this query'
    )


# Operators: each function takes the operator's name, for its errors, and the operand.


def equality(name: str, operand: Any) -> Condition:
    """`$eq`, and a value by itself."""
    wanted = wanted_key(name, operand)
    return anywhere(lambda value: key_of(value) == wanted)


def inequality(name: str, operand: Any) -> Condition:
    """`$ne`."""
    if is_pattern(operand):
        refuse(name, operand, 'a value, and a pattern in $not')
    return opposite(equality(name, operand))


def comparison(name: str, operand: Any) -> Condition:
    """`$gt`, `$gte`, `$lt` and `$lte`, among values of one type."""
    if is_pattern(operand):
        refuse(name, operand, 'a value that has an order')
    compare = COMPARED[name]
    wanted = wanted_key(name, operand)
    of_any_type = isinstance(operand, MinKey | MaxKey)

    def accepts(value: Any) -> bool:
        found = key_of(value)
        if found == wanted:
            return bool(compare(0, 0))
        if found[0] != wanted[0]:
            return of_any_type and bool(compare(found[0], wanted[0]))
        return NAN not in (found, wanted) and bool(compare(found, wanted))

    return anywhere(accepts)


def membership(name: str, operand: Any) -> Condition:
    """`$in`."""
    if not is_array(operand):
        refuse(name, operand, 'a list')
    if any(map(is_expression, operand)):
        refuse(name, operand, 'values and patterns in its list, and no operators')
    patterns = [pattern(value) for value in operand if is_pattern(value)]
    wanted = {wanted_key(name, value) for value in operand if not is_pattern(value)}
    return anywhere(
        lambda value: key_of(value) in wanted or any(accepts(value) for accepts in patterns)
    )


def no_membership(name: str, operand: Any) -> Condition:
    """`$nin`."""
    return opposite(membership(name, operand))


def existence(name: str, operand: Any) -> Condition:
    """`$exists`."""
    is_there = anywhere(lambda value: value is not _Empty)
    is_wanted = wanted_key(name, operand) not in FALSE_KEYS
    return is_there if is_wanted else opposite(is_there)


def kind_test(name: str, operand: Any) -> Condition:
    """`$type`."""
    kinds = operand if is_array(operand) else [operand]
    wanted = {code for kind in kinds for code in codes_of(name, kind)}
    if not wanted:
        refuse(name, operand, 'at least one type')
    return anywhere(lambda value: value is not _Empty and kind_of(value).code in wanted)


def codes_of(name: str, kind: Any) -> frozenset[int]:
    """The types that an alias, or a number, stands for."""
    if kind == 'number':
        return NUMBER_CODES
    code = CODES.get(kind) if isinstance(kind, str) else whole(kind)
    if code is None or code not in CODES.values():
        refuse(name, kind, 'the alias or the number of a BSON type, or a list of them')
    return frozenset({code})


def pattern_test(name: str, operand: Any) -> Condition:
    """`$regex`."""
    if not is_pattern(operand) and not is_kind(operand, 'string'):
        refuse(name, operand, 'a str or a pattern')
    return anywhere(pattern(operand if is_pattern(operand) else Regex(operand)))


def with_options(operators: Mapping[str, Any]) -> Mapping[str, Any]:
    """The operators, with $options as flags of the pattern in $regex."""
    if '$options' not in operators:
        return operators
    options: Any = operators['$options']
    source: Any = operators.get('$regex')
    if not isinstance(options, str) or not STORED_FLAGS.keys() >= set(options):
        refuse('$options', options, f'letters of {"".join(STORED_FLAGS)!r}')
    others = {name: operand for name, operand in operators.items() if name != '$options'}
    if is_pattern(source):
        if regex_of(source).flags:
            raise QueryError(
                f'$options, with {shown(options)}, stands beside a pattern with flags of its own, '
                f'{shown(source)}; put all of them there'
            )
        source = regex_of(source).pattern
    if not isinstance(source, str):
        raise QueryError(
            f'$options, with {shown(options)}, takes a str in $regex beside it, not {shown(source)}'
        )
    return {**others, '$regex': Regex(source, options)}


def remainder(name: str, operand: Any) -> Condition:
    """`$mod`."""
    numbers = [truncated(each) for each in operand] if is_array(operand) else []
    match numbers:
        case [int(divisor), int(wanted)] if divisor:
            pass
        case _:
            refuse(name, operand, 'a list of a divisor other than 0 and a remainder')

    def accepts(value: Any) -> bool:
        dividend = truncated(value)
        if dividend is None:
            return False
        left = abs(dividend) % abs(divisor)  # as in C: it has the sign of the dividend
        return wanted == (-left if dividend < 0 else left)

    return anywhere(accepts)


def size(name: str, operand: Any) -> Condition:
    """`$size`."""
    wanted = whole(operand)
    if wanted is None or wanted < 0:
        refuse(name, operand, 'a number of items')
    return in_an_array(lambda array: len(array) == wanted)


def all_of(name: str, operand: Any) -> Condition:
    """`$all`."""
    if not is_array(operand):
        refuse(name, operand, 'a list')
    if not operand:
        return lambda _: False
    operators = [value for value in operand if is_expression(value)]
    if operators and [list(value) for value in operators] != [['$elemMatch']] * len(operand):
        refuse(name, operand, 'either values or $elemMatch, in all of its list')
    return every(map(condition_of, operand))


def element_match(name: str, operand: Any) -> Condition:
    """`$elemMatch`: of operators for each item, or of a query for each document."""
    if not isinstance(operand, Mapping):
        refuse(name, operand, 'a query or operators')
    if is_expression(operand) and next(iter(operand)) not in LOGICAL:
        condition = expression(operand)
        return in_an_array(lambda array: any(condition(alone(item)) for item in array))
    matched = compiled(operand)
    return in_an_array(lambda array: any(map(matched, documents_in(array))))


def documents_in(array: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The documents of an array, and its arrays as documents whose names are the indexes."""
    for item in array:
        if is_array(item):
            yield {str(index): inner for index, inner in enumerate(item)}
        elif (document := document_of(item)) is not None:
            yield document


def negation(name: str, operand: Any) -> Condition:
    """`$not`."""
    if is_pattern(operand):
        return opposite(anywhere(pattern(operand)))
    if not isinstance(operand, Mapping) or len(operand) == 0:
        refuse(name, operand, 'operators or a pattern')
    return opposite(expression(operand))


def bits(name: str, operand: Any) -> Condition:
    """`$bitsAllSet` and the like."""
    positions = positions_of(name, operand)
    test = BIT_TESTS[name]

    def accepts(value: Any) -> bool:
        number = whole(value)
        if is_kind(value, 'binData'):
            number = little_endian(value)
        return number is not None and test(number >> position & 1 for position in positions)

    return anywhere(accepts)


def positions_of(name: str, operand: Any) -> list[int]:
    """The bits that a mask or a list of positions stands for; a position may be any number."""
    if is_kind(operand, 'binData'):
        return bits_of(little_endian(operand))
    positions = [
        number
        for each in (operand if is_array(operand) else [operand])
        if (number := whole(each)) is not None and number >= 0
    ]
    if len(positions) != (len(operand) if is_array(operand) else 1):
        refuse(name, operand, 'a mask or a list of positions, in whole numbers from 0')
    return positions if is_array(operand) else bits_of(positions[0])


def bits_of(mask: int) -> list[int]:
    """The positions of the bits that are set."""
    return [position for position in range(mask.bit_length()) if mask >> position & 1]


def little_endian(value: Any) -> int:
    """Binary data as a number."""
    return int.from_bytes(binary_key(value)[2], 'little')


REFERENCE_NAMES: Final = frozenset({'$ref', '$id', '$db'})
"""The names of the document as which a DBRef is stored."""

LOGICAL: Final[dict[str, Operator[Predicate]]] = {
    '$and': conjunction,
    '$or': disjunction,
    '$nor': joint_denial,
    '$comment': comment,
}
OPERATORS: Final[dict[str, Operator[Condition]]] = {
    '$eq': equality,
    '$ne': inequality,
    '$gt': comparison,
    '$gte': comparison,
    '$lt': comparison,
    '$lte': comparison,
    '$in': membership,
    '$nin': no_membership,
    '$exists': existence,
    '$type': kind_test,
    '$regex': pattern_test,
    '$mod': remainder,
    '$size': size,
    '$all': all_of,
    '$elemMatch': element_match,
    '$not': negation,
    '$bitsAllSet': bits,
    '$bitsAnySet': bits,
    '$bitsAllClear': bits,
    '$bitsAnyClear': bits,
}
COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    '$gt': operator.gt,
    '$gte': operator.ge,
    '$lt': operator.lt,
    '$lte': operator.le,
}
BIT_TESTS: Final[dict[str, Callable[[Iterable[int]], bool]]] = {
    '$bitsAllSet': all,
    '$bitsAnySet': any,
    '$bitsAllClear': lambda found: not any(found),
    '$bitsAnyClear': lambda found: not all(found),
}
