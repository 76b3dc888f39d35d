"""What `repr` shows of a document."""

import collections
import time
from decimal import Decimal

import pytest

from aiomongodel import AnyField, Document, EmbeddedDocument, IntField, ListField, StrField

from .models import Node, Open, Owner, Place, Shop, loaded

BASES = [Document, EmbeddedDocument]


def test_the_id_comes_first_and_fields_follow_in_order():
    shop = Shop(name='Ann', _id=7, price='1.50', owner=Owner(_id='ann'))
    assert repr(shop) == ("Shop(_id=7, name='Ann', price=Decimal('1.50'), owner=Owner(_id='ann'))")
    assert repr(Place(lat=1)) == "Place(lat=Decimal('1'))"
    assert repr(Shop(_empty=True)) == 'Shop()'
    assert str(Place()) == f'{Place()}' == 'Place()'


def test_an_unread_value_stays_unread():
    shop = loaded()
    before = dict(vars(shop))
    assert repr(shop) == (
        "Shop(_id=1, name='Shop', price=Decimal128('1.50'), place=…, places=…, tags=['a'])"
    )
    assert vars(shop) == before
    assert shop.price == Decimal('1.50')
    assert shop.place == Place(lat='50.4', name='Kyiv')
    assert "price=Decimal('1.50'), place=Place(lat=Decimal('50.4'), name='Kyiv')" in repr(shop)


SECRETS = [
    *['password', 'password_hash', 'PassWord', 'passwd', 'pwd', 'passphrase', 'secret'],
    *['client_secret', 'token', 'access_token', 'api_key', 'apikey', 'private_key', 'credentials'],
]


@pytest.mark.parametrize('base', BASES)
@pytest.mark.parametrize('name', SECRETS)
def test_a_secret_is_not_shown(base, name):
    Sample = type('Sample', (base,), {name: StrField(), 'kept': AnyField(required=False)})
    named = type('Named', (base,), {'field': StrField(mongo_name=name)})
    for sample in (Sample(**{name: 'hunter2'}), Sample.from_mongo({name: 'hunter2'})):
        assert f'{name}=…' in repr(sample)
        assert 'hunter2' not in repr([sample])
    assert 'field=…' in repr(named(field='hunter2'))
    renamed = type('Renamed', (base,), {name: StrField(mongo_name='x')})
    assert f'{name}=…' in repr(renamed(**{name: 'hunter2'}))
    assert repr(Sample(kept={name: 'hunter2'})).endswith(f"kept={{'{name}': …}})")
    assert 'hunter2' not in repr(Sample(kept={'a': [{name: 'hunter2'}]}))


class Hostile:
    def __repr__(self):
        raise RuntimeError('no')


class Liar(dict):
    def items(self):
        raise RuntimeError('no')


HUGE = [
    *['x' * 10**7, b'x' * 10**7, bytearray(10**7), 10**5000, list(range(10**6)), set(range(10**5))],
    *[{str(number): number for number in range(10**5)}, collections.OrderedDict.fromkeys('x' * 99)],
    *[collections.deque(range(10**5)), Hostile(), [Hostile()], Liar(a=1), {'a': Hostile()}],
    *[{'x' * 1000: 1}, [[[[[[['x' * 100] * 9] * 9] * 9] * 9] * 9] * 9], object, float('nan')],
]


@pytest.mark.parametrize('base', BASES)
@pytest.mark.parametrize('value', HUGE, ids=lambda value: type(value).__name__)
def test_it_is_short_and_quick_whatever_there_is(base, value):
    Sample = type('Sample', (base,), {f'field_{number}': AnyField() for number in range(50)})
    sample = Sample(**dict.fromkeys(Sample.meta.fields, value))
    start = time.perf_counter()
    assert len(repr(sample)) < 600
    assert time.perf_counter() - start < 1
    assert repr(sample).startswith('Sample(')
    assert repr(sample).endswith('…)')


class Box:
    def __init__(self, given):
        self.given = given

    def __repr__(self):
        return ''.join(map(repr, self.given))


WRAPS = [list, tuple, collections.deque, lambda given: {'x': given[0]}, Box]


@pytest.mark.parametrize('wrap', WRAPS)
def test_a_document_that_holds_itself_is_shown(wrap):
    node = Node()
    node.left, node.nodes, node.anything = node, [node, node], wrap([node, node])
    start = time.perf_counter()
    assert repr(node).startswith('Node(left=Node(left=')
    assert len(repr(node)) < 600
    assert time.perf_counter() - start < 1


def test_what_lies_deep_or_is_long_is_cut():
    deep = Node(left=Node(left=Node(left=Node(left=Node()))))
    assert repr(deep) == 'Node(left=Node(left=Node(left=Node(…))))'
    assert repr(Node(anything=['x' * 50] * 9)) == f"Node(anything=['{'x' * 50}', '{'x' * 43}…)"
    assert repr(Node(anything={'a': {'b': {'c': 1}}})) == "Node(anything={'a': {'b': {…}}})"


def test_a_value_of_its_own_repr_is_shown_by_it():
    class Own(EmbeddedDocument):
        a = IntField()

        def __repr__(self):
            return f'own {self.a}'

    Sample = type('Sample', (EmbeddedDocument,), {'one': AnyField(), 'list': ListField(AnyField())})
    assert repr(Sample(one=Own(a=1), list=[Own(a=2)])) == 'Sample(one=own 1, list=[own 2])'


def test_other_attributes_and_what_is_kept_are_not_shown():
    document = Open.from_mongo({'_id': 1, 'n': 'a', 'other': 'x'})
    document.note = 'mine'
    assert repr(document) == "Open(_id=1, name='a')"
