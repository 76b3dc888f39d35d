"""Random models with random constraints, and values near their limits on either side."""

import datetime
import enum
import math
import re
import types
import uuid
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, NamedTuple

from bson import Binary, Decimal128, Int64, MaxKey, ObjectId, Regex
from hypothesis import reject
from hypothesis import strategies as st

from aiomongodel import (
    AnyField,
    BinaryField,
    BoolField,
    ConstField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    EnumField,
    FileField,
    FloatField,
    GeometryCollectionField,
    IntField,
    IPAddressField,
    LineStringField,
    ListField,
    MapField,
    MultiPointField,
    ObjectIdField,
    PatternField,
    PointField,
    PolygonField,
    RefField,
    SetField,
    StrField,
    TimedeltaField,
    TimeField,
    TupleField,
    UnionField,
    UrlField,
    UUIDField,
    VectorField,
    errors,
)
from aiomongodel.fields.dialects import PCRE, anchored

PATTERNS = [
    *[r'[a-c]+$', r'^\d{2}\Z', r'(?i)[i-k]+\Z', r'[^\W\d_]+', r'\bab', r'(a|bc)*\Z', r'a.c'],
    *[r'(?s)a.c\Z', r'(?m)^b$', r'(?x) a  b # c', r'\s+\S', r'é+', r'[^a]\Z', r'a|b', r'\w+$'],
    *[r'(?a)\d+\w\s', r'(?P<y>\d\d)-(?P<m>\d)\Z', r'x{,2}\Z', r'[\]\-^]', r'(?!a)[ab]', r'a++b?'],
    *[r'(?i)[^k]\Z', r'(?i:s)t', r'(?>a+)b', r'[\S\n]+\Z', r'\v|\x00|/', r'[a-\u00ff]+\Z', r'{a}'],
]
UNTRANSLATABLE = [r'(\w)\1', r'(?i)ß', r'a\Bb', r'(a)?(?(1)b|c)']
URLS = ['http://a.b', 'https://ä.example/x?y#z', 'ftp://a', 'http://', '', 'http://[::1]:80/']
KEYS = frozenset({errors.KEY_IS_NOT_STORABLE})
PLACED = frozenset({errors.RING_NOT_CLOSED})
BACK = r'(.)\1'
LETTERS = st.sampled_from('abcijkKsS\u0131\u017f\u212a\n\r\x0b\u0663\u00b2 9_-éßxt{}/^]\u2028🎈')
WORDS = st.text(LETTERS, max_size=5) | st.text(max_size=6)
NUMBERS = st.integers(-9, 9) | st.floats(-9, 9) | st.decimals(-9, 9, places=2)
LIMITS = NUMBERS | st.sampled_from(
    [
        *[Decimal('0.1'), Decimal(1) / 3, Decimal(2**53 + 1), Decimal('1E-40'), Decimal('1.5')],
        *[2**53 + 1, 2**70, -(2**70), 10**400, math.inf, -math.inf, 0.1, True],
        Decimal('-1E+7000'),
    ]
)
DATES = st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2100, 1, 1))
WILD = st.sampled_from(
    [
        *[None, True, False, 0, 1, 1.0, -1, 2.5, math.nan, math.inf, Int64(1), Int64(2**60)],
        *['', 'a', 'ab', 'r', b'', b'abc', Binary(b'x', 5), [], [1], ['a'], {}, {'a': 1}],
        *[Decimal128('1'), Decimal128('NaN'), ObjectId('65df1f77bcf86cd799439011')],
        *[datetime.datetime(2024, 2, 29), Regex('a'), MaxKey(), '07:30:00.000000'],
    ]
)
"""Stored values of each type, for a field of any kind."""


class Colour(enum.Enum):
    RED = 'r'
    ONE = 1
    PAIR = (1, 2)


