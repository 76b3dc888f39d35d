"""How a refusal of a filter is read."""

import pytest

from aiomongodel import domain
from aiomongodel.errors import DomainError

from .models import Hotel


def refusal(terms, **options):
    """Give the error for a filter of hotels; it says where, and is short."""
    with pytest.raises(DomainError) as caught:
        domain.to_query(Hotel, terms, **options)
    path, text = caught.value.path, str(caught.value)
    assert text.startswith(f'at term {path[0]}: ') if path else 'at term' not in text
    assert len(text) < 500
    return caught.value
