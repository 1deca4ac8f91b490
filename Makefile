# `make run` and `make test` are all that is needed; both make .venv first where it is missing or out of date.

# The first of these that is at least Python 3.11; `make PYTHON=/path/to/python run` chooses another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench calibration-report check clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 26

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later was not found; give it with make PYTHON=..." >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

run: $(INSTALLED) ## simulate scenarios/quickstart.yaml, print the outcome, write a result folder
	$(BIN)/datahall run scenarios/quickstart.yaml

test: $(INSTALLED) ## the whole test suite
	$(BIN)/python -m pytest -n auto

lint: $(INSTALLED) ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## lay out the code
	$(BIN)/ruff format .

bench: $(INSTALLED) ## figures of speed and memory, each beside its reference
	$(BIN)/python -m benchmarks

calibration-report: $(INSTALLED) ## docs/calibration.md: how far predictions of kernels, steps and iterations are off
	$(BIN)/python docs/refresh.py docs/calibration.md

check: $(INSTALLED) ## every scenario against the outcomes that it expects
	$(BIN)/datahall check scenarios

clean: ## remove what was made, results too
	rm -rf .venv build dist results *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
