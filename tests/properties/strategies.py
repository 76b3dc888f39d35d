"""Random models, values that they take, and values that they may not take."""

import types
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId
from hypothesis import strategies as st

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)

from . import models

ODD_NAMES = [
    *['class', 'None', 'self', 'cls', 'given', 'values', 'document', 'data', 'value', 'errors'],
    *['name', 's', 'default', 'choices', 'function', 'pending', 'value_0', 'default_1', 'items'],
    *["quo'te", 'quo"te', 'back\\slash', 'new\nline', '%s', 'a b', 'é', '漢字', '🎈', ' '],
    *[
        '__v',
        '_x',
        'None',
        '0',
        'ValidationError',
        '_Empty',
        '{brace}',
        'keys',
        'get',
        'mro',
        'index',
    ],
]
NAMES = st.sampled_from(ODD_NAMES) | st.text('abcdefgh_', min_size=1, max_size=4)
STORED = NAMES | st.text(
    st.characters(exclude_characters='$.\0', exclude_categories=['Cs']), min_size=1, max_size=5
)

TEXT = st.text(st.characters(exclude_categories=['Cs']), max_size=10)
WORDS = TEXT.filter(bool)
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats()
DECIMALS = st.decimals(allow_nan=False, min_value=-1000, max_value=1000, places=3) | st.decimals(
    allow_infinity=True, allow_nan=None, places=2, min_value=None, max_value=None
).filter(lambda value: not value.is_snan() and len(value.as_tuple().digits) < 34)
OBJECT_IDS = st.binary(min_size=12, max_size=12).map(ObjectId)
DATES = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, fold=0)
)
EMAILS = st.from_regex(r'\A[a-z0-9_.+-]{1,5}@[a-z0-9-]{1,5}\.[a-z]{2,3}\Z')
SCALARS = st.none() | st.booleans() | INTS | FLOATS | TEXT | st.binary(max_size=4) | DATES
KEYS_OF_BSON = WORDS.filter(lambda key: '\0' not in key)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS_OF_BSON, inner, max_size=3),
)
HASHABLE = st.integers(0, 3) | st.text(max_size=2)

GARBAGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=True)
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=5)
    | st.complex_numbers()
    | st.datetimes()
    | st.dates()
    | OBJECT_IDS
    | st.sampled_from([int, len, object(), range(3), Ellipsis, ObjectId, models.Key, b'\xff'])
    | st.builds(models.Key, number=st.integers(), word=st.text(max_size=3))
    | st.builds(models.ByStr, _id=st.text(max_size=3))
    | st.just(models.ByKey(_empty=True)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(NAMES | st.integers() | st.none(), inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
    ),
    max_leaves=5,
)
"""Anything, but what raises when it is looked at: that is in `hostile`."""


class Kind(NamedTuple):
    """How a field is made, and the values that it accepts."""

    make: Callable[..., Any]
    values: st.SearchStrategy[Any]


class Case(NamedTuple):
    """A model, and the keywords of its valid documents."""

    model: type
    keywords: st.SearchStrategy[dict[str, Any]]

    def documents(self):
        return self.keywords.map(lambda keywords: self.model(**keywords))


@st.composite
def texts(draw):
    low = draw(st.none() | st.integers(1, 3))
    high = draw(st.none() | st.integers(3, 6))
    blank = draw(st.booleans()) and not low
    options = {'min_length': low, 'max_length': high, 'allow_blank': blank}
    alphabet = st.characters(exclude_categories=['Cs'])
    values = st.text(alphabet, min_size=low or (not blank), max_size=high or 8)
    if draw(st.booleans()):
        options['regex'], values = '[a-c]+', st.text('abc', min_size=low or 1, max_size=high or 8)
    return Kind(lambda **more: StrField(**options, **more), values)


@st.composite
def numbers(draw):
    kind, low, high = draw(
        st.sampled_from([(IntField, -3, 3), (FloatField, -0.5, 2.5), (DecimalField, -2, 2.5)])
    )
    values = {
        IntField: st.integers(-2, 2),
        FloatField: st.floats(-0.25, 2.25),
        DecimalField: st.decimals(-1, 2, places=2),
    }[kind]
    names = draw(st.sampled_from([('gte', 'lte'), ('gt', 'lt'), ('gte', 'lt')]))
    options = dict(zip(names, (low, high), strict=True))
    return Kind(lambda **more: kind(**options, **more), values)


@st.composite
def embedded(draw, depth):
    case = draw(cases(EmbeddedDocument, depth - 1))
    given = draw(st.sampled_from([case.model, lambda: case.model]))
    return Kind(lambda **more: EmbDocField(given, **more), case.documents() | case.keywords)


