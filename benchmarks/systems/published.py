"""aiomongodel 0.2.1, as it was published, by its documented functions."""

from __future__ import annotations

from benchmarks.systems.descriptors import Descriptors


class Published(Descriptors):
    """The documents of 0.2.1, which its cursors make by `from_mongo`."""

    packages = ('aiomongodel', 'motor', 'pymongo')
