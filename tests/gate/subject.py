"""Load payloads one by one, each in a process of its own, and tell what became of each, as JSON.

Arguments: a folder of payloads, ``<name>.pickle``, and the way to load them. The process of a
payload is a fork, so nothing that one does to it reaches the next.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "receiver")]

# A load that takes longer hangs.
SECONDS = 20
# All the memory that a load may take.
BYTES = 2**31


def main(folder: Path, way: str) -> dict[str, Any]:
    """Return what became of each payload."""
    import unicodedata  # noqa: F401  # Python's own, for identifiers beyond ASCII.

    import bystander  # noqa: F401
    import elsewhere  # noqa: F401
    import gate_helpers.shapes  # noqa: F401
    import sourcepickle
    import sourcepickle.wrapper
    from gate import state, ways
    from gate.hostile import ATTACKS

    for name in state.MODULES:
        importlib.import_module(name)
    if way != ways.PLAIN:
        # What loading imports by itself is not what the payload has it import.
        _warm_up(sourcepickle)
    # What is here by now is no payload's: each is looked through for what its own load made.
    gc.collect()
    gc.freeze()
    outcomes = {}
    for path in sorted(folder.glob("*.pickle")):
        attack = ATTACKS[path.stem]
        marker = folder / f"{path.stem}.marker"
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _load(path.read_bytes(), attack, way, str(marker), writing)
        os.close(writing)
        with open(reading, "rb") as file:
            told = file.read()
        _, status = os.waitpid(child, 0)
        outcome = json.loads(told) if told else {}
        outcome.update(marker=marker.exists(), status=status)
        outcomes[path.stem] = outcome
    return outcomes


def _warm_up(loader: Any) -> None:
    from gate.assemble import function, ref, whole
    from gate.attack import accept

    for piece in (function("def f():\n    pass\n"), ref("elsewhere", "act")):
        with contextlib.suppress(pickle.UnpicklingError):
            loader.loads(whole(piece), review=accept)


def _load(data: bytes, attack: Any, way: str, marker: str, writing: int) -> None:
    from gate import state, ways

    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    os.environ["GATE_MARKER"] = marker
    if attack.prepare is not None:
        attack.prepare()
    allow = attack.options.get("allow", ())
    for name in () if callable(allow) else allow:
        # What it imports by itself is its own doing.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    state.know_modules()
    before = state.snapshot()
    outcome: dict[str, Any] = {"error": None}
    try:
        try:
            ways.load(data, way, attack.options)
        except BaseException as error:
            names = [cls.__name__ for cls in type(error).__mro__]
            outcome["error"] = {"types": names, "text": str(error)[:300]}
        gc.collect()
        outcome["new"] = state.new_modules()
        outcome["changed"] = state.changes(before, state.snapshot())
    except BaseException as error:  # The receiver is so much changed that it cannot say how.
        outcome["changed"] = [repr(error)]
    os.write(writing, json.dumps(outcome).encode())
    os._exit(0)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
