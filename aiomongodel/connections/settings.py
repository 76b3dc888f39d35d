"""What a connection is made from: arguments, the environment and a URL, its secrets kept apart."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import unquote_plus

from pymongo import AsyncMongoClient, MongoClient, monitoring
from pymongo.errors import ConfigurationError as PyMongoConfigurationError
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_userinfo, split_hosts, split_options

from aiomongodel.errors import ConfigurationError
from aiomongodel.utils import shown

R = TypeVar('R')

SCHEMES: Final = ('mongodb', 'mongodb+srv')
AN_EXAMPLE: Final = "such as 'mongodb://localhost:27017/shop'"
TO_ESCAPE: Final = (
    'in a user name and a password, the characters %, /, ?, #, @, : and [ ] are to be escaped: '
    'urllib.parse.quote_plus does that; or give them as username and password, as they are'
)

ELSEWHERE: Final = {
    'host': 'hosts are given in the URL',
    'port': 'ports are given in the URL',
    'username': 'the user name is given as username',
    'password': 'the password is given as password',
}
SECRET_OPTIONS: Final = frozenset(
    {'authmechanismproperties', 'proxypassword', 'tlscertificatekeyfilepassword'}
)
UNTRIED_OPTIONS: Final = frozenset({'event_listeners', 'auto_encryption_opts'})
"""What is at work as soon as a client is made: listeners are told of it, and others are made."""

LISTENERS: Final = (
    monitoring.CommandListener,
    monitoring.ConnectionPoolListener,
    monitoring.ServerHeartbeatListener,
    monitoring.ServerListener,
    monitoring.TopologyListener,
)


@dataclass(frozen=True)
class Credentials:
    """A user name and a password of one source; its repr shows neither."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Url:
    """A URL in its parts; the user and the password are not in `bare`."""

    bare: str = field(repr=False)
    shown: str
    hosts: tuple[str, ...]
    credentials: Credentials = field(repr=False)
    database: str | None


@dataclass(frozen=True)
class Settings:
    """What clients are made from; its repr shows no secret."""

    url: Url
    db_name: str
    credentials: Credentials = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)

    def sync_client(self, *listeners: monitoring.ConnectionPoolListener) -> MongoClient[Any]:
        """Make a client whose calls block."""
        client = DiscreetClient(self.url.bare, **self.arguments(listeners))
        client._connected_to = self.url.shown
        return client

    def async_client(self, *listeners: monitoring.ConnectionPoolListener) -> AsyncMongoClient[Any]:
        """Make a client whose calls are awaited."""
        client = DiscreetAsyncClient(self.url.bare, **self.arguments(listeners))
        client._connected_to = self.url.shown
        return client

    def arguments(self, listeners: Iterable[monitoring.ConnectionPoolListener]) -> dict[str, Any]:
        """The driver's keyword arguments."""
        given = {name: text for name, text in vars(self.credentials).items() if text}
        all_listeners = [*(self.options.get('event_listeners') or ()), *listeners]
        return {**self.options, **given, 'event_listeners': all_listeners}

    def secrets(self) -> set[str]:
        """What the driver might show; the user name it does not."""
        own = {self.credentials.password} if self.credentials.password else set()
        for name, value in self.options.items():
            if name.lower() in SECRET_OPTIONS:
                values = value.values() if isinstance(value, Mapping) else [value]
                own.update(piece for each in values for piece in pieces_of(str(each)))
        return own | secrets_in(self.url.bare.partition('?')[2])


# The driver's clients show all of their options, among them passwords of keys and of proxies.


class DiscreetClient(MongoClient[Any]):
    """A client whose repr names its hosts alone."""

    _connected_to = ''

    def __repr__(self) -> str:
        return f'MongoClient({self._connected_to!r})'


class DiscreetAsyncClient(AsyncMongoClient[Any]):
    """A client whose repr names its hosts alone."""

    _connected_to = ''

    def __repr__(self) -> str:
        return f'AsyncMongoClient({self._connected_to!r})'


