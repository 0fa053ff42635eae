# Everything a contributor runs. `make` alone lists the targets.
# Needs Python 3.11 or newer, make and a package index; the rest goes into .venv.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo "$$p" && break; done)

BIN := .venv/bin
ROOMS := domain service projections api
STRICT := $(ROOMS)
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --no-deps
UV_VERSION := 0.13.9
LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate $(UPGRADE)

## Use it

.PHONY: run
run: $(BIN)/.run ## Start everything on http://127.0.0.1:8080 (PORT=9000 for another port)
	@trap : INT; $(BIN)/amends serve --demo || test $$? -eq 130  # Ctrl-C is its ordinary end

## Check it

.PHONY: test
test: check pytest ## All checks and all tests

.PHONY: check
check: lint types imports ## Format, lint, types and import directions, without the tests

# They kill servers and count what is left: with all cores to themselves.
ALONE := tests/faults tests/no_skip

.PHONY: pytest
pytest: $(BIN)/.dev ## The tests alone (ARGS="tests/domain -k gate" for some of them)
ifdef ARGS
	$(BIN)/pytest -q $(ARGS)
else
	$(BIN)/pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile $(addprefix --ignore=,$(ALONE))
	$(BIN)/pytest -q $(ALONE)
endif

.PHONY: test-no-skip
test-no-skip: $(BIN)/.dev ## Readers among adversarial writers (EVENTS=10000000, SEED=what it printed)
	$(BIN)/pytest -q -s tests/no_skip --events=$(or $(EVENTS),10000000) $(if $(SEED),--seed=$(SEED))

.PHONY: test-faults
test-faults: $(BIN)/.dev ## Everything killed, cut, filled up and broken (SEED=what it printed)
	FAULTS=long $(if $(SEED),FAULTS_SEED=$(SEED)) $(BIN)/pytest -q tests/faults

.PHONY: lint
lint: $(BIN)/.dev ## Formatting and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(BIN)/.dev ## Static types
	$(BIN)/mypy $(STRICT)

.PHONY: imports
imports: $(BIN)/.dev ## Import directions
	$(BIN)/lint-imports

.PHONY: verify-imports
verify-imports: $(BIN)/.run ## Import the files of DATA=folder and compare every count
	@$(BIN)/python -m benchmarks.import_files $(DATA)

.PHONY: verify-clocks
verify-clocks: $(BIN)/.run ## Replay the requests of DATA=folder through the clock, compare verdicts
	@$(BIN)/python -m benchmarks.clock_files $(DATA)

.PHONY: backtest-real
backtest-real: $(BIN)/.run ## Replay the files of DATA=folder through the rules of early warning
	@$(BIN)/python -m benchmarks.warning_real $(DATA)

.PHONY: test-warnings
test-warnings: $(BIN)/.dev ## 100 series with a spike and a drop each, false alarms counted (SEED=1)
	@$(BIN)/python -m benchmarks.warning_trial --seed $(or $(SEED),1)

.PHONY: test-ledger
test-ledger: $(BIN)/.dev ## 1,000 tamperings, each found where it begins; 100 clean stores without alarm
	@$(BIN)/python -m benchmarks.ledger_tampering

## Measure it

.PHONY: bench
bench: bench-store bench-http bench-rebuild bench-beside bench-ledger bench-idle ## The main benchmarks: a table each, and JSON under benchmarks/results/

.PHONY: bench-store
bench-store: $(BIN)/.bench ## Appends per second against raw INSERTs and other event stores
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.append --json benchmarks/results/append.json

.PHONY: bench-http
bench-http: $(BIN)/.bench ## Requests per second against a bare view with one INSERT
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.http --json benchmarks/results/http.json

.PHONY: bench-timers
bench-timers: $(BIN)/.bench ## Finding due work among 100,000 cases, firing in time, idle cost
	@$(BIN)/python -m benchmarks.timers

.PHONY: bench-two-clocks
bench-two-clocks: $(BIN)/.bench ## Milliseconds to show a case of 200 events as it was at random instants (at most 50)
	@$(BIN)/python -m benchmarks.two_clocks

.PHONY: bench-idle
bench-idle: $(BIN)/.bench ## Processor time of a service that nobody asks (EVENTS=200000 in its log)
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.idle \
		--events $(or $(EVENTS),200000) --json benchmarks/results/idle.json

.PHONY: bench-rebuild
bench-rebuild: $(BIN)/.bench ## Events per second when read models are rebuilt (of DATA=folder, if named)
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.rebuild --json benchmarks/results/rebuild.json $(if $(DATA),--data $(DATA))

.PHONY: bench-growth
bench-growth: $(BIN)/.bench ## Whether the store gets slower as its log grows (EVENTS=10000000 SHARED_BUFFERS=6GB WARM=1 DATA=kept)
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.growth \
		--events $(or $(EVENTS),10000000) --json benchmarks/results/growth.json \
		$(if $(SHARED_BUFFERS),--shared-buffers $(SHARED_BUFFERS)) $(if $(WARM),--warm) $(if $(DATA),--data $(DATA))

