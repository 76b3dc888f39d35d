"""What has changed in a document since it was loaded, as an update of MongoDB's.

Three forms of it are compared: what was stored; what storing that again would give, which leaves
out the keys that the class does not know and may write a value in another way; and what storing
the document would give now. A value that is still as in one of the first two is unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from bson import Decimal128, Int64, ObjectId

from aiomongodel.expressions import Update
from aiomongodel.fields import Field
from aiomongodel.fields.sets import Unordered
from aiomongodel.fields.source import attempted
from aiomongodel.nesting import is_document, is_stored_document
from aiomongodel.polymorphism import classes_below
from aiomongodel.utils import _Empty, keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.document import BaseDocument, Document
    from aiomongodel.meta import Meta

STORED: Final = '..stored'
"""The key of what was stored in the `__dict__` of a document. It is replaced, never changed."""

SIMPLE: Final = frozenset(
    {str, int, float, bool, type(None), datetime, ObjectId, Decimal128, Int64}
)
"""The types of most values within documents and lists."""

CONTAINERS: Final = frozenset({dict, list, Unordered})

KINDS: Final = (bool, int, float, str, bytes)
"""Types whose subclasses, such as Int64 and enums, are stored as they are."""

IS_DOCUMENT: Final = {'$type': 'object', '$not': {'$type': 'array'}}
"""The condition that a document is there, and no list of documents."""


class Forms(NamedTuple):
    """A value as it was stored, as it would be stored anew, and as it would be stored now.

    It is `_Empty` where it is missing. The last form is that of now, were all of it read: by it
    an item is known that is not at its place any more.
    """

    stored: Any
    original: Any
    current: Any
    read: Any

    def are(self, kind: type) -> bool:
        """Whether the first three are of a kind."""
        return all(type(form) is kind for form in self[:3])

    def within(self, key: Any) -> Forms:
        """The same of what lies under a key, or at an index."""
        return Forms(*(inner(form, key) for form in self))

    @property
    def keys(self) -> list[Any]:
        """The keys that a document would be stored with, anew or now."""
        return list({**self.original, **self.current})

    @property
    def changed_keys(self) -> list[Any]:
        """The keys of a document under which something has changed."""
        return [key for key in self.keys if not self.within(key).is_unchanged]

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing has changed; a document may have been read in part."""
        if are_same(self.current, self.original) or are_same(self.current, self.stored):
            return True
        if type(self.current) is not type(self.original):
            return False
        if type(self.current) is dict:
            return all(self.within(key).is_unchanged for key in self.keys)
        if type(self.current) is not list or len(self.current) != len(self.original):
            return False
        return all(self.within(index).is_unchanged for index in range(len(self.current)))


class Changes:
    """What changes a stored document into what it is now.

    Args:
        is_partial: Whether the document was loaded through a projection. A list must then still
            be what was loaded for an item of it to be changed, as it may have been cut, so that
            indexes are not those that are stored; and what is missing may be stored all the same.

    Attributes:
        conditions: By path, what must still be stored for the update to be right.
    """

    def __init__(self, *, is_partial: bool = False) -> None:
        self.conditions: dict[str, Any] = {}
        self._is_partial = is_partial
        self._set: dict[str, Any] = {}
        self._unset: dict[str, Any] = {}
        self._push: dict[str, Any] = {}

    @property
    def update(self) -> Update:
        """The update, in a new dict; it is empty where nothing has changed."""
        operators = {'$set': self._set, '$unset': self._unset, '$push': self._push}
        return Update({name: plain(in_order(each)) for name, each in operators.items() if each})

    def compare_documents(self, forms: Forms, keys: Iterable[Any], path: str = '') -> None:
        """Add what has changed under some keys of the document at a path."""
        for key in keys:
            self._compare(forms.within(key), f'{path}.{key}' if path else key)

    def _compare(self, forms: Forms, path: str) -> None:
        keys = forms.changed_keys if forms.are(dict) else []
        if keys and all(map(is_path_part, keys)):
            self._require(path, IS_DOCUMENT)
            self.compare_documents(forms, keys, path)
        elif forms.are(list) and len(forms.stored) == len(forms.original):
            self._compare_lists(forms, path)
        else:
            self._replace(forms, path)

    def _compare_lists(self, forms: Forms, path: str) -> None:
        count, sources = len(forms.original), origins(forms)
        if len(forms.current) > count and sources[:count] == list(range(count)):
            self._push[path] = {'$each': list(forms.current[count:])}
        elif len(forms.current) == count and not have_moved(sources):
            self._compare_items(forms, path)
        else:
            self._replace(forms, path)

    def _compare_items(self, forms: Forms, path: str) -> None:
        if self._is_partial:
            self._require(path, {'$eq': forms.stored})
        for index in range(len(forms.current)):
            item = forms.within(index)
            if not item.is_unchanged:
                self._require(f'{path}.{index}', {'$eq': item.stored})
                self._compare(item, f'{path}.{index}')

    def _replace(self, forms: Forms, path: str) -> None:
        is_new = forms.stored is _Empty
        is_known = not (is_new and self._is_partial)
        if is_known and {type(forms.stored), type(forms.current)} & CONTAINERS:
            self._require(path, {'$exists': False} if is_new else {'$eq': forms.stored})
        if forms.current is _Empty:
            self._unset[path] = ''
        else:
            self._set[path] = restored(forms)

    def _require(self, path: str, condition: dict[str, Any]) -> None:
        """Add a condition, unless that on a value around it says more."""
        around = [path[:end] for end, letter in enumerate(f'{path}.') if letter == '.']
        if not any('$eq' in self.conditions.get(each, ()) for each in around):
            self.conditions[path] = condition


