"""LightODM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pydantic
from lightodm import MongoBaseModel

from benchmarks.documents import Data, Shape
from benchmarks.systems.peers.with_pydantic import Pydantic


class LightODM(Pydantic):
    """LightODM's models."""

    packages = ('lightodm', 'pydantic', 'pymongo')

    def create(self, shape: Shape, fields: Any) -> Any:
        """A class of its own where it is stored by itself, and one of pydantic's otherwise."""
        if not shape.has_id:
            return super().create(shape, fields)
        # Its base class has a config, so that ours must be in another base.
        base = type(shape.name, (MongoBaseModel,), {**CONFIGURED, '__module__': __name__})
        return pydantic.create_model(shape.name, __base__=base, **fields)

    def loader(self) -> Callable[[Data], Any]:
        """`_from_mongo_dict`, which its `find`, `find_iter` and `get` call with each dict."""
        found: Callable[[Data], Any] = self.model._from_mongo_dict
        return found

    def dumper(self) -> Callable[[Any], Any]:
        """`_to_mongo_dict`, which its `save` calls."""
        found: Callable[[Any], Any] = self.model._to_mongo_dict
        return found


CONFIGURED = {'model_config': pydantic.ConfigDict(arbitrary_types_allowed=True)}
