"""Every example of the docstrings, of README.md and of docs/ does what it says."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import aiomongodel
from aiomongodel import DateTimeField, Document, StrField
from tests import examples

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]


def public(module):
    return {name: value for name, value in vars(module).items() if not name.startswith('__')}


class User(Document):
    """The model of the examples that do not declare their own."""

    name = StrField()
    created = DateTimeField(required=False)


def modules():
    yield aiomongodel
    for module in pkgutil.walk_packages(aiomongodel.__path__, 'aiomongodel.'):
        yield importlib.import_module(module.name)


def objects_of(module):
    """A module, its classes and functions, and the methods of the classes, by name."""
    yield module.__name__, module
    for name, value in vars(module).items():
        if getattr(value, '__module__', None) != module.__name__:
            continue
        yield f'{module.__name__}.{name}', value
        if inspect.isclass(value):
            members = inspect.getmembers(
                value, lambda member: inspect.isroutine(member) or isinstance(member, property)
            )
            yield from (
                (f'{value.__name__}.{name}', vars(value)[name])
                for name, _ in members
                if name in vars(value)
            )


def documented():
    """The docstrings with examples, by the names of their objects."""
    for module in modules():
        for name, value in objects_of(module):
            text = getattr(value, '__doc__', None) or ''
            if '>>>' in text:
                yield pytest.param(module, text, id=name)


@pytest.mark.parametrize(('module', 'text'), list(documented()))
async def test_the_example_of_a_docstring_runs(module, text, db, sync_db, mongodb_uri):
    user = await User(name='Ann').save(db)
    names = {'User': User, 'db': db, 'sync_db': sync_db, 'uri': mongodb_uri, 'user': user}
    await examples.run(examples.of_docstring(text), **{**public(module), **names})


@pytest.mark.parametrize('driver', ['motor', 'pymongo-async'])
@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
async def test_the_examples_of_a_page_run(page, driver, sync_db, clients, mongodb_uri):
    client = clients[driver]
    names = {'client': client, 'db': client[sync_db.name], 'uri': mongodb_uri}
    names |= {'async_db': clients['pymongo-async'][sync_db.name], 'sync_db': sync_db}
    await examples.run(examples.of_page(page.read_text()), **names)