# Of documents.


def changes_of(document: Document) -> Changes:
    """What has changed in a document since it was loaded, or stored.

    Raises:
        TypeError: Its class does not track changes.
        ValueError: It was never stored, or its `_id` is another one, or a key is no path.
    """
    changes, forms = Changes(is_partial=document.is_partial), forms_of(document)
    keys, name = changed_keys(document, forms), type(document).__name__
    if '_id' in keys:
        stored, _, current, _ = forms.within('_id')
        was = 'not loaded' if stored is _Empty else f'{shown(stored)} at loading'
        raise ValueError(
            f'{name}._id was {was}, and is {shown(current)}: changes cannot be saved under another '
            f'_id; put it back, or save a new {name}'
        )
    wrong = [key for key in keys if not is_path_part(key)]
    if wrong:
        raise ValueError(
            f'{name}.to_mongo gives the key {shown(wrong[0])}, which no update can set; '
            'save the document'
        )
    changes.compare_documents(forms, keys)
    return changes


def revert(document: Document) -> None:
    """Give a document the values that were stored; its guards keep theirs.

    Raises:
        TypeError: Its class does not track changes.
        ValueError: It was never stored.
    """
    stored, values, codec = stored_form(document), vars(document), document.meta.codec
    places = [place for guard in document.meta.guards for place in (guard.name, guard._unread)]
    guarded = {place: values[place] for place in places if place in values}
    fresh = codec.loader(plain(stored))
    if document.is_partial:
        codec.marked_partial(fresh)
    codec.move(fresh, document)
    for place in places:
        values.pop(place, None)
    values.update(guarded)
    keep(document, stored)


def keep(document: BaseDocument, stored: Mapping[str, Any]) -> None:
    """Keep what is stored of a document; nobody else may change it."""
    vars(document)[STORED] = stored


def is_changed(document: Document, field: Any) -> bool:
    """Whether a document has changed, or a field of it, given itself or by its name."""
    forms = forms_of(document)
    if field is None:
        return not forms.is_unchanged and bool(changed_keys(document, forms))
    path = path_of(type(document), field)
    return not Forms(*(picked(form, path) for form in forms)).is_unchanged


def changed_keys(document: Document, forms: Forms) -> list[Any]:
    """The keys under which something has changed; none if only what each write changes has."""
    keys, fillers = forms.changed_keys, document.meta.fillers
    followers = {field.mongo_name for field in fillers if field._follows_changes}
    return [] if followers.issuperset(keys) else keys


def forms_of(document: Document) -> Forms:
    """What was stored of a document, and what would be."""
    stored, current = stored_form(document), document.meta.codec.dumper(document)
    if are_same(current, stored):  # the rest takes several times as long
        return Forms(stored, stored, current, current)
    original = stored_anew(document, stored)
    read = attempted(functools.partial(stored_anew, document), current)
    left_out = {guard.mongo_name for guard in document.meta.guards}
    if document.is_partial:
        left_out.update(unknown_keys(document, stored))
    forms = (stored, original, current, read)
    return Forms(*({key: form[key] for key in form if key not in left_out} for form in forms))


