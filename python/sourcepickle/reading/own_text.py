"""A function's own text within its factory source."""

from __future__ import annotations

import ast
import re
import warnings
from typing import NamedTuple

__all__ = ["OwnText", "own_text"]

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
    scope: ast.AST = tree
    for name in path.rstrip("/").rpartition(":")[2].replace(".<locals>", "").split("."):
        found = [inner for inner in _scopes_in(scope) if _name(inner) == name]
        if found:
            scope = found[-1]
        elif name not in _OF_SOME_VERSIONS:
            raise ValueError(f"no {name} is to be found in it")
    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        raise ValueError("its path leads to no function")
    return _cut(factory, scope)


# As `sourcepickle.rebuild` has it: what is a scope in some versions alone.
_OF_SOME_VERSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "__annotate__")

_NAMES = {
    ast.Lambda: "<lambda>",
    ast.GeneratorExp: "<genexpr>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
}


def _name(scope: ast.AST) -> str | None:
    """Return the name of the code object that something is compiled to; ``None`` for others."""
    name = getattr(scope, "name", None)  # That of a `type` statement is a node.
    return _NAMES.get(type(scope)) or (name.id if isinstance(name, ast.Name) else name)


def _scopes_in(scope: ast.AST) -> list[ast.AST]:
    """Return what has a name in a scope, in the order in which it is compiled.

    A function comes after those in its defaults, and those of comprehensions, type parameters and
    ``type`` statements are among them: where these are not named by the path they are passed.
    """
    found = []
    # Each node twice where it is a scope: to look at what is compiled before it, and to be found.
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in _children(scope)[::-1]]
    while waiting:
        node, is_found = waiting.pop()
        if is_found:
            found.append(node)
            continue
        if _name(node) is not None:
            waiting.append((node, True))
        is_closed = isinstance(node, (*_DEFS, ast.Lambda, ast.GeneratorExp))
        inside = _head(node) if is_closed else _children(node)
        waiting += [(inner, False) for inner in inside[::-1]]
    return found


_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _children(node: ast.AST) -> list[ast.AST]:
    return list(ast.iter_child_nodes(node))


def _head(scope: ast.AST) -> list[ast.AST]:
    """Return what of a def, class, lambda or generator is compiled outside its scope."""
    if isinstance(scope, ast.GeneratorExp):
        return [scope.generators[0].iter]
    body = getattr(scope, "body", [])
    inside = {id(inner) for inner in (body if isinstance(body, list) else [body])}
    return [inner for inner in _children(scope) if id(inner) not in inside]


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
