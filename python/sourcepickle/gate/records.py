"""What a reviewer is shown of a function, found in its source record without compiling it."""

from __future__ import annotations
import __future__

import ast
import symtable
import sys
import zlib
from typing import Any, Callable, NamedTuple

from .. import rebuild
from ..errors import NotAllowedError
from ..reading.own_text import NOT_ACCEPTED
from ..reading.shared_text import SHARED, alone
from ..rebuild import SourceDamagedError, SourceVersionError
from .calls import is_exactly

__all__ = ["FunctionRecord", "record_of", "reviewed"]

# The tree of a longer text may be deeper than the stack: before Python 3.11 nothing ends the
# recursion over it, and it can be as deep as half the characters.
MOST_BYTES = 100_000

_REVIEW = f"{rebuild._PREFIX}review>"

Scope = tuple[str, ...]
FunctionNode = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class FunctionRecord(NamedTuple):
    """A function that a payload brings as source, before it is compiled.

    What its globals, its closure and its defaults hold is not known yet, and not shown.
    """

    name: str
    """Its qualified name (PEP 3155)."""
    source: str
    """Its own text: a def's with its decorators and indentation, a lambda's alone. None of the
    decorators, defaults and annotations in it is run."""
    filename: str
    """The file that it comes from, as its writer says."""
    line: int
    """The line of that file where the text begins, from 1 on."""
    minimum_version: tuple[int, int]
    """The oldest Python whose grammar has the text, such as ``(3, 10)``."""
    names: frozenset[str]
    """The names that the text reads: global, built-in and closure variables, attributes, imports.
    Its own parameters and variables are not among them."""


def record_of(source: Any) -> FunctionRecord:
    """Return what is to be reviewed of a source record.

    Raises:
        NotAllowedError: Its text is too long for a review.
        SourceDamagedError: It is no source record, or it was altered.
        SourceVersionError: This Python does not accept its text.
    """
    _check_types(source)
    path, text, first_line, filename, _, futures, needs, checksum = source
    if rebuild.checksum(source) != checksum:
        raise SourceDamagedError(
            f"{path} ({filename}): the payload was altered after it was written; get it again "
            "from where it was made"
        )
    if isinstance(text, bytes):
        text = _inflated(text)
    if text is None or len(text) > MOST_BYTES:
        raise NotAllowedError(
            f"{path} ({filename}): its text is longer than the {MOST_BYTES} bytes that the gate "
            "reads; have it written in shorter functions"
        )
    flags = 0
    for name in futures:
        flags |= getattr(__future__, name).compiler_flag
    rebuild.mute_warnings()
    try:
        if path.endswith(SHARED):
            text, path, lines_above = alone(text, path, flags)
            first_line += lines_above
        tree = compile(text, _REVIEW, "exec", flags | ast.PyCF_ONLY_AST, True)
    except LookupError as error:
        raise SourceDamagedError(f"{path} ({filename}): {error.args[0]}") from error
    except NOT_ACCEPTED as error:
        rebuild.compile_record(source, _REVIEW)  # It knows best what this Python lacks.
        raise SourceVersionError(f"{path} ({filename}): its source is no text: {error}") from error
    nodes = _nodes_of(tree, path)
    if not nodes:
        raise SourceDamagedError(f"{path} ({filename}): the payload's text does not hold it")
    own_text, line = _text_around(nodes, text)
    return FunctionRecord(
        rebuild.qualname_of(path),
        own_text,
        filename,
        first_line + line - 1,
        (3, 9) if needs is None else (3, needs[0]),
        frozenset(name for node in nodes for name in _names(node, _read(text))),
    )


def reviewed(review: Callable[[FunctionRecord], object], record: FunctionRecord) -> None:
    """Ask a reviewer; what it raises is none of the errors of a pickle."""
    review(record)


def _check_types(source: Any) -> None:
    kinds: tuple[Any, ...] = (str, (str, bytes), int, str, tuple, tuple, (tuple, type(None)), int)
    is_record = type(source) is tuple and len(source) == len(kinds)
    for value, kind in zip(source, kinds) if is_record else ():
        is_record = is_record and is_exactly(value, kind)
    if is_record:
        known = {*__future__.all_feature_names} - {"nested_scopes", "generators"}
        needs = source[6]
        is_record = (
            all(type(name) is str for name in source[4])
            and all(type(name) is str and name in known for name in source[5])
            and (
                needs is None or (len(needs) == 3 and all(map(is_exactly, needs, (int, str, int))))
            )
        )
    if not is_record:
        raise SourceDamagedError("the payload holds a source record that is none; get it again")


