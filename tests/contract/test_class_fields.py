"""The 0.2 contract: the fields of a class, its `_id` and its synonyms."""

import pytest
from bson import ObjectId

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.fields import IntField, ObjectIdField, StrField, SynonymField

# "Fields come from the whole MRO, plain mixin classes included, a subclass's field replacing its
# base's"


def test_fields_come_from_the_whole_mro_and_from_plain_mixins():
    class Mixin:
        value = IntField()

    class Parent(Document):
        name = StrField()

    class Child(Mixin, Parent):
        rate = IntField()

    assert Child.meta.fields == {
        'name': Child.name,
        'value': Child.value,
        'rate': Child.rate,
        '_id': Child._id,
    }
    assert Child(value='1', name='x').to_data()['value'] == 1


def test_fields_come_from_the_base_of_a_mixin():
    class Base:
        value = IntField()

    class Mixin(Base):
        pass

    class Item(Mixin, EmbeddedDocument):
        pass

    assert Item.meta.fields == {'value': Item.value}


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_a_field_of_a_subclass_replaces_that_of_its_base(base):
    class Parent(base):
        value = IntField()

    class Child(Parent):
        value = StrField()

    assert Child.meta.fields['value'] is Child.value
    assert (Parent(value='1').value, Child(value='1').value) == (1, '1')


def test_of_two_bases_the_first_in_the_mro_gives_the_field():
    class First:
        value = StrField()

    class Second:
        value = IntField()

    class Item(First, Second, EmbeddedDocument):
        pass

    assert Item(value=1).value == '1'


@pytest.mark.parametrize('base', [Document, EmbeddedDocument])
def test_fields_come_from_a_class_that_is_made_by_calling_type(base):
    field = StrField()
    made = type('Made', (base,), {'name': field})

    assert made.meta.fields['name'] is field
    assert made(name=1).name == '1'


# "an inherited field is the same object (`Child.name is Parent.name`), and so is what
# `meta.fields` holds."


def test_an_inherited_field_is_the_same_object():
    class Parent(Document):
        name = StrField()

    class Child(Parent):
        pass

    assert Child.name is Parent.name
    assert Child.meta.fields['name'] is Parent.name
    assert Parent.meta.fields['name'] is Parent.name


def test_a_field_on_the_class_is_the_field_that_was_written_there():
    field = StrField()

    class Item(Document):
        name = field

    assert Item.name is field


# "`_id`: added last as `ObjectIdField(required=True, default=<new ObjectId>)` where no class of
# the MRO has one"


def test_an_id_is_added_last():
    class Item(Document):
        name = StrField()
        value = IntField()

    assert list(Item.meta.fields) == ['name', 'value', '_id']


def test_an_added_id_is_a_required_object_id_that_is_new_each_time():
    class Item(Document):
        pass

    assert isinstance(Item._id, ObjectIdField)
    assert Item._id.required is True
    assert isinstance(Item()._id, ObjectId)
    assert Item()._id != Item()._id


def test_no_id_is_added_where_the_class_has_one():
    field = StrField()

    class Item(Document):
        _id = field

    assert Item._id is field
    assert list(Item.meta.fields) == ['_id']


def test_no_id_is_added_where_a_parent_has_one():
    class Parent(Document):
        _id = StrField()

    class Child(Parent):
        name = StrField()

    assert Child._id is Parent._id
    assert isinstance(Child._id, StrField)


def test_no_id_is_added_where_a_mixin_has_one():
    class Mixin:
        _id = StrField()

    class Item(Mixin, Document):
        name = StrField()

    assert Item._id is Mixin._id
    assert Item.meta.fields['_id'] is Mixin._id


def test_an_embedded_document_gets_no_id():
    class Item(EmbeddedDocument):
        name = StrField()

    assert Item.meta.fields == {'name': Item.name}


# "and shared by subclasses (`Child._id is Parent._id`)"


def test_an_added_id_is_shared_by_subclasses():
    class Parent(Document):
        pass

    class Child(Parent):
        name = StrField()

    class GrandChild(Child):
        pass

    assert Child._id is Parent._id
    assert GrandChild._id is Parent._id


# "A `required=False` `_id` is refused with
# `ValueError("'DocName._id' field should be required.")`"