class Level(enum.IntEnum):
    LOW = 0
    HIGH = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Kind(NamedTuple):
    """How a field is made, values near its limits, and the errors that no schema tells of."""

    make: Callable[..., Any]
    values: st.SearchStrategy[Any]
    untold: frozenset[str] = frozenset()


@st.composite
def texts(draw):
    low, high = draw(st.none() | st.integers(0, 3)), draw(st.none() | st.integers(3, 5))
    options = {'min_length': low, 'max_length': high, 'allow_blank': draw(st.booleans())}
    regex = draw(st.none() | st.sampled_from([*PATTERNS, *UNTRANSLATABLE]))
    if regex is None:
        return Kind(lambda **more: StrField(**options, **more), WORDS)
    if draw(st.booleans()):
        regex = re.compile(
            regex, draw(st.sampled_from([0, re.IGNORECASE, re.DOTALL, re.ASCII, re.MULTILINE]))
        )
    is_told = anchored(re.compile(regex), PCRE) is not None
    untold = frozenset() if is_told else frozenset({errors.PATTERN_DOES_NOT_MATCH})
    values = WORDS | st.from_regex(regex)
    return Kind(lambda **more: StrField(**options, regex=regex, **more), values, untold)


@st.composite
def numbers(draw):
    names = draw(st.sampled_from([(), ('gte',), ('lt',), ('gt', 'lte'), ('gte', 'lt', 'gt')]))
    limits = sorted(draw(st.lists(LIMITS, min_size=2, max_size=2, unique_by=float_of)), key=Decimal)
    low, high = limits
    options = {name: low if name.startswith('g') else high for name in names}
    near = [each for limit in limits for each in near_to(limit)]
    kind = draw(st.sampled_from([IntField, FloatField, DecimalField]))
    values = NUMBERS | st.sampled_from(near) | st.booleans() | st.floats() | st.integers()
    return Kind(lambda **more: kind(**options, **more), values)


def float_of(limit):
    try:
        return float(limit)
    except OverflowError:
        return math.inf


def near_to(limit):
    """Give a limit, and what lies next to it in each type."""
    if abs(limit) == math.inf or abs(limit) > 2**200:
        return [limit]
    number = float(limit)
    around = [number, math.nextafter(number, -math.inf), math.nextafter(number, math.inf)]
    decimals = [Decimal(limit), Decimal(limit).next_minus(), Decimal(limit).next_plus()]
    return [limit, *around, *decimals, math.floor(limit), math.ceil(limit), Decimal(number)]


@st.composite
def lists(draw, depth):
    item = draw(kinds(depth - 1))
    low, high = draw(st.sampled_from([(None, None), (0, 2), (1, 2), (None, 2), (1, None)]))
    nullable = draw(st.booleans())
    values = st.lists(item.values | st.none() if nullable else item.values, max_size=3)
    return Kind(
        lambda **more: ListField(
            item.make(allow_none=nullable), min_length=low, max_length=high, **more
        ),
        values,
        item.untold,
    )


@st.composite
def containers(draw, depth):
    """Give maps, sets, tuples and unions."""
    one, other = draw(kinds(depth - 1)), draw(SINGLE)
    low, high = draw(st.sampled_from([(None, None), (1, 2), (None, 1)]))
    limits = {'min_length': low, 'max_length': high}
    key_regex = draw(st.sampled_from([None, r'[a-c]+\Z', r'\d', BACK]))
    maps = st.dictionaries(st.text('abc1\u0663', max_size=2), one.values, max_size=3)
    untold = one.untold | other.untold
    return draw(
        st.sampled_from(
            [
                Kind(
                    lambda **more: MapField(one.make(), key_regex=key_regex, **limits, **more),
                    maps,
                    one.untold
                    | ({errors.KEY_DOES_NOT_MATCH} if key_regex == BACK else set())
                    | KEYS,
                ),
                Kind(lambda **more: DictField(**limits, **more), maps, KEYS),
                Kind(
                    lambda **more: SetField(other.make(), **limits, **more),
                    st.lists(other.values, max_size=3),
                    other.untold | {errors.NOT_UNIQUE},
                ),
                Kind(
                    lambda **more: TupleField(one.make(), other.make(allow_none=True), **more),
                    st.tuples(one.values, other.values | st.none()),
                    untold,
                ),
                Kind(
                    lambda **more: UnionField(one.make(), other.make(), **more),
                    one.values | other.values,
                    untold,
                ),
            ]
        )
    )


