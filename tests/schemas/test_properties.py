"""Schemas accept what `validate` accepts, and refuse what they can say that it refuses."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel.errors import ValidationError

from .helpers import MongoValidator, Server, stored
from .strategies import cases, documents

CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER


@pytest.fixture(scope='module')
def server(clients, database_name):
    return Server(clients['pymongo'][database_name])


def messages(error):
    """Give the templates of all messages of an error, those within included."""
    if isinstance(error.error, str):
        return {error.error}
    return set().union(*map(messages, error.error.values()))


def verdict(document):
    """Give the templates of what is wrong with a document; none where it is valid."""
    try:
        document.validate()
    except ValidationError as error:
        return messages(error)
    return set()


def written(documents):
    """Give what is wrong with each document that can be stored, and what is then stored."""
    for document in documents:
        broken = verdict(document)
        try:
            data = document.to_mongo()
        except Exception:  # noqa: BLE001 - a Decimal of too many digits, say
            continue
        if (kept := stored(data)) is not None:
            yield broken, kept


def json_of(document, **options):
    """Give the form in JSON; None where there is none, as of infinity."""
    try:
        return json.loads(json.dumps(document.to_dict(mode='json', **options)))
    except (TypeError, ValueError):
        return None


@given(st.data())
def test_the_server_decides_as_validate_does(server, data):
    case = data.draw(cases())
    drawn = data.draw(st.lists(documents(case), min_size=1, max_size=8))
    schema = stored(case.model.mongo_schema())
    pairs = list(written(drawn))
    wrong = server.refusals(schema, [kept for _, kept in pairs])
    for index, (broken, kept) in enumerate(pairs):
        oracle = MongoValidator(schema).is_valid(kept)
        if not broken:
            assert index not in wrong, ('server refuses', kept, schema)
            assert oracle, ('refused', kept, schema)
        elif broken - case.untold:
            assert index in wrong, ('server accepts', kept, schema, broken)
            assert not oracle, ('accepted', kept, schema, broken)


@given(st.data())
def test_the_form_in_json_of_a_valid_document_is_valid(data):
    case = data.draw(cases())
    by_alias = data.draw(st.booleans())
    schema = case.model.json_schema(by_alias=by_alias)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=CHECKER)
    for document in data.draw(st.lists(documents(case), min_size=1, max_size=8)):
        form = json_of(document, by_alias=by_alias)
        if form is not None and not verdict(document):
            validator.validate(form)
