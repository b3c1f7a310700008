# Two commands matter: `make demo` and `make test`. Each alone does all set-up.
.PHONY: setup setup-test demo test lint bench faults soak lock clean
BIN := .venv/bin
WORKERS ?= 2
export PYTHONUTF8 := 1

setup: ## install what is missing, make .venv
	@sh ops/setup.sh

setup-test:
	@sh ops/setup.sh test

demo: setup ## everything, embedded; Ctrl-C stops it
	@exec $(BIN)/whistle demo

test: setup-test ## all tests but the long ones; what has its map drawn by itself, it takes all cores
	@$(BIN)/python -m pytest -m "not faults" -n $(WORKERS) --dist worksteal --ignore tests/e2e; apart=$$?; \
	$(BIN)/python -m pytest -m "not faults and not drawn" -n $(WORKERS) --dist worksteal tests/e2e; seen=$$?; \
	$(BIN)/python -m pytest -m "not faults and drawn" tests/e2e && [ $$apart = 0 ] && [ $$seen = 0 ]

lint: setup-test ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_architecture.py

faults: setup-test ## kill, freeze and restart real processes
	@exec $(BIN)/python -m pytest -m faults

soak: setup-test ## memory of ingest and console over fifteen minutes
	@exec $(BIN)/python -m bench memory

bench: setup-test ## speed, with a baseline taken in the same run
	@exec $(BIN)/python -m bench

lock: ## renew requirements*.lock from pyproject.toml (needs uv)
	printf 'setuptools>=77\n' | uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements.lock pyproject.toml -
	printf 'setuptools>=77\n' | uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-dev.lock --extra dev -c requirements.lock pyproject.toml -

clean: ## what can be made again; the demo's data stay
	rm -rf .venv build ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
