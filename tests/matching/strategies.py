"""Documents and queries of a small alphabet, so that they meet often."""

from datetime import datetime

from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from hypothesis import strategies as st


def brief(strategy):
    """Give the strategy with a short repr: Hypothesis makes one, and warns of a long one."""

    @st.composite
    def drawn(draw):
        return draw(strategy)

    return drawn()


NAMES = st.sampled_from(['a', 'b', '0'])
PATHS = st.sampled_from(
    [
        *['a', 'b', 'c', 'a.a', 'a.b', 'b.a', 'a.0', 'b.0', 'a.1', 'a.b.a', 'a.0.a', 'a.a.0'],
        *['a.0.0', 'a.b.0.a', 'a.0.b.0', 'a.1.0', 'b.b.b'],
    ]
)

NUMBERS = st.sampled_from(
    [
        *[-3, -1, 0, 1, 2, 5, 2**31, 2**53 + 1, 0.0, -0.0, 0.1, 1.0, 1.5, -2.5, 2.0**53, 1e300],
        *[Int64(1), Int64(2), Decimal128('1.0'), Decimal128('0.1'), Decimal128('1E+400')],
        *[float('nan'), float('inf'), float('-inf'), Decimal128('NaN'), Decimal128('-Infinity')],
    ]
)
TEXTS = st.sampled_from(['', 'a', 'b', 'ab', 'A', 'a\n', 'é', '1'])
OTHERS = st.sampled_from(
    [
        *[True, False, b'', b'a', b'ab', Binary(b'a', 5), Binary(bytes(16), 4)],
        *[ObjectId('0' * 24), ObjectId('1' * 24), Timestamp(1, 1), Timestamp(1, 2)],
        *[datetime(2020, 1, 1), datetime(1960, 1, 1, 0, 0, 0, 1000), datetime(2020, 1, 1, 12)],
        *[MinKey(), MaxKey()],
    ]
)
REGEXES = st.sampled_from([Regex('a'), Regex('^a$'), Regex('A', 'i'), Regex('b$', 'm')])
COMMON = st.sampled_from(
    [
        *[None, 1, 2, 'a', 'b', True, [], {}, [1], [1, 2], [2, 1], ['a', 'b'], [None], [[]], [{}]],
        *[[[1]], [[1, 2], 1], {'a': 1}, {'b': 1}, {'a': None}, {'a': 1, 'b': 2}, {'b': 2, 'a': 1}],
        *[
            {'a': [1, 2]},
            {'b': [{'a': 1}, {'a': 2}]},
            [{'a': 1}],
            [{'a': 1}, {'b': 2}],
            [1, {'a': 1}],
        ],
        *[[{'a': [1, 2]}], [{'a': [{'b': 1}]}, {'a': 2}], [[{'a': 1}]], [[{'a': 1}], {'a': 2}]],
        *[
            {'0': 1},
            [{'0': 1}],
            [[{'0': 1}]],
            [[[1]]],
            {'a': {'b': 1}},
            {'a': {'0': 1}},
            [{'a': {}}],
        ],
    ]
)
SCALARS = st.none() | NUMBERS | TEXTS | OTHERS
ANY = st.recursive(
    COMMON | SCALARS | REGEXES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
VALUES = brief(st.sampled_from([COMMON, COMMON, COMMON, SCALARS, ANY]).flatmap(lambda each: each))
DOCUMENTS = st.fixed_dictionaries({}, optional={'a': VALUES, 'b': VALUES})

PLAIN = VALUES.filter(lambda value: not isinstance(value, Regex))
# DocumentDB finds no document without the field by {'$gt': MinKey()} or {'$lt': MaxKey()}. MongoDB
# does: to both, every value but themselves compares, and a missing one is null.
ORDERED = PLAIN.filter(lambda value: not isinstance(value, MinKey | MaxKey))
KINDS = st.sampled_from(
    [
        *['double', 'string', 'object', 'array', 'binData', 'objectId', 'bool', 'date', 'null'],
        *['regex', 'int', 'timestamp', 'long', 'decimal', 'minKey', 'maxKey', 'number'],
        *[1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 16, 17, 18, 19, -1, 127],
    ]
)
# DocumentDB finds nothing by a $bitsAllSet with a position that is given twice.
POSITIONS = st.lists(st.integers(0, 70), max_size=2, unique=True)
# DocumentDB refuses masks of more than 32 bits, MongoDB those of more than 64.
MASKS = st.sampled_from([0, 1, 2, 5, 7, 2**30, b'\1', b'\0\1'])


def one(names, operands):
    """Give a document of one name, of an operator or a path."""
    names = names if isinstance(names, st.SearchStrategy) else st.sampled_from(names)
    return st.tuples(names, operands).map(lambda pair: dict([pair]))


LEAVES = brief(
    st.one_of(
        one(['$eq', '$ne'], PLAIN),
        one(['$gt', '$gte', '$lt', '$lte'], ORDERED),
        one(['$in', '$nin'], st.lists(VALUES, max_size=3)),
        one(['$exists'], st.booleans()),
        one(['$type'], KINDS | st.lists(KINDS, min_size=1, max_size=2)),
        one(['$regex'], REGEXES | st.sampled_from(['a', '^A', 'a$', '.'])),
        st.fixed_dictionaries(
            {
                '$regex': st.sampled_from(['A', '^b', 'a$']),
                '$options': st.sampled_from(['', 'i', 'im']),
            }
        ),
        one(['$mod'], st.tuples(st.sampled_from([1, 2, 3, -2, 2.5]), st.integers(-2, 2)).map(list)),
        one(['$size'], st.integers(0, 3)),
        one(['$all'], st.lists(VALUES, max_size=3)),
        one(['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear'], MASKS | POSITIONS),
    )
)


def combined(conditions):
    """Give conditions that hold others."""
    queries = st.dictionaries(PATHS, VALUES | conditions, min_size=1, max_size=2)
    # Within $elemMatch, DocumentDB takes {'$all': [{'$elemMatch': {}}]} for one that any array
    # matches; without the $all around it, an array of documents only, as in MongoDB.
    some = one(['$elemMatch'], conditions | queries)
    return st.one_of(
        one(['$not'], conditions | REGEXES),
        one(['$elemMatch'], conditions | queries | st.just({})),
        one(['$all'], st.lists(some, min_size=1, max_size=2)),
        st.builds(lambda one, other: {**one, **other}, conditions, conditions).filter(
            has_flags_once
        ),
    )


def has_flags_once(condition):
    """Whether $options is alone in giving flags to a pattern, else the server refuses both."""
    pattern = condition.get('$regex')
    return '$options' not in condition or not (isinstance(pattern, Regex) and pattern.flags)


CONDITIONS = st.recursive(LEAVES, combined, max_leaves=3)
FIELDS = one(PATHS, VALUES | LEAVES | CONDITIONS)
QUERIES = st.recursive(
    FIELDS,
    lambda inner: one(['$and', '$or', '$nor'], st.lists(inner, min_size=1, max_size=2)),
    max_leaves=2,
)


def is_doubtful(query, document):
    """Whether DocumentDB is known to go wrong.

    It looks at the bits of any Decimal128, NaN too; by MongoDB's manual, a number that is no whole
    one, or none of 64 bits, does not match. To {'$gte': None} a missing field is null, as in
    MongoDB, but not within $elemMatch.
    """
    text = str(query)
    orders_null = "'$gte': None" in text or "'$lte': None" in text
    if orders_null and '$elemMatch' in text:
        return True
    return '$bits' in text and any(map(has_no_bits, values_in(document)))


def has_no_bits(value):
    if not isinstance(value, Decimal128):
        return False
    number = value.to_decimal()
    return not number.is_finite() or abs(number) >= 2**63 or number % 1 != 0


def values_in(value):
    """Give the values within a value, and itself."""
    yield value
    inner = value.values() if isinstance(value, dict) else value
    for each in inner if isinstance(value, dict | list) else ():
        yield from values_in(each)
