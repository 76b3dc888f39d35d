"""Fields of text: StrField and EmailField."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from aiomongodel import errors
from aiomongodel.fields import dialects
from aiomongodel.fields.base import ConvertedField, FieldOptions, check_pattern, is_length
from aiomongodel.fields.lengths import length_branches, length_rules
from aiomongodel.fields.source import Branch, Names

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')

MAX_LENGTH: Final = 2**31 - 1
"""A greater length than any stored text has."""

EMAIL: Final = re.compile(r'^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$')


class StrOptions(FieldOptions[V], total=False):
    """The options of a field of text."""

    regex: str | re.Pattern[str] | None
    allow_blank: bool
    min_length: int | None
    max_length: int | None


class StrField(ConvertedField[V]):
    """Text.

    Args:
        regex: A pattern that a value matches from its start on, as `re.match` does.
        allow_blank: Whether '' is a valid value.
        min_length: The least length, in characters.
        max_length: The greatest length, in characters.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     name = StrField(regex='[a-z]+$', max_length=20)
        >>> User(name='ann').validate().name
        'ann'
    """

    value_type = str
    pattern_message = errors.PATTERN_DOES_NOT_MATCH

    @overload
    def __init__(
        self: StrField[str],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[StrOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: StrField[str | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[StrOptions[str | None]],
    ) -> None: ...
    def __init__(
        self,
        *,
        regex: str | re.Pattern[str] | None = None,
        allow_blank: bool = False,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._regex = regex
        self.allow_blank = allow_blank
        self.min_length = min_length
        self.max_length = max_length

    @functools.cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The compiled `regex`."""
        return None if self._regex is None else re.compile(self._regex)

    def _check_definition(self) -> None:
        """Refuse a broken regex, and a `min_length` above `max_length`."""
        check_pattern('regex', self._regex)
        self._check_limits('min_length', 'max_length', is_length, 'an int from 0 on')
        super()._check_definition()

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """Pattern, blank, least and greatest length, in this order."""
        branches = []
        if self.pattern is not None:
            match = names.bind(self.pattern.match, 'match')
            wrong = names.error(self.pattern_message, self.pattern.pattern)
            branches.append(Branch(f'{match}({value}) is None', wrong))
        if not self.allow_blank:
            branches.append(Branch(f'not {value}', names.error(errors.BLANK_IS_NOT_ALLOWED)))
        return [*branches, *length_branches(value, names, (self.min_length, self.max_length))]

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string, its length and its pattern."""
        return {'type': 'string', **self._length_rules, **self._pattern_rules(dialects.JSON)}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A string, its length and its pattern."""
        lengths = {name: limit for name, limit in self._length_rules.items() if limit <= MAX_LENGTH}
        return {'bsonType': 'string', **lengths, **self._pattern_rules(dialects.PCRE)}

    @property
    def _length_rules(self) -> dict[str, int]:
        least = max(self.min_length or 0, 0 if self.allow_blank else 1)
        return length_rules('Length', (least or None, self.max_length))

    def _pattern_rules(self, dialect: dialects.Dialect) -> dict[str, str]:
        """The pattern, where the dialect can say it."""
        text = None if self.pattern is None else dialects.anchored(self.pattern, dialect)
        return {} if text is None else {'pattern': text}


class EmailField(StrField[V]):
    """An e-mail address.

    Args:
        regex: The pattern of a valid address.
        **options: See `StrField`.

    Example:
        >>> from aiomongodel import Document
        >>> class User(Document):
        ...     email = EmailField()
        >>> User(email='ann@example.com').validate().email
        'ann@example.com'
    """

    pattern_message = errors.NOT_AN_EMAIL

    # A subclass repeats the overloads: no type checker solves an inherited, self-typed __init__.
    @overload
    def __init__(
        self: EmailField[str],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[StrOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmailField[str | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[StrOptions[str | None]],
    ) -> None: ...
    def __init__(self, *, regex: str | re.Pattern[str] | None = EMAIL, **options: Any) -> None:
        super().__init__(regex=regex, **options)  # type: ignore[misc]  # see the overloads

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What there is of a StrField, and the format, unless another regex may accept others."""
        own = {'format': 'email'} if self.pattern == EMAIL else {}
        return {**super().json_rules(schema), **own}
