"""sourcepickle by source against cloudpickle by bytecode on this interpreter, as JSON.

Every figure is a ratio of two ways that are timed in turn in one run; ``run.py`` makes tables of
them.
"""

from __future__ import annotations

import ast
import inspect
import json
import linecache
import pickle
import statistics
import subprocess
import sys
import textwrap
from dataclasses import asdict
from typing import Any

import cloudpickle
import dill
import sourcepickle
from ratios import Ratio, once, repeated
from sourcepickle import rebuild
from works import LINES_OF_ONE, Work, functions, text_of_lines, works


def dumps(obj: Any) -> bytes:
    """Dump by source."""
    return sourcepickle.dumps(obj, by_source=True)


def own_texts(obj: Any) -> list[str]:
    """Return the texts of the functions that an object is or brings, as inspect finds them."""
    return [textwrap.dedent(inspect.getsource(function)) for function in functions(obj)]


def compile_all(texts: list[str]) -> None:
    """Compile each of some texts."""
    for text in texts:
        compile(text, "<text>", "exec", dont_inherit=True)


def compared(work: Work) -> dict[str, Any]:
    """Return a work's ratios, by what they are of."""
    obj = work.fresh()
    # Of another, for what cloudpickle loads of a class goes into the class that was dumped.
    loaded = work.fresh()
    source, bytecode = dumps(loaded), cloudpickle.dumps(loaded)
    # So many that some twenty functions are gone through.
    moved = [work.moved(lines) for lines in range(max(1, 20 // len(own_texts(obj))))]
    payloads = [
        (dumps(other), cloudpickle.dumps(other), own_texts(other))
        for other in (each.fresh() for each in moved)
    ]

    def compile_and_load(payload: tuple[bytes, bytes, list[str]]) -> None:
        compile_all(payload[2])
        pickle.loads(payload[1])

    def forget() -> list[tuple[bytes, bytes, list[str]]]:
        rebuild._cached_code.cache_clear()
        rebuild._compiled_once.cache_clear()
        rebuild._let_go()
        return payloads

    ratios: dict[str, Ratio] = {
        "dumps, seen before": repeated(lambda: dumps(obj), lambda: cloudpickle.dumps(obj)),
        "dumps, the first time": once(
            dumps,
            lambda new: compile_all(own_texts(new)),
            lambda: [each.fresh() for each in moved],
        ),
        "loads, the first time": once(
            lambda payload: pickle.loads(payload[0]), compile_and_load, forget
        ),
        "loads, again": repeated(lambda: pickle.loads(source), lambda: pickle.loads(bytecode)),
        "by_source=False": repeated(
            lambda: sourcepickle.dumps(obj), lambda: cloudpickle.dumps(obj)
        ),
        "inspect.getsource": repeated(
            lambda: own_texts(obj), lambda: cloudpickle.dumps(obj), rounds=5
        ),
    }
    sizes = [len(source), len(bytecode)]
    try:
        of_dill = dill.dumps(obj, recurse=True)
    except RecursionError:
        pass  # It follows functions that call each other round and round.
    else:
        sizes.append(len(of_dill))
        ratios["dill.dumps"] = repeated(
            lambda: dill.dumps(obj, recurse=True), lambda: cloudpickle.dumps(obj), rounds=5
        )
        ratios["dill.loads"] = repeated(
            lambda: pickle.loads(of_dill), lambda: pickle.loads(bytecode), rounds=5
        )
    return {
        "name": work.name,
        "is_class": isinstance(obj, type),
        "bytes": sizes,
        "ratios": {name: asdict(ratio) for name, ratio in ratios.items()},
    }


def first_of_file(lines: int) -> dict[str, Any]:
    """Return the ratio of the first dump of a function of a file to parsing the file."""
    text = text_of_lines(lines)
    work = Work(f"file of {lines} lines", [text], lambda names: names[f"function_{lines // 16}"])

    def prepare() -> list[Any]:
        function = work.fresh()
        # What linecache has anew is indexed anew.
        linecache.cache.pop(function.__code__.co_filename, None)
        linecache.getlines(function.__code__.co_filename)
        return [function]

    ratio = once(dumps, lambda _: ast.parse(text), prepare, 21 if lines < 10_000 else 9)
    return {"lines": lines, "ratio": asdict(ratio)}


def growth(counts: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """Return the microseconds per function as functions in a dump grow: ours, cloudpickle's."""
    rows = []
    for count in counts:
        text = text_of_lines(LINES_OF_ONE * count)
        names = Work(f"{count} functions", [text], dict).fresh()
        many = [each for each in names.values() if inspect.isfunction(each)]
        ratio = repeated(
            lambda many=many: dumps(many), lambda many=many: cloudpickle.dumps(many), rounds=5
        )
        per_function = ratio.microseconds / len(many)
        rows.append((len(many), per_function, per_function / ratio.middle))
    return rows


def growth_with_modules(counts: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """Return the microseconds per dump as loaded modules grow: ours, cloudpickle's.

    The function has no ``__module__``, so that cloudpickle looks for it in all modules.
    """
    function = works()[0].fresh()
    function.__module__ = None
    rows = []
    added = 0
    for count in counts:
        for at in range(added, count):
            module = type(sys)(f"loaded_{at}")
            module.__dict__.update(dict.fromkeys(map(str, range(20))))
            sys.modules[module.__name__] = module
        added = count
        ratio = repeated(lambda: dumps(function), lambda: cloudpickle.dumps(function), rounds=5)
        rows.append((len(sys.modules), ratio.microseconds, ratio.microseconds / ratio.middle))
    for name in [name for name in sys.modules if name.startswith("loaded_")]:
        del sys.modules[name]
    return rows


IMPORTS = """
import time
begin = time.perf_counter()
import cloudpickle
middle = time.perf_counter()
import sourcepickle{rest}
print((time.perf_counter() - middle) / (middle - begin))
"""


def imports(rest: str) -> dict[str, Any]:
    """Return the ratio of the import after cloudpickle's, in processes of their own."""
    program = IMPORTS.format(rest=rest)
    times = []
    for _ in range(15):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
        times.append(float(done.stdout))
    low, middle, high = statistics.quantiles(times, n=4)
    return {"low": low, "middle": middle, "high": high}


def main() -> None:
    """Print the figures."""
    figures = {
        "python": sys.version.split()[0],
        "cloudpickle": cloudpickle.__version__,
        "dill": dill.__version__,
        "works": [compared(work) for work in works()],
        "first of file": [first_of_file(lines) for lines in (1_000, 50_000)],
        "import": {
            "import sourcepickle": imports(""),
            "and its dumps": imports("; sourcepickle.dumps"),
        },
        "growth": growth((10, 100, 1_000, 10_000)),
        "growth with modules": growth_with_modules((0, 1_000, 10_000)),
    }
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
