"""The operators of fields that make queries, and those of sorting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, Literal, TypeVar

import bson

from aiomongodel.errors import QueryError
from aiomongodel.expressions import ASCENDING, DESCENDING, Query, Update
from aiomongodel.fields.geometry import circle, distance, geometry, point, polygon
from aiomongodel.fields.operators import (
    PATTERNS,
    Operand,
    condition,
    has_operators,
    is_whole,
    listed,
    operator,
    refuse,
    require_inner,
    require_storable,
    same_as,
    unequal,
)
from aiomongodel.fields.patterns import like_regex
from aiomongodel.utils import is_instance, is_text, shown

V = TypeVar('V')

Comparison = Literal['==', '!=', '>', '>=', '<', '<=']

COMPARISONS: Final[Mapping[str, str]] = {
    '==': '$eq',
    '!=': '$ne',
    '>': '$gt',
    '>=': '$gte',
    '<': '$lt',
    '<=': '$lte',
}

TYPES: Final = frozenset(
    [
        *['double', 'string', 'object', 'array', 'binData', 'undefined', 'objectId', 'bool'],
        *['date', 'null', 'regex', 'dbPointer', 'javascript', 'symbol', 'javascriptWithScope'],
        *['int', 'timestamp', 'long', 'decimal', 'minKey', 'maxKey', 'number'],
        *[-1, *range(1, 20), 127],
    ]
)
"""The names and numbers of MongoDB's types."""

FLAGS: Final = {re.IGNORECASE: 'i', re.MULTILINE: 'm', re.DOTALL: 's', re.VERBOSE: 'x'}
"""The options of MongoDB's patterns by the flags of Python's."""


