"""Deleting an attribute of a document unsets the field."""

import pytest

from aiomongodel import DecimalField, Document, SynonymField


class Item(Document):
    price = DecimalField(required=False)
    cost = SynonymField(price)


@pytest.mark.parametrize('name', ['price', 'cost'])
@pytest.mark.parametrize('read_before', [True, False])
def test_a_deleted_value_is_unset(name, read_before):
    item = Item.from_mongo(Item(price='1.5').to_mongo())
    if read_before:
        assert item.price is not None
    delattr(item, name)
    assert item.price is None
    assert 'price' not in item.to_mongo()


def test_a_value_that_is_unset_already_cannot_be_deleted():
    with pytest.raises(AttributeError, match=r'Item\.price is unset already'):
        del Item().price


def test_an_attribute_that_is_no_field_can_be_deleted():
    item = Item()
    item.note = 'x'
    del item.note
    assert not hasattr(item, 'note')
