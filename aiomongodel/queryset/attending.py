"""What is done around the writes of documents: hooks are called, and fields filled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiomongodel import handles, hooks
from aiomongodel.drivers import BlockingDatabase
from aiomongodel.queryset.base import BaseQuerySet, D
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.fields import Field

R = TypeVar('R')


@dataclass(frozen=True)
class Kind:
    """A kind of writes.

    Attributes:
        names: What the hooks' names say after `before_`, in their order; those after it are called
            in the opposite one.
        stores: Whether the document itself is stored, so that its fields are filled before.
    """

    names: tuple[str, ...]
    stores: bool

    @property
    def before(self) -> list[str]:
        """The events before the write."""
        return [f'before_{name}' for name in self.names]

    @property
    def after(self) -> list[str]:
        """The events after it."""
        return [f'after_{name}' for name in reversed(self.names)]


INSERTION: Final = Kind(('save', 'insert'), stores=True)
SAVING: Final = Kind(('save', 'update'), stores=True)
UPDATE: Final = Kind(('update',), stores=False)
DELETION: Final = Kind(('delete',), stores=False)
REPLACEMENT: Final = Kind((), stores=True)
"""A document in place of whatever a query finds: that is no write of the document."""

Attended = tuple[Kind, Any]
"""A document that is written, with how it is."""


class Attending(BaseQuerySet[D]):
    """The hooks and fillers of the documents that a query set writes.

    Those who write ask `document.meta.is_attended` first: for others there is nothing to do.
    """

    _is_prepared = False
    """Whether the caller has called the hooks before, and calls those after."""

    _purges = False
    """Whether documents are deleted for good that another query set would mark as deleted."""

    async def _attended(self, kind: Kind, document: D, write: Callable[[D], Awaitable[R]]) -> R:
        """What a write of a document gives, with all that belongs before it and after."""
        if self._is_prepared:
            return await write(document)
        await self._begin([(kind, document)])
        result = await write(document)
        await self._finish([(kind, document)])
        return result

    async def _begin(self, attended: Sequence[Attended]) -> None:
        """Call the hooks before writes, then fill the fields of what is stored."""
        self._refuse_awaited({type(document) for _, document in attended})
        for kind, document in attended:
            if document.meta.hooks:
                for event in kind.before:
                    await self._call_hooks(event, document)
        await self._fill(document for kind, document in attended if kind.stores)

    def _refuse_awaited(self, classes: Iterable[Any]) -> None:
        """Refuse subclasses with hooks that are awaited, as `q` does for the class itself."""
        if isinstance(self.db, BlockingDatabase):
            for cls in classes:
                hooks.refuse_async(cls)

    async def _fill(self, documents: Iterable[Any]) -> None:
        by_field: dict[Field[Any], list[Any]] = {}
        for document in documents:
            for field in document.meta.fillers:
                by_field.setdefault(field, []).append(document)
        for field, filled in by_field.items():
            try:
                await field._fill_many(filled, self)
            except Exception as error:
                error.add_note(f'in {field._label}')
                raise

    async def _finish(self, attended: Iterable[Attended]) -> None:
        """Mark documents as written, and call the hooks after it.

        Each document has its turn, whatever the hooks of others raise.

        Raises:
            Exception: What a hook has raised, the first of them.
        """
        failures = await self._failures_after(attended)
        if not failures:
            return
        first = failures.pop(0)
        for note in [f'of another document: {type(each).__name__}: {each}' for each in failures]:
            first.add_note(note)
        try:
            raise first
        finally:
            del first  # or its traceback would hold it, until garbage collection finds them

    async def _failures_after(self, attended: Iterable[Attended]) -> list[Exception]:
        failures: list[Exception] = []
        for kind, document in attended:
            if document.meta.hooks:
                is_marked = document.meta.deletion_field is not None and not self._purges
                hooks.mark(document, is_written=kind is not DELETION or is_marked)
                try:
                    await self._follow_up(kind, document)
                except Exception as error:  # noqa: BLE001 - it is raised in the end
                    failures.append(error)
        return failures

    async def _finish_beside(self, error: BaseException, attended: Iterable[Attended]) -> None:
        """`_finish` of what a call has written that has failed: its error is to be raised."""
        try:
            await self._finish(attended)
        except Exception as failure:  # noqa: BLE001 - it is told
            error.add_note(f'then a hook has failed: {type(failure).__name__}: {failure}')

    async def _follow_up(self, kind: Kind, document: Any) -> None:
        try:
            for event in kind.after:
                await self._call_hooks(event, document)
        except Exception as error:
            done = 'deleted' if kind is DELETION else 'written'
            name = type(document).__name__
            error.add_note(f'the {name} with the _id {shown(document._id)} has been {done}')
            raise

    async def _call_hooks(self, event: str, document: Any) -> None:
        found = document.meta.hooks.get(event)
        if not found:
            return
        db, session = handles.as_given(self.db), handles.as_given(self.session)
        for hook in found:
            try:
                answer = hook.call(document, db, session)
                if isinstance(answer, Awaitable):
                    await self._awaited(hook, answer)
            except Exception as error:
                error.add_note(f'in {hook.label}')
                raise

    async def _awaited(self, hook: hooks.Hook, answer: Awaitable[Any]) -> None:
        if isinstance(self.db, BlockingDatabase):
            raise hooks.not_awaited(hook, answer)
        await answer


def way_to_save(document: Any) -> Kind:
    """Whether saving a document inserts it, as far as the document knows."""
    return SAVING if hooks.is_written(document) else INSERTION
