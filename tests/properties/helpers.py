"""What the properties compare, and how long they wait."""

import contextlib
import signal

from aiomongodel import Document, EmbDocField, EmbeddedDocument, ListField, ValidationError


def plain(value):
    """Give a value that compares by kind and content; NaN is equal to itself.

    An embedded document stands for its class and data, a document for its `_id`.
    """
    if isinstance(value, EmbeddedDocument):
        return type(value), plain(value.to_data())
    if isinstance(value, Document):
        return plain(value._id)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    kind = int if type(value).__name__ == 'Int64' else type(value)
    return kind, repr(value)


def data_of(document):
    """Give what a document holds, to be compared."""
    return plain(document.to_data())


def messages_of(document):
    """Validate; give the messages, or None. Nothing but a ValidationError leaves `validate`."""
    try:
        assert document.validate() is document
    except ValidationError as error:
        return told(error)
    return None


def told(error):
    assert str(error)
    assert repr(error)
    return error.as_dict()


def containers(value):
    """Give each dict and list within a value, and in the documents within it, read or not."""
    if isinstance(value, Document | EmbeddedDocument):
        yield from containers(vars(value))
    elif isinstance(value, dict | list | tuple):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def shared(one, other):
    """Give the lists and dicts that two values share."""
    ids = {id(each) for each in containers(one)}
    return [each for each in containers(other) if id(each) in ids]


def salted(model, data, extra):
    """Give stored data with further keys in it, and in each document within it."""
    result = {key: value for key, value in extra.items() if key not in stored_names(model)}
    for field in model.meta.fields.values():
        if field.mongo_name in data:
            result[field.mongo_name] = salted_value(field, data[field.mongo_name], extra)
    return result


def salted_value(field, value, extra):
    if isinstance(field, EmbDocField) and isinstance(value, dict):
        return salted(field.document_class, value, extra)
    if isinstance(field, ListField) and isinstance(value, list):
        return [salted_value(field.item_field, item, extra) for item in value]
    return value


def stored_names(model):
    return {field.mongo_name for field in model.meta.fields.values()}


class TooSlow(BaseException):
    """No `except Exception` of the code under test stops it."""


@contextlib.contextmanager
def within(seconds):
    """Fail what takes longer, so that a test of an endless loop ends."""

    def interrupt(*_):
        raise TooSlow(f'not finished within {seconds} s')

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
