"""The operations of a bulk write, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self, TypeAlias, cast

import pymongo

from aiomongodel.nesting import is_document
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document

__all__ = [
    'BulkFailure',
    'BulkResult',
    'DeleteMany',
    'DeleteOne',
    'InsertOne',
    'ReplaceOne',
    'UpdateMany',
    'UpdateOne',
]

QueryArgument: TypeAlias = Mapping[str, Any]
"""A plain dict, or a `Query` that fields have made."""

UpdateArgument: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]

DriversOperation: TypeAlias = (
    pymongo.InsertOne[Any]
    | pymongo.ReplaceOne[Any]
    | pymongo.UpdateOne
    | pymongo.UpdateMany
    | pymongo.DeleteOne
    | pymongo.DeleteMany
)

DRIVERS_OPERATIONS: Final = (
    pymongo.InsertOne,
    pymongo.ReplaceOne,
    pymongo.UpdateOne,
    pymongo.UpdateMany,
    pymongo.DeleteOne,
    pymongo.DeleteMany,
)


class Scope(Protocol):
    """What an operation needs of a query set to become the driver's."""

    doc_class: Any

    def _joined(self, query: QueryArgument) -> QueryArgument: ...
    def _guarded_update(self, update: Any, query: Any = ..., is_upsert: Any = ...) -> Any: ...
    def _with_class(self, data: Any) -> Any: ...
    def _data_to_insert(self, document: Any) -> dict[str, Any]: ...
    def _query_id(self, document: Any) -> dict[str, Any]: ...
    def _unscoped(self, document: Any) -> Self: ...
    def _marking(self, query: QueryArgument) -> Any: ...


@dataclass(frozen=True, slots=True)
class Write:
    """An operation as the driver takes it.

    Args:
        call: The driver's operation.
        parts: What of it is encoded.
        document: The document that it stores; None for a dict, and where nothing is stored.
        data: What is stored for it.
        mark: Where documents are marked as deleted, the field and the value of the mark.
    """

    call: Any
    parts: tuple[Any, ...]
    document: Any = None
    data: Any = None
    mark: tuple[Any, Any] | None = None


class Operation:
    """The base of our operations."""

    @property
    def _stored(self) -> Any:
        """What the operation stores, a document or a dict; None where it stores none."""
        return None

    @property
    def _kept(self) -> Any:
        """The document that the operation saves or deletes as one in hand, else None."""
        return None

    @property
    def _subject(self) -> Any:
        """What an error of the operation is about."""
        if self._kept is not None:
            return self._kept
        return self if self._stored is None else self._stored

    def _check(self, scope: Scope) -> None:
        """Refuse what cannot be written, before anything is."""
        raise NotImplementedError

    def _write(self, scope: Scope) -> Write:
        """The operation as the driver takes it."""
        raise NotImplementedError

    async def _alone(self, query_set: Any) -> dict[str, int]:
        """Do to the document in hand what the operation says, and count it as the driver does."""
        raise NotImplementedError

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the class is frozen


@dataclass(frozen=True)
class InsertOne(Operation):
    """Insert a document.

    Args:
        document: The document; or a dict under mongo names, which is not validated.

    Example:
        >>> bob = User(name='Bob')
        >>> (await User.q(db).bulk_write([InsertOne(bob)])).inserted
        1
    """

    document: Document | Mapping[str, Any]

    @property
    def _stored(self) -> Any:
        return self.document

    def _check(self, scope: Scope) -> None:
        require_storable(self.document, scope.doc_class)

    def _write(self, scope: Scope) -> Write:
        data: Any = self.document
        if not is_document(data):
            data = scope._with_class(data)
            return Write(pymongo.InsertOne(data), (data,), data=data)
        data = scope._data_to_insert(data)
        return Write(pymongo.InsertOne(data), (data,), self.document, data)


@dataclass(frozen=True)
class Save(Operation):
    """Store a document by its `_id`, whether it is there or not: what `save` does."""

    document: Document

    @property
    def _stored(self) -> Any:
        return self.document

    @property
    def _kept(self) -> Any:
        return self.document

    def _check(self, scope: Scope) -> None:
        require_own(self.document, scope.doc_class)
        if not self.document.meta.fields['_id']._is_filled:
            require_found(self.document, scope)

    def _write(self, scope: Scope) -> Write:
        query, data = scope._query_id(self.document), self.document.meta.codec.dumper(self.document)
        call = pymongo.ReplaceOne(query, data, upsert=True)
        return Write(call, (query, data), self.document, data)

    async def _alone(self, query_set: Any) -> dict[str, int]:
        await query_set.save(self.document)
        return {'nMatched': 1, 'nModified': 1}


