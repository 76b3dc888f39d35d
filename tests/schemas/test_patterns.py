"""Python's patterns in the dialects of JSON Schema and of MongoDB."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel.fields.dialects import JSON, PCRE, anchored, same_letters

from .helpers import python_pattern
from .strategies import LETTERS, PATTERNS, UNTRANSLATABLE

EVERY_CODE = range(sys.maxunicode + 1)


@pytest.mark.parametrize(
    ('regex', 'in_json', 'in_pcre'),
    [
        (r'[a-z]+$', r'^[a-z]+$', r'^[a-z]+$'),
        (r'^[a-z]+\Z', r'^[a-z]+$', r'^[a-z]+\z'),
        (r'\d{5}', r'^\d{5}', r'^\p{Nd}{5}'),
        (r'(?P<year>\d+)-\w', r'^(?:\d+)-\w', r'^(?:\p{Nd}+)-[\p{L}\p{N}_]'),
        (r'cat|dog', r'^(?:cat|dog)', r'^(?:cat|dog)'),
        (r'(?i)no', r'^[Nn][Oo]', r'^[Nn][Oo]'),
        (r'(?i)[h-k]', '^[H-Kh-k\u0130\u0131\u212a]', ...),
        (r'(?a)\d\w\s', r'^[0-9][A-Za-z0-9_][\x20\t\n\r\f\x0b]', ...),
        (r'(?s)a.b', r'^a[\s\S]b', r'^a[\s\S]b'),
        (r'(?x) a b  # a comment', '^ab', '^ab'),
        (r'(?m)^a$', r'^(?:^|(?<=\n))a(?=\n|$)', r'^(?:^|(?<=\n))a(?=\n|\z)'),
        (r'a{,2}b{3,}c*?', '^a{0,2}b{3,}c*?', '^a{0,2}b{3,}c*?'),
        (r'[]^\-]', r'^[\]\^\-]', ...),
        (r'[^\W\d]', r'^(?![^\w]|[\d])[\s\S]', r'^(?![^\p{L}\p{N}_]|[\p{Nd}])[\s\S]'),
        (r'\v\t/\.', r'^\x0b\x09/\.', r'^\x0b\x09/\.'),
        (r'(?<!a)b(?=c)(?!d)(?<=b)', '^(?<!a)b(?=c)(?!d)(?<=b)', '^(?<!a)b(?=c)(?!d)(?<=b)'),
        (r'(?>a+)b++', None, '^(?>a+)b++'),
        ('', '^', '^'),
    ],
)
def test_a_pattern_is_written_in_each_dialect(regex, in_json, in_pcre):
    assert anchored(re.compile(regex), JSON) == in_json
    assert anchored(re.compile(regex), PCRE) == (in_json if in_pcre is ... else in_pcre)


@pytest.mark.parametrize(
    'regex', [*UNTRANSLATABLE, r'a{65536}', r'(?i)[à-ü]', '\ud800', '(?=a)*', 'a' * 40_000]
)
@pytest.mark.parametrize('dialect', [JSON, PCRE])
def test_what_a_dialect_cannot_say_is_left_out(regex, dialect):
    assert anchored(re.compile(regex), dialect) is None


@given(
    st.sampled_from(PATTERNS),
    st.sampled_from([0, re.IGNORECASE, re.ASCII, re.DOTALL, re.MULTILINE]),
    st.data(),
)
def test_a_pattern_accepts_the_same_texts_in_each_dialect(regex, flags, data):
    pattern = re.compile(regex, flags)
    text = data.draw(st.text(LETTERS, max_size=6) | st.from_regex(pattern))
    for dialect in (JSON, PCRE):
        written = anchored(pattern, dialect)
        if written is None:
            continue
        found = re.search(python_pattern(written), text) is not None
        # Of \Z JSON has no more than $.
        assert found == (pattern.match(text) is not None) or (dialect is JSON and text[-1:] == '\n')


def test_letters_that_are_the_same_in_any_case_are_those_of_python():
    for letter in 'abiksz':
        pattern = re.compile(letter, re.IGNORECASE)
        found = {code for code in EVERY_CODE if pattern.match(chr(code))}
        assert same_letters(ord(letter), pattern.flags) == found


def test_the_classes_of_pcre_are_those_of_python():
    letters = {chr(code) for code in EVERY_CODE}
    categories = {each: unicodedata.category(each) for each in letters}
    digits = {each for each in letters if categories[each] == 'Nd'}
    words = {each for each in letters if categories[each][0] in 'LN' or each == '_'}
    assert digits == {each for each in letters if re.match(r'\d', each)}
    assert words == {each for each in letters if re.match(r'\w', each)}
    spaces = re.compile(f'[{python_pattern(PCRE.classes["SPACE"])}]')
    assert set(filter(spaces.match, letters)) == set(filter(str.isspace, letters))
