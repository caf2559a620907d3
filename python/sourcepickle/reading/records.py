"""Source and bytecode records, as docs/format.md has them, out of nodes that may hold anything."""

from __future__ import annotations

import contextlib
import zlib
from typing import Any, NamedTuple

from ..rebuild import checksum as checksum_of
from .own_text import LONGEST, NOT_ACCEPTED
from .shared_text import SHARED, alone
from .values import items_of, plain

__all__ = ["BytecodeRecord", "SourceRecord", "bytecode_record", "source_record"]

MOST_TEXT = 1 << 22
"""How long a text may be that a record has deflated, in bytes."""


class SourceRecord(NamedTuple):
    """A source record whose fields are of their types."""

    path: str
    text: str
    first_line: int
    file: str
    free: tuple[str, ...]
    futures: tuple[str, ...]
    needs: tuple[int, str, int] | None
    is_altered: bool


class BytecodeRecord(NamedTuple):
    """A bytecode record whose fields are of their types, without the code."""

    version: str
    name: str
    file: str
    line: int


def source_record(node: Any) -> SourceRecord:
    """Return the source record that a tuple stands for, its text inflated.

    Raises:
        ValueError: It is none: a sentence that says why.
    """
    fields = [plain(item) for item in items_of(node)]
    if len(fields) != 8:
        raise ValueError("its source record has not eight fields")
    path, text, first_line, file, free, futures, needs, checksum = fields
    free = tuple(plain(name) for name in items_of(free))
    futures = tuple(plain(name) for name in items_of(futures))
    needs = None if needs is None else tuple(plain(part) for part in items_of(needs))
    are_right = (
        type(path) is str
        and type(text) in (str, bytes)
        and _is_number(first_line)
        and type(file) is str
        and all(type(name) is str for name in (*free, *futures))
        and (needs is None or _is_needs(needs))
        and type(checksum) is int
    )
    if not are_right:
        raise ValueError("a field of its source record is of another type than the format's")
    is_altered = checksum_of((path, text, first_line, file, free, futures, needs)) != checksum
    own_text = text if type(text) is str else _inflated(text)
    if path.endswith(SHARED) and len(own_text) <= LONGEST:
        # What this Python does not accept, or is none, stays as it is.
        with contextlib.suppress(LookupError, *NOT_ACCEPTED):
            own_text, path, lines_above = alone(own_text, path)
            first_line += lines_above
    return SourceRecord(path, own_text, first_line, file, free, futures, needs, is_altered)


def bytecode_record(node: Any) -> BytecodeRecord:
    """Return the bytecode record that a tuple stands for.

    Raises:
        ValueError: It is none: a sentence that says why.
    """
    fields = [plain(item) for item in items_of(node)]
    if len(fields) != 7:
        raise ValueError("its bytecode record has not seven fields")
    _, version, _, name, file, line, _ = fields
    if not (all(type(text) is str for text in (version, name, file)) and _is_number(line)):
        raise ValueError("a field of its bytecode record is of another type than the format's")
    return BytecodeRecord(version, name, file, line)


def _inflated(data: bytes) -> str:
    inflate = zlib.decompressobj(-15)
    try:
        text = inflate.decompress(data, MOST_TEXT)
        if inflate.unconsumed_tail or not inflate.eof:
            reason = "is longer than 4 MiB" if inflate.unconsumed_tail else "is cut off"
            raise ValueError(f"its deflated text {reason}")
        return text.decode()
    except zlib.error:
        raise ValueError("its text is no deflated text") from None
    except UnicodeDecodeError:
        raise ValueError("its deflated text is no UTF-8") from None


def _is_number(value: Any) -> bool:
    return type(value) is int and abs(value) < 1 << 31


def _is_needs(needs: tuple[Any, ...]) -> bool:
    return (
        len(needs) == 3 and _is_number(needs[0]) and type(needs[1]) is str and _is_number(needs[2])
    )
