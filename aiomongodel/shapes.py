"""Shapes other than documents into which stored data is loaded: dataclasses and TypedDicts."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiomongodel.errors import QueryError
from aiomongodel.ordering import is_partial
from aiomongodel.utils import _Empty, keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.fields import Field

Load = Callable[[Any], Any]


class Shape:
    """How the stored data of a document class becomes another class.

    Args:
        document_class: The document class.
        target: A dataclass, a TypedDict, a document class, or a function that is given the
            stored dict.
        is_computed: Whether the data may have other names than those of the fields.
        made: The shapes that this one is made for, by the two classes: records may nest in a ring.

    Raises:
        QueryError: The target needs a value that is no field of the document class.
        TypeError: The target can be none of these.

    Attributes:
        names: The names in MongoDB that it needs; None for all.
    """

    def __init__(
        self,
        document_class: Any,
        target: Any,
        *,
        is_computed: bool = False,
        made: dict[tuple[Any, Any], Shape] | None = None,
    ) -> None:
        self._target = target
        self._is_computed = is_computed
        self._made = {} if made is None else made
        self.names: list[str] | None = None
        self._codec: Any = getattr(getattr(target, 'meta', None), 'codec', None)
        if self._codec is not None:
            self.load: Load = self._codec.loader
            return
        if not is_record(target):
            if not callable(target):
                raise TypeError(
                    f'into takes a dataclass, a TypedDict or a function, not {shown(target)}'
                )
            self.load = target
            return
        self._made[document_class, target] = self
        self._hints = type_hints(target)
        values = {name: self._value(document_class, name) for name in wanted_names(target)}
        self._values = {name: value for name, value in values.items() if value is not None}
        self._absent = dict.fromkeys(
            name for name in required_names(target) if takes_none(self._hints.get(name))
        )
        self.names = [stored_name for stored_name, _ in self._values.values()]
        self.load = self._record

    def loader(self, projection: Any) -> Load:
        """What makes an item of what a projection leaves of a document."""
        if self._codec is None or not is_partial(projection):
            return self.load
        return lambda data: self._codec.marked_partial(self.load(data))

    def _value(self, document_class: Any, name: str) -> tuple[str, Load] | None:
        """The stored name of a value, and its conversion; None for one with a default."""
        field = field_of(document_class, name)
        if field is not None:
            return field.mongo_name, self._conversion(field, self._hints.get(name))
        if self._is_computed:
            return ('_id' if name == 'id' else name), lambda value: value
        if name in required_names(self._target):
            raise QueryError(
                f'{self._target.__name__}.{name} is no field of {document_class.__name__}; '
                f'its fields are {keys_of(document_class.meta.fields)}'
            )
        return None

    def _conversion(self, field: Field[Any], hint: Any) -> Load:
        """The conversion of a stored value: of documents within, into records that are wanted."""
        inner = next((each for each in types_within(hint) if is_record(each)), None)
        if inner is None or field.document_class is None:
            return field._from_stored
        found = self._made.get((field.document_class, inner))
        shape = Shape(field.document_class, inner, made=self._made) if found is None else found

        def convert(value: Any) -> Any:
            if isinstance(value, list):
                return [convert(item) for item in value]
            return shape.load(value) if isinstance(value, Mapping) else value

        return convert

    def _record(self, data: Mapping[str, Any]) -> Any:
        given: dict[str, Any] = {**self._absent}
        for name, (stored_name, convert) in self._values.items():
            value = data.get(stored_name, _Empty)
            if value is _Empty and self._is_computed:  # a stage has named it so
                value = data.get(name, _Empty)
            if value is not _Empty:
                given[name] = convert(value)
        try:
            return self._target(**given)
        except TypeError as error:
            error.add_note(f'in {self._target.__name__}, of the document {shown(data.get("_id"))}')
            raise


def is_record(target: Any) -> bool:
    """Whether it is a class whose values have names: a dataclass or a TypedDict."""
    return isinstance(target, type) and (
        dataclasses.is_dataclass(target) or typing.is_typeddict(target)
    )


def wanted_names(target: Any) -> list[str]:
    """The names of the values that a record is made of."""
    if dataclasses.is_dataclass(target):
        return [field.name for field in dataclasses.fields(target) if field.init]
    return list(target.__annotations__)


def required_names(target: Any) -> list[str]:
    """Those without which it cannot be made."""
    if not dataclasses.is_dataclass(target):
        return list(target.__required_keys__)
    missing = dataclasses.MISSING
    return [
        field.name
        for field in dataclasses.fields(target)
        if field.init and field.default is missing and field.default_factory is missing
    ]


def type_hints(target: Any) -> dict[str, Any]:
    """The types of a record's values, as far as they can be known."""
    try:
        return typing.get_type_hints(target)
    except NameError:  # a name within a function, or for type checkers alone
        return {}


def field_of(document_class: Any, name: str) -> Field[Any] | None:
    """The field of a name, or of a synonym; `id` means `_id` where nothing else has this name."""
    meta = document_class.meta
    original = meta.original_names.get(name, name)
    if original == 'id' and 'id' not in meta.fields:
        original = '_id'
    found: Field[Any] | None = meta.fields.get(original)
    return found


def takes_none(hint: Any) -> bool:
    """Whether None is a value of a type, such as `str | None`."""
    return type(None) in (hint, *typing.get_args(hint))


def types_within(hint: Any) -> list[Any]:
    """A type, and those in its brackets: of `list[Room] | None`, Room among others."""
    found = [hint]
    for inner in typing.get_args(hint):
        found += types_within(inner)
    return found
