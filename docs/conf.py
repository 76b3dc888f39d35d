"""The configuration of Sphinx: `sphinx-build -W -b html docs docs/_build/html`."""

import re

import aiomongodel

project = 'aiomongodel'
copyright = 'the authors of aiomongodel'
version = release = aiomongodel.__version__

extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon']
exclude_patterns = ['_build', 'performance/*.md']  # the latter are parts of a page
smartquotes = False  # '' in a docstring is code

myst_enable_extensions = ['deflist']
myst_heading_anchors = 3  # [text](modelling.md#names) finds a heading

add_module_names = False
autodoc_member_order = 'bysource'
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # an attribute that is also a property is described once

html_theme = 'furo'
html_title = f'aiomongodel {release}'
html_copy_source = False
html_show_sphinx = False


def write_code_in_double_backticks(*event):
    """Give reStructuredText its own form of code: docstrings have Markdown's `single backticks`."""
    lines = event[-1]
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(('>>>', '...')):
            # The escaped space lets a letter follow: `_id`s.
            lines[number] = re.sub(r'(?<!`)`([^`]+)`(?!`)(?=(\w?))', code_of, line)


def code_of(found):
    return f'``{found[1]}``' + ('\\ ' if found[2] else '')


def setup(app):
    app.connect('autodoc-process-docstring', write_code_in_double_backticks, priority=400)
