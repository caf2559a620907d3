"""What ``show --tree`` prints: what stands in what."""

from __future__ import annotations

from typing import Any

from rich.tree import Tree

from ..reading import PickleItems
from .output import Output
from .showing import heading, item_parts

__all__ = ["show_trees"]

# Deeper ones are wider than any page.
_DEEPEST = 40


def show_trees(output: Output, name: str, pickles: list[PickleItems]) -> None:
    """Print a tree for each pickle of a file."""
    for number, pickle in enumerate(pickles, 1):
        own_name = name if len(pickles) == 1 else f"pickle {number}, from byte {pickle.start:,}"
        output.tree(_tree(output, own_name, pickle))


def _tree(output: Output, name: str, pickle: PickleItems) -> Tree:
    root = Tree(output.label(*heading(name, pickle)))
    loads = root.add(output.label(("loads ", "dim"), (pickle.object, "")))
    # Each branch with the numbers of the items that it is to get.
    waiting: list[tuple[Any, list[int], int]] = [(loads, pickle.tree.get(None, []), 1)]
    while waiting:
        branch, numbers, depth = waiting.pop()
        for number in numbers:
            item = pickle.items[number]
            own = branch.add(output.label(*item_parts(item)))
            inside = pickle.tree.get(number, [])
            if depth < _DEEPEST:
                waiting.append((own, inside, depth + 1))
            elif inside:
                own.add(output.label((f"… {len(inside)} inside", "dim")))
    for remark in pickle.remarks:
        root.add(output.label((f"! {remark}", "yellow")))
    if pickle.references:
        imports = root.add(output.label(("imports", "dim")))
        for module, own_name, _ in pickle.references:
            imports.add(output.label((module if own_name is None else f"{module}.{own_name}", "")))
    for inner in pickle.nested:
        root.add(_tree(output, "the pickle inside", inner))
    return root
