# What the machine has decides which lock is installed, requirements/cpu.txt or gpu.txt; HARDWARE=cpu or gpu overrides it.
HARDWARE ?= $(if $(shell nvidia-smi -L 2>/dev/null | grep '^GPU '),gpu,cpu)
HARDWARE := $(HARDWARE)
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
# uv does not read pip's configuration; a machine whose torch wheel lies in a folder names that folder there.
ifeq ($(origin UV_FIND_LINKS), undefined)
export UV_FIND_LINKS := $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
endif
# Container images set this so that Python keeps nothing of what it compiled; every process would compile all that it
# imports again (TRL: 21 s instead of 9).
unexport PYTHONDONTWRITEBYTECODE
TORCH := $(if $(UV_FIND_LINKS),,$(if $(filter cpu,$(HARDWARE)),--torch-backend cpu))
EXTRAS := --extra ray --extra dask --extra dev
# Says what .venv holds. There is one at a time: installing for the other hardware removes it first.
READY := .venv/.$(HARDWARE)-ready
CONFIG ?= configs/demo/tiny.yaml

.PHONY: help demo distill test check bench setup lm-eval bubblewrap chromium lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile
	@echo "this machine: HARDWARE=$(HARDWARE)"

demo: setup ## distil the embedded tiny teacher into a tiny student (CPU, about ten minutes)
	$(BIN)/retort distill configs/demo/tiny.yaml

distill: setup ## run a pair of your own: make distill CONFIG=my.yaml ARGS='sampling.seed=1'
	$(BIN)/retort distill $(CONFIG) $(ARGS)

# Two files at a time, with one thread each: threads of two busy processes would spin against each other.
test: setup bubblewrap chromium ## run the tests; ARGS=tests/configs for some
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## measure the demo
	$(BIN)/python -m bench.demo

setup: $(READY) ## install the lock for this machine into .venv, and the command retort
	@echo "hardware: $(HARDWARE) (.venv holds requirements/$(HARDWARE).txt; HARDWARE=cpu or gpu overrides)"

$(READY): requirements/$(HARDWARE).txt requirements/cpu_plugins.txt requirements/name_vllm.py pyproject.toml Makefile
	rm -f .venv/.*-ready
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python $(TORCH) requirements/$(HARDWARE).txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(if $(filter cpu,$(HARDWARE)),$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -r requirements/cpu_plugins.txt)
	$(if $(filter cpu,$(HARDWARE)),$(BIN)/python requirements/name_vllm.py)
	touch $@

# Apart from .venv, which holds what the lock says and nothing else.
lm-eval: setup ## install lm-eval into .venv-lm-eval, to check scores with it (docs/howto/lm_eval.md)
	test -x .venv-lm-eval/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-lm-eval
	$(BIN)/uv pip install --quiet --python .venv-lm-eval $(TORCH) -c requirements/$(HARDWARE).txt -r requirements/lm_eval.txt

# The sandbox of the code verifier is no Python package. Where it cannot be installed the tests that need it fail.
bubblewrap:
	@command -v bwrap >/dev/null || if test "$$(id -u)" = 0; then \
	    echo "bwrap is missing: installing bubblewrap with apt-get, as this is root"; \
	    { apt-get update -qq && apt-get install -y -qq bubblewrap; } || \
	        echo "bubblewrap could not be installed: the tests of the sandbox will fail" >&2; \
	else \
	    echo "bwrap is missing: the tests of the sandbox will fail; as root: apt-get install bubblewrap" >&2; \
	fi

# The browser in which the report is tested is no Python package either. Where it cannot be installed those tests skip.
chromium:
	@command -v chromium >/dev/null || if test "$$(id -u)" = 0; then \
	    echo "chromium is missing: installing it with apt-get, as this is root"; \
	    { apt-get update -qq && apt-get install -y -qq chromium; } || \
	        echo "chromium could not be installed: the tests of the report in a browser will be skipped" >&2; \
	else \
	    echo "chromium is missing: the tests of the report in a browser will be skipped; as root: apt-get install chromium" >&2; \
	fi

# Locks hold names and versions only, for every Python from 3.11 and both hardware kinds.
lock: setup ## resolve pyproject.toml into both locks
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate $(TORCH) --extra cpu $(EXTRAS) pyproject.toml -o requirements/cpu.txt
	UV_FIND_LINKS= $(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --extra gpu $(EXTRAS) pyproject.toml -o requirements/gpu.txt

clean: ## remove runs and caches
	rm -rf runs .pytest_cache .ruff_cache .mypy_cache .hypothesis
