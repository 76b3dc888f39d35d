"""What decides by a schema: MongoDB's rules of `$jsonSchema` in Python, and the test server."""

import contextlib
import datetime
import itertools
import re

import bson
import jsonschema
from bson import Binary, Decimal128, Int64, ObjectId, Regex
from bson.codec_options import CodecOptions
from jsonschema import Draft4Validator, ValidationError
from pymongo.errors import OperationFailure, WriteError

REFUSED = 121
"""The server's code of what a validator refuses."""

MOMENTS = CodecOptions(datetime_conversion=bson.DatetimeConversion.DATETIME_AUTO)

BSON_TYPES = {
    bool: 'bool',
    int: 'int',
    Int64: 'long',
    float: 'double',
    str: 'string',
    bytes: 'binData',
    Binary: 'binData',
    ObjectId: 'objectId',
    datetime.datetime: 'date',
    bson.DatetimeMS: 'date',
    Decimal128: 'decimal',
    dict: 'object',
    list: 'array',
    type(None): 'null',
    Regex: 'regex',
}

KEYWORDS = {
    'additionalProperties': True,
    'allOf': [{}],
    'anyOf': [{}],
    'description': 'a',
    'maxProperties': 9,
    'minProperties': 0,
    'not': {'bsonType': 'int'},
    'oneOf': [{}],
    'patternProperties': {},
    'title': 'a',
}
"""Keywords of MongoDB's `$jsonSchema` that another engine may not know, each with a value.

That of the test server, DocumentDB, knows none of these, and refuses a schema that has one.
"""


def stored(data):
    """Give data as they are after they were stored, or None where they cannot be."""
    try:
        return bson.decode(bson.encode(data), codec_options=MOMENTS)
    except (bson.errors.BSONError, OverflowError, TypeError, ValueError):
        return None


def without(schema, keywords):
    """Give a schema without some keywords; it then refuses less."""
    known = {key: value for key, value in schema.items() if key not in keywords}
    if isinstance(known.get('properties'), dict):
        inner = {name: without(each, keywords) for name, each in known['properties'].items()}
        known['properties'] = inner
    if isinstance(known.get('items'), list):
        known['items'] = [without(each, keywords) for each in known['items']]
    elif 'items' in known:
        known['items'] = without(known['items'], keywords)
    return known


def number(value):
    """Give a number for a comparison; None for what is none."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def has_bson_type(validator, wanted, value, schema):
    kinds = wanted if isinstance(wanted, list) else [wanted]
    if BSON_TYPES.get(type(value)) not in kinds:
        yield ValidationError(f'{value!r} is not of type {wanted}')


def is_one_of(validator, variants, value, schema):
    if not any(are_equal(value, each) for each in variants):
        yield ValidationError(f'{value!r} is none of {variants}')


def are_equal(one, other):
    """Tell whether values are equal to MongoDB, to which numbers of any type can be."""
    one_number, other_number = number(one), number(other)
    if one_number is not None and other_number is not None:
        is_nan = one_number != one_number and other_number != other_number
        return is_nan or one_number == other_number
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(are_equal, one, other))
    return BSON_TYPES.get(type(one)) == BSON_TYPES.get(type(other)) and one == other


def at_least(validator, limit, value, schema):
    yield from out_of_range(value, limit, schema.get('exclusiveMinimum'), 1)


def at_most(validator, limit, value, schema):
    yield from out_of_range(value, limit, schema.get('exclusiveMaximum'), -1)


def out_of_range(value, limit, is_open, direction):
    left, right = number(value), number(limit)
    if left is None:
        return
    is_nan = left != left
    if is_nan or (left < right if direction > 0 else left > right) or (is_open and left == right):
        yield ValidationError(f'{value!r} is beyond {limit!r}')


def matches(validator, pattern, value, schema):
    if isinstance(value, str) and not re.search(python_pattern(pattern), value):
        yield ValidationError(f'{value!r} does not match {pattern}')


def additional(validator, rules, value, schema):
    if not isinstance(value, dict):
        return
    patterns = schema.get('patternProperties', {})
    for key, inner in value.items():
        found = [patterns[each] for each in patterns if re.search(python_pattern(each), key)]
        for each in found:
            yield from validator.descend(inner, each)
        if found or key in schema.get('properties', {}):
            continue
        if rules is False:
            yield ValidationError(f'{key!r} is not expected')
        elif rules is not True:
            yield from validator.descend(inner, rules)


def python_pattern(pattern):
    """Give a pattern of PCRE as Python reads it."""
    text = pattern.replace(r'\p{Nd}', r'\d').replace(r'\p{L}\p{N}_', r'\w').replace(r'\z', r'\Z')
    return re.sub(r'\\x\{([0-9a-f]+)\}', lambda found: f'\\u{found[1]}', text)


MongoValidator = jsonschema.validators.extend(
    Draft4Validator,
    {
        'bsonType': has_bson_type,
        'enum': is_one_of,
        'minimum': at_least,
        'maximum': at_most,
        'pattern': matches,
        'patternProperties': lambda *_: (),
        'additionalProperties': additional,
    },
    type_checker=Draft4Validator.TYPE_CHECKER.redefine_many(
        {
            'array': lambda checker, value: isinstance(value, list),
            'object': lambda checker, value: isinstance(value, dict),
        }
    ),
)
"""MongoDB's `$jsonSchema` as its documentation has it: draft 4, with types of BSON."""


class Server:
    """The test server, with a collection for each schema that it is to check by."""

    def __init__(self, db):
        self._db = db
        self._numbers = itertools.count()
        self._unknown = {key for key, value in KEYWORDS.items() if not self._knows({key: value})}

    @contextlib.contextmanager
    def _checked(self, schema):
        # A collection of its own: by a pool of connections the engine may go on by an old schema.
        name = f'checked_{next(self._numbers)}'
        yield self._db.create_collection(name, validator={'$jsonSchema': schema})
        self._db.drop_collection(name)

    def _knows(self, schema):
        try:
            with self._checked(schema):
                return True
        except OperationFailure:
            return False

    def refusals(self, schema, documents):
        """Give the indexes of the documents that it refuses."""
        with self._checked(without(schema, self._unknown)) as collection:
            return {
                index
                for index, data in enumerate(documents)
                if is_refused(collection, {'_id': index, **data})
            }


def is_refused(collection, data):
    """Tell whether a validator of the server refuses data."""
    try:
        collection.insert_one(data)
    except WriteError as error:
        return error.code == REFUSED
    return False
