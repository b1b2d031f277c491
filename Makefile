# graben: `make demo` shows the main job, `make test` runs the tests; both install what they need into .venv.
PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed
# As graben itself sets it: threads inside small matrix sums make the tests of the search several times slower.
export OPENBLAS_NUM_THREADS ?= 1
# Test processes side by side, a file to each, one a core and no more than the memory bears.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadfile --max-worker-restart 0

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow bench-segy bench-infer bench-wells bench-verify bench-like bench-maps bench-surfaces bench-scheduler bench-scaling fuzz check format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with the locked versions

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "graben needs Python 3.11, 3.12 or 3.13: name one with 'make PYTHON=python3.12 ...'"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv: install it (Debian, Ubuntu: apt-get install python3-venv) and call make again"; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --compile -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## the main job: synthetic survey -> faults in SEG-Y -> score -> wells, under 3 minutes
	$(PY) -m flows demo --out demo --overwrite

test: $(STAMP) ## the fast tests, under 6 minutes on two cores
	$(PY) -m pytest -m "not slow" $(PARALLEL)

test-slow: $(STAMP) ## whole flows, kills, schedules, memory limits
	$(PY) -m pytest -m slow $(PARALLEL)

bench-segy: $(STAMP) ## conversions beside OPENVDS_ENV and MDIO_ENV, see tests/benchmarks/segy.py
	@$(PY) -m tests.benchmarks.segy $(BENCH)

bench-wells: $(STAMP) ## well placement beside CMA-ES, PSO and multistart, see tests/benchmarks/wells.py
	@$(PY) -c 'import cma, pymoo' 2>/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check "cma==4.5.0" "pymoo==0.6.2"
	@$(PY) -m tests.benchmarks.wells $(BENCH)

bench-verify: $(STAMP) ## circles beside OPM Flow on 40 x 40 cells, see tests/benchmarks/verify.py
	@$(PY) -m tests.benchmarks.verify $(BENCH)

bench-infer: $(STAMP) ## fault inference beside the reference U-Net and the bare network, see tests/benchmarks/infer.py
	@$(PY) -m tests.benchmarks.infer $(BENCH)

bench-like: $(STAMP) ## what examples made from a survey are worth, see tests/benchmarks/like.py
	@$(PY) -m tests.benchmarks.like $(BENCH)

bench-maps: $(STAMP) ## the map reader beside pandas, see tests/benchmarks/maps.py
	@$(PY) -m tests.benchmarks.maps $(BENCH)

bench-surfaces: $(STAMP) ## surfaces and sticks against known faults, see tests/benchmarks/surfaces.py
	@$(PY) -m tests.benchmarks.surfaces $(BENCH)

bench-scheduler: $(STAMP) ## 200,000 null jobs: jobs a second, memory of driver and scheduler
	@$(PY) -m tests.benchmarks.scheduler $(BENCH)

bench-scaling: $(STAMP) ## 1 and 2 workers measured, 1,000 simulated; rewrites docs/scaling.md
	@$(PY) -m tests.benchmarks.scaling $(BENCH)

fuzz: $(STAMP) ## 10,000 surveys broken by chance: each a clean volume or one clear line
	$(PY) -m tests.hostile --count 10000

check: $(STAMP) ## format, lint, types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

format: $(STAMP) ## rewrite the sources in the house format
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: ## pin anew (needs uv); review the difference, then run every test
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header --extra cpu --extra s3 --extra shapes --extra maps --extra openvino --extra onnx --group dev pyproject.toml -o requirements.lock

clean: ## remove what the targets made
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
