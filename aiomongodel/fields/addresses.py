"""IPAddressField: an address of IPv4 or IPv6."""

from __future__ import annotations

import abc
import ipaddress
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack, overload

from aiomongodel import errors
from aiomongodel.fields.base import FieldOptions, V
from aiomongodel.fields.operators import refuse, stored
from aiomongodel.fields.source import Branch, Names
from aiomongodel.fields.stored import StoredField
from aiomongodel.utils import is_text, shown

if TYPE_CHECKING:
    from aiomongodel.fields.schema import SchemaWriter


class IPAddress(abc.ABC):  # noqa: B024 - it only names what `ipaddress` has no common name for
    """The type of the addresses of both versions."""


IPAddress.register(IPv4Address)
IPAddress.register(IPv6Address)

TYPES: Final[dict[int | None, type]] = {None: IPAddress, 4: IPv4Address, 6: IPv6Address}
"""The type of a value, by the version."""

PATTERNS: Final = {4: r'^[0-9]+(\.[0-9]+){3}$', 6: '^[0-9a-fA-F.]*:'}
"""What the text of an address matches, for schemas."""


class IPAddressField(StoredField[V]):
    """An address of `ipaddress`, `IPv4Address` or `IPv6Address`, stored as its canonical text.

    A str is converted. An int is not, nor are bytes: 1 would be 0.0.0.1 as well as ::1.

    Args:
        version: 4 or 6 for addresses of that version alone.
        **options: See `Field`.

    Example:
        >>> from aiomongodel import Document
        >>> class Visit(Document):
        ...     address = IPAddressField()
        >>> Visit(address='2001:DB8:0::1').address
        IPv6Address('2001:db8::1')
        >>> Visit.address == '192.0.2.1'
        {'address': '192.0.2.1'}
    """

    stored_type = str

    @overload
    def __init__(
        self: IPAddressField[IPv4Address],
        *,
        version: Literal[4],
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[IPv4Address]],
    ) -> None: ...
    @overload
    def __init__(
        self: IPAddressField[IPv6Address],
        *,
        version: Literal[6],
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[IPv6Address]],
    ) -> None: ...
    @overload
    def __init__(
        self: IPAddressField[IPv4Address | IPv6Address],
        *,
        version: None = None,
        required: Literal[True] = True,
        allow_none: Literal[False] = False,
        **options: Unpack[FieldOptions[IPv4Address | IPv6Address]],
    ) -> None: ...
    @overload
    def __init__(
        self: IPAddressField[IPv4Address | None],
        *,
        version: Literal[4],
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[IPv4Address | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: IPAddressField[IPv6Address | None],
        *,
        version: Literal[6],
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[IPv6Address | None]],
    ) -> None: ...
    @overload
    def __init__(
        self: IPAddressField[IPv4Address | IPv6Address | None],
        *,
        version: None = None,
        required: bool = True,
        allow_none: bool = False,
        **options: Unpack[FieldOptions[IPv4Address | IPv6Address | None]],
    ) -> None: ...
    def __init__(self, *, version: Literal[4, 6] | None = None, **options: Any) -> None:
        options['field_type'] = TYPES[version] if is_version(version) else IPAddress
        super().__init__(**options)
        self.version = version

    def _check_definition(self) -> None:
        """Refuse another version."""
        if not is_version(self.version):
            raise ValueError(f'version {shown(self.version)} must be 4, 6 or None for both')
        super()._check_definition()

    @property
    def _kinds(self) -> tuple[type, ...]:
        """The types of a valid value; their subclasses, such as interfaces, are other things."""
        return (IPv4Address, IPv6Address) if self.version is None else (self.field_type,)

    @property
    def _settled_type(self) -> type | None:
        return None

    @property
    def _takes_mappings(self) -> bool:
        return False

    @property
    def _type_in_words(self) -> str:
        return 'an IP address' if self.version is None else f'an IPv{self.version} address'

    def _is_of_type(self, value: Any) -> bool:
        return type(value) in self._kinds

    def _storable(self, value: Any) -> Any:
        if value is not None and not isinstance(value, str | IPv4Address | IPv6Address):
            refuse(self, value, self._type_in_words)
        return stored(self, value)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return names.call(self.from_data, value)

    def convert(self, value: Any) -> Any:
        """Convert the text of an address, of the right version."""
        if not isinstance(value, str):
            return value
        address = ipaddress.ip_address(value)
        return address if type(address) in self._kinds else value

    def to_mongo(self, value: Any) -> Any:
        """Convert an address to its text; anything else stays as it is."""
        return self.pack(value) if type(value) in (IPv4Address, IPv6Address) else value

    def pack(self, value: IPv4Address | IPv6Address) -> str:
        """The canonical text, that of RFC 5952, on every version of Python."""
        mapped = value.ipv4_mapped if isinstance(value, IPv6Address) else None
        if mapped is None:
            return str(value)
        scope = f'%{value.scope_id}' if isinstance(value, IPv6Address) and value.scope_id else ''
        return f'::ffff:{mapped}{scope}'  # of which Python writes digits before 3.13

    def unpack(self, stored: str) -> Any:
        """The address of the text, of either version."""
        return ipaddress.ip_address(stored)

    def type_source(self, value: str, names: Names) -> list[Branch]:
        """The branches that refuse what is no address, or has a scope that is no text."""
        kinds = names.bind(self._kinds, 'kinds')
        if self.version is None:
            error = names.error(errors.NOT_AN_IP_ADDRESS)
        else:
            error = names.error(errors.NOT_OF_IP_VERSION, self.version)
        has_text = names.bind(has_storable_text, 'has_text')
        return [
            Branch(f'type({value}) not in {kinds}', error),
            Branch(f'not {has_text}({value})', error),
        ]

    def to_json(self, value: Any) -> Any:
        """Convert an address to its text."""
        return self.to_mongo(value)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A text of the format of addresses."""
        if self.version is not None:
            return {'type': 'string', 'format': f'ipv{self.version}'}
        return {'type': 'string', 'anyOf': [{'format': 'ipv4'}, {'format': 'ipv6'}]}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:  # noqa: ARG002 - of all fields
        """A text that looks like an address."""
        patterns = PATTERNS.values() if self.version is None else [PATTERNS[self.version]]
        return {'bsonType': 'string', 'pattern': '|'.join(patterns)}


def is_version(value: Any) -> bool:
    """Whether it is a version of addresses, or None."""
    return value is None or (type(value) is int and value in TYPES)


def has_storable_text(address: Any) -> bool:
    """Whether MongoDB can hold the text of an address, which may have a scope of any letters."""
    return is_text(str(address))
