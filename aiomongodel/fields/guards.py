"""The fields that guard a document against lost updates: RevisionField and LockField."""

from __future__ import annotations

import uuid
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiomongodel.errors import (
    DocumentLockedError,
    Error,
    LockLostError,
    PartialDocumentError,
    StaleDocumentError,
)
from aiomongodel.fields.base import Field, V
from aiomongodel.fields.numbers import IntField
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document
    from aiomongodel.fields.schema import SchemaWriter

Operators = dict[str, dict[str, Any]]
"""The operators of an update, each with its values by path."""


class GuardField(Field[V]):
    """The base of the fields whose values the query set keeps itself: `meta.guards` lists them.

    A write of a document in hand matches the guards' conditions. Where they do not hold, nothing
    is written, and the guard has an error that says why.

    Args:
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        verbose_name: The field's name for people, say on a form.
    """

    _asks_clock = False
    """Whether its conditions ask for the server's time."""

    def _conditions(self, document: Document) -> dict[str, Any]:
        """What the stored document must match, in order that this one may be written."""
        raise NotImplementedError

    def _refusal(self, document: Document, stored: Mapping[str, Any]) -> Error | None:
        """Why a write of the document has been refused, by what is stored; None if not by this."""
        raise NotImplementedError

    def _last_refusal(self, document: Document) -> Error:
        """The same where what is stored does not say why any more."""
        raise NotImplementedError

    def _unseen(self, document: Document) -> Error | None:
        """The error of a transaction that does not see what the document holds."""
        return None

    def _require_loaded(self, document: Document) -> None:
        """Refuse a document that lacks what the conditions need.

        Raises:
            PartialDocumentError: It was loaded without.
        """

    def _may_be_new(self, document: Document) -> bool:
        """Whether the document may never have been stored."""
        raise NotImplementedError

    def _looked_at(self) -> dict[str, Any]:
        """The projection of what `_refusal` reads."""
        return {self.mongo_name: 1}

    def _operators(self, document: Document | None) -> Operators:
        """What an update has to do besides; of a document in hand, or of whatever a query finds."""
        raise NotImplementedError

    def _stages(self, document: Document | None) -> list[dict[str, Any]]:
        """The same, as the last stages of a pipeline."""
        raise NotImplementedError

    def _kept(self) -> dict[str, Any]:
        """What keeps the stored value where a stage replaces the document."""
        raise NotImplementedError

    def _rest(self, document: Document) -> dict[str, Any]:
        """What a save leaves as it is stored: expressions by name."""
        return {}

    def _data(self, document: Document, *, is_first: bool) -> dict[str, Any]:
        """What a document is stored with under the guard's name; nothing where it is left out."""
        raise NotImplementedError

    def _settle(self, document: Document, data: Mapping[str, Any], *, is_first: bool) -> None:
        """Bring the value in the document up to date, after the data have been written."""
        raise NotImplementedError

    def _release(self, document: Document) -> None:
        """Forget what the document holds of the stored one, which has been deleted."""


