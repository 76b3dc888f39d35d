"""EnumField: a member of an enumeration."""

from __future__ import annotations

import enum
import functools
import operator
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

import bson
from bson.errors import BSONError

from aiomongodel import errors
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.schema import distinct
from aiomongodel.fields.source import Branch, Names, attempted, wrong_type
from aiomongodel.fields.stored import StoredField
from aiomongodel.json_forms import json_form
from aiomongodel.utils import is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

E_ = TypeVar('E_', bound=enum.Enum)


class EnumOptions(FieldOptions[V], total=False):
    """The options of a field of an enumeration."""

    by: Literal['value', 'name']


class EnumField(StoredField[V]):
    """A member of an enumeration, stored by its value or by its name.

    A value or a name is converted to the member; a stored value that is no member's stays as it
    is, and is not valid.

    Args:
        enum_class: The enumeration, a subclass of `enum.Enum`.
        by: What is stored of a member: its `'value'` or its `'name'`.
        **options: See `Field`.

    Raises:
        TypeError: It is no enumeration.

    Example:
        >>> import enum
        >>> from aiomongodel import Document
        >>> class Colour(enum.Enum):
        ...     RED = 'r'
        ...     BLUE = 'b'
        >>> class Car(Document):
        ...     colour = EnumField(Colour)
        >>> Car(colour='b').colour
        <Colour.BLUE: 'b'>
        >>> (Car.colour == Colour.RED), Car(colour='BLUE').to_mongo()['colour']
        ({'colour': 'r'}, 'b')
    """

    stored_type = object

    @overload
    def __init__(
        self: EnumField[E_],
        enum_class: type[E_],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[EnumOptions[E_]],
    ) -> None: ...
    @overload
    def __init__(
        self: EnumField[E_ | None],
        enum_class: type[E_],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[EnumOptions[E_ | None]],
    ) -> None: ...
    def __init__(
        self, enum_class: Any, *, by: Literal['value', 'name'] = 'value', **options: Any
    ) -> None:
        if not (isinstance(enum_class, type) and issubclass(enum_class, enum.Enum)):
            raise TypeError(f'enum_class must be a subclass of enum.Enum, not {shown(enum_class)}')
        options['field_type'] = enum_class
        super().__init__(**options)
        self.enum_class: type[enum.Enum] = enum_class
        self.by = by

    def _check_definition(self) -> None:
        """Refuse another `by`, and members of which MongoDB cannot store the value."""
        if self.by not in ('value', 'name'):
            raise ValueError(f"by {shown(self.by)} must be 'value' or 'name'")
        for member in self.enum_class:
            try:
                loaded = bson.decode(bson.encode({'': self.pack(member)}))['']
            except (BSONError, OverflowError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{shown(member)} has a value that MongoDB cannot store; use by='name'"
                ) from error
            if attempted(self.unpack, loaded) is not member:
                raise ValueError(
                    f'{shown(member)} has a value that MongoDB gives back as {shown(loaded)}; use '
                    "by='name'"
                )
        super()._check_definition()

    @property
    def _settled_type(self) -> type | None:
        return self.enum_class

    def convert(self, value: Any) -> Any:
        """Convert the value or the name of a member."""
        try:
            return self.enum_class(value)
        except ValueError:
            return self._named(value)

    def pack(self, value: enum.Enum) -> Any:
        """The value, or the name; of flags of which none is set there is none."""
        return (value.name or '') if self.by == 'name' else value.value

    def unpack(self, stored: Any) -> Any:
        """The member."""
        if self.by == 'name':
            return self._named(stored)
        try:
            return self.enum_class(stored)
        except ValueError:
            return self.enum_class(tupled(stored))  # of a tuple, which is stored as an array

    def _named(self, name: Any) -> Any:
        """The member of a name; of flags that are joined, the names have bars between them."""
        if not (self._is_open and isinstance(name, str)):
            return self.enum_class[name]
        flags = [self.enum_class[each] for each in name.split('|') if each]
        return functools.reduce(operator.or_, flags, self.enum_class(0))

    def to_json(self, value: Any) -> Any:
        """Convert a member to the form in JSON of what is stored of it."""
        return json_form(self.to_mongo(value))

    def from_json(self, value: Any) -> Any:
        """Convert what `to_json` gives of a member; of anything else, its value or name."""
        for member in self.enum_class.__members__.values():
            form = attempted(self.to_json, member)
            if type(form) is type(value) and form == value:
                return member
        return self.from_data(value)

    @property
    def _is_open(self) -> bool:
        """Whether there are more members than those with names: flags that are joined."""
        return issubclass(self.enum_class, enum.Flag)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """The forms of the members."""
        if self._is_open:
            return {'type': ['integer', 'boolean']} if self.by == 'value' else {}
        return {'enum': [self.to_json(member) for member in self.enum_class]}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """What is stored of the members."""
        if self._is_open:
            return {'bsonType': ['int', 'long', 'bool']} if self.by == 'value' else {}
        return {'enum': distinct(self.to_mongo(member) for member in self.enum_class)}

    def type_source(self, value: str, names: Names) -> list[Branch]:
        """The branch that refuses what is no member."""
        kind = names.bind(self.enum_class, 'enum')
        return [Branch(wrong_type(value, kind), names.error(errors.NO_VARIANT_MATCHES))]

    def _storable(self, value: Any) -> Any:
        if value is not None and not is_instance(self.from_data(value), self.enum_class):
            refuse(self, value, f'a member of {self.enum_class.__name__}')
        return stored(self, value)


def tupled(stored: Any) -> Any:
    """Arrays, also those within each other, as tuples; anything else stays as it is."""
    return tuple(map(tupled, stored)) if isinstance(stored, list) else stored
