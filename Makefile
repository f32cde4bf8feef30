# Every command of the repository; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PYTHONPATH := .:gen
PY := .venv/bin/python

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

protos: ## Generate the Python code of the protos into gen/
	@$(PY) -m tools.protos

.PHONY: help protos
