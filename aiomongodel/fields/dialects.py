"""Python's regular expressions in the dialects of JSON Schema and of MongoDB.

A pattern is read by Python's own parser and written anew, flags and names included. What a dialect
cannot say is not said: `anchored` then gives None.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

MAX_REPEAT: Final = 65_535
"""The greatest number in a quantifier of PCRE."""

MAX_LENGTH: Final = 32_764
"""The greatest length of a pattern that MongoDB takes, in bytes."""

SYNTAX: Final = frozenset(r'\^$.|?*+()[]{}')
SYNTAX_WITHIN: Final = frozenset(r'\^-[]')
CASELESS: Final = {'i': '\u0130\u0131', 'k': '\u212a', 's': '\u017f'}
"""What Python holds for the same as a letter where case is ignored, beside its two cases."""

BARE: Final = frozenset({r'\d', r'\w', r'\s', r'\p{Nd}'})
"""The classes that need no brackets."""

ASCII_CLASSES: Final = {'DIGIT': '0-9', 'WORD': 'A-Za-z0-9_', 'SPACE': r'\x20\t\n\r\f\x0b'}


class Dialect(NamedTuple):
    """How a dialect says what is not said alike in all.

    Attributes:
        end: The end of a text, also where a line break is the last character.
        classes: The classes of characters as they stand within brackets.
        has_atoms: Whether it has atomic groups and possessive quantifiers.
    """

    end: str
    classes: Mapping[str, str]
    has_atoms: bool


JSON: Final = Dialect('$', {'DIGIT': r'\d', 'WORD': r'\w', 'SPACE': r'\s'}, has_atoms=False)
"""What ECMAScript, which JSON Schema asks for, has in common with Python."""

PCRE: Final = Dialect(
    r'\z',
    {
        'DIGIT': r'\p{Nd}',
        'WORD': r'\p{L}\p{N}_',
        'SPACE': (
            r'\x09-\x0d\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}'
            r'\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}'
        ),
    },
    has_atoms=True,
)
"""MongoDB's, whose classes are those of ASCII unless they are spelt out."""


class Untranslatable(Exception):  # noqa: N818 - it never leaves this module
    """A dialect cannot say it."""


def anchored(pattern: re.Pattern[str], dialect: Dialect) -> str | None:
    r"""The pattern, in a dialect, of what is searched for and found at the start of a text.

    Args:
        pattern: What `match` is called on.
        dialect: JSON or PCRE.

    Returns:
        The pattern; None where the dialect has none that accepts the same texts.

    Example:
        >>> anchored(re.compile('(?i)no+'), JSON)
        '^[Nn][Oo]+'
        >>> anchored(re.compile(r'(.)\1'), JSON) is None
        True
    """
    try:
        # What `re` itself reads patterns with: it has no public name.
        parsed = importlib.import_module('re._parser').parse(pattern.pattern, pattern.flags)
        text = Writer(dialect).anchored(parsed, parsed.state.flags)
        return text if len(text.encode()) <= MAX_LENGTH else None
    except (Untranslatable, ImportError, AttributeError, UnicodeEncodeError):
        return None


