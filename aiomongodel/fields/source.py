"""What a field writes into the functions that are generated for its class.

A field gives Python source: an expression that converts a value, or the branches of an if-chain
that finds what is wrong with one. The objects that it needs are bound to names in a `Names`.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiomongodel.errors import StopValidation, ValidationError
from aiomongodel.utils import _Empty

if TYPE_CHECKING:
    from aiomongodel.fields.base import Field


class Branch(NamedTuple):
    """One `if` of a validation: where `condition` holds the value is settled.

    Attributes:
        condition: An expression; it must not raise, whatever the value is.
        error: An expression for the ValidationError; None accepts the value.
    """

    condition: str
    error: str | None


class Names:
    """The global names of one generated source, each bound to one object.

    Example:
        >>> names = Names()
        >>> names.bind(len, 'len')
        'len_1'
        >>> names.error('length is less than {constraint}', 3)
        "ValidationError('length is less than {constraint}', 3)"
    """

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {'ValidationError': ValidationError}
        self._numbers = itertools.count(1)

    def bind(self, value: Any, hint: str) -> str:
        """Bind an object to a new name that reads like `hint`."""
        name = self.new(hint)
        self.bound[name] = value
        return name

    def call(self, method: Callable[[Any], Any], value: str) -> str:
        """The expression of a call of a method, or a function, with a value."""
        return f'{self.bind(method, method.__name__)}({value})'

    def new(self, hint: str) -> str:
        """A name, for a variable say, that nothing else in the source has."""
        return f'{hint}_{next(self._numbers)}'

    def limit(self, limit: Any) -> str:
        """The expression of a limit: readable where that is safe."""
        return repr(limit) if type(limit) is int else self.bind(limit, 'limit')

    def error(self, message: str, constraint: Any = _Empty) -> str:
        """The expression for a validation error."""
        if constraint is _Empty:
            return f'ValidationError({message!r})'
        return f'ValidationError({message!r}, {self.limit(constraint)})'


SOURCE_NUMBERS: Final = itertools.count(1)


def compiled(title: str, lines: Sequence[str], names: Names) -> Callable[..., Any]:
    """Compile the source of a function so that tracebacks and debuggers show its lines.

    Args:
        title: What it belongs to, such as a class's name.
        lines: The definition of a function.
        names: The globals that it needs.
    """
    text = '\n'.join(lines) + '\n'
    filename = f'<aiomongodel {title} {next(SOURCE_NUMBERS)}>'
    # A time of None: linecache drops an entry with a time once it finds no such file.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, 'exec'), names.bound)  # noqa: S102 - all of it is our own source
    name = lines[0].removeprefix('def ').partition('(')[0]
    function: Callable[..., Any] = names.bound[name]
    return function


def chain(branches: Iterable[Branch], refuse: str, indent: str) -> list[str]:
    """An if-chain over the branches; `refuse` is the statement before the error."""
    lines = []
    for number, (condition, error) in enumerate(branches):
        lines.append(f'{indent}{"elif" if number else "if"} {condition}:')
        lines.append(f'{indent}    pass' if error is None else f'{indent}    {refuse} {error}')
    return lines


def speaks_for(field: Field[Any], source: str, method: str) -> bool:
    """Whether a field's source says the same as its method.

    It does unless a subclass has overridden the method and left the source as it was.
    """
    mro = type(field).__mro__
    writer = next(base for base in mro if source in vars(base))
    definer = next(base for base in mro if method in vars(base))
    return issubclass(writer, definer)


def from_data_source(field: Field[Any], value: str, names: Names) -> str:
    """The expression that converts user data as the field's `from_data` does."""
    if speaks_for(field, 'from_data_source', 'from_data'):
        return field.from_data_source(value, names)
    return f'{names.bind(noted(field, field.from_data), "from_data")}({value})'


