"""Where a connection is taken from, the clients that it makes, and how they end."""

import pickle
import threading

import pymongo.errors
import pytest
from pymongo import monitoring

from aiomongodel import (
    ConfigurationError,
    ConnectionUsageError,
    Error,
    PoolMonitor,
    connect,
)

NO_URL = "no URL: give url, such as 'mongodb://localhost:27017/shop', or set MONGO_URL"
NO_NAME = (
    'no database name: give db_name, a URL with a path, '
    "such as 'mongodb://localhost:27017/shop', or set MONGO_DB_NAME"
)


def name_of(*arguments):
    with connect(*arguments, connect=False) as connection:
        return connection.database.name


def credentials_of(*arguments, **options):
    with connect(*arguments, **options, connect=False) as connection:
        found = connection.client.options.pool_options._credentials
        return found and (found.username, found.password)


@pytest.mark.parametrize(
    ('arguments', 'environment', 'name'),
    [
        (['mongodb://h/path', 'argument'], {'MONGO_DB_NAME': 'variable'}, 'argument'),
        (['mongodb://h/path'], {'MONGO_DB_NAME': 'variable'}, 'path'),
        (['mongodb://h'], {'MONGO_DB_NAME': 'variable'}, 'variable'),
        (['mongodb://h/'], {'MONGO_DB_NAME': 'variable'}, 'variable'),
        (['mongodb://h/?w=1'], {'MONGO_DB_NAME': 'variable'}, 'variable'),
        (['mongodb://h/path?w=1'], {}, 'path'),
        (['mongodb://h/path.collection'], {}, 'path'),
        (['mongodb://h/p%61th'], {}, 'path'),
        ([None, 'argument'], {'MONGO_URL': 'mongodb://h/path'}, 'argument'),
        ([], {'MONGO_URL': 'mongodb://h/path', 'MONGO_DB_NAME': 'variable'}, 'variable'),
        ([], {'MONGO_URL': 'mongodb://h/path'}, 'path'),
        ([], {'MONGO_URL': 'mongodb://h/path', 'MONGO_DB_NAME': ''}, 'path'),
    ],
)
def test_the_name_of_the_database(monkeypatch, arguments, environment, name):
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert name_of(*arguments) == name


def test_the_environment_is_read_at_each_call(monkeypatch):
    monkeypatch.setenv('MONGO_URL', 'mongodb://h/first')
    assert name_of() == 'first'
    monkeypatch.setenv('MONGO_URL', 'mongodb://h/second')
    assert name_of() == 'second'


@pytest.mark.parametrize(
    ('url', 'arguments', 'environment', 'expected'),
    [
        ('mongodb://h/d', ('a', 'ap'), ('e', 'ep'), ('a', 'ap')),
        ('mongodb://u:up@h/d', ('a', 'ap'), ('e', 'ep'), ('a', 'ap')),
        ('mongodb://u:up@h/d', (None, None), ('e', 'ep'), ('u', 'up')),
        ('mongodb://u:up@h/d', (None, None), (None, 'ep'), ('u', 'up')),
        ('mongodb://u:up@h/d', (None, 'ap'), ('e', 'ep'), ('u', 'ap')),
        ('mongodb://u:up@h/d', ('u', None), ('e', 'ep'), ('u', 'up')),
        ('mongodb://h/d', (None, None), ('e', 'ep'), ('e', 'ep')),
        ('mongodb://h/d', ('a', None), (None, 'ep'), ('a', 'ep')),
        ('mongodb://h/d', (None, 'ap'), ('e', 'ep'), ('e', 'ap')),
        ('mongodb://h/d', (None, None), (None, None), None),
        ('mongodb://u%40x:p%2F%40%3A@h/d', (None, None), (None, None), ('u@x', 'p/@:')),
    ],
)
def test_the_credentials_beside_a_url_that_is_given(
    monkeypatch, url, arguments, environment, expected
):
    set_credentials(monkeypatch, environment)
    username, password = arguments
    assert credentials_of(url, username=username, password=password) == expected


@pytest.mark.parametrize(
    ('environment', 'expected'),
    [
        (('e', 'ep'), ('e', 'ep')),
        ((None, 'ep'), ('u', 'ep')),
        (('u', None), ('u', 'up')),
        ((None, None), ('u', 'up')),
    ],
)
def test_the_credentials_beside_the_url_of_the_environment(monkeypatch, environment, expected):
    monkeypatch.setenv('MONGO_URL', 'mongodb://u:up@h/d')
    set_credentials(monkeypatch, environment)
    assert credentials_of() == expected


@pytest.mark.parametrize(
    ('url', 'username', 'environment'),
    [
        ('mongodb://u:up@h/d', 'a', (None, None)),
        ('mongodb://h/d', 'a', ('e', 'ep')),
        ('mongodb://u@h/d', None, ('e', 'ep')),
        ('mongodb://u@h/d', None, (None, 'ep')),
    ],
)
def test_no_password_is_sent_for_another_user(monkeypatch, url, username, environment):
    set_credentials(monkeypatch, environment)
    with pytest.raises(ConfigurationError, match='A password is required'):
        connect(url, username=username)


def test_a_password_needs_a_user():
    with pytest.raises(ConfigurationError, match='without a user name: give username, or set'):
        connect('mongodb://h/d', password='p')


