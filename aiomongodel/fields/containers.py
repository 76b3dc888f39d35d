"""What the fields of dicts and sets share: limits on the length."""

from __future__ import annotations

from typing import Any, TypeVar

from aiomongodel import errors
from aiomongodel.fields.base import Field, FieldOptions, is_length
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
        limits = [
            ('<', self.min_length, errors.TOO_SHORT),
            ('>', self.max_length, errors.TOO_LONG),
        ]
        return [
            Branch(f'len({value}) {operator} {names.limit(limit)}', names.error(message, limit))
            for operator, limit, message in limits
            if limit is not None
        ]

    def _length_rules(self, kind: str) -> dict[str, int]:
        """The limits, for a schema: `'Items'` of an array, `'Properties'` of an object."""
        limits = {f'min{kind}': self.min_length, f'max{kind}': self.max_length}
        return {name: limit for name, limit in limits.items() if limit is not None}


def require_field(field: Any, name: str) -> None:
    """Refuse what is no field where one is asked for.

    Raises:
        TypeError: The message has the name of the argument.
    """
    if not isinstance(field, Field):
        raise TypeError(f'{name} must be a field, such as StrField(), not {shown(field)}')


def label_of(key: Any) -> Any:
    """By what an error names a key, or an item of a set."""
    return key if type(key) in (str, int) else shown(key)
