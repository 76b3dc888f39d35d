"""What a class statement declares, fields and options, and what is wrong with it."""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiomongodel import hooks
from aiomongodel.codec import is_rule
from aiomongodel.fields import (
    DateTimeField,
    Field,
    GuardField,
    LockField,
    RevisionField,
    SynonymField,
)
from aiomongodel.inheritance import options_of, with_inherited
from aiomongodel.meta import Meta
from aiomongodel.polymorphism import head_above, settle_family
from aiomongodel.queryset import MotorQuerySet
from aiomongodel.synchronous import QuerySet
from aiomongodel.utils import _Empty, keys_of, shown


def check_id(class_name: str, field: Field[Any] | None) -> None:
    """Refuse an `_id` by which a document would not be found."""
    if field is None:
        raise ValueError(f'{class_name}._id must be a field, such as ObjectIdField()')
    if not field.required:
        raise ValueError(f"'{class_name}._id' field should be required.")
    if field.mongo_name != '_id':
        raise ValueError(f'{class_name}._id must be stored as _id, not as {field.mongo_name!r}')


def refuse_wrong_fields(class_name: str, namespace: Mapping[str, Any]) -> None:
    """Refuse a field class, and a field object that has another name already: it knows one."""
    for name, value in namespace.items():
        if isinstance(value, type) and issubclass(value, Field | SynonymField):
            if value.__name__ != name:  # not a class that the body itself defines
                raise ValueError(f'{class_name}.{name} is a field class; write {value.__name__}()')
        elif isinstance(value, Field) and value._owner is not None and value.name != name:
            raise ValueError(
                f'{class_name}.{name} is the field {value._label}; '
                'make a field of its own, or a SynonymField'
            )


GIVE_WAY: Final = frozenset(
    [
        *['clean', 'changes', 'is_changed', 'revert', 'save_changes'],
        *['to_dict', 'to_json', 'from_json', 'extra', 'id', 'json_schema', 'mongo_schema'],
    ]
)
"""The attributes of Document that a field may replace: models have had fields of these names.

A query set does the same by `changes(document)` and `save_changes(document)`.
"""


SPECIAL: Final = ('__eq__', '__hash__', '__repr__', '__dir__')
"""What Document does in its own way, and `object` did where a mixin did not."""


def names_of_fields(cls: type) -> list[str]:
    """The names of all fields and synonyms in a class and its bases, hidden ones too."""
    return [
        name
        for base in cls.__mro__
        for name, value in vars(base).items()
        if isinstance(value, Field | SynonymField)
    ]


def refuse_reserved_names(cls: type, names: Iterable[str], ours: Iterable[type]) -> None:
    """Refuse a field that has the name of an attribute of ours."""
    for name in names:
        if name == '_empty':
            raise ValueError(f'{cls.__name__}._empty: each document class takes it as an argument')
        for base in ours:
            if issubclass(cls, base) and name in vars(base) and name not in GIVE_WAY:
                raise ValueError(
                    f'{cls.__name__}.{name}: {base.__name__} has an attribute of this name; '
                    f'choose another, with mongo_name={name!r} to store it under this one'
                )


def give_way(cls: type, ours: Iterable[type]) -> None:
    """Have what mixins after Document define stand before its attributes that give way."""
    for name in (*GIVE_WAY, *SPECIAL):
        holders = [base for base in cls.__mro__ if name in vars(base) and base is not object]
        others = [base for base in holders if base not in ours]
        if others and holders[0] in ours:
            setattr(cls, name, vars(others[0])[name])


def collected(cls: type, kind: type) -> OrderedDict[str, Any]:
    """The descriptors of a kind in a class and its bases, mixins included, the bases' first."""
    found: OrderedDict[str, Any] = OrderedDict()
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, kind):
                found[name] = value
            else:
                found.pop(name, None)  # replaced by something else
    return found


def check_fields(cls: type, fields: Mapping[str, Field[Any]]) -> None:
    """Refuse fields that cannot work, before there is a document."""
    names_by_stored: dict[str, str] = {}
    for name, field in fields.items():
        check_field(cls, name, field)
        other = names_by_stored.setdefault(field.mongo_name, name)
        if other != name:
            raise ValueError(
                f'{cls.__name__}.{other} and {cls.__name__}.{name} are both stored as '
                f'{field.mongo_name!r}; give one of them another mongo_name'
            )


