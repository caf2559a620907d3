"""A function's own text within its factory source."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple, Union

__all__ = ["OwnText", "own_text"]

_Def = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda]

# The tree of a longer text may be deeper than the stack of CPython's parser, which older ones
# overflow: the sum of 100,000 numbers is as deep as that.
_LONGEST = 1 << 17


class OwnText(NamedTuple):
    """A part of a factory source, and how many lines are above it."""

    text: str
    lines_above: int


def own_text(factory: str, path: str) -> OwnText:
    """Return the text of the def or lambda that a path of names leads to.

    A def's has its decorators, its indentation and the end of its last line; a lambda's is the
    lambda alone: as :func:`sourcepickle.getsource` has it.

    Raises:
        ValueError: It is not to be found: a sentence that says why.
    """
    if len(factory) > _LONGEST:
        raise ValueError("it is too long to look for the function's own text in it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(factory)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        raise ValueError("this Python does not accept it") from None
    names = [name for name in path.rpartition(":")[2].split(".") if name != "<locals>"]
    scope: ast.AST = tree
    for name in names:
        found = [inner for inner in _scopes_in(scope, name) if _name(inner) == name]
        if not found:
            raise ValueError(f"no {name} is to be found in it")
        scope = found[-1]
    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        raise ValueError("its path leads to no function")
    return _cut(factory, scope)


def _name(scope: _Def) -> str:
    return "<lambda>" if isinstance(scope, ast.Lambda) else scope.name


def _scopes_in(scope: ast.AST, name: str) -> Iterator[_Def]:
    """Yield the defs, classes and lambdas that stand in a scope, in the order of the text."""
    waiting = list(ast.iter_child_nodes(scope))[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield node
            # What stands in its head stands outside its scope.
            body = node.body if isinstance(node.body, list) else [node.body]
            inside = {id(inner) for inner in body}
            head = [inner for inner in ast.iter_child_nodes(node) if id(inner) not in inside]
            waiting += head[::-1]
        else:
            waiting += list(ast.iter_child_nodes(node))[::-1]


# What ends a line for CPython's tokenizer; str.splitlines knows more.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def _cut(factory: str, scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> OwnText:
    lines = _LINE.findall(factory)
    decorators = getattr(scope, "decorator_list", [])
    first = min([scope.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    last = scope.end_lineno or scope.lineno
    if not isinstance(scope, ast.Lambda):
        return OwnText("".join(lines[first:last]), first)
    own = lines[first:last]
    # Columns are those of UTF-8; the end first, for both may stand on one line.
    own[-1] = own[-1].encode("utf-8", "surrogatepass")[: scope.end_col_offset].decode()
    own[0] = own[0].encode("utf-8", "surrogatepass")[scope.col_offset :].decode()
    return OwnText("".join(own), first)
