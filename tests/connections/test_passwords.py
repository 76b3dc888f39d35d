"""No password, and no piece of one, is shown by an error, a repr or a log."""

import logging
import pprint
import subprocess
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomongodel import ConfigurationError, PingError, connect

# Each part of the password stands apart, so that a message with any of them is found.
PARTS = ['xray', 'yankee', 'zulu']
USER = 'rosalind'


def assert_says_nothing(text):
    assert [part for part in [USER, *PARTS] if part in text] == []


def shown_by(error):
    """Give all that a traceback, a log or a debugger would show of an error."""
    seen = ''.join(traceback.format_exception(error))
    while error is not None:
        seen += f'{error!r} {error.args!r} {vars(error)!r} {getattr(error, "__notes__", "")}'
        error = error.__cause__ or error.__context__
    return seen.replace('tests/connections/test_passwords.py', '')


def refusal_of(*arguments, **options):
    with pytest.raises(ConfigurationError) as caught:
        connect(*arguments, **options)
    # The lines of this file that a traceback quotes show the test's own texts.
    caught.value.__traceback__ = None
    return caught.value


SEPARATORS = ['/', '@', ':', '?', '#', '%', '[', ']', ',', '&', '=', ' ', '//', '@/', '?a=', '/@']
HOSTS = ['host', 'host:27017', 'a:1,b:2', '[::1]', 'host:port', '', 'host:99999999']
TAILS = ['', '/', '/shop', '/shop?w=1', '/a b', '?w=1', '/shop?nothing=1', '/shop?maxPoolSize=x']
SCHEMES = ['mongodb://', 'mongodb+srv://', 'http://', '', 'mongodb:/', 'MONGODB://']


@given(
    st.sampled_from(SEPARATORS),
    st.sampled_from(SEPARATORS),
    st.sampled_from(HOSTS),
    st.sampled_from(TAILS),
    st.sampled_from(SCHEMES),
)
def test_a_url_that_is_taken_or_refused_shows_no_password(first, second, host, tail, scheme):
    password = PARTS[0] + first + PARTS[1] + second + PARTS[2]
    url = f'{scheme}{USER}:{password}@{host}{tail}'
    try:
        connection = connect(url, 'shop', connect=False)
    except ConfigurationError as error:
        error.__traceback__ = None
        assert_says_nothing(shown_by(error))
    else:
        assert_says_nothing(repr(connection) + pprint.pformat(vars(connection)))


@pytest.mark.parametrize(
    'url',
    [
        'mongodb://rosalind:xray/yankee@host/shop',
        'mongodb://rosalind:12/yankee@host/shop',
        'mongodb://rosalind:12/yankee@host',
        'mongodb://rosalind:12?yankee=zulu@host/shop',
        'mongodb://rosalind:12/?yankee=zulu@host/shop',
        'mongodb://rosalind:xray@yankee@host/shop',
        'mongodb://rosalind:xray:yankee@host/shop',
        'mongodb://rosalind:xray%yankee@host/shop',
        'mongodb://:xray@host/shop',
        'mongodb://rosalind:xray@/shop',
        'mongodb://rosalind:xray',
        'mongodb://rosalind:xray%yankee',
        'mongodb://rosalind:xray@host:yankee/shop',
        'mongodb+srv://rosalind:xray@a.example,b.example/shop',
        'mongodb+srv://rosalind:xray@a.example:27017/shop',
        'http://rosalind:xray@host/shop',
        'rosalind:xray@host/shop',
        'mongodb://rosalind:xray@host/shop?tls=maybe',
        'mongodb://rosalind:xray@host/shop?authMechanism=NONE',
        'mongodb://rosalind:xray@host/shop?authSource=',
        'mongodb://rosalind:xray@a,b/shop?directConnection=true',
        'mongodb://rosalind:xray@host/shop ',
    ],
)
@pytest.mark.parametrize('variable', [False, True])
def test_a_malformed_url_is_refused_without_showing_it(monkeypatch, url, variable):
    if variable:
        monkeypatch.setenv('MONGO_URL', url)
    error = refusal_of() if variable else refusal_of(url)

    assert_says_nothing(shown_by(error))
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ('url', 'options'),
    [
        ('mongodb://host/shop', {'maxPoolSizes': 3}),
        ('mongodb://host/shop', {'document_class': 3}),
        ('mongodb://host/shop', {'authMechanism': 'MONGODB-X509'}),
        ('mongodb://a,b/shop', {'directConnection': True}),
        ('mongodb://host/a b', {}),
        ('mongodb://host', {}),
    ],
)
def test_other_refusals_do_not_show_the_arguments(url, options):
    error = refusal_of(url, username=USER, password='xray-yankee', **options)

    assert_says_nothing(shown_by(error))


