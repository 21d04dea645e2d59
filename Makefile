# make demo   sets up and decides the sample enterprise on every level of government there is a rulebook for
# make test   sets up, lint, types, all tests, against the built and installed package
# make audit  asks the index of packages for known vulnerabilities of what constraints.txt pins
# make agreement   the same tests at full size (a million cases): hours, not minutes
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
SOURCES := $(shell find facts policy engine cli -type f -not -name '*.pyc') pyproject.toml MANIFEST.in README.md
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# On Python 3.13 the C source of durable-rules names a function that is gone and never called: GCC 14 takes that for an error unless told.
export CC := $(CC) -Wno-error=implicit-function-declaration -Wno-error=int-conversion

.PHONY: demo test lint bench audit agreement clean

demo: $(STAMPS)/installed
	$(BIN)/conggao decide policy/yinchuan/cases/sample.yaml

test: lint
	$(BIN)/python -m pytest -n $${JOBS:-2}

lint: $(STAMPS)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p conggao.facts -p conggao.engine -p conggao.cli
	$(BIN)/mypy tests

agreement: $(STAMPS)/tools
	CONGGAO_AGREEMENT=1000000 CONGGAO_FUZZ=100000 $(BIN)/python -m pytest -n $${JOBS:-2} tests/agreement tests/facts tests/engine

# Peers pull in older versions of common libraries, so they get an environment of their own.
bench: $(STAMPS)/installed
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q "$$(ls dist/*.whl)[all,bench]"
	.venv-bench/bin/python bench/decide.py --memory
	.venv-bench/bin/python bench/peers.py
	.venv-bench/bin/python bench/resolve.py
	.venv-bench/bin/python bench/seek.py
	.venv-bench/bin/python bench/authoring.py
	.venv-bench/bin/python bench/ledger.py

# The package is built from a source distribution and installed, so that what is tested is what is shipped.
$(STAMPS)/installed: $(SOURCES) constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	rm -rf build dist *.egg-info
	$(BIN)/python -m pip install -q -c constraints.txt build setuptools wheel
	$(BIN)/python -m build -q --no-isolation
	$(BIN)/python -m pip install -q -c constraints.txt "$$(ls dist/*.whl)[all]"
	$(BIN)/python -m pip install -q --force-reinstall --no-deps dist/*.whl
	rm -rf build *.egg-info
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/tools: $(STAMPS)/installed
	$(BIN)/python -m pip install -q -c constraints.txt "$$(ls dist/*.whl)[all,test,lint$$(command -v java >/dev/null && echo ,spark)]"
	touch $@

audit:
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q pip-audit
	.venv-bench/bin/pip-audit --requirement constraints.txt --no-deps

clean:
	rm -rf $(VENV) .venv-bench $(STAMPS) build dist *.egg-info
