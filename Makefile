# make run | make test: all that a fresh machine needs is git, make and Python >= 3.11 with venv.
PORT ?= 8000
BIN := .venv/bin
EXAMPLE := examples/smart-city-belgium
EDITION := var/editions/2017

.PHONY: setup run test check bench lock
setup: .venv/.ok

.venv/.ok: requirements.lock boot.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Barograph needs Python 3.11 or newer; python3 here is " + sys.version.split()[0])'
	@test -x $(BIN)/python || python3 -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r boot.lock
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock boot.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/barograph publish $(EXAMPLE) 2017 --out $(EDITION)
	@$(BIN)/barograph serve $(EDITION) --port $(PORT)

test: setup
	@$(BIN)/python -m pytest -q -n 2

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@! grep -nE 'https?://|index-url|find-links' requirements.lock boot.lock
	@! git grep -nIE '(files\.pythonhosted|pypi|registry\.npmjs|deb\.debian)[.](org|python)|--(extra-)?index-url[= ]h' -- . ':!Makefile'

bench: setup
	@for file in bench/*.py; do $(BIN)/python $$file || exit 1; done

# The lock carries hashes and no host; it is made anew from pyproject.toml.
lock:
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate --extra dev -o requirements.lock pyproject.toml
	@echo uv | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate -o boot.lock -
