"""What works in sub-interpreters and in the main one beside them, as JSON.

``subinterpreters.py PAYLOAD ORDER`` goes through the letters of ORDER: ``m`` dumps in the main
interpreter, ``s`` loads and dumps in a sub-interpreter that shares the lock of the main one, ``o``
in one that has its own (from Python 3.12 on). PAYLOAD is that of a function that doubles.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.path[:] = {path!r}
import pickle
told = []
for payload in {payloads!r}:
    told.append(pickle.loads(payload)(4))
import sourcepickle
try:
    told.append(type(sourcepickle.dumps(pickle.loads(payload), by_source=True)).__name__)
except ImportError as error:
    told.append(str(error))
with open({out!r}, "w") as file:
    file.write(repr(told))
"""


def run_in_another(program: str, has_own_lock: bool) -> None:
    """Run a program in a sub-interpreter, which ends with it."""
    if sys.version_info >= (3, 13):
        import _interpreters

        made = _interpreters.create("isolated" if has_own_lock else "legacy")
        error = _interpreters.exec(made, program)
        assert error is None, error
        _interpreters.destroy(made)
    else:
        import _xxsubinterpreters

        made = _xxsubinterpreters.create(isolated=has_own_lock)
        _xxsubinterpreters.run_string(made, program)
        _xxsubinterpreters.destroy(made)


def in_another(payloads: list[bytes], has_own_lock: bool) -> list:
    out = Path("told").resolve()
    program = PROGRAM.format(path=sys.path, payloads=payloads, out=str(out))
    run_in_another(program, has_own_lock)
    return eval(out.read_text())


def in_main(payloads: list[bytes]) -> list:
    import sourcepickle

    loaded = [pickle.loads(payload) for payload in payloads]
    data = sourcepickle.dumps(loaded[0], by_source=True)
    return [*(function(4) for function in loaded), type(data).__name__]


if __name__ == "__main__":
    payloads = pickle.loads(Path(sys.argv[1]).read_bytes())
    ways = {
        "m": in_main,
        "s": lambda payloads: in_another(payloads, False),
        "o": lambda payloads: in_another(payloads, True),
    }
    print(json.dumps([ways[letter](payloads) for letter in sys.argv[2]]))
