"""Rules across fields: `clean`."""

import warnings

import pytest

from aiomongodel import (
    Document,
    EmbDocField,
    EmbeddedDocument,
    IntField,
    ListField,
    RefField,
    StopValidation,
    SynonymField,
    ValidationError,
)
from tests.validation.helpers import error_of


class Period(EmbeddedDocument):
    start = IntField(gte=0)
    end = IntField()

    def clean(self):
        if self.end < self.start:
            raise ValidationError({'end': ValidationError('less than {constraint}', self.start)})


class Stay(Document):
    _id = IntField()
    period = EmbDocField(Period, required=False)
    others = ListField(EmbDocField(Period), default=list)
    guests = IntField(gte=0, default=1)
    rooms = IntField(default=1)

    def clean(self):
        if self.rooms > self.guests:
            raise ValidationError('more than {constraint} rooms', self.guests)


def test_an_error_of_a_field_stands_under_its_name():
    period = Period(start=5, end=3)
    assert error_of(period) == {'end': 'less than 5'}
    assert error_of(Period(start=5, end=5)) is None


def test_a_message_is_about_the_whole_document():
    assert error_of(Stay(_id=1, rooms=2)) == {'__all__': 'more than 1 rooms'}


def test_rules_within_are_told_beside_the_errors_of_other_fields():
    stay = Stay(_id='x', period={'start': 5, 'end': 3}, others=[{'start': 0, 'end': -1}])
    assert error_of(stay) == {
        '_id': 'invalid value type',
        'period': {'end': 'less than 5'},
        'others': {0: {'end': 'less than 0'}},
    }


@pytest.mark.parametrize(
    'values',
    [{'guests': -1}, {'guests': None}, {'guests': 'x'}, {'period': {'start': 0}}],
)
def test_it_is_not_called_where_a_field_breaks_a_rule(values):
    stay = Stay(_id=1, rooms=2).populate_with_data(values)
    assert list(error_of(stay)) == list(values)


def test_it_is_not_called_where_a_required_field_is_unset():
    assert error_of(Period(start=5)) == {'end': 'field is required'}


def test_a_document_that_is_referred_to_is_not_cleaned():
    class Bill(Document):
        stay = RefField(Stay)

    assert error_of(Bill(stay=Stay(_id=1, rooms=2))) is None


def test_it_may_accept_by_stop_validation():
    class Page(Document):
        def clean(self):
            raise StopValidation

    assert error_of(Page()) is None


def test_another_exception_keeps_its_type_and_gets_a_note():
    class Page(EmbeddedDocument):
        def clean(self):
            raise KeyError('broken')

    with pytest.raises(KeyError, match='broken') as caught:
        Page().validate()
    assert caught.value.__notes__ == ['in Page.clean']


def test_the_base_does_nothing_and_super_reaches_mixins():
    class Mixin:
        def clean(self):
            super().clean()
            raise ValidationError('of the mixin')

    class Page(Mixin, Document):
        def clean(self):
            super().clean()

    assert Document(_empty=True).clean() is None
    assert error_of(Page()) == {'__all__': 'of the mixin'}


def test_the_rules_of_a_base_are_those_that_it_has_itself():
    class Late(Stay):
        def clean(self):
            raise ValidationError('late')

    late = Late(_id=1)
    assert error_of(late) == {'__all__': 'late'}
    Stay.validate_document(late)


def test_a_class_without_it_has_no_call_of_it():
    class Page(Document):
        pass

    assert not any('clean' in name for name in Page.meta.codec.check.__globals__)
    assert any('clean' in name for name in Stay.meta.codec.check.__globals__)


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
@pytest.mark.parametrize('is_synonym', [True, False])
def test_the_name_gives_way_to_a_field(base, is_synonym):
    class Room(base):
        size = IntField()
        clean = SynonymField(size) if is_synonym else IntField()

    room = Room(size=1, clean=0)
    assert room.clean == (1 if is_synonym else 0)
    assert error_of(room) is None


def test_the_name_gives_way_to_the_field_of_a_mixin():
    class Mixin:
        clean = IntField()

    class Room(Document, Mixin):
        pass

    assert error_of(Room(clean='x')) == {'clean': 'invalid value type'}


async def awaited(self):
    raise ValidationError('awaited')


def with_argument(self, how):
    raise ValidationError('with an argument')


@pytest.mark.parametrize('method', [awaited, with_argument, lambda: None])
def test_another_method_of_this_name_is_not_called_with_a_warning(method):
    with pytest.warns(UserWarning, match='Page.clean is a coroutine or takes arg') as caught:

        class Page(Document):
            clean = method

    assert caught[0].filename == __file__
    assert error_of(Page()) is None


@pytest.mark.parametrize(
    'attribute', [None, 'clean', staticmethod(print), classmethod(print), property(print)]
)
def test_what_is_no_method_is_not_called(attribute, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter('error')

        class Page(Document):
            clean = attribute

    assert error_of(Page()) is None
    assert capsys.readouterr().out == ''


@pytest.mark.parametrize(
    'method', [lambda self: refused(), lambda self, how=None: refused(), lambda *args: refused()]
)
def test_what_can_be_called_without_arguments_is_called(method):
    class Page(Document):
        clean = method

    assert error_of(Page()) == {'__all__': 'refused'}


def refused():
    raise ValidationError('refused')
