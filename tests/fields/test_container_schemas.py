"""What schemas say of containers."""

import json

import jsonschema
import pytest
from hypothesis import given

from aiomongodel import ValidationError
from tests.schemas.helpers import MongoValidator, stored

from .test_containers import BOXES, FEW, Box, Part, is_valid
from .test_maps import Shop


@pytest.mark.parametrize(
    ('name', 'json_rules', 'mongo_rules'),
    [
        ('data', {'type': 'object'}, {'bsonType': 'object'}),
        (
            'words',
            {'type': 'array', 'items': {'type': 'string'}, 'uniqueItems': True},
            {'bsonType': 'array', 'items': {'bsonType': 'string'}},
        ),
        (
            'vector',
            {'type': 'array', 'items': {'type': 'number'}, 'minItems': 2, 'maxItems': 2},
            {'bsonType': 'array', 'items': {'bsonType': 'double'}, 'minItems': 2, 'maxItems': 2},
        ),
        ('constant', {'const': 1}, {'bsonType': ['int', 'long'], 'enum': [1]}),
        (
            'unions',
            {
                'type': 'array',
                'items': {
                    'anyOf': [
                        {'type': 'integer'},
                        {
                            'type': 'object',
                            'propertyNames': {'allOf': [{'pattern': r'^[^$.\x00][^.\x00]*$'}]},
                            'additionalProperties': {'type': 'number'},
                        },
                    ]
                },
            },
            None,
        ),
    ],
)
def test_a_schema_says_what_a_container_holds(name, json_rules, mongo_rules):
    assert Box.json_schema()['properties'][name] == json_rules
    if mongo_rules is not None:
        assert Box.mongo_schema()['properties'][getattr(Box, name).s] == mongo_rules


def test_a_pattern_of_keys_is_in_both_schemas():
    rules = Shop.mongo_schema()['properties']['p']
    assert rules['additionalProperties'] is False
    assert [*rules['patternProperties']] == [r'^[a-z]{3}\z']
    names = Shop.json_schema()['properties']['prices']['propertyNames']['allOf']
    assert names[1] == {'pattern': '^[a-z]{3}$'}
    validator = jsonschema.Draft202012Validator(Shop.json_schema())
    form = Shop(prices={'eur': 1}).to_dict(mode='json')
    assert validator.is_valid(form)
    assert not validator.is_valid({**form, 'prices': {'EUR': '1'}})


@FEW
@given(box=BOXES.filter(is_valid))
def test_schemas_accept_what_validate_accepts(box):
    data, schema = stored(box.to_mongo()), stored(Box.mongo_schema())
    assert MongoValidator(schema).is_valid(data)
    try:
        form = json.loads(json.dumps(box.to_dict(mode='json')))
    except ValueError:  # JSON has no infinity
        return
    jsonschema.Draft202012Validator(Box.json_schema()).validate(form)


@pytest.mark.parametrize(
    ('model', 'name', 'value'),
    [
        (Box, 'data', [1]),
        (Shop, 'settings', dict.fromkeys('abcd', 1)),
        (Shop, 'cities', {}),
        (Box, 'sums', {'a': 'x'}),
        (Box, 'lists', {'a': [1]}),
        (Box, 'words', 5),
        (Box, 'pair', (Part(),)),
        (Box, 'pair', (Part(), {'x'})),
        (Box, 'union', [None]),
        (Box, 'constant', 2),
        (Box, 'constant', 1.0),
        (Box, 'vector', [1.0]),
        (Box, 'vector', [1.0, 'x']),
        (Box, 'short', ['x', 1]),
    ],
)
def test_schemas_refuse_what_validate_refuses(model, name, value):
    document = model(**{name: value})
    with pytest.raises(ValidationError):
        document.validate()
    assert not MongoValidator(stored(model.mongo_schema())).is_valid(stored(document.to_mongo()))
    if value != 1.0:  # which is 1 in JSON
        form = json.loads(json.dumps(document.to_dict(mode='json')))
        assert not jsonschema.Draft202012Validator(model.json_schema()).is_valid(form)