class Querying(Generic[V]):
    """What a field on its class makes queries of.

    Each method gives a `Query`, a dict. Values are converted as the field stores them, and never
    become operators.

    Raises:
        QueryError: The field cannot store a value.

    Example:
        >>> from aiomongodel import Document, IntField
        >>> class User(Document):
        ...     age = IntField(mongo_name='a')
        >>> (User.age > '20') & (User.age != 30)
        {'$and': [{'a': {'$gt': 20}}, {'a': {'$ne': 30}}]}
    """

    __hash__ = object.__hash__

    def __eq__(self: Operand, other: object) -> Query:  # type: ignore[override]
        """The documents whose value, or one item of whose list, is equal; of None, or is unset.

        Two fields are compared by identity, so that fields can be keys and members.

        Example:
            >>> User.name == 'Ann'
            {'name': 'Ann'}
            >>> User.name == User.name
            True
        """
        if isinstance(other, Querying):
            return id(self) == id(other)  # type: ignore[return-value]
        return Query({self.s: condition(literal(self, other))})

    def __ne__(self: Operand, other: object) -> Query:  # type: ignore[override]
        """The documents that `==` does not find, those without the field among them.

        Example:
            >>> User.name != 'Ann'
            {'name': {'$ne': 'Ann'}}
        """
        if isinstance(other, Querying):
            return id(self) != id(other)  # type: ignore[return-value]
        return Query({self.s: unequal(literal(self, other))})

    def __gt__(self: Operand, other: V) -> Query:
        """The documents whose value, or one item of whose list, is greater.

        Example:
            >>> User.name > 'M'
            {'name': {'$gt': 'M'}}
        """
        return Query({self.s: {'$gt': compared(self, other)}})

    def __ge__(self: Operand, other: V) -> Query:
        """The documents whose value, or one item of whose list, is greater, or equal."""
        return Query({self.s: {'$gte': compared(self, other)}})

    def __lt__(self: Operand, other: V) -> Query:
        """The documents whose value, or one item of whose list, is less."""
        return Query({self.s: {'$lt': compared(self, other)}})

    def __le__(self: Operand, other: V) -> Query:
        """The documents whose value, or one item of whose list, is less, or equal."""
        return Query({self.s: {'$lte': compared(self, other)}})

    @operator
    def in_(self: Operand, values: Iterable[V]) -> Query:
        """The documents whose value, or one item of whose list, is among some values.

        Args:
            values: The values; None finds documents without the field, too.

        Example:
            >>> User.name.in_(['Ann', 'Bob'])
            {'name': {'$in': ['Ann', 'Bob']}}
        """
        found = members(self, values)
        if any(isinstance(each, bson.Regex) for each in found):  # by which $in matches text
            return Query({'$or': [{self.s: same_as(each)} for each in found]})
        return Query({self.s: {'$in': found}})

    @operator
    def not_in(self: Operand, values: Iterable[V]) -> Query:
        """The documents that `in_` does not find, those without the field among them.

        Args:
            values: The values.

        Example:
            >>> User.name.not_in(['Ann', 'Bob'])
            {'name': {'$nin': ['Ann', 'Bob']}}
        """
        found = members(self, values)
        if any(isinstance(each, bson.Regex) for each in found):
            return Query({'$nor': [{self.s: same_as(each)} for each in found]})
        return Query({self.s: {'$nin': found}})

    @operator
    def exists(self: Operand, exists: bool = True) -> Query:
        """The documents that have the field, with null or any other value; or that have it not.

        Args:
            exists: Whether they have it.

        Example:
            >>> User.name.exists(False)
            {'name': {'$exists': False}}
        """
        if not isinstance(exists, bool):
            refuse(self, exists, 'True or False, for .exists()')
        return Query({self.s: {'$exists': exists}})

    @operator
    def regex(self: Operand, pattern: str | re.Pattern[str], options: str = '') -> Query:
        """The documents whose text, or one item of whose list of texts, matches a pattern.

        Args:
            pattern: The pattern, in the server's dialect, PCRE; or a compiled pattern of Python's.
            options: Of `i` (any case), `m` (lines), `s` (a dot matches the end of a line too),
                `x` (blanks do not count) and `u`.

        Example:
            >>> User.name.regex('^a', 'i')
            {'name': {'$regex': '^a', '$options': 'i'}}
        """
        if isinstance(pattern, re.Pattern):
            flags = ''.join(option for flag, option in FLAGS.items() if pattern.flags & flag)
            options = options + flags if isinstance(options, str) else options
            pattern = pattern.pattern
        return matching(self, pattern, options)

    @operator
    def like(self: Operand, pattern: str) -> Query:
        r"""The documents whose text is like a pattern of SQL's.

        Args:
            pattern: `%` stands for any text, `_` for any character, `\%` and `\_` for themselves.

        Example:
            >>> User.name.like('a%')
            {'name': {'$regex': '^a'}}
        """
        return alike(self, pattern, '')

    @operator
    def ilike(self: Operand, pattern: str) -> Query:
        """The documents whose text is like a pattern of SQL's, in any case: see `like`.

        Example:
            >>> User.name.ilike('a%')
            {'name': {'$regex': '^a', '$options': 'i'}}
        """
        return alike(self, pattern, 'i')

    @operator
    def all(self: Operand, values: Iterable[Any]) -> Query:
        """The documents whose list has all of some values.

        Args:
            values: The values, in any order; of none, no document is found.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.all(['new', 'long'])
            {'tags': {'$all': ['new', 'long']}}
        """
        item = self._item_field()
        found = [compared(item, value) for value in listed(self, values)]
        return Query({self.s: {'$all': without_operators(self, found, '$all')}})

    @operator
    def size(self: Operand, size: int) -> Query:
        """The documents whose list has so many items.

        Args:
            size: The number of items, from 0 on.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.size(2)
            {'tags': {'$size': 2}}
        """
        if not is_whole(size) or size < 0:
            refuse(self, size, 'a number of items, an int from 0 on')
        return Query({self.s: {'$size': size}})

    @operator
    def elem_match(self: Operand, query: Mapping[str, Any]) -> Query:
        """The documents of whose list one item matches.

        Args:
            query: A query on the fields of the embedded documents; or, where the items are plain
                values, a dict of operators, such as `{'$gte': 80, '$lt': 85}`.

        Example:
            >>> from aiomongodel import Document, EmbDocField, EmbeddedDocument, IntField, ListField
            >>> class Room(EmbeddedDocument):
            ...     price = IntField()
            ...     beds = IntField()
            >>> class Hotel(Document):
            ...     rooms = ListField(EmbDocField(Room))
            >>> Hotel.rooms.elem_match((Room.price < 50) & (Room.beds == 2))
            {'rooms': {'$elemMatch': {'price': {'$lt': 50}, 'beds': 2}}}
        """
        if not isinstance(query, Mapping):
            refuse(self, query, 'a query on the items')
        require_inner(self, query)
        return Query({self.s: {'$elemMatch': query}})

    @operator
    def type(self: Operand, *types: str | int) -> Query:
        """The documents whose value is stored as one of some types.

        Args:
            *types: MongoDB's names or numbers of types, such as `'string'` or `2`.

        Example:
            >>> User.name.type('string', 'null')
            {'name': {'$type': ['string', 'null']}}
        """
        for each in types:
            if not isinstance(each, str | int) or isinstance(each, bool) or each not in TYPES:
                refuse(self, each, "MongoDB's name or number of a type, such as 'string'")
        if not types:
            refuse(self, types, 'at least one type')
        return Query({self.s: {'$type': types[0] if len(types) == 1 else list(types)}})

    @operator
    def mod(self: Operand, divisor: int, remainder: int) -> Query:
        """The documents whose number leaves a remainder when it is divided.

        Args:
            divisor: The divisor, not 0.
            remainder: The remainder.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Seat(Document):
            ...     number = IntField()
            >>> Seat.number.mod(2, 1)
            {'number': {'$mod': [2, 1]}}
        """
        for number in (divisor, remainder):
            if not is_whole(number):
                refuse(self, number, 'an int, for .mod(divisor, remainder)')
        if divisor == 0:
            refuse(self, divisor, 'a divisor')
        return Query({self.s: {'$mod': [divisor, remainder]}})

    @operator
    def compare(self: Operand, comparison: Comparison, other: Operand) -> Query:
        """The documents in which the field compares so with another field of theirs.

        Args:
            comparison: `'=='`, `'!='`, `'>'`, `'>='`, `'<'` or `'<='`.
            other: The other field.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Project(Document):
            ...     spent = IntField()
            ...     budget = IntField()
            >>> Project.spent.compare('>', Project.budget)
            {'$expr': {'$gt': ['$spent', '$budget']}}
        """
        if not isinstance(comparison, str) or comparison not in COMPARISONS:
            refuse(self, comparison, f'a comparison: {", ".join(COMPARISONS)}')
        if not isinstance(other, Querying):
            refuse(self, other, 'a field to compare with; a value is compared by the operator')
        for path in (self.s, other.s):
            if any(part.isdecimal() or part.startswith('$') for part in path.split('.')):
                refuse(self, path, 'a path of .compare(), in which $expr knows no items of lists')
        return Query({'$expr': {COMPARISONS[comparison]: [f'${self.s}', f'${other.s}']}})

    @operator
    def near(
        self: Operand,
        place: Any,
        *,
        max_distance: float | None = None,
        min_distance: float | None = None,
    ) -> Query:
        """The documents near a place, the nearest first; it needs a geo index.

        Args:
            place: Longitude and latitude in degrees, or a GeoJSON point.
            max_distance: The greatest distance, in metres.
            min_distance: The least distance, in metres.

        Example:
            >>> from aiomongodel import AnyField, Document
            >>> class Shop(Document):
            ...     place = AnyField()
            >>> Shop.place.near((30.5, 50.4), max_distance=500)['place']['$near']['$maxDistance']
            500
        """
        limits = {'$maxDistance': max_distance, '$minDistance': min_distance}
        given = {key: distance(self, each) for key, each in limits.items() if each is not None}
        return Query({self.s: {'$near': {'$geometry': point(self, place), **given}}})

    @operator
    def within(self: Operand, area: Any) -> Query:
        """The documents that lie within an area.

        Args:
            area: The corners, pairs of longitude and latitude in degrees; or a GeoJSON Polygon or
                MultiPolygon.

        Example:
            >>> from aiomongodel import AnyField, Document
            >>> class Shop(Document):
            ...     place = AnyField()
            >>> area = Shop.place.within([(30, 50), (31, 50), (31, 51)])
            >>> area['place']['$geoWithin']['$geometry']['coordinates']
            [[[30, 50], [31, 50], [31, 51], [30, 50]]]
        """
        return Query({self.s: {'$geoWithin': {'$geometry': polygon(self, area)}}})

    @operator
    def within_circle(self: Operand, centre: Any, radius: float) -> Query:
        """The documents that lie within a circle.

        Args:
            centre: Longitude and latitude in degrees, or a GeoJSON point.
            radius: The radius, in metres.

        Example:
            >>> from aiomongodel import AnyField, Document
            >>> class Shop(Document):
            ...     place = AnyField()
            >>> Shop.place.within_circle((30, 50), 6378100)  # the server takes radians
            {'place': {'$geoWithin': {'$centerSphere': [[30, 50], 1.0]}}}
        """
        return Query({self.s: {'$geoWithin': {'$centerSphere': circle(self, centre, radius)}}})

    @operator
    def intersects(self: Operand, shape: Any) -> Query:
        """The documents that have a point in common with a shape.

        Args:
            shape: A pair of longitude and latitude in degrees, or a GeoJSON object.

        Example:
            >>> from aiomongodel import AnyField, Document
            >>> class Park(Document):
            ...     area = AnyField()
            >>> Park.area.intersects((30, 50))['area']['$geoIntersects']['$geometry']
            {'type': 'Point', 'coordinates': [30, 50]}
        """
        return Query({self.s: {'$geoIntersects': {'$geometry': geometry(self, shape)}}})

    @operator
    def asc(self: Operand) -> tuple[str, Literal[1]]:
        """The pair by which `sort` and an IndexModel go up.

        Example:
            >>> User.name.asc()
            ('name', 1)
        """
        return (self.s, ASCENDING)

    @operator
    def desc(self: Operand) -> tuple[str, Literal[-1]]:
        """The pair by which `sort` and an IndexModel go down.

        Example:
            >>> User.name.desc()
            ('name', -1)
        """
        return (self.s, DESCENDING)


