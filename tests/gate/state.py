"""What of the receiver a payload could change, before and after."""

from __future__ import annotations

import atexit
import codecs
import collections
import copyreg
import fractions
import gc
import importlib
import os
import sys
import types
import uuid
from typing import Any

MODULES = [
    "__main__",
    "gate.ways",
    "bystander",
    "gate_helpers",
    "elsewhere",
    "builtins",
    "sys",
    "os",
    "copyreg",
    "codecs",
]
MODULES += ["pickle", "types", "functools", "collections", "operator", "importlib", "io"]
MODULES += ["typing", "enum", "dataclasses", "datetime", "pathlib", "decimal"]
OURS = ["", ".classes", ".dataclass", ".enums", ".functools_wrappers", ".modules"]
OURS += [".tracker", ".type_parameters", ".typing_constructs"]
MODULES += [f"sourcepickle.rebuild{name}" for name in OURS]

# What Python itself writes there when somebody looks or warns; from 3.14 on a lazy import.
VOLATILE = {"__warningregistry__", "__annotations_cache__", "_abc_impl", "__annotate_func__"}
VOLATILE |= {"ForwardRef", "last_exc", "last_type", "last_value", "last_traceback"}


def snapshot() -> dict[str, Any]:
    """Return the objects that stand in each place; none of them goes away while this lives."""
    found: dict[str, Any] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        depth = 3 if name == "bystander" else 2 if name.startswith("sourcepickle") else 1
        _add(found, name, module, depth)
    for cls in (collections.Counter, collections.OrderedDict, fractions.Fraction, uuid.UUID):
        _add(found, cls.__name__, cls, 1)
    # Their new items are another question: what may be imported.
    modules = [*sys.modules.items()]
    found["sys.modules"] = _Same(item for item in modules if not _is_new(item[0]))
    for label, table in {
        "os.environ": os.environ,
        "sys.path": sys.path,
        "sys.meta_path": sys.meta_path,
        "dispatch_table": copyreg.dispatch_table.items(),
        "_extension_registry": copyreg._extension_registry.items(),
    }.items():
        found[label] = [*table.items()] if label == "os.environ" else [*table]
    found["answers"] = sys.modules["bystander"].answers()
    found["error handlers"] = _has_handler()
    found["atexit"] = atexit._ncallbacks()
    found["settings"] = (os.getcwd(), gc.isenabled(), sys.getrecursionlimit())
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the places where two snapshots differ."""
    places = sorted(before.keys() | after.keys())
    return [at for at in places if at not in before or at not in after or before[at] != after[at]]


_KNOWN: set[str] = set()


def know_modules() -> None:
    """Take the modules of the moment for those that the receiver has."""
    _KNOWN.update(sys.modules)


def new_modules() -> list[str]:
    return sorted(sys.modules.keys() - _KNOWN)


def _is_new(name: str) -> bool:
    return name not in _KNOWN


class _Same(list):
    """Objects that are compared by identity."""

    def __eq__(self, other: object) -> bool:
        return [*map(id, self._leaves())] == [*map(id, other._leaves())]  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def _leaves(self) -> list[Any]:
        return [leaf for each in self for leaf in (each if isinstance(each, tuple) else (each,))]


def _add(found: dict[str, Any], label: str, value: Any, depth: int) -> None:
    found[label] = _Same([value])
    if depth == 0:
        return
    for name, inner in _parts(value):
        if name not in VOLATILE:
            is_whole = isinstance(inner, types.ModuleType) or name in _WHOLE
            # Its caches and its tracker: what they are for is to change.
            is_whole |= label.startswith("sourcepickle") and not callable(inner)
            _add(found, f"{label}.{name}", inner, 0 if is_whole else depth - 1)


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, types.FunctionType):
        parts = [(name, getattr(value, name)) for name in _OF_FUNCTIONS]
        cells = value.__closure__ or ()
        return [
            *parts,
            *vars(value).items(),
            *((f"cell {i}", c.cell_contents) for i, c in enumerate(cells)),
        ]
    if isinstance(value, dict):
        return [(repr(key), inner) for key, inner in [*value.items()]]
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        ordered = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return [(str(at), inner) for at, inner in enumerate(ordered)]
    own = getattr(value, "__dict__", None)
    parts = [] if own is None else [(str(name), inner) for name, inner in [*own.items()]]
    if isinstance(value, type):
        parts.append(("bases", _Bases(value.__bases__)))
    return [("class", type(value)), *parts]


class _Bases(tuple):
    """A class's bases, which is a new tuple at each look."""

    __slots__ = ()


# They stand under names of their own.
_WHOLE = ("__globals__", "__builtins__", "__spec__", "__loader__")

_OF_FUNCTIONS = ["__code__", "__defaults__", "__kwdefaults__", "__globals__", "__name__"]


def _has_handler() -> bool:
    try:
        codecs.lookup_error("hostile")
    except LookupError:
        return False
    return True
