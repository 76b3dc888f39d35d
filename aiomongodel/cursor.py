"""The cursors: MotorQuerySetCursor, of the documents that a query finds, and what it builds on."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Self, TypeVar, cast, overload

from aiomongodel import drivers, errors, handles, paging
from aiomongodel.document_list import DocumentList
from aiomongodel.expressions import Query
from aiomongodel.ordering import Pair, hint_of, is_direction, keeps, name_of, names_of, order_of
from aiomongodel.paging import KeysetPage, Page
from aiomongodel.shapes import Shape
from aiomongodel.utils import require_positive, shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.drivers import Cursor, Data

T = TypeVar('T')
D = TypeVar('D', bound='Document')
R = TypeVar('R')

Progress = Callable[[int, int], Any]

ARGUMENTS: Final = ('projection', 'skip', 'limit', 'no_cursor_timeout', 'cursor_type', 'sort')
"""The driver's arguments of `find` after the query, in their order."""

POSITION_OF_SORT: Final = len(ARGUMENTS)


class MotorItemCursor(Generic[T]):
    """A driver's cursor that gives what is made of its dicts.

    As a context manager it closes itself at the end of the block. Left half-way without one, it is
    closed on the server soon after the last reference to it is gone.

    Args:
        cursor: The driver's cursor.
        load: Makes an item of a dict.
        where: What has made it, for errors.

    Attributes:
        cursor: The driver's cursor.
    """

    def __init__(self, cursor: Any, load: Callable[[Data], T], where: str) -> None:
        self.cursor = cursor
        self._load = load
        self._operation = where
        self._session: Any = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        # As a try statement, which costs nothing a document, where a context manager would.
        try:
            if self._session is None:
                data = await self.cursor.next()
            else:
                data = await handles.in_session(self._session, self.cursor.next)
        except StopAsyncIteration:
            raise
        except Exception as error:
            if ours := errors.named(error, self._where('next')):
                raise ours from error
            raise
        return self._load(data)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def next(self) -> T:
        """The next item.

        Raises:
            StopAsyncIteration: There are no more; of a synchronous database, StopIteration.
        """
        return await anext(self)

    async def to_list(self, length: int | None = None) -> list[T]:
        """The next items, in a list.

        Args:
            length: At most so many; None gives all that are left.
        """
        if length == 0:  # which AsyncMongoClient and MongoClient refuse
            return []
        load = self._load
        return [
            load(data)
            for data in await self._call(self.cursor.to_list, length, session=self._session)
        ]

    async def close(self) -> None:
        """Close the cursor, on the server too."""
        await self._call(self.cursor.close)  # also after the end of its session

    @property
    def alive(self) -> bool:
        """Whether the server may have more."""
        return bool(self.cursor.alive)

    async def _call(
        self, method: Callable[..., Awaitable[Any]], *args: Any, session: Any = None
    ) -> Any:
        try:
            return await handles.in_session(session, method, *args)
        except Exception as error:
            if ours := errors.named(error, self._where(method.__name__)):
                raise ours from error
            raise

    def _where(self, operation: str) -> str:
        return f'in {self._operation}.{operation}'


class Search(NamedTuple):
    """What `find` was asked for, so that it can be asked for in another way.

    Attributes:
        query_set: The query set.
        query: The query, which the query set joins with its default query.
        args: The driver's arguments after it.
        options: The driver's keyword arguments.
    """

    query_set: Any
    query: Mapping[str, Any]
    args: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def projection(self) -> Any:
        """The projection; None for whole documents."""
        return self.argument('projection')

    def argument(self, option: str) -> Any:
        """The value of an option, given by its place or its name; None where it was not."""
        given = dict(zip(ARGUMENTS, self.args, strict=False))
        return given[option] if option in given else self.options.get(option)

    def projected(self, projection: Any) -> Search:
        """The same with another projection."""
        if self.args:
            return self._replace(args=(projection, *self.args[1:]))
        return self._replace(options={**self.options, 'projection': projection})


