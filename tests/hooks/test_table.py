"""Each call does what the table of docs/hooks.md says of it, and the table has each call."""

import re
from pathlib import Path

import pytest
from pymongo import ReturnDocument

from aiomongodel import (
    DeleteMany,
    DeleteOne,
    Document,
    InsertOne,
    MotorQuerySet,
    ReplaceOne,
    SoftDeleteMixin,
    UpdateOne,
)
from tests.drivers import each, entered, settled
from tests.hooks.helpers import events_of, recorder

PAGE = Path(__file__).parents[2] / 'docs' / 'hooks.md'
ROW = re.compile(r'^\| (`.+?`.*?) \| (.+?) \|$', re.MULTILINE)


def rows():
    """Give the hooks of each call of the table, by the words for it."""
    _, _, rest = PAGE.read_text().partition('## Which calls run them')
    table, _, _ = rest.partition('\n## ')
    return {call: re.findall(r'`(\w+)`', hooks) for call, hooks in ROW.findall(table)}


async def block(query_set, *operations):
    """Write in a block what functions of it say."""
    async with entered(query_set.bulk()) as bulk:
        for operation in operations:
            operation(bulk)


async def listed(iterable):
    return [item async for item in each(iterable)]


SET = {'$set': {'name': 'b'}}
BY_NAME = {'name': 'a'}
AFTER = {'return_document': ReturnDocument.AFTER}

