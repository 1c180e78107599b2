# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := .demo
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test lint bench bench-geocoding install install-dev lock clean
.DELETE_ON_ERROR:

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: install ## build the demo banner, print one link and serve it
	@$(BIN)/bannergrid --data $(DEMO) demo
	@$(BIN)/bannergrid --data $(DEMO) serve

test: install-dev ## run every test
	@echo "Running the tests"
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

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
	@bash .ci/system-packages $*
	@touch $@

.stamps/venv: | .stamps/system-demo
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 demo"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

.stamps/assets: package.json package-lock.json | .stamps/system-demo
	@echo "Fetching the browser assets from npm"
	@npm ci --omit=dev --silent --ignore-scripts
	@rm -rf layers/assets && mkdir -p layers/assets/leaflet
	@cp -r node_modules/leaflet/dist/leaflet.js node_modules/leaflet/dist/leaflet.css \
	  node_modules/leaflet/dist/images node_modules/leaflet/LICENSE layers/assets/leaflet/
	@mkdir -p layers/assets/fonts
	@cp node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf \
	  layers/assets/fonts/NotoSansSC-Regular.ttf
	@cp node_modules/@expo-google-fonts/noto-sans-sc/LICENSE_FONT layers/assets/fonts/LICENSE
	@cd layers/assets && mkdir -p maplibre-gl pmtiles fflate
	@cp node_modules/maplibre-gl/dist/maplibre-gl.mjs node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs \
	  node_modules/maplibre-gl/dist/maplibre-gl.css node_modules/maplibre-gl/LICENSE.txt layers/assets/maplibre-gl/
	@cp node_modules/pmtiles/dist/esm/index.js layers/assets/pmtiles/
	@cp node_modules/fflate/esm/browser.js node_modules/fflate/LICENSE layers/assets/fflate/
	@cd layers/assets && mkdir -p terra-draw
	@cp node_modules/terra-draw/dist/terra-draw.modern.js node_modules/terra-draw/package.json \
	  node_modules/terra-draw-maplibre-gl-adapter/dist/terra-draw-maplibre-gl-adapter.modern.js layers/assets/terra-draw/
	@touch $@

.stamps/lint-js: .stamps/assets
	@echo "Fetching what checks the browser's scripts and pages from npm"
	@npm ci --silent --ignore-scripts
	@touch $@

.stamps/runtime: requirements.txt pyproject.toml .stamps/venv .stamps/assets
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
