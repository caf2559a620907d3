"""A function's own text within its factory source."""

from __future__ import annotations

import ast
import re
import warnings
from typing import NamedTuple

__all__ = [
    "DEFS",
    "LONGEST",
    "NOT_ACCEPTED",
    "OwnText",
    "Scope",
    "first_line_of",
    "lines_of",
    "own_text",
    "scopes_in",
]

LONGEST = 1 << 17
"""The tree of a longer text may be deeper than the stack of CPython's parser, which older ones
overflow: the sum of 100,000 numbers is as deep as that."""

NOT_ACCEPTED = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)
"""What the parser raises of a text."""


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
    if len(factory) > LONGEST:
        raise ValueError("it is too long to look for the function's own text in it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(factory)
    except NOT_ACCEPTED:
        raise ValueError("this Python does not accept it") from None
    scope: ast.AST = tree
    for name in path.rpartition(":")[2].replace(".<locals>", "").split("."):
        found = [inner.node for inner in scopes_in(scope) if inner.name == name]
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


# What has a name without being a scope.
_NO_SCOPES = tuple(
    getattr(ast, name)
    for name in ("alias", "ExceptHandler", "MatchAs", "MatchStar")
    if hasattr(ast, name)
)


class Scope(NamedTuple):
    """A node that is compiled to a code object, and the name of that."""

    node: ast.AST
    name: str


def _name(node: ast.AST) -> str | None:
    """Return the name of the code object that something is compiled to; ``None`` for others."""
    if isinstance(node, _NO_SCOPES):
        return None
    name = getattr(node, "name", None)  # That of a `type` statement is a node.
    return _NAMES.get(type(node)) or (name.id if isinstance(name, ast.Name) else name)


def scopes_in(scope: ast.AST) -> list[Scope]:
    """Return what has a name in a scope, in the order in which it is compiled.

    A function comes after those in its defaults, and those of comprehensions, type parameters and
    ``type`` statements are among them: where these are not named by the path they are passed.
    """
    found = []
    # Each node twice where it is a scope: to look at what is compiled before it, and to be found.
    waiting: list[tuple[ast.AST, str | None]] = [(node, None) for node in _children(scope)[::-1]]
    while waiting:
        node, name = waiting.pop()
        if name is not None:
            found.append(Scope(node, name))
            continue
        name = _name(node)
        if name is not None:
            waiting.append((node, name))
        is_closed = isinstance(node, (*DEFS, ast.Lambda, ast.GeneratorExp))
        inside = _head(node) if is_closed else _children(node)
        waiting += [(inner, None) for inner in inside[::-1]]
    return found


DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


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


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends, as CPython's tokenizer has them."""
    return _LINE.findall(text)


def first_line_of(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    """Return how many lines are above a function, decorators included."""
    decorators: list[ast.expr] = getattr(scope, "decorator_list", [])
    return min([scope.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def _cut(factory: str, scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> OwnText:
    lines = lines_of(factory)
    first = first_line_of(scope)
    last = scope.end_lineno or scope.lineno
    if not isinstance(scope, ast.Lambda):
        return OwnText("".join(lines[first:last]), first)
    own = lines[first:last]
    # Columns are those of UTF-8; the end first, for both may stand on one line.
    own[-1] = own[-1].encode("utf-8", "surrogatepass")[: scope.end_col_offset].decode()
    own[0] = own[0].encode("utf-8", "surrogatepass")[scope.col_offset :].decode()
    return OwnText("".join(own), first)
