# Every target makes the environment it needs by itself, once per interpreter, from requirements.lock.
# make test                     the default python3, in .venv
# make PYTHON=python3.12 test   another interpreter, in .venv-3.12
# make QUEUE=pkg.mod:Class test your own queue, through both state machines and the integration tests

PYTHON ?= python3
SUPPORTED := 3.10 3.11 3.12 3.13

# $(call find_python,python3.12): that command if it runs, else the same version among pyenv's.
find_python = $(shell for candidate in $(1) \
  $$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$(patsubst python%,%,$(notdir $(1))).*/bin/python 2>/dev/null); do \
  if $$candidate -c "" >/dev/null 2>&1; then echo $$candidate; break; fi; done)
INTERPRETER := $(call find_python,$(PYTHON))
VERSION := $(if $(INTERPRETER),$(shell $(INTERPRETER) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
HELD := $(shell .venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

ifeq ($(VERSION),)
$(error no Python found as '$(PYTHON)': install Python 3.10 or later, or name one: make PYTHON=/path/to/python3)
endif
# .venv belongs to the default interpreter; when python3 has changed since, the new one gets a folder of its own.
ifneq ($(origin PYTHON),file)
VENV := .venv-$(VERSION)
else ifeq ($(filter-out $(VERSION),$(HELD)),)
VENV := .venv
else
VENV := .venv-$(VERSION)
endif
READY := $(VENV)/.ready
BIN := $(VENV)/bin

PEERS := .venv-peers
PEER_QUEUES := .venv-peers-queue-$(VERSION)

.PHONY: help check test test-all test-others test-version models nightly lint claims demo bench-explore bench-queue soak $(PEERS)/measure lock clean
.DEFAULT_GOAL := help

help:
	@echo "make check          verify everything: TLC on every model, then the tests, then the table of claims"
	@echo "make test           the tests, with the gate on the pipeline's branch coverage"
	@echo "make test-all       the tests on every supported interpreter found ($(SUPPORTED))"
	@echo "make test-version   the tests that depend on the version of Python"
	@echo "make test-others    these on every other interpreter than $(VERSION), on which check runs all"
	@echo "make models         TLC on every model, with what each run found"
	@echo "make nightly        what does not fit into check: large configs, long tests"
	@echo "make lint           ruff, mypy --strict for 3.10 and 3.13, import-linter"
	@echo "make claims         write the table of claims into README.md, and the ledger docs/claims.md"
	@echo "make demo           the pipeline at work, in four parts"
	@echo "make bench-explore  measure the explorer and its peers; BENCH=\"queue growth\" measures only those"
	@echo "make bench-queue    measure the queues beside queue.Queue and culsans; BENCH=\"--pairs 3\" passes options"
	@echo "make soak           the queues under load for a minute, interrupted; ITEMS=10000000 for so many items"
	@echo "make lock           pin the newest versions of the tools in requirements.lock"
	@echo "make clean          remove environments, caches and reports"
	@echo "make help           this list"
	@echo
	@echo "Another interpreter: make PYTHON=python3.12 test"
	@echo "Your own queue:      make QUEUE=package.module:Class test"

$(READY): requirements.lock pyproject.toml .ci/environment.py
	@$(INTERPRETER) .ci/environment.py $(VENV)
	@touch $@

check: $(READY)
	@$(BIN)/python -m pcverify claims check

models: $(READY)
	@$(BIN)/python -m pcverify models check

nightly: $(READY)
	@$(BIN)/python -m pcverify claims check --nightly
	@echo; echo "== Tests that do not fit into check"
	@$(BIN)/python -m pytest -q --numprocesses=auto --dist=worksteal -m nightly

test: $(READY)
	@$(BIN)/python -m pcverify claims test $(if $(QUEUE),--queue $(QUEUE))

# The same on every Python are the tools around TLC, z3, CrossHair and coverage, which schedules a strategy chooses, what
# runs on schedules, and long runs.
SAME := tests/acceptance tests/claims tests/histories tests/proofs tests/regress tests/report tests/smt tests/soak tests/tla \
  tests/test_models.py tests/test_models_ends.py tests/test_models_command.py tests/pipeline/test_properties.py \
  $(addprefix tests/explore/strategies/test_,$(addsuffix .py,bounded hypothesis named pct portfolio random)) \
  $(addprefix tests/explore/test_,$(addsuffix .py,command interleavings_in_runners minimise result saved schedule subjects)) \
  $(addprefix tests/interleavings/test_,$(addsuffix .py,faults interrupts queues wakeups_passed_on)) \
  $(addprefix tests/conformance/test_,$(addsuffix .py,counting edits faults following pipeline refusing \
  validating wrong_subjects))
test-version: $(READY)
	@$(BIN)/python -m pytest -q --numprocesses=auto -m "not nightly and not on_one_python" $(SAME:%=--ignore=%)

# Each supported version in turn; one that is missing is named, and is a failure under CI.
FOUND = $(foreach version,$(SUPPORTED),$(if $(call find_python,python$(version)),$(version)))
test-all: TESTS = test
test-all: TO_TEST = $(FOUND)
test-others: TESTS = test-version
test-others: TO_TEST = $(filter-out $(VERSION),$(FOUND))
test-all test-others:
	@for version in $(TO_TEST); do \
	  echo "== Python $$version"; $(MAKE) --no-print-directory PYTHON=python$$version $(TESTS) || exit 1; \
	done
	@missing="$(filter-out $(FOUND),$(SUPPORTED))"; if [ -n "$$missing" ]; then \
	  echo "Not tested, for want of an interpreter: $$missing"; test -z "$$CI"; fi

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --python-version 3.10
	@$(BIN)/mypy --python-version 3.13
	@$(BIN)/lint-imports --no-logo

claims: $(READY)
	@$(BIN)/python -m pcverify claims table README.md

demo: $(READY)
	@$(BIN)/python -m pcverify.demo

# The explorer on PYTHON; then its peers, which need 3.13, against it on 3.13, in an environment that is theirs.
bench-explore: $(READY)
ifneq ($(strip $(BENCH)),peers)
	@$(BIN)/python -m tests.benchmarks.explore $(filter-out peers,$(BENCH))
endif
ifneq ($(if $(strip $(BENCH)),$(filter peers,$(BENCH)),peers),)
	@if [ -n "$(call find_python,python3.13)" ]; then $(MAKE) --no-print-directory PYTHON=python3.13 $(PEERS)/measure; \
	else echo "Not measured, for want of Python 3.13: the peers"; fi
endif

# The queues on PYTHON, from the peer's environment if that can be made; the picture is the default interpreter's.
bench-queue: $(READY)
	@$(MAKE) --silent --no-print-directory $(PEER_QUEUES)/.ready || echo "Not measured, for want of its environment: culsans"
	@if [ -e $(PEER_QUEUES)/.ready ]; then python=$(PEER_QUEUES)/bin/python; else python=$(BIN)/python; fi; \
	$$python -m tests.benchmarks.queues $(or $(BENCH),$(if $(filter file,$(origin PYTHON)),--plot docs/queues-speed.svg))

# For SECONDS, or until ITEMS went through; QUEUE names another class, ROUND one round.
SOAK = $(if $(ITEMS),--items $(ITEMS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
  $(if $(ROUND),--round $(ROUND)) $(if $(QUEUE),--queue $(QUEUE))
soak: $(READY)
	@$(BIN)/python -m tests.soak $(SOAK)

$(PEER_QUEUES)/.ready: tests/benchmarks/peers-queues.txt
	@echo "Setting up $(PEER_QUEUES) from $< (once) …"
	@$(INTERPRETER) -m venv --clear --without-pip $(PEER_QUEUES)
	@$(BIN)/python -m pip --python $(PEER_QUEUES)/bin/python install --disable-pip-version-check --no-input --quiet \
	  --no-deps -r $<
	@touch $@

$(PEERS)/measure: $(READY) $(PEERS)/.ready
	@$(BIN)/python -m tests.benchmarks.peers $(PEERS)/bin/python

$(PEERS)/.ready: tests/benchmarks/peers.txt
	@echo "Setting up $(PEERS) from $< (once) …"
	@$(INTERPRETER) -m venv --clear --without-pip $(PEERS)
	@$(BIN)/python -m pip --python $(PEERS)/bin/python install --disable-pip-version-check --no-input --quiet -r $<
	@touch $@

# The lock holds for every supported Python on Linux and macOS: uv resolves for all of them, then asks each pair for its wheels.
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.10 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock
	@for platform in x86_64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin; do for version in $(SUPPORTED); do \
	  $(BIN)/uv pip install --dry-run --quiet --only-binary :all: --require-hashes --python-platform $$platform \
	    --python-version $$version --target $(VENV)/lock-check -r requirements.lock || exit 1; \
	  echo "wheels for Python $$version on $$platform: all there"; \
	done; done

clean:
	rm -rf .venv .venv-* build dist htmlcov .coverage .coverage.* .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find pcverify tests -name __pycache__ -type d -prune -exec rm -rf {} +
