"""`from_data` takes whatever it is given, and raises nothing."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import EmbeddedDocument, IntField, StrField

from .helpers import data_of, plain, within
from .hostile import HOSTILE
from .models import Everything, Node
from .strategies import GARBAGE, NAMES, cases

FIELDS = list(Everything.meta.fields)


def by_keyword(model, data):
    return model(**data)


def by_attribute(model, data):
    document = model(_empty=True)
    for name, value in data.items():
        setattr(document, name, value)
    return document


def by_populating(model, data):
    return model(_empty=True).populate_with_data(data)


def by_from_data(model, data):
    return model.from_data(data)


WAYS = [by_keyword, by_attribute, by_populating, by_from_data]


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('value', HOSTILE)
def test_a_field_takes_whatever_it_is_given(value, way):
    hostile = HOSTILE[value]()
    with within(20):
        for name in FIELDS:
            way(Everything, {name: hostile})


@pytest.mark.parametrize('name', FIELDS)
def test_what_cannot_be_converted_stays_the_same_object(name):
    value = HOSTILE['stubborn']()
    assert getattr(Everything(**{name: value}), name) is value


@given(st.data())
def test_random_fields_take_random_values(data):
    case = data.draw(cases())
    names = st.sampled_from(list(case.model.meta.fields)) | NAMES | st.integers() | st.none()
    given_data = data.draw(st.dictionaries(names, GARBAGE))
    case.model.from_data(given_data)


@given(st.data())
def test_every_way_of_setting_converts_alike(data):
    case = data.draw(cases())
    names = st.sampled_from(list(case.model.meta.fields))
    values = data.draw(st.dictionaries(names, GARBAGE))
    expected = {
        name: plain(case.model.meta.fields[name].from_data(values[name])) for name in values
    }
    for way in WAYS:
        document = way(case.model, copy.copy(values))
        assert {name: plain(getattr(document, name)) for name in values} == expected


@given(st.data())
def test_a_converted_value_is_converted_to_itself(data):
    case = data.draw(cases())
    values = data.draw(st.dictionaries(st.sampled_from(list(case.model.meta.fields)), GARBAGE))
    document = by_attribute(case.model, values)
    assert data_of(by_attribute(case.model, document.to_data())) == data_of(document)


@given(st.data())
def test_from_data_leaves_its_argument_alone(data):
    case = data.draw(cases())
    values = data.draw(st.dictionaries(st.sampled_from(list(case.model.meta.fields)), GARBAGE))
    before = plain(values)
    case.model.from_data(values)
    assert plain(values) == before


ODD_KEYS = ['_empty', 'self', 'cls', 'given', 'values', 'document', 'data', 'meta', '__dict__', '']


@pytest.mark.parametrize('key', [*ODD_KEYS, '_pending', 'validate', 1, None, (), 1.5, b'x'])
def test_a_key_that_is_no_field_is_ignored(key):
    class Item(EmbeddedDocument):
        name = StrField(default='x')

    assert dict(Item.from_data({key: 1, 'name': 'y'}).to_data()) == {'name': 'y'}


@pytest.mark.parametrize('name', ['self', 'cls', 'given', 'values', 'document', 'data', 'value'])
def test_a_field_may_be_named_like_an_argument(name):
    model = type('Model', (EmbeddedDocument,), {name: IntField()})
    for way in WAYS:
        assert dict(way(model, {name: '1'}).to_data()) == {name: 1}


SELF_CONTAINING = {
    'left': lambda data: {'left': data},
    'both': lambda data: {'left': data, 'right': data},
    'list': lambda data: {'nodes': [data]},
    'twice in a list': lambda data: {'nodes': [data, data]},
    'all': lambda data: {'left': data, 'right': data, 'nodes': [data] * 10},
}


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('shape', SELF_CONTAINING)
def test_a_dict_that_holds_itself_is_taken_at_once(shape, way):
    data = {'number': '1'}
    data.update(SELF_CONTAINING[shape](data))
    with within(20):
        assert way(Node, data).number == 1


@pytest.mark.parametrize('depth', [50, 300, 1_000, 10_000])
@pytest.mark.parametrize('shape', ['left', 'list'])
def test_a_deep_dict_is_taken(shape, depth):
    data = {'number': '1'}
    for _ in range(depth):
        data = SELF_CONTAINING[shape](data)
    with within(20):
        Node.from_data(data)


def test_what_mongodb_could_store_is_converted_to_its_depth():
    data = {'number': '1'}
    for _ in range(90):
        data = {'left': data}
    node = Node.from_data(data)
    for _ in range(90):
        node = node.left
    assert node.number == 1
