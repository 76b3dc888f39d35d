"""Making documents of what a user gives: missing values, mappings, conversions of one's own."""

from collections import UserDict, defaultdict

import pytest

from aiomongodel import Document, EmbDocField, EmbeddedDocument, IntField, RefField, StrField


class Item(EmbeddedDocument):
    name = StrField()
    price = IntField(default=7)


class Basket(Document):
    _id = IntField()
    item = EmbDocField(Item)


class Headers(UserDict):
    """It finds its names in any case, as the headers of HTTP are found."""

    def __contains__(self, name):
        return name.upper() in self.data

    def __getitem__(self, name):
        return self.data[name.upper()]


def test_a_missing_value_stays_unset():
    item = Item()
    assert dict(item.to_data()) == {'price': 7}
    assert item.name is None


@pytest.mark.parametrize(
    'given', [defaultdict(int, name='pen'), Headers(NAME='pen'), UserDict(name='pen')], ids=repr
)
def test_a_mapping_is_asked_only_for_what_it_has(given):
    known = dict(given.items())
    for item in (Item.from_data(given), Basket(_id=1, item=given).item):
        assert dict(item.to_data()) == {'name': 'pen', 'price': 7}
    assert dict(given.items()) == known


def test_an_error_of_a_default_has_nothing_else_in_its_traceback():
    def fail():
        raise KeyError('mine')

    class Failing(Document):
        first = StrField()
        second = StrField(default=fail)

    with pytest.raises(KeyError, match='mine') as caught:
        Failing()
    assert caught.value.__context__ is None


class UpperField(StrField):
    def from_data(self, value):
        return str(value).upper()


class UpperSourceField(StrField):
    def from_data(self, value):
        return str(value).upper()

    def from_data_source(self, value, names):
        return f'str({value}).upper()'


@pytest.mark.parametrize('id_field', [UpperField, UpperSourceField])
def test_a_reference_is_converted_as_the_id_field_of_ones_own_does(id_field):
    class User(Document):
        _id = id_field()

    class Post(Document):
        author = RefField(User)

    assert Post(author='ann').author == 'ANN'
