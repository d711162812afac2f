# Thin targets; what they do lives in Python. COCREATE_… variables pass through: docs/settings.md.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
export PORT ?= 8000
export OUT ?= build
export NAME
SECONDS ?= 300
CASES ?= 100000

ifdef SITE_URL
export COCREATE_SITE_URL := $(SITE_URL)
endif
ifdef JOIN_URL
export COCREATE_JOIN_URL := $(JOIN_URL)
endif

# An environment that was copied or moved, or whose Python went, is made anew. (Of a link to one
# elsewhere only the link goes.)
ifneq ($(wildcard $(VENV)/*.stamp),)
SAME := import cocreate, os; os.path.samefile(cocreate.__path__[0], "site/cocreate") and print("sound")
ifneq ($(shell $(BIN)/python -c '$(SAME)' 2>&1),sound)
$(info $(VENV) is not of this folder or its Python is gone: made anew)
$(shell rm -rf $(VENV))
endif
endif

.PHONY: help run dev test check freeze messages previews heard renew migration screens bench soak fuzz sbom lock lint \
	browsers servers
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z ]+:.*## / {printf "make %-16s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## serve the live site (PORT=8000 SITE_URL=)
	@exec $(BIN)/cocreate serve --port "$$PORT"

dev: $(VENV)/dev.stamp ## serve while you edit: templates, CSS and .po reload by themselves (PORT=8000)
	@exec $(BIN)/python -m cocreate.dev --port "$$PORT"

test: lint browsers servers ## every check and every test, browser included
	@$(BIN)/cocreate translations lint
	@exec $(BIN)/python tests/run.py

check: lint servers ## every check and the tests that need no browser
	@$(BIN)/cocreate translations lint
	@$(BIN)/cocreate translations update --check
	@$(BIN)/python -m pytest -m "not browser"

freeze: $(VENV)/run.stamp ## write the static copy (OUT=build SITE_URL= JOIN_URL=)
	@exec $(BIN)/cocreate freeze --out "$$OUT"

messages: $(VENV)/dev.stamp ## collect the texts to translate into translations/*/…/messages.po
	@exec $(BIN)/cocreate translations update

previews: $(VENV)/dev.stamp browsers ## draw the pictures for sharing anew where a title has changed
	@exec $(BIN)/python tests/previews.py

heard: $(VENV)/dev.stamp browsers ## approve anew what a screen reader says (review the diff)
	@exec $(BIN)/python tests/heard.py

renew: $(VENV)/dev.stamp browsers ## everything kept here that is drawn from the source: the three above
	@$(BIN)/cocreate translations update
	@$(BIN)/python tests/previews.py
	@exec $(BIN)/python tests/heard.py

migration: $(VENV)/dev.stamp ## write the next migration where forms and columns differ (NAME=add_nickname)
	@exec $(BIN)/python -m cocreate.commands.migration "$$NAME"

screens: $(VENV)/dev.stamp browsers ## screenshots of every page into build/screens/
	@exec $(BIN)/python tests/screens.py

bench: $(VENV)/dev.stamp browsers ## measure speed and size against others (at most 10 minutes)
	@exec $(BIN)/python bench/run.py

soak: $(VENV)/dev.stamp ## read and join while everything breaks, then count (SECONDS=300, at most 10 minutes)
	@exec $(BIN)/python tests/soak.py "$(SECONDS)"

fuzz: $(VENV)/dev.stamp ## send 100,000 strange requests, read as many strange files (CASES=100000)
	@FUZZ="$(CASES)" exec $(BIN)/python -m pytest -s tests/http/test_fuzz.py

sbom: ## write what the site is made of into sbom.cdx.json (CycloneDX, from the lock file)
	@$(PYTHON) tests/sbom.py sbom.cdx.json

lock: $(VENV)/dev.stamp ## pin the dependencies anew, with hashes
	@$(PIP) install uv
	@$(BIN)/uv pip compile $(LOCK) --group build --output-file requirements/run.txt
	@$(BIN)/uv pip compile $(LOCK) --group build --group dev -c requirements/run.txt \
		--output-file requirements/dev.txt

LOCK := --quiet --upgrade --universal --python-version 3.11 pyproject.toml --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

lint: $(VENV)/dev.stamp ## formatting, types and templates
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/djlint templates --lint --quiet

$(BIN)/python:
	@PYTHON="$(PYTHON)" sh .ci/venv $(VENV)

$(VENV)/%.stamp: requirements/%.txt pyproject.toml hatch_build.py | $(BIN)/python
	@echo "Installing requirements/$*.txt into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

browsers servers: ## bring what the tests of browsers and of hosting need (Debian, as root)
	@sh .ci/$@
