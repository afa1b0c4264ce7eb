# Two commands matter: `make run` and `make test`. Each sets up what it needs first.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
BIN := .venv/bin
READY := .venv/.ok
EDITION := var/editions/2017
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
              --no-emit-find-links --no-header --python-version 3.11

# Written with [.] so that the pattern does not match itself.
REGISTRIES := pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|yarnpkg[.]com|anaconda[.]org|crates[.]io|rubygems[.]org

.PHONY: run test setup source check bench lock clean
.DEFAULT_GOAL := run

run: setup  ## publish the example, serve it and a practice wave of its questionnaire (PORT=8000)
	@$(BIN)/barograph publish examples/smart-city-belgium 2017 --out $(EDITION)
	@$(BIN)/barograph serve examples/smart-city-belgium --edition $(EDITION) --state var/field --practice --port $(PORT)

test: setup  ## run the tests; ARGS="-k frame" chooses among them
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup $(ARGS)

setup: $(READY)  ## create .venv from the locks

$(READY): boot.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Barograph needs Python 3.11 or later, and $(PYTHON) is older or absent." \
	       "Name another: make setup PYTHON=python3.12"; exit 1; }
	@echo "[1/3] virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r boot.lock
	@echo "[2/3] packages, as locked"
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --only-binary :all: requirements.lock boot.lock
	@echo "[3/3] barograph itself"
	@$(BIN)/uv pip install -q --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

source: setup  ## add what comes only as source: Spark (needs Java 17) and a validator; CI tests both
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes --no-build-isolation --no-deps -r source.lock

check: setup  ## style, types, who imports whom, no registry host
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@! grep -nE 'https?://|index-url|find-links' boot.lock requirements.lock source.lock || { \
	  echo "A lock holds an address; make it again with: make lock"; exit 1; }
	@git grep --untracked -nIE '$(REGISTRIES)'; test $$? -eq 1 || { \
	  echo "A file names the host of a package registry; leave the choice to the machine."; exit 1; }

bench: setup  ## run every script of bench/
	@for script in $(sort $(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lock: setup  ## write the locks anew from pyproject.toml; ARGS=--upgrade takes newer versions
	@$(UV_COMPILE) $(ARGS) --group dev pyproject.toml --output-file requirements.lock
	@printf 'pyspark>=4.0\npy4j\npyjstat>=2.4\n' | $(UV_COMPILE) $(ARGS) --no-deps - --output-file source.lock
	@echo uv | $(UV_COMPILE) $(ARGS) - --output-file boot.lock

clean:  ## remove what can be made again
	@rm -rf .venv var build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
