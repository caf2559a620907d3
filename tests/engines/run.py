"""Run the tests of engines, each with a real release in environments of its own.

``run.py NAME ...`` runs those that are named, ``run.py`` all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
import interpreters

HERE = Path(__file__).parent
# For one engine's tests, its processes included.
MOST_SECONDS = 400


@dataclass
class Engine:
    """An engine, and where its tests run.

    Args:
        name: That of its test file, behind ``test_``.
        dependencies: Its release, and what else its tests import.
        pythons: The versions that its processes have, by role: the tests know each by
            ``ENGINE_`` and the role, and run on the first.
        prepare: A program beside this one that each environment's Python runs before; none if
            empty.
    """

    name: str
    dependencies: list[str]
    pythons: dict[str, str]
    prepare: str = ""

    def run(self) -> bool:
        """Return whether all of its tests pass."""
        found = interpreters.environments(
            f"-{self.name}", [*self.dependencies, "pytest"], list(self.pythons.values())
        )
        for python in found.values() if self.prepare else ():
            subprocess.run([python, str(HERE / self.prepare)], check=True)
        roles = {f"ENGINE_{role}": found[version] for role, version in self.pythons.items()}
        command = [next(iter(roles.values())), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command.append(str(HERE / f"test_{self.name}.py"))
        begin = time.monotonic()
        try:
            done = subprocess.run(
                command,
                cwd=interpreters.ROOT,
                env={**os.environ, **roles},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=MOST_SECONDS,
            )
        except subprocess.TimeoutExpired as expired:
            print(f"--- {self.name}: no end after {MOST_SECONDS} s\n{expired.stdout!r}")
            return False
        lines = done.stdout.strip().splitlines()
        pythons = ", ".join(f"{role.lower()} {version}" for role, version in self.pythons.items())
        print(f"--- tests of {self.name} ({pythons}; {time.monotonic() - begin:.0f} s)")
        print("\n".join(lines if done.returncode else lines[-1:]), flush=True)
        return done.returncode == 0


# What they need but each other.
_OF_NNSIGHT_AND_TORCH = """
    cloudpickle filelock fsspec greenlet httpx huggingface-hub jinja2 networkx pydantic pyyaml
    setuptools sympy tqdm transformers typing-extensions websocket-client zstandard
"""

DASK = Engine(
    "dask",
    ["dask==2026.8.0", "distributed==2026.8.0"],
    {"CLIENT": "3.10", "SCHEDULER": "3.12", "WORKER": "3.13"},
)
ENGINES = [
    DASK,
    Engine("joblib", ["joblib==1.6.0", "loky==3.7.0"], {"PYTHON": "3.13"}),
    Engine("ray", ["ray[client]==2.60.0"], {"CLIENT": "3.10", "SERVER": "3.12"}),
    # It is not to be had as a wheel.
    Engine("spark", ["--no-binary=pyspark", "pyspark==4.3.0"], {"PYTHON": "3.13", "OTHER": "3.12"}),
    Engine(
        "nnsight",
        _OF_NNSIGHT_AND_TORCH.split(),
        {"PYTHON": "3.12", "OTHER": "3.10"},
        "torch_without_cuda.py",
    ),
    Engine("prefect", ["prefect>=3.8,<4"], {"PYTHON": "3.13", "OTHER": "3.12"}),
]


def main(names: list[str]) -> int:
    """Return 0 where all tests of the engines that are named pass."""
    chosen = [engine for engine in ENGINES if not names or engine.name in names]
    failed = [engine.name for engine in chosen if not engine.run()]
    print(f"{len(chosen) - len(failed)} engines passed, {len(failed)} failed", *failed)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
