"""Changing one document and giving it: upserts, and the driver's find_one_and_… ."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from pymongo import ReturnDocument

from aiomongodel import expressions
from aiomongodel.errors import DuplicateKeyError, QueryError, ValidationError
from aiomongodel.fields.source import check_of
from aiomongodel.operations import (
    QueryArgument,
    equalities,
    refuse_guarded,
    replacement,
    require_own,
)
from aiomongodel.queryset.attending import REPLACEMENT
from aiomongodel.queryset.base import D
from aiomongodel.queryset.checking import require_whole
from aiomongodel.queryset.keeping import Keeping
from aiomongodel.utils import keys_of, shown


class Modifying(Keeping[D]):
    """The operations that change one document, which a query finds, and give it."""

    async def find_one_and_update(
        self, /, query: QueryArgument, update: Any, **kwargs: Any
    ) -> D | None:
        """Update one document, and give it.

        Args:
            query: The query.
            update: The update, or a pipeline of stages.
            **kwargs: The driver's arguments, such as `sort`, `upsert` and `return_document`,
                which says whether the document is given as it was before, or after.

        Returns:
            The document, as it was before by default; None where none matches.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> from pymongo import ReturnDocument
            >>> after = {'return_document': ReturnDocument.AFTER}
            >>> query, update = User.name == 'Ann', User.name.set('Anna')
            >>> (await User.q(db).find_one_and_update(query, update, **after)).name
            'Anna'
        """
        update = self._guarded_update(update, query, kwargs.get('upsert'))
        return await self._given(self.coll.find_one_and_update, query, update, **kwargs)

    async def find_one_and_replace(
        self, /, query: QueryArgument, document: Any, **kwargs: Any
    ) -> D | None:
        """Replace one document, and give it.

        In a class with a RevisionField or a LockField the lock is kept, and the revision raised.

        Args:
            query: The query.
            document: The new document, which is validated; or a dict under mongo names.
            **kwargs: The driver's arguments, such as `sort`, `upsert` and `return_document`.

        Returns:
            The document, as it was before by default; None where none matches.

        Raises:
            TypeError: The new document is of another class; or its class has guards.
            PartialDocumentError: It was loaded through a projection; nothing is written.
            ValidationError: It is not valid; nothing is written.
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> (await User.q(db).find_one_and_replace(User.name == 'Ann', User(name='Eve'))).name
            'Ann'
            >>> await User.q(db).exists(User.name == 'Eve')
            True
        """
        if not isinstance(document, Mapping):
            require_own(document, self.doc_class)
            require_whole(f'{self.doc_class.__name__}.q(db).find_one_and_replace', document)
            document.validate()
            refuse_guarded(document)
            if document.meta.is_attended:
                target = self._in_session_of(kwargs)
                target._remember(document)
                await target._begin([(REPLACEMENT, document)])
            document = replacement(document, query, kwargs)
        elif update := self._guarded_replacement(self._with_class(document)):
            return await self._given(self.coll.find_one_and_update, query, update, **kwargs)
        document = self._with_class(document)
        return await self._given(self.coll.find_one_and_replace, query, document, **kwargs)

    async def find_one_and_delete(self, /, query: QueryArgument, **kwargs: Any) -> D | None:
        """Delete one document, and give it. With a `SoftDeleteMixin` it is marked.

        Args:
            query: The query.
            **kwargs: The driver's arguments, such as `sort`.

        Returns:
            The document; None where none matches.

        Example:
            >>> (await User.q(db).find_one_and_delete(User.name == 'Ann')).name
            'Ann'
        """
        joined = self._joined(query)
        if marking := self._marking(joined):
            method = self.coll.find_one_and_update
            return await self._found_by(method, marking.query, marking.update, **kwargs)
        return await self._found_by(self.coll.find_one_and_delete, joined, **kwargs)

    async def upsert(self, /, query: QueryArgument, update: Any, **kwargs: Any) -> D:
        """Update one document, or insert one that the query and the update make, and give it.

        Nothing is validated, and fields have no defaults: see `update_or_create`.

        Args:
            query: The query; what it says of equal values is inserted.
            update: The update.
            **kwargs: The driver's arguments of `find_one_and_update`.

        Returns:
            The document, as it is now.

        Raises:
            DuplicateKeyError: A unique index refuses it.

        Example:
            >>> (await User.q(db).upsert(User.name == 'Bob', User.name.set('Rob'))).name
            'Rob'
        """
        kwargs = {**kwargs, 'upsert': True, 'return_document': ReturnDocument.AFTER}
        return cast('D', await self.find_one_and_update(query, update, **kwargs))

    async def get_or_create(
        self, /, query: QueryArgument, defaults: Mapping[str, Any] = {}, **kwargs: Any
    ) -> tuple[D, bool]:
        """Find one document, or create it.

        Two callers at once create one document only where a unique index covers the query; then
        both get it.

        Args:
            query: The query; a new document gets the values that it says are equal.
            defaults: Further values of a new document, by the names of fields.
            **kwargs: The driver's `session`.

        Returns:
            The document, and whether it was created.

        Raises:
            QueryError: A document that the query finds cannot be made of it.
            ValidationError: A new document is not valid; nothing is written.

        Example:
            >>> bob, is_new = await User.q(db).get_or_create(User.name == 'Bob')
            >>> bob.name, is_new
            ('Bob', True)
        """
        self._joined(query)
        self._populated(defaults)
        values = {**equal_values(self.doc_class, query), **defaults}
        find = functools.partial(self._first, query, **kwargs)
        return await self._found_or_created(find, query, values, kwargs)

    async def update_or_create(
        self, /, query: QueryArgument, values: Mapping[str, Any], **kwargs: Any
    ) -> tuple[D, bool]:
        """Set values of one document, or create it.

        Two callers at once create one document only where a unique index covers the query; then
        both update it.

        Args:
            query: The query; a new document gets the values that it says are equal.
            values: The values to set, by the names of fields; they are validated.
            **kwargs: The driver's `session`.

        Returns:
            The document as it is now, and whether it was created.

        Raises:
            QueryError: A document that the query finds cannot be made of it and the values.
            ValidationError: A value, or a new document, is not valid; nothing is written.

        Example:
            >>> from aiomongodel import Document, IntField, StrField
            >>> class Score(Document):
            ...     name = StrField()
            ...     points = IntField()
            >>> ann, is_new = await Score.q(db).update_or_create(Score.name == 'Ann', {'points': 3})
            >>> ann.points, is_new
            (3, True)
        """
        self._joined(query)
        all_values = {**equal_values(self.doc_class, query), **values}
        after = {**kwargs, 'return_document': ReturnDocument.AFTER}
        update = {'$set': self._checked(values)}
        find = functools.partial(self.find_one_and_update, query, update, **after)
        return await self._found_or_created(find, query, all_values, kwargs)

    async def _given(
        self, method: Any, query: QueryArgument, *args: Any, **kwargs: Any
    ) -> D | None:
        """The document that a call of the driver's gives."""
        return await self._found_by(method, self._joined(query), *args, **kwargs)

    async def _found_by(
        self, method: Any, joined: QueryArgument, *args: Any, **kwargs: Any
    ) -> D | None:
        data = await self._call(method, joined, *args, **kwargs)
        return None if data is None else self._loader(**kwargs)(data)

    async def _found_or_created(
        self,
        find: Callable[[], Awaitable[D | None]],
        query: QueryArgument,
        values: Mapping[str, Any],
        kwargs: dict[str, Any],
    ) -> tuple[D, bool]:
        """The document that is found, or a new one of some values, and whether it is new."""
        found = await find()
        if found is not None:
            return found, False
        in_session = self._in_session_of(kwargs)
        try:
            return await in_session._create(values, query), True
        except DuplicateKeyError:
            # A transaction has ended by it; else another caller may have created the document.
            found = None if in_session._is_in_transaction else await find()
            if found is None:
                raise
            return found, False

    async def _create(self, values: Mapping[str, Any], query: QueryArgument) -> D:
        """Insert a new document, which a query must find: else each call would insert another."""
        document = self.doc_class.from_data(values)
        document.validate()
        if not expressions.Query(self._joined(query)).matches(document):
            raise QueryError(
                f'a new {self.doc_class.__name__} would not be found by the query on '
                f'{keys_of(query)}; make its values part of the query, or of the defaults'
            )
        return await self._insert(document)

    def _populated(self, values: Mapping[str, Any]) -> D:
        """A document of some values alone.

        Raises:
            QueryError: A name is no field's.
        """
        try:
            document = self.doc_class(_empty=True).populate_with_data(values)
        except AttributeError as error:
            raise QueryError(str(error)) from None
        # What is computed of the values of a part would be wrong.
        return cast('D', document.meta.codec.marked_partial(document))

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The stored form of values that are set, under mongo names.

        Raises:
            QueryError: A name is no field's.
            ValidationError: Some values are not valid; the error has all of them, by field.
        """
        document, fields = self._populated(values), self.doc_class.meta.fields
        checks = {name: check_of(fields[name])(value) for name, value in document.to_data().items()}
        errors = {name: error for name, error in checks.items() if error is not None}
        if errors:
            raise ValidationError(errors)
        stored = document.meta.codec.dump(document)
        # What is found may be of a class below this one, and stays of it.
        return {name: stored[name] for name in stored if name != document.meta.discriminator}


def equal_values(document_class: Any, query: QueryArgument) -> dict[str, Any]:
    """The values that a query says are equal, by the names of the fields.

    Raises:
        QueryError: One is not of a field of the class itself.
    """
    fields = document_class.meta.stored_fields
    values = {}
    for name, stored in equalities(query):
        if name not in fields:
            raise QueryError(
                f'{document_class.__name__}: a new document cannot be made with {name!r} equal to '
                f'{shown(stored)}; its fields are {keys_of(fields)}'
            )
        values[fields[name].name] = fields[name]._from_stored(stored)
    return values
