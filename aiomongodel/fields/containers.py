"""What the fields of lists, tuples, sets and dicts share."""

from __future__ import annotations

from typing import Any, TypeVar

from aiomongodel.fields.base import Field, FieldOptions, is_length
from aiomongodel.fields.lengths import length_branches, length_rules
from aiomongodel.fields.source import Branch, Names
from aiomongodel.utils import shown

V = TypeVar('V')


class ContainerOptions(FieldOptions[V], total=False):
    """The options of a container."""

    min_length: int | None
    max_length: int | None


class ContainerField(Field[V]):
    """A field whose values have a length.

    Args:
        min_length: The least length.
        max_length: The greatest length.
        **options: See `Field`.
    """

    def __init__(
        self, *, min_length: int | None = None, max_length: int | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.min_length = min_length
        self.max_length = max_length

    def _check_definition(self) -> None:
        """Refuse a `min_length` above `max_length`, and what is no length."""
        self._check_limits('min_length', 'max_length', is_length, 'an int from 0 on')
        super()._check_definition()

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Least and greatest length."""
        return length_branches(value, names, (self.min_length, self.max_length))

    def _length_rules(self, kind: str) -> dict[str, int]:
        """The limits, for a schema: `'Items'` of an array, `'Properties'` of an object."""
        return length_rules(kind, (self.min_length, self.max_length))


def require_field(field: Any, name: str) -> None:
    """Refuse what is no field where one is asked for.

    Raises:
        TypeError: The message has the name of the argument.
    """
    if not isinstance(field, Field):
        raise TypeError(f'{name} must be a field, such as StrField(), not {shown(field)}')


def converts_as(field: Field[Any], ours: type[Field[Any]]) -> bool:
    """Whether a field converts as this class does, not in a subclass's own way."""
    own = type(field)
    return (own.from_data, own.to_mongo) == (ours.from_data, ours.to_mongo)


def label_of(key: Any) -> Any:
    """By what an error names a key, or an item of a set."""
    return key if type(key) in (str, int) else shown(key)


def is_same(one: Any, other: Any) -> bool:
    """Whether two stored forms are the same."""
    try:
        return one is other or (type(one) is type(other) and bool(one == other))
    except Exception:  # noqa: BLE001 - of values that refuse to be compared
        return False