@dataclass(frozen=True, init=False)
class ReplaceOne(Operation):
    """Replace the first document that matches.

    Args:
        query: The query.
        document: The new document, whose `_id` must be that of the old one; or a dict under mongo
            names, which is not validated.
        **options: The options of PyMongo's ReplaceOne, such as `upsert`.

    Example:
        >>> replace = ReplaceOne({User.name.s: 'Ann'}, {User.name.s: 'Anna'})
        >>> (await User.q(db).bulk_write([replace])).modified
        1
    """

    query: QueryArgument
    document: Document | Mapping[str, Any]
    options: Mapping[str, Any]

    def __init__(
        self, query: QueryArgument, document: Document | Mapping[str, Any], **options: Any
    ) -> None:
        self._set(query=query, document=document, options=options)

    @property
    def _stored(self) -> Any:
        return self.document

    def _check(self, scope: Scope) -> None:
        scope._joined(self.query)
        require_storable(self.document, scope.doc_class)
        document: Any = self.document
        if is_document(document):
            refuse_guarded(document)
        elif starts_with_operator(document):
            raise ValueError(
                f'a {scope.doc_class.__name__} cannot be replaced by {shown(self.document)}, '
                'which has an operator; use UpdateOne'
            )

    def _write(self, scope: Scope) -> Write:
        query, document = scope._joined(self.query), None
        data: Any = scope._with_class(self.document)
        if scope.doc_class.meta.guards:
            update = scope._guarded_update(replacing(data))
            return Write(pymongo.UpdateOne(query, update, **self.options), (query, {'u': update}))
        if is_document(data):
            document, data = data, replacement(data, self.query, self.options)
        call = pymongo.ReplaceOne(query, data, **self.options)
        return Write(call, (query, data), document, data)


def refuse_guarded(document: Document) -> None:
    """Refuse a document of a class with guards for a replacement by a query.

    Raises:
        TypeError: Its class has a revision or a lock.
    """
    if document.meta.guards:
        raise TypeError(
            f'a {type(document).__name__} has a revision or a lock, which a replacement passes by; '
            'save the document'
        )


