"""ChangeStream: MotorChangeStream for MongoClient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from aiomongodel.change_streams import ChangeEvent, MotorChangeStream
from aiomongodel.drivers import run
from aiomongodel.synchronous.driving import as_in, blocking

if TYPE_CHECKING:
    from aiomongodel.document import Document

D = TypeVar('D', bound='Document')


class ChangeStream(Generic[D]):
    """The events of a collection of a synchronous database, as they happen.

    It is MotorChangeStream for MongoClient: each method as there, its result instead of an
    awaitable.
    """

    def __init__(self, source: MotorChangeStream[D]) -> None:
        self._source = source

    @property
    def resume_token(self) -> Mapping[str, Any] | None:
        """The place up to which events were given; None before the server was asked."""
        return self._source.resume_token

    @property
    def alive(self) -> bool:
        """Whether there may be more events."""
        return self._source.alive

    @as_in(MotorChangeStream.next)
    def next(self) -> ChangeEvent[D]:
        return next(self)

    close = blocking(MotorChangeStream[D].close)
    try_next = blocking(MotorChangeStream[D].try_next)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ChangeEvent[D]:
        try:
            return run(self._source.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        run(self._source.__aenter__())
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
