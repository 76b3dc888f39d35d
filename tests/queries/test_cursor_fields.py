"""Fields where the driver's cursor takes names: projections, orders and hints."""

import pytest
from pymongo import IndexModel

from aiomongodel import Document, IntField, PartialDocumentError, QueryError, StrField
from tests.drivers import settled
from tests.queries.helpers import User, names, users


class Indexed(Document):
    name = StrField(mongo_name='n')
    age = IntField(required=False)

    class Meta:
        indexes = [IndexModel('n', name='by_name')]


@pytest.fixture
async def q(any_db):
    homes = [{'city': 'Rome', 'rent': 2}]
    return await users(any_db, 'Ann', 'Bob', 'Cid', homes=homes, tags=['x'])


def partial(cursor_of):
    """Give what a test of partial documents asks for, by three spellings."""
    return [
        lambda q: q.find().only(*cursor_of),
        lambda q: q.find({}, [*cursor_of]),
        lambda q: q.find(projection=dict.fromkeys(cursor_of, 1)),
    ]


@pytest.mark.parametrize('find', partial([User.name, User.homes.city]))
async def test_only_some_fields_are_loaded(q, find):
    ann = await settled(find(q).sort(User.name).first())
    assert (ann.name, ann.age, ann.tags) == ('Ann', None, None)
    assert [(home.city, home.rent) for home in ann.homes] == [('Rome', None)]
    assert ann._id is not None


@pytest.mark.parametrize(
    'find',
    [*partial([User.name]), lambda q: q.find().exclude(User.name), lambda q: q.find().only()],
)
async def test_a_document_of_some_fields_is_not_saved(q, any_db, find):
    ann = await settled(find(q).first())
    assert ann.is_partial
    with pytest.raises(PartialDocumentError):
        await settled(ann.save(any_db))


async def test_all_but_some_fields_are_loaded(q):
    ann = await settled(q.find().exclude(User.name, 'age').sort(User.name).first())
    assert (ann.name, ann.age, ann.tags) == (None, None, ['x'])


async def test_only_no_fields_loads_the_id_alone(q):
    ann = await settled(q.find().only().first())
    assert ann._id is not None
    assert set(ann.to_data()) == {'_id'}


async def test_all_but_no_fields_are_whole_documents(q):
    assert not (await settled(q.find().exclude().first())).is_partial
    assert not (await settled(q.find().only(User.name).exclude().first())).is_partial


async def test_the_last_choice_of_fields_counts(q):
    ann = await settled(q.find({}, [User.age]).only(User.age).only(User.name, User.nick).first())
    assert set(ann.to_data()) == {'_id', 'name'}


async def test_settings_before_and_after_a_choice_of_fields_count(wire):
    before = User.q(wire.db).find(User.age > 0).sort(User.name.desc()).skip(1).batch_size(7)
    await settled(before.only(User.name).limit(2).comment('mine').max_time_ms(5000).to_list())
    command = wire.sent('find')
    assert command['filter'] == {'age': {'$gt': 0}}
    assert command['sort'] == {'n': -1}
    assert (command['skip'], command['limit'], command['batchSize']) == (1, 2, 7)
    assert (command['comment'], command['maxTimeMS']) == ('mine', 5000)
    assert command['projection'] == {'n': 1}


async def test_a_choice_of_fields_leaves_the_cursor_as_it_is(q):
    cursor = q.find().sort(User.name)
    cursor.only(User.name).limit(1)
    assert len(await settled(cursor.to_list())) == 3


@pytest.mark.parametrize('method', ['only', 'exclude'])
@pytest.mark.parametrize('bad', [5, None, User, User.name == 'Ann', ['n']])
async def test_a_choice_of_no_fields_is_refused(q, method, bad):
    with pytest.raises(QueryError, match=r'is neither a field, such as User.name, nor the name'):
        getattr(q.find(), method)(bad)


@pytest.mark.parametrize('bad', [[5], {5: 1}, [User.name, None]])
async def test_a_projection_by_no_fields_is_refused(q, bad):
    with pytest.raises(QueryError, match=r'is neither a field, such as User.name, nor the name'):
        q.find({}, bad)
    with pytest.raises(QueryError, match='is neither a field'):
        await settled(q.first({}, projection=bad))


async def test_a_field_alone_is_no_projection(q):
    with pytest.raises(
        QueryError, match=r'a projection is a list of fields: \[<StrField User.name'
    ):
        q.find({}, User.name)