class Writer:
    """Writes the nodes that Python's parser makes of a pattern.

    Args:
        dialect: What they are written in.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def anchored(self, nodes: Iterable[Any], flags: int) -> str:
        """The text of a whole pattern, which starts where the text does that is searched."""
        first, *rest = [*nodes, None]
        is_anchor = first is not None and self._is_start(first, flags)
        return '^' + self.sequence(rest[:-1] if is_anchor else nodes, flags)

    @staticmethod
    def _is_start(node: Any, flags: int) -> bool:
        is_line = str(node[1]) == 'AT_BEGINNING' and not flags & re.MULTILINE
        return is_line or str(node[1]) == 'AT_BEGINNING_STRING'

    def sequence(self, nodes: Iterable[Any], flags: int) -> str:
        """The text of nodes that follow each other."""
        return ''.join(self.node(str(kind), given, flags) for kind, given in nodes)

    def node(self, kind: str, given: Any, flags: int) -> str:
        """The text of one node."""
        write = getattr(self, f'_{kind.lower()}', None)
        if write is None:
            raise Untranslatable
        return str(write(given, flags))

    def _literal(self, code: int, flags: int) -> str:
        variants = same_letters(code, flags)
        return escaped(code, SYNTAX) if len(variants) == 1 else f'[{ranges(variants)}]'

    def _not_literal(self, code: int, flags: int) -> str:
        return f'[^{ranges(same_letters(code, flags))}]'

    def _any(self, _: Any, flags: int) -> str:
        return r'[\s\S]' if flags & re.DOTALL else '.'

    def _in(self, items: list[Any], flags: int) -> str:
        is_negated = str(items[0][0]) == 'NEGATE'
        within, opposites = '', []
        for kind, given in items[is_negated:]:
            name = str(given).removeprefix('CATEGORY_')
            if str(kind) != 'CATEGORY':
                within += ranges(codes_of(str(kind), given, flags))
            elif name.startswith('NOT_'):
                opposites.append(f'[^{self._class(name.removeprefix("NOT_"), flags)}]')
            else:
                within += self._class(name, flags)
        if not opposites and not is_negated and within in BARE:
            return within
        if not opposites:
            return f'[{"^" * is_negated}{within}]'
        choices = '|'.join([*opposites, *([f'[{within}]'] if within else [])])
        if is_negated:
            return rf'(?!{choices})[\s\S]'
        return choices if '|' not in choices else f'(?:{choices})'

    def _class(self, name: str, flags: int) -> str:
        return (ASCII_CLASSES if flags & re.ASCII else self._dialect.classes)[name]

    def _branch(self, given: tuple[Any, Any], flags: int) -> str:
        return f'(?:{"|".join(self.sequence(nodes, flags) for nodes in given[1])})'

    def _subpattern(self, given: tuple[Any, int, int, Any], flags: int) -> str:
        _, added, removed, nodes = given
        inner = self.sequence(nodes, (flags | added) & ~removed)
        is_group = len(nodes) == 1 and str(nodes[0][0]) == 'BRANCH'
        return inner if is_group else f'(?:{inner})'

    def _max_repeat(self, given: tuple[int, int, Any], flags: int) -> str:
        least, most, nodes = given
        return self._atom(nodes, flags) + quantifier(int(least), most)

    def _min_repeat(self, given: tuple[int, int, Any], flags: int) -> str:
        return f'{self._max_repeat(given, flags)}?'

    def _possessive_repeat(self, given: tuple[int, int, Any], flags: int) -> str:
        return self._only_with_atoms(f'{self._max_repeat(given, flags)}+')

    def _atomic_group(self, nodes: Any, flags: int) -> str:
        return self._only_with_atoms(f'(?>{self.sequence(nodes, flags)})')

    def _only_with_atoms(self, text: str) -> str:
        if not self._dialect.has_atoms:
            raise Untranslatable
        return text

    def _atom(self, nodes: Any, flags: int) -> str:
        kinds = [str(kind) for kind, _ in nodes]
        if len(kinds) == 1 and kinds[0] in {'AT', 'ASSERT', 'ASSERT_NOT'}:
            raise Untranslatable
        text = self.sequence(nodes, flags)
        is_one = kinds in (['LITERAL'], ['NOT_LITERAL'], ['ANY'], ['SUBPATTERN'], ['BRANCH'])
        is_class = kinds == ['IN'] and not text.startswith('(?!')
        return text if is_one or is_class else f'(?:{text})'

    def _assert(self, given: tuple[int, Any], flags: int) -> str:
        return f'(?{"<" * (given[0] < 0)}={self.sequence(given[1], flags)})'

    def _assert_not(self, given: tuple[int, Any], flags: int) -> str:
        return f'(?{"<" * (given[0] < 0)}!{self.sequence(given[1], flags)})'

    def _at(self, place: Any, flags: int) -> str:
        name, is_multiline = str(place), flags & re.MULTILINE
        if name == 'AT_BOUNDARY':
            word = f'[{self._class("WORD", flags)}]'
            return f'(?:(?<={word})(?!{word})|(?<!{word})(?={word}))'
        places = {
            'AT_BEGINNING': r'(?:^|(?<=\n))' if is_multiline else '^',
            'AT_BEGINNING_STRING': '^',
            'AT_END': rf'(?=\n|{self._dialect.end})' if is_multiline else '$',
            'AT_END_STRING': self._dialect.end,
        }
        if name not in places:
            raise Untranslatable
        return places[name]


def quantifier(least: int, most: Any) -> str:
    """How often something comes."""
    is_endless = str(most) == 'MAXREPEAT'
    if least > MAX_REPEAT or (not is_endless and most > MAX_REPEAT):
        raise Untranslatable
    if is_endless:
        return {0: '*', 1: '+'}.get(least, f'{{{least},}}')
    if (least, most) == (0, 1):
        return '?'
    return f'{{{least}}}' if least == most else f'{{{least},{most}}}'


def codes_of(kind: str, given: Any, flags: int) -> set[int]:
    """The characters of an item within brackets."""
    low, high = (given, given) if kind == 'LITERAL' else given
    codes = set(range(low, high + 1))
    if flags & re.IGNORECASE:
        codes.update(*(same_letters(code, flags) for code in sorted(codes)))
    return codes


def same_letters(code: int, flags: int) -> set[int]:
    """The characters that stand for one: itself, unless case is ignored."""
    letter = chr(code)
    if not flags & re.IGNORECASE or (flags & re.ASCII and not letter.isascii()):
        return {code}
    if not letter.isascii() and letter.lower() + letter.upper() != letter * 2:
        raise Untranslatable
    others = '' if flags & re.ASCII else CASELESS.get(letter.lower(), '')
    return set(map(ord, letter.lower() + letter.upper() + others))


def ranges(codes: set[int]) -> str:
    """Characters as they stand within brackets."""
    parts = []
    for low, high in runs(sorted(codes)):
        start, end = escaped(low, SYNTAX_WITHIN), escaped(high, SYNTAX_WITHIN)
        parts.append(start if low == high else f'{start}{"-" * (high - low > 1)}{end}')
    return ''.join(parts)


def runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of numbers that follow each other without a gap."""
    low = high = -2
    for code in codes:
        if code != high + 1:
            if low >= 0:
                yield low, high
            low = code
        high = code
    yield low, high


def escaped(code: int, syntax: frozenset[str]) -> str:
    """A character that stands for itself."""
    letter = chr(code)
    if 0xD800 <= code <= 0xDFFF:
        raise Untranslatable
    if letter in syntax:
        return f'\\{letter}'
    return letter if code >= 0x20 and code != 0x7F else f'\\x{code:02x}'
