"""What stands in what."""

from __future__ import annotations

from typing import Any

from .items import Item
from .machine import Pickle
from .nodes import Call, Container, Persistent

__all__ = ["tree_of"]


def tree_of(pickle: Pickle, items: dict[int, Item]) -> dict[int | None, list[int]]:
    """Return the numbers of the items that each item holds, and under ``None`` the object itself.

    Each stands once, where it is met first.

    Args:
        pickle: A pickle.
        items: Its items, by the ``id`` of their node.
    """
    tree: dict[int | None, list[int]] = {}
    seen: set[int] = set()
    # Last what nothing leads to from the object.
    roots = [*pickle.calls[::-1], pickle.root]
    waiting: list[tuple[Any, int | None]] = [(root, None) for root in roots]
    while waiting:
        node, parent = waiting.pop()
        if id(node) in seen:
            continue
        parts = _parts(node)
        if parts is None:
            continue
        seen.add(id(node))
        item = items.get(id(node))
        if item is not None:
            tree.setdefault(parent, []).append(item.number)
            parent = item.number
        waiting += [(part, parent) for part in parts[::-1]]
    return tree


def _parts(node: Any) -> list[Any] | None:
    """Return what a node holds; ``None`` where it is not one that holds anything."""
    if type(node) is Container:
        return node.items
    if type(node) is Call:
        parts = [node.function, node.arguments, node.keywords, *(node.state or ())]
        return [*parts, node.items, node.pairs, *(node.setters or ())]
    return [node.id] if type(node) is Persistent else None