def test_a_message_of_the_driver_that_holds_a_secret_is_not_quoted():
    error = refusal_of('mongodb://h/d', username=USER, password='xray', readPreference='xray')

    assert_says_nothing(shown_by(error))
    assert str(error).endswith('of the driver, whose text would show a secret')


@pytest.mark.parametrize(
    'query',
    [
        'authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:xray,yankee',
        'authMechanism=MONGODB-AWS&authMechanismProperties=xray',
        'authMechanismProperties=AWS_SESSION_TOKEN:xray;wide=3',
        'tlsCertificateKeyFilePassword=xray&wide=3',
        'tlsCertificateKeyFilePassword=xray&tls=false',
        'tlsCertificateKeyFilePassword=xray&tlsCertificateKeyFile=/no/file',
    ],
)
def test_secrets_among_the_options_are_not_shown(query):
    assert_says_nothing(shown_by(refusal_of(f'mongodb://u:p@host/shop?{query}')))


@pytest.mark.parametrize(
    ('url', 'options'),
    [
        ('mongodb://rosalind:xray%40yankee@{}/shop', {}),
        ('mongodb://{}/shop', {'username': 'rosalind', 'password': 'xray@yankee'}),
        (
            'mongodb://{}/shop?authMechanismProperties=AWS_SESSION_TOKEN:zulu',
            {'username': 'rosalind', 'password': 'xray', 'authMechanism': 'MONGODB-AWS'},
        ),
        (
            'mongodb://{}/shop',
            {
                'username': 'rosalind',
                'password': 'xray',
                'authMechanism': 'MONGODB-AWS',
                'authMechanismProperties': {'AWS_SESSION_TOKEN': 'zulu'},
            },
        ),
    ],
)
async def test_nothing_that_is_made_shows_a_secret(caplog, url, options, free_port):
    caplog.set_level(logging.DEBUG, logger='aiomongodel')
    url = url.format(f'127.0.0.1:{free_port}')
    async with connect(url, **options, connect=False, monitor=True) as connection:
        made = [
            connection,
            connection.database,
            connection.client,
            connection.database.things,
            connection.async_database,
            connection.async_client,
            connection.monitor,
        ]
        for each in made:
            assert_says_nothing(f'{each!r} {each!s}')
        assert_says_nothing(repr(vars(connection)) + pprint.pformat(vars(connection)))
    assert_says_nothing(caplog.text)


def test_what_is_shown_names_the_hosts_and_the_database():
    with connect('mongodb://u:p@a.example:27018,b.example/shop?w=1', connect=False) as connection:
        assert repr(connection) == "<Connection to 'shop' at mongodb://a.example:27018,b.example>"
        client = "MongoClient('mongodb://a.example:27018,b.example')"
        assert repr(connection.database) == f"Database({client}, 'shop')"


def test_a_failing_ping_shows_no_password(free_port):
    url = f'mongodb://rosalind:xray%2Fyankee@127.0.0.1:{free_port}/shop'
    with connect(url) as connection, pytest.raises(PingError) as caught:
        connection.ping(0.2)
    caught.value.__traceback__ = None
    assert_says_nothing(shown_by(caught.value))


def test_the_password_of_a_key_is_not_shown(tmp_path):
    """The driver's own repr shows it."""
    key = tmp_path / 'key.pem'
    command = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-subj', '/CN=test', '-days', '1']
    files = ['-keyout', str(key), '-out', str(tmp_path / 'certificate.pem')]
    try:
        subprocess.run([*command, *files, '-passout', 'pass:xray'], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip('openssl makes the key')
    key.write_text(key.read_text() + (tmp_path / 'certificate.pem').read_text())
    options = {'tls': True, 'tlsCertificateKeyFile': str(key), 'connect': False}

    with connect('mongodb://h/d', tlsCertificateKeyFilePassword='xray', **options) as connection:
        assert_says_nothing(repr(connection.database) + repr(vars(connection)))
    wrong = refusal_of('mongodb://h/d', tlsCertificateKeyFilePassword='yankee', **options)
    assert_says_nothing(shown_by(wrong))
