"""The fields of a unique index, by what servers answer."""

import pytest
from pymongo import IndexModel

from aiomongodel import (
    BulkDuplicateKeyError,
    Document,
    DuplicateKeyError,
    EmbDocField,
    EmbeddedDocument,
    ListField,
    RefField,
    StrField,
)
from aiomongodel.unique_keys import field_paths


class City(EmbeddedDocument):
    name = StrField(mongo_name='n')


class Address(EmbeddedDocument):
    city = EmbDocField(City, mongo_name='c')


class User(Document):
    email = StrField(mongo_name='e')
    e = StrField(mongo_name='email')
    address = EmbDocField(Address, mongo_name='a')
    cities = ListField(EmbDocField(City), mongo_name='cs')
    friend = RefField(lambda: User, mongo_name='f', required=False)

    class Meta:
        indexes = [
            IndexModel([('e', 1), ('a.c.n', -1)], unique=True, name='both'),
            IndexModel('cs.n', unique=True),
        ]


PREFIX = 'E11000 duplicate key error collection: app.user index: '

# Real answers of MongoDB to `insert`, of versions from 3.4 to 7.0.
ANSWERS = [
    (
        {
            'index': 0,
            'code': 11000,
            'errmsg': f'{PREFIX}e_1 dup key: {{ e: "ann@example.com" }}',
            'keyPattern': {'e': 1},
            'keyValue': {'e': 'ann@example.com'},
        },
        ('email',),
    ),
    (
        {
            'index': 0,
            'code': 11000,
            'errmsg': f'{PREFIX}both dup key: {{ e: "ann@example.com", a.c.n: "Kyiv" }}',
            'keyPattern': {'e': 1, 'a.c.n': -1},
            'keyValue': {'e': 'ann@example.com', 'a.c.n': 'Kyiv'},
        },
        ('email', 'address.city.name'),
    ),
    (
        {
            'ok': 0.0,
            'code': 11000,
            'codeName': 'DuplicateKey',
            'errmsg': f'Plan executor error during findAndModify :: caused by :: {PREFIX}'
            'cs.n_1 dup key: { cs.n: "Kyiv" }',
            'keyPattern': {'cs.n': 1},
            'keyValue': {'cs.n': 'Kyiv'},
        },
        ('cities.name',),
    ),
    (
        {
            'index': 0,
            'code': 11000,
            'errmsg': f'{PREFIX}email_1 collation: {{ locale: "en", strength: 2 }} '
            'dup key: { email: "0x2b45" }',
            'keyPattern': {'email': 1},
            'keyValue': {'email': '0x2b45'},
            'collation': {'locale': 'en', 'strength': 2},
        },
        ('e',),
    ),
    ({'index': 0, 'code': 11000, 'errmsg': f'{PREFIX}e_1 dup key: {{ : "ann" }}'}, ('email',)),
    (
        {'index': 0, 'code': 11000, 'errmsg': f'{PREFIX}both dup key: {{ : "ann", : "Kyiv" }}'},
        ('email', 'address.city.name'),
    ),
    ({'index': 0, 'code': 11000, 'errmsg': f'{PREFIX}_id_ dup key: {{ : 7 }}'}, ('_id',)),
    ({'index': 0, 'code': 11000, 'errmsg': f'{PREFIX}_id_ dup key: {{ _id: 7 }}'}, ('_id',)),
    (
        {'index': 0, 'code': 11000, 'errmsg': f'{PREFIX}app.user.$e_1 dup key: {{ : "ann" }}'},
        ('email',),
    ),
]


@pytest.mark.parametrize(('answer', 'fields'), ANSWERS)
def test_the_answers_of_servers_name_the_fields_of_the_class(answer, fields):
    error = DuplicateKeyError(answer['errmsg'], 11000, answer, document_class=User)
    assert error.fields == fields
    assert 'Kyiv' not in repr(error.as_dict())
    assert 'ann' not in repr(error.as_dict())


def test_the_name_of_an_index_with_a_collation_is_its_name_alone():
    error = DuplicateKeyError(ANSWERS[3][0]['errmsg'])
    assert error.index_name == 'email_1'


@pytest.mark.parametrize(('answer', 'fields'), ANSWERS[:4])
def test_without_its_details_the_message_says_the_same(answer, fields):
    assert DuplicateKeyError(answer['errmsg'], document_class=User).fields == fields


