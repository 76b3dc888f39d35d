"""The patterns of SQL's LIKE as regular expressions."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

PARTS: Final = re.compile(
    r'\\(?P<escaped>.)|(?P<any>%)|(?P<one>_)|(?P<text>[^\\%_]+|\\)', re.DOTALL
)

ABSOLUTE_END: Final = r'$(?!\n)'
"""Of a text, in every dialect: a mere $ matches before a line's end at the end too."""


class LikeRegex(NamedTuple):
    """The regular expression of a pattern.

    Attributes:
        text: The expression.
        has_dots: Whether it has dots, which must match the end of a line too.
    """

    text: str
    has_dots: bool


def like_regex(pattern: str) -> LikeRegex:
    """The regular expression of a pattern, which a text is tried by in linear time.

    Text before the first wildcard stays a prefix, which an index serves. Of the places where the
    text between two wildcards is found the first is as good as any, so an atomic group keeps it:
    to try the others too, `%a%a%a%` would take time beyond all measure.
    """
    has_dots = any(part['one'] for part in PARTS.finditer(pattern))
    head, *rest = segments(pattern)
    if not rest:
        return LikeRegex(f'^{head}{ABSOLUTE_END}', has_dots)
    *inner, tail = rest
    inner, end = [each for each in inner if each], f'{tail}{ABSOLUTE_END}' if tail else ''
    start = f'^{head}' if head else ''
    if not head and len(inner) + bool(end) < 2:
        return LikeRegex(inner[0] if inner else end, has_dots)
    if not inner and not end:
        return LikeRegex(start, has_dots)
    middle = ''.join(f'(?>.*?{each})' for each in inner)
    return LikeRegex(f'^{head}{middle}{f".*{end}" if end else ""}', True)


def segments(pattern: str) -> list[str]:
    """The regular expressions of what stands between the `%` of a pattern."""
    found = ['']
    for each in PARTS.finditer(pattern):
        if each['any']:
            found.append('')
        else:
            found[-1] += '.' if each['one'] else re.escape(each['escaped'] or each['text'])
    return found
