"""What several of the contract's tests do the same way."""

from aiomongodel import EmbeddedDocument
from aiomongodel.errors import ValidationError


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
    return await model.coll(db).find(query).sort('_id', 1).to_list(None)
