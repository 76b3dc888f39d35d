"""What several of the contract's tests do the same way."""

from pymongo.asynchronous.database import AsyncDatabase

from aiomongodel import EmbeddedDocument
from aiomongodel.drivers import BlockingCursor, LatentCursor
from aiomongodel.errors import ValidationError
from aiomongodel.queryset import MotorQuerySetCursor
from aiomongodel.synchronous import QuerySetCursor
from tests.drivers import for_kind, settled


def model_of(field):
    """Give a class with this field, `value`, and no other."""

    class Model(EmbeddedDocument):
        value = field

    return Model


def errors_of(field, *given):
    """Validate a document whose only field is this one, unset or as given; give its error."""
    model = model_of(field)
    doc = model(value=given[0]) if given else model()
    try:
        assert doc.validate() is doc
    except ValidationError as error:
        return error.as_dict()['value']
    return None


async def stored(model, db, **query):
    """Give the raw documents, by `_id`."""
    return await settled(model.coll(db).find(query).sort('_id', 1).to_list(None))


def documents_of(model, db, cursor):
    """Give the documents of a driver's cursor, by our cursor for this kind of database."""
    # Query sets alone make the synchronous one: it drives the other, which awaits.
    make = for_kind(
        db,
        MotorQuerySetCursor,
        lambda doc_class, cursor: QuerySetCursor(
            MotorQuerySetCursor(doc_class, BlockingCursor(cursor))
        ),
    )
    return make(doc_class=model, cursor=cursor)


def class_of_aggregates(db):
    """Give the class of the cursor that the driver's `aggregate` gives."""
    # AsyncMongoClient's is there only when it has been awaited, which Motor's API has no place for.
    return LatentCursor if isinstance(db, AsyncDatabase) else type(db.any.aggregate([]))
