"""What the tests of validation share."""

from aiomongodel import ValidationError


def error_of(document, **options):
    """Give the messages of a document, None where it is valid."""
    try:
        assert document.validate(**options) is document
    except ValidationError as error:
        return error.as_dict()
    return None
