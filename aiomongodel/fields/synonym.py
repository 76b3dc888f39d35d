"""SynonymField: a second name for a field."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from aiomongodel.fields.base import Field
from aiomongodel.utils import shown

F_co = TypeVar('F_co', bound='Field[Any]', covariant=True)
V = TypeVar('V')


class SynonymField(Generic[F_co]):
    """A second name for a field of the same document.

    On the class it is the original field itself; on an instance it reads and writes the
    original's value.

    Args:
        original_field: The field, or its name.

    Raises:
        TypeError: It is neither.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class User(Document):
        ...     _id = StrField()
        ...     name = SynonymField(_id)
        >>> User.name is User._id
        True
        >>> User(name='Ann')._id
        'Ann'
    """

    def __init__(self, original_field: F_co | str) -> None:
        if not isinstance(original_field, str | Field):
            raise TypeError(
                f'original_field must be a field or the name of one, not {shown(original_field)}'
            )
        self._original = original_field

    @property
    def original_name(self) -> str:
        """The name of the field that this is a second name for."""
        return self._original if isinstance(self._original, str) else self._original.name

    @overload
    def __get__(self, instance: None, owner: Any) -> F_co: ...
    @overload
    def __get__(self: SynonymField[Field[V]], instance: object, owner: Any) -> V: ...
    def __get__(self, instance: object | None, owner: Any) -> Any:
        return getattr(owner if instance is None else instance, self.original_name)

    def __set__(self: SynonymField[Field[V]], instance: object, value: V) -> None:
        setattr(instance, self.original_name, value)
