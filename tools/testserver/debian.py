"""A folder with programs of Debian testing, made by the host's apt without changing the host.

apt works on lists, caches and a package status of its own in a folder given; the packages are
unpacked, not installed, so none of their scripts runs.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.testserver.errors import TestServerError

SUITE = 'testing'
KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')
LINKED_INTO_USR = ('bin', 'lib', 'lib64', 'sbin')
# what the programs do not read: documentation, translations, fonts, other programs' parts
UNNEEDED = (
    'usr/include',
    'usr/lib/*/perl',
    'usr/lib/*/perl-base',
    'usr/lib/*/systemd',
    'usr/lib/gnupg',
    'usr/lib/postgresql/*/lib/bitcode',
    'usr/lib/systemd',
    'usr/share/bash-completion',
    'usr/share/doc',
    'usr/share/fonts',
    'usr/share/gnupg',
    'usr/share/i18n',
    'usr/share/info',
    'usr/share/lintian',
    'usr/share/locale',
    'usr/share/man',
    'usr/share/perl',
    'usr/share/perl5',
    'usr/share/zsh',
)
POSTGRES_ID = 65432  # a number that no Debian system gives to a user of its own
PASSWD = f'root:x:0:0::/:/bin/sh\npostgres:x:{POSTGRES_ID}:{POSTGRES_ID}::/:/bin/sh\n'
GROUP = f'root:x:0:\npostgres:x:{POSTGRES_ID}:\n'


class Apt:
    """The host's apt-get, working inside one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options = folder / 'apt.conf'

    def update(self) -> None:
        """Fetch the lists of Debian testing from the mirror that the host uses."""
        for name in ('lists/partial', 'archives/partial', 'empty'):
            (self._folder / name).mkdir(parents=True)
        (self._folder / 'status').touch()
        (self._folder / 'debian.sources').write_text(_source(host_mirror()))
        self._options.write_text(_apt_options(self._folder))
        self._run('update', 'fetch the package lists')

    def fetch(self, packages: tuple[str, ...]) -> list[Path]:
        """Fetch packages with all that they depend on.

        Args:
            packages: Their names.

        Returns:
            The package files.
        """
        options = ('--download-only', '--no-install-recommends', '-y')
        self._run('install', 'fetch the packages', *options, *packages)
        return sorted((self._folder / 'archives').glob('*.deb'))

    def _run(self, command: str, purpose: str, *arguments: str) -> None:
        # -c is read after the host's own options, an APT_CONFIG would be read before them
        words = ['apt-get', '-q', '-c', str(self._options), command, *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        told = '\n'.join((done.stdout + done.stderr).splitlines()[-15:])
        raise TestServerError(
            f'apt-get could not {purpose} of Debian {SUITE}:\n{told}\n'
            "Mend what apt's message above names, such as the network, the proxy and mirror that "
            'apt is set up with, or the space on the disk; '
            'or set MONGODB_URI to a running server.'
        )


def host_mirror() -> str:
    """Find the Debian mirror that the host's own apt sources name.

    Returns:
        The mirror's address.

    Raises:
        TestServerError: The sources name none.
    """
    codename = platform.freedesktop_os_release().get('VERSION_CODENAME', SUITE)
    wanted = (codename, SUITE, 'unstable', 'sid', 'stable')
    command = ['apt-get', 'indextargets', '--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)']
    unfiltered = '-oAPT::Get::IndexTargets::Filtered=false'  # also what was never fetched
    listed = subprocess.run([*command, unfiltered], capture_output=True, text=True, check=False)
    targets = [line.split() for line in listed.stdout.splitlines()]
    mirrors = {target[0]: target[2] for target in targets if target[1:2] == ['main']}
    for suite in wanted:
        if suite in mirrors:
            return mirrors[suite]
    raise TestServerError(
        f"apt's sources name no Debian mirror with {codename}/main: "
        'add one below /etc/apt/sources.list.d, or set MONGODB_URI to a running server.'
    )


def _source(mirror: str) -> str:
    if not KEYRING.exists():
        raise TestServerError(
            f'{KEYRING} is missing: install the package debian-archive-keyring, '
            'or set MONGODB_URI to a running server.'
        )
    return f'Types: deb\nURIs: {mirror}\nSuites: {SUITE}\nComponents: main\nSigned-By: {KEYRING}\n'


def _apt_options(folder: Path) -> str:
    return f"""\
Dir::State "{folder}";
Dir::State::lists "{folder}/lists/";
Dir::State::status "{folder}/status";
Dir::State::extended_states "{folder}/extended_states";
Dir::Cache "{folder}";
Dir::Cache::archives "{folder}/archives/";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "{folder}/log";
Dir::Etc::sourcelist "{folder}/debian.sources";
Dir::Etc::sourceparts "{folder}/empty";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{folder}/empty";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
"""


def unpack(packages: list[Path], root: Path) -> None:
    """Unpack packages into a folder that `chroot` can be given.

    Args:
        packages: The package files.
        root: The folder; it is created.
    """
    for name in LINKED_INTO_USR:
        (root / 'usr' / name).mkdir(parents=True)
        (root / name).symlink_to(f'usr/{name}')
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda package: _extract(package, root), packages):
            pass
    for path in _unneeded(root):
        shutil.rmtree(path)
    for name in ('dev', 'proc', 'srv/data', 'tmp', 'etc'):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / 'tmp').chmod(0o1777)
    (root / 'etc/passwd').write_text(PASSWD)
    (root / 'etc/group').write_text(GROUP)
    subprocess.run(['chroot', root, '/usr/sbin/ldconfig'], check=True)


def _unneeded(root: Path) -> Iterator[Path]:
    for pattern in UNNEEDED:
        yield from (path for path in root.glob(pattern) if path.is_dir())


def _extract(package: Path, root: Path) -> None:
    done = subprocess.run(
        ['dpkg-deb', '--extract', package, root], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise TestServerError(
            f'dpkg-deb could not unpack {package.name}: {done.stderr.strip()}\n'
            'Check the space left on the disk and start again.'
        )
