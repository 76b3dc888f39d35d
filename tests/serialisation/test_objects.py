"""Documents in `copy`, `pickle`, `match` and `dir`."""

import copy
import pickle

import pytest

from aiomongodel import EmbeddedDocument, IntField

from .models import STORED, Node, Open, Place, Shop, Tracked, loaded

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
DEEP = [
    copy.deepcopy,
    *(
        lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol))
        for protocol in PROTOCOLS
    ),
]
DOCUMENTS = [
    *[loaded(), Shop(_id=1), Shop(_empty=True), Place(lat=1), Place(), Place(_empty=True)],
    *[Tracked.from_mongo({'_id': 1, 'name': 'a'}), Open.from_mongo({'_id': 1, 'other': [1]})],
    Shop.meta.codec.marked_partial(Shop.from_mongo({'_id': 1})),
]


@pytest.mark.parametrize('copied', [copy.copy, *DEEP])
@pytest.mark.parametrize('document', DOCUMENTS, ids=repr)
def test_a_copy_holds_what_the_document_holds(copied, document):
    before = dict(vars(document))
    twin = copied(document)
    assert type(twin) is type(document)
    assert vars(twin) == before
    assert vars(twin) is not vars(document)
    assert vars(document) == before
    assert twin.to_mongo() == document.to_mongo()


def test_a_copy_has_its_own_values_and_shares_what_is_within():
    shop = Shop(_id=1, name='a', place=Place(name='x'), tags=['a'])
    twin = copy.copy(shop)
    twin.name = 'b'
    twin.place.name = 'y'
    assert (shop.name, shop.place.name) == ('a', 'y')
    assert twin.tags is shop.tags


@pytest.mark.parametrize('copied', DEEP)
def test_a_deep_copy_shares_nothing_and_reads_nothing(copied):
    shop = loaded()
    shop.places[0].name = 'before'
    twin = copied(shop)
    assert '.place' in vars(twin)
    assert 'place' not in vars(twin)
    twin.places[0].name = twin.place.name = 'after'
    twin.tags.append('b')
    assert shop.places[0].name == 'before'
    assert shop.to_mongo()['tags'] == STORED['tags']
    assert shop.place.name == 'Kyiv'


@pytest.mark.parametrize('copied', DEEP)
def test_a_deep_copy_of_a_ring_is_a_ring(copied):
    node = Node(anything={'a': [1]})
    node.left, node.nodes = node, [node]
    twin = copied(node)
    assert twin.left is twin.nodes[0] is twin
    assert twin == node


@pytest.mark.parametrize('copied', DEEP)
def test_a_copy_knows_what_has_changed_in_it(copied):
    document = Tracked.from_mongo({'_id': 1, 'name': 'a', 'place': {'n': 'x'}})
    document.place.name = 'y'
    twin = copied(document)
    assert twin.changes() == {'$set': {'place.n': 'y'}}
    twin.revert()
    assert (twin.place.name, document.place.name) == ('x', 'y')


@pytest.mark.parametrize('copied', DEEP)
def test_what_is_kept_beside_the_fields_is_copied(copied):
    document = Open.from_mongo({'_id': 1, 'other': [1]})
    twin = copied(document)
    twin.extra['other'].append(2)
    assert document.extra['other'] == [1]
    assert twin.to_mongo() == {'_id': 1, 'other': [1, 2]}


def told(value):
    match value:
        case Shop(name='Ann', price=price):
            return price
        case Shop(place=Place(name=str() as name)):
            return name
        case Place(name=None):
            return 'nowhere'
    return None


def test_documents_are_matched_by_their_attributes():
    assert told(Shop(name='Ann', price='1.50')) == Shop(price='1.50').price
    assert told(loaded()) == 'Kyiv'
    assert told(Place()) == 'nowhere'
    assert told(Place(name='x')) is None
    assert told({'name': 'Ann'}) is None


def test_documents_are_matched_by_places_only_where_the_class_names_them():
    class Pair(EmbeddedDocument):
        __match_args__ = ('a', 'b')
        a = IntField()
        b = IntField()

    match Pair(a=1, b=2):
        case Pair(1, second):
            assert second == 2
    with pytest.raises(TypeError, match='accepts 0 positional sub-patterns'):
        matched_by_place(Place())


def matched_by_place(value):
    match value:
        case Place(first):
            return first


@pytest.mark.parametrize('document', [loaded(), Tracked.from_mongo({'_id': 1}), DOCUMENTS[-1]])
def test_dir_lists_fields_and_methods_and_nothing_of_ours(document):
    document.note = 'mine'
    names = dir(document)
    assert {'name', 'place', '_id', 'save', 'to_dict', 'note'} <= set(names)
    assert [name for name in names if '.' in name] == []
