"""Documents as plain dicts and as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from bson import json_util
from bson.codec_options import DatetimeConversion

from aiomongodel.changes import embedded_class, named_fields
from aiomongodel.codec import PARTIAL
from aiomongodel.extras import LAYOUT, Extra
from aiomongodel.fields import Field, UnionField
from aiomongodel.fields.source import check_of, note, speaks_for
from aiomongodel.fields.unions import DECISIONS, decided
from aiomongodel.json_forms import json_form
from aiomongodel.nesting import DEPTH, converted, is_document, is_stored_document
from aiomongodel.polymorphism import given_class
from aiomongodel.utils import _Empty, is_instance, keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument

Mode = Literal['python', 'json']
Names = Field[Any] | str | Iterable[Field[Any] | str] | None
"""Fields of a document and of those within, by themselves or by their dotted names."""

Extended = bool | Literal['canonical', 'relaxed']

Tree = dict[str, Any]
"""What is named of a document: by the names of fields, None for all of it or a tree of its own."""

KINDS: Final[Mapping[Any, json_util.JSONOptions]] = {
    name: options.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    for name, options in (
        (True, json_util.CANONICAL_JSON_OPTIONS),
        ('canonical', json_util.CANONICAL_JSON_OPTIONS),
        ('relaxed', json_util.RELAXED_JSON_OPTIONS),
    )
}
"""The kinds of Extended JSON, by what `extended` may be."""


# What is to be written.


def tree_of(document_class: type[BaseDocument], names: Names, argument: str) -> Tree | None:
    """What `include` or `exclude` names; None where it is not given.

    Raises:
        TypeError: It names neither by fields nor by text.
        ValueError: There is no such field.
    """
    if names is None:
        return None
    tree: Tree = {}
    is_one = isinstance(names, str | Field | Mapping) or not is_instance(names, Iterable)
    given: Any = [names] if is_one else names
    for each in given:
        if not isinstance(each, str | Field):
            raise TypeError(
                f'{argument} of {document_class.__name__}.to_dict takes fields and their dotted '
                f"names, such as ['name', 'address.city'], not {shown(each)}"
            )
        plant(tree, names_on_the_way(document_class, each, argument))
    return tree


def plant(tree: Tree, path: list[str]) -> None:
    """Add what lies at a path to a tree, unless it has that already."""
    *parents, last = path
    for part in parents:
        branch = tree.setdefault(part, {})
        if branch is None:
            return
        tree = branch
    tree[last] = None


def names_on_the_way(
    document_class: type[BaseDocument], field: Field[Any] | str, argument: str
) -> list[str]:
    """The names of the fields that lead to a field, `User.address.city` or `'address.city'`."""
    is_name = isinstance(field, str)
    path: list[str] = []
    within: Any = document_class
    for part in (field if isinstance(field, str) else field.s).split('.'):
        fields = {} if within is None else named_fields(within.meta, by_mongo_name=not is_name)
        if within is not None and part == within.meta.discriminator:
            path.append(part)
            within = None
            continue
        if part not in fields:
            raise ValueError(
                f'{argument} of {document_class.__name__}.to_dict: there is no field '
                f'{shown(field)}; {fields_of(within, path)}'
            )
        path.append(fields[part].name)
        within = embedded_class(fields[part])
    return path


def fields_of(within: Any, path: list[str]) -> str:
    """The fields that there are at a path, for an error message."""
    if within is None:
        return f'there are no documents within {".".join(path)}'
    return f'the fields of {within.__name__} are {keys_of(within.meta.fields)}'


# Writing.


class Writer(NamedTuple):
    """How a document becomes a dict."""

    mode: Mode = 'python'
    by_alias: bool = False
    exclude_none: bool = False

    def document(
        self, document: BaseDocument, include: Tree | None = None, exclude: Tree | None = None
    ) -> dict[str, Any]:
        """The values of a document that are set and wanted, in a new dict."""
        wanted = list(wanted_fields(document, include, exclude or {}))
        with DEPTH:
            written = self.class_name(document, include, exclude or {})
            for field, inner in wanted:
                value = field._read(document, _Empty)
                if value is _Empty or (value is None and self.exclude_none):
                    continue
                name = field.mongo_name if self.by_alias else field.name
                written[name] = self.noted(field, value, inner)
            if include is None and LAYOUT in vars(document):
                written = {**self.extras(document), **written}
        return written

    def class_name(
        self, document: BaseDocument, include: Tree | None, exclude: Tree
    ) -> dict[str, Any]:
        """The stored name of a document's class, where there is one."""
        key = document.meta.discriminator
        if key is None or not is_wanted(key, include, exclude):
            return {}
        stored = vars(document).get(LAYOUT, {}).get(key, _Empty)
        return {key: document.meta.discriminator_value if stored is _Empty else stored}

    def extras(self, document: BaseDocument) -> dict[str, Any]:
        """What is kept in a document under keys that no field has."""
        form = json_form if self.mode == 'json' else self.copied
        try:
            return {key: form(value) for key, value in Extra(document).items()}
        except (TypeError, ValueError) as error:
            note(error, f'in {type(document).__name__}.extra')
            raise

    def noted(self, field: Field[Any], value: Any, inner: tuple[Tree | None, Tree]) -> Any:
        """The form of a value; what has none is refused with a note on its field."""
        try:
            return self.value(field, value, *inner)
        except (TypeError, ValueError) as error:
            note(error, f'in {field._label}')
            raise

    def value(
        self, field: Field[Any], value: Any, include: Tree | None, exclude: Tree | None
    ) -> Any:
        """The form of a value of a field."""
        if value is None:
            return None
        is_json = self.mode == 'json'
        is_embedded = is_document(value) and not is_stored_document(value)
        leads_within = is_embedded or type(field)._each is not Field._each
        if leads_within and (not is_json or speaks_for(field, '_each', 'to_json')):
            if is_embedded:
                return self.document(value, include, exclude)
            within = field._each(value, lambda each, item: self.value(each, item, include, exclude))
            if within is not _Empty:
                return [*within] if is_json and isinstance(within, tuple) else within
        return field.to_json(value) if is_json else self.copied(value)

    def copied(self, value: Any) -> Any:
        """A value with dicts and lists of its own, in which documents are dicts too."""
        if is_document(value):
            return self.document(value)
        if isinstance(value, dict):
            return {key: self.copied(item) for key, item in value.items()}
        if type(value) in (list, tuple, set):
            return type(value)(map(self.copied, value))
        return value


