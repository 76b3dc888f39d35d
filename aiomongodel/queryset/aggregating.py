"""Aggregations: pipelines, and the sums, averages and values of one field."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeVar, cast, overload

from aiomongodel import handles
from aiomongodel.change_streams import MotorChangeStream
from aiomongodel.cursor import MotorItemCursor
from aiomongodel.document_list import DocumentList
from aiomongodel.drivers import LatentCursor, opened
from aiomongodel.fields import Field
from aiomongodel.operations import QueryArgument
from aiomongodel.ordering import name_of
from aiomongodel.queryset.base import BaseQuerySet, D, loaded_in_part
from aiomongodel.shapes import Shape
from aiomongodel.utils import require_positive, shown

R = TypeVar('R')

FIRST_STAGES: Final = frozenset(
    {'$collStats', '$geoNear', '$indexStats', '$search', '$searchMeta', '$vectorSearch'}
)
"""The stages of an aggregation that MongoDB takes in the first place only."""

STAGES_WITHOUT_DOCUMENTS: Final = frozenset({'$collStats', '$indexStats', '$searchMeta'})
"""Those whose output is about the collection: no default query applies to it."""

WHOLE_STAGES: Final = frozenset(
    {'$limit', '$match', '$sample', '$search', '$skip', '$sort', '$vectorSearch'}
)
"""Those that give documents as they are stored."""


class Aggregating(BaseQuerySet[D]):
    """The operations by which the server computes something of the documents."""

    @overload
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: Callable[..., R], **kwargs: Any
    ) -> MotorItemCursor[R]: ...
    @overload
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: None = None, **kwargs: Any
    ) -> Any: ...
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, into: Any = None, **kwargs: Any
    ) -> Any:
        """Run an aggregation over the documents that match the default query.

        Args:
            pipeline: The stages.
            into: What to make of each dict: a document class, a dataclass, a TypedDict or a
                function that is given the dict. Documents of this collection are partial ones,
                which `save` refuses, after a stage that may change what is in them.
            **kwargs: The driver's arguments.

        Returns:
            A cursor of what `into` makes; without it the driver's cursor, of dicts. Where the
            driver's has to be awaited first, what is given for it asks the server at its first
            call, as Motor's does.

        Raises:
            TypeError: The pipeline is not a list of stages.

        Example:
            >>> await User.q(db).aggregate([{'$count': 'users'}]).to_list(None)
            [{'users': 1}]
        """
        stages = self._within_default(pipeline)
        if into is None:
            return self._cursor(stages, kwargs)
        return self._items(stages, self._loader_into(into, stages, kwargs), kwargs)

    def watch(
        self, pipeline: Sequence[Mapping[str, Any]] = (), **kwargs: Any
    ) -> MotorChangeStream[D]:
        """Watch what happens to the documents of the collection.

        The default query does not count: an event need not have a document. Of a class that shares
        the collection of its parent, events whose document is known to be of another class are
        left out.

        Args:
            pipeline: Stages that choose among the events, and change them; documents are partial
                where one may change them.
            **kwargs: The driver's arguments, such as `full_document` and `resume_after`.

        Returns:
            A stream of events; the server, a replica set, is asked at its first use.

        Example:
            >>> stream = User.q(db).watch(full_document='updateLookup')
            >>> stream.alive
            True
        """
        in_session, stages = self._in_session(kwargs), [*self._own_events(), *pipeline]

        async def start() -> Any:
            return await opened(self.coll.watch(stages, **in_session))

        is_whole = all(stage.keys() <= WHOLE_STAGES for stage in stages)
        given = handles.as_given(self.db), handles.as_given(self._session_of(kwargs))
        return MotorChangeStream(self.doc_class, start, is_partial=not is_whole, given=given)

    def _own_events(self) -> list[Any]:
        """The stages that leave out the events of documents of other classes."""
        if not self._class_query:
            return []
        [(key, condition)] = self._class_query.items()
        now = {f'fullDocument.{key}': condition}
        before = {'fullDocument': None, f'fullDocumentBeforeChange.{key}': condition}
        unknown = {'fullDocument': None, 'fullDocumentBeforeChange': None}
        return [{'$match': {'$or': [now, before, unknown]}}]

    async def distinct(
        self, /, key: Field[Any] | str, query: QueryArgument = {}, **kwargs: Any
    ) -> list[Any]:
        """The distinct values of a field, converted as loading converts them.

        Args:
            key: The field, or its name in MongoDB, whose values are then given as they are stored.
                Of a list, each item is a value.
            query: A query on the documents.
            **kwargs: The driver's arguments.

        Example:
            >>> await User.q(db).distinct(User.name)
            ['Ann']
        """
        name = name_of(key)
        values = await self._call(self.coll.distinct, name, self._joined(query), **kwargs)
        return [loaded_value(key, value) for value in values]

    async def estimated_count(self, /, **kwargs: Any) -> int:
        """About how many documents the collection has, in constant time.

        It is the collection's own number: the default query does not count, nor does what a
        transaction has done so far.

        Args:
            **kwargs: The driver's arguments.

        Example:
            >>> await User.q(db).estimated_count()
            1
        """

        async def estimated_document_count(**options: Any) -> int:
            # The driver refuses the argument, even None, for an operation outside of sessions.
            del options['session']
            return await self.coll.estimated_document_count(**options)

        return cast('int', await self._call(estimated_document_count, **kwargs))

    async def sum(self, /, key: Field[Any] | str, query: QueryArgument = {}, **kwargs: Any) -> Any:
        """The sum of a field; 0 where no document has a number in it.

        Args:
            key: The field, or its name in MongoDB. Of a list, each item counts.
            query: A query on the documents.
            **kwargs: The driver's arguments of `aggregate`.

        Returns:
            An int, a float or, of decimals, a Decimal.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Post(Document):
            ...     views = IntField()
            >>> await Post.q(db).sum(Post.views)
            0
        """
        return await self._computed('$sum', key, query, kwargs)

    async def avg(self, /, key: Field[Any] | str, query: QueryArgument = {}, **kwargs: Any) -> Any:
        """The average of a field; None where no document has a number in it.

        Args:
            key: The field, or its name in MongoDB. Of a list, each item counts.
            query: A query on the documents.
            **kwargs: The driver's arguments of `aggregate`.

        Returns:
            A float or, of decimals, a Decimal.

        Example:
            >>> from aiomongodel import Document, IntField
            >>> class Post(Document):
            ...     views = IntField()
            >>> post = await Post.q(db).create(views=3)
            >>> await Post.q(db).avg(Post.views)
            3.0
        """
        return await self._computed('$avg', key, query, kwargs)

    async def min(self, /, key: Field[Any] | str, query: QueryArgument = {}, **kwargs: Any) -> Any:
        """The least value of a field; None where no document has one.

        Args:
            key: The field, or its name in MongoDB. Of a list, each item counts.
            query: A query on the documents.
            **kwargs: The driver's arguments of `aggregate`.

        Example:
            >>> await User.q(db).min(User.name)
            'Ann'
        """
        return await self._computed('$min', key, query, kwargs)

    async def max(self, /, key: Field[Any] | str, query: QueryArgument = {}, **kwargs: Any) -> Any:
        """The greatest value of a field; None where no document has one.

        Args:
            key: The field, or its name in MongoDB. Of a list, each item counts.
            query: A query on the documents.
            **kwargs: The driver's arguments of `aggregate`.

        Example:
            >>> await User.q(db).max(User.name)
            'Ann'
        """
        return await self._computed('$max', key, query, kwargs)

    async def sample(
        self, /, size: int, query: QueryArgument = {}, **kwargs: Any
    ) -> DocumentList[D]:
        """Some documents by chance.

        Args:
            size: At most so many, at least 1.
            query: A query on the documents.
            **kwargs: The driver's arguments of `aggregate`.

        Raises:
            ValueError: The size is less than 1.

        Example:
            >>> (await User.q(db).sample(5)).mapped('name')
            ['Ann']
        """
        require_positive(size, f'a sample of {shown(size)} documents: give a size')
        stages = [{'$match': self._joined(query)}, {'$sample': {'size': size}}]
        return DocumentList(await self._items(stages, self._loader(**kwargs), kwargs).to_list())

    async def _computed(self, operator: str, key: Any, query: QueryArgument, kwargs: Any) -> Any:
        """What an operator of `$group` makes of the values of a field."""
        path = name_of(key)
        stages: list[Any] = [{'$match': self._joined(query)}]
        if count := lists_within(self.doc_class, path):
            stages += [{'$project': {'items': f'${path}'}}, *[{'$unwind': '$items'}] * count]
            path = 'items'
        stages.append({'$group': {'_id': None, 'value': {operator: f'${path}'}}})
        found = await self._items(stages, itemgetter('value'), kwargs).to_list()
        if not found:
            return 0 if operator == '$sum' else None
        return loaded_value(key, found[0])

    def _items(
        self, stages: list[Any], load: Callable[[Any], R], kwargs: dict[str, Any]
    ) -> MotorItemCursor[R]:
        where = f'{self.doc_class.__name__}.q(db).aggregate(...)'
        items = MotorItemCursor(self._cursor(stages, kwargs), load, where)
        items._session = self._session_of(kwargs)
        return items

    def _cursor(self, stages: list[Any], kwargs: dict[str, Any]) -> Any:
        aggregate, in_session = self.coll.aggregate, self._in_session(kwargs)
        if inspect.iscoroutinefunction(aggregate):
            return LatentCursor(lambda: self._call(aggregate, stages, **in_session))
        return aggregate(stages, **in_session)

    def _loader_into(
        self, into: Any, stages: list[Any], options: dict[str, Any]
    ) -> Callable[[Any], Any]:
        """What makes an item of a dict that an aggregation gives."""
        meta: Any = getattr(into, 'meta', None)
        if not hasattr(meta, 'codec'):
            return Shape(self.doc_class, into, is_computed=True).load
        load = self._loader_by(meta.codec)
        is_whole = all(stage.keys() <= WHOLE_STAGES for stage in stages)
        if not is_whole and meta.collection_name == self.doc_class.meta.collection_name:
            load = functools.partial(loaded_in_part, meta.codec, load)
        return self._with_hooks(into, load, options)

    def _within_default(self, pipeline: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        stages: list[Any] = list(pipeline) if isinstance(pipeline, Iterable) else [pipeline]
        if isinstance(pipeline, Mapping) or not all(isinstance(each, Mapping) for each in stages):
            raise TypeError(
                f'a pipeline on {self.doc_class.__name__} must be a list of stages, '
                f'not {shown(pipeline)}'
            )
        if not self._scope or (stages and STAGES_WITHOUT_DOCUMENTS & stages[0].keys()):
            return stages
        place = 1 if stages and FIRST_STAGES & stages[0].keys() else 0
        if stages[place:] and '$match' in stages[place]:
            return [
                *stages[:place],
                {'$match': self._joined(stages[place]['$match'])},
                *stages[place + 1 :],
            ]
        scope = self._scope
        match = scope[0] if len(scope) == 1 else {'$and': scope}
        return [*stages[:place], {'$match': match}, *stages[place:]]


def lists_within(document_class: Any, path: str) -> int:
    """How many lists lie around each of the values under a path of a document."""
    count = 0
    for name in path.split('.'):
        fields = {} if document_class is None else document_class.meta.stored_fields
        field = fields.get(name)
        if field is None:
            return count
        while field._item_field() is not field:
            field, count = field._item_field(), count + 1
        document_class = field.document_class
    return count


def loaded_value(key: Field[Any] | str, value: Any) -> Any:
    """A value of a field, or of the items of its list, as loading converts it."""
    if not isinstance(key, Field):
        return value
    while key._item_field() is not key:
        key = key._item_field()
    if isinstance(value, list):
        return [key._from_stored(item) for item in value]
    return key._from_stored(value)
