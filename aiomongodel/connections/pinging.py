"""Whether a server answers, and if not, what is wrong."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pymongo
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from aiomongodel.connections.settings import Settings, discreet, shows_any
from aiomongodel.drivers import settled
from aiomongodel.errors import ConfigurationError, Error, PingError
from aiomongodel.utils import shown

MAX_TEXT: Final = 300
"""The length of what is quoted of a driver's error, in characters."""

TIMEOUTS: Final = re.compile(r' *\(configured timeouts:.*?\)')
"""What the driver adds to many errors: its settings, which say nothing of the case."""


class Symptom(NamedTuple):
    """What a driver's error shows, by its text, for it keeps no cause."""

    reason: str
    pattern: re.Pattern[str]
    text: str


def symptom(reason: str, pattern: str, text: str) -> Symptom:
    """A symptom, whose pattern is found in upper case and in lower."""
    return Symptom(reason, re.compile(pattern, re.IGNORECASE), text)


SYMPTOMS: Final = (
    symptom(
        'replica set',
        r'replica set',
        '{host} is no member of the replica set {set_name!r} that is asked for (replicaSet)',
    ),
    symptom(
        'tls',
        r'\bssl\b|\btls\b|certificate',
        'no TLS connection to {host}: does it speak TLS, and is its certificate one that is '
        'trusted (tlsCAFile)? The driver says: {error}',
    ),
    symptom(
        'refused',
        r'refused|connect call failed',
        'nothing listens on {host} (the connection is refused)',
    ),
    symptom(
        'unknown host',
        r'name or service|name resolution|getaddrinfo|nodename nor servname|no address associated'
        r'|dns query name|errno -[2-5]\b',
        'the host name of {host} is unknown',
    ),
    symptom(
        'pool',
        r'checking out a connection',
        'no connection to {host} became free within {timeout:g} s',
    ),
    symptom('timeout', r'timed out|timeout', 'no answer from {host} within {timeout:g} s'),
    symptom(
        'closed',
        r'connection (is )?(already )?closed|connection lost|reset by peer|broken pipe'
        r'|errno (32|54|104)\b',
        '{host} closes the connection: is it a MongoDB server, and does it want TLS (tls=true)?',
    ),
)

# The server's codes: UserNotFound, Unauthorized, AuthenticationFailed, and Atlas's own.
REFUSED_CREDENTIALS: Final = frozenset({11, 13, 18, 8000})
NO_SUCH_COMMAND: Final = 59
NO_SUCH_MECHANISM: Final = 334


class Finding(NamedTuple):
    """What is wrong, for a program and for people."""

    reason: str
    text: str


async def ping(database: Callable[[], Any], settings: Settings, timeout: float) -> float:
    """Ask the server for an answer.

    Args:
        database: Gives the driver's database.
        settings: What its client was made from.
        timeout: The limit, in seconds.

    Returns:
        How long it took, in seconds.

    Raises:
        PingError: There was no answer, or not the right one.
    """
    refuse_bad_timeout(timeout)
    start = time.perf_counter()
    client = None
    try:
        with pymongo.timeout(timeout):
            asked = database()
            client = asked.client
            await settled(asked.command('ping', read_preference=asked.read_preference))
    except Error:
        raise
    except PyMongoError as error:
        failure, cause = Diagnosis(settings, timeout, client, error).result()
    else:
        return time.perf_counter() - start
    raise failure from cause


def refuse_bad_timeout(timeout: object) -> None:
    """Refuse what is no number of seconds above 0."""
    number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not number or not 0 < timeout < math.inf:  # type: ignore[operator]
        raise ConfigurationError(
            f'timeout is to be a number of seconds above 0, and is {shown(timeout)}'
        )


class Diagnosis:
    """What is wrong, from the driver's error and from what its client knows of the servers."""

    def __init__(
        self, settings: Settings, timeout: float, client: Any, error: PyMongoError
    ) -> None:
        self.settings = settings
        self.timeout = timeout
        self.client = client
        self.error = error

    def result(self) -> tuple[PingError, PyMongoError | None]:
        """Our error, and the driver's where its text may be shown."""
        hosts, name = self.settings.url.hosts, self.settings.db_name
        findings = list(self.findings())
        reason = findings[0].reason
        text = f'the database {name!r} does not answer: {"; ".join(each.text for each in findings)}'
        # A server that refuses a user may name it.
        is_private = reason == 'authentication' or shows_any(self.error, self.settings.secrets())
        return PingError(text, reason, hosts, name), None if is_private else self.error

    def findings(self) -> Iterator[Finding]:
        hosts = ', '.join(self.settings.url.hosts)
        if isinstance(self.error, OperationFailure) and not self.error.timeout:
            yield self.refusal(self.error, hosts)
        elif isinstance(self.error, ServerSelectionTimeoutError):
            yield from self.findings_of_servers() or [self.no_member(hosts)]
        else:
            yield self.reading(self.error, hosts)

    def findings_of_servers(self) -> list[Finding]:
        """What is wrong with each server that the client knows and has no answer from."""
        servers = self.client.topology_description.server_descriptions()
        return [
            self.reading(server.error, host if port is None else f'{host}:{port}')
            for (host, port), server in servers.items()
            if not server.is_server_type_known
        ]

    def no_member(self, hosts: str) -> Finding:
        """What is wrong where every server answers, or none of them is of the set."""
        if not self.client.topology_description.server_descriptions():
            return self.reading(self.error, hosts)
        preference = self.client.read_preference.name
        return Finding(
            'no member', f'no member of the replica set has the read preference {preference}'
        )

    def reading(self, error: Exception | None, host: str) -> Finding:
        """What the text of the driver's error says; no error yet means that it still waits."""
        text = TIMEOUTS.sub('', str(error)) if error else 'timed out'
        quoted = self.quoted(error) if error else ''
        for each in SYMPTOMS:
            if each.pattern.search(text):
                words = each.text.format(
                    host=host, timeout=self.timeout, error=quoted, set_name=self.set_name()
                )
                return Finding(each.reason, words)
        return Finding('other', f'{host}: {quoted}')

    def set_name(self) -> str | None:
        """The replica set that is asked for."""
        return None if self.client is None else self.client.options.replica_set_name

    def refusal(self, error: OperationFailure, hosts: str) -> Finding:
        """What a server that answers has refused."""
        if error.code in REFUSED_CREDENTIALS:
            return Finding(
                'authentication',
                f'{hosts} refuses the user name or the password; the user is looked for in the '
                'database that authSource names, else in that of the path of the URL, else in '
                "'admin'",
            )
        if error.code == NO_SUCH_MECHANISM or (
            error.code == NO_SUCH_COMMAND and 'sasl' in str(error)
        ):
            return Finding(
                'authentication',
                f'{hosts} does not know this way to authenticate (authMechanism), or none at all; '
                'leave out the user name where it asks for none',
            )
        return Finding('other', f'{hosts}: {self.quoted(error)}')

    def quoted(self, error: Exception) -> str:
        """What the driver says."""
        return TIMEOUTS.sub('', discreet(error, self.settings.secrets()))[:MAX_TEXT]
