"""What type checkers know of sequences, files and computed values: read by them, and never run."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, assert_type

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from aiomongodel import (
    AsyncFileReader,
    ComputedField,
    DecimalField,
    Document,
    FileField,
    FileInfo,
    FileReader,
    IntField,
    Query,
    SequenceField,
    StoredFile,
    StrField,
    Update,
)


def cost(order: Order) -> Decimal:
    return order.price * order.number


class Order(Document):
    number = SequenceField(start=5, sequence='orders')
    price = DecimalField()
    bill = FileField(bucket='bills')
    photo = FileField(required=False)
    total = ComputedField(cost, DecimalField(), stored=True)

    def _label(self) -> str | None:
        return f'{self.number}'

    label = ComputedField(_label, StrField(required=False))


order = Order(price=5)
assert_type(order.number, int)
assert_type(order.bill, StoredFile)
assert_type(order.photo, StoredFile | None)
assert_type(order.total, Decimal)
assert_type(order.label, str | None)
assert_type(Order.number > 5, Query)
assert_type(Order.bill == order.bill, Query)
assert_type(Order.bill.set(order.bill), Update)
assert_type(Order.total > Decimal(5), Query)

order.total = Decimal(5)  # type: ignore[assignment]
order.bill = 5  # type: ignore[assignment]
print(Order.total > 'a')  # type: ignore[operator]
ComputedField(cost, IntField())  # type: ignore[arg-type]
FileField(bucket=5)  # type: ignore[call-overload]
SequenceField(start='1')  # type: ignore[arg-type]


async def awaited(db: AsyncDatabase[Any], motor: AsyncIOMotorDatabase[Any]) -> None:
    assert_type(await Order.number.next(db), int)
    assert_type(await Order.number.current(motor), int | None)
    await Order.number.reset(db, 5)
    file = await Order.bill.upload(db, pieces(), filename='a', metadata={'a': 1})
    assert_type(file, StoredFile)
    assert_type(await file.info(motor), FileInfo)
    assert_type(await file.download(db, io.BytesIO()), int)
    async with await file.open(db) as reader:
        assert_type(reader, AsyncFileReader)
        assert_type([piece async for piece in reader], list[bytes])
        assert_type(await reader.read(5), bytes)
    await file.delete(db)


def blocking(db: Database[Any]) -> None:
    assert_type(Order.number.next(db), int)
    assert_type(Order.number.current(db), int | None)
    file = Order.bill.upload(db, [b'a', b'b'], filename='a')
    assert_type(file, StoredFile)
    with file.open(db) as reader, open('a', 'wb') as target:  # noqa: PTH123
        assert_type(reader, FileReader)
        assert_type(reader.read(), bytes)
        assert_type(file.download(db, target), int)
    Order.bill.upload(db, pieces(), filename='a')  # type: ignore[call-overload]
    Order.bill.upload(db, 'text', filename='a')  # type: ignore[arg-type]


async def pieces() -> AsyncIterator[bytes]:
    yield b''
