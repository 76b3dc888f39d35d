"""The interface of an adapter."""

from __future__ import annotations

import abc
import functools
import importlib.metadata
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import bson

from benchmarks.documents import Data, Kind, Shape, Spec


class Side:
    """One of the two sides of a measurement: a system, or the raw driver.

    How values are read is source code, which is written per shape as a user writes it.

    Args:
        shape: The shape of the documents.

    Attributes:
        shape: As given.
        names: The attributes that have another name than the field.
        decode: The function that makes a dict of bytes.
        encode: The function that makes bytes of a dict.
    """

    names: ClassVar[Mapping[str, str]] = {}

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.decode: Callable[[bytes], Any] = bson.decode
        self.encode: Callable[[Any], bytes] = bson.encode

    def attribute(self, name: str) -> str:
        """The attribute of a field."""
        return self.names.get(name, name)

    def value_source(self, owner: str, spec: Spec) -> str:
        """The expression that reads a field of `owner`."""
        return f'{owner}.{self.attribute(spec.name)}'

    def item_source(self, owner: str, part: str | int) -> str:
        """The expression that reads a part of a path."""
        return f'{owner}[{part}]' if isinstance(part, int) else f'{owner}.{self.attribute(part)}'

    def set_source(self, owner: str, name: str) -> str:
        """The target of an assignment to a field of `owner`."""
        return self.item_source(owner, name)

    def get(self, document: Any, spec: Spec) -> Any:
        """The value of a field."""
        return getattr(document, self.attribute(spec.name))

    def keywords(self, values: Data) -> Data:
        """A user's values by the system's names."""
        return {self.attribute(name): value for name, value in values.items()}

    def plain(self, document: Any, shape: Shape) -> Data:
        """The values of a document in dicts and lists, for comparison; what is None is left out."""
        found = {spec.name: self._plain_value(document, spec) for spec in shape.fields}
        return {name: value for name, value in found.items() if value is not None}

    def _plain_value(self, document: Any, spec: Spec) -> Any:
        value = self.get(document, spec)
        if value is None or spec.kind is not Kind.DOCUMENT:
            return list(value) if spec.many and value is not None else value
        if spec.many:
            return [self.plain(item, spec.inner) for item in value]
        return self.plain(value, spec.inner)


class System(Side, abc.ABC):
    """What a system does with the documents of one shape.

    The methods give functions, which are what is timed: an adapter adds no call of its own where
    the system's function can be given as it is.

    Args:
        shape: The shape of the documents.

    Attributes:
        model: The system's class for it.
        packages: The distributions whose versions belong to a result.
        error: The class of what a validator raises.
        finds_all_errors: Whether a validator names all the wrong fields, or the first alone.
    """

    packages: ClassVar[tuple[str, ...]] = ('pymongo',)
    error: ClassVar[type[Exception]]
    finds_all_errors: ClassVar[bool] = True

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._models: dict[str, Any] = {}
        self.model = self.model_of(shape)

    def model_of(self, shape: Shape) -> Any:
        """The system's class for a shape, made once."""
        if shape.name not in self._models:
            self._models[shape.name] = self.make_model(shape)
        return self._models[shape.name]

    @classmethod
    def versions(cls) -> dict[str, str]:
        """The versions of the packages that are measured."""
        return {name: importlib.metadata.version(name) for name in cls.packages}

    @abc.abstractmethod
    def make_model(self, shape: Shape) -> Any:
        """Make the system's class for a shape."""

    @abc.abstractmethod
    def loader(self) -> Callable[[Data], Any]:
        """What the system's own cursor calls with a decoded dict."""

    @abc.abstractmethod
    def dumper(self) -> Callable[[Any], Any]:
        """What the system's own `save` makes a dict for the driver with."""

    def constructor(self, values: Data) -> Callable[[], Any]:
        """What makes a document of a user's values."""
        return functools.partial(self.model, **self.keywords(values))

    @abc.abstractmethod
    def validator(self, values: Data) -> Callable[[], Any]:
        """What validates a document of these values, made beforehand if the system can."""

    @abc.abstractmethod
    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """Run a validator, and name the fields that it refuses, as the shape names them."""

    def refusal(self, validate: Callable[[], Any]) -> Callable[[], Any]:
        """The validator, with its error caught."""
        error = self.error

        def run() -> None:
            try:  # noqa: SIM105  # a context manager would be a part of what is timed
                validate()
            except error:
                pass

        return run

    def translated(self, values: Data, translation: dict[str, str]) -> Callable[[], Any] | None:
        """What makes a dict of translated messages of the error; None if there is no such thing."""
