"""One adapter per system: how its models are made, and what its own cursor calls per document."""

from __future__ import annotations

import importlib
from typing import Final, NamedTuple

from benchmarks.systems.base import System


class Entry(NamedTuple):
    """Where a system is found.

    Attributes:
        title: Its name in the results.
        adapter: The module and the class of its adapter.
        group: The requirements file that pins its packages; None for ours.
        requirement: The package that is installed.
        instead: What is installed in place of the packages that it asks for.
    """

    title: str
    adapter: tuple[str, str]
    group: str | None = None
    requirement: str = ''
    instead: tuple[str, ...] = ()

    def load(self) -> type[System]:
        """The adapter, which imports the system's packages."""
        module, name = self.adapter
        found: type[System] = getattr(importlib.import_module(f'{__name__}.{module}'), name)
        return found


OURS: Final = 'aiomongodel'
PYDANTIC: Final = 'pydantic'

ENTRIES: Final = {
    entry.title: entry
    for entry in (
        Entry(OURS, ('ours', 'Ours')),
        Entry('msgspec', ('peers.with_msgspec', 'Msgspec'), 'peers', 'msgspec'),
        Entry(PYDANTIC, ('peers.with_pydantic', 'Pydantic'), 'peers', 'pydantic'),
        Entry('LightODM', ('peers.lightodm', 'LightODM'), 'peers', 'lightodm'),
        Entry('Beanie', ('peers.beanie', 'Beanie'), 'peers', 'beanie'),
        Entry('ODMantic', ('peers.odmantic', 'ODMantic'), 'peers', 'odmantic'),
        Entry('MongoEngine', ('peers.mongoengine', 'MongoEngine'), 'peers', 'mongoengine'),
        Entry('umongo', ('peers.umongo', 'UMongo'), 'peers', 'umongo'),
        Entry('aiomongodel 0.2.1', ('published', 'Published'), 'published', 'aiomongodel'),
        # PyMongo 3 encodes many times as slowly, so that ratios to it flatter. This is no
        # combination that pip would install, but the others' ratios are to this driver.
        Entry(
            'aiomongodel 0.2.1 on PyMongo 4',
            ('published', 'Published'),
            'peers',
            'aiomongodel',
            ('motor', 'pymongo'),
        ),
    )
}
