"""Orders and projections: of fields, names and pairs, as the driver takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiomongodel.errors import QueryError
from aiomongodel.expressions import ASCENDING
from aiomongodel.fields import Field
from aiomongodel.utils import shown

Pair = tuple[str, Any]

WORDS_FOR_DIRECTIONS: Final = frozenset({'asc', 'ascending', 'desc', 'descending'})


def name_of(key: Any) -> str:
    """The name in MongoDB of a field, given as the field or as the name.

    Raises:
        QueryError: It is neither.
    """
    if isinstance(key, Field):
        return key.s
    if not isinstance(key, str):
        raise QueryError(f'{shown(key)} is neither a field, such as User.name, nor the name of one')
    return key


def is_pair(key: Any) -> bool:
    """Whether it is a key with its direction, such as `User.name.desc()`."""
    return (
        isinstance(key, tuple | list)
        and len(key) == 2
        and isinstance(key[0], str | Field)
        and is_direction(key[1])
    )


def order_of(*keys: Any) -> list[Pair]:
    """The pairs of an order.

    Args:
        *keys: Fields, names, pairs of one of these and a direction; lists or dicts of them.

    Raises:
        QueryError: A key is none of these.

    Example:
        >>> order_of(User.name.desc(), User._id)
        [('name', -1), ('_id', 1)]
        >>> order_of([('name', -1)])
        [('name', -1)]
    """
    pairs: list[Pair] = []
    for key in keys:
        if is_pair(key):
            pairs.append((name_of(key[0]), key[1]))
        elif isinstance(key, Mapping):
            pairs += [pair_of(*item) for item in key.items()]
        elif isinstance(key, list | tuple):
            pairs += order_of(*key)
        else:
            pairs.append((name_to_sort_by(key), ASCENDING))
    return pairs


def name_to_sort_by(key: Any) -> str:
    """The name in MongoDB of a field that has no direction.

    Raises:
        QueryError: It is none, or looks like a direction, which other libraries write so.
    """
    name = name_of(key)
    if name.startswith(('-', '+')) or name.lower() in WORDS_FOR_DIRECTIONS:
        raise QueryError(
            f'{shown(name)} is no field to sort by; a direction is written as User.name.desc(), '
            'or ("name", -1)'
        )
    return name


def pair_of(key: Any, direction: Any) -> Pair:
    """A key with its direction, as a dict has them.

    Raises:
        QueryError: One of them is neither.
    """
    if not is_direction(direction):
        raise QueryError(
            f'{shown(direction)} is no direction for {shown(key)}: it is 1 or -1, as in '
            'User.name.asc() and User.name.desc()'
        )
    return name_of(key), direction


def projection_of(projection: Any) -> Any:
    """A projection under mongo names.

    Args:
        projection: A list of fields or names, or a dict by fields or names; None for none.

    Example:
        >>> projection_of([User.name])
        ['name']
    """
    if isinstance(projection, Mapping):
        return {name_of(key): value for key, value in projection.items()}
    if isinstance(projection, Field):
        raise QueryError(f'a projection is a list of fields: [{projection!r}]')
    if isinstance(projection, list | tuple | set | frozenset):
        return [name_of(key) for key in projection]
    return projection


def with_key(projection: Any, key: str) -> Any:
    """A projection, in the driver's form, that leaves a key in what is found.

    One that takes the key out, or only says what is taken out, stays as it is.

    Example:
        >>> with_key(['name'], '_cls'), with_key({'name': 0}, '_cls')
        (['name', '_cls'], {'name': 0})
    """
    if projection is None or key in projection:
        return projection
    if not isinstance(projection, Mapping):
        return [*projection, key]
    return {**projection, key: 1} if is_choice(projection) else projection


def is_choice(projection: Mapping[str, Any]) -> bool:
    """Whether a projection says what is found, and not what is left out."""
    named = [value for name, value in projection.items() if name != '_id']
    if not named:
        return bool(projection.get('_id', True))
    return not all(leaves_others(value) for value in named)


def leaves_others(value: Any) -> bool:
    """Whether the value of a name in a projection leaves the other names in what is found."""
    if isinstance(value, Mapping):
        return value.keys() <= {'$slice', '$meta'}
    return value in (0, False)


def keeps(projection: Any, path: str) -> bool:
    """Whether a projection leaves the value of a path in what is found."""
    if projection is None:
        return True
    if not isinstance(projection, Mapping):
        return path == '_id' or any(covers(name, path) for name in projection)
    if path == '_id':
        return bool(projection.get('_id', True))
    named = [name for name in projection if name != '_id']
    takes_out = all(projection[name] in (0, False) for name in named)
    return any(covers(name, path) for name in named) != takes_out


def covers(name: str, path: str) -> bool:
    """Whether a path is a name, or lies within it."""
    return f'{path}.'.startswith(f'{name}.')


def hint_of(index: Any) -> Any:
    """An index as each `hint` takes it: its name, or the dict of its keys."""
    return index if index is None or isinstance(index, str) else dict(order_of(index))


def names_of(keys: Iterable[Any]) -> list[str]:
    """The names in MongoDB of fields, given as the fields or as the names."""
    return [name_of(key) for key in keys]


def is_direction(value: Any) -> bool:
    """Whether it is the direction of a key, and no key."""
    return isinstance(value, int | Mapping)


def is_partial(projection: Any) -> bool:
    """Whether a projection may leave a part of a document out.

    Values that are computed beside the document, such as a text score, leave nothing out.
    """
    if projection is None:
        return False
    if not isinstance(projection, Mapping) or not projection:
        return True
    return not all(isinstance(value, Mapping) and '$meta' in value for value in projection.values())
