"""Field, what all fields have in common, and AnyField."""

from __future__ import annotations

import copy
import functools
import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    NamedTuple,
    NoReturn,
    Self,
    TypedDict,
    TypeVar,
    cast,
    overload,
)

from aiomongodel import errors
from aiomongodel.fields.operators import SCALARS, refuse, stored
from aiomongodel.fields.querying import Querying
from aiomongodel.fields.source import (
    Branch,
    Names,
    attempted,
    check_of,
    in_any,
    stored_conversion,
    value_check,
    wrong_type,
)
from aiomongodel.fields.updating import Updating
from aiomongodel.json_forms import json_form
from aiomongodel.utils import _Empty, is_instance, is_text, shown

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument
    from aiomongodel.document import Document
    from aiomongodel.fields.schema import SchemaWriter
    from aiomongodel.queryset.base import BaseQuerySet

IMMUTABLE: Final = frozenset({bool, int, float, str, bytes, type(None)})
"""Defaults of these types can be shared between documents."""

NOT_YET: Final = (ImportError, NameError, AttributeError)
"""What a document class raises that is given by a path or a callable and does not exist yet."""

T = TypeVar('T')
V = TypeVar('V')
"""What reading the field on an instance gives: str, or str | None where it may be empty."""


class FieldOptions(TypedDict, Generic[V], total=False):
    """The options that every field takes, beside `required` and `allow_none`."""

    default: V | Callable[[], V]
    mongo_name: str | None
    name: str | None
    choices: Collection[V] | Mapping[V, Any] | None
    field_type: type | None
    validators: Sequence[Callable[[Any], object]]
    verbose_name: str | None
    description: str | None
    examples: Sequence[V]
    deprecated: bool


class Kept(NamedTuple):
    """The stored form of an immutable value that was read, for as long as the value stays."""

    stored: Any
    value: Any


