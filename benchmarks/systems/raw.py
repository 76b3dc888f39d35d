"""The raw driver: the floor. Its documents are dicts."""

from __future__ import annotations

from benchmarks.documents import Kind, Spec
from benchmarks.systems.base import Side


class Raw(Side):
    """Dicts."""

    def value_source(self, owner: str, spec: Spec) -> str:
        """What an application writes; it wants a Decimal, as from the others."""
        if not spec.required:
            return f'{owner}.get({spec.name!r})'
        value = f'{owner}[{spec.name!r}]'
        return f'{value}.to_decimal()' if spec.kind is Kind.DECIMAL else value

    def item_source(self, owner: str, part: str | int) -> str:
        """The expression that reads a part of a path."""
        return f'{owner}[{part!r}]'