def replacement(
    document: Document, query: QueryArgument, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What a document replaces the one with that a query finds, which keeps its `_id`."""
    data: dict[str, Any] = document.meta.codec.dumper(document)
    if '_id' not in query and not options.get('upsert'):
        data.pop('_id', None)
    return data


def replacing(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An update that replaces a document by a dict: with guards it keeps their values."""
    return [{'$replaceWith': {'$mergeObjects': [{'_id': '$_id'}, {'$literal': data}]}}]


@dataclass(frozen=True, init=False)
class Updating(Operation):
    """What updates of one and of many share."""

    _driver_class: ClassVar[Any]

    query: QueryArgument
    update: UpdateArgument
    options: Mapping[str, Any]

    def __init__(self, query: QueryArgument, update: UpdateArgument, **options: Any) -> None:
        self._set(query=query, update=update, options=options)

    def _check(self, scope: Scope) -> None:
        scope._joined(self.query)
        if not is_update(self.update):
            raise TypeError(
                f'an update of {scope.doc_class.__name__} must be a dict of operators, such as '
                f'{{"$set": ...}}, or a list of stages, not {shown(self.update)}'
            )

    def _write(self, scope: Scope) -> Write:
        is_upsert = self.options.get('upsert')
        query, update = (
            scope._joined(self.query),
            scope._guarded_update(self.update, self.query, is_upsert),
        )
        call = self._driver_class(query, update, **self.options)
        return Write(call, (query, {'u': update}))


@dataclass(frozen=True, init=False)
class UpdateOne(Updating):
    """Change the first document that matches.

    Args:
        query: The query.
        update: The update, or a pipeline.
        **options: The options of PyMongo's UpdateOne, such as `upsert` and `array_filters`.

    Example:
        >>> update = UpdateOne({User.name.s: 'Ann'}, {'$set': {User.name.s: 'Anna'}})
        >>> (await User.q(db).bulk_write([update])).modified
        1
    """

    _driver_class: ClassVar[Any] = pymongo.UpdateOne


@dataclass(frozen=True, init=False)
class UpdateMany(Updating):
    """Change all documents that match.

    Args:
        query: The query.
        update: The update, or a pipeline.
        **options: The options of PyMongo's UpdateMany, such as `upsert` and `array_filters`.

    Example:
        >>> update = UpdateMany({}, {'$set': {User.name.s: 'Anna'}})
        >>> (await User.q(db).bulk_write([update])).matched
        1
    """

    _driver_class: ClassVar[Any] = pymongo.UpdateMany


@dataclass(frozen=True, init=False)
class DeleteOne(Operation):
    """Delete a document, or the first that matches.

    Args:
        query: The document, which is found by its `_id`; or a query.
        **options: The options of PyMongo's DeleteOne, such as `collation`.

    Example:
        >>> (await User.q(db).bulk_write([DeleteOne(user)])).deleted
        1
    """

    query: QueryArgument | Document
    options: Mapping[str, Any]

    def __init__(self, query: QueryArgument | Document, **options: Any) -> None:
        self._set(query=query, options=options)

    @property
    def _kept(self) -> Any:
        return self.query if is_document(self.query) else None

    def _check(self, scope: Scope) -> None:
        if is_document(self.query):
            require_found(self.query, scope)
        else:
            scope._joined(cast('QueryArgument', self.query))

    def _write(self, scope: Scope) -> Write:
        query: Any = self.query
        if not is_document(query):
            return deletion(self, scope, scope._joined(query))
        return deletion(self, scope._unscoped(query), scope._query_id(query), query)

    async def _alone(self, query_set: Any) -> dict[str, int]:
        return {'nRemoved': await query_set.delete(self.query) or 0}


class DeleteDocument(DeleteOne):
    """Delete a document by its `_id`: what `delete` does. A query is refused."""

    def _check(self, scope: Scope) -> None:
        require_found(self.query, scope)


@dataclass(frozen=True, init=False)
class DeleteMany(Operation):
    """Delete all documents that match.

    Args:
        query: The query.
        **options: The options of PyMongo's DeleteMany, such as `collation`.

    Example:
        >>> (await User.q(db).bulk_write([DeleteMany({})])).deleted
        1
    """

    query: QueryArgument
    options: Mapping[str, Any]

    def __init__(self, query: QueryArgument, **options: Any) -> None:
        self._set(query=query, options=options)

    def _check(self, scope: Scope) -> None:
        scope._joined(self.query)

    def _write(self, scope: Scope) -> Write:
        return deletion(self, scope, scope._joined(self.query))


def deletion(
    operation: DeleteOne | DeleteMany, scope: Scope, query: QueryArgument, document: Any = None
) -> Write:
    """What deletes those that a query finds, or marks them, as their class has it."""
    is_one = isinstance(operation, DeleteOne)
    marking = scope._marking(query)
    if marking is None:
        delete: Any = pymongo.DeleteOne if is_one else pymongo.DeleteMany
        return Write(delete(query, **operation.options), (query,))
    update: Any = pymongo.UpdateOne if is_one else pymongo.UpdateMany
    call = update(marking.query, marking.update, **operation.options)
    mark = marking.field, marking.moment
    return Write(call, (marking.query, {'u': marking.update}), document, mark=mark)


@dataclass(frozen=True)
class DriversOwn(Operation):
    """An operation of PyMongo's."""

    call: Any

    @property
    def _subject(self) -> Any:
        return self.call

    def _check(self, scope: Scope) -> None:
        if any(map(is_document, self._parts())):
            name = type(self.call).__name__
            raise TypeError(
                f"PyMongo's {name} takes dicts alone; aiomongodel.{name} takes a "
                f'{scope.doc_class.__name__} too'
            )

    def _write(self, scope: Scope) -> Write:  # noqa: ARG002 - it is joined with nothing
        return Write(self.call, tuple({'u': part} for part in self._parts()))

    def _parts(self) -> list[Any]:
        parts = (getattr(self.call, name, None) for name in ('_filter', '_doc'))
        return [part for part in parts if part is not None]


@dataclass(frozen=True)
class BulkResult:
    """What a bulk write has done.

    A document of a class with a revision or a lock is saved by itself, and counted as matched and
    modified, whether it was there or not: there is no `upserted` of it.

    Args:
        inserted: The number of documents that were inserted.
        matched: The number of documents that updates and replacements have found.
        modified: The number of those that they have changed.
        upserted: The number of documents that updates and replacements have inserted.
        deleted: The number of documents that were deleted.
        upserted_ids: The `_id`s of those that were upserted, by the index of the operation.
        acknowledged: Whether the server has answered. Where the write concern asks for no answer
            it is False, and the numbers say nothing.

    Attributes:
        inserted: As given, and the others likewise.
    """

    inserted: int = 0
    matched: int = 0
    modified: int = 0
    upserted: int = 0
    deleted: int = 0
    upserted_ids: Mapping[int, Any] = field(default_factory=dict)
    acknowledged: bool = True

    @classmethod
    def _from_driver(cls, details: Mapping[str, Any], acknowledged: bool = True) -> Self:
        return cls(
            inserted=details.get('nInserted', 0),
            matched=details.get('nMatched', 0),
            modified=details.get('nModified', 0),
            upserted=details.get('nUpserted', 0),
            deleted=details.get('nRemoved', 0),
            upserted_ids={each['index']: each['_id'] for each in details.get('upserted', ())},
            acknowledged=acknowledged,
        )


@dataclass(frozen=True)
class BulkFailure:
    """A write of many that has failed.

    Args:
        index: Its place in what was given.
        _id: The `_id` of its document, or of its query; None where there is none.
        code: The server's error code; None where the server did not refuse it.
        message: What is wrong.
        document: The document or the dict that was to be stored, or the document that was to be
            deleted; of other operations the operation.
        fields: The fields of the unique index that refused it, by their names.

    Attributes:
        index: As given, and the others likewise.
    """

    index: int
    _id: Any
    code: int | None
    message: str
    document: Any
    fields: tuple[str, ...] = ()


def require_own(document: Any, doc_class: Any) -> None:
    """Refuse anything but a document of the class, or of a subclass with the same collection."""
    if not isinstance(document, doc_class):
        kind = type(document).__name__
        raise TypeError(
            f'{shown(document)}, of the class {kind}, is no {doc_class.__name__}; give documents '
            f'of {doc_class.__name__} or of its subclasses'
        )
    require_same_collection(document, doc_class)


def require_same_collection(document: Any, doc_class: Any) -> None:
    """Refuse a document of a class with another collection.

    Raises:
        TypeError: It would be written, or looked for, where no document of its class is.
    """
    own, other = document.meta.collection_name, doc_class.meta.collection_name
    if own != other:
        kind = type(document).__name__
        raise TypeError(
            f'{kind} has the collection {own!r}, and {doc_class.__name__} has {other!r}, where '
            f'{shown(document)} would be written; use the query set of {kind}'
        )


def require_found(document: Any, scope: Scope) -> None:
    """Refuse anything but a document of the class that has an `_id`."""
    require_own(document, scope.doc_class)
    if document._id is None:
        scope._query_id(document)


def require_storable(value: Any, doc_class: type) -> None:
    """Refuse what is neither a document of the class nor a dict."""
    if not isinstance(value, Mapping):
        require_own(value, doc_class)


def starts_with_operator(mapping: Mapping[str, Any]) -> bool:
    """Whether the driver takes a dict for an update: it looks at the first key alone."""
    return str(next(iter(mapping), '')).startswith('$')


def is_update(value: object) -> bool:
    """Whether it is what the driver takes for an update."""
    if isinstance(value, list):
        return len(value) > 0
    return isinstance(value, Mapping) and starts_with_operator(value)


def equalities(query: QueryArgument) -> list[tuple[str, Any]]:
    """The pairs of a name and a stored value that a query says are equal."""
    found: list[tuple[str, Any]] = []
    for name, value in query.items():
        is_condition = isinstance(value, Mapping) and any(key.startswith('$') for key in value)
        if name == '$and':
            found += [pair for each in value for pair in equalities(each)]
        elif not name.startswith('$') and not is_condition:
            found.append((name, value))
        elif is_condition and '$eq' in value:
            found.append((name, value['$eq']))
    return found
