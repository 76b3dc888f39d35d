"""Finding and counting the documents of a class."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, cast

from aiomongodel.cursor import POSITION_OF_SORT, MotorQuerySetCursor, Search
from aiomongodel.fields import Field
from aiomongodel.operations import QueryArgument
from aiomongodel.queryset.base import BaseQuerySet, D


class Reading(BaseQuerySet[D]):
    """The operations that change nothing."""

    def find(
        self,
        query: QueryArgument | None = {},
        *args: Any,
        sort: Any = None,
        **kwargs: Any,
    ) -> MotorQuerySetCursor[D]:
        """Find documents.

        Args:
            query: The query; None for all documents, as the driver takes it.
            *args: The driver's arguments: the projection first, which may be a list of fields.
            sort: The order of the documents, as the cursor's `sort` takes it; `default_sort` by
                default.
            **kwargs: The driver's arguments.

        Returns:
            A cursor; the server is asked when it is iterated.

        Example:
            >>> [user.name async for user in User.q(db).find(User.name == 'Ann')]
            ['Ann']
        """
        if sort is None and len(args) < POSITION_OF_SORT:
            sort = self.default_sort
        if sort is not None:
            kwargs['sort'] = sort
        return self._found(Search(self, {} if query is None else query, args, kwargs))

    def _found(self, search: Search) -> MotorQuerySetCursor[D]:
        """The cursor of what `find` was asked for."""
        args, options = self._with_projection(search.args), search.options
        found = self.coll.find(self._joined(search.query), *args, **self._in_session(options))
        load = self._loader(*args[:1], **options)
        cursor: MotorQuerySetCursor[D] = MotorQuerySetCursor(self.doc_class, found, load)
        cursor._session = self._session_of(options)
        cursor._search = search
        return cursor

    async def find_one(self, /, query: Any = {}, *args: Any, **kwargs: Any) -> D:
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
        query = {} if query is None else self._as_query(query)
        found = await self._first(query, *args, **kwargs)
        if found is None:
            raise self._not_found(query)
        return found

    async def get(self, /, _id: Any, *args: Any, **kwargs: Any) -> D:
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

    async def get_or_none(self, /, _id: Any, *args: Any, **kwargs: Any) -> D | None:
        """Get a document by its `_id`; None where there is none.

        Args:
            _id: The `_id`, converted as its field converts it.
            *args: The driver's arguments of `find_one`: the projection first.
            **kwargs: The driver's arguments of `find_one`.

        Example:
            >>> print(await User.q(db).get_or_none('65df1f77bcf86cd799439011'))
            None
        """
        return await self._first(self._query_on_id(_id), *args, **kwargs)

    async def first(self, /, query: QueryArgument = {}, *args: Any, **kwargs: Any) -> D | None:
        """The first document that matches; None where none does.

        Args:
            query: The query.
            *args: The driver's arguments of `find_one`: the projection first.
            **kwargs: The driver's arguments of `find_one`, such as `sort`; `default_sort` is the
                order by default.

        Example:
            >>> (await User.q(db).first(User.name.like('A%'), sort=User.name.desc())).name
            'Ann'
        """
        if self.default_sort is not None:
            kwargs.setdefault('sort', self.default_sort)
        return await self._first(query, *args, **kwargs)

    async def exists(self, /, query: QueryArgument = {}, **kwargs: Any) -> bool:
        """Whether a document matches.

        Args:
            query: The query.
            **kwargs: The driver's arguments of `find_one`.

        Example:
            >>> await User.q(db).exists(User.name == 'Ann')
            True
        """
        found = await self._call(self.coll.find_one, self._joined(query), ['_id'], **kwargs)
        return found is not None

    def _as_query(self, query: Any) -> Any:
        """The query, also where an `_id` was given in its place."""
        # No field and no bool, which comes of User.a == User.b, is meant for an `_id`.
        return query if isinstance(query, Mapping | Field | bool) else self._query_on_id(query)

    async def _first(self, query: QueryArgument, *args: Any, **kwargs: Any) -> D | None:
        args = self._with_projection(args)
        data = await self._call(self.coll.find_one, self._joined(query), *args, **kwargs)
        return None if data is None else self._loader(*args[:1], **kwargs)(data)

    async def count_documents(self, /, query: QueryArgument = {}, **kwargs: Any) -> int:
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

    async def count(self, /, query: QueryArgument = {}, **kwargs: Any) -> int:
        """Deprecated: use `count_documents`."""
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return await self.count_documents(query, **kwargs)
