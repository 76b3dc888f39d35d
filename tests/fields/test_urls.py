"""UrlField: what is a URL, what is not, and that no error shows a password."""

import pytest

from aiomongodel import (
    Document,
    IntField,
    ListField,
    MapField,
    QueryError,
    SetField,
    UnionField,
    UrlField,
    ValidationError,
)
from aiomongodel.fields import urls
from tests.drivers import settled


class Link(Document):
    target = UrlField(required=False, max_length=300)
    secure = UrlField(schemes=('https', 'ftp+ssl'), required=False, mongo_name='s')
    blank = UrlField(allow_blank=True, required=False)
    image = UrlField(regex=r'.*\.png$', required=False)


VALID = [
    'http://example.com',
    'https://example.com/a/b;c?q=1&r[]=2#end',
    'HTTPS://EXAMPLE.COM',
    'http://localhost:8000/',
    'http://example.com:/',
    'http://example.com.:65535',
    'http://user:pa%20ss@example.com',
    'http://127.0.0.1',
    'http://[::1]:8080/x',
    'http://[::ffff:192.0.2.1]',
    'http://b\u00fccher.example/stra\u00dfe',
    'http://\u4f8b\u3048.jp',
    'http://my_host-1.example',
    f'http://{"a" * 63}.example',
]
INVALID = [
    'example.com',
    '//example.com',
    'ftp://example.com',
    'http:example.com',
    'http:///path',
    'http://',
    'http://:80',
    'http://user@',
    'javascript://example.com/%0Aalert(1)',
    'http://exa mple.com',
    ' http://example.com',
    'http://example.com\n',
    'http://example.com/\t',
    'http://example.com/\x00',
    'http://example.com/\u2028',
    'http://example.com/\u200b',
    'http://example.com/\u202egnp',
    'http://example.com/\ud800',
    'http://good.example\\@evil.example',
    'http://a@b@example.com',
    'http://example.com/<b>',
    'http://example.com:0',
    'http://example.com:65536',
    'http://example.com:-1',
    'http://example.com:8o',
    f'http://example.com:{"1" * 200}',
    'http://example..com',
    'http://.example.com',
    'http://-a.example',
    'http://a-.example',
    f'http://{"a" * 64}.example',
    'http://' + 'a.' * 130 + 'b',
    'http://256.0.0.1',
    'http://1.2.3',
    'http://2130706433',
    'http://0x7f000001',
    'http://127.0.0.\uff11',
    'http://[::1',
    'http://::1]',
    'http://[::1]x',
    'http://[::g]',
    'http://[fe80::1%25eth0]',
    'http://[v1.a]',
    'http://[127.0.0.1]',
    'http://exa%6dple.com',
    'http://example.com\u2100',
]


@pytest.mark.parametrize('url', VALID)
async def test_a_url_is_valid_and_stored_as_it_was_given(any_db, url):
    link = await settled(Link(target=url).validate().save(any_db))
    assert (await settled(Link.q(any_db).get(link._id))).target == url
    assert (await settled(Link.q(any_db).find_one(Link.target == url)))._id == link._id


@pytest.mark.parametrize('url', INVALID)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(ValidationError) as refused:
        Link(target=url).validate()
    assert refused.value.as_dict() == {'target': 'value is not a valid URL'}


@pytest.mark.parametrize(
    ('name', 'url', 'message'),
    [
        ('target', '', 'blank value is not allowed'),
        ('target', f'http://a.example/{"a" * 300}', 'length is greater than 300'),
        ('secure', 'http://a.example', 'value is not a valid URL'),
        ('secure', 'FTP+SSL://a.example', None),
        ('blank', '', None),
        ('blank', 'a', 'value is not a valid URL'),
        ('image', 'http://a.example/a.png', None),
        ('image', 'http://a.example/a.gif', r'value does not match pattern .*\.png$'),
        ('image', 'a.png', 'value is not a valid URL'),
    ],
)
def test_the_options_of_a_text_hold_too(name, url, message):
    error = Link.meta.codec.check(Link(**{name: url}))
    assert (error and error.as_dict()) == (message and {name: message})


class Subclass(str):
    __slots__ = ()

    def __eq__(self, other):
        raise RuntimeError

    def __str__(self):  # so that it is not converted to a plain one
        raise RuntimeError

    __hash__ = str.__hash__


