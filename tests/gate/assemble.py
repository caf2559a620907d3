"""Pieces of pickles, put together by hand: what no pickler writes.

A piece is the opcodes that leave one object on the stack.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any

from sourcepickle import rebuild


class Piece(bytes):
    """Opcodes, as opposed to bytes that are data."""


def value(thing: Any) -> Piece:
    """Return what leaves a plain value on the stack; pieces may stand inside it."""
    if isinstance(thing, Piece):
        return thing
    if thing is None:
        return Piece(pickle.NONE)
    if isinstance(thing, bool):
        return Piece(pickle.NEWTRUE if thing else pickle.NEWFALSE)
    if isinstance(thing, int):
        return Piece(b"I%d\n" % thing)
    if isinstance(thing, str):
        data = thing.encode("utf-8", "surrogatepass")
        return Piece(pickle.BINUNICODE + struct.pack("<I", len(data)) + data)
    if isinstance(thing, bytes):
        return Piece(pickle.BINBYTES + struct.pack("<I", len(thing)) + thing)
    if isinstance(thing, tuple):
        return Piece(marked(*thing) + pickle.TUPLE)
    if isinstance(thing, list):
        return Piece(pickle.EMPTY_LIST + marked(*thing) + pickle.APPENDS)
    if isinstance(thing, dict):
        items = [each for item in thing.items() for each in item]
        return Piece(pickle.EMPTY_DICT + marked(*items) + pickle.SETITEMS)
    raise TypeError(f"no opcodes for {thing!r}")


def marked(*things: Any) -> Piece:
    """Return a mark and what stands above it."""
    return Piece(pickle.MARK + b"".join(map(value, things)))


def ref(module: str, name: str) -> Piece:
    """Return a GLOBAL, whose name has no dots in the protocols before 4."""
    return Piece(pickle.GLOBAL + f"{module}\n{name}\n".encode())


def stack_ref(module: str, name: str) -> Piece:
    """Return a STACK_GLOBAL."""
    return Piece(value(module) + value(name) + pickle.STACK_GLOBAL)


def call(function: bytes, *arguments: Any) -> Piece:
    """Return a REDUCE."""
    return Piece(function + value(arguments) + pickle.REDUCE)


def build(target: bytes, state: Any) -> Piece:
    return Piece(target + value(state) + pickle.BUILD)


def set_items(target: bytes, items: dict[Any, Any]) -> Piece:
    pairs = [each for item in items.items() for each in item]
    return Piece(target + marked(*pairs) + pickle.SETITEMS)


def in_turn(*pieces: bytes) -> Piece:
    """Return pieces of which the last one's object is left."""
    return Piece(pickle.POP.join(pieces))


def kept(piece: bytes, slot: int) -> Piece:
    return Piece(piece + pickle.LONG_BINPUT + struct.pack("<I", slot))


def again(slot: int) -> Piece:
    return Piece(pickle.LONG_BINGET + struct.pack("<I", slot))


def inside(data: bytes) -> Piece:
    """Return a whole pickle of the protocols 2 or 3 as a piece of another one."""
    assert data[:1] == pickle.PROTO and data[1] in (2, 3)
    return Piece(data[2:-1])


def whole(piece: bytes, protocol: int = 4) -> bytes:
    start = pickle.PROTO + bytes([protocol]) if protocol >= 2 else b""
    return start + piece + pickle.STOP


def ours(name: str, *arguments: Any, part: str = "") -> Piece:
    """Return a call of a callable of ``sourcepickle.rebuild``, or of a part of it."""
    return call(ref(f"sourcepickle.rebuild{part}", name), *arguments)


def record(
    text: str | bytes,
    path: str = "f",
    first_line: int = 1,
    filename: str = "job.py",
    free: tuple[str, ...] = (),
    futures: tuple[str, ...] = (),
    needs: tuple[int, str, int] | None = None,
) -> tuple[Any, ...]:
    """Return a source record (docs/format.md) whose checksum is right."""
    fields = (path, text, first_line, filename, free, futures, needs)
    return (*fields, rebuild.checksum(fields))


def function(text: str | bytes, path: str = "f", **names: Any) -> Piece:
    """Return a function made of a text, whose namespace has these names too."""
    return ours("function", record(text, path), None, {"__name__": "job", **names})
