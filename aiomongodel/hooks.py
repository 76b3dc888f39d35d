"""Hooks: what is called before and after a document is written, validated or loaded."""

from __future__ import annotations

import difflib
import inspect
import itertools
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    NamedTuple,
    Protocol,
    TypeVar,
    get_args,
    overload,
)

from aiomongodel.fields import Field, SynonymField
from aiomongodel.nesting import is_document
from aiomongodel.utils import shown

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument

__all__ = ['disconnect', 'receiver']

Event = Literal[
    'before_validate',
    'before_insert',
    'after_insert',
    'before_update',
    'after_update',
    'before_save',
    'after_save',
    'before_delete',
    'after_delete',
    'after_load',
]

BEFORE_VALIDATE: Final = 'before_validate'
AFTER_LOAD: Final = 'after_load'

EVENTS: Final[tuple[str, ...]] = get_args(Event)

PLAIN_EVENTS: Final = (BEFORE_VALIDATE, AFTER_LOAD)
"""Those whose hooks are called where nothing can be awaited."""

LIKENESS: Final = 0.87
"""How like the name of an event that of a method is that was meant for it."""

D = TypeVar('D', bound='BaseDocument')
E = TypeVar('E', bound='BaseDocument')
R = TypeVar('R')


class Connector(Protocol[D]):
    """What `receiver` gives: it connects a function, and gives it back."""

    def __call__(self, function: Callable[[D, Any, Any], R], /) -> Callable[[D, Any, Any], R]: ...


class Hook(NamedTuple):
    """A method or a receiver that is called at an event.

    Attributes:
        label: How an error names it.
        call: It takes the document, the database and the session.
        is_async: Whether it gives something to await.
    """

    label: str
    call: Callable[[Any, Any, Any], Any]
    is_async: bool


class Receiver(NamedTuple):
    """A function that was connected to an event of a class.

    Attributes:
        number: Its place among all that were connected.
        event: The event.
        function: The function.
    """

    number: int
    event: str
    function: Callable[..., Any]


NUMBERS: Final = itertools.count()


# What a class declares.


def hooks_of(cls: Any) -> dict[str, tuple[Hook, ...]]:
    """The hooks of a document class by event: its method first, then receivers as they came."""
    found = {event: list(method_hooks(cls, event)) for event in EVENTS}
    bases = [base for base in cls.__mro__ if 'meta' in vars(base)]
    for each in sorted(each for base in bases for each in vars(base)['meta'].receivers):
        label = f'{name_of(each.function)}, a receiver of {cls.__name__}.{each.event}'
        found[each.event].append(Hook(label, each.function, is_async(each.function)))
    return {event: tuple(hooks) for event, hooks in found.items() if hooks}


def method_hooks(cls: type, event: str) -> Iterator[Hook]:
    """The hook that a class has as a method of the event's name, if it has one."""
    if is_hook(cls, event):
        method = getattr(cls, event)
        yield Hook(f'{cls.__name__}.{event}', method, is_async(method))


def is_hook(cls: type, event: str) -> bool:
    """Whether the attribute of an event's name, if there is one, is no field."""
    for base in cls.__mro__:
        if event in vars(base):
            return not isinstance(vars(base)[event], Field | SynonymField)
    return False


def check_hooks(cls: type, namespace: Mapping[str, Any], *, is_embedded: bool) -> None:
    """Refuse methods of a class that cannot be the hooks that they are named for.

    Raises:
        ValueError: One is no method; takes something else; is awaited where nothing can be; or is
            of a document within another, which is not written itself.
    """
    for event in EVENTS:
        if not is_hook(cls, event):
            continue
        label, method = f'{cls.__name__}.{event}', getattr(cls, event)
        if is_embedded and event != BEFORE_VALIDATE:
            raise ValueError(
                f'{label}: an EmbeddedDocument is written and loaded with the Document that holds '
                f'it, and has no hook but {BEFORE_VALIDATE}; give that Document the hook'
            )
        check_hook(event, label, method, '(self, db, session)')
    warn_of_slips(cls, namespace)