def _inflated(deflated: bytes) -> str | None:
    """Return a deflated text; ``None`` if it is too long."""
    inflater = zlib.decompressobj(-15)
    try:
        text = inflater.decompress(deflated, MOST_BYTES)
        return text.decode() if inflater.eof else None
    except (zlib.error, UnicodeDecodeError) as error:
        raise SourceDamagedError(f"the payload holds a text that is damaged: {error}") from error


def _nodes_of(tree: ast.AST, path: str) -> list[ast.AST]:
    """Return the defs and lambdas that a path of names can lead to.

    They are more than one where a lambda stands in another's defaults. Not which of them it is
    matters here, but that none is forgotten: all are shown.
    """
    *around, name = path.rpartition(":")[2].replace(".<locals>", "").split(".")
    scopes = [each for each in around if each not in ("<listcomp>", "<setcomp>", "<dictcomp>")]
    scopes = [each for each in scopes if each not in ("<genexpr>", "__annotate__")]
    found: list[ast.AST] = []
    others: list[ast.AST] = []
    open_nodes: list[tuple[ast.AST, Scope]] = [(tree, ())]
    while open_nodes:
        node, inside = open_nodes.pop()
        own_name = _name(node)
        if own_name == name and _is_within(scopes, inside):
            if isinstance(node, FunctionNode):
                found.append(node)
            elif not isinstance(node, (ast.alias, ast.ExceptHandler)):
                others.append(node)
        if own_name is not None:
            inside = (*inside, own_name)
        open_nodes += [(child, inside) for child in ast.iter_child_nodes(node)]
    # A class body and what PEP 649 and PEP 695 evaluate later are compiled under names as well.
    if others or (name in _OF_COMPILER and sys.version_info >= (3, 14)):
        raise SourceDamagedError(f"{path}: the payload's text has something else of its name")
    return found


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Lambda):
        return "<lambda>"
    name = getattr(node, "name", None)
    # Type parameters have scopes too, and aliases, whose name is a node.
    return name.id if isinstance(name, ast.Name) else name


def _is_within(scopes: list[str], inside: Scope) -> bool:
    remaining = iter(inside)
    return all(scope in remaining for scope in scopes)


def _text_around(nodes: list[Any], text: str) -> tuple[str, int]:
    """Return the text that holds all of some defs and lambdas, and the line where it begins."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts, ends = [], []
    for node in nodes:
        is_lambda = isinstance(node, ast.Lambda)
        above = [] if is_lambda else [each.lineno for each in node.decorator_list]
        starts.append((min([node.lineno, *above]), node.col_offset if is_lambda else 0))
        ends.append((node.end_lineno, node.end_col_offset if is_lambda else None))
    first_line, first_column = min(starts)
    last_line, last_column = max(ends, key=lambda end: (end[0], end[1] is None, end[1]))
    chosen = [line.encode("utf-8", "surrogatepass") for line in lines[first_line - 1 : last_line]]
    if last_column is None:
        chosen.append(b"")
    else:
        chosen[-1] = chosen[-1][:last_column]
    chosen[0] = chosen[0][first_column:]
    return b"\n".join(chosen).decode("utf-8", "surrogatepass"), first_line


def _read(text: str) -> frozenset[str] | None:
    """Return the names that a scope of a text reads and does not have; ``None`` if any may be."""
    try:
        tables = [symtable.symtable(text, _REVIEW, "exec")]
    except (SyntaxError, ValueError, RecursionError):
        return None  # As for a text that needs a __future__ feature.
    found: set[str] = set()
    for table in tables:
        is_function = table.get_type() == "function"
        found.update(
            symbol.get_name()
            for symbol in table.get_symbols()
            # A class body reads the variable around it until it sets its own.
            if not (is_function and symbol.is_local() and not symbol.is_global())
        )
        tables += table.get_children()
    return frozenset(found)


def _names(node: ast.AST, read: frozenset[str] | None) -> set[str]:
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            # Private names are others in a class, where a symbol table has them.
            if read is None or inner.id in read or inner.id.startswith("__"):
                found.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, (ast.Global, ast.Nonlocal)):
            found.update(inner.names)
        elif isinstance(inner, ast.alias):
            found.update([inner.name, *inner.name.split(".")])
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            found.update([inner.module, *inner.module.split(".")])
        elif type(inner).__name__ == "MatchClass":  # Python 3.9 has none.
            matched: Any = inner
            found.update(matched.kwd_attrs)
    return found


_OF_COMPILER = ("__annotate__",)
