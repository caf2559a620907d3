"""Run the Python tests on every interpreter, the matrix, golden payloads, and a corpus."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import golden
import interpreters
import matrix
from corpus import run as corpus


def main() -> int:
    """Return 0 where everything holds."""
    pythons = interpreters.environments()
    with ThreadPoolExecutor(2) as pool:
        runs = {version: pool.submit(_pytest, python) for version, python in pythons.items()}
        # Begins while the last of an odd number is at work.
        others = pool.submit(_others, pythons)
    outcomes = {version: run.result() for version, run in runs.items()}
    for version, done in outcomes.items():
        print(f"--- tests on CPython {version}")
        lines = done.stdout.strip().splitlines()
        told = [line for line in lines if line.startswith("SKIPPED")] + lines[-1:]
        print("\n".join(lines if done.returncode else told), done.stderr, sep="")
    held = others.result()
    failed = [version for version, done in outcomes.items() if done.returncode]
    if failed:
        print("tests failed on", *failed)
    lost = len(failed) + held.count(False)
    print(f"{len(outcomes) + len(held) - lost} passed, {lost} failed")
    return 1 if lost else 0


def _others(pythons: dict[str, str]) -> list[bool]:
    """Return what holds of the matrix, the golden payloads and the corpus."""
    with tempfile.TemporaryDirectory() as folder:
        held = [matrix.run(pythons, Path(folder))]
    with tempfile.TemporaryDirectory() as folder:
        held.append(golden.check(pythons, Path(folder)))
    return [*held, corpus.sample(pythons)]


def _pytest(python: str) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *sys.argv[1:]]
    return subprocess.run(command, cwd=interpreters.ROOT, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