@pytest.mark.parametrize(
    ('key', 'fields'),
    [
        ('{ x: "a, y: b" }', ('x',)),
        (r'{ x: "a\", y: \"b" }', ('x',)),
        ('{ x: "{", y: "}" }', ('x', 'y')),
        ('{ x: { inner: 1, z: [ { w: 2 } ] }, y.z: null }', ('x', 'y.z')),
        ("{ x: ObjectId('0123456789abcdef01234567'), y: new Date(0) }", ('x', 'y')),
        ('{ x: BinData(0, 61), y: /a: b/ }', ('x', 'y')),
        ('{ x: 1 }; 1 of 2 writes of User failed, with the _id {y: 1}, {z: 2}', ('x',)),
        ('{ x: 1 }; 1 of 2 writes of User failed, { a, y: 1 }', ('x',)),
        ('{ : 1, : 2 }', ('a', 'b.c')),
        ('{ x: "unended', ('x',)),
        ('', ('a', 'b.c')),
    ],
)
def test_the_names_in_a_message_are_told_from_the_values(key, fields):
    assert field_paths(None, f'{PREFIX}a_1_b.c_-1 dup key: {key}', None) == fields


@pytest.mark.parametrize(
    'message', ['', 'refused', 'index: x', f'{PREFIX}own name dup key: {{ : 1 }}']
)
def test_where_the_answer_does_not_say_the_whole_document_is_told_of(message):
    error = DuplicateKeyError(message)
    assert error.fields == ()
    assert error.as_dict() == {'__all__': 'value is not unique'}


@pytest.mark.parametrize(
    ('path', 'field'),
    [
        ('e', 'email'),
        ('a', 'address'),
        ('a.c.n', 'address.city.name'),
        ('cs.0.n', 'cities.0.name'),
        ('a.x.n', 'address.x.n'),
        ('f.e', 'friend.e'),
        ('unknown.e', 'unknown.e'),
    ],
)
def test_a_path_is_named_level_by_level(path, field):
    assert field_paths(User, '', {'keyPattern': {path: 1}}) == (field,)


# As an error of validation.


@pytest.mark.parametrize(
    ('pattern', 'messages'),
    [
        ({'e': 1}, {'email': 'value is not unique'}),
        ({'a.c.n': 1}, {'address': {'city': {'name': 'value is not unique'}}}),
        (
            {'a.c.n': 1, 'e': 1},
            {
                'address': {
                    'city': {'name': 'values of address.city.name, email are not unique together'}
                },
                'email': 'values of address.city.name, email are not unique together',
            },
        ),
    ],
)
def test_it_is_an_error_of_the_fields(pattern, messages):
    error = DuplicateKeyError('E11000', 11000, {'keyPattern': pattern}, document_class=User)
    assert error.as_dict() == messages
    assert {each['code'] for each in error.as_validation_error().messages()} == {
        'not_unique' if len(pattern) == 1 else 'not_unique_together'
    }


@pytest.mark.parametrize('names', [('a', 'a.b'), ('a.b', 'a')])
def test_a_field_and_one_within_it_are_both_told_of(names):
    error = DuplicateKeyError('E11000', 11000, {'keyPattern': dict.fromkeys(names, 1)})
    flat = error.as_validation_error().flat()
    assert set(flat.values()) == {f'values of {", ".join(names)} are not unique together'}


@pytest.mark.parametrize('as_translation', [dict, lambda mapping: mapping.get])
def test_it_is_translated_like_the_rest(as_translation):
    error = DuplicateKeyError('E11000', 11000, {'keyPattern': {'e': 1}}, document_class=User)
    translation = as_translation({'value is not unique': 'вже є'})
    assert (
        error.as_dict(translation) == error.as_dict(translation=translation) == {'email': 'вже є'}
    )


def test_of_a_bulk_write_without_known_failures_the_first_refusal_is_told():
    details = {'writeErrors': [ANSWERS[0][0], ANSWERS[1][0]]}
    error = BulkDuplicateKeyError('E11000', 65, details, document_class=User)
    assert error.fields == ('email',)
    assert error.as_dict() == {'email': 'value is not unique'}
    assert BulkDuplicateKeyError('E11000').fields == ()
