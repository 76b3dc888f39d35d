"""`populate_with_data` sets all or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import EmbDocField, EmbeddedDocument, Field, IntField

from .helpers import data_of
from .strategies import GARBAGE, cases


@given(st.data())
def test_a_wrong_name_anywhere_sets_nothing(data):
    case = data.draw(cases())
    document = data.draw(case.documents())
    before = data_of(document)
    names = [*case.model.meta.fields, 'no such field']
    values = {name: data.draw(GARBAGE) for name in data.draw(st.permutations(names))}
    with pytest.raises(AttributeError, match='no such field'):
        document.populate_with_data(values)
    assert data_of(document) == before


class Failing(Field):
    def from_data(self, value):
        raise LookupError('no conversion')


@pytest.mark.parametrize(
    ('field', 'error'), [(Failing(), LookupError), (EmbDocField('no.such.Class'), ImportError)]
)
def test_a_conversion_that_fails_sets_nothing(field, error):
    model = type('Model', (EmbeddedDocument,), {'number': IntField(), 'value': field})
    document = model.from_mongo({'number': 1})
    with pytest.raises(error):
        document.populate_with_data({'number': 2, 'value': {}})
    assert dict(document.to_data()) == {'number': 1}
