"""Queries on real data find what a search through the files finds."""

import pytest

from tests.drivers import each
from tests.real_data.models import Country, Emoji

QUERIES = {
    'whole numbers and fractions': (
        Country,
        Country.area > 9_000_000,
        lambda data: (data.get('area') or 0) > 9_000_000,
    ),
    'the key of a map': (
        Country,
        Country.translations['de'] == 'Deutschland',
        lambda data: data.get('translations', {}).get('de') == 'Deutschland',
    ),
    'items of a list': (
        Country,
        Country.borders.all(['DEU', 'FRA']),
        lambda data: {'DEU', 'FRA'} <= set(data.get('borders', ())),
    ),
    'a list where others have a text': (
        Country,
        Country.capital.type('array'),
        lambda data: isinstance(data.get('capital'), list),
    ),
    'a key that no field has': (
        Country,
        {'demonym': 'French'},
        lambda data: data.get('demonym') == 'French',
    ),
    'None, and not missing': (
        Emoji,
        Emoji.softbank.type('null'),
        lambda data: data['softbank'] is None,
    ),
    'a document in a map': (
        Emoji,
        Emoji.skin_variations['1F3FB'].image.like('1f4%'),
        lambda data: (
            data.get('skin_variations', {}).get('1F3FB', {}).get('image', '').startswith('1f4')
        ),
    ),
    'a list of one': (
        Emoji,
        Emoji.short_names.size(1) & (Emoji.category == 'Flags'),
        lambda data: len(data['short_names']) == 1 and data['category'] == 'Flags',
    ),
}


@pytest.mark.parametrize('name', QUERIES)
async def test_a_query_finds_what_a_search_through_the_files_finds(name, load, any_db):
    model, query, is_match = QUERIES[name]
    stored = load(model)
    found = [document._id async for document in each(model.q(any_db).find(query))]
    expected = [data['_id'] for data in stored() if is_match(data)]
    assert sorted(found) == expected != []
