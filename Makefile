# HARDWARE=cpu (default) or gpu chooses the lock file: requirements/$(HARDWARE).txt
HARDWARE ?= cpu
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
# uv does not read pip's configuration; a machine whose torch wheel lies in a folder names that folder there.
FIND_LINKS := $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
export UV_FIND_LINKS ?= $(FIND_LINKS)
TORCH := $(if $(UV_FIND_LINKS),,$(if $(filter cpu,$(HARDWARE)),--torch-backend cpu))
EXTRAS := --extra ray --extra dask --extra dev
SETUP := .venv/.$(HARDWARE)-ready

.PHONY: demo test check bench clean lock setup bubblewrap

demo: setup
	$(BIN)/python -m flows.distill configs/demo/tiny.yaml

# Two files at a time, with one thread each: threads of two busy processes would spin against each other.
test: setup bubblewrap
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m bench.demo

setup: $(SETUP)

$(SETUP): requirements/$(HARDWARE).txt requirements/name_vllm.py Makefile
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python $(TORCH) requirements/$(HARDWARE).txt
	$(if $(filter cpu,$(HARDWARE)),$(BIN)/python requirements/name_vllm.py)
	touch $@

# The sandbox of the code verifier is no Python package. Where it cannot be installed the tests that need it fail.
bubblewrap:
	@command -v bwrap >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq bubblewrap; } || \
	    echo "bwrap is missing; as root: apt-get install bubblewrap" >&2

# Locks hold names and versions only, for every Python from 3.11 and both hardware kinds.
lock: setup
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate $(TORCH) --extra cpu $(EXTRAS) pyproject.toml -o requirements/cpu.txt
	UV_FIND_LINKS= $(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --extra gpu $(EXTRAS) pyproject.toml -o requirements/gpu.txt

clean:
	rm -rf runs .pytest_cache .ruff_cache .mypy_cache .hypothesis
