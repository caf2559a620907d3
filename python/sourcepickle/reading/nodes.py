"""What a pickle would make, as nodes that stand for it: nothing is made.

Plain values (``None``, numbers, ``str``, ``bytes``, ``bytearray``) stand for themselves.
"""

from __future__ import annotations

import zlib
from typing import Any

__all__ = [
    "Buffer",
    "Call",
    "Container",
    "Extension",
    "Node",
    "Persistent",
    "Reference",
    "bytes_of",
    "is_plain",
]


class Node:
    """What an opcode makes.

    Attributes:
        start, end: The bytes of the pickle that made it.
    """

    __slots__ = ("end", "setters", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.setters: list[Call] | None = None
        """Calls that it was given to first, and whose results nobody took: what set its state."""


class Reference(Node):
    """A name in a module, which the receiver imports."""

    __slots__ = ("module", "name")

    def __init__(self, start: int, end: int, module: Any, name: Any) -> None:
        super().__init__(start, end)
        self.module = module
        self.name = name


class Extension(Node):
    """A code of ``copyreg``'s registry of extensions."""

    __slots__ = ("code",)

    def __init__(self, start: int, end: int, code: int) -> None:
        super().__init__(start, end)
        self.code = code


class Persistent(Node):
    """An object that the receiver's ``persistent_load`` gives."""

    __slots__ = ("id",)

    def __init__(self, start: int, end: int, id: Any) -> None:
        super().__init__(start, end)
        self.id = id


class Buffer(Node):
    """A buffer that travels beside the pickle (PEP 574)."""

    __slots__ = ()


class Container(Node):
    """A tuple, list, dictionary, set or frozenset.

    Of plain values it keeps the first ones.

    Attributes:
        kind: The name of its type.
        items: What is kept; of a dictionary a key and its value in turn.
        length: How many items there are.
        left_out: CRC-32 of what is not kept.
    """

    __slots__ = ("items", "kind", "left_out", "length")

    MOST_PLAIN = 1000

    def __init__(self, start: int, end: int, kind: str, items: list[Any]) -> None:
        super().__init__(start, end)
        self.kind = kind
        self.items: list[Any] = []
        self.length = 0
        self.left_out = 0
        self.extend(items)

    def extend(self, items: list[Any]) -> None:
        """Add items; to a dictionary keys and values in turn."""
        self.length += len(items) // 2 if self.kind == "dict" else len(items)
        if len(self.items) + len(items) <= self.MOST_PLAIN:
            self.items += items
            return
        step = 2 if self.kind == "dict" else 1
        for at in range(0, len(items), step):
            group = items[at : at + step]
            if len(self.items) < self.MOST_PLAIN or not all(map(is_plain, group)):
                self.items += group
            else:
                for value in group:
                    self.left_out = zlib.crc32(bytes_of(value), self.left_out)


class Call(Node):
    """What a call returns, with what it is then given.

    Attributes:
        function: What is called.
        arguments: The tuple of arguments.
        keywords: The dictionary of keyword arguments, or ``None``.
        is_new: Whether the call is of the ``__new__`` of ``function``.
        state: What it is given as its state, each time that it is.
        items: What is appended or added to it.
        pairs: Keys and values, in turn, that are set in it.
    """

    __slots__ = ("arguments", "function", "is_new", "items", "keywords", "pairs", "state")

    def __init__(
        self,
        start: int,
        end: int,
        function: Any,
        arguments: Any,
        keywords: Any = None,
        is_new: bool = False,
    ) -> None:
        super().__init__(start, end)
        self.function = function
        self.arguments = arguments
        self.keywords = keywords
        self.is_new = is_new
        self.state: list[Any] | None = None
        self.items: Container | None = None
        self.pairs: Container | None = None


_PLAIN = frozenset({type(None), bool, int, float, str, bytes, bytearray})


def is_plain(value: Any) -> bool:
    """Return whether a value stands for itself."""
    return type(value) in _PLAIN


def bytes_of(value: Any) -> bytes:
    """Return bytes that tell a plain value from every other."""
    # Decimals of long integers are slow, and refused from 3.11 on.
    text = hex(value) if type(value) is int else repr(value)
    return f"{type(value).__name__} {text}\0".encode("utf-8", "surrogatepass")
