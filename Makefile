# onrecord: `make help` lists what can be asked for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where `onrecord` itself looks; both can be set in the environment.
ONRECORD_CORPUS ?= corpus
ONRECORD_INDEX ?= index
# So many processes; which tests keep together in one, and what comes first, tests/sharing.py says.
JOBS ?= 3
PYTEST = $(BIN)/python -m pytest -n $(JOBS)
# Where the layout of an index and what it holds of an article are written down.
KEPT := src/onrecord/index/manifest.py src/onrecord/index/prepare.py
# Handed on to `make eval`, `make bench` and `make test`.
ARGS ?=
# `make lock` keeps this release of torch: a newer one may bring gigabytes of CUDA.
TORCH := 2.13.0

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The question reaches the shell through the environment, unexpanded, so that any punctuation survives.
override Q := $(value Q)
export Q

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help chat ask index test check browser lint eval bench docs reader training lock clean question ready

help: ## list what can be asked for
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

chat: ready ## open the chat page
	@$(BIN)/onrecord chat --web

ask: question ready ## put one question: make ask Q="What did Blinken say about Iran?"
	@$(BIN)/onrecord ask -- "$$Q"

index: $(VENV)/.installed ## bring the index up to date with the corpus
	@touch $(VENV)/.indexing
	@$(BIN)/onrecord index
	@mv $(VENV)/.indexing $(VENV)/.indexed

test: $(VENV)/.installed-dev ## run every test, those of the page in a browser too
	@$(MAKE) --no-print-directory browser || { [ "$$BROWSER_TESTS" != required ] && \
		echo 'No browser could be had: the tests of the page are skipped.' >&2; }
	@$(PYTEST) $(ARGS)

browser: $(VENV)/.installed-dev ## fetch a browser for the tests where there is none
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null || \
		$(BIN)/playwright install chromium

test-browser: browser ## run the tests of the page in a browser
	@BROWSER_TESTS=required $(PYTEST) tests/browser $(ARGS)

check: lint ## run lint and the quick tests
	@$(PYTEST) -m "not slow" $(ARGS)

lint: $(VENV)/.installed-dev ## look at style, types, import contract and docstrings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict src
	@$(BIN)/lint-imports
	@$(BIN)/pydoclint src

eval: $(VENV)/.installed-dev ## measure answers and refusals
	@$(BIN)/python -m tools.eval $(ARGS)

bench: $(VENV)/.installed-dev ## measure time, memory and disk
	@$(BIN)/python -m tools.bench $(ARGS)

docs: $(VENV)/.installed-dev ## write the pages of docs/ that the code makes
	@$(BIN)/python -m tools.docs_cli --write
	@$(BIN)/python -m tools.architecture --write

reader: $(VENV)/.installed-dev ## fine-tune the reader anew
	@$(BIN)/python -m tools.training.reader $(ARGS)

training: $(VENV)/.installed-dev ## fit the two rankers anew
	@$(BIN)/python -m tools.training $(ARGS)

# Resolved anew from the ranges in pyproject.toml; PIP_CONSTRAINT=FILE holds versions back.
lock: ## resolve the two lock files anew
	@$(need_python)
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(call pip_install,$(VENV)-lock/bin/pip,. hatchling torch==$(TORCH),what a plain install takes)
	@$(call freeze,make lock: everything that a plain install takes) > requirements.lock
	@$(call pip_install,$(VENV)-lock/bin/pip,'.[dev]' -c requirements.lock,what the extra dev adds)
	@$(VENV)-lock/bin/pip check
	@$(call freeze,make lock: what the extra `dev` adds to requirements.lock) \
		| grep -vxFf <(grep -v '^#' requirements.lock) > requirements-dev.lock
	@rm -rf $(VENV)-lock

clean: ## remove what was installed and built; the corpus and what people asked stay
	@rm -rf $(VENV) $(VENV)-lock dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find index -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@find src tests tools -name __pycache__ -prune -exec rm -rf {} +

question:
	@if [ -z "$$Q" ]; then echo 'Say what to ask: make ask Q="What did Blinken say about Iran?"' >&2; exit 2; fi

# Builds the index when there is none, or when the corpus, or what the code keeps of it, was touched since
# `make` last did.
ready: $(VENV)/.installed
	@if [ ! -e "$(ONRECORD_INDEX)/current" ] || [ ! -e $(VENV)/.indexed ] || \
		[ -n "$$(find "$(ONRECORD_CORPUS)" $(KEPT) -newer $(VENV)/.indexed -print -quit)" ]; \
		then $(MAKE) --no-print-directory index; fi

$(VENV)/.created:
	@$(need_python)
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements.lock pyproject.toml
	@$(call pip_install,$(BIN)/pip,-r requirements.lock,the packages of requirements.lock)
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(call pip_install,$(BIN)/pip,-r requirements-dev.lock -c requirements.lock,the packages of requirements-dev.lock)
	@touch $@

# One line that keeps changing on a terminal, silence elsewhere; what goes wrong is always shown.
define pip_install
echo 'Installing $(3)' >&2; set -o pipefail; \
if [ -t 1 ]; then $(1) install $(2) | awk '/^ *(Collecting|Downloading|Using cached|Installing)/ \
	{ printf "\r\033[K  %s", substr($$0, 1, 72); fflush() } END { printf "\r\033[K" }'; \
else $(1) install -qq $(2); fi
endef

# A local version label (torch 2.13.0+cpu) names one build of a release, so it is left out.
define freeze
{ echo '# Exact versions, written by $(1).'; \
$(VENV)-lock/bin/pip freeze --all --exclude onrecord --exclude pip | sed -E 's/ @ .*//; s/\+[a-z0-9.]+$$//'; }
endef

define need_python
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "onrecord needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another one: make PYTHON=python3.12 ..." >&2; \
	exit 2; }
endef
