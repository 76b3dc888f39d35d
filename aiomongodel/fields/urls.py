"""UrlField: the absolute URL of something on a host."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload
from urllib.parse import urlsplit

from aiomongodel import errors
from aiomongodel.errors import QueryError
from aiomongodel.fields.containers import label_of
from aiomongodel.fields.source import Branch, Names, attempted
from aiomongodel.fields.text import StrField, StrOptions
from aiomongodel.utils import is_text, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')

SCHEME: Final = re.compile(r'[a-zA-Z][a-zA-Z0-9+.-]*\Z')
FORBIDDEN: Final = re.compile(r'[\s\x00-\x20\x7f-\x9f\\<>"\u200b-\u200f\u2028-\u202e\u2060\ufeff]')
"""Blanks, control characters, also unseen ones, and what readers of URLs do not agree on."""

PLACE: Final = re.compile(r'(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:%@]+))(?::([0-9]*))?\Z', re.ASCII)
"""A host, an address in brackets or a name, and a port."""

NUMBER: Final = re.compile(r'(?:\d+|0[xX][0-9a-fA-F]*)\Z')
"""The last label of what is read as an address of IPv4, and is none unless it is in full."""

LABEL: Final = re.compile(r'(?!-)[\w-]{1,63}(?<!-)\Z')
MAX_HOST: Final = 253


class UrlOptions(StrOptions[V], total=False):
    """The options of a field of URLs."""

    schemes: Collection[str]


class UrlField(StrField[V]):
    """An absolute URL with a host, as text.

    The host is a name, also one of other letters than ASCII's, or an address; of IPv6 in brackets.
    No blank, control character, backslash, quote or angle bracket may be anywhere in it: a browser
    and a server would read them in different ways. It is stored as it was given.

    Args:
        schemes: The schemes that a URL may have, in lower case.
        **options: See `StrField`; the `regex` is one more condition.

    Example:
        >>> from aiomongodel import Document
        >>> class Link(Document):
        ...     target = UrlField(schemes=('https',), max_length=200)
        >>> Link(target='https://example.com/?q=1').validate().target
        'https://example.com/?q=1'
    """

    # A subclass repeats the overloads: no type checker solves an inherited, self-typed __init__.
    @overload
    def __init__(
        self: UrlField[str],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[UrlOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: UrlField[str | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[UrlOptions[str | None]],
    ) -> None: ...
    def __init__(self, *, schemes: Collection[str] = ('http', 'https'), **options: Any) -> None:
        super().__init__(**options)  # type: ignore[misc]  # see the overloads
        self.schemes = schemes

    def _check_definition(self) -> None:
        """Refuse schemes that are none."""
        is_collection = isinstance(self.schemes, Collection) and not isinstance(self.schemes, str)
        if not is_collection or not self.schemes or not all(map(is_scheme, self.schemes)):
            raise ValueError(
                f'schemes {shown(self.schemes)} must be a tuple, list or set of schemes in lower '
                "case, such as ('http', 'https')"
            )
        if isinstance(self.choices, str):  # which the message would show
            raise ValueError('choices must be a set, list or dict of URLs, and not a str')
        super()._check_definition()

    def _check_default(self) -> None:
        try:
            super()._check_default()
        except ValueError as error:
            reason = error.args[0].rpartition('field: ')[2]
            raise ValueError(
                f'default {shown_url(self.default)} is refused by its own field: {reason}'
            ) from None

    def _storable(self, value: Any) -> Any:
        if value is not None and not (isinstance(value, str) and is_text(str.__str__(value))):
            raise QueryError(f'{self._label}: {shown_url(value)} is not text that MongoDB can hold')
        return super()._storable(value)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """What a StrField checks, then that it is a URL."""
        is_valid = names.bind(self._is_valid, 'is_url')
        wrong = Branch(f'not {is_valid}({value})', names.error(errors.NOT_A_URL))
        return [*super().constraint_source(value, names), wrong]

    def _is_valid(self, value: str) -> bool:
        if self.allow_blank and not value:
            return True
        return is_url(str.__str__(value), self.schemes)  # a subclass may compare as it likes

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What there is of a StrField, and the format; one of other letters is an IRI."""
        own = {} if self.allow_blank else {'format': 'iri'}
        return {**with_pattern(super().json_rules(schema), self._schema_pattern), **own}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What there is of a StrField, and how a URL begins."""
        return with_pattern(super().mongo_rules(schema), self._schema_pattern)

    @property
    def _schema_pattern(self) -> str:
        """How a URL begins: all that a pattern can say that every dialect understands."""
        schemes = '|'.join(map(in_any_case, self.schemes))
        return f'^({schemes})://[^/?#]' + ('|^$' if self.allow_blank else '')


def with_pattern(rules: dict[str, Any], pattern: str) -> dict[str, Any]:
    """Rules with one more pattern; both match from the start of a text."""
    both = f'(?={pattern})(?:{rules["pattern"]})' if 'pattern' in rules else pattern
    return {**rules, 'pattern': both}


def in_any_case(scheme: str) -> str:
    """A pattern of a scheme: neither JSON Schema nor MongoDB's has a flag for the case."""
    letters = (f'[{each}{each.upper()}]' if each.isalpha() else f'[{each}]' for each in scheme)
    return ''.join(letters)


def is_scheme(value: Any) -> bool:
    """Whether it is the name of a scheme, in lower case."""
    return isinstance(value, str) and bool(SCHEME.match(value)) and value == value.lower()


def is_url(value: str, schemes: Collection[str]) -> bool:
    """Whether a text is an absolute URL with a host, of one of some schemes."""
    if FORBIDDEN.search(value) or not is_text(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:  # of brackets at a wrong place, say
        return False
    if parts.scheme not in schemes or '@' in parts.netloc.rpartition('@')[0]:
        return False
    place = PLACE.match(parts.netloc.rpartition('@')[2])
    if place is None:
        return False
    address, name, port = place.groups()
    return is_port(port) and (is_address_6(address) if address else is_host(name))


def is_port(text: str | None) -> bool:
    """Whether it is the number of a port, or none is given."""
    return not text or (len(text) <= 5 and 0 < int(text) < 65_536)


def is_address_6(text: str) -> bool:
    """Whether it is an address of IPv6."""
    return attempted(ipaddress.IPv6Address, text) is not text


def is_host(name: str) -> bool:
    """Whether it is the name of a host, or an address of IPv4."""
    labels = name.removesuffix('.').split('.')
    if len(name) > MAX_HOST or not all(map(LABEL.match, labels)):
        return False
    if not NUMBER.match(labels[-1]):
        return True
    return attempted(ipaddress.IPv4Address, name) is not name


def shown_url(value: object) -> str:
    """The value for an error message, without the user and the password that may be in it."""
    if not isinstance(value, str):
        return f'a value of type {type(value).__name__}'
    head, separator, rest = value.rpartition('@')
    if not separator:
        return shown(value)
    scheme, slashes, _ = head.partition('//')
    return shown(f'{scheme if slashes else ""}{slashes}***@{rest}')


def label_of_url(value: Any) -> Any:
    """By what an error names a URL of a set, without the password that may be in it."""
    return shown_url(value) if isinstance(value, str) and '@' in value else label_of(value)
