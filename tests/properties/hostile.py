"""Values that nobody expects, each made anew: they are shown by name in a test's id."""

from decimal import Decimal
from unittest.mock import MagicMock, Mock

from bson import DBRef, Decimal128, MaxKey, ObjectId

from aiomongodel import EmbeddedDocument, IntField

from .models import ByKey, ByObjectId, ByStr, Everything, Key, Node


def _refuse(*_):
    raise RuntimeError('leave me alone')


class Stubborn:
    """Nothing can be made of it."""

    __int__ = __float__ = __str__ = __bool__ = __eq__ = __hash__ = __len__ = _refuse
    __iter__ = __index__ = __lt__ = __gt__ = __le__ = __ge__ = __repr__ = __contains__ = _refuse


class StubbornStr(str):
    __slots__ = ()
    __str__ = __eq__ = __hash__ = __repr__ = _refuse


class StubbornInt(int):
    __int__ = __eq__ = __hash__ = __repr__ = _refuse


class StubbornList(list):
    __eq__ = __repr__ = _refuse
    __hash__ = None


class StubbornDict(dict):
    __eq__ = __repr__ = _refuse
    __hash__ = None


class SilentAttributes:
    """It raises whatever it is asked for."""

    def __getattr__(self, name):
        raise RuntimeError('leave me alone')


class WithMeta:
    """It has no `__dict__`, and looks like a document."""

    __slots__ = ('_id', 'meta')

    def __init__(self):
        self.meta = self


class Other(EmbeddedDocument):
    number = IntField()


def deep(make, depth=10_000):
    value = 1
    for _ in range(depth):
        value = make(value)
    return value


def own_list():
    value = [1]
    value.append(value)
    value.append(value)
    return value


def own_dict():
    value = {'number': 1}
    for name in ('left', 'right', 'l', 'r', 'number', 'word', 'value'):
        value[name] = value
    return value


HOSTILE = {
    'none': lambda: None,
    'huge int': lambda: 10**5000,
    'huge negative int': lambda: -(10**5000),
    'many digits': lambda: '9' * 100_000,
    'exponent in a string': lambda: '1e999999999',
    'nan': lambda: float('nan'),
    'infinity': lambda: float('inf'),
    'nan in a string': lambda: 'nan',
    'decimal nan': lambda: Decimal('NaN'),
    'decimal snan': lambda: Decimal('sNaN'),
    'decimal snan in a string': lambda: 'sNaN',
    'decimal nan with payload': lambda: Decimal('NaN123'),
    'decimal infinity': lambda: Decimal('-Infinity'),
    'decimal of many digits': lambda: Decimal('1' * 40),
    'decimal of a great exponent': lambda: Decimal('1E+7000'),
    'decimal128 snan': lambda: Decimal128('sNaN'),
    'lone surrogate': lambda: '\ud800',
    'nul': lambda: '\0',
    'not ascii digits': lambda: '١٢',
    'bytes': lambda: b'\xff\xfe',
    'bytearray': lambda: bytearray(b'x'),
    'complex': lambda: 1j,
    'class': lambda: Key,
    'function': lambda: print,
    'generator': lambda: (_ for _ in [1]),
    'max key': MaxKey,
    'reference of the driver': lambda: DBRef('users', ObjectId()),
    'tuple': lambda: (1, [2]),
    'tuple as decimal': lambda: (0, (1,), 10**9),
    'set': lambda: {1},
    'stubborn': Stubborn,
    'stubborn str': lambda: StubbornStr('x'),
    'stubborn int': lambda: StubbornInt(1),
    'stubborn list': lambda: StubbornList([Stubborn()]),
    'stubborn dict': lambda: StubbornDict(number=Stubborn(), l=Stubborn()),
    'list of stubborn': lambda: [Stubborn()],
    'raises on any attribute': SilentAttributes,
    'meta without dict': WithMeta,
    'mock': Mock,
    'magic mock': MagicMock,
    'dict with odd keys': lambda: {None: 1, 2: 3, (): {}, '_empty': True, 'number': {}},
    'empty dict': dict,
    'empty list': list,
    'list of none': lambda: [None],
    'other embedded document': lambda: Other(number=1),
    'empty embedded document': lambda: Node(_empty=True),
    'document': lambda: Everything(),
    'empty document': lambda: ByStr(_empty=True),
    'document of another class': lambda: ByObjectId(),
    'document whose id is a document': lambda: ByKey(_id=Key(number='x')),
    'list that holds itself': own_list,
    'dict that holds itself': own_dict,
    'deep list': lambda: deep(lambda inner: [inner]),
    'deep dict': lambda: deep(lambda inner: {'value': inner}),
    'deep documents': lambda: deep(lambda inner: {'left': inner, 'l': inner}),
    'deep documents in lists': lambda: deep(lambda inner: {'nodes': [inner]}),
}
