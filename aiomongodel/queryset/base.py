"""What every query set has: the class, the database, and how its calls reach the driver."""

from __future__ import annotations

import copy
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast

from aiomongodel import errors, expressions, handles, hooks
from aiomongodel.drivers import undisturbed
from aiomongodel.operations import QueryArgument, equalities, starts_with_operator
from aiomongodel.ordering import hint_of, is_partial, order_of, projection_of, with_key
from aiomongodel.queryset.guarding import guarded_data, guarded_update, settle
from aiomongodel.utils import keys_of, shown

if TYPE_CHECKING:
    from aiomongodel.codec import Codec
    from aiomongodel.document import Document
    from aiomongodel.drivers import Collection, Data, Database
    from aiomongodel.handles import AsyncHandle, AsyncSessionArgument

D = TypeVar('D', bound='Document')


class BaseQuerySet(Generic[D]):
    """The part of a query set that its operations share.

    Args:
        doc_class: The class of the documents.
        db: The database of a Motor or an AsyncMongoClient, or a session or transaction of ours.
        session: The session or transaction of each call that is given none: ours or the driver's.

    Raises:
        TypeError: It is not a database whose calls are awaited.
        SessionError: The session is not of the database's client, or not in use.
    """

    def __init__(
        self, doc_class: type[D], db: AsyncHandle, session: AsyncSessionArgument = None
    ) -> None:
        handles.require_kind(db, False, type(self).__name__)
        self.doc_class = doc_class
        self.db: Database
        self.db, self.session = handles.database_and_session(db, session)
        self.coll: Collection = doc_class.meta.collection(self.db)
        family = doc_class.meta.family
        self._class_query = None if family is None else family.query_on(doc_class)
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

    async def _call(self, method: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        in_session = self._in_session(kwargs)
        try:
            call = method(*args, **in_session)
            return await call if in_session['session'] is None else await undisturbed(call)
        except Exception as error:
            where = f'in {self.doc_class.__name__}.q(db).{method.__name__}'
            where += f', on the collection {self.coll.name!r}'
            if ours := errors.named(error, where, self.doc_class):
                raise ours from error
            raise

    def _in_session(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        session = handles.driver_session(self._session_of(kwargs), self.db)
        options = driver_options(kwargs)
        if options.get('projection') is not None and self.doc_class.meta.family is not None:
            options = {**options, 'projection': self._projected(options['projection'])}
        return {**options, 'session': session}

    def _with_projection(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The driver's arguments of `find` after the query, of which the projection is first."""
        return (self._projected(args[0]), *args[1:]) if args else args

    def _projected(self, projection: Any) -> Any:
        """A projection in the driver's form, which leaves the name of a document's class there."""
        names = projection_of(projection)
        key = self.doc_class.meta.discriminator
        return names if key is None else with_key(names, key)

    def _session_of(self, kwargs: dict[str, Any]) -> Any:
        session = kwargs.get('session')
        return self.session if session is None else session

    def _in_session_of(self, kwargs: dict[str, Any]) -> Self:
        """The query set in the session that a call is given."""
        clone = self.clone()
        clone.session = self._session_of(kwargs)
        return clone

    def _remember(self, document: D, session: Any = None) -> None:
        session = self.session if session is None else session
        if isinstance(session, handles.Handle):
            session._remember(document)

    def _guarded_update(self, update: Any, query: Any = (), is_upsert: Any = False) -> Any:
        """An update that raises the revisions of what it changes, as it is where there are none.

        Args:
            update: The update.
            query: The query on what it changes.
            is_upsert: Whether it may insert a document, which then has the name of the class.

        Raises:
            QueryError: It is a query; or it touches the value of a guard itself.
        """
        if isinstance(update, expressions.Query):
            raise errors.QueryError(
                f'{shown(dict(update))} is a query on {self.doc_class.__name__}, where an update '
                f'is to be given, such as {self.doc_class.__name__}.name.set("Ann")'
            )
        meta = self.doc_class.meta
        if is_upsert and meta.family is not None and not names_class(query, meta.discriminator):
            update = naming(update, str(meta.discriminator), meta.discriminator_value)
        return guarded_update(update, meta.guards) if meta.guards else update

    def _data_to_insert(self, document: D) -> dict[str, Any]:
        data = document.meta.codec.dumper(document)
        if document.meta.guards:
            data = guarded_data(document, data, is_first=True)
        if document._id is None:
            data.pop('_id', None)  # the driver makes one
        return data

    def _inserted(self, document: D, data: Mapping[str, Any]) -> None:
        """Have a document in memory follow its insertion."""
        if document._id is None:
            document._id = data['_id']
        if document.meta.guards:
            settle(document, data, is_first=True)

    def _joined(self, query: QueryArgument) -> QueryArgument:
        if not isinstance(query, Mapping):
            raise TypeError(
                f'a query on {self.doc_class.__name__} must be a dict, not {shown(query)}'
            )
        if isinstance(query, expressions.Update):
            raise errors.QueryError(
                f'{shown(dict(query))} is an update of {self.doc_class.__name__}, where a query is '
                f'to be given, such as {self.doc_class.__name__}.name == "Ann"'
            )
        if self._class_query:
            return {'$and': [*self._scope, query]}
        if len(self.default_query):
            return {'$and': [self.default_query, query]}
        # PyMongo's `find` takes the truth of its query, which an expression refuses.
        return dict(query) if isinstance(query, expressions.Query) else query

    @property
    def _scope(self) -> list[Mapping[str, Any]]:
        """The queries that each query is joined with: on the class, and the default one."""
        own = [self._class_query] if self._class_query else []
        return [*own, self.default_query] if len(self.default_query) else own

    def _with_class(self, data: Any) -> Any:
        """A dict that is stored, with the name of the class where it has none."""
        meta = self.doc_class.meta
        if meta.family is None or not isinstance(data, Mapping) or meta.discriminator in data:
            return data
        return {**data, str(meta.discriminator): meta.discriminator_value}

    def _loader(self, projection: Any = None, **options: Any) -> Callable[[Data], D]:
        codec = self.doc_class.meta.codec
        load = self._loader_by(codec)
        if is_partial(projection) or options.get('return_key'):
            load = functools.partial(loaded_in_part, codec, load)
        return cast('Callable[[Data], D]', self._with_hooks(self.doc_class, load, options))

    def _with_hooks(
        self, doc_class: Any, load: Callable[[Data], Any], options: dict[str, Any]
    ) -> Callable[[Data], Any]:
        """What loads a document of a class and calls the hooks after that, if it may have some."""
        if not doc_class.meta.loads_hooked:
            return load
        given = map(handles.as_given, (self.db, self._session_of(options)))
        return functools.partial(loaded_with_hooks, load, *given)

    def _loader_by(self, codec: Codec) -> Callable[[Data], Any]:
        # What the driver has decoded into a dict is given away; anything else is copied.
        is_owned = self.coll.codec_options.document_class is dict
        return codec.loader if is_owned else codec.load_copy

    def _not_found(self, query: QueryArgument) -> errors.DocumentNotFoundError:
        return errors.DocumentNotFoundError(
            f'collection {self.coll.name!r} has no {self.doc_class.__name__} {described(query)}'
        )

    def _query_on_id(self, _id: Any) -> dict[str, Any]:
        field = self.doc_class.meta.fields['_id']
        # By $eq a value never becomes an operator, say in an `_id` out of a request's JSON.
        return {'_id': {'$eq': field.to_mongo(field.from_data(_id))}}


def loaded_in_part(codec: Codec, load: Callable[[Data], Any], data: Data) -> Any:
    """The document of a part of stored data, which knows that."""
    return codec.marked_partial(load(data))


def loaded_with_hooks(load: Callable[[Data], Any], db: Any, session: Any, data: Data) -> Any:
    """The document of stored data, after its hooks have had their turn."""
    document = load(data)
    hooks.follow_load(document, db, session)
    return document


def names_class(query: Any, key: str | None) -> bool:
    """Whether a query, if it is one, gives what an upsert inserts the name of a class."""
    return isinstance(query, Mapping) and any(name == key for name, _ in equalities(query))


def naming(update: Any, key: str, name: str | None) -> Any:
    """An update that stores the name of a class in the document that it inserts.

    What is no update is left to the driver.
    """
    if isinstance(update, list):
        return [*update, {'$set': {key: {'$ifNull': [f'${key}', {'$literal': name}]}}}]
    if not isinstance(update, Mapping) or not starts_with_operator(update):
        return update
    if any(isinstance(values, Mapping) and key in values for values in update.values()):
        return update
    return {**update, '$setOnInsert': {**update.get('$setOnInsert', {}), key: name}}


DRIVER_FORMS: Final[Mapping[str, Callable[[Any], Any]]] = {
    'hint': hint_of,
    'projection': projection_of,
    'sort': order_of,
}
"""The arguments that may be made of fields, and what makes of them what the driver takes."""


def driver_options(options: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a call, in the driver's forms."""
    if options.keys().isdisjoint(DRIVER_FORMS):  # each call comes here
        return options
    given = {
        option: DRIVER_FORMS[option](options[option])
        for option in DRIVER_FORMS
        if options.get(option) is not None
    }
    return {**options, **given}


def modified_count(result: Any) -> int | None:
    """How many documents an update has changed; None where the server was not to answer."""
    return result.modified_count if result.acknowledged else None


def deleted_count(result: Any) -> int | None:
    """How many documents were deleted; None where the server was not to answer."""
    return result.deleted_count if result.acknowledged else None


def described(query: QueryArgument) -> str:
    """What a query asks for, for an error: of values it shows the `_id` alone."""
    if query.keys() != {'_id'}:
        return f'that matches a query on {keys_of(query)}'
    value = query['_id']
    if isinstance(value, Mapping) and value.keys() == {'$eq'}:
        value = value['$eq']
    return f'with the _id {shown(value)}'