def set_credentials(monkeypatch, credentials):
    for variable, value in zip(('MONGO_USER', 'MONGO_PASSWORD'), credentials, strict=True):
        if value:
            monkeypatch.setenv(variable, value)


def refusal(*arguments, **options):
    with pytest.raises(ConfigurationError) as caught:
        connect(*arguments, **options)
    assert isinstance(caught.value, (Error, pymongo.errors.ConfigurationError, ValueError))
    return str(caught.value)


def test_what_was_looked_at_is_listed():
    assert refusal() == NO_URL
    assert refusal(None, 'shop') == NO_URL
    assert refusal('mongodb://localhost') == NO_NAME


def test_an_error_is_one_of_all_worlds():
    bases = (Error, pymongo.errors.ConfigurationError, ValueError)
    assert all(issubclass(ConfigurationError, base) for base in bases)


def test_an_argument_of_another_type(sync_db):
    assert refusal(5) == 'url is to be a text or None, and is a builtins.int'
    text = refusal(sync_db)
    assert text.startswith('url is to be a text or None, and is a pymongo.')
    assert text.endswith('Database')
    for name in ('db_name', 'username', 'password'):
        text = refusal('mongodb://h/d', **{name: b'secret'})
        assert text == f'{name} is to be a text or None, and is a builtins.bytes'


@pytest.mark.parametrize('name', ['url', 'db_name', 'username', 'password'])
def test_an_empty_argument(name):
    text = refusal(**{'url': 'mongodb://h/d', name: ''})
    assert text == f'{name} is empty; None stands for one that is not given'


def test_a_monitor_is_switched_on_or_off():
    text = refusal('mongodb://h/d', monitor=PoolMonitor())
    assert text.startswith('monitor is to be True or False, and is <')


@pytest.mark.parametrize('url', ['localhost:27017/shop', 'http://h/d', 'mongodb:/h', ' '])
def test_no_url_of_mongodb(url):
    text = refusal(url)
    assert text.startswith("url is to begin with 'mongodb://' or 'mongodb+srv://'")


def test_the_variable_is_named_where_its_url_is_wrong(monkeypatch):
    monkeypatch.setenv('MONGO_URL', 'localhost')
    assert refusal().startswith('MONGO_URL is to begin with')


@pytest.mark.parametrize(
    ('url', 'text'),
    [
        ('mongodb:///d', 'the hosts of url cannot be read; they are host:port'),
        ('mongodb://a,,b/d', 'the hosts of url cannot be read'),
        ('mongodb://h:65536/d', 'ports are numbers up to 65535'),
        ('mongodb://h/a b', 'url: Bad database name "a b"'),
        ('mongodb://h/d\n', 'url begins or ends with white space'),
        ('mongodb://h/d?x', 'the options of url: MongoDB URI options are key=value pairs'),
        ('mongodb://h/d?wide=1', 'the options of url: Unknown option: wide'),
        ('mongodb://h/d?maxPoolSize=x', 'The value of maxpoolsize must be an integer'),
        ('mongodb+srv://a.b.c,d.e.f/d', 'must include one, and only one, hostname'),
        ('mongodb+srv://a.b.c:27017/d', 'must not include a port number'),
    ],
)
def test_a_malformed_url(url, text):
    assert text in refusal(url)


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'maxPoolSizes': 3}, 'Unknown option: maxPoolSizes. Did you mean one of (maxpoolsize'),
        ({'maxPoolSize': 'x'}, 'The value of maxPoolSize must be an integer'),
        ({'minPoolSize': 200}, 'minPoolSize must be smaller or equal to maxPoolSize'),
        ({'host': 'h'}, 'host is no option of connect(): hosts are given in the URL'),
        ({'port': 1}, 'port is no option of connect(): ports are given in the URL'),
        ({'Password': 'p'}, 'Password is no option of connect(): the password is given as'),
        ({'document_class': 3}, 'the driver refuses this: issubclass()'),
        ({'tlsCAFile': '/no/such/file'}, "No such file or directory: '/no/such/file'"),
        ({'event_listeners': 3}, 'event_listeners is to be a list, and is 3'),
        ({'event_listeners': [3]}, '3 is no event listener of pymongo.monitoring'),
    ],
)
def test_an_option_of_the_client(options, text):
    assert text in refusal('mongodb://h/d', **options)


@pytest.mark.parametrize('name', ['a b', 'a/b', 'a.b', 'a$b', 'a\0b'])
def test_a_name_that_no_database_has(name):
    text = refusal('mongodb://h', name)
    assert text.startswith(f'{name!r} is no name for a database: database names cannot contain')


def test_the_name_of_a_cluster_is_not_looked_up():
    connection = connect('mongodb+srv://no-such.cluster.invalid/shop')
    assert repr(connection) == ("<Connection to 'shop' at mongodb+srv://no-such.cluster.invalid>")


def test_nothing_is_told_to_listeners():
    class Listener(monitoring.TopologyListener):
        def opened(self, event):
            raise AssertionError

        closed = description_changed = opened

    threads = threading.active_count()
    connect('mongodb://h/d', event_listeners=[Listener()])
    assert threading.active_count() == threads


def test_the_errors_are_pickled():
    for error in (ConfigurationError('a'), ConnectionUsageError('b')):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
