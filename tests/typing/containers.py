"""What type checkers know of fields of containers. They read this file; it is never run."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, assert_type

from aiomongodel import (
    ConstField,
    DateField,
    DecimalField,
    DictField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    MapField,
    Query,
    SetField,
    StrField,
    TupleField,
    UnionField,
    Update,
    VectorField,
)


class City(EmbeddedDocument):
    name = StrField()


class Shop(Document):
    settings = DictField(default=dict)
    maybe = DictField(required=False)
    prices = MapField(DecimalField(gt=0), key_regex='[a-z]+')
    cities = MapField(EmbDocField(City), allow_none=True)
    lists = MapField(ListField(StrField()))
    tags = SetField(StrField(), max_length=3)
    days = SetField(DateField(), required=False)
    one = TupleField(IntField())
    pair = TupleField(IntField(), StrField(), default=(1, 'a'))
    three = TupleField(IntField(), StrField(), DateField(), required=False)
    four = TupleField(IntField(), StrField(), IntField(), StrField())
    many = TupleField(IntField(), IntField(), IntField(), IntField(), StrField())
    either = UnionField(IntField(), StrField(), default=1)
    three_kinds = UnionField(EmbDocField(City), StrField(), ListField(IntField()))
    maybe_either = UnionField(IntField(), StrField(), required=False)
    version = ConstField(2)
    kind = ConstField('shop', required=False)
    vector = VectorField(3)
    short = VectorField(3, binary=True, allow_none=True)
    nested = ListField(SetField(IntField()))


shop = Shop(prices={})
assert_type(shop.settings, dict[str, Any])
assert_type(shop.maybe, dict[str, Any] | None)
assert_type(shop.prices, dict[str, Decimal])
assert_type(shop.cities, dict[str, City] | None)
assert_type(shop.lists, dict[str, list[str]])
assert_type(shop.tags, set[str])
assert_type(shop.days, set[datetime.date] | None)
assert_type(shop.one, tuple[int])
assert_type(shop.pair, tuple[int, str])
assert_type(shop.three, tuple[int, str, datetime.date] | None)
assert_type(shop.four, tuple[int, str, int, str])
assert_type(shop.many, tuple[Any, ...])
assert_type(shop.either, int | str)
assert_type(shop.three_kinds, City | str | list[int])
assert_type(shop.maybe_either, int | str | None)
assert_type(shop.version, int)
assert_type(shop.kind, str | None)
assert_type(shop.vector, list[float])
assert_type(shop.short, list[float] | None)
assert_type(shop.nested, list[set[int]])

assert_type(Shop.prices['eur'] > Decimal(1), Query)
assert_type(Shop.prices['eur'].inc(1), Update)
assert_type(Shop.cities['a'], EmbDocField[City, City])
assert_type(Shop.cities['a'][City.name], StrField[str])
assert_type(Shop.settings['ui']['width'].set(80), Update)
assert_type(Shop.tags.add_to_set('a', 'b'), Update)
assert_type(Shop.tags.in_(['a']), Query)
assert_type(Shop.tags == {'a'}, Query)
assert_type(Shop.pair.set((1, 'a')), Update)
assert_type(Shop.either > 1, Query)

shop.tags = ['a', 'b']
shop.settings = {'a': 1}
shop.vector = (1.0, 2.0, 3.0)

print(Shop.prices['eur'] > 'dear')  # type: ignore[operator]
Shop.tags.add_to_set(1)  # type: ignore[arg-type]
Shop.pair.set((1, 2))  # type: ignore[arg-type]
MapField(StrField)  # type: ignore[call-overload]
SetField(StrField(), max_length='3')  # type: ignore[call-overload]
VectorField('3')  # type: ignore[call-overload]
ConstField([1])  # type: ignore[call-overload]
shop.pair = (1, 2)  # type: ignore[assignment]
shop.tags = {1}  # type: ignore[arg-type]
shop.either = 1.5  # type: ignore[assignment]
shop.version = 'x'  # type: ignore[assignment]
