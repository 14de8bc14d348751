# Two commands on a fresh machine: `make demo` does the main job, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Names each package as it is fetched: an installation of a minute or two is not silent.
PIP_ALONE := $(BIN)/python -m pip install --progress-bar on --disable-pip-version-check
# By the ranges of pyproject.toml, from whatever index this machine has; with LOCKED=1, as CI does, the versions that were
# tested, each file held to its hash.
ifdef LOCKED
locked = $(PIP_ALONE) --require-hashes -r requirements/$(1).txt -r requirements/build.txt \
	&& $(PIP_ALONE) --no-deps --no-build-isolation --editable .
else
locked = $(PIP_ALONE) --editable '.[$(1)]'
endif

.PHONY: demo test crash nightly image browser lint bench docs reference audit lock clean

$(VENV)/.installed: pyproject.toml
	@echo "Installing into $(VENV): one to three minutes the first time, none later."
	$(PYTHON) -m venv $(VENV)
	$(call locked,demo)
	touch $@

$(VENV)/.with-tests: $(VENV)/.installed
	$(call locked,test)
	touch $@

$(VENV)/.with-docs: $(VENV)/.installed
	$(call locked,docs)
	touch $@

demo: $(VENV)/.installed
	@$(BIN)/gallra demo

test: $(VENV)/.with-tests
	$(BIN)/ruff check .
	$(BIN)/mypy & types=$$!; $(TESTS); failed=$$?; wait $$types && exit $$failed

# Each process takes a run of files, so that what the tests of a file share is made once; who is done first takes over.
TESTS := $(BIN)/python -m pytest -n auto --dist worksteal

# A process is killed at every write of the ledger and every remote call, and run again.
crash: $(VENV)/.with-tests
	$(BIN)/python -m tests.crash
	$(BIN)/python -m tests.crash --ledger postgresql --every 10
	$(BIN)/python -m tests.crash.soak

# Every property on 10,000 examples instead of 40; what decides and plans has no branch without a test.
DECIDES := --cov=connector.calendar --cov=connector.policy --cov=connector.plan
nightly: $(VENV)/.with-tests
	HYPOTHESIS_PROFILE=nightly $(TESTS) $(shell grep -rl 'from hypothesis' tests --include='test_*.py')
	$(TESTS) tests/unit $(DECIDES) --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

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

# Known faults of what is locked, for the images and for the tests; asks the package index.
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements/audit.txt
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements/demo.txt -r requirements/test.txt -r requirements/build.txt

# Locks anew what pyproject.toml asks for, with hashes; `make lock UPGRADE=--upgrade` takes the newest of each.
UPGRADE ?=
lock: $(VENV)/.installed
	$(PIP_ALONE) 'uv>=0.9,<1'
	UV=$(BIN)/uv bash requirements/lock.sh $(UPGRADE)

clean:
	rm -rf $(VENV) $(VENV)-audit demo-output sandbox-shop site