class RevisionField(GuardField['int | None'], IntField['int | None']):
    """The number of the writes of a document, by which a write of an old state is refused.

    It is unset until the document is stored, with 1. `save`, `update` and `delete` of a document
    match the revision that it holds and raise it by one, in the same write; updates and
    replacements of what a query finds raise it too.

    Args:
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        verbose_name: The field's name for people, say on a form.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class Page(Document):
        ...     title = StrField()
        ...     revision = RevisionField()
        >>> page = await Page.q(db).create(title='Home')
        >>> page.title = 'Start'
        >>> (await page.save(db)).revision
        2
    """

    def __init__(
        self,
        *,
        mongo_name: str | None = None,
        name: str | None = None,
        verbose_name: str | None = None,
    ) -> None:
        super().__init__(
            required=False, mongo_name=mongo_name, name=name, verbose_name=verbose_name
        )

    def _conditions(self, document: Document) -> dict[str, Any]:
        return {self.mongo_name: self._held(document)}

    def _refusal(self, document: Document, stored: Mapping[str, Any]) -> Error | None:
        expected, found = self._held(document), stored.get(self.mongo_name)
        if expected == found:
            return None
        return StaleDocumentError(type(document), document._id, expected, found)

    def _last_refusal(self, document: Document) -> Error:
        held = self._held(document)
        return StaleDocumentError(type(document), document._id, held, held)

    def _require_loaded(self, document: Document) -> None:
        if document.is_partial and self._held(document) is None:
            raise PartialDocumentError(
                f'{type(document).__name__} with the _id {shown(document._id)} was loaded through '
                f'a projection without its {self.name}, by which a write of an old state is told; '
                f'add {self.mongo_name!r} to the projection, or reload it'
            )

    def _may_be_new(self, document: Document) -> bool:
        return self._held(document) is None

    def _operators(self, document: Document | None) -> Operators:
        return {'$inc': {self.mongo_name: 1}}

    def _stages(self, document: Document | None) -> list[dict[str, Any]]:
        stored = self._kept()[self.mongo_name]
        return [{'$set': {self.mongo_name: {'$add': [stored, 1]}}}]

    def _kept(self) -> dict[str, Any]:
        return {self.mongo_name: {'$ifNull': [f'${self.mongo_name}', 0]}}

    def _data(self, document: Document, *, is_first: bool) -> dict[str, Any]:
        return {self.mongo_name: 1 if is_first else (self._held(document) or 0) + 1}

    def _settle(self, document: Document, data: Mapping[str, Any], *, is_first: bool) -> None:
        vars(document)[self.name] = data[self.mongo_name]

    def _held(self, document: Document) -> int | None:
        value = self._read(document)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise TypeError(
            f'{type(document).__name__}.{self.name} must be an int, as it was loaded, '
            f'not {shown(value)}'
        )

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """A number of writes."""
        return {'type': 'integer'}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """A number of writes."""
        return {'bsonType': ['int', 'long']}


class Ownership:
    """That one object in memory holds a lock: its copies do not, nor what is pickled of it."""

    __slots__ = ('_document', 'token')

    def __init__(self, document: Document | None = None, token: str = '') -> None:
        self._document = None if document is None else weakref.ref(document)
        self.token = token

    def is_of(self, document: Document) -> bool:
        return self._document is not None and self._document() is document

    def __reduce__(self) -> tuple[Any, ...]:
        return Ownership, ()


