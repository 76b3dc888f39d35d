"""What is checked of the shapes of GeoJSON, and what schemas say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.geojson import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    shape_of,
)

Check = Callable[[Any], ValidationError | None]

LIMITS: Final = (180, 90)
"""Of longitude and latitude, to both sides of 0."""


def position_error(point: Point) -> ValidationError | None:
    """What is wrong with a position; NaN is in no range."""
    if all(-limit <= each <= limit for each, limit in zip(point, LIMITS, strict=True)):
        return None
    return ValidationError(errors.NOT_A_POSITION)


def several(check: Check, least: int, message: str) -> Check:
    """The check of so many parts at least; the errors of parts have their indexes."""

    def error_of(parts: Sequence[Any]) -> ValidationError | None:
        if len(parts) < least:
            return ValidationError(message, least)
        found = {index: error for index, each in enumerate(parts) if (error := check(each))}
        return ValidationError(found) if found else None

    return error_of


line_error: Final = several(position_error, 2, errors.TOO_FEW_POSITIONS)
ring_positions_error: Final = several(position_error, 4, errors.TOO_FEW_POSITIONS)


def ring_error(ring: Sequence[Point]) -> ValidationError | None:
    """What is wrong with a ring."""
    error = ring_positions_error(ring)
    if error is None and ring[0] != ring[-1]:
        return ValidationError(errors.RING_NOT_CLOSED)
    return error


rings_error: Final = several(ring_error, 1, errors.LIST_TOO_SHORT)

CHECKS: Final[dict[type[Any], Check]] = {
    Point: position_error,
    MultiPoint: several(position_error, 1, errors.TOO_FEW_POSITIONS),
    LineString: line_error,
    MultiLineString: several(line_error, 1, errors.LIST_TOO_SHORT),
    Polygon: rings_error,
    MultiPolygon: several(rings_error, 1, errors.LIST_TOO_SHORT),
}
"""What is wrong with the coordinates of a shape, by its class."""


def shape_error(shape: Any) -> ValidationError | None:
    """What is wrong with a shape of one kind.

    Raises:
        TypeError: Its coordinates are none.
    """
    kind = type(shape)
    return CHECKS[kind](shape_of(kind, shape.coordinates).coordinates)


def collection_error(collection: GeometryCollection) -> ValidationError | None:
    """What is wrong with a collection of shapes."""
    return several(shape_error, 1, errors.LIST_TOO_SHORT)(collection.geometries)


# Schemas of coordinates, from the points outwards.


def array_of(items: dict[str, Any], least: int, kind: str) -> dict[str, Any]:
    """The rules of an array."""
    return {kind: 'array', 'items': items, 'minItems': least}


def coordinates_rules(shape: type[Any], position: dict[str, Any], kind: str) -> dict[str, Any]:
    """The rules of the coordinates of a shape; `kind` is the keyword for types."""
    line, ring = array_of(position, 2, kind), array_of(position, 4, kind)
    area = array_of(ring, 1, kind)
    return {
        Point: position,
        MultiPoint: array_of(position, 1, kind),
        LineString: line,
        MultiLineString: array_of(line, 1, kind),
        Polygon: area,
        MultiPolygon: array_of(area, 1, kind),
    }[shape]


def object_rules(kind: str, name: str, inner: str, rules: dict[str, Any]) -> dict[str, Any]:
    """The rules of a GeoJSON object."""
    return {
        kind: 'object',
        'required': ['type', inner],
        'properties': {'type': {'enum': [name]}, inner: rules},
    }


def json_shape(shape: type[Any]) -> dict[str, Any]:
    """The rules of a shape in a JSON Schema."""
    number = {'type': 'number'}
    pair = [{**number, 'minimum': -limit, 'maximum': limit} for limit in LIMITS]
    position = {'type': 'array', 'prefixItems': pair, 'minItems': 2, 'maxItems': 2}
    rules = coordinates_rules(shape, position, 'type')
    return object_rules('type', shape.__name__, 'coordinates', rules)


def mongo_shape(shape: type[Any]) -> dict[str, Any]:
    """The rules of a shape in MongoDB's `$jsonSchema`."""
    number = {'bsonType': ['double', 'int', 'long']}
    pair = [{**number, 'minimum': -limit, 'maximum': limit} for limit in LIMITS]
    position = {'bsonType': 'array', 'items': pair, 'minItems': 2, 'maxItems': 2}
    rules = coordinates_rules(shape, position, 'bsonType')
    return object_rules('bsonType', shape.__name__, 'coordinates', rules)


def json_collection() -> dict[str, Any]:
    """The rules of a collection of shapes in a JSON Schema."""
    shapes = {'oneOf': [json_shape(shape) for shape in CHECKS]}
    return object_rules('type', 'GeometryCollection', 'geometries', array_of(shapes, 1, 'type'))


def mongo_collection() -> dict[str, Any]:
    """The rules of a collection of shapes in MongoDB's `$jsonSchema`."""
    shapes = {'oneOf': [mongo_shape(shape) for shape in CHECKS]}
    rules = array_of(shapes, 1, 'bsonType')
    return object_rules('bsonType', 'GeometryCollection', 'geometries', rules)
