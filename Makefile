# The few commands that people type.
.DEFAULT_GOAL := help
.PHONY: help test lint format messages sync types typescript docs examples site dashboard previews pictures bench faults mutants up ci

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-8s %s\n", $$1, $$2}'

test:  ## all tests
	uv run pytest

lint:  ## everything but the tests
	uv run ruff check
	uv run ruff format --check
	uv run mypy
	uv run lint-imports

format:  ## bring the code into shape
	uv run ruff check --fix
	uv run ruff format

messages:  ## take up new sentences for translation, and compile the translations
	uv run pybabel -q extract -F babel.ini -k tr -k _tr -k tr_count:1,2 -k sentence --no-location --no-wrap --omit-header -o messages.pot src/enlarger/catalog src/enlarger/bot src/enlarger/protocol src/enlarger/infra src/enlarger/server src/enlarger/console src/enlarger/tasks src/enlarger/providers src/enlarger/mcp_server
	uv run pybabel -q update -D enlarger -i messages.pot -d src/enlarger/catalog/locales --no-wrap --no-fuzzy-matching --ignore-pot-creation-date
	uv run pybabel compile -D enlarger -d src/enlarger/catalog/locales
	rm messages.pot

sync:  ## write the synchronous client and the raw responses
	uv run python scripts/write_sync_client.py
	uv run ruff check -q --select I --fix src/enlarger/client/*sync_*.py
	uv run ruff format -q src/enlarger/client/*sync_*.py

types:  ## write the types of all models' inputs
	uv run python scripts/write_types.py
	uv run ruff format -q src/enlarger/client/inputs.py src/enlarger/client/overloads.py

typescript:  ## write the TypeScript client's types, from the API's description
	uv run python scripts/write_openapi.py > openapi.json
	cd clients/typescript && npm install --silent --no-audit --no-fund --ignore-scripts && npx openapi-typescript ../../openapi.json -o src/schema.ts
	rm openapi.json

docs:  ## write the pages that are made from the code
	uv run python -m scripts.write_models
	uv run python -m scripts.write_http_api
	uv run python scripts/write_schema.py > src/enlarger/catalog/models/schema.json
	uv run python -m scripts.write_python
	uv run python -m scripts.write_errors
	uv run python -m scripts.write_architecture
	uv run python -m scripts.write_metrics
	uv run python -m scripts.write_routes
	uv run python -m scripts.write_states
	uv run python -m scripts.write_index
	uv run python -m scripts.write_cli
	uv run python -m scripts.write_settings
	uv run ruff format -q src/enlarger/cli/index.py

examples:  ## record the examples of the HTTP API again, with a sandbox service
	uv run python -m tools.api_examples
	uv run python -m scripts.write_http_api

site:  ## the documentation as a site, in site/
	uv run zensical build --clean --strict

dashboard:  ## write Grafana's dashboard
	uv run python -m scripts.write_dashboard

previews:  ## redraw the previews of interior styles
	uv run python -m tools.previews

pictures:  ## photograph the console's pages into docs/images/console, and measure how they load
	uv run python -m tools.console_pictures

bench:  ## how fast the engine is beside others
	uv run --with onnx --with onnxruntime python -m bench.engine

faults:  ## ten thousand tasks to which everything goes wrong (half an hour)
	uv run python -m tests.faults --runs 10000

MODULE ?= $(addprefix src/enlarger/,tasks/ledger.py tasks/budgets.py catalog/price.py catalog/routes.py infra/links.py)
TESTS ?=
mutants:  ## small changes to modules that no test notices: MODULE=… TESTS=…
	uv run --group mutants python scripts/mutants.py $(MODULE) $(if $(TESTS),--tests $(TESTS))

up:  ## the service
	uv run enlarger up

ci:  ## what has to be green before a change lands
	.ci/run