def wanted_fields(
    document: BaseDocument, include: Tree | None, exclude: Tree
) -> Iterator[tuple[Field[Any], tuple[Tree | None, Tree]]]:
    """The fields that are written, each with what is included and excluded of what is within."""
    values = vars(document)
    for name, field in document.meta.fields.items():
        if field._is_computed and PARTIAL in values and field._unread not in values:
            continue  # it may be computed of what was not loaded
        if is_wanted(name, include, exclude):
            included = None if include is None else include[name]
            yield field, (included, exclude.get(name) or {})


def is_wanted(name: str, include: Tree | None, exclude: Tree) -> bool:
    """Whether what has a name is written, in part at least."""
    is_included = include is None or name in include
    return is_included and not (name in exclude and exclude[name] is None)


def dict_of(
    document: BaseDocument, writer: Writer, include: Names = None, exclude: Names = None
) -> dict[str, Any]:
    """The source of `BaseDocument.to_dict`, which see."""
    if writer.mode not in ('python', 'json'):
        raise ValueError(
            f"mode {shown(writer.mode)} of {type(document).__name__}.to_dict must be 'python' or "
            "'json'"
        )
    wanted = tree_of(type(document), include, 'include')
    return writer.document(document, wanted, tree_of(type(document), exclude, 'exclude'))


def json_of(
    document: BaseDocument, writer: Writer, include: Names, exclude: Names, indent: int | None
) -> str:
    """The text in JSON of what `to_dict` gives."""
    data = dict_of(document, writer, include, exclude)
    return json.dumps(data, ensure_ascii=False, indent=indent)


def extended_json_of(
    document: BaseDocument, extended: Extended, others: Iterable[Any], indent: int | None
) -> str:
    """The text in Extended JSON of the stored form of a document.

    Raises:
        ValueError: There is no such kind; or something else is asked for that it does not do.
    """
    name = f'{type(document).__name__}.to_json'
    if any(others):
        raise ValueError(
            f'{name}: Extended JSON is of the whole stored form; leave out include, exclude, '
            'by_alias and exclude_none'
        )
    options = json_options(extended, name)
    data = document.meta.codec.dumper(document)
    return json_util.dumps(data, json_options=options, ensure_ascii=False, indent=indent)


def json_options(extended: Extended, caller: str) -> json_util.JSONOptions:
    """What `bson` has to know of a kind of Extended JSON."""
    if extended not in [*KINDS]:  # it may be unhashable
        raise ValueError(
            f"extended {shown(extended)} of {caller} must be True, 'canonical' or 'relaxed'"
        )
    return KINDS[extended]


# Reading.


