"""`validate` raises a ValidationError or nothing, whatever a document holds."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aiomongodel import Document, errors

from .helpers import messages_of, plain, within
from .hostile import HOSTILE
from .models import Everything, Node, OwnNode, SubNode
from .strategies import GARBAGE, cases
from .test_from_data import FIELDS, WAYS

MESSAGES = {
    name: text for name, text in vars(errors).items() if isinstance(text, str) and name.isupper()
}
TRANSLATED = 'translated'


def from_mongo(model, data):
    names = {name: field.mongo_name for name, field in model.meta.fields.items()}
    return model.from_mongo({names[name]: value for name, value in data.items()})


def stored(document):
    """Give what is stored, or the kind of error."""
    try:
        return plain(document.to_mongo())
    except (ArithmeticError, ValueError) as error:  # a Decimal that MongoDB does not know
        return type(error)


def leaves(messages):
    if isinstance(messages, dict):
        return [leaf for inner in messages.values() for leaf in leaves(inner)]
    return [messages]


@pytest.mark.parametrize('way', [*WAYS, from_mongo])
@pytest.mark.parametrize('value', HOSTILE)
def test_whatever_is_set_is_accepted_or_refused(value, way):
    hostile = HOSTILE[value]()
    with within(20):
        for name in FIELDS:
            document = way(Everything, {name: hostile})
            assert messages_of(document) == messages_of(document)


@given(st.data(), st.sampled_from([*WAYS, from_mongo]))
def test_random_values_are_accepted_or_refused_twice_alike(data, way):
    case = data.draw(cases())
    names = st.sampled_from(list(case.model.meta.fields))
    document = way(case.model, data.draw(st.dictionaries(names, GARBAGE)))
    messages = messages_of(document)
    assert messages_of(document) == messages
    assert messages is None or set(messages) <= set(case.model.meta.fields)


@given(st.data(), st.sampled_from(WAYS))
def test_validation_does_not_change_what_is_stored(data, way):
    case = data.draw(cases())
    names = st.sampled_from(list(case.model.meta.fields))
    document = way(case.model, data.draw(st.dictionaries(names, GARBAGE)))
    before = stored(document)
    messages_of(document)
    assert stored(document) == before


@given(st.data())
def test_a_loaded_document_is_judged_as_the_new_one_was(data):
    case = data.draw(cases())
    names = st.sampled_from(list(case.model.meta.fields))
    values = data.draw(case.keywords) | data.draw(st.dictionaries(names, GARBAGE, max_size=1))
    # A reference to a document without an _id is refused, and would be stored as None.
    assume(not any(isinstance(value, Document) and value._id is None for value in values.values()))
    document = case.model(**values)
    try:
        data = document.to_mongo()
    except (ArithmeticError, ValueError):
        return
    assert messages_of(case.model.from_mongo(data)) == messages_of(document)


@given(st.data())
def test_a_subclass_is_judged_as_its_base(data):
    case = data.draw(cases())
    values = data.draw(st.dictionaries(st.sampled_from(list(case.model.meta.fields)), GARBAGE))
    subclass = type('Subclass', (case.model,), {'validate': lambda self: super(case.model, self)})
    document = case.model(**values)
    expected = messages_of(document)
    error = subclass.meta.codec.check(document)
    assert (error and error.as_dict()) == expected


@given(st.data())
def test_every_message_can_be_translated(data):
    case = data.draw(cases())
    values = data.draw(st.dictionaries(st.sampled_from(list(case.model.meta.fields)), GARBAGE))
    error = case.model.meta.codec.check(case.model(**values))
    if error is not None:
        translated = error.as_dict(dict.fromkeys(MESSAGES.values(), TRANSLATED))
        assert set(leaves(translated)) == {TRANSLATED}


@pytest.mark.parametrize('name', MESSAGES)
def test_a_translation_covers_each_message_and_its_constraint(name):
    message = MESSAGES[name]
    error = errors.ValidationError({'x': errors.ValidationError(message, 7)})
    assert error.as_dict({message: 'not {constraint}'}) == {'x': 'not 7'}
    assert f"'{message}'" in errors.ValidationError.__doc__


WAYS_TO_ITSELF = {
    'left': lambda node: {'left': node},
    'both': lambda node: {'left': node, 'right': node},
    'list': lambda node: {'nodes': [node]},
    'twice in a list': lambda node: {'nodes': [node, node]},
    'all': lambda node: {'left': node, 'right': node, 'nodes': [node, node]},
}


@pytest.mark.parametrize('way', WAYS_TO_ITSELF)
@pytest.mark.parametrize('model', [Node, SubNode, OwnNode])
def test_a_document_that_holds_itself_is_refused_at_once(model, way):
    node = model(number=1)
    for name, value in WAYS_TO_ITSELF[way](node).items():
        setattr(node, name, value)
    with within(20):
        assert set(leaves(messages_of(node))) == {errors.NESTED_TOO_DEEPLY}


@pytest.mark.parametrize('value', HOSTILE)
def test_a_document_that_holds_itself_may_hold_anything_else(value):
    node = Node(anything=HOSTILE[value]())
    node.left = node
    with within(20):
        assert errors.NESTED_TOO_DEEPLY in leaves(messages_of(node))


@pytest.mark.parametrize('way', ['left', 'list'])
@pytest.mark.parametrize('model', [Node, SubNode, OwnNode])
@pytest.mark.parametrize('depth', [150, 300, 450, 700, 950, 10_000])
def test_a_document_that_mongodb_could_not_store_is_refused(depth, model, way):
    node = model(number='no number')
    for _ in range(depth):
        node = model(**WAYS_TO_ITSELF[way](node))
    with within(20):
        assert messages_of(node)


@pytest.mark.parametrize('model', [Node, SubNode, OwnNode])
def test_an_error_as_deep_as_mongodb_stores_is_told(model):
    node = model(number='no number')
    for _ in range(95):
        node = model(left=node)
    messages = messages_of(node)
    assert leaves(messages) == [errors.INVALID_TYPE]
    assert str(messages).count('left') == 95


def test_a_base_judges_a_loaded_document_of_a_subclass_whatever_was_read():
    from bson import Decimal128

    from aiomongodel import AnyField, DecimalField, EmbeddedDocument

    class Base(EmbeddedDocument):
        price = AnyField()

    class Priced(Base):
        price = DecimalField()

    loaded = Priced.from_mongo({'price': Decimal128('1')})
    Base.validate_document(loaded)
    assert loaded.price == 1
    Base.validate_document(loaded)
