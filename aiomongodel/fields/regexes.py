"""PatternField: a regular expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Unpack, overload

from bson.regex import Regex

from aiomongodel import errors
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.operators import Operand, refuse, stored
from aiomongodel.fields.querying import FLAGS
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.fields.stored import StoredField
from aiomongodel.utils import is_text

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

STORED_FLAGS: Final = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.UNICODE

FORM: Final = frozenset({'pattern', 'options'})
"""The keys of the form in JSON of a pattern that has flags."""


class PatternField(StoredField[V]):
    """A compiled pattern of text, `re.Pattern[str]`, stored as a regular expression with its flags.

    A str is compiled, a `bson.Regex` too; one that does not compile stays as it is, and is not
    valid. MongoDB has the flags IGNORECASE, MULTILINE, DOTALL, VERBOSE and UNICODE; a pattern with
    another one is not valid, nor is one of bytes. Queries compare whole patterns: they match none.

    Args:
        **options: See `Field`.

    Example:
        >>> import re
        >>> from aiomongodel import Document
        >>> class Rule(Document):
        ...     subject = PatternField()
        >>> rule = await Rule.q(db).create(subject=re.compile('^spam', re.IGNORECASE))
        >>> (await Rule.q(db).find_one(Rule.subject == rule.subject)).subject
        re.compile('^spam', re.IGNORECASE)
    """

    value_type = re.Pattern
    stored_type = Regex
    _kept_type = Regex

    @overload
    def __init__(
        self: PatternField[re.Pattern[str]],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[re.Pattern[str]]],
    ) -> None: ...
    @overload
    def __init__(
        self: PatternField[re.Pattern[str] | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[re.Pattern[str] | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    # The server takes no pattern for $gt and the like.

    def _refuse_order(self: Operand, other: object) -> NoReturn:
        """Refuse to compare, as patterns have no order."""
        refuse(self, other, 'to be compared so: patterns are equal or not, and have no order')

    __gt__ = __ge__ = __lt__ = __le__ = _refuse_order

    @property
    def _takes_patterns(self) -> bool:
        return True

    def _storable(self, value: Any) -> Any:
        if value is not None and not isinstance(value, str | re.Pattern | Regex):
            refuse(self, value, self._type_in_words)
        converted = self.from_data(value)
        if isinstance(converted, re.Pattern) and not is_storable(converted):
            refuse(self, value, 'a pattern of str with flags that MongoDB has, without \\0')
        return stored(self, value)

    def convert(self, value: Any) -> Any:
        """Convert a text, a `bson.Regex`, or the form in JSON of a pattern with flags."""
        if isinstance(value, str):
            return re.compile(value)
        if isinstance(value, Mapping) and value.keys() == FORM:
            return re.compile(value['pattern'], flags_of(value['options']))
        return self.unpack(value) if isinstance(value, Regex) else value

    def pack(self, value: re.Pattern[Any]) -> Regex[Any]:
        """The pattern as the driver stores it."""
        return stored_form(value)

    def unpack(self, stored: Regex[Any]) -> Any:
        """The compiled pattern; it raises `re.error` where it does not compile."""
        return stored.try_compile()

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """That the pattern can be stored as it is."""
        check = names.bind(is_storable, 'is_storable')
        return [Branch(f'not {check}({value})', names.error(errors.NOT_A_STORABLE_PATTERN))]

    def to_json(self, value: Any) -> Any:
        """Convert a pattern to its text; one with flags to a dict of `pattern` and `options`."""
        if not isinstance(value, re.Pattern):
            return super().to_json(value)
        flags = value.flags
        options = ''.join(letter for flag, letter in FLAGS.items() if flags & flag)
        return {'pattern': value.pattern, 'options': options} if options else value.pattern

    def from_json(self, value: Any) -> Any:
        """Convert the text of a pattern, or a dict of `pattern` and `options`."""
        return self.from_data(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A text, or an object of a text and the options."""
        options = ''.join(FLAGS.values())
        form = {
            'type': 'object',
            'properties': {
                'pattern': {'type': 'string', 'format': 'regex'},
                'options': {'type': 'string', 'pattern': f'^[{options}]*$'},
            },
            'required': ['pattern', 'options'],
            'additionalProperties': False,
        }
        return {'anyOf': [{'type': 'string', 'format': 'regex'}, form]}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A regular expression."""
        return {'bsonType': 'regex'}


def flags_of(options: str) -> int:
    """The flags of the letters that stand for them."""
    letters = {letter: flag for flag, letter in FLAGS.items()}
    flags = re.RegexFlag(0)
    for letter in options:
        flags |= letters[letter]
    return flags


def stored_form(pattern: re.Pattern[Any]) -> Regex[Any]:
    """The pattern as the server has it, with the flags that there are for it."""
    return Regex(pattern.pattern, pattern.flags & STORED_FLAGS)


def is_storable(pattern: re.Pattern[Any]) -> bool:
    """Whether MongoDB can hold a pattern so that it is loaded as the same one."""
    if not is_text(pattern.pattern) or '\0' in pattern.pattern:
        return False
    loaded: Any = attempted(Regex.try_compile, stored_form(pattern))
    return bool(loaded == pattern)