def check_hook(event: str, label: str, hook: Any, parameters: str) -> None:
    """Refuse what cannot be called at an event.

    Raises:
        ValueError: It is no function, takes other parameters, or is awaited where nothing can be.
    """
    if not callable(hook):
        raise ValueError(f'{label}: a hook is a function {parameters}, not {shown(hook)}')
    if not takes_three(hook):
        raise ValueError(
            f'{label} takes {inspect.signature(hook)}, and a hook is called with {parameters}'
        )
    if event in PLAIN_EVENTS and is_async(hook):
        raise ValueError(
            f'{label} is a coroutine function, and nothing is awaited where {event} is called; '
            'make it a plain function'
        )


def takes_three(hook: Callable[..., Any]) -> bool:
    """Whether it can be called with a document, a database and a session."""
    try:
        inspect.signature(hook).bind(None, None, None)
    except TypeError:
        return False
    except ValueError:  # a function in C that does not tell
        return True
    return True


def is_async(hook: Any) -> bool:
    """Whether calling it gives something to await, as far as can be seen."""
    return inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(
        getattr(hook, '__call__', None)  # noqa: B004 - of an object that is called
    )


def warn_of_slips(cls: type, namespace: Mapping[str, Any]) -> None:
    """Warn of methods that are named almost like a hook."""
    for name, value in namespace.items():
        if name in EVENTS or not name.startswith(('before_', 'after_')) or not callable(value):
            continue
        if meant := difflib.get_close_matches(name, EVENTS, 1, LIKENESS):
            warnings.warn(
                f'{cls.__name__}.{name} is no hook, and is not called; was {meant[0]} meant?',
                stacklevel=5,  # of the class statement: both metaclasses are in between
            )


def name_of(function: Any) -> str:
    """The name of a function, for an error."""
    return str(getattr(function, '__qualname__', None) or shown(function))


def refuse_async(cls: Any) -> None:
    """Refuse a class with hooks that are awaited, for a synchronous database.

    Raises:
        TypeError: It has one.
    """
    for hooks in cls.meta.hooks.values():
        for hook in hooks:
            if hook.is_async:
                raise not_awaited(hook)


def not_awaited(hook: Hook, answer: Any = None) -> TypeError:
    """The error for a hook that is awaited, or for its answer, in a synchronous database."""
    if inspect.iscoroutine(answer):
        answer.close()
    return TypeError(
        f'{hook.label} is awaited, which a synchronous database cannot do; make it a plain '
        'function, or use a database whose calls are awaited'
    )


# Receivers.


@overload
def receiver(event: Event, cls: type[D], /) -> Connector[D]: ...
@overload
def receiver(event: Event, cls: type[D], other: type[E], /) -> Connector[D | E]: ...
@overload
def receiver(event: Event, /, *classes: type[Any]) -> Connector[Any]: ...
def receiver(event: str, /, *classes: Any) -> Connector[Any]:
    """Have a function called at an event of a class's documents, and of its subclasses'.

    It is called after the method of the class that is named like the event, in the order in which
    functions were connected.

    Args:
        event: The name of the event, such as `'before_save'`.
        *classes: The document classes.

    Returns:
        A decorator, which gives the function back. It takes the document, the database and the
        session, as the methods do.

    Raises:
        ValueError: There is no such event; or the function cannot be called at it.
        TypeError: There is no class, or one is no Document.

    Example:
        >>> from aiomongodel import disconnect, receiver
        >>> @receiver('before_save', User)
        ... def tidy(user, db, session):
        ...     user.name = user.name.strip()
        >>> (await User(name=' Bob ').save(db)).name
        'Bob'
        >>> disconnect('before_save', tidy, User)
    """
    require_event(event)
    require_classes(classes, 'receiver')

    def connect(function: Callable[..., Any]) -> Callable[..., Any]:
        check_hook(event, name_of(function), function, '(document, db, session)')
        for cls in classes:
            cls.meta.receivers.append(Receiver(next(NUMBERS), event, function))
            settle_hooks(cls)
        return function

    return connect


