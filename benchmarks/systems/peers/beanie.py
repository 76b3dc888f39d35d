"""Beanie."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any, ClassVar

import beanie
import pydantic
from beanie.odm.utils.dump import get_dict
from beanie.odm.utils.init import Initializer
from beanie.odm.utils.parsing import parse_obj
from pymongo import AsyncMongoClient

from benchmarks.documents import Data, Kind, Shape
from benchmarks.systems.peers.with_pydantic import TYPES, Pydantic


class Beanie(Pydantic):
    """Beanie's documents."""

    packages = ('beanie', 'pydantic', 'pymongo')
    types: ClassVar[dict[Kind, Any]] = {
        **TYPES,
        Kind.DECIMAL: beanie.DecimalAnnotation,
        Kind.OBJECT_ID: beanie.PydanticObjectId,
        Kind.REFERENCE: beanie.PydanticObjectId,
    }

    def create(self, shape: Shape, fields: Any) -> Any:
        """A document where it is stored by itself, and one of pydantic's models otherwise."""
        if not shape.has_id:
            return super().create(shape, fields)
        del fields['id']  # it has one
        model = pydantic.create_model(shape.name, __base__=beanie.Document, **fields)
        asyncio.run(initialise(model))
        return model

    def loader(self) -> Callable[[Data], Any]:
        """`parse_obj`, which its cursor's `to_list` and `__anext__` call with each dict."""
        return functools.partial(parse_obj, self.model)

    def dumper(self) -> Callable[[Any], Any]:
        """`get_dict`, which its `insert` and `save` call."""
        return functools.partial(get_dict, to_db=True)


async def initialise(model: Any) -> None:
    """What `init_beanie` does, except that no server is asked for its version."""
    client: AsyncMongoClient[Data] = AsyncMongoClient(connect=False)
    found = Initializer(client['benchmark'], document_models=[model], skip_indexes=True)
    await found.init_class(model)
