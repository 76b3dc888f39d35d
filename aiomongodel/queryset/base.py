"""What every query set has: the class, the database, and how its calls reach the driver."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast

from aiomongodel import errors, expressions, handles
from aiomongodel.drivers import undisturbed
from aiomongodel.operations import QueryArgument
from aiomongodel.ordering import hint_of, is_partial, order_of, projection_of
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
            if ours := errors.named(error, f'{where}, on the collection {self.coll.name!r}'):
                raise ours from error
            raise

    def _in_session(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        session = handles.driver_session(self._session_of(kwargs), self.db)
        return {**driver_options(kwargs), 'session': session}

    def _session_of(self, kwargs: dict[str, Any]) -> Any:
        session = kwargs.get('session')
        return self.session if session is None else session

    def _remember(self, document: D, session: Any = None) -> None:
        session = self.session if session is None else session
        if isinstance(session, handles.Handle):
            session._remember(document)

    def _guarded_update(self, update: Any) -> Any:
        """An update that raises the revisions of what it changes, as it is where there are none.

        Raises:
            QueryError: It is a query; or it touches the value of a guard itself.
        """
        if isinstance(update, expressions.Query):
            raise errors.QueryError(
                f'{shown(dict(update))} is a query on {self.doc_class.__name__}, where an update '
                f'is to be given, such as {self.doc_class.__name__}.name.set("Ann")'
            )
        guards = self.doc_class.meta.guards
        return guarded_update(update, guards) if guards else update

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
        if len(self.default_query):
            return {'$and': [self.default_query, query]}
        # PyMongo's `find` takes the truth of its query, which an expression refuses.
        return dict(query) if isinstance(query, expressions.Query) else query

    def _loader(self, projection: Any = None, **options: Any) -> Callable[[Data], D]:
        codec = self.doc_class.meta.codec
        load = self._loader_by(codec)
        if is_partial(projection) or options.get('return_key'):
            return lambda data: cast('D', codec.marked_partial(load(data)))
        return cast('Callable[[Data], D]', load)

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


def with_projection(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of `find` after the query: the projection, in the driver's form, is first."""
    return (projection_of(args[0]), *args[1:]) if args else args


def described(query: QueryArgument) -> str:
    """What a query asks for, for an error: of values it shows the `_id` alone."""
    if query.keys() != {'_id'}:
        return f'that matches a query on {keys_of(query)}'
    value = query['_id']
    if isinstance(value, Mapping) and value.keys() == {'$eq'}:
        value = value['$eq']
    return f'with the _id {shown(value)}'