class Option(Generic[T]):
    """An option that 0.2 had not: as an operator does, it gives way to a nested field of its name.

    The field has it as an attribute with an underscore before.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, field: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, field: Field[Any], owner: Any) -> T: ...
    def __get__(self, field: Field[Any] | None, owner: Any) -> Self | T:
        if field is None:
            return self
        nested = field._nested(self._name)
        return cast('T', vars(field)[f'_{self._name}'] if nested is None else nested)

    def __set__(self, field: Field[Any], value: T) -> None:
        vars(field)[f'_{self._name}'] = value


class Field(Querying[V], Updating[V]):
    """A value of a document: its name, its rules and its conversions.

    A field is a non-data descriptor: the values of a document lie in the document's `__dict__`,
    where the interpreter finds them without us. `__get__` runs for a value that is unset or
    not converted yet.

    Args:
        required: Whether a document without the field is refused.
        default: A value, or a callable without arguments that gives one, for a document that is
            made without the field. It is ignored where the field is not required.
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        allow_none: Whether None is a valid value.
        choices: The valid values; of a dict, its keys. Other constraints are then ignored.
        field_type: The type of a valid value, in place of the field class's own.
        validators: Functions that `validate` calls in turn with a value that all other rules
            accept, unless it is None. One raises ValidationError to refuse it, or StopValidation
            to accept it and look no further; what it returns does not count.
        verbose_name: The field's name for people, say on a form.
        description: What the field is for, in a schema.
        examples: Values for a schema.
        deprecated: Whether a schema says that the field is not to be used any more.

    A field class of your own overrides `from_data`, `to_mongo`, `from_mongo` or `validate`.

    Example:
        >>> from aiomongodel import Document
        >>> class Page(Document):
        ...     code = Field(field_type=complex, mongo_name='c', default=1j)
        >>> Page.code.s
        'c'
        >>> Page().code
        1j
    """

    validators = Option[Sequence[Callable[[Any], object]]]()
    description = Option['str | None']()
    examples = Option[Sequence[Any]]()
    deprecated = Option[bool]()

    _validators: Sequence[Callable[[Any], object]]
    _description: str | None
    _examples: Sequence[Any]
    _deprecated: bool

    value_type: Any = None
    """The type of a valid value where `field_type` names none."""

    _embeds = False
    """Whether the values are documents that are stored within this one."""

    _is_computed = False
    """Whether the value is computed when it is read, and never set."""

    _is_stored = True
    """Whether the value is stored with its document."""

    _kept_type: type | None = None
    """The type of a stored form that can be kept beside the value: the value is immutable."""

    def __init__(
        self,
        *,
        required: bool = True,
        default: Any = _Empty,
        mongo_name: str | None = None,
        name: str | None = None,
        allow_none: bool = False,
        choices: Collection[Any] | Mapping[Any, Any] | None = None,
        field_type: type | None = None,
        validators: Sequence[Callable[[Any], object]] = (),
        verbose_name: str | None = None,
        description: str | None = None,
        examples: Sequence[Any] = (),
        deprecated: bool = False,
    ) -> None:
        self.required = required
        self.default = default
        self.name: str = name  # type: ignore[assignment]  # None only outside of a class
        self.mongo_name: str = mongo_name or name  # type: ignore[assignment]
        self.allow_none = allow_none
        self.choices = choices
        self.field_type = self.value_type if field_type is None else field_type
        self.validators = validators
        self.verbose_name = verbose_name
        self.description = description
        self.examples = examples
        self.deprecated = deprecated
        self._owner: type | None = None
        self._unread = ''

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self.name = name
        # The key of the stored value in a document, until it is read: no field has such a name.
        self._unread = f'.{name}'
        self.mongo_name = self.mongo_name or name

    @overload
    def __get__(self, instance: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> V: ...
    def __get__(self, instance: Any, owner: Any) -> Self | V | None:
        return self if instance is None else self._read(instance)

    if TYPE_CHECKING:  # at run time it would make this a data descriptor, and each reading slower

        def __set__(self, instance: object, value: V) -> None: ...

    def __repr__(self) -> str:
        return f'<{type(self).__name__} {self._label}>'

    @property
    def s(self) -> str:
        """The field's name in MongoDB, for queries.

        Example:
            >>> from aiomongodel import Document, StrField
            >>> class User(Document):
            ...     name = StrField(mongo_name='n')
            >>> {User.name.s: 'Francesco'}
            {'n': 'Francesco'}
        """
        return self.mongo_name

    @property
    def document_class(self) -> Any:
        """The class of the documents within, through which names nest; None for none."""
        return None

    def _inner_classes(self) -> list[Any]:
        """The classes of the documents that are stored within; None for one that is not known."""
        return []

    def _nested(self, name: str) -> Any:
        """The field of this name of the documents within; None where there is none."""
        return None

    def _under_key(self) -> Field[Any] | None:
        """The field of what lies under a key of the value; None where no keys are known to be."""
        return None

    # What operators use: see `aiomongodel.fields.operators`.

    def _item_field(self) -> Field[Any]:
        """The field that the items of a list follow: of a field of any value, itself."""
        return self

    @property
    def _takes_mappings(self) -> bool:
        """Whether a dict can be a value, or stand for one."""
        return self.field_type is None or issubclass(dict, self.field_type)

    @property
    def _takes_patterns(self) -> bool:
        """Whether a pattern is a value, and not something that values are matched by."""
        return False

    @property
    def _type_in_words(self) -> str:
        return 'a value' if self.field_type is None else f'of type {self.field_type.__name__}'

    def _is_of_type(self, value: Any) -> bool:
        return self.field_type is None or is_instance(value, self.field_type)

    @property
    def _target(self) -> str:
        """The path that an update changes.

        Raises:
            QueryError: No update can change the value.
        """
        return self.s

    def _storable(self, value: Any) -> Any:
        """The stored form of a value that an update sets.

        Raises:
            QueryError: The field cannot store it.
        """
        return stored(self, value)

    def _operand(self, value: Any) -> Any:
        """The stored form of a value that a query compares with.

        Raises:
            QueryError: The field cannot store it.
        """
        return self._storable(value)

    @property
    def _label(self) -> str:
        """Class and field, as an error message names them."""
        owner = type(self) if self._owner is None else self._owner
        return f'{owner.__name__}.{self.name}'

    def _read(self, instance: Any, default: Any = None) -> Any:
        """The value in a document, converted from its stored form if that is still to do.

        Args:
            instance: The document.
            default: What to give where the field is unset.
        """
        values = vars(instance)
        if self.name in values:
            return values[self.name]
        try:
            stored = values[self._unread]
        except KeyError:
            # Unset, or another thread has put the value in its place since we looked.
            return values.get(self.name, default)
        if type(stored) is Kept:  # another thread has read it since we looked
            return values.setdefault(self.name, stored.value)
        value = values.setdefault(self.name, self._from_stored(stored))
        if type(stored) is self._kept_type:
            values[self._unread] = Kept(stored, value)
        else:
            values.pop(self._unread, None)
        return value

    def _from_stored(self, stored: Any) -> Any:
        try:
            return self._convert_stored(stored)
        except Exception as error:
            error.add_note(f'in {self._label}')
            raise

    def _get_default(self) -> Any:
        """The default of a new document: of a callable its result, else a copy of the value."""
        if not callable(self.default):
            return copy.deepcopy(self.default)
        try:
            return self.default()
        except Exception as error:
            error.add_note(f'in the default of {self._label}')
            raise

    def _check_definition(self) -> None:
        """Refuse options that contradict each other.

        Raises:
            ValueError: It says which option is wrong; who calls names the field.
        """
        if not is_storable_name(self.mongo_name):
            raise ValueError(
                f'mongo_name {shown(self.mongo_name)} must be a str that does not start with $, '
                'with neither a dot nor \\0 in it'
            )
        if self.field_type is not None and not isinstance(self.field_type, type):
            raise ValueError(f'field_type {shown(self.field_type)} must be a class')
        if self.choices is not None and (
            isinstance(self.choices, str) or not isinstance(self.choices, Collection)
        ):
            raise ValueError(f'choices {shown(self.choices)} must be a set, list or dict of values')
        if self.choices is not None and not self.choices:
            raise ValueError(f'choices {shown(self.choices)} leave no value')
        check_validators(self._validators)
        self._check_what_is_said()
        if not callable(self.default):
            self._check_default()

    def _check_what_is_said(self) -> None:
        if not (self._description is None or is_text(self._description)):
            raise ValueError(f'description {shown(self._description)} must be a str')
        if not isinstance(self._deprecated, bool):
            raise ValueError(f'deprecated {shown(self._deprecated)} must be True or False')
        if isinstance(self._examples, str | bytes) or not isinstance(self._examples, Sequence):
            raise ValueError(f'examples {shown(self._examples)} must be a list of values')

    def _require_own_place(self) -> None:
        """Refuse to be the field of items, or of what else lies within another field's value."""
        if self._owner is not None and vars(self._owner).get(self.name) is not self:
            raise ValueError(
                f'a {type(self).__name__} stands in the class itself, and not within another field'
            )

    def _check_default(self) -> None:
        if self.default is _Empty:
            return
        try:
            error = check_of(self)(self.from_data(self.default))
        except NOT_YET:
            return
        if error is not None:
            raise ValueError(f'default {shown(self.default)} is refused by its own field: {error}')

    def _check_limits(
        self, lower: str, upper: str, is_limit: Callable[[Any], bool], kind: str
    ) -> None:
        low, high = getattr(self, lower), getattr(self, upper)
        for name, limit in ((lower, low), (upper, high)):
            if not (limit is None or is_limit(limit)):
                raise ValueError(f'{name} {shown(limit)} must be {kind}')
        if low is not None and high is not None and low > high:
            raise ValueError(f'{lower} {low!r} is greater than {upper} {high!r}')

    @property
    def _settled_type(self) -> type | None:
        """The type whose own values `from_data` leaves as they are, where there is one."""
        return None

    # What a write does: see `aiomongodel.queryset.base`.

    @property
    def _is_filled(self) -> bool:
        """Whether a write gives the field its value, which `validate` then does not ask for."""
        return False

    @property
    def _follows_changes(self) -> bool:
        """Whether a write gives the field a new value, so that this alone is no change."""
        return False

    async def _fill(self, document: Document, query_set: BaseQuerySet[Any]) -> None:
        """Give the field its value in a document that is about to be written.

        Args:
            document: The document.
            query_set: The query set that writes it, with its database and session.
        """

    async def _fill_many(self, documents: Sequence[Document], query_set: BaseQuerySet[Any]) -> None:
        """`_fill` for documents that are about to be written by one call."""
        for document in documents:
            await self._fill(document, query_set)

    # What a computed field does in place of what is generated: see `aiomongodel.fields.computed`.

    def _refuse_setting(self, value: Any) -> NoReturn:
        """Refuse a value that is assigned.

        Raises:
            AttributeError: Always.
        """
        raise NotImplementedError

    def _dumped(self, document: BaseDocument) -> Any:
        """The stored form of the value in a document; `_Empty` where nothing is stored."""
        raise NotImplementedError

    # The conversions, and the rules.

    def from_data(self, value: Any) -> Any:
        """Convert what a user gave to the field's type.

        Args:
            value: Any value.

        Returns:
            The converted value, or the value as it is where it is None or cannot be converted.
        """
        return value

    def to_mongo(self, value: Any) -> Any:
        """Convert a value to its stored form; what cannot be converted stays as it is."""
        return value

    def from_mongo(self, value: Any) -> Any:
        """Convert a value from its stored form; what cannot be converted stays as it is."""
        return value

    def validate(self, value: Any) -> None:
        """Check a value by the rules of the field.

        Raises:
            ValidationError: The first rule that it breaks.
            StopValidation: An override may raise it to accept the value.
        """
        error = self._check(value)
        try:
            if error is not None:
                raise error
        finally:
            del error  # or its traceback would hold it, until garbage collection finds them

    # What `to_dict` and the schemas say of the field.

    def to_json(self, value: Any) -> Any:
        """Convert a value to its form in JSON, which `from_json` takes back.

        Raises:
            TypeError: JSON has no form of it.
            ValueError: It is a float that JSON cannot hold.
        """
        within = self._each(value, unless_none(lambda field, inner: field.to_json(inner)))
        return json_form(value if within is _Empty else within)

    def from_json(self, value: Any) -> Any:
        """Convert a value from its form in JSON; what cannot be converted stays as it is."""
        within = self._each(value, unless_none(lambda field, inner: field.from_json(inner)))
        return self.from_data(value if within is _Empty else within)

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        """A container of the values within another, each converted with the field it follows.

        By it `to_json`, `from_json` and `to_dict` go down to them.

        Args:
            value: A value of the field, or its form in JSON.
            convert: What is given the field of a value within, and that value; None too.

        Returns:
            The container; `_Empty` where there is none, neither field nor value.
        """
        return _Empty

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What a JSON Schema says of the form in JSON of a value that is not None.

        Args:
            schema: What writes the schema; it gives that of a field or a document within.

        Returns:
            The keywords for type and constraints, in a new dict.
        """
        return {}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What MongoDB's `$jsonSchema` says of the stored form of a value that is not None.

        Args:
            schema: What writes the schema; it gives that of a field or a document within.

        Returns:
            The keywords for type and constraints, in a new dict.
        """
        return {}

    @functools.cached_property
    def _convert_stored(self) -> Callable[[Any], Any]:
        """`from_mongo`, compiled."""
        return stored_conversion(self)

    @functools.cached_property
    def _check(self) -> Callable[[Any], errors.ValidationError | None]:
        """What is wrong with a value by the rules of the field's class; None if nothing is."""
        return value_check(self)

    # The same for the generated functions. See `aiomongodel.fields.source`.

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return value

    def default_source(self, names: Names) -> str | None:
        """The expression of the value that a new document gets; None where it gets none."""
        if not self.required or self.default is _Empty:
            return None
        value = None if callable(self.default) else self.from_data(self.default)
        if not callable(self.default) and type(value) in IMMUTABLE:
            return names.bind(value, 'default')
        default = f'{names.bind(self._get_default, "get_default")}()'
        return f'{names.bind(self.from_data, "from_data")}({default})'

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where it changes nothing."""
        return None

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where it changes nothing."""
        return None

    def validate_source(self, value: str, names: Names) -> list[Branch]:
        """The branches of `validate`."""
        branches = [self._none_branch(value, names), *self.type_source(value, names)]
        if self.choices is None:
            return [*branches, *self.constraint_source(value, names)]
        chosen = names.bind(in_any(self.choices), 'chosen')
        miss = Branch(f'not {chosen}({value})', names.error(errors.NO_VARIANT_MATCHES))
        return [*branches, miss]

    def _none_branch(self, value: str, names: Names) -> Branch:
        error = None if self.allow_none else names.error(errors.NONE_IS_NOT_ALLOWED)
        return Branch(f'{value} is None', error)

    def type_source(self, value: str, names: Names) -> list[Branch]:
        """The branch that refuses values of a wrong type, if any type is wrong."""
        if self.field_type is None:
            return []
        kind = names.bind(self.field_type, 'type')
        return [Branch(wrong_type(value, kind), names.error(errors.INVALID_TYPE))]

    def constraint_source(self, value: str, names: Names) -> list[Branch]:
        """The branches of the constraints that a field class adds to type and choices."""
        return []