class Reader:
    """How what is read of JSON becomes a document.

    Args:
        by_alias: Whether keys are names in MongoDB.
    """

    def __init__(self, *, by_alias: bool = False) -> None:
        self.by_alias = by_alias
        self._known: dict[tuple[int, int], tuple[Any, Any]] = {}

    def document(self, document_class: Any, data: Mapping[str, Any]) -> Any:
        """A new document, by the `from_data` of its class."""
        meta = (given_class(document_class, data) or document_class).meta
        names = named_fields(meta, by_mongo_name=False)
        fields = meta.stored_fields if self.by_alias else names
        given: dict[str, Any] = {}
        for key, value in data.items():
            field = fields.get(key)
            if field is not None:
                given[field.name if self.by_alias else key] = self.value(field, value)
            elif key not in names:  # `from_data` would take it for a field's name
                given[key] = value
        return document_class.from_data(given)

    def value(self, field: Field[Any], value: Any) -> Any:
        """What `from_data` takes, of what stands for a value in JSON."""
        if value is None:
            return None
        if isinstance(field, UnionField) and not DECISIONS.level:
            return decided(lambda data: self.value(field, data), value)
        is_object = isinstance(value, Mapping)
        if self.by_alias and isinstance(field, UnionField) and isinstance(value, Mapping | list):
            found = self.member(field, value)
            if found is not _Empty:
                return found
        if is_object and field._embeds and speaks_for(field, '_embeds', 'from_json'):
            return converted(lambda data: self.document(embedded_class(field), data), value)
        is_ours = type(field).from_json is Field.from_json  # asked first: it is so of most fields
        if is_ours or speaks_for(field, '_each', 'from_json'):
            within = field._each(value, self.value)
            return value if within is _Empty else within  # `from_data` does the rest
        return field.from_json(value)

    def member(self, union: UnionField[Any], data: Mapping[str, Any] | list[Any]) -> Any:
        """What a union has for documents under names in MongoDB; `_Empty` where they are none.

        It is read once: unions in documents within each other would read what is innermost
        exponentially often. The data lie beside it: known by their id(), they must live as long.
        """
        key = id(union), id(data)
        if key not in self._known:
            self._known[key] = data, self._read_member(union, data)
        return self._known[key][1]

    def _read_member(self, union: UnionField[Any], data: Mapping[str, Any] | list[Any]) -> Any:
        for field in sorted(members_of(union), key=lambda field: lost_keys(field, data)):
            found = field.from_data(self.value(field, data))
            if check_of(field)(found) is None:
                return found
        return _Empty


def members_of(union: UnionField[Any]) -> Iterator[Field[Any]]:
    """The fields of a union, and of the unions within it, in whose values documents are."""
    for field in union.fields:
        if isinstance(field, UnionField):
            yield from members_of(field)
        elif field._inner_classes():
            yield field


def lost_keys(field: Field[Any], data: Mapping[str, Any] | list[Any]) -> int:
    """How many names in MongoDB a field of documents would drop."""
    if not (field._embeds and isinstance(data, Mapping)):
        return 0
    names = embedded_class(field).meta.stored_fields
    return sum(key not in names for key in data)


def document_of(
    document_class: Any, text: str | bytes, *, by_alias: bool, extended: Extended
) -> Any:
    """The source of `BaseDocument.from_json`, which see."""
    name = f'{document_class.__name__}.from_json'
    if extended is False:
        data = parsed(text, name, object_pairs_hook=unique, parse_constant=refused)
        return Reader(by_alias=by_alias).document(document_class, data)
    hook = json_util.object_hook
    options = json_options(extended, name)
    data = parsed(text, name, object_pairs_hook=lambda pairs: hook(unique(pairs), options))
    return document_class.from_mongo(data)


def parsed(text: str | bytes, caller: str, **options: Any) -> Mapping[str, Any]:
    """The object that JSON is the text of.

    Raises:
        ValueError: It is not JSON.
        TypeError: It is no text, or that of no object.
    """
    try:
        data = json.loads(text, **options)
    except RecursionError as error:
        raise ValueError(f'{caller}: the text is nested too deeply') from error
    except Exception as error:
        error.add_note(f'in {caller}')
        raise
    if not isinstance(data, Mapping):
        raise TypeError(f'{caller} takes the text of a JSON object, not of {shown(data)}')
    return data


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these keys and values, which JSON may have twice and a dict may not."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f'the key {shown(twice)} is there twice in {shown(found)}')
    return found


def refused(constant: str) -> Any:
    """Refuse what JSON does not have, though Python writes it."""
    raise ValueError(f'{constant} is not JSON')