def disconnect(event: Event, function: Callable[..., Any], /, *classes: type[Any]) -> None:
    """Have a function called no more that `receiver` has connected.

    Args:
        event: The name of the event.
        function: The function.
        *classes: The document classes, as they were given to `receiver`.

    Raises:
        ValueError: There is no such event, or the function is not connected to one of the classes.
        TypeError: There is no class, or one is no Document.
    """
    require_event(event)
    require_classes(classes, 'disconnect')
    for cls in classes:
        receivers: list[Receiver] = cls.meta.receivers
        left = [each for each in receivers if (each.event, each.function) != (event, function)]
        if len(left) == len(receivers):
            raise ValueError(f'{name_of(function)} is no receiver of {cls.__name__}.{event}')
        receivers[:] = left
        settle_hooks(cls)


def require_event(event: object) -> None:
    """Refuse what is no event.

    Raises:
        ValueError: It is none.
    """
    if event not in EVENTS:
        raise ValueError(f'{shown(event)} is no event; the events are {", ".join(EVENTS)}')


def require_classes(classes: Iterable[Any], caller: str) -> None:
    """Refuse what are no document classes.

    Raises:
        TypeError: There is none, or one is something else.
    """
    if not classes:
        raise TypeError(f'{caller} takes the document classes after the event: give one at least')
    for cls in classes:
        if not (isinstance(cls, type) and hasattr(cls, 'query_id') and hasattr(cls, 'meta')):
            raise TypeError(f'{caller} takes classes of documents, not {shown(cls)}')


# What the meta of a class knows.


def settle_hooks(cls: Any) -> None:
    """Tell a class and its subclasses what their hooks are now."""
    found = {cls: None}
    ahead = [cls]
    while ahead:  # each once, however many of its bases lead to it
        new = [each for each in ahead.pop().__subclasses__() if each not in found]
        found.update(dict.fromkeys(new))
        ahead += new
    for each in found:
        settle_hooks_of(each)


def settle_hooks_of(cls: Any) -> None:
    """Tell one class what its hooks are now."""
    meta = cls.meta
    meta.hooks = hooks_of(cls)
    meta.is_attended = bool(meta.hooks or meta.fillers)
    if meta.hooks:
        for base in cls.__mro__:  # a query set of a base may load documents of the class
            if 'meta' in vars(base):
                base.meta.loads_hooked = True
    vars(meta.codec).pop('check', None)  # it is compiled anew, with the hooks before it or without


# Calling them where nothing is awaited.


def call_plain(event: str, document: Any, db: Any = None, session: Any = None) -> None:
    """Call the hooks of an event at which nothing can be awaited."""
    for hook in document.meta.hooks.get(event, ()):
        try:
            answer = hook.call(document, db, session)
        except Exception as error:
            error.add_note(f'in {hook.label}')
            raise
        if isinstance(answer, Awaitable):
            raise unawaited(hook, event, answer)


def unawaited(hook: Hook, event: str, answer: Any) -> TypeError:
    """The error for what a hook gives to be awaited where nothing can be."""
    if inspect.iscoroutine(answer):
        answer.close()
    return TypeError(
        f'{hook.label} gives something to await, and nothing is awaited where {event} is called; '
        'make it a plain function'
    )


# What a document with hooks knows.

WRITTEN: Final = '..written'
"""The key, in the `__dict__` of a document with hooks, of the `_id` under which it is stored."""


def mark(document: Any, *, is_written: bool) -> None:
    """Have a document know whether it is stored."""
    if is_written:
        vars(document)[WRITTEN] = document._id
    else:
        vars(document).pop(WRITTEN, None)


def is_written(document: Any) -> bool:
    """Whether a document knows that it is stored under the `_id` that it has."""
    values = vars(document)
    return WRITTEN in values and bool(values[WRITTEN] == document._id)


def follow_load(document: Any, db: Any, session: Any) -> None:
    """Mark a document that was loaded, and call the hooks after it.

    Args:
        document: What was loaded, which the class may have made as it likes.
        db: The database, as the user has it.
        session: The session, as the user has it.
    """
    if is_document(document) and document.meta.hooks:
        mark(document, is_written=True)
        call_plain(AFTER_LOAD, document, db, session)
