"""Plain values behind nodes: what older protocols write as calls, and what was not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .nodes import Call, Container, Reference
from .opcodes import Long

__all__ = ["items_of", "pairs_of", "plain", "text_or_none"]


def plain(node: Any) -> Any:
    """Return the text, bytes or number that a node stands for; the node where it is none.

    Protocols 0 to 2 have no opcodes for ``bytes``, which then travel as a call.
    """
    if type(node) is Long:
        return node.whole()
    if type(node) is Call and type(node.function) is Reference:
        called = (node.function.module, node.function.name)
        arguments = list(items_of(node.arguments))
        if called == ("_codecs", "encode") and len(arguments) == 2:
            text = plain(arguments[0])
            if type(text) is str and arguments[1] in ("latin1", "latin-1"):
                try:
                    return text.encode("latin-1")
                except UnicodeEncodeError:
                    return node
        if called == ("builtins", "bytes") and not arguments:
            return b""
    return node


def text_or_none(node: Any) -> str | None:
    """Return the text that a node stands for, if it stands for one."""
    value = plain(node)
    return value if type(value) is str else None


def items_of(node: Any) -> list[Any]:
    """Return what is kept of the items of a container that is no dictionary."""
    if type(node) is Container and node.kind != "dict":
        return node.items
    return []


def pairs_of(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what is kept of the pairs of a dictionary."""
    if type(node) is Container and node.kind == "dict":
        yield from zip(node.items[::2], node.items[1::2])
