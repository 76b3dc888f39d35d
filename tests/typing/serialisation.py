"""What type checkers know of documents as dicts and JSON. They read this file; it is never run."""

from __future__ import annotations

from typing import Any, assert_type

from aiomongodel import Document, EmbDocField, EmbeddedDocument, Field, StrField


class Address(EmbeddedDocument):
    city = StrField()


class User(Document):
    name = StrField()
    address = EmbDocField(Address)


class Upper(StrField[str]):
    def to_json(self, value: Any) -> str:
        return str(value).upper()


user = User(name='Ann')
assert_type(user.to_dict(), dict[str, Any])
assert_type(
    user.to_dict('json', include=[User.name, 'address.city'], exclude='name'), dict[str, Any]
)
assert_type(user.address.to_dict(include={User.address[Address.city]}), dict[str, Any])
assert_type(user.to_json(by_alias=True, exclude_none=True, indent=2), str)
assert_type(user.to_json(extended='relaxed'), str)
assert_type(User.from_json('{}'), User)
assert_type(Address.from_json(b'{}', by_alias=True), Address)
assert_type(User.from_json('{}', extended=True).address, Address)
assert_type(user == user, bool)
assert_type(hash(user), int)
assert_type(repr(user), str)
assert_type(user.address.__hash__, None)
field: Field[str] = Upper()

user.to_dict('text')  # type: ignore[arg-type]
user.to_dict(include=1)  # type: ignore[arg-type]
user.to_json(extended='plain')  # type: ignore[arg-type]
User.from_json({})  # type: ignore[arg-type]

match user:
    case User(name=name, address=Address(city=city)):
        assert_type(name, str)
        assert_type(city, str)
