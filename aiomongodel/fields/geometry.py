"""The places and areas of geo queries, as GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from aiomongodel.fields.operators import Operand, refuse
from aiomongodel.fields.source import attempted

EARTH_RADIUS: Final = 6_378_100.0
"""In metres, as the server takes it for distances on a sphere."""

GREATEST: Final = 2**53
"""What exceeds all coordinates and distances, and can be held."""

SHAPES: Final = frozenset(
    [
        *['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon'],
        'GeometryCollection',
    ]
)


def point(field: Operand, place: Any) -> dict[str, Any]:
    """A GeoJSON point, of a pair of longitude and latitude or of a point."""
    place = as_geojson(place)
    if isinstance(place, Mapping):
        shape = geometry(field, place)
        if shape['type'] != 'Point':
            refuse(field, place, 'a GeoJSON point')
        return shape
    return {'type': 'Point', 'coordinates': position(field, place)}


def polygon(field: Operand, area: Any) -> dict[str, Any]:
    """A GeoJSON polygon, of its corners or of a polygon."""
    area = as_geojson(area)
    if isinstance(area, Mapping):
        shape = geometry(field, area)
        if shape['type'] not in {'Polygon', 'MultiPolygon'}:
            refuse(field, area, 'a GeoJSON Polygon or MultiPolygon')
        return shape
    if not isinstance(area, Sequence) or isinstance(area, str | bytes):
        refuse(field, area, 'a list of corners, pairs of longitude and latitude')
    corners = [position(field, corner) for corner in area]
    if corners and corners[0] != corners[-1]:
        corners.append(corners[0])  # a ring ends where it starts
    if len(corners) < 4:
        refuse(field, area, 'an area of at least three corners')
    return {'type': 'Polygon', 'coordinates': [corners]}


def circle(field: Operand, centre: Any, radius: Any) -> list[Any]:
    """The centre of a circle, and its radius in radians."""
    return [point(field, centre)['coordinates'], distance(field, radius) / EARTH_RADIUS]


def geometry(field: Operand, shape: Any) -> dict[str, Any]:
    """A GeoJSON object, of a pair of longitude and latitude or of such an object."""
    shape = as_geojson(shape)
    if not isinstance(shape, Mapping):
        return point(field, shape)
    kind = shape.get('type')
    inner = 'geometries' if kind == 'GeometryCollection' else 'coordinates'
    is_known = isinstance(kind, str) and kind in SHAPES
    if not is_known or not isinstance(shape.get(inner), list | tuple):
        refuse(field, shape, 'GeoJSON, such as {"type": "Point", "coordinates": [30.5, 50.4]}')
    if kind == 'Point':
        position(field, shape['coordinates'])
    return dict(shape)


def as_geojson(shape: Any) -> Any:
    """What a shape, of ours or of another library, says of itself; anything else as it is."""
    if isinstance(shape, Mapping | Sequence):  # a point of ours is a pair, too
        return shape
    return attempted(attrgetter('__geo_interface__'), shape)


def position(field: Operand, pair: Any) -> list[float]:
    """Longitude and latitude in degrees."""
    if not isinstance(pair, Sequence) or len(pair) != 2 or not all(map(is_measure, pair)):
        refuse(field, pair, 'a pair of longitude and latitude, such as (30.5, 50.4)')
    longitude, latitude = pair
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        refuse(field, pair, 'a longitude from -180 to 180 and a latitude from -90 to 90 degrees')
    return [longitude, latitude]


def distance(field: Operand, metres: Any) -> float:
    """A distance in metres."""
    if not is_measure(metres) or metres < 0:
        refuse(field, metres, 'a distance in metres, from 0 on')
    return float(metres) if not isinstance(metres, int) else metres


def is_measure(number: Any) -> bool:
    """Whether it is a number that can be a coordinate or a distance; NaN is none."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and abs(number) <= GREATEST
