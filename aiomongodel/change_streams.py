"""Change streams: what happens to the documents of a collection, as it happens."""

from __future__ import annotations

import copy
import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from aiomongodel import errors, handles, hooks
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.drivers import Data

__all__ = ['ChangeEvent', 'MotorChangeStream']

D = TypeVar('D', bound='Document')


@dataclass(frozen=True)
class ChangeEvent(Generic[D]):
    """Something that has happened to a document, or to the collection.

    Attributes:
        operation: The server's name of it, such as `'insert'`, `'update'`, `'replace'`,
            `'delete'`, `'drop'` or `'invalidate'`.
        document_id: The document's `_id`, as loading converts it; None where it is about none.
        document: The document as it was after it, or, of an update, is now; None where the server
            sends none, for instance of an update without `full_document='updateLookup'`.
        document_before: The document as it was before; None where the server sends none.
        updated: Of an update, the new stored values by their dotted names in MongoDB.
        removed: Of an update, the names of the values that were removed.
        token: The place of the event in the stream, for `resume_after=`.
        data: The whole event, as the driver gives it.
    """

    operation: str
    document_id: Any
    document: D | None
    document_before: D | None
    updated: Mapping[str, Any]
    removed: tuple[str, ...]
    token: Mapping[str, Any]
    data: Mapping[str, Any]


def event_of(data: Data, document_class: Any, load: Callable[[Any], Any]) -> ChangeEvent[Any]:
    """The event that the driver's dict tells of."""
    update = data.get('updateDescription') or {}
    stored_id = (data.get('documentKey') or {}).get('_id')
    id_field = document_class.meta.fields['_id']
    return ChangeEvent(
        operation=data['operationType'],
        document_id=None if stored_id is None else id_field._from_stored(stored_id),
        document=load(data.get('fullDocument')),
        document_before=load(data.get('fullDocumentBeforeChange')),
        updated=update.get('updatedFields') or {},
        removed=tuple(update.get('removedFields') or ()),
        token=data['_id'],
        data=data,
    )


def loaded(document_class: Any, is_partial: bool, given: tuple[Any, Any], data: Any) -> Any:
    """The document of stored data that the event goes on holding; None where there is none."""
    if data is None:
        return None
    codec = document_class.meta.codec
    # A deep copy: loading takes the lists and dicts within as they are.
    document = codec.load_copy(copy.deepcopy(data))
    if is_partial:
        codec.marked_partial(document)
    hooks.follow_load(document, *given)
    return document


class MotorChangeStream(Generic[D]):
    """The events of a collection, as they happen.

    The server is asked at the first use. The driver resumes the stream by itself after a network
    error; to go on after an end of the program, keep `resume_token`, and give it as
    `resume_after=` to `watch`.

    Args:
        doc_class: The class of the documents.
        start: Asks the server, and gives the driver's stream.
        is_partial: Whether the events may have parts of documents.
        given: The database and the session, as hooks are given them.

    Example:
        >>> stream = User.q(db).watch()
        >>> print(stream.resume_token)
        None
    """

    def __init__(
        self,
        doc_class: type[D],
        start: Callable[[], Awaitable[Any]],
        *,
        is_partial: bool = False,
        given: tuple[Any, Any] = (None, None),
    ) -> None:
        self._doc_class = doc_class
        self._load = functools.partial(loaded, doc_class, is_partial, given)
        self._start = start
        self._stream: Any = None
        self._is_closed = False

    @property
    def resume_token(self) -> Mapping[str, Any] | None:
        """The place up to which events were given; None before the server was asked."""
        return None if self._stream is None else self._stream.resume_token

    @property
    def alive(self) -> bool:
        """Whether there may be more events."""
        return not self._is_closed and (self._stream is None or bool(self._stream.alive))

    async def next(self) -> ChangeEvent[D]:
        """The next event; it is waited for.

        Raises:
            StopAsyncIteration: The stream has ended; of a synchronous database, StopIteration.
        """
        return await anext(self)

    async def try_next(self) -> ChangeEvent[D] | None:
        """The next event, None where there is none for now."""
        stream = await self._started()
        data = await self._call(stream.try_next)
        return None if data is None else event_of(data, self._doc_class, self._load)

    async def close(self) -> None:
        """Close the stream, on the server too."""
        self._is_closed = True
        if self._stream is not None:
            await self._call(self._stream.close)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ChangeEvent[D]:
        stream = await self._started()
        data = await self._call(stream.next)
        return event_of(data, self._doc_class, self._load)

    async def __aenter__(self) -> Self:
        await self._started()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _started(self) -> Any:
        if self._is_closed:
            raise errors.QueryError(
                f'the change stream of {self._doc_class.__name__} is closed; make another one, '
                f'with resume_after={shown(self.resume_token)} to go on'
            )
        if self._stream is None:
            self._stream = await self._call(self._start)
        return self._stream

    async def _call(self, method: Callable[..., Awaitable[Any]]) -> Any:
        try:
            return await handles.in_session(None, method)
        except StopAsyncIteration:
            raise
        except Exception as error:
            where = f'in {self._doc_class.__name__}.q(db).watch(...).{method.__name__}'
            if ours := errors.named(error, where):
                raise ours from error
            raise
