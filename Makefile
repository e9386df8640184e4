# The two commands a person needs: `make run` and `make test`. Everything they need, they install.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
SUDO   := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT    := DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

# uv takes a tenth of the time; where it does not get through (an index that only pip.conf names, say), pip does.
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
INSTALL = { $(PIP) uv && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e ".[$(EXTRAS)]"; } || $(PIP) --compile -e ".[$(EXTRAS)]"

.PHONY: run test setup check lint bench bench-data bench-automl bench-explain bench-serve parity fast chromium servers clean

run: $(VENV)/warm  ## open the app on http://localhost:8501 with sample tables ready
	$(BIN)/python -m mlcore ui

# Three at a time on two cores: a third of what tests take is waiting for the processes they start.
test: $(VENV)/tools  ## every test: rooms, pages, browser journeys, fresh environments
	@$(MAKE) --no-print-directory -j2 lint $(VENV)/warm servers
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not alone"
	$(BIN)/python -m pytest -m alone tests/mlcore/workspace

fast: $(VENV)/tools $(VENV)/warm  ## the tests that need no browser, no fresh environment, no worker that dies and few examples (under 3 minutes)
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow"

setup: $(VENV)/tools $(VENV)/warm  ## environment with the test tools, without running anything

check: lint  ## style, types and architecture
	$(BIN)/python -m pytest -q tests/test_architecture.py

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/tools  ## measurements, by hand: never a timed assertion in the test suite
	$(BIN)/python -m tests.benchmarks

bench-data: $(VENV)/tools  ## speed and memory of bringing a table, beside polars, duckdb and pyarrow
	$(BIN)/python -m tests.benchmarks.data

bench-automl: $(VENV)/tools  ## models beside other systems at the same budget, docs/benchmarks.md; ARGS="--scaling" for growing tables
	$(BIN)/python -m tests.benchmarks.automl $(ARGS)

bench-explain: $(VENV)/tools  ## rows explained per second, beside shap, explainerdashboard and shapash; ARGS="--rows 2000"
	$(BIN)/python -m tests.benchmarks.explain $(ARGS)

parity: $(VENV)/tools  ## every family of models on every path beside the model, docs/parity.md
	$(BIN)/python -m tests.benchmarks.parity $(ARGS)

bench-serve: $(VENV)/tools  ## requests per second, beside a plain FastAPI + pipeline.predict and MLflow's scoring server
	@command -v wrk >/dev/null || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends wrk; }
	$(BIN)/python -m tests.benchmarks.serving $(ARGS)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(APT) update -qq && $(APT) install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/runtime: EXTRAS = databases
$(VENV)/runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL)
	@$(BIN)/python -c "import lightgbm" 2>/dev/null || { $(APT) update -qq && $(APT) install -y -qq libgomp1; }
	@touch $@

$(VENV)/warm: $(VENV)/runtime  ## what is compiled once, not at somebody's first click
	$(BIN)/python -m compileall -q mlcore pages app.py
	$(BIN)/python -m mlcore.explanation.warm
	$(BIN)/python -m mlcore.data.delimited.warm
	@touch $@

$(VENV)/tools: EXTRAS = databases,test,boosting
$(VENV)/tools: $(VENV)/runtime
	$(INSTALL)
	@touch $@

chromium:
	@[ -n "$(CHROMIUM)" ] || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends chromium; }

servers: chromium  ## the databases that tests read from, for real
	@ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends postgresql; }
	@ls /usr/sbin/mariadbd >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends mariadb-server; }

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