class MotorQuerySetCursor(MotorItemCursor[T]):
    """A driver's cursor that gives documents.

    Its methods that set an option take what the driver's take, and give the cursor itself.
    As a context manager it closes itself at the end of the block. Left half-way without one, it is
    closed on the server soon after the last reference to it is gone.

    Args:
        doc_class: The class of the documents.
        cursor: The driver's cursor.
        load: Makes a document of stored data; the class's own way by default.

    Attributes:
        doc_class: As given.
        cursor: As given.

    Example:
        >>> async with User.q(db).find() as users:
        ...     async for user in users:
        ...         break
    """

    def __init__(
        self, doc_class: type[Any], cursor: Cursor, load: Callable[[Data], T] | None = None
    ) -> None:
        where = f'{doc_class.__name__}.q(db).find(...)'
        super().__init__(cursor, load or doc_class.meta.codec.load_copy, where)
        self.doc_class = doc_class
        self._search: Search | None = None  # `find` sets it
        self._settings: list[tuple[str, Any]] = []
        self._shape: Callable[[Any], Callable[[Data], Any]] | None = None

    def clone(self) -> Self:
        """A copy of the cursor that has not been run yet."""
        clone = copy.copy(self)
        clone.cursor = self.cursor.clone()
        clone._settings = [*self._settings]
        return clone

    @overload
    async def to_list(
        self: MotorQuerySetCursor[D], length: int | None = None
    ) -> DocumentList[D]: ...
    @overload
    async def to_list(self, length: int | None = None) -> list[T]: ...
    async def to_list(self, length: int | None = None) -> Any:
        """The next documents, in a list.

        Args:
            length: At most so many; None gives all that are left.

        Returns:
            A DocumentList; a plain list of what is no document.

        Example:
            >>> users = await User.q(db).find({}).sort('name').to_list(10)
        """
        found: Any = await super().to_list(length)
        return DocumentList(found) if self._shape is None else found

    async def first(self) -> T | None:
        """The first document of the query, None where it finds none.

        The query is run anew for it: what the cursor gives next stays the same.

        Example:
            >>> ann = await User.q(db).find(User.name == 'Ann').first()
        """
        found = await self.clone().limit(-1).to_list(1)
        return found[0] if found else None

    async def one(self) -> T:
        """The only document of the query.

        The query is run anew for it: what the cursor gives next stays the same.

        Raises:
            DocumentNotFoundError: It finds none.
            MultipleDocumentsFoundError: It finds several.

        Example:
            >>> ann = await User.q(db).find(User.name == 'Ann').one()
        """
        async with self.clone().batch_size(2) as cursor:
            found: list[Any] = await cursor.to_list(2)
        if not found:
            raise errors.DocumentNotFoundError(f'no {self.doc_class.__name__} matches the query')
        if len(found) > 1:
            ids = [shown(getattr(each, '_id', each)) for each in found]
            raise errors.MultipleDocumentsFoundError(
                f'several documents of {self.doc_class.__name__} match the query, the first with '
                f'the _ids {ids[0]} and {ids[1]}'
            )
        return cast('T', found[0])

    async def batches(self, size: int, progress: Progress | None = None) -> AsyncIterator[list[T]]:
        """The documents that are left, in lists of some length.

        The cursor is closed at the end; where the loop is left early, as soon as nothing refers to
        what this method gave, or at the end of `async with cursor`.

        Args:
            size: The length of each list but the last, at least 1.
            progress: Called after each list with the number of documents so far, and the number
                that the query finds, for which the server is asked once, at the start. It may be
                a coroutine function.

        Raises:
            ValueError: The size is less than 1.

        Example:
            >>> async for users in User.q(db).find().batches(500):
            ...     print(len(users))
            1
        """
        require_positive(size, f'batches of {shown(size)} documents: give a size')
        done, total = 0, await self._count() if progress else 0
        try:
            while documents := await self.to_list(size):
                yield documents
                done += len(documents)
                if progress:
                    await drivers.settled(progress(done, total))
        finally:
            await self.close()

    async def page(self, number: int, size: int) -> Page[T]:
        """A page of the documents, by its number.

        The server counts the documents, and passes over those of the pages before: for deep pages
        see `after`. Limits of the cursor do not count.

        Args:
            number: The number of the page, from 1 on.
            size: The number of documents on a page, at least 1.

        Raises:
            ValueError: The number or the size is less than 1.

        Example:
            >>> page = await User.q(db).find().sort(User.name).page(1, 20)
            >>> [user.name for user in page.items], page.total, page.pages
            (['Ann'], 1, 1)
        """
        require_positive(number, f'page {shown(number)}: give a number')
        require_positive(size, f'a page of {shown(size)} documents: give a size')
        total = await self.clone().skip(0).limit(0)._count()
        found = self.clone().skip((number - 1) * size).limit(size)
        return Page(cast('list[T]', await found.to_list()), total, number, size)

    async def after(self, token: str | None, size: int) -> KeysetPage[T]:
        """A page of the documents, by the place in the order where the page before it ended.

        It costs the same at any depth where an index has the keys of the order, and nobody sees a
        document twice, or misses one, because others were inserted meanwhile. The `_id` is added
        to the order, so that there are no ties.

        Args:
            token: The `next_token` of the page before it; None for the first page. A changed one
                can only name another place in the same order.
            size: The number of documents on a page, at least 1.

        Raises:
            QueryError: It is no token of this order; the order is not by single values; or a
                projection leaves out a key of the order.
            ValueError: The size is less than 1.

        Example:
            >>> users = User.q(db).find().sort(User.name)
            >>> page = await users.after(None, 20)
            >>> [user.name for user in page.items], page.next_token
            (['Ann'], None)
        """
        require_positive(size, f'a page of {shown(size)} documents: give a size')
        order = paging.with_id(self._order())
        self._require_keys([key for key, _ in order])
        query = Query() if token is None else paging.beyond(order, paging.place_of(token, order))
        cursor = self._asked(self._searched()._replace(query=self._searched().query & query))
        found = cursor.sort(order).skip(0).limit(size + 1)
        data = await found._call(found.cursor.to_list, None, session=self._session)
        places = paging.places_of(order, data)  # before loading takes the dicts
        codec_options = self._searched().query_set.coll.codec_options
        last = paging.token_of(order, places[size - 1], codec_options) if len(data) > size else None
        items = [found._load(each) for each in data[:size]]
        return KeysetPage(cast('list[T]', self._listed(items)), last)

    def only(self, *fields: Any) -> Self:
        """Load some fields alone, and the `_id`.

        Args:
            *fields: Fields, or their names.

        Returns:
            Another cursor, of partial documents, which `save` refuses.

        Example:
            >>> ann = await User.q(db).find().only(User.name).one()
            >>> ann.is_partial
            True
        """
        names = names_of(fields) or ['_id']
        return self._asked(self._searched().projected(dict.fromkeys(names, 1)))

    def exclude(self, *fields: Any) -> Self:
        """Load all but some fields.

        Args:
            *fields: Fields, or their names.

        Returns:
            Another cursor, of partial documents, which `save` refuses.

        Example:
            >>> ann = await User.q(db).find().exclude(User.name).one()
            >>> print(ann.name)
            None
        """
        names = dict.fromkeys(names_of(fields), 0)
        return self._asked(self._searched().projected(names or None))

    def raw(self) -> MotorQuerySetCursor[dict[str, Any]]:
        """The same as dicts, as they are stored.

        Returns:
            Another cursor.

        Example:
            >>> [data['name'] for data in await User.q(db).find().raw().to_list()]
            ['Ann']
        """
        return self._shaped(lambda _projection: lambda data: data)

    def into(self, target: Callable[..., R]) -> MotorQuerySetCursor[R]:
        """The same as objects of another class.

        Args:
            target: A dataclass or a TypedDict, whose values are those of the fields of these
                names (`id` means `_id`); only these are asked for, and dataclasses and TypedDicts
                within are made of embedded documents. Or a function that is given the stored dict.

        Returns:
            Another cursor.

        Raises:
            QueryError: The target needs a value that is no field of the class.

        Example:
            >>> from dataclasses import dataclass
            >>> @dataclass
            ... class Person:
            ...     name: str
            >>> await User.q(db).find().into(Person).to_list()
            [Person(name='Ann')]
        """
        shape = Shape(self.doc_class, target)
        cursor = self
        if shape.names is not None and self._search is not None and self._search.projection is None:
            names = dict.fromkeys(shape.names, 1)
            cursor = self._asked(
                self._search.projected(names if '_id' in names else {**names, '_id': 0})
            )
        shaped = cursor._shaped(shape.loader)
        shaped._search = self._search  # `after` needs the keys of the order too
        return shaped

    async def distinct(self, key: Any) -> list[Any]:
        """The distinct stored values of a key among the documents of the query."""
        return cast(
            'list[Any]',
            await self._call(self.cursor.distinct, name_of(key), session=self._session),
        )

    async def explain(self) -> Data:
        """The server's plan of the query."""
        return cast('Data', await self._call(self.cursor.explain, session=self._session))

    def rewind(self) -> Self:
        """Go back to the state before the first document."""
        self.cursor = self.cursor.clone()  # AsyncMongoClient's rewind would have to be awaited
        return self

    def add_option(self, mask: int) -> Self:
        """Set the driver's query flags."""
        return self._set('add_option', mask)

    def allow_disk_use(self, allow_disk_use: bool) -> Self:
        """Let the server sort on disk."""
        return self._set('allow_disk_use', allow_disk_use)

    def batch_size(self, batch_size: int) -> Self:
        """The number of documents that the server sends at a time."""
        return self._set('batch_size', batch_size)

    def collation(self, collation: Any) -> Self:
        """The rules by which strings are compared."""
        return self._set('collation', collation)

    def comment(self, comment: Any) -> Self:
        """A comment for the server's logs."""
        return self._set('comment', comment)

    def hint(self, index: Any) -> Self:
        """The index to use: its name, or its keys as `sort` takes them."""
        return self._set('hint', hint_of(index))

    def limit(self, limit: int) -> Self:
        """At most so many documents."""
        return self._set('limit', limit)

    def max(self, spec: Any) -> Self:
        """The upper bound in the index of `hint`, exclusive."""
        return self._set('max', spec)

    def max_await_time_ms(self, max_await_time_ms: int | None) -> Self:
        """The time in milliseconds that a tailable cursor waits for new documents."""
        return self._set('max_await_time_ms', max_await_time_ms)

    def max_time_ms(self, max_time_ms: int | None) -> Self:
        """The time in milliseconds that the server may take."""
        return self._set('max_time_ms', max_time_ms)

    def min(self, spec: Any) -> Self:
        """The lower bound in the index of `hint`, inclusive."""
        return self._set('min', spec)

    def remove_option(self, mask: int) -> Self:
        """Take back the driver's query flags."""
        return self._set('remove_option', mask)

    def skip(self, skip: int) -> Self:
        """Leave out so many documents at the start."""
        return self._set('skip', skip)

    def sort(self, key_or_list: Any, *more: Any, direction: Any = None) -> Self:
        """The order of the documents.

        Args:
            key_or_list: A field, or its name; a pair of it and a direction, such as
                `User.name.desc()`; a list of them.
            *more: Further ones; or the direction of a single key, as the driver takes it.
            direction: The direction of a single key.

        Raises:
            QueryError: A key is none of these.

        Example:
            >>> users = await User.q(db).find().sort(User.name.desc(), User._id).to_list()
        """
        if len(more) == 1 and (more[0] is None or is_direction(more[0])):
            direction, more = more[0], ()
        if direction is not None and more:
            raise errors.QueryError(
                f'a direction, here {shown(direction)}, is of a single key; of several each has '
                'its own, such as User.name.desc()'
            )
        if direction is not None:
            return self._set('sort', [(name_of(key_or_list), direction)])
        return self._set('sort', order_of(key_or_list, *more))

    def where(self, code: Any) -> Self:
        """A condition in JavaScript."""
        return self._set('where', code)

    def _set(self, option: str, *args: Any) -> Self:
        # AsyncMongoClient's add_option is a coroutine, which waits for the server for one flag,
        # exhaust.
        drivers.run(drivers.settled(getattr(self.cursor, option)(*args)))
        self._settings.append((option, args))
        return self

    def _searched(self) -> Search:
        if self._search is None:
            raise TypeError(
                f'this cursor of {self.doc_class.__name__} was not made by find, so that its query '
                'is not known'
            )
        return self._search

    def _asked(self, search: Search) -> Self:
        """A cursor that asks for something else, with the same settings."""
        cursor: Self = search.query_set._found(search)
        for option, args in self._settings:
            cursor._set(option, *args)
        return cursor if self._shape is None else cast('Self', cursor._shaped(self._shape))

    def _shaped(self, loader: Callable[[Any], Callable[[Data], R]]) -> MotorQuerySetCursor[R]:
        """The same of other items: `loader` gives what makes them, by the projection."""
        shaped: Any = self.clone()
        shaped._shape = loader
        shaped._load = loader(None if self._search is None else self._search.projection)
        return cast('MotorQuerySetCursor[R]', shaped)

    def _listed(self, items: list[Any]) -> list[Any]:
        return DocumentList(items) if self._shape is None else items

    def _setting(self, option: str) -> Any:
        """The value that an option was set to last."""
        given = dict(self._settings).get(option)
        return self._searched().argument(option) if given is None else given[0]

    def _order(self) -> list[Pair]:
        sort = self._setting('sort')
        return [] if sort is None else order_of(sort)

    def _require_keys(self, keys: list[str]) -> None:
        for key in keys:
            if not keeps(self._searched().projection, key):
                raise errors.QueryError(
                    f'{self.doc_class.__name__}: the projection leaves out {key!r}, by which the '
                    'documents are sorted; ask for it too'
                )

    async def _count(self) -> int:
        search = self._searched()
        if has_near(search.query):
            raise errors.QueryError(
                f'{self.doc_class.__name__}: the documents near a place cannot be counted; '
                'ask for those within_circle(place, radius)'
            )
        options = {
            option: value
            for option in ('skip', 'limit', 'hint', 'collation', 'session')
            if (value := self._setting(option))
        }
        return cast('int', await search.query_set.count_documents(search.query, **options))


def has_near(query: Mapping[str, Any]) -> bool:
    """Whether a query asks for what is near a place, which the server does not count."""
    for key, value in query.items():
        if key == '$and' and any(map(has_near, value)):
            return True
        if isinstance(value, Mapping) and ('$near' in value or '$nearSphere' in value):
            return True
    return False
