"""What loads a part of a document says so, whatever it is loaded into."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from bson import Decimal128, ObjectId

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    MotorChangeStream,
    PartialDocumentError,
    StrField,
)
from tests.drivers import settled


class Room(EmbeddedDocument):
    price = IntField()


class Floor(EmbeddedDocument):
    rooms = ListField(EmbDocField(Room))


class Hotel(Document):
    name = StrField()
    stars = IntField(default=3)
    floors = ListField(EmbDocField(Floor), default=list)
    grid = ListField(ListField(IntField()), default=list)


@dataclass
class Sign:
    name: str


async def filled(db):
    for number, name in enumerate(['Ritz', 'Plaza', 'Savoy']):
        await settled(Hotel(_id=f'{number:024}', name=name).save(db))


PARTS = [
    lambda hotels: hotels.find().only(Hotel.name).into(Hotel),
    lambda hotels: hotels.find().into(Hotel).only(Hotel.name),
    lambda hotels: hotels.find({}, [Hotel.name]).into(Hotel),
]


@pytest.mark.parametrize('find', PARTS, ids=['before', 'after', 'projection'])
async def test_a_part_that_is_loaded_into_a_document_class_is_not_saved(any_db, find):
    await filled(any_db)
    hotel = await settled(find(Hotel.q(any_db)).first())
    assert hotel.is_partial
    with pytest.raises(PartialDocumentError):
        await settled(hotel.save(any_db))


async def test_whole_documents_are_loaded_into_a_document_class(any_db):
    await filled(any_db)
    hotel = await settled(Hotel.q(any_db).find().into(Hotel).first())
    assert (hotel.is_partial, hotel.stars) == (False, 3)


async def test_pages_by_place_are_loaded_into_a_dataclass(any_db):
    await filled(any_db)
    signs = Hotel.q(any_db).find().sort(Hotel.stars, Hotel.name.desc()).into(Sign)
    page = await settled(signs.after(None, 2))
    assert page.items == [Sign('Savoy'), Sign('Ritz')]
    last = await settled(signs.after(page.next_token, 2))
    assert (last.items, last.next_token) == ([Sign('Plaza')], None)


@pytest.mark.parametrize('direction', [1, -1])
@pytest.mark.parametrize('size', [1, 3])
async def test_pages_by_place_go_through_values_of_several_types(any_db, sync_db, direction, size):
    values = [1, 'a', None, 2.5, True, datetime(2024, 2, 29), float('nan'), 'b', b'x', ObjectId()]
    stored = [{'_id': number, 'stars': value} for number, value in enumerate(values)]
    Hotel.coll(sync_db).insert_many([*stored, {'_id': 10}, {'_id': 11, 'stars': Decimal128('2')}])
    hotels = Hotel.q(any_db).find().sort((Hotel.stars, direction)).raw()
    token, found = None, []
    while token or not found:
        page = await settled(hotels.after(token, size))
        token, found = page.next_token, [*found, *page.items]
    order = [('stars', direction), ('_id', 1)]
    expected = [data['_id'] for data in Hotel.coll(sync_db).find().sort(order)]
    assert [data['_id'] for data in found] == expected


async def test_the_values_of_lists_within_lists_are_computed_one_by_one(any_db):
    floors = [Floor(rooms=[Room(price=1), Room(price=2)]), Floor(rooms=[Room(price=6)])]
    await settled(Hotel(name='Ritz', floors=floors, grid=[[1, 2], [3]]).save(any_db))
    hotels = Hotel.q(any_db)
    assert await settled(hotels.sum(Hotel.floors.rooms.price)) == 9
    assert await settled(hotels.avg(Hotel.floors.rooms.price)) == 3
    assert await settled(hotels.max(Hotel.grid)) == 3
    assert await settled(hotels.sum(Hotel.grid)) == 6


@pytest.mark.parametrize('is_partial', [True, False])
async def test_documents_of_events_that_stages_may_have_changed_are_partial(is_partial):
    class Stream:
        async def next(self):
            data = {'_id': 1, 'name': 'Ritz'}
            return {'_id': 'token', 'operationType': 'insert', 'fullDocument': data}

    async def start():
        return Stream()

    event = await MotorChangeStream(Hotel, start, is_partial=is_partial).next()
    assert event.document.is_partial is is_partial
