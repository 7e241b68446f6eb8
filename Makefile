# Two commands do everything, each from a bare clone: `make demo`, `make test`.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
FOLDER ?= runs/digits

# The folder with the real data that benchmarks of models read.
DATA ?= data

.PHONY: help demo test test-slow lint format bench bench-models clean

help:
	@echo "make demo       tune, report and serve a model of handwritten digits"
	@echo "make test       the tests, in under 15 minutes on 2 cores"
	@echo "make test-slow  the tests that take longer"
	@echo "make lint       the linter"
	@echo "make format     let the linter mend what it can"
	@echo "make bench      the benchmarks"
	@echo "make bench-models DATA=FOLDER  every model beside its peers; hours"
	@echo "make clean      remove what these commands made"

# A stamp for each set of packages: made anew when setup.cfg has changed.
$(VENV)/installed: setup.cfg setup.py kerasgen/version.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/kerasgen tune pipelines/digits.py --trials 6 --folder $(FOLDER)

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(VENV)/installed-test
	$(BIN)/python -m pytest -n 2 -m slow

lint: $(VENV)/installed-test
	$(BIN)/ruff check --config .ci/ruff.toml .
	$(BIN)/ruff format --check --config .ci/ruff.toml .

format: $(VENV)/installed-test
	$(BIN)/ruff check --fix --config .ci/ruff.toml .
	$(BIN)/ruff format --config .ci/ruff.toml .

bench: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	$(BIN)/python benchmarks/fit.py
	$(BIN)/python benchmarks/tune.py
	$(BIN)/python benchmarks/augment.py
	$(BIN)/python benchmarks/pipeline.py

# Goes on behind a benchmark that fails, and tells of it at the end.
bench-models: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	failed=; for file in benchmarks/models_*.py; do \
		echo "$$file"; \
		$(BIN)/python $$file --data $(DATA) || failed="$$failed $$file"; \
	done; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

clean:
	rm -rf $(VENV) runs served build dist *.egg-info .pytest_cache .ruff_cache
