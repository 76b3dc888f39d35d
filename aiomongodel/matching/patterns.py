"""Regular expressions, searched for by Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from bson import Code
from bson.regex import Regex

from aiomongodel.errors import QueryError
from aiomongodel.matching.values import is_pattern, key_of, regex_of
from aiomongodel.utils import shown

ESCAPES: Final = re.compile(r'\\.', re.DOTALL)
PYTHON_ESCAPES: Final = {r'\Z': r'(?=\n?\Z)', r'\z': r'\Z', r'\h': r'[ \t]'}


def pattern(operand: Regex[Any] | re.Pattern[Any]) -> Callable[[Any], bool]:
    """What accepts a text in which a pattern is found, or the same pattern as a value."""
    search, wanted = searcher(regex_of(operand)), key_of(operand)

    def accepts(value: Any) -> bool:
        if isinstance(value, str) and not isinstance(value, Code):
            return search(value) is not None
        return is_pattern(value) and key_of(value) == wanted

    return accepts


def searcher(regex: Regex[str]) -> Callable[[str], Any]:
    """The search for a pattern by Python, whose escapes differ a little from the server's."""
    flags = regex.flags & ~re.UNICODE
    text = ESCAPES.sub(lambda found: PYTHON_ESCAPES.get(found[0], found[0]), regex.pattern)
    try:
        return re.compile(text, flags if flags & re.IGNORECASE else flags | re.ASCII).search
    except (re.error, ValueError, OverflowError) as error:
        raise QueryError(
            f'$regex takes a pattern that Python can read, not {shown(regex.pattern)} ({error}); '
            'ask the server'
        ) from error
