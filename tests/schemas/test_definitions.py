"""What fields say to people is checked when a class is made."""

import pytest

from aiomongodel import Document, IntField


@pytest.mark.parametrize(
    ('option', 'value', 'message'),
    [
        ('description', 7, 'description 7 must be a str'),
        ('description', '\ud800', 'must be a str'),
        ('deprecated', 'yes', "deprecated 'yes' must be True or False"),
        ('deprecated', 1, 'deprecated 1 must be True or False'),
        ('examples', '12', "examples '12' must be a list of values"),
        ('examples', b'12', "examples b'12' must be a list of values"),
        ('examples', {1, 2}, 'examples {1, 2} must be a list of values'),
        ('examples', None, 'examples None must be a list of values'),
    ],
)
def test_what_cannot_be_said_is_refused(option, value, message):
    with pytest.raises(ValueError, match=r'User\.age: ') as caught:

        class User(Document):
            age = IntField(**{option: value})

    assert message in str(caught.value)
