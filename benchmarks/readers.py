"""Functions that read values of documents: source code per shape, as a user would write it.

A loop over names would cost more than the reading, and would not let the interpreter specialise
each access as it does in a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.documents import Kind, Path, Shape, Spec
from benchmarks.systems.base import Side

Reader = Callable[[Any], None]

UNROLLED = 20
"""The accesses of one call of a getter or setter, so that the call itself weighs little."""


def whole_reader(side: Side) -> Reader:
    """Read each value of a document, and each item of its lists."""
    return compiled('def function(document):', reading(side, side.shape, 'document', 1))


def path_reader(side: Side, paths: Sequence[Path]) -> Callable[[Any], tuple[Any, ...]]:
    """Read the values at some paths, and give them."""
    values = ', '.join(path_source(side, path) for path in paths)
    return compiled('def function(document):', [f'    return ({values},)'])


def getter(side: Side, names: Sequence[str]) -> Reader:
    """Read some fields, again and again."""
    reads = [f'    {path_source(side, (name,))}' for name in names]
    return compiled('def function(document):', reads * (UNROLLED // len(names)))


def setter(side: Side, name: str) -> Callable[[Any, Any], None]:
    """Set a field, again and again."""
    target = side.set_source('document', name)
    return compiled('def function(document, value):', [f'    {target} = value'] * UNROLLED)


def change(side: Side, name: str) -> Callable[[Any, Any], None]:
    """Set a field once."""
    target = side.set_source('document', name)
    return compiled('def function(document, value):', [f'    {target} = value'])


def path_source(side: Side, path: Path) -> str:
    """The expression of a value at a path."""
    source = 'document'
    for part in path:
        source = side.item_source(source, part)
    return source


def reading(side: Side, shape: Shape, owner: str, depth: int) -> Iterator[str]:
    """The lines that read the documents of a shape."""
    for spec in shape.fields:
        yield from reading_field(side, spec, owner, depth)


def reading_field(side: Side, spec: Spec, owner: str, depth: int) -> Iterator[str]:
    """The lines that read a field: also what is in its list, or in its document."""
    indent = '    ' * depth
    value = side.value_source(owner, spec)
    inner = f'{owner}_{spec.name}'
    # Deep chains of documents do not indent: Python allows a hundred levels.
    deeper = depth + 1 if spec.many else depth
    if spec.many:
        yield f'{indent}for {inner} in {value}:'
        if spec.kind is not Kind.DOCUMENT:
            yield f'{indent}    pass'
    elif spec.kind is Kind.DOCUMENT:
        yield f'{indent}{inner} = {value}'
    else:
        yield f'{indent}{value}'
    if spec.kind is Kind.DOCUMENT:
        yield from reading(side, spec.inner, inner, deeper)


def compiled(head: str, lines: Iterator[str] | Sequence[str]) -> Callable[..., Any]:
    """The function of this source."""
    names: dict[str, Any] = {}
    exec('\n'.join([head, *lines]), names)  # noqa: S102  # written above, of names of ours
    found: Callable[..., Any] = names['function']
    return found
