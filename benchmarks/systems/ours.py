"""Ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

import aiomongodel
from benchmarks.documents import Data, Shape
from benchmarks.systems.descriptors import Descriptors


class Ours(Descriptors):
    """Ours, from the checkout."""

    packages = ('pymongo', 'motor')

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._client: AsyncIOMotorClient[Data] = AsyncIOMotorClient(connect=False)

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Ours need not be installed."""
        return {'aiomongodel': aiomongodel.__version__, **super().versions()}

    def cursor(self) -> Any:
        """A cursor of ours; its client never connects."""
        return self.model.q(self._client['benchmark']).find()

    def loader(self) -> Callable[[Data], Any]:
        """What our cursor calls with each dict of the driver's."""
        found: Callable[[Data], Any] = self.cursor()._load
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """What `save` calls: unlike `to_mongo`, it copies no list or dict within."""
        found: Callable[[Any], Any] = self.model.meta.codec.dumper
        return found
