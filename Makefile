# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := .demo
ASSETS := layers/assets/versions.json
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test wheel lint bench bench-geocoding install install-dev lock clean
.DELETE_ON_ERROR:

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: install ## build the demo banner, print one link and serve it
	@$(BIN)/bannergrid --data $(DEMO) demo
	@$(BIN)/bannergrid --data $(DEMO) serve

# Modules are compiled once, not again by each program that a test starts.
test: install-dev ## run every test but that of the wheel
	@echo "Running the tests"
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder -m "not wheel"

wheel: install-dev ## build the wheel, install it in an empty environment and run it there
	@echo "Building the wheel and trying it"
	@$(BIN)/python -m pytest --quiet -p no:xdist -m wheel tests/test_wheel.py

lint: install-dev .stamps/lint-js ## the static gates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@npm run --silent lint

bench: install-dev ## measure: figures as ratios against a named peer
	@$(BIN)/python -m pytest tests/benchmarks --benchmark-only -p no:xdist

bench-geocoding: install-dev ## measure geocoding: figures with intervals, family by family
	@$(BIN)/python -m tests.benchmarks.geocoding

install: .stamps/runtime ## what serving needs
install-dev: .stamps/dev ## what testing needs as well

.stamps/system-%:
	@mkdir -p .stamps
	@echo "Checking what the system has to provide ($*)"
	@PYTHON=$(PYTHON) bash .ci/system-packages $*
	@touch $@

.stamps/venv: | .stamps/system-demo
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 demo"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(ASSETS): package.json package-lock.json browser_assets.py | .stamps/system-demo
	@$(PYTHON) browser_assets.py

.stamps/lint-js: package.json package-lock.json | .stamps/system-demo
	@echo "Fetching what checks the browser's scripts and pages from npm"
	@npm ci --silent --ignore-scripts
	@touch $@

.stamps/runtime: requirements.txt pyproject.toml .stamps/venv $(ASSETS)
	@echo "Installing the Python packages (about a minute the first time)"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.stamps/dev: requirements-dev.txt .stamps/runtime .stamps/lint-js .stamps/system-test
	@echo "Installing what the tests need"
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

lock: ## write the pinned, hashed requirements anew (needs uv)
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make lock" \
	  pyproject.toml --group build -o requirements.txt
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make lock" \
	  pyproject.toml --extra scale --group build --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove all that make made, the demo's data too
	rm -rf $(VENV) node_modules .stamps layers/assets $(DEMO) tests/artefacts
