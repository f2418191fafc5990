# Every target makes what it needs; `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
FOLDERS = signals training strategies backtests reports
MODULES = $(notdir $(wildcard rollsight/*.py)) base commands decisions live workflows py.typed

.PHONY: help demo dev test test-all matrix check lint types docs golden bench clean

help: #-- list the targets
	@sed -n 's/^\([a-z-]*\):.*#-- \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/.runtime #-- train, trade, explain and report on the embedded market
	$(VENV)/bin/rollsight run sample --out runs/demo --jobs $(JOBS)

dev: $(VENV)/.dev #-- install the package and its tools

test: $(VENV)/.dev #-- quick tests, files side by side; TESTS=PATHS: these alone
	$(VENV)/bin/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

test-all: $(VENV)/.dev #-- every test that needs neither vendors nor a GPU
	$(VENV)/bin/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --hypothesis-profile=drawn \
		-m "not network and not gpu"

matrix: #-- quick tests under Python 3.11, 3.12 and 3.13, those that are here; TESTS as above
	TESTS="$(TESTS)" .ci/matrix

check: lint types docs test #-- what CI runs: lint, types, documentation, quick tests

lint: $(VENV)/.dev #-- ruff
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev .src #-- mypy
	$(VENV)/bin/mypy

# Not --quiet, which hides the warnings from --strict too.
docs: $(VENV)/.dev .src #-- the documentation as a site, into build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict

golden: $(VENV)/.dev #-- write the golden run anew; review the difference
	$(VENV)/bin/python -m tests.golden

bench: $(VENV)/.dev #-- measure speed and memory into bench.json; RUNS=DIR: reports and rules of runs
	$(VENV)/bin/python -m pip install --quiet --editable '.[bench]'
	$(VENV)/bin/python -m tests.benchmarks $(RUNS)

clean: #-- remove what the targets made, the demo's run too, and no other run
	rm -rf .venv .src build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf runs/demo bench.json
	find . -name .git -prune -o -name __pycache__ -prune -exec rm -rf {} +
	[ ! -d runs ] || rmdir --ignore-fail-on-non-empty runs

$(VENV)/.runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --editable .
	touch $@

# pip compiles on one core; some files of others cannot be compiled, and nobody imports them.
$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-compile --editable '.[dev]'
	$(VENV)/bin/python -W ignore -m compileall -qq -j 0 $(VENV)/lib || true
	touch $@ $(VENV)/.runtime

# Type checkers do not follow setuptools' package-dir; links show them the installed layout.
.src: $(wildcard rollsight/*.py)
	mkdir -p .src/rollsight
	for d in $(FOLDERS); do ln -sfn ../../$$d .src/rollsight/$$d; done
	for f in $(MODULES); do ln -sfn ../../rollsight/$$f .src/rollsight/$$f; done
	touch .src
