"""The fields of GeoJSON: points, lines and areas on the earth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Unpack, overload

from aiomongodel import errors
from aiomongodel.errors import ValidationError
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.geojson_rules import (
    collection_error,
    json_collection,
    json_shape,
    mongo_collection,
    mongo_shape,
    shape_error,
)
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
        return names.call(self.from_data, value)

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
        return json_collection()

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A GeoJSON collection of shapes."""
        return mongo_collection()
