# make run          set up, then start the app at http://localhost:8501 (PORT=… HOST=… to change)
# make test         set up, then run every check and test, Chromium included (ARGS=… for pytest)
# make kill         the tests that kill the worker and the app mid-build
# make slow         tests that take too long for every run
# make check-estimator  scikit-learn's checks of both estimators, each build with processes of its own
# make docker       build the image
# make sample-data  build sample_data/ again from SOURCE=folder
# make clean        remove what these made

PORT ?= 8501
HOST ?= 127.0.0.1
ARGS ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off
# For every process from here on, before OpenMP is loaded: docs/decisions/0001-openmp-without-spinning.md
export GOMP_SPINCOUNT ?= 1000
# The app, its workers and the tests start dozens of processes with the same modules: these are compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install install-dev test check kill slow check-estimator docker sample-data clean chromium openmp
.NOTPARALLEL:

run: install
	@exec $(BIN)/python -m automl app --host $(HOST) --port $(PORT)

install: $(VENV)/.installed openmp

install-dev: $(VENV)/.installed-dev chromium openmp

# Three at a time, since one that drives a browser waits for its app, and the longest files first (tests/conftest.py);
# then, from the files that have some, what measures time by itself (exit code 5: none of these was asked for).
test: install-dev check
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not (kill or slow or alone)" $(ARGS) || [ $$? = 5 ]
	$(BIN)/python -m pytest -m alone $(or $(ARGS),$(shell grep -rl "mark[.]alone" tests --include=test_*.py)) || [ $$? = 5 ]

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/lint-imports

kill: install-dev
	$(BIN)/python -m pytest -m kill $(ARGS)

slow: install-dev
	$(BIN)/python -m pytest -m slow $(ARGS)

check-estimator: install-dev
	$(BIN)/python -m pytest -m slow tests/test_check_estimator.py $(ARGS)

docker:
	docker build --tag foretable .

sample-data: $(VENV)/.installed
	@test -n "$(SOURCE)" || { echo "error: say where the source tables are: make sample-data SOURCE=folder" >&2; exit 2; }
	$(BIN)/python sample_data/make.py $(SOURCE)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set up ------------------------------------------------------------------------------

# An environment of another Python, or one that was left half made, is made anew.
$(VENV)/.installed: requirements.txt
	@$(BIN)/python -c 'import pip; $(IS_311)' 2>/dev/null || { $(MAKE_VENV); }
	@echo "Installing what Foretable runs on (about a minute)"
	@$(PIP) -r requirements.txt
	@touch $@

IS_311 := import sys; sys.exit(sys.version_info[:2] != (3, 11))
define MAKE_VENV
	test -n "$(PYTHON)" && $(PYTHON) -c '$(IS_311)' || { \
	  echo "error: Foretable needs Python 3.11; install it, or name it: make run PYTHON=/path/to/python3.11" >&2; \
	  exit 2; }; \
	echo "Creating $(VENV)"; \
	if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	else $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; fi
endef

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what tests it"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# $(call apt,packages,what needs them): Debian's packages, as root or by sudo.
define apt
	{ command -v apt-get >/dev/null || { echo "error: $(2); install it with your system's packages" >&2; exit 2; }; \
	  [ "$$(id -u)" = 0 ] || command -v sudo >/dev/null || { \
	    echo "error: $(2); run as root: apt-get install $(1)" >&2; exit 2; }; \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); echo "Installing $(1)"; \
	  $$root apt-get -qq update && \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $(1) >/dev/null; }
endef

# LightGBM links against the system's OpenMP, which slim images lack.
openmp: $(VENV)/.installed
	@$(BIN)/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || [ "$$(uname)" != Linux ] || \
	  $(call apt,libgomp1,LightGBM needs libgomp1)

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  $(call apt,chromium fonts-dejavu-core,the browser tests need Chromium)
