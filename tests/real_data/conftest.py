"""What stores the data sets."""

import pytest

from tests.real_data.models import Country, read_countries, read_emoji


@pytest.fixture
def load(sync_db):
    """What stores the data of a model, and gives what reads it: all, in the order of the `_id`s."""

    def store(model):
        collection = sync_db[model.meta.collection_name]
        data = read_countries() if model is Country else read_emoji()
        collection.insert_many({'_id': number, **each} for number, each in enumerate(data))
        return lambda: list(collection.find(sort=[('_id', 1)]))

    return store
