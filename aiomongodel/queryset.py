"""MotorQuerySet: the operations on the documents of a collection."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast

from aiomongodel import errors, handles
from aiomongodel.cursor import MotorQuerySetCursor
from aiomongodel.drivers import LatentCursor, undisturbed
from aiomongodel.utils import keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.drivers import Collection, Data, Database
    from aiomongodel.handles import AsyncHandle, AsyncSessionArgument

__all__ = ['MotorQuerySet', 'MotorQuerySetCursor']

Query = Mapping[str, Any]

FIRST_STAGES: Final = frozenset(
    {'$collStats', '$geoNear', '$indexStats', '$search', '$searchMeta', '$vectorSearch'}
)
"""The stages of an aggregation that MongoDB takes in the first place only."""

STAGES_WITHOUT_DOCUMENTS: Final = frozenset({'$collStats', '$indexStats', '$searchMeta'})
"""Those whose output is about the collection: no default query applies to it."""

POSITION_OF_SORT: Final = 6
"""Among the driver's arguments of `find`, after the query."""


D = TypeVar('D', bound='Document')


class MotorQuerySet(Generic[D]):
    """The operations on the documents of a class.

    Queries and updates are MongoDB's own; a document class's `default_query` joins each query.
    Keyword arguments that are not listed go to the driver's method of the same name.

    Args:
        doc_class: The class of the documents.
        db: The database of a Motor or an AsyncMongoClient, or a session or transaction of ours.
        session: The session or transaction of each call that is given none: ours or the driver's.

    Raises:
        TypeError: It is not a database whose calls are awaited.
        SessionError: The session is not of the database's client, or not in use.

    Attributes:
        doc_class: As given.
        db: The database.
        session: The session or transaction, as given; None where there is none.
        coll: The driver's collection.
        default_query: The class's default query.
        default_sort: The class's default sort.

    Example:
        >>> users = User.q(db)
        >>> ann = await users.create(name='Ann')
        >>> (await users.get(ann._id)).name
        'Ann'
    """

    def __init__(
        self, doc_class: type[D], db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> None:
        handles.require_kind(db, False, type(self).__name__)
        self.doc_class = doc_class
        self.db: Database
        self.db, self.session = handles.database_and_session(db, session)
        self.coll: Collection = doc_class.meta.collection(self.db)
        self.default_query = doc_class.meta.default_query
        self.default_sort = doc_class.meta.default_sort

    def clone(self) -> Self:
        """A copy of the query set."""
        return copy.copy(self)

    def with_options(self, **kwargs: Any) -> Self:
        """A copy of the query set whose collection has other options.

        Args:
            **kwargs: The driver's collection options, such as `write_concern`.

        Example:
            >>> from pymongo import WriteConcern
            >>> unacknowledged = User.q(db).with_options(write_concern=WriteConcern(w=0))
            >>> print(await unacknowledged.delete_many({}))
            None
        """
        clone = self.clone()
        clone.coll = self.coll.with_options(**kwargs)
        return clone

    # Reading.

    def find(
        self,
        query: Query | None = {},
        *args: Any,
        sort: Any = None,
        **kwargs: Any,
    ) -> MotorQuerySetCursor[D]:
        """Find documents.

        Args:
            query: The query; None for all documents, as the driver takes it.
            *args: The driver's arguments: the projection first.
            sort: The order of the documents; `default_sort` by default.
            **kwargs: The driver's arguments.

        Returns:
            A cursor; the server is asked when it is iterated.

        Example:
            >>> [user.name async for user in User.q(db).find({User.name.s: 'Ann'})]
            ['Ann']
        """
        if sort is None and len(args) < POSITION_OF_SORT:
            sort = self.default_sort
        if sort is not None:
            kwargs['sort'] = sort
        query = {} if query is None else query
        found = self.coll.find(self._joined(query), *args, **self._in_session(kwargs))
        cursor = MotorQuerySetCursor(self.doc_class, found, self._loader(*args[:1], **kwargs))
        cursor._session = self._session_of(kwargs)
        return cursor

    async def find_one(self, query: Any = {}, *args: Any, **kwargs: Any) -> D:
        """Find one document.

        Args:
            query: The query, or an `_id`; None for any document, as the driver takes it.
            *args: The driver's arguments: the projection first.
            **kwargs: The driver's arguments.

        Raises:
            DocumentNotFoundError: No document matches.

        Example:
            >>> (await User.q(db).find_one({User.name.s: 'Ann'})).name
            'Ann'
        """
        if query is None:
            query = {}
        elif not isinstance(query, Mapping):
            query = self._query_on_id(query)
        data = await self._call(self.coll.find_one, self._joined(query), *args, **kwargs)
        found = None if data is None else self._loader(*args[:1], **kwargs)(data)
        if found is None:
            raise errors.DocumentNotFoundError(
                f'collection {self.coll.name!r} has no {self.doc_class.__name__} {described(query)}'
            )
        return found

    async def get(self, _id: Any, *args: Any, **kwargs: Any) -> D:
        """Get a document by its `_id`.

        Args:
            _id: The `_id`, converted as its field converts it.
            *args: The driver's arguments of `find_one`: the projection first.
            **kwargs: The driver's arguments of `find_one`.

        Raises:
            DocumentNotFoundError: There is no such document.

        Example:
            >>> (await User.q(db).get(str(user._id))).name
            'Ann'
        """
        return await self.find_one(self._query_on_id(_id), *args, **kwargs)

    async def count_documents(self, /, query: Query = {}, **kwargs: Any) -> int:
        """Count the documents that match.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Example:
            >>> await User.q(db).count_documents({User.name.s: 'Ann'})
            1
        """
        return cast(
            'int', await self._call(self.coll.count_documents, self._joined(query), **kwargs)
        )

    async def count(self, /, query: Query = {}, **kwargs: Any) -> int:
        """Deprecated: use `count_documents`."""
        warnings.warn('Use `count_documents` instead', DeprecationWarning, stacklevel=2)
        return await self.count_documents(query, **kwargs)

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]], **kwargs: Any) -> Any:
        """Run an aggregation over the documents that match the default query.

        Args:
            pipeline: The stages.
            **kwargs: The driver's arguments.

        Returns:
            The driver's cursor, of dicts. Where the driver's has to be awaited first, what is
            given for it asks the server at its first call, as Motor's does.

        Raises:
            TypeError: The pipeline is not a list of stages.

        Example:
            >>> await User.q(db).aggregate([{'$count': 'users'}]).to_list(None)
            [{'users': 1}]
        """
        aggregate, stages = self.coll.aggregate, self._within_default(pipeline)
        in_session = self._in_session(kwargs)
        if inspect.iscoroutinefunction(aggregate):
            return LatentCursor(lambda: self._call(aggregate, stages, **in_session))
        return aggregate(stages, **in_session)

    # Writing.

    async def create(self, /, **kwargs: Any) -> D:
        """Make a document, validate and insert it.

        Args:
            **kwargs: The values of its fields, and the `session` to do it in, unless a field
                has this name.

        Raises:
            ValidationError: A value is not valid; nothing is written.
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> (await User.q(db).create(name='Bob')).name
            'Bob'
        """
        has_field = 'session' in self.doc_class.meta.fields
        session = None if has_field else kwargs.pop('session', None)
        document = self.doc_class(**kwargs).validate()
        await self.insert_one(document.meta.codec.dumper(document), session=session)
        return document

    async def insert_one(self, *args: Any, **kwargs: Any) -> Any:
        """Insert one document, given as a dict under mongo names.

        Args:
            *args: The driver's arguments: the dict first.
            **kwargs: The driver's arguments.

        Returns:
            Its `_id`; None where the write concern asks for no answer.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> bob = User(name='Bob', _id='65df1f77bcf86cd799439011')
            >>> await User.q(db).insert_one(bob.to_mongo())
            ObjectId('65df1f77bcf86cd799439011')
        """
        result = await self._call(self.coll.insert_one, *args, **kwargs)
        return result.inserted_id if result.acknowledged else None

    async def insert_many(self, *args: Any, **kwargs: Any) -> list[Any] | None:
        """Insert many documents, given as dicts under mongo names.

        Args:
            *args: The driver's arguments: the list first.
            **kwargs: The driver's arguments, such as `ordered`.

        Returns:
            Their `_id`s; None where the write concern asks for no answer.

        Raises:
            DuplicateKeyError: A unique index refuses some of them, and that is all.
            pymongo.errors.BulkWriteError: Some of them are refused for other reasons.

        Example:
            >>> users = [User(name=name) for name in ('Bob', 'Cyd')]
            >>> len(await User.q(db).insert_many([user.to_mongo() for user in users]))
            2
        """
        result = await self._call(self.coll.insert_many, *args, **kwargs)
        return result.inserted_ids if result.acknowledged else None

    async def replace_one(self, query: Query, *args: Any, **kwargs: Any) -> int | None:
        """Replace one document.

        Args:
            query: The query.
            *args: The driver's arguments: the new document first, as a dict under mongo names.
            **kwargs: The driver's arguments, such as `upsert`.

        Returns:
            The number of documents that were changed; None where the write concern asks for no
            answer.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> await User.q(db).replace_one({User.name.s: 'Ann'}, {User.name.s: 'Anna'})
            1
        """
        return await self._changed(self.coll.replace_one, query, args, kwargs)

    async def update_one(self, query: Query, *args: Any, **kwargs: Any) -> int | None:
        """Update one document.

        Args:
            query: The query.
            *args: The driver's arguments: the update first.
            **kwargs: The driver's arguments, such as `upsert`.

        Returns:
            The number of documents that were changed; None where the write concern asks for no
            answer.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> await User.q(db).update_one({User.name.s: 'Ann'}, {'$set': {User.name.s: 'Anna'}})
            1
        """
        return await self._changed(self.coll.update_one, query, args, kwargs)

    async def update_many(self, query: Query, *args: Any, **kwargs: Any) -> int | None:
        """Update all documents that match.

        Args:
            query: The query.
            *args: The driver's arguments: the update first.
            **kwargs: The driver's arguments, such as `array_filters`.

        Returns:
            The number of documents that were changed; None where the write concern asks for no
            answer.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> await User.q(db).update_many({}, {'$set': {User.name.s: 'Ann'}})
            0
        """
        return await self._changed(self.coll.update_many, query, args, kwargs)

    async def delete_one(self, /, query: Query, **kwargs: Any) -> int | None:
        """Delete one document.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Returns:
            The number of deleted documents; None where the write concern asks for no answer.

        Example:
            >>> await User.q(db).delete_one({User.name.s: 'Ann'})
            1
        """
        result = await self._call(self.coll.delete_one, self._joined(query), **kwargs)
        return result.deleted_count if result.acknowledged else None

    async def delete_many(self, /, query: Query, **kwargs: Any) -> int | None:
        """Delete all documents that match.

        Args:
            query: The query.
            **kwargs: The driver's arguments.

        Returns:
            The number of deleted documents; None where the write concern asks for no answer.

        Example:
            >>> await User.q(db).delete_many({User.name.s: 'Nobody'})
            0
        """
        result = await self._call(self.coll.delete_many, self._joined(query), **kwargs)
        return result.deleted_count if result.acknowledged else None

    # One document in hand. It is found by its `_id` alone: what the default query leaves out is
    # still the document that the caller holds.

    async def save(self, document: D, do_insert: bool = False) -> D:
        """See `Document.save`."""
        if not isinstance(do_insert, bool):  # such as a session, which is the argument after it
            raise TypeError(
                f'do_insert of {type(document).__name__}.save must be True or False, '
                f'not {shown(do_insert)}; a session is given as session='
            )
        if document.is_partial:
            raise errors.PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                'a projection: saving it would drop its other fields. Reload it first, or update '
                'the fields that change'
            )
        self._remember(document)
        if do_insert:
            return await self._insert(document)
        data = document.meta.codec.dumper(document)
        await self._unscoped(document).replace_one(self._query_id(document), data, upsert=True)
        return document

    async def reload(self, document: D) -> D:
        """See `Document.reload`."""
        self._remember(document)
        fresh = await self._unscoped(document).find_one(self._query_id(document))
        document.meta.codec.move(fresh, document)
        return document

    async def update(self, document: D, update_document: Any) -> D:
        """See `Document.update`."""
        await self._unscoped(document).update_one(self._query_id(document), update_document)
        return await self.reload(document)

    async def delete(self, document: D) -> int | None:
        """See `Document.delete`."""
        return await self._unscoped(document).delete_one(self._query_id(document))

    # The collection.

    async def create_collection(self) -> Collection:
        """Create the collection, with the options of the class's Meta."""
        meta = self.doc_class.meta
        name, options = str(meta.collection_name), meta.collection_options()
        await self._call(self.db.create_collection, name, **options)
        return self.coll

    async def create_indexes(self) -> list[str]:
        """Create the indexes of the class's Meta.

        Returns:
            Their names.

        Example:
            >>> await User.q(db).create_indexes()  # User.meta has none
            []
        """
        indexes = self.doc_class.meta.indexes
        if not indexes:
            return []
        return cast('list[str]', await self._call(self.coll.create_indexes, list(indexes)))

    # Helpers.

    async def _call(self, method: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        in_session = self._in_session(kwargs)
        try:
            call = method(*args, **in_session)
            return await call if in_session['session'] is None else await undisturbed(call)
        except Exception as error:
            where = f'in {self.doc_class.__name__}.q(db).{method.__name__}'
            if ours := errors.named(error, f'{where}, on the collection {self.coll.name!r}'):
                raise ours from error
            raise

    def _in_session(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, 'session': handles.driver_session(self._session_of(kwargs), self.db)}

    def _session_of(self, kwargs: dict[str, Any]) -> Any:
        session = kwargs.get('session')
        return self.session if session is None else session

    def _remember(self, document: D) -> None:
        if isinstance(self.session, handles.Handle):
            self.session._remember(document)

    def _joined(self, query: Query) -> Query:
        if not isinstance(query, Mapping):
            raise TypeError(
                f'a query on {self.doc_class.__name__} must be a dict, not {shown(query)}'
            )
        return {'$and': [self.default_query, query]} if self.default_query else query

    def _within_default(self, pipeline: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        stages: list[Any] = list(pipeline) if isinstance(pipeline, Iterable) else [pipeline]
        if isinstance(pipeline, Mapping) or not all(isinstance(each, Mapping) for each in stages):
            raise TypeError(
                f'a pipeline on {self.doc_class.__name__} must be a list of stages, '
                f'not {shown(pipeline)}'
            )
        if not self.default_query or (stages and STAGES_WITHOUT_DOCUMENTS & stages[0].keys()):
            return stages
        place = 1 if stages and FIRST_STAGES & stages[0].keys() else 0
        if stages[place:] and '$match' in stages[place]:
            return [
                *stages[:place],
                {'$match': self._joined(stages[place]['$match'])},
                *stages[place + 1 :],
            ]
        return [*stages[:place], {'$match': self.default_query}, *stages[place:]]

    def _loader(self, projection: Any = None, **options: Any) -> Callable[[Data], D]:
        codec = self.doc_class.meta.codec
        # What the driver has decoded into a dict is given away; anything else is copied.
        owned = self.coll.codec_options.document_class is dict
        load = codec.loader if owned else codec.load_copy
        if is_partial(projection) or options.get('return_key'):
            return lambda data: cast('D', codec.marked_partial(load(data)))
        return cast('Callable[[Data], D]', load)

    async def _insert(self, document: D) -> D:
        data = document.meta.codec.dumper(document)
        if document._id is None:
            data.pop('_id', None)  # the driver makes one
        await self.insert_one(data)
        if document._id is None:
            document._id = data['_id']
        return document

    async def _changed(
        self, method: Callable[..., Awaitable[Any]], query: Query, args: Any, kwargs: Any
    ) -> int | None:
        result = await self._call(method, self._joined(query), *args, **kwargs)
        return result.modified_count if result.acknowledged else None

    def _query_on_id(self, _id: Any) -> dict[str, Any]:
        field = self.doc_class.meta.fields['_id']
        # By $eq a value never becomes an operator, say in an `_id` out of a request's JSON.
        return {'_id': {'$eq': field.to_mongo(field.from_data(_id))}}

    def _query_id(self, document: D) -> dict[str, Any]:
        if document._id is None:
            raise ValueError(
                f'{type(document).__name__} has no _id, by which it would be found; set one'
            )
        return document.query_id

    def _unscoped(self, document: D) -> Self:
        """The query set for a document's own class, without the default query.

        What is done to a document goes through its methods, which a subclass may override.
        """
        clone = self.clone()
        clone.doc_class = type(document)
        clone.default_query = {}
        return clone


def described(query: Query) -> str:
    """What a query asks for, for an error: of values it shows the `_id` alone."""
    if query.keys() != {'_id'}:
        return f'that matches a query on {keys_of(query)}'
    value = query['_id']
    if isinstance(value, Mapping) and value.keys() == {'$eq'}:
        value = value['$eq']
    return f'with the _id {shown(value)}'


def is_partial(projection: Any) -> bool:
    """Whether a projection may leave a part of a document out.

    Values that are computed beside the document, such as a text score, leave nothing out.
    """
    if projection is None:
        return False
    if not isinstance(projection, Mapping) or not projection:
        return True
    return not all(isinstance(value, Mapping) and '$meta' in value for value in projection.values())
