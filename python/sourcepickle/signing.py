"""Signed payloads: pickles that begin with a signature of the rest.

A signed payload is a pickle still. It begins with two byte strings that its reader drops, the
signature and the length of what follows, eight bytes, least significant first.
"""

from __future__ import annotations

import hmac
import pickle
import struct
from collections.abc import Iterable
from typing import IO, Any, Callable

from .errors import SignatureError

__all__ = ["HMAC", "Sign", "Verify", "signed", "verified"]

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]

_BEGIN = pickle.PROTO + b"\x04" + pickle.BINBYTES
_BETWEEN = pickle.POP + pickle.BINBYTES + struct.pack("<I", 8)
# Of a signature; those in use have a few hundred.
_MOST_BYTES = 1 << 16


class HMAC:
    """Signs and verifies by a key that writer and reader share (RFC 2104).

    Args:
        key: The key, 16 bytes at least, such as ``secrets.token_bytes(32)`` gives.
        digest: The name of a hash of :mod:`hashlib`.

    Raises:
        TypeError: The key is no bytes.
        ValueError: It is shorter, or there is no such hash.
    """

    def __init__(self, key: bytes, digest: str = "sha256") -> None:
        if not isinstance(key, bytes):
            raise TypeError(f"a key is bytes, not {type(key).__name__}")
        if len(key) < 16:
            raise ValueError(
                f"a key has 16 bytes at least, not {len(key)}: secrets.token_bytes(32)"
            )
        self._key, self._digest = key, digest
        self.sign(b"")

    def __repr__(self) -> str:
        return f"HMAC(..., {self._digest!r})"

    def sign(self, payload: bytes) -> bytes:
        """Return the signature of a payload."""
        return hmac.digest(self._key, payload, self._digest)

    def verify(self, payload: bytes, signature: bytes) -> bool:
        """Return whether a signature is that of a payload, in a time that does not tell why not."""
        return hmac.compare_digest(self.sign(payload), signature)


def signed(payload: bytes, sign: Sign) -> bytes:
    """Return a payload with its signature before it.

    Raises:
        TypeError: ``sign`` gave no bytes.
        ValueError: It gave more than 65,536.
    """
    signature = sign(payload)
    if not isinstance(signature, bytes):
        raise TypeError(f"sign gave {type(signature).__name__}, not bytes")
    if len(signature) > _MOST_BYTES:
        raise ValueError(f"sign gave {len(signature)} bytes, and {_MOST_BYTES} are the most")
    length = struct.pack("<I", len(signature))
    end = _BETWEEN + struct.pack("<Q", len(payload)) + pickle.POP
    return _BEGIN + length + signature + end + payload


def verified(file: IO[bytes], verify: Verify, buffers: Iterable[Any] | None) -> bytes:
    """Read a signed payload from a file, and return it without its signature.

    Raises:
        SignatureError: It is not signed, or ``verify`` does not say that the signature is its own.
        ValueError: There are ``buffers``, which no signature covers.
    """
    if buffers is not None:
        raise ValueError("no signature covers the buffers of a payload: dump without them")
    unsigned = "the payload is not signed: dump it with sign=, or load it without verify="
    begin = file.read(len(_BEGIN) + 4)
    if len(begin) < len(_BEGIN) + 4 or not begin.startswith(_BEGIN):
        raise SignatureError(unsigned)
    (length,) = struct.unpack("<I", begin[len(_BEGIN) :])
    if length > _MOST_BYTES:
        raise SignatureError(unsigned)
    signature = file.read(length)
    end = file.read(len(_BETWEEN) + 9)
    if len(end) < len(_BETWEEN) + 9 or not end.startswith(_BETWEEN) or end[-1:] != pickle.POP:
        raise SignatureError(unsigned)
    (size,) = struct.unpack("<Q", end[len(_BETWEEN) : -1])
    payload = file.read(size)
    if len(payload) < size:
        raise SignatureError(f"the payload has {len(payload)} of its {size} bytes: get it again")
    if verify(payload, signature) is not True:
        raise SignatureError(
            "the signature is not that of the payload: it was altered, or signed by another; do "
            "not load it"
        )
    return payload