class LockField(GuardField['Mapping[str, Any] | None']):
    """A lock on the stored document, which one owner holds at a time, for a lease.

    `lock`, `lock_one` and `try_lock` of a query set take it. While the lease runs, by the
    server's clock, others are refused to save, update or delete the document. The value is None
    or unset where the document is free, else a dict of the owner's `token` and of `until`, the end
    of the lease. It is for reading: what is assigned to it is not stored.

    Args:
        lease: The time for which a lock is held unless it is renewed, in seconds.
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        verbose_name: The field's name for people, say on a form.

    Example:
        >>> from aiomongodel import Document, StrField
        >>> class Job(Document):
        ...     state = StrField()
        ...     lock = LockField(lease=60)
        >>> job = await Job.q(db).create(state='new')
        >>> async with Job.q(db).lock({Job.state.s: 'new'}) as job:
        ...     job.state = 'done'
        ...     await job.save(db) is job
        True
    """

    def __init__(
        self,
        lease: float = 900,
        *,
        mongo_name: str | None = None,
        name: str | None = None,
        verbose_name: str | None = None,
    ) -> None:
        super().__init__(
            required=False,
            allow_none=True,
            mongo_name=mongo_name,
            name=name,
            verbose_name=verbose_name,
        )
        self.lease = lease

    def _check_definition(self) -> None:
        """Refuse a lease that is no time."""
        is_number = isinstance(self.lease, int | float) and not isinstance(self.lease, bool)
        if not is_number or not 0 < self.lease < float('inf'):
            raise ValueError(f'lease {shown(self.lease)} must be a number of seconds above 0')
        super()._check_definition()

    # Who holds it. It stands beside the values, where a loaded one never does.

    @property
    def _place(self) -> str:
        return f'.{self.name}.owner'

    def _token(self, document: Document) -> str | None:
        """The token by which the document holds the lock; None where it holds none."""
        ownership = vars(document).get(self._place)
        return ownership.token if ownership and ownership.is_of(document) else None

    def _own(self, document: Document, token: str) -> None:
        vars(document)[self._place] = Ownership(document, token)

    def _disown(self, document: Document) -> None:
        for place in (self._place, self.name, self._unread):
            vars(document).pop(place, None)

    # What is asked of the server, and told to it.

    @staticmethod
    def _new_token() -> str:
        return uuid.uuid4().hex

    def _free(self) -> dict[str, Any]:
        """The condition that nobody holds it by the server's clock."""
        has_expired = {'$lt': [f'${self.mongo_name}.until', '$$NOW']}
        return {'$or': [{self.mongo_name: None}, {'$expr': has_expired}]}

    def _held_by(self, token: str) -> dict[str, Any]:
        return {f'{self.mongo_name}.token': token}

    def _taken(self, token: str) -> list[dict[str, Any]]:
        """The update that takes it, or makes it last."""
        until = {'$add': ['$$NOW', max(1, round(self.lease * 1000))]}
        return [{'$set': {self.mongo_name: {'token': {'$literal': token}, 'until': until}}}]

    def _freed(self) -> Operators:
        return {'$unset': {self.mongo_name: ''}}

    # The guard.

    _asks_clock = True

    def _conditions(self, document: Document) -> dict[str, Any]:
        token = self._token(document)
        return self._free() if token is None else self._held_by(token)

    def _refusal(self, document: Document, stored: Mapping[str, Any]) -> Error | None:
        token, lock = self._token(document), stored.get(self.mongo_name)
        if token is None:
            return self._locked(document) if stored.get(self._held_key) else None
        is_held = isinstance(lock, Mapping) and lock.get('token') == token
        return None if is_held else self._lost(document)

    def _last_refusal(self, document: Document) -> Error:
        is_owner = self._token(document) is not None
        return self._lost(document) if is_owner else self._locked(document)

    def _locked(self, document: Document) -> DocumentLockedError:
        return DocumentLockedError(
            f'{type(document).__name__} with the _id {shown(document._id)} is locked by another '
            f'owner, in {self._label}; nothing was written. Lock it, or wait until it is free'
        )

    def _lost(self, document: Document) -> LockLostError:
        return LockLostError(
            f'{type(document).__name__} with the _id {shown(document._id)} is not locked by this '
            f'owner any more, in {self._label}: the lease of {self.lease} s has run out, and '
            'another has taken, changed or deleted it; nothing was written. Lock it anew'
        )

    def _unseen(self, document: Document) -> Error | None:
        return LockLostError(
            f'{type(document).__name__} with the _id {shown(document._id)} is locked by this '
            f'owner, in {self._label}, but the transaction began before the lock was taken, and '
            'does not see it; nothing was written. Take the lock before the transaction begins'
        )

    def _may_be_new(self, document: Document) -> bool:
        return self._token(document) is None

    def _looked_at(self) -> dict[str, Any]:
        is_held = {'$gte': [f'${self.mongo_name}.until', '$$NOW']}
        return {self.mongo_name: 1, self._held_key: is_held}

    @property
    def _held_key(self) -> str:
        return f'{self.mongo_name}_held'

    def _operators(self, document: Document | None) -> Operators:
        # One that is no owner writes past an expired lock. Its owner must not write over that.
        return self._freed() if self._is_to_free(document) else {}

    def _stages(self, document: Document | None) -> list[dict[str, Any]]:
        return [{'$unset': self.mongo_name}] if self._is_to_free(document) else []

    def _is_to_free(self, document: Document | None) -> bool:
        return document is not None and self._token(document) is None

    def _kept(self) -> dict[str, Any]:
        return {self.mongo_name: {'$ifNull': [f'${self.mongo_name}', None]}}

    def _rest(self, document: Document) -> dict[str, Any]:
        # As it is stored, and not as it was loaded: it may have been made to last since.
        is_owner = self._token(document) is not None
        return {self.mongo_name: f'${self.mongo_name}'} if is_owner else {}

    def _data(self, document: Document, *, is_first: bool) -> dict[str, Any]:
        return {}

    def _settle(self, document: Document, data: Mapping[str, Any], *, is_first: bool) -> None:
        if is_first or self._token(document) is None:
            self._disown(document)

    def _release(self, document: Document) -> None:
        self._disown(document)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """The owner's token, and the end of the lease."""
        properties = {'token': {'type': 'string'}, 'until': {'type': 'string'}}
        return {'type': 'object', 'properties': properties, 'required': ['token', 'until']}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """The owner's token, and the end of the lease."""
        properties = {'token': {'bsonType': 'string'}, 'until': {'bsonType': 'date'}}
        return {'bsonType': 'object', 'properties': properties, 'required': ['token', 'until']}
