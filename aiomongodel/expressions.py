"""Query and Update: MongoDB's own dicts, which combine by operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from aiomongodel.errors import QueryError
from aiomongodel.matching import matches
from aiomongodel.utils import is_text, shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument

__all__ = ['Query', 'Update', 'text_search']

Direction: TypeAlias = Literal[1, -1]

ASCENDING: Final = 1
DESCENDING: Final = -1


class Query(dict[str, Any]):
    """A query of MongoDB's, which combines with others by `&`, `|` and `~`.

    Comparing a field on its class makes one. It is a dict, and goes wherever query sets take
    one. Give what asks for its truth, such as the `find` of PyMongo itself or `logging`, a
    `dict(query)`. What it is combined with may be a plain dict; neither of the two is changed.

    Args:
        *args: What `dict` takes.
        **kwargs: What `dict` takes.

    Example:
        >>> from aiomongodel import Document, IntField, StrField
        >>> class User(Document):
        ...     name = StrField(mongo_name='n')
        ...     age = IntField()
        >>> (User.age > 20) & (User.name != 'Ann')
        {'age': {'$gt': 20}, 'n': {'$ne': 'Ann'}}
        >>> (User.age > 20) | {'n': 'Ann'}
        {'$or': [{'age': {'$gt': 20}}, {'n': 'Ann'}]}
        >>> ~(User.age > 20)
        {'$nor': [{'age': {'$gt': 20}}]}
    """

    __slots__ = ()

    def __and__(self, other: Mapping[str, Any]) -> Query:
        """The documents that match both: in one dict where no key stands in both."""
        return both(self, other) if is_mapping_but(Update, other) else NotImplemented

    def __rand__(self, other: Mapping[str, Any]) -> Query:
        """The same, where a plain dict stands first."""
        return both(other, self) if is_mapping_but(Update, other) else NotImplemented

    def __or__(self, other: Mapping[str, Any]) -> Query:  # type: ignore[override]
        """The documents that match one of them, or both."""
        return either(self, other) if is_mapping_but(Update, other) else NotImplemented

    def __ror__(self, other: Mapping[str, Any]) -> Query:  # type: ignore[override]
        """The same, where a plain dict stands first."""
        return either(other, self) if is_mapping_but(Update, other) else NotImplemented

    def __ior__(self, other: Mapping[str, Any]) -> Query:  # type: ignore[override]
        return self | other  # a dict's own would change the operand

    def __invert__(self) -> Query:
        """The documents that do not match, those without the field among them."""
        return Query({'$nor': [self]})

    def __bool__(self) -> NoReturn:
        """Refused: `and`, `or` and `not` would drop one of two conditions unseen.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            f'the query {shown(dict(self))} is neither true nor false: join queries by &, | and ~, '
            'each in parentheses, not by and, or and not, and write two conditions '
            '(User.age > 1) & (User.age < 5) for 1 < User.age < 5; len() says whether it is empty, '
            'and dict() makes a plain dict for code that asks, such as json.dump'
        )

    def __repr__(self) -> str:
        return dict.__repr__(self)  # `pprint` takes the truth of what has the repr of a dict

    def matches(self, document: BaseDocument | Mapping[str, Any]) -> bool:
        """Try the query on a document in memory, as the server would.

        Args:
            document: The document, or its stored form.

        Returns:
            Whether it matches.

        Raises:
            QueryError: The query has an operator that only the server can try, such as `$text`.

        Example:
            >>> (User.name == 'Ann').matches(User(name='Ann'))
            True
        """
        stored = document if isinstance(document, Mapping) else document.meta.codec.dumper(document)
        return matches(self, stored)

    def prefixed(self, path: str) -> Query:
        """The query on what lies under a path, say on the items that an array filter names.

        Args:
            path: The name of an array filter, or a dotted path.

        Raises:
            QueryError: The query has an operator on the whole document, such as `$text`.

        Example:
            >>> from aiomongodel import EmbeddedDocument, IntField
            >>> class Room(EmbeddedDocument):
            ...     price = IntField()
            >>> (Room.price < 50).prefixed('cheap')
            {'cheap.price': {'$lt': 50}}
        """
        return Query(prefixed_pairs(self, path))


def is_mapping_but(kind: type, operand: object) -> bool:
    """Whether an operand of `&` or `|` is a dict, but not of the other kind of expression."""
    return isinstance(operand, Mapping) and not isinstance(operand, kind)


