"""By which name a payload means what it calls."""

from __future__ import annotations

import re
from typing import Any

from .nodes import Call, Reference
from .values import items_of, plain

__all__ = ["CLOUDPICKLE", "REBUILD", "Name", "called", "is_entry", "is_machinery"]

Name = tuple[str, str]
"""A module and a name in it."""

REBUILD = "sourcepickle.rebuild"
CLOUDPICKLE = "cloudpickle"
"""The module that stands for all of cloudpickle's, and for the copies of it in engines."""

_OF_CLOUDPICKLE = re.compile(r"(?:.+\.)?cloudpickle(?:\.cloudpickle(?:_fast)?)?")
# What carried.ENTRY has been in every release, but for the digits that are another in each.
_ENTRY = re.compile(
    r'vars\(__import__\("sys"\)\.modules\.get\(n:="_sourcepickle_[0-9a-f]{8}"\)or exec\(make\)or'
    r" p\)"
)
_GETITEM = {("_operator", "getitem"), ("operator", "getitem")}
_DEEPEST = 4


def called(node: Any, depth: int = 0) -> Name | None:
    """Return the module and the name of what a node stands for, where it stands for a name.

    What a payload that stands alone brings itself has the names that it has in our package, and
    what belongs to cloudpickle is of the module :data:`CLOUDPICKLE`.
    """
    if type(node) is Reference:
        if _OF_CLOUDPICKLE.fullmatch(node.module):
            return CLOUDPICKLE, node.name
        return node.module, node.name
    if type(node) is not Call or depth > _DEEPEST:
        return None
    function = node.function
    arguments = items_of(node.arguments)
    if type(function) is not Reference or len(arguments) < 1:
        return None
    if (function.module, function.name) in _GETITEM and len(arguments) == 2:
        module = _namespace(arguments[0], depth + 1)
        name = plain(arguments[1])
        return None if module is None or type(name) is not str else (module, name)
    if called(function) == (CLOUDPICKLE, "_builtin_type"):
        name = plain(arguments[0])
        return ("types", name) if type(name) is str else None
    return None


def is_entry(node: Any) -> bool:
    """Return whether a node is the call by which a payload makes the package that it brings."""
    if type(node) is not Call or type(node.function) is not Reference:
        return False
    arguments = items_of(node.arguments)
    if (node.function.module, node.function.name) != ("builtins", "eval") or not arguments:
        return False
    text = plain(arguments[0])
    return type(text) is str and _ENTRY.fullmatch(text) is not None


def _namespace(node: Any, depth: int) -> str | None:
    """Return the module of ours whose namespace a payload has made."""
    if is_entry(node):
        return REBUILD
    if type(node) is Call and called(node.function, depth) == (REBUILD, "part"):
        end = [plain(item) for item in items_of(node.arguments)[:1]]
        if end and type(end[0]) is str:
            return REBUILD + end[0]
    return None


def is_machinery(name: Name) -> bool:
    """Return whether a name belongs to how payloads are made, and not to what they hold."""
    module, _ = name
    return (
        module in (CLOUDPICKLE, REBUILD) or module.startswith(f"{REBUILD}.") or name in _MACHINERY
    )


_MACHINERY = {
    ("_codecs", "encode"),
    ("_operator", "getitem"),
    ("builtins", "eval"),
    ("copyreg", "__newobj__"),
    ("copyreg", "__newobj_ex__"),
    ("copyreg", "_reconstructor"),
    ("sourcepickle.wrapper", "Portable"),
}
