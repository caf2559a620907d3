"""The tests of faults with the full numbers, on every interpreter or those that are named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import interpreters  # noqa: E402


def main() -> int:
    """Return 0 where everything holds."""
    environment = {**os.environ, "SOURCEPICKLE_FAULTS": "full"}
    failed = []
    for version, python in interpreters.environments(versions=sys.argv[1:] or None).items():
        print(f"--- faults on CPython {version}", flush=True)
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE)]
        if subprocess.run(command, cwd=interpreters.ROOT, env=environment).returncode:
            failed.append(version)
    print("failed on", *failed) if failed else print("all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
