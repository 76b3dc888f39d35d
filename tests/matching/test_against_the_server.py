"""What is tried in memory is what the server finds."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiomongodel.matching import predicate

from .strategies import DOCUMENTS, QUERIES, is_doubtful

SETTINGS = settings(
    deadline=None,
    max_examples=int(os.environ.get('HYPOTHESIS_EXAMPLES', '40')),
    derandomize='CI' in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@SETTINGS
@given(
    documents=st.lists(DOCUMENTS, min_size=10, max_size=10),
    queries=st.lists(QUERIES, min_size=5, max_size=5),
)
def test_a_document_matches_where_the_server_finds_it(sync_db, documents, queries):
    sync_db.tried.delete_many({})
    sync_db.tried.insert_many({'_id': index, **each} for index, each in enumerate(documents))
    stored = list(sync_db.tried.find())
    for query in queries:
        found = [each['_id'] for each in sync_db.tried.find(query, sort=[('_id', 1)])]
        doubtful = {each['_id'] for each in stored if is_doubtful(query, each)}
        matching = [each['_id'] for each in filter(predicate(query), stored)]
        assert set(matching) - doubtful == set(found) - doubtful, query
