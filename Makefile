# `make lab` opens the course, `make demo` shows it without code, `make test` runs the tests; each makes what it needs.

.DEFAULT_GOAL := help

VENV := .venv
BACKENDS := .venv-backends
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PYTHON ?=
PORT ?=
BROWSER ?=
LANG_COURSE ?=
NOTEBOOK ?=
TESTS ?=
REPORT ?=

NEEDS := pyproject.toml constraints.txt
SETTINGS := binder/jupyter/default_setting_overrides.json
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3 python)
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
INSTALL := -m pip install --disable-pip-version-check --constraint constraints.txt
# What pip builds packages with, in an environment apart, is held too: older pips read the first variable there, newer ones the second.
HELD := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt

export KERAS_BACKEND ?= tensorflow
export TF_CPP_MIN_LOG_LEVEL ?= 2

# An environment whose Python has gone (a system upgrade, a moved folder) is made anew.
ifneq ($(shell $(BIN)/python -c "$(FITS)" 2>/dev/null && echo runs),runs)
  $(shell rm -f $(VENV)/*.stamp)
endif

.PHONY: help lab demo test test-fast test-hostile coverage test-notebooks test-browser test-backends test-jax test-torch lint notebooks check-notebooks bench clean distclean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{ printf "  make %-16s %s\n", $$1, $$2 }'
	@echo "  PYTHON=python3.12 in front of either chooses the Python that .venv is made with (3.11, 3.12 or 3.13)"

# ------------------------------------------------------------------------------------------------------------ the course

# The course is read as it was built: every processor gives the same figures, and none announces its own ways in red.
ALIKE := TF_ENABLE_ONEDNN_OPTS=$(or $(TF_ENABLE_ONEDNN_OPTS),0)

# The extension is installed with the package; that of the checkout comes first, so that a change needs no installation.
OPTIONS = --ServerApp.root_dir=notebooks --log-level=WARN \
  --LabServerApp.extra_labextensions_path="$(CURDIR)/xai_widgets/widgets/labextensions" \
  $(if $(PORT),--port=$(PORT) --ServerApp.port_retries=0) \
  $(if $(filter no,$(BROWSER)),--no-browser) \
  $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root) \
  $(if $(LANG_COURSE),--LabApp.default_url=/lab/tree/$(LANG_COURSE)/index.ipynb)

lab: $(VENV)/lab.stamp ## open the course in JupyterLab (PORT=8890, BROWSER=no, LANG_COURSE=fr or en)
	@if [ -n "$(LANG_COURSE)" ] && [ ! -d "notebooks/$(LANG_COURSE)" ]; then \
	  echo "make lab: LANG_COURSE is fr or en, not '$(LANG_COURSE)'" >&2; exit 2; fi
	@echo "Opening the course; its address comes below. Ctrl-C stops it."
	@$(ALIKE) $(if $(LANG_COURSE),XAI_WIDGETS_LANG=$(LANG_COURSE)) $(BIN)/python -m jupyterlab $(OPTIONS)

demo: $(VENV)/demo.stamp ## serve the course as applications, without code (NOTEBOOK=12_units, PORT, BROWSER, LANG_COURSE)
	@echo "Serving the course as applications; the address comes below. Ctrl-C stops it."
	@$(ALIKE) $(BIN)/python -m xai_widgets.cli $(if $(LANG_COURSE),--language $(LANG_COURSE)) demo $(NOTEBOOK) \
	  $(if $(PORT),--port $(PORT)) $(if $(filter no,$(BROWSER)),--no-browser)

# ------------------------------------------------------------------------------------------------------------- the tests

JAVASCRIPT_TESTS := tests/widgets/components/javascript

# A process takes up to 2 GB, so four share the work at most, each on one core; tests/conftest.py says what stays together.
SHARED := --numprocesses=auto --maxprocesses=4 --dist=loadgroup --no-loadscope-reorder
ONE_CORE := TF_NUM_INTRAOP_THREADS=1 OMP_NUM_THREADS=1
JUNIT = $(if $(REPORT),--junitxml=$(REPORT))
UNITS := not browser and not notebook

test: $(VENV)/test.stamp $(VENV)/node.stamp ## run the tests: units, notebooks, browser (TESTS=tests/methods for a part)
	$(if $(TESTS),,$(ONE_CORE)) $(BIN)/python -m pytest $(or $(TESTS),$(SHARED) $(JUNIT))

# Tracing every line makes the tests of units half as long again, so that it is a lane of its own.
coverage: $(VENV)/test.stamp $(VENV)/node.stamp ## say which lines and branches the tests of units do not reach
	$(ONE_CORE) $(BIN)/python -m pytest $(SHARED) --cov -m "$(UNITS)" $(TESTS)

test-fast: $(VENV)/test.stamp $(VENV)/node.stamp ## run the tests that are quick: no browser, no notebook, none of tests/slow_tests.txt (six minutes on two cores)
	$(ONE_CORE) $(BIN)/python -m pytest $(SHARED) $(JUNIT) -m "$(UNITS) and not slow" $(TESTS)

test-notebooks: $(VENV)/test.stamp ## run the tests that run whole notebooks
	$(ONE_CORE) $(BIN)/python -m pytest $(SHARED) $(JUNIT) -m notebook $(TESTS)

test-browser: $(VENV)/test.stamp ## run the tests that open JupyterLab in a browser
	$(ONE_CORE) $(BIN)/python -m pytest $(SHARED) $(JUNIT) -m browser $(TESTS)

test-backends: test-jax test-torch ## run the tests of the backends on JAX and PyTorch (large downloads)

KINDS ?=
test-hostile: $(VENV)/test.stamp ## try every hostile input, and count what became of it (KINDS="pictures servers" for some)
	$(ONE_CORE) $(BIN)/python -m tests.adversarial $(KINDS)

ON_BACKENDS := tests/backend tests/datasets tests/models tests/methods tests/oracles

# Most of the time on JAX goes into compiling small graphs that run once: the compiler need not make them quick. Without the
# emitters of fusions, which go through MLIR, it takes little more than half of the time.
COMPILED_ONCE := XLA_FLAGS="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true \
  --xla_cpu_use_fusion_emitters=false"

test-jax test-torch: test-%: $(BACKENDS)/stamp
	KERAS_BACKEND=$* $(ONE_CORE) $(COMPILED_ONCE) $(subst $(VENV),$(BACKENDS),$(BIN))/python -m pytest $(SHARED) $(JUNIT) \
	  -m backend $(or $(TESTS),$(ON_BACKENDS))

lint: $(VENV)/test.stamp node_modules/made.stamp ## check style, types, floors and docstrings, of Python and of JavaScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.docstrings
	@$(NODE) node_modules/@biomejs/biome/bin/biome check --error-on-warnings
	@$(NODE) node_modules/typescript/bin/tsc --project .
	@$(NODE) node_modules/typescript/bin/tsc --project $(JAVASCRIPT_TESTS)

bench: $(VENV)/test.stamp ## measure the labs' answers and the notebooks' memory (benchmarks/README.md)
	$(BIN)/python benchmarks/interaction.py
	$(BIN)/python benchmarks/memory.py

# --------------------------------------------------------------------------------------------------------- the notebooks

notebooks: $(VENV)/test.stamp ## build the editions of the course from notebooks/source
	$(BIN)/python -m xai_widgets.course build

check-notebooks: $(VENV)/test.stamp ## show that the editions are what a build makes
	$(BIN)/python -m xai_widgets.course check

# ------------------------------------------------------------------------------------------------------ the environments

$(VENV)/made.stamp:
	@found=; \
	for python in $(CANDIDATES); do \
	  if "$$python" -c "$(FITS)" 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "make: Python 3.11, 3.12 or 3.13 is needed; tried: $(CANDIDATES)." >&2; \
	  for python in $(CANDIDATES); do \
	    version=$$("$$python" -V 2>/dev/null) && echo "make: $$python is $$version." >&2; \
	  done; \
	  echo "make: install one, or say where it is: make $(or $(firstword $(MAKECMDGOALS)),lab) PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -c "import ensurepip, venv" 2>/dev/null; then \
	  echo "make: $$found cannot make environments; on Debian and Ubuntu install python3-venv." >&2; exit 1; \
	fi; \
	if ! $(BIN)/python -c "$(FITS)" 2>/dev/null; then \
	  echo "Making $(VENV) with $$("$$found" -V)."; "$$found" -m venv --clear $(VENV) || exit 1; \
	fi
	@touch $@

# What follows is made again only when the package's needs or their versions change.
$(VENV)/lab.stamp: $(NEEDS) $(SETTINGS) | $(VENV)/made.stamp
	@echo "Installing the course (the first time about 500 MB and a few minutes)."
	$(HELD) $(BIN)/python $(INSTALL) --editable ".[course,tensorflow-cpu]"
	@mkdir -p $(VENV)/etc/jupyter/labconfig && cp $(SETTINGS) $(VENV)/etc/jupyter/labconfig/
	@touch $@

$(VENV)/demo.stamp: $(VENV)/lab.stamp
	$(HELD) $(BIN)/python $(INSTALL) --editable ".[course,demo,tensorflow-cpu]"
	@touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp
	$(HELD) $(BIN)/python $(INSTALL) --editable ".[course,demo,instructor,test,tensorflow-cpu]"
	@touch $@

# Node checks the JavaScript of the components: the system's, with npm, where it is recent enough, else that of PyPI.
NODE_FITS := process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)
HAS_NODE := node -e '$(NODE_FITS)' 2>/dev/null && npm --version >/dev/null 2>&1
NODE = $$($(HAS_NODE) && echo node || echo $(BIN)/node)
NPM = $$($(HAS_NODE) && echo npm || echo $(BIN)/npm)

$(VENV)/node.stamp: $(NEEDS) | $(VENV)/test.stamp
	@$(HAS_NODE) || $(HELD) $(BIN)/python $(INSTALL) --editable ".[javascript]"
	@touch $@

# The versions in package.json are exact, and so are those that the packages there ask for: there is no lock file.
node_modules/made.stamp: package.json | $(VENV)/node.stamp
	@echo "Installing biome and tsc into node_modules."
	@$(NPM) install --no-package-lock --ignore-scripts --no-audit --no-fund --no-update-notifier
	@touch $@

$(BACKENDS)/stamp: $(NEEDS) | $(VENV)/made.stamp
	@$(BIN)/python -m venv --clear $(BACKENDS)
	$(HELD) $(subst $(VENV),$(BACKENDS),$(BIN))/python $(INSTALL) --editable ".[course,instructor,test,jax,torch]"
	@touch $@

# -------------------------------------------------------------------------------------------------------------- cleaning

clean: ## remove caches, builds and reports
	rm -rf build dist .coverage .coverage.* htmlcov screenshots
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find notebooks xai_widgets tests benchmarks data -name __pycache__ -type d -prune -exec rm -rf {} +
	find notebooks -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

distclean: clean ## the same, and the environments
	rm -rf $(VENV) $(BACKENDS) node_modules
