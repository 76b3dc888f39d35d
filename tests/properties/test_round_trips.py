"""What is stored is what was there, whatever was read in between."""

import copy

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import EmbeddedDocument

from .helpers import data_of, messages_of, plain, salted, shared
from .strategies import JSON, ODD_NAMES, cases, some_of


def through_bson(data):
    return bson.decode(bson.encode(data))


def read(document, names):
    for name in names:
        getattr(document, name)


@given(st.data())
def test_the_documents_of_these_models_are_valid(data):
    document = data.draw(data.draw(cases()).documents())
    assert messages_of(document) is None


@pytest.mark.parametrize('wire', [dict, through_bson])
@given(st.data())
def test_a_document_comes_back_as_it_was_stored(wire, data):
    case = data.draw(cases())
    document = data.draw(case.documents())
    loaded = case.model.from_mongo(wire(document.to_mongo()))
    read(loaded, data.draw(some_of(case.model)))
    assert data_of(loaded) == data_of(document)
    assert messages_of(loaded) is None


@pytest.mark.parametrize('wire', [dict, through_bson])
@given(st.data())
def test_stored_data_stays_as_it_was_whatever_is_read(wire, data):
    case = data.draw(cases())
    stored = data.draw(case.documents()).to_mongo()
    loaded = case.model.from_mongo(wire(stored))
    for names in ([], data.draw(some_of(case.model)), case.model.meta.fields):
        read(loaded, names)
        assert plain(loaded.to_mongo()) == plain(stored)
        assert list(loaded.to_mongo()) == list(stored)


@given(st.data())
def test_what_a_cursor_loads_is_what_from_mongo_loads(data):
    case = data.draw(cases())
    stored = data.draw(case.documents()).to_mongo()
    loaded = case.model.meta.codec.loader(through_bson(stored))
    read(loaded, data.draw(some_of(case.model)))
    assert data_of(loaded) == data_of(case.model.from_mongo(stored))


@given(st.data())
def test_from_mongo_leaves_its_argument_alone(data):
    case = data.draw(cases())
    stored = data.draw(case.documents()).to_mongo()
    before = copy.deepcopy(stored)
    loaded = case.model.from_mongo(stored)
    assert shared(stored, loaded) == []
    loaded.to_data()
    assert shared(stored, loaded) == []
    assert plain(stored) == plain(before)


@given(st.data())
def test_keys_that_are_no_fields_are_ignored_at_any_depth(data):
    case = data.draw(cases())
    stored = data.draw(case.documents()).to_mongo()
    extra = data.draw(st.dictionaries(st.sampled_from(ODD_NAMES), JSON, min_size=1, max_size=5))
    loaded = case.model.from_mongo(salted(case.model, stored, extra))
    assert data_of(loaded) == data_of(case.model.from_mongo(stored))
    assert plain(loaded.to_mongo()) == plain(stored)


@given(st.data())
def test_a_document_is_made_again_of_its_own_data(data):
    case = data.draw(cases())
    document = data.draw(case.documents())
    again = case.model.from_data(document.to_data())
    assert data_of(again) == data_of(document) == data_of(case.model(**document.to_data()))


@given(st.data())
def test_assigning_field_by_field_in_any_order_gives_the_same_document(data):
    case = data.draw(cases())
    document = data.draw(case.documents())
    again = case.model(_empty=True)
    values = document.to_data()
    for name in data.draw(st.permutations(list(values))):
        setattr(again, name, values[name])
    assert plain(again.to_mongo()) == plain(document.to_mongo())
    assert list(again.to_mongo()) == list(document.to_mongo())


@given(st.data())
def test_a_field_that_is_deleted_is_neither_read_nor_stored(data):
    case = data.draw(cases())
    loaded = case.model.from_mongo(data.draw(case.documents()).to_mongo())
    name = data.draw(st.sampled_from(list(loaded.meta.fields)))
    read(loaded, data.draw(some_of(case.model)))
    if name in loaded.to_data():
        delattr(loaded, name)
    assert getattr(loaded, name) is None
    assert loaded.meta.fields[name].mongo_name not in loaded.to_mongo()


@pytest.mark.parametrize('names', [[], ['part', 'parts', 'lists']])
@pytest.mark.parametrize('change', ['part', 'parts', 'lists'])
def test_a_change_of_what_to_mongo_gave_is_no_change_of_the_document(names, change):
    from aiomongodel import EmbDocField, IntField, ListField

    class Part(EmbeddedDocument):
        number = IntField()

    class Whole(EmbeddedDocument):
        part = EmbDocField(Part)
        parts = ListField(EmbDocField(Part))
        lists = ListField(ListField(IntField()))

    stored = {'part': {'number': 1}, 'parts': [{'number': 2}], 'lists': [[3]]}
    loaded = Whole.from_mongo(stored)
    read(loaded, names)
    loaded.to_mongo()[change].clear()
    assert loaded.to_mongo() == stored


def test_attributes_that_init_sets_are_there_after_loading():
    from aiomongodel import IntField

    class Counter(EmbeddedDocument):
        count = IntField()

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.listeners = []

    assert Counter.from_mongo({'count': 1}).listeners == []
