"""SequenceField: a number that a counter in the database gives."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from bson.codec_options import CodecOptions
from pymongo import ReadPreference, ReturnDocument, WriteConcern

from aiomongodel.calls import answered, called
from aiomongodel.errors import DuplicateKeyError, QueryError
from aiomongodel.fields.numbers import IntField
from aiomongodel.fields.operators import is_whole
from aiomongodel.utils import COLLECTION_NAME, is_collection_name, is_text, shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.drivers import Collection, Data, Database
    from aiomongodel.handles import AsyncHandle, SyncHandle
    from aiomongodel.queryset.base import BaseQuerySet

ATTEMPTS: Final = 10
"""How often a counter is looked for that others make, and delete, at the same time."""


class SequenceField(IntField[int]):
    """A number that a counter gives when the document is first written: 1, 2, 3 and so on.

    A value that is set before is left as it is. The counter is one document of a collection,
    `{'_id': 'users.number', 'value': 7}`, which is raised in one atomic call: for one document or
    for all of an `insert_many`. No number is given twice. Numbers are lost where a write fails
    after it: the counter takes part in no transaction, as every other writer would have to wait
    for its end.

    It belongs to the class that declares the field: subclasses go on with its numbers.

    Args:
        start: The first number.
        step: What the next number is greater by; less, where it is negative.
        sequence: The `_id` of the counter; `'<collection>.<mongo_name>'` by default.
        collection: The collection of the counters.
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        verbose_name: The field's name for people, say on a form.
        description: What the field is for, in a schema.
        examples: Values for a schema.
        deprecated: Whether a schema says that the field is not to be used any more.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class Invoice(Document):
        ...     number = SequenceField(start=1000)
        ...     customer = StrField()
        >>> (await Invoice.q(db).create(customer='Ann')).number
        1000
        >>> (await Invoice(customer='Bob').save(db)).number
        1001
    """

    def __init__(
        self,
        *,
        start: int = 1,
        step: int = 1,
        sequence: str | None = None,
        collection: str = 'sequences',
        mongo_name: str | None = None,
        name: str | None = None,
        verbose_name: str | None = None,
        description: str | None = None,
        examples: Sequence[int] = (),
        deprecated: bool = False,
    ) -> None:
        super().__init__(
            mongo_name=mongo_name,
            name=name,
            verbose_name=verbose_name,
            description=description,
            examples=examples,
            deprecated=deprecated,
        )
        self.start = start
        self.step = step
        self.sequence = sequence
        self.collection = collection

    @property
    def counter_id(self) -> str:
        """The `_id` of the counter.

        Raises:
            QueryError: It has no name of its own, and the class that declares it no collection.

        Example:
            >>> from aiomongodel import Document
            >>> class Invoice(Document):
            ...     number = SequenceField()
            >>> Invoice.number.counter_id
            'invoice.number'
        """
        if self.sequence is not None:
            return self.sequence
        meta = getattr(self._owner, 'meta', None)
        collection = None if meta is None else meta.collection_name
        if collection is None:
            raise QueryError(
                f'{self._label} has no counter: the class that declares it has no collection; name '
                "one by sequence='…'"
            )
        return f'{collection}.{self.mongo_name}'

    @overload
    def next(self, db: SyncHandle) -> int: ...
    @overload
    def next(self, db: AsyncHandle) -> Coroutine[Any, Any, int]: ...
    def next(self, db: Any) -> Any:
        """Take the next number, which no document will get then.

        Args:
            db: The database, as `q` takes it. Of a transaction the database alone counts.

        Raises:
            TypeError: It is not a database.

        Example:
            >>> from aiomongodel import Document
            >>> class Invoice(Document):
            ...     number = SequenceField()
            >>> await Invoice.number.next(db), await Invoice.number.next(db)
            (1, 2)
        """

        async def taken(database: Database, _: Any) -> int:
            return (await self._take(database, 1))[0]

        return answered(f'{self._label}.next', db, None, taken)

    @overload
    def current(self, db: SyncHandle) -> int | None: ...
    @overload
    def current(self, db: AsyncHandle) -> Coroutine[Any, Any, int | None]: ...
    def current(self, db: Any) -> Any:
        """The number that was taken last; None where none was.

        Args:
            db: The database, as `q` takes it. Of a transaction the database alone counts.

        Raises:
            TypeError: It is not a database.

        Example:
            >>> from aiomongodel import Document
            >>> class Invoice(Document):
            ...     number = SequenceField()
            >>> await Invoice.number.next(db), await Invoice.number.current(db)
            (1, 1)
        """

        async def found(database: Database, _: Any) -> int | None:
            find = self._counters(database).find_one
            counter = await called(f'{self._label}.current', None, find, {'_id': self.counter_id})
            return None if counter is None else int(counter['value'])

        return answered(f'{self._label}.current', db, None, found)

    @overload
    def reset(self, db: SyncHandle, value: int | None = None) -> None: ...
    @overload
    def reset(self, db: AsyncHandle, value: int | None = None) -> Coroutine[Any, Any, None]: ...
    def reset(self, db: Any, value: int | None = None) -> Any:
        """Have a number be the next one, say after documents with numbers were imported.

        Numbers that documents have already are then given again: a unique index refuses them.

        Args:
            db: The database, as `q` takes it. Of a transaction the database alone counts.
            value: The next number; `start` by default.

        Raises:
            TypeError: `db` is not a database.
            QueryError: The value is no int that MongoDB can hold.

        Example:
            >>> from aiomongodel import Document
            >>> class Invoice(Document):
            ...     number = SequenceField()
            >>> await Invoice.number.reset(db, 500)
            >>> await Invoice.number.next(db)
            500
        """
        following = self.start if value is None else value
        if not is_whole(following) or not is_whole(following - self.step):
            raise QueryError(f'{self._label}: {shown(value)} is not an int that MongoDB can hold')

        async def put(database: Database, _: Any) -> None:
            update = {'$set': {'value': following - self.step}}
            write = self._counters(database).update_one
            query = {'_id': self.counter_id}
            await called(f'{self._label}.reset', None, write, query, update, upsert=True)

        return answered(f'{self._label}.reset', db, None, put)

    def _check_definition(self) -> None:
        """Refuse a start, a step or names that cannot count."""
        for option in ('start', 'step'):
            value = getattr(self, option)
            if not is_whole(value):
                raise ValueError(f'{option} {shown(value)} must be an int that MongoDB can hold')
        if self.step == 0:
            raise ValueError('step 0 leaves one number')
        if not (self.sequence is None or (is_text(self.sequence) and self.sequence)):
            raise ValueError(f'sequence {shown(self.sequence)} must be a str')
        if not is_collection_name(self.collection):
            raise ValueError(f'collection {shown(self.collection)} must be {COLLECTION_NAME}')
        self._require_own_place()
        self._check_counter()
        super()._check_definition()

    def _check_counter(self) -> None:
        """Refuse a counter that would be named by the collection of a class that has none."""
        meta = vars(self._owner or type(self)).get('meta')  # not there yet of a class in the making
        has_collection = hasattr(self._owner, 'meta') and (meta is None or meta.collection_name)
        if self.sequence is None and not has_collection:
            raise ValueError(
                f'{self._label} names its counter by the collection of the class that declares it, '
                "which has none; name it by sequence='…'"
            )

    @property
    def _is_filled(self) -> bool:
        return True

    async def _fill(self, document: Document, query_set: BaseQuerySet[Any]) -> None:
        await self._fill_many([document], query_set)

    async def _fill_many(self, documents: Sequence[Document], query_set: BaseQuerySet[Any]) -> None:
        # A part of a document has its number, though it may not have been loaded.
        unset = [each for each in documents if self._read(each) is None and not each.is_partial]
        if unset:
            for document, number in zip(
                unset, await self._take(query_set.db, len(unset)), strict=True
            ):
                vars(document)[self.name] = number

    async def _take(self, db: Database, count: int) -> range:
        """The next numbers, taken by one call; by two, where there is no counter yet."""
        counters, where = self._counters(db), f'{self._label}, of the counter {self.counter_id!r}'
        query, update = {'_id': self.counter_id}, {'$inc': {'value': self.step * count}}
        for _ in range(ATTEMPTS):
            found: Data | None = await called(
                where,
                None,
                counters.find_one_and_update,
                query,
                update,
                return_document=ReturnDocument.AFTER,
            )
            if found is not None:
                return self._ending(int(found['value']), count)
            last = self.start + self.step * (count - 1)
            try:
                await called(where, None, counters.insert_one, {**query, 'value': last})
            except DuplicateKeyError:
                continue  # another has made it meanwhile
            return self._ending(last, count)
        raise QueryError(f'{where}: others delete it again and again')

    def _ending(self, last: int, count: int) -> range:
        """So many numbers, of which the last is given."""
        return range(last - self.step * (count - 1), last + self.step, self.step)

    def _counters(self, db: Database) -> Collection:
        """The collection of the counters, with the options by which no number comes twice."""
        # A number that fewer members know of could come again after an election.
        return db.get_collection(
            self.collection,
            codec_options=CodecOptions(),
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern('majority'),
        )
