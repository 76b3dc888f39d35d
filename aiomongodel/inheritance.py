"""What a class takes over from its bases besides fields: options, a family's collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiomongodel.polymorphism import bases_of, head_above
from aiomongodel.utils import shown, snake_case

OWN_ALONE: Final = frozenset({'abstract', 'discriminator_value'})
"""The options that a `class Meta` gives in its own body only, and not by its bases."""

NOT_INHERITED: Final = frozenset({*OWN_ALONE, 'collection'})
"""The options that `inherit_options` passes over: two classes would have one place, or one name."""


def options_of(declared: type | None) -> dict[str, Any]:
    """The options of a `class Meta`, and of the bases that it may have.

    Raises:
        ValueError: It is no class; or it gives what the document class sets itself.
    """
    if declared is None:
        return {}
    if not isinstance(declared, type):
        raise ValueError(f'Meta must be a class, not {shown(declared)}')
    names = [name for name in dir(declared) if not name.startswith('__')]
    for name in ('fields', 'fields_synonyms'):
        if name in names:
            raise ValueError(f'{name} is set by the class itself')
    own = vars(declared)
    return {name: getattr(declared, name) for name in names if name in own or name not in OWN_ALONE}


def with_inherited(cls: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a class: its own, and where it inherits them those of its bases.

    As an attribute would, each option comes from the first class in the order of the bases whose
    Meta gives it; `inherit_options` itself does so in any case.

    Args:
        cls: The class.
        given: The options that its own Meta gives.
    """
    bases = [base.meta.given for base in bases_of(cls)]
    giving = [each for each in (given, *bases) if 'inherit_options' in each]
    if not giving or not giving[0]['inherit_options']:
        return dict(given)
    inherited = {
        name: value
        for each in reversed(bases)
        for name, value in each.items()
        if name not in NOT_INHERITED
    }
    return {**inherited, **given}


def collection_of(cls: Any) -> str | None:
    """The name of a document class's collection; None for an abstract class.

    Raises:
        ValueError: The class names one, and is abstract, or shares that of its family.
    """
    meta, given = cls.meta, cls.meta.collection_name
    if meta.is_abstract:
        if given is not None:
            raise ValueError(
                f'collection {given!r} in {cls.__name__}.Meta: an abstract class has none; '
                'name it in the subclasses'
            )
        return None
    root = head_above(cls, meta)
    if root is None:
        return given or snake_case(cls.__name__)
    shared: str = root.meta.collection_name
    if given not in (None, shared):
        raise ValueError(
            f'collection {given!r} in {cls.__name__}.Meta: {cls.__name__} shares the collection '
            f'{shared!r} of {root.__name__}, by its discriminator; leave it out'
        )
    return shared
