"""How a refusal is read."""

import contextlib

import pytest

from aiomongodel import EmbeddedDocument


@contextlib.contextmanager
def refused(kind, *words):
    """Expect an error of exactly this kind, whose text, notes included, has each of the words."""
    with pytest.raises(kind) as caught:
        yield caught
    assert caught.type is kind
    text = '\n'.join([str(caught.value), *getattr(caught.value, '__notes__', [])])
    assert [word for word in words if word not in text] == [], text
    assert len(text) < 1_000


def model_of(base=EmbeddedDocument, /, **fields):
    return type('Sample', (base,), fields)
