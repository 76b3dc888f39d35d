"""Limits on the length of a value: of text, lists, sets and dicts."""

from __future__ import annotations

from aiomongodel import errors
from aiomongodel.fields.source import Branch, Names


def length_branches(
    value: str,
    names: Names,
    limits: tuple[int | None, int | None],
    messages: tuple[str, str] = (errors.TOO_SHORT, errors.TOO_LONG),
) -> list[Branch]:
    """The branches that refuse a value that is too short or too long.

    Args:
        value: The name of the value.
        names: The names of the generated source.
        limits: The least and the greatest length; None for none.
        messages: What is wrong with a value below the first, and above the second.
    """
    return [
        Branch(f'len({value}) {operator} {names.limit(limit)}', names.error(message, limit))
        for operator, limit, message in zip('<>', limits, messages, strict=True)
        if limit is not None
    ]


def length_rules(kind: str, limits: tuple[int | None, int | None]) -> dict[str, int]:
    """The limits, for a schema.

    Args:
        kind: Whose length it is in a schema: `'Length'` of text, `'Items'` of an array,
            `'Properties'` of an object.
        limits: The least and the greatest length; None for none.
    """
    found = zip((f'min{kind}', f'max{kind}'), limits, strict=True)
    return {name: limit for name, limit in found if limit is not None}
