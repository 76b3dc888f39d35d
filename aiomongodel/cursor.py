"""MotorQuerySetCursor: the documents that a query finds."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from aiomongodel import drivers, errors, handles
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.drivers import Cursor, Data

D = TypeVar('D', bound='Document')


class MotorQuerySetCursor(Generic[D]):
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
        self, doc_class: type[D], cursor: Cursor, load: Callable[[Data], D] | None = None
    ) -> None:
        self.doc_class = doc_class
        self.cursor = cursor
        self._load = load or doc_class.meta.codec.load_copy
        self._session: Any = None  # `find` sets it

    def clone(self) -> Self:
        """A copy of the cursor that has not been run yet."""
        clone = copy.copy(self)
        clone.cursor = self.cursor.clone()
        return clone

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> D:
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

    async def next(self) -> D:
        """The next document.

        Raises:
            StopAsyncIteration: There are no more; of a synchronous database, StopIteration.
        """
        return await anext(self)

    async def to_list(self, length: int | None = None) -> list[D]:
        """The next documents, in a list.

        Args:
            length: At most so many; None gives all that are left.

        Example:
            >>> users = await User.q(db).find({}).sort('name').to_list(10)
        """
        load = self._load
        if length == 0:  # which AsyncMongoClient and MongoClient refuse
            return []
        return [
            load(data)
            for data in await self._call(self.cursor.to_list, length, session=self._session)
        ]

    async def first(self) -> D | None:
        """The first document of the query, None where it finds none.

        The query is run anew for it: what the cursor gives next stays the same.

        Example:
            >>> ann = await User.q(db).find({User.name.s: 'Ann'}).first()
        """
        found = await self.clone().limit(-1).to_list(1)
        return found[0] if found else None

    async def one(self) -> D:
        """The only document of the query.

        The query is run anew for it: what the cursor gives next stays the same.

        Raises:
            DocumentNotFoundError: It finds none.
            MultipleDocumentsFoundError: It finds several.

        Example:
            >>> ann = await User.q(db).find({User.name.s: 'Ann'}).one()
        """
        async with self.clone().batch_size(2) as cursor:
            found = await cursor.to_list(2)
        if not found:
            raise errors.DocumentNotFoundError(f'no {self.doc_class.__name__} matches the query')
        if len(found) > 1:
            raise errors.MultipleDocumentsFoundError(
                f'several documents of {self.doc_class.__name__} match the query, the first with '
                f'the _ids {shown(found[0]._id)} and {shown(found[1]._id)}'
            )
        return found[0]

    async def batches(self, size: int) -> AsyncIterator[list[D]]:
        """The documents that are left, in lists of some length.

        The cursor is closed at the end; where the loop is left early, as soon as nothing refers to
        what this method gave, or at the end of `async with cursor`.

        Args:
            size: The length of each list but the last, at least 1.

        Raises:
            ValueError: The size is less than 1.

        Example:
            >>> async for users in User.q(db).find().batches(500):
            ...     print(len(users))
            1
        """
        if not isinstance(size, int) or size < 1:
            raise ValueError(f'batches of {shown(size)} documents: give a size of at least 1')
        try:
            while documents := await self.to_list(size):
                yield documents
        finally:
            await self.close()

    async def distinct(self, key: str) -> list[Any]:
        """The distinct stored values of a key among the documents of the query."""
        return cast('list[Any]', await self._call(self.cursor.distinct, key, session=self._session))

    async def explain(self) -> Data:
        """The server's plan of the query."""
        return cast('Data', await self._call(self.cursor.explain, session=self._session))

    async def close(self) -> None:
        """Close the cursor, on the server too."""
        await self._call(self.cursor.close)  # also after the end of its session

    @property
    def alive(self) -> bool:
        """Whether the server may have more documents."""
        return self.cursor.alive

    def rewind(self) -> Self:
        """Go back to the state before the first document."""
        self.cursor = self.cursor.clone()  # AsyncMongoClient's rewind would have to be awaited
        return self

    def add_option(self, mask: int) -> Self:
        """Set the driver's query flags."""
        # AsyncMongoClient's is a coroutine, which waits for the server for one flag, exhaust.
        drivers.run(drivers.settled(self.cursor.add_option(mask)))
        return self

    def allow_disk_use(self, allow_disk_use: bool) -> Self:
        """Let the server sort on disk."""
        self.cursor.allow_disk_use(allow_disk_use)
        return self

    def batch_size(self, batch_size: int) -> Self:
        """The number of documents that the server sends at a time."""
        self.cursor.batch_size(batch_size)
        return self

    def collation(self, collation: Any) -> Self:
        """The rules by which strings are compared."""
        self.cursor.collation(collation)
        return self

    def comment(self, comment: Any) -> Self:
        """A comment for the server's logs."""
        self.cursor.comment(comment)
        return self

    def hint(self, index: Any) -> Self:
        """The index to use."""
        self.cursor.hint(index)
        return self

    def limit(self, limit: int) -> Self:
        """At most so many documents."""
        self.cursor.limit(limit)
        return self

    def max(self, spec: Any) -> Self:
        """The upper bound in the index of `hint`, exclusive."""
        self.cursor.max(spec)
        return self

    def max_await_time_ms(self, max_await_time_ms: int | None) -> Self:
        """The time in milliseconds that a tailable cursor waits for new documents."""
        self.cursor.max_await_time_ms(max_await_time_ms)
        return self

    def max_time_ms(self, max_time_ms: int | None) -> Self:
        """The time in milliseconds that the server may take."""
        self.cursor.max_time_ms(max_time_ms)
        return self

    def min(self, spec: Any) -> Self:
        """The lower bound in the index of `hint`, inclusive."""
        self.cursor.min(spec)
        return self

    def remove_option(self, mask: int) -> Self:
        """Take back the driver's query flags."""
        self.cursor.remove_option(mask)
        return self

    def skip(self, skip: int) -> Self:
        """Leave out so many documents at the start."""
        self.cursor.skip(skip)
        return self

    def sort(self, key_or_list: Any, direction: Any = None) -> Self:
        """The order of the documents: a key with its direction, or a list of such pairs."""
        self.cursor.sort(key_or_list, direction)
        return self

    def where(self, code: Any) -> Self:
        """A condition in JavaScript."""
        self.cursor.where(code)
        return self

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
        return f'in {self.doc_class.__name__}.q(db).find(...).{operation}'