@pytest.mark.parametrize(
    ('keys', 'expected'),
    [
        ((User.age.desc(),), [('age', -1)]),
        ((User.age, User.name.desc()), [('age', 1), ('n', -1)]),
        (([User.age, User.name.desc()],), [('age', 1), ('n', -1)]),
        ((User.age, -1), [('age', -1)]),
        (('age', -1), [('age', -1)]),
        (('age',), [('age', 1)]),
        (('age', 'n'), [('age', 1), ('n', 1)]),
        (([('age', -1), ('n', 1)],), [('age', -1), ('n', 1)]),
        (({'age': -1, User.name: 1},), [('age', -1), ('n', 1)]),
        (((User.homes.city, -1),), [('homes.c', -1)]),
        ((User.nick,), [('n', 1)]),
        (('score', {'$meta': 'textScore'}), [('score', {'$meta': 'textScore'})]),
    ],
    ids=str,
)
async def test_an_order_takes_fields_and_what_the_driver_takes(wire, keys, expected):
    cursor = User.q(wire.db).find().sort(*keys)
    driver_cursor = getattr(cursor.cursor, 'delegate', cursor.cursor)
    assert [*dict(driver_cursor._ordering).items()] == expected


@pytest.mark.parametrize('sort', [User.age.desc(), [('age', -1)], [User.age.desc()], {'age': -1}])
async def test_find_takes_an_order_as_the_cursor_does(q, sort):
    assert names(await settled(q.find(sort=sort).to_list())) == ['Cid', 'Bob', 'Ann']


@pytest.mark.parametrize(
    ('keys', 'message'),
    [
        ((5,), '5 is neither a field, such as User.name, nor the name of one'),
        ((None,), 'None is neither a field, such as User.name, nor the name of one'),
        ((User,), r"<class '.*User'> is neither a field, such as User.name"),
        (
            (User.name == 'Ann',),
            "'Ann' is no direction for 'n': it is 1 or -1, as in User.name.asc",
        ),
        (({'n': 'down'},), "'down' is no direction for 'n': it is 1 or -1, as in User.name.asc"),
        ((('n', 'desc'),), "'desc' is no field to sort by; a direction is written as User.name.de"),
        (('-n',), "'-n' is no field to sort by; a direction is written as User.name.desc()"),
        ((User.name, 1, User.age, -1), '1 is neither a field, such as User.name'),
    ],
)
async def test_an_order_by_anything_else_is_refused(q, keys, message):
    with pytest.raises(QueryError, match=f'^{message}'):
        q.find().sort(*keys)


async def test_one_direction_of_several_keys_is_refused(q):
    with pytest.raises(QueryError, match='a direction, here -1, is of a single key; of several'):
        q.find().sort(User.name, User.age, direction=-1)
    assert names(await settled(q.find().sort(User.name, direction=-1).to_list()))[0] == 'Cid'


@pytest.mark.parametrize(
    ('hint', 'expected'),
    [
        (Indexed.name, {'n': 1}),
        (Indexed.name.asc(), {'n': 1}),
        ([Indexed.name], {'n': 1}),
        ([('n', 1)], {'n': 1}),
        ('by_name', 'by_name'),
    ],
    ids=str,
)
async def test_a_hint_takes_fields(wire, hint, expected):
    await settled(Indexed.q(wire.db).create_indexes())
    await settled(Indexed.q(wire.db).find().hint(hint).to_list())
    assert wire.sent('find')['hint'] == expected
    await settled(Indexed.q(wire.db).find(hint=hint).page(1, 1))
    assert wire.sent('find')['hint'] == expected
    assert wire.sent('aggregate')['hint'] == expected


async def test_no_hint_takes_a_hint_back(wire):
    await settled(User.q(wire.db).find().hint(User.age).hint(None).to_list())
    assert 'hint' not in wire.sent('find')


@pytest.mark.parametrize(
    ('call', 'command', 'expected'),
    [
        (lambda q, **o: q.count_documents({}, **o), 'aggregate', {'n': 1}),
        (lambda q, **o: q.update_many({}, {'$set': {'age': 1}}, **o), 'update', {'n': 1}),
        (lambda q, **o: q.delete_many({}, **o), 'delete', {'n': 1}),
        (lambda q, **o: q.aggregate([], **o).to_list(None), 'aggregate', {'n': 1}),
    ],
    ids=['count', 'update', 'delete', 'aggregate'],
)
async def test_each_method_with_a_hint_takes_fields(wire, call, command, expected):
    await settled(Indexed.q(wire.db).create_indexes())
    await settled(call(Indexed.q(wire.db), hint=[Indexed.name]))
    sent = wire.sent(command)
    (sent,) = sent.get('updates') or sent.get('deletes') or [sent]
    assert sent['hint'] == expected
