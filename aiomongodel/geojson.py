"""Points, lines and areas on the earth: the values of GeoJSON fields.

They are plain, unchanging values; the rules, such as the limits of a latitude, are those of the
fields. Each has `coordinates` and `__geo_interface__`, which other libraries for maps read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

__all__ = [
    'Geometry',
    'GeometryCollection',
    'LineString',
    'MultiLineString',
    'MultiPoint',
    'MultiPolygon',
    'Point',
    'Polygon',
]


class Point(NamedTuple):
    """A place on the earth; it is also the pair of its longitude and latitude.

    Attributes:
        longitude: In degrees, to the east; from -180 to 180.
        latitude: In degrees, to the north; from -90 to 90.

    Example:
        >>> from aiomongodel.geojson import Point
        >>> place = Point(30.5, 50.4)
        >>> place.longitude, place == (30.5, 50.4)
        (30.5, True)
        >>> place.__geo_interface__
        {'type': 'Point', 'coordinates': [30.5, 50.4]}
    """

    longitude: float
    latitude: float

    @property
    def coordinates(self) -> Point:
        """The point itself, as the other shapes have it."""
        return self

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """The point as GeoJSON."""
        return {'type': 'Point', 'coordinates': listed(self)}


Line: TypeAlias = tuple[Point, ...]
"""Points in their order: those of a line, or a ring, which ends where it starts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the shapes of several points have in common."""

    coordinates: tuple[Any, ...]

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """The shape as GeoJSON."""
        return {'type': type(self).__name__, 'coordinates': listed(self.coordinates)}


@dataclass(frozen=True, slots=True)
class MultiPoint(Shape):
    """Several points.

    Args:
        coordinates: The points.
    """

    coordinates: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LineString(Shape):
    """A line through two points or more.

    Args:
        coordinates: The points.

    Example:
        >>> from aiomongodel.geojson import LineString, Point
        >>> LineString((Point(30, 50), Point(31, 51))).coordinates[1].latitude
        51
    """

    coordinates: Line


@dataclass(frozen=True, slots=True)
class MultiLineString(Shape):
    """Several lines.

    Args:
        coordinates: For each line its points.
    """

    coordinates: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Polygon(Shape):
    """An area.

    Args:
        coordinates: Rings of four points or more, of which the last is the first again: that
            around the area, then those around holes in it.
    """

    coordinates: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MultiPolygon(Shape):
    """Several areas.

    Args:
        coordinates: For each area its rings.
    """

    coordinates: tuple[tuple[Line, ...], ...]


Geometry: TypeAlias = Point | MultiPoint | LineString | MultiLineString | Polygon | MultiPolygon
"""A shape of one kind."""


@dataclass(frozen=True, slots=True)
class GeometryCollection:
    """Shapes of several kinds.

    Args:
        geometries: The shapes.
    """

    geometries: tuple[Geometry, ...]

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """The shapes as GeoJSON."""
        inner = [each.__geo_interface__ for each in self.geometries]
        return {'type': 'GeometryCollection', 'geometries': inner}


DEPTHS: Final[dict[type[Any], int]] = {
    Point: 0,
    MultiPoint: 1,
    LineString: 1,
    MultiLineString: 2,
    Polygon: 2,
    MultiPolygon: 3,
}
"""How deep the points lie in the coordinates of a shape, by its class."""

BY_NAME: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in DEPTHS}


def listed(coordinates: Any) -> Any:
    """Coordinates as GeoJSON has them, in lists; what is no tuple stays as it is."""
    if not isinstance(coordinates, tuple):
        return coordinates
    return [listed(each) for each in coordinates]


def shape_of(kind: type[Any], coordinates: Any) -> Any:
    """The shape of a class that has coordinates, in lists or tuples.

    Raises:
        TypeError: They are no numbers in lists as deep as those of the class.
    """
    found = points_of(coordinates, DEPTHS[kind])
    return found if kind is Point else kind(found)


def points_of(coordinates: Any, depth: int) -> Any:
    """The points in coordinates that lie as deep."""
    if not isinstance(coordinates, list | tuple):
        raise TypeError('coordinates must be lists')
    if depth:
        return tuple(points_of(each, depth - 1) for each in coordinates)
    longitude, latitude = map(plain_number, coordinates)
    return Point(longitude, latitude)


def plain_number(value: Any) -> int | float:
    """A number without what a subclass of int or float, such as one of numpy's, adds to it."""
    if isinstance(value, float):
        return value if type(value) is float else float.__add__(value, 0.0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError('a coordinate must be an int or a float')
    return value if type(value) is int else int.__add__(value, 0)
