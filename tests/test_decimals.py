"""The short ways between Decimal and Decimal128 give what `bson` gives."""

import copy
import decimal
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import DecimalField, Document
from aiomongodel.fields.decimals import to_decimal, to_decimal128

LIMITS = ['0E-6176', '9' * 34 + 'E6111', '-' + '9' * 34 + 'E-6176', '1E6144', '-0', '0E6111']


class Item(Document):
    price = DecimalField()


def by_bson(value):
    try:
        return Decimal128(value).bid
    except (decimal.DecimalException, ValueError) as error:
        return type(error)


def by_us(value):
    try:
        return to_decimal128(value).bid
    except (decimal.DecimalException, ValueError) as error:
        return type(error)


@given(st.decimals() | st.sampled_from(LIMITS).map(Decimal))
def test_a_decimal_is_stored_as_bson_stores_it(value):
    assert by_us(value) == by_bson(value)


@pytest.mark.parametrize('value', [*LIMITS, '1' * 35, '1E6145', '1E-6177', '1E99999', 'NaN12'])
def test_a_decimal_at_the_limits_is_stored_as_bson_stores_it(value):
    assert by_us(Decimal(value)) == by_bson(Decimal(value))


@given(st.binary(min_size=16, max_size=16))
def test_any_sixteen_bytes_are_read_as_bson_reads_them(bid):
    stored = Decimal128.from_bid(bid)
    bits = int.from_bytes(bid, 'little')
    exponent, coefficient = bits >> 113 & 0x3FFF, bits & (1 << 113) - 1
    if exponent < 0x3000 and coefficient >= 10**34:  # 0 by the specification, not in each bson
        expected = Decimal((bits >> 127, (0,), exponent - 6176))
    else:
        expected = stored.to_decimal()
    assert repr(to_decimal(stored)) == repr(expected)


class Rounded(DecimalField):
    def to_mongo(self, value):
        return super().to_mongo(round(value, 2))


def test_a_conversion_of_ones_own_is_not_passed_by():
    item = type('Item', (Document,), {'price': Rounded()}).from_mongo(
        {'price': Decimal128('1.239')}
    )
    assert item.price == Decimal('1.239')
    assert item.to_mongo() == {'price': Decimal128('1.24')}


@pytest.mark.parametrize('stored', [0.5, '0.5'])
def test_a_number_that_was_stored_as_another_type_is_dumped_as_a_decimal(stored):
    item = Item.from_mongo({'price': stored})
    assert item.price == Decimal('0.5')
    assert item.to_mongo() == {'price': Decimal128('0.5')}


@pytest.mark.parametrize(
    'travel',
    [lambda item: item, copy.copy, copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))],
)
def test_a_decimal_that_was_read_is_dumped_as_it_was_stored(travel):
    stored = {'price': Decimal128('1.50'), '_id': Item().to_mongo()['_id']}
    item = Item.from_mongo(stored)
    assert item.price == Decimal('1.50')
    assert travel(item).to_mongo() == stored


def test_a_decimal_that_was_changed_is_dumped_as_it_is_now():
    item = Item.from_mongo({'price': Decimal128('1.50')})
    assert item.price == Decimal('1.50')
    item.price = Decimal('1.5')
    assert item.to_mongo() == {'price': Decimal128('1.5')}
    del item.price
    assert item.to_mongo() == {}


def test_threads_may_read_a_document_for_the_first_time_at_once():
    stored = {'price': Decimal128('1.50')}
    together = threading.Barrier(4)

    def read(item):
        together.wait()
        return item.price

    with ThreadPoolExecutor(4) as pool:
        for _ in range(200):
            item = Item.from_mongo(stored)
            assert list(pool.map(read, [item] * 4)) == [Decimal('1.50')] * 4
            assert item.to_mongo() == stored


def test_a_tuple_is_no_decimal_and_stays():
    item = Item.from_mongo({'price': (1, 2)})
    assert item.price == (1, 2)
    assert item.to_mongo() == {'price': (1, 2)}
