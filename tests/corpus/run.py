"""The corpus check on every interpreter: the whole standard library, and packages that many use.

As a program it checks all of it; :func:`sample` takes every 25th file, for the tests.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import interpreters
from corpus.same_bytes import compare

CHECK = Path(__file__).with_name("check.py")
FOLDER = interpreters.ROOT / "target" / "corpus"
SAMPLE = 25
SECONDS = 3600  # for one process, of which the longest takes about five minutes

PACKAGES = [
    "attrs",
    "dask",
    "distributed",
    "django",
    "networkx",
    "numpy",
    "pandas",
    "pydantic",
    "requests",
    "rich",
    "scikit-learn",
    "sqlalchemy",
    "sympy",
]
# Of these the source archive brings the tests, which are Python in every shape.
WITH_TESTS = "black"
# A release for old Pythons and one for new: text of either is checked on any.
RELEASES = {"3.9": ["3.9", "3.10", "3.11"], "3.13": ["3.12", "3.13", "3.14", "3.15"]}
# What every test environment has installed, to be imported; hypothesis is not, whose strategies are
# wrappers with the file and line of what they wrap put into their code.
IMPORTED = ["stdlib", "_pytest", "cloudpickle", "coverage", "IPython", "jupyter_client", "tornado"]

# CPython 3.11 and 3.12 freeze these with a tuple where their compiler makes a frozenset.
KNOWN = {
    (version, filename, name)
    for version in ("3.11", "3.12")
    for filename, name in [
        ("<frozen importlib._bootstrap_external>", "source_from_cache"),
        ("<frozen site>", "abs_paths"),
        ("<frozen site>", "_getuserbase"),
    ]
}

COLUMNS = [
    "files",
    "functions",
    "same",
    "refused",
    "wrong",
    "line-exact",
    "column-exact",
    "generated",
    "seconds",
]


@dataclass
class Task:
    """One process: an interpreter, what it checks and how."""

    version: str
    python: str
    name: str
    arguments: list[str]

    def run(self) -> dict[str, object]:
        """Run it and return its findings."""
        command = [self.python, "-W", "ignore", str(CHECK), *self.arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
        )
        if done.returncode != 0:
            lost = f"lost: exit status {done.returncode}: {done.stderr[-2000:]}"
            return {"failures": [lost]}
        return json.loads(done.stdout.splitlines()[-1])


def sample(pythons: dict[str, str]) -> bool:
    """Check a sample of the standard library on each interpreter; return whether all held."""
    tasks = []
    for version, python in pythons.items():
        every = str(SAMPLE)
        texts = ["text", every, _standard_library(python)]
        tasks.append(Task(version, python, "library, text", texts))
        tasks.append(Task(version, python, "library, imported", ["import", every, *IMPORTED]))
    return report(tasks) & compare(pythons, SAMPLE, _standard_library(_oldest(pythons)))


def _oldest(pythons: dict[str, str]) -> str:
    """The interpreter whose library all others can compile."""
    return next(iter(pythons.values()))


def whole(pythons: dict[str, str]) -> bool:
    """Check the standard library and the packages on each interpreter; return whether all held."""
    tasks = []
    for release, versions in RELEASES.items():
        folder = _packages(release)
        for version in filter(pythons.get, versions):
            python = pythons[version]
            texts = ["text", "1", _standard_library(python)]
            tasks.append(Task(version, python, "library, text", texts))
            tasks.append(Task(version, python, "library, imported", ["import", "1", *IMPORTED]))
            tasks.append(Task(version, python, "packages, text", ["text", "1", str(folder)]))
    held = report(tasks)
    folders = [_standard_library(_oldest(pythons)), str(_packages(next(iter(RELEASES))))]
    return all([held, *(compare(pythons, 1, folder) for folder in folders)])


def report(tasks: Iterable[Task]) -> bool:
    """Run the tasks and print a row for each; return whether all held."""
    print("corpus check: functions there and back")
    print("".ljust(24), *(name.rjust(12) for name in COLUMNS))
    failures = []
    with ThreadPoolExecutor(2) as pool:
        tasks = list(tasks)
        for task, findings in zip(tasks, pool.map(Task.run, tasks)):
            row = [str(findings.get(name, 0)).rjust(12) for name in COLUMNS]
            print(f"{task.version.rjust(4)} {task.name}".ljust(24), *row, flush=True)
            if findings.get("reasons"):
                print(" ".ljust(24), *(f"{n} {why}" for why, n in findings["reasons"].items()))
            failures += [f"{task.version} {each}" for each in findings["failures"]]
    unknown = [failure for failure in failures if not _is_known(failure)]
    print(*failures[:100], sep="\n")
    print(f"{len(failures)} fall short, {len(failures) - len(unknown)} of them known")
    return not unknown


def _is_known(failure: str) -> bool:
    version, _, rest = failure.partition(" ")
    return any(
        version == known and f" {filename}:" in rest and f" {name}: " in rest
        for known, filename, name in KNOWN
    )


def _standard_library(python: str) -> str:
    program = "import os; print(os.path.dirname(os.__file__))"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _packages(release: str) -> Path:
    """Fetch the packages' files as they are for one Python, once."""
    folder = FOLDER / release
    if folder.exists():
        return folder
    making = FOLDER / f"{release}.making"
    pip = [sys.executable, "-m", "pip"]
    wheels = ["--no-deps", "--no-compile", "--only-binary=:all:", "--python-version", release]
    _run([*pip, "install", "-q", "--upgrade", "--target", str(making), *wheels, *PACKAGES])
    archives = making / "archives"
    archive = ["--no-deps", "--no-binary=:all:", "--dest", str(archives), WITH_TESTS]
    _run([*pip, "download", "-q", *archive])
    for path in archives.glob("*.tar.gz"):
        with tarfile.open(path) as tar:
            tar.extractall(archives)
    making.rename(folder)
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")


if __name__ == "__main__":
    sys.exit(not whole(interpreters.environments()))
