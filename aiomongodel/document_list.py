"""DocumentList: the documents that a query has found, and what is done with all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, SupportsIndex, TypeVar, overload

from aiomongodel import domain, handles
from aiomongodel.errors import DocumentNotFoundError, MultipleDocumentsFoundError, QueryError
from aiomongodel.fields import Field
from aiomongodel.matching import predicate
from aiomongodel.operations import BulkResult
from aiomongodel.ordering import is_pair, order_of
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aiomongodel.document import Document
    from aiomongodel.handles import AsyncHandle, SyncHandle

__all__ = ['DocumentList']

D = TypeVar('D', bound='Document')
R = TypeVar('R')


class DocumentList(list[D], Generic[D]):
    """A list of documents, with what is often done with all of them.

    It is a list in every other way. What it gives are new lists of the same documents.

    Args:
        documents: The documents.

    Example:
        >>> users = await User.q(db).find().to_list()
        >>> users.filtered(User.name == 'Ann').mapped('name')
        ['Ann']
    """

    __slots__ = ()

    @property
    def ids(self) -> list[Any]:
        """The `_id`s of the documents."""
        return [document._id for document in self]

    def exists(self) -> bool:
        """Whether there is a document."""
        return len(self) > 0

    def ensure_one(self) -> D:
        """The only document.

        Raises:
            DocumentNotFoundError: There is none.
            MultipleDocumentsFoundError: There are several.

        Example:
            >>> (await User.q(db).find(User.name == 'Ann').to_list()).ensure_one().name
            'Ann'
        """
        if not self:
            raise DocumentNotFoundError('one document was wanted, and the list is empty')
        if len(self) > 1:
            raise MultipleDocumentsFoundError(
                f'one document was wanted, and the list has {len(self)}, the first with the _ids '
                f'{shown(self[0]._id)} and {shown(self[1]._id)}'
            )
        return self[0]

    def filtered(self, condition: Callable[[D], Any] | Mapping[str, Any]) -> Self:
        """The documents that meet a condition.

        Args:
            condition: A function that says whether a document is wanted; or a query, which is
                tried in memory.

        Raises:
            QueryError: The query has an operator that only the server can try.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> len(users.filtered(User.name.like('A%')))
            1
        """
        if isinstance(condition, Mapping):
            matches = predicate(condition)
            return self._of(each for each in self if matches(each.meta.codec.dumper(each)))
        return self._of(document for document in self if condition(document))

    def filtered_domain(self, terms: Sequence[Any]) -> Self:
        """The documents that meet a domain expression: see `aiomongodel.domain`.

        Args:
            terms: The terms, in prefix notation.

        Raises:
            DomainError: The terms are no domain expression on the documents' fields.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> users.filtered_domain([('name', 'ilike', 'a%')]).mapped('name')
            ['Ann']
        """
        kinds = {type(document) for document in self}
        tests = {kind: predicate(domain.to_query(kind, terms)) for kind in kinds}
        return self._of(each for each in self if tests[type(each)](each.meta.codec.dumper(each)))

    def mapped(self, key: Callable[[D], Any] | Field[Any] | str) -> list[Any]:
        """A value of each document.

        Args:
            key: A field, the name of an attribute, a dotted path of such names, or a function of
                the document. A path through a list gives a value for each of its items.

        Raises:
            AttributeError: A document has no such attribute.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> users.mapped('name'), users.mapped(lambda user: len(user.name))
            (['Ann'], [3])
        """
        if not isinstance(key, Field | str):
            return [key(document) for document in self]
        return [
            value
            for document in self
            for value in values_at(document, path_in(type(document), key))
        ]

    def sorted(self, *keys: Any, reverse: bool = False) -> Self:
        """The documents in an order.

        Args:
            *keys: Fields, names of attributes, pairs such as `User.name.desc()`, functions of the
                document, or lists of these. Values that are None, or unset, come first.
            reverse: Turn the whole order.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> users.sorted(User.name.desc()).mapped('name')
            ['Ann']
        """
        found = self._of(self)
        for key in reversed([*single_keys(keys)]):
            value_of, is_descending = sort_key(key)
            found.sort(key=value_of, reverse=is_descending)
        if reverse:
            found.reverse()
        return found

    def grouped(self, key: Callable[[D], Any] | Field[Any] | str) -> dict[Any, Self]:
        """The documents by a value that some have in common.

        Args:
            key: A field, the name of an attribute, or a function of the document. Of a path
                through a list, a document is in the group of each item.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> list(users.grouped('name'))
            ['Ann']
        """
        groups: dict[Any, Self] = {}
        for document in self:
            for value in self._of([document]).mapped(key):
                groups.setdefault(value, self._of([])).append(document)
        return groups

    @overload
    def save(self, db: SyncHandle, **options: Any) -> BulkResult: ...
    @overload
    def save(self, db: AsyncHandle, **options: Any) -> Coroutine[Any, Any, BulkResult]: ...
    def save(self, db: Any, **options: Any) -> Any:
        """Store the documents, which must be of one collection: see `save_all` of its query set.

        Args:
            db: The database, as `q` takes it.
            **options: Those of `save_all`.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> (await users.save(db)).matched
            1
        """
        return self._query_set(db).save_all(self, **options)

    @overload
    def delete(self, db: SyncHandle, **options: Any) -> BulkResult: ...
    @overload
    def delete(self, db: AsyncHandle, **options: Any) -> Coroutine[Any, Any, BulkResult]: ...
    def delete(self, db: Any, **options: Any) -> Any:
        """Delete the documents, which must be of one collection: see `delete_all` of its query set.

        Args:
            db: The database, as `q` takes it.
            **options: Those of `delete_all`.

        Example:
            >>> users = await User.q(db).find().to_list()
            >>> (await users.delete(db)).deleted
            1
        """
        return self._query_set(db).delete_all(self, **options)

    @overload
    def __getitem__(self, index: SupportsIndex) -> D: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return self._of(found) if isinstance(index, slice) else found

    @overload
    def __add__(self, other: list[D], /) -> Self: ...
    @overload
    def __add__(self, other: list[R], /) -> list[R | D]: ...
    def __add__(self, other: Any, /) -> Any:
        return self._of([*self, *other])

    def copy(self) -> Self:
        """A list of the same documents."""
        return self._of(self)

    def _of(self, documents: Iterable[D]) -> Self:
        return type(self)(documents)

    def _query_set(self, db: Any) -> Any:
        kinds: set[Any] = {type(document) for document in self}
        collections = {kind.meta.collection_name for kind in kinds}
        for kind in kinds:
            if len(collections) == 1 and all(issubclass(other, kind) for other in kinds):
                return kind.q(db)
        return NoQuerySet(handles.is_blocking(db, 'DocumentList'), kinds)


class NoQuerySet:
    """What stands for the query set of no documents, which has nothing to do.

    Args:
        is_blocking: Whether calls on the database block.
        kinds: The classes of the documents.

    Raises:
        TypeError: There are documents, of classes that have no query set in common.
    """

    def __init__(self, is_blocking: bool, kinds: set[Any]) -> None:
        if kinds:
            pairs = sorted((kind.__name__, kind.meta.collection_name) for kind in kinds)
            names = ', '.join(f'{name} in {collection!r}' for name, collection in pairs)
            raise TypeError(
                'the documents of a list that is written must be of one class, or of subclasses '
                f'with the same collection: {names}'
            )
        self._is_blocking = is_blocking

    def save_all(self, _documents: Any, **_options: Any) -> Any:
        return BulkResult() if self._is_blocking else finished(BulkResult())

    delete_all = save_all


async def finished(result: R) -> R:
    """A coroutine that gives what is there already."""
    return result


def single_keys(keys: Iterable[Any]) -> Iterator[Any]:
    """The keys of an order, those in lists one by one."""
    for key in keys:
        if isinstance(key, list | tuple) and not is_pair(key):
            yield from single_keys(key)
        else:
            yield key


def sort_key(key: Any) -> tuple[Callable[[Any], Any], bool]:
    """The function by which documents are sorted, and whether the order goes down."""
    if callable(key) and not isinstance(key, Field):
        return key, False
    is_name = isinstance(key, Field | str)
    direction = 1 if is_name else order_of(key)[0][1]
    path = key if is_name else StoredPath(order_of(key)[0][0])

    def value_of(document: Any) -> Any:
        value = next(values_at(document, path_in(type(document), path)), None)
        return (value is not None, value)

    return value_of, direction == -1


class StoredPath(str):
    """A path under mongo names, as `User.name.desc()` has it."""

    __slots__ = ()


def path_in(document_class: Any, key: Field[Any] | str) -> list[str]:
    """The attributes that lead to a value, from a field, a dotted name or a stored path."""
    if isinstance(key, Field):
        key = StoredPath(key.s)
    names = key.split('.')
    return attributes_of(document_class, names) if isinstance(key, StoredPath) else names


def attributes_of(document_class: Any, names: Sequence[str]) -> list[str]:
    """The names of the fields that are stored under the names of a path.

    Raises:
        QueryError: There is no such field.
    """
    attributes, within = [], document_class
    for name in names:
        field = None if within is None else within.meta.stored_fields.get(name)
        if field is None and not name.isdigit():
            path = '.'.join(names)
            raise QueryError(f'no field of {document_class.__name__} is stored as {path!r}')
        attributes.append(name if field is None else field.name)
        within = within if field is None else field.document_class
    return attributes


def values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at the end of a path of attributes, through each item of a list."""
    if not path:
        yield value
    elif isinstance(value, list) and path[0].isdigit():
        yield from (
            each for item in value[int(path[0]) :][:1] for each in values_at(item, path[1:])
        )
    elif isinstance(value, list):
        yield from (each for item in value for each in values_at(item, path))
    elif value is None:
        yield None
    else:
        inner = value[path[0]] if isinstance(value, Mapping) else getattr(value, path[0])
        yield from values_at(inner, path[1:])
