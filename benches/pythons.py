"""An environment for each interpreter that is measured: the wheel, cloudpickle and dill alone."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import interpreters

VERSIONS = ["3.11", "3.13"]
DEPENDENCIES = ["cloudpickle==3.1.3", "dill==0.4.1"]


def pythons(versions: list[str]) -> dict[str, str]:
    """Return the executables of the environments, by version."""
    return interpreters.environments("-bench", DEPENDENCIES, versions)
