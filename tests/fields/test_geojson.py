"""The fields of GeoJSON: points, lines and areas."""

import math

import pytest
from pymongo import IndexModel

from aiomongodel import (
    Document,
    GeometryCollectionField,
    LineStringField,
    ListField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    PointField,
    PolygonField,
    QueryError,
    ValidationError,
    errors,
)
from aiomongodel.geojson import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from tests.drivers import settled

A, B, C = Point(30.5, 50.4), Point(24, 49.8), Point(36.2, -50)
RING = (A, B, C, A)


class Place(Document):
    point = PointField(required=False)
    points = MultiPointField(required=False, mongo_name='ps')
    line = LineStringField(required=False)
    lines = MultiLineStringField(required=False)
    area = PolygonField(required=False)
    areas = MultiPolygonField(required=False)
    shapes = GeometryCollectionField(required=False)
    stops = ListField(PointField(), required=False)


VALUES = {
    'point': A,
    'points': MultiPoint((A, B)),
    'line': LineString((A, B)),
    'lines': MultiLineString(((A, B), (B, C))),
    'area': Polygon((RING, RING)),
    'areas': MultiPolygon(((RING,), (RING, RING))),
    'shapes': GeometryCollection((A, LineString((A, B)))),
}


def lists(coordinates):
    return [lists(each) for each in coordinates] if isinstance(coordinates, tuple) else coordinates


def geojson(value):
    if isinstance(value, GeometryCollection):
        inner = [geojson(each) for each in value.geometries]
        return {'type': 'GeometryCollection', 'geometries': inner}
    return {'type': type(value).__name__, 'coordinates': lists(value.coordinates)}


@pytest.mark.parametrize('name', VALUES)
async def test_a_shape_is_stored_as_geojson_and_loaded_as_it_was(any_db, name):
    place = await settled(Place(**{name: VALUES[name]}).validate().save(any_db))
    field = getattr(Place, name)
    data = await settled(Place.coll(any_db).find_one())
    assert data[field.s] == geojson(VALUES[name])
    assert (field == VALUES[name]) == {field.s: {'$eq': data[field.s]}}
    loaded = await settled(Place.q(any_db).find_one(field == VALUES[name]))
    assert (loaded._id, getattr(loaded, name)) == (place._id, VALUES[name])
    assert type(getattr(loaded, name)) is type(VALUES[name])


class Other:
    """A shape of another library."""

    def __init__(self, data):
        self.__geo_interface__ = data


@pytest.mark.parametrize('name', VALUES)
def test_geojson_and_shapes_of_others_are_converted(name):
    data = geojson(VALUES[name])
    for given in (data, {**data, 'bbox': [0, 0, 1, 1]}, Other(data), VALUES[name]):
        assert getattr(Place(**{name: given}).validate(), name) == VALUES[name]
    field = getattr(Place, name)
    assert field.to_json(VALUES[name]) == data == VALUES[name].__geo_interface__
    assert field.from_json(data) == VALUES[name]


@pytest.mark.parametrize('name', [name for name in VALUES if name != 'shapes'])
def test_coordinates_in_lists_are_converted(name):
    for given in (VALUES[name].coordinates, lists(VALUES[name].coordinates)):
        value = getattr(Place(**{name: given}).validate(), name)
        assert value == VALUES[name]
        assert type(value) is type(VALUES[name])


def test_a_shape_that_was_made_of_lists_is_made_whole():
    place = Place(line=LineString([[30.5, 50.4], (24, 49.8)]), shapes=[A, {**geojson(B)}])
    assert place.line == LineString((A, B))
    assert place.line.coordinates[0].latitude == 50.4
    place.line = LineString([[30.5, 50.4], (24, 49.8)])
    assert place.line == LineString((A, B))
    assert place.shapes == GeometryCollection((A, B))


def test_a_point_is_a_pair_that_names_its_sides():
    place = Place(point=(30.5, 50.4))
    longitude, latitude = place.point
    assert (longitude, latitude) == (place.point.longitude, place.point.latitude) == (30.5, 50.4)


class Degrees(float):
    pass


def test_a_number_of_another_class_becomes_a_plain_one():
    place = Place(point=(Degrees(1.5), Degrees(2))).validate()
    assert [type(each) for each in place.point] == [float, float]


TYPE = 'invalid value type'
POSITION = errors.NOT_A_POSITION
CLOSED = 'last position of the ring is not the first one'


def few(least):
    return f'number of positions is less than {least}'


def short(least):
    return f'list length is less than {least}'


