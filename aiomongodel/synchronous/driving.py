"""How a synchronous class drives the methods of its source."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar, cast

import pymongo.database

from aiomongodel.drivers import BlockingDatabase, run, settled
from aiomongodel.handles import Handle
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession
    from pymongo.database import Database


P = ParamSpec('P')
R = TypeVar('R')
S = TypeVar('S')
T = TypeVar('T')
M = TypeVar('M', bound=Callable[..., Any])
F = TypeVar('F', bound='Facade')


class Facade(Protocol):
    """What has a source to drive."""

    @property
    def _source(self) -> Any: ...


def blocking(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Any, P], R]:
    """Make the blocking form of a coroutine method, for a synchronous query set of one's own.

    Args:
        method: A coroutine method of the class that `Meta.queryset` names. What it awaits must be
            methods of query sets, cursors, sessions or collections.

    Returns:
        A method of the same signature and docstring, which gives the result itself.

    Raises:
        TypeError: It is no coroutine method.

    Example:
        >>> from aiomongodel import MotorQuerySet, QuerySet, blocking
        >>> class UserQuerySet(MotorQuerySet['User']):
        ...     async def rename(self, old: str, new: str) -> int | None:
        ...         return await self.update_many({'name': old}, {'$set': {'name': new}})
        >>> class SyncUserQuerySet(QuerySet['User']):
        ...     rename = blocking(UserQuerySet.rename)
    """
    if not inspect.iscoroutinefunction(method):
        raise TypeError(f'blocking takes a coroutine method, not {shown(method)}')

    @functools.wraps(method)
    def blocking_method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # By its name, so that an override of the source counts here too.
        overridden = getattr(self._source, method.__name__)
        values = {name: source_of(value) for name, value in kwargs.items()}
        return cast('R', run(overridden(*map(source_of, args), **values)))

    blocking_method.__dict__['source'] = method
    return blocking_method


def chained(method: Callable[Concatenate[Any, P], Any]) -> Callable[Concatenate[F, P], F]:
    """The method of a source that gives the source, as one that gives its facade."""

    @functools.wraps(method)
    def chained_method(self: F, /, *args: P.args, **kwargs: P.kwargs) -> F:
        run(settled(getattr(self._source, method.__name__)(*args, **kwargs)))
        return self

    return chained_method


def as_in(source: Callable[..., Any]) -> Callable[[M], M]:
    """Give a method the signature and the docstring of its source."""
    return cast('Callable[[M], M]', functools.wraps(source))


class BlockingContext(contextlib.AbstractContextManager[T]):
    """The context manager of a source, entered and left without awaiting.

    Args:
        source: The asynchronous context manager.
    """

    def __init__(self, source: contextlib.AbstractAsyncContextManager[T]) -> None:
        self._source = source

    def __enter__(self) -> T:
        return run(self._source.__aenter__())

    def __exit__(self, *exception: Any) -> bool | None:
        return run(self._source.__aexit__(*exception))


def iterated(source: AsyncGenerator[T, None]) -> Iterator[T]:
    """The items of an asynchronous generator, which is closed when it is left."""
    try:
        while True:
            try:
                item = run(anext(source))
            except StopAsyncIteration:
                return
            yield item
    finally:
        run(source.aclose())


def source_of(handle: Any) -> Any:
    """What the source takes for a database, a session or a transaction."""
    if isinstance(handle, pymongo.database.Database):
        return BlockingDatabase(handle)
    return handle._source if isinstance(handle, HandleFacade) else handle


def driver_object(adapter: Any) -> Any:
    """The driver's object behind what the source has."""
    return adapter.driver_object


class HandleFacade(Handle):
    """What the facades of sessions and transactions share."""

    is_blocking: ClassVar[bool] = True

    _source: Any

    @property
    def db(self) -> Database[Any]:
        return cast('Database[Any]', driver_object(self._source.db))

    @property
    def driver_session(self) -> ClientSession:
        """The driver's session.

        Raises:
            SessionError: It has not been started, or is over.
        """
        return cast('ClientSession', self._source.driver_session)

    def __repr__(self) -> str:
        return repr(self._source)
