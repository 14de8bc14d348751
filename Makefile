# Two commands on a fresh machine: `make demo` does the main job, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Names each package as it is fetched: an installation of a minute or two is not silent.
PIP_ALONE := $(BIN)/python -m pip install --progress-bar on --disable-pip-version-check
PIP := $(PIP_ALONE) --editable

.PHONY: demo test crash nightly image browser lint bench docs reference audit clean

$(VENV)/.installed: pyproject.toml
	@echo "Installing into $(VENV): one to three minutes the first time, none later."
	$(PYTHON) -m venv $(VENV)
	$(PIP) '.[demo]'
	touch $@

$(VENV)/.with-tests: $(VENV)/.installed
	$(PIP) '.[test]'
	touch $@

$(VENV)/.with-docs: $(VENV)/.installed
	$(PIP) '.[docs]'
	touch $@

demo: $(VENV)/.installed
	@$(BIN)/gallra demo

test: $(VENV)/.with-tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto

# A process is killed at every write of the ledger and every remote call, and run again.
crash: $(VENV)/.with-tests
	$(BIN)/python -m tests.crash
	$(BIN)/python -m tests.crash.soak

# Every property on 10,000 examples instead of 40; what decides and plans has no branch without a test.
DECIDES := --cov=connector.calendar --cov=connector.policy --cov=connector.plan
nightly: $(VENV)/.with-tests
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n auto $(shell grep -rl 'from hypothesis' tests --include='test_*.py')
	$(BIN)/python -m pytest -n auto tests/unit $(DECIDES) --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

# Builds both images with podman and runs them; where there is none it says so and ends well.
image: $(VENV)/.with-tests
	bash tests/image/run.sh

# Opens every page in a headless Chromium, prints it, and measures; where there is none it says so.
browser: $(VENV)/.with-tests
	GALLRA_BROWSER=1 $(BIN)/python -m pytest tests/browser

lint: $(VENV)/.with-tests
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

bench: $(VENV)/.with-tests
	$(BIN)/python -m benchmarks

# One source: docs/*.md. What is marked there as generated comes out of the code, by `make reference`.
docs: $(VENV)/.with-docs
	$(BIN)/zensical build --clean --strict

reference: $(VENV)/.with-tests
	$(BIN)/python -m tests.unit.docs.write

# Known faults of the libraries that a user installs; asks the package index.
audit: $(VENV)/.installed
	$(PIP_ALONE) 'pip-audit>=2.7,<3'
	$(BIN)/pip-audit --skip-editable --progress-spinner off

clean:
	rm -rf $(VENV) demo-output sandbox-shop site
