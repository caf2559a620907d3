"""Functions pickled by source on each interpreter of this machine and loaded on every other.

Each cell is a process of its own, because a function pickled as bytecode can end the process that
loads it on another version. Run it by ``make demo``.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve()


def functions() -> list:
    """Return functions of the kinds that people send."""
    rate = 1.5
    table = {"tea": 2, "cake": 3}

    def price(item, *, count=1):
        return rate * table[item] * count

    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    double, increment = lambda x: x * 2, lambda x: x + 1
    return [price, fibonacci, double, increment]


def write(how: str, path: Path) -> None:
    """Pickle the functions, by source or as cloudpickle does, into a file."""
    import sourcepickle

    path.write_bytes(sourcepickle.dumps(functions(), by_source=how == "source"))


def read(path: Path) -> None:
    """Load the functions and run them."""
    price, fibonacci, double, increment = pickle.loads(path.read_bytes())
    results = [price("cake", count=2), fibonacci(10), double(21), increment(41)]
    assert results == [9.0, 55, 42, 42], results


def cell(python: str, path: Path) -> str:
    """Say what becomes of a reader process."""
    done = subprocess.run(
        [python, str(HERE), "read", str(path)], capture_output=True, text=True, timeout=60
    )
    if done.returncode < 0:
        return "killed"
    return "error" if done.returncode else "ok"


def main() -> int:
    """Print the table; return 0 where every function travelled by source."""
    sys.path.insert(0, str(HERE.parent.parent / "tests"))
    import interpreters

    pythons = interpreters.environments()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        tables = {}
        for how in ("source", "bytecode"):
            paths = {version: Path(folder) / f"{version}.{how}" for version in pythons}
            for version, python in pythons.items():
                command = [python, str(HERE), "write", how, str(paths[version])]
                subprocess.run(command, check=True, timeout=60)
            pairs = [(writer, reader) for writer in pythons for reader in pythons]
            readers = [pythons[reader] for _, reader in pairs]
            read_from = [paths[writer] for writer, _ in pairs]
            tables[how] = dict(zip(pairs, pool.map(cell, readers, read_from)))
    print("\neach cell: sourcepickle by source / cloudpickle's bytecode\n")
    print("writer \\ reader", *(version.center(12) for version in pythons))
    for writer in pythons:
        cells = (
            f"{tables['source'][writer, reader]}/{tables['bytecode'][writer, reader]}".center(12)
            for reader in pythons
        )
        print(writer.rjust(15), *cells)
    lost = [pair for pair, word in tables["source"].items() if word != "ok"]
    killed = sum(word == "killed" for word in tables["bytecode"].values())
    errors = sum(word == "error" for word in tables["bytecode"].values())
    print(
        f"\nof {len(pairs)} pairs, by source {len(pairs) - len(lost)} work; as bytecode "
        f"{len(pairs) - killed - errors} work, {errors} raise an error and {killed} end the process"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    action = sys.argv[1:2]
    if action == ["write"]:
        write(sys.argv[2], Path(sys.argv[3]))
    elif action == ["read"]:
        read(Path(sys.argv[2]))
    else:
        sys.exit(main())
