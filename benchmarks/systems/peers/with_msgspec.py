"""Msgspec without an ODM: what compiled code can do."""

from __future__ import annotations

import datetime
import functools
import re
import types
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final

import bson
import msgspec
import msgspec.structs
from bson import Decimal128, ObjectId
from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry

from benchmarks.documents import EMAIL_PATTERN, Data, Kind, Shape, Spec
from benchmarks.systems.base import System

TYPES: Final[dict[Kind, Any]] = {
    Kind.STR: str,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.BOOL: bool,
    Kind.DATETIME: datetime.datetime,
    Kind.DECIMAL: Decimal,
    Kind.OBJECT_ID: ObjectId,
    Kind.EMAIL: Annotated[str, msgspec.Meta(pattern=EMAIL_PATTERN)],
    Kind.REFERENCE: ObjectId,
}
PASSED: Final = (datetime.datetime, Decimal)
"""The types of its own that msgspec is to leave as they are."""


class DecimalCodec(TypeCodec):
    """Decimals, which msgspec has no hook for, are converted by the driver, as its docs show."""

    python_type = Decimal
    bson_type = Decimal128

    def transform_python(self, value: Any) -> Decimal128:
        """To what is stored."""
        return Decimal128(value)

    def transform_bson(self, value: Any) -> Decimal:
        """From what is stored."""
        found: Decimal = value.to_decimal()
        return found


# Structs within others are met by the driver, which asks for what to make of them: `to_builtins`
# has no way to let an ObjectId pass.
OPTIONS: Final[CodecOptions[Any]] = CodecOptions(
    type_registry=TypeRegistry([DecimalCodec()], fallback_encoder=msgspec.structs.asdict)
)


class Msgspec(System):
    """Structs."""

    packages = ('msgspec', 'pymongo')
    error = msgspec.ValidationError
    finds_all_errors = False

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.decode = functools.partial(bson.decode, codec_options=OPTIONS)
        self.encode = functools.partial(bson.encode, codec_options=OPTIONS)

    def make_model(self, shape: Shape) -> Any:
        """A struct."""
        # What has a default comes last.
        specs = sorted(shape.fields, key=lambda spec: not spec.required)
        minima = {
            spec.name: spec.minimum
            for spec in specs
            if spec.kind is Kind.DECIMAL and spec.minimum is not None
        }
        checks = {'__post_init__': checked(minima)} if minima else {}
        return msgspec.defstruct(shape.name, map(self._field, specs), namespace=checks)

    def _field(self, spec: Spec) -> Any:
        is_document = spec.kind is Kind.DOCUMENT
        kind: Any = self.model_of(spec.inner) if is_document else TYPES[spec.kind]
        if spec.max_length is not None:
            kind = Annotated[kind, msgspec.Meta(max_length=spec.max_length)]
        if spec.minimum is not None and spec.kind is not Kind.DECIMAL:
            kind = Annotated[kind, msgspec.Meta(ge=spec.minimum)]
        if spec.many:
            kind = types.GenericAlias(list, kind)
        return (spec.name, kind) if spec.required else (spec.name, kind | None, None)

    def loader(self) -> Callable[[Data], Any]:
        """`convert`, which checks and converts."""
        return functools.partial(msgspec.convert, type=self.model, builtin_types=PASSED)

    def dumper(self) -> Callable[[Any], Any]:
        """`asdict`."""
        found: Callable[[Any], Any] = msgspec.structs.asdict
        return found

    def constructor(self, values: Data) -> Callable[[], Any]:
        """`convert`: the class itself checks nothing, and takes no dict for a document."""
        return functools.partial(self.loader(), values)

    def validator(self, values: Data) -> Callable[[], Any]:
        """The same."""
        return self.constructor(values)

    def refused(self, validate: Callable[[], Any]) -> set[str]:
        """The first one, out of the path in the message."""
        try:
            validate()
        except msgspec.ValidationError as error:
            return set(re.findall(r'\$\.(\w+)|^(\w+) is less', str(error))[0]) - {''}
        raise AssertionError('a validator has refused nothing')


def checked(minima: dict[str, int]) -> Callable[[Any], None]:
    """The limits that msgspec does not know, those of Decimals."""

    def check(document: Any) -> None:
        for name, minimum in minima.items():
            if getattr(document, name) < minimum:
                raise ValueError(f'{name} is less than {minimum}')

    return check
