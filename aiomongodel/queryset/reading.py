"""Finding, counting and aggregating the documents of a class."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from aiomongodel import errors
from aiomongodel.cursor import MotorQuerySetCursor
from aiomongodel.drivers import LatentCursor
from aiomongodel.queryset.base import BaseQuerySet, D, Query, described
from aiomongodel.utils import shown

FIRST_STAGES: Final = frozenset(
    {'$collStats', '$geoNear', '$indexStats', '$search', '$searchMeta', '$vectorSearch'}
)
"""The stages of an aggregation that MongoDB takes in the first place only."""

STAGES_WITHOUT_DOCUMENTS: Final = frozenset({'$collStats', '$indexStats', '$searchMeta'})
"""Those whose output is about the collection: no default query applies to it."""

POSITION_OF_SORT: Final = 6
"""Among the driver's arguments of `find`, after the query."""


class Reading(BaseQuerySet[D]):
    """The operations that change nothing."""

    def find(
        self,
        query: Query | None = {},
        *args: Any,
        sort: Any = None,
        **kwargs: Any,
    ) -> MotorQuerySetCursor[D]:
        """Find documents.

        Args:
            query: The query; None for all documents, as the driver takes it.
            *args: The driver's arguments: the projection first.
            sort: The order of the documents; `default_sort` by default.
            **kwargs: The driver's arguments.

        Returns:
            A cursor; the server is asked when it is iterated.

        Example:
            >>> [user.name async for user in User.q(db).find({User.name.s: 'Ann'})]
            ['Ann']
        """
        if sort is None and len(args) < POSITION_OF_SORT:
            sort = self.default_sort
        if sort is not None:
            kwargs['sort'] = sort
        query = {} if query is None else query
        found = self.coll.find(self._joined(query), *args, **self._in_session(kwargs))
        cursor = MotorQuerySetCursor(self.doc_class, found, self._loader(*args[:1], **kwargs))
        cursor._session = self._session_of(kwargs)
        return cursor

    async def find_one(self, query: Any = {}, *args: Any, **kwargs: Any) -> D:
        """Find one document.

        Args:
            query: The query, or an `_id`; None for any document, as the driver takes it.
            *args: The driver's arguments: the projection first.
            **kwargs: The driver's arguments.

        Raises:
            DocumentNotFoundError: No document matches.

        Example:
            >>> (await User.q(db).find_one({User.name.s: 'Ann'})).name
            'Ann'
        """
        if query is None:
            query = {}
        elif not isinstance(query, Mapping):
            query = self._query_on_id(query)
        data = await self._call(self.coll.find_one, self._joined(query), *args, **kwargs)
        found = None if data is None else self._loader(*args[:1], **kwargs)(data)
        if found is None:
            raise errors.DocumentNotFoundError(
                f'collection {self.coll.name!r} has no {self.doc_class.__name__} {described(query)}'
            )
        return found

    async def get(self, _id: Any, *args: Any, **kwargs: Any) -> D:
        """Get a document by its `_id`.

        Args:
            _id: The `_id`, converted as its field converts it.
            *args: The driver's arguments of `find_one`: the projection first.
            **kwargs: The driver's arguments of `find_one`.

        Raises:
            DocumentNotFoundError: There is no such document.

        Example:
            >>> (await User.q(db).get(str(user._id))).name
            'Ann'
        """
        return await self.find_one(self._query_on_id(_id), *args, **kwargs)

    async def count_documents(self, /, query: Query = {}, **kwargs: Any) -> int:
        """Count the documents that match.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Example:
            >>> await User.q(db).count_documents({User.name.s: 'Ann'})
            1
        """
        return cast(
            'int', await self._call(self.coll.count_documents, self._joined(query), **kwargs)
        )

    async def count(self, /, query: Query = {}, **kwargs: Any) -> int:
        """Deprecated: use `count_documents`."""
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return await self.count_documents(query, **kwargs)

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]], **kwargs: Any) -> Any:
        """Run an aggregation over the documents that match the default query.

        Args:
            pipeline: The stages.
            **kwargs: The driver's arguments.

        Returns:
            The driver's cursor, of dicts. Where the driver's has to be awaited first, what is
            given for it asks the server at its first call, as Motor's does.

        Raises:
            TypeError: The pipeline is not a list of stages.

        Example:
            >>> await User.q(db).aggregate([{'$count': 'users'}]).to_list(None)
            [{'users': 1}]
        """
        aggregate, stages = self.coll.aggregate, self._within_default(pipeline)
        in_session = self._in_session(kwargs)
        if inspect.iscoroutinefunction(aggregate):
            return LatentCursor(lambda: self._call(aggregate, stages, **in_session))
        return aggregate(stages, **in_session)

    def _within_default(self, pipeline: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        stages: list[Any] = list(pipeline) if isinstance(pipeline, Iterable) else [pipeline]
        if isinstance(pipeline, Mapping) or not all(isinstance(each, Mapping) for each in stages):
            raise TypeError(
                f'a pipeline on {self.doc_class.__name__} must be a list of stages, '
                f'not {shown(pipeline)}'
            )
        if not self.default_query or (stages and STAGES_WITHOUT_DOCUMENTS & stages[0].keys()):
            return stages
        place = 1 if stages and FIRST_STAGES & stages[0].keys() else 0
        if stages[place:] and '$match' in stages[place]:
            return [
                *stages[:place],
                {'$match': self._joined(stages[place]['$match'])},
                *stages[place + 1 :],
            ]
        return [*stages[:place], {'$match': self.default_query}, *stages[place:]]
