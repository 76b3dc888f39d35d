"""What a filter means, told once more without queries: which of a handful of documents it finds.

A hotel is a plain dict by the names of the model. A condition is given as text or as a value, with
what it means beside it.
"""

import functools
import itertools
import math
import operator
from datetime import datetime
from decimal import Decimal

from bson import ObjectId

IDS = [ObjectId(f'65df1f77bcf86cd79943901{number}') for number in range(6)]
DAYS = [datetime(2024, 1, 1), datetime(2024, 2, 29, 12), datetime(1970, 1, 1)]

# Numbers are written here as in filters: one engine compares the members of an $in by their bytes.
HOTELS = [
    {},
    {
        'name': 'Ritz',
        'stars': 5,
        'rate': 4.5,
        'price': Decimal('9.5'),
        'is_open': True,
        'built': DAYS[0],
        'chain': IDS[0],
        'tags': ['spa', 'a%b'],
        'marks': [1, 5],
        'address': {'city': 'Oslo', 'floor': 1},
        'city': 'Oslo',
        'cities': ['Rome', 'Oslo'],
        'rooms': [{'price': Decimal('1.5'), 'beds': 2}, {'beds': 1, 'labels': ['aa', 'B']}],
        'anything': 5,
    },
    {
        'name': 'a.b_c',
        'stars': 0,
        'rate': -1.0,
        'price': Decimal(0),
        'is_open': False,
        'built': DAYS[1],
        'chain': IDS[1],
        'tags': [],
        'marks': [-3],
        'epoch': DAYS[2],
        'address': {'city': 'oslo'},
        'rooms': [],
        'dates': [DAYS[2]],
        'anything': 'Text',
    },
    {
        'name': 'ab\nab',
        'stars': 2**40,
        'rate': math.inf,
        'price': Decimal('-0.1'),
        'built': DAYS[2],
        'tags': ['Spa', ''],
        'address': None,
        'rooms': [{'inner': {'price': Decimal(7), 'inner': {'beds': 3}}}],
        'anything': ['a', 7],
        'city': 'Rome',
        'cities': [],
    },
    {'name': '', 'stars': None, 'tags': ['ab'], 'rooms': [{'labels': ['x']}, {'labels': []}]},
    {'name': 'aaab', 'email': 'ann@example.com', 'anything': True, 'rate': 0.1, 'marks': [0, 7]},
]

MISSING = object()
LISTS = {'tags', 'marks', 'dates', 'cities', 'anything', 'labels', 'rooms'}


def values_at(value, names):
    """Give what a condition is tried on: the items of lists one by one; `MISSING` for nothing."""
    if isinstance(value, list) and names:
        for item in value:
            yield from values_at(item, names)
    elif isinstance(value, list):
        yield from value
    elif not names:
        yield value
    else:
        inner = value.get(names[0], MISSING) if isinstance(value, dict) else MISSING
        yield from values_at(inner, names[1:] if inner is not MISSING else ())


ORDERED = {'>': operator.gt, '>=': operator.ge, '<': operator.lt, '<=': operator.le}


def kind_of(value):
    if isinstance(value, bool):
        return 'bool'
    return 'number' if isinstance(value, int | float | Decimal) else type(value)


def are_equal(found, wanted):
    if wanted is None:
        return found is None or found is MISSING
    return kind_of(found) == kind_of(wanted) and found == wanted


def compares(found, compare, wanted):
    return kind_of(found) == kind_of(wanted) and compare(found, wanted)


def finds(hotel, name, symbol, wanted):
    """Whether a condition finds a hotel."""
    values = list(values_at(hotel, name.split('.')))
    if symbol in ORDERED:
        return any(compares(value, ORDERED[symbol], wanted) for value in values)
    if symbol in {'like', 'ilike'}:
        texts = [value for value in values if isinstance(value, str)]
        return any(is_like(text, wanted, symbol == 'ilike') for text in texts)
    members = wanted if symbol.endswith('in') else [wanted]
    found = any(are_equal(value, each) for value in values for each in members)
    return found != (symbol in {'!=', 'not in'})


def is_like(text, pattern, in_any_case):
    """Whether a text is like a pattern of `(wildcard or character, is wildcard)`, by hand."""
    if in_any_case:
        text, pattern = text.lower(), [(each.lower(), wild) for each, wild in pattern]

    @functools.cache
    def rest(start, at):
        if at == len(pattern):
            return start == len(text)
        each, is_wild = pattern[at]
        if is_wild and each == '%':
            return any(rest(later, at + 1) for later in range(start, len(text) + 1))
        is_same = start < len(text) and (is_wild or text[start] == each)
        return is_same and rest(start + 1, at + 1)

    return rest(0, 0)


def matching(tree, hotel):
    """Whether a filter finds a hotel: a tuple of a condition, or of an operator and filters."""
    match tree:
        case ('&', *inner):
            return all(matching(each, hotel) for each in inner)
        case ('|', *inner):
            return any(matching(each, hotel) for each in inner)
        case ('!', inner):
            return not matching(inner, hotel)
        case (name, symbol, _, wanted):
            return finds(hotel, name, symbol, wanted)


def terms_of(tree):
    """Write a filter in prefix notation, with the values as they are given."""
    if tree[0] in {'&', '|', '!'}:
        return [tree[0], *itertools.chain.from_iterable(map(terms_of, tree[1:]))]
    return [list(tree[:3])]
