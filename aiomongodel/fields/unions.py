"""UnionField: a value of one of several fields."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from bson import Binary, DatetimeMS
from bson.codec_options import CodecOptions

from aiomongodel import errors
from aiomongodel.errors import QueryError, ValidationError
from aiomongodel.fields.base import ConvertedField, Field, FieldOptions
from aiomongodel.fields.containers import is_same, require_field
from aiomongodel.fields.datetimes import in_utc
from aiomongodel.fields.documents import DocumentField, EmbDocField, NestingField, at_path
from aiomongodel.fields.lists import ListField
from aiomongodel.fields.operators import refuse
from aiomongodel.fields.source import (
    Branch,
    Names,
    attempted,
    check_of,
    loads_as_is,
    to_mongo_source,
)
from aiomongodel.nesting import DEPTH
from aiomongodel.utils import _Empty, is_instance, shown

if TYPE_CHECKING:
    from aiomongodel.expressions import Query
    from aiomongodel.fields.schema import SchemaWriter

V = TypeVar('V')
A = TypeVar('A')
B = TypeVar('B')
C = TypeVar('C')
D = TypeVar('D')
E = TypeVar('E')


class Decisions(threading.local):
    """What is decided of the values within the outermost value that a thread is at work on.

    A union tries its fields with all that is within a value. Without a memory of it, unions in
    documents within each other would try what is innermost exponentially often.

    Entered, it gives what is known: by the kind of a decision, the union and the value, the
    decision. The value lies beside it: known by its id(), it must live as long.
    """

    level = 0

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], tuple[Any, Any]] = {}

    def __enter__(self) -> dict[tuple[str, int, int], tuple[Any, Any]]:
        self.level += 1
        return self._known

    def __exit__(self, *_: object) -> None:
        self.level -= 1
        if not self.level:
            self._known.clear()


DECISIONS: Final = Decisions()
SETS: Final = (set, frozenset)


def decided(convert: Callable[[Any], Any], value: Any) -> Any:
    """The converted value, with one memory for all of it; or the value where it nests too deeply.

    The outermost value decides that, as in `nesting.converted`.
    """
    try:
        with DECISIONS:
            return convert(value)
    except RecursionError:
        if DECISIONS.level or DEPTH.level:
            raise
        return value


class UnionField(NestingField[V]):
    """A value of one of several fields.

    What is assigned is left to the first field that accepts it as it is; one whose type is exactly
    the value's goes before others. If none does, it is left to the first that can convert it to
    what it accepts; fields of classes that know all keys of a dict go before others. A stored
    value is read by the first field whose stored form it is.

    Args:
        *fields: The fields, at least two.
        **options: See `Field`.

    Raises:
        TypeError: They are no fields, or fewer than two.

    Example:
        >>> from aiomongodel import Document, IntField, StrField
        >>> class Part(Document):
        ...     number = UnionField(IntField(gte=0), StrField(regex='[A-Z]+-'))
        >>> Part(number='12').number, Part(number='A-1').number
        (12, 'A-1')
    """

    @overload
    def __init__(
        self: UnionField[A | B],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[A | B]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | None],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[A | B | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[A | B | C]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[A | B | C | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C | D],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[A | B | C | D]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C | D | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[A | B | C | D | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C | D | E],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        fifth: Field[E],
        /,
        *,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[A | B | C | D | E]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[A | B | C | D | E | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        fifth: Field[E],
        /,
        *,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[A | B | C | D | E | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: UnionField[Any],
        *fields: Field[Any],
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    def __init__(self, *fields: Field[Any], **options: Any) -> None:
        if len(fields) < 2:
            raise TypeError(f'UnionField takes at least two fields, not {len(fields)}')
        for index, field in enumerate(fields):
            require_field(field, f'field {index} of a UnionField')
        super().__init__(**options)
        self.fields = fields
        self._embeds = any(field._embeds for field in fields)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        for field in self.fields:
            field.__set_name__(owner, name)

    @property
    def document_class(self) -> Any:
        """The class of the documents within, where there is exactly one."""
        holders = [each for each in self.fields if each._embeds or isinstance(each, ListField)]
        classes = {each.document_class for each in holders} - {None}
        return classes.pop() if len(classes) == 1 else None

    def _inner_classes(self) -> list[Any]:
        return [each for field in self.fields for each in field._inner_classes()]

    def _item_field(self) -> Field[Any]:
        lists = [field for field in self.fields if field._item_field() is not field]
        return lists[0]._item_field() if len(lists) == 1 else self

    @property
    def _takes_mappings(self) -> bool:
        return any(field._takes_mappings for field in self.fields)

    @property
    def _takes_patterns(self) -> bool:
        return any(field._takes_patterns for field in self.fields)

    @property
    def _type_in_words(self) -> str:
        return ', or '.join(field._type_in_words for field in self.fields)

    def _is_of_type(self, value: Any) -> bool:
        return any(field._is_of_type(value) for field in self.fields)

    def _check_definition(self) -> None:
        """Refuse what the fields refuse, and None for one of them alone."""
        for field in self.fields:
            field._check_definition()
            if field.allow_none:
                raise ValueError(
                    f'allow_none of the {type(field).__name__} has no meaning; give it to the '
                    'UnionField'
                )
        super()._check_definition()

    # Whose a value is. A call more, and documents may be nested less deeply within unions.

    def _in_order(self, value: Any) -> list[Field[Any]]:
        """The fields; those whose type is exactly the value's come first."""
        return sorted(self.fields, key=lambda field: not is_exact(field, value))

    def _judged(self, value: Any) -> tuple[Field[Any] | None, ValidationError | None]:
        """The field that takes a value as it is; or what is wrong with it."""
        key = ('judge', id(self), id(value))
        with DECISIONS as known:
            if key in known:
                found: tuple[Field[Any] | None, ValidationError | None] = known[key][1]
                return found
            first = None
            for field in self._in_order(value):
                error = check_of(field)(value)
                if error is None:
                    known[key] = value, (field, None)
                    return field, None
                if first is None and field._is_of_type(value):
                    first = error
            found = None, first or ValidationError(errors.INVALID_TYPE)
            known[key] = value, found
            return found

    def _member(self, value: Any) -> Field[Any] | None:
        """The field that a value belongs to, valid or not."""
        typed = [field for field in self._in_order(value) if field._is_of_type(value)]
        if len(typed) == 1:
            return typed[0]
        return self._judged(value)[0] or next(iter(typed), None)

    # The conversions.

    def from_data(self, value: Any) -> Any:
        """Convert as the field does that accepts the value, or can convert it to such a one."""
        if value is None:
            return None
        key = ('data', id(self), id(value))
        try:
            with DECISIONS as known:
                if key not in known:
                    field, converted = self._converted(value)
                    known[key] = value, field
                    return converted
                field = known[key][1]
                return value if field is None else field.from_data(value)
        except RecursionError:
            if DECISIONS.level or DEPTH.level:
                raise
            return value  # `validate` refuses it

    def _converted(self, value: Any) -> tuple[Field[Any] | None, Any]:
        """The field to which a value is left, and what it makes of it."""
        accepting = self._judged(value)[0]
        if accepting is not None:
            return accepting, accepting.from_data(value)
        partly: tuple[Field[Any] | None, Any] = None, value
        for field in sorted(self.fields, key=lambda field: loses_keys(field, value)):
            is_single = isinstance(field, ConvertedField)
            if is_single and not can_store(field, value):
                continue
            converted = field.from_data(value)
            if check_of(field)(converted) is None:
                return field, converted
            if not is_single and partly[0] is None and field._is_of_type(converted):
                partly = field, converted  # `validate` says what is wrong within
        return partly

    def to_mongo(self, value: Any) -> Any:
        """Convert as the field does that the value belongs to."""
        field = None if value is None else self._member(value)
        return value if field is None else field.to_mongo(value)

    def from_mongo(self, value: Any) -> Any:
        """Convert as the first field does whose stored form it is."""
        if value is None:
            return None
        key = ('load', id(self), id(value))
        try:
            with DECISIONS as known:
                if key not in known:
                    field, loaded = self._loaded(value)
                    known[key] = value, field
                    return loaded
                field = known[key][1]
                return value if field is None else field.from_mongo(value)
        except RecursionError:
            if DECISIONS.level:
                raise
            return value  # `validate` refuses it

    def _loaded(self, stored: Any) -> tuple[Field[Any] | None, Any]:
        """The field whose stored form something is, and the value that it makes of it."""
        best: tuple[Field[Any] | None, Any] = None, stored
        least = NO_RANK
        for field in self.fields:
            value = field.from_mongo(stored)
            # Checked here, as what is within is then loaded: it saves a call at each level.
            rank = rank_of(field, value, stored, is_valid=check_of(field)(value) is None)
            if rank < least:
                best, least = (field, value), rank
            if not rank:
                break
        return best

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where each field loads what is stored as it is."""
        if all(map(loads_as_is, self.fields)):
            return None
        return names.call(self.from_mongo, value)

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where each field stores values as they are."""
        if all(to_mongo_source(field, value, Names()) is None for field in self.fields):
            return None
        return names.call(self.to_mongo, value)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`, with a short way for what stays as it is."""
        convert = names.call(self.from_data, value)
        settled = self._settled_source(value, names)
        return f'{value} if {settled} else {convert}' if settled else convert

    def _settled_source(self, value: str, names: Names) -> str:
        """The condition that a value is exactly of the type of a field that accepts it as it is."""
        conditions = []
        for field in self.fields:
            if field._settled_type is not None and field._settled_type is field.field_type:
                kind = names.bind(field.field_type, 'exact')
                check = names.bind(check_of(field), 'check')
                conditions.append(f'(type({value}) is {kind} and {check}({value}) is None)')
        return ' or '.join(conditions)

    # The rules.

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """What is wrong by the rules of the field that the value belongs to."""
        error, judge = names.new('error'), names.bind(self._judged, 'judged')
        settled = self._settled_source(value, names)
        short = [Branch(settled, None)] if settled else []
        return [*short, Branch(f'({error} := {judge}({value})[1]) is not None', error)]

    # What operators use, and a set has of its own.

    __hash__ = NestingField.__hash__

    if not TYPE_CHECKING:  # what is inherited says all that checkers need to know

        def __eq__(self, other: object) -> Query:
            """The documents whose value is equal; of a set, whose set has the same items."""
            field = self._field_of_set(other)
            return super().__eq__(other) if field is None else field == other

        def __ne__(self, other: object) -> Query:
            """The documents that `==` does not find, those without the field among them."""
            field = self._field_of_set(other)
            return super().__ne__(other) if field is None else field != other

    def _field_of_set(self, value: object) -> Field[Any] | None:
        """The field that a set belongs to, for queries."""
        member = self._member(self.from_data(value)) if is_instance(value, SETS) else None
        return None if member is None else at_path(member, self.s)

    def _storable(self, value: Any) -> Any:
        return None if value is None else self._by_member('_storable', value)

    def _operand(self, value: Any) -> Any:
        return None if value is None else self._by_member('_operand', value)

    def _by_member(self, method: str, value: Any) -> Any:
        """The stored form by the field that a value belongs to, or by the first that has one."""
        try:
            member = self._member(self.from_data(value))
        except RecursionError as error:
            raise QueryError(f'{self._label} cannot store {shown(value)}: {error}') from error
        if member is not None:
            return getattr(member, method)(value)
        for field in self.fields:
            found = unless_refused(getattr(field, method), value)
            if found is not _Empty:
                return found
        return refuse(self, value, self._type_in_words)

    # What `to_dict` and the schemas say.

    def to_json(self, value: Any) -> Any:
        """Convert as the field does that the value belongs to."""
        member = self._member(value)
        return super().to_json(value) if member is None else member.to_json(value)

    def from_json(self, value: Any) -> Any:
        """Convert as the first field does whose form in JSON it is."""
        field = self._reading(value)
        return value if field is None else field.from_json(value)

    def _reading(self, value: Any) -> Field[Any] | None:
        """The field that accepts a value, or what it makes of it as its form in JSON."""
        key = ('read', id(self), id(value))
        with DECISIONS as known:
            if key not in known:
                known[key] = value, self._judged(value)[0] or self._find_reading(value)
            field: Field[Any] | None = known[key][1]
            return field

    def _find_reading(self, value: Any) -> Field[Any] | None:
        for field in sorted(self.fields, key=lambda field: loses_keys(field, value)):
            is_single = isinstance(field, ConvertedField) and not field._takes_patterns
            if is_single and is_instance(value, (Mapping, list)):
                continue
            read = attempted(field.from_json, value)
            if check_of(field)(field.from_data(read)) is None:
                return field
        return None

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        member = self._reading(value) or self._member(value)
        return _Empty if member is None else convert(member, value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What one of the fields says."""
        return {'anyOf': [schema.rules_of(field) for field in self.fields]}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What one of the fields says."""
        return {'anyOf': [schema.rules_of(field) for field in self.fields]}


NO_RANK: Final = 4


def rank_of(field: Field[Any], value: Any, stored: Any, *, is_valid: bool) -> int:
    """How well a field has read what is stored; 0 is best, `NO_RANK` not at all.

    It is the stored form of a value that the field accepts, if the field would store it so.
    """
    if not is_valid:
        return 3 if field._is_of_type(value) else NO_RANK
    form = attempted(field.to_mongo, value)
    if not (
        is_same(form, stored) or is_same(*(attempted(unified, each) for each in (form, stored)))
    ):
        return 2
    return 0 if is_exact(field, value) else 1


def is_exact(field: Field[Any], value: Any) -> bool:
    """Whether a value is exactly of a field's type, and not of one derived from it."""
    kind = field.field_type
    if isinstance(field, DocumentField):
        kind = field._known_class() if field._embeds else None
    return type(value) is kind


def loses_keys(field: Field[Any], value: Any) -> bool:
    """Whether a dict has keys that are no fields of the class of a field's documents."""
    if not isinstance(field, EmbDocField) or not is_instance(value, Mapping):
        return False
    meta = field.document_class.meta
    return bool(value.keys() - meta.fields.keys() - meta.original_names.keys())


def can_store(field: Field[Any], value: Any) -> bool:
    """Whether a field of single values takes a value: the text of some means nothing."""
    return unless_refused(field._storable, value) is not _Empty


def unless_refused(store: Callable[[Any], Any], value: Any) -> Any:
    """A stored form; `_Empty` where there is none."""
    try:
        return store(value)
    except QueryError:
        return _Empty


def unified(form: Any) -> Any:
    """A stored form in the types that the driver has by default, whatever its options are."""
    if isinstance(form, Mapping):
        return {key: unified(value) for key, value in form.items()}
    if isinstance(form, list):
        return [unified(value) for value in form]
    if isinstance(form, DatetimeMS):
        return form.as_datetime(CodecOptions())
    if isinstance(form, datetime.datetime):
        return in_utc(form).replace(tzinfo=None)
    return Binary.from_uuid(form) if isinstance(form, uuid.UUID) else form