def compared(field: Operand, value: Any) -> Any:
    """The stored form of a value that is compared with the field.

    Raises:
        QueryError: The field cannot store it, or it is a pattern, a field or a query.
    """
    if is_instance(value, PATTERNS) and not field._takes_patterns:
        refuse(field, value, 'a value; a pattern is matched by .regex(...)')
    if is_instance(value, Querying):
        refuse(field, value, "a value; two fields are compared by .compare('>', field)")
    if is_instance(value, (Query, Update)):
        refuse(field, value, 'a value, but an expression; give dict(...) of it to mean the dict')
    return field._operand(value)


def literal(field: Operand, value: Any) -> Any:
    """The stored form of a value that may be equal to the field's.

    A dict stays the dict that it is, also where the field stores none: out of a request's JSON it
    may look like an operator, and must not become one.
    """
    is_plain_mapping = is_instance(value, Mapping) and not isinstance(value, Query | Update)
    if field._takes_mappings or not is_plain_mapping:
        return compared(field, value)
    try:
        require_storable(field, value)
    except Exception as error:
        raise QueryError(f'{field._label} cannot store {shown(value)}: {error}') from error
    return value


def members(field: Operand, values: Any) -> list[Any]:
    """The stored forms of the values of `$in`."""
    found = [literal(field, value) for value in listed(field, values)]
    return without_operators(field, found, '$in')


def without_operators(field: Operand, values: list[Any], name: str) -> list[Any]:
    """Refuse the values that the server would take for operators within its own `name`."""
    for value in values:
        if has_operators(value):
            refuse(field, value, f'a value that {name} takes; use == for a document of such keys')
    return values


def matching(field: Operand, pattern: str, options: str) -> Query:
    """The query by a pattern."""
    if not is_text(pattern) or '\0' in pattern:
        refuse(field, pattern, 'a pattern: a str that MongoDB can hold, without \\0')
    if not isinstance(options, str) or set(options) - set('imsxu'):
        refuse(field, options, 'options of a pattern, of the letters i, m, s, x and u')
    given = {'$options': ''.join(dict.fromkeys(options))} if options else {}
    return Query({field.s: {'$regex': pattern, **given}})


def alike(field: Operand, pattern: str, options: str) -> Query:
    """The query by a pattern of SQL's."""
    if not isinstance(pattern, str):
        refuse(field, pattern, 'a pattern: a str')
    regex = like_regex(pattern)
    return matching(field, regex.text, f'{options}s' if regex.has_dots else options)
