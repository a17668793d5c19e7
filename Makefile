# Pilar. `make run` and `make test` need Python >= 3.11 and make, nothing else: engine/serve/prepare.py lays in the
# environment, the packages and the built assets, each only when its inputs have changed.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
HERE := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)
PREPARE := cd "$(HERE)" && exec "$(or $(PYTHON),python3)" -m engine.serve.prepare
# Each tool runs inside the prepared environment.
DEV := $(PREPARE) dev
PYTEST := $(DEV) python -m pytest
# Processes of tests; one more than the two processors we count on, for those that wait for a browser or a worker.
JOBS ?= 3
# A folder of the DMN standard's test kit (compliance-level-2, compliance-level-3 ...).
KIT ?= $(or $(PILAR_DMN_TCK),$(HERE)/../shared/conformance/dmn-tck)

.PHONY: help run demo-reset dev test tests lint types imports unit stories browser faults conformance bench bench-peers screenshots docs catalogue lock clean

help: ## list every target
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' "$(HERE)/Makefile" | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## start Pilar with its own servers and demo data (HOST=, PORT= may be given)
	@$(PREPARE) run

demo-reset: ## remove the demo's data; the next `make run` begins anew
	@$(PREPARE) cli demo-reset

dev: ## lay in everything that tests and checks need
	@$(DEV)

# Types and imports are looked at while the tests run: each of these keeps one processor busy alone.
test: ## everything that has to pass: lint, types, imports and all tests
	@$(MAKE) --no-print-directory -f "$(HERE)/Makefile" lint
	@$(MAKE) --no-print-directory -f "$(HERE)/Makefile" -j3 types imports tests

tests: ## all tests without the looks at the sources
	@$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=10

lint: ## style and mistakes (ruff)
	@$(DEV) ruff check .
	@cd "$(HERE)" && .venv/bin/ruff format --check .

types: ## types (mypy --strict)
	@$(DEV) python -m mypy

imports: ## who may import whom (import-linter)
	@$(DEV) lint-imports

unit: ## tests without browser, stories and killed processes
	@$(PYTEST) -n $(JOBS) --dist loadfile -m "not browser and not faults" --ignore=tests/stories

stories: ## the cases of workflows/*/stories, told to the engine
	@$(PYTEST) -n $(JOBS) tests/stories

browser: ## tests that drive a real Chromium
	@$(PYTEST) -m browser

faults: ## kill, freeze and starve real processes, long; a table and var/faults.json (FAULTS_SEED= repeats a run)
	@export FAULTS="$${FAULTS:-long}"; $(PYTEST) -m faults tests/platform/test_rolling.py tests/faults -p no:randomly -s

conformance: ## run the DMN test kit; KIT= names its folder
	@$(PREPARE) cli conformance "$(KIT)"

bench: ## measure; a table on the screen and var/bench.json
	@$(DEV) python -m pytest tests/bench -q -p no:randomly -s -o python_files="bench_*.py" --ignore=tests/bench/bench_peers.py

bench-peers: ## the same case on django-viewflow, in an environment of its own, side by side
	@$(DEV) python -m pytest tests/bench/bench_peers.py -q -p no:randomly -s -o python_files="bench_*.py"

screenshots: ## the README's pictures, taken from a running demo
	@$(DEV) python -m pytest tests/browser/screenshots.py -q -p no:randomly

docs: ## write the parts of docs/ that are made from the tests and the catalogue of the check
	@$(DEV) python -m tests.bpmn.modelling

catalogue: ## bring web/translations up to date with the sources; a new text comes without its English
	@mkdir -p "$(HERE)/var"
	@$(DEV) pybabel --quiet extract -F babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 --no-location --sort-output -o var/messages.pot .
	@$(DEV) pybabel --quiet update -i var/messages.pot -d web/translations -l en --no-wrap --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date

lock: ## pin all packages anew, with hashes
	@$(DEV) uv pip compile --quiet --generate-hashes --universal --no-header --python-version 3.11 requirements.in -o requirements.lock
	@cd "$(HERE)" && .venv/bin/uv pip compile --quiet --generate-hashes --universal --no-header --python-version 3.11 \
		-c requirements.lock requirements-dev.in -o requirements-dev.lock

clean: ## remove what was laid in and built; the demo's data stays
	@cd "$(HERE)" && rm -rf .venv node_modules web/static var/test var/log
