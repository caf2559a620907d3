"""Load honest payloads and check each, and tell what became of them, as JSON.

Arguments: a folder of payloads, ``<name>.<protocol>.pickle``, and the way to load them.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "receiver")]

import gate.honest  # noqa: E402
import gate.ways  # noqa: E402


def outcome(path: Path, way: str) -> str:
    """Return ``"right"``, or what is wrong."""
    case = gate.honest.HONEST[path.name.partition(".")[0]]
    try:
        loaded = gate.ways.load(path.read_bytes(), way, case.options)
        return "right" if case.check(loaded) else f"loaded as {loaded!r}"
    except Exception:
        return traceback.format_exc(limit=-3)


if __name__ == "__main__":
    folder, way = sys.argv[1:]
    found = {path.name: outcome(path, way) for path in sorted(Path(folder).glob("*.pickle"))}
    print(json.dumps(found))
