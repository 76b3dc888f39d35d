"""What type checkers know of fields of special values. They read this file; it is never run."""

from __future__ import annotations

import datetime
import re
from ipaddress import IPv4Address, IPv6Address
from typing import assert_type

from aiomongodel import (
    DateTimeField,
    Document,
    GeometryCollectionField,
    IPAddressField,
    LineStringField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    PatternField,
    PointField,
    PolygonField,
    Query,
    Update,
    UrlField,
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


class Thing(Document):
    target = UrlField(schemes=('https',), max_length=200)
    source = UrlField(required=False)
    any = IPAddressField()
    old = IPAddressField(version=4)
    new = IPAddressField(version=6, default=IPv6Address('::'))
    any_or_none = IPAddressField(allow_none=True)
    old_or_none = IPAddressField(version=4, required=False)
    new_or_none = IPAddressField(version=6, required=False)
    pattern = PatternField(default=re.compile('a'))
    pattern_or_none = PatternField(required=False)
    place = PointField()
    place_or_none = PointField(required=False)
    places = MultiPointField()
    line = LineStringField()
    lines = MultiLineStringField()
    area = PolygonField()
    areas = MultiPolygonField(allow_none=True)
    shapes = GeometryCollectionField()
    at = DateTimeField(tz=datetime.UTC)
    created = DateTimeField(auto_now_add=True, tz=datetime.UTC)
    updated = DateTimeField(auto_now=True, required=False)
    cut = DateTimeField(milliseconds=True)


thing = Thing(place=(30.5, 50.4))
assert_type(thing.target, str)
assert_type(thing.source, str | None)
assert_type(thing.any, IPv4Address | IPv6Address)
assert_type(thing.old, IPv4Address)
assert_type(thing.new, IPv6Address)
assert_type(thing.any_or_none, IPv4Address | IPv6Address | None)
assert_type(thing.old_or_none, IPv4Address | None)
assert_type(thing.new_or_none, IPv6Address | None)
assert_type(thing.pattern, re.Pattern[str])
assert_type(thing.pattern_or_none, re.Pattern[str] | None)
assert_type(thing.place, Point)
assert_type(thing.place.longitude, float)
assert_type(thing.place_or_none, Point | None)
assert_type(thing.places, MultiPoint)
assert_type(thing.line, LineString)
assert_type(thing.line.coordinates[0], Point)
assert_type(thing.lines, MultiLineString)
assert_type(thing.area, Polygon)
assert_type(thing.area.coordinates[0][0].latitude, float)
assert_type(thing.areas, MultiPolygon | None)
assert_type(thing.shapes, GeometryCollection)
assert_type(thing.at, datetime.datetime)
assert_type(thing.created, datetime.datetime)
assert_type(thing.updated, datetime.datetime | None)
assert_type(thing.cut, datetime.datetime)

assert_type(Thing.pattern == re.compile('a'), Query)
assert_type(Thing.pattern != re.compile('a'), Query)
assert_type(Thing.pattern.in_([re.compile('a')]), Query)
assert_type(Thing.place.near(Point(30.5, 50.4), max_distance=500), Query)
assert_type(Thing.place.set(Point(30.5, 50.4)), Update)
assert_type(Thing.at > datetime.datetime.now(datetime.UTC), Query)

thing.place = Point(30.5, 50.4)
thing.place = 'here'  # type: ignore[assignment]
Point(30.5)  # type: ignore[call-arg]
Point('a', 'b')  # type: ignore[arg-type]
UrlField(schemes=5)  # type: ignore[call-overload]
IPAddressField(version=5)  # type: ignore[call-overload]
PatternField(default='a')  # type: ignore[call-overload]
DateTimeField(tz='UTC')  # type: ignore[call-overload]
