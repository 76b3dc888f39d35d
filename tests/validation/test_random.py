"""Random trees of errors, and random documents under validators and rules across fields."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import (
    AnyField,
    Document,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    StopValidation,
    StrField,
    ValidationError,
    errors,
)
from aiomongodel.unique_keys import field_paths

CONSTRAINTS = st.one_of(
    st.integers(), st.floats(), st.text(), st.dates(), st.decimals(), st.binary(), st.none()
)
KEYS = st.one_of(st.integers(0, 5), st.text(alphabet='abc', min_size=1, max_size=2))
TEXTS = st.one_of(st.sampled_from(list(errors.CODES)), st.text(max_size=8))
LEAVES = st.one_of(
    st.builds(ValidationError, TEXTS),
    st.builds(ValidationError, TEXTS, CONSTRAINTS),
    st.builds(ValidationError, TEXTS, code=st.sampled_from(['mine', 'yours'])),
)
TREES = st.recursive(
    LEAVES, lambda inner: st.builds(ValidationError, st.dictionaries(KEYS, inner, max_size=4))
)


def nested(messages):
    """Give the tree that the messages of an error describe, without branches that hold none."""
    if len(messages) == 1 and messages[0]['path'] == ():
        return messages[0]['message']
    tree = {}
    for message in messages:
        *parents, last = message['path']
        level = tree
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = message['message']
    return tree


def pruned(tree):
    if not isinstance(tree, dict):
        return tree
    inner = {key: pruned(each) for key, each in tree.items()}
    return {key: each for key, each in inner.items() if each != {}}


@given(TREES, st.sampled_from([None, str.upper, {'field is required': 'fehlt'}]))
def test_messages_flat_and_as_dict_agree(error, translation):
    messages = error.messages(translation)
    assert nested(messages) == pruned(error.as_dict(translation))
    flat = error.flat(translation)
    assert list(flat) == list(dict.fromkeys(message['field'] for message in messages))
    for message in reversed(messages):
        message['is_first'] = flat[message['field']] == message['message']
    assert all(message['is_first'] for message in messages if unique(message, messages))


def unique(message, messages):
    return [each['field'] for each in messages].count(message['field']) == 1


@given(TREES)
def test_messages_can_always_be_written_as_json(error):
    messages = error.messages()
    again = json.loads(json.dumps(messages, allow_nan=False))
    assert [each['message'] for each in again] == [each['message'] for each in messages]


@given(TREES)
def test_codes_do_not_depend_on_the_translation(error):
    codes = [message['code'] for message in error.messages()]
    assert [message['code'] for message in error.messages(lambda text: 'x')] == codes
    assert set(codes) <= {*errors.CODES.values(), 'mine', 'yours', 'invalid'}


# Documents.


class Own(Exception):
    pass


def moody(value):
    """Accept, refuse, stop, or fail, by the value."""
    outcomes = [None, StopValidation(), ValidationError('moody'), Own()]
    outcome = outcomes[hash(repr(value)) % 4]
    if outcome is not None:
        raise outcome


class Part(EmbeddedDocument):
    size = IntField(gte=0, validators=[moody])
    weight = FloatField(required=False)

    def clean(self):
        moody((self.size, self.weight))


class Whole(Document):
    _id = IntField()
    name = StrField(max_length=3, allow_none=True, validators=[moody, moody])
    part = EmbDocField(Part, validators=[moody])
    parts = ListField(EmbDocField(Part), validators=[moody])
    anything = AnyField(required=False, validators=[moody])

    def clean(self):
        moody((self._id, self.name))


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-2, 4), st.text(max_size=4), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(['size', 'weight', 'x']), inner, max_size=3),
    ),
)
DATA = st.dictionaries(st.sampled_from(list(Whole.meta.fields)), VALUES)


@given(DATA, st.booleans())
def test_a_document_is_valid_or_refused_or_raises_what_a_rule_raises(data, partial):
    document = Whole(_empty=True).populate_with_data(data)
    error = raised_by(document, partial)
    if isinstance(error, ValidationError):
        assert set(error.as_dict()) <= {*Whole.meta.fields, '__all__'}
        assert error.flat()
    elif error is not None:
        assert error.__notes__[0].startswith(('in Whole.', 'in Part.'))
        assert len(set(error.__notes__)) == len(error.__notes__)


def raised_by(document, partial):
    """Give what a validation raises, None where it accepts the document."""
    try:
        assert document.validate(partial=partial) is document
    except (Own, ValidationError) as error:
        return error
    return None


class Loose(EmbeddedDocument):
    size = IntField(gte=0)
    inner = EmbDocField(lambda: Loose)


class Outer(Document):
    name = StrField(max_length=3)
    loose = EmbDocField(Loose)
    many = ListField(EmbDocField(Loose))


NESTED = st.recursive(
    st.fixed_dictionaries({}, optional={'size': st.integers(-2, 4)}),
    lambda inner: st.fixed_dictionaries({}, optional={'size': st.integers(-2, 4), 'inner': inner}),
)


@given(
    st.fixed_dictionaries(
        {},
        optional={'name': st.text(max_size=5), 'loose': NESTED, 'many': st.lists(NESTED)},
    )
)
def test_a_partial_validation_leaves_out_what_is_required_and_nothing_else(data):
    document = Outer(_empty=True).populate_with_data(data)
    assert flat_of(document, partial=True) == {
        path: message
        for path, message in flat_of(document).items()
        if message != 'field is required'
    }


def flat_of(document, **options):
    try:
        document.validate(**options)
    except ValidationError as error:
        return error.flat()
    return {}


@pytest.mark.parametrize('prefix', ['', 'E11000 … index: a_1 dup key: '])
@given(text=st.text(alphabet='{}[]()"\'\\:,; ab_1', max_size=30))
def test_whatever_a_message_says_fields_are_texts(prefix, text):
    assert all(type(path) is str and path for path in field_paths(None, prefix + text, None))
