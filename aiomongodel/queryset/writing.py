"""Inserting, and replacing and updating what a query finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from pymongo.errors import OperationFailure

from aiomongodel.operations import QueryArgument, replacing, starts_with_operator
from aiomongodel.queryset.attending import INSERTION
from aiomongodel.queryset.base import D, modified_count
from aiomongodel.queryset.deleting import Deleting
from aiomongodel.queryset.guarding import guarded_data
from aiomongodel.schemas import schema_of_collection

if TYPE_CHECKING:
    from aiomongodel.drivers import Collection

NAMESPACE_NOT_FOUND: Final = 26


class Writing(Deleting[D]):
    """The operations that change what is stored, and those on the collection itself."""

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
        document = self.doc_class(**kwargs)
        document.validate()
        if not document.meta.is_attended:
            return await self._created(document, session)
        target = self._in_session_of({'session': session})
        target._remember(document)
        return await target._attended(INSERTION, document, target._created)

    async def _created(self, document: D, session: Any = None) -> D:
        data = document.meta.codec.dumper(document)
        if document.meta.guards:
            self._remember(document, session)
            data = guarded_data(document, data, is_first=True)
        await self.insert_one(data, session=session)
        self._inserted(document, data)
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
        if self.doc_class.meta.family is not None:
            args, kwargs = self._with_class_in(args, kwargs, 'document')
        result = await self._call(self.coll.insert_one, *args, **kwargs)
        return result.inserted_id if result.acknowledged else None

    async def replace_one(self, query: QueryArgument, *args: Any, **kwargs: Any) -> int | None:
        """Replace one document.

        In a class with a RevisionField or a LockField the lock is kept, and the revision raised.

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
        if self.doc_class.meta.family is not None:
            args, kwargs = self._with_class_in(args, kwargs, 'replacement')
        data, *others = args or (kwargs.get('replacement'),)
        update = self._guarded_replacement(data)
        if update is None:
            return await self._changed(self.coll.replace_one, query, args, kwargs)
        if len(others) > 3:
            others.insert(3, None)  # update_one takes array_filters there
        if not args:
            kwargs = {name: kwargs[name] for name in kwargs if name != 'replacement'}
        return await self._changed(self.coll.update_one, query, (update, *others), kwargs)

    async def update_one(self, query: QueryArgument, *args: Any, **kwargs: Any) -> int | None:
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
        args, kwargs = self._with_guards(query, args, kwargs)
        return await self._changed(self.coll.update_one, query, args, kwargs)

    async def update_many(self, query: QueryArgument, *args: Any, **kwargs: Any) -> int | None:
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
        args, kwargs = self._with_guards(query, args, kwargs)
        return await self._changed(self.coll.update_many, query, args, kwargs)

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

    async def set_validator(
        self, /, validator: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """Have the server check what is written to the collection, from now on.

        The collection is created where there is none. What is stored already stays as it is; the
        server checks it when it is changed, unless `validationLevel='moderate'` is given.

        Args:
            validator: A query that documents must match; by default `{'$jsonSchema': schema}` with
                the `mongo_schema()` of the class, or of the class at the head of its family. An
                empty dict ends the checks.
            **kwargs: The arguments of MongoDB's `collMod`, such as `validationAction='warn'`.

        Raises:
            OperationFailure: The server cannot use it, or does not let this user do it.

        Example:
            >>> await User.q(db).set_validator(validationAction='error')
        """
        if validator is None:
            validator = {'$jsonSchema': schema_of_collection(self.doc_class)}
        options = {'validator': validator, **kwargs}
        name = str(self.doc_class.meta.collection_name)
        try:
            await self._call(self.db.command, 'collMod', name, **options)
        except OperationFailure as error:
            if error.code != NAMESPACE_NOT_FOUND:
                raise
            options = {**self.doc_class.meta.collection_options(), **options}
            await self._call(self.db.create_collection, name, **options)

    def _with_class_in(self, args: Any, kwargs: Any, name: str) -> tuple[Any, Any]:
        """The arguments of a driver's call, of which the first is a dict to be stored."""
        if args:
            return (self._with_class(args[0]), *args[1:]), kwargs
        return args, {**kwargs, name: self._with_class(kwargs.get(name))}

    def _guarded_replacement(self, data: Any) -> Any:
        """An update that replaces a document by a dict, where the class has guards; else None.

        What is no replacement is left to the driver.
        """
        is_replacement = isinstance(data, Mapping) and not starts_with_operator(data)
        if not is_replacement or not self.doc_class.meta.guards:
            return None
        return self._guarded_update(replacing(data))

    def _with_guards(self, query: Any, args: Any, kwargs: Any) -> tuple[Any, Any]:
        """The arguments of a driver's update, of which the update is the first."""
        is_upsert = args[1] if len(args) > 1 else kwargs.get('upsert')
        if args:
            return (self._guarded_update(args[0], query, is_upsert), *args[1:]), kwargs
        if 'update' in kwargs:
            update = self._guarded_update(kwargs['update'], query, is_upsert)
            return args, {**kwargs, 'update': update}
        return args, kwargs

    async def _changed(
        self, method: Callable[..., Awaitable[Any]], query: QueryArgument, args: Any, kwargs: Any
    ) -> int | None:
        return modified_count(await self._call(method, self._joined(query), *args, **kwargs))
