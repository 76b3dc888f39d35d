"""Copies hold the data, and what is done to them does not show in the original."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .helpers import data_of, messages_of, plain, shared
from .models import Everything, Key, Node
from .strategies import DECIMALS, GARBAGE, IDS, INTS, KEYS, WORDS, some_of

NODES = st.recursive(
    st.builds(Node, number=INTS),
    lambda inner: st.builds(Node, left=inner, nodes=st.lists(inner, max_size=2)),
    max_leaves=4,
)
DOCUMENTS = st.builds(
    Everything,
    a_str=WORDS,
    an_int=INTS,
    a_decimal=DECIMALS,
    a_list=st.lists(INTS),
    lists=st.lists(st.lists(DECIMALS, max_size=2), max_size=2),
    anything=st.dictionaries(WORDS, st.lists(INTS), max_size=2),
    key=KEYS,
    keys=st.lists(KEYS, max_size=2),
    node=NODES,
    by_str=IDS[0][1],
    by_key=KEYS,
)


@st.composite
def originals(draw):
    """Give documents that are new, or loaded and read in part."""
    document = draw(DOCUMENTS)
    if draw(st.booleans()):
        return document
    loaded = Everything.from_mongo(document.to_mongo())
    for name in draw(some_of(Everything)):
        getattr(loaded, name)
    return loaded


def pickled(document):
    return pickle.loads(pickle.dumps(document))


def pickled_in_the_first_protocol_that_can(document):
    return pickle.loads(pickle.dumps(document, 2))


DEEP = [copy.deepcopy, pickled, pickled_in_the_first_protocol_that_can]


@pytest.mark.parametrize('copied', [copy.copy, *DEEP])
@given(original=originals())
def test_a_copy_holds_the_same_data(copied, original):
    twin = copied(original)
    assert type(twin) is Everything
    assert plain(twin.to_mongo()) == plain(original.to_mongo())
    assert data_of(twin) == data_of(original)
    assert messages_of(twin) == messages_of(original)


@pytest.mark.parametrize('copied', [copy.copy, *DEEP])
@given(original=originals(), name=st.sampled_from(list(Everything.meta.fields)), value=GARBAGE)
def test_assigning_and_reading_a_copy_leaves_the_original_alone(copied, original, name, value):
    before = plain(original.to_mongo()), set(vars(original))
    twin = copied(original)
    setattr(twin, name, value)
    twin.to_data()
    delattr(twin, '_id')
    assert (plain(original.to_mongo()), set(vars(original))) == before


@given(original=originals(), name=st.sampled_from(list(Everything.meta.fields)), value=GARBAGE)
def test_assigning_and_reading_the_original_leaves_a_copy_alone(original, name, value):
    twin = copy.copy(original)
    before = plain(twin.to_mongo())
    original.to_data()
    setattr(original, name, value)
    assert plain(twin.to_mongo()) == before


@pytest.mark.parametrize('copied', DEEP)
@given(original=originals())
def test_a_deep_copy_shares_no_list_dict_or_document(copied, original):
    twin = copied(original)
    assert shared(original, twin) == []
    before = data_of(original)
    twin.key.number = twin.node.number = 12345
    twin.lists.append([])
    twin.keys.append(Key())
    assert data_of(original) == before


@pytest.mark.parametrize('copied', [copy.copy, *DEEP])
@pytest.mark.parametrize('partial', [True, False])
def test_a_copy_knows_whether_it_is_partial(copied, partial):
    document = Everything.from_mongo({'a_str': 'x'})
    if partial:
        Everything.meta.codec.marked_partial(document)
    assert copied(document).is_partial is partial


@pytest.mark.parametrize('copied', [copy.copy, *DEEP])
def test_a_copy_keeps_attributes_that_are_no_fields(copied):
    original = Node(number=1)
    original.note = 'mine'
    assert copied(original).note == 'mine'


@pytest.mark.parametrize('copied', DEEP)
def test_a_deep_copy_of_a_document_that_holds_itself_holds_itself(copied):
    node = Node()
    node.left = node
    twin = copied(node)
    assert twin.left is twin
    assert twin is not node