def unknown_keys(document: Document, stored: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the fields that were neither loaded nor set.

    A `to_mongo` of the class may give them all the same, made of what was not loaded.
    """
    values = vars(document)
    for name, field in document.meta.fields.items():
        is_set = name in values or field._unread in values
        if not is_set and field.mongo_name not in stored:
            yield field.mongo_name


def stored_anew(document: Document, stored: dict[str, Any]) -> dict[str, Any]:
    """What storing a stored form again would give, of what has been read of the document."""
    codec = document.meta.codec
    anew = codec.loader(plain(stored))
    if document.is_partial:
        codec.marked_partial(anew)
    for field in document.meta.fields.values():
        if field.name in vars(document):  # what was not read is compared as it is stored
            read_within(field._read(anew))
    return codec.dumper(anew)


def stored_form(document: Document) -> dict[str, Any]:
    """What was stored of a document when it was loaded, or stored itself.

    Raises:
        TypeError: Its class does not track changes.
        ValueError: It was never stored.
    """
    name = type(document).__name__
    if not document.meta.track_changes:
        raise TypeError(f'{name} does not track changes; set track_changes = True in {name}.Meta')
    stored: dict[str, Any] | None = vars(document).get(STORED)
    if stored is None:
        raise ValueError(
            f'{name} with the _id {shown(document._id)} was never stored, so that there is nothing '
            'to compare it with; save it first'
        )
    return stored


def read_within(value: Any) -> None:
    """Have all fields of the documents within a value converted."""
    if isinstance(value, (list, tuple)):
        for item in value:
            read_within(item)
    elif isinstance(value, dict):
        read_within(list(value.values()))
    elif is_document(value) and not is_stored_document(value):
        read_within(list(value.to_data().values()))


def path_of(document_class: type[Document], field: Any) -> list[str]:
    """The mongo names on the way to a field.

    Args:
        document_class: The class.
        field: The field, `User.address.city`, or its name, `'address.city'`.

    Raises:
        TypeError: It is neither.
        ValueError: The class has no such field.
    """
    is_name = isinstance(field, str)
    meta: Meta | None = document_class.meta
    path: list[str] = []
    found: Any = None
    if not is_name and not isinstance(field, Field):
        raise TypeError(
            f'{document_class.__name__}.is_changed takes a field or its name, not {shown(field)}'
        )
    for part in (field if is_name else field.s).split('.'):
        under_key = None if found is None else found._under_key()
        fields = {} if meta is None else named_fields(meta, by_mongo_name=not is_name)
        if under_key is None and part not in fields:
            raise ValueError(
                f'{document_class.__name__} has no field {shown(field)}; '
                f'its fields are {keys_of(document_class.meta.fields)}'
            )
        found = fields[part] if under_key is None else under_key
        path.append(found.mongo_name if under_key is None else part)
        inner = embedded_class(found)
        meta = None if inner is None else inner.meta
    return path


def embedded_class(field: Field[Any]) -> Any:
    """The class of the documents that are stored in a field, in a list of them too; else None."""
    inner = field.document_class
    return None if inner is None or inner.meta.collection_name is not None else inner


def named_fields(meta: Meta, *, by_mongo_name: bool) -> dict[str, Any]:
    """The fields by their mongo names, or by their names and synonyms; those of subclasses too."""
    found: dict[str, Any] = {}
    below = [each.meta for each in classes_below(meta.codec.document_class)]
    for each in (*below, meta):  # its own fields stand before those of subclasses
        if by_mongo_name:
            found.update((field.mongo_name, field) for field in each.fields.values())
        else:
            found.update((name, each.fields[of]) for name, of in each.original_names.items())
            found.update(each.fields)
    return found


# Of stored forms.


def plain(form: Any) -> Any:
    """A copy of a stored form in dicts and lists of its own, as the driver would load it."""
    kind = type(form)  # asked first: isinstance of Mapping takes several times as long
    if kind in SIMPLE:
        return form
    if kind is dict or (kind is not list and isinstance(form, Mapping)):
        return {
            key: value if type(value) in SIMPLE else plain(value) for key, value in form.items()
        }
    if isinstance(form, (list, tuple)):
        items = [value if type(value) in SIMPLE else plain(value) for value in form]
        return Unordered(items) if kind is Unordered else items
    return form


def baseline(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a document keeps of the data that it is made of."""
    try:
        return cast('dict[str, Any]', plain(data))
    except RecursionError:  # `validate` refuses it
        return dict(data)


def inner(form: Any, key: Any) -> Any:
    """What lies under a key or at an index; `_Empty` where nothing does."""
    if type(form) is dict:
        return form.get(key, _Empty)
    return form[key] if type(form) is list and key < len(form) else _Empty


def picked(form: Any, path: Sequence[str]) -> Any:
    """What lies at a path, in each item of a list; `_Empty` where nothing does."""
    if not path:
        return form
    if type(form) is list:
        return [picked(item, path) for item in form]
    return picked(inner(form, path[0]), path[1:])


def are_same(one: Any, other: Any) -> bool:
    """Whether two values are stored alike; the order of keys does not count."""
    if one is other:
        return True
    if type(one) is not type(other) and kind_of(one) is not kind_of(other):
        return False
    if type(one) is dict:
        return one.keys() == other.keys() and all(are_same(one[key], other[key]) for key in one)
    if type(one) is list or type(one) is Unordered:
        return len(one) == len(other) and all(map(are_same, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


def kind_of(value: object) -> type:
    """The type that a value is stored as."""
    return next((kind for kind in KINDS if isinstance(value, kind)), type(value))


def is_path_part(key: Any) -> bool:
    """Whether an update can name what lies under a key."""
    return isinstance(key, str) and key != '' and '.' not in key and not key.startswith('$')


def in_order(values: dict[str, Any]) -> dict[str, Any]:
    """The values by path in the order in which the server adds new keys, whatever is sent.

    Parts of a path are compared as text, and two numbers by their values.
    """
    paths = {path: path.split('.') for path in values}
    return {path: values[path] for path in sorted(paths, key=lambda path: place_of(paths[path]))}


def place_of(parts: Sequence[str]) -> list[tuple[bool, int, str]]:
    """By what a path is put in order."""
    numbers = [part.isascii() and part.isdigit() for part in parts]
    return [
        (not is_number, int(part) if is_number else 0, part)
        for part, is_number in zip(parts, numbers, strict=True)
    ]


def origins(forms: Forms) -> list[int | None]:
    """For each item that a list has now, the index that it had; None for a new one."""
    sources: list[int | None] = [None] * len(forms.current)
    for now, before in places_kept(forms):
        sources[now] = before
    if are_same(forms.stored, forms.original):
        return sources  # those that have moved hold nothing that the class does not know
    for now, before in places_found(forms, sources):
        sources[now] = before
    return sources


def places_kept(forms: Forms) -> Iterator[tuple[int, int]]:
    """The items that are where they were; now and before."""
    for index in range(min(len(forms.current), len(forms.original))):
        if is_origin(forms, index, index):
            yield index, index


def places_found(forms: Forms, sources: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """Where the other items are that have only moved; now and before."""
    kept = {*sources}
    free: dict[str, list[int]] = {}
    for before in reversed(range(len(forms.original))):  # so that of equal ones the first is last
        if before not in kept:
            free.setdefault(repr(forms.original[before]), []).append(before)
    for now, source in enumerate(sources):
        alike = free.get(repr(inner(forms.read, now))) if source is None else None
        if alike and is_origin(forms, now, alike[-1]):
            yield now, alike.pop()


def is_origin(forms: Forms, now: int, before: int) -> bool:
    """Whether an item is, unchanged, the one that was at an index."""
    current = forms.current[now]
    return Forms(forms.stored[before], forms.original[before], current, current).is_unchanged


def have_moved(sources: Sequence[int | None]) -> bool:
    """Whether items have other indexes, and have keys of their own that the class does not know.

    Item by item, such keys would stay where they are, with the values of another item.
    """
    return any(before not in (None, now) for now, before in enumerate(sources))


def restored(forms: Forms) -> Any:
    """The value that is there now, with what the class does not know of the stored one."""
    stored = forms.stored
    if stored is _Empty:
        return forms.current
    if forms.is_unchanged:
        return stored
    if forms.are(dict):
        unknown = {key: stored[key] for key in stored if key not in forms.original}
        return {**unknown, **{key: restored(forms.within(key)) for key in forms.current}}
    if forms.are(list) and len(stored) == len(forms.original):
        return [
            forms.current[now] if before is None else stored[before]
            for now, before in enumerate(origins(forms))
        ]
    return forms.current


def updated(stored: dict[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored after an update of changes, in a new dict."""
    result: dict[str, Any] = plain(stored)
    for operator, values in update.items():
        for path, value in values.items():
            *parents, last = path.split('.')
            place: Any = result
            for part in parents:
                place = place[key_in(place, part)]
            change(place, key_in(place, last), operator, value)
    return result


def key_in(place: Any, part: str) -> Any:
    """The key or index that a part of a path stands for."""
    return int(part) if isinstance(place, list) else part


def change(place: Any, key: Any, operator: str, value: Any) -> None:
    """Do in a document or list what an operator does on the server."""
    if operator == '$unset':
        place.pop(key, None)
    elif operator == '$push':
        place[key] = [*place[key], *plain(value['$each'])]
    else:
        place[key] = plain(value)
