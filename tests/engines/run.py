"""Run the tests of engines, each with a real release in environments of its own.

``run.py NAME ...`` runs those that are named, ``run.py`` all of them; ``run.py --table`` runs all,
and multiprocessing on every interpreter, and writes the table of docs/engines.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
import interpreters
from engines import table

HERE = Path(__file__).parent
RESULTS = interpreters.ROOT / "target" / "engines"
# For one engine's tests, its processes included.
MOST_SECONDS = 400
PROCESSES = "multiprocessing, concurrent.futures"
OF_PYTHON = "the standard library's"

_RELEASES = """
import sys
from importlib.metadata import version
print(", ".join(f"{name} {version(name)}" for name in sys.argv[1:]))
"""


@dataclass
class Engine:
    """An engine, and where its tests run.

    Args:
        name: That which it has in the table; in small letters, behind ``test_``, its test file's.
        releases: The release of each distribution that its tests are for.
        pythons: The versions that its processes have, by role: the tests know each by
            ``ENGINE_`` and the role, and run on the first.
        dependencies: What else pip is to install, or is to be told.
        prepare: A program beside this one, that installs the releases where pip cannot do it alone;
            each environment's Python runs it.
    """

    name: str
    releases: dict[str, str]
    pythons: dict[str, str]
    dependencies: list[str] = field(default_factory=list)
    prepare: str = ""

    def told_releases(self) -> str:
        """Return the releases as the table has them."""
        return ", ".join(f"{name} {release}" for name, release in self.releases.items())

    def told_pythons(self) -> str:
        """Return the versions and roles as the table has them."""
        return ", ".join(f"{role.lower()} {version}" for role, version in self.pythons.items())

    def run(self) -> tuple[bool, table.Run]:
        """Return whether all of its tests pass, and the run."""
        required = [f"{name}=={release}" for name, release in self.releases.items()]
        installed = [*self.dependencies, "pytest", *(() if self.prepare else required)]
        purpose = f"-{self.name.lower()}"
        found = interpreters.environments(purpose, installed, list(self.pythons.values()))
        for python in found.values() if self.prepare else ():
            subprocess.run([python, str(HERE / self.prepare), *required], check=True)
        roles = {f"ENGINE_{role}": found[version] for role, version in self.pythons.items()}
        result = RESULTS / f"{self.name.lower()}.xml"
        path = HERE / f"test_{self.name.lower()}.py"
        passed = _pytest(next(iter(roles.values())), path, result, roles, self.told_pythons())
        releases = " / ".join(sorted({self._installed(python) for python in found.values()}))
        return passed, table.Run(self.name, releases, self.told_pythons(), [result])

    def _installed(self, python: str) -> str:
        command = [python, "-c", _RELEASES, *self.releases]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


# What they need but each other.
_OF_NNSIGHT_AND_TORCH = """
    cloudpickle filelock fsspec greenlet httpx huggingface-hub jinja2 networkx pydantic pyyaml
    setuptools sympy tqdm transformers typing-extensions websocket-client zstandard
"""

ENGINES = [
    Engine(
        "Dask",
        {"dask": "2026.8.0", "distributed": "2026.8.0"},
        {"CLIENT": "3.10", "SCHEDULER": "3.12", "WORKER": "3.13"},
        ["joblib==1.6.0", "numpy"],
    ),
    Engine("joblib", {"joblib": "1.6.0", "loky": "3.7.0"}, {"ALL": "3.13"}),
    Engine("Ray", {"ray": "2.60.0"}, {"CLIENT": "3.10", "SERVER": "3.12"}, ["ray[client]"]),
    # It is not to be had as a wheel.
    Engine(
        "PySpark", {"pyspark": "4.3.0"}, {"ALL": "3.13", "REFUSED": "3.12"}, ["--no-binary=pyspark"]
    ),
    Engine(
        "nnsight",
        {"nnsight": "0.8.1"},
        {"ONE": "3.12", "OTHER": "3.10"},
        _OF_NNSIGHT_AND_TORCH.split(),
        "torch_without_cuda.py",
    ),
    Engine("Prefect", {"prefect": "3.8.8"}, {"WRITER": "3.13", "READER": "3.12"}),
    Engine("Celery", {"celery": "5.7.0"}, {"CLIENT": "3.10", "WORKER": "3.13"}),
]


def told_versions(versions: list[str]) -> str:
    """Return as the table has it that each of these runs the tests."""
    return f"each of {', '.join(versions)}"


def processes() -> tuple[bool, table.Run]:
    """Run the tests of multiprocessing on every interpreter, in the environments of `make test`."""
    pythons = interpreters.environments()
    passed, results = [], []
    for version, python in pythons.items():
        results.append(RESULTS / f"multiprocessing-{version}.xml")
        path = HERE.parent / "test_wrapper.py"
        passed.append(_pytest(python, path, results[-1], {}, version, "-m", "way"))
    return all(passed), table.Run(PROCESSES, OF_PYTHON, told_versions(list(pythons)), results)


def _pytest(
    python: str, path: Path, result: Path, roles: dict[str, str], pythons: str, *options: str
) -> bool:
    result.parent.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={result}"]
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [*command, *options, str(path)],
            cwd=interpreters.ROOT,
            env={**os.environ, **roles},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired as expired:
        print(f"--- {path.name}: no end after {MOST_SECONDS} s\n{expired.stdout!r}")
        return False
    lines = done.stdout.strip().splitlines()
    print(f"--- {path.name} ({pythons}; {time.monotonic() - begin:.0f} s)")
    print("\n".join(lines if done.returncode else lines[-1:]), flush=True)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Return 0 where all tests of the engines that are named pass."""
    making = arguments == ["--table"]
    names = [] if making else [name.lower() for name in arguments]
    unknown = set(names) - {engine.name.lower() for engine in ENGINES}
    if unknown:
        raise SystemExit(f"no such engines: {', '.join(sorted(unknown))}")
    chosen = [engine for engine in ENGINES if not names or engine.name.lower() in names]
    runs = {engine.name: engine.run() for engine in chosen}
    if making:
        runs[PROCESSES] = processes()
        table.write([run for _, run in runs.values()])
    failed = [name for name, (passed, _) in runs.items() if not passed]
    print(f"{len(runs) - len(failed)} engines passed, {len(failed)} failed", *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