def check_field(cls: type, name: str, field: Field[Any]) -> None:
    """Refuse one field that cannot work; warn of a default that would be ignored."""
    if field.name != name:
        raise ValueError(
            f'{cls.__name__}.{name} and {cls.__name__}.{field.name} are one field object; '
            'make a field for each, or a SynonymField'
        )
    try:
        field._check_definition()
    except ValueError as error:
        raise ValueError(f'{cls.__name__}.{name}: {error}') from error
    if field._owner is cls and not field.required and field.default is not _Empty:
        warnings.warn(
            f'{cls.__name__}.{name}: the default {shown(field.default)} is ignored, '
            'since the field is not required',
            stacklevel=6,  # of the class statement: both metaclasses are in between
        )


def warn_of_other_clean(cls: type) -> None:
    """Warn of a method that `validate` would call, if it could."""
    method = vars(cls).get('clean')
    if inspect.isfunction(method) and not is_rule(cls, 'clean'):
        warnings.warn(
            f'{cls.__name__}.clean is a coroutine or takes arguments: `validate` does not call it; '
            'a method of rules across fields is a plain one, and takes none',
            stacklevel=5,  # of the class statement: both metaclasses are in between
        )


def check_synonyms(
    cls: type, fields: Mapping[str, Any], synonyms: Mapping[str, SynonymField[Any]]
) -> None:
    """Refuse a synonym of no field."""
    for name, synonym in synonyms.items():
        if synonym.original_name not in fields:
            raise ValueError(
                f'{cls.__name__}.{name} is a synonym of {synonym.original_name!r}, which is no '
                f'field of {cls.__name__}; its fields are {keys_of(fields)}'
            )


def made_meta(cls: type, declared: type | None) -> Meta:
    """The meta of a class: its fields, and the options of the `class Meta` in its body.

    Raises:
        ValueError: A field or an option cannot work; the error names it.
    """
    fields, synonyms = collected(cls, Field), collected(cls, SynonymField)
    check_fields(cls, fields)
    check_synonyms(cls, fields, synonyms)
    original_names = {name: synonym.original_name for name, synonym in synonyms.items()}
    by_field = {original: name for name, original in original_names.items()}
    try:
        given = options_of(declared)
        options = with_inherited(cls, given)
        meta = Meta(**{**options, 'fields': fields, 'fields_synonyms': by_field})
        meta.given = given
        meta.original_names = original_names
        settle_family(cls, meta, is_collected=hasattr(cls, 'query_id'))
    except ValueError as error:
        raise ValueError(f'{error}, in {cls.__name__}.Meta') from None
    check_query_sets(cls.__name__, meta)
    warn_of_other_clean(cls)
    meta.guards = guards_among(cls, fields)
    check_guards_in_family(cls, meta)
    meta.fillers = fillers_among(cls, fields)
    settle_deletion(cls, meta)
    return meta


def settle_deletion(cls: type, meta: Meta) -> None:
    """Have query sets leave out what is marked as deleted, where a class has such marks.

    Raises:
        ValueError: The field of the mark is something else; or the class is no Document's.
    """
    name = getattr(cls, '_marks_deletion_in', None)
    if name is None:
        return
    field = meta.fields.get(name)
    if not isinstance(field, DateTimeField) or field.required or not hasattr(cls, 'query_id'):
        raise ValueError(
            f'{cls.__name__}: a SoftDeleteMixin is for a Document, whose {name!r} must be a '
            f'DateTimeField that is not required, not {shown(field)}'
        )
    check_deletion_in_family(cls, meta, field)
    meta.deletion_field = field
    is_not_deleted = {field.mongo_name: None}
    own = [meta.own_query] if len(meta.own_query) else []
    meta.default_query = {'$and': [*own, is_not_deleted]} if own else is_not_deleted


def check_deletion_in_family(cls: Any, meta: Meta, field: DateTimeField[Any]) -> None:
    """Refuse marks that the head of a family does not know: its query sets would pass by them.

    Raises:
        ValueError: It has none, or stores them elsewhere.
    """
    root = head_above(cls, meta)
    if root is None:
        return
    known = root.meta.deletion_field
    if known is None or known.mongo_name != field.mongo_name:
        raise ValueError(
            f'{cls.__name__}: {root.__name__}, whose collection it shares, does not know its marks '
            f'of deletion in {field.mongo_name!r}: delete_many of {root.__name__} would delete a '
            f'{cls.__name__} for good; give {root.__name__} the SoftDeleteMixin'
        )


def fillers_among(cls: type, fields: Mapping[str, Field[Any]]) -> tuple[Field[Any], ...]:
    """The fields of a class that get their values when a document is written."""
    fillers = tuple(field for field in fields.values() if field._is_filled)
    if fillers and not hasattr(cls, 'query_id'):
        raise ValueError(
            f'{cls.__name__}.{fillers[0].name} gets its value when its document is written, and an '
            'EmbeddedDocument is written with the Document that holds it; put it into that'
        )
    return fillers


