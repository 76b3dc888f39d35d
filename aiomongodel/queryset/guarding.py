"""What is done with all the guards of a class: conditions, refusals, and updates that keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiomongodel.errors import Error, LockLostError, QueryError, StaleDocumentError
from aiomongodel.fields import GuardField, RevisionField
from aiomongodel.hooks import mark
from aiomongodel.operations import starts_with_operator
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.document import Document


def guarded_data(
    document: Document, data: Mapping[str, Any], *, is_first: bool = False
) -> dict[str, Any]:
    """What a document is stored as: its data, with the guards' values in place of its own."""
    guarded = dict(data)
    for guard in document.meta.guards:
        given = guard._data(document, is_first=is_first)
        guarded.update(given)
        if not given:
            guarded.pop(guard.mongo_name, None)
    return guarded


def guarded_query(document: Document, *extra: Mapping[str, Any]) -> dict[str, Any]:
    """The query that finds the stored document, where its guards let it be written."""
    conditions = [guard._conditions(document) for guard in document.meta.guards]
    joined = [*conditions, *(each for each in extra if len(each))]
    return {**document.query_id, **({'$and': joined} if joined else {})}


def guarded_rest(document: Document) -> dict[str, Any]:
    """What a save of the document leaves as it is stored: expressions by name."""
    return {
        name: each for guard in document.meta.guards for name, each in guard._rest(document).items()
    }


def refusal_by_guards(document: Document, stored: Mapping[str, Any]) -> Error | None:
    """Why a write of the document has been refused; None if by no guard."""
    refusals = (guard._refusal(document, stored) for guard in document.meta.guards)
    return next((refusal for refusal in refusals if refusal is not None), None)


def unseen_lock(document: Document, outside: Mapping[str, Any] | None) -> Error | None:
    """Why a transaction finds no lock that the document holds; None where it holds none.

    Args:
        document: The document.
        outside: The guards' values outside of the transaction; None where the document is gone.
    """
    if outside is None or isinstance(refusal_by_guards(document, outside), LockLostError):
        return None
    held = (guard._unseen(document) for guard in document.meta.guards)
    return next((error for error in held if error is not None), None)


def last_refusal(document: Document, *, has_extra: bool) -> Error:
    """Why a write has been refused, where what is stored does not say why any more.

    Either the further conditions did not hold, or a lock has become free since.
    """
    guards = document.meta.guards
    if guards and not has_extra:
        return guards[0]._last_refusal(document)
    revisions = [guard._held(document) for guard in guards if isinstance(guard, RevisionField)]
    held = revisions[0] if revisions else None
    return StaleDocumentError(type(document), document._id, held, held)


def release(document: Document) -> None:
    """Forget what the document holds of the stored one, which is gone."""
    for guard in document.meta.guards:
        guard._release(document)
    if document.meta.hooks:
        mark(document, is_written=False)


def settle(document: Document, data: Mapping[str, Any], *, is_first: bool = False) -> None:
    """Bring the guards' values in the document up to date, after it has been written.

    Args:
        document: The document, which may have changed while it was written.
        data: What `guarded_data` gave before.
        is_first: Whether it has been inserted.
    """
    for guard in document.meta.guards:
        guard._settle(document, data, is_first=is_first)
    if document.meta.hooks:
        mark(document, is_written=True)


def guarded_update(
    update: Any, guards: Sequence[GuardField[Any]], document: Document | None = None
) -> Any:
    """An update that does what the guards have to do besides.

    Args:
        update: The operators, or the stages of a pipeline; what is neither is left to the driver.
        guards: The guards of the class.
        document: The document in hand that is updated; None for whatever a query finds.

    Raises:
        QueryError: The update touches the value of a guard itself.
    """
    if isinstance(update, list) and update:
        stages = [kept_stage(stage, guards) for stage in update]
        return [*stages, *(stage for guard in guards for stage in guard._stages(document))]
    if not isinstance(update, Mapping) or not starts_with_operator(update):
        return update
    refuse_touching(touched_paths(update), guards)
    merged = dict(update)
    for guard in guards:
        for operator, values in guard._operators(document).items():
            given = merged.get(operator, {})
            merged[operator] = {**given, **values} if isinstance(given, Mapping) else given
    return merged


def kept_stage(stage: Any, guards: Sequence[GuardField[Any]]) -> Any:
    """A stage of an update that leaves the guards' values as they are."""
    if not isinstance(stage, Mapping):
        return stage
    if '$project' in stage:
        raise QueryError(
            f'a $project in an update could drop the value of {guards[0]._label}; '
            'use $set and $unset'
        )
    kept = {name: value for guard in guards for name, value in guard._kept().items()}
    if '$replaceWith' in stage:
        return {'$replaceWith': {'$mergeObjects': [stage['$replaceWith'], kept]}}
    root = stage.get('$replaceRoot')
    if isinstance(root, Mapping) and 'newRoot' in root:
        return {'$replaceRoot': {'newRoot': {'$mergeObjects': [root['newRoot'], kept]}}}
    refuse_touching(touched_paths(stage), guards)
    return stage


def touched_paths(update: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The paths that the operators of an update change, or a stage, each with its operator."""
    for operator, values in update.items():
        paths: list[Any] = []
        if isinstance(values, str):  # a $unset of a pipeline
            paths = [values]
        elif isinstance(values, Mapping | list | tuple):
            paths = list(values)
        if operator == '$rename' and isinstance(values, Mapping):
            paths += values.values()
        yield from ((operator, str(path)) for path in paths)


def refuse_touching(paths: Iterable[tuple[str, str]], guards: Sequence[GuardField[Any]]) -> None:
    """Refuse an update that changes the value of a guard."""
    for operator, path in paths:
        for guard in guards:
            if path.split('.', 1)[0] == guard.mongo_name:
                raise QueryError(
                    f'{operator} of {shown(path)} touches {guard._label}; the query set keeps the '
                    f'value of a {type(guard).__name__} itself: leave it out of the update'
                )
