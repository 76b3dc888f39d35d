"""Models whose hooks take down that they were called."""

from aiomongodel import Document, StrField
from aiomongodel.hooks import EVENTS


def recording(event, calls):
    """Give a plain hook that takes down the event, and the document's name."""

    def hook(self, db, session):
        del db, session
        calls.append((event, self.name))

    return hook


def recorder(events=EVENTS, bases=(Document,), **attributes):
    """Give a class of documents with a name, whose `calls` has each event and the name."""
    calls = []
    hooks = {event: recording(event, calls) for event in events}
    namespace = {'name': StrField(), 'calls': calls, **hooks, **attributes}
    return type('Thing', bases, namespace)


def events_of(model, *, loads=True):
    """Give the events that were taken down, and forget them."""
    events = [event for event, _ in model.calls if loads or event != 'after_load']
    model.calls.clear()
    return events