def settings_of(
    url: str | None,
    db_name: str | None,
    username: str | None,
    password: str | None,
    options: Mapping[str, Any],
) -> Settings:
    """Find what is to be used: an argument, else a variable of the environment, else the URL's.

    Raises:
        ConfigurationError: Something is missing, malformed or unknown.
    """
    refuse_other_than_texts(url=url, db_name=db_name, username=username, password=password)
    refuse_bad_options(options)
    given = Credentials(username, password)
    if url is not None:
        read = read_url(url, 'url')
        names = [db_name, read.database, variable('MONGO_DB_NAME')]
        # The environment may speak of another server, which is not to learn this one's secrets.
        others = [] if read.credentials.username else [credentials_of_environment()]
        credentials = first_credentials([given, read.credentials, *others])
    else:
        read = read_url(url_of_environment(), 'MONGO_URL')
        names = [db_name, variable('MONGO_DB_NAME'), read.database]
        credentials = first_credentials([given, credentials_of_environment(), read.credentials])
    settings = Settings(read, first_name(names), credentials, options)
    refuse_what_the_driver_refuses(settings)
    return settings


def refuse_other_than_texts(**arguments: object) -> None:
    """Refuse arguments that are neither None nor texts with something in them."""
    for name, value in arguments.items():
        if value is not None and not isinstance(value, str):
            given = f'{type(value).__module__}.{type(value).__qualname__}'
            raise ConfigurationError(f'{name} is to be a text or None, and is a {given}')
        if value == '':
            raise ConfigurationError(f'{name} is empty; None stands for one that is not given')


def refuse_bad_options(options: Mapping[str, Any]) -> None:
    """Refuse options that belong elsewhere, and listeners that are none."""
    for name in options:
        if where := ELSEWHERE.get(name.lower()):
            raise ConfigurationError(f'{name} is no option of connect(): {where}')
    listeners = options.get('event_listeners')
    if listeners is None:
        return
    if not isinstance(listeners, list | tuple):
        raise ConfigurationError(f'event_listeners is to be a list, and is {shown(listeners)}')
    for listener in listeners:
        if not isinstance(listener, LISTENERS):
            raise ConfigurationError(
                f'{shown(listener)} is no event listener of pymongo.monitoring'
            )


def variable(name: str) -> str | None:
    """The variable of the environment; one that is empty counts as one that is not there."""
    return os.environ.get(name) or None


def url_of_environment() -> str:
    """MONGO_URL."""
    if url := variable('MONGO_URL'):
        return url
    raise ConfigurationError(f'no URL: give url, {AN_EXAMPLE}, or set MONGO_URL')


def credentials_of_environment() -> Credentials:
    """MONGO_USER and MONGO_PASSWORD."""
    return Credentials(variable('MONGO_USER'), variable('MONGO_PASSWORD'))


def first_name(names: Iterable[str | None]) -> str:
    """The first name of a database that is given."""
    for name in names:
        if name:
            return name
    raise ConfigurationError(
        f'no database name: give db_name, a URL with a path, {AN_EXAMPLE}, or set MONGO_DB_NAME'
    )


def first_credentials(sources: Iterable[Credentials]) -> Credentials:
    """The first user name, and the first password that is not another user's."""
    found = list(sources)
    username = next((each.username for each in found if each.username), None)
    fitting = [each for each in found if each.username in (None, username)]
    password = next((each.password for each in fitting if each.password), None)
    if password and not username:
        raise ConfigurationError('a password without a user name: give username, or set MONGO_USER')
    return Credentials(username, password)


