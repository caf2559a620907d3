"""The opcodes of a pickle, one after the other, in bounded memory."""

from __future__ import annotations

import codecs
import pickletools
import struct
from collections.abc import Iterator
from typing import IO, Any, Callable, NamedTuple

from .errors import NotReadableError

__all__ = ["LONGEST", "Long", "Opcodes", "Slice"]

LONGEST = 1 << 20
"""The longest argument that is ever read as a whole, in bytes."""

_BEGINNING = 64


class Slice(NamedTuple):
    """A part of a binary file that can seek."""

    file: IO[bytes]
    name: str
    start: int
    end: int


class Long:
    """An argument that was not kept, for its length: where it stands, and how it begins.

    Attributes:
        kind: ``"str"``, ``"bytes"``, ``"bytearray"``, ``"int"`` or ``"float"``; ``"line"`` for a
            name or a text that ends with its line.
        length: In bytes.
        beginning: Its first bytes.
        offset: The place of its first byte in the file.
    """

    __slots__ = ("_file", "beginning", "kind", "length", "offset")

    def __init__(
        self, file: IO[bytes], kind: str, length: int, beginning: bytes, offset: int
    ) -> None:
        self._file = file
        self.kind = kind
        self.length = length
        self.beginning = beginning
        self.offset = offset

    def whole(self) -> Any:
        """Return the argument, read again; itself where it is longer than :data:`LONGEST`."""
        if self.length > LONGEST or self.kind not in _DECODE:
            return self
        data = b"".join(self.chunks())
        try:
            return _DECODE[self.kind](data)
        except ValueError:
            return self

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the argument, as they stand in the file."""
        at, end = self.offset, self.offset + self.length
        while at < end:
            self._file.seek(at)
            data = self._file.read(min(end - at, LONGEST))
            if not data:
                return
            yield data
            at += len(data)


class Opcodes:
    """The opcodes of one pickle.

    Args:
        part: Where in a file the pickle begins, and the end of what may belong to it.

    Attributes:
        at: The byte at which the next opcode begins.
        longest: The longest argument that is kept, in bytes; a longer one is a :class:`Long`.
    """

    def __init__(self, part: Slice) -> None:
        self._file, self._name, self.at, self._end = part
        self.longest = 1 << 14
        self._file.seek(self.at)

    def __iter__(self) -> Iterator[tuple[str, Any, int]]:
        """Yield the name, the argument and the place of each opcode, until the first ``STOP``.

        An argument is what :mod:`pickletools` has for it, but those of counted length are ``str``,
        ``bytes``, ``bytearray`` and ``int``, as the opcode makes them, or :class:`Long`.

        Raises:
            NotReadableError: The file ends before, or has something else than an opcode.
        """
        read = self._file.read
        fixed = _FIXED
        while True:
            at = self.at
            code = read(1) if at < self._end else b""
            if not code:
                raise self.error(at, "the file ends in the middle of a pickle")
            simple = fixed.get(code)
            if simple is None:
                name, argument = self._variable(code)
            else:
                name, size, decode = simple
                argument = None
                if decode is not None:
                    data = self._exactly(size)
                    (argument,) = decode(data)
                self.at = at + 1 + size
            yield name, argument, at
            if name == "STOP":
                return

    def go_on(self) -> None:
        """Go back to the next opcode, after something else of the file was read."""
        self._file.seek(self.at)

    def error(self, at: int, reason: str) -> NotReadableError:
        """Return the error that something is wrong at a byte."""
        return NotReadableError(self._name, at, reason)

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size) if self.at + 1 + size <= self._end else b""
        if len(data) < size:
            raise self.error(self.at, "the file ends in the middle of an opcode")
        return data

    def _variable(self, code: bytes) -> tuple[str, Any]:
        """Return an opcode whose argument has no fixed length, and go behind it."""
        counted = _COUNTED.get(code)
        if counted is not None:
            return counted[0], self._counted(*counted)
        lines = _LINES.get(code)
        if lines is None:
            raise self.error(self.at, f"{code!r} is no opcode of a pickle")
        name, decoders = lines
        at = self.at
        self.at += 1
        arguments = [self._line(at, name, decode) for decode in decoders]
        return name, arguments[0] if len(arguments) == 1 else tuple(arguments)

    def _counted(self, name: str, kind: str, size: int, unpack: Callable[[bytes], Any]) -> Any:
        (length,) = unpack(self._exactly(size))
        start = self.at + 1 + size
        if length < 0:
            raise self.error(self.at, f"{name} has a negative length")
        if start + length > self._end:
            raise self.error(
                self.at,
                f"{name} claims {length} bytes, and the file has {self._end - start} more",
            )
        if length > self.longest:
            beginning = self._file.read(_BEGINNING)
            argument: Any = Long(self._file, kind, length, beginning, start)
            self._file.seek(start + length)
        else:
            data = self._file.read(length)
            if len(data) < length:
                raise self.error(self.at, "the file has become shorter while it was read")
            argument = self._decoded(self.at, name, _DECODE[kind], data)
        self.at = start + length
        return argument

    def _line(self, at: int, name: str, decode: _Decode) -> Any:
        start = self.at
        data = self._file.readline(min(LONGEST, self._end - start))
        length = len(data)
        if length < LONGEST and not data.endswith(b"\n"):
            raise self.error(at, "the file ends in the middle of an opcode")
        self.at += length
        if data.endswith(b"\n") and (name not in _DIGITS or length <= _MOST_DIGITS):
            return self._decoded(at, name, decode, data[:-1])
        rest = data
        while not rest.endswith(b"\n"):
            rest = self._file.readline(min(LONGEST, self._end - self.at))
            if not rest:
                raise self.error(at, "the file ends in the middle of an opcode")
            self.at += len(rest)
        length = self.at - start - 1
        return Long(self._file, _DIGITS.get(name, "line"), length, data[:_BEGINNING], start)

    def _decoded(self, at: int, name: str, decode: _Decode, data: bytes) -> Any:
        try:
            return decode(data)
        except ValueError as error:  # UnicodeDecodeError is one.
            reason = str(error).partition(":")[0]
            raise self.error(at, f"{name} has a bad argument: {reason}") from None


_Decode = Callable[[bytes], Any]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _raw_unicode(data: bytes) -> str:
    return data.decode("raw-unicode-escape")


def _int_of_line(data: bytes) -> Any:
    if data == b"00":
        return False
    return True if data == b"01" else _decimal(data)


def _decimal(data: bytes) -> int:
    return int(data[:-1] if data[-1:] == b"L" else data)


def _quoted(data: bytes) -> bytes:
    if len(data) >= 2 and data[:1] == data[-1:] and data[:1] in (b"'", b'"'):
        unescaped: bytes = codecs.escape_decode(data[1:-1])[0]
        return unescaped
    raise ValueError("no string quotes around it")


def _bytes_of_string(data: bytes) -> str:
    # What Python 2 wrote as str: pickle reads it as ASCII, and other bytes are not to stop anyone.
    return data.decode("ascii", "surrogateescape")


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


# By the kinds of arguments of counted length; "py2str" is a text that Python 2 wrote.
_DECODE: dict[str, _Decode] = {
    "str": _text,
    "bytes": bytes,
    "bytearray": bytearray,
    "int": _signed,
    "py2str": _bytes_of_string,
}

# By the names of their descriptors in pickletools: how to unpack the arguments of fixed length.
_FORMATS = {
    "uint1": "<B",
    "uint2": "<H",
    "int4": "<i",
    "uint4": "<I",
    "uint8": "<Q",
    "float8": ">d",
}

# What arguments of counted length are, and the format of their length.
_COUNTS = {
    "string1": ("py2str", "<B"),
    "string4": ("py2str", "<i"),
    "bytes1": ("bytes", "<B"),
    "bytes4": ("bytes", "<I"),
    "bytes8": ("bytes", "<Q"),
    "bytearray8": ("bytearray", "<Q"),
    "unicodestring1": ("str", "<B"),
    "unicodestring4": ("str", "<I"),
    "unicodestring8": ("str", "<Q"),
    "long1": ("int", "<B"),
    "long4": ("int", "<i"),
}

# Arguments that end with their line; PUT and GET have decimals alone.
_UNTIL_NEWLINE: dict[str, tuple[_Decode, ...]] = {
    "decimalnl_short": (_int_of_line,),
    "decimalnl_long": (_decimal,),
    "floatnl": (float,),
    "stringnl": (lambda data: _bytes_of_string(_quoted(data)),),
    "stringnl_noescape": (_text,),
    "stringnl_noescape_pair": (_text, _text),
    "unicodestringnl": (_raw_unicode,),
}

# Of these lines more digits are slow to convert, and refused from 3.11 on (bpo-95778).
_DIGITS = {"INT": "int", "LONG": "int", "GET": "int", "PUT": "int", "FLOAT": "float"}
_MOST_DIGITS = 4000

_FIXED: dict[bytes, tuple[str, int, Callable[[bytes], tuple[Any, ...]] | None]] = {}
_COUNTED: dict[bytes, tuple[str, str, int, Callable[[bytes], tuple[Any, ...]]]] = {}
_LINES: dict[bytes, tuple[str, tuple[_Decode, ...]]] = {}


def _fill_tables() -> None:
    for opcode in pickletools.opcodes:
        code = opcode.code.encode("latin-1")
        if opcode.arg is None:
            _FIXED[code] = (opcode.name, 0, None)
        elif opcode.arg.name in _FORMATS:
            unpack = struct.Struct(_FORMATS[opcode.arg.name])
            _FIXED[code] = (opcode.name, unpack.size, unpack.unpack)
        elif opcode.arg.name in _COUNTS:
            kind, layout = _COUNTS[opcode.arg.name]
            unpack = struct.Struct(layout)
            _COUNTED[code] = (opcode.name, kind, unpack.size, unpack.unpack)
        else:
            _LINES[code] = (opcode.name, _UNTIL_NEWLINE[opcode.arg.name])


_fill_tables()