def prefixed_pairs(query: Mapping[str, Any], path: str) -> Iterable[tuple[str, Any]]:
    """The conditions of a query with a path before each key."""
    for key, value in query.items():
        if key in {'$and', '$or', '$nor'}:
            yield key, [Query(prefixed_pairs(each, path)) for each in value]
        elif key.startswith('$'):
            raise QueryError(f'{key} is no condition on a field, which could stand under {path!r}')
        else:
            yield f'{path}.{key}', value


def both(left: Mapping[str, Any], right: Mapping[str, Any]) -> Query:
    """The query that two queries make by `&`."""
    if not left.keys() & right.keys():
        return Query({**left, **right})
    return Query({'$and': [*operands_of(left, '$and'), *operands_of(right, '$and')]})


def either(left: Mapping[str, Any], right: Mapping[str, Any]) -> Query:
    """The query that two queries make by `|`."""
    return Query({'$or': [*operands_of(left, '$or'), *operands_of(right, '$or')]})


def operands_of(query: Mapping[str, Any], operator: str) -> list[Any]:
    """The queries that a query has joined by an operator; itself where it is no such query."""
    return list(query[operator]) if query.keys() == {operator} else [query]


def text_search(
    text: str,
    *,
    language: str | None = None,
    case_sensitive: bool | None = None,
    diacritic_sensitive: bool | None = None,
) -> Query:
    """The query by the text index of a collection.

    Args:
        text: The words; `"…"` around a phrase, `-` before a word that must be missing.
        language: The language of the words, such as `'en'`; that of the index by default.
        case_sensitive: Whether case counts; it does not by default.
        diacritic_sensitive: Whether accents count; they do not by default.

    Raises:
        QueryError: The text is not a str.

    Example:
        >>> text_search('coffee -shop', language='en')
        {'$text': {'$search': 'coffee -shop', '$language': 'en'}}
    """
    if not is_text(text):
        raise QueryError(f'text_search takes a str that MongoDB can hold, not {shown(text)}')
    options = {
        '$search': text,
        '$language': language,
        '$caseSensitive': case_sensitive,
        '$diacriticSensitive': diacritic_sensitive,
    }
    return Query({'$text': {key: value for key, value in options.items() if value is not None}})


class Update(dict[str, Any]):
    """An update of MongoDB's, which joins with others by `&`.

    A method of a field on its class, such as `set`, makes one. It is a dict, and goes wherever a
    dict does. Neither of the two that are joined is changed.

    Args:
        *args: What `dict` takes.
        **kwargs: What `dict` takes.

    Example:
        >>> from aiomongodel import Document, IntField, ListField, StrField
        >>> class Post(Document):
        ...     views = IntField()
        ...     tags = ListField(StrField())
        >>> Post.views.inc(1) & Post.tags.push('new')
        {'$inc': {'views': 1}, '$push': {'tags': 'new'}}
    """

    __slots__ = ()

    def __and__(self, other: Mapping[str, Any]) -> Update:
        """Both updates in one.

        Raises:
            QueryError: Both update one path, or one a path within that of the other.
        """
        return joined(self, other) if is_mapping_but(Query, other) else NotImplemented

    def __rand__(self, other: Mapping[str, Any]) -> Update:
        """The same, where a plain dict stands first."""
        return joined(other, self) if is_mapping_but(Query, other) else NotImplemented

    def __or__(self, other: Any) -> NoReturn:
        """Refused: updates join by `&`, and one of two there is none.

        Raises:
            TypeError: Always.
        """
        raise TypeError('updates are joined by &, not by |')

    __ror__ = __ior__ = __or__


def joined(left: Mapping[str, Any], right: Mapping[str, Any]) -> Update:
    """The update that two updates make by `&`."""
    refuse_conflicts(left, right)
    operators = [*left, *(operator for operator in right if operator not in left)]
    return Update({each: {**left.get(each, {}), **right.get(each, {})} for each in operators})


def refuse_conflicts(left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """Refuse two updates of one path, which the server would refuse too, or do in any order."""
    for path in paths_of(left):
        for other in paths_of(right):
            if f'{path}.'.startswith(f'{other}.') or f'{other}.'.startswith(f'{path}.'):
                raise QueryError(
                    f'two updates of {min(path, other, key=len)!r} cannot be joined: '
                    f'{shown(dict(left))} and {shown(dict(right))}'
                )


def paths_of(update: Mapping[str, Any]) -> list[str]:
    """The paths that an update changes."""
    paths: list[str] = []
    for operator, changes in update.items():
        if not operator.startswith('$') or not isinstance(changes, Mapping):
            raise QueryError(
                f'{shown(dict(update))} is no update, such as {{"$set": {{"name": "Ann"}}}}'
            )
        paths += changes
        if operator == '$rename':
            paths += changes.values()
    return paths