@pytest.mark.parametrize(
    ('name', 'given', 'message'),
    [
        ('point', (50.4, 130.5), POSITION),
        ('point', (180.1, 0), POSITION),
        ('point', (-180.1, 0), POSITION),
        ('point', (0, 90.1), POSITION),
        ('point', (0, -90.1), POSITION),
        ('point', (math.nan, 0), POSITION),
        ('point', (0, math.inf), POSITION),
        ('point', (10**400, 0), POSITION),
        ('point', (1,), TYPE),
        ('point', (1, 2, 3), TYPE),
        ('point', ('1', '2'), TYPE),
        ('point', (True, False), TYPE),
        ('point', Point('1', '2'), TYPE),
        ('point', Point(None, 2), TYPE),
        ('point', 'ab', TYPE),
        ('point', {'type': 'Point'}, TYPE),
        ('point', {'coordinates': [1, 2]}, TYPE),
        ('point', geojson(LineString((A, B))), TYPE),
        ('point', LineString((A, B)), TYPE),
        ('points', [], few(1)),
        ('points', [A, (0, 91)], {1: POSITION}),
        ('line', [], few(2)),
        ('line', [A], few(2)),
        ('line', [(200, 0), A, (0, 200)], {0: POSITION, 2: POSITION}),
        ('line', A, TYPE),
        ('line', LineString((A, 5)), TYPE),
        ('line', LineString(5), TYPE),
        ('lines', [], short(1)),
        ('lines', [[A, B], [A]], {1: few(2)}),
        ('area', [], short(1)),
        ('area', [[A, B, A]], {0: few(4)}),
        ('area', [RING, [A, B, C, C]], {1: CLOSED}),
        ('area', [[A, (200, 0), C, A]], {0: {1: POSITION}}),
        ('area', RING, TYPE),
        ('areas', [], short(1)),
        ('areas', [[RING], [[A, B, C, B]]], {1: {0: CLOSED}}),
        ('shapes', [], short(1)),
        ('shapes', [A, (0, 0)], TYPE),
        ('shapes', [A, LineString((A,))], {1: few(2)}),
        ('shapes', [GeometryCollection((A,))], TYPE),
        ('shapes', GeometryCollection((5,)), TYPE),
        ('shapes', geojson(A), TYPE),
        ('stops', [A, (0, 91)], {1: POSITION}),
    ],
)
def test_a_wrong_shape_is_refused_where_it_is_wrong(name, given, message):
    with pytest.raises(ValidationError) as refused:
        Place(**{name: given}).validate()
    assert refused.value.as_dict() == {name: message}


@pytest.mark.parametrize('corner', [(180, 90), (-180, -90), (0, 0), (-0.0, 0.0)])
def test_the_ends_of_the_ranges_are_valid(corner):
    Place(point=corner, area=[[corner, A, B, corner]]).validate()


@pytest.mark.parametrize('value', ['a', 5, (1,), {'type': 'Point'}, {'$gt': 1}, LineString((A, B))])
@pytest.mark.parametrize(
    'make', [Place.point.set, Place.point.__eq__, lambda v: Place.point.in_([v])]
)
def test_an_operator_refuses_what_is_no_point(make, value):
    with pytest.raises(QueryError, match=r'^Place\.point: .* is not a Point of GeoJSON'):
        make(value)


@pytest.mark.parametrize(
    'stored',
    [
        {'type': 'Point', 'coordinates': [1, 2, 3]},
        {'type': 'Point', 'coordinates': [1, 2], 'crs': {'type': 'name'}},
        {'type': 'LineString', 'coordinates': [[1, 2], [3, 4]]},
        [1, 2],
        {'x': 1},
        'here',
        None,
    ],
)
def test_a_stored_value_of_another_kind_is_kept_as_it_is(sync_db, stored):
    Place.coll(sync_db).insert_one({'_id': 1, 'point': stored})
    place = Place.q(sync_db).find_one({})
    assert place.point == stored
    place.save(sync_db)
    assert Place.coll(sync_db).find_one() == {'_id': 1, 'point': stored}


# On the server, with an index.


class Shop(Document):
    name = PointField(required=False)  # a field of this name takes no part
    place = PointField()
    reach = PolygonField(required=False)

    class Meta:
        indexes = [IndexModel([('place', '2dsphere')]), IndexModel([('reach', '2dsphere')])]


CENTRE, NEAR, FAR = Point(30.5, 50.4), Point(30.6, 50.4), Point(24, 49.8)
SQUARE = Polygon((((30, 50), (31, 50), (31, 51), (30, 51), (30, 50)),))
COUNTRY = Polygon((((20, 45), (40, 45), (40, 55), (20, 55), (20, 45)),))


@pytest.fixture
def shops(sync_db):
    Shop.q(sync_db).create_indexes()
    Shop(place=FAR, reach=COUNTRY).validate().save(sync_db)
    Shop(place=NEAR).validate().save(sync_db)
    Shop(place=CENTRE, reach=SQUARE).validate().save(sync_db)


@pytest.mark.parametrize(
    ('query', 'places'),
    [
        (Shop.place.near(CENTRE), [CENTRE, NEAR, FAR]),
        (Shop.place.near(CENTRE, max_distance=10_000), [CENTRE, NEAR]),
        (Shop.place.near(Other(geojson(CENTRE)), min_distance=1, max_distance=10_000), [NEAR]),
        (Shop.place.within(SQUARE), [CENTRE, NEAR]),
        (
            Shop.place.within(MultiPolygon(SQUARE.coordinates and (SQUARE.coordinates,))),
            [CENTRE, NEAR],
        ),
        (Shop.place.within_circle(FAR, 1000), [FAR]),
        (Shop.place.intersects(CENTRE), [CENTRE]),
        (Shop.place.intersects(LineString((CENTRE, NEAR))), [CENTRE, NEAR]),
        (Shop.reach.intersects(Point(30.9, 50.9)), [CENTRE, FAR]),
        (Shop.reach.intersects(Point(22, 46)), [FAR]),
        (Shop.reach.within(COUNTRY), [CENTRE, FAR]),
    ],
)
async def test_the_geo_operators_find_shapes_by_an_index(any_db, shops, query, places):
    found = await settled(Shop.q(any_db).find(query).to_list())
    key = None if '$near' in str(query) else tuple
    got = [shop.place for shop in found]
    assert (got if key is None else sorted(got)) == (places if key is None else sorted(places))


@pytest.mark.parametrize('make', [Shop.place.near, Shop.place.intersects, Shop.place.within])
def test_a_geo_operator_refuses_a_shape_that_is_none(make):
    for shape in (Other('x'), Other({'type': 'Circle'}), Point(50.4, 130.5), object()):
        with pytest.raises(QueryError, match=r'^Shop\.place: '):
            make(shape)
