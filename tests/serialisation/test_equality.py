"""When documents are equal, and what their hashes are."""

import itertools
from decimal import Decimal

import pytest
from bson import ObjectId

from aiomongodel import (
    AnyField,
    ComputedField,
    DecimalField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    RefField,
    StrField,
)

from .models import STORED, Node, Open, Owner, Place, Shop, loaded


def test_documents_are_equal_that_have_one_class_and_one_id():
    assert Shop(_id=1, name='a') == Shop(_id=1, name='b')
    assert Shop(_id=1) != Shop(_id=2)
    assert hash(Shop(_id=1)) == hash(Shop(_id=1, name='b'))
    assert {Shop(_id=1), Shop(_id=1), Shop(_id=2)} == {Shop(_id=1), Shop(_id=2)}


def test_documents_of_another_class_are_not_equal():
    class Other(Shop):
        pass

    assert Other(_id=1) != Shop(_id=1)
    assert Shop(_id=1) != Other(_id=1)
    assert Shop(_id=1) != 1
    assert hash(Shop(_id=1)) != hash(Other(_id=1))
    assert Place() != Node()
    assert Place() != {}


@pytest.mark.parametrize('keywords', [{}, {'_id': None}, {'_empty': True}])
def test_a_document_without_an_id_is_equal_to_itself_alone_and_has_no_hash(keywords):
    shop = Shop(**keywords)
    assert shop == shop
    assert shop != Shop(**keywords)
    assert shop != Shop(_id=1)
    with pytest.raises(TypeError, match='Shop without an _id has no hash; give it one'):
        hash(shop)


def test_a_document_of_a_class_without_an_id_is_equal_to_itself_alone():
    document = Document()
    assert document == document
    assert document != Document()


def test_documents_are_found_in_lists_by_their_id():
    shops = [Shop(_id=1), Shop(_id=2)]
    assert shops.index(loaded()) == 0
    assert loaded() in shops
    assert Shop(_id=3) not in shops


def test_embedded_documents_are_equal_that_hold_equal_values():
    assert Place(lat='1.50') == Place(lat=Decimal('1.5'))
    assert Place(lat=1) != Place(lat=2)
    assert Place(lat=1) != Place(lat=1, name='x')
    assert Place(name=None) != Place()


def test_an_unread_value_is_equal_to_a_read_one():
    place = Place.from_mongo(STORED['place'])
    assert place == Place(lat='50.4', name='Kyiv')
    assert Place(lat='50.4', name='Kyiv') == Place.from_mongo(STORED['place'])
    assert loaded().places == [Place(name='Lviv')]
    assert Node.from_mongo({'left': {'nodes': [{}]}}) == Node(left={'nodes': [Node()]})


def test_an_embedded_document_has_no_hash():
    with pytest.raises(TypeError, match="unhashable type: 'Place'"):
        hash(Place())


def test_embedded_documents_that_hold_themselves_are_compared():
    def ring(anything=None):
        node = Node(anything=anything)
        node.left, node.nodes = node, [node, node]
        return node

    assert ring() == ring()
    assert ring(1) != ring(2)
    assert ring() != Node(left=Node())
    assert ring() == ring()  # nothing is left of the comparisons before


def test_documents_whose_ids_are_in_a_ring_are_compared():
    class Ring(Document):
        _id = RefField(lambda: Ring)

    one, other = Ring(_id=None), Ring(_id=None)
    one._id, other._id = other, one
    assert one == one
    assert one != other
    with pytest.raises(TypeError, match='Ring without an _id has no hash'):
        hash(one)


def test_what_is_kept_beside_the_fields_counts():
    class Pair(EmbeddedDocument):
        a = IntField()

        class Meta:
            extra = 'keep'

    assert Pair.from_mongo({'a': 1, 'b': 2}) == Pair.from_mongo({'b': 2, 'a': 1})
    assert Pair.from_mongo({'a': 1, 'b': 2}) != Pair.from_mongo({'a': 1})
    assert Pair.from_mongo({'a': 1}) == Pair(a=1)
    assert Open.from_mongo({'_id': ObjectId('0' * 24), 'b': 2}) == Open(_id='0' * 24)


def test_computed_values_do_not_count():
    class Pair(EmbeddedDocument):
        a = IntField()
        made = ComputedField(lambda pair: next(NUMBERS), IntField())

    assert Pair(a=1) == Pair(a=1)
    assert Pair(a=1) != Pair(a=2)


NUMBERS = itertools.count()

IDS = [
    (ListField(AnyField()), [1, [2]], [1, [2]]),
    (EmbDocField(Place), {'lat': '1.5'}, Place(lat='1.50')),
    (AnyField(), {'a': 1, 'b': [{}]}, {'b': [{}], 'a': 1}),
    (DecimalField(), '1.5', Decimal('1.50')),
    (RefField(Owner), Owner(_id='a'), 'a'),
    (RefField(Owner), Owner(_id='a'), Owner(_id='a')),
]


@pytest.mark.parametrize(('field', 'one', 'other'), IDS)
def test_an_id_of_any_kind_counts_by_its_value(field, one, other):
    Sample = type('Sample', (Document,), {'_id': field})
    assert Sample(_id=one) == Sample(_id=other)
    assert hash(Sample(_id=one)) == hash(Sample(_id=other))
    assert Sample.from_mongo(Sample(_id=one).to_mongo()) == Sample(_id=other)
    assert hash(Sample.from_mongo(Sample(_id=one).to_mongo())) == hash(Sample(_id=other))


def test_an_id_that_has_no_hash_gives_the_document_none():
    class Sample(Document):
        _id = AnyField()

    with pytest.raises(TypeError, match='unhashable'):
        hash(Sample(_id={'a': bytearray()}))


class Caseless:
    def __eq__(self, other):
        return self.name.lower() == other.name.lower()

    def __hash__(self):
        return hash(self.name.lower())

    def __repr__(self):
        return self.name


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
@pytest.mark.parametrize('is_first', [True, False])
def test_methods_of_a_users_mixin_win(base, is_first):
    bases = (Caseless, base) if is_first else (base, Caseless)
    Sample = type('Sample', bases, {'name': StrField()})
    Child = type('Child', (Sample,), {})
    for kind in (Sample, Child):
        assert kind(name='A') == kind(name='a')
        assert hash(kind(name='A')) == hash(kind(name='a'))
        assert repr(kind(name='A')) == 'A'


def test_methods_of_a_mixin_win_in_a_class_without_fields():
    class Same:
        def __eq__(self, other):
            return True

        __hash__ = None

    Sample = type('Sample', (EmbeddedDocument, Same), {})
    assert Sample() == 5


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_methods_of_a_users_class_win(base):
    Sample = type('Sample', (base,), {'name': StrField(), **methods_of(Caseless)})
    assert Sample(name='A') == Sample(name='a')
    assert {Sample(name='A'), Sample(name='a')} == {Sample(name='a')}


def methods_of(cls):
    return {name: vars(cls)[name] for name in ('__eq__', '__hash__')}


def test_documents_of_an_abstract_class_are_equal_by_their_ids_too():
    class Named(Document):
        _id = IntField()

        class Meta:
            abstract = True

    assert Named(_id=1) == Named(_id=1)
    assert Named(_id=1) != Named(_id=2)
    assert {Named(_id=1), Named(_id=1)} == {Named(_id=1)}