PLACES = st.tuples(st.floats(-181, 181), st.floats(-91, 91))
RINGS = st.lists(PLACES, min_size=3, max_size=4).map(lambda ring: [*ring, ring[0]])
SHAPES = [
    (PointField, PLACES),
    (MultiPointField, st.lists(PLACES, max_size=2)),
    (LineStringField, st.lists(PLACES, max_size=3)),
    (PolygonField, st.lists(RINGS, max_size=2)),
    (
        GeometryCollectionField,
        st.lists(
            PLACES.map(lambda place: {'type': 'Point', 'coordinates': list(place)}), max_size=2
        ),
    ),
]


@st.composite
def special(draw):
    """Give fields of shapes, vectors, URLs, addresses, patterns and single values."""
    shape, places = draw(st.sampled_from(SHAPES))
    value = draw(st.sampled_from([1, 'a', True, 1.5]))
    version = draw(st.sampled_from([None, 4, 6]))
    components = st.lists(st.floats(width=32) | st.integers(0, 2), max_size=3)
    binary = draw(st.booleans())
    urls = st.sampled_from(URLS)
    return draw(
        st.sampled_from(
            [
                Kind(shape, places, PLACED),
                Kind(
                    lambda **more: VectorField(2, binary=binary, **more),
                    components,
                    frozenset({errors.NOT_FINITE}),
                ),
                Kind(
                    lambda **more: UrlField(regex=r'[^x]+\Z', **more),
                    urls,
                    frozenset({errors.NOT_A_URL}),
                ),
                Kind(
                    lambda **more: UrlField(allow_blank=True, **more),
                    urls,
                    frozenset({errors.NOT_A_URL}),
                ),
                Kind(
                    lambda **more: IPAddressField(version=version, **more),
                    st.ip_addresses() | st.sampled_from(['::1%a', '127.0.0.1', '1']),
                    frozenset({errors.NOT_AN_IP_ADDRESS}),
                ),
                Kind(PatternField, st.sampled_from([re.compile('a'), re.compile('(?i)b')])),
                Kind(FileField, st.binary(min_size=12, max_size=12).map(ObjectId)),
                Kind(lambda **more: ConstField(value, **more), st.just(value) | st.just(1)),
            ]
        )
    )


@st.composite
def embedded(draw, depth):
    case = draw(cases(EmbeddedDocument, depth - 1))
    return Kind(lambda **more: EmbDocField(case.model, **more), case.keywords, case.untold)


@st.composite
def references(draw):
    kind = draw(SINGLE)
    model = made('Other', (Document,), {'_id': kind.make()})
    return Kind(lambda **more: RefField(model, **more), kind.values, kind.untold)


def single(*made, values, untold=()):
    return st.sampled_from([Kind(make, values, frozenset(untold)) for make in made])