def read_url(url: str, source: str) -> Url:
    """Take a URL to pieces, without asking a name server.

    Args:
        url: The URL.
        source: Where it comes from, for the errors, none of which shows a part of it that could
            belong to a password.
    """
    scheme, separator, rest = url.partition('://')
    if not separator or scheme not in SCHEMES:
        raise ConfigurationError(
            f"{source} is to begin with 'mongodb://' or 'mongodb+srv://', {AN_EXAMPLE}"
        )
    if url != url.strip():
        raise ConfigurationError(f'{source} begins or ends with white space')
    authority = re.split('[/?]', rest, maxsplit=1)[0]
    tail = rest[len(authority) :]
    userinfo, _, hosts = authority.rpartition('@')
    if '@' in userinfo + tail:
        # The driver would take what stands before the @ for a host, a database or an option.
        raise ConfigurationError(
            f"{source} has an '@' that ends no user name and password; {TO_ESCAPE}, and elsewhere "
            'write %40'
        )
    bare = f'{scheme}://{hosts}{tail}'
    refuse_bad_hosts(hosts, source)
    refuse_bad_query(tail.partition('?')[2], source)
    return Url(
        bare=bare,
        shown=f'{scheme}://{hosts}',
        hosts=tuple(hosts.split(',')),
        credentials=read_userinfo(userinfo, source) if '@' in authority else Credentials(),
        database=driver_reads(lambda: database_of(bare), lambda error: f'{source}: {error}'),
    )


def read_userinfo(userinfo: str, source: str) -> Credentials:
    """The user name and the password of a URL, unescaped."""
    found = driver_reads(
        lambda: parse_userinfo(userinfo),
        lambda _: f'the user name and password of {source} cannot be read; {TO_ESCAPE}',
    )
    return Credentials(found[0], found[1] or None)


def refuse_bad_hosts(hosts: str, source: str) -> None:
    """Refuse hosts that the driver cannot read, without showing what might be a password."""
    driver_reads(
        lambda: split_hosts(hosts),
        lambda _: (
            f'the hosts of {source} cannot be read; they are host:port, joined by commas, and '
            f'ports are numbers up to 65535; {TO_ESCAPE}'
        ),
    )


def refuse_bad_query(query: str, source: str) -> None:
    """Refuse options that the driver does not know, or whose values it would ignore."""
    if query:
        driver_reads(
            lambda: split_options(query, validate=True, warn=False),
            lambda error: f'the options of {source}: {discreet(error, secrets_in(query))}',
        )


def refuse_what_the_driver_refuses(settings: Settings) -> None:
    """Make a client that does not connect, to see what is wrong before somebody waits for it."""
    arguments = {
        name: value for name, value in settings.arguments(()).items() if name not in UNTRIED_OPTIONS
    }
    client = driver_reads(
        lambda: MongoClient[Any](settings.url.bare, **{**arguments, 'connect': False}),
        lambda error: f'the driver refuses this: {discreet(error, settings.secrets())}',
    )
    driver_reads(
        lambda: client[settings.db_name],
        lambda error: f'{settings.db_name!r} is no name for a database: {error}',
    )


def database_of(bare_url: str) -> str | None:
    """The name of the database in the path of a URL."""
    client = MongoClient[Any](bare_url.partition('?')[0], connect=False)
    try:
        return str(client.get_default_database().name)
    except PyMongoConfigurationError:  # the path names none
        return None


def driver_reads(read: Callable[[], R], refusal: Callable[[Exception], str]) -> R:
    """What the driver makes of something, or else our error.

    It is raised where the driver's is over, so that no chain of errors leads to one which may
    quote a secret.
    """
    try:
        return read()
    except (PyMongoError, AttributeError, OSError, TypeError, ValueError) as error:
        text = refusal(error)
    raise ConfigurationError(text)


def secrets_in(query: str) -> set[str]:
    """The secrets among the options of a URL, as they stand there, unescaped, and in pieces."""
    pairs = [pair.partition('=') for pair in re.split('[&;]', query)]
    values = [value for name, _, value in pairs if name.lower() in SECRET_OPTIONS]
    return {piece for value in values for piece in pieces_of(value)}


def pieces_of(secret: str) -> set[str]:
    """What a message may show of a secret: all of it, or a part of a list of pairs."""
    texts = {secret, unquote_plus(secret)}
    return {piece for text in texts for piece in (text, *re.split('[:,]', text)) if piece}


def discreet(error: Exception, secrets: Iterable[str]) -> str:
    """The text of the driver's error, unless it holds a secret."""
    if shows_any(error, secrets):
        return f'a {type(error).__name__} of the driver, whose text would show a secret'
    return str(error)


def shows_any(error: Exception, secrets: Iterable[str]) -> bool:
    """Whether a secret stands in the text of an error."""
    text = str(error)
    return any(secret in text for secret in secrets)
