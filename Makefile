# One command sets up and shows the main job: make demo. One sets up and tests: make test.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif

.PHONY: demo test test-quick test-long bench bench-postgres bench-directory bench-rest bench-console bench-scim bench-remote lock clean

demo: .venv/.installed
	$(BIN)/trackone demo demo-school

test: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry connector scim_server
	sh tests/provision.sh
	$(BIN)/python -m pytest -m "not long"

test-quick: .venv/.installed
	$(BIN)/python -m pytest -m "not slow and not long and not servers and not browser"

test-long: .venv/.installed
	$(BIN)/python -m pytest -m long

bench: .venv/.installed
	$(BIN)/python -m bench.sync

bench-postgres: .venv/.installed
	$(BIN)/python -m bench.postgres

bench-directory: .venv/.installed
	$(BIN)/python -m bench.directory

bench-rest: .venv/.installed
	$(BIN)/python -m bench.rest

bench-console: .venv/.installed
	$(BIN)/python -m bench.console

bench-scim: .venv/.installed
	$(BIN)/python -m bench.scim

bench-remote: .venv/.installed
	$(BIN)/python -m bench.remote

# The stamp is newer than the lock and the project file, or the environment is made again.
.venv/.installed: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -c "import pathlib; pathlib.Path('.venv/.installed').touch()"

lock:
	uv pip compile --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --all-extras pyproject.toml -o requirements.lock
	uv pip compile --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --all-extras pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf .venv demo-school .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
