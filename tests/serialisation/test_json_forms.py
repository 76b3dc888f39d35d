"""The forms of values in JSON, by their types."""

import datetime
import decimal
import enum
import ipaddress
import json
import re
import types
import uuid

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from aiomongodel.json_forms import json_form

from .models import Owner, Place

ID = '65df1f77bcf86cd799439011'
ZONE = datetime.timezone(datetime.timedelta(hours=2))


class Colour(enum.Enum):
    RED = b'\x00'


class Size(enum.IntEnum):
    SMALL = 1


class Word(str):
    __slots__ = ()

    def __str__(self):
        return 'another'


FORMS = [
    *[(value, value) for value in (None, True, False, 0, 2**80, -1.5, '', 'é')],
    *[(Int64(5), 5), (Word('a'), 'a'), (Size.SMALL, 1), (Colour.RED, 'AA=='), (Code('f()'), 'f()')],
    *[(b'\x00\xff', 'AP8='), (Binary(b'\x00\xff', 128), 'AP8=')],
    (datetime.datetime(2024, 2, 29, 12), '2024-02-29T12:00:00'),
    (datetime.datetime(2024, 2, 29, 12, 0, 0, 1, ZONE), '2024-02-29T12:00:00.000001+02:00'),
    (datetime.date(2024, 2, 29), '2024-02-29'),
    (datetime.time(7, 30, tzinfo=ZONE), '07:30:00+02:00'),
    (datetime.timedelta(seconds=1.5), 1.5),
    (DatetimeMS(2**60), 2**60),
    *[(decimal.Decimal('1.50'), '1.50'), (Decimal128('NaN'), 'NaN'), (ObjectId(ID), ID)],
    (uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'), '00112233-4455-6677-8899-aabbccddeeff'),
    *[(ipaddress.ip_address('::1'), '::1'), (ipaddress.ip_address('127.0.0.1'), '127.0.0.1')],
    *[(re.compile('a+', re.IGNORECASE), 'a+'), (re.compile(b'a'), 'YQ=='), (Regex('a', 'i'), 'a')],
    *[([1, (2,)], [1, [2]]), ({3}, [3]), (frozenset([4]), [4])],
    (types.MappingProxyType({Word('a'): {'b': [ObjectId(ID)]}}), {'a': {'b': [ID]}}),
    *[(Place(name='x', lat=1), {'lat': '1', 'name': 'x'}), (Owner(_id='ann'), {'_id': 'ann'})],
]


@pytest.mark.parametrize(('value', 'form'), FORMS)
def test_a_value_has_a_form_of_the_types_of_json(value, form):
    found = json_form(value)
    assert found == form
    assert type(found) is type(form)
    assert json.loads(json.dumps(found)) == form


FORMLESS = [
    *[object(), 1j, Timestamp(1, 2), MinKey(), MaxKey(), DBRef('c', 1), Code('f()', {'a': 1})],
    *[Place, [{'a': 1j}], range(3)],
]


@pytest.mark.parametrize('value', FORMLESS)
def test_what_has_no_form_is_refused(value):
    with pytest.raises(TypeError, match='has no form in JSON; Extended JSON may have one'):
        json_form(value)


@pytest.mark.parametrize('value', ['nan', 'inf', '-inf'])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=f'^{value} has no form in JSON, which has finite numbers'):
        json_form([float(value)])


@pytest.mark.parametrize('key', [1, None, ObjectId(ID), b'a'])
def test_a_key_is_text(key):
    with pytest.raises(TypeError, match='must be a str for JSON'):
        json_form({'a': {key: 1}})