.PHONY: bench-beside
bench-beside: $(BIN)/.bench ## Lag of the read models under load, and appends beside a rebuild
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.beside --json benchmarks/results/beside.json

.PHONY: bench-ledger
bench-ledger: $(BIN)/.bench ## What the ledger costs the appends; a million events verified
	@mkdir -p benchmarks/results && $(BIN)/python -m benchmarks.ledger --json benchmarks/results/ledger.json

.PHONY: bench-pack
bench-pack: $(BIN)/.bench ## How long audit packs take to make and to verify
	@$(BIN)/python -m benchmarks.pack

.PHONY: bench-looks
bench-looks: $(BIN)/.bench ## What it costs that whoever is shown personal text is on record
	@$(BIN)/python -m benchmarks.looks

## Change it

.PHONY: format
format: $(BIN)/.dev ## Put the code into its format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(BIN)/.run ## Write docs/reference/ again from the code
	@$(BIN)/python -m docs.generate

.PHONY: lock
lock: $(BIN)/.made ## Write the lock files again (UPGRADE=--upgrade for newer versions)
	@$(PIP) install --quiet uv==$(UV_VERSION)
	@$(LOCK) pyproject.toml --all-extras -o requirements/bench.lock
	@$(LOCK) pyproject.toml -c requirements/bench.lock --extra dev --extra embedded --extra s3 -o requirements/dev.lock
	@$(LOCK) pyproject.toml -c requirements/bench.lock --extra embedded -o requirements/embedded.lock
	@$(LOCK) pyproject.toml -c requirements/bench.lock --extra s3 -o requirements/run.lock
	@$(LOCK) benchmarks/field/python.in -o benchmarks/field/python.lock
	@$(LOCK) --group build -o requirements/build.lock

# What stands before the 32 bytes of an Ed25519 private key (RFC 8410).
PKCS8 := '302e020100300506032b657004220420'

.PHONY: secrets
secrets: ## Write random passwords and keys for compose.yaml into secrets/, once
	@test ! -e secrets || { echo "secrets/ is there already; nothing was changed" >&2; exit 1; }
	@umask 077 && mkdir secrets
	@random() { $(PYTHON) -c "import secrets; print(secrets.token_hex(24), end='')"; }; \
	owner=$$(random) service=$$(random); \
	random >secrets/postgres_password; \
	printf '%s' "$$owner" >secrets/owner_password; \
	printf '%s' "$$service" >secrets/service_password; \
	printf '%s' "postgresql://amends:$$service@postgres/amends" >secrets/database_url; \
	printf '%s' "postgresql://amends_owner:$$owner@postgres/amends" >secrets/owner_database_url
	@$(PYTHON) -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())" \
		>secrets/master_key
	@$(PYTHON) -c "import base64, os; print(base64.b64encode(bytes.fromhex($(PKCS8)) + os.urandom(32)).decode())" \
		>secrets/ledger_key
	@chmod 644 secrets/*  # the directory is private; containers read the files as another user

.PHONY: clean
clean: ## Remove the environment and the caches; the data in .amends stays
	rm -rf .venv build *.egg-info .*_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^## /{print "\n" substr($$0, 4)} \
		/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

# The environment: made once, and again when a lock file changes. Whoever comes while somebody else
# makes it waits, and looks again.

ENVIRONMENT := $(BIN)/.made $(BIN)/.run $(BIN)/.dev $(BIN)/.bench

ifndef ALONE
ALONE_IN_TURN := import fcntl, subprocess, sys; turn = open(".environment.lock", "w"); \
	fcntl.flock(turn, fcntl.LOCK_EX); sys.exit(subprocess.call(sys.argv[1:]))

$(ENVIRONMENT):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed" >&2; exit 1; }
	@$(PYTHON) -c '$(ALONE_IN_TURN)' $(MAKE) -s ALONE=yes $@
else
$(BIN)/.made:
	@echo "Making .venv with $$($(PYTHON) --version)"
	@rm -rf .venv && $(PYTHON) -m venv .venv && touch $@

$(BIN)/.run:
	@echo "Installing what Amends needs (once, about a minute)"
	@$(INSTALL) -r requirements/embedded.lock -r requirements/build.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.dev:
	@echo "Installing the test tools (once)"
	@$(INSTALL) -r requirements/dev.lock
	@touch $@

$(BIN)/.bench:
	@echo "Installing what the benchmarks compare with (once)"
	@$(INSTALL) -r requirements/bench.lock
	@touch $@
endif

$(BIN)/.run: $(BIN)/.made requirements/embedded.lock requirements/build.lock pyproject.toml
$(BIN)/.dev: $(BIN)/.run requirements/dev.lock
$(BIN)/.bench: $(BIN)/.dev requirements/bench.lock