def noted(field: Field[Any], convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A conversion of a user's own, whose exceptions get a note that names the field."""

    def converted(value: Any) -> Any:
        try:
            return convert(value)
        except Exception as error:
            error.add_note(f'in {field._label}')
            raise

    return converted


def from_mongo_source(field: Field[Any], value: str, names: Names) -> str | None:
    """The expression that converts as the field's `from_mongo` does; None for 'as it is'."""
    if speaks_for(field, 'from_mongo_source', 'from_mongo'):
        return field.from_mongo_source(value, names)
    return f'{names.bind(field.from_mongo, "from_mongo")}({value})'


def loads_as_is(field: Field[Any]) -> bool:
    """Whether what is stored is also what the field's `from_mongo` gives."""
    return from_mongo_source(field, 'value', Names()) is None


def stored_conversion(field: Field[Any]) -> Callable[[Any], Any]:
    """Compile a function that converts as the field's `from_mongo` does."""
    names = Names()
    expression = from_mongo_source(field, 'value', names) or 'value'
    lines = ['def from_mongo(value):', f'    return {expression}']
    return compiled(f'{field._label} from_mongo', lines, names)


def data_conversion(field: Field[Any]) -> Callable[[Any], Any]:
    """Compile a function that converts as the field's `from_data` does."""
    names = Names()
    lines = ['def from_data(value):', f'    return {from_data_source(field, "value", names)}']
    return compiled(f'{field._label} from_data', lines, names)


def to_mongo_source(field: Field[Any], value: str, names: Names) -> str | None:
    """The expression that converts as the field's `to_mongo` does; None for 'as it is'."""
    if speaks_for(field, 'to_mongo_source', 'to_mongo'):
        return field.to_mongo_source(value, names)
    return f'{names.bind(noted(field, field.to_mongo), "to_mongo")}({value})'


def validate_source(field: Field[Any], value: str, names: Names) -> list[Branch]:
    """The branches that decide as the field's `validate` does."""
    if speaks_for(field, 'validate_source', 'validate'):
        return rules_source(field, value, names)
    return [found_by(names.bind(check_of(field), 'check'), value, names)]


def rules_source(field: Field[Any], value: str, names: Names) -> list[Branch]:
    """The branches of the field's class, then that of its validators."""
    branches = field.validate_source(value, names)
    if not field._validators:
        return branches
    check = names.bind(caught(in_turn(field._validators), field._label), 'check_by_validators')
    return [*branches, found_by(check, value, names)]


def in_turn(validators: Sequence[Callable[[Any], object]]) -> Callable[[Any], None]:
    """One validator of several; the first that raises ends it."""

    def validate(value: Any) -> None:
        for validator in validators:
            validator(value)

    return validate


def wrong_type(value: str, kind: str) -> str:
    """The condition that a value is of another type; it asks the type, not the value."""
    return f'type({value}) is not {kind} and not issubclass(type({value}), {kind})'


def check_of(field: Field[Any]) -> Callable[[Any], ValidationError | None]:
    """The field's `validate` as a function that gives the error instead of raising it."""
    if speaks_for(field, 'validate_source', 'validate'):
        return field._check
    return caught(field.validate, field._label)


def found_by(check: str, value: str, names: Names) -> Branch:
    """The branch of a check that gives the error, or None."""
    error = names.new('error')
    return Branch(f'({error} := {check}({value})) is not None', error)


def caught(
    validate: Callable[[Any], object], label: str
) -> Callable[[Any], ValidationError | None]:
    """A `validate` method as a function that gives the error instead of raising it.

    Any other exception gets a note with the label.
    """

    def error_of(value: Any) -> ValidationError | None:
        try:
            validate(value)
        except StopValidation:
            return None
        except ValidationError as error:
            return error
        except Exception as error:
            note(error, f'in {label}')
            raise
        return None

    return error_of


def note(error: Exception, text: str) -> None:
    """Add a note to an exception, unless it has it already."""
    if text not in getattr(error, '__notes__', ()):
        error.add_note(text)


def value_check(field: Field[Any]) -> Callable[[Any], ValidationError | None]:
    """Compile a function that gives what is wrong with a value of the field, or None."""
    names = Names()
    branches = rules_source(field, 'value', names)
    lines = ['def check(value):', *chain(branches, 'return', '    '), '    return None']
    return compiled(f'{field._label} value', lines, names)


def items_check(
    field: Field[Any],
    loop: str = 'index, value in enumerate(items)',
    key: str = 'index',
    label: Callable[[Any], Any] | None = None,
    before: Callable[[Names], list[Branch]] | None = None,
) -> Callable[[Any], ValidationError | None]:
    """Compile a function that gives what is wrong with the items of a list, or None.

    Args:
        field: The field of the items.
        loop: How each `value` of the `items` is had, and what else is known of it.
        key: The name of that by which an error is told.
        label: What is told in its place.
        before: It gives the branches that come before those of the field.
    """
    names = Names()
    first = [] if before is None else before(names)
    branches = [*first, *validate_source(field, 'value', names)]
    told = key if label is None else f'{names.bind(label, "label")}({key})'
    lines = [
        'def check_items(items):',
        '    errors = {}',
        f'    for {loop}:',
        *(chain(branches, f'errors[{told}] =', ' ' * 8) or ['        pass']),
        '    return ValidationError(errors) if errors else None',
    ]
    return compiled(f'{field._label} items', lines, names)


def in_any(variants: Iterable[Any]) -> Callable[[Any], bool]:
    """A membership test in constant time that takes unhashable values too."""
    try:
        members: Any = frozenset(variants)
    except TypeError:  # variants that are lists or dicts themselves
        members = list(variants)

    def contains(value: Any) -> bool:
        try:
            return value in members
        except Exception:  # noqa: BLE001 - it may be unhashable, or refuse to be compared
            return False

    return contains


def attempted(convert: Callable[[Any], Any], value: Any) -> Any:
    """The converted value, or the value as it is where it cannot be converted."""
    try:
        return convert(value)
    except Exception:  # noqa: BLE001 - the value may be any object, and raise anything
        return value