def unless_none(convert: Callable[[Field[Any], Any], Any]) -> Callable[[Field[Any], Any], Any]:
    """A conversion that leaves None as it is."""
    return lambda field, value: None if value is None else convert(field, value)


def is_length(limit: Any) -> bool:
    """Whether a value can limit a length."""
    return isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0


def check_pattern(option: str, given: Any) -> None:
    """Refuse an option that is no pattern for text; None is not given."""
    if given is None:
        return
    try:
        text = re.compile(given).pattern
    except (re.error, OverflowError, RecursionError, TypeError) as error:
        raise ValueError(f'{option} {shown(given)} is not a pattern: {error}') from error
    if not isinstance(text, str):
        raise ValueError(f'{option} {shown(given)} must be a pattern for str, not bytes')


def check_validators(validators: Any) -> None:
    """Refuse what cannot be called in turn with a value."""
    if isinstance(validators, str) or not isinstance(validators, Sequence):
        raise ValueError(f'validators {shown(validators)} must be a list of functions')
    for validator in validators:
        if not callable(validator):
            raise ValueError(f'validators: {shown(validator)} must be a function of a value')
        if inspect.iscoroutinefunction(validator):
            raise ValueError(
                f'validators: {shown(validator)} is a coroutine function, and nothing is awaited '
                'in a validation'
            )


