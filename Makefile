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

# --- The local stack (tools/stack) ---
up demo seed: export STACK_EARLY := 1
up restart demo seed: protos
protos down reset status logs doctor secrets create-admin orrery: environment

environment: # .venv as uv.lock says; at once when nothing changed
	@tools/stack/bootstrap.sh

up: ## Start PostgreSQL, Kafka, S3, Redis and the fleet (S="auth media": only these of the fleet)
	@$(PY) -m tools.stack up $(S)

down: ## End them; data stays
	@$(PY) -m tools.stack down

restart: ## Restart processes of the fleet: make restart S=media
	@$(PY) -m tools.stack restart $(S)

reset: ## Down, and delete data, secrets and logs
	@$(PY) -m tools.stack reset

status: ## Show each process: health, memory, age
	@$(PY) -m tools.stack status

logs: ## Show a process's log: make logs S=media (F=1 follows)
	@$(PY) -m tools.stack logs $(S) $(if $(F),--follow)

doctor: ## Say what is wrong and what to do
	@$(PY) -m tools.stack doctor

secrets: # what compose.yaml reads
	@$(PY) -m tools.stack secrets

demo: ## Start all, run the main job on a real film, leave it running
	@$(PY) -m tools.stack demo

seed: ## Start all and put sample data in: people in each role, keys, a film
	@$(PY) -m tools.stack seed

create-admin: ## Make the first platform administrator: make create-admin USERNAME=ada EMAIL=ada@example.com (FORCE=1: another)
	@$(PY) -m tools.stack orrery create-admin "$(USERNAME)" "$(EMAIL)" $(if $(FORCE),--force)

orrery: ## Run the operators' command line on the local stack: make orrery A=doctor, A="outbox status", A=--help
	@$(PY) -m tools.stack orrery -- $(or $(A),--help)

.PHONY: create-admin orrery environment up down restart reset status logs doctor secrets demo seed

# --- Checks, tests and new things ---
check islands test e2e test-sso bench bench-identity format migration new-service: protos

check: ## Run every static check side by side (C="types style": only these)
	@$(PY) -m tools.check $(C)

islands: ## Prove that each library and service imports only what it declares
	@$(PY) -m tools.islands

# The journeys wait more than they compute: they run beside the other tests, and are shown after them.
JOURNEYS := tests/e2e
UNITS := --ignore tests/e2e --ignore tests/sso --ignore tests/kubernetes

test: ## Run all tests against real parts (T=tests/libs: only those)
ifdef T
	@$(PY) -m pytest $(T)
else
	@STACK_EARLY=tests $(PY) -m tools.stack.install || true # so that no test's own time goes by in a compiler
	@mkdir -p .stack; $(PY) -m pytest $(JOURNEYS) >.stack/journeys.log 2>&1 & journeys=$$!; \
	trap 'kill $$journeys' INT TERM; \
	$(PY) -m pytest -n 2 --dist loadfile $(UNITS); failed=$$?; \
	wait $$journeys || failed=1; cat .stack/journeys.log; exit $$failed
endif

e2e: ## Run only the journeys of the whole fleet
	@$(PY) -m pytest $(JOURNEYS)

test-sso: ## Sign in through a real Keycloak (Java and Maven; the first time fetches 160 MB)
	@$(PY) -m pytest tests/sso

bench: ## Measure requests through a fleet of its own: CPU of all processes, throughput, p99
	@$(PY) -m tools.bench

bench-identity: ## Measure what knowing the caller, signing in and a storm of sign-ins cost
	@$(PY) -m tools.bench.identity

format: ## Lay out the code as `make check` wants it
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format --quiet .

migration: ## Write a service's next migration from its models: make migration S=media M="Videos have a language"
	@$(PY) -m tools.revise "$(S)" "$(M)"

dashboards: ## Write the Grafana dashboards anew from tools/dashboards
	@$(PY) -m tools.dashboards

new-service: ## Write a new service: make new-service NAME=ai-inference PACKAGE=ai FEATURE=models
	@$(PY) -m tools.new_service "$(NAME)" "$(PACKAGE)" "$(FEATURE)"

.PHONY: check dashboards islands test e2e test-sso bench bench-identity format migration new-service

# --- Images and Kubernetes (tools/images, tools/kubernetes) ---
images sbom k8s-up k8s-test: protos
k8s-down k8s-status charts charts-write charts-schemas dashboards: environment

images: ## Build the container images by Docker or buildah (I="auth media": only these; TAG=dev)
	@$(PY) -m tools.images build $(I) --tag $(or $(TAG),dev)

sbom: ## Write what each image holds as CycloneDX JSON into sbom/ (I="auth media": only these)
	@$(PY) -m tools.images sbom $(I) --tag $(or $(TAG),dev)

k8s-up: ## Start a real one-node Kubernetes here (root, Go), and build and load the images
	@tools/kubernetes/cluster.sh up
	@$(PY) -m tools.images build --with buildah

k8s-down: ## End the cluster and forget it
	@tools/kubernetes/cluster.sh down

k8s-status: ## Show the cluster's programs and pods
	@tools/kubernetes/cluster.sh status

k8s-test: ## Prove the charts on the cluster: roll-outs, faults, rotation under load (T=tests/kubernetes/test_x.py: only that)
	@eval "$$(tools/kubernetes/cluster.sh env)" && $(PY) -m pytest -p no:randomly $(or $(T),tests/kubernetes)

charts: ## Lint, render and validate the charts by each ci/*-values.yaml; are their READMEs up to date?
	@$(PY) -m tools.charts check

charts-write: ## Write the charts' READMEs from the comments of their values
	@$(PY) -m tools.charts docs

charts-schemas: # from the cluster that kubectl names, and from Go modules (tools/charts/schemas/sources.toml)
	@$(PY) -m tools.charts schemas

.PHONY: charts charts-write charts-schemas
.PHONY: images sbom k8s-up k8s-down k8s-status k8s-test
