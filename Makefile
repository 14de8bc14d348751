# Two commands on a fresh machine: `make demo` does the main job, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable

.PHONY: demo test nightly lint bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) .
	touch $@

$(VENV)/.with-tests: $(VENV)/.installed
	$(PIP) '.[test]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/gallra demo

test: $(VENV)/.with-tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto

# Every property on 10,000 examples instead of 40; what decides and plans has no branch without a test.
DECIDES := --cov=connector.calendar --cov=connector.policy --cov=connector.plan
nightly: $(VENV)/.with-tests
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n auto $(shell grep -rl 'from hypothesis' tests --include='test_*.py')
	$(BIN)/python -m pytest -n auto tests/unit $(DECIDES) --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

lint: $(VENV)/.with-tests
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

bench: $(VENV)/.with-tests
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo-output
