"""One interpreter's corpus check: every function of real code there and back, compared.

``check.py text EVERY FOLDER...`` compiles every Nth file of the folders and takes each function's
code object out of it; ``check.py import EVERY NAME...`` imports every Nth module of those packages
(``stdlib`` for the standard library) and walks what it holds. Prints its findings as JSON.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import io
import json
import os
import pickle
import pkgutil
import sys
import time
import types
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sourcepickle

sys.path.insert(0, str(Path(__file__).parent))
from difference import CODE, COLUMNS, LINES, difference

# Modules that do something to the process or the screen when imported, or are programs.
NOT_IMPORTED = {
    "antigravity",
    "idlelib",
    "lib2to3.pgen2.conv",
    "test",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
}


class Findings:
    """Counts, and the name of each function that is not the same after its travel."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failures: list[str] = []
        self.seen: set[types.CodeType] = set()

    def check(self, code: types.CodeType, module: dict[str, object], place: str) -> None:
        """Send a function of this code through a payload."""
        self.counts["functions"] += 1
        cells = tuple(types.CellType(None) for _ in code.co_freevars) or None
        function = types.FunctionType(code, module, None, None, cells)
        try:
            loaded = pickle.loads(sourcepickle.dumps(function, by_source=True)).__code__
        except pickle.PicklingError as error:
            self.refused[type(error).__name__] += 1
            self.failures.append(f"refused: {place}: {type(error).__name__}")
            return
        except BaseException as error:
            self.counts["wrong"] += 1
            self.failures.append(f"wrong: {place}: {error!r}")
            return
        worst = difference(code, loaded)
        self.counts["same"] += worst in (None, LINES, COLUMNS)
        self.counts["wrong"] += worst == CODE
        self.counts["line-exact"] += worst in (None, COLUMNS)
        self.counts["column-exact"] += worst is None
        if worst is not None:
            self.failures.append(f"{worst}: {place}")

    def report(self, seconds: float) -> dict[str, object]:
        """Return all that was found."""
        return {
            **self.counts,
            "refused": sum(self.refused.values()),
            "reasons": self.refused,
            "seconds": round(seconds, 1),
            "failures": self.failures,
        }


def check_texts(every: int, folders: list[str]) -> Findings:
    """Check the functions of every Nth Python file in these folders."""
    findings = Findings()
    paths = [path for folder in folders for path in python_files(Path(folder))]
    for path in paths[::every]:
        text = path.read_bytes()
        try:
            tree = ast.parse(text, str(path))
            module = compile(text, str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            findings.counts["not Python here"] += 1
            continue
        findings.counts["files"] += 1
        starts = set(_function_starts(tree))
        for code in _codes(module):
            if (code.co_name, code.co_firstlineno) in starts:
                place = f"{path}:{code.co_firstlineno} {code.co_name}"
                findings.check(code, {"__name__": "__main__"}, place)
    return findings


def python_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        # The standard library's folder holds what was installed beside it.
        folders[:] = sorted(
            name for name in folders if name not in {"site-packages", "__pycache__"}
        )
        yield from (Path(root, name) for name in sorted(files) if name.endswith(".py"))


def _function_starts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The name and first line of every def and lambda, which no other code object shares."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, (node.decorator_list or [node])[0].lineno
        elif isinstance(node, ast.Lambda):
            yield "<lambda>", node.lineno


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from _codes(const)


def check_modules(every: int, packages: list[str]) -> Findings:
    """Import every Nth module of these packages and check the functions in it."""
    findings = Findings()
    names = [name for package in packages for name in _module_names(package)]
    for name in names[::every]:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                module = importlib.import_module(name)
        except (Exception, SystemExit):
            findings.counts["not importable here"] += 1
            continue
        findings.counts["files"] += 1
        for function in _functions(vars(module), module.__name__, set()):
            code = function.__code__
            if code in findings.seen:
                continue
            findings.seen.add(code)
            if _is_generated(code):
                findings.counts["generated"] += 1
                continue
            home = {**_of_import(function.__globals__), "__name__": "__main__"}
            findings.check(code, home, f"{code.co_filename}:{code.co_firstlineno} {code.co_name}")
    return findings


def _is_generated(code: types.CodeType) -> bool:
    """True for what is no def or lambda: a named tuple's methods, the compiler's annotations."""
    is_file = not code.co_filename.startswith("<") or code.co_filename.startswith("<frozen ")
    return not is_file or code.co_name == "__annotate__"


def _module_names(package: str) -> Iterator[str]:
    if package == "stdlib":
        folder = [os.path.dirname(os.__file__)]
        prefix = ""
    else:
        folder = [os.path.dirname(importlib.import_module(package).__file__)]
        prefix = f"{package}."
        yield package
    for _, name, is_package in pkgutil.iter_modules(folder, prefix):
        if name.startswith("site-packages") or name in NOT_IMPORTED or name.endswith("__main__"):
            continue
        yield name
        if is_package and prefix == "":
            yield from (inner for inner in _module_names(name) if ".test" not in inner)


def _functions(
    names: dict[str, object], module: str, seen: set[int]
) -> Iterator[types.FunctionType]:
    """The functions that a module or class holds, under whatever descriptors and wrappers."""
    for value in list(names.values()):
        yield from _functions_of(value, module, seen)


def _functions_of(value: object, module: str, seen: set[int]) -> Iterator[types.FunctionType]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, types.FunctionType):
        yield value
    elif isinstance(value, type):
        if value.__module__ == module:
            yield from _functions(vars(value), module, seen)
    elif isinstance(value, property):
        for accessor in (value.fget, value.fset, value.fdel):
            yield from _functions_of(accessor, module, seen)
    elif isinstance(value, (functools.cached_property, functools.partial, functools.partialmethod)):
        yield from _functions_of(value.func, module, seen)
    elif isinstance(value, (staticmethod, classmethod, types.MethodType)):
        yield from _functions_of(value.__func__, module, seen)
    elif isinstance(value, functools._lru_cache_wrapper):
        yield from _functions_of(value.__wrapped__, module, seen)
    elif type(value) in (dict, list, tuple):
        members = value.values() if isinstance(value, dict) else value
        for member in list(members):
            if isinstance(member, types.FunctionType):
                yield from _functions_of(member, module, seen)


def _of_import(names: dict[str, object]) -> dict[str, object]:
    return {name: names[name] for name in ("__file__", "__loader__", "__spec__") if name in names}


def main(mode: str, every: int, *where: str) -> None:
    """Check and print the findings."""
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    findings = (check_texts if mode == "text" else check_modules)(every, list(where))
    print(json.dumps(findings.report(time.perf_counter() - start)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
