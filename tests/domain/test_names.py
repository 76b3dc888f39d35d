"""Names: those of the model, and of those the ones that are allowed."""

import pytest

from aiomongodel import domain

from .helpers import refusal
from .models import Address, City, Hotel, Room

PATHS = {
    'name': 'n',
    'title': 'n',
    '_id': '_id',
    'tags': 't',
    'address.city': 'a.c',
    'rooms.price': 'rs.p',
    'rooms.labels': 'rs.l',
    'rooms.inner.inner.price': 'rs.i.i.p',
}
UNKNOWN = [
    *['n', 'a.c', 'rs.p', 'address.c', 'a.city', 'rooms.0', 'rooms.0.price', 'rooms.$.price'],
    *['', '.', 'a..b', 'address.', '.address', 'address..city', 'rooms.$', '$where', '$expr'],
    *['__class__', 'meta', 'address.__class__', 'save', 'name.s', 'nome', 'name ', 'NAME', '\0'],
    *['x' * 10**6, '.' * 10**6, 'rooms' + '.inner' * 10_000],
]


@pytest.mark.parametrize('name', PATHS)
def test_a_field_is_named_as_the_model_names_it(name):
    assert domain.to_query(Hotel, [[name, '=', None]]) == {PATHS[name]: None}


@pytest.mark.parametrize('name', UNKNOWN, ids=lambda name: ascii(name[:20]))
def test_an_unknown_name_is_refused(name):
    error = refusal([[name, '=', None]])
    assert error.path == (0, 'field')
    assert 'has no field' in str(error) or 'holds no documents' in str(error)


@pytest.mark.parametrize('name', [None, 5, ['name'], {'name': 1}, b'name', Hotel.name, True])
def test_a_name_is_text(name):
    error = refusal([[name, '=', 1]])
    assert error.path == (0, 'field')
    assert 'the name of a field is text' in str(error)


def test_an_unknown_name_is_told_the_known_ones():
    assert str(refusal([['address.zip', '=', 1]])) == (
        "at term 0: Address has no field 'zip', only city, floor"
    )


@pytest.mark.parametrize('name', ['city._id', 'city.name', 'cities._id', 'cities.x'])
@pytest.mark.parametrize('allowed', [None, ['city', 'cities']])
def test_no_name_leads_through_a_reference(name, allowed):
    assert 'is a reference, which stores an _id alone' in str(
        refusal([[name, '=', 'x']], allowed=allowed)
    )


@pytest.mark.parametrize(
    ('allowed', 'name'),
    [
        (['name'], 'name'),
        (['name'], 'title'),
        (['title'], 'name'),
        ({'address.city'}, 'address.city'),
        ((Hotel.name,), 'name'),
        ((Hotel.title,), 'title'),
        ([Hotel.address.city], 'address.city'),
        ([Hotel.rooms[Room.price]], 'rooms.price'),
        ([Hotel.rooms.inner.inner.beds], 'rooms.inner.inner.beds'),
        (dict.fromkeys(['city', 'stars']), 'city'),
        ([Hotel.city], 'city'),
    ],
)
def test_an_allowed_field_may_be_named(allowed, name):
    assert len(domain.to_query(Hotel, [[name, '=', None]], allowed=allowed)) == 1


@pytest.mark.parametrize(
    'name', ['stars', 'address.city', 'address.zip', 'rooms.price', 'city._id', 'nothing', '$x']
)
@pytest.mark.parametrize('allowed', [['name', 'address', 'rooms'], [Hotel.name], [], frozenset()])
def test_a_hidden_field_is_refused_as_if_it_were_not_there(name, allowed):
    hidden = str(refusal([[name, '=', None]], allowed=allowed))
    missing = str(refusal([['missing', '=', None]], allowed=allowed))
    assert hidden == missing.replace("'missing'", repr(name))
    assert missing.startswith("at term 0: Hotel has no field 'missing' to filter by")


def test_a_refusal_names_the_allowed_fields_alone():
    error = refusal([['stars', '=', 1]], allowed=[Hotel.name, Hotel.rooms.price, 'is_open'])
    assert str(error).endswith("has no field 'stars' to filter by, only name, rooms.price, is_open")
    assert error.__cause__ is None


@pytest.mark.parametrize('allowed', ['name', b'name', 5, Hotel.name, [5], [None], [b'name']])
def test_allowed_is_a_collection_of_fields_or_names(allowed):
    with pytest.raises(TypeError, match='allowed'):
        domain.to_query(Hotel, [], allowed=allowed)


@pytest.mark.parametrize(
    'allowed', ['n', 'nome', 'address.zip', 'city._id', Address.city, City._id, Hotel.tags[0]]
)
def test_allowed_has_fields_of_the_class_alone(allowed):
    with pytest.raises(ValueError, match='allowed: ') as caught:
        domain.to_query(Hotel, [], allowed=[allowed])
    assert type(caught.value) is ValueError