def guards_among(cls: type, fields: Mapping[str, Field[Any]]) -> tuple[GuardField[Any], ...]:
    """The guards of a class, of each kind one at most.

    Whether a document is locked is asked first: its revision may have changed for this reason.
    """
    guards = [field for field in fields.values() if isinstance(field, GuardField)]
    if guards and not hasattr(cls, 'query_id'):
        raise ValueError(
            f'{cls.__name__}.{guards[0].name}: a {type(guards[0]).__name__} guards a Document, '
            'and not one that is stored within another'
        )
    for kind in (LockField, RevisionField):
        names = [f'{cls.__name__}.{guard.name}' for guard in guards if isinstance(guard, kind)]
        if len(names) > 1:
            raise ValueError(f'{" and ".join(names)} are each a {kind.__name__}; keep one of them')
    return tuple(sorted(guards, key=lambda guard: not isinstance(guard, LockField)))


def check_guards_in_family(cls: type, meta: Meta) -> None:
    """Refuse guards that the head of a family does not know: its query sets would pass by them.

    Raises:
        ValueError: It has none, or stores them elsewhere.
    """
    root = head_above(cls, meta)
    if root is None:
        return
    known = {(type(guard), guard.mongo_name) for guard in root.meta.guards}
    for guard in meta.guards:
        if (type(guard), guard.mongo_name) not in known:
            raise ValueError(
                f'{cls.__name__}.{guard.name}: {root.__name__}, whose collection it shares, has no '
                f'{type(guard).__name__} in {guard.mongo_name!r}: update_many of {root.__name__} '
                f'would pass by it; give {root.__name__} the field'
            )


def check_query_sets(class_name: str, meta: Meta) -> None:
    """Refuse query sets of the wrong kind, and blocking methods without a source."""
    queryset: Any = meta.queryset
    sync_queryset: Any = meta.sync_queryset
    if queryset is not None and not issubclass(queryset, MotorQuerySet):
        hint = '; give it as sync_queryset' if QuerySet in queryset.__mro__ else ''
        raise ValueError(
            f'queryset {shown(queryset)} must be a subclass of MotorQuerySet{hint}, '
            f'in {class_name}.Meta'
        )
    if sync_queryset is None:
        return
    if not issubclass(sync_queryset, QuerySet):
        raise ValueError(
            f'sync_queryset {shown(sync_queryset)} must be a subclass of QuerySet, '
            f'in {class_name}.Meta'
        )
    for name, method in inspect.getmembers(sync_queryset, inspect.isfunction):
        source = getattr(method, 'source', None)
        if source is not None and not hasattr(queryset or MotorQuerySet, source.__name__):
            raise ValueError(
                f'{sync_queryset.__name__}.{name} is the blocking form of {source.__qualname__}; '
                f'give the class of that as queryset, in {class_name}.Meta'
            )


def async_queryset(cls: Any) -> Any:
    """The class of the query sets whose calls are awaited.

    Raises:
        TypeError: The class has synchronous query sets of its own, and no others.
    """
    meta = cls.meta
    if not meta.has_own_queryset and meta.sync_queryset not in (None, QuerySet):
        raise TypeError(
            f'{cls.__name__}.Meta.sync_queryset, {meta.sync_queryset.__name__}, is for synchronous '
            'databases; for one whose calls are awaited set queryset, to a subclass of '
            'MotorQuerySet that has the methods as coroutines'
        )
    return meta.queryset


def sync_queryset(cls: Any) -> Any:
    """The class of the query sets of a synchronous database.

    Raises:
        TypeError: The class has asynchronous query sets of its own, and no others; or hooks that
            are awaited.
    """
    meta = cls.meta
    if meta.sync_queryset is None and meta.queryset is not MotorQuerySet:
        example = example_for(cls.__name__, meta)
        raise TypeError(
            f'{cls.__name__}.Meta.queryset, {meta.queryset.__name__}, is for databases whose calls '
            f'are awaited; for a synchronous one set sync_queryset, {example}'
        )
    if meta.hooks:
        hooks.refuse_async(cls)
    return meta.sync_queryset or QuerySet


def example_for(class_name: str, meta: Any) -> str:
    """What `sync_queryset` may be, for a class with query sets of its own."""
    source = meta.queryset.__name__
    names = [name for name in vars(meta.queryset) if not name.startswith('_')]
    own = [name for name in names if not hasattr(MotorQuerySet, name)]
    if not own:
        return f'to QuerySet: the methods that {source} overrides count there too'
    return (
        'to a subclass of QuerySet with a line for each method: '
        f"class Sync{source}(QuerySet['{class_name}']): {own[0]} = blocking({source}.{own[0]})"
    )
