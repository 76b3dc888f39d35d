"""What a cursor gives in place of documents: dicts, dataclasses, TypedDicts and results."""

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

import pytest

from aiomongodel import Document, EmbDocField, EmbeddedDocument, IntField, ListField, QueryError
from tests.drivers import settled
from tests.queries.helpers import User, listed, users


@dataclass
class Home:
    city: str
    rent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    id: Any
    name: str
    nick: str
    balance: Decimal
    homes: list[Home]
    address: Home | None
    age: int = 7
    tags: list[str] = field(default_factory=lambda: ['none'])
    shown: str = field(init=False, default='yes')


class Stored(TypedDict):
    _id: Any
    balance: Decimal
    address: NotRequired[Home]
    homes: 'list[Place]'


class Place(TypedDict):
    city: str


@dataclass
class NameOnly:
    name: str


@dataclass
class WithDefault:
    name: str
    extra: int = 5


@dataclass
class Wrong:
    name: str
    nmae: str


@dataclass
class WrongWithin:
    homes: list[Wrong]


class Node(EmbeddedDocument):
    value = IntField()
    nodes = ListField(EmbDocField(f'{__name__}.Node'), required=False)


class Tree(Document):
    root = EmbDocField(Node)


@dataclass
class Branch:
    value: int
    nodes: 'list[Branch]' = field(default_factory=list)


@dataclass
class TreeRecord:
    root: Branch


@pytest.fixture
async def q(any_db):
    homes = [{'city': 'Rome', 'rent': '2.5'}, {'city': 'Oslo'}]
    return await users(any_db, 'Ann', 'Bob', homes=homes, tags=['x'], address={'city': 'Bonn'})


async def test_raw_gives_the_stored_dicts(q):
    stored = await listed(q.coll.find({}).sort('n', 1))
    assert await settled(q.find().sort(User.name).raw().to_list()) == stored
    assert await listed(q.find().raw().sort(User.name)) == stored
    assert await settled(q.find(User.name == 'Bob').raw().one()) == stored[1]
    assert type(await settled(q.find().raw().to_list())) is list


async def test_a_dataclass_is_made_of_converted_values(q):
    ann = await settled(q.find(User.name == 'Ann').into(Tenant).one())
    stored = await settled(q.first(User.name == 'Ann'))
    homes = [Home('Rome', Decimal('2.5')), Home('Oslo')]
    assert ann == Tenant(
        id=stored._id,
        name='Ann',
        nick='Ann',
        balance=Decimal(0),
        homes=homes,
        address=Home('Bonn'),
        age=0,
        tags=['x'],
    )


async def test_unset_values_have_their_defaults_and_may_be_none(any_db):
    await settled(User.q(any_db).create(name='Ann', balance=0, homes=[]))
    ann = await settled(User.q(any_db).find().into(Tenant).one())
    assert (ann.age, ann.tags, ann.address, ann.homes) == (7, ['none'], None, [])


async def test_an_unset_value_without_default_tells_class_and_document(any_db):
    await settled(User.q(any_db).create(name='Ann'))
    ann = await settled(User.q(any_db).first())
    with pytest.raises(TypeError, match='homes') as caught:
        await settled(User.q(any_db).find().into(Tenant).one())
    assert caught.value.__notes__ == [f'in Tenant, of the document {ann._id!r}']


async def test_a_typed_dict_is_made_of_converted_values(q):
    ann = await settled(q.find(User.name == 'Ann').into(Stored).one())
    assert ann == {
        '_id': ann['_id'],
        'balance': Decimal(0),
        'address': Home('Bonn'),
        'homes': [{'city': 'Rome'}, {'city': 'Oslo'}],
    }


async def test_a_function_is_given_the_stored_dict(q):
    assert await listed(q.find().sort(User.name).into(lambda data: data['n'])) == ['Ann', 'Bob']


async def test_records_nest_in_themselves(any_db):
    inner = {'value': 2, 'nodes': [{'value': 3}]}
    await settled(Tree.q(any_db).create(root={'value': 1, 'nodes': [inner]}))
    tree = await settled(Tree.q(any_db).find().into(TreeRecord).one())
    assert tree == TreeRecord(Branch(1, [Branch(2, [Branch(3)])]))


@pytest.mark.parametrize(
    ('target', 'projection'),
    [
        (NameOnly, {'n': 1, '_id': 0}),
        (WithDefault, {'n': 1, '_id': 0}),
        (Place, None),
        (Stored, {'_id': 1, 'b': 1, 'a': 1, 'homes': 1}),
        (lambda data: data, None),
    ],
    ids=['name', 'default', 'refused', 'typed dict', 'function'],
)
async def test_only_what_is_needed_is_asked_for(wire, target, projection):
    if target is Place:
        with pytest.raises(QueryError):
            User.q(wire.db).find().into(Place)
        assert wire.commands == []
        return
    await settled(User.q(wire.db).find().into(target).to_list())
    assert wire.sent('find').get('projection') == projection


@pytest.mark.parametrize(
    ('target', 'message'),
    [
        (Wrong, r'^Wrong\.nmae is no field of User; its fields are name, age, balance, '),
        (WrongWithin, r'^Wrong\.name is no field of Address; its fields are city, rent$'),
    ],
)
async def test_a_value_that_is_no_field_is_refused_before_the_server_is_asked(
    wire, target, message
):
    with pytest.raises(QueryError, match=message):
        User.q(wire.db).find().into(target)
    assert wire.commands == []


@pytest.mark.parametrize('target', [5, 'Tenant', None, Home('Rome')])
async def test_what_makes_nothing_is_refused(q, target):
    with pytest.raises(TypeError, match='into takes a dataclass, a TypedDict or a function, not'):
        q.find().into(target)


async def test_records_keep_the_settings_of_the_cursor_before_and_after(q):
    cursor = q.find().sort(User.name.desc()).skip(1).into(NameOnly).limit(1)
    assert await settled(cursor.to_list()) == [NameOnly('Ann')]
    assert await settled(cursor.clone().to_list()) == [NameOnly('Ann')]
    assert await settled(cursor.rewind().first()) == NameOnly('Ann')


async def test_records_come_in_pages_and_batches(q):
    cursor = q.find().sort(User.name).into(NameOnly)
    assert (await settled(cursor.page(2, 1))).items == [NameOnly('Bob')]
    assert await listed(cursor.clone().batches(1)) == [[NameOnly('Ann')], [NameOnly('Bob')]]
    raw = q.find().sort(User.name).raw()
    first = await settled(raw.after(None, 1))
    (bob,) = (await settled(raw.after(first.next_token, 1))).items
    assert bob['n'] == 'Bob'


async def test_records_of_a_projection_without_a_key_of_the_order_have_no_pages_by_place(q):
    with pytest.raises(QueryError, match="User: the projection leaves out 'age', by which"):
        await settled(q.find().only(User.name).sort(User.age).into(NameOnly).after(None, 1))


async def test_the_cursor_that_was_shaped_still_gives_documents(q):
    cursor = q.find().sort(User.name)
    shaped = cursor.into(NameOnly)
    assert type(await settled(cursor.next())) is User
    assert await settled(shaped.to_list()) == [NameOnly('Ann'), NameOnly('Bob')]


async def test_several_records_are_an_error_of_one(q):
    with pytest.raises(Exception, match='several documents of User'):
        await settled(q.find().into(NameOnly).one())
    assert dataclasses.asdict(await settled(q.find(User.name == 'Ann').into(NameOnly).one())) == {
        'name': 'Ann'
    }
