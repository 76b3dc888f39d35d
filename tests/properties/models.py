"""Models that pickle, import paths and references find by name."""

from aiomongodel import (
    AnyField,
    BoolField,
    DateTimeField,
    DecimalField,
    Document,
    EmailField,
    EmbDocField,
    EmbeddedDocument,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    StrField,
    SynonymField,
)


class Key(EmbeddedDocument):
    number = IntField(mongo_name='n')
    word = StrField(mongo_name='w')


class ByStr(Document):
    _id = StrField()


class ByObjectId(Document):
    pass


class ByDecimal(Document):
    _id = DecimalField()


class ByKey(Document):
    _id = EmbDocField(Key)


class ByReference(Document):
    _id = RefField(ByStr)


class Everything(Document):
    """Each kind of field, none of them required."""

    a_str = StrField(required=False, min_length=1, max_length=10)
    an_email = EmailField(required=False)
    an_int = IntField(required=False, gte=0, lt=10, mongo_name='a_float')
    a_float = FloatField(required=False, gte=0, lt=10, mongo_name='an_int')
    a_decimal = DecimalField(required=False, gte=0, lt=10)
    a_bool = BoolField(required=False)
    a_date = DateTimeField(required=False)
    an_object_id = ObjectIdField(required=False)
    anything = AnyField(required=False)
    a_choice = AnyField(required=False, choices={1, 'x'})
    a_list_choice = AnyField(required=False, choices=[[1], {'x': 1}])
    a_list = ListField(IntField(), required=False, min_length=1)
    lists = ListField(ListField(DecimalField()), required=False)
    keys = ListField(EmbDocField(Key), required=False)
    key = EmbDocField(Key, required=False)
    node = EmbDocField(f'{__name__}.Node', required=False)
    by_str = RefField(ByStr, required=False)
    by_decimal = RefField(ByDecimal, required=False)
    by_key = RefField(lambda: ByKey, required=False)
    references = ListField(RefField(f'{__name__}.ByObjectId'), required=False)
    second = SynonymField(a_str)


class Node(EmbeddedDocument):
    """A document that may hold itself, along several ways."""

    left = EmbDocField(f'{__name__}.Node', required=False, mongo_name='l')
    right = EmbDocField(f'{__name__}.Node', required=False, mongo_name='r')
    nodes = ListField(EmbDocField(f'{__name__}.Node'), required=False)
    number = IntField(required=False)
    anything = AnyField(required=False)


class SubNode(Node):
    pass


class OwnNode(Node):
    def validate(self):
        return super().validate()
