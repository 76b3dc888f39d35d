# Everything that is installed or cached goes into .venv and into one cache folder.
export AIOMONGODEL_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/aiomongodel
export PIP_CACHE_DIR := $(AIOMONGODEL_CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_CACHE_DIR := $(AIOMONGODEL_CACHE)/pyright
export npm_config_cache := $(AIOMONGODEL_CACHE)/npm
export HYPOTHESIS_STORAGE_DIRECTORY := .venv/cache/hypothesis
export PYTEST_DEBUG_TEMPROOT := $(CURDIR)/.venv/cache
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/cache/python

PYTHON ?= python3
RUN := .venv/bin/python -m
SERVER := $(RUN) tools.testserver
INSTALL := .venv/bin/python -m pip install --quiet --editable

.DEFAULT_GOAL := help
.PHONY: help demo test lint types docs bench bench-quick server stop-server clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: .venv/installed ## run examples/blog.py on a server that is found or started
	@$(SERVER) run .venv/bin/python -m examples.blog

test: .venv/installed-test ## run the whole test-suite, or TESTS=tests/contract of it
	@mkdir -p .venv/cache
	@$(RUN) pytest -n 2 $(or $(TESTS),--cov --cov-report=term)

lint: .venv/installed-dev ## check style and formatting
	@$(RUN) ruff check
	@$(RUN) ruff format --check

types: .venv/installed-dev ## check the types with mypy and pyright
	@$(RUN) mypy
	@$(RUN) pyright --warnings

docs: .venv/installed-docs ## build the documentation into docs/_build/html
	@$(RUN) sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo 'open docs/_build/html/index.html'

bench: .venv/installed-bench ## measure against the raw driver and every peer, for docs/performance
	@$(RUN) benchmarks --write docs/performance

bench-quick: .venv/installed ## measure against the raw driver alone, in a few seconds
	@$(RUN) benchmarks --quick

server: .venv/installed ## start a server that stays up, and print its URI
	@$(SERVER) start

stop-server: .venv/installed ## stop it
	@$(SERVER) stop

clean: ## remove .venv and what was built; the cache folder stays
	rm -rf .venv .tox build dist docs/_build

# pip is the last thing that venv makes: where it is missing, an earlier run was interrupted.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo 'error: $(PYTHON) is not Python 3.11 or later; name one: make PYTHON=python3.12'; exit 1; }
	@echo 'making .venv …'
	@$(PYTHON) -m venv --clear .venv \
	|| { rm -rf .venv; echo 'error: no venv; on Debian: apt install python3-venv'; exit 1; }

.venv/installed: EXTRAS := .
.venv/installed-test: EXTRAS := .[test,bench]
.venv/installed-bench: EXTRAS := .[bench]
.venv/installed-dev: EXTRAS := .[test,bench,dev]
.venv/installed-docs: EXTRAS := .[docs]
.venv/installed .venv/installed-test .venv/installed-bench .venv/installed-dev .venv/installed-docs: \
		.venv/bin/pip setup.cfg tools/testserver/requirements.txt
	@echo 'installing $(EXTRAS) into .venv …'
	@$(INSTALL) '$(EXTRAS)' --requirement tools/testserver/requirements.txt \
	|| { echo 'error: pip could not install it; see above, and try again once it reaches its index'; exit 1; }
	@rm -rf aiomongodel.egg-info build
	@touch $@