def is_storable_name(name: Any) -> bool:
    """Whether MongoDB takes a name for one field, and not for a path or an operator."""
    return is_text(name) and not (name.startswith('$') or '.' in name or '\0' in name)


class ConvertedField(Field[V]):
    """A field whose `from_data` attempts one conversion."""

    value_type: type

    @property
    def _settled_type(self) -> type | None:
        """The type that is converted to, unless a subclass converts in its own way."""
        own, ours = type(self), ConvertedField
        if (own.from_data, own.from_data_source) != (ours.from_data, ours.from_data_source):
            return None
        return self.value_type

    def _storable(self, value: Any) -> Any:
        known = (*SCALARS, self.field_type) if self.field_type is not None else SCALARS
        is_ours = type(self).from_data is ConvertedField.from_data
        if is_ours and value is not None and not is_instance(value, known):
            refuse(self, value, self._type_in_words)
        return stored(self, value)

    def convert(self, value: Any) -> Any:
        """Convert a value that is not None; whatever it raises, the value then stays as it is."""
        return self.value_type(value)

    def from_data(self, value: Any) -> Any:
        """Convert what a user gave to the field's type."""
        return value if value is None else attempted(self.convert, value)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        exact = names.bind(self.value_type, 'exact')
        return f'{value} if type({value}) is {exact} else {names.call(self.from_data, value)}'


class AnyField(Field[Any]):
    """A value of any type, stored as it is; whether MongoDB can store it is the user's care.

    Example:
        >>> from aiomongodel import Document
        >>> class Log(Document):
        ...     payload = AnyField()
        >>> Log(payload={'a': [1, 2]}).validate().payload
        {'a': [1, 2]}
    """