def test_a_text_of_a_class_of_its_own_is_checked_like_any_other():
    Link(target=Subclass('http://example.com')).validate()
    with pytest.raises(ValidationError):
        Link(target=Subclass('x')).validate()


@pytest.mark.parametrize(
    ('text', 'is_one'), [('::1', True), ('1:2', False), ('127.0.0.1', False), ('', False)]
)
def test_an_address_in_brackets_is_checked_on_every_version_of_python(text, is_one):
    assert urls.is_address_6(text) is is_one  # urlsplit has not always looked at it


SECRET = 'http://ann:hunter2@example.com/'


@pytest.mark.parametrize(
    'value',
    [
        f'{SECRET}\ud800',
        f'http://ann:hunter2{"2" * 80}@example.com/\ud800',
        f'http://ann:hunter2/?@example.com/{"x" * 80}\ud800',
        'ann:hunter2@example.com/\ud800',
        [SECRET],
        {'url': SECRET},
        SECRET.encode(),
    ],
    ids=['short', 'long', 'with slashes', 'without a scheme', 'list', 'dict', 'bytes'],
)
@pytest.mark.parametrize('make', [Link.target.set, Link.target.__gt__], ids=['set', 'gt'])
def test_an_operator_that_refuses_a_value_shows_no_password(make, value):
    with pytest.raises(QueryError, match=r'^Link\.target: ') as refused:
        make(value)
    assert 'hunter2' not in str(refused.value)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'schemes': 'http'}, "schemes 'http' must be a tuple, list or set of schemes"),
        ({'schemes': ()}, r'schemes \(\) must be'),
        ({'schemes': ('HTTP',)}, r"schemes \('HTTP',\) must be"),
        ({'schemes': ('http:',)}, r"schemes \('http:',\) must be"),
        ({'schemes': 5}, 'schemes 5 must be'),
        ({'default': 'ftp://ann:hunter2@a'}, r"default 'ftp://\*\*\*@a' is refused by its own"),
        ({'default': ['ann:hunter2@a']}, 'default a value of type list is refused by its own'),
        ({'choices': SECRET}, 'choices must be a set, list or dict of URLs, and not a str'),
        ({'max_length': -1}, 'max_length -1 must be an int from 0 on'),
    ],
)
def test_a_wrong_definition_is_refused_and_shows_no_password(options, message):
    with pytest.raises(ValueError, match=f'^Wrong.field: {message}') as refused:
        type('Wrong', (Document,), {'field': UrlField(**options)})
    assert 'hunter2' not in str(refused.value)


def test_no_error_of_a_validation_holds_the_value():
    with pytest.raises(ValidationError) as refused:
        Link(target='ftp://ann:hunter2@a', secure=SECRET).validate()
    assert 'hunter2' not in repr(refused.value)


def test_an_item_of_a_set_is_named_without_its_password():
    class Links(Document):
        targets = SetField(UrlField())

    with pytest.raises(ValidationError) as caught:
        Links(targets=['http://ann:secret@exa mple.com', 'no']).validate()
    assert caught.value.as_dict() == {
        'targets': {
            "'http://***@exa mple.com'": 'value is not a valid URL',
            'no': 'value is not a valid URL',
        }
    }
    assert 'secret' not in str(caught.value)


@pytest.mark.parametrize(
    'refused',
    [
        lambda: ListField(UrlField(), default=[f'ftp{SECRET}']),
        lambda: MapField(UrlField(), default={'a': f'{SECRET} x'}),
        lambda: UnionField(UrlField(), IntField(), default=f'{SECRET} {"x" * 200}'),
    ],
    ids=['list', 'map', 'union'],
)
def test_a_container_that_is_refused_shows_no_password(refused):
    with pytest.raises(ValueError, match=r'default .*//\*\*\*@') as caught:
        type('Wrong', (Document,), {'field': refused()})
    assert 'hunter2' not in str(caught.value)


def test_an_operator_of_a_list_shows_no_password():
    class Links(Document):
        targets = ListField(UrlField())

    with pytest.raises(QueryError) as caught:
        Links.targets.set({'a': [SECRET]})
    assert 'hunter2' not in str(caught.value)
