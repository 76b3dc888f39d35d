"""What type checkers know of classes that share a collection. They read this; it is never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from aiomongodel import (
    Document,
    DocumentList,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    Query,
    StrField,
    UnknownClassError,
)

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase


class Animal(Document):
    name = StrField()

    class Meta:
        discriminator = '_cls'
        extra = 'keep'


class Dog(Animal):
    breed = StrField(required=False)


class Shape(EmbeddedDocument):
    class Meta:
        abstract = True
        discriminator = '_cls'


class Circle(Shape):
    radius = FloatField()


class Drawing(Document):
    frame = EmbDocField(Shape)


class Order(Document):
    id = IntField()
    extra = StrField()


async def documents_of_several_classes(db: AsyncDatabase[Any]) -> None:
    animals = await Animal.q(db).find().to_list()
    assert_type(animals, DocumentList[Animal])
    for animal in animals:
        if isinstance(animal, Dog):
            assert_type(animal.breed, str | None)
        animal.extra['colour'] = 'red'
    assert_type(await Dog.q(db).get(1), Dog)
    assert_type(Drawing.frame[Circle.radius] > 1, Query)
    drawing = Drawing(frame=Circle(radius=1))
    assert_type(drawing.frame, Shape)
    if isinstance(drawing.frame, Circle):
        assert_type(drawing.frame.radius, float)


def other_names(user: Animal, order: Order, error: UnknownClassError) -> None:
    assert_type(user.id, Any)
    user.id = 5
    assert_type(order.id, int)
    assert_type(order.extra, str)
    assert_type(Order.id > 5, Query)
    assert_type(error.known, list[str])
