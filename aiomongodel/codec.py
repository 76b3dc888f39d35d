"""What a document class is compiled to: functions that fill, load, dump and check its documents.

Each is generated at its first use. No loop over the fields runs per document, and a method that a
class or a field overrides is called where ours would have been.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiomongodel import errors
from aiomongodel.changes import STORED, baseline, keep, plain
from aiomongodel.errors import ValidationError
from aiomongodel.extras import LAYOUT, UNKNOWN, arranged, layout_of, unknown_names
from aiomongodel.fields import Field, source
from aiomongodel.fields.base import Kept
from aiomongodel.fields.source import Names, chain, compiled
from aiomongodel.hooks import BEFORE_VALIDATE, call_plain
from aiomongodel.polymorphism import WRONG_NAME, chosen_by
from aiomongodel.utils import _Empty

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument, Document
    from aiomongodel.meta import Meta

Data = dict[str, Any]

PARTIAL: Final = '..partial'
"""The key in the `__dict__` of a document that was made from a part of the stored data."""

MARKS: Final = (LAYOUT, UNKNOWN, WRONG_NAME)
"""The other keys in a `__dict__` that go with what a document was made of."""


def is_rule(cls: type, name: str) -> bool:
    """Whether a class's attribute is a method that can be called without arguments, and at once."""
    method = inspect.getattr_static(cls, name)
    if not inspect.isfunction(method) or inspect.iscoroutinefunction(method):
        return False
    try:
        inspect.signature(method).bind(None)
    except TypeError:
        return False
    return True


