"""The documents that are measured: a flat one, and a nested order."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId

from aiomongodel import (
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
)


class Flat(Document):
    """One value of each common type, and an optional one that is missing."""

    name = StrField(max_length=50)
    age = IntField(gte=0)
    score = FloatField()
    is_active = BoolField()
    created = DateTimeField()
    price = DecimalField(gt=0)
    owner = ObjectIdField()
    email = EmailField()
    note = StrField(required=False)
    tags = ListField(StrField())


class Address(EmbeddedDocument):
    """Where a customer lives."""

    street = StrField()
    city = StrField()
    zip_code = StrField()


class Customer(EmbeddedDocument):
    """Who ordered."""

    name = StrField()
    email = EmailField()
    address = EmbDocField(Address)


class Item(EmbeddedDocument):
    """One line of an order."""

    product = ObjectIdField()
    title = StrField()
    quantity = IntField(gt=0)
    price = FloatField()
    is_gift = BoolField()


class Order(Document):
    """A customer, twenty items and ten references."""

    customer = EmbDocField(Customer)
    items = ListField(EmbDocField(Item))
    related = ListField(RefField(Flat))


def flat() -> dict[str, Any]:
    """A flat document, as it is stored."""
    return {
        'name': 'Alexandra Fernandez',
        'age': 33,
        'score': 0.75,
        'is_active': True,
        'created': datetime.datetime(2024, 2, 29, 12, 30),
        'price': Decimal128(Decimal('19.99')),
        'owner': ObjectId(),
        'email': 'alexandra@example.com',
        'tags': ['red', 'green', 'blue', 'cyan', 'black'],
        '_id': ObjectId(),
    }


def order() -> dict[str, Any]:
    """A nested order, as it is stored."""
    address = {'street': 'Main Street 1', 'city': 'Springfield', 'zip_code': '12345'}
    items = [
        {
            'product': ObjectId(),
            'title': f'Product {number}',
            'quantity': number,
            'price': number * 1.5,
            'is_gift': number % 2 == 0,
        }
        for number in range(1, 21)
    ]
    return {
        'customer': {'name': 'Ann', 'email': 'ann@example.com', 'address': address},
        'items': items,
        'related': [ObjectId() for _ in range(10)],
        '_id': ObjectId(),
    }
