"""Digests of nodes: the same for what loads as the same, at any size and in any cycle."""

from __future__ import annotations

import hashlib
from typing import Any

from .callables import CLOUDPICKLE, REBUILD, called
from .nodes import Buffer, Call, Container, Extension, Persistent, Reference, bytes_of, is_plain
from .opcodes import Long
from .pythons import code_fields
from .values import plain

__all__ = ["Digests"]


class Digests:
    """Digests of the nodes of one pickle.

    Args:
        labels: What items are called, by the ``id`` of their node; an item is told by it alone.
    """

    def __init__(self, labels: dict[int, str]) -> None:
        self._labels = labels
        self._known: dict[int, str] = {}

    def __call__(self, node: Any) -> str:
        """Return the digest of a node."""
        if is_plain(node):
            return hashlib.sha256(bytes_of(node)).hexdigest()
        digest = self._known.get(id(node))
        if digest is None:
            digest = self._known[id(node)] = self._of(node)
        return digest

    def _of(self, node: Any) -> str:
        hashed = hashlib.sha256()
        numbers: dict[int, int] = {}
        waiting = [node]
        while waiting:
            inner = waiting.pop()
            value = plain(inner)
            if is_plain(value):
                hashed.update(bytes_of(value))
                continue
            label = self._labels.get(id(inner))
            if label is None and id(inner) in numbers:
                label = str(numbers[id(inner)])
            if label is not None:
                hashed.update(label.encode("utf-8", "surrogatepass") + b"\1")
                continue
            numbers[id(inner)] = len(numbers)
            for part in _parts(inner)[::-1]:
                waiting.append(part)
            if type(inner) is Long:
                for chunk in inner.chunks():
                    hashed.update(chunk)
        return hashed.hexdigest()


def _parts(node: Any) -> list[Any]:
    """Return what a node is made of; first its kind, and how much it holds."""
    kind = type(node).__name__
    if type(node) is Container:
        items = node.items
        if node.kind in ("set", "frozenset") and all(map(is_plain, items)):
            items = sorted(items, key=bytes_of)  # They travel in the order of their hashes.
        return [kind, node.kind, node.length, node.left_out, *items]
    if type(node) is Reference:
        return [kind, node.module, node.name]
    if type(node) is Call:
        parts = [kind, node.is_new, node.function, *_arguments(node)]
        parts += [node.keywords, node.items, node.pairs]
        return [*parts, *(node.state or ()), *(call.arguments for call in node.setters or ())]
    if type(node) is Persistent:
        return [kind, node.id]
    if type(node) is Extension:
        return [kind, node.code]
    if type(node) is Long:
        return [kind, node.kind, node.length]
    assert type(node) is Buffer
    return [kind]


def _arguments(node: Call) -> list[Any]:
    """Return the arguments of a call, without what may differ where nothing else does.

    That are ids, which are others in each process, and the place of a code object.
    """
    if type(node.arguments) is not Container:
        return [node.arguments]
    items = node.arguments.items
    name = called(node.function)
    if name is not None and name[0] == f"{REBUILD}.type_parameters":
        return items[1:]
    fields = code_fields(len(items)) if name == ("types", "CodeType") else None
    if fields is not None:
        return [item for at, item in enumerate(items) if at not in (fields.filename, fields.line)]
    return items[:-1] if name == (CLOUDPICKLE, "_make_typevar") else items