class Codec:
    """The conversions of one document class.

    Args:
        document_class: The class.
        root: The class whose methods count as ours: a class that overrides one of them is
            honoured.
        meta: The class's meta.

    Attributes:
        document_class: As given.
        given: The fields whose values are given, and not computed.
        stores_computed: Whether a value is stored that is computed.
    """

    def __init__(
        self, document_class: type[BaseDocument], root: type[BaseDocument], meta: Meta
    ) -> None:
        self.document_class = document_class
        self._root = root
        self._fields = meta.fields
        self.given = {name: each for name, each in meta.fields.items() if not each._is_computed}
        self._stored = {name: each for name, each in meta.fields.items() if each._is_stored}
        self.stores_computed = any(each._is_computed for each in self._stored.values())
        self._original_names = meta.original_names
        self._tracks_changes = meta.track_changes
        self._meta = meta

    def overrides(self, method: str) -> bool:
        """Whether the class has a method of its own instead of ours."""
        own = getattr(self.document_class, method)
        ours = getattr(self._root, method)
        return getattr(own, '__func__', own) is not getattr(ours, '__func__', ours)

    @property
    def _cleans(self) -> bool:
        """Whether the class has rules across fields."""
        return self.overrides('clean') and is_rule(self.document_class, 'clean')

    def _clean(self, document: BaseDocument) -> ValidationError | None:
        """What is wrong with a document by the rules across fields; None if nothing is."""
        cls: Any = self.document_class
        error = source.caught(cls.clean, f'{cls.__name__}.clean')(document)
        if error is None or isinstance(error.error, Mapping):
            return error
        return ValidationError({ValidationError.WHOLE: error})

    @functools.cached_property
    def is_recursive(self) -> bool:
        """Whether a document of the class may hold another one of it, as far as can be known."""
        if self._meta.family is not None:  # a class below it may, which is not made yet
            return True
        seen: set[Any] = set()
        ahead: list[Any] = [self.document_class]
        while ahead:
            fields = ahead.pop().meta.fields.values()
            inner = {each for field in fields for each in field._inner_classes()}
            if None in inner or self.document_class in inner:
                return True
            if any(each.meta.family is not None for each in inner):
                return True
            ahead.extend(inner - seen)
            seen |= inner
        return False

    # What callers use. The first use of each compiles it; then it is an attribute like any other.

    @functools.cached_property
    def fill(self) -> Callable[[BaseDocument, Data], None]:
        """Set the fields of a new document from user data, and the defaults of the others."""
        return self._compile(self._fill_lines)

    @functools.cached_property
    def setters(self) -> dict[str, Callable[[Any], Any]]:
        """By field, what converts a value that is assigned."""
        converted = {name: source.data_conversion(field) for name, field in self.given.items()}
        computed = self._fields.keys() - self.given.keys()
        return {**converted, **{name: self._fields[name]._refuse_setting for name in computed}}

    @functools.cached_property
    def build(self) -> Callable[[Data], Any]:
        """Make a new document from user data in a dict, of the class that it may name."""
        if self._meta.family is None:
            return self._build_own
        return chosen_by(self.document_class, self._build_own, self._builder_of, self._build_wrong)

    @functools.cached_property
    def _build_own(self) -> Callable[[Data], Any]:
        """Make a new document of the class itself from user data in a dict."""
        return self._compile(self._build_lines)

    @functools.cached_property
    def load(self) -> Callable[[Data], Any]:
        """Make a document from stored data, of the class that it may name.

        The dict becomes a part of the document.
        """
        if self._meta.family is None:
            return self._load_own
        return self._chosen(self._load_own, self._loader_within)

    @functools.cached_property
    def _load_own(self) -> Callable[[Data], Any]:
        """Make a document of the class itself from stored data."""
        return self._compile(self._load_lines)

    @functools.cached_property
    def dump(self) -> Callable[[BaseDocument], Data]:
        """The stored form of a document: a new dict, which shares lists and dicts with it."""
        fields = self._stored.values()
        if all(source.speaks_for(field, 'to_mongo_source', 'to_mongo') for field in fields):
            return self._compile(self._dump_lines)
        return self._dump_set  # what a user's own method does is not to be done twice

    @functools.cached_property
    def check(self) -> Callable[[BaseDocument], ValidationError | None]:
        """What is wrong with a document by the rules of the class; None if nothing is."""
        return self._compile(self._check_lines)

    @functools.cached_property
    def loader(self) -> Callable[[Data], Any]:
        """`load`, or the `from_mongo` of the class where it has its own."""
        if self._meta.family is None:
            return self._own_loader
        return self._chosen(self._own_loader, lambda found: found.meta.codec._own_loader)

    @functools.cached_property
    def _own_loader(self) -> Callable[[Data], Any]:
        """The same for the class itself, and none that stored data may name."""
        if not self.overrides('from_mongo'):
            return self._load_own
        return self._load_tracked if self._tracks_changes else self.document_class.from_mongo

    @functools.cached_property
    def dumper(self) -> Callable[[Any], Data]:
        """`dump`, or the `to_mongo` of the class where it has its own."""
        dump = self.document_class.to_mongo if self.overrides('to_mongo') else self.dump
        # What was stored is kept: it must share nothing with the document.
        return (lambda document: plain(dump(document))) if self._tracks_changes else dump

    # Of a class with a family, where data may name another class of it.

    def _chosen(
        self, own: Callable[[Data], Any], other: Callable[[Any], Callable[[Data], Any]]
    ) -> Callable[[Data], Any]:
        """What loads a document as the class that its stored data names."""
        if self._meta.is_abstract:
            own = self._refuse_name
        unknown = self._load_unknown if self._meta.unknown_class == 'parent' else self._refuse_name
        return chosen_by(self.document_class, own, other, unknown)

    def _loader_within(self, found: Any) -> Callable[[Data], Any]:
        """What loads a class below this one, where this one's `from_mongo` may be at work."""
        codec: Codec = found.meta.codec
        own: Any = self.document_class.from_mongo
        is_at_work = found.from_mongo.__func__ is own.__func__
        return codec._load_own if is_at_work else codec._own_loader

    def _load_unknown(self, data: Data) -> Any:
        """Make a document of the class from data that names no class of the family.

        It keeps what it does not know, with the name, so that it can be saved.
        """
        layout = layout_of(data, self._meta)
        stored = baseline(data) if self._tracks_changes else None
        document = self._own_loader(data)
        if isinstance(document, self._root):
            vars(document)[LAYOUT] = layout
            if stored is not None:
                keep(document, stored)  # with what it does not know
        return document

    def _refuse_name(self, data: Data) -> Any:
        family = self._meta.family
        assert family is not None  # noqa: S101 - for type checkers
        raise family.refusal(self.document_class, data.get(family.key))

    def _builder_of(self, found: Any) -> Callable[[Data], Any]:
        """What makes a document of a class below this one, whose `from_data` may be at work."""
        codec: Codec = found.meta.codec
        own: Any = self.document_class.from_data
        is_at_work = found.from_data.__func__ is own.__func__
        return codec._build_own if is_at_work else found.from_data

    def _build_wrong(self, data: Data) -> Any:
        """Make a document of the class from data that names no class; `validate` refuses it."""
        document = self._build_own(data)
        if isinstance(document, self._root):
            vars(document)[WRONG_NAME] = True
        return document

    def build_copy(self, data: Mapping[str, Any]) -> Any:
        """Make a new document from user data in a mapping of any type."""
        if self._meta.family is not None or self._meta.extra == 'forbid':  # other names count
            return self.build({name: data[name] for name in data})
        known = (*self._fields, *self._original_names)
        return self.build({name: data[name] for name in known if name in data})

    def load_copy(self, data: Mapping[str, Any]) -> Any:
        """Make a document from a copy of stored data, which stays as it is."""
        return self.loader(dict(data))

    def move(self, source: Document, target: Document) -> None:
        """Give a document the values of another, in place of its own."""
        values = vars(target)
        for name, field in self._fields.items():
            values.pop(name, None)
            values.pop(field._unread, None)
        for mark in (STORED, PARTIAL, *MARKS):
            values.pop(mark, None)
        values.update(vars(source))

    def marked_partial(self, document: Any) -> Any:
        """Mark a document as made from a part of the stored data; leave anything else alone."""
        if isinstance(document, self._root):
            vars(document)[PARTIAL] = True
        return document

    def _load_tracked(self, data: Data) -> Any:
        """Make a document by the `from_mongo` of the class, which may change what was stored."""
        stored = baseline(data)
        document = self.document_class.from_mongo(data)
        if isinstance(document, self._root) and document.meta.track_changes:
            keep(document, stored)
        return document

    # How they are generated.

    def _compile(self, lines_of: Callable[[Names], Iterator[str]]) -> Callable[..., Any]:
        names = Names()
        title = f'{self.document_class.__module__}.{self.document_class.__qualname__}'
        lines = list(lines_of(names))
        return compiled(title, lines, names)

    def _build_lines(self, names: Names) -> Iterator[str]:
        yield 'def build(given):'
        yield f'    document = {self._make_source(names)}'
        yield from self._fill_body(names)
        yield '    return document'

    def _fill_lines(self, names: Names) -> Iterator[str]:
        yield 'def fill(document, given):'
        yield from self._fill_body(names)

    def _fill_body(self, names: Names) -> Iterator[str]:
        yield '    values = document.__dict__'
        for name, field in self.given.items():
            convert = source.from_data_source(field, 'value', names)
            default = field.default_source(names)
            keys = [name, *self._synonyms_of(name)]
            if field.required and default is None and keys == [name]:
                yield from self._expected_lines(name, convert)
            else:
                yield from self._possible_lines(name, keys, convert, default)
        if self._meta.extra == 'forbid':
            yield from self._forbid_lines(names)

    @staticmethod
    def _expected_lines(name: str, convert: str) -> Iterator[str]:
        yield '    try:'  # costs nothing where the value is given, as it should be
        yield f'        value = given[{name!r}]'
        yield '    except KeyError:'
        yield '        pass'
        yield '    else:'
        yield f'        values[{name!r}] = {convert}'

    @staticmethod
    def _possible_lines(
        name: str, keys: list[str], convert: str, default: str | None
    ) -> Iterator[str]:
        for number, key in enumerate(keys):
            yield f'    {"elif" if number else "if"} {key!r} in given:'
            yield f'        value = given[{key!r}]'
            yield f'        values[{name!r}] = {convert}'
        if default is not None:
            yield '    else:'
            yield f'        values[{name!r}] = {default}'

    def _forbid_lines(self, names: Names) -> Iterator[str]:
        """The lines that keep the names of what was given and no field has, for `validate`."""
        known = {*self._fields, *self._original_names, self._meta.discriminator}
        yield f'    unknown = [name for name in given if name not in {names.bind(known, "known")}]'
        yield '    if unknown:'
        yield f'        values[{UNKNOWN!r}] = unknown'

    def _synonyms_of(self, name: str) -> list[str]:
        return [synonym for synonym, original in self._original_names.items() if original == name]

    def _load_lines(self, names: Names) -> Iterator[str]:
        yield 'def load(data):'
        yield from self._take_apart_lines(names)
        yield from self._move_lines(names)
        if self._tracks_changes:
            yield f'    data[{STORED!r}] = stored'
        if self._keeps_layout:
            yield f'    data[{LAYOUT!r}] = layout'
        if self.overrides('__init__') or self.overrides('__new__'):  # with attributes of its own
            yield '    document.__dict__.update(data)'
        else:
            set_values = names.bind(vars(self._root)['__dict__'].__set__, 'set_values')
            yield f'    {set_values}(document, data)'
        yield '    return document'

    def _take_apart_lines(self, names: Names) -> Iterator[str]:
        """The lines that leave in the data what fields have, and keep what else is kept."""
        stored = frozenset(field.mongo_name for field in self._stored.values())
        if (key := self._meta.discriminator) is not None:
            stored |= {key}
        known, keeps = names.bind(stored, 'known'), self._keeps_layout
        yield f'    document = {self._make_source(names)}'
        if keeps:
            yield from self._baseline_lines(names)
            yield '    layout = dict.fromkeys(data, _Empty)'
        yield f'    if not {names.bind(stored.issuperset, "knows_all")}(data):'
        yield f'        for key in data.keys() - {known}:'
        yield f'            {"layout[key] = data.pop(key)" if keeps else "del data[key]"}'
        if not keeps:
            yield from self._baseline_lines(names)
        if key is not None:
            yield f'    data.pop({key!r}, None)'

    def _baseline_lines(self, names: Names) -> Iterator[str]:
        if self._tracks_changes:
            yield f'    stored = {names.bind(baseline, "baseline")}(data)'

    @property
    def _keeps_layout(self) -> bool:
        """Whether a loaded document keeps all stored keys in their order."""
        return self._meta.extra != 'ignore'

    def _make_source(self, names: Names) -> str:
        document = names.bind(self.document_class, 'document')
        if self.overrides('__init__'):
            return f'{document}(_empty=True)'
        return f'{names.bind(self.document_class.__new__, "new")}({document})'

    def _move_lines(self, names: Names) -> Iterator[str]:
        names.bound['_Empty'] = _Empty
        places = {
            field.mongo_name: field._unread if field in self._pending else name
            for name, field in self._stored.items()
        }
        moved = [(name, place) for name, place in places.items() if name != place]
        # All are taken out before the first is put in: two fields may have each other's name.
        for number, (mongo_name, _) in enumerate(moved):
            yield f'    value_{number} = data.pop({mongo_name!r}, _Empty)'
        for number, (_, place) in enumerate(moved):
            yield f'    if value_{number} is not _Empty:'
            yield f'        data[{place!r}] = value_{number}'

    @functools.cached_property
    def _pending(self) -> list[Field[Any]]:
        """The fields whose values are loaded in their stored form, and converted when read.

        Decided once: `dump` must look where `load` has put a value.
        """
        fields = self._stored.values()
        return [each for each in fields if each._is_computed or not source.loads_as_is(each)]

    def _dump_lines(self, names: Names) -> Iterator[str]:
        fields = list(self._stored.values())
        yield from self._dump_head()
        last_lines = list(self._last_lines(names))
        is_plain = all(self._is_as_is(field) and field.name == field.mongo_name for field in fields)
        if is_plain and not last_lines:
            order = names.bind(list(self._stored), 'order')
            yield f'    if [*values] == {order}:  # the copy takes half of the time'
            yield '        return values.copy()'
        # Most documents have all that is required: no test for each field, and then none is needed.
        expected = list(itertools.takewhile(lambda field: field.required, fields))
        yield '    try:'
        yield from self._display_lines(expected, names)
        for field in fields[len(expected) :]:
            yield from self._store_lines(field, names, ' ' * 8, is_sure=field.required)
        yield '    except KeyError:'
        yield f'        return {names.bind(self._dump_set, "dump_set")}(document)'
        yield from last_lines
        yield '    return data'

    def _last_lines(self, names: Names) -> Iterator[str]:
        """The lines for what is stored besides the fields: the name of the class, and extras."""
        name = self._meta.discriminator_value
        if name is not None:
            yield f'    data[{self._meta.discriminator!r}] = {name!r}'
        if self._keeps_layout or self._meta.unknown_class == 'parent':
            yield f'    if {LAYOUT!r} in values:'
            yield f'        return {names.bind(arranged, "arranged")}(data, values[{LAYOUT!r}])'

    def _display_lines(self, fields: Iterable[Field[Any]], names: Names) -> Iterator[str]:
        # One display takes less time than a store of each; what is converted is so before it.
        items = []
        for field in fields:
            place = f'values[{field.name!r}]'
            if not self._is_as_is(field):
                place = names.new('stored')
                yield from self._store_lines(field, names, ' ' * 8, place, is_sure=True)
            items.append(f'{field.mongo_name!r}: {place}')
        yield f'        data = {{{", ".join(items)}}}'

    def _is_as_is(self, field: Field[Any]) -> bool:
        """Whether a value lies in a document in its stored form, whether it was read or not."""
        if field in self._pending:
            return False
        return source.to_mongo_source(field, 'value', Names()) is None

    @functools.cached_property
    def _dump_set(self) -> Callable[[BaseDocument], Data]:
        """`dump` for a document in which a required field is unset."""
        return self._compile(self._dump_set_lines)

    def _dump_set_lines(self, names: Names) -> Iterator[str]:
        yield from self._dump_head()
        yield '    data = {}'
        for field in self._stored.values():
            yield from self._store_lines(field, names, ' ' * 4, is_sure=False)
        yield from self._last_lines(names)
        yield '    return data'

    @staticmethod
    def _dump_head() -> Iterator[str]:
        yield 'def dump(document):'
        yield '    values = document.__dict__'

    def _store_lines(
        self, field: Field[Any], names: Names, indent: str, place: str = '', *, is_sure: bool
    ) -> Iterator[str]:
        """The lines that put the stored form of a value into its place, or into another.

        Where a value is said to be set for sure, they raise KeyError if it is not.
        """
        place = place or f'data[{field.mongo_name!r}]'
        if field._is_computed:
            yield from self._store_computed_lines(field, names, indent, place)
            return
        inner = indent
        if field in self._pending or not is_sure:
            yield f'{indent}if {field.name!r} in values:'
            inner += '    '
        yield f'{inner}value = values[{field.name!r}]'
        convert = source.to_mongo_source(field, 'value', names) or 'value'
        if field in self._pending and self._is_kept(field):
            yield f'{inner}kept = values.get({field._unread!r})'
            is_kept = f'type(kept) is {names.bind(Kept, "Kept")} and kept.value is value'
            convert = f'kept.stored if {is_kept} else {convert}'
        yield f'{inner}{place} = {convert}'
        if field in self._pending:
            yield f'{indent}else:' if is_sure else f'{indent}elif {field._unread!r} in values:'
            yield f'{inner}{place} = values[{field._unread!r}]'

    @staticmethod
    def _store_computed_lines(
        field: Field[Any], names: Names, indent: str, place: str
    ) -> Iterator[str]:
        yield f'{indent}value = {names.bind(field._dumped, "dumped")}(document)'
        yield f'{indent}if value is not {names.bind(_Empty, "empty")}:'
        yield f'{indent}    {place} = value'

    @staticmethod
    def _is_kept(field: Field[Any]) -> bool:
        """Whether the stored form of a value that was read is what `to_mongo` would give."""
        return (
            field._kept_type is not None
            and source.speaks_for(field, 'to_mongo_source', 'to_mongo')
            and source.speaks_for(field, 'from_mongo_source', 'from_mongo')
        )

    def _check_lines(self, names: Names) -> Iterator[str]:
        names.bound['_Empty'] = _Empty
        yield 'def check(document):'
        if BEFORE_VALIDATE in self.document_class.meta.hooks:
            yield f'    {names.bind(call_plain, "call_plain")}({BEFORE_VALIDATE!r}, document)'
        yield '    values = document.__dict__'
        yield '    errors = {}'
        for name, field in self.given.items():
            is_set = f'{name!r} in values'
            if field in self._pending:  # reading it puts the value among the others
                is_set += f' or {names.bind(field._read, "read")}(document, _Empty) is not _Empty'
            yield f'    if {is_set}:'
            yield f'        value = values[{name!r}]'
            branches = source.validate_source(field, 'value', names)
            yield from chain(branches, f'errors[{name!r}] =', ' ' * 8)
            if field.required and not field._is_filled:
                yield '    else:'
                yield f'        errors[{name!r}] = {names.error(errors.FIELD_IS_REQUIRED)}'
        yield from self._check_last_lines(names)
        yield from self._check_computed_lines(names)
        otherwise = f'{names.bind(self._clean, "clean")}(document)' if self._cleans else None
        yield f'    return ValidationError(errors) if errors else {otherwise}'

    def _check_last_lines(self, names: Names) -> Iterator[str]:
        """The lines that refuse the name of no class, and names that are forbidden."""
        key = self._meta.discriminator
        if key is not None:
            yield f'    if {WRONG_NAME!r} in values:'
            yield f'        errors[{key!r}] = {names.error(errors.NO_VARIANT_MATCHES)}'
            if self._meta.is_abstract:  # one of a name that is not known keeps that
                yield f'    elif {key!r} not in values.get({LAYOUT!r}, ()):'
                yield f'        errors[{key!r}] = {names.error(errors.FIELD_IS_REQUIRED)}'
        if self._meta.extra == 'forbid':
            yield f'    for name in {names.bind(unknown_names, "unknown_names")}(values, {key!r}):'
            yield f'        errors.setdefault(name, {names.error(errors.UNKNOWN_FIELD)})'

    def _check_computed_lines(self, names: Names) -> Iterator[str]:
        """The lines that check computed values, once what they are computed of is valid."""
        computed = [field for field in self._fields.values() if field._is_computed]
        if computed:
            yield '    if not errors:'
        for field in computed:
            yield f'        value = {names.bind(field._read, "compute")}(document)'
            branches = source.validate_source(field, 'value', names)
            yield from chain(branches, f'errors[{field.name!r}] =', ' ' * 8)