# By the words of the table: what is called, with the class's query set, a document that is stored
# and loaded, and one that is new. Both have the name 'a'.
CALLS = {
    '`validate()`': [lambda q, old, new: new.validate()],
    '`create`': [lambda q, old, new: q.create(name='a')],
    '`save` of a new document; `save(do_insert=True)`': [
        lambda q, old, new: q.save(new),
        lambda q, old, new: new.save(q.db),
        lambda q, old, new: q.save(new, do_insert=True),
        lambda q, old, new: new.save(q.db, do_insert=True),
    ],
    '`save` of a stored document': [
        lambda q, old, new: q.save(old),
        lambda q, old, new: old.save(q.db),
    ],
    '`save_changes`': [
        lambda q, old, new: old.populate_with_data({'name': 'b'}).save_changes(q.db)
    ],
    '`update` of a document': [
        lambda q, old, new: q.update(old, SET),
        lambda q, old, new: old.update(q.db, SET),
    ],
    '`delete` of a document': [
        lambda q, old, new: q.delete(old),
        lambda q, old, new: old.delete(q.db),
    ],
    '`insert_many` of documents; `InsertOne(document)`': [
        lambda q, old, new: q.insert_many([new]),
        lambda q, old, new: q.bulk_write([InsertOne(new)]),
        lambda q, old, new: block(q, lambda bulk: bulk.insert(new)),
    ],
    '`save_all`, or a document in `bulk_write`: a new one': [
        lambda q, old, new: q.save_all([new]),
        lambda q, old, new: q.bulk_write([new]),
        lambda q, old, new: block(q, lambda bulk: bulk.save(new)),
    ],
    '`save_all`, or a document in `bulk_write`: a stored one': [
        lambda q, old, new: q.save_all([old]),
        lambda q, old, new: q.bulk_write([old]),
        lambda q, old, new: block(q, lambda bulk: bulk.save(old)),
    ],
    '`delete_all`; `DeleteOne(document)`': [
        lambda q, old, new: q.delete_all([old]),
        lambda q, old, new: q.bulk_write([DeleteOne(old)]),
        lambda q, old, new: block(q, lambda bulk: bulk.delete(old)),
    ],
    '`get_or_create` and `update_or_create` where they create': [
        lambda q, old, new: q.get_or_create({'name': 'c'}),
        lambda q, old, new: q.update_or_create({'name': 'c'}, {'name': 'c'}),
    ],
    '`find_one_and_replace` by a document': [
        lambda q, old, new: q.find_one_and_replace(BY_NAME, new),
    ],
    '`ReplaceOne(query, document)`': [
        lambda q, old, new: q.bulk_write([ReplaceOne(BY_NAME, new)]),
        lambda q, old, new: block(q, lambda bulk: bulk.replace(BY_NAME, new)),
    ],
    '`find`, `find_one`, `get`, `get_or_none`, `first`, `sample`, `reload`, `aggregate(into=…)`': [
        lambda q, old, new: listed(q.find()),
        lambda q, old, new: q.find().to_list(),
        lambda q, old, new: q.find().page(1, 10),
        lambda q, old, new: q.find().after(None, 10),
        lambda q, old, new: q.find_one(),
        lambda q, old, new: q.get(old._id),
        lambda q, old, new: q.get_or_none(old._id),
        lambda q, old, new: q.first(),
        lambda q, old, new: q.sample(1),
        lambda q, old, new: q.reload(old),
        lambda q, old, new: old.reload(q.db),
        lambda q, old, new: listed(q.aggregate([], into=type(old))),
    ],
    '`get_or_create` and `update_or_create` where they find': [
        lambda q, old, new: q.get_or_create(BY_NAME),
        lambda q, old, new: q.update_or_create(BY_NAME, {'name': 'b'}),
    ],
    '`find_one_and_update`, `find_one_and_delete`, `find_one_and_replace` by a dict, `upsert`': [
        lambda q, old, new: q.find_one_and_update(BY_NAME, SET),
        lambda q, old, new: q.find_one_and_delete(BY_NAME),
        lambda q, old, new: q.find_one_and_replace(BY_NAME, {'name': 'b'}, **AFTER),
        lambda q, old, new: q.upsert(BY_NAME, SET),
    ],
    '`insert_one`, `replace_one`, `update_one`, `update_many`, `delete_one`, `delete_many`': [
        lambda q, old, new: q.insert_one({'name': 'b'}),
        lambda q, old, new: q.replace_one(BY_NAME, {'name': 'b'}),
        lambda q, old, new: q.update_one(BY_NAME, SET),
        lambda q, old, new: q.update_many(BY_NAME, SET),
        lambda q, old, new: q.delete_one(BY_NAME),
        lambda q, old, new: q.delete_many(BY_NAME),
    ],
    '`insert_many` of dicts, `bulk_write` of operations with dicts and queries': [
        lambda q, old, new: q.insert_many([{'name': 'b'}]),
        lambda q, old, new: q.bulk_write([InsertOne({'name': 'b'}), UpdateOne(BY_NAME, SET)]),
        lambda q, old, new: q.bulk_write([DeleteOne(BY_NAME), DeleteMany(BY_NAME)]),
    ],
    '`count_documents`, `exists`, `distinct`, `sum` and the like; cursors with `raw` or `into`': [
        lambda q, old, new: q.count_documents(),
        lambda q, old, new: q.exists(),
        lambda q, old, new: q.distinct('name'),
        lambda q, old, new: q.sum('name'),
        lambda q, old, new: q.find().raw().to_list(),
        lambda q, old, new: q.find().into(dict).to_list(),
    ],
}
OF_MARKED = {
    '`purge` of a document': [
        lambda q, old, new: q.purge(old),
        lambda q, old, new: old.purge(q.db),
    ],
    '`restore` of a document': [
        lambda q, old, new: q.restore(old),
        lambda q, old, new: old.restore(q.db),
    ],
    '`purge_many`, `restore_many`': [
        lambda q, old, new: q.purge_many(BY_NAME),
        lambda q, old, new: q.restore_many(BY_NAME),
    ],
}
CALLS |= OF_MARKED
CASES = [(words, call) for words, calls in CALLS.items() for call in calls]
WITHOUT_DOCUMENTS = {'avg', 'changes', 'clone', 'count', 'create_collection', 'create_indexes'}
WITHOUT_DOCUMENTS |= {
    'estimated_count',
    'max',
    'min',
    'set_validator',
    'with_deleted',
    'with_options',
}
SHOWN_ELSEWHERE = {'lock', 'lock_one', 'renew_lock', 'try_lock', 'unlock', 'watch'}


@pytest.mark.parametrize('bases', [(Document,), (SoftDeleteMixin, Document)])
@pytest.mark.parametrize(('words', 'call'), CASES)
async def test_a_call_runs_the_hooks_of_its_row(any_db, words, call, bases):
    if words in OF_MARKED and SoftDeleteMixin not in bases:
        bases = (SoftDeleteMixin, *bases)
    model = recorder(bases=bases, Meta=type('Meta', (), {'track_changes': True}))
    await settled(model.q(any_db).insert_one({'name': 'a'}))
    old, new = await settled(model.q(any_db).find_one()), model(name='a')
    events_of(model)
    await settled(call(model.q(any_db), old, new))
    assert events_of(model) == rows()[words]


def test_the_table_has_the_rows_that_are_tried():
    assert list(rows()) == list(CALLS)


def test_the_table_has_each_method_of_a_query_set():
    methods = {name for name in dir(MotorQuerySet) if not name.startswith('_')}
    known = WITHOUT_DOCUMENTS | SHOWN_ELSEWHERE | {'bulk'}
    named = set(re.findall(r'\w+', ' '.join(rows())))
    assert methods - known - named == set()
