"""Names: any text names a field, and compound names join at any depth."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import EmbeddedDocument, Field, IntField

from .helpers import messages_of
from .strategies import ODD_NAMES, cases

MORE_NAMES = [
    '{brace}',
    '{}',
    '{0}',
    '%(x)s',
    "'''",
    '"""',
    '\\',
    '\\n',
    '\t',
    '\r\n',
    '#',
    '\u2028',
]


def nested_names(field, depth=3):
    """Give the paths below a field, with the mongo names that they stand for."""
    inner = getattr(field, 'document_class', None)
    if inner is None or depth == 0:
        return
    for name, nested in inner.meta.fields.items():
        yield [name], [nested.mongo_name]
        for names, stored in nested_names(nested, depth - 1):
            yield [name, *names], [nested.mongo_name, *stored]


def is_hidden(name):
    """Whether an attribute of fields hides a field of this name."""
    return name.startswith('__') or hasattr(Field, name) or name in vars(IntField())


@pytest.mark.parametrize('name', [*ODD_NAMES, *MORE_NAMES])
def test_a_field_may_have_any_name(name):
    model = type('Model', (EmbeddedDocument,), {name: IntField(default=3, lt=5, mongo_name='m')})
    document = model.from_data({name: '4'})
    assert messages_of(document) is None
    assert document.to_mongo() == {'m': 4}
    assert getattr(model.from_mongo({'m': 4, name: 1}), name) == 4
    assert messages_of(model(**{name: 5})) == {name: 'value should be less than 5'}
    assert getattr(model(), name) == 3


@pytest.mark.parametrize('name', [*ODD_NAMES, *MORE_NAMES])
def test_a_field_may_be_stored_under_any_name_without_dot(name):
    model = type('Model', (EmbeddedDocument,), {'value': IntField(mongo_name=name)})
    assert model.value.s == name
    assert model(value=1).to_mongo() == {name: 1}
    assert model.from_mongo({name: 1, 'x': 2}).value == 1


@st.composite
def paths(draw):
    """Give fields, with the names below them, and with those that they are stored under."""
    model = draw(cases(depth=3)).model
    fields = model.meta.fields.values()
    return [(field, *path) for field in fields for path in [([], []), *nested_names(field)]]


def below(field, names):
    for name in names:
        field = field[field.document_class.meta.fields[name]]
    return field


@given(paths())
def test_a_compound_name_joins_the_mongo_names(paths):
    for field, names, stored in paths:
        assert below(field, names).s == '.'.join([field.s, *stored])


@given(paths())
def test_a_compound_name_is_written_with_attributes(paths):
    for field, names, stored in paths:
        if not any(map(is_hidden, names)):
            assert functools.reduce(getattr, names, field).s == '.'.join([field.s, *stored])


@given(paths())
def test_a_wrong_name_is_an_attribute_error_at_any_depth(paths):
    for field, names, _ in paths:
        with pytest.raises(AttributeError, match='wrong'):
            _ = below(field, names).wrong
