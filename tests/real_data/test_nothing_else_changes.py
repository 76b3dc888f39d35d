"""Real data goes through the models: found, checked, changed, stored; nothing else changes."""

import bson
import pytest

from aiomongodel import validate_all
from tests.drivers import each, settled
from tests.real_data.models import Country, Emoji


@pytest.fixture(params=[Country, Emoji], ids=lambda model: model.__name__)
def model(request):
    return request.param


@pytest.fixture
def stored(model, load):
    """What gives all that is stored, in the order of the `_id`s."""
    return load(model)


async def loaded(model, db):
    return [document async for document in each(model.q(db).find(sort=[('_id', 1)]))]


def change(document, data):
    """Change one field of a document, another one in each turn, and the same in its data."""
    turn = document._id % 3
    if isinstance(document, Country):
        change_country(document, data, turn)
    else:
        change_emoji(document, data, turn)


def change_country(country, data, turn):
    if turn == 0:
        country.name = data['name'] = 'Elsewhere'
    elif turn == 1:
        country.iso.alpha3 = data['ISO']['alpha3'] = 'XXX'
    elif 'translations' in data:
        country.translations['eo'] = data['translations']['eo'] = 'Aliloke'
    else:
        country.borders = data['borders'] = ['UKR']


def change_emoji(emoji, data, turn):
    if turn == 0:
        emoji.category = data['category'] = 'Elsewhere'
    elif turn == 1 or 'skin_variations' not in data:
        emoji.short_names.append('elsewhere')
        data['short_names'].append('elsewhere')
    else:
        key = next(iter(data['skin_variations']))
        emoji.skin_variations[key].image = 'elsewhere.png'
        data['skin_variations'][key]['image'] = 'elsewhere.png'


def are_same_bytes(left, right):
    return [bson.encode(each) for each in left] == [bson.encode(each) for each in right]


async def test_what_is_loaded_is_valid_and_is_stored_as_it_was(model, stored, any_db):
    before = stored()
    documents = validate_all(await loaded(model, any_db))
    for document in documents:
        document.to_data()  # reads each value, which converts it
    await settled(model.q(any_db).save_all(documents))
    assert len(before) > 200
    assert are_same_bytes(stored(), before)


async def test_reading_all_of_a_document_changes_nothing_of_it(model, stored, any_db):
    documents = await loaded(model, any_db)
    for document in documents:
        document.to_data()
    assert len(documents) == len(stored())
    assert [document for document in documents if document.is_changed()] == []


async def test_one_change_of_each_document_saved_whole_changes_nothing_else(model, stored, any_db):
    expected, documents = stored(), await loaded(model, any_db)
    for document, data in zip(documents, expected, strict=True):
        change(document, data)
    await settled(model.q(any_db).save_all(documents))
    assert are_same_bytes(stored(), expected)


async def test_one_change_of_each_document_saved_alone_changes_nothing_else(model, stored, sync_db):
    expected = stored()
    for document, data in zip(await loaded(model, sync_db), expected, strict=True):
        change(document, data)
        document.validate().save_changes(sync_db)
    assert are_same_bytes(stored(), expected)


async def test_what_the_model_does_not_know_is_kept_as_it_was(model, stored, any_db):
    known = model.meta.stored_fields
    for document, data in zip(await loaded(model, any_db), stored(), strict=True):
        assert dict(document.extra) == {name: data[name] for name in data if name not in known}
