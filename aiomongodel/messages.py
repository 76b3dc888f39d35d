"""The messages of validation, by which translations are keyed, and how they are told."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from aiomongodel.utils import _Empty

FIELD_IS_REQUIRED: Final = 'field is required'
NONE_IS_NOT_ALLOWED: Final = 'none value is not allowed'
BLANK_IS_NOT_ALLOWED: Final = 'blank value is not allowed'
INVALID_TYPE: Final = 'invalid value type'
NO_VARIANT_MATCHES: Final = 'value does not match any variant'
PATTERN_DOES_NOT_MATCH: Final = 'value does not match pattern {constraint}'
TOO_SHORT: Final = 'length is less than {constraint}'
TOO_LONG: Final = 'length is greater than {constraint}'
LESS_THAN: Final = 'value is less than {constraint}'
GREATER_THAN: Final = 'value is greater than {constraint}'
NOT_GREATER_THAN: Final = 'value should be greater than {constraint}'
NOT_LESS_THAN: Final = 'value should be less than {constraint}'
LIST_TOO_SHORT: Final = 'list length is less than {constraint}'
LIST_TOO_LONG: Final = 'list length is greater than {constraint}'
NOT_AN_EMAIL: Final = 'value is not a valid email address'
NOT_A_URL: Final = 'value is not a valid URL'
NOT_AN_IP_ADDRESS: Final = 'value is not a valid IP address'
NOT_OF_IP_VERSION: Final = 'value is not a valid IPv{constraint} address'
NOT_A_STORABLE_PATTERN: Final = 'value is not a pattern that can be stored'
NO_TIME_ZONE: Final = 'value has no time zone'
NOT_A_STORABLE_TIME: Final = 'value is not a time that can be stored'
NOT_A_POSITION: Final = 'value is not a longitude (-180 to 180), then a latitude (-90 to 90)'
TOO_FEW_POSITIONS: Final = 'number of positions is less than {constraint}'
RING_NOT_CLOSED: Final = 'last position of the ring is not the first one'
FILE_OF_ANOTHER_BUCKET: Final = 'file is not in the bucket {constraint}'
NESTED_TOO_DEEPLY: Final = 'value is nested too deeply'
KEY_IS_NOT_STORABLE: Final = 'key cannot be the name of a field in MongoDB'
KEY_DOES_NOT_MATCH: Final = 'key does not match pattern {constraint}'
WRONG_LENGTH: Final = 'length is not {constraint}'
NOT_THE_CONSTANT: Final = 'value is not {constraint}'
NOT_FINITE: Final = 'value is not a finite number'
UNKNOWN_FIELD: Final = 'unknown field'
NOT_UNIQUE: Final = 'value is not unique'
NOT_UNIQUE_TOGETHER: Final = 'values of {constraint} are not unique together'

CODES: Final[Mapping[str, str]] = {
    text: name.lower()
    for name, text in list(globals().items())
    if name.isupper() and isinstance(text, str)
}
"""The codes of the messages above, by message: each is the name of its constant.

Programs ask for them: a constant keeps its name.
"""

Translation: TypeAlias = Mapping[str, str] | Callable[[str], str]
"""Own messages by ours, or a function such as `gettext.gettext` that gives them."""


def formatted(text: str, constraint: Any) -> str:
    """The text with its constraint, also where other braces in it make it no format."""
    try:
        return text.format(constraint=constraint)
    except (AttributeError, LookupError, ValueError):
        return text.replace('{constraint}', str(constraint))


def translated(text: str, translation: Translation) -> str:
    """The text in another language, or as it is."""
    if not callable(translation):
        return translation.get(text, text)
    # gettext has a header in the place of ''; others translate when the text is shown.
    return str(translation(text)) if text else text


def plain_key(key: object) -> str | int:
    """A name or an index as JSON has it."""
    return key if isinstance(key, str) or type(key) is int else str(key)


def plain_constraint(value: Any) -> Any:
    """A constraint as JSON has it, as text where it has none."""
    if value is _Empty:
        return None
    if isinstance(value, list | tuple):
        return [plain_constraint(item) for item in value]
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)
