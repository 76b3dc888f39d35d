"""The names by which a filter knows the fields of a model."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

from aiomongodel.fields import Field, ListField, RefField, SetField
from aiomongodel.fields.documents import at_path
from aiomongodel.nesting import MAX_NESTING
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument


class NoFieldError(LookupError):
    """A name is that of no field.

    Args:
        message: What is wrong.
        within: The path of the field that is there, and has no fields within.
    """

    def __init__(self, message: str, within: str | None = None) -> None:
        super().__init__(message)
        self.within = within


class Fields:
    """The fields that a filter may name.

    Args:
        document_class: The class that has them.
        allowed: As for `to_query`.
    """

    def __init__(self, document_class: type[BaseDocument], allowed: Any) -> None:
        self.document_class = document_class
        self._names = None if allowed is None else names_by_path(document_class, allowed)

    def find(self, name: str) -> Field[Any]:
        """The field of a name.

        Raises:
            NoFieldError: There is none, or it is hidden: nothing tells the one from the other.
        """
        try:
            field = field_at(self.document_class, name)
        except NoFieldError as error:
            if self._names is None or error.within in self._names:
                raise
        else:
            if self._names is None or field.s in self._names:
                return field
        visible = ', '.join(self._names.values())
        raise NoFieldError(
            f'{self.document_class.__name__} has no field {shown(name)} to filter by'
            + (f', only {visible}' if visible else '')
        )


def names_by_path(document_class: type[BaseDocument], allowed: Any) -> dict[str, str]:
    """The names of fields by the paths under which they are stored."""
    if isinstance(allowed, str) or not isinstance(allowed, Collection):
        raise TypeError(f'allowed is a collection of fields or their names, not {shown(allowed)}')
    names = [each if isinstance(each, str) else name_of(document_class, each) for each in allowed]
    try:
        return {field_at(document_class, name).s: name for name in names}
    except NoFieldError as error:
        raise ValueError(f'allowed: {error}') from error


def name_of(document_class: type[BaseDocument], field: Any) -> str:
    """The dotted name of a field, such as `Hotel.rooms.price`."""
    if not isinstance(field, Field):
        raise TypeError(f'allowed holds fields or their names, not {shown(field)}')
    names: list[str] = []
    found: Field[Any] | None = None
    inner: Any = document_class
    for stored in field.s.split('.'):
        fields = () if inner is None else inner.meta.fields.values()
        found = next((each for each in fields if each.mongo_name == stored), None)
        if found is None:
            break
        names.append(found.name)
        inner = found.document_class
    if found is None or (found._owner, found.name) != (field._owner, field.name):
        raise ValueError(f'allowed: {field!r} is no field of {document_class.__name__}')
    return '.'.join(names)


def field_at(document_class: type[BaseDocument], name: str) -> Field[Any]:
    """The field of a dotted name.

    Raises:
        NoFieldError: There is none, or its name leads through what has no fields within.
    """
    first, *rest = name.split('.', MAX_NESTING)
    field = own_field(document_class, first)
    for each in rest:
        if field._under_key() is None:
            inner = own_field(class_within(field), each)
            field = at_path(inner, f'{field.s}.{inner.s}')
        else:
            field = under_key(field, each)
    return field


def under_key(field: Any, key: str) -> Field[Any]:
    """The field of the value under a key of a dict."""
    try:
        return cast('Field[Any]', field[key])
    except TypeError as error:
        raise NoFieldError(str(error), field.s) from error


def own_field(document_class: type[BaseDocument], name: str) -> Field[Any]:
    """The field of a class by its name, or by a synonym."""
    meta = document_class.meta
    field = meta.fields.get(meta.original_names.get(name, name))
    if field is None:
        raise NoFieldError(
            f'{document_class.__name__} has no field {shown(name)}, only {", ".join(meta.fields)}'
        )
    return field


def class_within(field: Field[Any]) -> Any:
    """The class of the embedded documents that a field holds, in a list or not."""
    if isinstance(item_of(field), RefField):
        raise NoFieldError(
            f'{field._label} is a reference, which stores an _id alone: filter by that, or by a '
            'query on the other collection',
            field.s,
        )
    if field.document_class is None:
        raise NoFieldError(f'{field._label} holds no documents that could have fields', field.s)
    return field.document_class


def item_of(field: Field[Any]) -> Field[Any]:
    """The field of single values: that of the items where the field is one of lists."""
    while isinstance(field, ListField | SetField):
        field = field.item_field
    return field
