"""One interpreter's payloads of real functions, as digests to compare with those of another.

``digests.py EVERY FOLDER...`` compiles every Nth file of the folders, makes a function of each def
and lambda in it, and prints as JSON, by place, the digests of the payloads of those that stand
there, and which places lie in a comprehension: before Python 3.12 that is a function too, which
qualified names name (PEP 709).
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
import types
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import sourcepickle

sys.path.insert(0, str(Path(__file__).parent))
from check import python_files

COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>"}


def main(every: int, folders: list[str]) -> None:
    """Print the digests and the places in comprehensions."""
    warnings.simplefilter("ignore")
    digests = defaultdict(list)
    in_comprehensions = set()
    paths = [path for folder in folders for path in python_files(Path(folder))]
    for path in paths[::every]:
        try:
            module = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for code, qualname in _functions(module, ""):
            place = f"{path}:{code.co_firstlineno}:{code.co_name}"
            if COMPREHENSIONS.intersection(qualname.split(".")):
                in_comprehensions.add(place)
            digests[place].append(_digest(code, qualname))
    found = {place: sorted(each) for place, each in digests.items()}
    print(json.dumps([found, sorted(in_comprehensions)]))


def _functions(code: types.CodeType, prefix: str) -> Iterator[tuple[types.CodeType, str]]:
    """The code objects of defs and lambdas, with the qualified names of their functions."""
    for const in code.co_consts:
        if not isinstance(const, types.CodeType):
            continue
        qualname = prefix + const.co_name
        is_function = bool(const.co_flags & 0x1)  # CO_OPTIMIZED, which a class's code is not
        if is_function and (const.co_name == "<lambda>" or const.co_name[0] != "<"):
            yield const, qualname
        inner = f"{qualname}.<locals>." if is_function else f"{qualname}."
        yield from _functions(const, inner)


def _digest(code: types.CodeType, qualname: str) -> str:
    cells = tuple(types.CellType(None) for _ in code.co_freevars) or None
    function = types.FunctionType(code, {"__name__": "__main__"}, None, None, cells)
    function.__qualname__ = qualname
    try:
        payload = sourcepickle.dumps(function, by_source=True)
    except pickle.PicklingError as error:
        return type(error).__name__
    return hashlib.sha256(payload).hexdigest()[:16]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
