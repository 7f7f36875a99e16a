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

NEEDS := pyproject.toml constraints.txt
SETTINGS := binder/jupyter/default_setting_overrides.json
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3 python)
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
INSTALL := -m pip install --disable-pip-version-check --constraint constraints.txt

export KERAS_BACKEND ?= tensorflow
export TF_CPP_MIN_LOG_LEVEL ?= 2

# An environment whose Python has gone (a system upgrade, a moved folder) is made anew.
ifneq ($(shell $(BIN)/python -c "$(FITS)" 2>/dev/null && echo runs),runs)
  $(shell rm -f $(VENV)/*.stamp)
endif

.PHONY: help lab demo test test-backends test-jax test-torch lint notebooks check-notebooks bench clean distclean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{ printf "  make %-16s %s\n", $$1, $$2 }'
	@echo "  PYTHON=python3.12 in front of either chooses the Python that .venv is made with (3.11, 3.12 or 3.13)"

# ------------------------------------------------------------------------------------------------------------ the course

# The course is read as it was built: every processor gives the same figures, and none announces its own ways in red.
ALIKE := TF_ENABLE_ONEDNN_OPTS=$(or $(TF_ENABLE_ONEDNN_OPTS),0)

OPTIONS = --ServerApp.root_dir=notebooks --log-level=WARN \
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

# A process takes up to 2 GB, so four share the work at most; the tests of a file stay together.
SHARED := --numprocesses=auto --maxprocesses=4 --dist=loadgroup

test: $(VENV)/test.stamp ## run the tests: units, notebooks, browser (TESTS=tests/methods for a part)
	$(BIN)/python -m pytest $(or $(TESTS),$(SHARED) --cov)

test-backends: test-jax test-torch ## run the tests of the backends on JAX and PyTorch (large downloads)

test-jax test-torch: test-%: $(BACKENDS)/stamp
	KERAS_BACKEND=$* $(subst $(VENV),$(BACKENDS),$(BIN))/python -m pytest $(SHARED) -m backend tests/backend tests/models tests/methods tests/oracles

lint: $(VENV)/test.stamp ## check style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

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
	$(BIN)/python $(INSTALL) --editable ".[course,tensorflow-cpu]"
	@mkdir -p $(VENV)/etc/jupyter/labconfig && cp $(SETTINGS) $(VENV)/etc/jupyter/labconfig/
	@touch $@

$(VENV)/demo.stamp: $(VENV)/lab.stamp
	$(BIN)/python $(INSTALL) --editable ".[course,demo,tensorflow-cpu]"
	@touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp
	$(BIN)/python $(INSTALL) --editable ".[course,demo,instructor,test,tensorflow-cpu]"
	@touch $@

$(BACKENDS)/stamp: $(NEEDS) | $(VENV)/made.stamp
	@$(BIN)/python -m venv --clear $(BACKENDS)
	$(subst $(VENV),$(BACKENDS),$(BIN))/python $(INSTALL) --editable ".[course,instructor,test,jax,torch]"
	@touch $@

# -------------------------------------------------------------------------------------------------------------- cleaning

clean: ## remove caches, builds and reports
	rm -rf build dist .coverage .coverage.* htmlcov screenshots
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find notebooks xai_widgets tests benchmarks data -name __pycache__ -type d -prune -exec rm -rf {} +
	find notebooks -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

distclean: clean ## the same, and the environments
	rm -rf $(VENV) $(BACKENDS)