SINGLE = st.one_of(
    texts(),
    numbers(),
    single(
        EmailField, values=st.sampled_from(['a@b.c', 'a@b', 'a@b.c\n', 'ö@b.c', 'a@b..']) | WORDS
    ),
    single(BoolField, values=st.booleans()),
    single(DateTimeField, values=DATES),
    single(DateField, values=st.dates() | DATES),
    single(TimeField, values=st.times(), untold=[errors.INVALID_TYPE]),
    single(TimedeltaField, values=st.timedeltas()),
    single(ObjectIdField, values=st.binary(min_size=12, max_size=12).map(ObjectId)),
    single(UUIDField, values=st.uuids(), untold=[errors.INVALID_TYPE]),
    single(BinaryField, values=st.binary(max_size=5)),
    single(
        lambda **more: BinaryField(max_size=3, **more),
        values=st.binary(max_size=5),
        untold=[errors.TOO_LONG],
    ),
    single(
        lambda **more: EnumField(Colour, **more),
        lambda **more: EnumField(Colour, by='name', **more),
        values=st.sampled_from([*Colour, 'r', 'RED', 2]),
    ),
    single(
        lambda **more: EnumField(Level, **more),
        lambda **more: EnumField(Level, by='name', **more),
        values=st.sampled_from([*Level, True, 2]),
    ),
    single(lambda **more: EnumField(Right, **more), values=st.sampled_from([*Right, 3])),
    single(AnyField, values=WILD | WORDS),
)


def kinds(depth):
    """Give strategies of kinds of fields, of at most so many levels."""
    return (
        SINGLE
        if depth <= 0
        else st.one_of(
            SINGLE, special(), references(), lists(depth), embedded(depth), containers(depth)
        )
    )


@st.composite
def members(draw, depth):
    """Give the maker of a field with random options, its values, and the errors untold."""
    kind = draw(kinds(depth))
    options, values, untold = {}, kind.values, kind.untold
    if draw(st.integers(0, 3)) == 0 and not isinstance(kind.make(), ConstField):
        options['choices'] = draw(st.lists(values, min_size=1, max_size=3))
        values = values | st.sampled_from(options['choices'])
        untold = untold | unlisted(kind.make(), options['choices'])
    options['allow_none'] = draw(st.booleans())
    options['required'] = draw(st.booleans())
    return Kind(lambda **more: kind.make(**options, **more), values | st.none(), untold)


def unlisted(field, choices):
    """Give the error that is not told of, where choices are not listed: they have many forms."""
    listed = (str, int, float, bytes, ObjectId, datetime.date, datetime.timedelta, uuid.UUID)
    # Where no value of the field's type can be chosen, the members of an enumeration are listed.
    values = [each for each in choices if field._is_of_type(field.from_data(each))]
    is_listed = values and all(
        # A datetime may be a choice of a DateField, and is stored like the date that is none.
        isinstance(each, listed) and not isinstance(each, Binary) and field.from_data(each) == each
        for each in values
    )
    return set() if is_listed else {errors.NO_VARIANT_MATCHES}


class Case(NamedTuple):
    """A model, the keywords of its documents, and the errors that no schema tells of."""

    model: type
    keywords: st.SearchStrategy[dict[str, Any]]
    untold: frozenset[str]


@st.composite
def cases(draw, base=Document, depth=2):
    """Give models of some random fields, each with a name of its own in MongoDB."""
    chosen = draw(st.lists(members(depth), min_size=1, max_size=3))
    fields = {
        f'f{number}': kind.make(mongo_name=f'm{number}') for number, kind in enumerate(chosen)
    }
    values = {f'f{number}': kind.values for number, kind in enumerate(chosen)}
    untold = frozenset().union(*(kind.untold for kind in chosen))
    return Case(made('Model', (base,), fields), st.fixed_dictionaries({}, optional=values), untold)


def made(name, bases, namespace):
    return types.new_class(name, bases, exec_body=lambda body: body.update(namespace))


@st.composite
def documents(draw, case):
    """Give documents of a model as they are loaded: of its values, or of any other."""
    try:
        stored = case.model(**draw(case.keywords)).to_mongo()
    except (DecimalException, ValueError):  # a Decimal of too many digits
        reject()
    for name in draw(st.lists(st.sampled_from(list(case.model.meta.stored_fields)), max_size=1)):
        wild = draw(WILD | st.just(Ellipsis))
        stored.pop(name, None)
        if wild is not Ellipsis and name != '_id':
            stored[name] = wild
    return case.model.from_mongo(stored)
