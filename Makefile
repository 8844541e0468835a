SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test format bench kills conformance lock clean

export PYTHON
BIN := .venv/bin
RECORDS ?= 1000000
UV := 0.13.9

help: ## say what there is to run
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## build .venv from the lock; quick when nothing changed
	@.ci/setup .venv requirements.lock

demo: setup ## show what Clemency does, on an invented register
	@$(BIN)/clemency demo --output build/demo

test: setup ## format, lint, types, tests; stops at the first failure
	@.ci/browser
	@.ci/postgres
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal

format: setup ## write the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: ## measure against peers and limits, in an environment of its own
	@.ci/setup .venv-bench requirements-bench.lock
	.venv-bench/bin/python benchmarks/run.py

kills: setup ## end an import 200 times at random moments; the register stays whole
	CLEMENCY_KILLS=200 $(BIN)/python -m pytest -q tests/records/imports/test_versions.py -k killed

conformance: setup ## a million random records through every engine (RECORDS=... for another number)
	$(BIN)/python -m tests.conformance --records $(RECORDS)
	$(BIN)/python -m tests.conformance.in_duckdb --records $(RECORDS)

lock: setup ## pin the newest versions that fit together, with hashes
	@tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(BIN)/python -m venv "$$tools"; \
	"$$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv==$(UV); \
	compile() { \
		"$$tools/bin/uv" pip compile pyproject.toml --quiet --upgrade --extra "$$1" --output-file "$$2" \
			--universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'; \
	}; \
	compile dev requirements.lock; \
	compile bench requirements-bench.lock

clean: ## remove the environments and all that was built
	rm -rf .venv .venv-bench build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