@st.composite
def lists(draw, depth):
    item = draw(kinds(depth - 1))
    low, high = draw(st.sampled_from([(None, None), (0, 3), (1, 2), (None, 2), (1, None)]))
    values = st.lists(item.values, min_size=low or 0, max_size=3 if high is None else high)
    options = {'min_length': low, 'max_length': high}
    return Kind(lambda **more: ListField(item.make(), **options, **more), values)


KEYS = st.builds(models.Key, number=INTS, word=WORDS)
IDS = [
    (models.ByStr, WORDS),
    (models.ByObjectId, OBJECT_IDS),
    (models.ByDecimal, DECIMALS),
    (models.ByKey, KEYS),
    (models.ByReference, WORDS),
]


@st.composite
def references(draw):
    model, ids = draw(st.sampled_from(IDS))
    path = f'{model.__module__}.{model.__name__}'
    given = draw(st.sampled_from([model, lambda: model, path]))
    documents = st.builds(model, _id=ids)
    return Kind(lambda **more: RefField(given, **more), ids | documents)


SIMPLE = (
    st.sampled_from(
        [
            Kind(StrField, WORDS),
            Kind(IntField, INTS),
            Kind(FloatField, FLOATS),
            Kind(DecimalField, DECIMALS),
            Kind(BoolField, st.booleans()),
            Kind(DateTimeField, DATES),
            Kind(ObjectIdField, OBJECT_IDS),
            Kind(EmailField, EMAILS),
            Kind(AnyField, JSON.filter(lambda value: value is not None)),
        ]
    )
    | texts()
    | numbers()
    | references()
)


def kinds(depth):
    """Give strategies of kinds of fields, of at most so many levels."""
    if depth <= 0:
        return SIMPLE
    return SIMPLE | embedded(depth) | lists(depth)


@st.composite
def members(draw, depth):
    """Give the maker of a field with random options, its values, and whether it may be unset."""
    kind = draw(kinds(depth))
    options, values = {}, kind.values
    if draw(st.integers(0, 3)) == 0:
        # A NaN is a match only as the same object, which it is no more once it was stored.
        choices = values.filter(lambda value: value == value)
        options['choices'] = draw(st.lists(choices, min_size=1, max_size=3))
        values = st.sampled_from(options['choices'])
        if isinstance(kind.make(), EmbDocField | ListField | RefField):
            options, values = {}, kind.values
    if draw(st.booleans()):
        options['allow_none'], values = True, values | st.none()
    if draw(st.booleans()):
        options['required'] = False
    elif draw(st.booleans()):
        default = draw(values)
        options['default'] = draw(st.sampled_from([default, lambda: default]))
    optional = 'required' in options or 'default' in options
    return lambda **more: kind.make(**options, **more), values, optional


@st.composite
def cases(draw, base=None, depth=2):
    """Give models: of random fields, spread over bases, under random names."""
    base = base or draw(st.sampled_from([Document, EmbeddedDocument]))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    stored = draw(stored_as(names))
    chosen = {name: draw(members(depth)) for name in names}
    fields = {name: chosen[name][0](mongo_name=stored[name]) for name in names}
    synonym = draw(st.none() | NAMES.filter(lambda name: name not in names))
    synonyms = {} if synonym is None else {synonym: SynonymField(draw(st.sampled_from(names)))}
    inherited = draw(st.integers(0, len(names) - 1))
    first = {name: fields[name] for name in names[:inherited]}
    rest = {name: fields[name] for name in names[inherited:]}
    bases = draw(
        st.sampled_from([(made('Base', (base,), first),), (made('Mixin', (), first), base)])
    )
    required = {name: values for name, (_, values, optional) in chosen.items() if not optional}
    maybe = {name: values for name, (_, values, optional) in chosen.items() if optional}
    return Case(
        made('Model', bases, {**rest, **synonyms}), st.fixed_dictionaries(required, optional=maybe)
    )


def made(name, bases, namespace):
    return types.new_class(name, bases, exec_body=lambda body: body.update(namespace))


@st.composite
def stored_as(draw, names):
    """Give a mongo name, or None, for each name: their own, each other's, or any others."""
    way = draw(st.sampled_from(['own', 'swapped', 'other']))
    if way == 'own':
        return dict.fromkeys(names)
    if way == 'swapped':
        return dict(zip(names, draw(st.permutations(names)), strict=True))
    others = STORED.filter(lambda name: name != '_id')
    count = len(names)
    return dict(
        zip(
            names,
            draw(st.lists(others, min_size=count, max_size=count, unique=True)),
            strict=True,
        )
    )


def some_of(model):
    """Give strategies of some field names of a model, in any order."""
    return st.lists(st.sampled_from(list(model.meta.fields)), unique=True)
