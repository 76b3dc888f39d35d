"""Bad data, and errors that come out of a user's own code."""

from decimal import Decimal

import pytest

from aiomongodel import (
    DecimalField,
    EmbDocField,
    EmbeddedDocument,
    Field,
    IntField,
    ListField,
    StrField,
)

from .helpers import model_of, refused

NO_MAPPINGS = [None, 5, 'name', [], [('value', 1)], {'value'}, pytest.param(10**5000, id='huge')]


@pytest.mark.parametrize('method', ['from_data', 'from_mongo'])
@pytest.mark.parametrize('data', NO_MAPPINGS)
def test_a_document_is_made_of_a_mapping(data, method):
    with refused(TypeError, 'Sample', 'dict'):
        getattr(model_of(value=IntField()), method)(data)


@pytest.mark.parametrize('data', NO_MAPPINGS)
def test_a_document_is_populated_with_a_mapping(data):
    document = model_of(value=IntField())(value=1)
    with refused(TypeError, 'Sample', 'dict'):
        document.populate_with_data(data)
    assert document.value == 1


@pytest.mark.parametrize('name', ['wrong', 1, None, 'validate', 'meta', '', 'x' * 10_000])
def test_a_document_is_populated_with_its_fields(name):
    with refused(AttributeError, 'Sample', repr(name)[:10], 'value'):
        model_of(value=IntField())().populate_with_data({name: 1})


def test_an_unset_field_cannot_be_deleted():
    with refused(AttributeError, 'Sample.value'):
        del model_of(value=IntField())().value


class Failing(Field):
    """It fails where it is told to."""

    def __init__(self, method, **options):
        super().__init__(**options)
        self.failing = method

    def fail(self, method, value):
        if method == self.failing:
            raise LookupError('mine')
        return value

    def to_mongo(self, value):
        return self.fail('to_mongo', value)

    def from_mongo(self, value):
        return self.fail('from_mongo', value)


FIELDS = {
    'a field': (Failing, 1),
    'a list': (lambda method: ListField(Failing(method)), [1]),
    'lists': (lambda method: ListField(ListField(Failing(method))), [[1]]),
}


@pytest.mark.parametrize('field', FIELDS)
def test_an_error_in_writing_keeps_its_type_and_names_the_field(field):
    make, value = FIELDS[field]
    document = model_of(value=make('to_mongo'))(value=value)
    with refused(LookupError, 'mine', 'Sample.value'):
        document.to_mongo()


@pytest.mark.parametrize('use', [lambda document: document.value, lambda doc: doc.to_data()])
@pytest.mark.parametrize('field', FIELDS)
def test_an_error_in_reading_keeps_its_type_and_names_the_field(field, use):
    make, value = FIELDS[field]
    document = model_of(value=make('from_mongo')).from_mongo({'value': value})
    with refused(LookupError, 'mine', 'Sample.value'):
        use(document)
    assert document.to_mongo() == {'value': value}


def failing_default():
    raise LookupError('mine')


@pytest.mark.parametrize('make', [lambda model: model(), lambda model: model.from_data({})])
def test_an_error_of_a_default_keeps_its_type_and_names_the_field(make):
    with refused(LookupError, 'mine', 'Sample.value'):
        make(model_of(value=IntField(default=failing_default)))


def test_an_error_of_a_default_in_an_embedded_document_names_the_field():
    part = model_of(value=IntField(default=failing_default))
    whole = type('Whole', (EmbeddedDocument,), {'part': EmbDocField(part)})
    with refused(LookupError, 'mine', 'Sample.value'):
        whole(part={})


@pytest.mark.parametrize('method', ['from_mongo', 'to_mongo'])
def test_an_error_of_a_document_class_of_ones_own_names_the_field(method):
    class Part(EmbeddedDocument):
        number = IntField()

        @classmethod
        def from_mongo(cls, data):
            raise LookupError('mine')

        def to_mongo(self):
            raise LookupError('mine')

    model = model_of(part=EmbDocField(Part))
    with refused(LookupError, 'mine', 'Sample.part'):
        if method == 'from_mongo':
            _ = model.from_mongo({'part': {}}).part
        else:
            model(part=Part()).to_mongo()


@pytest.mark.parametrize('make', [DecimalField, lambda: ListField(DecimalField())])
@pytest.mark.parametrize('value', ['1' * 35, '0.' + '1' * 35, '1' * 1_000_000, '-' + '7' * 40])
def test_a_decimal_of_more_digits_than_mongodb_stores(value, make):
    document = model_of(value=make())(value=value)
    document.value = Decimal(value) if isinstance(document.value, Decimal) else [Decimal(value)]
    with pytest.raises(ArithmeticError) as caught:
        document.to_mongo()
    (note,) = caught.value.__notes__
    assert 'Sample.value' in note
    assert '34 digits' in note
    assert len(note) < 300


@pytest.mark.parametrize('value', ['1E+7000', '1E-7000', 'NaN123', '-sNaN5'])
def test_a_decimal_that_mongodb_does_not_know(value):
    document = model_of(value=DecimalField())(value=Decimal(value))
    with pytest.raises((ArithmeticError, ValueError)) as caught:
        document.to_mongo()
    (note,) = caught.value.__notes__
    assert 'Sample.value' in note
    assert value in note


def test_a_compound_name_of_no_field():
    part = model_of(number=IntField())
    whole = type('Whole', (EmbeddedDocument,), {'part': EmbDocField(part), 'name': StrField()})
    with refused(AttributeError, 'Whole.part', 'Sample', 'wrong'):
        _ = whole.part.wrong


class Picky(IntField):
    def from_data(self, value):
        raise LookupError('mine')

    def validate(self, value):
        raise LookupError('mine')


@pytest.mark.parametrize(
    'touch',
    [
        lambda document: setattr(document, 'value', 1),
        lambda document: document.populate_with_data({'value': 1}),
        lambda document: (vars(document).update(value=1), document.validate()),
    ],
)
def test_an_error_of_a_field_of_ones_own_names_the_field(touch):
    with refused(LookupError, 'mine', 'Sample.value'):
        touch(model_of(value=Picky())(_empty=True))
