"""The order of the modules, and the names that are public."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import aiomongodel
from aiomongodel import errors, fields

PACKAGE = Path(aiomongodel.__file__).parent
LAYERS = [
    *['utils', 'identifiers', 'unique_keys', 'messages', 'errors'],
    *['json_forms', 'nesting', 'matching'],
    *['polymorphism', 'expressions', 'geojson', 'drivers', 'handles', 'calls', 'files', 'fields'],
    *['hooks', 'extras', 'changes', 'codec', 'domain', 'meta', 'schemas', 'operations'],
    *['ordering', 'paging', 'shapes', 'document_list', 'cursor'],
    *['change_streams', 'queryset', 'snapshots', 'sessions', 'retries', 'connections'],
    *['synchronous', 'inheritance', 'definition', 'mixins'],
    *['objects', 'serialisation', 'transactions', 'validation', 'base_document', 'document', ''],
]
MODULES = sorted(PACKAGE.rglob('*.py'))


def name_of(path):
    """Give the dotted name of a module within the package; '' is the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix('').parts
    return '.'.join(part for part in parts if part != '__init__')


def names_tried(path):
    """Give the names, within the package, of what a module imports when it is imported itself."""
    package = 'aiomongodel.' + '.'.join(path.relative_to(PACKAGE).parts[:-1])
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.rstrip('.').split('.')
            base = '.'.join(parents[: len(parents) - node.level + 1]) if node.level else ''
            origin = '.'.join(filter(None, [base, node.module]))
            yield from (f'{origin}.{alias.name}' for alias in node.names)


def statements(node):
    """Give what runs at import time: no bodies of functions, nothing for type checkers only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and 'TYPE_CHECKING' in ast.unparse(child.test):
            yield from (each for other in child.orelse for each in (other, *statements(other)))
            continue
        yield child
        yield from statements(child)


def imported(path):
    """Give the modules of the package that a module imports."""
    known = {name_of(each) for each in MODULES}
    for name in names_tried(path):
        first, _, inner = name.partition('.')
        if first == 'aiomongodel':
            yield inner if inner in known else inner.rpartition('.')[0]


def layer_of(name):
    return LAYERS.index(name.partition('.')[0])


@pytest.mark.parametrize('path', MODULES, ids=name_of)
def test_a_module_imports_from_earlier_layers_only(path):
    name = name_of(path)
    later = [
        other
        for other in imported(path)
        if layer_of(other) > layer_of(name)
        or (layer_of(other) == layer_of(name) and '.' not in f'{name}{other}' and other != name)
    ]
    assert later == []


def test_no_modules_import_each_other_in_a_ring():
    left = {name_of(path): set(imported(path)) - {name_of(path)} for path in MODULES}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_an_import_that_is_for_type_checkers_or_in_a_function_does_not_count(tmp_path):
    source = 'from aiomongodel import a\nif TYPE_CHECKING:\n  import b\ndef f():\n  import c\n'
    found = [node for node in statements(ast.parse(source)) if isinstance(node, ast.Import)]
    assert found == []


def test_the_public_names_of_the_package_are_those_it_imports():
    public = {name for name in vars(aiomongodel) if not name.startswith('_')}
    modules = {name for name in public if inspect.ismodule(getattr(aiomongodel, name))}
    assert sorted(public - modules) == sorted(aiomongodel.__all__)


def test_the_public_names_of_fields_are_the_fields():
    public = {name for name in vars(fields) if not name.startswith('_')}
    modules = {name for name in public if inspect.ismodule(getattr(fields, name))}
    assert sorted(public - modules) == sorted(fields.__all__)


def test_the_public_names_of_errors_are_the_exceptions():
    raised = [
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.AioMongodelException)
    ]
    assert sorted(raised) == sorted(errors.__all__)


@pytest.mark.parametrize('name', [name_of(path) for path in MODULES])
def test_the_names_that_a_module_lists_are_there_once(name):
    module = importlib.import_module('.'.join(filter(None, ['aiomongodel', name])))
    listed = getattr(module, '__all__', [])
    assert len(set(listed)) == len(listed)
    assert [each for each in listed if not hasattr(module, each)] == []
