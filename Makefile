# The few commands that people type.
.DEFAULT_GOAL := help
.PHONY: help test lint format bench up ci

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

bench:  ## how fast the engine is beside others
	uv run python bench/engine.py

up:  ## the service
	uv run enlarger up

ci:  ## what has to be green before a change lands
	.ci/run
