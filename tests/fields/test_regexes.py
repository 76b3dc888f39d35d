"""PatternField: regular expressions, which are stored and compared as wholes."""

import re

import pytest
from bson import Regex

from aiomongodel import AnyField, Document, ListField, PatternField, QueryError, ValidationError
from tests.drivers import settled


class Rule(Document):
    _id = AnyField()
    subject = PatternField(required=False, mongo_name='s')
    others = ListField(PatternField(), required=False)


PATTERNS = [
    re.compile(''),
    re.compile('^a.b$'),
    re.compile('a', re.IGNORECASE | re.MULTILINE),
    re.compile('a # b', re.DOTALL | re.VERBOSE),
    re.compile('(?a)\\w/\u00e9'),
]


def stored_as(db, rule):
    return Rule.coll(db).find_one({'_id': rule._id})


@pytest.mark.parametrize('pattern', PATTERNS)
async def test_a_pattern_is_stored_with_its_flags_and_loaded_as_it_was(any_db, pattern):
    rule = await settled(Rule(_id=1, subject=pattern, others=[pattern]).validate().save(any_db))
    stored = Regex(pattern.pattern, pattern.flags & ~re.ASCII)
    assert (await settled(stored_as(any_db, rule)))['s'] == stored
    loaded = await settled(Rule.q(any_db).get(rule._id))
    assert (loaded.subject, loaded.others) == (pattern, [pattern])
    assert Rule.subject.from_json(Rule.subject.to_json(pattern)) == pattern


@pytest.fixture
def rules(sync_db):
    """Patterns, a text that they match, and a rule without."""
    for number, pattern in enumerate(PATTERNS):
        Rule(_id=number, subject=pattern).save(sync_db)
    Rule.coll(sync_db).insert_many([{'_id': 'text', 's': 'a'}, {'_id': 'unset'}])


@pytest.mark.parametrize(
    ('query', 'numbers'),
    [
        (Rule.subject == PATTERNS[2], {2}),
        (Rule.subject == Regex.from_native(PATTERNS[2]), {2}),
        (Rule.subject == '', {0}),
        (Rule.subject == re.compile('a'), set()),
        (Rule.subject != PATTERNS[0], {1, 2, 3, 4, 'text', 'unset'}),
        (Rule.subject.in_([PATTERNS[0], PATTERNS[2]]), {0, 2}),
        (Rule.subject.in_(iter([PATTERNS[2]])), {2}),
        (Rule.subject.in_([]), set()),
        (Rule.subject.in_(iter([])), set()),
        (Rule.subject.not_in([PATTERNS[0], None]), {1, 2, 3, 4, 'text'}),
        (Rule.subject.not_in([]), {0, 1, 2, 3, 4, 'text', 'unset'}),
        (Rule.subject == None, {'unset'}),  # noqa: E711 - it makes a query
        (Rule.subject.type('regex'), {0, 1, 2, 3, 4}),
    ],
)
def test_a_query_compares_patterns_and_matches_no_text(sync_db, rules, query, numbers):
    found = Rule.q(sync_db).find(query).to_list()
    assert {rule._id for rule in found} == numbers
    assert {rule._id for rule in Rule.q(sync_db).find() if query.matches(rule)} == numbers


def test_an_update_sets_and_pulls_patterns(sync_db):
    # MongoDB would match texts by a pattern in $pull.
    assert Rule.others.pull(PATTERNS[2]).keys() == {'$pullAll'}
    rule = Rule(_id=1, others=PATTERNS).save(sync_db)
    Rule.coll(sync_db).update_one({}, {'$push': {'others': 'a'}})
    rule.update(sync_db, Rule.subject.set(PATTERNS[1]) & Rule.others.pull(PATTERNS[2]))
    assert rule.subject == PATTERNS[1]
    assert stored_as(sync_db, rule)['others'][-1] == 'a'
    assert rule.others[:4] == [PATTERNS[0], PATTERNS[1], PATTERNS[3], PATTERNS[4]]


@pytest.mark.parametrize('name', ['__gt__', '__ge__', '__lt__', '__le__'])
def test_patterns_have_no_order(name):
    with pytest.raises(QueryError, match=r'^Rule\.subject: .* patterns are equal or not, and have'):
        getattr(Rule.subject, name)(PATTERNS[0])


def test_a_field_is_compared_with_a_field_by_identity():
    assert not Rule.subject != Rule.subject  # noqa: SIM202 - it is the operator that is tested
    assert {Rule.subject: 1}[Rule.subject] == 1


@pytest.mark.parametrize(
    ('given', 'value'),
    [
        ('a+', re.compile('a+')),
        (Regex('a', 'i'), re.compile('a', re.IGNORECASE)),
        ({'pattern': 'a', 'options': 'ms'}, re.compile('a', re.MULTILINE | re.DOTALL)),
    ],
)
def test_what_is_given_is_converted(given, value):
    assert Rule(_id=1, subject=given).validate().subject == value


TYPE = 'invalid value type'
STORABLE = 'value is not a pattern that can be stored'


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        ('(', TYPE),
        (Regex('('), TYPE),
        (Regex(b'a'), STORABLE),
        (5, TYPE),
        ({'pattern': 'a', 'options': 'q'}, TYPE),
        ({'pattern': 'a'}, TYPE),
        (re.compile(b'a'), STORABLE),
        (re.compile('a\0'), STORABLE),
        (re.compile('\ud800'), STORABLE),
        (re.compile('a', re.ASCII), STORABLE),
    ],
)
def test_what_cannot_be_stored_so_is_refused(given, message):
    with pytest.raises(ValidationError) as refused:
        Rule(_id=1, subject=given).validate()
    assert refused.value.as_dict() == {'subject': message}
    with pytest.raises(QueryError, match=r'^Rule\.subject'):
        Rule.subject.set(given)


def test_a_stored_pattern_that_does_not_compile_is_kept_as_it_is_and_not_valid(sync_db):
    Rule.coll(sync_db).insert_one({'_id': 1, 's': Regex('(?<name>a)(', 'i')})
    rule = Rule.q(sync_db).find_one({})
    assert rule.subject == Regex('(?<name>a)(', 'i')
    assert Rule.meta.codec.check(rule).as_dict() == {'subject': TYPE}
    rule.save(sync_db)
    assert stored_as(sync_db, rule)['s'] == Regex('(?<name>a)(', 'i')


def test_a_stored_pattern_of_another_client_stays_as_it_is_when_it_is_read_and_saved(sync_db):
    Rule.coll(sync_db).insert_one({'_id': 1, 's': Regex('a', 'i')})  # no flag for Unicode
    rule = Rule.q(sync_db).find_one({})
    assert rule.subject == re.compile('a', re.IGNORECASE)
    rule.save(sync_db)
    assert stored_as(sync_db, rule)['s'] == Regex('a', 'i')
