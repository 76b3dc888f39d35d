"""The operators of fields that make updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

import bson

from aiomongodel.expressions import Query, Update
from aiomongodel.fields.operators import (
    NUMBERS,
    PATTERNS,
    Operand,
    has_operators,
    is_whole,
    listed,
    operator,
    refuse,
    require_inner,
)
from aiomongodel.utils import is_instance, is_text, shown

V = TypeVar('V')

Number = int | float | Decimal


class Updating(Generic[V]):
    """What a field on its class makes updates of.

    Each method gives an `Update`, a dict. Values are converted as the field stores them; they are
    not validated, as an update in a plain dict is not.

    Raises:
        QueryError: The field cannot store a value.
    """

    @operator
    def set(self: Operand, value: V) -> Update:
        """Set the field.

        Example:
            >>> User.name.set('Ann')
            {'$set': {'name': 'Ann'}}
        """
        return Update({'$set': {self._target: self._storable(value)}})

    @operator
    def set_on_insert(self: Operand, value: V) -> Update:
        """Set the field where an upsert inserts the document.

        Example:
            >>> User.name.set_on_insert('Ann')
            {'$setOnInsert': {'name': 'Ann'}}
        """
        return Update({'$setOnInsert': {self._target: self._storable(value)}})

    @operator
    def unset(self: Operand) -> Update:
        """Remove the field from the stored document.

        Example:
            >>> User.name.unset()
            {'$unset': {'name': ''}}
        """
        return Update({'$unset': {self._target: ''}})

    @operator
    def rename(self: Operand, name: str) -> Update:
        """Store the field under another name.

        Args:
            name: The other name in MongoDB; it may be a dotted path.

        Example:
            >>> User.name.rename('full_name')
            {'$rename': {'name': 'full_name'}}
        """
        if not is_text(name) or not all(name.split('.')) or '\0' in name or '$' in name:
            refuse(self, name, 'a name that MongoDB takes for a field')
        return Update({'$rename': {self._target: name}})

    @operator
    def current_date(self: Operand, type: Literal['date', 'timestamp'] = 'date') -> Update:  # noqa: A002
        """Set the field to the server's time.

        Args:
            type: `'date'`, or `'timestamp'`, MongoDB's internal type.

        Example:
            >>> User.created.current_date()
            {'$currentDate': {'created': {'$type': 'date'}}}
        """
        if type not in ('date', 'timestamp'):
            refuse(self, type, "a type of .current_date(): 'date' or 'timestamp'")
        return Update({'$currentDate': {self._target: {'$type': type}}})

    @operator
    def inc(self: Operand, amount: Number = 1) -> Update:
        """Add to a number, which is 0 where the field is unset.

        Args:
            amount: What is added; a negative number is taken away.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Post(Document):
            ...     views = IntField()
            >>> Post.views.inc(2)
            {'$inc': {'views': 2}}
        """
        return Update({'$inc': {self._target: number(self, amount)}})

    @operator
    def mul(self: Operand, factor: Number) -> Update:
        """Multiply a number, which is 0 where the field is unset.

        Args:
            factor: What it is multiplied by.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Post(Document):
            ...     views = IntField()
            >>> Post.views.mul(2)
            {'$mul': {'views': 2}}
        """
        return Update({'$mul': {self._target: number(self, factor)}})

    @operator
    def min(self: Operand, value: V) -> Update:
        """Set the field where the value is less than the stored one, or the field is unset.

        Example:
            >>> User.name.min('Ann')
            {'$min': {'name': 'Ann'}}
        """
        return Update({'$min': {self._target: self._storable(value)}})

    @operator
    def max(self: Operand, value: V) -> Update:
        """Set the field where the value is greater than the stored one, or the field is unset.

        Example:
            >>> User.name.max('Ann')
            {'$max': {'name': 'Ann'}}
        """
        return Update({'$max': {self._target: self._storable(value)}})

    @operator
    def push(
        self: Operand,
        *values: Any,
        position: int | None = None,
        slice: int | None = None,  # noqa: A002
        sort: Any = None,
    ) -> Update:
        """Append to a list.

        Args:
            *values: The items.
            position: Insert them before this index instead; a negative one counts from the end.
            slice: Keep so many items, the first ones; of a negative number, the last ones.
            sort: Sort the list after it: 1 or -1, or pairs such as `Room.price.asc()`.

        Example:
            >>> from aiomongodel import Document, IntField, ListField
            >>> class Game(Document):
            ...     points = ListField(IntField())
            >>> Game.points.push(7)
            {'$push': {'points': 7}}
            >>> Game.points.push(7, 9, slice=-10)
            {'$push': {'points': {'$each': [7, 9], '$slice': -10}}}
        """
        items = [self._item_field()._storable(value) for value in values]
        modifiers = push_modifiers(self, position, slice, sort)
        if len(items) == 1 and not modifiers and not has_operators(items[0]):
            return Update({'$push': {self._target: items[0]}})
        return Update({'$push': {self._target: {'$each': items, **modifiers}}})

    @operator
    def add_to_set(self: Operand, *values: Any) -> Update:
        """Append to a list what it does not have yet.

        Args:
            *values: The items.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.add_to_set('new', 'long')
            {'$addToSet': {'tags': {'$each': ['new', 'long']}}}
        """
        items = [self._item_field()._storable(value) for value in values]
        if len(items) == 1 and not has_operators(items[0]):
            return Update({'$addToSet': {self._target: items[0]}})
        return Update({'$addToSet': {self._target: {'$each': items}}})

    @operator
    def pull(self: Operand, value: Any) -> Update:
        """Remove items from a list.

        Args:
            value: The items that are equal to this one; or a query on the embedded documents of
                the list, such as `Room.price > 50`, which removes those that match.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.pull('new')
            {'$pull': {'tags': 'new'}}
        """
        if isinstance(value, Query):
            require_inner(self, value)
            return Update({'$pull': {self._target: value}})
        if is_instance(value, PATTERNS) and not self._item_field()._takes_patterns:
            refuse(self, value, 'a value; give the query {"$pull": …} itself for a pattern')
        item = self._item_field()._storable(value)
        if isinstance(item, Mapping | list | bson.Regex):  # which $pull would take for a condition
            return Update({'$pullAll': {self._target: [item]}})
        return Update({'$pull': {self._target: item}})

    @operator
    def pull_all(self: Operand, values: Iterable[Any]) -> Update:
        """Remove from a list the items that are equal to one of some values.

        Args:
            values: The values.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.pull_all(['new', 'long'])
            {'$pullAll': {'tags': ['new', 'long']}}
        """
        items = [self._item_field()._storable(value) for value in listed(self, values)]
        return Update({'$pullAll': {self._target: items}})

    @operator
    def pop(self: Operand, *, first: bool = False) -> Update:
        """Remove the last item of a list, or the first.

        Args:
            first: Whether it is the first.

        Example:
            >>> from aiomongodel import Document, ListField, StrField
            >>> class Post(Document):
            ...     tags = ListField(StrField())
            >>> Post.tags.pop()
            {'$pop': {'tags': 1}}
        """
        return Update({'$pop': {self._target: -1 if first else 1}})


def number(field: Operand, value: Any) -> Any:
    """The stored form of a number that is added, or multiplied by."""
    if not isinstance(value, NUMBERS) or isinstance(value, bool):
        refuse(field, value, 'a number')
    stored = field._storable(value)
    if not isinstance(stored, NUMBERS) or isinstance(stored, bool):
        refuse(field, value, f'a number for this field, whose values are stored as {shown(stored)}')
    return stored


def push_modifiers(field: Operand, position: Any, slice_: Any, sort: Any) -> dict[str, Any]:
    """The modifiers of `$push` that are given."""
    for value in (position, slice_):
        if value is not None and not is_whole(value):
            refuse(field, value, 'an int, for position= or slice=')
    given = {'$position': position, '$slice': slice_, '$sort': order(field, sort)}
    return {key: value for key, value in given.items() if value is not None}


def order(field: Operand, sort: Any) -> Any:
    """The order of `$sort`: 1 or -1, or a dict of directions."""
    if sort is None or (is_whole(sort) and abs(sort) == 1):
        return sort
    pairs = [sort] if isinstance(sort, tuple) else sort
    if isinstance(pairs, Mapping):
        pairs = list(pairs.items())
    if not isinstance(pairs, list) or not pairs or not all(map(is_sort_pair, pairs)):
        refuse(field, sort, 'an order: 1 or -1, or pairs such as Room.price.asc()')
    require_inner(field, dict(pairs))
    return dict(pairs)


def is_sort_pair(value: Any) -> bool:
    """Whether it is a path and a direction."""
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    path, direction = value
    return is_text(path) and is_whole(direction) and abs(direction) == 1
