# make demo   the whole job on the sample portal       make test   every test
# make lint   style, types, import directions          make bench ROWS=N   measured against three others
# make soak   the long tests: every crash point, a million rows, with seeds and counts printed
# make reliability   what each fault leads to, seen and written anew
# make febrl  how well records of one person are linked, on public data
# make lock   compile the requirement locks anew       make clean  remove what these made
.POSIX:
.SUFFIXES:
.PHONY: demo test soak lint bench febrl lock clean packages docs reliability

VENV = .venv
PY = $(VENV)/bin/python
ROWS = 5000
WORKERS = 3
ROOMS = audit canonical commands common config connectors demo feed mappings quality reports scheduler sealing \
        sharing sync warehouse

demo:
	@sh tools/setup.sh $(VENV) requirements.txt
	@$(PY) run_sync.py demo

test: packages
	@sh tools/azurite.sh $(VENV)/azurite & one=$$!; sh tools/setup.sh $(VENV) requirements-dev.txt; \
	    sh tools/contract.sh $(VENV)/contract & two=$$!; $(MAKE) lint && wait $$one && wait $$two
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=15

soak: packages
	@sh tools/azurite.sh $(VENV)/azurite
	@sh tools/setup.sh $(VENV) requirements-dev.txt
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-febrl.txt
	@$(PY) -m pytest -m soak -n $(WORKERS) --dist worksteal --timeout 0 --durations=15
	@sh tools/setup.sh $(VENV)-dlt requirements-dev.txt
	@sh tools/setup.sh $(VENV)-dlt requirements-dlt.txt
	@$(VENV)-dlt/bin/python -m pytest -m soak --timeout 0 tests/contract/test_destination.py

lint:
	@sh tools/setup.sh $(VENV) requirements-dev.txt
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

packages:
	@sh tools/packages.sh age:age openssl:openssl chromium:chromium node:nodejs npm:npm sshd:openssh-server strace:strace systemd-analyze:systemd
	@sh tools/promtool.sh $(VENV)

bench:
	@sh tools/setup.sh $(VENV)-bench requirements-bench.txt
	@$(VENV)-bench/bin/python -m benchmarks --rows $(ROWS)

febrl:
	@sh tools/setup.sh $(VENV) requirements-dev.txt
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-febrl.txt
	@$(PY) -m benchmarks.febrl
	@$(PY) -m benchmarks.febrl --splink

docs:
	@sh tools/setup.sh $(VENV) requirements-dev.txt
	@$(PY) -m tools.reference

reliability: packages
	@sh tools/setup.sh $(VENV) requirements-dev.txt
	@$(PY) -m tools.reliability --rows

lock:
	@sh tools/lock.sh

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-dlt var build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +
