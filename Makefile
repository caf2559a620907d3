# What a machine needs: Rust, make, and any one CPython from 3.9 on.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-engines engines-table faults corpus fuzz lint bench instructions memory build carried clean

$(BIN)/maturin: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q "maturin>=1.10,<2"
	touch $@

build: $(BIN)/maturin
	rm -rf target/wheels
	$(BIN)/maturin build -q --release --strip --out target/wheels

# After a change of python/sourcepickle/rebuild or tools; it takes a Python before 3.12.
carried: $(BIN)/maturin
	$(BIN)/python -m pip install -q python-minifier==3.4.0 zopfli==0.4.3
	$(BIN)/python tools/carry/carry_rebuild.py

demo: build
	$(BIN)/python examples/demo.py

test: build
	cargo test -q --no-default-features
	$(BIN)/python tests/run.py

# Real releases of the engines, in environments of their own; ENGINES="dask ray" chooses.
test-engines: build
	$(BIN)/python tests/engines/run.py $(ENGINES)

# The same tests, of all engines, and those of multiprocessing on every interpreter; from what they
# come to it writes the table of docs/engines.md.
engines-table: build
	$(BIN)/python tests/engines/run.py --table

# 100,000 damaged payloads, a minute of threads, a thousand interrupts of each kind: some three
# minutes per interpreter; FAULTS="3.9 3.15" chooses some. `make test` takes a few of each.
faults: build
	$(BIN)/python tests/faults/run.py $(FAULTS)

# All real code at hand, on every interpreter: some 20 minutes; `make test` takes a sample.
corpus: build
	$(BIN)/python tests/corpus/run.py

# Ten minutes; it needs nightly Rust and cargo-fuzz. The sanitizer does not know of grown stacks.
fuzz:
	$(PYTHON) fuzz/seed.py
	cargo +nightly fuzz run -s none index -- -max_len=4096 -dict=fuzz/python.dict \
		-max_total_time=600

lint: $(BIN)/maturin
	$(BIN)/python -m pip install -q ruff==0.17.6 mypy==2.4.1 cloudpickle pytest click rich
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy -q --all-targets -- -D warnings
	cargo clippy -q --all-targets --no-default-features -- -D warnings
	cargo clippy -q --manifest-path fuzz/Cargo.toml --target-dir target -- -D warnings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Some two minutes per interpreter; BENCH="3.9 3.15" chooses others than 3.11 and 3.13.
bench: build
	$(BIN)/python -m pip install -q matplotlib
	$(BIN)/python benches/run.py $(BENCH)
	cargo bench -q --no-default-features

# Whether a dump or a load takes more instructions than before: five minutes; it needs valgrind.
instructions: build
	$(BIN)/python benches/instructions.py

memory: build
	$(BIN)/python -m pip install -q --force-reinstall target/wheels/*.whl
	$(BIN)/python benches/memory.py

clean:
	rm -rf target $(VENV) .venvs
