"""The texts that functions would travel in alone, out of one that they share (docs/format.md)."""

from __future__ import annotations

import ast
import functools
from typing import NamedTuple

from .own_text import DEFS, first_line_of, lines_of, scopes_in

__all__ = ["SHARED", "Alone", "alone"]

SHARED = "/"
"""What a record's path ends with where its text holds other functions too."""


class Alone(NamedTuple):
    """A function's factory source without the other functions, and how many lines are left out."""

    text: str
    path: str
    lines_above: int


def alone(text: str, path: str, flags: int = 0) -> Alone:
    """Return what a function of a shared text would travel in alone.

    Args:
        text: The shared text.
        path: The function's path in its record, which ends with :data:`SHARED`.
        flags: Those of :func:`compile` for its ``__future__`` features.

    Raises:
        LookupError: The text does not hold the function, or not alone of its name.
        SyntaxError: This Python does not accept the text; it raises what else :func:`compile` does.
    """
    path = path.rstrip(SHARED)
    *scopes, name = path.replace(".<locals>", "").split(".")
    found = _functions(text, tuple(scopes), flags).get(name)
    if found is None:
        raise LookupError(f"no {name} is to be found in the text alone of its name")
    return Alone(found[0], path, found[1])


# The records of one text come one behind the other.
@functools.lru_cache(maxsize=8)
def _functions(text: str, scopes: tuple[str, ...], flags: int) -> dict[str, tuple[str, int]]:
    """Return by name the functions of a scope of which there are no two of one name."""
    lines = lines_of(text)
    at: ast.AST = compile(text, "<a text>", "exec", flags | ast.PyCF_ONLY_AST, True)
    headers = []
    body = getattr(at, "body", [])
    if body and isinstance(body[0], ast.If):
        headers.append(lines[0])
    for scope in scopes:
        named = [inner.node for inner in scopes_in(at) if inner.name == scope]
        if len(named) != 1 or not isinstance(named[0], DEFS):
            raise LookupError(f"the text does not have one scope of the name {scope}")
        at = named[0]
        headers.append(lines[named[0].lineno - 1])
    found: dict[str, list[ast.AST]] = {}
    for inner in scopes_in(at):
        found.setdefault(inner.name, []).append(inner.node)
    functions = {}
    for name, nodes in found.items():
        if len(nodes) == 1 and isinstance(nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = first_line_of(nodes[0])
            own = lines[first : nodes[0].end_lineno]
            functions[name] = "".join([*headers, *own]), first - len(headers)
    return functions
