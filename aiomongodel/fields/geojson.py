"""The fields of GeoJSON: points, lines and areas on the earth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Unpack, overload

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.operators import stored
from aiomongodel.fields.source import Branch, Names, found_by
from aiomongodel.fields.stored import StoredField
from aiomongodel.geojson import (
    BY_NAME,
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    shape_of,
)

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter

Check = Callable[[Any], ValidationError | None]

LIMITS: Final = (180, 90)
"""Of longitude and latitude, to both sides of 0."""


# The rules.


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


# Conversions.


def geojson_of(value: Any) -> Any:
    """A GeoJSON object as it is, or that of an object that says it of itself.

    Raises:
        AttributeError: It is none, and says none.
    """
    return value if isinstance(value, Mapping) else value.__geo_interface__


def shape_of_geojson(data: Any) -> Any:
    """The shape of a GeoJSON object.

    Raises:
        LookupError: It is none.
        TypeError: Its coordinates are none.
    """
    return shape_of(BY_NAME[data['type']], data['coordinates'])


class GeoJSONField(StoredField[V]):
    """The base of the fields of GeoJSON: a value is a shape of `aiomongodel.geojson`.

    A GeoJSON object is converted, or anything that has a `__geo_interface__`. It is stored as
    GeoJSON, for a `2dsphere` index and for `near`, `within`, `within_circle` and `intersects`. A
    stored object with other members, such as `bbox`, stays the dict that it is.

    Args:
        **options: See `Field`.
    """

    stored_type = Mapping
    _inner_key: ClassVar[str] = 'coordinates'
    _shape: ClassVar[type[Any]]

    def __init__(self, **options: Any) -> None:
        options['field_type'] = self._shape
        super().__init__(**options)

    @property
    def _settled_type(self) -> type | None:
        return None  # a shape may have been made of lists

    @property
    def _takes_mappings(self) -> bool:
        return True

    @property
    def _type_in_words(self) -> str:
        return f'a {self._shape.__name__} of GeoJSON'

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return f'{names.bind(self.from_data, "from_data")}({value})'

    def convert(self, value: Any) -> Any:
        """Convert coordinates in lists or tuples, or GeoJSON of the field's type."""
        if isinstance(value, list | tuple):
            return shape_of(self._shape, value)
        data = geojson_of(value)
        return shape_of_geojson(data) if data['type'] == self._shape.__name__ else value

    def unpack(self, stored: Mapping[str, Any]) -> Any:
        """The shape of a GeoJSON object that has nothing besides."""
        return self.convert(stored) if stored.keys() == {'type', self._inner_key} else stored

    def pack(self, value: Any) -> dict[str, Any]:
        """The GeoJSON object."""
        data: dict[str, Any] = value.__geo_interface__
        return data

    def _storable(self, value: Any) -> Any:
        return stored(self, value)

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """That the coordinates are some, within their limits, and enough of them."""
        return [found_by(names.bind(self._error_of, 'error_of'), value, names)]

    def _error_of(self, value: Any) -> ValidationError | None:
        try:
            return self._shape_error(value)
        except Exception:  # noqa: BLE001 - the coordinates may be any objects, and raise anything
            return ValidationError(errors.INVALID_TYPE)

    def _shape_error(self, value: Any) -> ValidationError | None:
        return shape_error(value)

    def to_json(self, value: Any) -> Any:
        """Convert a shape to GeoJSON."""
        return self.pack(value) if self._is_of_type(value) else super().to_json(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A GeoJSON object of the field's type."""
        return json_shape(self._shape)

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A GeoJSON object of the field's type."""
        return mongo_shape(self._shape)


class PointField(GeoJSONField[V]):
    """A place on the earth, a `geojson.Point` of longitude and latitude, in this order.

    A pair of numbers is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Shop(Document):
        ...     place = PointField()
        >>> shop = Shop(place=(30.5, 50.4))
        >>> shop.place.latitude, shop.to_mongo()['place']
        (50.4, {'type': 'Point', 'coordinates': [30.5, 50.4]})
    """

    _shape = Point

    @overload
    def __init__(
        self: PointField[Point],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[Point]],
    ) -> None: ...
    @overload
    def __init__(
        self: PointField[Point | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Point | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class MultiPointField(GeoJSONField[V]):
    """Several places, a `geojson.MultiPoint`; a list of pairs is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Chain(Document):
        ...     shops = MultiPointField()
        >>> [shop.latitude for shop in Chain(shops=[(30.5, 50.4), (24, 49.8)]).shops.coordinates]
        [50.4, 49.8]
    """

    _shape = MultiPoint

    @overload
    def __init__(
        self: MultiPointField[MultiPoint],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[MultiPoint]],
    ) -> None: ...
    @overload
    def __init__(
        self: MultiPointField[MultiPoint | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[MultiPoint | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class LineStringField(GeoJSONField[V]):
    """A line, a `geojson.LineString` of two points or more; a list of pairs is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Road(Document):
        ...     way = LineStringField()
        >>> Road(way=[(30.5, 50.4), (24, 49.8)]).validate().way.coordinates[0]
        Point(longitude=30.5, latitude=50.4)
    """

    _shape = LineString

    @overload
    def __init__(
        self: LineStringField[LineString],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[LineString]],
    ) -> None: ...
    @overload
    def __init__(
        self: LineStringField[LineString | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[LineString | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class MultiLineStringField(GeoJSONField[V]):
    """Several lines, a `geojson.MultiLineString`; a list of lists of pairs is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class River(Document):
        ...     arms = MultiLineStringField()
        >>> len(River(arms=[[(30, 50), (31, 51)], [(30, 50), (29, 51)]]).arms.coordinates)
        2
    """

    _shape = MultiLineString

    @overload
    def __init__(
        self: MultiLineStringField[MultiLineString],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[MultiLineString]],
    ) -> None: ...
    @overload
    def __init__(
        self: MultiLineStringField[MultiLineString | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[MultiLineString | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class PolygonField(GeoJSONField[V]):
    """An area, a `geojson.Polygon` of rings; a list of rings is converted.

    The first ring goes around the area, others around holes in it. Each has four points or more,
    of which the last is the first again.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Park(Document):
        ...     area = PolygonField()
        >>> park = Park(area=[[(0, 0), (1, 0), (1, 1), (0, 0)]]).validate()
        >>> park.to_mongo()['area']['coordinates']
        [[[0, 0], [1, 0], [1, 1], [0, 0]]]
    """

    _shape = Polygon

    @overload
    def __init__(
        self: PolygonField[Polygon],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[Polygon]],
    ) -> None: ...
    @overload
    def __init__(
        self: PolygonField[Polygon | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Polygon | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class MultiPolygonField(GeoJSONField[V]):
    """Several areas, a `geojson.MultiPolygon`; a list of lists of rings is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Country(Document):
        ...     land = MultiPolygonField()
        >>> len(Country(land=[[[(0, 0), (1, 0), (1, 1), (0, 0)]]]).validate().land.coordinates)
        1
    """

    _shape = MultiPolygon

    @overload
    def __init__(
        self: MultiPolygonField[MultiPolygon],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[MultiPolygon]],
    ) -> None: ...
    @overload
    def __init__(
        self: MultiPolygonField[MultiPolygon | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[MultiPolygon | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class GeometryCollectionField(GeoJSONField[V]):
    """Shapes of several kinds, a `geojson.GeometryCollection`; a list of them is converted.

    Args:
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> from aiomongodel.geojson import LineString, Point
        >>> class Plan(Document):
        ...     shapes = GeometryCollectionField()
        >>> plan = Plan(shapes=[Point(0, 0), LineString((Point(0, 0), Point(1, 1)))])
        >>> plan.validate().shapes.geometries[0]
        Point(longitude=0, latitude=0)
    """

    _shape = GeometryCollection
    _inner_key = 'geometries'

    @overload
    def __init__(
        self: GeometryCollectionField[GeometryCollection],
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[GeometryCollection]],
    ) -> None: ...
    @overload
    def __init__(
        self: GeometryCollectionField[GeometryCollection | None],
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[GeometryCollection | None]],
    ) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def convert(self, value: Any) -> Any:
        """Convert a list of shapes, or a collection as GeoJSON."""
        if isinstance(value, list | tuple):
            shapes = tuple(value)
        else:
            data = geojson_of(value)
            if data['type'] != 'GeometryCollection':
                return value
            shapes = tuple(data['geometries'])
        return GeometryCollection(tuple(shape_of_geojson(geojson_of(each)) for each in shapes))

    def _shape_error(self, value: Any) -> ValidationError | None:
        return collection_error(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A GeoJSON collection of shapes."""
        shapes = {'oneOf': [json_shape(kind) for kind in CHECKS]}
        rules = array_of(shapes, 1, 'type')
        return object_rules('type', 'GeometryCollection', 'geometries', rules)

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A GeoJSON collection of shapes."""
        shapes = {'oneOf': [mongo_shape(kind) for kind in CHECKS]}
        rules = array_of(shapes, 1, 'bsonType')
        return object_rules('bsonType', 'GeometryCollection', 'geometries', rules)