def test_an_id_that_is_not_required_is_refused():
    with pytest.raises(ValueError, match='_id') as caught:

        class DocName(Document):
            _id = StrField(required=False)

    assert str(caught.value) == "'DocName._id' field should be required."


def test_an_id_of_a_mixin_that_is_not_required_is_refused():
    class Mixin:
        _id = StrField(required=False)

    with pytest.raises(ValueError, match='_id') as caught:

        class DocName(Mixin, Document):
            pass

    assert str(caught.value) == "'DocName._id' field should be required."


# "`SynonymField(field or 'name')`: on the class it is the original field itself
# (`Doc.name is Doc._id`)"


def by_field():
    class Doc(Document):
        _id = StrField()
        name = SynonymField(_id)

    return Doc


def by_name():
    class Doc(Document):
        _id = StrField()
        name = SynonymField('_id')

    return Doc


def inherited():
    class Parent(Document):
        _id = StrField()
        name = SynonymField(_id)

    class Child(Parent):
        pass

    return Child


synonyms = pytest.mark.parametrize('make', [by_field, by_name, inherited])


@synonyms
def test_a_synonym_on_the_class_is_the_original_field(make):
    doc_class = make()

    assert doc_class.name is doc_class._id
    assert doc_class.name.s == '_id'


def test_a_synonym_by_name_may_stand_for_the_added_id():
    class Doc(Document):
        obj_id = SynonymField('_id')

    assert Doc.obj_id is Doc._id
    assert Doc.meta.fields_synonyms == {'_id': 'obj_id'}


def test_an_inherited_synonym_follows_the_field_that_a_subclass_replaces():
    class Child(by_field()):
        _id = IntField()

    assert Child.name is Child._id
    assert Child(name='1')._id == 1


# "on an instance it reads and writes the original, in `__init__` either name works"


@synonyms
def test_a_synonym_on_an_instance_reads_the_original(make):
    assert make()(_id='x').name == 'x'


@synonyms
def test_a_synonym_on_an_instance_writes_the_original(make):
    doc = make()(_id='x')
    doc.name = 1

    assert (doc._id, doc.name) == ('1', '1')
    assert doc.to_data() == {'_id': '1'}


@synonyms
@pytest.mark.parametrize('name', ['_id', 'name'])
def test_init_takes_either_name_of_a_synonym(make, name):
    assert make()(**{name: 'x'}).to_data() == {'_id': 'x'}


# "`meta.fields_synonyms == {'_id': 'name'}`; a synonym is not in `meta.fields`; it is inherited."


@synonyms
def test_meta_names_the_synonym_of_a_field(make):
    assert make().meta.fields_synonyms == {'_id': 'name'}


@synonyms
def test_a_synonym_is_not_among_the_fields(make):
    assert list(make().meta.fields) == ['_id']


# "Field comparison must keep `meta.fields == {'_id': Doc._id, …}`, sets, dict keys and `in`
# working."


class Pair(EmbeddedDocument):
    one = StrField()
    two = StrField()


def test_meta_fields_compare_with_a_dict_of_fields():
    assert Pair.meta.fields == {'one': Pair.one, 'two': Pair.two}
    assert Pair.meta.fields != {'one': Pair.two, 'two': Pair.one}
    assert Pair.meta.fields != {'one': Pair.one}


def test_fields_work_in_sets():
    assert len({Pair.one, Pair.two, Pair.one}) == 2
    assert {Pair.one} == {Pair.one}
    assert {Pair.one} != {Pair.two}
    assert {Pair.one, Pair.two} - {Pair.one} == {Pair.two}


def test_fields_work_as_dict_keys():
    labels = {Pair.one: 'First', Pair.two: 'Second'}

    assert (labels[Pair.one], labels[Pair.two]) == ('First', 'Second')


@pytest.mark.parametrize('kind', [list, tuple, set, frozenset])
def test_in_finds_a_field_and_no_other(kind):
    assert Pair.two in kind([Pair.one, Pair.two])
    assert Pair.two not in kind([Pair.one])


def test_a_list_finds_the_index_of_a_field():
    assert [Pair.one, Pair.two].index(Pair.two) == 1


# Decided: "`meta.fields` [is an] OrderedDict"; seed: "OrderedDict of document fields"


def test_meta_fields_are_an_ordered_dict():
    assert type(Pair.meta.fields).__name__ == 'OrderedDict'
    assert list(Pair.meta.fields) == ['one', 'two']
