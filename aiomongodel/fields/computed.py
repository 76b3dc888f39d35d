"""ComputedField: a value that is a function of its document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Never, NoReturn

from aiomongodel.errors import QueryError
from aiomongodel.fields import source
from aiomongodel.fields.base import Field, V
from aiomongodel.fields.documents import at_path
from aiomongodel.fields.querying import Querying
from aiomongodel.fields.source import Branch, Names
from aiomongodel.utils import _Empty, shown

if TYPE_CHECKING:
    from aiomongodel.base_document import BaseDocument
    from aiomongodel.expressions import Query
    from aiomongodel.fields.schema import SchemaWriter


class ComputedField(Field[V]):
    """A value that is computed of the document each time that it is read; it cannot be set.

    Constructors and `from_data` ignore the name, as they do what is no field. `to_dict` gives the
    value, `to_data` does not. `validate` checks it by the rules of the result's field, once the
    other fields are valid.

    A value that is stored can be queried, sorted and indexed as one of the result's field. It is
    computed when the document is written, and anew when it is read after loading: an update by
    query leaves what is stored as it is. A document that was loaded through a projection may lack
    what the value is computed of: it reads what is stored, where that was loaded too, and
    `save_changes` refuses it.

    Args:
        function: It takes the document, and gives the value.
        field: The field of the result. Where it is not required, None means that there is no
            value.
        stored: Whether the value is stored.
        mongo_name: The name under which the value is stored; the field's name by default.
        name: The field's name; the class sets it.
        verbose_name: The field's name for people, say on a form.
        description: What the field is for, in a schema.
        examples: Values for a schema.
        deprecated: Whether a schema says that the field is not to be used any more.

    Raises:
        TypeError: `function` is no plain function, or `field` no field that a value can follow.

    Example:
        >>> from aiomongodel import Document, IntField
        >>> class Order(Document):
        ...     price = IntField()
        ...     quantity = IntField(default=1)
        ...     total = ComputedField(lambda order: order.price * order.quantity, IntField(),
        ...                           stored=True)
        >>> order = Order(_id='65df1f77bcf86cd799439011', price=5, quantity=2)
        >>> order.total
        10
        >>> order.to_mongo()['total']
        10
        >>> Order.total > 7
        {'total': {'$gt': 7}}
    """

    _is_computed = True

    def __init__(
        self,
        function: Callable[[Any], V],
        field: Field[V],
        *,
        stored: bool = False,
        mongo_name: str | None = None,
        name: str | None = None,
        verbose_name: str | None = None,
        description: str | None = None,
        examples: Sequence[V] = (),
        deprecated: bool = False,
    ) -> None:
        require_function(function)
        if not isinstance(field, Field) or field._is_computed or field._is_filled:
            raise TypeError(
                f'field must be a field of given values, such as IntField(), not {shown(field)}'
            )
        super().__init__(
            required=False,
            allow_none=field.allow_none,
            choices=field.choices,
            field_type=field.field_type,
            mongo_name=mongo_name,
            name=name,
            verbose_name=verbose_name,
            description=description,
            examples=examples,
            deprecated=deprecated,
        )
        self.function = function
        self.field = field
        self.stored = stored
        self._is_stored = stored
        self._embeds = field._embeds

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.field.__set_name__(owner, name)

    if TYPE_CHECKING:  # nothing can be assigned

        def __set__(self, instance: object, value: Never) -> None: ...  # type: ignore[override]

    @property
    def s(self) -> str:
        """The field's name in MongoDB, for queries.

        Raises:
            QueryError: The value is not stored.
        """
        if not self.stored:
            raise QueryError(
                f'{self._label} is computed and not stored, so that the server does not know it; '
                'give its ComputedField stored=True, or ask for what it is computed of'
            )
        return self.mongo_name

    def _check_definition(self) -> None:
        """Refuse what the result's field refuses, and a `stored` that is neither True nor False."""
        if not isinstance(self.stored, bool):
            raise ValueError(f'stored {shown(self.stored)} must be True or False')
        self._require_own_place()
        self.field._check_definition()
        super()._check_definition()

    # The value.

    def _read(self, instance: Any, default: Any = None) -> Any:
        values = vars(instance)
        if self._unread in values and getattr(instance, 'is_partial', False):
            return self._from_stored(values[self._unread])
        try:
            value = self.field.from_data(self.function(instance))
        except Exception as error:
            source.note(error, f'in {self._label}')
            raise
        return default if value is None and self._may_lack else value

    def _dumped(self, document: BaseDocument) -> Any:
        if getattr(document, 'is_partial', False):
            return vars(document).get(self._unread, _Empty)
        value = self._read(document, _Empty)
        if value is _Empty:
            return _Empty
        try:
            return self.field.to_mongo(value)
        except Exception as error:
            source.note(error, f'in {self._label}')
            raise

    @property
    def _may_lack(self) -> bool:
        """Whether None means that there is no value."""
        return not (self.field.required or self.field.allow_none)

    def _refuse_setting(self, value: Any) -> NoReturn:
        raise AttributeError(
            f'{self._label} is computed, and cannot be set to {shown(value)}; set what it is '
            'computed of'
        )

    # Queries, and updates.

    __hash__ = Field.__hash__

    if not TYPE_CHECKING:  # what is inherited says all that checkers need to know

        def __eq__(self, other: object) -> Query:
            """The documents that the result's field finds."""
            if isinstance(other, Querying):
                return super().__eq__(other)
            return at_path(self.field, self.s) == other

        def __ne__(self, other: object) -> Query:
            """The documents that `==` does not find, those without the field among them."""
            if isinstance(other, Querying):
                return super().__ne__(other)
            return at_path(self.field, self.s) != other

    @property
    def _target(self) -> str:
        raise QueryError(
            f'{self._label} is computed when its document is written, and no update can change it; '
            'change what it is computed of, and save the document'
        )

    @property
    def document_class(self) -> Any:
        """The class of the documents within; None for none."""
        return self.field.document_class

    @property
    def _takes_mappings(self) -> bool:
        return self.field._takes_mappings

    @property
    def _takes_patterns(self) -> bool:
        return self.field._takes_patterns

    @property
    def _type_in_words(self) -> str:
        return self.field._type_in_words

    def _inner_classes(self) -> list[Any]:
        return self.field._inner_classes()

    def _item_field(self) -> Field[Any]:
        return self.field._item_field()

    def _is_of_type(self, value: Any) -> bool:
        return self.field._is_of_type(value)

    def _storable(self, value: Any) -> Any:
        return self.field._storable(value)

    def _operand(self, value: Any) -> Any:
        return self.field._operand(value)

    # The conversions, and the rules: those of the result's field.

    def from_data(self, value: Any) -> Any:
        """Convert as the result's field does."""
        return self.field.from_data(value)

    def to_mongo(self, value: Any) -> Any:
        """Convert as the result's field does."""
        return self.field.to_mongo(value)

    def from_mongo(self, value: Any) -> Any:
        """Convert as the result's field does."""
        return self.field.from_mongo(value)

    def from_json(self, value: Any) -> Any:
        """Convert as the result's field does."""
        return self.field.from_json(value)

    def to_json(self, value: Any) -> Any:
        """Convert as the result's field does."""
        return self.field.to_json(value)

    def _each(self, value: Any, convert: Callable[[Field[Any], Any], Any]) -> Any:
        return self.field._each(value, convert)

    def json_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What the result's field says, and that it is read only."""
        return {**schema.rules_of(self.field), 'readOnly': True}

    def mongo_rules(self, schema: SchemaWriter) -> dict[str, Any]:
        """What the result's field says."""
        return schema.rules_of(self.field)

    def from_data_source(self, value: str, names: Names) -> str:
        """The expression of `from_data`."""
        return source.from_data_source(self.field, value, names)

    def from_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `from_mongo`; None where it changes nothing."""
        return source.from_mongo_source(self.field, value, names)

    def to_mongo_source(self, value: str, names: Names) -> str | None:
        """The expression of `to_mongo`; None where it changes nothing."""
        return source.to_mongo_source(self.field, value, names)

    def validate_source(self, value: str, names: Names) -> list[Branch]:
        """The branches of the result's field; None is accepted where it means no value."""
        branches = source.validate_source(self.field, value, names)
        return [Branch(f'{value} is None', None), *branches] if self._may_lack else branches


def require_function(function: object) -> None:
    """Refuse what cannot be called, or gives something to await."""
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f'function must be a plain function of the document, not {shown(function)}')
