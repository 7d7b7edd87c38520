# Every command of the repository. Each sets up what it needs first, and that is instant later.
#   make up ARGS='--port 9000'   make dev ARGS=--no-demo   make test ARGS='tests/nodes -k merge'
.DEFAULT_GOAL := help
.PHONY: help setup up dev api docs new-node new-trigger new-credential new-endpoint test test-all check lint format bench screens clean
ARGS ?=
# Without compiled files each of the many processes would spend seconds on compiling anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 23

setup: ## install everything that is missing
	@tools/setup.sh

up: setup ## start the whole product with its demo at http://127.0.0.1:8700
	@exec .venv/bin/treadle up $(ARGS)

dev: setup ## start it to work on it: changed code runs at once, the app is at http://127.0.0.1:5173
	@exec .venv/bin/treadle up --reload --app $(ARGS)

api: setup ## write the browser app's client anew from the OpenAPI document
	@.venv/bin/python -m functions.openapi_document >web/openapi.json
	@tools/build_web.sh npm run --silent schema

docs: setup ## write the pages anew that are made from the code, such as docs/nodes.md
	@.venv/bin/python -m tools.scaffold.documents

new-node: setup ## a node to begin with: make new-node NAME=split_text FAMILY=core
	@.venv/bin/python -m tools.scaffold node --folder="$(FAMILY)" --name="$(NAME)"

new-trigger: setup ## a trigger to begin with: make new-trigger NAME=new_orders
	@.venv/bin/python -m tools.scaffold trigger --name="$(NAME)"

new-credential: setup ## a credential type to begin with: make new-credential NAME=shop_key
	@.venv/bin/python -m tools.scaffold credential --name="$(NAME)"

new-endpoint: setup ## an endpoint to begin with: make new-endpoint NAME=counts AREA=workflows
	@.venv/bin/python -m tools.scaffold endpoint --folder="$(AREA)" --name="$(NAME)"

test: ## run the tests: every feature, each at least once
	@tools/setup.sh --test-servers
	@.venv/bin/python -m tests.suite test $(ARGS)

test-all: ## run the tests that take long, too
	@tools/setup.sh --test-servers
	@.venv/bin/python -m tests.suite all $(ARGS)

check: ## of what has changed: style, types, import rules, and the tests of its rooms
	@tools/setup.sh --test-servers
	@.venv/bin/python -m tests.suite.check $(ARGS)

lint: setup ## ruff, mypy, the import rules; the app's types and style
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@tools/check_web.sh

format: setup ## put the code in its format
	@.venv/bin/ruff check --quiet --fix
	@.venv/bin/ruff format --quiet

bench: ## measure; writes bench/results.json
	@tools/setup.sh --test-servers
	@.venv/bin/python -m bench $(ARGS)

screens: ## a picture of every screen, in both themes and widths, in build/screens
	@tools/setup.sh --test-servers
	@.venv/bin/python -m tests.e2e.screens $(ARGS)

clean: ## remove what set-up and runs made, the data in .data not among it
	@rm -rf .venv .uv .node .sandbox web/node_modules web/dist .mypy_cache .ruff_cache .import_linter_cache build
