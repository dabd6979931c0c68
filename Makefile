# Every command of this project. `make` or `make help` lists them.
# Options are handed on with ARGS:  make rehearse ARGS="--notice b --speed 60"
# Without make (Windows): python build/bootstrap.py, then .venv\Scripts\zhishiyun rehearse

PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=
# Two at a time: tests wait for clocks, lines and devices more than they compute.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup rehearse test test-windows check bench campaign-recorder in-step long-run measure-face \
	campaign-line campaign-reveal campaign-phone screenshots-phone lock format screenshots bundle clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install whatever is missing for everything below
	@$(PYTHON) build/bootstrap.py --purpose test

rehearse: ## take a candidate through a demonstration exam (ARGS="--notice a|b|c --auto --json …")
	@$(PYTHON) build/bootstrap.py --purpose rehearse
	@.venv/bin/zhishiyun rehearse $(ARGS)

test: setup ## run all tests (ARGS="-k words" for some, WORKERS=0 one after another)
	$(PY) -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-windows: setup ## run the Windows tests with real Windows Python under Wine (root; ARGS go to pytest)
	@$(PYTHON) build/bootstrap.py --purpose windows
	@$(PY) build/windows_tests.py $(ARGS)

check: setup ## format, lint, types, import contracts, tests (ARGS=--fast without journeys and faults)
	$(PY) build/check.py $(ARGS)

bench: setup ## run the benchmarks (ARGS=recorder for one)
	@$(PY) -m benchmarks $(ARGS)

measure-face: setup ## measure the face pack on real photographs, into docs/measured/face.md
	$(PY) build/measure_face.py $(ARGS)

campaign-recorder: setup ## kill desk and recorder in real interviews, cut the power, count what was lost (ARGS="--recorder 200 --minutes 60 …")
	@$(PY) -m benchmarks.campaign_recorder $(ARGS)

in-step: setup ## measure sound against pictures in exported files (ARGS="--seconds 600 --ppm 100")
	@$(PY) -m benchmarks.in_step $(ARGS)

long-run: setup ## the longest exam at real time, 135 minutes, into out/long-run (ARGS="--out DIR")
	@$(PY) -m benchmarks.long_run $(ARGS)

campaign-line: setup ## the uploader on lines cut for 30 s, 5 min, 30 min in real time (40 min)
	@$(PY) -m tests.campaigns.line $(ARGS)

campaign-reveal: setup ## how far apart candidates see the question, simulated and real (1 min)
	@$(PY) -m tests.campaigns.reveal $(ARGS)

campaign-phone: setup ## kill the phone's page while it films, say what each kill cost (ARGS="--kills 50")
	@$(PY) -m tests.campaigns.phone $(ARGS)

screenshots-phone: setup ## photograph every page of the phone in both languages (5 min)
	@$(PY) -m tests.campaigns.phone_pages $(ARGS)

lock: ## resolve the dependencies anew into requirements.lock (ARGS=--upgrade for newer ones)
	$(PYTHON) build/lock.py $(ARGS)

format: setup ## write the code in its one format
	$(PY) -m ruff check --fix --exit-zero --quiet
	$(PY) -m ruff format

screenshots: setup ## photograph every page in both languages into docs/screenshots
	$(PY) build/screenshots.py $(ARGS)

bundle: setup ## build the programs that need no Python, into out/dist
	$(PY) build/bundle.py $(ARGS)

clean: ## remove what the commands above made, except the environment
	rm -rf out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
