"""IPAddressField: addresses of both versions, as their canonical text."""

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    ip_address,
)

import pytest

from aiomongodel import Document, IPAddressField, QueryError, ValidationError
from tests.drivers import settled


class Host(Document):
    any = IPAddressField(required=False)
    old = IPAddressField(version=4, required=False)
    new = IPAddressField(version=6, required=False, mongo_name='n')


VALUES = [
    ('any', IPv4Address('192.0.2.1'), '192.0.2.1'),
    ('any', IPv6Address('2001:db8::1'), '2001:db8::1'),
    ('old', IPv4Address(0), '0.0.0.0'),
    ('new', IPv6Address(0), '::'),
    ('new', IPv6Address('fe80::1%eth0'), 'fe80::1%eth0'),
    ('new', IPv6Address('::ffff:c000:201'), '::ffff:192.0.2.1'),
    ('new', IPv6Address('::ffff:c000:201%1'), '::ffff:192.0.2.1%1'),
]


@pytest.mark.parametrize(('name', 'value', 'stored'), VALUES)
async def test_an_address_is_stored_as_text_and_loaded_as_it_was(any_db, name, value, stored):
    host = await settled(Host(**{name: value}).validate().save(any_db))
    field = getattr(Host, name)
    assert (field == value) == {field.s: stored}
    assert (await settled(Host.coll(any_db).find_one()))[field.s] == stored
    loaded = await settled(Host.q(any_db).find_one(field == stored))
    assert (loaded._id, getattr(loaded, name)) == (host._id, value)


@pytest.mark.parametrize(
    ('name', 'given', 'value'),
    [
        ('any', '192.0.2.1', IPv4Address('192.0.2.1')),
        ('any', '2001:0DB8:0:0::1', IPv6Address('2001:db8::1')),
        ('old', '192.0.2.1', IPv4Address('192.0.2.1')),
        ('new', '::FFFF:192.0.2.1', IPv6Address('::ffff:c000:201')),
    ],
)
def test_text_is_converted(name, given, value):
    host = Host(**{name: given}).validate()
    assert getattr(host, name) == value
    assert getattr(Host, name).from_json(getattr(Host, name).to_json(value)) == value


ANY = 'value is not a valid IP address'
OLD = 'value is not a valid IPv4 address'
NEW = 'value is not a valid IPv6 address'


@pytest.mark.parametrize(
    ('name', 'given', 'message'),
    [
        ('any', 'localhost', ANY),
        ('any', '192.0.2.256', ANY),
        ('any', '192.0.2.01', ANY),
        ('any', ' 192.0.2.1', ANY),
        ('any', '192.0.2.1/24', ANY),
        ('any', '', ANY),
        ('any', 1, ANY),
        ('any', True, ANY),
        ('any', b'\x7f\x00\x00\x01', ANY),
        ('any', IPv4Interface('192.0.2.1/24'), ANY),
        ('any', IPv6Interface('::1/64'), ANY),
        ('any', IPv4Network('192.0.2.0/24'), ANY),
        ('old', '::1', OLD),
        ('old', IPv6Address('::1'), OLD),
        ('new', '192.0.2.1', NEW),
        ('new', IPv4Address('192.0.2.1'), NEW),
    ],
)
def test_what_is_no_such_address_stays_and_is_refused(name, given, message):
    host = Host(**{name: given})
    assert getattr(host, name) is given
    with pytest.raises(ValidationError) as refused:
        host.validate()
    assert refused.value.as_dict() == {name: message}
    with pytest.raises(QueryError, match=rf'^Host\.{name}: .* is not an IP'):
        getattr(Host, name).set(given)


def test_a_scope_that_is_no_text_is_refused():
    with pytest.raises(ValidationError, match=NEW):
        Host(new=IPv6Address('fe80::1%\ud800')).validate()


@pytest.mark.parametrize('stored', ['localhost', '', 5, {'a': 1}, None])
def test_a_stored_value_of_another_kind_is_kept_as_it_is(sync_db, stored):
    Host.coll(sync_db).insert_one({'_id': 1, 'any': stored})
    host = Host.q(sync_db).find_one({})
    assert host.any == stored
    host.save(sync_db)
    assert Host.coll(sync_db).find_one() == {'_id': 1, 'any': stored}


def test_a_stored_address_of_the_other_version_is_loaded_and_not_valid(sync_db):
    Host.coll(sync_db).insert_one({'_id': 1, 'old': '::1'})
    host = Host.q(sync_db).find_one({})
    assert host.old == ip_address('::1')
    assert Host.meta.codec.check(host)


@pytest.mark.parametrize('version', [5, True, 4.0, '4', []])
def test_a_version_that_is_none_is_refused(version):
    with pytest.raises(ValueError, match=r'^Wrong.field: version .* must be 4, 6 or None for both'):
        type('Wrong', (Document,), {'field': IPAddressField(version=version)})
