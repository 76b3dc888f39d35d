"""Runs the examples of docstrings and pages, which may await at top level."""

import ast
import contextlib
import doctest
import inspect
import io
import re
import sys
import types
from dataclasses import dataclass

from aiomongodel.utils import CLASSES_CACHE

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
FENCE = re.compile(
    r'^```(?P<language>\w+)\n(?P<block>.*?)^```$'
    r'|^\| Expression \| Dict \|\n\|[-| ]+\n(?P<rows>(?:\|[^\n]*\n)+)',
    re.MULTILINE | re.DOTALL,
)
ROW = re.compile(r'\| `(.+)` \| `(.+)` \|')


@dataclass
class Example:
    """Some lines of code, and what they print; None if nobody says what."""

    source: str
    output: str | None
    mode: str = 'exec'


def of_docstring(text):
    """The examples of a docstring, each line of which a user might type."""
    return [
        Example(example.source, example.want, 'single')
        for example in doctest.DocTestParser().get_examples(text)
    ]


def of_page(text):
    """The Python blocks of a Markdown page; a block of text after one is what it prints.

    So is each row of a table of expressions, with the dict that it makes.
    """
    examples = []
    for found in FENCE.finditer(text):
        if found['rows']:
            examples += of_table(found['rows'])
        elif found['language'] == 'python':
            examples.append(Example(found['block'], None))
        elif found['language'] == 'text' and examples:
            examples[-1].output = found['block']
    return examples


def of_table(rows):
    """An example for each row of a table of expressions and dicts."""
    cells = [ROW.fullmatch(row.replace('\\|', '|')) for row in rows.splitlines()]
    return [Example(f'assert ({c[1]}) == ({c[2]}), repr({c[1]})', None) for c in cells]


async def run(examples, **names):
    """Run examples in a module of their own, and hold what they print against what they say.

    The module is importable as `models` while they run, for classes that are named by a path.
    """
    module = types.ModuleType('models')
    vars(module).update(names)
    sys.modules['models'] = module
    try:
        for example in examples:
            printed = await run_one(example, vars(module))
            if example.output is not None:
                assert matches(printed, example.output), explain(example, printed)
    finally:
        del sys.modules['models']
        for path in [path for path in CLASSES_CACHE if path.startswith('models.')]:
            del CLASSES_CACHE[path]


async def run_one(example, namespace):
    code = compile(example.source, '<example>', example.mode, FLAGS)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = eval(code, namespace)
        if inspect.iscoroutine(result):
            await result
    return printed.getvalue()


def matches(printed, expected):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected, printed, flags)


def explain(example, printed):
    return f'{example.source}\nprinted\n{printed}\nand not\n{example.output}'
